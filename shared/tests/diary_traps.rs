//! Dated diaries of traps: each of these once charged somebody, forgot somebody or told an untruth.
#![cfg(test)]

mod support;

use reprieve_core::account::SUBSCRIPTIONS_MAX;
use reprieve_core::case::{CaseState, Event, READ_CHECKS_MS};
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{
    ChargeOutcome, InvoiceStatus, Observed, SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::time::Timestamp;
use support::diary::Diary;
use support::provider::Verdict::{Approve, Authenticate, Decline};
use support::shell::Wire;
use support::{
    customer, decline, failed_invoice, invoice_id, method_id, setup_id, subscription_id,
};

const PAID: &str = "in_1 recovered | recovered, full";

fn declined(driver: RetryDriver, code: &'static str) -> Diary {
    let mut d = Diary::of(driver);
    d.card("pm_old", &[Decline(code)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

fn state(d: &Diary) -> CaseState {
    d.account.cases[&invoice_id("in_1")].state
}

fn subscription(id: &str, status: SubscriptionStatus) -> Event {
    Event::SubscriptionObserved {
        fact: SubscriptionFact {
            id: subscription_id(id),
            customer: customer(),
            status,
            end_reason: None,
            default_method: None,
            interval: None,
            plan: None,
            sector: None,
            life: None,
            seen_at: Timestamp::from_ms(0),
        },
    }
}

#[test]
fn a_new_card_is_charged_although_the_old_one_stopped_at_the_bank() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    d.card("pm_old", &[Authenticate]);
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).the_customer_retries();
    d.the_customer_gives("pm_new").on(0, "10:05").then(PAID);
}

#[test]
fn who_cancels_is_not_asked_to_authenticate() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    d.card("pm_old", &[Authenticate]);
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).the_customer_retries();
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    d.on(2, "10:00").then("in_1 canceled | clear, ended");
}

#[test]
fn who_cancels_is_not_charged_by_a_request_that_was_lost_before() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.card("pm_old", &[Approve]);
    d.next_charges(&[Wire::CrashBefore]).on(1, "09:00");
    assert_eq!(state(&d), CaseState::Attempting);
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    d.on(3, "09:00").then("in_1 canceled | clear, ended").the_bank_saw("in_1 pm_old* no");
}

#[test]
fn who_cancels_after_the_money_moved_is_seen_to_have_paid() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.card("pm_old", &[Approve]);
    d.next_charges(&[Wire::CrashAfter]).on(1, "09:00");
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    d.on(1, "09:01").then("in_1 recovered | recovered, ended");
}

#[test]
fn an_end_without_a_reason_is_an_end() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.on(0, "10:00").tell(&subscription("sub_1", SubscriptionStatus::Ended));
    d.then("in_1 canceled | clear, ended");
    d.provider.bill("in_2", "sub_1", 1900, "eur");
    d.the_provider_tries("in_2").then("in_1 canceled, in_2 canceled | clear, ended");
}

#[test]
fn a_pause_that_begins_during_a_charge_is_kept() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.next_charges(&[Wire::LostAfter]).on(1, "09:00");
    d.the_subscription_is("sub_1", SubscriptionStatus::Paused);
    d.on(20, "09:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
    assert_eq!(state(&d), CaseState::Suspended);
}

#[test]
fn a_failure_of_a_paused_subscription_is_not_charged() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "08:00").the_subscription_is("sub_1", SubscriptionStatus::Paused);
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(state(&d), CaseState::Suspended);
    d.on(20, "09:00").the_bank_saw("in_1 pm_old* no");
    d.the_subscription_is("sub_1", SubscriptionStatus::Active);
    assert_ne!(state(&d), CaseState::Suspended);
}

#[test]
fn an_event_does_not_forget_that_the_bank_waits() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Authenticate]);
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(state(&d), CaseState::AwaitingAuthentication);
    // `invoice.updated` of the same attempt: events carry no payment details.
    let event = d.event("in_1");
    d.take(&event);
    assert_eq!(state(&d), CaseState::AwaitingAuthentication);
    d.on(10, "09:00").the_bank_saw("in_1 pm_old* no");
}

#[test]
fn our_charge_that_stops_at_the_bank_says_so() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.card("pm_old", &[Authenticate]);
    d.on(0, "10:00").the_customer_retries();
    let waiting = "in_1 awaiting_authentication | action_needed, warn | \
                   authenticate, authentication_needed";
    d.then(waiting);
    let event = d.event("in_1");
    d.on(0, "10:01").tell(&event).then(waiting);
    d.on(10, "09:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
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
fn an_earlier_set_up_that_comes_again_does_not_bring_its_card_back() {
    let mut d = declined(RetryDriver::Provider, "expired_card");
    d.card("pm_a", &[Decline("stolen_card")]).card("pm_b", &[Decline("insufficient_funds")]);
    d.on(0, "10:00").the_customer_gives("pm_a").the_customer_gives("pm_b");
    let before = d.account.clone();
    d.the_customer_gives("pm_a");
    assert_eq!(d.account, before);
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_a no, in_1 pm_b no");
}

#[test]
fn a_set_up_that_was_replaced_on_its_way_does_not_come_back() {
    let mut d = declined(RetryDriver::Provider, "expired_card");
    let first = Event::MethodCollected {
        setup: setup_id("seti_pm_first"),
        method: method_id("pm_first"),
        card: None,
    };
    d.on(0, "10:00").take(&first);
    d.the_customer_gives("pm_second").then(PAID);
    let before = d.account.clone();
    d.tell(&first);
    assert_eq!(d.account, before);
}

#[test]
fn what_the_merchant_gave_up_during_a_charge_is_not_charged_again() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).the_customer_retries();
    d.the_customer_gives("pm_new");
    d.the_invoice_becomes("in_1", InvoiceStatus::Uncollectible);
    let answer = Event::AttemptFinished {
        invoice: invoice_id("in_1"),
        number: 1,
        outcome: ChargeOutcome::Declined { decline: decline("insufficient_funds") },
    };
    assert_eq!(d.take(&answer), [], "no second charge");
    assert_eq!(state(&d), CaseState::Exhausted);
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

#[test]
fn a_charge_that_was_refused_as_such_is_followed_by_a_reading() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    d.on(0, "10:00").take(&Event::RetryRequested);
    d.take(&Event::AttemptLapsed { invoice: invoice_id("in_1"), number: 1 });
    assert_eq!(d.account.next_wake(), Some(d.now));
}

#[test]
fn a_customer_of_a_hundred_ended_subscriptions_is_not_locked_out() {
    let mut d = Diary::of(RetryDriver::Provider);
    for n in 0..SUBSCRIPTIONS_MAX {
        d.tell(&subscription(&format!("sub_past_{n}"), SubscriptionStatus::Ended));
    }
    d.then("no case | clear, ended");
    d.the_subscription_is("sub_1", SubscriptionStatus::Active).then("no case | clear, full");
    assert_eq!(d.account.subscriptions.len(), SUBSCRIPTIONS_MAX);
}

#[test]
fn who_cancels_one_of_very_many_subscriptions_is_left_alone() {
    let mut d = Diary::of(RetryDriver::Ours);
    for n in 0..SUBSCRIPTIONS_MAX {
        d.tell(&subscription(&format!("sub_{n:03}"), SubscriptionStatus::Active));
    }
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Ended);
    d.then("in_1 canceled | clear, full");
}

#[test]
fn our_ladder_charges_the_card_that_is_the_default_now() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    // The customer changed the card in the provider's own portal.
    d.provider.set_defaults(&method_id("pm_new"));
    d.on(1, "09:01").then(PAID).the_bank_saw("in_1 pm_old* no, in_1 pm_new yes");
}

#[test]
fn a_charge_that_never_happened_does_not_hurry_the_ladder() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.next_charges(&[Wire::LostBefore; 30]).on(3, "08:00");
    let attempts: Vec<_> = d.account.cases.values().map(|case| case.attempt_number).collect();
    assert_eq!(attempts, [1], "the first lapsed after a day, the second is two days later");
}

#[test]
fn what_was_given_up_during_a_lost_charge_does_not_hang_for_ever() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    d.on(0, "10:00").next_charges(&[Wire::LostBefore]).the_customer_retries();
    d.the_invoice_becomes("in_1", InvoiceStatus::Uncollectible);
    d.on(0, "10:01").then("in_1 exhausted | clear, full");
    assert_eq!(d.account.next_wake(), None);
}

#[test]
fn money_of_an_attempt_that_was_thought_to_be_over_counts() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    d.on(0, "10:00").next_charges(&[Wire::CrashBefore]).the_customer_retries();
    d.tell(&Event::AttemptLapsed { invoice: invoice_id("in_1"), number: 1 });
    let (invoice, outcome) = (invoice_id("in_1"), ChargeOutcome::Paid);
    d.tell(&Event::AttemptFinished { invoice, number: 1, outcome }).then(PAID);
}

#[test]
fn a_retry_right_after_a_decline_charges_the_card_that_was_declined() {
    let mut d = declined(RetryDriver::Provider, "expired_card");
    d.on(0, "10:00");
    d.take(&Event::MethodCollected {
        setup: setup_id("seti_1"),
        method: method_id("pm_new"),
        card: None,
    });
    d.take(&Event::DefaultsSet { setup: setup_id("seti_1") });
    let decline = decline("insufficient_funds");
    let (invoice, outcome) = (invoice_id("in_1"), ChargeOutcome::Declined { decline });
    d.take(&Event::AttemptFinished { invoice, number: 1, outcome });
    // Nothing was read yet.
    d.the_customer_retries().then(PAID).the_bank_saw("in_1 pm_old* no, in_1 pm_new yes");
}

#[test]
fn a_charge_that_stops_at_the_bank_waits_for_the_customer_at_once() {
    let mut d = declined(RetryDriver::Ours, "insufficient_funds");
    d.on(0, "10:00").take(&Event::RetryRequested);
    let (invoice, outcome) = (invoice_id("in_1"), ChargeOutcome::NeedsAuthentication);
    d.take(&Event::AttemptFinished { invoice, number: 1, outcome });
    assert_eq!(state(&d), CaseState::AwaitingAuthentication);
}

#[test]
fn a_first_payment_that_waits_for_authentication_opens_a_case() {
    let mut d = Diary::of(RetryDriver::Provider);
    let mut fact = failed_invoice("in_1");
    (fact.attempt_count, fact.needs_authentication) = (0, true);
    d.on(0, "09:00").take(&Event::InvoiceObserved { fact, observed: Observed::ByEvent });
    assert_eq!(state(&d), CaseState::AwaitingAuthentication);
}

#[test]
fn what_an_event_changes_is_confirmed_by_a_reading() {
    let mut d = declined(RetryDriver::Provider, "insufficient_funds");
    let mut late = failed_invoice("in_1");
    late.needs_authentication = true;
    let event = Event::InvoiceObserved { fact: late, observed: Observed::ByEvent };
    d.on(0, "10:00").take(&event);
    assert_eq!(state(&d), CaseState::AwaitingAuthentication);
    d.on(0, "10:00");
    assert_eq!(state(&d), CaseState::AwaitingPaymentMethod, "the live invoice knows better");
}
