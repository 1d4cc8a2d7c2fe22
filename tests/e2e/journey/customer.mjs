/** The customer's hands: opens a host page, reads the widget's screens, types a card. */

const SCREEN_TIMEOUT_MS = 30_000;

/** @param {{path: string, lang?: string, theme?: string}} view */
export async function openHost(context, stack, customer, view) {
  const { path, ...rest } = view;
  const page = await context.newPage();
  await page.goto(`${stack.host}${path}?${new URLSearchParams({ customer, ...rest })}`);
  return page;
}

/** Waits until the widget shows this screen, and until it has stopped moving. */
export async function showScreen(page, screen) {
  const root = page.locator(`reprieve-widget [data-screen="${screen}"]`);
  // The container has no size of its own while all there is to see is the dialog above the page.
  await root.locator('[part~="title"]').last().waitFor({ timeout: SCREEN_TIMEOUT_MS });
  await root.evaluate(async (node) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const moving = node.getRootNode().getAnimations();
    const ending = moving.filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

function primary(page) {
  return page.locator('reprieve-widget [part~="primary"]');
}

/** From the banner to the card form, with the provider's fields in it. */
export async function openPanel(page) {
  await showScreen(page, "banner");
  await primary(page).click();
  await showScreen(page, "update");
  const frame = page.locator('reprieve-widget [slot="provider-fields"] iframe').first();
  const fields = frame.contentFrame();
  await fields.locator('input[autocomplete="cc-number"]').waitFor({ timeout: SCREEN_TIMEOUT_MS });
  return fields;
}

/** @param {{onPanel?: () => Promise<unknown>, onFilled?: () => Promise<unknown>}} steps */
export async function payWith(page, number, steps = {}) {
  const fields = await openPanel(page);
  await steps.onPanel?.();
  await fields.locator('input[autocomplete="cc-number"]').fill(number);
  await fields.locator('input[autocomplete="cc-exp"]').fill("12 / 34");
  await fields.locator('input[autocomplete="cc-csc"]').fill("123");
  await steps.onFilled?.();
  await primary(page).click();
}
