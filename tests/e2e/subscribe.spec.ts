/**
 * The way in, on the demo's own page, and the way out beside it: leaving takes no more presses than
 * subscribing did. A press is counted as it is when leaving: each button, from the one that begins
 * to the end. What is typed, and the press into the first field of the card, count for nothing,
 * which makes subscribing look shorter than it is.
 */
import type { Locator, Page } from "@playwright/test";
import { CancelDialog } from "./lib/cancel.ts";
import { PLACES } from "./lib/places.ts";
import { CARDS } from "./lib/widget.ts";
import { axeViolations, expect, test, type World } from "./lib/world.ts";

const LANGUAGES = ["en", "de", "fr", "es", "pt", "pl", "tr", "ja", "ko", "ar"];
const READY_TIMEOUT_MS = 60_000;

class Subscribing {
  readonly page: Page;
  presses = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async press(target: Locator): Promise<void> {
    this.presses += 1;
    await target.click();
  }

  /** From the demo's index to the card fields. */
  async choose(world: World, plan: string): Promise<void> {
    await this.page.goto(world.info.host);
    await this.press(this.page.getByRole("link", { name: "Subscribe to Fernly" }));
    await this.press(this.page.getByRole("button", { name: plan }));
    await expect(this.pay).toBeEnabled({ timeout: READY_TIMEOUT_MS });
  }

  get pay(): Locator {
    return this.page.getByRole("button", { name: "Subscribe and pay" });
  }

  async fillCard(number: string): Promise<void> {
    const frame = this.page.locator("#fields iframe").contentFrame();
    await frame.locator('input[autocomplete="cc-number"]').fill(number);
    await frame.locator('input[autocomplete="cc-exp"]').fill("12 / 34");
    await frame.locator('input[autocomplete="cc-csc"]').fill("123");
  }

  /** Who the page says they are now. */
  async arrived(): Promise<string> {
    await this.page.waitForURL((url) => url.pathname === "/saas");
    return new URL(this.page.url()).searchParams.get("customer")!;
  }
}

async function subscriptionsOf(world: World, customer: string) {
  return (await world.sandbox.get(`subscriptions?customer=${customer}`)).data;
}

test("leaving takes no more presses than subscribing, in every place", async ({ world }) => {
  const way = new Subscribing(await world.newPage());
  await way.choose(world, "Studio Pro");
  await way.fillCard(CARDS.works);
  await way.press(way.pay);
  const customer = await way.arrived();
  const [subscription, ...others] = await subscriptionsOf(world, customer);
  expect(subscription.status).toBe("active");
  expect(others).toEqual([]);
  const charges = await world.sandbox.ledger(customer);
  expect(charges).toMatchObject([{ status: "succeeded", amount: 1900, currency: "eur" }]);

  // What each law's flow takes at the most is held by the tests of `cancel.spec.ts`.
  for (const { name, clicks_max } of PLACES) {
    expect(clicks_max, name).toBeLessThanOrEqual(way.presses);
  }
  // And this very customer, where nothing is known of the country and the strictest rules hold.
  const dialog = new CancelDialog(way.page);
  await dialog.open();
  await dialog.leave();
  expect(dialog.clicks).toBeLessThanOrEqual(way.presses);
  const path = `subscriptions/${subscription.id}`;
  const ends = async () => (await world.sandbox.get(path)).cancel_at_period_end;
  await expect.poll(ends, { message: "it ends with the period" }).toBe(true);
});

test("an impatient double click subscribes once", async ({ world }) => {
  const way = new Subscribing(await world.newPage());
  await way.choose(world, "Studio Solo");
  await way.fillCard(CARDS.works);
  await way.pay.dblclick();
  const customer = await way.arrived();
  expect(await subscriptionsOf(world, customer)).toHaveLength(1);
  const charges = await world.sandbox.ledger(customer);
  expect(charges).toMatchObject([{ status: "succeeded", amount: 900 }]);
});

test("a card that no bank lets through subscribes nobody", async ({ world }) => {
  world.expectConsole(/402/);
  const way = new Subscribing(await world.newPage());
  await way.choose(world, "Studio Pro");
  await way.fillCard(CARDS.declined);
  await way.pay.click();
  await expect(way.page.getByRole("alert")).toBeVisible();
  await way.fillCard(CARDS.works);
  await way.pay.click();
  const customer = await way.arrived();
  expect(await subscriptionsOf(world, customer)).toHaveLength(1);
  const charges = await world.sandbox.ledger(customer);
  expect(charges.filter(({ status }) => status === "succeeded")).toHaveLength(1);
});

test("the page speaks every language, and everybody can use it", async ({ world }) => {
  const page = await world.newPage();
  const titles = new Set<string>();
  for (const lang of LANGUAGES) {
    const theme = lang === "en" ? "light" : "dark";
    await page.goto(`${world.info.host}/subscribe?lang=${lang}&theme=${theme}`);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await expect(page.locator("html")).toHaveAttribute("dir", lang === "ar" ? "rtl" : "ltr");
    titles.add(await page.locator("h1").innerText());
    expect(await axeViolations(page, "html"), lang).toEqual([]);
  }
  expect(titles.size, "a title of its own in each").toBe(LANGUAGES.length);
});
