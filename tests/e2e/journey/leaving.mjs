/** Two stories of customers who look for the way out: one leaves and comes back, one pauses. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { amountText, subscriptionsOf } from "./observer.mjs";
import { openHost } from "./customer.mjs";

/** A screen takes no press before somebody can have read it (`widget/loader/cancel.js`). */
const READ_MS = 450;
const SCREEN_TIMEOUT_MS = 60_000;
/** One in ten customers never sees an offer; so many are tried to find one who does. */
const CUSTOMERS_TRIED_MAX = 8;
const AMOUNT_MINOR = 1900;
const PAST_THE_RENEWAL_DAYS = 35;
const POLL_MS = 250;
const POLLS_MAX = 120;

/** Writes diary lines with the subscription as Stripe and the Worker see it. */
class LeavingDiary {
  #stack;
  #provider;
  #subscriber;

  constructor(stack, provider, subscriber) {
    this.#stack = stack;
    this.#provider = provider;
    this.#subscriber = subscriber;
  }

  async write(actor, what) {
    const state = await this.#state();
    console.log(JSON.stringify({ time: new Date().toISOString(), actor, what, state }));
    return state;
  }

  async #state() {
    const { customer, subscription } = this.#subscriber;
    const live = await this.#provider.subscription(subscription);
    const charges = await this.#provider.charges(customer);
    const seen = (await subscriptionsOf(this.#stack, customer)).subscriptions;
    const ours = seen.find(({ id }) => id === subscription);
    return {
      subscription: live.status,
      ends_with_its_period: live.cancel_at_period_end,
      pause: ours?.pause?.state ?? null,
      leaving: ours?.is_leaving ?? null,
      paid: charges.filter(({ status }) => status === "succeeded").length,
    };
  }
}

class CancelDialog {
  #page;
  #out;

  constructor(page, out) {
    this.#page = page;
    this.#out = out;
  }

  get #root() {
    return this.#page.locator('reprieve-widget [data-reprieve-dialog="cancel"] [data-screen]');
  }

  /** Presses a button of the page and waits for the first screen. */
  async open(aim) {
    await this.#page.waitForFunction(() => customElements.get("reprieve-widget") !== undefined);
    await this.#page.locator(`main [data-reprieve="${aim}"]`).click();
    await this.#root.locator("dialog").waitFor({ timeout: SCREEN_TIMEOUT_MS });
    return this.#left("loading");
  }

  /** Presses a button by its name and waits for the next screen; says which it is. */
  async press(name) {
    const before = await this.#root.getAttribute("data-screen");
    await this.pressHere(name);
    return this.#left(before);
  }

  /** Presses a button whose answer comes on the same screen. */
  async pressHere(name) {
    await sleep(READ_MS);
    await this.#root.getByRole("button", { name, exact: true }).click();
  }

  async picture(name) {
    await this.#page.screenshot({ path: join(this.#out, `${name}.png`), animations: "disabled" });
  }

  async #left(screen) {
    const gone = this.#page.locator(`[data-reprieve-dialog="cancel"] [data-screen="${screen}"]`);
    await gone.waitFor({ state: "detached", timeout: SCREEN_TIMEOUT_MS });
    return this.#root.getAttribute("data-screen");
  }
}

async function until(what, isTrue) {
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what}: not within ${(POLL_MS * POLLS_MAX) / 1000} s`);
}

/** Why, and perhaps a word: from the first screen to the confirmation, without an answer. */
async function reachConfirmation(dialog, screen) {
  let shown = screen;
  for (let screens = 0; screens < 4 && shown !== "confirm"; screens += 1) {
    shown = await dialog.press(shown === "offer" ? "Back" : "Continue");
    if (shown === "survey") throw new Error("there is no way past the offer");
  }
  return shown;
}

/** Leaves in Germany: two presses, a receipt; then the customer thinks again. */
export async function playCancel(browser, stack, out, provider) {
  const subscriber = await provider.subscriber("DE", AMOUNT_MINOR, "Studio Pro");
  const diary = new LeavingDiary(stack, provider, subscriber);
  const price = amountText(AMOUNT_MINOR, "EUR");
  await diary.write("provider", `Somebody in Germany subscribed for ${price} a month.`);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await openHost(context, stack, subscriber.customer, { path: "/saas" });
  const dialog = new CancelDialog(page, out);
  const first = await dialog.open("cancel");
  await dialog.picture("cancel-1-first");
  await diary.write("customer", "Presses the button that cancels and sees what ends when.");
  await reachConfirmation(dialog, first);
  await dialog.press("Cancel now");
  await dialog.picture("cancel-2-receipt");
  const left = await diary.write("customer", "Confirms, and keeps the receipt.");
  if (!left.ends_with_its_period || !left.leaving) return "the subscription goes on";
  await dialog.press("Undo the cancellation");
  await dialog.picture("cancel-3-undone");
  const back = await diary.write("customer", "Thinks again and takes it back.");
  await context.close();
  if (back.ends_with_its_period || back.leaving) return "it was not taken back";
  return back.paid === 1 ? null : `${back.paid} payments instead of one`;
}

/** Takes the pause that is offered, sleeps through a renewal, and comes back early. */
export async function playPause(browser, stack, out, provider) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const { page, dialog, subscriber } = await findOffer(context, stack, out, provider);
  const diary = new LeavingDiary(stack, provider, subscriber);
  await dialog.picture("pause-1-offer");
  await diary.write("customer", "Wanted to cancel, says no reason, and is offered a pause.");
  await dialog.press("Pause my subscription");
  await dialog.picture("pause-2-kept");
  const paused = await diary.write("customer", "Takes it.");
  if (paused.pause !== "paused") return `the pause is ${paused.pause}`;
  await provider.advance(subscriber, PAST_THE_RENEWAL_DAYS);
  const asleep = await diary.write("provider", "The day of the renewal went by.");
  if (asleep.paid !== paused.paid) return "something was charged during the pause";
  await page.reload();
  await dialog.open("manage");
  await dialog.picture("pause-3-manage");
  await dialog.pressHere("Resume now");
  await until("the subscription is active", async () => {
    const { status, pause_collection } = await provider.subscription(subscriber.subscription);
    return status === "active" && pause_collection === null;
  });
  await dialog.picture("pause-4-resumed");
  const back = await diary.write("customer", "Comes back early.");
  await context.close();
  return back.pause === null || back.pause === "resuming" ? null : `the pause is ${back.pause}`;
}

async function findOffer(context, stack, out, provider) {
  for (let tried = 0; tried < CUSTOMERS_TRIED_MAX; tried += 1) {
    const subscriber = await provider.subscriber("BR", AMOUNT_MINOR, "Studio Pro");
    const page = await openHost(context, stack, subscriber.customer, { path: "/saas" });
    const dialog = new CancelDialog(page, out);
    const first = await dialog.open("cancel");
    if (first === "survey" && (await dialog.press("Continue")) === "offer") {
      return { page, dialog, subscriber };
    }
    await page.close();
  }
  throw new Error(`none of ${CUSTOMERS_TRIED_MAX} customers was offered anything`);
}
