//! `/v1/customers`

use serde_json::{Value, json};

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::engine::{methods, standing};
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::params::{Params, Patch};
use crate::shape;
use crate::store::{Place, Query, Record, SCAN_ROWS_MAX};

const TEXTS: [&str; 4] = ["email", "name", "phone", "description"];

/// `POST /v1/customers`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "email",
        "name",
        "phone",
        "description",
        "metadata",
        "address",
        "preferred_locales",
        "payment_method",
        "invoice_settings",
        "test_clock",
    ])?;
    let clock = params.text("test_clock")?;
    if let Some(clock) = &clock {
        ctx.store.get_param(Kind::Clock, clock, "test_clock")?;
        crate::api::test_clocks::check_customers(ctx, clock)?;
    }
    let now_s = ctx.clock_s(clock.as_deref())?;
    let id = ctx.id(Kind::Customer);
    let prefix = ctx.random.letters(8).to_uppercase();
    let body = shape::customer::customer(&id, now_s, &prefix, clock.as_deref());
    let place = Place { customer: Some(&id), parent: None };
    ctx.store.insert(Kind::Customer, place, &body, &json!({}))?;
    let mut record = Record { body, private: json!({}) };
    let mark = ctx.event_mark();
    if let Some(method) = params.text("payment_method")? {
        let mut method = methods::resolve(ctx, &method, "payment_method")?;
        methods::attach(ctx, &mut method, &id)?;
    }
    apply(ctx, params, &mut record)?;
    ctx.store.put(&record)?;
    ctx.emit_at(mark, "customer.created", &record.body);
    Ok(record.body)
}

/// Writes the parameters that creation and update share.
fn apply(ctx: &mut Ctx<'_>, params: &Params, record: &mut Record) -> Result<(), ApiError> {
    for name in TEXTS {
        match params.patch_text(name)? {
            Patch::Keep => {}
            Patch::Clear => record.body.set(name, Value::Null),
            Patch::Set(text) => record.body.set(name, text),
        }
    }
    if params.has("preferred_locales") {
        record.body.set("preferred_locales", params.texts("preferred_locales")?);
    }
    if let Some(address) = params.nested("address")? {
        let mut merged = shape::empty_address();
        address.allow(&["city", "country", "line1", "line2", "postal_code", "state"])?;
        for name in ["city", "country", "line1", "line2", "postal_code", "state"] {
            merged.set(name, address.text(name)?);
        }
        record.body.set("address", merged);
    }
    let metadata = params.metadata(record.body.at("metadata"))?;
    record.body.set("metadata", metadata);
    if let Some(settings) = params.nested("invoice_settings")? {
        settings.allow(&["default_payment_method"])?;
        match settings.patch_text("default_payment_method")? {
            Patch::Keep => {}
            Patch::Clear => record.body.set("invoice_settings/default_payment_method", Value::Null),
            Patch::Set(id) => {
                let param = "invoice_settings[default_payment_method]";
                let method = methods::owned(ctx, &id, record.body.text("id"), param)?;
                let id = method.body.text("id").to_owned();
                record.body.set("invoice_settings/default_payment_method", id);
            }
        }
    }
    Ok(())
}

/// `GET /v1/customers/:id`; a deleted customer answers with `deleted: true`.
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Customer, call.id)?.body)
}

/// The customer, unless it was deleted.
pub(crate) fn living(ctx: &Ctx<'_>, id: &str, param: &str) -> Result<Record, ApiError> {
    let customer = ctx.store.get_param(Kind::Customer, id, param)?;
    if customer.body.flag("deleted") {
        return Err(ApiError::missing_param("customer", id, param));
    }
    Ok(customer)
}

/// `POST /v1/customers/:id`
pub(crate) fn update(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[
        "email",
        "name",
        "phone",
        "description",
        "metadata",
        "address",
        "preferred_locales",
        "invoice_settings",
    ])?;
    let mut record = ctx.store.get(Kind::Customer, call.id)?;
    if record.body.flag("deleted") {
        return Err(ApiError::missing("customer", call.id));
    }
    let before = record.body.clone();
    apply(ctx, &call.params, &mut record)?;
    if record.body != before {
        ctx.store.put(&record)?;
        let changed = changed_fields(&before, &record.body);
        ctx.emit_change("customer.updated", &record.body, Some(changed));
    }
    Ok(record.body)
}

/// `GET /v1/customers`: customers on a test clock appear only when `test_clock` names it.
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["email", "test_clock", "created"])?;
    let email = call.params.text("email")?;
    let clock = call.params.text("test_clock")?;
    let created = listing::CreatedFilter::read(&call.params)?;
    listing::page(ctx, call, Kind::Customer, Query::default(), |customer| {
        !customer.flag("deleted")
            && created.keeps(customer)
            && customer.text_opt("test_clock") == clock
            && email.as_deref().is_none_or(|email| customer.text("email") == email)
    })
}

/// `DELETE /v1/customers/:id`: ends the subscriptions at once.
pub(crate) fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    let customer = ctx.store.get(Kind::Customer, call.id)?;
    if customer.body.flag("deleted") {
        return Err(ApiError::missing("customer", call.id));
    }
    remove(ctx, &customer)
}

/// Deletes a customer with what depends on it.
pub(crate) fn remove(ctx: &mut Ctx<'_>, customer: &Record) -> Result<Value, ApiError> {
    let id = customer.body.text("id");
    let now_s = ctx.clock_s(customer.body.at("test_clock").as_str())?;
    let query = Query { customer: Some(id), ..Query::default() };
    let running = ctx.store.list(Kind::Subscription, query, SCAN_ROWS_MAX, |subscription| {
        !matches!(subscription.text("status"), "canceled" | "incomplete_expired")
    })?;
    for mut subscription in running {
        standing::cancel(ctx, &mut subscription, "cancellation_requested", now_s)?;
    }
    let deleted = shape::deleted("customer", id);
    ctx.emit("customer.deleted", &customer.body);
    ctx.store.put(&Record { body: deleted.clone(), private: json!({}) })?;
    Ok(deleted)
}
