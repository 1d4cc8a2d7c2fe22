/**
 * Host pages made for one test: they have the origin of the demo's host, so its route for tokens
 * answers them, but their markup and their headers are the test's own.
 */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { Widget } from "./widget.ts";
import { test as base, type World } from "./world.ts";

/**
 * A page that a test answers itself comes from no network, so Chromium takes it for one of the open
 * internet and would ask before it reaches this machine.
 */
const LOOPBACK_FOR_ALL = "--disable-features=LocalNetworkAccessChecks";

/** Tests with such pages. */
export const test = base.extend({
  launchOptions: [
    ({ launchOptions }, use) =>
      use({ ...launchOptions, args: [...(launchOptions.args ?? []), LOOPBACK_FOR_ALL] }),
    { scope: "worker" },
  ],
});

const PATH = "/made-for-a-test";

export interface MadePage {
  /** Markup of the head, before the loader. */
  head?: string;
  /** Markup of the body. */
  body?: string;
  /** Further attributes of the loader's script; `null`: no script at all. */
  script?: string | null;
  /** The page's policy; without one everything is allowed. */
  csp?: string | null;
  /** Other requests of this origin that the test answers itself, by path. */
  files?: Record<string, { type: string; text: string }>;
}

export const tokenUrl = (customer: string) =>
  `/api/reprieve-token?${new URLSearchParams({ customer })}`;

/** Opens such a page with this customer signed in. */
export async function openMade(
  world: World,
  customer: string,
  made: MadePage = {},
  page?: Page,
): Promise<Widget> {
  const it = page ?? (await world.newPage());
  const { host, edge } = world.info;
  const attributes = made.script ?? `data-token-url="${tokenUrl(customer)}"`;
  const loader = `<script src="${edge}/v1/loader.js" async ${attributes}></script>`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width"><title>Made</title>
    ${made.head ?? ""}${made.script === null ? "" : loader}</head>
    <body>${made.body ?? "<main><h1>Host</h1></main>"}</body></html>`;
  const headers: Record<string, string> = { "content-type": "text/html; charset=utf-8" };
  if (made.csp) headers["content-security-policy"] = made.csp;
  await it.route(`${host}${PATH}`, (route) => route.fulfill({ headers, body: html }));
  for (const [path, { type, text }] of Object.entries(made.files ?? {})) {
    const answer = { contentType: type, body: text };
    await it.route(`${host}${path}`, (route) => route.fulfill(answer));
  }
  await it.goto(`${host}${PATH}`);
  return new Widget(it);
}

/** A block of `docs/embed.md` by the name in the comment before it. */
export function documented(name: string): string {
  const text = readFileSync(new URL("../../../docs/embed.md", import.meta.url), "utf8");
  const [, block] = text.split(`<!-- ${name} -->`);
  const found = /```[a-z]*\n([\s\S]*?)```/.exec(block ?? "");
  if (found === null) throw new Error(`docs/embed.md has no block ${name}`);
  return found[1]!;
}

/** The policy that the documentation asks for, with the addresses of this stack. */
export function documentedPolicy(world: World, name = "csp"): string {
  const { edge, sandbox, sandbox_js } = world.info;
  const addresses: [string, string][] = [
    ["https://reprieve.example.com", edge],
    ["https://api.stripe.com", sandbox],
    ["https://*.js.stripe.com", ""],
    ["https://js.stripe.com", sandbox_js],
    ["https://hooks.stripe.com", ""],
  ];
  let policy = documented(name).replaceAll(/\s+/g, " ");
  for (const [theirs, ours] of addresses) policy = policy.replaceAll(theirs, ours);
  if (policy.includes("stripe.com")) throw new Error(`an address was not replaced: ${policy}`);
  return policy.replaceAll(/\s+/g, " ").trim();
}

/** The policy without one source of one directive. */
export function without(policy: string, directive: string, source: string): string {
  const parts = policy.split(";").map((part) => {
    const words = part.trim().split(" ");
    return words[0] === directive ? words.filter((word) => word !== source).join(" ") : part.trim();
  });
  const changed = parts.join("; ");
  if (changed === policy.split(";").map((part) => part.trim()).join("; ")) {
    throw new Error(`${directive} has no ${source} in ${policy}`);
  }
  return changed;
}
