/**
 * The demo's customers. They live in the provider sandbox; this file only asks for new ones and
 * remembers which one is signed in when the page address names nobody.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Why the renewal fails, in the words of the demo bar, by test card. `none`: nothing fails. */
export const STORIES = [
  { card: "0069", label: "Card expired" },
  { card: "9995", label: "Insufficient funds" },
  { card: "0341", label: "Declined, attaches again" },
  { card: "9987", label: "Lost card" },
  { card: "none", label: "In good standing" },
];

const CUSTOMER_ID = /^cus_[A-Za-z0-9_]{1,64}$/;
export const SANDBOX_TIMEOUT_MS = 30_000;
const RENEWAL = { amount_minor: 1900, currency: "eur" };
const PRODUCTS = { saas: "Studio Pro", game: "Moonlight Pass" };

/** True for what may be a provider customer id; anything else never reaches a token or a page. */
export function isCustomerId(value) {
  return typeof value === "string" && CUSTOMER_ID.test(value);
}

/** How this server speaks to the provider's API. */
export const API_HEADERS = {
  authorization: "Bearer sk_test_demo_host",
  "content-type": "application/x-www-form-urlencoded",
};

/** Posts to the sandbox and resolves to its answer; throws unless that is a success. */
export async function post(url, headers, body) {
  const signal = AbortSignal.timeout(SANDBOX_TIMEOUT_MS);
  const answer = await fetch(url, { method: "POST", headers, body, signal });
  if (!answer.ok) {
    throw new Error(`the sandbox answered ${answer.status} to ${new URL(url).pathname}`);
  }
  return answer.json();
}

/** Creates a customer whose renewal with `card` (last four digits) was declined, or a plain one. */
async function createCustomer(sandbox, card, page) {
  if (card === "none") {
    return (await post(`${sandbox}/v1/customers`, API_HEADERS, "name=Mara+Lindqvist")).id;
  }
  const renewal = { ...RENEWAL, card, product: PRODUCTS[page], test_clock: true };
  const scenario = JSON.stringify({ name: "declined_renewal", ...renewal });
  const headers = { "content-type": "application/json" };
  const made = await post(`${sandbox}/_sandbox/scenario`, headers, scenario);
  return made.customer;
}

/** The signed-in customer of the demo, kept in memory and, with a state folder, in `host.json`. */
export class Customers {
  #sandbox;
  #file;
  #current = null;

  /** @param {{sandbox: string, stateDir: string | null}} config */
  constructor({ sandbox, stateDir }) {
    this.#sandbox = sandbox;
    this.#file = stateDir === null ? null : join(stateDir, "host.json");
  }

  /** The remembered customer; the first call creates one. Concurrent calls share one creation. */
  async current() {
    this.#current ??= this.#remembered().then((id) => id ?? this.#make(STORIES[0].card, "saas"));
    try {
      return await this.#current;
    } catch (error) {
      this.#current = null;
      throw error;
    }
  }

  /** Creates a customer of one of the products with this story and signs them in. */
  async signInNew(card, page) {
    const id = await this.#make(card, page);
    this.#current = Promise.resolve(id);
    return id;
  }

  async #make(card, page) {
    const id = await createCustomer(this.#sandbox, card, page);
    if (!isCustomerId(id)) throw new Error("the sandbox answered without a customer id");
    if (this.#file !== null) {
      await mkdir(join(this.#file, ".."), { recursive: true });
      await writeFile(this.#file, JSON.stringify({ customer: id }));
    }
    return id;
  }

  async #remembered() {
    if (this.#file === null) return null;
    try {
      const id = JSON.parse(await readFile(this.#file, "utf8")).customer;
      return isCustomerId(id) && (await this.#exists(id)) ? id : null;
    } catch {
      return null; // No file yet, or one from an older demo: a new customer is created instead.
    }
  }

  /** A sandbox that was reset has forgotten the customer that we remember. */
  async #exists(id) {
    const answer = await fetch(`${this.#sandbox}/v1/customers/${id}`, {
      headers: { authorization: API_HEADERS.authorization },
      signal: AbortSignal.timeout(SANDBOX_TIMEOUT_MS),
    });
    return answer.ok;
  }
}
