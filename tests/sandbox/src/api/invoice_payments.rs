//! `/v1/invoice_payments`

use serde_json::Value;

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Query;

/// `GET /v1/invoice_payments/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::InvoicePayment, call.id)?.body)
}

/// `GET /v1/invoice_payments`, also by `payment[payment_intent]`.
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["invoice", "status", "payment", "created"])?;
    let invoice = call.params.text("invoice")?;
    let status = call.params.choice("status", &["canceled", "open", "paid"])?;
    let created = listing::CreatedFilter::read(&call.params)?;
    let intent = match call.params.nested("payment")? {
        None => None,
        Some(payment) => {
            payment.allow(&["type", "payment_intent"])?;
            payment.choice("type", &["payment_intent"])?;
            payment.text("payment_intent")?
        }
    };
    let query = Query { parent: invoice.as_deref(), ..Query::default() };
    listing::page(ctx, call, Kind::InvoicePayment, query, |object| {
        created.keeps(object)
            && status.as_deref().is_none_or(|status| object.text("status") == status)
            && intent.as_deref().is_none_or(|id| object.text("payment/payment_intent") == id)
    })
}
