/** Impatience and coincidence: whatever happens twice, money moves once. */
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

const LATE_MS = 4_000;

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
  // All of them arrive while the first one waits for its charge.
  const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
  const slow = { method: "POST", path_prefix, mode: "delay", ms: LATE_MS, times: 1 } as const;
  await world.sandbox.fault(slow);
  const retry = () => world.edge.call(declined.customer, "/v1/retries", { method: "POST" });
  const answers = await Promise.all(Array.from({ length: 20 }, retry));
  for (const { status } of answers) expect([200, 409, 429]).toContain(status);
  const attempts = (await world.attempts(declined)).length - before;
  expect(attempts).toBe(1);
  await world.expectUnpaid(declined);
});

test("the provider's own retry and the click at once charge once", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer, invoice } = declined;
  const card = await world.sandbox.post("payment_methods/pm_card_visa/attach", { customer });
  const widget = await world.openHost(customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  const retry = world.sandbox.post(`invoices/${invoice}/pay`, { payment_method: card.id });
  // Whoever comes second is told by the provider that the invoice is paid.
  await Promise.all([retry.catch(() => {}), widget.primary.click()]);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await world.expectState(customer, "recovered");
});

test("the webhook is faster than the answer to the charge", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
  const late = { method: "POST", path_prefix, mode: "hang_after", ms: LATE_MS, times: 1 } as const;
  await world.sandbox.fault(late);
  await widget.primary.click();
  await world.sandbox.faultsHappened();
  // The edge still waits for the provider's answer and has the news already.
  await world.expectState(declined.customer, "recovered", LATE_MS);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  const recovered = (await widget.eventNames()).filter((name) => name === "recovered");
  expect(recovered).toHaveLength(1);
});
