// Stripe's own example objects, and the answers of a story in the sandbox, read by our narrow
// types: what Stripe writes down as an example must not be an error to us.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { reprieve } from "../lib.mjs";

const path = new URL("../fixtures/stripe-openapi.json", import.meta.url);
const { objects } = JSON.parse(readFileSync(path, "utf8"));

const subscription = ["subscription", "Subscription"];
const invoice = ["invoice", "Invoice"];
const balance = ["customer_balance_transaction", "CustomerBalanceTransaction"];

/** Which example an operation of the adapter reads, and the answer's type in the SDK. */
const READERS = {
  read_invoice: invoice,
  list_open_invoices: invoice,
  list_unpaid: invoice,
  read_challenge: invoice,
  pay_invoice: invoice,
  list_subscriptions: subscription,
  list_renewals: subscription,
  set_subscription_default: subscription,
  list_methods: ["payment_method", "PaymentMethod"],
  start_setup: ["setup_intent", "SetupIntent"],
  read_setup: ["setup_intent", "SetupIntent"],
  customer_of_charge: ["charge", "Charge"],
  billing_place: ["customer", "Customer"],
  set_customer_default: ["customer", "Customer"],
  open_page: ["billing_portal.session", "BillingPortal.Session"],
  list_events: ["event", "Event"],
  "act.pause": subscription,
  "act.resume": subscription,
  "act.discount": subscription,
  "act.change_plan": subscription,
  "act.extend_trial": subscription,
  "act.cancel_at_period_end": subscription,
  "act.cancel_now": subscription,
  "act.keep_running": subscription,
  "act.credit": balance,
  "act.void": invoice,
  "act.hold": invoice,
  "act.release": invoice,
  "holds.pause": subscription,
  "holds.discount": subscription,
  "holds.change_plan": subscription,
  "holds.extend_trial": subscription,
  "holds.credit": balance,
};

/** Not an error of the shape: nothing was paid yet, and nobody knows more. */
const UNDECIDED = { pay_invoice: /payment_unsettled/ };

/** What an example has to have for an operation to find something in it. */
const NEEDS = {
  invoice: { status: "open", attempt_count: 1 },
  subscription: {
    default_payment_method: objects.payment_method,
    discounts: [{ ...objects.discount, source: { coupon: objects.coupon, type: "coupon" } }],
  },
  customer: { address: { ...objects.customer.address, country: "US", state: "CA" } },
};

/** Which object an event carries: the longest beginning counts. */
const CARRIED = {
  charge: "charge",
  "charge.dispute": "dispute",
  customer: "customer",
  "customer.source": "card",
  "customer.subscription": "subscription",
  invoice: "invoice",
  invoice_payment: "invoice_payment",
  mandate: "mandate",
  payment_intent: "payment_intent",
  payment_method: "payment_method",
  setup_intent: "setup_intent",
  "test_helpers.test_clock": "test_helpers.test_clock",
};

const example = (name) => ({ ...objects[name], ...NEEDS[name] });

/** An invoice with its payment and intent expanded, as the adapter asks for it. */
function expanded() {
  const intent = {
    ...objects.payment_intent,
    status: "requires_payment_method",
    last_payment_error: { type: "card_error", code: "card_declined", decline_code: "lost_card" },
  };
  const payment = {
    ...objects.invoice_payment,
    status: "open",
    payment: { type: "payment_intent", payment_intent: intent },
  };
  return { ...objects.invoice, status: "open", payments: { object: "list", data: [payment] } };
}

/** A subscription with everything that a list of renewals expands. */
function renewal() {
  const settings = { default_payment_method: objects.payment_method };
  const customer = { ...objects.customer, invoice_settings: settings };
  const goesOn = { status: "active", cancel_at_period_end: false, default_payment_method: null };
  return { ...objects.subscription, ...goesOn, customer };
}

/** Objects that stand where another is expected, with what has to be found in them. */
const ODD = [
  ["read_invoice", expanded(), /Blocked/],
  ["list_renewals", renewal(), /RenewingCard/],
  ["billing_place", objects.deleted_customer, /country: None/],
  ["billing_place", example("customer"), /Some\("CA"\)/],
  ["read_invoice", { ...objects.invoice, customer: objects.deleted_customer }, /InvoiceFact/],
];

/** Events of the whole table, each with its example, and what is said to be read from it. */
function events(table) {
  return table.map(({ event: type, reading }) => {
    const parts = type.split(".");
    const name = parts
      .map((_, at) => parts.slice(0, parts.length - at).join("."))
      .find((begin) => begin in CARRIED);
    assert.ok(name, `no object is known for ${type}`);
    const object = example(CARRIED[name]);
    const data = { object };
    if (type === "customer.updated") {
      const settings = (method) => ({ default_payment_method: method });
      data.object = { ...object, invoice_settings: settings("pm_new") };
      data.previous_attributes = { invoice_settings: settings("pm_old") };
    }
    return { reading, body: { ...objects.event, type, data } };
  });
}

/** Throws where something cannot be read; resolves to the number of objects. */
export async function check(bin, answers, deliveries) {
  const operations = new Set((await reprieve(bin, "requests")).map(({ operation }) => operation));
  assert.deepEqual(Object.keys(READERS).sort(), [...operations].sort(), "each operation reads");
  const rows = Object.entries(READERS);
  const asked = [
    ...rows.map(([operation, [name]]) => ({ operation, object: example(name) })),
    ...rows.map(([operation, [, type]]) => ({ operation, object: answers[type], type })),
    ...ODD.map(([operation, object, found]) => ({ operation, object, found })),
  ];
  for (const { operation, object, type } of asked) assert.ok(object, `${operation}: no ${type}`);
  const read = await reprieve(bin, "answer", asked);
  for (const [at, { error, read: found }] of read.entries()) {
    const { operation, found: wanted, type } = asked[at];
    const isKnown = error !== undefined && UNDECIDED[operation]?.test(error);
    assert.ok(error === undefined || isKnown, `${operation}: ${error}`);
    if (wanted) assert.match(found, wanted, operation);
    // An example of Stripe's is always something; a list of the story's may be without.
    if (type === undefined) assert.doesNotMatch(found ?? "", /^\[\]$/, `${operation} is empty`);
  }

  const table = events(await reprieve(bin, "events"));
  const delivered = deliveries.map(({ body }) => JSON.parse(body));
  const bodies = [...table.map(({ body }) => body), ...delivered];
  const facts = await reprieve(bin, "read", bodies);
  for (const [at, { error, fact }] of facts.entries()) {
    const { type } = bodies[at];
    assert.equal(error, undefined, `${type}: ${error}`);
    const reading = table[at]?.reading;
    if (reading === undefined) continue;
    assert.equal(fact === null, reading === "Recorded", `${type}: ${JSON.stringify(fact)}`);
    if (reading.startsWith("Invoice")) assert.equal(fact.invoice, objects.invoice.id);
    if (reading === "Subscription") assert.equal(fact.subscription, objects.subscription.id);
  }
  return asked.length + facts.length;
}
