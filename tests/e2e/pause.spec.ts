/**
 * Somebody takes the pause while a retry is on its way to the bank: what was sent before may still
 * arrive, once, and nothing is sent after it. The sandbox's ledger has every attempt, whoever made
 * it, the provider's own retries among them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CancelDialog } from "./lib/cancel.ts";
import { accountHolds } from "./lib/disk.ts";
import type { Fault } from "./lib/sandbox.ts";
import type { DeclinedCustomer } from "./lib/types.ts";
import type { Widget } from "./lib/widget.ts";
import { expect, test, type World } from "./lib/world.ts";

/** One in ten customers never sees an offer; so many are tried to find one who does. */
const CUSTOMERS_TRIED_MAX = 8;

/** So late is the bank, or so long is its answer kept: longer than it takes to press a button. */
const LATE_MS = 5_000;

/**
 * A charge of which no answer came is looked at after 45 seconds. Sent again under its key it would
 * be charged now if it never arrived, so from the pause on only the invoice is read.
 */
const LOOKED_AT_MS = 60_000;

/** Inside the pause, past the provider's own retries and the renewal that is left out. */
const INSIDE_THE_PAUSE_DAYS = 40;

interface Flight {
  name: string;
  mode: Fault["mode"];
  bank: "approve" | { decline_code: string };
  /** How many attempts the bank sees of it, and how many of them are paid. */
  arrives: 0 | 1;
  paid: 0 | 1;
  /** What the Account knows of it afterwards: settled, resting, or that nobody knows. */
  state: "recovered" | "suspended" | "attempting";
}

const DECLINED = { decline_code: "insufficient_funds" };
const LATE = { mode: "delay", arrives: 1 } as const;
const UNHEARD = { mode: "hang_after", arrives: 1 } as const;
const LOST = { mode: "hang_before", arrives: 0 } as const;
const FLIGHTS: Flight[] = [
  { name: "is late and declined", ...LATE, bank: DECLINED, paid: 0, state: "suspended" },
  { name: "is late and approved", ...LATE, bank: "approve", paid: 1, state: "recovered" },
  { name: "was declined unheard", ...UNHEARD, bank: DECLINED, paid: 0, state: "attempting" },
  { name: "was approved unheard", ...UNHEARD, bank: "approve", paid: 1, state: "recovered" },
  { name: "never arrived", ...LOST, bank: "approve", paid: 0, state: "attempting" },
];

/** Past due, and on the screen with the offer. */
async function openOffer(world: World) {
  for (let tried = 0; tried < CUSTOMERS_TRIED_MAX; tried += 1) {
    const declined = await world.newDeclinedCustomer({ card: "9995" });
    const widget = await world.openHost(declined.customer);
    await widget.expectScreen("banner");
    const page = await world.newPage();
    const dialog = new CancelDialog((await world.openHost(declined.customer, { page })).page);
    await dialog.open();
    await dialog.expectScreen("survey");
    await dialog.press(dialog.choice("Continue"));
    await expect(dialog.root).toHaveAttribute("data-screen", /offer|feedback|confirm/);
    if ((await dialog.screen()) === "offer") return { declined, widget, dialog };
    await world.expectNotCharged(declined);
    await Promise.all([widget.page.close(), page.close()]);
  }
  throw new Error(`none of ${CUSTOMERS_TRIED_MAX} customers was offered anything`);
}

/** The customer asks for another try, and it is on its way. */
async function sendRetry(world: World, declined: DeclinedCustomer, widget: Widget, flight: Flight) {
  await world.sandbox.orderFromBank(declined.customer, flight.bank);
  const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
  const { mode } = flight;
  await world.sandbox.fault({ method: "POST", path_prefix, mode, ms: LATE_MS, times: 1 });
  await widget.part("secondary").click();
  await world.sandbox.faultsHappened();
}

async function expectEndOfFlight(world: World, declined: DeclinedCustomer, flight: Flight) {
  const { paid, state } = flight;
  if (state === "attempting") await sleep(LOOKED_AT_MS);
  const holds = () => accountHolds(world.info, declined.customer, `"state":"${state}"`);
  await expect.poll(holds, { message: `the case is ${state}` }).toBe(true);
  if (paid === 1) await world.expectPaidOnce(declined);
  else await world.expectUnpaid(declined);
}

for (const flight of FLIGHTS) {
  test(`paused while a retry ${flight.name}: nothing is charged afterwards`, async ({ world }) => {
    const { declined, widget, dialog } = await openOffer(world);
    const before = (await world.attempts(declined)).length;
    await sendRetry(world, declined, widget, flight);
    await dialog.press(dialog.choice("Pause my subscription"));
    await dialog.expectScreen("kept");
    await expectEndOfFlight(world, declined, flight);
    const attempts = await world.attempts(declined);
    expect(attempts, "the one that was on its way").toHaveLength(before + flight.arrives);

    const ledger = () => world.sandbox.ledger(declined.customer);
    const charges = (await ledger()).length;
    await world.sandbox.advance(declined.test_clock!, INSIDE_THE_PAUSE_DAYS);
    expect(await ledger(), "no attempt inside the pause").toHaveLength(charges);
    const [invoice] = (await world.sandbox.get(`invoices?customer=${declined.customer}`)).data;
    expect(invoice.id, "no invoice for the time of the pause").toBe(declined.invoice);
  });
}
