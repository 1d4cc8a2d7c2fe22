// Stripe's own example objects, and the answers of a story in the sandbox, read by our narrow
// types: what Stripe writes down as an example must not be an error to us.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { reprieve } from "../lib.mjs";

const path = new URL("../fixtures/stripe-openapi.json", import.meta.url);
const { objects } = JSON.parse(readFileSync(path, "utf8"));

/** Which object an operation of the adapter reads, and the answer's type in the SDK. */
const READERS = [
  ["read_invoice", "invoice", "Invoice"],
  ["list_subscriptions", "subscription", "Subscription"],
  ["list_methods", "payment_method", "PaymentMethod"],
  ["read_setup", "setup_intent", "SetupIntent"],
  ["customer_of_charge", "charge", "Charge"],
];

/** Which event carries which object. */
const EVENTS = [
  ["invoice.payment_failed", "invoice"],
  ["customer.subscription.updated", "subscription"],
  ["payment_intent.payment_failed", "payment_intent"],
  ["payment_method.attached", "payment_method"],
  ["setup_intent.succeeded", "setup_intent"],
  ["charge.refunded", "charge"],
  ["invoice_payment.paid", "invoice_payment"],
];

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

/** Throws where something cannot be read; resolves to the number of objects. */
export async function check(bin, answers, deliveries) {
  const asked = [
    ...READERS.map(([operation, name]) => ({ operation, object: objects[name] })),
    ...READERS.map(([operation, , type]) => ({ operation, object: answers[type] })),
    { operation: "read_invoice", object: expanded() },
  ];
  const read = await reprieve(bin, "answer", asked);
  for (const [at, { error }] of read.entries()) {
    assert.equal(error, undefined, `${asked[at].operation}: ${error}`);
  }
  assert.match(read.at(-1).read, /Blocked/, "the decline of an expanded payment is read");
  for (const [at, [operation]] of READERS.entries()) {
    const found = read[at].read;
    assert.ok(!/^(Ok\()?\[\]\)?$/.test(found), `${operation} found nothing: ${found}`);
  }

  const events = EVENTS.map(([type, name]) => ({
    ...objects.event,
    type,
    data: { object: objects[name] },
  }));
  const delivered = deliveries.map(({ body }) => JSON.parse(body));
  const facts = await reprieve(bin, "read", [...events, ...delivered]);
  for (const [at, { error }] of facts.entries()) {
    const { type } = [...events, ...delivered][at];
    assert.equal(error, undefined, `${type}: ${error}`);
  }
  assert.equal(facts[0].fact.invoice, objects.invoice.id);
  assert.equal(facts[1].fact.subscription, objects.subscription.id);
  return asked.length + facts.length;
}
