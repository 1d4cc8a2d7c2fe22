/** What the provider and the edge say about a customer, for the diary and the verdict. */
import { mintToken } from "../../host/mint-token.mjs";

const REQUEST_TIMEOUT_MS = 60_000;
const MERCHANT = "demo";
const DAY_S = 24 * 60 * 60;
const CLOCK_POLL_MS = 100;
const CLOCK_POLLS_MAX = 100;

async function readJson(url, init = {}) {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** The edge's status answer for the customer, asked for as the host page would. */
export const statusOf = (stack, customer) => ask(stack, customer, "/v1/status");

/** What the customer subscribed to, as the edge tells it. */
export const subscriptionsOf = (stack, customer) => ask(stack, customer, "/v1/subscriptions");

function ask(stack, customer, path) {
  const origin = stack.host;
  const token = mintToken({ customer, merchant: MERCHANT, origin, key: stack.token_key });
  const headers = { origin, authorization: `Bearer ${token}` };
  return readJson(`${stack.edge}${path}`, { headers });
}

/** The payment sandbox: scenarios, its ledger, and the provider's public API. */
export class Provider {
  #stack;

  constructor(stack) {
    this.#stack = stack;
  }

  declinedRenewal(card, amount_minor, product) {
    const scenario = { name: "declined_renewal", card, amount_minor, currency: "eur", product };
    return readJson(`${this.#stack.sandbox}/_sandbox/scenario`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...scenario, test_clock: true }),
    });
  }

  /** A customer in good standing with a monthly subscription, on a clock of their own. */
  async subscriber(country, unit_amount, name) {
    const frozen_time = Math.floor(Date.now() / 1000);
    const clock = await this.#create("test_helpers/test_clocks", { frozen_time });
    const customer = await this.#create("customers", {
      test_clock: clock.id,
      payment_method: "pm_card_visa",
      "address[country]": country,
    });
    const cards = await this.#object(`customers/${customer.id}/payment_methods`);
    const product = await this.#create("products", { name });
    const price = await this.#create("prices", {
      product: product.id,
      unit_amount,
      currency: "eur",
      "recurring[interval]": "month",
    });
    const subscription = await this.#create("subscriptions", {
      customer: customer.id,
      default_payment_method: cards.data[0].id,
      "items[0][price]": price.id,
    });
    return { customer: customer.id, subscription: subscription.id, clock };
  }

  /** Moves a customer's clock, and waits until it is there. */
  async advance({ clock }, days) {
    const path = `test_helpers/test_clocks/${clock.id}`;
    await this.#create(`${path}/advance`, { frozen_time: clock.frozen_time + days * DAY_S });
    for (let polls = 0; polls < CLOCK_POLLS_MAX; polls += 1) {
      if ((await this.#object(path)).status === "ready") return;
      await new Promise((resolve) => setTimeout(resolve, CLOCK_POLL_MS));
    }
    throw new Error("the customer's clock does not arrive");
  }

  /** Attempts that reached the card network, all of the customer's or those on one invoice. */
  async charges(customer, invoice) {
    const query = new URLSearchParams({ customer });
    const ledger = await readJson(`${this.#stack.sandbox}/_sandbox/ledger?${query}`);
    return ledger.charges.filter((charge) => !invoice || charge.invoice === invoice);
  }

  invoice(id) {
    return this.#object(`invoices/${id}`);
  }

  subscription(id) {
    return this.#object(`subscriptions/${id}`);
  }

  #create(path, fields) {
    const headers = { authorization: `Bearer ${this.#stack.secret_key}` };
    const body = new URLSearchParams(fields);
    return readJson(`${this.#stack.sandbox}/v1/${path}`, { method: "POST", headers, body });
  }

  #object(path) {
    const headers = { authorization: `Bearer ${this.#stack.secret_key}` };
    return readJson(`${this.#stack.sandbox}/v1/${path}`, { headers });
  }
}

/** `1900, "EUR"` → "€19.00" */
export function amountText(amount_minor, currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const { maximumFractionDigits } = format.resolvedOptions();
  return format.format(amount_minor / 10 ** maximumFractionDigits);
}
