//! What SetupIntents and PaymentIntents share: who may see one, and the bank's challenge.

use serde_json::{Value, json};

use crate::api::{Call, payment_methods};
use crate::auth::KeyKind;
use crate::context::Ctx;
use crate::engine::charging::{self, Presence};
use crate::engine::collection::{self, Attempted};
use crate::engine::{cards, challenge, methods, setup};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::shape::setup::intent_public;
use crate::store::Record;

/// The parameters of a confirmation that name or describe a payment method, and what goes along.
pub(crate) const CONFIRM_PARAMS: [&str; 8] = [
    "client_secret",
    "payment_method",
    "payment_method_data",
    "return_url",
    "use_stripe_sdk",
    "mandate_data",
    "setup_future_usage",
    "off_session",
];

/// The intent, when the caller may see it: a publishable key must name its client secret.
pub(crate) fn permitted(ctx: &Ctx<'_>, call: &Call<'_>, kind: Kind) -> Result<Record, ApiError> {
    let intent = ctx.store.get(kind, call.id)?;
    let given = call.params.text("client_secret")?;
    match (call.key, given) {
        (KeyKind::Secret, None) => Ok(intent),
        (KeyKind::Publishable, None) => Err(crate::auth::require_secret()),
        (_, Some(given)) if intent.body.text("client_secret") == given => Ok(intent),
        // Another text than for an unknown id would be a hint; Stripe answers 404 for both.
        (_, Some(_)) => Err(ApiError::missing(kind.noun(), call.id).with("param", "intent")),
    }
}

/// What the caller may see.
pub(crate) fn shown(call: &Call<'_>, intent: &Value) -> Value {
    match call.key {
        KeyKind::Secret => intent.clone(),
        KeyKind::Publishable => intent_public(intent),
    }
}

/// The method of a confirmation: described, named, or the one that the intent has already.
pub(crate) fn method(
    ctx: &mut Ctx<'_>,
    call: &Call<'_>,
    intent: &Value,
) -> Result<Option<Record>, ApiError> {
    if let Some(data) = call.params.nested("payment_method_data")? {
        data.allow(&payment_methods::DATA_PARAMS)?;
        return payment_methods::from_data(ctx, &data).map(Some);
    }
    if let Some(id) = call.params.text("payment_method")? {
        return methods::resolve(ctx, &id, "payment_method").map(Some);
    }
    match intent.text_opt("payment_method") {
        Some(id) => ctx.store.get_param(Kind::PaymentMethod, &id, "payment_method").map(Some),
        None => Ok(None),
    }
}

/// Where the customer comes back to when the challenge is a page of its own: a confirmation with
/// `return_url` that does not come from Stripe.js.
pub(crate) fn redirect(params: &Params) -> Result<Option<String>, ApiError> {
    let Some(url) = params.text("return_url")? else {
        return Ok(None);
    };
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(ApiError::param("url_invalid", "return_url", "Not a valid URL"));
    }
    Ok((params.flag("use_stripe_sdk")? != Some(true)).then_some(url))
}

/// `POST /v1/3ds2/authenticate`: the challenge frame says how the customer answered the bank.
/// Stripe has a call of this name that is private to its own scripts; `outcome` is the sandbox's.
pub(crate) fn authenticate(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["source", "client_secret", "outcome"])?;
    call.params.choice("outcome", &["succeeded", "failed"])?;
    let passed = call.params.required("outcome")? == "succeeded";
    let source = call.params.required("source")?;
    let kind = if source.starts_with("seti_") { Kind::SetupIntent } else { Kind::PaymentIntent };
    let call = Call { id: &source, path: call.path, key: call.key, params: call.params.clone() };
    let mut intent = permitted(ctx, &call, kind)?;
    if intent.body.text("status") != "requires_action" {
        return Err(ApiError::wrong_state("This intent does not wait for authentication."));
    }
    let method_id = intent.body.text("payment_method").to_owned();
    let method = ctx.store.get(Kind::PaymentMethod, &method_id)?;
    match (kind, passed) {
        (Kind::SetupIntent, true) => setup::authenticated(ctx, &mut intent, method)?,
        (Kind::SetupIntent, false) => setup::not_authenticated(ctx, &mut intent, &method)?,
        (_, false) => charging::fail_authentication(ctx, &mut intent, &method)?,
        // A decline after a passed challenge is told by the intent, not by this answer.
        (_, true) => {
            pay(ctx, &intent, &method, Presence::Authenticated)?;
        }
    }
    Ok(json!({"object": "three_d_secure_2", "source": source, "state": "done"}))
}

/// Pays the invoice behind a PaymentIntent.
pub(crate) fn pay(
    ctx: &mut Ctx<'_>,
    intent: &Record,
    method: &Record,
    presence: Presence,
) -> Result<Attempted, ApiError> {
    let invoice_id = ctx.store.parent(intent.body.text("id"))?;
    let mut invoice = ctx.store.get(Kind::Invoice, &invoice_id.unwrap_or_default())?;
    if !matches!(invoice.body.text("status"), "open" | "uncollectible") {
        return Err(ApiError::wrong_state("The invoice of this intent can no longer be paid."));
    }
    let now_s = ctx.clock_s(invoice.body.at("test_clock").as_str())?;
    collection::manual(ctx, &mut invoice, method, presence, now_s)
}

/// `POST /v1/payment_intents/:id/confirm`: another try, with the customer there.
pub(crate) fn confirm_payment(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&CONFIRM_PARAMS)?;
    let mut intent = permitted(ctx, call, Kind::PaymentIntent)?;
    let status = intent.body.text("status").to_owned();
    if !matches!(status.as_str(), "requires_payment_method" | "requires_action") {
        return Err(ApiError::wrong_state(format!(
            "You cannot confirm this PaymentIntent because it has already {status}."
        ))
        .with("code", "payment_intent_unexpected_state")
        .with("payment_intent", shown(call, &intent.body)));
    }
    let Some(mut method) = method(ctx, call, &intent.body)? else {
        return Err(ApiError::invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
        )
        .with("code", "payment_intent_unexpected_state"));
    };
    let customer = intent.body.text("customer");
    match method.body.text("customer") {
        owner if owner == customer => {}
        "" if methods::behavior(&method, "on_setup").is_none() => {
            methods::attach_unasked(ctx, &mut method, customer)?;
        }
        "" => {}
        _ => return Err(ApiError::invalid("The payment method belongs to another customer.")),
    }
    let presence = match call.params.flag("off_session")? {
        Some(true) => Presence::OffSession,
        Some(false) | None => Presence::OnSession,
    };
    challenge::set_return_url(&mut intent, redirect(&call.params)?);
    ctx.store.put(&intent)?;
    match pay(ctx, &intent, &method, presence)? {
        Attempted::Declined(refusal, after) => Err(cards::declined(&refusal)
            .with("charge", after.at("latest_charge").clone())
            .with("payment_method", method.body)
            .with("payment_intent", shown(call, &after))),
        _ => {
            let after = ctx.store.get(Kind::PaymentIntent, call.id)?;
            Ok(shown(call, &after.body))
        }
    }
}
