//! `/v1/coupons` and `/v1/promotion_codes`

use serde_json::{Value, json};

use crate::api::{Call, customers, listing};
use crate::context::Ctx;
use crate::engine::discounts::{self, Grant};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::shape;
use crate::store::{Place, Query, Record};

const AMOUNT_MINOR_MAX: i64 = 99_999_999;
const MONTHS_MAX: i64 = 12 * 20;
const CODE_LENGTH_MAX: usize = 500;

/// `POST /v1/coupons`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "id",
        "name",
        "percent_off",
        "amount_off",
        "currency",
        "duration",
        "duration_in_months",
        "max_redemptions",
        "redeem_by",
        "metadata",
    ])?;
    let duration = params.choice("duration", &["forever", "once", "repeating"])?;
    let duration = duration.unwrap_or_else(|| "once".to_owned());
    let months = params.int("duration_in_months")?;
    let sound = match duration.as_str() {
        "repeating" => months.is_some_and(|months| (1..=MONTHS_MAX).contains(&months)),
        _ => months.is_none(),
    };
    if !sound {
        return Err(ApiError::param(
            "parameter_invalid_integer",
            "duration_in_months",
            "duration_in_months belongs to a repeating duration, and must be at least 1.",
        ));
    }
    let id = match params.text("id")? {
        Some(id) if ctx.store.find(Kind::Coupon, &id)?.is_some() => {
            let message = format!("Coupon already exists: {id}");
            return Err(ApiError::invalid(message).with("code", "resource_already_exists"));
        }
        Some(id) => id,
        None => ctx.random.letters(8),
    };
    let (percent, amount, currency) = value_of(params)?;
    let body = json!({
        "id": id,
        "object": "coupon",
        "amount_off": amount,
        "created": ctx.wall_s(),
        "currency": currency,
        "duration": duration,
        "duration_in_months": months,
        "livemode": false,
        "max_redemptions": params.int("max_redemptions")?,
        "metadata": params.metadata(&json!({}))?,
        "name": params.text("name")?,
        "percent_off": percent,
        "redeem_by": params.int("redeem_by")?,
        "times_redeemed": 0,
        "valid": true,
    });
    ctx.store.insert(Kind::Coupon, Place::default(), &body, &json!({}))?;
    ctx.emit("coupon.created", &body);
    Ok(body)
}

type Worth = (Option<Value>, Option<i64>, Option<String>);

/// `percent_off`, or `amount_off` with its `currency`.
fn value_of(params: &Params) -> Result<Worth, ApiError> {
    match (params.text("percent_off")?, params.int("amount_off")?) {
        (Some(percent), None) => {
            if discounts::parse_percent(&percent).is_none() {
                let message = "percent_off: greater than 0, at most 100, with two decimals.";
                return Err(ApiError::param("parameter_invalid", "percent_off", message));
            }
            Ok((Some(serde_json::from_str(&percent)?), None, None))
        }
        (None, Some(amount)) if (1..=AMOUNT_MINOR_MAX).contains(&amount) => {
            Ok((None, Some(amount), Some(params.required("currency")?.to_lowercase())))
        }
        (None, Some(_)) => {
            Err(ApiError::param("parameter_invalid_integer", "amount_off", "Invalid integer"))
        }
        _ => Err(ApiError::invalid("Pass percent_off or amount_off, and not both.")),
    }
}

/// `GET /v1/coupons/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Coupon, call.id)?.body)
}

/// `GET /v1/coupons`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["created"])?;
    let created = listing::CreatedFilter::read(&call.params)?;
    listing::page(ctx, call, Kind::Coupon, Query::default(), |coupon| created.keeps(coupon))
}

/// `DELETE /v1/coupons/:id`: discounts that were given stay.
pub(crate) fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    let coupon = ctx.store.get(Kind::Coupon, call.id)?;
    ctx.store.remove(call.id)?;
    ctx.emit("coupon.deleted", &coupon.body);
    Ok(shape::deleted("coupon", call.id))
}

/// `POST /v1/promotion_codes`
pub(crate) fn create_code(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "promotion",
        "code",
        "customer",
        "active",
        "expires_at",
        "max_redemptions",
        "metadata",
    ])?;
    let coupon = match params.nested("promotion")? {
        None => None,
        Some(promotion) => {
            promotion.allow(&["type", "coupon"])?;
            promotion.choice("type", &["coupon"])?;
            Some(promotion.required("coupon")?)
        }
    };
    let coupon = coupon.ok_or_else(|| {
        let message = "Missing required param: promotion.";
        ApiError::param("parameter_missing", "promotion", message)
    })?;
    ctx.store.get_param(Kind::Coupon, &coupon, "promotion[coupon]")?;
    let customer = params.text("customer")?;
    if let Some(customer) = &customer {
        customers::living(ctx, customer, "customer")?;
    }
    let code = params.text("code")?.unwrap_or_else(|| ctx.random.letters(8).to_uppercase());
    if code.len() > CODE_LENGTH_MAX || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let message = "A promotion code has letters and digits only.";
        return Err(ApiError::param("parameter_invalid", "code", message));
    }
    if by_code(ctx, &code)?.is_some() {
        let message = format!("An active promotion code with `code: {code}` already exists.");
        return Err(ApiError::invalid(message));
    }
    let id = ctx.id(Kind::PromotionCode);
    let body = json!({
        "id": id,
        "object": "promotion_code",
        "active": params.flag("active")?.unwrap_or(true),
        "code": code,
        "created": ctx.wall_s(),
        "customer": customer,
        "customer_account": null,
        "expires_at": params.int("expires_at")?,
        "livemode": false,
        "max_redemptions": params.int("max_redemptions")?,
        "metadata": params.metadata(&json!({}))?,
        "promotion": {"coupon": coupon, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": false,
            "minimum_amount": null,
            "minimum_amount_currency": null,
        },
        "times_redeemed": 0,
    });
    ctx.store.insert(Kind::PromotionCode, Place::default(), &body, &json!({}))?;
    ctx.emit("promotion_code.created", &body);
    Ok(body)
}

fn by_code(ctx: &Ctx<'_>, code: &str) -> Result<Option<Record>, ApiError> {
    let found = ctx.store.list(Kind::PromotionCode, Query::default(), 1, |known| {
        known.flag("active") && known.text("code").eq_ignore_ascii_case(code)
    })?;
    Ok(found.into_iter().next())
}

/// `GET /v1/promotion_codes/:id`
pub(crate) fn retrieve_code(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::PromotionCode, call.id)?.body)
}

/// `GET /v1/promotion_codes`
pub(crate) fn list_codes(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["code", "coupon", "customer", "active"])?;
    let code = call.params.text("code")?;
    let coupon = call.params.text("coupon")?;
    let customer = call.params.text("customer")?;
    let active = call.params.flag("active")?;
    let fits = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    listing::page(ctx, call, Kind::PromotionCode, Query::default(), |known| {
        fits(&code, known.text("code"))
            && fits(&coupon, known.text("promotion/coupon"))
            && fits(&customer, known.text("customer"))
            && active.is_none_or(|active| known.flag("active") == active)
    })
}

/// `POST /v1/promotion_codes/:id`: turns a code on or off.
pub(crate) fn update_code(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["active", "metadata"])?;
    let mut code = ctx.store.get(Kind::PromotionCode, call.id)?;
    if let Some(active) = call.params.flag("active")? {
        code.body.set("active", active);
    }
    let metadata = call.params.metadata(code.body.at("metadata"))?;
    code.body.set("metadata", metadata);
    ctx.store.put(&code)?;
    Ok(code.body)
}

/// The coupon of one entry of `discounts[]`, named itself or through a promotion code.
pub(crate) fn named(ctx: &Ctx<'_>, entry: &Params, customer: &str) -> Result<Grant, ApiError> {
    match (entry.text("coupon")?, entry.text("promotion_code")?) {
        (Some(id), None) => {
            let coupon = ctx.store.get_param(Kind::Coupon, &id, "discounts[0][coupon]")?;
            Ok(Grant { coupon, promotion_code: None })
        }
        (None, Some(id)) => {
            let param = "discounts[0][promotion_code]";
            let code = ctx.store.get_param(Kind::PromotionCode, &id, param)?;
            check_code(ctx, &code.body, customer)?;
            let coupon = code.body.text("promotion/coupon").to_owned();
            let coupon = ctx.store.get_param(Kind::Coupon, &coupon, param)?;
            Ok(Grant { coupon, promotion_code: Some(code) })
        }
        _ => Err(ApiError::invalid("Pass exactly one of coupon, promotion_code and discount.")
            .with("param", "discounts[0]")),
    }
}

fn check_code(ctx: &Ctx<'_>, code: &Value, customer: &str) -> Result<(), ApiError> {
    let used_up =
        code.at("max_redemptions").as_i64().is_some_and(|most| code.int("times_redeemed") >= most);
    let over = code.at("expires_at").as_i64().is_some_and(|until_s| ctx.wall_s() > until_s);
    let owner = code.text("customer");
    if !code.flag("active") || used_up || over {
        return Err(ApiError::invalid("This promotion code is expired or not active.")
            .with("code", "promotion_code_expired"));
    }
    if !owner.is_empty() && owner != customer {
        return Err(ApiError::invalid("This promotion code belongs to another customer."));
    }
    Ok(())
}
