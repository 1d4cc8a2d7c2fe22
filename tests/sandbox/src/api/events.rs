//! `/v1/events`

use serde_json::Value;

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Query;

/// `GET /v1/events/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    let mut event = ctx.store.get(Kind::Event, call.id)?;
    let waiting = event.body.int("pending_webhooks") - event.private.int("delivered");
    event.body.set("pending_webhooks", waiting.max(0));
    Ok(event.body)
}

/// `GET /v1/events` by `type`, `types[]` and `created`. A type may end in `.*`.
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["type", "types", "created"])?;
    let mut types = call.params.texts("types")?;
    types.extend(call.params.text("type")?);
    let created = listing::CreatedFilter::read(&call.params)?;
    listing::page(ctx, call, Kind::Event, Query::default(), |event| {
        let kind = event.text("type");
        let fits = |wanted: &String| match wanted.strip_suffix('*') {
            Some(prefix) => kind.starts_with(prefix),
            None => kind == wanted,
        };
        created.keeps(event) && (types.is_empty() || types.iter().any(fits))
    })
}
