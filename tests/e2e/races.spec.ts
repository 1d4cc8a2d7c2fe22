/** Impatience and coincidence: whatever happens twice, money moves once. */
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

test("a double click charges once", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  await widget.primary.dblclick();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  const names = await widget.eventNames();
  expect(names.filter((name) => name === "recovered")).toHaveLength(1);
});

test("two tabs at the same time charge once and both end recovered", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const tabs = [
    await world.openHost(declined.customer),
    await world.openHost(declined.customer, { path: "/game" }),
  ];
  for (const tab of tabs) {
    await tab.openPanel();
    await tab.fillCard(CARDS.works);
  }
  await Promise.all(tabs.map((tab) => tab.primary.click()));
  for (const tab of tabs) await tab.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a second tab that was left open finds the invoice paid", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const first = await world.openHost(declined.customer);
  const second = await world.openHost(declined.customer);
  await second.openPanel();
  await first.payWith(CARDS.works);
  await first.expectScreen("recovered");

  await second.fillCard(CARDS.works);
  await second.primary.click();
  await second.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("twenty retries at once charge once", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const before = (await world.attempts(declined)).length;
  const retry = () => world.edge.call(declined.customer, "/v1/retries", { method: "POST" });
  const answers = await Promise.all(Array.from({ length: 20 }, retry));
  for (const { status } of answers) expect([200, 409, 429]).toContain(status);
  const attempts = (await world.attempts(declined)).length - before;
  expect(attempts).toBe(1);
  await world.expectUnpaid(declined);
});
