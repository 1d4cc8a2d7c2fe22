//! One attempt to move money: the only place where a charge comes into being.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::decline::Decline;
use crate::engine::methods;
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

/// Asks the bank once and records the answer as a charge. `None` means that it agreed.
pub(crate) fn charge(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    invoice: &str,
) -> Result<Option<Decline>, ApiError> {
    let decline = methods::behavior(method, "on_charge");
    let id = ctx.id(Kind::Charge);
    let attempt = Attempt { intent: &intent.body, method: &method.body, decline };
    let body = payment::charge(&id, ctx.wall_s(), &attempt);
    let private = json!({
        "invoice": invoice,
        "idempotency_key": ctx.origin.idempotency_key,
        "request": ctx.origin.request,
        "decline": decline.map(Decline::name),
    });
    let place =
        Place { customer: body.at("customer").as_str(), parent: Some(intent.body.text("id")) };
    ctx.store.insert(Kind::Charge, place, &body, &private)?;
    match decline {
        None => {
            // The table's primary key is the last guard against a second success.
            ctx.store
                .tx
                .prepare_cached("INSERT INTO paid_invoice (invoice, charge) VALUES (?1, ?2)")?
                .execute([invoice, &id])?;
            succeed(ctx, intent, method, &body)?;
        }
        Some(decline) => fail(ctx, intent, method, &body, decline)?,
    }
    Ok(decline)
}

fn succeed(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    charge: &Value,
) -> Result<(), ApiError> {
    let amount = intent.body.int("amount");
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

fn fail(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    charge: &Value,
    decline: Decline,
) -> Result<(), ApiError> {
    let mut error = decline.error_fields();
    error.set("charge", charge.text("id"));
    error.set("payment_method", method.body.clone());
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
    intent.body.set("status", "canceled");
    intent.body.set("canceled_at", now);
    intent.body.set("cancellation_reason", "void_invoice");
    ctx.store.put(intent)?;
    ctx.emit("payment_intent.canceled", &intent.body);
    Ok(())
}
