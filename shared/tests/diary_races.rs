//! Dated diaries of things that happen at once, twice, late, in the wrong order or not at all.
#![cfg(test)]

mod support;

use reprieve_core::case::{ApplyError, CaseState, Effect, Event};
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{InvoiceStatus, SubscriptionStatus};
use support::diary::Diary;
use support::provider::Verdict::{Approve, Decline};
use support::shell::Wire;
use support::{invoice_id, method_id, setup_id};

const PAID: &str = "in_1 recovered | recovered, full";
const BOTH_CARDS: &str = "in_1 pm_old* no, in_1 pm_new yes";

fn declined(code: &'static str) -> Diary {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline(code)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

fn keys(d: &Diary) -> Vec<&str> {
    d.provider.ledger.iter().filter_map(|charge| charge.key.as_deref()).collect()
}

#[test]
fn the_click_comes_before_the_webhook() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.the_post_is_held().on(0, "09:00").the_provider_tries("in_1").then("no case | clear, full");
    // What is open is read when the defaults are set, so the charge does not wait for the event.
    d.on(0, "09:01").the_customer_gives("pm_new").then(PAID);
    d.on(0, "09:02").the_post_arrives_in_reverse().then(PAID);
    d.the_bank_saw(BOTH_CARDS);
}

#[test]
fn the_webhook_is_lost_and_the_provider_was_paid_elsewhere() {
    let mut d = declined("expired_card");
    d.the_post_is_held().on(0, "10:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
    d.the_post_is_lost();
    d.on(0, "11:00");
    assert_eq!(d.account.open_cases().count(), 1, "nobody knows yet");
    d.on(1, "09:01");
    assert_eq!(d.account.open_cases().count(), 0, "the daily reading finds it");
}

#[test]
fn a_failure_that_is_told_after_the_payment_opens_nothing() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("insufficient_funds"), Approve]);
    d.the_post_is_held().on(0, "09:00").the_provider_tries("in_1");
    d.on(3, "09:00").the_provider_tries("in_1");
    d.on(3, "10:00").the_post_arrives_in_reverse().then("no case | clear, full");
    let late = d.event("in_1");
    d.tell(&late).then("no case | clear, full");
    d.on(10, "09:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old* yes");
}

#[test]
fn a_double_click_charges_once() {
    let mut d = declined("expired_card");
    let (setup, method) = (setup_id("seti_1"), method_id("pm_new"));
    let click = Event::MethodCollected { setup: setup.clone(), method, card: None };
    let first = d.take(&click);
    assert_eq!(first.len(), 1);
    assert_eq!(d.take(&click), [], "the second click starts nothing");
    let again = Event::DefaultsSet { setup };
    let charges = d.take(&again);
    assert!(matches!(charges.as_slice(), [Effect::Charge { .. }]));
    assert_eq!(d.take(&again), [], "nor does a second end of the same update");
    assert_eq!(d.take(&click), [], "nor does a click when all is done");
    assert_eq!(d.a_retry_is_refused(), ApplyError::NothingToRetry, "a charge is under way");
}

#[test]
fn an_answer_that_is_lost_is_asked_for_under_the_same_key() {
    for wire in [Wire::LostBefore, Wire::LostAfter, Wire::CrashBefore, Wire::CrashAfter] {
        let mut d = declined("expired_card");
        d.provider.gullible = true;
        d.on(0, "10:00").next_charges(&[wire]).the_customer_gives("pm_new");
        d.then("in_1 attempting | pending, warn | update_payment_method, card_expired");
        d.on(0, "10:01").then(PAID).the_bank_saw(BOTH_CARDS);
        assert_eq!(keys(&d), ["reprieve:pay:in_1:1:pm_new"], "{wire:?}");
    }
}

#[test]
fn a_card_given_while_an_outcome_is_unknown_waits_for_it_and_then_pays() {
    let mut d = declined("insufficient_funds");
    d.on(0, "10:00").next_charges(&[Wire::LostAfter, Wire::LostBefore]).the_customer_retries();
    d.on(0, "10:00").the_customer_gives("pm_new");
    d.then("in_1 attempting | pending, warn | wait, insufficient_funds");
    // Asked at 10:00:45 in vain, then two minutes later: the old card was declined after all.
    d.on(0, "10:05").then(PAID);
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old no, in_1 pm_new yes");
    assert_eq!(keys(&d), ["reprieve:pay:in_1:1:pm_old", "reprieve:pay:in_1:2:pm_new"]);
}

#[test]
fn a_card_given_while_the_old_one_is_being_paid_is_not_charged() {
    let mut d = declined("insufficient_funds");
    d.card("pm_old", &[Approve]);
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).the_customer_retries();
    d.the_customer_gives("pm_new").on(0, "10:05").then(PAID);
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
}

#[test]
fn an_attempt_that_nobody_can_ask_for_lapses_and_the_next_has_a_new_key() {
    let mut d = declined("insufficient_funds");
    d.card("pm_old", &[Approve]);
    let out = [Wire::LostBefore; 28];
    d.on(0, "10:00").next_charges(&out).the_customer_retries();
    d.on(0, "20:00").the_bank_saw("in_1 pm_old* no");
    d.on(2, "12:00")
        .then("in_1 awaiting_payment_method | action_needed, warn | wait, insufficient_funds");
    d.the_customer_retries().then(PAID);
    assert_eq!(keys(&d), ["reprieve:pay:in_1:2:pm_old"]);
}

#[test]
fn the_event_wins_over_the_answer() {
    let mut d = declined("expired_card");
    d.on(0, "10:00").next_charges(&[Wire::CrashAfter]).the_customer_gives("pm_new");
    let event = d.event("in_1");
    d.on(0, "10:00").tell(&event).then(PAID);
    let answer = Event::AttemptFinished {
        invoice: invoice_id("in_1"),
        number: 1,
        outcome: reprieve_core::provider::ChargeOutcome::Paid,
    };
    let before = d.account.clone();
    d.tell(&answer);
    assert_eq!(d.account, before, "the answer that comes later changes nothing");
    d.on(5, "09:00").the_bank_saw(BOTH_CARDS);
}

#[test]
fn who_cancels_while_a_charge_is_unknown_is_left_alone_after_it() {
    let mut d = declined("insufficient_funds");
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).the_customer_retries();
    d.on(0, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Ended);
    let state = d.account.cases[&invoice_id("in_1")].state;
    assert_eq!(state, CaseState::Attempting, "money may have moved; that comes first");
    d.on(2, "10:00").then("in_1 canceled | clear, ended");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
}

#[test]
fn a_newer_card_replaces_one_on_its_way() {
    let mut d = declined("expired_card");
    let collected = |card: &str| Event::MethodCollected {
        setup: setup_id(&format!("seti_{card}")),
        method: method_id(card),
        card: None,
    };
    d.on(0, "10:00").take(&collected("pm_first"));
    d.take(&collected("pm_second"));
    // The end of the first one says nothing of the second.
    let before = d.account.clone();
    for event in [
        Event::DefaultsSet { setup: setup_id("seti_pm_first") },
        Event::DefaultsFailed { setup: setup_id("seti_pm_first") },
        Event::DefaultsRefused { setup: setup_id("seti_pm_first") },
    ] {
        assert_eq!(d.take(&event), []);
        assert_eq!(d.account, before);
    }
    d.on(0, "10:01").then(PAID);
    d.tell(&Event::DefaultsSet { setup: setup_id("seti_pm_first") });
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_second yes");
}

#[test]
fn a_provider_that_refuses_the_card_leaves_the_case_as_it_was() {
    let mut d = declined("expired_card");
    let setup = setup_id("seti_1");
    d.take(&Event::MethodCollected {
        setup: setup.clone(),
        method: method_id("pm_new"),
        card: None,
    });
    d.tell(&Event::DefaultsRefused { setup }).then(
        "in_1 awaiting_payment_method | action_needed, warn | update_payment_method, card_expired",
    );
    d.on(5, "09:00").the_bank_saw("in_1 pm_old* no");
}

#[test]
fn an_update_that_dies_with_the_process_is_carried_out_by_the_alarm() {
    let mut d = declined("expired_card");
    d.on(0, "10:00");
    d.take(&Event::MethodCollected {
        setup: setup_id("seti_1"),
        method: method_id("pm_new"),
        card: None,
    });
    d.then("in_1 awaiting_payment_method | pending, warn | update_payment_method, card_expired");
    d.on(0, "10:01").then(PAID).the_bank_saw(BOTH_CARDS);
}

#[test]
fn a_retry_waits_for_a_card_on_its_way() {
    let mut d = declined("insufficient_funds");
    d.on(0, "10:00");
    d.take(&Event::MethodCollected {
        setup: setup_id("seti_1"),
        method: method_id("pm_new"),
        card: None,
    });
    assert_eq!(d.a_retry_is_refused(), ApplyError::NothingToRetry);
    d.on(0, "10:01").then(PAID).the_bank_saw(BOTH_CARDS);
}
