/**
 * How somebody becomes a customer of Fernly, as a product does it with the provider: a customer and
 * an intent to set up a card, the provider's own card fields in the page, and then the
 * subscription, which charges the card. The browser tests count the presses: leaving must not take
 * more.
 */
import { API_HEADERS, post, SANDBOX_TIMEOUT_MS } from "./customers.mjs";

export const PUBLISHABLE_KEY = "pk_test_demo_host";
export const PLANS = {
  solo: { name: "Studio Solo", amount_minor: 900 },
  pro: { name: "Studio Pro", amount_minor: 1900 },
};

const SETUP_ID = /^seti_[A-Za-z0-9_]{1,64}$/;

function refuse(status, message) {
  return Object.assign(new Error(message), { status });
}

/** Calls the provider's API; the same key never does the same thing twice. */
function create(sandbox, path, fields, key) {
  const headers = key === undefined ? API_HEADERS : { ...API_HEADERS, "idempotency-key": key };
  return post(`${sandbox}/v1/${path}`, headers, new URLSearchParams(fields));
}

/**
 * A plan was chosen: `plan`.
 * @returns {Promise<{client_secret: string}>} what the card fields need
 */
export async function begin(sandbox, form) {
  const plan = form.get("plan") ?? "";
  if (!Object.hasOwn(PLANS, plan)) throw refuse(400, "there is no such plan");
  const customer = await create(sandbox, "customers", { name: "Mara Lindqvist" });
  const { client_secret } = await create(sandbox, "setup_intents", {
    customer: customer.id,
    usage: "off_session",
    "automatic_payment_methods[enabled]": "true",
    "metadata[plan]": plan,
  });
  return { client_secret };
}

/**
 * The card was set up: `setup_intent`. Subscribes, once for each of them.
 * @returns {Promise<{customer: string}>} who it is from now on
 */
export async function finish(sandbox, form) {
  const id = form.get("setup_intent") ?? "";
  if (!SETUP_ID.test(id)) throw refuse(400, "that is no set-up");
  // The page could say anything; the provider knows who gave which card for which plan.
  const answer = await fetch(`${sandbox}/v1/setup_intents/${id}`, {
    headers: { authorization: API_HEADERS.authorization },
    signal: AbortSignal.timeout(SANDBOX_TIMEOUT_MS),
  });
  if (!answer.ok) throw refuse(404, "that set-up is not known");
  const setup = await answer.json();
  if (setup.status !== "succeeded") throw refuse(409, "the card is not set up yet");
  const plan = PLANS[setup.metadata.plan];
  if (plan === undefined) throw refuse(409, "that set-up is for something else");
  const price = await create(sandbox, "prices", {
    currency: "eur",
    unit_amount: String(plan.amount_minor),
    "recurring[interval]": "month",
    "product_data[name]": plan.name,
  }, `price-${id}`);
  await create(sandbox, "subscriptions", {
    customer: setup.customer,
    "items[0][price]": price.id,
    default_payment_method: setup.payment_method,
    payment_behavior: "error_if_incomplete",
  }, `subscription-${id}`);
  return { customer: setup.customer };
}
