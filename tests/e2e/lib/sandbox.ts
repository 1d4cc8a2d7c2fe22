/**
 * Client of the payment sandbox: its control API for scenarios and faults, and the provider's
 * public API to look at the truth behind the screen.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Charge, DeclinedCustomer, StackInfo } from "./types.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const FAULT_TIMEOUT_MS = 60_000;
const ADVANCE_TIMEOUT_MS = 30_000;
const POLL_MS = 25;
const DAY_S = 24 * 60 * 60;
const AMOUNT_MINOR = 1900;
const CURRENCY = "eur";

/** Test cards by their last four digits, as the sandbox's scenarios name them. */
export type Card =
  | "0002"
  | "0069"
  | "0341"
  | "3178"
  | "3184"
  | "9979"
  | "9987"
  | "9995";

export interface Fault {
  method: "GET" | "POST";
  path_prefix: string;
  mode: "error_before" | "error_after" | "hang_before" | "hang_after" | "delay";
  ms: number;
  times: number;
}

export interface Delivery {
  event: string;
  type: string;
  status: number | null;
}

// The provider's objects are looked at field by field; the tests do not mirror their types.
type ProviderObject = Record<string, any>;

export class Sandbox {
  readonly #base: string;
  readonly #secretKey: string;
  /** What this test broke: other tests break other things of the same sandbox. */
  readonly #broken = new Set<string>();

  constructor(info: StackInfo) {
    this.#base = info.sandbox;
    this.#secretKey = info.secret_key;
  }

  /** A customer with paid subscriptions whose renewals `card` has just declined. */
  async declinedRenewal(
    card: Card,
    amount_minor = AMOUNT_MINOR,
    subscriptions = 1,
    own_cards = false,
  ): Promise<DeclinedCustomer> {
    const many = subscriptions === 1 ? {} : { subscriptions, own_cards };
    const scenario = { name: "declined_renewal", card, amount_minor, currency: CURRENCY, ...many };
    const made = await this.#control("POST", "scenario", { ...scenario, test_clock: true });
    return { ...(made as unknown as DeclinedCustomer), amount_minor, currency: CURRENCY };
  }

  async ledger(customer: string): Promise<Charge[]> {
    const answer = await this.#control("GET", `ledger?customer=${customer}`);
    return answer.charges as Charge[];
  }

  async deliveries(customer: string): Promise<Delivery[]> {
    const answer = await this.#control("GET", `deliveries?customer=${customer}`);
    return answer.deliveries as Delivery[];
  }

  /**
   * Sends each of the customer's events `times` times again, in an order drawn from the seed.
   * Resolves to what the edge answered to every sending; `null`: no answer.
   */
  redeliver(customer: string, times: number, seed: number): Promise<Delivery["status"][]> {
    return this.#redeliver({ event: null, customer, times, shuffle_seed: seed });
  }

  /** The same for the customer's last event of one type. */
  async redeliverLast(
    customer: string,
    type: string,
    times: number,
  ): Promise<Delivery["status"][]> {
    const delivered = await this.deliveries(customer);
    const event = delivered.findLast((delivery) => delivery.type === type)?.event;
    if (event === undefined) throw new Error(`no ${type} was ever delivered`);
    return this.#redeliver({ event, customer, times, shuffle_seed: 1 });
  }

  async #redeliver(order: object): Promise<Delivery["status"][]> {
    const answer = await this.#control("POST", "redeliver", order);
    return (answer.statuses as Delivery[]).map(({ status }) => status);
  }

  async pauseWebhooks(paused: boolean): Promise<void> {
    await this.#control("POST", "webhooks", { paused });
  }

  async fault(fault: Fault): Promise<void> {
    this.#broken.add(fault.path_prefix);
    await this.#control("POST", "faults", fault);
  }

  /** Resolves when no fault of this test waits any more: what goes wrong has arrived. */
  async faultsHappened(timeout_ms = FAULT_TIMEOUT_MS): Promise<void> {
    const deadline = Date.now() + timeout_ms;
    while (await this.#isFaultWaiting()) {
      if (Date.now() > deadline) throw new Error("the request that goes wrong did not arrive");
      await sleep(POLL_MS);
    }
  }

  async #isFaultWaiting(): Promise<boolean> {
    const faults = (await this.#control("GET", "faults")).faults as Fault[];
    return faults.some(({ path_prefix }) => this.#broken.has(path_prefix));
  }

  /** The bank's answer to the customer's next charge; orders are carried out in their order. */
  async orderFromBank(customer: string, answer: "approve" | { decline_code: string }) {
    const order = answer === "approve" ? { outcome: answer } : answer;
    await this.#control("POST", "declines", { customer, ...order, times: 1 });
  }

  /** The bank waits no longer for the answer about this payment or set-up. */
  async expireChallenge(intent: string): Promise<void> {
    await this.#control("POST", "challenges", { expire: intent });
  }

  /** The bank answers about every direct debit of the customer that is on its way. */
  async settleDebits(customer: string): Promise<void> {
    const { settled } = await this.#control("POST", "debits/settle", { customer });
    if (settled === 0) throw new Error("no debit was on its way");
  }

  /** Ends a subscription at once. */
  cancel(subscription: string): Promise<ProviderObject> {
    return this.#provider("DELETE", `subscriptions/${subscription}`);
  }

  /** The bank gives out a new card, and its network tells the provider. */
  async reissueCard(customer: string): Promise<void> {
    await this.#control("POST", "cards/reissue", { customer });
  }

  /** A customer in good standing, whose card is good until the end of that month. */
  async payingCustomer(expires: Date): Promise<string> {
    const customer = await this.post("customers");
    const method = await this.post("payment_methods", {
      type: "card",
      "card[number]": "4242424242424242",
      "card[exp_month]": `${expires.getUTCMonth() + 1}`,
      "card[exp_year]": `${expires.getUTCFullYear()}`,
      "card[cvc]": "123",
    });
    await this.post(`payment_methods/${method.id}/attach`, { customer: customer.id });
    await this.post(`customers/${customer.id}`, {
      "invoice_settings[default_payment_method]": method.id,
    });
    const price = await this.post("prices", {
      currency: "eur",
      unit_amount: "1900",
      "recurring[interval]": "month",
      "product_data[name]": "Plan",
    });
    const subscription = await this.post("subscriptions", {
      customer: customer.id,
      "items[0][price]": price.id,
    });
    if (subscription.status !== "active") throw new Error(`it is ${subscription.status}`);
    return customer.id;
  }

  /** Moves a test clock on by so many days, and resolves when all that falls due has happened. */
  async advance(clock: string, days: number): Promise<void> {
    const path = `test_helpers/test_clocks/${clock}`;
    const { frozen_time } = await this.get(path);
    await this.post(`${path}/advance`, { frozen_time: String(frozen_time + days * DAY_S) });
    const deadline = Date.now() + ADVANCE_TIMEOUT_MS;
    while ((await this.get(path)).status !== "ready") {
      if (Date.now() > deadline) throw new Error(`${clock} is still not ${days} days on`);
      await sleep(POLL_MS);
    }
  }

  async clearFaults(): Promise<void> {
    await this.#control("DELETE", "faults");
  }

  /** Reads a provider object, for example `get("invoices/in_1")`. */
  get(path: string): Promise<ProviderObject> {
    return this.#provider("GET", path);
  }

  /** Calls the provider's API with form fields (nested names written out). */
  post(path: string, fields: Record<string, string> = {}): Promise<ProviderObject> {
    return this.#provider("POST", path, new URLSearchParams(fields));
  }

  #provider(method: string, path: string, body?: URLSearchParams): Promise<ProviderObject> {
    const headers = { authorization: `Bearer ${this.#secretKey}` };
    return this.#send(`${this.#base}/v1/${path}`, { method, headers, body });
  }

  #control(method: string, path: string, body?: object): Promise<ProviderObject> {
    return this.#send(`${this.#base}/_sandbox/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async #send(url: string, init: RequestInit): Promise<ProviderObject> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const answer = await fetch(url, { ...init, signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${init.method} ${url}: ${answer.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }
}
