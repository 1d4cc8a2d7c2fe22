/** The demo's page to try colours and attributes live: what it shows is what the widget does. */
import type { Page } from "@playwright/test";
import { CARDS } from "./lib/widget.ts";
import { axeViolations, expect, test, type World } from "./lib/world.ts";

const COLOURS = {
  accent: "#0b5d3b",
  "accent-text": "#fefefe",
  background: "#fdfcf7",
  text: "#10201a",
  muted: "#3d4f48",
  border: "#80a090",
  danger: "#8a1010",
  success: "#0a5a30",
};
const ATTRIBUTES = {
  theme: ["dark", "light"],
  position: ["corner", "bottom", "inline"],
  skin: ["game"],
  layout: ["tv", "page"],
  locale: ["de", "ar"],
};

async function open(world: World) {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  // For somebody who likes it light, as the page's colours are.
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(`${world.info.host}/theme?customer=${declined.customer}&lang=en&theme=light`);
  const element = page.locator("reprieve-widget");
  await expect(element.locator('[part~="banner"]')).toBeVisible();
  return { declined, page, element };
}

const choice = (page: Page, name: string) => page.locator(`.choices [name="${name}"]`);

/** Waits until the widget has started anew after a choice. */
async function started(page: Page, choose: () => Promise<unknown>): Promise<void> {
  const count = () =>
    page.evaluate(() => {
      const seen = (window as any).reprieveEventsSeen as { name: string }[];
      return seen.filter(({ name }) => name === "status").length;
    });
  const before = await count();
  await choose();
  await expect.poll(count).toBe(before + 1);
  await expect(page.locator("reprieve-widget [part~=banner]")).toBeVisible();
}

test("every colour and the corners change the notice at once, and stand below", async ({
  world,
}) => {
  const { declined, page, element } = await open(world);
  const property = (name: string) =>
    element.evaluate((it, of) => getComputedStyle(it).getPropertyValue(of).trim(), name);
  const lines: string[] = [];
  for (const [name, value] of Object.entries(COLOURS)) {
    await choice(page, name).fill(value);
    expect(await property(`--reprieve-${name}`)).toBe(value);
    lines.push(`  --reprieve-${name}: ${value};`);
  }
  await choice(page, "radius").fill("4");
  lines.push("  --reprieve-radius: 4px;");
  const css = ["reprieve-widget {", ...lines, "}"].join("\n");
  await expect(page.locator(".css")).toHaveText(css);
  const look = () =>
    element.evaluate((it) => {
      const root = it.shadowRoot!;
      const of = (selector: string) => getComputedStyle(root.querySelector(selector)!);
      const card = of(".card");
      return {
        card: [card.backgroundColor, card.borderTopColor, card.borderTopLeftRadius],
        button: [of(".primary").backgroundColor, of(".primary").color],
        words: [of(".title").color, of(".message").color],
      };
    });
  const seen = await look();
  expect(seen).toEqual({
    card: ["rgb(253, 252, 247)", "rgb(128, 160, 144)", "4px"],
    button: ["rgb(11, 93, 59)", "rgb(254, 254, 254)"],
    words: ["rgb(16, 32, 26)", "rgb(61, 79, 72)"],
  });

  // What stands there to be copied makes the same of a page that has chosen nothing.
  await started(page, () => page.getByRole("button", { name: "Start again" }).click());
  await expect(page.locator(".css")).toHaveText("Nothing chosen yet.");
  expect(await look()).not.toEqual(seen);
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, css);
  expect(await look()).toEqual(seen);
  await world.expectUnpaid(declined);
});

test("every attribute is set, and taken back by starting again", async ({ world }) => {
  const { declined, page, element } = await open(world);
  const tag = page.locator(".tag");
  const given = await tag.textContent();
  for (const [name, values] of Object.entries(ATTRIBUTES)) {
    for (const value of values) {
      await started(page, () => choice(page, name).selectOption(value));
      await expect(element).toHaveAttribute(name, value);
      await expect(tag).toContainText(` ${name}="${value}"`);
    }
    if (name === "layout") expect(await axeViolations(page, "html"), name).toEqual([]);
  }
  await expect(element.locator("[data-screen]")).toHaveAttribute("dir", "rtl");
  await started(page, () => page.getByRole("button", { name: "Start again" }).click());
  await expect(tag).toHaveText(given!);
  await expect(element).toHaveAttribute("locale", "en");
  await expect(choice(page, "locale")).toHaveValue("en");
  await expect(element.locator("[data-screen]")).toHaveAttribute("lang", "en");
  await world.expectUnpaid(declined);
});

test("colours that nobody could read are named as long as they are there", async ({ world }) => {
  const { declined, page } = await open(world);
  const told = page.locator(".told");
  await expect(told).toBeHidden();
  await started(page, () => choice(page, "text").fill("#d8d8d8"));
  await expect(told).toContainText("Text: could not be read");
  expect(await axeViolations(page, "html")).toEqual([]);
  // Another choice takes the note away only when it makes the colour readable.
  await started(page, () => choice(page, "radius").fill("20"));
  await expect(told).toContainText("Text: could not be read");
  await expect(choice(page, "text")).toHaveValue("#d8d8d8");
  await started(page, () => choice(page, "text").fill("#101010"));
  await expect(told).toBeHidden();
  await world.expectUnpaid(declined);
});

test("the page can be used with the keyboard, and what it shows can be paid", async ({ world }) => {
  const { declined, page, element } = await open(world);
  expect(await axeViolations(page, "html")).toEqual([]);
  const names: string[] = [];
  await choice(page, "theme").focus();
  for (let at = 0; at < 20; at += 1) {
    const name = await page.evaluate(() => {
      const { name, className, localName } = document.activeElement as HTMLInputElement;
      return name || className || localName;
    });
    if (names.at(-1) !== name) names.push(name);
    await page.keyboard.press("Tab");
  }
  const wanted = ["theme", "position", "skin", "layout", "locale", ...Object.keys(COLOURS)];
  expect(names.slice(0, wanted.length + 1)).toEqual([...wanted, "radius"]);
  expect(names).toContain("css");
  expect(names).toContain("tag");

  await choice(page, "radius").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".css")).toContainText("--reprieve-radius: 17px");
  await choice(page, "theme").focus();
  await started(page, () => page.keyboard.press("l"));
  await expect(element).toHaveAttribute("theme", "light");

  const primary = element.locator('[part~="primary"]').last();
  await primary.focus();
  await page.keyboard.press("Enter");
  const frame = element.locator('[slot="provider-fields"] iframe').first().contentFrame();
  await frame.locator('input[autocomplete="cc-number"]').fill(CARDS.works);
  await frame.locator('input[autocomplete="cc-exp"]').fill("12 / 34");
  await frame.locator('input[autocomplete="cc-csc"]').fill("123");
  await primary.focus();
  await page.keyboard.press("Enter");
  await expect(element.locator("[data-screen]")).toHaveAttribute("data-screen", "recovered");
  await world.expectPaidOnce(declined);
});
