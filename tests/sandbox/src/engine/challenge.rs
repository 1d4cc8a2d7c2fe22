//! The bank's question to the customer (3-D Secure): how an intent waits for the answer, and for
//! how long.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::timers::{self, Timer};
use crate::engine::{charging, setup};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Record;

/// How long the bank waits, unless a test says otherwise. The sandbox's own choice.
const LIFETIME_S: i64 = 15 * 60;
const LIFETIME: &str = "challenge_lifetime_s";

/// Changes how long later challenges live.
pub(crate) fn set_lifetime_s(ctx: &Ctx<'_>, lifetime_s: i64) -> Result<(), ApiError> {
    ctx.store.set_setting(LIFETIME, &lifetime_s.to_string())
}

fn lifetime_s(ctx: &Ctx<'_>) -> Result<i64, ApiError> {
    let set = ctx.store.setting(LIFETIME)?.and_then(|value| value.parse().ok());
    Ok(set.unwrap_or(LIFETIME_S))
}

/// Remembers where the customer comes back to after a challenge on the bank's own page;
/// `None` for a challenge inside the page, which Stripe.js shows.
pub(crate) fn set_return_url(intent: &mut Record, return_url: Option<String>) {
    intent.private.set("return_url", return_url);
}

/// Makes the intent wait for the customer, with `method`.
pub(crate) fn begin(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
) -> Result<(), ApiError> {
    let id = intent.body.text("id").to_owned();
    let action = match intent.private.text_opt("return_url") {
        // What Stripe.js is told is private to Stripe; the stub needs nothing of it.
        None => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": "sandbox_challenge"},
        }),
        Some(return_url) => {
            let secret = intent.body.text("client_secret");
            let page = format!("{}/redirect/authenticate/{id}", ctx.js_origin);
            let url = format!("{page}?client_secret={secret}");
            json!({
                "type": "redirect_to_url",
                "redirect_to_url": {"return_url": return_url, "url": url},
            })
        }
    };
    intent.body.set("status", "requires_action");
    intent.body.set("payment_method", method.body.text("id"));
    intent.body.set("next_action", action);
    ctx.store.put(intent)?;
    let due_s = ctx.wall_s().saturating_add(lifetime_s(ctx)?);
    // The customer and the bank live in real time, also when the invoice is on a test clock.
    timers::set(ctx, Timer::Challenge, &id, "", due_s)
}

/// The intent waits no longer; the caller stores it.
pub(crate) fn end(ctx: &Ctx<'_>, intent: &mut Record) -> Result<(), ApiError> {
    intent.body.set("next_action", Value::Null);
    timers::clear(ctx, Timer::Challenge, intent.body.text("id"))
}

/// Nobody answered in time: as if the customer had failed.
pub(crate) fn expire(ctx: &mut Ctx<'_>, id: &str) -> Result<(), ApiError> {
    let kind = if id.starts_with("seti_") { Kind::SetupIntent } else { Kind::PaymentIntent };
    let Some(mut intent) = ctx.store.find(kind, id)? else {
        return Ok(());
    };
    if intent.body.text("status") != "requires_action" {
        return Ok(());
    }
    let method = ctx.store.get(Kind::PaymentMethod, intent.body.text("payment_method"))?;
    match kind {
        Kind::SetupIntent => setup::not_authenticated(ctx, &mut intent, &method),
        _ => charging::fail_authentication(ctx, &mut intent, &method),
    }
}
