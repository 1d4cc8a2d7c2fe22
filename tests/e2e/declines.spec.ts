/** A card that fails again keeps the case open and tells the customer plainly what to do. */
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

/** Words that tell a thief what the bank knows, or that sound like a debt collector. */
const NEVER_SHOWN = /lost|stolen|fraud|pick ?up|suspicio|overdue|debt|collect|immediately/i;

test("declined twice, then recovered", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.payWith(CARDS.attachesThenFails);

  await expect.poll(() => widget.eventNames()).toContain("declined");
  await widget.expectScreen("update");
  await expect(widget.part("message")).toBeVisible();
  await expect(widget.part("message")).not.toHaveText(NEVER_SHOWN);
  await world.expectUnpaid(declined);
  const status = await world.edge.status(declined.customer);
  expect(status).toMatchObject({ state: "action_needed", method: { last4: "0341" } });

  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  const attempts = await world.attempts(declined);
  expect(attempts.map((attempt) => attempt.status)).toEqual(["failed", "failed", "succeeded"]);
});

test("a card refused at set-up costs no attempt on the invoice", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const before = (await world.attempts(declined)).length;
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  world.expectConsole(/402|400/); // The provider's own frame reports the refused set-up.
  await widget.fillCard(CARDS.declined);
  await widget.primary.click();

  await expect(widget.part("message")).toBeVisible();
  await expect(widget.part("message")).not.toHaveText(NEVER_SHOWN);
  await widget.expectScreen("update");
  await world.expectUnpaid(declined);
  expect(await world.attempts(declined)).toHaveLength(before);

  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a fraud-type decline shows the generic text", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "9987" });
  const [attempt] = await world.attempts(declined);
  expect(attempt!.decline_code).toBe("lost_card");

  const answer = await world.edge.call(declined.customer, "/v1/status");
  expect(answer.body).toMatchObject({ reason: "card_declined" });
  expect(JSON.stringify(answer.body)).not.toMatch(/lost|stolen|fraud/);

  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await expect(widget.root).not.toHaveText(NEVER_SHOWN);
  await widget.openPanel();
  await expect(widget.root).not.toHaveText(NEVER_SHOWN);
  await world.expectUnpaid(declined);
});

test("insufficient funds: the same card may be tried again and fails again", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const before = await world.edge.status(declined.customer);
  expect(before).toMatchObject({ state: "action_needed", reason: "insufficient_funds" });
  expect(before.can_retry).toBe(true);
  const attempts = (await world.attempts(declined)).length;

  const again = await world.edge.call(declined.customer, "/v1/retries", { method: "POST" });
  expect(again.status).toBe(200);
  expect(again.body).toMatchObject({ state: "action_needed", reason: "insufficient_funds" });
  expect(await world.attempts(declined)).toHaveLength(attempts + 1);
  await world.expectUnpaid(declined);

  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await expect(widget.root).not.toHaveText(NEVER_SHOWN);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});
