/** Events that tell of cards, of other worlds and of other accounts. */
import { CRON, queryD1 } from "./lib/disk.ts";
import { newEvent } from "./lib/events.ts";
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

/** A card that nobody completes is carried through by the alarm, after 45 seconds. */
const ALARM_TIMEOUT_MS = 80_000;

test("the tab is closed in the last moment and the webhook carries the card through", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  // The card is with the provider; the edge never hears of it from this page.
  await widget.page.route("**/complete", () => {});
  const confirmed = widget.page.waitForResponse((it) => /setup_intents.*confirm/.test(it.url()));
  await widget.primary.click();
  await confirmed;
  await widget.page.close();
  await world.expectState(declined.customer, "recovered", ALARM_TIMEOUT_MS);
  const charge = await world.expectPaidOnce(declined);
  const subscription = await world.sandbox.get(`subscriptions/${declined.subscription}`);
  expect(subscription.default_payment_method).toBe(charge.payment_method);
});

test("what others set up changes no default", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const before = await world.sandbox.get(`subscriptions/${declined.subscription}`);
  const foreign = await world.sandbox.post("setup_intents", {
    customer,
    payment_method: "pm_card_visa",
    confirm: "true",
    usage: "off_session",
  });
  expect(foreign.status).toBe("succeeded");
  const heard = async () =>
    (await world.sandbox.deliveries(customer)).some(
      ({ type, status }) => type === "setup_intent.succeeded" && status === 200,
    );
  await expect.poll(heard).toBe(true);
  expect((await world.edge.status(customer)).state).toBe("action_needed");
  const after = await world.sandbox.get(`subscriptions/${declined.subscription}`);
  expect(after.default_payment_method).toBe(before.default_payment_method);
  await world.expectUnpaid(declined);
});

test("events of the other mode and of connected accounts are kept apart", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const invoice = await world.sandbox.get(`invoices/${declined.invoice}`);
  const paid = { ...invoice, status: "paid", amount_remaining: 0 };
  const live = { ...newEvent("invoice.paid", paid), livemode: true };
  const connected = { ...newEvent("invoice.paid", paid), account: "acct_connected" };
  for (const event of [live, connected]) {
    expect((await world.edge.webhook(JSON.stringify(event))).status).toBe(200);
  }
  expect((await world.edge.status(declined.customer)).state, "not taken for ours").toBe(
    "action_needed",
  );
  const ids = [live, connected].map(({ id }) => `'${id}'`).join();
  const sql = `SELECT event, status, account, note FROM inbox WHERE event IN (${ids})`;
  const rows = Object.fromEntries(
    (await queryD1(world.info, sql)).map(({ event, ...row }) => [event, row]),
  );
  expect(rows).toEqual({
    [live.id]: { status: "recorded", account: null, note: "other_mode" },
    [connected.id]: { status: "recorded", account: "acct_connected", note: "connected_account" },
  });
  await world.expectUnpaid(declined);
});

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

test("a customer in good standing reads that their card was updated for them", async ({
  world,
}) => {
  const customer = await world.sandbox.payingCustomer(new Date(Date.now() + YEAR_MS));
  expect((await world.edge.status(customer)).card_news).toBeNull();
  await world.sandbox.reissueCard(customer);
  const news = async () => (await world.edge.status(customer)).card_news?.kind;
  await expect.poll(news).toBe("updated");
  const widget = await world.openHost(customer);
  await widget.expectScreen("banner");
  await expect(widget.part("title")).toHaveText("Your card was updated for you");
  await expect(widget.primary, "there is nothing to do").toHaveCount(0);
  await widget.part("dismiss").click();
  await widget.expectNothing();
  await widget.page.reload();
  await expect.poll(() => widget.eventNames()).toContain("status");
  await widget.expectNothing();
});

test("a card that expires is found by the janitor and replaced before anything fails", async ({
  world,
}) => {
  const customer = await world.sandbox.payingCustomer(new Date());
  // A round rests for a day; a new mark begins at once.
  await queryD1(world.info, "DELETE FROM cursor WHERE name = 'renewals'");
  expect((await fetch(world.info.edge + CRON)).status).toBe(200);
  const news = async () => (await world.edge.status(customer)).card_news?.kind;
  await expect.poll(news).toBe("expires_soon");
  const widget = await world.openHost(customer);
  await widget.expectScreen("banner");
  await expect(widget.part("title")).toHaveText("Your card is about to expire");
  const paidBefore = (await world.sandbox.ledger(customer)).length;
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  const saved = "Your new card is saved. Nothing was charged.";
  await expect(widget.part("message").last()).toHaveText(saved);
  expect(await widget.eventNames(), "nothing was paid").not.toContain("recovered");
  expect((await world.edge.status(customer)).card_news).toBeNull();
  expect((await world.sandbox.ledger(customer)).length, "no charge").toBe(paidBefore);
});
