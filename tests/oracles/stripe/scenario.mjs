// A customer's story in the sandbox, told with the official SDK (npm stripe): a renewal that fails,
// retries, a new card, a payment, a second failure to the end, and everything that a page or a
// merchant does in between. Returns one answer of every kind, for the type check.

import assert from "node:assert/strict";
import Stripe from "stripe";
import { until } from "../lib.mjs";
import { tellTheRest } from "./leaving.mjs";

const day = (text) => Math.floor(Date.parse(text) / 1000);

/** The SDK, pointed at the sandbox. */
export function client(api) {
  return new Stripe("sk_test_oracle", {
    host: api.hostname,
    port: Number(api.port),
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

async function control(api, path, body) {
  const answer = await fetch(new URL(path, api), { method: "POST", body: JSON.stringify(body) });
  assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
  return answer.json();
}

async function travel(stripe, clock, to) {
  const moved = await stripe.testHelpers.testClocks.advance(clock, { frozen_time: day(to) });
  assert.equal(moved.status, "advancing");
  await until("the test clock", async () => {
    const found = await stripe.testHelpers.testClocks.retrieve(clock);
    return found.status === "ready";
  });
}

async function begin(stripe) {
  const clocks = stripe.testHelpers.testClocks;
  const clock = await clocks.create({ frozen_time: day("2026-01-31T12:00:00Z"), name: "oracle" });
  const customer = await stripe.customers.create({
    email: "a@example.com",
    name: "Ä ß",
    test_clock: clock.id,
    metadata: { plan: "1" },
  });
  const good = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: good.id },
  });
  const product = await stripe.products.create({ name: "Pro" });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "eur",
    unit_amount: 1900,
    recurring: { interval: "month" },
  });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    expand: ["latest_invoice.payments", "customer", "items.data.price.product"],
  });
  assert.equal(subscription.status, "active");
  assert.equal(subscription.latest_invoice.payments.data.length, 1);
  assert.equal(subscription.items.data[0].price.product.name, "Pro");
  return { clock, customer, good, price, product, subscription };
}

/** The card stops working; the renewal is declined and retried. */
async function renewalFails(stripe, { clock, customer, subscription }) {
  const bad = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer: customer.id,
  });
  const refused = stripe.paymentMethods.attach("pm_card_visa_chargeDeclined", {
    customer: customer.id,
  });
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof Stripe.errors.StripeCardError);
    assert.equal(error.decline_code, "generic_decline");
    return true;
  });
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: bad.id },
  });
  await travel(stripe, clock.id, "2026-02-28T12:30:00Z");
  const [draft] = (await stripe.invoices.list({ customer: customer.id, limit: 1 })).data;
  assert.equal(draft.status, "draft");
  await travel(stripe, clock.id, "2026-02-28T13:30:00Z");
  const invoice = await stripe.invoices.retrieve(draft.id, {
    expand: ["payments.data.payment.payment_intent", "parent.subscription_details.subscription"],
  });
  assert.equal(invoice.status, "open");
  assert.equal(invoice.attempt_count, 1);
  assert.equal(invoice.next_payment_attempt, day("2026-03-01T13:00:00Z"));
  assert.equal(invoice.parent.subscription_details.subscription.status, "past_due");
  const intent = invoice.payments.data[0].payment.payment_intent;
  assert.equal(intent.last_payment_error.decline_code, "generic_decline");
  const charge = await stripe.charges.retrieve(intent.latest_charge);
  assert.equal(charge.outcome.type, "issuer_declined");
  await travel(stripe, clock.id, "2026-03-04T00:00:00Z");
  assert.equal((await stripe.invoices.retrieve(invoice.id)).attempt_count, 3);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "past_due");
  return { invoice: invoice.id, intent: intent.id, charge: charge.id };
}

/** The customer comes with the same card, then with another one. */
async function customerPays(stripe, { customer, subscription }, { invoice }) {
  const pay = (params, key) => stripe.invoices.pay(invoice, params, { idempotencyKey: key });
  const declined = (error) => {
    assert.ok(error instanceof Stripe.errors.StripeCardError);
    assert.equal(error.payment_intent.status, "requires_payment_method");
    return true;
  };
  await assert.rejects(pay({ off_session: false }, "k1"), declined);
  const tried = (await stripe.charges.list({ customer: customer.id })).data.length;
  await assert.rejects(pay({ off_session: false }, "k1"), (error) => {
    assert.equal(error.headers["idempotent-replayed"], "true");
    return declined(error);
  });
  assert.equal((await stripe.charges.list({ customer: customer.id })).data.length, tried);
  const other = (error) => error instanceof Stripe.errors.StripeIdempotencyError;
  await assert.rejects(pay({ payment_method: "pm_card_visa" }, "k1"), other);

  const setup = await stripe.setupIntents.create({
    customer: customer.id,
    usage: "off_session",
    allowed_payment_method_types: ["card"],
  });
  const confirmed = await stripe.setupIntents.confirm(setup.id, {
    payment_method: "pm_card_mastercard",
    return_url: "https://example.com/back",
  });
  assert.equal(confirmed.status, "succeeded");
  const method = confirmed.payment_method;
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method },
  });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: method });
  const keys = Array.from({ length: 10 }, (_, n) => `p${n}`);
  const paid = await Promise.allSettled(keys.map((key) => pay({ payment_method: method }, key)));
  assert.equal(paid.filter((one) => one.status === "fulfilled").length, 1, "paid once");
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "active");
  return { setup: setup.id, method };
}

/** Nobody comes: the next renewal fails until the subscription ends. */
async function nobodyPays(stripe, { clock, customer, subscription }) {
  const bad = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
    customer: customer.id,
  });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: bad.id });
  await travel(stripe, clock.id, "2026-04-14T13:30:00Z");
  const ended = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ["latest_invoice"],
  });
  assert.equal(ended.status, "canceled");
  assert.equal(ended.cancellation_details.reason, "payment_failed");
  assert.equal(ended.latest_invoice.status, "open");
  assert.equal(ended.latest_invoice.next_payment_attempt, null);
  const voided = await stripe.invoices.voidInvoice(ended.latest_invoice.id);
  assert.equal(voided.status, "void");
  await assert.rejects(stripe.invoices.pay(voided.id), (error) => error.statusCode === 400);
}

/** What a merchant, or a customer who leaves, does with a second subscription. */
async function subscriptionChanges(stripe, { customer, good, price }) {
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    default_payment_method: good.id,
  });
  const leaving = await stripe.subscriptions.update(id, {
    cancel_at_period_end: true,
    cancellation_details: { feedback: "unused", comment: "bye" },
  });
  assert.ok(leaving.cancel_at);
  const paused = await stripe.subscriptions.update(id, { pause_collection: { behavior: "void" } });
  assert.equal(paused.pause_collection.behavior, "void");
  const resumed = await stripe.subscriptions.update(id, { pause_collection: "" });
  assert.equal(resumed.pause_collection, null);
  const canceled = await stripe.subscriptions.cancel(id);
  assert.equal(canceled.status, "canceled");
}

/** Codes on demand arrive where the SDK's error has them. */
async function declinesOnDemand(stripe, api) {
  const story = { name: "declined_renewal", card: "4242", test_clock: false };
  const { customer, invoice } = await control(api, "/_sandbox/scenario", {
    ...story,
    card: "0341",
  });
  const rows = [
    ["insufficient_funds", "try_again_later", "02", "51"],
    ["stolen_card", "do_not_try_again", "03", "43"],
    ["generic_decline", "do_not_try_again", "21", "05"],
  ];
  for (const [decline_code, advice_code, network_advice_code, network_decline_code] of rows) {
    const codes = { decline_code, advice_code, network_advice_code, network_decline_code };
    await control(api, "/_sandbox/declines", { customer, ...codes, times: 1 });
    await assert.rejects(stripe.invoices.pay(invoice, { off_session: false }), (error) => {
      const said = Object.fromEntries(Object.keys(codes).map((name) => [name, error.raw[name]]));
      assert.deepEqual(said, codes);
      return true;
    });
  }
}

async function refusals(stripe, { customer }) {
  const unknown = stripe.setupIntents.create({ customer: customer.id, no_such: 1 });
  await assert.rejects(unknown, (error) => error.code === "parameter_unknown");
  const old = stripe.setupIntents.create({ payment_method_types: ["card"] });
  await assert.rejects(old, (error) => {
    assert.equal(error.code, "payment_method_types_no_longer_supported");
    return true;
  });
  const missing = stripe.customers.retrieve("cus_nobody");
  await assert.rejects(missing, (error) => error.code === "resource_missing");
}

/** Tells the story; resolves to answers by the name of their SDK type. */
export async function tell(api) {
  const stripe = client(api);
  const story = await begin(stripe);
  const failed = await renewalFails(stripe, story);
  const { setup, method } = await customerPays(stripe, story, failed);
  const answers = {
    Charge: await stripe.charges.retrieve(failed.charge),
    Customer: await stripe.customers.retrieve(story.customer.id),
    Invoice: await stripe.invoices.retrieve(failed.invoice),
    InvoicePayment: (await stripe.invoicePayments.list({ invoice: failed.invoice })).data[0],
    PaymentIntent: await stripe.paymentIntents.retrieve(failed.intent),
    PaymentMethod: await stripe.paymentMethods.retrieve(method),
    Price: story.price,
    Product: story.product,
    SetupIntent: await stripe.setupIntents.retrieve(setup),
    Subscription: await stripe.subscriptions.retrieve(story.subscription.id),
    "TestHelpers.TestClock": await stripe.testHelpers.testClocks.retrieve(story.clock.id),
  };
  await nobodyPays(stripe, story);
  await subscriptionChanges(stripe, story);
  await declinesOnDemand(stripe, api);
  await refusals(stripe, story);
  const scenario = { name: "declined_renewal", card: "3184", test_clock: false };
  const asked = await control(api, "/_sandbox/scenario", scenario);
  Object.assign(answers, await tellTheRest(stripe, { api, asked, price: story.price.id }));
  [answers.Event] = (await stripe.events.list({ limit: 1, type: "invoice.paid" })).data;
  let events = 0;
  for await (const event of stripe.events.list({ limit: 7 })) {
    assert.equal(event.object, "event");
    events += 1;
  }
  await stripe.customers.del(story.customer.id);
  assert.equal((await stripe.customers.retrieve(story.customer.id)).deleted, true);
  return { answers, events };
}
