//! Stored records must load for ever. The golden file was written by version 1 and is never
//! rewritten: a change that it does not survive needs version 2 beside a frozen copy of version 1.
#![cfg(test)]

mod support;

use reprieve_core::account::Account;
use reprieve_core::record::{ACCOUNT_RECORD_VERSION, AccountRecord, RecordError};
use reprieve_core::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use support::invoice_id;

const ACCOUNT_V1: &str = include_str!("golden/account-v1.json");

/// The words that version 1 writes for the variants of its enums.
const WORDS: &[&str] = &[
    "scheduled",
    "attempting",
    "awaiting_authentication",
    "awaiting_payment_method",
    "suspended",
    "recovered",
    "exhausted",
    "canceled",
    "voided",
    "insufficient_funds",
    "issuer_unavailable",
    "generic",
    "expired",
    "invalid_details",
    "not_supported",
    "authentication_required",
    "blocked",
    "revoked",
    "technical",
    "unknown",
    "method_update",
    "customer_retry",
    "schedule",
    "our_retry",
    "elsewhere",
    "active",
    "past_due",
    "unpaid",
    "incomplete",
    "paused",
    "ended",
    "payment_failed",
    "requested",
];

fn account_v1() -> Account {
    let record: AccountRecord = serde_json::from_str(ACCOUNT_V1).expect("version 1 is readable");
    Account::try_from(record).expect("version 1 is known")
}

#[test]
fn version_1_loads_and_is_written_back_as_it_was() {
    let account = account_v1();
    assert_eq!(account.version, 42);
    assert_eq!(account.open_cases().count(), 7);
    let wakes = account.next_wake().expect("an open account wakes");
    assert_eq!(wakes, Timestamp::from_ms(1_793_584_845_000), "the update goes on first");
    let attempt = account.cases[&invoice_id("in_02")].attempt.clone().expect("one is under way");
    assert_eq!(attempt.key.as_str(), "reprieve:pay:in_02:1:pm_old");
    let written = serde_json::to_string_pretty(&AccountRecord::from(account)).unwrap();
    assert_eq!(format!("{written}\n"), ACCOUNT_V1);
}

#[test]
fn the_golden_record_uses_every_field_and_every_word() {
    let golden: Value = serde_json::from_str(ACCOUNT_V1).unwrap();
    let mut used = BTreeMap::new();
    collect(&golden, &mut used);
    let unused: Vec<_> = used.iter().filter(|(_, used)| !**used).map(|(name, _)| name).collect();
    assert!(unused.is_empty(), "never filled in: {unused:?}");
    for word in WORDS {
        assert!(ACCOUNT_V1.contains(&format!(": \"{word}\"")), "{word}");
    }
}

/// Which field names occur, and whether one of them somewhere holds something.
fn collect(value: &Value, used: &mut BTreeMap<String, bool>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let empty = match field {
                    Value::Null => true,
                    Value::Array(items) => items.is_empty(),
                    Value::Object(fields) => fields.is_empty(),
                    _ => false,
                };
                *used.entry(name.clone()).or_default() |= !empty;
                collect(field, used);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, used)),
        _ => {}
    }
}

#[test]
fn another_version_is_an_error_and_not_a_guess() {
    for found in [0, ACCOUNT_RECORD_VERSION + 1, u32::MAX] {
        let record = AccountRecord { v: found, ..AccountRecord::from(account_v1()) };
        let text = serde_json::to_string(&record).unwrap();
        let read: AccountRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(Account::try_from(read), Err(RecordError { found }));
    }
}

#[test]
fn a_record_that_is_not_one_is_an_error_and_not_a_panic() {
    let cut_short = (0..ACCOUNT_V1.trim_end().len()).step_by(97);
    for end in cut_short {
        assert!(serde_json::from_str::<AccountRecord>(&ACCOUNT_V1[..end]).is_err(), "{end}");
    }
    for (from, to) in [
        ("\"cus_1\"", "\"cus 1\""),
        ("\"eur\"", "\"euro\""),
        ("\"scheduled\"", "\"asleep\""),
        ("\"merchant\"", "\"shop\""),
        ("\"version\": 42", "\"version\": -1"),
    ] {
        let broken = ACCOUNT_V1.replace(from, to);
        assert!(serde_json::from_str::<AccountRecord>(&broken).is_err(), "{to}");
    }
}

#[test]
fn a_new_account_is_written_and_read() {
    let account = support::account();
    let text = serde_json::to_string(&AccountRecord::from(account.clone())).unwrap();
    let read: AccountRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(Account::try_from(read), Ok(account));
}
