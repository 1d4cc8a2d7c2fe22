/**
 * Ten languages, three tones, the merchant's own words: which one is chosen, and that no text is
 * cut on a phone of 320 pixels, even where a language needs 40 % more room than English.
 *
 * Pictures of every screen lie below `test-results` afterwards, to be looked at.
 */
import type { Page } from "@playwright/test";
import { CancelDialog } from "./lib/cancel.ts";
import { overflows, speakPseudo } from "./lib/pseudo.ts";
import { atEveryStep } from "./lib/views.ts";
import type { Widget } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

const LANGUAGES = ["en", "de", "fr", "es", "pt", "pl", "tr", "ja", "ko", "ar"] as const;
const PHONE = { width: 320, height: 640 };

async function expectRoom(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
  expect(await overflows(page), name).toEqual([]);
}

async function expectRoomForAll(widget: Widget, name: string): Promise<void> {
  await widget.expectScreen("banner");
  await expectRoom(widget.page, `${name}-banner`);
  await widget.primary.click();
  await widget.expectScreen("update");
  await expectRoom(widget.page, `${name}-panel`);
}

for (const path of ["/saas", "/game"] as const) {
  test(`banner and panel on ${path} have room for longer words`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer();
    const page = await world.newPage();
    await page.setViewportSize(PHONE);
    await speakPseudo(page);
    const widget = await world.openHost(declined.customer, { path, page });
    await widget.expectScreen("banner");
    // The Worker's words come first; they are real ones.
    const shown = () => widget.root.innerText();
    await expect.poll(shown, { message: "the pseudo-language" }).toMatch(/^\[.*\]$/m);
    await expectRoomForAll(widget, `pseudo${path.replace("/", "-")}`);
    await world.expectUnpaid(declined);
  });
}

test("the dialog about leaving has room for longer words", async ({ world }) => {
  const customer = await world.sandbox.post("customers", { name: "Ada who leaves" });
  const page = await world.newPage();
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await speakPseudo(page);
  await world.openHost(customer.id, { page });
  const dialog = new CancelDialog(page);
  await atEveryStep(dialog, (step) => expectRoom(page, `pseudo-${step}`));
});

test("every language has room on a small phone", async ({ world }) => {
  test.slow();
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  await page.setViewportSize(PHONE);
  for (const lang of LANGUAGES) {
    const widget = await world.openHost(declined.customer, { page, lang });
    await widget.expectScreen("banner");
    await expect(widget.root).toHaveAttribute("lang", lang);
    await expectRoomForAll(widget, lang);
    const shown = await widget.root.innerText();
    // A sentence that is missing shows as its key: `panel.title`.
    expect(shown, lang).not.toMatch(/\b[a-z_]{3,}\.[a-z_.]{3,}\b|[{}]|NaN|undefined/);
  }
  await world.expectUnpaid(declined);
});

test("a tag finds its language, and one that we lack is passed over", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  // The host's page is in Polish; the browser speaks British English.
  const widget = await world.openHost(declined.customer, { lang: "pl" });
  const rows = [
    ["pt-PT", "pt"],
    ["ES-419", "es"],
    ["de_AT", "de"],
    ["kok", "pl"],
    ["zh-TW", "pl"],
  ] as const;
  for (const [tag, language] of rows) {
    await widget.element.evaluate((element, locale) => {
      element.setAttribute("locale", locale);
      (element as HTMLElement & { refresh(): void }).refresh();
    }, tag);
    await widget.expectScreen("banner");
    await expect(widget.root, tag).toHaveAttribute("lang", language);
  }
  await widget.element.evaluate((element) => {
    document.documentElement.lang = "xx";
    (element as HTMLElement & { refresh(): void }).refresh();
  });
  await expect(widget.root, "the browser's").toHaveAttribute("lang", "en");
  await world.expectUnpaid(declined);
});

test("own words take the place of ours, and cannot hide the amount", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  const warnings: string[] = [];
  widget.page.on("console", (message) => {
    if (message.type() === "warning") warnings.push(message.text());
  });
  await widget.expectScreen("banner");
  await widget.element.evaluate((element) => {
    const texts = {
      "banner.title": "<b>Your studio is safe</b>",
      "action.pay": "Just pay",
      "banner.titel": "Oh",
      "panel.title": 7,
      "leave.action.stay": "Go on",
    };
    Object.assign(element, { texts });
    (element as HTMLElement & { refresh(): void }).refresh();
  });
  await expect(widget.part("title")).toHaveText("<b>Your studio is safe</b>");
  await widget.primary.click();
  await widget.expectScreen("update");
  await expect(widget.primary).toHaveText(/^Save card and pay .*\d/);
  await expect(widget.part("title").last()).toHaveText("Update your card");
  expect(warnings.filter((text) => text.startsWith("reprieve: "))).toEqual([
    'reprieve: texts["action.pay"]: its {values} are not those of our text',
    'reprieve: texts["banner.titel"]: there is no such key',
    'reprieve: texts["panel.title"]: this is no text',
  ]);
  await world.expectUnpaid(declined);
});

test("the tone is an attribute, and a game has its own without one", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer, { path: "/game" });
  await widget.expectScreen("banner");
  await expect(widget.root).toContainText("Keep playing until");
  for (const [tone, words] of [
    ["b2b", "Your team keeps full access until"],
    ["consumer", "You keep full access until"],
  ] as const) {
    await widget.element.evaluate((element, value) => {
      element.setAttribute("tone", value);
      (element as HTMLElement & { refresh(): void }).refresh();
    }, tone);
    await expect(widget.root).toContainText(words);
  }
  await world.expectUnpaid(declined);
});
