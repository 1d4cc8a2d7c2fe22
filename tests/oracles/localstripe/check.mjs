// localstripe (PyPI, GPL): another imitation of Stripe, by people who do not know ours. It runs as
// a process of its own. Every request of our adapter is replayed to it, what it answers is read by
// the adapter's types, and what it sends is read by our verifier.
//
// It speaks an older API, so this is what it can judge: the default card of a customer, paying an
// invoice, 3-D Secure that succeeds and fails, cancelling, signatures. What it cannot is REFUSED
// and UNREAD; its own calls stand in for these in the story (a bare `/pay`, the bank's challenge).

import assert from "node:assert/strict";
import { endpoint, freePort, reprieve, server, until } from "../lib.mjs";

const SECRET = "whsec_localstripe";

const SUB = "/v1/subscriptions/sub_1";
const INVOICE = "/v1/invoices/in_1";
const COUPON = "reprieve-pay-in_1-1-default";
const expanded = (path, ...operations) => operations.map((name) => `${name} GET ${path}`);
const changed = (path, ...operations) => operations.map((name) => `${name} POST ${path}`);

/** Requests of ours that it does not take: its answer, why, and which. A change here is news. */
const REFUSED = [
  [
    400,
    "it does not know payments of an invoice, which we expand",
    expanded(INVOICE, "read_invoice", "read_challenge", "pay_invoice"),
  ],
  [
    400,
    "it does not know the latest attempt of a set-up, which we expand",
    expanded("/v1/setup_intents/seti_1", "read_setup"),
  ],
  [
    400,
    "it does not know discounts of a subscription, which we expand",
    [
      ...expanded(SUB, "act.pause", "act.resume", "act.discount", "act.change_plan"),
      ...expanded(SUB, "holds.pause", "holds.discount", "holds.change_plan", "holds.extend_trial"),
    ],
  ],
  [
    400,
    "it does not know allowed_payment_method_types (Stripe since 2026-07-29)",
    changed("/v1/setup_intents", "start_setup"),
  ],
  [400, "its coupons have no name and no most redemptions", changed("/v1/coupons", "act.discount")],
  [
    404,
    "a coupon of a key that was never used is not there, with Stripe neither",
    expanded(`/v1/coupons/${COUPON}`, "act.discount", "holds.discount"),
  ],
  [400, "its invoices have no auto_advance", changed(INVOICE, "act.hold", "act.release")],
  [400, "its list of events takes no types", expanded("/v1/events", "list_events")],
  [
    500,
    "its list of invoices takes no status",
    expanded("/v1/invoices", "list_open_invoices", "list_unpaid"),
  ],
  [
    500,
    "its subscriptions have no default card, no discounts, no words about their end, no pause; "
      + "plans and trials are changed otherwise",
    [
      ...changed(SUB, "set_subscription_default", "act.pause", "act.resume", "act.discount"),
      ...changed(SUB, "act.change_plan", "act.extend_trial", "act.cancel_at_period_end"),
      ...changed(SUB, "act.cancel_now"),
    ],
  ],
  [
    500,
    "its /pay takes no parameter: not the card, not off_session, not expand",
    changed(`${INVOICE}/pay`, "pay_invoice"),
  ],
  [
    404,
    "it has no such call",
    [
      ...changed(`${SUB}/pause`, "act.pause"),
      ...changed(`${SUB}/resume`, "act.resume"),
      ...changed(`${INVOICE}/finalize`, "act.void"),
      ...changed("/v1/billing_portal/sessions", "open_page"),
      ...changed("/v1/customers/cus_1/balance_transactions", "act.credit"),
      ...expanded("/v1/customers/cus_1/balance_transactions", "holds.credit"),
    ],
  ],
];

/** Answers of its that our types do not read, and why. */
const UNREAD = {
  "list_renewals GET /v1/subscriptions": "behind its newest subscription it lists nothing at all",
};

/** An answer on the way of an operation, of which only the id is read: as this one reads its. */
const READ_AS = { "act.discount POST /v1/coupons": "set_customer_default" };

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

/** The ids of the adapter's requests, for those of real objects. */
const ID = /\b(cus|in|sub|pm|si|seti|ch)_1\b/g;

/** A request of ours, about other objects. */
function about({ method, path, form: sent }, ids) {
  const swap = (text) => text.replaceAll(ID, (id, kind) => ids[kind] ?? id);
  const query = method === "POST" || sent === "" ? "" : `?${swap(sent)}`;
  return [method, swap(path) + query, method === "POST" ? form(swap(sent)) : undefined];
}

/** The requests of one operation, in their order. */
const ours = (requests, operation, ids) =>
  requests.filter((one) => one.operation === operation).map((one) => about(one, ids));

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
  await ok(call(...ours(requests, "set_customer_default", { cus: customer, pm })[0]));
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

/** A customer with a card and a subscription of `price_1`; `more` makes fresh things of theirs. */
async function cast(call) {
  const { id: cus } = await ok(call("POST", "/v1/customers", form({ email: "a@example.com" })));
  const pm = await card(call, cus, "4242424242424242");
  const product = await ok(call("POST", "/v1/products", form({ name: "Pro", type: "service" })));
  const plans = [["price_1", "1900"], ["price_2", "900"]];
  for (const [id, amount] of plans) {
    const terms = { id, product: product.id, interval: "month", amount, currency: "eur" };
    await ok(call("POST", "/v1/plans", form(terms)));
  }
  const { id: seti } = await ok(call("POST", "/v1/setup_intents", form({ customer: cus })));
  const subscribe = async () => {
    const bought = { customer: cus, "items[0][plan]": "price_1" };
    return ok(call("POST", "/v1/subscriptions", form(bought)));
  };
  const more = async () => {
    const sub = await subscribe();
    const { id } = await invoice(call, cus);
    return { cus, pm, seti, sub: sub.id, si: sub.items.data[0].id, in: id };
  };
  return { cus, pm, more };
}

/** Every request of ours, those of one operation in their order on things of their own. */
async function replay(call, requests, { more, ch, open }) {
  const outcomes = [];
  for (const operation of new Set(requests.map((one) => one.operation))) {
    const ids = { ...(await more()), ch };
    // Its invoices are drafts until somebody tries to pay them, and a draft cannot be voided.
    if (operation === "act.void") ids.in = open;
    for (const one of requests.filter((other) => other.operation === operation)) {
      const answer = await call(...about(one, ids));
      outcomes.push({ operation, key: `${operation} ${one.method} ${one.path}`, ...answer });
    }
  }
  return outcomes;
}

/** What was refused is known, what was answered is read, and nothing that is listed got better. */
async function read(bin, outcomes) {
  const refused = outcomes.filter(({ status }) => status !== 200);
  const found = Object.fromEntries(refused.map(({ key, status }) => [key, status]));
  const rows = REFUSED.flatMap(([status, , keys]) => keys.map((key) => [key, status]));
  const known = Object.fromEntries(rows);
  assert.deepEqual(found, known, "what it does not take is not what is listed");

  const answered = outcomes.filter(({ status }) => status === 200);
  const objects = answered.map(({ operation, key, body }) => {
    const object = body.object === "list" ? body.data[0] : body;
    return { operation: READ_AS[key] ?? operation, key, object: object ?? null };
  });
  const readings = await reprieve(bin, "answer", objects);
  const unread = objects.filter(
    ({ object }, at) => object === null || readings[at].error !== undefined,
  );
  const names = unread.map(({ key }) => key).sort();
  assert.deepEqual(names, Object.keys(UNREAD).sort(), "what is not read is not what is listed");
  return { refused: refused.length, read: objects.length - unread.length };
}

async function story(call, requests) {
  const { cus, pm, more } = await cast(call);
  const [change] = ours(requests, "set_customer_default", { cus, pm });
  assert.equal((await ok(call(...change))).invoice_settings.default_payment_method, pm);
  // It bills nobody who has no subscription.
  const { sub } = await more();

  const bare = await invoice(call, cus);
  const paid = await ok(call("POST", `/v1/invoices/${bare.id}/pay`));
  assert.equal(paid.status, "paid");
  const passed = await challenge(call, requests, cus, true);
  const failed = await challenge(call, requests, cus, false);
  await ok(call(...change));

  const end = ours(requests, "act.cancel_now", { sub }).at(-1);
  assert.equal((await ok(call(...end))).status, "canceled");
  const settled = await ok(call("GET", `/v1/payment_intents/${paid.payment_intent}`));
  const ch = settled.latest_charge.id;
  const outcomes = await replay(call, requests, { more, ch, open: failed });
  return { paid: [bare.id, passed], failed, sub, outcomes };
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
  const requests = await reprieve(bin, "requests");
  const { paid, failed, sub, outcomes } = await story(call, requests);
  const { refused, read: understood } = await read(bin, outcomes);
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
  return `${judged} signatures, ${understood} answers read, ${refused} requests refused as known`;
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
