//! Payment methods that are not cards.

use serde_json::{Value, json};

use crate::shape::empty_address;

/// An account that can be debited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    pub(crate) iban: &'a str,
    pub(crate) fingerprint: &'a str,
    /// The set-up attempt that it came out of.
    pub(crate) from: Option<&'a str>,
}

/// A direct debit, not attached to anybody.
pub(crate) fn payment_method(id: &str, created: i64, account: &Account<'_>) -> Value {
    let iban = account.iban;
    let generated = account.from.map(|attempt| json!({"charge": null, "setup_attempt": attempt}));
    let details = json!({
        "bank_code": iban.get(4..12),
        "branch_code": "",
        "country": iban.get(..2),
        "fingerprint": account.fingerprint,
        "generated_from": generated,
        "last4": iban.get(iban.len().saturating_sub(4)..),
    });
    method(id, created, "sepa_debit", &details)
}

/// A method that is good for one payment.
pub(crate) fn payment_method_once(id: &str, created: i64, kind: &str) -> Value {
    let details = match kind {
        "ideal" => json!({"bank": "ing", "bic": "INGBNL2A"}),
        _ => json!({}),
    };
    method(id, created, kind, &details)
}

fn method(id: &str, created: i64, kind: &str, details: &Value) -> Value {
    json!({
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": empty_address(),
            "email": null,
            "name": null,
            "phone": null,
            "tax_id": null,
        },
        "created": created,
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": kind,
        kind: details,
    })
}

/// What a set-up attempt with such a method tells. The direct debit that it leaves behind is added
/// when it is there.
pub(crate) fn attempt_details(method: &Value) -> Value {
    let kind = method.get("type").and_then(Value::as_str).unwrap_or_default();
    let details = match kind {
        "ideal" => json!({
            "bank": "ing",
            "bic": "INGBNL2A",
            "generated_sepa_debit": null,
            "generated_sepa_debit_mandate": null,
            "iban_last4": null,
            "verified_name": null,
        }),
        "bancontact" => json!({
            "bank_code": null,
            "bank_name": null,
            "bic": null,
            "generated_sepa_debit": null,
            "generated_sepa_debit_mandate": null,
            "iban_last4": null,
            "preferred_language": "en",
            "verified_name": null,
        }),
        _ => json!({}),
    };
    json!({"type": kind, kind: details})
}

/// What a charge of a direct debit tells.
pub(crate) fn charge_details(method: &Value) -> Value {
    let account = method.get("sepa_debit").cloned().unwrap_or_default();
    let read = |name: &str| account.get(name).cloned().unwrap_or_default();
    json!({
        "type": "sepa_debit",
        "sepa_debit": {
            "bank_code": read("bank_code"),
            "branch_code": read("branch_code"),
            "country": read("country"),
            "expected_debit_date": null,
            "fingerprint": read("fingerprint"),
            "last4": read("last4"),
            "mandate": null,
        },
    })
}
