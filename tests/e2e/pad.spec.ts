/**
 * Arrow keys and game pads, from the notice to the receipt: they walk in reading order, press what
 * can have been read, go back, and are the game's while there is no dialog of ours.
 */
import type { Page } from "@playwright/test";
import { CancelDialog } from "./lib/cancel.ts";
import { focusedName, plugIn, press, push, timesAsked } from "./lib/pad.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import { answerCancelCalls, cancellation } from "./lib/views.ts";
import { CARDS, type Widget } from "./lib/widget.ts";
import { axeViolations, expect, test, type World } from "./lib/world.ts";

/** More than the time in which a screen takes no press. */
const READ_MS = 500;
/** Longer than it takes until a held direction repeats, twice. */
const HELD_MS = 800;

async function openGame(world: World, lang = "en") {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  await plugIn(page);
  const widget = await world.openHost(declined.customer, { path: "/game", lang, page });
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  return { declined, page, widget };
}

const open = (page: Page, what: string) =>
  page.evaluate((aim) => (window as any).reprieve("open", aim), what);

async function openForm(widget: Widget): Promise<void> {
  await open(widget.page, "update");
  await widget.expectScreen("update");
  await expect(widget.cardFrame().locator('input[autocomplete="cc-number"]')).toBeVisible();
}

test("with a pad from the notice to the receipt, and back out of the form", async ({ world }) => {
  const { declined, page, widget } = await openGame(world);
  // While there is only the notice the pad is the game's, and nobody looks at it.
  for (const button of ["a", "down", "b"] as const) await press(page, button);
  expect(await timesAsked(page)).toBe(0);
  await widget.expectScreen("banner");

  await openForm(widget);
  await press(page, "b");
  await widget.expectScreen("banner");
  const asked = await timesAsked(page);
  await page.waitForTimeout(READ_MS);
  expect(await timesAsked(page), "asked for pads after the form was closed").toBe(asked);

  await openForm(widget);
  const order: string[] = [];
  for (let at = 0; at < 6; at += 1) {
    await press(page, "down");
    order.push(await focusedName(page));
  }
  expect(order).toEqual(["dismiss", "iframe", "secondary", "primary", "cancel", "question"]);
  await push(page, 0, -1);
  expect(await focusedName(page)).toBe("cancel");
  await push(page, 0, -0.3);
  expect(await focusedName(page), "within the dead zone").toBe("cancel");
  await push(page, -1, 0);
  expect(await focusedName(page)).toBe("primary");
  // Held, it goes on by itself.
  await press(page, "up", HELD_MS);
  expect(["dismiss", "iframe"]).toContain(await focusedName(page));
  expect(await axeViolations(page, "reprieve-widget")).toEqual([]);

  // A card is typed: its fields are another page's, and a pad has no digits.
  await widget.cardFrame().locator('input[autocomplete="cc-number"]').focus();
  await page.keyboard.type(CARDS.works);
  await page.keyboard.press("Tab");
  await page.keyboard.type("1234");
  await page.keyboard.press("Tab");
  await page.keyboard.type("123");
  expect(await focusedName(page)).toBe("iframe");
  await press(page, "down");
  await press(page, "right");
  expect(await focusedName(page)).toBe("primary");
  // The next screen is not pressed away by a press that nobody meant for it.
  await page.evaluate(() => {
    addEventListener("reprieve:shown", ({ detail }: any) => {
      if (detail.screen !== "recovered") return;
      const [button] = (window as any).padOfTest.buttons;
      button.pressed = true;
      setTimeout(() => (button.pressed = false), 200);
    });
  });
  await press(page, "a");
  await widget.expectScreen("recovered");
  await page.waitForTimeout(READ_MS);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  expect(await focusedName(page)).toBe("primary");
  await press(page, "a");
  await widget.expectNothing();
});

test("with a pad through the dialog about leaving, a step back, and out", async ({ world }) => {
  const { customer } = await newSubscriber(world);
  const page = await world.newPage();
  await plugIn(page);
  await answerCancelCalls(page, cancellation("survey", "elsewhere"));
  await world.openHost(customer, { path: "/game", page });
  await page.waitForFunction(() => customElements.get("reprieve-widget") !== undefined);
  await open(page, "cancel");
  const dialog = new CancelDialog(page);
  await dialog.expectScreen("survey");
  const option = dialog.dialog.locator("input[type=radio]");
  const isFirst = () => option.first().evaluate((it) => it.matches(":focus"));
  for (let at = 0; at < 8 && !(await isFirst()); at += 1) await press(page, "down");
  await press(page, "down");
  await expect(option.nth(1)).toBeFocused();
  await expect(option.nth(1)).not.toBeChecked();
  await page.waitForTimeout(READ_MS);
  await press(page, "a");
  await expect(option.nth(1)).toBeChecked();

  await answerCancelCalls(page, cancellation("feedback", "elsewhere"));
  await dialog.dialog.locator("[part~=choice]").first().focus();
  await press(page, "a");
  await dialog.expectScreen("feedback");
  await answerCancelCalls(page, cancellation("survey", "elsewhere"));
  await page.waitForTimeout(READ_MS);
  await press(page, "b");
  await dialog.expectScreen("survey");
  await page.waitForTimeout(READ_MS);
  await press(page, "b");
  await expect(dialog.dialog).toHaveCount(0);
});

/** A key that the test's keyboard does not have, from where the focus is. */
const remote = (page: Page, key: string, keyCode = 0) =>
  page.evaluate(
    ([name, code]) => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      const options = { key: name, keyCode: code, bubbles: true, composed: true, cancelable: true };
      at!.dispatchEvent(new KeyboardEvent("keydown", options as KeyboardEventInit));
    },
    [key, keyCode] as const,
  );

for (const [lang, forward, backward] of [
  ["en", "ArrowRight", "ArrowLeft"],
  ["ar", "ArrowLeft", "ArrowRight"],
] as const) {
  test(`arrows walk in reading order in ${lang}, and remotes go back`, async ({ world }) => {
    const { declined, page, widget } = await openGame(world, lang);
    await openForm(widget);
    const walk = async (...keys: string[]) => {
      const order: string[] = [];
      for (const key of keys) {
        await page.keyboard.press(key);
        order.push(await focusedName(page));
      }
      return order;
    };
    // Not into the provider's frame, where no arrow leads out again; Tab goes there.
    const on = ["ArrowDown", "ArrowDown", forward, forward, "ArrowDown", "ArrowDown"];
    expect(await walk(...on)).toEqual(
      ["dismiss", "secondary", "primary", "cancel", "question", "question"],
    );
    expect(await walk(backward, "ArrowUp", "ArrowUp", backward)).toEqual(
      ["cancel", "primary", "secondary", "dismiss"],
    );
    await page.keyboard.press("Tab");
    expect(await focusedName(page)).toBe("iframe");
    for (const [key, code] of [["GoBack"], ["BrowserBack"], ["", 10009], ["", 461]] as const) {
      await page.waitForTimeout(READ_MS);
      await widget.part("dismiss").last().focus();
      await remote(page, key, code);
      await widget.expectScreen("banner");
      if (code !== 461) await openForm(widget);
    }
    // In mid-game none of that is heard.
    await page.locator("canvas").focus();
    await page.keyboard.press("ArrowDown");
    expect(await focusedName(page)).toBe("canvas");
    await world.expectUnpaid(declined);
  });
}

test("what arrows do in a list, in a text and among choices stays", async ({ world }) => {
  const { declined, page } = await openGame(world);
  await open(page, "question");
  const question = page.locator('reprieve-widget [data-reprieve-dialog="question"] dialog');
  const [list, area] = [question.locator("select"), question.locator("textarea")];
  await expect(list).toBeVisible();
  await list.focus();
  const before = await list.inputValue();
  await page.keyboard.press("ArrowUp");
  expect(await list.inputValue()).not.toBe(before);
  await expect(list).toBeFocused();
  // At the end of the list the arrow leads out of it.
  for (let at = 0; at < 8; at += 1) {
    if (await area.evaluate((it) => it.matches(":focus"))) break;
    await page.keyboard.press("ArrowDown");
  }
  await expect(area).toBeFocused();
  await page.keyboard.type("Two words");
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight"]) await page.keyboard.press(key);
  await expect(area).toBeFocused();
  expect(await area.evaluate((it) => (it as HTMLTextAreaElement).selectionStart)).toBe(8);
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowDown");
  await expect(question.locator("[part~=choice]")).toBeFocused();
  // With a pad, left and right change the list.
  await list.focus();
  const chosen = await list.inputValue();
  await press(page, "left");
  expect(await list.inputValue()).not.toBe(chosen);
  await press(page, "down");
  await expect(area).toBeFocused();
  await press(page, "a");
  await expect(area).toBeFocused();
  await press(page, "b");
  await expect(question).toHaveCount(0);
  await world.expectUnpaid(declined);
});
