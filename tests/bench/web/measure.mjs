/**
 * How soon a customer sees the banner, beside a Preact and a React banner of the same function.
 *
 * Usage: node measure.mjs DIST FOLDER RUNS. Writes the medians to FOLDER/page.json and every run to
 * FOLDER/page.html. One run opens every variant once, in turn and with nothing cached, in a phone's
 * width on a slow network and a slow processor, so that whatever else the machine does falls on all
 * of them alike.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chromium } from "playwright";
import { medians, reportOf } from "./report.mjs";
import { serve, VARIANTS } from "./server.mjs";

const LATENCY_MS = 150;
const BYTES_PER_S = (1.6 * 1024 * 1024) / 8;
const CPU_SLOWDOWN = 4;
const VISIBLE_LIMIT_MS = 60_000;
/** After this nothing of a start is left over that a press would have to wait for. */
const SETTLED_MS = 2_500;
const TITLE = "Your last payment";
const SCREEN = { width: 390, height: 844 };
/** Where the recorded answer was asked for. */
const ZONE = "Europe/Berlin";
/** An answer of the edge to a customer whose card expired: what every widget needs, and for ours
 * the banner as the edge paints it (`first-paint.spec.ts` compares it with a living one). */
const STATUS = await read("./status.json");
const BANNER = await read("./banner.json");
const STYLE = await readFile(new URL("../../../widget/style/notice.css", import.meta.url), "utf8");

const [dist, folder, runs] = process.argv.slice(2);
const { origin, sent, close } = await serve(resolve(dist), {
  "/v1/status": (name) => (name === "reprieve" ? { ...STATUS, banner: painted() } : STATUS),
});
const browser = await chromium.launch({
  executablePath: process.env.REPRIEVE_CHROMIUM || undefined,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
});

const results = Object.fromEntries(VARIANTS.map((name) => [name, []]));
for (let run = 1; run <= Number(runs); run += 1) {
  for (const name of VARIANTS) {
    results[name].push(await once(name));
    console.error(`run ${run} of ${runs}: ${name}`);
  }
}
await browser.close();
await close();
await writeFile(join(folder, "page.json"), JSON.stringify(medians(results)));
await writeFile(join(folder, "page.html"), reportOf(results));

async function read(name) {
  return JSON.parse(await readFile(new URL(name, import.meta.url), "utf8"));
}

/** As `edge/src/painting.rs` does it. */
function painted() {
  const style = STYLE.replace(/\/\*.*?\*\//gs, "").split(/\s+/).join(" ").trim();
  return { style, ...BANNER };
}

async function once(name) {
  sent.clear();
  const context = await browser.newContext({
    viewport: SCREEN,
    deviceScaleFactor: 2,
    timezoneId: ZONE,
  });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_S,
      uploadThroughput: BYTES_PER_S,
    });
    await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
    await page.addInitScript(watch, TITLE);
    await page.goto(`${origin}/${name}`);
    const isWidget = name !== "none";
    if (isWidget) {
      await page.waitForFunction(() => window.seen.visible_ms, null, { timeout: VISIBLE_LIMIT_MS });
    }
    await page.waitForTimeout(SETTLED_MS);
    const before = await page.evaluate(() => window.seen);
    const sentBytes = sum([...sent.entries()], name);
    if (isWidget) await press(page);
    const { press_ms } = await page.evaluate(() => window.seen);
    return { ...before, press_ms, sent_bytes: sentBytes };
  } finally {
    await context.close();
  }
}

/** What travelled for the widget: all but the page itself. */
function sum(entries, name) {
  const own = entries.filter(([path]) => path !== `/${name}`);
  return own.reduce((bytes, [, more]) => bytes + more, 0);
}

/** The main button; what comes to be on the screen after it is not what is timed here. */
async function press(page) {
  await page.locator("reprieve-widget, peer-widget").locator(".primary").first().click();
  await page.waitForTimeout(SETTLED_MS);
}

/** Runs in the page before anything else of it. */
function watch(title) {
  const seen = { visible_ms: 0, blocked_ms: 0, largest_paint_ms: 0, shift: 0, press_ms: 0 };
  window.seen = seen;
  const observe = (type, take, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
      ...options,
    });
  observe("longtask", ({ duration }) => {
    seen.blocked_ms += Math.max(0, duration - 50);
  });
  observe("largest-contentful-paint", ({ startTime }) => {
    seen.largest_paint_ms = startTime;
  });
  observe("layout-shift", ({ value, hadRecentInput }) => {
    if (!hadRecentInput) seen.shift += value;
  });
  const press = ({ interactionId, duration }) => {
    if (interactionId) seen.press_ms = Math.max(seen.press_ms, duration);
  };
  observe("event", press, { durationThreshold: 16 });
  const look = () => {
    const element = document.querySelector("reprieve-widget, peer-widget");
    const root = element?.shadowRoot;
    const texts = root ? [...root.querySelectorAll("p, h2")] : [];
    const shown = texts.some(
      (node) => node.textContent.startsWith(title) && node.getBoundingClientRect().height > 0,
    );
    // The frame in which it stands is painted after this callback, so the next one has seen it.
    if (shown) requestAnimationFrame((now) => (seen.visible_ms = now));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
