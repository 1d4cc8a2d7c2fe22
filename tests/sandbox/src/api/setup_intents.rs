//! `/v1/setup_intents`: with a secret key, or with a publishable key and the client secret.

use serde_json::{Value, json};

use crate::api::{Call, customers, intents, listing};
use crate::context::Ctx;
use crate::engine::{challenge, debits, methods, setup};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape;
use crate::store::{Place, Query, Record};

/// What can be set up here.
const TYPES: [&str; 4] = ["card", "sepa_debit", "ideal", "bancontact"];
const CANCEL_REASONS: [&str; 3] = ["abandoned", "duplicate", "requested_by_customer"];

/// `POST /v1/setup_intents`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "customer",
        "usage",
        "payment_method",
        "allowed_payment_method_types",
        "payment_method_types",
        "automatic_payment_methods",
        "description",
        "metadata",
        "confirm",
        "return_url",
        "use_stripe_sdk",
    ])?;
    let id = ctx.id(Kind::SetupIntent);
    let secret = ctx.random.letters(32);
    let mut body = shape::setup::setup_intent(&id, ctx.wall_s(), &secret);
    if let Some(customer) = params.text("customer")? {
        customers::living(ctx, &customer, "customer")?;
        body.set("customer", customer);
    }
    if let Some(usage) = params.choice("usage", &["off_session", "on_session"])? {
        body.set("usage", usage);
    }
    check_types(params, &mut body)?;
    body.set("description", params.text("description")?);
    body.set("metadata", params.metadata(&json!({}))?);
    let method = match params.text("payment_method")? {
        None => None,
        Some(method) => Some(methods::resolve(ctx, &method, "payment_method")?),
    };
    if let Some(method) = &method {
        body.set("payment_method", method.body.text("id"));
        body.set("status", "requires_confirmation");
    }
    let customer = body.text_opt("customer");
    let place = Place { customer: customer.as_deref(), parent: None };
    ctx.store.insert(Kind::SetupIntent, place, &body, &json!({}))?;
    ctx.emit("setup_intent.created", &body);
    let mut intent = Record { body, private: json!({}) };
    if params.flag("confirm")?.unwrap_or(false) {
        let method = method.ok_or_else(missing_method)?;
        challenge::set_return_url(&mut intent, intents::redirect(params)?);
        setup::confirm(ctx, &mut intent, method)?;
    }
    Ok(intent.body)
}

fn check_types(params: &crate::params::Params, body: &mut Value) -> Result<(), ApiError> {
    // <https://docs.stripe.com/changelog>, endive, 2026-09-30.
    if !params.texts("payment_method_types")?.is_empty() {
        return Err(ApiError::param(
            "payment_method_types_no_longer_supported",
            "payment_method_types",
            "This API version does not take payment_method_types; use \
             allowed_payment_method_types instead.",
        ));
    }
    let allowed = params.texts("allowed_payment_method_types")?;
    if let Some(other) = allowed.iter().find(|kind| !TYPES.contains(&kind.as_str())) {
        return Err(ApiError::invalid(format!("The sandbox does not support {other}."))
            .with("param", "allowed_payment_method_types"));
    }
    if !allowed.is_empty() {
        body.set("allowed_payment_method_types", json!(allowed));
        body.set("payment_method_types", json!(allowed));
    }
    if let Some(automatic) = params.nested("automatic_payment_methods")? {
        automatic.allow(&["enabled", "allow_redirects"])?;
        let enabled = automatic.flag("enabled")?.unwrap_or(false);
        let redirects = automatic.choice("allow_redirects", &["always", "never"])?;
        let redirects = redirects.unwrap_or_else(|| "always".to_owned());
        let value = json!({"allow_redirects": redirects, "enabled": enabled});
        body.set("automatic_payment_methods", value);
    }
    Ok(())
}

fn missing_method() -> ApiError {
    ApiError::invalid(
        "You cannot confirm this SetupIntent because it's missing a payment method. Update the \
         SetupIntent with a payment method and then confirm it again.",
    )
    .with("code", "setup_intent_unexpected_state")
}

/// `GET /v1/setup_intents/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["client_secret"])?;
    let intent = intents::permitted(ctx, call, Kind::SetupIntent)?;
    Ok(intents::shown(call, &intent.body))
}

/// `POST /v1/setup_intents/:id/confirm`
pub(crate) fn confirm(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&intents::CONFIRM_PARAMS)?;
    let mut intent = intents::permitted(ctx, call, Kind::SetupIntent)?;
    let method = intents::method(ctx, call, &intent.body)?.ok_or_else(missing_method)?;
    let back = if debits::leads_away(&method) {
        // Also from Stripe.js: there is no way to ask in the page.
        let back = call.params.text("return_url")?;
        Some(back.ok_or_else(|| {
            ApiError::param("parameter_missing", "return_url", "This method needs a return_url.")
        })?)
    } else {
        intents::redirect(&call.params)?
    };
    challenge::set_return_url(&mut intent, back);
    setup::confirm(ctx, &mut intent, method)?;
    Ok(intents::shown(call, &intent.body))
}

/// `POST /v1/setup_intents/:id/cancel`
pub(crate) fn cancel(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["cancellation_reason"])?;
    let reason = call.params.choice("cancellation_reason", &CANCEL_REASONS)?;
    let mut intent = ctx.store.get(Kind::SetupIntent, call.id)?;
    let status = intent.body.text("status").to_owned();
    if matches!(status.as_str(), "succeeded" | "canceled") {
        return Err(ApiError::wrong_state(format!(
            "You cannot cancel this SetupIntent because it has a status of {status}."
        ))
        .with("code", "setup_intent_unexpected_state")
        .with("setup_intent", intent.body));
    }
    challenge::end(ctx, &mut intent)?;
    intent.body.set("status", "canceled");
    intent.body.set("cancellation_reason", reason);
    ctx.store.put(&intent)?;
    ctx.emit("setup_intent.canceled", &intent.body);
    Ok(intent.body)
}

/// `GET /v1/setup_intents`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "payment_method", "created"])?;
    let customer = call.params.text("customer")?;
    let method = call.params.text("payment_method")?;
    let created = listing::CreatedFilter::read(&call.params)?;
    let query = Query { customer: customer.as_deref(), ..Query::default() };
    listing::page(ctx, call, Kind::SetupIntent, query, |intent| {
        created.keeps(intent)
            && method.as_deref().is_none_or(|method| intent.text("payment_method") == method)
    })
}
