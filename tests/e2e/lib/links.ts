/** Links to the hosted page: made as a merchant's server does, used as browsers do. */
import { randomBytes } from "node:crypto";
import { type Browser, expect, type Page } from "@playwright/test";
import { fetchAnew } from "./fetch.ts";
import type { StackInfo } from "./types.ts";
import { fillCardIn, Widget } from "./widget.ts";
import type { World } from "./world.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const TRIES_MAX = 5;

export interface Link {
  id: string;
  url: string;
  customer: string;
  mode: "widget" | "provider";
  expires_at_ms: number;
}

export interface WantedLink {
  customer: string;
  expires_in_s?: number;
  mode?: Link["mode"];
}

export type View = "start" | "widget" | "clear" | "days" | "closed" | "failed" | "gone" | "done";

/** What a browser draws to be known by. */
export const newBrowser = () => randomBytes(32).toString("base64url");

export class Links {
  readonly #info: StackInfo;

  constructor(info: StackInfo) {
    this.#info = info;
  }

  /**
   * Sends any request to the edge, by path or by a link's whole address. Where other tests look
   * into the database's file from outside, D1 may be busy: the edge says 503, and to come again.
   */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.#info.edge);
    for (let tried = 1; ; tried += 1) {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const answer = await fetchAnew(url, { redirect: "manual", signal, ...init });
      if (answer.status !== 503 || tried >= TRIES_MAX) return answer;
    }
  }

  /** `POST /v1/links` with any body and key. */
  post(body: unknown, key: string | null = this.#info.merchant_key): Promise<Response> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (key !== null) headers.authorization = `Bearer ${key}`;
    return this.send("/v1/links", { method: "POST", headers, body: JSON.stringify(body) });
  }

  async make(...links: WantedLink[]): Promise<Link[]> {
    const answer = await this.post({ links });
    expect(answer.status).toBe(201);
    return (await answer.json()).links;
  }

  async makeOne(link: WantedLink): Promise<Link> {
    return (await this.make(link))[0]!;
  }

  revoke(id: string, key = this.#info.merchant_key): Promise<Response> {
    return this.send(`/v1/links/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${key}` },
    });
  }

  /** *Continue*, as the page's script sends it. */
  session(url: string, { browser = newBrowser(), cookie, ...more }: SessionOptions = {}) {
    const headers: Record<string, string> = {
      "content-type": "application/json",
      origin: this.#info.edge,
      ...more.headers,
    };
    if (cookie !== undefined) headers.cookie = cookie;
    const body = JSON.stringify({ browser });
    return this.send(`${new URL(url).pathname}/session`, { method: "POST", headers, body });
  }
}

interface SessionOptions {
  browser?: string;
  cookie?: string;
  headers?: Record<string, string>;
}

/** The page as a person sees it. */
export class HostedPage {
  readonly page: Page;
  readonly widget: Widget;

  constructor(page: Page) {
    this.page = page;
    this.widget = new Widget(page);
  }

  async expectView(view: View): Promise<void> {
    await expect(this.page.locator(`section[data-view="${view}"]`)).toBeVisible();
    // The widget has sections of its own.
    await expect(this.page.locator("section[data-view]:visible")).toHaveCount(1);
  }

  async proceed(): Promise<void> {
    await this.page.locator("section[data-view]:visible [data-proceed]").click();
  }

  /** On to the provider's own page at `provider`, where a card is given. */
  async giveCardThere(provider: string, number: string): Promise<void> {
    await this.proceed();
    await this.page.waitForURL((url) => url.href.startsWith(provider));
    await fillCardIn(this.page.frameLocator("iframe").first(), number);
    await this.page.locator("button[type=submit]").click();
  }
}

/** What the doors of the hosted page count by address. */
const DOORS = /\/p\/[\w-]{43}(\/session)?$/;
/** What makes a link for somebody who is signed in. */
export const OWN_LINK = /\/v1\/page$/;

/** Every customer comes from an address of their own, also when hundreds come in a minute. */
export async function comeFromElsewhere(page: Page, doors: RegExp = DOORS): Promise<void> {
  const address = ["10", ...randomBytes(3).values()].join(".");
  await page.route(doors, (route, request) =>
    route.fallback({ headers: { ...request.headers(), "cf-connecting-ip": address } }),
  );
}

/** Opens a link, in a page of its own unless one is given. */
export async function openLink(world: World, link: Link, given?: Page): Promise<HostedPage> {
  const page = given ?? (await world.newPage());
  await comeFromElsewhere(page);
  const answer = await page.goto(link.url);
  expect(answer!.status()).toBe(200);
  return new HostedPage(page);
}

/** Another device: nothing shared with the first one. */
export async function onAnotherDevice(
  world: World,
  browser: Browser,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ locale: "en-GB" });
  try {
    const page = await context.newPage();
    world.watch(page);
    await Widget.recordEvents(page);
    await look(page);
  } finally {
    await context.close();
  }
}
