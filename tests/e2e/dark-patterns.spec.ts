/**
 * Reads every screen about leaving, under the law of every place, in every language, light and
 * dark, as wide as a phone: who leaves and who stays press buttons of the same size, weight and
 * contrast; nothing is picked beforehand, nothing ticks, nobody is shamed; there is always a way
 * back, out, and to a person.
 */
import { CancelDialog } from "./lib/cancel.ts";
import { expectFair, LANGUAGES, type Language, PHONE } from "./lib/fairness.ts";
import {
  answerCancelCalls,
  atEveryStep,
  cancellation,
  JURISDICTIONS,
  OFFERS,
  STEPS,
  subscription,
} from "./lib/views.ts";
import { axeViolations, expect, test, type World } from "./lib/world.ts";

async function openAt(world: World, language: Language, theme: "light" | "dark") {
  const customer = await world.sandbox.post("customers", { name: "Ada who leaves" });
  const page = await world.newPage();
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await world.openHost(customer.id, { page, lang: language, theme });
  return page;
}

for (const language of LANGUAGES) {
  // A theme changes colours, whatever is written in them: one language of each direction is enough.
  const inTheDark = language === "en" || language === "ar";
  for (const theme of inTheDark ? (["light", "dark"] as const) : (["light"] as const)) {
    test(`every screen in ${language}, ${theme}`, async ({ world }) => {
      test.slow();
      const page = await openAt(world, language, theme);
      const dialog = new CancelDialog(page);
      // Laws change words and screens, and no colours.
      const laws = theme === "light" ? JURISDICTIONS : (["de", "elsewhere"] as const);
      for (const jurisdiction of laws) {
        const there = jurisdiction === "de" ? (["confirm", "done", "kept"] as const) : STEPS;
        for (const step of there) {
          const where = `${step} in ${jurisdiction}`;
          const offers = step === "offer" ? [OFFERS.pause, OFFERS.discount] : [];
          await answerCancelCalls(page, cancellation(step, jurisdiction, { offers }));
          await dialog.open();
          await dialog.expectScreen(step);
          await expectFair(page, step, language, where);
          await dialog.close();
        }
      }
    });
  }

  test(`every kind of offer in ${language}`, async ({ world }) => {
    const page = await openAt(world, language, "light");
    const dialog = new CancelDialog(page);
    for (const [kind, offer] of Object.entries(OFFERS)) {
      await answerCancelCalls(page, cancellation("offer", "kr", { offers: [offer] }));
      await dialog.open();
      await dialog.expectScreen("offer");
      // The way out, what is offered, and to stay without it: nothing more, nothing twice.
      await expect(dialog.choices, kind).toHaveCount(3);
      await expectFair(page, "offer", language, kind);
      await dialog.close();
    }
  });

  test(`no WCAG violation on any screen in ${language}`, async ({ world }) => {
    const page = await openAt(world, language, language === "ar" ? "dark" : "light");
    const dialog = new CancelDialog(page);
    const look = async (step: string) =>
      expect(await axeViolations(page, "reprieve-widget"), step).toEqual([]);
    await atEveryStep(dialog, look, [OFFERS.pause, OFFERS.contact]);
    const pause = {
      state: "paused",
      access_until_ms: null,
      resumes_at_ms: Date.UTC(2027, 0, 5),
      first_charge_at_ms: null,
      can_extend: true,
    };
    const subscriptions = [subscription("sub_1"), subscription("sub_2", { pause })];
    await answerCancelCalls(page, { subscriptions, server_time_ms: 0 });
    await dialog.open("manage");
    await dialog.expectScreen("manage");
    expect(await axeViolations(page, "reprieve-widget"), "manage").toEqual([]);
    await dialog.close();
  });
}

test("in Germany the buttons are called as the law calls them", async ({ world }) => {
  const page = await openAt(world, "de", "light");
  const dialog = new CancelDialog(page);
  await expect(page.locator('main [data-reprieve="cancel"]')).toHaveText("Verträge hier kündigen");
  await answerCancelCalls(page, cancellation("confirm", "de"));
  await dialog.open();
  await expect(dialog.wayOut).toHaveText("jetzt kündigen");
  // Both kinds of termination can be declared (§ 312k (2) BGB).
  await expect(dialog.dialog.getByText("aus wichtigem Grund")).toBeVisible();
});

test("the keyboard is enough, and Escape gives it back to the page", async ({ world }) => {
  const page = await openAt(world, "en", "light");
  const dialog = new CancelDialog(page);
  await answerCancelCalls(page, cancellation("survey", "elsewhere"));
  const entry = page.locator('main [data-reprieve="cancel"]');
  await page.waitForFunction(() => customElements.get("reprieve-widget") !== undefined);
  await entry.focus();
  await page.keyboard.press("Enter");
  await dialog.expectScreen("survey");
  const picked = dialog.dialog.locator("input:checked");
  await expect(picked, "nothing is picked beforehand").toHaveCount(0);
  // The heading has the focus; after it come the cross and the first reason.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await dialog.read();
  await page.keyboard.press("Space");
  await expect(picked).toHaveCount(1);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push(request.postData() ?? "");
  });
  await answerCancelCalls(page, cancellation("confirm", "elsewhere"));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await dialog.read();
  await page.keyboard.press("Enter");
  await dialog.expectScreen("confirm");
  expect(sent.at(-1)).toContain('"reason":"too_expensive"');
  await dialog.close();
  await expect(entry).toBeFocused();
});
