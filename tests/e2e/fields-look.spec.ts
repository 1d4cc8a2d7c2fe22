/**
 * The provider's fields look like the rest of the form, also when the system or the page turns
 * dark or light while they are open. With `REPRIEVE_PICTURES=folder` the pictures are kept.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { contrast } from "./lib/contrast.ts";
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import { PHONE } from "./lib/fairness.ts";
import type { Widget } from "./lib/widget.ts";
import { expect, type World } from "./lib/world.ts";

/** WCAG 2.2, 1.4.3. */
const CONTRAST_MIN = 4.5;
/** A page that is dark when it says so, whatever the system wants. */
const OF_THE_PAGE = `<style>
  .night reprieve-widget {
    --reprieve-background: #101418; --reprieve-field: #1c2228; --reprieve-text: #f4f6f8;
    --reprieve-muted: #c4ccd4; --reprieve-danger: #ffb4ab; --reprieve-accent: #9cc4ff;
    --reprieve-accent-text: #08121f; }
</style>`;

async function openForm(world: World, script = "", head = "") {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const attributes = `data-token-url="${tokenUrl(declined.customer)}" ${script}`;
  const widget = await openMade(world, declined.customer, { head, script: attributes }, page);
  await widget.openPanel();
  return { declined, page, widget };
}

async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.REPRIEVE_PICTURES ?? test.info().outputDir;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `fields-${name}.png`) });
}

/** What is said and typed in the provider's frame: the least contrast to what is behind it. */
async function leastContrast(widget: Widget): Promise<number> {
  const panel = widget.element.locator("dialog");
  const behind = await panel.evaluate((it) => getComputedStyle(it).backgroundColor);
  const pairs = await widget.cardFrame().locator("form").evaluate((form, outside) => {
    const parts = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const ground = (node: Element | null): string => {
      if (node === null) return outside;
      const { backgroundColor } = getComputedStyle(node);
      return parts(backgroundColor)[3] === 0 ? ground(node.parentElement) : backgroundColor;
    };
    const seen = [...form.querySelectorAll<HTMLElement>(".Label, .Input, .Terms")].filter(
      (it) => it.checkVisibility(),
    );
    if (seen.length < 6) throw new Error(`only ${seen.length} texts were found`);
    return seen.map((it) => [parts(getComputedStyle(it).color), parts(ground(it))] as const);
  }, behind);
  return Math.min(...pairs.map((pair) => contrast(...pair)));
}

const surface = (widget: Widget) =>
  widget.element.locator("dialog").evaluate((it) => getComputedStyle(it).backgroundColor);

const field = (widget: Widget) =>
  widget
    .cardFrame()
    .locator(".Input")
    .first()
    .evaluate((it) => getComputedStyle(it).backgroundColor);

/** The form turns, and its fields with it; what was typed stays. */
async function expectTurn(widget: Widget, name: string, turn: () => Promise<unknown>) {
  const before = [await surface(widget), await field(widget)];
  await turn();
  await expect.poll(() => surface(widget), name).not.toBe(before[0]);
  await expect.poll(() => field(widget), `${name}: the fields`).not.toBe(before[1]);
  await expect.poll(() => leastContrast(widget), name).toBeGreaterThanOrEqual(CONTRAST_MIN);
  await expect(widget.cardFrame().locator('input[autocomplete="cc-exp"]')).toHaveValue("12 / 34");
  await keepPicture(widget.page, name);
}

async function typeDate(widget: Widget): Promise<void> {
  await widget.cardFrame().locator('input[autocomplete="cc-exp"]').fill("12 / 34");
  expect(await leastContrast(widget)).toBeGreaterThanOrEqual(CONTRAST_MIN);
}

test("the fields turn dark with the system, light again, and to forced colours", async ({
  world,
}) => {
  const { declined, page, widget } = await openForm(world);
  await typeDate(widget);
  await keepPicture(page, "light");
  await expectTurn(widget, "dark", () => page.emulateMedia({ colorScheme: "dark" }));
  await expectTurn(widget, "light-again", () => page.emulateMedia({ colorScheme: "light" }));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, forcedColors: "active" });
    await expect.poll(() => leastContrast(widget)).toBeGreaterThanOrEqual(CONTRAST_MIN);
    await keepPicture(page, `forced-${colorScheme}`);
  }
  await world.expectUnpaid(declined);
});

test("the fields follow the attribute and the page's own colours", async ({ world }) => {
  const { declined, page, widget } = await openForm(world, "", OF_THE_PAGE);
  await typeDate(widget);
  const setTheme = (theme: string) => () =>
    widget.element.evaluate((it, name) => it.setAttribute("theme", name), theme);
  await expectTurn(widget, "theme-dark", setTheme("dark"));
  await expectTurn(widget, "theme-light", setTheme("light"));
  const toggle = () => page.evaluate(() => document.documentElement.classList.toggle("night"));
  await expectTurn(widget, "page-night", toggle);
  await expectTurn(widget, "page-day", toggle);
  await world.expectUnpaid(declined);
});

test("who closes the form hears of no change any more", async ({ world }) => {
  const { declined, page, widget } = await openForm(world);
  const calls = () => page.evaluate(() => (window as any).looksOfTest as number);
  await page.keyboard.press("Escape");
  await widget.expectScreen("banner");
  // What the page has of the provider counts from here on.
  await page.evaluate(() => {
    const its = window as any;
    its.looksOfTest = 0;
    const { Stripe } = its;
    const counted = (...given: unknown[]) => {
      const stripe = Stripe(...given);
      const elements = stripe.elements.bind(stripe);
      stripe.elements = (options: unknown) => {
        const group = elements(options);
        const update = group.update.bind(group);
        group.update = (changes: unknown) => {
          its.looksOfTest += 1;
          return update(changes);
        };
        return group;
      };
      return stripe;
    };
    Object.assign(its, { Stripe: Object.assign(counted, { version: Stripe.version }) });
  });
  await widget.openPanel();
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(calls).toBeGreaterThan(0);
  // One look, one call, however many colours change with it.
  expect(await calls()).toBe(1);
  await page.keyboard.press("Escape");
  await widget.expectScreen("banner");
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(() => surfaceOfNotice(widget)).toBe("rgb(255, 255, 255)");
  expect(await calls()).toBe(1);
  await world.expectUnpaid(declined);
});

const surfaceOfNotice = (widget: Widget) =>
  widget.part("banner").evaluate((it) => getComputedStyle(it).backgroundColor);
