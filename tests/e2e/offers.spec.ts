/**
 * Offers that move money, on a Worker that makes them (`policies/offers.toml`): what was promised
 * stands on the invoices, for as long as was promised, and an offer that fails keeps nobody.
 */
import { CancelDialog } from "./lib/cancel.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import { expect, offersTest as test, type World } from "./lib/world.ts";

/** Past one renewal and the hour until its invoice is final; three of them are three renewals. */
const ONE_RENEWAL_DAYS = 32;
const TRIAL_DAYS = 7;
/** So long ago a subscription began that is in the middle of its period. */
const DAYS_BEFORE = 12;
/** More than the Worker's own tries in one call. */
const DOWN_TIMES = 50;

type Subscriber = Awaited<ReturnType<typeof newSubscriber>>;

// One stack, one row: what one test breaks would hurt another.
test.describe.configure({ mode: "default" });

test.afterEach(({ world }) => world.sandbox.clearFaults());

/** In the first two hours of a period no discount of several payments is offered. */
async function inMidPeriod(world: World): Promise<Subscriber> {
  const subscriber = await newSubscriber(world, { country: "BR" }, undefined, DAYS_BEFORE);
  await world.sandbox.advance(subscriber.clock.id, DAYS_BEFORE);
  return subscriber;
}

/** Goes to the screen with the offer for somebody with this reason. */
async function openOffer(world: World, customer: string, reason: string): Promise<CancelDialog> {
  const dialog = new CancelDialog((await world.openHost(customer)).page);
  await dialog.open();
  await dialog.expectScreen("survey");
  await dialog.dialog.getByText(reason, { exact: true }).click();
  await dialog.press(dialog.choice("Continue"));
  await dialog.expectScreen("offer");
  return dialog;
}

/** What was charged, in the order in which it was. */
async function amounts(world: World, { customer }: Subscriber): Promise<number[]> {
  const charges = await world.sandbox.ledger(customer);
  expect(charges.filter(({ status }) => status !== "succeeded"), "no attempt failed").toEqual([]);
  return charges.map(({ amount }) => amount);
}

async function renew(world: World, { clock }: Subscriber, times: number): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    await world.sandbox.advance(clock.id, ONE_RENEWAL_DAYS);
  }
}

function read(world: World, { subscription }: Subscriber) {
  return world.sandbox.get(`subscriptions/${subscription}?expand[]=discounts`);
}

/** How often a credit was given. */
async function credited(world: World, { customer }: Subscriber): Promise<number> {
  const list = await world.sandbox.get(`customers/${customer}/balance_transactions`);
  return list.data.filter((it: { amount: number }) => it.amount === -500).length;
}

async function expectLeaves(world: World, subscriber: Subscriber, dialog: CancelDialog) {
  await dialog.press(dialog.wayOut);
  await dialog.expectScreen("done");
  const ends = async () => (await read(world, subscriber)).cancel_at_period_end;
  await expect.poll(ends, { message: "it ends with the period" }).toBe(true);
}

test("a discount of two periods: two are reduced, the third is not", async ({ world }) => {
  const subscriber = await inMidPeriod(world);
  const dialog = await openOffer(world, subscriber.customer, "It costs too much");
  await expect(dialog.dialog).toContainText("50% off your next 2 payments");
  await dialog.press(dialog.choice("Take the lower price"));
  await dialog.expectScreen("kept");
  await renew(world, subscriber, 3);
  expect(await amounts(world, subscriber)).toEqual([1900, 950, 950, 1900]);
});

test("the provider makes no coupons: the customer leaves all the same", async ({ world }) => {
  const subscriber = await inMidPeriod(world);
  const dialog = await openOffer(world, subscriber.customer, "It costs too much");
  const broken = { method: "POST", mode: "error_before", ms: 0, times: DOWN_TIMES } as const;
  await world.sandbox.fault({ ...broken, path_prefix: "/v1/coupons" });
  await dialog.press(dialog.choice("Take the lower price"));
  // Who does not want to wait for it leaves; who waits is told, and leaves then.
  await expect(dialog.note).toContainText("We are setting it up");
  await dialog.close();
  await dialog.open();
  await dialog.leave();
  const ends = async () => (await read(world, subscriber)).cancel_at_period_end;
  await expect.poll(ends, { message: "it ends with the period" }).toBe(true);
  await world.sandbox.clearFaults();
  await renew(world, subscriber, 1);
  const after = await read(world, subscriber);
  expect(after.status).toBe("canceled");
  expect(after.discounts).toEqual([]);
  expect(await amounts(world, subscriber)).toEqual([1900]);
});

test("an offer that hangs holds nobody back", async ({ world }) => {
  const subscriber = await inMidPeriod(world);
  const dialog = await openOffer(world, subscriber.customer, "It costs too much");
  const slow = { method: "POST", mode: "delay", ms: 4_000, times: 1 } as const;
  await world.sandbox.fault({ ...slow, path_prefix: "/v1/coupons" });
  await dialog.press(dialog.choice("Take the lower price"));
  await expect(dialog.note).toContainText("One moment");
  await expectLeaves(world, subscriber, dialog);
});

test("an offer whose answer is lost is looked for until it is known", async ({ world }) => {
  const subscriber = await newSubscriber(world);
  const dialog = await openOffer(world, subscriber.customer, "The quality isn’t good enough");
  const lost = { method: "POST", mode: "error_after", ms: 0, times: DOWN_TIMES } as const;
  const path_prefix = `/v1/customers/${subscriber.customer}/balance_transactions`;
  await world.sandbox.fault({ ...lost, path_prefix });
  const looked = dialog.page.waitForResponse(
    (it) => it.request().method() === "GET" && /\/v1\/cancellations\/ccl_\w+$/.test(it.url()),
  );
  await dialog.press(dialog.choice("Take the credit"));
  expect((await looked).status()).toBe(200);
  await world.sandbox.clearFaults();
  await dialog.expectScreen("kept");
  await expect.poll(() => credited(world, subscriber)).toBe(1);
  await renew(world, subscriber, 2);
  expect(await amounts(world, subscriber)).toEqual([1900, 1400, 1900]);
});

test("a smaller plan is charged from the next period on", async ({ world }) => {
  const mini = await world.sandbox.post("products", { name: "Studio Mini" });
  await world.sandbox.post("plans", {
    id: "studio_mini",
    product: mini.id,
    amount: "900",
    currency: "eur",
    interval: "month",
  });
  const subscriber = await newSubscriber(world);
  const dialog = await openOffer(world, subscriber.customer, "Something I need is missing");
  await expect(dialog.dialog).toContainText("Another plan: Studio Mini");
  await dialog.press(dialog.choice("Change the plan"));
  await dialog.expectScreen("kept");
  expect(await amounts(world, subscriber), "nothing is charged for the change").toEqual([1900]);
  await renew(world, subscriber, 2);
  expect(await amounts(world, subscriber)).toEqual([1900, 900, 900]);
  expect((await read(world, subscriber)).status).toBe("active");
});

test("a plan that the provider does not have: said, and no lock", async ({ world }) => {
  const subscriber = await newSubscriber(world);
  const dialog = await openOffer(world, subscriber.customer, "I don’t use it enough");
  await dialog.press(dialog.choice("Change the plan"));
  await expect(dialog.note).toContainText("couldn’t be set up");
  await expectLeaves(world, subscriber, dialog);
  expect(await amounts(world, subscriber)).toEqual([1900]);
});

test("a credit is taken off the next invoice, once", async ({ world }) => {
  const subscriber = await newSubscriber(world);
  const dialog = await openOffer(world, subscriber.customer, "The quality isn’t good enough");
  await dialog.press(dialog.choice("Take the credit"));
  await dialog.expectScreen("kept");
  await renew(world, subscriber, 2);
  expect(await amounts(world, subscriber)).toEqual([1900, 1400, 1900]);
});

test("a longer trial: nothing is charged before its end", async ({ world }) => {
  const subscriber = await newSubscriber(world, { country: "BR" }, TRIAL_DAYS);
  const dialog = await openOffer(world, subscriber.customer, "It’s too complicated");
  await dialog.press(dialog.choice("Try it for longer"));
  await dialog.expectScreen("kept");
  await world.sandbox.advance(subscriber.clock.id, 2 * TRIAL_DAYS);
  expect(await amounts(world, subscriber), "past the first end").toEqual([]);
  expect((await read(world, subscriber)).status).toBe("trialing");
  await world.sandbox.advance(subscriber.clock.id, 2 * TRIAL_DAYS);
  expect(await amounts(world, subscriber)).toEqual([1900]);
});

test("open invoices are kept in the books, and nobody collects them", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  const dialog = new CancelDialog(widget.page);
  await dialog.open();
  await dialog.leave();
  const status = async () =>
    (await world.sandbox.get(`subscriptions/${declined.subscription}`)).status;
  await expect.poll(status, { message: "the subscription" }).toBe("canceled");
  await world.expectState(declined.customer, "clear");
  const before = (await world.sandbox.ledger(declined.customer)).length;
  await world.sandbox.advance(declined.test_clock!, ONE_RENEWAL_DAYS);
  expect(await world.sandbox.ledger(declined.customer), "no attempt").toHaveLength(before);
  await world.expectUnpaid(declined);
});
