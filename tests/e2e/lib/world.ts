/**
 * The fixture of all tests: one running product and the means to look behind it. It fails a test
 * - when a host page had a console error or an uncaught exception that the test did not expect,
 * - when the edge told a page a secret in an error,
 * - when the test did not look at the provider's ledger for a customer that it created, or any
 *   invoice of theirs was paid twice.
 */
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BrowserContext,
  expect,
  type Page,
  type Response,
  test as base,
  type TestInfo,
} from "@playwright/test";
import { Edge } from "./edge.ts";
import { type Card, Sandbox } from "./sandbox.ts";
import { secretsIn } from "./secrets.ts";
import { Stack } from "./stack.ts";
import { basePort } from "./global-setup.ts";
import type { Charge, DeclinedCustomer, StackInfo } from "./types.ts";
import { Widget } from "./widget.ts";

const OWN_STACK_PORT_OFFSET = 100;
const OFFERS_STACK_PORT_OFFSET = 50;
const OFFERS_WORKER = "target/edge-offers";
const OWN_STACK_START_TIMEOUT_MS = 120_000;
const SETTLE_TIMEOUT_MS = 30_000;

export interface HostOptions {
  path?: "/saas" | "/game";
  lang?: string;
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
  readonly #unchecked = new Set<string>();
  readonly #customers: string[] = [];
  readonly #reading: Promise<void>[] = [];

  constructor(info: StackInfo, context: BrowserContext) {
    this.info = info;
    this.sandbox = new Sandbox(info);
    this.edge = new Edge(info);
    this.#context = context;
  }

  async newDeclinedCustomer({
    card = "0069" as Card,
    amount_minor = 1900,
    subscriptions = 1,
    own_cards = false,
  } = {}) {
    const many = [subscriptions, own_cards] as const;
    const declined = await this.sandbox.declinedRenewal(card, amount_minor, ...many);
    this.#customers.push(declined.customer);
    this.#unchecked.add(declined.customer);
    return declined;
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
    page.on("response", (response) => {
      const isError = response.status() >= 400 && response.url().startsWith(this.info.edge);
      if (isError) this.#reading.push(this.#readError(response));
    });
  }

  async #readError(response: Response): Promise<void> {
    // The page may have gone on or closed before the body was here; then nobody read it.
    const text = await response.text().catch(() => "");
    for (const secret of secretsIn(text)) this.#complaints.push(`the edge told ${secret}`);
  }

  /** Complaints that match are part of what the test does. */
  expectConsole(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** What holds after every test. */
  async assertRules(): Promise<void> {
    await Promise.all(this.#reading);
    const complaints = this.#complaints.filter(
      (text) => !this.#expected.some((it) => it.test(text)),
    );
    expect(complaints, "complaints of the host pages").toEqual([]);
    expect([...this.#unchecked], "customers whose ledger nobody looked at").toEqual([]);
    for (const customer of this.#customers) {
      const charges = await this.sandbox.ledger(customer);
      const paid = charges.filter(({ status }) => status === "succeeded");
      const invoices = paid.map(({ invoice }) => invoice);
      expect(new Set(invoices).size, "no invoice is paid twice").toBe(invoices.length);
    }
  }

  /** The payment behind the invoice that the renewal left open, as the provider sees it now. */
  async payment({ invoice }: DeclinedCustomer) {
    const expanded = `invoices/${invoice}?expand[]=payments.data.payment.payment_intent`;
    return (await this.sandbox.get(expanded)).payments.data[0].payment.payment_intent;
  }

  /** Another system asks for the money and wants the bank to ask on a page of its own. */
  async sendToBank(declined: DeclinedCustomer, back?: string): Promise<void> {
    const { id, last_payment_error } = await this.payment(declined);
    const query = new URLSearchParams({ customer: declined.customer, lang: "en" });
    const waiting = await this.sandbox.post(`payment_intents/${id}/confirm`, {
      payment_method: last_payment_error.payment_method.id,
      return_url: back ?? `${this.info.host}/saas?${query}`,
    });
    expect(waiting.next_action.type).toBe("redirect_to_url");
  }

  /** The attempts on the invoice that the renewal left open. */
  async attempts({ customer, invoice }: DeclinedCustomer): Promise<Charge[]> {
    return (await this.sandbox.ledger(customer)).filter((charge) => charge.invoice === invoice);
  }

  /** Asserts over the sandbox's ledger that the invoice was paid exactly once, and in full. */
  async expectPaidOnce(declined: DeclinedCustomer): Promise<Charge> {
    this.#unchecked.delete(declined.customer);
    const paid = (await this.attempts(declined)).filter(({ status }) => status === "succeeded");
    expect(paid, "successful charges of the invoice").toHaveLength(1);
    const [charge] = paid;
    expect(charge).toMatchObject({ amount: declined.amount_minor, currency: declined.currency });
    const invoice = await this.sandbox.get(`invoices/${declined.invoice}`);
    expect(invoice.status).toBe("paid");
    expect(invoice.amount_remaining).toBe(0);
    return charge!;
  }

  /** The same for the invoice of every subscription. */
  async expectAllPaidOnce(declined: DeclinedCustomer): Promise<Charge[]> {
    const charges: Charge[] = [];
    for (const invoice of declined.invoices) {
      charges.push(await this.expectPaidOnce({ ...declined, invoice }));
    }
    return charges;
  }

  /** Asserts that every subscription and the customer have this method as default. */
  async expectDefault(declined: DeclinedCustomer, method: string): Promise<void> {
    const customer = await this.sandbox.get(`customers/${declined.customer}`);
    const defaults = [customer.invoice_settings.default_payment_method];
    for (const id of declined.subscriptions) {
      defaults.push((await this.sandbox.get(`subscriptions/${id}`)).default_payment_method);
    }
    expect(defaults, "customer and subscriptions").toEqual(defaults.map(() => method));
  }

  /** Asserts that no money moved for the invoice, whatever became of it. */
  async expectNotCharged(declined: DeclinedCustomer): Promise<void> {
    this.#unchecked.delete(declined.customer);
    const paid = (await this.attempts(declined)).filter(({ status }) => status === "succeeded");
    expect(paid, "successful charges of the invoice").toHaveLength(0);
  }

  /** Asserts that no money moved for the invoice and that it is still open. */
  async expectUnpaid(declined: DeclinedCustomer): Promise<void> {
    this.#unchecked.delete(declined.customer);
    const paid = (await this.attempts(declined)).filter(({ status }) => status === "succeeded");
    expect(paid, "successful charges of the invoice").toHaveLength(0);
    expect((await this.sandbox.get(`invoices/${declined.invoice}`)).status).toBe("open");
  }

  /** Asserts that no money moved for the invoice, whatever became of it. */
  async expectNothingPaid(declined: DeclinedCustomer): Promise<void> {
    this.#unchecked.delete(declined.customer);
    const paid = (await this.attempts(declined)).filter(({ status }) => status === "succeeded");
    expect(paid, "successful charges of the invoice").toHaveLength(0);
  }

  /** Waits until the edge knows what would help the customer. */
  async expectRemedy(customer: string, remedy: string): Promise<void> {
    const read = async () => (await this.edge.status(customer)).remedy;
    await expect.poll(read, { timeout: SETTLE_TIMEOUT_MS, message: "remedy" }).toBe(remedy);
  }

  /** Waits until the edge answers this state for the customer. */
  async expectState(
    customer: string,
    state: string | RegExp,
    timeout = SETTLE_TIMEOUT_MS,
  ): Promise<void> {
    const read = async () => (await this.edge.status(customer)).state;
    const wanted = typeof state === "string" ? new RegExp(`^${state}$`) : state;
    await expect.poll(read, { timeout, message: "state of the account" }).toMatch(wanted);
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
  testInfo: TestInfo,
): Promise<void> {
  const world = new World(info, context);
  await use(world);
  try {
    if (testInfo.status === testInfo.expectedStatus) await world.assertRules();
  } catch (error) {
    await keepEdgeLog(info, testInfo);
    throw error;
  }
  if (testInfo.status !== testInfo.expectedStatus) await keepEdgeLog(info, testInfo);
}

/** What the edge said until a test failed, next to the test's screenshots. */
async function keepEdgeLog(info: StackInfo, testInfo: TestInfo): Promise<void> {
  if (info.state_dir === undefined) return;
  const path = testInfo.outputPath("edge.log");
  await copyFile(join(info.state_dir, "logs", "edge.log"), path);
  await testInfo.attach("edge.log", { path });
}

/** Tests against the shared stack. */
export const test = base.extend<{ world: World }>({
  world: ({ context }, use, testInfo) => useWorld(sharedStack(), context, use, testInfo),
});

/** One file's tests, in one row, against a stack that nobody else uses. */
function testWithStack(portOffset: number, worker?: string) {
  return base.extend<{ world: World }, { stack: Stack }>({
    stack: [
      async ({}, use) => {
        const stack = await Stack.launch(basePort() + portOffset, worker);
        await use(stack);
        await stack.stop();
      },
      { scope: "worker", timeout: OWN_STACK_START_TIMEOUT_MS },
    ],
    world: ({ stack, context }, use, testInfo) => useWorld(stack.info, context, use, testInfo),
  });
}

/** Tests against a stack of their own, which they may kill, pause and break. */
export const ownStackTest = testWithStack(OWN_STACK_PORT_OFFSET);

/** Tests against a Worker with the policy `policies/offers.toml`. */
export const offersTest = testWithStack(OFFERS_STACK_PORT_OFFSET, OFFERS_WORKER);

export { expect };

let axeSource: string | undefined;

/** Violations of WCAG 2.2 A and AA in `selector`, each as one readable line. */
export async function axeViolations(page: Page, selector: string): Promise<string[]> {
  const file = new URL("../../node_modules/axe-core/axe.min.js", import.meta.url);
  axeSource ??= readFileSync(file, "utf8");
  await page.evaluate(axeSource);
  return page.evaluate(async (include) => {
    // What comes in is looked at when it has come; what never ends has to be right all the time.
    const moving = document.getAnimations().filter(
      (it) => Number.isFinite(Number(it.effect?.getComputedTiming().endTime)),
    );
    await Promise.allSettled(moving.map((it) => it.playState === "running" && it.finished));
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const axe = (window as any).axe;
    const { violations } = await axe.run(include, { runOnly: tags });
    return violations.map((rule: any) => {
      const where = rule.nodes.map((node: any) => `${node.target}: ${node.failureSummary}`);
      return `${rule.id}: ${where.join("; ")}`;
    });
  }, selector);
}
