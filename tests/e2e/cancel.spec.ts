/**
 * Leaving, with the real Worker: how many presses it takes under each law, what is offered and for
 * how long not again, and that nothing goes wrong with money on the way out. The sandbox's ledger
 * and objects are the truth behind the screen.
 */
import { CancelDialog } from "./lib/cancel.ts";
import { Links } from "./lib/links.ts";
import { type Place, PLACES } from "./lib/places.ts";
import type { Card } from "./lib/sandbox.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import type { DeclinedCustomer } from "./lib/types.ts";
import { expect, test, type World } from "./lib/world.ts";

/** One in ten customers never sees an offer; so many are tried to find one who does. */
const CUSTOMERS_TRIED_MAX = 8;

async function openCancel(world: World, customer: string): Promise<CancelDialog> {
  const widget = await world.openHost(customer);
  const dialog = new CancelDialog(widget.page);
  await dialog.open();
  return dialog;
}

/** A customer on the screen with an offer. */
async function openOffer(world: World, place?: Place) {
  for (let tried = 0; tried < CUSTOMERS_TRIED_MAX; tried += 1) {
    const subscriber = await newSubscriber(world, place);
    const dialog = await openCancel(world, subscriber.customer);
    await dialog.expectScreen("survey");
    await dialog.press(dialog.choice("Continue"));
    await expect(dialog.root).toHaveAttribute("data-screen", /offer|feedback|confirm/);
    if ((await dialog.screen()) === "offer") return { subscriber, dialog };
    await dialog.page.close();
  }
  throw new Error(`none of ${CUSTOMERS_TRIED_MAX} customers was offered anything`);
}

async function expectEnding(world: World, subscription: string): Promise<void> {
  const path = `subscriptions/${subscription}`;
  const read = async () => (await world.sandbox.get(path)).cancel_at_period_end;
  await expect.poll(read, { message: "it ends with the period" }).toBe(true);
}

async function statusOf(world: World, subscription: string): Promise<string> {
  return (await world.sandbox.get(`subscriptions/${subscription}`)).status;
}

async function paidCount(world: World, customer: string): Promise<number> {
  const charges = await world.sandbox.ledger(customer);
  return charges.filter(({ status }) => status === "succeeded").length;
}

for (const place of PLACES) {
  test(`in ${place.name}: ${place.clicks_max} presses at the most`, async ({ world }) => {
    const { customer, subscription } = await newSubscriber(world, place);
    const answered: { profile: { jurisdiction: string; clicks_max: number } }[] = [];
    const page = await world.newPage();
    page.on("response", async (answer) => {
      const isOurs = answer.url().includes("/v1/cancellations") && answer.status() === 200;
      if (isOurs && answer.request().method() !== "OPTIONS") answered.push(await answer.json());
    });
    const widget = await world.openHost(customer, { page });
    const dialog = new CancelDialog(widget.page);
    await dialog.open();
    await dialog.leave();
    await dialog.expectScreen("done");
    await expect.poll(() => answered.length).toBeGreaterThan(0);
    expect(answered[0]!.profile).toMatchObject({
      jurisdiction: place.jurisdiction,
      clicks_max: place.clicks_max,
    });
    expect(dialog.clicks).toBeLessThanOrEqual(place.clicks_max);
    await expect(dialog.dialog.locator("dl")).toContainText("ccl_");
    await expectEnding(world, subscription);
  });
}

test("the button beside an offer cancels: three presses", async ({ world }) => {
  const { subscriber, dialog } = await openOffer(world);
  await dialog.press(dialog.wayOut);
  await dialog.expectScreen("done");
  expect(dialog.clicks).toBeLessThanOrEqual(3);
  await expectEnding(world, subscriber.subscription);
});

test("an offer that was turned down is not shown again", async ({ world }) => {
  const { subscriber, dialog } = await openOffer(world);
  await dialog.press(dialog.choice("Keep my subscription"));
  await dialog.expectScreen("kept");
  await dialog.page.close();

  // The same day, and by the Worker's own answer on no later screen either.
  const again = await openCancel(world, subscriber.customer);
  const seen = [await again.screen()];
  for (let screens = 0; screens < 4 && seen.at(-1) !== "confirm"; screens += 1) {
    await again.press(again.choice("Continue"));
    await expect(again.root).not.toHaveAttribute("data-screen", seen.at(-1)!);
    seen.push(await again.screen());
  }
  expect(seen).toEqual(["survey", "feedback", "confirm"]);
});

test("a pause: nothing is charged until it ends", async ({ world }) => {
  const { subscriber, dialog } = await openOffer(world);
  const before = await paidCount(world, subscriber.customer);
  await dialog.press(dialog.choice("Pause my subscription"));
  await dialog.expectScreen("kept");
  await expect(dialog.dialog).toContainText("pause");

  const portal = new CancelDialog((await world.openHost(subscriber.customer)).page);
  await portal.open("manage");
  await expect(portal.dialog).toContainText("Paused");
  await portal.press(portal.choice("Make the pause longer"));
  await expect(portal.choice("Make the pause longer")).toHaveCount(0);
  // Past the renewal that would have been.
  await world.sandbox.advance(subscriber.clock.id, 35);
  expect(await paidCount(world, subscriber.customer)).toBe(before);
  await portal.press(portal.choice("Resume now"));
  await expect(portal.choice("Resume now")).toHaveCount(0);
  await expect.poll(() => statusOf(world, subscriber.subscription)).toBe("active");
});

test("an offer that fails keeps nobody: cancelling goes on", async ({ world }) => {
  const { subscriber, dialog } = await openOffer(world);
  const path_prefix = `/v1/subscriptions/${subscriber.subscription}/pause`;
  const broken = { method: "POST", mode: "hang_before", ms: 3_000, times: 9 } as const;
  await world.sandbox.fault({ ...broken, path_prefix });
  await dialog.press(dialog.choice("Pause my subscription"));
  // An offer on its way keeps nobody from leaving either.
  await dialog.press(dialog.wayOut);
  await dialog.expectScreen("done");
  await expectEnding(world, subscriber.subscription);
  expect(await statusOf(world, subscriber.subscription), "it is not paused").toBe("active");
});

test("it is undone, and the subscription renews", async ({ world }) => {
  const subscriber = await newSubscriber(world);
  const dialog = await openCancel(world, subscriber.customer);
  await dialog.leave();
  await expectEnding(world, subscriber.subscription);
  await dialog.press(dialog.choice("Undo the cancellation"));
  await dialog.expectScreen("undone");
  const subscription = await world.sandbox.get(`subscriptions/${subscriber.subscription}`);
  expect(subscription).toMatchObject({ status: "active", cancel_at_period_end: false });
  const before = await paidCount(world, subscriber.customer);
  await world.sandbox.advance(subscriber.clock.id, 35);
  expect(await paidCount(world, subscriber.customer)).toBe(before + 1);
});

test("nothing is charged once it took effect", async ({ world }) => {
  const subscriber = await newSubscriber(world);
  const dialog = await openCancel(world, subscriber.customer);
  await dialog.leave();
  const before = await paidCount(world, subscriber.customer);
  await world.sandbox.advance(subscriber.clock.id, 40);
  expect(await paidCount(world, subscriber.customer)).toBe(before);
  expect(await statusOf(world, subscriber.subscription)).toBe("canceled");
});

test("the receipt can be saved, and says what the screen says", async ({ world }) => {
  const subscriber = await newSubscriber(world, { country: "DE" });
  const dialog = await openCancel(world, subscriber.customer);
  await dialog.leave();
  const saving = dialog.page.waitForEvent("download");
  await dialog.press(dialog.choice("Save the receipt"));
  const file = await saving;
  expect(file.suggestedFilename()).toMatch(/^cancellation-ccl_[0-9a-f]{16}\.txt$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const rows = await dialog.dialog.locator("dl .row").all();
  expect(rows.length).toBeGreaterThanOrEqual(6);
  for (const row of rows) {
    const label = await row.locator("dt").innerText();
    const value = await row.locator("dd").innerText();
    expect(text).toContain(`${label}: ${value}`);
  }
});

test("another visit goes on where the last one ended", async ({ world }) => {
  const { customer } = await newSubscriber(world);
  const first = await openCancel(world, customer);
  await first.expectScreen("survey");
  await first.dialog.getByText("I don’t use it enough").click();
  await first.press(first.choice("Continue"));
  await expect(first.root).not.toHaveAttribute("data-screen", "survey");
  const where = await first.screen();
  await first.close();
  const second = await openCancel(world, customer);
  expect(await second.screen()).toBe(where);
  await second.press(second.back);
  await second.expectScreen("survey");
  await expect(second.dialog.getByLabel("I don’t use it enough")).toBeChecked();
});

test("several subscriptions: which one is asked, and the other one stays", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ subscriptions: 2 });
  const all = await world.sandbox.get(`subscriptions?customer=${declined.customer}`);
  // The Worker says 409 to "the only one", and the browser reports that.
  world.expectConsole(/409/);
  const dialog = await openCancel(world, declined.customer);
  await dialog.expectScreen("choose");
  await dialog.press(dialog.dialog.getByRole("button", { name: declined.subscription }));
  await dialog.leave();
  const other = all.data.find(({ id }: { id: string }) => id !== declined.subscription);
  expect(await statusOf(world, other.id)).not.toBe("canceled");
  await expectGone(world, declined);
});

test("from a link, without a login and before anything else", async ({ world }) => {
  const { customer, subscription } = await newSubscriber(world, { country: "DE" });
  const { url } = await new Links(world.info).makeOne({ customer });
  const page = await world.newPage();
  await page.goto(url);
  const dialog = new CancelDialog(page);
  await dialog.press(page.locator("[data-cancel]"));
  await dialog.expectScreen("confirm");
  await dialog.leave();
  expect(dialog.clicks).toBeLessThanOrEqual(2);
  await expectEnding(world, subscription);
});

test("from the panel in which the card would be updated", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  const dialog = new CancelDialog(widget.page);
  await dialog.press(widget.part("panel").locator('[data-reprieve="cancel"]'));
  await dialog.expectScreen("survey");
  // Escape closes what is in front, and the panel is as it was.
  await dialog.close();
  await expect(widget.primary).toBeVisible();
  await dialog.press(widget.part("panel").locator('[data-reprieve="cancel"]'));
  await dialog.leave();
  await expectGone(world, declined);
  await dialog.close();
  await widget.expectNothing();
});

/** Past due: it ends at once, and nobody is asked for the open invoice any more. */
async function expectGone(world: World, declined: DeclinedCustomer): Promise<void> {
  const status = () => statusOf(world, declined.subscription);
  await expect.poll(status, { message: "the subscription" }).toBe("canceled");
  const invoice = async () => (await world.sandbox.get(`invoices/${declined.invoice}`)).status;
  await expect.poll(invoice, { message: "the open invoice" }).toBe("void");
  await world.expectNothingPaid(declined);
}

/** Each leaves the case in another state: a new card, a short balance, a lost card, wait. */
const CASES: { name: string; card: Card; retry?: boolean }[] = [
  { name: "waits for a new card", card: "0069" },
  { name: "waits for a better day", card: "9995" },
  { name: "was told to stop", card: "9987" },
  { name: "was just tried again", card: "9995", retry: true },
];

for (const { name, card, retry } of CASES) {
  test(`whose payment ${name} can leave, and is not dunned`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer({ card });
    const widget = await world.openHost(declined.customer);
    await widget.expectScreen("banner");
    if (retry === true) await widget.part("secondary").click();
    const dialog = new CancelDialog(widget.page);
    await dialog.open();
    await dialog.leave();
    await expectGone(world, declined);
    await dialog.close();
    // The notice about the payment goes with it.
    await widget.expectNothing();
    await world.expectState(declined.customer, "clear");
  });
}

test("a retry in flight is overtaken: nothing is paid, then or later", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
  await world.sandbox.fault({ method: "POST", path_prefix, mode: "delay", ms: 2_000, times: 1 });
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await widget.part("secondary").click();
  await world.sandbox.faultsHappened();
  const page = await world.newPage();
  const dialog = new CancelDialog((await world.openHost(declined.customer, { page })).page);
  await dialog.open();
  await dialog.leave();
  await dialog.expectScreen("done");
  await expectGone(world, declined);
  const attempts = (await world.attempts(declined)).length;
  await world.expectState(declined.customer, "clear");
  expect((await world.attempts(declined)).length, "no attempt after it").toBe(attempts);
});
