/** The widget as a guest on somebody's page: light, quiet, and gone without a trace. */
import type { Page } from "@playwright/test";
import { CARDS, Widget } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

/** Chromium itself reports requests that fail for want of a network. */
const NETWORK_GONE = /ERR_INTERNET_DISCONNECTED|ERR_FAILED/;
const QUIET_MS = 500;

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
  await page.waitForTimeout(QUIET_MS);

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
  let reached: () => void = () => {};
  const inFlight = new Promise<void>((resolve) => (reached = resolve));
  await page.route("**/complete", async (route) => {
    reached();
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    await route.continue().catch(() => {}); // The page has given the request up.
  });
  await widget.primary.click();
  await inFlight;
  await page.evaluate(() => document.querySelector("reprieve-widget")!.remove());
  await page.waitForTimeout(QUIET_MS * 3);

  const after = await footprint(page);
  expect(after).toEqual({
    ...before,
    widgets: 0,
    bodyChildren: (before.bodyChildren as number) - 1,
    focus: "BODY",
  });
  await page.unroute("**/complete");
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

test("without a network the customer reads so and goes on later", async ({ world, context }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  world.expectConsole(NETWORK_GONE);
  await widget.page.route("**/complete", (route) => route.abort("internetdisconnected"));
  await context.setOffline(true);
  await widget.primary.click();
  await widget.expectScreen("offline");
  await world.expectUnpaid(declined);

  await context.setOffline(false);
  await widget.page.unroute("**/complete");
  await expect(widget.root).not.toHaveAttribute("data-screen", "offline");
  if ((await widget.root.getAttribute("data-screen")) === "update") {
    await widget.fillCard(CARDS.works);
    await widget.primary.click();
  }
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
  await widget.page.waitForTimeout(QUIET_MS);
  await widget.expectNothing();
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
});
