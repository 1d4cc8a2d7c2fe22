//! `expand[]`: replaces ids by the objects that they name, along paths such as
//! `latest_charge` or `data.payments.data.payment.payment_intent`.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape;
use crate::store::Query;

/// Deepest path, as at Stripe (a list's leading `data` does not count).
const DEPTH_MAX: usize = 4;
const PATH_COUNT_MAX: usize = 20;

/// Fields that hold the id of another object.
const REFERENCES: [&str; 19] = [
    "charge",
    "coupon",
    "customer",
    "default_payment_method",
    "invoice",
    "latest_attempt",
    "latest_charge",
    "latest_invoice",
    "payment_intent",
    "payment_method",
    "pending_setup_intent",
    "product",
    "promotion_code",
    "setup_intent",
    "subscription",
    "subscription_item",
    "test_clock",
    "default_price",
    "price",
];

/// Fields that are absent unless asked for.
fn is_included_on_demand(object: &str, field: &str) -> bool {
    matches!(
        (object, field),
        ("invoice", "payments" | "confirmation_secret") | ("customer", "subscriptions")
    )
}

/// Expands every path in `value`.
pub(crate) fn apply(ctx: &Ctx<'_>, value: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    if paths.len() > PATH_COUNT_MAX {
        return Err(ApiError::invalid("Too many expansions.").with("param", "expand"));
    }
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        let is_list = value.text("object") == "list";
        let depth = names.len() - usize::from(is_list && names.first() == Some(&"data"));
        if depth > DEPTH_MAX {
            let message = format!(
                "You cannot expand more than {DEPTH_MAX} levels of a property. Property: {path}"
            );
            return Err(ApiError::invalid(message).with("param", "expand"));
        }
        walk(ctx, value, &names, path)?;
    }
    Ok(())
}

fn refuse(path: &str) -> ApiError {
    ApiError::invalid(format!(
        "This property cannot be expanded ({path}). You may want to try expanding another \
         property."
    ))
    .with("param", "expand")
}

fn walk(ctx: &Ctx<'_>, value: &mut Value, names: &[&str], path: &str) -> Result<(), ApiError> {
    if let Value::Array(items) = value {
        return items.iter_mut().try_for_each(|item| walk(ctx, item, names, path));
    }
    let Some((name, rest)) = names.split_first() else {
        return Ok(());
    };
    let object = value.text("object").to_owned();
    if is_included_on_demand(&object, name) && value.get(*name).is_none() {
        let included = included(ctx, value, name)?;
        value.set(name, included);
    }
    let Some(field) = value.get_mut(*name) else {
        return Err(refuse(path));
    };
    let expandable = match field {
        Value::Null => return if is_reference(name, rest) { Ok(()) } else { Err(refuse(path)) },
        Value::String(id) => {
            if !REFERENCES.contains(name) {
                return Err(refuse(path));
            }
            // The id of an object that is gone stays an id, as at Stripe.
            match ctx.store.find_any(id)? {
                Some(object) => *field = object,
                None => return Ok(()),
            }
            true
        }
        Value::Array(list) if *name == "discounts" => {
            for entry in list {
                let found = entry.as_str().map(|id| ctx.store.find_any(id)).transpose()?;
                if let Some(object) = found.flatten() {
                    *entry = object;
                }
            }
            true
        }
        Value::Array(_) => *name == "data",
        _ => is_included_on_demand(&object, name) || field.get("id").is_some(),
    };
    if rest.is_empty() && !expandable {
        return Err(refuse(path));
    }
    walk(ctx, field, rest, path)
}

/// A field without a value may be named when it is a reference, or on the way to one.
fn is_reference(name: &str, rest: &[&str]) -> bool {
    REFERENCES.contains(&name) || !rest.is_empty()
}

fn included(ctx: &Ctx<'_>, value: &Value, name: &str) -> Result<Value, ApiError> {
    let id = value.text("id");
    match name {
        "payments" => {
            let query = Query { parent: Some(id), ..Query::default() };
            let payments = ctx.store.all(Kind::InvoicePayment, query)?;
            Ok(shape::list(payments, false, "/v1/invoice_payments"))
        }
        "subscriptions" => {
            let query = Query { customer: Some(id), ..Query::default() };
            let mut found = ctx.store.all(Kind::Subscription, query)?;
            found.retain(|sub| !matches!(sub.text("status"), "canceled" | "incomplete_expired"));
            found.reverse();
            Ok(shape::list(found, false, &format!("/v1/customers/{id}/subscriptions")))
        }
        _ => confirmation_secret(ctx, id),
    }
}

/// The client secret with which the customer may confirm the invoice's payment; null before the
/// invoice is finalized.
fn confirmation_secret(ctx: &Ctx<'_>, invoice: &str) -> Result<Value, ApiError> {
    let intent = crate::engine::invoicing::intent_of(ctx, invoice)?;
    Ok(intent.map_or(Value::Null, |intent| {
        json!({"client_secret": intent.body.at("client_secret"), "type": "payment_intent"})
    }))
}
