// localstripe (PyPI, GPL): another imitation of Stripe, by people who do not know ours. It runs as
// a process of its own. What our adapter sends is replayed to it, request by request; what it sends
// is read by our verifier.
//
// It speaks an older API, so this is what it can judge: the default card of a customer, paying an
// invoice, 3-D Secure that succeeds and fails, cancelling, signatures. What it cannot is REFUSED.

import assert from "node:assert/strict";
import { endpoint, freePort, reprieve, server, until } from "../lib.mjs";

const SECRET = "whsec_localstripe";

/** Requests of ours that it does not take, with its answer and why. A change here is news. */
const REFUSED = {
  start_setup: [400, "it does not know allowed_payment_method_types (Stripe since 2026-07-29)"],
  set_subscription_default: [500, "its subscriptions have no default card"],
  pay_invoice: [500, "its /pay takes no parameter: not the card, not off_session, not expand"],
};

// What it does not do at all, so nothing here proves it: invoice.payments, confirmation_secret and
// parent (it still has invoice.payment_intent); an event for a decline that is known at once; what
// a second request with the same idempotency key gets; retries of its own; test clocks.

const form = (fields) => new URLSearchParams(fields);

function caller(api) {
  return async (method, path, fields) => {
    const answer = await fetch(new URL(path, api), {
      method,
      headers: { Authorization: "Bearer sk_test_12345" },
      body: fields,
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
}

async function ok(answering) {
  const { status, body } = await answering;
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** What our adapter sends for an operation, about other objects. */
function ours(requests, operation, ids) {
  const { method, path, form: sent } = requests.find((one) => one.operation === operation);
  const swap = (text) => text.replaceAll(/\b(cus|in|sub|pm)_1\b/g, (id, kind) => ids[kind] ?? id);
  return [method, swap(path), method === "GET" ? undefined : form(swap(sent))];
}

async function card(call, customer, number) {
  const fields = { type: "card", "card[number]": number, "card[cvc]": "123" };
  const expiry = { "card[exp_month]": "12", "card[exp_year]": "2035" };
  const made = await ok(call("POST", "/v1/payment_methods", form({ ...fields, ...expiry })));
  await ok(call("POST", `/v1/payment_methods/${made.id}/attach`, form({ customer })));
  return made.id;
}

async function invoice(call, customer) {
  const item = { customer, amount: "500", currency: "eur", description: "x" };
  await ok(call("POST", "/v1/invoiceitems", form(item)));
  return ok(call("POST", "/v1/invoices", form({ customer })));
}

/** Pays with a card that wants 3-D Secure and answers the challenge. */
async function challenge(call, requests, customer, success) {
  const pm = await card(call, customer, "4000000000003220");
  await ok(call(...ours(requests, "set_customer_default", { cus: customer, pm })));
  const { id } = await invoice(call, customer);
  const open = await ok(call("POST", `/v1/invoices/${id}/pay`));
  const intent = await ok(call("GET", `/v1/payment_intents/${open.payment_intent}`));
  assert.equal(intent.status, "requires_action");
  assert.equal(intent.next_action.type, "use_stripe_sdk");
  const answer = { client_secret: intent.client_secret, success: String(success) };
  await ok(call("POST", `/v1/payment_intents/${intent.id}/_authenticate`, form(answer)));
  const after = await ok(call("GET", `/v1/invoices/${id}`));
  assert.equal(after.status, success ? "paid" : "open");
  return id;
}

async function story(call, requests) {
  const { id: cus } = await ok(call("POST", "/v1/customers", form({ email: "a@example.com" })));
  const pm = await card(call, cus, "4242424242424242");
  const changed = await ok(call(...ours(requests, "set_customer_default", { cus, pm })));
  assert.equal(changed.invoice_settings.default_payment_method, pm);
  const product = await ok(call("POST", "/v1/products", form({ name: "Pro", type: "service" })));
  const terms = { product: product.id, interval: "month", amount: "1900", currency: "eur" };
  const plan = await ok(call("POST", "/v1/plans", form(terms)));
  const bought = { customer: cus, "items[0][plan]": plan.id };
  const { id: sub } = await ok(call("POST", "/v1/subscriptions", form(bought)));

  const bare = await invoice(call, cus);
  for (const [operation, [status, why]] of Object.entries(REFUSED)) {
    const asked = ours(requests, operation, { cus, pm, sub, in: bare.id });
    const answer = await call(...asked);
    assert.equal(answer.status, status, `${operation}: no longer true that ${why}`);
  }
  assert.equal((await ok(call("POST", `/v1/invoices/${bare.id}/pay`))).status, "paid");
  const passed = await challenge(call, requests, cus, true);
  const failed = await challenge(call, requests, cus, false);
  const ended = await ok(call("DELETE", `/v1/subscriptions/${sub}`));
  assert.equal(ended.status, "canceled");
  return { paid: [bare.id, passed], failed, sub };
}

async function signatures(bin, deliveries) {
  const now_s = Math.floor(Date.now() / 1000);
  const asked = (secret) =>
    deliveries.map(({ header, body }) => ({ header, body, secrets: [secret], now_s }));
  const good = await reprieve(bin, "verify", asked(SECRET));
  const bad = await reprieve(bin, "verify", asked("whsec_other"));
  assert.ok(good.every(({ verdict }) => verdict === "ok"), JSON.stringify(good));
  assert.ok(bad.every(({ verdict }) => verdict === "Mismatch"), JSON.stringify(bad));
  return good.length;
}

async function judge(bin, api, hook) {
  const call = caller(api);
  const told = await fetch(new URL("/_config/webhooks/oracle", api), {
    method: "POST",
    body: form({ url: hook.url, secret: SECRET }),
  });
  assert.equal(told.status, 200);
  const { paid, failed, sub } = await story(call, await reprieve(bin, "requests"));
  const has = (type, id) =>
    hook.deliveries
      .map(({ body }) => JSON.parse(body))
      .some((event) => event.type === type && event.data.object.id === id);
  await until("the events of the story", () =>
    paid.every((id) => has("invoice.payment_succeeded", id)) &&
    has("invoice.payment_failed", failed) &&
    has("customer.subscription.deleted", sub),
  );
  const judged = await signatures(bin, hook.deliveries);
  return `${judged} signatures, ${Object.keys(REFUSED).length} requests refused as known`;
}

/** Throws where it disagrees; resolves to what was checked, in words. */
export async function check({ bin, python }) {
  const port = await freePort();
  const api = `http://127.0.0.1:${port}/`;
  const args = ["-m", "localstripe", "--port", String(port), "--from-scratch"];
  const program = await server(python, args, api);
  const hook = await endpoint();
  try {
    return await judge(bin, api, hook);
  } finally {
    await program.end();
    await hook.end();
  }
}
