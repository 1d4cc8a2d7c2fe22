/** The npm package as its users have it: its tarball, its types, a page, React, a server. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { CARDS } from "./lib/widget.ts";
import { documented, documentedPolicy, openMade, test, tokenUrl } from "./lib/embed.ts";
import { block, BLOCKED } from "./lib/network.ts";
import { expect } from "./lib/world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MODULES = join(ROOT, "tests", "node_modules");
const STAGED = join(ROOT, "target", "package", "widget");

/** What the documented examples take from the page around them. */
const NAMES_OF_PAGES = "const refreshAccount = () => {};\n";
const GLOBAL = `const token = '';
  const reprieve = /** @type {import('@reprieve/widget').Call} */ (window.reprieve);
`;

/** A program beside an installed package, bundled as a product's build would do it. */
function bundled(source: string, loader: "tsx" | "js" = "js"): string {
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader },
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    alias: { "@reprieve/widget": STAGED },
    nodePaths: [MODULES],
  });
  return outputFiles[0]!.text;
}

const page = (source: string, loader?: "tsx" | "js") => ({
  script: null,
  body: `<main><h1>Host</h1><div id="here"></div></main>
    <script type="module" src="/app.js"></script>`,
  files: { "/app.js": { type: "text/javascript", text: bundled(source, loader) } },
});

test("the tarball has what it should, and nothing else", () => {
  const answer = execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: STAGED });
  const [{ files, name, size }] = JSON.parse(answer.toString());
  expect(name).toBe("@reprieve/widget");
  expect(files.map((file: { path: string }) => file.path).sort()).toEqual([
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "handle.js",
    "index.d.ts",
    "index.js",
    "package.json",
    "react.d.ts",
    "react.js",
  ]);
  expect(size).toBeLessThan(20_000);
  const manifest = JSON.parse(readFileSync(join(STAGED, "package.json"), "utf8"));
  expect(manifest).toMatchObject({ type: "module", sideEffects: false });
  const workspace = readFileSync(join(ROOT, "Cargo.toml"), "utf8");
  const [, version] = /^version = "(.*)"$/m.exec(workspace)!;
  expect(manifest.version).toBe(version);
});

test("the types fit the code, and reject what is wrong", () => {
  const dir = mkdtempSync(join(tmpdir(), "reprieve-types-"));
  try {
    mkdirSync(join(dir, "node_modules", "@reprieve"), { recursive: true });
    cpSync(STAGED, join(dir, "node_modules", "@reprieve", "widget"), { recursive: true });
    for (const name of ["use.ts", "use.tsx", "tsconfig.json"]) {
      cpSync(join(ROOT, "tests", "package", name), join(dir, name));
    }
    writeFileSync(join(dir, "package.json"), '{"type":"module"}');
    writeFileSync(join(dir, "npm.js"), NAMES_OF_PAGES + documented("npm"));
    const calls = [NAMES_OF_PAGES, GLOBAL, documented("calls"), "export {}"].join("\n");
    writeFileSync(join(dir, "calls.js"), calls);
    for (const name of ["@types", "react", "csstype"]) {
      cpSync(join(MODULES, name), join(dir, "node_modules", name), { recursive: true });
    }
    const tsc = join(MODULES, "typescript", "bin", "tsc");
    execFileSync(process.execPath, [tsc, "--project", dir], { stdio: "pipe" });
  } catch (error) {
    throw new Error((error as { stdout?: Buffer }).stdout?.toString() ?? String(error));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("on a server nothing happens", async () => {
  const { init } = await import(pathToFileURL(join(STAGED, "index.js")).href);
  const before = Object.getOwnPropertyNames(globalThis);
  const handle = init({ origin: "https://reprieve.example.com", tokenUrl: "/token" });
  expect(handle.element).toBeNull();
  expect(await handle.open("update")).toBe(false);
  for (const call of ["setToken", "setLocale", "refresh", "destroy"]) handle[call]("x");
  handle.on("status", () => {})();
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  const source = `
    import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    ${documented("react")}
    export const html = renderToString(createElement(Billing, { refreshAccount() {} }));`;
  const file = join(mkdtempSync(join(tmpdir(), "reprieve-ssr-")), "app.mjs");
  const banner = 'import { createRequire } from "module"; const require = createRequire("/");\n';
  writeFileSync(file, banner + bundled(source, "tsx"));
  const { html } = await import(pathToFileURL(file).href);
  expect(html).toBe("<div></div><button>Cancel subscription</button>");
});

test("a bundler drops what is not used", () => {
  expect(bundled("import { init } from '@reprieve/widget'; console.log(1);")).not.toContain(
    "reprieve-widget",
  );
});

test("init, open, events, destroy: paid, and nothing is left", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const source = `
    import { init } from '@reprieve/widget';
    const heard = [];
    const handle = init({ origin: '${world.info.edge}', container: '#here',
      tokenUrl: '${tokenUrl(declined.customer)}', theme: 'dark' });
    handle.on('recovered', (detail) => heard.push(detail));
    Object.assign(window, { handle, heard });`;
  const trusted = `${documentedPolicy(world, "trusted-types")} reprieve-loader`;
  const csp = `${documentedPolicy(world)}; ${trusted}`;
  const widget = await openMade(world, declined.customer, { ...page(source), csp });
  await expect(widget.page.locator("#here > reprieve-widget[theme=dark]")).toHaveCount(1);
  await widget.expectScreen("banner");
  expect(await widget.page.evaluate(() => (window as any).handle.open("update"))).toBe(true);
  await widget.expectScreen("update");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  const heard = await widget.page.evaluate(() => (window as any).heard);
  expect(heard).toEqual([{ amount_minor: declined.amount_minor, currency: declined.currency }]);
  await widget.page.evaluate(() => (window as any).handle.destroy());
  await expect(widget.page.locator("reprieve-widget")).toHaveCount(0);
  expect(await widget.page.evaluate(() => (window as any).handle.open("update"))).toBe(false);
  await world.expectPaidOnce(declined);
});

test("without a token it waits for one", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const source = `
    import { init } from '@reprieve/widget';
    window.handle = init({ origin: '${world.info.edge}' });`;
  const widget = await openMade(world, declined.customer, page(source));
  await widget.page.waitForLoadState("networkidle");
  await expect(widget.element).toHaveCount(0);
  await widget.page.evaluate(async (url) => {
    const { token } = await (await fetch(url, { method: "POST" })).json();
    (window as any).handle.setToken(token);
  }, tokenUrl(declined.customer));
  await widget.expectScreen("banner");
  await widget.page.evaluate(() => (window as any).handle.setLocale("de"));
  await expect(widget.root).toHaveAttribute("lang", "de");
  await world.expectUnpaid(declined);
});

test("a loader that does not come is told, not thrown", async ({ world }) => {
  world.expectConsole(BLOCKED);
  const customer = await world.sandbox.post("customers", { name: "Ada" });
  const source = `
    import { init } from '@reprieve/widget';
    window.told = [];
    const handle = init({ origin: '${world.info.edge}', tokenUrl: '/x' });
    handle.on('error', (detail) => told.push(detail));
    window.handle = handle;`;
  const tab = await world.newPage();
  await block(tab, "**/v1/loader.js");
  const { page: it } = await openMade(world, customer.id, page(source), tab);
  await expect.poll(() => it.evaluate(() => (window as any).told)).toEqual([{ code: "loader" }]);
  expect(await it.evaluate(() => document.querySelectorAll("script[src*=loader]").length)).toBe(0);
});

test("React: StrictMode, new props, unmount", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const source = `
    import { StrictMode } from 'react';
    import { createRoot } from 'react-dom/client';
    import { Reprieve } from '@reprieve/widget/react';
    const root = createRoot(document.querySelector('#here'));
    window.heard = [];
    window.render = (props) => root.render(<StrictMode><Reprieve origin='${world.info.edge}'
      tokenUrl='${tokenUrl(declined.customer)}' ref={(it) => { window.widget = it; }}
      onShown={({ screen }) => heard.push(screen)} {...props} /></StrictMode>);
    window.unmount = () => root.unmount();
    render({});`;
  const widget = await openMade(world, declined.customer, page(source, "tsx"));
  const { page: it } = widget;
  await widget.expectScreen("banner");
  await expect(widget.element).toHaveCount(1);
  await it.evaluate(() => (window as any).render({ theme: "dark" }));
  await expect(it.locator("reprieve-widget[theme=dark]")).toHaveCount(1);
  await it.evaluate(() => (window as any).render({ locale: "de", onShown: () => {} }));
  await expect(widget.root).toHaveAttribute("lang", "de");
  await expect(it.locator("reprieve-widget[theme]")).toHaveCount(0);
  expect(await it.evaluate(() => (window as any).heard)).toEqual(["banner"]);
  const asked = it.waitForResponse((response) => response.url().endsWith("/v1/status"));
  const render = (wall: boolean) =>
    it.evaluate((given) => (window as any).render({ locale: "de", ...given }), { wall });
  await render(true);
  await expect(it.locator("reprieve-widget[wall]")).toHaveCount(1);
  await asked;
  await render(false);
  await expect(it.locator("reprieve-widget[wall]")).toHaveCount(0);
  await expect(widget.root).toHaveAttribute("lang", "de");
  expect(await it.evaluate(() => (window as any).widget.open("manage"))).toBe(true);
  await expect(widget.element.locator("[data-reprieve-dialog] dialog")).toBeVisible();
  await it.evaluate(() => (window as any).unmount());
  await expect(it.locator("#here")).toBeEmpty();
  expect(await it.evaluate(() => (window as any).widget)).toBeNull();
  await world.expectUnpaid(declined);
});
