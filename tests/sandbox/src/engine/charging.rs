//! One attempt to move money: the only place where a charge comes into being.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::decline::Decline;
use crate::engine::orders::{self, Moment, Ordered};
use crate::engine::refusal::Refusal;
use crate::engine::{cards, challenge, debits, methods};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::payment::{self, Attempt, IntentTerms};
use crate::store::{Place, Record};

/// Makes the PaymentIntent of an invoice.
pub(crate) fn intent_for(ctx: &mut Ctx<'_>, invoice: &Value) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::PaymentIntent);
    let secret = ctx.random.letters(25);
    let description = match invoice.text("billing_reason") {
        "subscription_create" => "Subscription creation",
        _ => "Subscription update",
    };
    let terms = IntentTerms {
        amount_minor: invoice.int("amount_remaining"),
        currency: invoice.text("currency"),
        customer: invoice.text("customer"),
        description,
        secret: &secret,
    };
    let body = payment::payment_intent(&id, ctx.wall_s(), &terms);
    let place =
        Place { customer: Some(invoice.text("customer")), parent: Some(invoice.text("id")) };
    ctx.store.insert(Kind::PaymentIntent, place, &body, &json!({}))?;
    ctx.emit("payment_intent.created", &body);
    Ok(Record { body, private: json!({}) })
}

/// Where the customer is while the money is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Away: nobody can answer the bank.
    OffSession,
    /// There: the bank may ask first.
    OnSession,
    /// There, and the bank has its answer.
    Authenticated,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Charged {
    Approved,
    Declined(Refusal),
    /// Nothing was charged: the bank asks the customer first.
    RequiresAction,
    /// The bank answers days later.
    Processing,
}

/// What the bank says.
enum Answer {
    Approve,
    Refuse(Refusal),
    /// It wants to see the customer first.
    Ask,
}

/// The bank's answer: what a test ordered, or else what this card does. `now_s` is the
/// customer's time.
fn ask_bank(
    ctx: &Ctx<'_>,
    customer: &str,
    method: &Record,
    presence: Presence,
    now_s: i64,
) -> Result<Answer, ApiError> {
    let asks = methods::wants_authentication(method);
    if asks && presence == Presence::OnSession {
        return Ok(Answer::Ask);
    }
    let authenticated = presence == Presence::Authenticated;
    match orders::take(ctx, Moment::Charge, customer, method, authenticated)? {
        Some(Ordered::Approve) => return Ok(Answer::Approve),
        // A soft decline while the customer is there becomes a challenge.
        Some(Ordered::Refuse(refusal))
            if refusal.asks_for_authentication() && presence == Presence::OnSession =>
        {
            return Ok(Answer::Ask);
        }
        Some(Ordered::Refuse(refusal)) => return Ok(Answer::Refuse(refusal)),
        None => {}
    }
    let decline = if asks && presence == Presence::OffSession {
        Some(Decline::AuthenticationRequired)
    } else if cards::has_expired(&method.body, now_s) {
        Some(Decline::ExpiredCard)
    } else {
        methods::behavior(method, "on_charge")
    };
    Ok(decline.map_or(Answer::Approve, |decline| Answer::Refuse(decline.into())))
}

/// Asks the bank once and records its answer as a charge, unless it wants to see the customer.
pub(crate) fn charge(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    invoice: &str,
    presence: Presence,
    now_s: i64,
) -> Result<Charged, ApiError> {
    if debits::is_debit(method) {
        return debits::begin(ctx, intent, method, invoice);
    }
    let customer = intent.body.text("customer").to_owned();
    let refusal = match ask_bank(ctx, &customer, method, presence, now_s)? {
        Answer::Ask => {
            require_action(ctx, intent, method)?;
            return Ok(Charged::RequiresAction);
        }
        Answer::Approve => None,
        Answer::Refuse(refusal) => Some(refusal),
    };
    let id = ctx.id(Kind::Charge);
    let attempt = Attempt { intent: &intent.body, method: &method.body, refusal: refusal.as_ref() };
    let body = payment::charge(&id, ctx.wall_s(), &attempt);
    let private = json!({
        "invoice": invoice,
        "idempotency_key": ctx.origin.idempotency_key,
        "request": ctx.origin.request,
        "decline": refusal.as_ref().map(|refusal| refusal.reason.clone()),
    });
    let place =
        Place { customer: body.at("customer").as_str(), parent: Some(intent.body.text("id")) };
    ctx.store.insert(Kind::Charge, place, &body, &private)?;
    match &refusal {
        None => {
            book(ctx, invoice, &id)?;
            succeed(ctx, intent, method, &body)?;
        }
        Some(refusal) => fail(ctx, intent, method, &body, refusal)?,
    }
    Ok(refusal.map_or(Charged::Approved, Charged::Declined))
}

/// Writes down which charge paid an invoice. The table's primary key is the last guard against a
/// second success.
pub(crate) fn book(ctx: &Ctx<'_>, invoice: &str, charge: &str) -> Result<(), ApiError> {
    ctx.store
        .tx
        .prepare_cached("INSERT INTO paid_invoice (invoice, charge) VALUES (?1, ?2)")?
        .execute([invoice, charge])?;
    Ok(())
}

fn require_action(ctx: &mut Ctx<'_>, intent: &mut Record, method: &Record) -> Result<(), ApiError> {
    intent.body.set("last_payment_error", Value::Null);
    challenge::begin(ctx, intent, method)?;
    ctx.emit("payment_intent.requires_action", &intent.body);
    Ok(())
}

/// The customer failed the bank's challenge: nothing was charged.
pub(crate) fn fail_authentication(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
) -> Result<(), ApiError> {
    let mut error = json!({
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes/payment-intent-authentication-failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide \
                    payment_method_data or a new PaymentMethod to attempt to fulfill this \
                    PaymentIntent again.",
    });
    error.set("payment_method", method.body.clone());
    challenge::end(ctx, intent)?;
    intent.body.set("status", "requires_payment_method");
    intent.body.set("payment_method", Value::Null);
    intent.body.set("last_payment_error", error);
    ctx.store.put(intent)?;
    ctx.emit("payment_intent.payment_failed", &intent.body);
    Ok(())
}

/// The money is there.
pub(crate) fn succeed(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    charge: &Value,
) -> Result<(), ApiError> {
    let amount = intent.body.int("amount");
    challenge::end(ctx, intent)?;
    intent.body.set("status", "succeeded");
    intent.body.set("amount_received", amount);
    intent.body.set("latest_charge", charge.text("id"));
    intent.body.set("payment_method", method.body.text("id"));
    intent.body.set("last_payment_error", Value::Null);
    ctx.store.put(intent)?;
    ctx.emit("charge.succeeded", charge);
    ctx.emit("payment_intent.succeeded", &intent.body);
    Ok(())
}

/// The bank said no.
pub(crate) fn fail(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    charge: &Value,
    refusal: &Refusal,
) -> Result<(), ApiError> {
    let mut error = refusal.error_fields();
    error.set("charge", charge.text("id"));
    error.set("payment_method", method.body.clone());
    challenge::end(ctx, intent)?;
    intent.body.set("status", "requires_payment_method");
    intent.body.set("latest_charge", charge.text("id"));
    intent.body.set("payment_method", Value::Null);
    intent.body.set("last_payment_error", error);
    ctx.store.put(intent)?;
    ctx.emit("charge.failed", charge);
    ctx.emit("payment_intent.payment_failed", &intent.body);
    Ok(())
}

/// Cancels the PaymentIntent of an invoice that will never be paid.
pub(crate) fn cancel_intent(ctx: &mut Ctx<'_>, intent: &mut Record) -> Result<(), ApiError> {
    let now = ctx.wall_s();
    challenge::end(ctx, intent)?;
    intent.body.set("status", "canceled");
    intent.body.set("canceled_at", now);
    intent.body.set("cancellation_reason", "void_invoice");
    ctx.store.put(intent)?;
    ctx.emit("payment_intent.canceled", &intent.body);
    Ok(())
}
