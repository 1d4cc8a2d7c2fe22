//! What belongs to invoices and customers' balances: `/v1/invoiceitems`, `/v1/subscription_items`,
//! the lines of an invoice, and `/v1/customers/:id/balance_transactions`.

use serde_json::{Value, json};

use crate::api::{Call, customers, listing};
use crate::context::Ctx;
use crate::engine::balance::{self, Movement};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape;
use crate::store::Query;

const AMOUNT_MINOR_MAX: i64 = 99_999_999;

/// `GET /v1/invoiceitems`: prorations, billed or waiting (`pending`).
pub(crate) fn list_invoice_items(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "invoice", "pending"])?;
    let customer = call.params.text("customer")?;
    let invoice = call.params.text("invoice")?;
    let pending = call.params.flag("pending")?;
    let query = Query { customer: customer.as_deref(), ..Query::default() };
    listing::page(ctx, call, Kind::InvoiceItem, query, |item| {
        pending.is_none_or(|pending| item.at("invoice").is_null() == pending)
            && invoice.as_deref().is_none_or(|invoice| item.text("invoice") == invoice)
    })
}

/// `GET /v1/invoices/:id/lines`: all of them, they are few.
pub(crate) fn list_lines(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["limit"])?;
    Ok(ctx.store.get(Kind::Invoice, call.id)?.body.at("lines").clone())
}

/// `GET /v1/subscription_items?subscription=…`
pub(crate) fn list_subscription_items(
    ctx: &mut Ctx<'_>,
    call: &Call<'_>,
) -> Result<Value, ApiError> {
    call.params.allow(&["subscription", "limit"])?;
    let id = call.params.required("subscription")?;
    let subscription = ctx.store.get_param(Kind::Subscription, &id, "subscription")?;
    let items = subscription.body.at("items/data").as_array().cloned().unwrap_or_default();
    Ok(shape::list(items, false, call.path))
}

/// `POST /v1/customers/:id/balance_transactions`: a negative amount is credit.
pub(crate) fn create_transaction(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["amount", "currency", "description", "metadata"])?;
    let amount = call.params.int("amount")?.unwrap_or(0);
    if amount == 0 || amount.saturating_abs() > AMOUNT_MINOR_MAX {
        return Err(ApiError::param("parameter_invalid_integer", "amount", "Invalid integer"));
    }
    let currency = call.params.required("currency")?.to_lowercase();
    let customer = customers::living(ctx, call.id, "customer")?;
    let known = customer.body.text("currency");
    if !known.is_empty() && known != currency {
        let message = format!("The customer's currency is {known}.");
        return Err(ApiError::invalid(message).with("param", "currency"));
    }
    let description = call.params.text("description")?;
    let movement = Movement {
        amount_minor: amount,
        currency: &currency,
        kind: "adjustment",
        description: description.as_deref(),
        invoice: None,
        metadata: Some(call.params.metadata(&json!({}))?),
    };
    balance::book(ctx, call.id, movement)
}

/// `GET /v1/customers/:id/balance_transactions`
pub(crate) fn list_transactions(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["invoice"])?;
    customers::living(ctx, call.id, "customer")?;
    let invoice = call.params.text("invoice")?;
    let query = Query { customer: Some(call.id), ..Query::default() };
    listing::page(ctx, call, Kind::BalanceTransaction, query, |entry| {
        invoice.as_deref().is_none_or(|invoice| entry.text("invoice") == invoice)
    })
}
