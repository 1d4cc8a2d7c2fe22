/**
 * The fixture of all tests: one running product and the means to look behind it. A console error
 * or an uncaught exception on any host page fails the test that caused it, unless it said before
 * that it expects one.
 */
import { readFileSync } from "node:fs";
import { type BrowserContext, expect, type Page, test as base } from "@playwright/test";
import { Edge } from "./edge.ts";
import { type Card, Sandbox } from "./sandbox.ts";
import { Stack } from "./stack.ts";
import { basePort } from "./global-setup.ts";
import type { Charge, DeclinedCustomer, StackInfo } from "./types.ts";
import { Widget } from "./widget.ts";

const OWN_STACK_PORT_OFFSET = 100;
const OWN_STACK_START_TIMEOUT_MS = 120_000;
const SETTLE_TIMEOUT_MS = 20_000;

export interface HostOptions {
  path?: "/saas" | "/game";
  lang?: "en" | "de" | "ar" | "ja";
  theme?: "light" | "dark";
  page?: Page;
}

export class World {
  readonly info: StackInfo;
  readonly sandbox: Sandbox;
  readonly edge: Edge;
  readonly #context: BrowserContext;
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(info: StackInfo, context: BrowserContext) {
    this.info = info;
    this.sandbox = new Sandbox(info);
    this.edge = new Edge(info);
    this.#context = context;
  }

  newDeclinedCustomer({ card = "0069" as Card, amount_minor = 1900 } = {}) {
    return this.sandbox.declinedRenewal(card, amount_minor);
  }

  /** A page whose console is watched and whose widget events are kept; nothing loaded yet. */
  async newPage(): Promise<Page> {
    const page = await this.#context.newPage();
    this.watch(page);
    await Widget.recordEvents(page);
    return page;
  }

  /** Opens a host page with this customer signed in. */
  async openHost(customer: string, options: HostOptions = {}): Promise<Widget> {
    const page = options.page ?? (await this.newPage());
    const query = new URLSearchParams({ customer, lang: options.lang ?? "en" });
    if (options.theme !== undefined) query.set("theme", options.theme);
    await page.goto(`${this.info.host}${options.path ?? "/saas"}?${query}`);
    return new Widget(page);
  }

  watch(page: Page): void {
    page.on("pageerror", (error) => this.#complaints.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") {
        this.#complaints.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
  }

  /** Complaints that match are part of what the test does. */
  expectConsole(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** What the pages complained about that no test expected. */
  complaints(): string[] {
    return this.#complaints.filter((text) => !this.#expected.some((it) => it.test(text)));
  }

  /** The attempts on the invoice that the renewal left open. */
  async attempts({ customer, invoice }: DeclinedCustomer): Promise<Charge[]> {
    return (await this.sandbox.ledger(customer)).filter((charge) => charge.invoice === invoice);
  }

  /** Asserts over the sandbox's ledger that the invoice was paid exactly once, and in full. */
  async expectPaidOnce(declined: DeclinedCustomer): Promise<Charge> {
    const paid = (await this.attempts(declined)).filter(({ status }) => status === "succeeded");
    expect(paid, "successful charges of the invoice").toHaveLength(1);
    const [charge] = paid;
    expect(charge).toMatchObject({ amount: declined.amount_minor, currency: declined.currency });
    const invoice = await this.sandbox.get(`invoices/${declined.invoice}`);
    expect(invoice.status).toBe("paid");
    expect(invoice.amount_remaining).toBe(0);
    return charge!;
  }

  /** Asserts that no money moved for the invoice and that it is still open. */
  async expectUnpaid(declined: DeclinedCustomer): Promise<void> {
    const paid = (await this.attempts(declined)).filter(({ status }) => status === "succeeded");
    expect(paid, "successful charges of the invoice").toHaveLength(0);
    expect((await this.sandbox.get(`invoices/${declined.invoice}`)).status).toBe("open");
  }

  /** Waits until the edge answers this state for the customer. */
  async expectState(customer: string, state: string, timeout = SETTLE_TIMEOUT_MS): Promise<void> {
    const read = async () => (await this.edge.status(customer)).state;
    await expect.poll(read, { timeout, message: "state of the account" }).toBe(state);
  }
}

function sharedStack(): StackInfo {
  const given = process.env.REPRIEVE_STACK_JSON;
  if (given === undefined) throw new Error("REPRIEVE_STACK_JSON is not set");
  return JSON.parse(given);
}

async function useWorld(
  info: StackInfo,
  context: BrowserContext,
  use: (world: World) => Promise<void>,
): Promise<void> {
  const world = new World(info, context);
  await use(world);
  expect(world.complaints(), "console errors on the host pages").toEqual([]);
}

/** Tests against the shared stack. */
export const test = base.extend<{ world: World }>({
  world: ({ context }, use) => useWorld(sharedStack(), context, use),
});

/** Tests against a stack of their own, which they may kill, pause and break. */
export const ownStackTest = base.extend<{ world: World }, { stack: Stack }>({
  stack: [
    async ({}, use) => {
      const stack = await Stack.launch(basePort() + OWN_STACK_PORT_OFFSET);
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: OWN_STACK_START_TIMEOUT_MS },
  ],
  world: ({ stack, context }, use) => useWorld(stack.info, context, use),
});

export { expect };

let axeSource: string | undefined;

/** Violations of WCAG 2.2 A and AA in `selector`, each as one readable line. */
export async function axeViolations(page: Page, selector: string): Promise<string[]> {
  const file = new URL("../../node_modules/axe-core/axe.min.js", import.meta.url);
  axeSource ??= readFileSync(file, "utf8");
  await page.evaluate(axeSource);
  return page.evaluate(async (include) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const axe = (window as any).axe;
    const { violations } = await axe.run(include, { runOnly: tags });
    return violations.map((rule: any) => {
      const where = rule.nodes.map((node: any) => `${node.target}: ${node.failureSummary}`);
      return `${rule.id}: ${where.join("; ")}`;
    });
  }, selector);
}
