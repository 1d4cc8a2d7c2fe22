//! `/v1/products`

use serde_json::{Value, json};

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::shape::catalog;
use crate::store::{Place, Query};

/// `POST /v1/products`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["name", "description", "metadata", "active"])?;
    add(ctx, &call.params)
}

/// Makes a product of `name`, `description`, `metadata` and `active`.
pub(crate) fn add(ctx: &mut Ctx<'_>, params: &Params) -> Result<Value, ApiError> {
    let id = ctx.id(Kind::Product);
    let mut body = catalog::product(&id, ctx.wall_s(), &params.required("name")?);
    body.set("description", params.text("description")?);
    body.set("metadata", params.metadata(&json!({}))?);
    body.set("active", params.flag("active")?.unwrap_or(true));
    ctx.store.insert(Kind::Product, Place::default(), &body, &json!({}))?;
    ctx.emit("product.created", &body);
    Ok(body)
}

/// `GET /v1/products/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Product, call.id)?.body)
}

/// `GET /v1/products`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["active"])?;
    let active = call.params.flag("active")?;
    listing::page(ctx, call, Kind::Product, Query::default(), |product| {
        active.is_none_or(|active| product.flag("active") == active)
    })
}
