//! Dated diaries of traps: each of these once charged somebody, forgot somebody or told an untruth.
#![cfg(test)]

mod support;

use reprieve_core::case::{CaseState, Event, READ_CHECKS_MS};
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{ChargeOutcome, Observed, SubscriptionStatus};
use support::diary::Diary;
use support::provider::Verdict::Decline;
use support::{decline, failed_invoice, invoice_id};

fn declined(driver: RetryDriver, code: &'static str) -> Diary {
    let mut d = Diary::of(driver);
    d.card("pm_old", &[Decline(code)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

fn state(d: &Diary) -> CaseState {
    d.account.cases[&invoice_id("in_1")].state
}

#[test]
fn an_older_event_changes_nothing() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    let mut older = failed_invoice("in_1");
    older.needs_authentication = true;
    d.on(1, "09:00").the_provider_tries("in_1");
    let before = d.account.clone();
    d.take(&Event::InvoiceObserved { fact: older, observed: Observed::ByEvent });
    assert_eq!(d.account, before);
}

#[test]
fn a_slow_reading_does_not_undo_a_newer_decline() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    // The alarm asks for the invoice; the answer takes its time.
    let slow = d.reading("in_1");
    d.card("pm_old", &[Decline("stolen_card")]);
    d.on(0, "10:00");
    let charges = d.take(&Event::RetryRequested);
    assert_eq!(charges.len(), 1);
    d.take(&Event::AttemptFinished {
        invoice: invoice_id("in_1"),
        number: 1,
        outcome: ChargeOutcome::Declined { decline: decline("stolen_card") },
    });
    d.take(&slow);
    assert_eq!(state(&d), CaseState::AwaitingPaymentMethod);
    assert_eq!(d.account.next_wake(), Some(d.now), "it is read again at once");
}

#[test]
fn a_reading_that_counts_fewer_attempts_is_older() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    let slow = d.reading("in_1");
    d.card("pm_old", &[Decline("stolen_card")]);
    d.on(1, "09:00").the_provider_tries("in_1");
    let before = d.status();
    d.take(&slow);
    assert_eq!(d.status(), before);
    let soon = d.now.plus_ms(READ_CHECKS_MS[0]);
    assert_eq!(d.account.next_wake(), Some(soon), "it is read again");
}

#[test]
fn a_closed_case_is_not_touched_by_what_comes_late() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.on(0, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Ended);
    let before = d.account.clone();
    let mut late = failed_invoice("in_1");
    late.attempt_count = 9;
    late.amount_due = support::money(1, "eur");
    d.on(1, "09:00").take(&Event::InvoiceObserved { fact: late, observed: Observed::ByEvent });
    assert_eq!(d.account, before);
}
