/** Pictures of the widget in both products: phone width, dark, and every language. */
import { join } from "node:path";
import { openHost, openPanel, payWith, showScreen } from "./customer.mjs";

const DESK = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 640 };
const AMOUNT_MINOR = 1900;

const SCENES = [
  { name: "saas-dark", size: DESK, view: { path: "/saas", theme: "dark" } },
  { name: "saas-phone", size: PHONE, view: { path: "/saas" } },
  { name: "saas-phone-dark", size: PHONE, view: { path: "/saas", theme: "dark" } },
  { name: "saas-narrow-de", size: NARROW, view: { path: "/saas", lang: "de" } },
  { name: "saas-de", size: DESK, view: { path: "/saas", lang: "de" } },
  { name: "saas-ar", size: DESK, view: { path: "/saas", lang: "ar" } },
  { name: "saas-phone-ar", size: PHONE, view: { path: "/saas", lang: "ar" } },
  { name: "saas-ja", size: DESK, view: { path: "/saas", lang: "ja" } },
  { name: "game-phone", size: PHONE, view: { path: "/game" } },
  { name: "game-de", size: DESK, view: { path: "/game", lang: "de" } },
  { name: "game-phone-ar", size: PHONE, view: { path: "/game", lang: "ar" } },
  { name: "game-ja", size: DESK, view: { path: "/game", lang: "ja" } },
];

function newContext(browser, { size, view }) {
  const colorScheme = view.theme === "dark" ? "dark" : "light";
  return browser.newContext({ viewport: size, colorScheme, locale: view.lang ?? "en" });
}

/** Takes `<name>-1-banner.png` and `<name>-2-panel.png`; nobody pays. */
async function takeScene(browser, stack, out, customer, scene) {
  const context = await newContext(browser, scene);
  const page = await openHost(context, stack, customer, scene.view);
  await showScreen(page, "banner");
  await page.screenshot({ path: join(out, `${scene.name}-1-banner.png`) });
  await openPanel(page);
  await page.screenshot({ path: join(out, `${scene.name}-2-panel.png`) });
  await context.close();
}

/** The game, from the banner to success. */
async function takeGame(browser, stack, out, provider) {
  const { customer } = await provider.declinedRenewal("9995", AMOUNT_MINOR, "Moonlight Pass");
  const view = { path: "/game" };
  const context = await newContext(browser, { size: DESK, view });
  const page = await openHost(context, stack, customer, view);
  await showScreen(page, "banner");
  await page.screenshot({ path: join(out, "game-1-banner.png") });
  const onPanel = () => page.screenshot({ path: join(out, "game-2-panel.png") });
  await payWith(page, "4242424242424242", { onPanel });
  await showScreen(page, "recovered");
  await page.screenshot({ path: join(out, "game-3-recovered.png") });
  await context.close();
}

/** Takes every picture into `out`. */
export async function takeGallery(browser, stack, out, provider) {
  await takeGame(browser, stack, out, provider);
  const customers = {
    "/saas": await provider.declinedRenewal("0069", AMOUNT_MINOR, "Studio Pro"),
    "/game": await provider.declinedRenewal("0069", AMOUNT_MINOR, "Moonlight Pass"),
  };
  for (const scene of SCENES) {
    await takeScene(browser, stack, out, customers[scene.view.path].customer, scene);
  }
}
