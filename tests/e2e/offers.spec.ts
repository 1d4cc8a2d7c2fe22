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

type Subscriber = Awaited<ReturnType<typeof newSubscriber>>;

// One stack, and so one row.
test.describe.configure({ mode: "default" });

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

async function expectLeaves(world: World, subscriber: Subscriber, dialog: CancelDialog) {
  await dialog.press(dialog.wayOut);
  await dialog.expectScreen("done");
  const ends = async () => (await read(world, subscriber)).cancel_at_period_end;
  await expect.poll(ends, { message: "it ends with the period" }).toBe(true);
}

// In the middle of a period: in its first two hours no discount of several payments is offered.
test("a discount of two periods: two are reduced, the third is not", async ({ world }) => {
  const subscriber = await newSubscriber(world, { country: "BR" }, undefined, DAYS_BEFORE);
  await world.sandbox.advance(subscriber.clock.id, DAYS_BEFORE);
  const dialog = await openOffer(world, subscriber.customer, "It costs too much");
  await expect(dialog.dialog).toContainText("50% off your next 2 payments");
  await dialog.press(dialog.choice("Take the lower price"));
  await dialog.expectScreen("kept");
  await renew(world, subscriber, 3);
  expect(await amounts(world, subscriber)).toEqual([1900, 950, 950, 1900]);
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
