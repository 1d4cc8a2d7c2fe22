//! `/v1/charges`

use serde_json::Value;

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::store::Query;

/// `GET /v1/charges/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Charge, call.id)?.body)
}

/// `GET /v1/charges`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "payment_intent", "created"])?;
    let customer = call.params.text("customer")?;
    let parent = call.params.text("payment_intent")?;
    let created = listing::CreatedFilter::read(&call.params)?;
    let query =
        Query { customer: customer.as_deref(), parent: parent.as_deref(), ..Query::default() };
    listing::page(ctx, call, Kind::Charge, query, |object| created.keeps(object))
}
