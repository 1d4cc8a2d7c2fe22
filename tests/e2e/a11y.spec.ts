/** No WCAG A or AA violation on any screen of the main road, in both themes and both products. */
import { CARDS } from "./lib/widget.ts";
import { axeViolations, expect, test } from "./lib/world.ts";

for (const path of ["/saas", "/game"] as const) {
  for (const theme of ["light", "dark"] as const) {
    test(`banner, panel and success on ${path} in ${theme}`, async ({ world }) => {
      const declined = await world.newDeclinedCustomer();
      const page = await world.newPage();
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const widget = await world.openHost(declined.customer, { path, theme, page });
      await widget.expectScreen("banner");
      expect(await axeViolations(page, "html"), "banner").toEqual([]);
      await widget.openPanel();
      expect(await axeViolations(page, "reprieve-widget"), "panel").toEqual([]);
      await widget.fillCard(CARDS.works);
      await widget.primary.click();
      await widget.expectScreen("recovered");
      expect(await axeViolations(page, "reprieve-widget"), "recovered").toEqual([]);
      await world.expectPaidOnce(declined);
    });
  }
}

test("the whole road can be walked with the keyboard", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  const { page } = widget;
  await widget.expectScreen("banner");
  await widget.primary.focus();
  await page.keyboard.press("Enter");
  await widget.expectScreen("update");
  const number = widget.cardFrame().locator('input[autocomplete="cc-number"]');
  await expect(number).toBeVisible();

  // From wherever the panel put the focus, Tab must reach the card number.
  const inFrame = () => page.evaluate(() => document.activeElement?.tagName === "REPRIEVE-WIDGET");
  await expect.poll(inFrame, { message: "the panel takes the focus" }).toBe(true);
  await number.focus();
  await page.keyboard.type(CARDS.works);
  await page.keyboard.press("Tab");
  await page.keyboard.type("1234");
  await page.keyboard.press("Tab");
  await page.keyboard.type("123");
  await widget.primary.focus();
  await page.keyboard.press("Enter");
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("Escape leaves the panel and the banner remains", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.page.keyboard.press("Escape");
  await widget.expectScreen("banner");
  await world.expectUnpaid(declined);
});
