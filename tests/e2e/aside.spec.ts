/** What has the keyboard is never under the floating notice (WCAG 2.2, 2.4.11). */
import { openMade, test } from "./lib/embed.ts";
import { expect } from "./lib/world.ts";

const LINKS = 40;

test("whoever walks a page with the keyboard sees where they are", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const links = Array.from({ length: LINKS }, (_, at) => `<p><a href="#${at}">Link ${at}</a></p>`);
  const widget = await openMade(world, declined.customer, { body: links.join("") });
  const { page } = widget;
  await page.setViewportSize({ width: 390, height: 700 });
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  await page.locator("a").first().focus();
  const sides = new Set<string>();
  for (let at = 0; at < LINKS; at += 1) {
    const { text, covered, edge } = await page.evaluate(() => {
      const root = document.querySelector("reprieve-widget")!.shadowRoot!;
      const notice = root.querySelector(".inline")!.getBoundingClientRect();
      const focused = document.activeElement!.getBoundingClientRect();
      const isOver = focused.top < notice.bottom && focused.bottom > notice.top;
      const edge = notice.top < innerHeight / 2 ? "top" : "bottom";
      return { text: document.activeElement!.textContent, covered: isOver, edge };
    });
    expect(text).toBe(`Link ${at}`);
    expect(covered, `${text} is under the notice`).toBe(false);
    sides.add(edge);
    await page.keyboard.press("Tab");
  }
  expect([...sides].sort(), "it went out of the way").toEqual(["bottom", "top"]);
  await world.expectUnpaid(declined);
});

test("what fills the window is no reason to go anywhere", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const body = `<main><h1>Host</h1><div tabindex="0" class="all">A game</div></main>`;
  const head = "<style>.all { position: fixed; inset: 0 }</style>";
  const widget = await openMade(world, declined.customer, { body, head });
  const { page } = widget;
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  const top = () => widget.part("banner").evaluate((it) => it.getBoundingClientRect().top);
  const before = await top();
  await page.locator(".all").focus();
  await page.locator("body").press("Tab");
  await page.locator(".all").focus();
  expect(await top()).toBe(before);
  await expect(widget.root).not.toHaveAttribute("data-edge");
  await world.expectUnpaid(declined);
});
