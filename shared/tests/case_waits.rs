//! How long a case waits for what, and what is asked of a single case: every number that people
//! rely on stands here a second time, so that none changes unseen.
#![cfg(test)]

mod support;

use reprieve_core::account::{Account, CLOSED_CASES_MAX};
use reprieve_core::case::{
    ATTEMPT_CHECKS_MS, CaseState, Event, FRESH_MS, JournalEntry, READ_CHECKS_MS, READ_INTERVAL_MS,
    RecoveryCase, SEGMENT_SETTLES_MS, Trigger, apply,
};
use reprieve_core::network::Network;
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{
    CardFact, ChargeOutcome, InvoiceFact, InvoiceStatus, MethodFact, Observed,
};
use reprieve_core::time::Timestamp;
use support::{DAY_0, account, decline, failed_invoice, invoice_id, method_id, policy, setup_id};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

fn tell(account: &mut Account, event: &Event, now: Timestamp) {
    apply(account, event, now, &policy(RetryDriver::Provider)).expect("it is this customer's");
}

fn seen(invoice: &str, status: InvoiceStatus) -> Event {
    let fact = InvoiceFact { status, ..failed_invoice(invoice) };
    Event::InvoiceObserved { fact, observed: Observed::Live }
}

fn open_case(account: &mut Account) -> &mut RecoveryCase {
    tell(account, &seen("in_1", InvoiceStatus::Open), DAY_0);
    account.cases.values_mut().next().expect("a case")
}

fn card(fingerprint: &str) -> Option<CardFact> {
    Some(CardFact { fingerprint: fingerprint.to_owned(), network: Network::Visa })
}

fn method(id: &str, card: Option<CardFact>) -> Option<MethodFact> {
    Some(MethodFact { card, ..MethodFact::bare(method_id(id)) })
}

#[test]
fn the_waits_are_these() {
    assert_eq!(ATTEMPT_CHECKS_MS, [45 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS]);
    assert_eq!(READ_CHECKS_MS, [30 * SECOND_MS, 5 * MINUTE_MS, HOUR_MS]);
    assert_eq!(READ_INTERVAL_MS, 24 * HOUR_MS);
    assert_eq!(FRESH_MS, 5 * MINUTE_MS);
    assert_eq!(SEGMENT_SETTLES_MS, HOUR_MS);
}

#[test]
fn a_default_that_cannot_be_set_is_tried_again_and_one_that_is_refused_is_not() {
    let mut account = account();
    let (setup, fp) = (setup_id("seti_1"), card("fp_1"));
    let collected =
        Event::MethodCollected { setup: setup.clone(), method: method_id("pm_1"), card: fp };
    tell(&mut account, &collected, DAY_0);
    let wake = |account: &Account| account.next_wake().map(|at| at.since_ms(DAY_0));
    assert_eq!(wake(&account), Some(45 * SECOND_MS), "the first try is under way");
    let known = account.known_cards.iter().any(|(_, card)| card.fingerprint == "fp_1");
    assert!(known, "the networks count by card");
    let failed = Event::DefaultsFailed { setup: setup.clone() };
    for wait_ms in [30 * SECOND_MS, 5 * MINUTE_MS, HOUR_MS, HOUR_MS] {
        tell(&mut account, &failed, DAY_0);
        assert_eq!(wake(&account), Some(wait_ms));
    }
    let of_another = Event::DefaultsFailed { setup: setup_id("seti_2") };
    tell(&mut account, &of_another, DAY_0.plus_ms(HOUR_MS));
    assert_eq!(wake(&account), Some(HOUR_MS));
    tell(&mut account, &Event::DefaultsRefused { setup: setup_id("seti_2") }, DAY_0);
    assert!(account.method_update.is_some(), "that was about another one");
    tell(&mut account, &Event::DefaultsRefused { setup }, DAY_0);
    assert_eq!(account.method_update, None);
    assert_eq!(wake(&account), None);
    let before = account.clone();
    tell(&mut account, &collected, DAY_0);
    assert_eq!(account, before, "a set-up that is over is not carried out again");
}

#[test]
fn a_reading_is_fresh_for_less_than_five_minutes() {
    let mut account = account();
    let case = open_case(&mut account);
    assert!(case.is_fresh(DAY_0.plus_ms(FRESH_MS - 1)));
    assert!(!case.is_fresh(DAY_0.plus_ms(FRESH_MS)));
    case.live_at = None;
    assert!(!case.is_fresh(DAY_0));
}

#[test]
fn attempts_are_the_provider_s_and_ours() {
    let mut account = account();
    let case = open_case(&mut account);
    (case.provider_attempt_count, case.attempt_number) = (3, 2);
    assert_eq!(case.attempts(), 5);
    case.provider_attempt_count = u32::MAX;
    assert_eq!(case.attempts(), u32::MAX);
}

#[test]
fn an_attempt_that_no_reading_told_of_is_unread_while_the_case_is_open() {
    let mut account = account();
    let case = open_case(&mut account);
    (case.provider_attempt_count, case.recorded_attempts) = (2, 1);
    assert!(case.is_unread());
    case.recorded_attempts = 2;
    assert!(!case.is_unread());
    case.recorded_attempts = 3;
    assert!(!case.is_unread());
    (case.recorded_attempts, case.state) = (1, CaseState::Recovered);
    assert!(!case.is_unread());
}

#[test]
fn another_method_is_another_card() {
    let mut account = account();
    let case = open_case(&mut account);
    let rows = [
        (method("pm_1", card("fp_1")), method("pm_1", card("fp_1")), false),
        (method("pm_1", card("fp_1")), method("pm_2", card("fp_2")), true),
        (method("pm_1", card("fp_1")), method("pm_2", card("fp_1")), false),
        (method("pm_1", None), method("pm_2", None), true),
        (method("pm_1", None), method("pm_1", None), false),
        (method("pm_1", card("fp_1")), method("pm_1", card("fp_2")), false),
        (None, method("pm_2", None), false),
        (method("pm_1", None), None, false),
    ];
    for (failed, next, is_other) in rows {
        (case.method, case.next_method) = (failed, next);
        assert_eq!(case.has_other_method(), is_other, "{:?}", (&case.method, &case.next_method));
    }
}

#[test]
fn the_newest_closed_cases_are_kept() {
    let mut account = account();
    for number in 0..CLOSED_CASES_MAX + 3 {
        let at = DAY_0.plus_ms(i64::try_from(number).unwrap() * HOUR_MS);
        // Names that do not sort by age.
        let invoice = format!("in_{}", 900 - number);
        tell(&mut account, &seen(&invoice, InvoiceStatus::Open), at);
        tell(&mut account, &seen(&invoice, InvoiceStatus::Paid), at);
    }
    let mut kept: Vec<i64> = account
        .cases
        .values()
        .map(|case| case.closed_at.expect("closed").since_ms(DAY_0) / HOUR_MS)
        .collect();
    kept.sort_unstable();
    let most = i64::try_from(CLOSED_CASES_MAX).unwrap();
    assert_eq!(kept, (3..most + 3).collect::<Vec<_>>());
}

/// Stored with every attempt, and what the merchant's questions look for.
#[test]
fn the_words_of_an_attempt_are_these() {
    use Trigger as T;
    let words = [T::Schedule, T::CustomerRetry, T::MethodUpdate].map(T::as_str);
    assert_eq!(words, ["schedule", "customer_retry", "method_update"]);
    for (code, word) in [
        ("insufficient_funds", "insufficient_funds"),
        ("issuer_not_available", "issuer_unavailable"),
        ("generic_decline", "generic"),
        ("expired_card", "expired"),
        ("stolen_card", "blocked"),
    ] {
        let mut account = account();
        tell(&mut account, &seen("in_1", InvoiceStatus::Open), DAY_0);
        let asked =
            apply(&mut account, &Event::RetryRequested, DAY_0, &policy(RetryDriver::Provider));
        asked.expect("the card may be tried again");
        let outcome = ChargeOutcome::Declined { decline: decline(code) };
        let invoice = invoice_id("in_1");
        let ended = Event::AttemptFinished { invoice, number: 1, outcome };
        let told = apply(&mut account, &ended, DAY_0, &policy(RetryDriver::Provider));
        let journal = told.expect("it is this customer's").journal;
        let outcome = journal.iter().find_map(|entry| match entry {
            JournalEntry::AttemptEnded { outcome, .. } => Some(*outcome),
            _ => None,
        });
        assert_eq!(outcome, Some(word), "{code}");
    }
}
