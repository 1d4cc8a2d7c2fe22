/**
 * Whoever leaves can do so in every state that a recovery can be in, by the table of
 * `shared/src/case/state.rs`: the state is read from the Account's own disk before, and the ledger
 * says afterwards that nothing was charged any more.
 */
import { CancelDialog } from "./lib/cancel.ts";
import { accountHolds } from "./lib/disk.ts";
import type { DeclinedCustomer } from "./lib/types.ts";
import { ACCOUNTS, Widget } from "./lib/widget.ts";
import { expect, test, type World } from "./lib/world.ts";

const PAST_THE_NEXT_RENEWAL_DAYS = 40;

type End = "gone" | "ending" | "nothing";

interface Row {
  /** As the record names it. */
  state: string;
  /** `gone`: at once, with the open invoice. `ending`: with the period. `nothing`: it is over. */
  end: End;
  card?: "0069" | "9995" | "3184" | "0341";
  /** Gets the case there. */
  bring?: (world: World, declined: DeclinedCustomer) => Promise<unknown>;
}

const invoice = (declined: DeclinedCustomer) => `invoices/${declined.invoice}`;

async function payWithAnother(world: World, declined: DeclinedCustomer) {
  const { customer } = declined;
  const card = await world.sandbox.post("payment_methods/pm_card_visa/attach", { customer });
  await world.sandbox.post(`${invoice(declined)}/pay`, { payment_method: card.id });
  await world.sandbox.post(`customers/${customer}`, {
    "invoice_settings[default_payment_method]": card.id,
  });
}

const TABLE: Row[] = [
  { state: "scheduled", card: "9995", end: "gone" },
  {
    state: "attempting",
    card: "9995",
    end: "gone",
    bring: async (world, declined) => {
      const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
      const slow = { method: "POST", mode: "delay", ms: 3_000, times: 1 } as const;
      await world.sandbox.fault({ ...slow, path_prefix });
      const widget = await world.openHost(declined.customer);
      await widget.expectScreen("banner");
      await widget.part("secondary").click();
      await world.sandbox.faultsHappened();
    },
  },
  { state: "awaiting_authentication", card: "3184", end: "gone" },
  { state: "awaiting_payment_method", card: "0069", end: "gone" },
  {
    state: "suspended",
    card: "9995",
    end: "gone",
    bring: (world, { subscription }) =>
      world.sandbox.post(`subscriptions/${subscription}`, {
        "pause_collection[behavior]": "void",
      }),
  },
  { state: "recovered", card: "0341", end: "ending", bring: payWithAnother },
  {
    state: "exhausted",
    card: "0341",
    end: "ending",
    bring: (world, declined) => world.sandbox.post(`${invoice(declined)}/mark_uncollectible`),
  },
  {
    state: "voided",
    card: "0341",
    end: "ending",
    bring: (world, declined) => world.sandbox.post(`${invoice(declined)}/void`),
  },
  {
    state: "canceled",
    card: "0341",
    end: "nothing",
    bring: (world, { subscription }) => world.sandbox.cancel(subscription),
  },
];

async function expectInState(world: World, declined: DeclinedCustomer, state: string) {
  const holds = () => accountHolds(world.info, declined.customer, `"state":"${state}"`);
  await expect.poll(holds, { message: `the case is ${state}` }).toBe(true);
}

async function leave(world: World, declined: DeclinedCustomer, end: End): Promise<void> {
  const page = await world.newPage();
  // Where nothing is left to end, the Worker says so with a 404.
  if (end === "nothing") world.expectConsole(/404/);
  const dialog = new CancelDialog((await world.openHost(declined.customer, { page })).page);
  await dialog.open();
  if (end === "nothing") return dialog.expectScreen("nothing");
  await dialog.leave();
  await dialog.expectScreen("done");
  const path = `subscriptions/${declined.subscription}`;
  const read = async () => {
    const { status, cancel_at_period_end } = await world.sandbox.get(path);
    return status === "canceled" ? "gone" : cancel_at_period_end ? "ending" : status;
  };
  await expect.poll(read, { message: "the subscription" }).toBe(end);
}

/** Time goes on, past the day on which the next renewal would be. */
function monthsGoBy(world: World, { test_clock }: DeclinedCustomer): Promise<void> {
  return world.sandbox.advance(test_clock!, PAST_THE_NEXT_RENEWAL_DAYS);
}

for (const { state, card, bring, end } of TABLE) {
  test(`from ${state} it is ${end}, and nothing is charged after it`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer({ card });
    if (state !== "attempting") await world.expectState(declined.customer, "action_needed");
    await bring?.(world, declined);
    await expectInState(world, declined, state);
    await leave(world, declined, end);
    if (end === "gone") {
      const read = async () => (await world.sandbox.get(invoice(declined))).status;
      await expect.poll(read, { message: "the open invoice" }).toBe("void");
    }
    await world.expectState(declined.customer, end === "ending" ? /clear|recovered/ : "clear");
    const attempts = () => world.sandbox.ledger(declined.customer);
    const before = (await attempts()).length;
    await monthsGoBy(world, declined);
    expect(await attempts(), "no attempt after it").toHaveLength(before);
    if (state === "recovered") await world.expectPaidOnce(declined);
    else await world.expectNotCharged(declined);
  });
}

test("from a debit at the bank: it ends, and what was asked before is asked once", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer({ card: "0341" });
  const widget: Widget = await world.openHost(declined.customer);
  await widget.payByDebit(ACCOUNTS.pays);
  await widget.expectScreen("pending");
  await world.expectState(declined.customer, "processing");
  await leave(world, declined, "gone");
  const before = (await world.sandbox.ledger(declined.customer)).length;
  // The provider does not take back what is at the bank; it is the customer's for what they had.
  await world.sandbox.settleDebits(declined.customer);
  await monthsGoBy(world, declined);
  expect(await world.sandbox.ledger(declined.customer)).toHaveLength(before);
  await world.expectPaidOnce(declined);
});
