/**
 * From a sofa to the phone: on a television set the form shows a QR code that leads to the hosted
 * page, and notices what came of it there. What is decoded is what is seen. With
 * `REPRIEVE_PICTURES=folder` the pictures are kept.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import decodeQR from "qr/decode.js";
import { documentedPolicy, openMade, test, tokenUrl } from "./lib/embed.ts";
import { PHONE } from "./lib/fairness.ts";
import { comeFromElsewhere, onAnotherDevice, openLink, OWN_LINK } from "./lib/links.ts";
import { BLOCKED } from "./lib/network.ts";
import { overflows } from "./lib/pseudo.ts";
import { CARDS, type Widget } from "./lib/widget.ts";
import { axeViolations, expect, type World } from "./lib/world.ts";

const SETS = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];
/** How often the widget reads the status while it shows a code, and a little more. */
const POLL_MS = 8_000;
const POLLED_MS = POLL_MS + 2_000;
const SHOWN_MS = 14 * 60_000;
/** Of the picture's width: a foot on a set of 43 to 55 inches, which is read from ten feet. */
const CODE_SHARE_MIN = 0.2;
const SECRET = /\/p\/[\w-]{43}/;

interface Opened {
  lang?: string;
  attributes?: string;
  csp?: string;
  page?: Page;
}

/** A host page on a television set, and what it asks the Worker for. */
async function openSet(world: World, { lang = "en", csp, ...more }: Opened = {}) {
  const declined = await world.newDeclinedCustomer();
  const page = more.page ?? (await world.newPage());
  await page.setViewportSize(SETS[0]!);
  await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "dark" });
  if (more.page === undefined) await comeFromElsewhere(page, OWN_LINK);
  const calls: string[] = [];
  page.on("request", (it) => {
    if (it.url().startsWith(world.info.edge) && it.method() !== "OPTIONS")
      calls.push(`${it.method()} ${new URL(it.url()).pathname}`);
  });
  const layout = more.attributes ?? 'data-layout="tv"';
  const script = `data-token-url="${tokenUrl(declined.customer)}" data-locale="${lang}" ${layout}`;
  const widget = await openMade(world, declined.customer, { script, csp }, page);
  await widget.expectScreen("banner");
  return { declined, page, widget, calls };
}

const codeOf = (widget: Widget): Locator => widget.element.locator(".panel .phone svg");

/** What a camera reads off the screen. */
async function read(code: Locator): Promise<string> {
  const png = (await code.screenshot()).toString("base64");
  const page = await code.page().context().newPage();
  try {
    const { width, height, pixels } = await page.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const pen = canvas.getContext("2d")!;
      pen.drawImage(image, 0, 0);
      const { data, width, height } = pen.getImageData(0, 0, image.width, image.height);
      return { width, height, pixels: [...data] };
    }, png);
    return decodeQR({ width, height, data: Uint8Array.from(pixels) });
  } finally {
    await page.close();
  }
}

async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.REPRIEVE_PICTURES ?? test.info().outputDir;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `phone-${name}.png`) });
}

for (const lang of ["en", "ar", "ja"]) {
  test(`a television set shows the way to a phone in ${lang}`, async ({ world }) => {
    const { declined, page, widget } = await openSet(world, { lang });
    const answer = page.waitForResponse((it) => it.url().endsWith("/v1/page"));
    await widget.openPanel();
    const { url } = await (await answer).json();
    const code = codeOf(widget);
    for (const size of SETS) {
      await page.setViewportSize(size);
      await keepPicture(page, `${lang}-${size.width}`);
      await expect(code).toBeInViewport({ ratio: 1 });
      const { width, height } = (await code.boundingBox())!;
      expect(width).toBeCloseTo(height, 0);
      expect(width / size.width, `${size.width} wide`).toBeGreaterThanOrEqual(CODE_SHARE_MIN);
      expect(await read(code), `${size.width} wide`).toBe(url);
      expect(await overflows(page), `${size.width} wide`).toEqual([]);
      expect(await axeViolations(page, "reprieve-widget"), `${size.width} wide`).toEqual([]);
    }
    // Of high contrast sets, too: dark on white, or no camera reads it.
    await page.emulateMedia({ forcedColors: "active" });
    expect(await read(code), "forced colours").toBe(url);
    expect(await code.getAttribute("aria-label")).toContain("QR");
    await world.expectUnpaid(declined);
  });
}

test("paid on the phone: the set says so, and asks no more", async ({ world, browser }) => {
  const { declined, page, widget, calls } = await openSet(world);
  await widget.openPanel();
  const url = await read(codeOf(widget));
  expect(url).toMatch(SECRET);
  await onAnotherDevice(world, browser, async (phone) => {
    await phone.setViewportSize(PHONE);
    const link = { id: "", url, customer: "", mode: "widget", expires_at_ms: 0 } as const;
    const hosted = await openLink(world, link, phone);
    await hosted.proceed();
    await hosted.widget.payWith(CARDS.works);
    await hosted.widget.expectScreen("recovered");
  });
  await widget.expectScreen("recovered");
  await expect(widget.part("message").last()).toContainText("€19.00");
  expect(await widget.eventNames()).toContain("recovered");
  await keepPicture(page, "paid");
  expect(await axeViolations(page, "reprieve-widget")).toEqual([]);
  await world.expectPaidOnce(declined);
  const asked = calls.length;
  await page.waitForTimeout(POLLED_MS);
  expect(calls.slice(asked), "asked for after it was paid").toEqual([]);
  // The secret is on the screen and nowhere else.
  expect(calls.filter((call) => call.includes("/p/"))).toEqual([]);
  await widget.primary.click();
  await widget.expectNothing();
});

test("the code is nowhere but on the screen, and one link does for one stay", async ({ world }) => {
  const { declined, page, widget, calls } = await openSet(world);
  await widget.openPanel();
  const url = await read(codeOf(widget));
  const written = await page.evaluate(() => {
    const trees: Node[] = [document];
    let all = document.documentElement.outerHTML;
    for (const tree of trees) {
      for (const node of (tree as ParentNode).querySelectorAll("*")) {
        if (node.shadowRoot) {
          trees.push(node.shadowRoot);
          all += node.shadowRoot.innerHTML;
        }
      }
    }
    return all + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href;
  });
  expect(written).toContain('class="phone"');
  expect(written).not.toMatch(SECRET);

  const reads = () => calls.filter((call) => call === "GET /v1/status").length;
  const atFirst = reads();
  await page.waitForTimeout(POLLED_MS);
  expect(reads(), "read while the code is shown").toBe(atFirst + 1);
  await page.keyboard.press("Escape");
  await widget.expectScreen("banner");
  const closed = reads();
  await page.waitForTimeout(POLLED_MS);
  expect(reads(), "read after the form was closed").toBe(closed);
  await widget.openPanel();
  expect(await read(codeOf(widget))).toBe(url);
  expect(calls.filter((call) => call === "POST /v1/page")).toHaveLength(1);
  await world.expectUnpaid(declined);
});

test("a panel that had to be fetched twice has one code", async ({ world }) => {
  world.expectConsole(BLOCKED);
  const { declined, page, widget, calls } = await openSet(world);
  await page.route("**/split_panel.wasm", (route) => route.abort(), { times: 1 });
  await widget.primary.click();
  await widget.expectScreen("error");
  await widget.primary.click();
  await widget.expectScreen("update");
  await expect(codeOf(widget).locator("path")).toHaveCount(1);
  await expect(codeOf(widget)).toHaveCount(1);
  expect(calls.filter((call) => call === "POST /v1/page")).toHaveLength(1);
  await world.expectUnpaid(declined);
});

test("the code goes before its link ends", async ({ world }) => {
  const page = await world.newPage();
  await comeFromElsewhere(page, OWN_LINK);
  await page.clock.install();
  const { declined, widget } = await openSet(world, { page });
  await widget.openPanel();
  await expect(codeOf(widget)).toBeVisible();
  await page.clock.fastForward(SHOWN_MS - POLL_MS);
  await expect(codeOf(widget)).toBeVisible();
  await page.clock.fastForward(2 * POLL_MS);
  await expect(widget.element.locator(".phone")).toHaveCount(0);
  await widget.expectScreen("update");
  await world.expectUnpaid(declined);
});

test("without a link there is the form alone", async ({ world }) => {
  world.expectConsole(/status of 429/);
  const page = await world.newPage();
  await page.route("**/v1/page", (route) =>
    route.fulfill({
      status: 429,
      headers: { "access-control-allow-origin": "*" },
      json: { error: { status: 429, code: "too_many_requests", message: "", request_id: "r" } },
    }),
  );
  const { declined, widget, calls } = await openSet(world, { page });
  await widget.openPanel();
  await expect(widget.element.locator(".phone")).toHaveCount(0);
  expect(calls).toContain("POST /v1/page");
  const asked = calls.length;
  await page.waitForTimeout(POLLED_MS);
  expect(calls.slice(asked)).toEqual([]);
  await world.expectUnpaid(declined);
});

test("elsewhere than before a television set nobody makes a link", async ({ world }) => {
  for (const attributes of ["", 'data-layout="page"', 'data-skin="game"']) {
    const { declined, widget, calls } = await openSet(world, { attributes });
    await widget.openPanel();
    await expect(widget.cardFrame().locator("form")).toBeVisible();
    expect(calls.filter((call) => /phone\.js|\/v1\/page/.test(call)), attributes).toEqual([]);
    await expect(widget.element.locator(".phone")).toHaveCount(0);
    await world.expectUnpaid(declined);
  }
});

test("on a page with a strict policy and Trusted Types", async ({ world }) => {
  const csp = `${documentedPolicy(world)}; require-trusted-types-for 'script'`;
  const { declined, widget } = await openSet(world, { csp });
  await widget.openPanel();
  expect(await read(codeOf(widget))).toMatch(SECRET);
  await world.expectUnpaid(declined);
});
