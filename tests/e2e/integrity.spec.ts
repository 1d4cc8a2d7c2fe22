/** A pinned loader, and everything that it loads: what is not what it was is not used. */
import type { Page } from "@playwright/test";
import { CARDS } from "./lib/widget.ts";
import { documentedPolicy, openMade, test, tokenUrl } from "./lib/embed.ts";
import { expect, type World } from "./lib/world.ts";

const REFUSED = /integrity|ERR_FAILED|Failed to (fetch|load)|preloaded/i;

/** The tag that docs/embed.md tells to take. */
async function pinned(world: World, customer: string, integrity?: string) {
  const { edge } = world.info;
  const { versions } = await (await fetch(`${edge}/v1/versions.json`)).json();
  const [{ hash, loader }] = versions;
  const src = `${edge}/v1/assets/${hash}/loader.js`;
  return {
    script: null,
    head: `<script src="${src}" integrity="${integrity ?? loader}" crossorigin="anonymous"
      data-token-url="${tokenUrl(customer)}" async></script>`,
    csp: documentedPolicy(world),
  };
}

/** Answers one file with other bytes that would be noticed if they ran. */
async function tamper(page: Page, name: string): Promise<void> {
  await page.route(`**/v1/assets/*/${name}`, async (route) => {
    const answer = await route.fetch();
    const body = Buffer.concat([await answer.body(), Buffer.from("\n")]);
    await route.fulfill({ response: answer, body });
  });
}

test("a pinned loader works like the other one", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await openMade(world, declined.customer, await pinned(world, declined.customer));
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await widget.page.evaluate(() => (window as any).reprieve("open", "manage"));
  await expect(widget.element.locator("[data-reprieve-dialog] dialog [part~=choice]").first())
    .toBeVisible();
  expect(await widget.page.locator("head link[rel=modulepreload]").count()).toBe(0);
});

test("a loader that is another one does not run", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(REFUSED);
  const other = `sha384-${"A".repeat(64)}`;
  const made = await pinned(world, declined.customer, other);
  const widget = await openMade(world, declined.customer, made);
  await widget.page.waitForLoadState("networkidle");
  expect(await widget.page.evaluate(() => customElements.get("reprieve-widget"))).toBeUndefined();
  await world.expectUnpaid(declined);
});

for (const name of ["widget.js", "widget_bg.wasm", "locale/en.json"]) {
  test(`another ${name} is not used; the painted notice leads on`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer();
    world.expectConsole(REFUSED);
    const page = await world.newPage();
    await tamper(page, name);
    const made = await pinned(world, declined.customer);
    const widget = await openMade(world, declined.customer, made, page);
    await expect.poll(() => widget.eventNames()).toContain("shown");
    await expect(widget.part("message")).toBeVisible();
    await expect(widget.root).not.toHaveAttribute("data-place");
    await widget.primary.click();
    await page.waitForURL(`${world.info.edge}/p/*`);
    await world.expectUnpaid(declined);
  });
}

test("another style is not used", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(REFUSED);
  const page = await world.newPage();
  await tamper(page, "panel.css");
  const made = await pinned(world, declined.customer);
  const widget = await openMade(world, declined.customer, made, page);
  await widget.openPanel();
  const sheets = await page.evaluate(() => {
    const { shadowRoot } = document.querySelector("reprieve-widget")!;
    return shadowRoot!.adoptedStyleSheets.length;
  });
  expect(sheets, "only the one that came with the status").toBe(1);
  await world.expectUnpaid(declined);
});

test("another panel is told, and another dialog does not open", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(REFUSED);
  const page = await world.newPage();
  await tamper(page, "split_panel.wasm");
  await tamper(page, "later.js");
  const made = await pinned(world, declined.customer);
  const widget = await openMade(world, declined.customer, made, page);
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  await widget.primary.click();
  await widget.expectScreen("error");
  const isOpen = await page.evaluate(() =>
    (document.querySelector("reprieve-widget") as any).open("cancel"),
  );
  expect(isOpen).toBeUndefined();
  await world.expectUnpaid(declined);
});
