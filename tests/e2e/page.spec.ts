/** The widget as a guest on somebody's page: light, quiet, and gone without a trace. */
import type { Page } from "@playwright/test";
import { CARDS, Widget } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

/** Chromium itself reports requests that fail for want of a network. */
const NETWORK_GONE = /ERR_INTERNET_DISCONNECTED|ERR_FAILED/;
const DELAY_MS = 1_500;

/** Everything that a script could have added to the page, outside of the host's own markup. */
function footprint(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(() => ({
    widgets: document.querySelectorAll("reprieve-widget").length,
    frames: document.querySelectorAll("iframe").length,
    slots: document.querySelectorAll("[slot]").length,
    styles: document.querySelectorAll("style, link[rel=stylesheet]").length,
    sheets: document.adoptedStyleSheets.length,
    bodyChildren: document.body.children.length,
    bodyAttributes: document.body.getAttributeNames(),
    rootAttributes: document.documentElement.getAttributeNames(),
    focus: document.activeElement?.tagName,
  }));
}

test("a customer in good standing downloads no Wasm and sees nothing", async ({ world }) => {
  const customer = await world.sandbox.post("customers", { name: "Ada in good standing" });
  const page = await world.newPage();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  const widget = await world.openHost(customer.id, { page });
  await expect.poll(() => widget.eventNames()).toContain("status");
  await page.waitForLoadState("networkidle");

  await widget.expectNothing();
  const fromEdge = requests.filter((url) => url.startsWith(world.info.edge));
  const paths = fromEdge.map((url) => new URL(url).pathname);
  expect([...new Set(paths)].sort()).toEqual(["/v1/loader.js", "/v1/status"]);
  expect(requests.filter((url) => url.startsWith(world.info.sandbox_js))).toEqual([]);
  expect(await world.sandbox.ledger(customer.id)).toEqual([]);
});

test("removing the element in mid-request leaves nothing behind", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  const { page } = widget;
  await widget.expectScreen("banner");
  const before = await footprint(page);

  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
  const slow = { method: "POST", path_prefix, mode: "delay", ms: DELAY_MS, times: 1 } as const;
  await world.sandbox.fault(slow);
  const ended = page.waitForEvent("requestfailed", (it) => it.url().endsWith("/complete"));
  await widget.primary.click();
  await world.sandbox.faultsHappened();
  await page.evaluate(() => document.querySelector("reprieve-widget")!.remove());
  await ended;
  await page.waitForLoadState("networkidle");

  expect(await footprint(page)).toEqual({
    ...before,
    widgets: 0,
    bodyChildren: (before.bodyChildren as number) - 1,
    focus: "BODY",
  });
  // The customer had already said "pay", and what was begun is finished, once.
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
  expect(await widget.eventNames()).not.toContain("recovered");
});

test("the element can be taken out and put back", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  for (let times = 0; times < 3; times += 1) {
    await widget.page.evaluate(() => {
      const element = document.querySelector("reprieve-widget")!;
      element.remove();
      document.body.prepend(element);
    });
  }
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveCount(1);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("without a network the card form keeps what was typed", async ({ world, context }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  world.expectConsole(NETWORK_GONE);
  await context.setOffline(true);
  await widget.primary.click();
  await expect(widget.part("message").last()).toBeVisible();
  await widget.expectScreen("update");
  await world.expectUnpaid(declined);

  await context.setOffline(false);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a network lost after the card was saved: told, and goes on by itself", async ({
  world,
  context,
}) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  world.expectConsole(NETWORK_GONE);
  await widget.page.route("**/complete", async (route) => {
    await context.setOffline(true);
    await route.abort("internetdisconnected");
  });
  await widget.primary.click();
  await widget.expectScreen("offline");
  await world.expectUnpaid(declined);

  await widget.page.unroute("**/complete");
  await context.setOffline(false);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("an edge that answers nonsense gets an error screen with a way out", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  world.expectConsole(/status of 502/);
  await widget.page.route(
    "**/v1/payment-methods",
    (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Oops</h1>" }),
    { times: 1 },
  );
  await widget.primary.click();
  await widget.expectScreen("error");
  await widget.primary.click();
  await widget.expectScreen("update");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a dismissed banner stays away and nothing is charged", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await widget.part("dismiss").click();
  await widget.expectNothing();
  expect(await widget.eventNames()).toContain("dismissed");

  await widget.page.reload();
  await expect.poll(() => widget.eventNames()).toContain("status");
  await widget.page.waitForLoadState("networkidle");
  await widget.expectNothing();
  await world.expectUnpaid(declined);
});

test("news of one card that was hidden does not hide news of another", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  let expires_at_ms = Date.UTC(2027, 0, 1);
  await page.route("**/v1/status", async (route) => {
    const answer = await route.fetch();
    const card_news = {
      kind: "expires_soon",
      method: { brand: "visa", last4: "4242" },
      expires_at_ms,
    };
    const body = await answer.json();
    // As the Worker says it (`edge/src/painting.rs` has its test).
    const banner = { ...body.banner, about: `["full",[],${expires_at_ms}]` };
    const news = { state: "clear", invoices: [], amount_due: null, card_news, banner };
    await route.fulfill({ response: answer, json: { ...body, ...news } });
  });
  const widget = await world.openHost(declined.customer, { page });
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  await widget.part("dismiss").click();
  await widget.expectNothing();
  await page.reload();
  await expect.poll(() => widget.eventNames()).toContain("status");
  await page.waitForLoadState("networkidle");
  await widget.expectNothing();
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  expect(kept, "nothing of the card is kept").not.toMatch(/visa|4242/);
  expires_at_ms = Date.UTC(2027, 1, 1);
  await page.reload();
  await widget.expectScreen("banner");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await world.expectUnpaid(declined);
});

test("two widgets' worth of loaders make one banner", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await widget.page.evaluate((src) => {
    const script = document.createElement("script");
    Object.assign(script, { src, async: true });
    script.dataset.tokenUrl = "/api/reprieve-token";
    document.head.append(script);
    return new Promise((resolve) => script.addEventListener("load", resolve));
  }, `${world.info.edge}/v1/loader.js`);
  await expect(widget.element).toHaveCount(1);
  await expect(widget.root).toHaveCount(1);
  await world.expectUnpaid(declined);
});

test("the banner fits a phone of 320 pixels without sideways scrolling", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  for (const path of ["/saas", "/game"] as const) {
    const page = await world.newPage();
    await page.setViewportSize({ width: 320, height: 640 });
    const widget: Widget = await world.openHost(declined.customer, { path, page, lang: "de" });
    await widget.openPanel();
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await overflow(), path).toBeLessThanOrEqual(0);
    const box = (await widget.part("panel").boundingBox())!;
    expect(box.x, path).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width, path).toBeLessThanOrEqual(320);
  }
  await world.expectUnpaid(declined);
});
