/**
 * Pages that make it hard: their styles, their policies, their old libraries, their blockers. The
 * host never sees an uncaught error, and the customer can pay or is told how.
 */
import { CARDS } from "./lib/widget.ts";
import { documentedPolicy, openMade, test, tokenUrl, without } from "./lib/embed.ts";
import { block, BLOCKED } from "./lib/network.ts";
import { expect } from "./lib/world.ts";

/** Chromium tells of each request that a policy stopped. */
const POLICY = /Content Security Policy|Refused to|violates the following/;

/** Styles of pages that think of nobody else. */
const STYLES = {
  // The frames are the provider's, whose script defends its own size; who hides all frames hides
  // them, too.
  "a reset with !important": `* { margin: 0 !important; padding: 0 !important; border: 0 !important;
    font: 8px/1 fantasy !important; color: red !important; background: none !important;
    display: inline !important; position: static !important }
    body > * { opacity: .2 !important; pointer-events: none !important; max-width: 40px !important;
    visibility: hidden !important }`,
  "all: unset": "* { all: unset } div { display: none } iframe { width: 1px; height: 1px }",
  "all: unset !important": "* { all: unset !important }",
};

for (const [name, style] of Object.entries(STYLES)) {
  test(`the page's style is ${name}`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer();
    const head = `<style>${style}</style>`;
    const widget = await openMade(world, declined.customer, { head });
    // The painted notice goes when the widget takes its place.
    await expect(widget.root).toHaveAttribute("data-place", "inline");
    const title = widget.part("title").first();
    const look = await title.evaluate((it) => {
      const { fontSize, color, opacity } = getComputedStyle(it);
      return { fontSize: Number.parseFloat(fontSize), color, opacity };
    });
    expect(look.fontSize).toBeGreaterThanOrEqual(15);
    expect(look.color).not.toBe("rgb(255, 0, 0)");
    expect(look.opacity).toBe("1");
    await widget.payWith(CARDS.works);
    await widget.expectScreen("recovered");
    await world.expectPaidOnce(declined);
  });
}

test("the documented policy is enough, and names nothing more than is needed", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const csp = documentedPolicy(world);
  expect(csp).not.toContain("unsafe-inline");
  expect(csp).not.toMatch(/'unsafe-eval'/);
  const widget = await openMade(world, declined.customer, { csp });
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("Trusted Types: one policy for the provider's script", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const csp = `${documentedPolicy(world)}; ${documentedPolicy(world, "trusted-types")}`;
  expect(csp).toContain("require-trusted-types-for 'script'");
  const widget = await openMade(world, declined.customer, { csp });
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await widget.page.evaluate(() => {
    (window as any).reprieve("open", "manage");
  });
  await expect(widget.element.locator("[data-reprieve-dialog] dialog")).toBeVisible();
});

test("Trusted Types without our name: the form says that it cannot be loaded", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const csp = `${documentedPolicy(world)}; require-trusted-types-for 'script'; trusted-types none`;
  world.expectConsole(POLICY);
  const widget = await openMade(world, declined.customer, { csp });
  await widget.expectScreen("banner");
  await widget.primary.click();
  await widget.expectScreen("error");
  await world.expectUnpaid(declined);
});

test("a policy with a nonce and strict-dynamic", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const csp = documentedPolicy(world).replace(
    /script-src [^;]*/,
    "script-src 'nonce-r4nd0m' 'strict-dynamic' 'wasm-unsafe-eval'",
  );
  const script = `nonce="r4nd0m" data-token-url="${tokenUrl(declined.customer)}"`;
  const widget = await openMade(world, declined.customer, { csp, script });
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("without 'wasm-unsafe-eval' the notice is painted and leads to the hosted page", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const csp = without(documentedPolicy(world), "script-src", "'wasm-unsafe-eval'");
  world.expectConsole(POLICY);
  world.expectConsole(/WebAssembly/);
  const widget = await openMade(world, declined.customer, { csp });
  await widget.expectScreen("banner");
  await expect(widget.part("message")).toBeVisible();
  await widget.primary.click();
  await widget.page.waitForURL(`${world.info.edge}/p/*`);
  await widget.page.locator("[data-proceed]:visible").first().click();
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("each other line of the policy is needed, and missing it hurts nobody", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { edge, sandbox_js } = world.info;
  const policy = documentedPolicy(world);
  world.expectConsole(POLICY);
  world.expectConsole(/Failed to load resource/);
  for (const [directive, source, screen] of [
    ["script-src", edge, null],
    ["connect-src", edge, null],
    ["script-src", sandbox_js, "error"],
    ["frame-src", sandbox_js, "error"],
  ] as const) {
    const csp = without(policy, directive, source);
    const widget = await openMade(world, declined.customer, { csp });
    if (screen === null) {
      await widget.page.waitForLoadState("networkidle");
      await widget.expectNothing();
    } else {
      await widget.expectScreen("banner");
      await widget.primary.click();
      await widget.expectScreen(screen);
    }
    await widget.page.close();
  }
  await world.expectUnpaid(declined);
});

test("storage that throws", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("The operation is insecure.", "SecurityError");
        },
      });
    }
  });
  const widget = await openMade(world, declined.customer, {}, page);
  await widget.expectScreen("banner");
  await widget.part("dismiss").click();
  await widget.expectNothing();
  await page.reload();
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("the provider's script is blocked: told, and it works once it is not", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(BLOCKED);
  const page = await world.newPage();
  const theirs = `${world.info.sandbox_js}/**`;
  await block(page, theirs);
  const widget = await openMade(world, declined.customer, {}, page);
  await widget.expectScreen("banner");
  await widget.primary.click();
  await widget.expectScreen("error");
  await world.expectUnpaid(declined);
  await page.unroute(theirs);
  await widget.primary.click();
  await widget.expectScreen("update");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("our own files are blocked: whatever is missing, the page lives", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(BLOCKED);
  for (const blocked of ["loader.js", "status", "widget.js", "*.wasm", "*.css", "*.json"]) {
    const page = await world.newPage();
    await block(page, `${world.info.edge}/v1/**/${blocked}`);
    await block(page, `${world.info.edge}/v1/${blocked}`);
    const widget = await openMade(world, declined.customer, {}, page);
    await page.waitForLoadState("networkidle");
    const isTold = !["loader.js", "status"].includes(blocked);
    await expect(widget.root, blocked).toHaveCount(isTold ? 1 : 0);
    await page.evaluate(() => (window as any).reprieve?.("open", "cancel"));
    await page.waitForLoadState("networkidle");
    await page.close();
  }
  await world.expectUnpaid(declined);
});

test("offline from the start: nothing is shown, and the notice comes with the network", async ({
  world,
  context,
}) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(BLOCKED);
  const page = await world.newPage();
  const { edge } = world.info;
  let isOffline = true;
  await page.route(`${edge}/v1/status`, (route) =>
    isOffline ? route.abort("internetdisconnected") : route.continue(),
  );
  const widget = await openMade(world, declined.customer, {}, page);
  await expect.poll(() => widget.eventNames()).toContain("error");
  await widget.expectNothing();
  isOffline = false;
  await context.setOffline(true);
  await context.setOffline(false);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

/** What old libraries leave behind on the objects that everybody shares. */
const OLD_LIBRARIES = `
  Array.prototype.each = function () {};
  Array.prototype.toJSON = function () { return 'wrong'; };
  String.prototype.toJSON = function () { return '"wrong"'; };
  Object.prototype.extend = function () {};
  Object.prototype.first = 'polluted';
  Function.prototype.bind = function (it) { const f = this; return (...a) => f.apply(it, a); };
  Array.from = (list) => [].slice.call(list);
  delete Object.fromEntries;
  delete Array.prototype.flatMap;
  window.Promise = class Promise extends window.Promise {};
  Promise.allSettled = undefined;
  Promise.any = undefined;
  window.Symbol.for = () => Symbol();
  window.$ = window.jQuery = () => { throw new Error('not for you'); };
  window.module = window.exports = window.define = undefined;
`;

test("what old libraries leave on shared objects", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const head = `<script>${OLD_LIBRARIES}</script>`;
  const widget = await openMade(world, declined.customer, { head });
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await widget.page.evaluate(() => (window as any).reprieve("open", "manage"));
  const dialog = widget.element.locator("[data-reprieve-dialog] dialog");
  await expect(dialog).toBeVisible();
});

test("a <base> that leads elsewhere", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const head = '<base href="https://elsewhere.example/deep/">';
  const widget = await openMade(world, declined.customer, { head });
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("at 400 % of a usual window everything can be reached", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  // 1280 by 1024 at 400 %, as WCAG 1.4.10 counts it.
  await page.setViewportSize({ width: 320, height: 256 });
  const widget = await openMade(world, declined.customer, {}, page);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await world.expectPaidOnce(declined);
});

test("two widgets on a page are about one payment", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const url = tokenUrl(declined.customer);
  const body = `<reprieve-widget id="a" token-url="${url}"></reprieve-widget><main>Host</main>
    <reprieve-widget id="b" token-url="${url}" position="corner"></reprieve-widget>`;
  const widget = await openMade(world, declined.customer, { body, script: "" });
  const { page } = widget;
  for (const id of ["a", "b"]) {
    await expect(page.locator(`#${id} [part~=banner]`)).toBeVisible();
  }
  await page.locator("#b [part~=primary]").click();
  await expect(page.locator("#b [slot=provider-fields] iframe").first()).toBeVisible();
  await expect(page.locator("#a [slot=provider-fields]")).toHaveCount(0);
  await page.evaluate(() => document.querySelector("#a")!.remove());
  const fields = page.locator("#b [slot=provider-fields] iframe").first().contentFrame();
  await fields.locator('input[autocomplete="cc-number"]').fill(CARDS.works);
  await fields.locator('input[autocomplete="cc-exp"]').fill("12 / 34");
  await fields.locator('input[autocomplete="cc-csc"]').fill("123");
  await page.locator("#b [part~=panel] [part~=primary]").click();
  await expect(page.locator("#b [data-screen=recovered]")).toBeVisible();
  await world.expectPaidOnce(declined);
});

/**
 * Words in addresses on which the general rules of blockers (trackers, adverts, annoyances) look:
 * https://easylist.to, read in November 2026.
 */
const BLOCKED_WORDS = new RegExp(
  `(^|[/._-])(${[
    ...["ads?", "adverts?", "banners?", "popups?", "track(er|ing)?", "pixel", "beacon", "promo"],
    ...["analytics", "metrics", "stats", "telemetry", "collect", "event", "log", "click"],
    ...["affiliate", "sponsor", "newsletter", "cookie", "consent", "gdpr"],
  ].join("|")})([/._-]|$)`,
);

test("no address of ours looks like what blockers block", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const widget = await openMade(world, declined.customer, {}, page);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await page.evaluate(() => (window as any).reprieve("open", "manage"));
  await expect(widget.element.locator("[data-reprieve-dialog] dialog")).toBeVisible();
  const ours = asked.filter((url) => url.startsWith(world.info.edge));
  expect(ours.length).toBeGreaterThan(8);
  expect(ours.filter((url) => BLOCKED_WORDS.test(new URL(url).pathname))).toEqual([]);
  expect(ours.filter((url) => new URL(url).search !== "")).toEqual([]);
  await world.expectPaidOnce(declined);
});

test("the page hears no messages of ours and we hear none of the page", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { messageListeners: heard });
    const add = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (...given: any) {
      if (given[0] === "message") heard.push(new Error().stack ?? "");
      return add.apply(this, given);
    };
  });
  const widget = await openMade(world, declined.customer, {}, page);
  await widget.openPanel();
  const listeners = await page.evaluate(() => (window as any).messageListeners as string[]);
  // The provider's script listens to its own frames; nothing of the Worker's origin does.
  expect(listeners.filter((stack) => stack.includes(world.info.edge))).toEqual([]);
  await page.evaluate(() => {
    for (const data of ["complete", { type: "complete" }, { reprieve: ["open", "cancel"] }]) {
      window.postMessage(data, "*");
    }
  });
  await widget.expectScreen("update");
  await world.expectUnpaid(declined);
});
