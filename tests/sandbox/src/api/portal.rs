//! `/v1/billing_portal/sessions`: a hosted page where a customer changes the card. The two calls
//! that its page makes are the sandbox's own; Stripe's page talks to private ones.

use serde_json::{Value, json};

use crate::api::{Call, customers};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::http::inside;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::params::Params;
use crate::store::{Place, Record};

/// A link that nobody opens.
const UNUSED_LIFETIME_S: i64 = 5 * 60;
/// A page that nobody touches.
const IDLE_LIFETIME_S: i64 = 60 * 60;
const URL_LENGTH_MAX: usize = 5_000;

/// `POST /v1/billing_portal/sessions`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&["customer", "return_url", "flow_data", "locale", "configuration"])?;
    let customer = params.required("customer")?;
    customers::living(ctx, &customer, "customer")?;
    let return_url = web_address(params, "return_url")?;
    let flow = flow(params)?;
    let id = ctx.id(Kind::PortalSession);
    let secret = ctx.random.letters(32);
    let body = json!({
        "id": id,
        "object": "billing_portal.session",
        "configuration": params.text("configuration")?
            .unwrap_or_else(|| "bpc_sandbox".to_owned()),
        "created": ctx.wall_s(),
        "customer": customer,
        "customer_account": null,
        "flow": flow,
        "livemode": false,
        "locale": params.text("locale")?,
        "on_behalf_of": null,
        "return_url": return_url,
        "url": format!("{}/p/session/{id}.{secret}", ctx.js_origin),
    });
    let private = json!({"secret": secret, "used_s": null, "setup_intent": null});
    let place = Place { customer: Some(&customer), parent: None };
    ctx.store.insert(Kind::PortalSession, place, &body, &private)?;
    ctx.emit("billing_portal.session.created", &body);
    Ok(body)
}

fn web_address(params: &Params, name: &str) -> Result<Option<String>, ApiError> {
    let url = params.text(name)?;
    let sound = |url: &String| {
        (url.starts_with("http://") || url.starts_with("https://")) && url.len() <= URL_LENGTH_MAX
    };
    if url.as_ref().is_none_or(sound) {
        return Ok(url);
    }
    Err(ApiError::param("url_invalid", name, "Not a valid URL"))
}

fn flow(params: &Params) -> Result<Value, ApiError> {
    let Some(flow) = params.nested("flow_data")? else {
        return Ok(Value::Null);
    };
    flow.allow(&["type", "after_completion"])?;
    flow.choice("type", &["payment_method_update"])?;
    flow.required("type")?;
    let mut after = json!({
        "hosted_confirmation": null,
        "redirect": null,
        "type": "portal_homepage",
    });
    if let Some(given) = flow.nested("after_completion")? {
        given.allow(&["type", "redirect", "hosted_confirmation"])?;
        let choices = ["hosted_confirmation", "portal_homepage", "redirect"];
        given.choice("type", &choices)?;
        let kind = given.required("type")?;
        if let Some(redirect) = given.nested("redirect")? {
            redirect.allow(&["return_url"])?;
            redirect.required("return_url")?;
            let url = web_address(&redirect, "return_url")?;
            after.set("redirect", json!({"return_url": url}));
        }
        if let Some(confirmation) = given.nested("hosted_confirmation")? {
            confirmation.allow(&["custom_message"])?;
            let message = confirmation.text("custom_message")?;
            after.set("hosted_confirmation", json!({"custom_message": message}));
        }
        after.set("type", kind);
    }
    Ok(json!({
        "after_completion": after,
        "customer_update": null,
        "subscription_cancel": null,
        "subscription_pause": null,
        "subscription_update": null,
        "subscription_update_confirm": null,
        "type": "payment_method_update",
    }))
}

/// The session behind the page's address, unless its time is over.
fn opened(ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Record, ApiError> {
    let session = ctx.store.get(Kind::PortalSession, call.id)?;
    let secret = call.params.required("client_secret")?;
    let alive_until_s = match session.private.at("used_s").as_i64() {
        None => session.body.int("created").saturating_add(UNUSED_LIFETIME_S),
        Some(used_s) => used_s.saturating_add(IDLE_LIFETIME_S),
    };
    if session.private.text("secret") != secret || ctx.wall_s() > alive_until_s {
        // The same answer for a guess and for an old link.
        return Err(ApiError::missing(Kind::PortalSession.noun(), call.id));
    }
    Ok(session)
}

/// `POST /v1/billing_portal/sessions/:id/open`: what the page needs to show its card fields.
pub(crate) fn open(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["client_secret"])?;
    let mut session = opened(ctx, call)?;
    let customer = session.body.text("customer").to_owned();
    let known = session.private.text("setup_intent").to_owned();
    let waiting = ctx.store.find(Kind::SetupIntent, &known)?;
    let waiting = waiting.filter(|intent| intent.body.text("status") != "succeeded");
    let intent = match waiting {
        Some(intent) => intent.body,
        None => {
            let form = format!("customer={customer}&usage=off_session");
            inside(ctx, "POST", "/v1/setup_intents", &form)?
        }
    };
    session.private.set("setup_intent", intent.at("id").clone());
    session.private.set("used_s", ctx.wall_s());
    ctx.store.put(&session)?;
    let customer = ctx.store.get(Kind::Customer, &customer)?;
    let default = customer.body.text("invoice_settings/default_payment_method");
    let card = ctx.store.find(Kind::PaymentMethod, default)?;
    Ok(json!({
        "setup_intent": intent.at("client_secret"),
        "name": customer.body.at("name"),
        "card": card.map(|card| json!({
            "brand": card.body.at("card/brand"),
            "last4": card.body.at("card/last4"),
        })),
        "return_url": session.body.at("return_url"),
    }))
}

/// `POST /v1/billing_portal/sessions/:id/complete`: the card that was set up becomes the
/// customer's default, and nothing else: a subscription that has its own keeps it.
pub(crate) fn complete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["client_secret"])?;
    let mut session = opened(ctx, call)?;
    let intent = ctx.store.get(Kind::SetupIntent, session.private.text("setup_intent"))?;
    if intent.body.text("status") != "succeeded" {
        return Err(ApiError::wrong_state("No card was set up."));
    }
    let mut customer = ctx.store.get(Kind::Customer, session.body.text("customer"))?;
    let before = customer.body.clone();
    let method = intent.body.at("payment_method").clone();
    customer.body.set("invoice_settings/default_payment_method", method);
    ctx.store.put(&customer)?;
    if customer.body != before {
        let changed = changed_fields(&before, &customer.body);
        ctx.emit_change("customer.updated", &customer.body, Some(changed));
    }
    session.private.set("used_s", ctx.wall_s());
    ctx.store.put(&session)?;
    let after = session.body.at("flow/after_completion");
    let next = match after.text("type") {
        "redirect" => after.at("redirect/return_url").clone(),
        _ => Value::Null,
    };
    Ok(json!({
        "next": next,
        "message": after.at("hosted_confirmation/custom_message"),
        "return_url": session.body.at("return_url"),
    }))
}
