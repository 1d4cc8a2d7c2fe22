/**
 * From a sofa and in the hand: the layout of television sets at their two common sizes, and what
 * a game shows where there is very little room. With `REPRIEVE_PICTURES=folder` the pictures are
 * kept.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { test } from "./lib/embed.ts";
import { comeFromElsewhere, OWN_LINK } from "./lib/links.ts";
import { overflows } from "./lib/pseudo.ts";
import type { Widget } from "./lib/widget.ts";
import { axeViolations, expect, type World } from "./lib/world.ts";

const LANGUAGES = ["en", "ar", "ja"] as const;
const SETS = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];
const HANDHELDS = [
  { width: 568, height: 320 },
  { width: 320, height: 200 },
];
/** Of the picture, on each side: what an old television set may cut off. */
const SAFE_SHARE = 0.05;
const LARGER_MIN = 1.5;
/** Of the canvas, at the most, for the notice in the hand. */
const COVERED_SHARE_MAX = 1 / 3;
/** What a body text at 1920 by 1080 has at the least, in pixels of the picture. */
const TEXT_PX_MIN = 20;

type Size = { width: number; height: number };

function picture(name: string): string {
  const folder = process.env.REPRIEVE_PICTURES ?? test.info().outputDir;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}

/** The demo's game with these attributes on its element from the start. */
async function openGame(world: World, lang: string, size: Size, attributes: object = {}) {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const page = await world.newPage();
  await page.setViewportSize(size);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await comeFromElsewhere(page, OWN_LINK);
  await page.route("**/game?*", async (route) => {
    const answer = await route.fetch();
    const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
    const body = (await answer.text()).replace("<reprieve-widget", `$&${given.join("")}`);
    await route.fulfill({ response: answer, body });
  });
  const widget = await world.openHost(declined.customer, { path: "/game", lang, page });
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  return { declined, widget, page };
}

/** Height of a line of this text as it is seen, in pixels of the picture. */
const lineOf = (widget: Widget, part: string): Promise<number> =>
  widget.part(part).last().evaluate((it) => {
    const range = document.createRange();
    range.selectNodeContents(it);
    return range.getClientRects()[0]!.height;
  });

/** The notice keeps the safe margins, and the panel too. */
async function expectSafe(page: Page, selector: string): Promise<void> {
  const box = (await page.locator(selector).last().boundingBox())!;
  const { width, height } = page.viewportSize()!;
  const [across, down] = [width * SAFE_SHARE - 1, height * SAFE_SHARE - 1];
  expect(box.x, "left").toBeGreaterThanOrEqual(across);
  expect(box.x + box.width, "right").toBeLessThanOrEqual(width - across);
  expect(box.y, "top").toBeGreaterThanOrEqual(down);
  expect(box.y + box.height, "bottom").toBeLessThanOrEqual(height - down);
}

for (const lang of LANGUAGES) {
  test(`on a television set in ${lang}`, async ({ world }) => {
    const [first] = SETS;
    const plain = await openGame(world, lang, first!);
    const before = await lineOf(plain.widget, "title");
    await plain.page.close();
    await world.expectUnpaid(plain.declined);

    const { declined, widget, page } = await openGame(world, lang, first!, { layout: "tv" });
    expect((await lineOf(widget, "title")) / before).toBeGreaterThanOrEqual(LARGER_MIN);
    const look = async (screen: string, selector: string) => {
      for (const size of SETS) {
        await page.setViewportSize(size);
        await page.screenshot({ path: picture(`tv-${screen}-${lang}-${size.width}`) });
        await expectSafe(page, selector);
        expect(await lineOf(widget, "message"), screen).toBeGreaterThanOrEqual(TEXT_PX_MIN);
        expect(await overflows(page), `${screen} ${size.width}`).toEqual([]);
        expect(await axeViolations(page, "reprieve-widget"), screen).toEqual([]);
      }
    };
    await look("notice", 'reprieve-widget [part~="banner"]');
    await widget.openPanel();
    await page.keyboard.press("ArrowDown");
    await look("panel", "reprieve-widget dialog");
    // Around what has the keyboard there is a thick line.
    const ring = await widget.part("dismiss").last().evaluate((it) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(it);
      return [outlineStyle, Number.parseFloat(outlineWidth)];
    });
    expect(ring).toEqual(["solid", 4]);
    // The last control can be reached, and is seen.
    for (let at = 0; at < 5; at += 1) await page.keyboard.press("ArrowDown");
    await expect(widget.element.locator('dialog [data-reprieve="question"]')).toBeFocused();
    await expect(widget.element.locator('dialog [data-reprieve="question"]')).toBeInViewport();
    await world.expectUnpaid(declined);
  });

  test(`in the hand, with very little height, in ${lang}`, async ({ world }) => {
    const { declined, widget, page } = await openGame(world, lang, HANDHELDS[0]!);
    for (const size of HANDHELDS) {
      await page.setViewportSize(size);
      await page.screenshot({ path: picture(`hand-notice-${lang}-${size.width}`) });
      const notice = (await widget.part("banner").boundingBox())!;
      const share = (notice.width * notice.height) / (size.width * size.height);
      expect(share, `${size.width} wide`).toBeLessThanOrEqual(COVERED_SHARE_MAX);
      expect(notice.y + notice.height).toBeLessThanOrEqual(size.height);
      expect(await axeViolations(page, "reprieve-widget"), "notice").toEqual([]);
    }
    await widget.openPanel();
    for (const size of HANDHELDS) {
      await page.setViewportSize(size);
      await page.screenshot({ path: picture(`hand-panel-${lang}-${size.width}`) });
      expect(await overflows(page), `${size.width} wide`).toEqual([]);
      expect(await axeViolations(page, "reprieve-widget"), "panel").toEqual([]);
      const panel = widget.element.locator("dialog");
      expect(await panel.evaluate((it) => it.scrollHeight > it.clientHeight)).toBe(true);
      await widget.primary.scrollIntoViewIfNeeded();
      await expect(widget.primary).toBeInViewport({ ratio: 1 });
      await panel.evaluate((it) => it.scrollTo(0, 0));
      await expect(widget.part("title").last()).toBeInViewport();
    }
    await world.expectUnpaid(declined);
  });
}

/** A device without mouse and finger, as the browser's own switch has it. */
const withoutPointer = test.extend({
  launchOptions: [
    ({ launchOptions }, use) => {
      const none = ["primaryHoverType", "availableHoverTypes", "primaryPointerType"];
      const types = [...none, "availablePointerTypes"].map((name) => `${name}=1`).join(",");
      const args = [...(launchOptions.args ?? []), `--blink-settings=${types}`];
      return use({ ...launchOptions, args });
    },
    { scope: "worker" },
  ],
});

withoutPointer("a wide device without a pointer is a television set, or the page says no", async ({
  world,
}) => {
  const [, wide] = SETS;
  const set = await openGame(world, "en", wide!);
  const none = "(pointer: none)";
  expect(await set.page.evaluate((query) => matchMedia(query).matches, none)).toBe(true);
  const large = await lineOf(set.widget, "title");
  await expectSafe(set.page, 'reprieve-widget [part~="banner"]');
  await set.page.close();
  await world.expectUnpaid(set.declined);

  const page = await openGame(world, "en", wide!, { layout: "page" });
  expect(large / (await lineOf(page.widget, "title"))).toBeGreaterThanOrEqual(LARGER_MIN);
  await world.expectUnpaid(page.declined);
});
