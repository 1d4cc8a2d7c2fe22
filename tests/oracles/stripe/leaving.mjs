// The second half of the customer's story: the bank wants to see them, they get an offer, rest,
// come back, and leave. Told with the official SDK (npm stripe), like scenario.mjs.

import assert from "node:assert/strict";
import { until } from "../lib.mjs";

const RETURN_URL = "https://shop.example/account";

/** The customer answers the bank, as the challenge in the page does. */
async function answerBank(api, intent, outcome) {
  const { id: source, client_secret } = intent;
  const fields = { key: "pk_test_page", client_secret, source, outcome };
  const answer = await fetch(new URL("/v1/3ds2/authenticate", api), {
    method: "POST",
    headers: { Origin: "http://127.0.0.1:1" },
    body: new URLSearchParams(fields),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** 3-D Secure: failed once, then passed; nothing is paid before. */
async function bankAsks(stripe, begun) {
  const { api, customer, invoice } = begun;
  const intentNow = async () => {
    const live = await stripe.invoices.retrieve(invoice, {
      expand: ["payments.data.payment.payment_intent"],
    });
    return { live, intent: live.payments.data[0].payment.payment_intent };
  };
  const before = await intentNow();
  assert.equal(before.intent.last_payment_error.code, "authentication_required");
  for (const outcome of ["failed", "succeeded"]) {
    await assert.rejects(stripe.invoices.pay(invoice, { off_session: false }), (error) => {
      assert.equal(error.code, "invoice_payment_intent_requires_action");
      return true;
    });
    const { live, intent } = await intentNow();
    assert.equal(live.status, "open");
    assert.equal(intent.status, "requires_action");
    assert.equal(intent.next_action.type, "use_stripe_sdk");
    await answerBank(api, intent, outcome);
    const after = await intentNow();
    const paid = outcome === "succeeded";
    assert.equal(after.live.status, paid ? "paid" : "open");
    const code = after.intent.last_payment_error?.code;
    if (!paid) assert.equal(code, "payment_intent_authentication_failure");
  }
  const charges = await stripe.charges.list({ customer });
  const ofIt = charges.data.filter((charge) => charge.payment_intent === before.intent.id);
  assert.equal(ofIt.filter((charge) => charge.status === "succeeded").length, 1);
}

/** Half the price for three months, for one redemption, and money on the account under one key. */
async function getsAnOffer(stripe, { customer, subscription }) {
  const half = {
    id: "reprieve-discount-ccl_1-sub_1-1",
    name: "reprieve-50pct-3mo",
    percent_off: 50,
    duration: "repeating",
    duration_in_months: 3,
    max_redemptions: 1,
  };
  const coupon = await stripe.coupons.create(half);
  const again = (error) => error.code === "resource_already_exists";
  await assert.rejects(stripe.coupons.create(half), again);
  const cheaper = await stripe.subscriptions.update(subscription, {
    discounts: [{ coupon: half.id }],
    expand: ["discounts"],
  });
  assert.equal(cheaper.discounts.length, 1);
  assert.equal(cheaper.discounts[0].source.coupon, half.id);
  assert.equal((await stripe.coupons.retrieve(half.id)).times_redeemed, 1);
  const anew = { discounts: [{ coupon: half.id }] };
  await assert.rejects(stripe.subscriptions.update(subscription, anew), { statusCode: 400 });
  const credit = { amount: -500, currency: "eur", metadata: { reprieve_key: "k" } };
  const give = () =>
    stripe.customers.createBalanceTransaction(customer, credit, { idempotencyKey: "credit" });
  const given = await give();
  assert.equal((await give()).id, given.id);
  const movements = await stripe.customers.listBalanceTransactions(customer, { limit: 100 });
  const ours = movements.data.filter((movement) => movement.metadata.reprieve_key === "k");
  assert.equal(ours.length, 1);
  return { Coupon: coupon, CustomerBalanceTransaction: given };
}

/** The whole subscription rests and goes on; then only its collection does. */
async function rests(stripe, { subscription }) {
  const paused = await stripe.subscriptions.pause(subscription, {
    type: "subscription",
    bill_for: { unused_time_from: { type: "now" } },
    invoicing_behavior: "pending_invoice_item",
  });
  assert.equal(paused.status, "paused");
  const resumed = await stripe.subscriptions.resume(subscription, {
    billing_cycle_anchor: { type: "now" },
    payment_behavior: "resume_on_payment_attempt",
  });
  assert.equal(resumed.id, subscription);
  await until("the first payment after the pause", async () => {
    const { status } = await stripe.subscriptions.retrieve(subscription);
    return status === "active";
  });
  const resumesAt = Math.floor(Date.now() / 1000) + 30 * 86_400;
  const held = await stripe.subscriptions.update(subscription, {
    pause_collection: { behavior: "void", resumes_at: resumesAt },
  });
  assert.equal(held.status, "active");
  assert.equal(held.pause_collection.resumes_at, resumesAt);
  const collected = await stripe.subscriptions.update(subscription, { pause_collection: "" });
  assert.equal(collected.pause_collection, null);
}

/** Announced, taken back, and then at once. */
async function leaves(stripe, { subscription }) {
  const leaving = await stripe.subscriptions.update(subscription, {
    cancel_at_period_end: true,
    cancellation_details: { feedback: "unused", comment: "bye" },
  });
  assert.equal(leaving.cancel_at_period_end, true);
  assert.equal(leaving.cancellation_details.feedback, "unused");
  const stays = await stripe.subscriptions.update(subscription, { cancel_at_period_end: false });
  assert.equal(stays.cancel_at, null);
  assert.equal((await stripe.subscriptions.cancel(subscription)).status, "canceled");
  await assert.rejects(stripe.subscriptions.cancel(subscription), (error) => {
    assert.equal(error.code, "resource_missing");
    return true;
  });
}

/** The provider's own page for a new card: an address that answers. */
async function portal(stripe, { customer }) {
  const session = await stripe.billingPortal.sessions.create({
    customer,
    return_url: RETURN_URL,
    flow_data: {
      type: "payment_method_update",
      after_completion: { type: "redirect", redirect: { return_url: RETURN_URL } },
    },
  });
  const page = await fetch(session.url);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type"), /text\/html/);
  return { "BillingPortal.Session": session };
}

/** Somebody whose card works, paid for a month. */
async function subscriber(stripe, price) {
  const { id: customer } = await stripe.customers.create({ email: "b@example.com" });
  const { id: card } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
  const { id, status } = await stripe.subscriptions.create({
    customer,
    items: [{ price }],
    default_payment_method: card,
    billing_mode: { type: "flexible" },
  });
  assert.equal(status, "active");
  return { customer, subscription: id };
}

/** All of it: `asked` is a customer whose bank asks at every payment. */
export async function tellTheRest(stripe, { api, asked, price }) {
  await bankAsks(stripe, { api, ...asked });
  const other = await subscriber(stripe, price);
  const offered = await getsAnOffer(stripe, other);
  await rests(stripe, other);
  const page = await portal(stripe, other);
  await leaves(stripe, other);
  return { ...offered, ...page };
}
