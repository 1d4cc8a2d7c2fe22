/** The banner before the Wasm, without it, and what a page downloads at all. */
import { readFile } from "node:fs/promises";
import type { Page, Route } from "@playwright/test";
import { mintToken } from "../host/mint-token.mjs";
import { Widget } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

const WASM = "**/widget_bg.wasm";
const PANEL = "**/split_panel.wasm";
const IS_HOSTED_PAGE = /\/p\/[\w-]{43}$/;

/** Holds requests back until the returned function is called. */
async function hold(page: Page, url: string): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (route: Route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Every later layout shift of the page is kept, whoever moved. */
async function recordShifts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(window, { shiftsSeen: shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as any).value);
    }).observe({ type: "layout-shift" });
  });
}

/** The same elements with their attributes, and without their texts. */
const skeleton = ([tag, attributes, ...children]: any[]): unknown[] => {
  const { "aria-label": label, ...rest } = attributes;
  const named = label === undefined ? rest : { ...rest, "aria-label": "" };
  return [tag, named, ...children.map((it) => (Array.isArray(it) ? skeleton(it) : ""))];
};

const shifts = (page: Page) => page.evaluate(() => (window as any).shiftsSeen as number[]);

/** The widget itself says where it stands; the painted banner does not. */
const taken = (widget: Widget) => expect(widget.root).toHaveAttribute("data-place", "inline");

for (const lang of ["en", "de", "ar", "ja"] as const) {
  for (const path of ["/saas", "/game"] as const) {
    test(`${path} in ${lang}: painted first, taken over in place`, async ({ world }) => {
      const declined = await world.newDeclinedCustomer({ card: "0069" });
      const page = await world.newPage();
      const release = await hold(page, WASM);
      const widget = await world.openHost(declined.customer, { page, path, lang });
      await expect(widget.part("title")).toBeVisible();
      await expect(widget.root).not.toHaveAttribute("data-place");
      await expect(widget.root).toHaveAttribute("dir", lang === "ar" ? "rtl" : "ltr");
      const look = async () => ({
        text: await widget.part("banner").innerText(),
        box: await widget.part("banner").boundingBox(),
        buttons: await widget.part("banner").locator("button").evaluateAll((all) =>
          all.map((one) => JSON.stringify([one.ariaLabel, one.getBoundingClientRect()])),
        ),
      });
      // The banner arrives in a short animation.
      await page.waitForTimeout(500);
      const painted = await look();
      expect(painted.text).toContain("19");
      await recordShifts(page);
      release();
      await taken(widget);
      expect(await look()).toEqual(painted);
      await expect(widget.part("banner")).toHaveCount(1);
      expect(await shifts(page)).toEqual([]);
      await world.expectUnpaid(declined);
    });
  }
}

/** Their days differ at any time. */
const FAR_APART = ["Pacific/Kiritimati", "Pacific/Pago_Pago"];

for (const timezoneId of [...FAR_APART, "Asia/Kolkata", "America/New_York"]) {
  test.describe(timezoneId, () => {
    test.use({ timezoneId });

    test("dates are those of the browser's clock, painted and living", async ({ world }) => {
      const declined = await world.newDeclinedCustomer({ card: "0069" });
      const page = await world.newPage();
      const release = await hold(page, WASM);
      const answered = page.waitForResponse((answer) => answer.url().endsWith("/v1/status"));
      const widget = await world.openHost(declined.customer, { page });
      const { grace_ends_at_ms } = await (await answered).json();
      const day = { weekday: "long", month: "long", day: "numeric", timeZone: timezoneId } as const;
      const date = new Intl.DateTimeFormat("en", day).format(grace_ends_at_ms);
      await expect(widget.part("message")).toContainText(date);
      await expect(widget.root).not.toHaveAttribute("data-place");
      release();
      await taken(widget);
      await expect(widget.part("message")).toContainText(date);
      await world.expectUnpaid(declined);
    });
  });
}

const FORMATTERS = ["NumberFormat", "DateTimeFormat", "PluralRules"] as const;

test("money and dates are formatted by the Worker alone", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const page = await world.newPage();
  await page.addInitScript((names) => {
    const asked: string[] = [];
    Object.assign(window, { formattersAsked: asked });
    for (const name of names) {
      const construct = (it: any, given: any[]) => (asked.push(name), Reflect.construct(it, given));
      const proxy = new Proxy<any>(Intl[name], { construct });
      Object.defineProperty(Intl, name, { value: proxy });
    }
  }, FORMATTERS);
  const widget = await world.openHost(declined.customer, { page });
  await taken(widget);
  await widget.openPanel();
  await expect(widget.root.locator("dialog")).toContainText("19");
  expect(await page.evaluate(() => (window as any).formattersAsked)).toEqual([]);
  // They would be seen.
  await page.evaluate(() => new Intl.PluralRules("en"));
  expect(await page.evaluate(() => (window as any).formattersAsked)).toEqual(["PluralRules"]);
  await world.expectUnpaid(declined);
});

test("a zone's name will do in the place of its clock", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const headers = { "time-zone": "Asia/Kolkata" };
  const { body } = await world.edge.call<any>(declined.customer, "/v1/status", { headers });
  expect(body.banner.said.west_min).toBe(-330);
  await world.expectUnpaid(declined);
});

/** What the benchmark answers. */
const record = async (name: string) =>
  JSON.parse(await readFile(new URL(`../bench/web/${name}`, import.meta.url), "utf8"));

const BERLIN_SUMMER_WEST_MIN = -120;

test("what the benchmark paints is what the Worker says", async ({ world }) => {
  // One that may be tried again, so that every button is there.
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const headers = { "accept-language": "en", "time-zone": String(BERLIN_SUMMER_WEST_MIN) };
  const { body } = await world.edge.call<any>(declined.customer, "/v1/status", { headers });
  const recorded = { ...(await record("status.json")), banner: await record("banner.json") };
  expect(skeleton(body.banner.view)).toEqual(skeleton(recorded.banner.view));
  expect(body.banner.style).toContain(".card");
  for (const { amount_due, banner, ...times } of [body, recorded]) {
    const at_ms = times.next_attempt_at_ms ?? times.grace_ends_at_ms;
    const kind = at_ms - times.server_time_ms < 48 * 60 * 60 * 1000 ? "time" : "day";
    const { texts, ...place } = banner.said;
    expect(place).toEqual({ tag: "en", at_ms, west_min: BERLIN_SUMMER_WEST_MIN });
    const amount = texts[amount_due.currency][amount_due.amount_minor];
    const date = texts[kind][at_ms];
    const known = { [amount_due.currency]: { [amount_due.amount_minor]: amount } };
    expect(texts).toEqual({ ...known, [kind]: { [at_ms]: date } });
    for (const text of [amount, date]) expect(JSON.stringify(banner.view)).toContain(text);
  }
  await world.expectUnpaid(declined);
});

test("a press before the Wasm is there counts, and so does the focus", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const page = await world.newPage();
  const release = await hold(page, WASM);
  const widget = await world.openHost(declined.customer, { page });
  await expect(widget.primary).toBeVisible();
  await widget.primary.focus();
  await page.keyboard.press("Enter");
  await expect(widget.primary).toHaveAttribute("aria-busy", "true");
  release();
  await widget.expectScreen("update");
  await expect(widget.root.locator("dialog:modal")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await widget.expectScreen("banner");
  await expect(widget.primary).toBeFocused();
  await world.expectUnpaid(declined);
});

test("the painted banner can be hidden, and stays hidden", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const page = await world.newPage();
  await hold(page, WASM);
  const widget = await world.openHost(declined.customer, { page });
  await widget.part("dismiss").click();
  await widget.expectNothing();
  expect(await widget.eventNames()).toContain("dismissed");
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/v1/status"));
  await page.reload();
  await answered;
  await page.waitForTimeout(500);
  await widget.expectNothing();
  await world.expectUnpaid(declined);
});

test("where no Wasm may run, the banner leads to the hosted page", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const page = await world.newPage();
  // What the browser says of the policy, in its words.
  world.expectConsole(/WebAssembly|wasm-unsafe-eval|Content Security Policy/i);
  const query = new URLSearchParams({ customer: declined.customer, lang: "en", wasm: "no" });
  const answer = await page.goto(`${world.info.host}/saas?${query}`);
  expect(answer!.headers()["content-security-policy"]).not.toContain("wasm-unsafe-eval");
  const widget = new Widget(page);
  await expect(widget.part("title")).toBeVisible();
  await expect.poll(() => widget.eventNames(), { message: "no start" }).toContain("shown");
  await expect(widget.root).not.toHaveAttribute("data-place");
  await expect(widget.part("banner")).toContainText("19");
  await widget.primary.click();
  await page.waitForURL(IS_HOSTED_PAGE);
  expect(new URL(page.url()).origin).toBe(world.info.edge);
  await page.locator("[data-proceed]:visible").first().click();
  const hosted = new Widget(page);
  await taken(hosted);
  await hosted.openPanel();
  await world.expectUnpaid(declined);
});

test("a panel that cannot be fetched is told, and asked for again", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const page = await world.newPage();
  world.expectConsole(/ERR_FAILED|Failed to fetch/);
  await page.route(PANEL, (route) => route.abort(), { times: 1 });
  const widget = await world.openHost(declined.customer, { page });
  await taken(widget);
  await widget.primary.click();
  await widget.expectScreen("error");
  await widget.primary.click();
  await widget.expectScreen("update");
  await world.expectUnpaid(declined);
});

test("good standing costs the loader and one status call", async ({ world }) => {
  const customer = await world.sandbox.post("customers", { name: "Ada in good standing" });
  const page = await world.newPage();
  const asked: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin === world.info.edge) asked.push(`${request.method()} ${url.pathname}`);
  });
  const widget = await world.openHost(customer.id, { page });
  await expect.poll(() => widget.eventNames()).toEqual(["status"]);
  await page.waitForTimeout(3_000);
  expect(asked).toEqual(["GET /v1/loader.js", "GET /v1/status"]);
  const shadow = () => document.querySelector("reprieve-widget")!.shadowRoot;
  expect(await page.evaluate(shadow)).toBe(null);
});

test("a link of one's own is for customers on a merchant's page", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const ask = (body: string, origin = world.info.host) =>
    world.edge.call<any>(declined.customer, "/v1/page", { method: "POST", body, origin });
  const made = await ask("{}");
  expect(made.status).toBe(201);
  expect(made.body.url).toMatch(IS_HOSTED_PAGE);
  expect((await ask('{"mode":"provider"}')).status).toBe(201);
  expect((await ask('{"mode":"both"}')).status).toBe(400);
  expect((await ask("")).status).toBe(400);
  expect((await ask("{}", "https://evil.example")).status).toBe(403);
  const { edge: origin, token_key: key } = world.info;
  const token = mintToken({ customer: declined.customer, merchant: "demo", origin, key });
  const options = { method: "POST", body: "{}", origin, token } as const;
  const own = await world.edge.call(declined.customer, "/v1/page", options);
  expect(own.status, "a link leads to no other link").toBe(403);
  await world.expectUnpaid(declined);
});
