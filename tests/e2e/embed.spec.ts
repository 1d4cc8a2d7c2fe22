/** The script tag and its one global; pages that include it twice; pages that change under it. */
import type { Page } from "@playwright/test";
import { CARDS } from "./lib/widget.ts";
import { documented, openMade, test, tokenUrl } from "./lib/embed.ts";
import { block, BLOCKED } from "./lib/network.ts";
import { expect } from "./lib/world.ts";

/** Names that pages find on `window` when a script of the head runs. */
const NAMES = "<script>window.before = Object.getOwnPropertyNames(window)</script>";

const newNames = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const before = new Set((window as any).before);
    return Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
  });

test("calls from before the script are kept, and carried out in order", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const url = tokenUrl(declined.customer);
  const head = `${documented("stub")}<script>
    window.heard = [];
    reprieve('on', 'shown', ({ screen }) => heard.push(screen));
    reprieve('nonsense');
    reprieve('init', { tokenUrl: '${url}', theme: 'dark' });
    reprieve('setLocale', 'de');
    reprieve('open', 'update');
  </script>`;
  const widget = await openMade(world, declined.customer, { head, script: "" });
  const { page } = widget;
  await widget.expectScreen("update");
  await expect(widget.root).toHaveAttribute("lang", "de");
  await expect(page.locator("body > reprieve-widget[theme=dark]")).toHaveCount(1);
  expect(await page.evaluate(() => (window as any).heard)).toContain("update");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await page.evaluate(() => (window as any).reprieve("destroy"));
  await expect(widget.element).toHaveCount(0);
});

test("one global, and a promise of what a call gives", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await openMade(world, declined.customer, { head: NAMES });
  const { page } = widget;
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  const opened = await page.evaluate(() => (window as any).reprieve("open", "manage"));
  expect(opened).toBe(true);
  await expect(widget.element.locator("[data-reprieve-dialog] dialog")).toBeVisible();
  expect(await newNames(page)).toEqual(["before", "reprieve"]);
  await world.expectUnpaid(declined);
});

test("the script twice, and the element's own, are one widget", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const tag = `<script src="${world.info.edge}/v1/loader.js"
    data-token-url="${tokenUrl(declined.customer)}"></script>`;
  const body = `<main><h1>Host</h1></main>${tag}${tag}`;
  const widget = await openMade(world, declined.customer, { body }, page);
  await widget.expectScreen("banner");
  await page.evaluate(() => (window as any).reprieve("init", {}));
  await page.waitForLoadState("networkidle");
  await expect(widget.element).toHaveCount(1);
  // The second is for `init`, which may have brought another customer.
  expect(asked.filter((path) => path === "/v1/status").length).toBe(2);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("taken away in the middle of any request, and put back", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const url = tokenUrl(declined.customer);
  const body = `<main><h1>Host</h1><reprieve-widget token-url="${url}"></reprieve-widget></main>`;
  const later = ["locale/*.json", "widget.js", "*.wasm"].map((name) => `assets/*/${name}`);
  for (const path of ["status", ...later]) {
    const page = await world.newPage();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const waits = new Promise<void>((resolve) => {
      void page.route(`${world.info.edge}/v1/${path}`, async (route) => {
        resolve();
        await held;
        // The page may have given it up.
        await route.continue().catch(() => {});
      });
    });
    const widget = await openMade(world, declined.customer, { body, script: "" }, page);
    await waits;
    const left = await page.evaluate(() => {
      const element = document.querySelector("reprieve-widget")!;
      // As a router does it: away, elsewhere, away again.
      element.remove();
      document.body.append(element);
      element.remove();
      Object.assign(window, { taken: element });
      return document.querySelectorAll("reprieve-widget").length;
    });
    expect(left).toBe(0);
    release();
    await page.waitForLoadState("networkidle");
    const nodes = await page.evaluate(
      () => (window as any).taken.shadowRoot?.childElementCount ?? 0,
    );
    expect(nodes, path).toBe(0);
    await page.evaluate(() => {
      history.pushState({}, "", "/another-view");
      document.querySelector("main")!.append((window as any).taken);
    });
    await widget.expectScreen("banner");
    await expect(widget.root, path).toHaveAttribute("data-place", "inline");
    await expect(widget.element).toHaveCount(1);
    await page.close();
  }
  await world.expectUnpaid(declined);
});

test("a button for the card's form, where nothing is due", async ({ world }) => {
  const customer = await world.sandbox.post("customers", { name: "Ada in good standing" });
  const body = `<main><h1>Host</h1><button data-reprieve="update">New card</button></main>`;
  const widget = await openMade(world, customer.id, { body });
  const { page } = widget;
  await expect.poll(() => widget.eventNames()).toEqual(["status"]);
  await widget.expectNothing();
  const button = page.getByRole("button", { name: "New card" });
  await button.click();
  await widget.expectScreen("update");
  await expect(widget.part("panel")).toBeVisible();
  await page.keyboard.press("Escape");
  await widget.expectNothing();
  await expect(button).toBeFocused();
  await button.click();
  await widget.expectScreen("update");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
});

test("a link opens the dialog, and leads to its address where there is no script", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const link = '<a href="#own-page" data-reprieve="cancel"><b>Cancel subscription</b></a>';
  const body = `<main><h1>Host</h1>${link}</main>`;
  const widget = await openMade(world, declined.customer, { body });
  const { page } = widget;
  await widget.expectScreen("banner");
  await page.getByRole("link", { name: "Cancel subscription" }).click();
  await expect(widget.element.locator("[data-reprieve-dialog] dialog")).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");

  world.expectConsole(BLOCKED);
  const blocked = await world.newPage();
  await block(blocked, `${world.info.edge}/v1/loader.js`);
  const there = await openMade(world, declined.customer, { body }, blocked);
  await there.page.getByRole("link", { name: "Cancel subscription" }).click();
  expect(new URL(there.page.url()).hash).toBe("#own-page");
  await world.expectUnpaid(declined);
});

test("notice and dialog start the Wasm together, and it starts once", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  let started = 0;
  await page.route(`${world.info.edge}/v1/assets/*/widget_bg.wasm`, async (route) => {
    started += 1;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await route.continue();
  });
  const body = `<main><h1>Host</h1><button data-reprieve="manage">Manage</button></main>`;
  const widget = await openMade(world, declined.customer, { body }, page);
  await widget.expectScreen("banner");
  await expect.poll(() => started).toBe(1);
  await page.getByRole("button", { name: "Manage" }).click();
  const dialog = widget.element.locator("[data-reprieve-dialog] dialog");
  await expect(dialog.locator("[part~=choice]").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  expect(started).toBe(1);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});
