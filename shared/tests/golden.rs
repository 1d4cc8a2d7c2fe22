//! Stored records must load for ever. The golden file was written by version 1 and is never
//! rewritten: a change that it does not survive needs version 2 beside a frozen copy of version 1.
//!
//! `account-v1.json` is as old as version 1 itself. What was added since stands in
//! `account-v1-engine.json` and `account-v1-cancel.json`; `golden/complete.rs` sees to it that
//! nothing is missing in them.
#![cfg(test)]

#[path = "golden/complete.rs"]
mod complete;
mod support;

use reprieve_core::account::Account;
use reprieve_core::calendar::Zone;
use reprieve_core::case::{RecoveryCase, planned};
use reprieve_core::network::{Network, RuleId};
use reprieve_core::record::{ACCOUNT_RECORD_VERSION, AccountRecord, RecordError};
use reprieve_core::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use support::invoice_id;

const ACCOUNT_V1: &str = include_str!("golden/account-v1.json");
const ENGINE_V1: &str = include_str!("golden/account-v1-engine.json");
const CANCEL_V1: &str = include_str!("golden/account-v1-cancel.json");

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
    read(ACCOUNT_V1)
}

fn read(text: &str) -> Account {
    let record: AccountRecord = serde_json::from_str(text).expect("version 1 is readable");
    Account::try_from(record).expect("version 1 is known")
}

fn written(account: Account) -> String {
    let text = serde_json::to_string_pretty(&AccountRecord::from(account)).unwrap();
    format!("{text}\n")
}

fn same_text(written: &str, golden: &str) {
    for (at, (ours, theirs)) in written.lines().zip(golden.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", at + 1);
    }
    assert!(written == golden, "the same from the first to the last byte");
}

fn engine_case(id: &str) -> RecoveryCase {
    read(ENGINE_V1).cases[&invoice_id(id)].clone()
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
    same_text(&written(account), ACCOUNT_V1);
}

#[test]
fn what_version_1_does_not_have_is_read_as_nothing() {
    let account = account_v1();
    assert_eq!((account.charge_run, account.zone), (None, None));
    assert!(account.card_attempts.is_empty() && account.methods.is_empty());
    for case in account.cases.values() {
        assert_eq!((case.policy_version, case.recorded_attempts), (0, 0));
        assert_eq!((&case.plan, &case.segment, case.live_at), (&None, &None, None));
    }
}

#[test]
fn the_engine_s_record_loads_and_is_written_back_as_it_was() {
    let account = read(ENGINE_V1);
    assert_eq!(account.zone, Zone::named("America/New_York"));
    assert_eq!(account.known_cards[2].1.network, Network::Other);
    assert_eq!(account.card_attempts.len(), 12);
    assert_eq!(account.charge_run.as_ref().map(|run| run.waiting.len()), Some(2));
    let case = engine_case("in_01");
    let plan = case.plan.clone().expect("a plan with everything in it");
    assert_eq!(planned(&case), plan.at);
    assert_eq!(plan.method.as_ref().map(|method| method.as_str()), Some("pm_backup"));
    let zone = account.zone.clone().expect("a zone");
    assert_eq!(
        plan.sentence(&zone),
        "Tries again on 2026-11-05 at 04:00 with the customer's other card (waits for the next \
         payday; this time has worked better than the schedule's; moved because of the least time \
         between two attempts; moved because of the hours and days of the policy; moved because of \
         an attempt that the provider planned close by; moved because of mastercard.mac.02; moved \
         because of mastercard.declines.24h); 2 automatic attempts are left, and \
         mastercard.declines.24h leaves 8 of 10."
    );
    let attempt = engine_case("in_02").attempt.expect("one is under way");
    let decision = attempt.decision.expect("it says why");
    assert_eq!(decision.timing.map(|timing| timing.propensity_ppm), Some(12_500));
    same_text(&written(account), ENGINE_V1);
}

#[test]
fn the_record_of_somebody_who_leaves_loads_and_is_written_back_as_it_was() {
    let account = read(CANCEL_V1);
    same_text(&written(account), CANCEL_V1);
}

#[test]
fn a_rule_that_nobody_knows_any_more_is_retired_and_the_rest_of_the_decision_stays() {
    let ours = "\"policy.payday\"";
    assert!(ENGINE_V1.contains(ours));
    let older = ENGINE_V1
        .replace(ours, "\"policy.full_moon\"")
        .replace("\"rule\": \"mastercard.declines.24h\"", "\"rule\": \"mastercard.declines.12h\"");
    let account = read(&older);
    let plan = account.cases[&invoice_id("in_01")].plan.clone().unwrap();
    let known = engine_case("in_01").plan.unwrap();
    assert_eq!(plan.why[2], RuleId::RETIRED);
    assert_eq!(plan.why.len(), known.why.len());
    assert_eq!(plan.budget_left[0].rule, RuleId::RETIRED);
    assert_eq!(plan.budget_left[0].left, known.budget_left[0].left);
    assert_eq!((plan.at, plan.timing), (known.at, known.timing));
    assert!(!plan.sentence(&Zone::utc()).is_empty());
    let again = read(&written(account));
    assert_eq!(again.cases[&invoice_id("in_01")].plan, Some(plan), "it stays retired");
}

#[test]
fn a_stored_decision_that_is_not_one_is_an_error() {
    for (from, to) in [
        ("\"thursday\",\n              30\n", "\"thursday\",\n              31\n"),
        ("\"thursday\"", "\"doomsday\""),
        ("\"propensity_ppm\": 950000", "\"propensity_ppm\": -1"),
        ("\"by\": \"ours\"", "\"by\": \"theirs\""),
        ("\"EST5EDT,M3.2.0,M11.1.0\"", "\"EST5EDT,M13\""),
        ("\"network\": \"visa\"", "\"network\": \"barter\""),
    ] {
        assert!(ENGINE_V1.contains(from), "{from}");
        let broken = ENGINE_V1.replace(from, to);
        assert!(serde_json::from_str::<AccountRecord>(&broken).is_err(), "{to}");
    }
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
