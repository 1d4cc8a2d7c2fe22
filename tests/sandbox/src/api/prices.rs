//! `/v1/prices`, and `/v1/plans`, which are prices with a name of their own.

use serde_json::{Value, json};

use crate::api::{Call, listing, products};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::shape::catalog::{self, PriceTerms};
use crate::store::{Place, Query};

/// Largest amount of one price, as at Stripe: eight digits.
const AMOUNT_MINOR_MAX: i64 = 99_999_999;
/// Longest interval: three years.
const INTERVALS: [(&str, i64); 4] = [("day", 1_095), ("week", 156), ("month", 36), ("year", 3)];

/// `POST /v1/prices`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[
        "currency",
        "unit_amount",
        "product",
        "product_data",
        "recurring",
        "nickname",
        "metadata",
        "active",
        "lookup_key",
    ])?;
    add(ctx, &call.params)
}

/// Makes a price; also of a subscription's `items[][price_data]`.
pub(crate) fn add(ctx: &mut Ctx<'_>, params: &Params) -> Result<Value, ApiError> {
    let product = match params.nested("product_data")? {
        Some(data) => {
            data.allow(&["name", "metadata"])?;
            products::add(ctx, &data)?.text("id").to_owned()
        }
        None => {
            let id = params.required("product")?;
            ctx.store.get_param(Kind::Product, &id, "product")?;
            id
        }
    };
    let terms = PriceTerms {
        product,
        currency: currency(params)?,
        unit_amount_minor: amount(params, "unit_amount")?,
        recurring: recurring(params)?,
    };
    let id = ctx.id(Kind::Price);
    insert(ctx, &id, &terms, params)
}

/// `POST /v1/plans`: the only prices whose id the merchant may choose, and other calls take it
/// wherever they take a price (<https://docs.stripe.com/api/plans/create>). The sandbox answers
/// with the price.
pub(crate) fn create_plan(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "id",
        "amount",
        "currency",
        "interval",
        "interval_count",
        "product",
        "nickname",
        "metadata",
        "active",
    ])?;
    let product = params.required("product")?;
    ctx.store.get_param(Kind::Product, &product, "product")?;
    let terms = PriceTerms {
        product,
        currency: currency(params)?,
        unit_amount_minor: amount(params, "amount")?,
        recurring: Some(interval(params)?),
    };
    let id = match params.text("id")? {
        Some(id) if ctx.store.find(Kind::Price, &id)?.is_some() => {
            let message = format!("Plan already exists: {id}");
            return Err(ApiError::invalid(message).with("code", "resource_already_exists"));
        }
        Some(id) => id,
        None => ctx.id(Kind::Price),
    };
    insert(ctx, &id, &terms, params)
}

fn insert(
    ctx: &mut Ctx<'_>,
    id: &str,
    terms: &PriceTerms,
    params: &Params,
) -> Result<Value, ApiError> {
    let mut body = catalog::price(id, ctx.wall_s(), terms);
    body.set("nickname", params.text("nickname")?);
    body.set("lookup_key", params.text("lookup_key")?);
    body.set("metadata", params.metadata(&json!({}))?);
    body.set("active", params.flag("active")?.unwrap_or(true));
    ctx.store.insert(Kind::Price, Place::default(), &body, &json!({}))?;
    ctx.emit("price.created", &body);
    Ok(body)
}

fn currency(params: &Params) -> Result<String, ApiError> {
    let currency = params.required("currency")?.to_lowercase();
    if currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(currency);
    }
    Err(ApiError::invalid(format!("Invalid currency: {currency}.")).with("param", "currency"))
}

fn amount(params: &Params, name: &str) -> Result<i64, ApiError> {
    let amount = params.int(name)?;
    let missing = || {
        let message = format!("Missing required param: {name}.");
        ApiError::param("parameter_missing", name, message)
    };
    let amount = amount.ok_or_else(missing)?;
    if (0..=AMOUNT_MINOR_MAX).contains(&amount) {
        return Ok(amount);
    }
    Err(ApiError::param("parameter_invalid_integer", name, "Invalid integer"))
}

fn recurring(params: &Params) -> Result<Option<(String, i64)>, ApiError> {
    let Some(recurring) = params.nested("recurring")? else {
        return Ok(None);
    };
    recurring.allow(&["interval", "interval_count", "usage_type"])?;
    recurring.choice("usage_type", &["licensed"])?;
    interval(&recurring).map(Some)
}

fn interval(params: &Params) -> Result<(String, i64), ApiError> {
    let names = INTERVALS.map(|(name, _)| name);
    params.choice("interval", &names)?;
    let interval = params.required("interval")?;
    let count = params.int("interval_count")?.unwrap_or(1);
    let max = INTERVALS.iter().find(|(name, _)| *name == interval).map_or(1, |(_, max)| *max);
    if !(1..=max).contains(&count) {
        let message = "Invalid integer";
        return Err(ApiError::param("parameter_invalid_integer", "interval_count", message));
    }
    Ok((interval, count))
}

/// `GET /v1/prices/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Price, call.id)?.body)
}

/// `GET /v1/prices`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["active", "product"])?;
    let active = call.params.flag("active")?;
    let product = call.params.text("product")?;
    listing::page(ctx, call, Kind::Price, Query::default(), |price| {
        active.is_none_or(|active| price.flag("active") == active)
            && product.as_deref().is_none_or(|product| price.text("product") == product)
    })
}
