// The TypeScript types of npm stripe as a judge: parameter names that our adapter sends, events
// that we subscribe to, answers that the sandbox gives.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import Stripe from "stripe";
import ts from "typescript";

/** The SDK's type of the parameters of each request. A request without a row fails the check. */
const PARAMETERS = [
  [/^GET \/v1\/charges\/\w+$/, "ChargeRetrieveParams"],
  [/^DELETE \/v1\/subscriptions\/\w+$/, "SubscriptionCancelParams"],
  [/^GET \/v1\/coupons\/[\w-]+$/, "CouponRetrieveParams"],
  [/^GET \/v1\/customers\/\w+$/, "CustomerRetrieveParams"],
  [/^GET \/v1\/events$/, "EventListParams"],
  [/^GET \/v1\/invoices$/, "InvoiceListParams"],
  [/^GET \/v1\/invoices\/\w+$/, "InvoiceRetrieveParams"],
  [/^GET \/v1\/payment_methods$/, "PaymentMethodListParams"],
  [/^GET \/v1\/setup_intents\/\w+$/, "SetupIntentRetrieveParams"],
  [/^GET \/v1\/subscriptions\/\w+$/, "SubscriptionRetrieveParams"],
  [/^GET \/v1\/subscriptions$/, "SubscriptionListParams"],
  [/^GET \/v1\/customers\/\w+\/balance_transactions$/, "CustomerListBalanceTransactionsParams"],
  [/^POST \/v1\/billing_portal\/sessions$/, "BillingPortal.SessionCreateParams"],
  [/^POST \/v1\/coupons$/, "CouponCreateParams"],
  [/^POST \/v1\/customers\/\w+\/balance_transactions$/, "CustomerCreateBalanceTransactionParams"],
  [/^POST \/v1\/customers\/\w+$/, "CustomerUpdateParams"],
  [/^POST \/v1\/invoices\/\w+\/pay$/, "InvoicePayParams"],
  [/^POST \/v1\/invoices\/\w+\/finalize$/, "InvoiceFinalizeInvoiceParams"],
  [/^POST \/v1\/invoices\/\w+\/void$/, "InvoiceVoidInvoiceParams"],
  [/^POST \/v1\/invoices\/\w+$/, "InvoiceUpdateParams"],
  [/^POST \/v1\/setup_intents$/, "SetupIntentCreateParams"],
  [/^POST \/v1\/subscriptions\/\w+\/pause$/, "SubscriptionPauseParams"],
  [/^POST \/v1\/subscriptions\/\w+\/resume$/, "SubscriptionResumeParams"],
  [/^POST \/v1\/subscriptions\/\w+$/, "SubscriptionUpdateParams"],
];

/** Families of events that concern us: an event of theirs is taken, or stands below with a why. */
const FAMILIES =
  /^(charge|customer|invoice|invoice_payment|mandate|payment_intent|payment_method|setup_intent)\./;

const TAX = "tax numbers are the merchant's";
const SOURCE = "a source of old: what expires is told, and cards are read from the provider";
const DISPUTE = "the dispute was told when it was created; how it goes on collects nothing";
const DISCOUNT = "discounts are counted on the subscription that has them";
const CHARGE = "the invoice says how its payment went";

const NOT_TAKEN = {
  "charge.captured": CHARGE,
  "charge.dispute.closed": DISPUTE,
  "charge.dispute.funds_reinstated": DISPUTE,
  "charge.dispute.funds_withdrawn": DISPUTE,
  "charge.dispute.updated": DISPUTE,
  "charge.expired": "nothing is authorised now to be captured later",
  "charge.failed": CHARGE,
  "charge.pending": CHARGE,
  "charge.refund.updated": "charge.refunded told of the refund",
  "charge.succeeded": CHARGE,
  "charge.updated": CHARGE,
  "customer.created": "nobody owes anything yet",
  "customer.discount.created": DISCOUNT,
  "customer.discount.deleted": DISCOUNT,
  "customer.discount.updated": DISCOUNT,
  "customer.source.created": SOURCE,
  "customer.source.deleted": SOURCE,
  "customer.source.updated": SOURCE,
  "customer.subscription.pending_update_applied": "plan changes are not ours",
  "customer.subscription.pending_update_expired": "plan changes are not ours",
  "customer.tax_id.created": TAX,
  "customer.tax_id.deleted": TAX,
  "customer.tax_id.updated": TAX,
  "invoice.created": "a draft: nothing has failed yet",
  "invoice.deleted": "only drafts can be deleted",
  "invoice.overpaid": "more than paid is paid: invoice.paid says so",
  "invoice.sent": "collected by mail, not from a card",
  "payment_intent.amount_capturable_updated": "nothing is authorised now to be captured later",
  "payment_intent.canceled": "the intent of an invoice ends with it: invoice.voided says so",
  "payment_intent.created": "an intent that nobody has tried",
  "payment_intent.partially_funded": "cards pay in one piece",
  "payment_intent.processing": "the live invoice is read until it is settled",
  "setup_intent.canceled": "a set-up that lapses is found by its age",
  "setup_intent.created": "our own call",
};

const MAIN = fileURLToPath(new URL("check.ts", import.meta.url));
const OPTIONS = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** A form as the object that it stands for: `a[b]=1&c[]=2&d[0][e]=3`. */
function object(form) {
  const whole = {};
  for (const [name, text] of new URLSearchParams(form)) {
    const parts = name.split(/[[\]]+/).filter((part) => part !== "");
    const last = parts.pop();
    let inner = whole;
    for (const part of parts) inner = inner[part] ??= {};
    if (name.endsWith("[]")) (inner[last] ??= []).push(value(text));
    else inner[last] = value(text);
  }
  return listed(whole);
}

/** Objects with places for names are lists. */
function listed(node) {
  if (typeof node !== "object" || Array.isArray(node)) return node;
  const entries = Object.entries(node).map(([name, inner]) => [name, listed(inner)]);
  const isList = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

const value = (text) =>
  /^(true|false|-?\d+)$/.test(text) ? JSON.parse(text) : text;

/** JSON; a number that the SDK made a Decimal of is one in the checked program too. */
function literal(json) {
  const mark = "decimal:";
  const text = JSON.stringify(json, function (name, shown) {
    const isDecimal = this[name]?.constructor === Stripe.Decimal.zero.constructor;
    return isDecimal ? `${mark}${shown}` : shown;
  });
  return text.replaceAll(/"decimal:(-?[\d.]+)"/g, 'Stripe.Decimal.from("$1")');
}

/** The lines of the checked program; each declares something of the SDK's type. */
function program({ requests, events, answers }) {
  const lines = ['import Stripe from "stripe";'];
  const declare = (type, json) =>
    lines.push(`export const x${lines.length}: ${type} = ${literal(json)};`);
  for (const { method, path, form } of requests) {
    const row = PARAMETERS.find(([asked]) => asked.test(`${method} ${path}`));
    assert.ok(row, `no type is known for ${method} ${path}`);
    declare(`Stripe.${row[1]}`, object(form));
  }
  declare('Stripe.Event["type"][]', events);
  declare("Stripe.WebhookEndpointCreateParams.EnabledEvent[]", events);
  for (const [type, answer] of Object.entries(answers)) {
    // The SDK leaves decimals in events as text, against its own type of them.
    if (type !== "Event") declare(`Stripe.${type}`, answer);
  }
  lines.push('export type EventType = Stripe.Event["type"];');
  return lines;
}

function compile(lines) {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = host;
  const source = ts.createSourceFile(MAIN, lines.join("\n"), OPTIONS.target, true);
  source.impliedNodeFormat = ts.ModuleKind.ESNext;
  host.getSourceFile = (name, ...rest) =>
    name === MAIN ? source : getSourceFile.call(host, name, ...rest);
  host.fileExists = (name) => name === MAIN || fileExists.call(host, name);
  return { whole: ts.createProgram([MAIN], OPTIONS, host), source };
}

function complaints({ whole, source }, lines) {
  const found = [
    ...whole.getSyntacticDiagnostics(source),
    ...whole.getSemanticDiagnostics(source),
  ];
  return found.map(({ start, messageText }) => {
    const { line } = source.getLineAndCharacterOfPosition(start);
    const type = lines[line].split(" = ")[0];
    return `${type}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

/** Every name in the SDK's union of events. */
function eventTypes({ whole, source }) {
  const alias = source.statements.find(ts.isTypeAliasDeclaration);
  const union = whole.getTypeChecker().getTypeAtLocation(alias.name);
  return union.types.map((one) => one.value);
}

/** Throws where a type disagrees; resolves to what was checked. */
export function check({ requests, events, answers }) {
  for (const { version } of requests) assert.equal(version, Stripe.API_VERSION);
  const lines = program({ requests, events, answers });
  const compiled = compile(lines);
  const found = complaints(compiled, lines);
  assert.equal(found.length, 0, found.join("\n\n"));

  const theirs = eventTypes(compiled);
  assert.ok(theirs.length > 200, `${theirs.length} events`);
  const concern = theirs.filter((name) => FAMILIES.test(name));
  const missing = concern.filter((name) => !events.includes(name) && !(name in NOT_TAKEN));
  assert.deepEqual(missing, [], "events that concern us and are neither taken nor left out");
  const stale = Object.keys(NOT_TAKEN).filter(
    (name) => !concern.includes(name) || events.includes(name),
  );
  assert.deepEqual(stale, [], "left out, though taken or gone");

  // The check must be able to fail: an unknown name, an unknown event, a wrong shape.
  const wrong = program({
    requests: [{ method: "POST", path: "/v1/invoices/in_1/pay", form: "no_such=1" }],
    events: ["invoice.no_such"],
    answers: { Customer: { id: 1 } },
  });
  assert.equal(complaints(compile(wrong), wrong).length, 4);
  return { requests: requests.length, events: events.length, answers: Object.keys(answers).length };
}
