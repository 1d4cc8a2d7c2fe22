//! The JSON of each object, complete enough for the official SDKs. Pure functions: they are told
//! ids and times. Field names and order follow `stripe/openapi` `openapi/fixtures3.json`
//! (commit f6c2a48f, MIT License, Copyright (c) 2011- Stripe, Inc.).

pub(crate) mod billing;
pub(crate) mod catalog;
pub(crate) mod customer;
pub(crate) mod debit;
pub(crate) mod payment;
pub(crate) mod setup;

use serde_json::{Value, json};

/// A list object.
pub(crate) fn list(data: Vec<Value>, has_more: bool, url: &str) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

/// The answer to a deletion.
pub(crate) fn deleted(object: &str, id: &str) -> Value {
    json!({"id": id, "object": object, "deleted": true})
}

/// An address with nothing in it.
pub(crate) fn empty_address() -> Value {
    json!({
        "city": null,
        "country": null,
        "line1": null,
        "line2": null,
        "postal_code": null,
        "state": null,
    })
}
