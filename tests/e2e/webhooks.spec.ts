/** What arrives at the webhook door: forged, stale, huge, strange, twice and out of order. */
import { accountHolds } from "./lib/disk.ts";
import { strangeEvent } from "./lib/events.ts";
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

const TOLERANCE_S = 300;

/** How often all events of a customer come again, in one row without order. */
const SHUFFLES = 8;

test("replayed 50 times and out of order, before and after paying", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const before = await world.attempts(declined);
  const early = [
    ...(await world.sandbox.redeliver(customer, SHUFFLES, 7)),
    ...(await world.sandbox.redeliverLast(customer, "invoice.payment_failed", 50)),
  ];
  expect(new Set(early)).toEqual(new Set([200]));
  const open = await world.edge.status(customer);
  expect(open).toMatchObject({ state: "action_needed", amount_due: { amount_minor: 1900 } });
  expect(open.invoices).toHaveLength(1);
  expect(await world.attempts(declined)).toEqual(before);

  const widget = await world.openHost(customer);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  // The news of the failure comes again and again, after the news of the payment.
  const late = [
    ...(await world.sandbox.redeliverLast(customer, "invoice.paid", 50)),
    ...(await world.sandbox.redeliverLast(customer, "invoice.payment_failed", 50)),
    ...(await world.sandbox.redeliver(customer, SHUFFLES, 11)),
  ];
  expect(new Set(late)).toEqual(new Set([200]));
  expect(late.length).toBeGreaterThan(early.length);
  await world.expectState(customer, "recovered");
  expect(await world.attempts(declined)).toHaveLength(before.length + 1);
  await world.expectPaidOnce(declined);
});

test("an invoice paid elsewhere closes the case", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const card = await world.sandbox.post("payment_methods/pm_card_visa/attach", { customer });
  await world.sandbox.post(`invoices/${declined.invoice}/pay`, { payment_method: card.id });
  await world.expectState(customer, "recovered");
  await world.expectPaidOnce(declined);
  const widget = await world.openHost(customer);
  await widget.page.waitForLoadState("networkidle");
  await widget.expectNothing();
});

test("bad, absent and stale signatures are refused with 401", async ({ world }) => {
  const body = JSON.stringify(strangeEvent("cus_nobody"));
  const other = JSON.stringify(strangeEvent("cus_somebody"));
  const wrong: [string, Parameters<typeof world.edge.webhook>[1]][] = [
    ["absent", { signature: null }],
    ["of another body", { signature: world.edge.sign(other) }],
    ["not a signature", { signature: "t=now,v1=zz" }],
    ["empty", { signature: "" }],
    ["from the past", { age_s: TOLERANCE_S + 5 }],
  ];
  for (const [what, options] of wrong) {
    const answer = await world.edge.webhook(body, options);
    expect(answer.status, what).toBe(401);
    expect(answer.body, what).toMatchObject({ error: { code: "signature_invalid" } });
    expect(answer.body.error.request_id, what).toBeTruthy();
    expect(JSON.stringify(answer.body), what).not.toContain(world.info.webhook_secret);
  }
  const recent = await world.edge.webhook(body, { age_s: TOLERANCE_S - 30 });
  expect(recent.status).toBe(200);
});

test("signed nonsense is 400 and never an internal error", async ({ world }) => {
  const bodies = ["", "{", "null", "[]", '"text"', "{}", '{"id":7,"type":"invoice.paid"}'];
  for (const body of [...bodies, `${"[".repeat(5000)}`, "\u0000\ufffd"]) {
    const answer = await world.edge.webhook(body);
    expect(answer.status, JSON.stringify(body.slice(0, 40))).toBe(400);
    expect(answer.body).toMatchObject({ error: { code: "malformed" } });
  }
});

test("unknown event types are taken and recorded once, odd contents too", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const event = strangeEvent(customer);
  for (let times = 0; times < 2; times += 1) {
    const answer = await world.edge.webhook(JSON.stringify(event));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ received: true });
  }
  expect(await accountHolds(world.info, customer, event.id)).toBe(true);
  const nameless = { ...strangeEvent("cus_nobody", "balance.available"), data: { object: {} } };
  expect((await world.edge.webhook(JSON.stringify(nameless))).status).toBe(200);
  await world.expectState(customer, "action_needed");
  await world.expectUnpaid(declined);
});
