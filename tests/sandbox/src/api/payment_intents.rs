//! `/v1/payment_intents`

use serde_json::Value;

use crate::api::{Call, intents, listing};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::store::Query;

/// `GET /v1/payment_intents/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["client_secret"])?;
    let intent = intents::permitted(ctx, call, Kind::PaymentIntent)?;
    Ok(intents::shown(call, &intent.body))
}

/// `GET /v1/payment_intents`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "created"])?;
    let customer = call.params.text("customer")?;
    let created = listing::CreatedFilter::read(&call.params)?;
    let query = Query { customer: customer.as_deref(), ..Query::default() };
    listing::page(ctx, call, Kind::PaymentIntent, query, |object| created.keeps(object))
}
