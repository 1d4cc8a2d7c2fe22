/**
 * The same of the hosted page, which customers reach from a mail without a login: its way out
 * stands on every view, and its screens about leaving are as fair as those in the merchant's
 * product.
 */
import type { Browser, Page } from "@playwright/test";
import { CancelDialog } from "./lib/cancel.ts";
import { expectFair, LANGUAGES, type Language, PHONE, pushing } from "./lib/fairness.ts";
import { HostedPage, Links, openLink, type View } from "./lib/links.ts";
import { answerCancelCalls, cancellation, JURISDICTIONS, OFFERS, STEPS } from "./lib/views.ts";
import { expect, test, type World } from "./lib/world.ts";

/** A link's page on a phone whose owner reads this language. */
async function withPage(
  world: World,
  browser: Browser,
  language: Language,
  look: (hosted: HostedPage) => Promise<void>,
): Promise<void> {
  const customer = await world.sandbox.post("customers", { name: "Ada who leaves" });
  const link = await new Links(world.info).makeOne({ customer: customer.id });
  const options = { locale: language, viewport: PHONE, reducedMotion: "reduce" } as const;
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    world.watch(page);
    // Each dialog asks for a token of its own, and here they are opened faster than people can:
    // the first answer serves for all, so that nobody is slowed down for it.
    let session: object | undefined;
    await page.route(/\/p\/[\w-]+\/session$/, async (route) => {
      session ??= await (await route.fetch()).json();
      await route.fulfill({ json: session });
    });
    await look(await openLink(world, link, page));
  } finally {
    await context.close();
  }
}

async function openScreen(page: Page, dialog: CancelDialog): Promise<void> {
  await page.locator("[data-cancel]").click();
  await expect(dialog.dialog).toBeVisible({ timeout: 60_000 });
}

for (const language of LANGUAGES) {
  test(`every screen on the hosted page in ${language}`, async ({ world, browser }) => {
    test.slow();
    await withPage(world, browser, language, async ({ page }) => {
      const dialog = new CancelDialog(page);
      // Words differ by law; English is read under every law, the others under the two extremes.
      const laws = language === "en" ? JURISDICTIONS : (["de", "elsewhere"] as const);
      for (const jurisdiction of laws) {
        const there = jurisdiction === "de" ? (["confirm", "done", "kept"] as const) : STEPS;
        for (const step of there) {
          const offers = step === "offer" ? [OFFERS.pause, OFFERS.discount] : [];
          await answerCancelCalls(page, cancellation(step, jurisdiction, { offers }));
          await openScreen(page, dialog);
          await dialog.expectScreen(step);
          const where = `${step} in ${jurisdiction}, hosted`;
          // The Worker knows no address of a person yet: on its own page there is no such link.
          await expectFair(page, step, language, where);
          await dialog.close();
        }
      }
    });
  });

  test(`the way out stands on every view of the page in ${language}`, async ({
    world,
    browser,
  }) => {
    await withPage(world, browser, language, async ({ page }) => {
      const button = page.locator("[data-cancel]");
      const views: View[] = ["start", "widget", "clear", "days", "closed", "failed"];
      for (const view of views) {
        await page.evaluate((shown) => {
          for (const section of document.querySelectorAll<HTMLElement>("section[data-view]")) {
            section.hidden = section.dataset.view !== shown;
          }
        }, view);
        await expect(button, view).toBeInViewport({ ratio: 1 });
        await expect(button, view).toBeEnabled();
        const box = (await button.boundingBox())!;
        expect(box.height, `${view}: as large as a finger`).toBeGreaterThanOrEqual(44);
        // The rest of the page is about the payment; of leaving it says this and no more.
        expect(pushing(await button.innerText(), language), view).toEqual([]);
      }
    });
  });
}
