//! `GET /_sandbox/ledger`: every attempt that reached the network, in order.

use serde_json::{Value, json};

use crate::app::App;
use crate::context::Origin;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::store::{Query, SCAN_ROWS_MAX};

/// All attempts, or those of `customer` or `invoice`.
pub(crate) fn read(app: &App, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["customer", "invoice"])?;
    let customer = params.text("customer")?;
    let invoice = params.text("invoice")?;
    let charges = app.transact(Origin::default(), |ctx| {
        let query = Query { customer: customer.as_deref(), ..Query::default() };
        ctx.store.list(Kind::Charge, query, SCAN_ROWS_MAX, |_| true)
    })?;
    let rows: Vec<Value> = charges
        .iter()
        .rev()
        .filter(|charge| invoice.as_deref().is_none_or(|id| charge.private.text("invoice") == id))
        .map(|charge| {
            let body = &charge.body;
            json!({
                "id": body.at("id"),
                "payment_intent": body.at("payment_intent"),
                "invoice": charge.private.at("invoice"),
                "customer": body.at("customer"),
                "amount": body.at("amount"),
                "currency": body.at("currency"),
                "payment_method": body.at("payment_method"),
                "last4": body.at("payment_method_details/card/last4"),
                "status": body.at("status"),
                "decline_code": charge.private.at("decline"),
                "fingerprint": body.at("payment_method_details/card/fingerprint"),
                "advice_code": body.at("outcome/advice_code"),
                "network_advice_code": body.at("outcome/network_advice_code"),
                "network_decline_code": body.at("outcome/network_decline_code"),
                "network_status": body.at("outcome/network_status"),
                "idempotency_key": charge.private.at("idempotency_key"),
                "created": body.at("created"),
            })
        })
        .collect();
    Ok(json!({"charges": rows}))
}
