//! `/v1/payment_methods`

use serde_json::Value;

use crate::api::{Call, customers, listing};
use crate::context::Ctx;
use crate::engine::cards::{self, TypedCard};
use crate::engine::methods;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::store::{Query, Record};

/// `POST /v1/payment_methods` with a typed card.
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["type", "card", "billing_details", "metadata", "allow_redisplay"])?;
    Ok(from_data(ctx, &call.params)?.body)
}

/// Makes a payment method of `type`, `card[…]` and `billing_details[…]`, the shape of
/// `payment_method_data` too.
pub(crate) fn from_data(ctx: &mut Ctx<'_>, data: &Params) -> Result<Record, ApiError> {
    let kind = data.required("type")?;
    if kind != "card" {
        let message = format!("The payment method type `{kind}` is not supported by the sandbox.");
        return Err(ApiError::invalid(message).with("param", "type"));
    }
    let Some(card) = data.nested("card")? else {
        return Err(ApiError::param("parameter_missing", "card", "Missing required param: card."));
    };
    card.allow(&["number", "exp_month", "exp_year", "cvc"])?;
    let typed = TypedCard {
        number: card.required("number")?,
        exp_month: card.int("exp_month")?,
        exp_year: card.int("exp_year")?,
        cvc: card.text("cvc")?,
    };
    let checked = cards::check(&typed, ctx.wall_s())?;
    let mut record = methods::create(ctx, &checked)?;
    if let Some(details) = data.nested("billing_details")? {
        apply_details(&details, &mut record.body)?;
    }
    let metadata = data.metadata(record.body.at("metadata"))?;
    record.body.set("metadata", metadata);
    if let Some(allow) = data.choice("allow_redisplay", &["always", "limited", "unspecified"])? {
        record.body.set("allow_redisplay", allow);
    }
    ctx.store.put(&record)?;
    Ok(record)
}

fn apply_details(details: &Params, body: &mut Value) -> Result<(), ApiError> {
    details.allow(&["name", "email", "phone", "address"])?;
    for name in ["name", "email", "phone"] {
        body.set(&format!("billing_details/{name}"), details.text(name)?);
    }
    if let Some(address) = details.nested("address")? {
        let names = ["city", "country", "line1", "line2", "postal_code", "state"];
        address.allow(&names)?;
        for name in names {
            body.set(&format!("billing_details/address/{name}"), address.text(name)?);
        }
    }
    Ok(())
}

/// `GET /v1/payment_methods/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::PaymentMethod, call.id)?.body)
}

/// `GET /v1/payment_methods?customer=…`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "type"])?;
    let customer = call.params.required("customer")?;
    customers::living(ctx, &customer, "customer")?;
    page(ctx, call, &customer)
}

/// `GET /v1/customers/:id/payment_methods`
pub(crate) fn list_of_customer(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["type", "allow_redisplay"])?;
    customers::living(ctx, call.id, "customer")?;
    page(ctx, call, call.id)
}

fn page(ctx: &Ctx<'_>, call: &Call<'_>, customer: &str) -> Result<Value, ApiError> {
    let kind = call.params.text("type")?;
    let redisplay = call.params.text("allow_redisplay")?;
    let query = Query { customer: Some(customer), ..Query::default() };
    listing::page(ctx, call, Kind::PaymentMethod, query, |method| {
        kind.as_deref().is_none_or(|kind| method.text("type") == kind)
            && redisplay.as_deref().is_none_or(|allow| method.text("allow_redisplay") == allow)
    })
}

/// `POST /v1/payment_methods/:id/attach`
pub(crate) fn attach(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["customer"])?;
    let customer = call.params.required("customer")?;
    customers::living(ctx, &customer, "customer")?;
    let mut method = methods::resolve(ctx, call.id, "payment_method")?;
    methods::attach(ctx, &mut method, &customer)?;
    Ok(method.body)
}

/// `POST /v1/payment_methods/:id/detach`
pub(crate) fn detach(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    methods::detach(ctx, call.id)
}
