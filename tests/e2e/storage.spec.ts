/** A browser that blocks third-party storage, on a page where touching storage throws. */
import config from "./playwright.config.ts";
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

const launch = config.use!.launchOptions!;

test.use({
  launchOptions: {
    ...launch,
    args: [...launch.args!, "--block-third-party-cookies", "--test-third-party-cookie-phaseout"],
  },
});

test("a page that blocks storage still recovers", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  // Runs in every frame, the provider's too.
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("storage is blocked", "SecurityError");
        },
      });
    }
    Object.defineProperty(Document.prototype, "cookie", {
      get: () => "",
      set() {
        throw new DOMException("storage is blocked", "SecurityError");
      },
    });
  });
  const widget = await world.openHost(declined.customer, { page });
  await expect(page.evaluate(() => typeof window.localStorage)).rejects.toThrow(/blocked/);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a banner can be dismissed where nothing can be remembered", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("storage is blocked", "SecurityError");
      },
    });
  });
  const widget = await world.openHost(declined.customer, { page });
  await widget.expectScreen("banner");
  await widget.part("dismiss").click();
  await widget.expectNothing();
  await page.reload();
  await widget.expectScreen("banner");
  await world.expectUnpaid(declined);
});
