/**
 * The demo without a person. `recover`: a renewal is declined, the customer sees the banner, gives
 * a new card and the open invoice is paid. `cancel`: a customer leaves and thinks again. `pause`:
 * one who wanted to leave pauses, and comes back. Prints a dated diary, one JSON object a line, and
 * takes pictures. Exits 0 only if the story ended well, at the provider too.
 *
 * Environment: REPRIEVE_STACK_JSON (ready line of `cargo xtask stack`), REPRIEVE_CHROMIUM (the
 * browser's path), REPRIEVE_OUT (folder for the pictures), REPRIEVE_STORY (which).
 */
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { takeGallery } from "./journey/gallery.mjs";
import { amountText, Provider, statusOf } from "./journey/observer.mjs";
import { openHost, payWith, showScreen } from "./journey/customer.mjs";
import { playCancel, playPause } from "./journey/leaving.mjs";

const { chromium } = createRequire(import.meta.url)("@playwright/test");

const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const AMOUNT_MINOR = 1900;

function environment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** Writes diary lines; every line carries the state as the provider and the edge see it. */
class Diary {
  #stack;
  #provider;
  #declined = null;

  constructor(stack, provider) {
    this.#stack = stack;
    this.#provider = provider;
  }

  follow(declined) {
    this.#declined = declined;
  }

  async write(actor, what) {
    const state = this.#declined === null ? null : await this.#state();
    console.log(JSON.stringify({ time: new Date().toISOString(), actor, what, state }));
    return state;
  }

  async #state() {
    const { customer, invoice } = this.#declined;
    const status = await statusOf(this.#stack, customer);
    const charges = await this.#provider.charges(customer, invoice);
    return {
      account: status.state,
      access: status.access,
      reason: status.reason,
      amount_due: status.amount_due,
      invoice: (await this.#provider.invoice(invoice)).status,
      attempts: charges.map((charge) => charge.decline_code ?? charge.status),
    };
  }
}

async function playSaas(browser, stack, out, diary, provider) {
  const declined = await provider.declinedRenewal("0069", AMOUNT_MINOR, "Studio Pro");
  diary.follow(declined);
  const due = amountText(AMOUNT_MINOR, "EUR");
  await diary.write("provider", `The renewal of ${due} was declined: the card has expired.`);
  await diary.write("reprieve", "The webhook opened a recovery case; access goes on meanwhile.");

  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await openHost(context, stack, declined.customer, { path: "/saas" });
  await showScreen(page, "banner");
  await page.screenshot({ path: join(out, "saas-1-banner.png") });
  await diary.write("customer", "Opens the app and sees the banner.");

  await payWith(page, "4242424242424242", {
    onPanel: async () => {
      await page.screenshot({ path: join(out, "saas-2-panel.png") });
      await diary.write("customer", "Opens the card form.");
    },
    onFilled: () => page.screenshot({ path: join(out, "saas-3-card.png") }),
  });
  await showScreen(page, "recovered");
  await page.screenshot({ path: join(out, "saas-4-recovered.png") });
  await diary.write("customer", "Pays with a new card and reads that all is well.");

  const state = await diary.write("reprieve", "Set the new card everywhere and closed the case.");
  await context.close();
  return verdict(provider, declined, state);
}

/** The end as the provider's own API tells it; returns what is wrong, `null` for nothing. */
async function verdict(provider, declined, state) {
  const invoice = await provider.invoice(declined.invoice);
  const charges = await provider.charges(declined.customer, declined.invoice);
  const paid = charges.filter(({ status }) => status === "succeeded");
  const subscription = await provider.subscription(declined.subscription);
  if (invoice.status !== "paid") return `the invoice is ${invoice.status}`;
  if (paid.length !== 1) return `${paid.length} successful charges`;
  if (paid[0].amount !== AMOUNT_MINOR) return `${paid[0].amount} was charged`;
  if (subscription.status !== "active") return `the subscription is ${subscription.status}`;
  if (state.account !== "recovered") return `the account is ${state.account}`;
  return null;
}

async function playRecover(browser, stack, out, provider) {
  const diary = new Diary(stack, provider);
  const fault = await playSaas(browser, stack, out, diary, provider);
  if (fault !== null) return fault;
  await diary.write("provider", "The invoice is paid, once; the subscription is active.");
  await takeGallery(browser, stack, out, provider);
  await diary.write("reprieve", "Took pictures of both products, phone, dark and languages.");
  return null;
}

/** Each says what went wrong at the end, `null` for nothing. */
const STORIES = { recover: playRecover, cancel: playCancel, pause: playPause };

async function main() {
  const stack = JSON.parse(environment("REPRIEVE_STACK_JSON"));
  const executablePath = environment("REPRIEVE_CHROMIUM");
  const out = environment("REPRIEVE_OUT");
  await mkdir(out, { recursive: true });
  const play = STORIES[environment("REPRIEVE_STORY")];
  if (!play) throw new Error(`REPRIEVE_STORY is one of ${Object.keys(STORIES).join(", ")}`);
  const provider = new Provider(stack);
  const browser = await chromium.launch({ executablePath, args: BROWSER_ARGS });
  try {
    const fault = await play(browser, stack, out, provider);
    if (fault !== null) throw new Error(fault);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(`journey: ${error.message}`);
  process.exit(1);
});
