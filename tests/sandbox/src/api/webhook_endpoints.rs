//! `/v1/webhook_endpoints`

use serde_json::{Value, json};

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::{self, catalog};
use crate::store::{Place, Query, Record};

const ENDPOINT_COUNT_MAX: usize = 16;

/// `POST /v1/webhook_endpoints`; the answer is the only one that shows the secret.
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["url", "enabled_events", "description", "metadata", "api_version"])?;
    let url = call.params.required("url")?;
    check_url(&url)?;
    call.params.choice("api_version", &[crate::config::API_VERSION])?;
    let events = call.params.texts("enabled_events")?;
    if events.is_empty() {
        let message = "Missing required param: enabled_events.";
        return Err(ApiError::param("parameter_missing", "enabled_events", message));
    }
    if ctx.store.all(Kind::WebhookEndpoint, Query::default())?.len() >= ENDPOINT_COUNT_MAX {
        let message = format!("You have reached the limit of {ENDPOINT_COUNT_MAX} endpoints.");
        return Err(ApiError::invalid(message));
    }
    let id = ctx.id(Kind::WebhookEndpoint);
    let secret = format!("whsec_{}", ctx.random.letters(32));
    let mut body = catalog::webhook_endpoint(&id, ctx.wall_s(), &url, &events);
    body.set("description", call.params.text("description")?);
    body.set("metadata", call.params.metadata(&json!({}))?);
    let private = json!({"secret": secret});
    ctx.store.insert(Kind::WebhookEndpoint, Place::default(), &body, &private)?;
    body.set("secret", secret);
    Ok(body)
}

fn check_url(url: &str) -> Result<(), ApiError> {
    match crate::webhook::client::Target::parse(url) {
        Ok(_) => Ok(()),
        Err(reason) => Err(ApiError::param("url_invalid", "url", format!("Invalid URL: {reason}"))),
    }
}

/// The endpoint of the command line gets every event. Its id is the same in every run, so a
/// second start with the same data changes it and makes no second one.
pub(crate) fn configure(ctx: &mut Ctx<'_>, url: &str, secret: &str) -> Result<(), ApiError> {
    const ID: &str = "we_commandline";
    check_url(url)?;
    let body = catalog::webhook_endpoint(ID, ctx.wall_s(), url, &["*".to_owned()]);
    let private = json!({"secret": secret});
    match ctx.store.find(Kind::WebhookEndpoint, ID)? {
        None => ctx.store.insert(Kind::WebhookEndpoint, Place::default(), &body, &private),
        Some(_) => ctx.store.put(&Record { body, private }),
    }
}

/// `GET /v1/webhook_endpoints`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &[])?;
    listing::page(ctx, call, Kind::WebhookEndpoint, Query::default(), |_| true)
}

/// `DELETE /v1/webhook_endpoints/:id`
pub(crate) fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    ctx.store.get(Kind::WebhookEndpoint, call.id)?;
    ctx.store.remove(call.id)?;
    Ok(shape::deleted(Kind::WebhookEndpoint.object(), call.id))
}
