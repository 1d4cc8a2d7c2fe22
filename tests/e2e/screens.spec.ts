/**
 * Every screen in four languages, light, dark and in forced colours, on a phone, a tablet and a
 * desk: nothing is cut off, nobody is kept out (WCAG 2.2 A and AA), and it is the same screen
 * everywhere, as a screen reader reads it. With `REPRIEVE_PICTURES=folder` the pictures are kept.
 */
import type { Page } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CancelDialog } from "./lib/cancel.ts";
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import { overflows } from "./lib/pseudo.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import { atEveryStep, CORS } from "./lib/views.ts";
import { CARDS, type Widget } from "./lib/widget.ts";
import { axeViolations, expect, type World } from "./lib/world.ts";

const WIDTHS = [320, 768, 1280];
const HEIGHT = 800;
const MEDIA = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  forced: { colorScheme: "light", forcedColors: "active" },
} as const;
/** Two left to right, of long and of short words; one right to left; one without spaces. */
const LANGUAGES = ["en", "de", "ar", "ja"] as const;
type Language = (typeof LANGUAGES)[number];

const BODY = `<main><h1>Host</h1>
  <button data-reprieve="cancel">A</button> <button data-reprieve="manage">B</button>
  <button data-reprieve="question">C</button></main>`;

async function open(world: World, customer: string, lang: Language, page?: Page) {
  const script = `data-token-url="${tokenUrl(customer)}" data-locale="${lang}"`;
  return openMade(world, customer, { body: BODY, script }, page);
}

function picture(name: string): string {
  const folder = process.env.REPRIEVE_PICTURES ?? test.info().outputDir;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}

/** Looks at what is shown now, in every theme and width. */
async function look(page: Page, lang: Language, screen: string): Promise<void> {
  let structure: string | undefined;
  for (const [theme, media] of Object.entries(MEDIA)) {
    await page.emulateMedia({ ...media, reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      const where = `${screen}-${lang}-${theme}-${width}`;
      await page.screenshot({ path: picture(where) });
      expect(await overflows(page), where).toEqual([]);
      expect(await axeViolations(page, "reprieve-widget"), where).toEqual([]);
      const read = await page.locator("reprieve-widget").ariaSnapshot();
      structure ??= read;
      expect(read, where).toBe(structure);
    }
  }
}

/** The panel's next call goes wrong. */
async function failNext(widget: Widget, status: number, code: string): Promise<void> {
  const error = { status, code, message: "Made by a test.", request_id: "req_1234567890" };
  await widget.page.route("**/v1/payment-methods*", (route) =>
    route.fulfill({ status, headers: CORS, json: { error } }),
  );
}

for (const lang of LANGUAGES) {
  test(`the notice and the form for a card in ${lang}`, async ({ world }) => {
    test.slow();
    const three = { card: "9995", subscriptions: 3 } as const;
    const declined = await world.newDeclinedCustomer(three);
    world.expectConsole(/status of (401|500)|ERR_FAILED/);
    const widget = await open(world, declined.customer, lang);
    const { page } = widget;
    await widget.expectScreen("banner");
    await expect(widget.root).toHaveAttribute("data-place", "inline");
    await look(page, lang, "banner");
    await widget.openPanel();
    await look(page, lang, "update");
    await page.keyboard.press("Escape");
    await widget.expectScreen("banner");

    const failures = [
      ["error", 500, "internal"],
      ["session_expired", 401, "token_expired"],
    ] as const;
    for (const [screen, status, code] of failures) {
      await failNext(widget, status, code);
      await widget.primary.click();
      await widget.expectScreen(screen);
      await look(page, lang, screen);
      await page.unroute("**/v1/payment-methods*");
      await page.keyboard.press("Escape");
      await widget.expectScreen("banner");
    }

    await widget.payWith(CARDS.works);
    await widget.expectScreen("recovered");
    await look(page, lang, "recovered");
    await world.expectPaidOnce(declined);
  });

  test(`states that a status can have in ${lang}`, async ({ world }) => {
    test.slow();
    const declined = await world.newDeclinedCustomer({ card: "3184" });
    const page = await world.newPage();
    let change: object = {};
    await page.route("**/v1/status", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), ...change } });
    });
    const card_news = {
      kind: "expires_soon",
      method: { brand: "visa", last4: "4242" },
      expires_at_ms: Date.UTC(2027, 0, 1),
    };
    const states = {
      restricted: { access: "restricted", grace_ends_at_ms: null },
      pending: { state: "pending", banner: null },
      news: { state: "clear", invoices: [], amount_due: null, card_news },
    };
    for (const [name, state] of Object.entries(states)) {
      change = state;
      const widget = await open(world, declined.customer, lang, page);
      await expect(widget.root).toHaveAttribute("data-place", "inline");
      await expect(widget.part("title")).toBeVisible();
      await look(page, lang, name);
    }
    change = {};
    await page.unroute("**/v1/status");
    const widget = await open(world, declined.customer, lang, page);
    await widget.openConfirmation();
    await look(page, lang, "confirm");
    await world.expectUnpaid(declined);
  });

  test(`leaving, and asking a person, in ${lang}`, async ({ world }) => {
    test.slow();
    const { customer } = await newSubscriber(world);
    const widget = await open(world, customer, lang);
    const { page } = widget;
    const dialog = new CancelDialog(page);
    await atEveryStep(dialog, (step) => look(page, lang, `leaving-${step}`));
    await page.locator('main [data-reprieve="question"]').click();
    const question = page.locator('reprieve-widget [data-reprieve-dialog="question"] dialog');
    await expect(question.locator("h2")).toBeFocused();
    await look(page, lang, "question");
  });
}
