/** What the provider and the edge say about a customer, for the diary and the verdict. */
import { mintToken } from "../../host/mint-token.mjs";

const REQUEST_TIMEOUT_MS = 60_000;
const MERCHANT = "demo";

async function readJson(url, init = {}) {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** The edge's status answer for the customer, asked for as the host page would. */
export function statusOf(stack, customer) {
  const origin = stack.host;
  const token = mintToken({ customer, merchant: MERCHANT, origin, key: stack.token_key });
  const headers = { origin, authorization: `Bearer ${token}` };
  return readJson(`${stack.edge}/v1/status`, { headers });
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

  /** Attempts on the invoice that reached the card network. */
  async charges(customer, invoice) {
    const query = new URLSearchParams({ customer });
    const ledger = await readJson(`${this.#stack.sandbox}/_sandbox/ledger?${query}`);
    return ledger.charges.filter((charge) => charge.invoice === invoice);
  }

  invoice(id) {
    return this.#object(`invoices/${id}`);
  }

  subscription(id) {
    return this.#object(`subscriptions/${id}`);
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
