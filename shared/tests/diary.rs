//! Dated diaries: what a customer lives through, told to the same `apply` that runs at the edge.
//!
//! `pm_old*` in what the bank saw is the provider's own attempt; all others are ours.
#![cfg(test)]

mod support;

use reprieve_core::case::{ApplyError, Event, READ_CHECKS_MS};
use reprieve_core::policy::settings::{GraceSettings, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{InvoiceFact, InvoiceStatus, Observed, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS};
use support::diary::Diary;
use support::provider::Verdict::{self, Approve, Authenticate, Decline};
use support::{invoice_id, money, subscription_id};

/// A renewal that fails on day 0 at 09:00.
fn declined_with(verdicts: &[Verdict]) -> Diary {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", verdicts).on(0, "09:00").the_provider_tries("in_1");
    d
}

#[test]
fn a_declined_renewal_is_paid_with_a_new_card() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").then("no case | clear, full");
    d.the_provider_tries("in_1").then(
        "in_1 awaiting_payment_method | action_needed, warn | update_payment_method, card_expired",
    );
    d.on(0, "12:30").the_customer_gives("pm_new").then("in_1 recovered | recovered, full");
    d.on(0, "12:41").then("in_1 recovered | clear, full");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_new yes");
    assert_eq!(d.account.next_wake(), None, "nothing is left to do");
}

#[test]
fn a_card_that_is_declined_again_keeps_the_case_open() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.card("pm_poor", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "10:00")
        .the_customer_gives("pm_poor")
        .then("in_1 awaiting_payment_method | action_needed, warn | wait, insufficient_funds");
    let method = d.status().method.expect("the card that failed is named");
    assert_eq!(method.last4, "poor", "and it is the new one, not the old one");
    d.on(0, "10:05").the_customer_gives("pm_good").then("in_1 recovered | recovered, full");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_poor no, in_1 pm_good yes");
}

#[test]
fn a_fraud_type_decline_is_told_in_generic_words() {
    for code in ["stolen_card", "lost_card", "fraudulent", "pickup_card", "merchant_blacklist"] {
        let mut d = Diary::of(RetryDriver::Provider);
        d.provider.schedule_ms = vec![DAY_MS, DAY_MS];
        d.card("pm_old", &[Decline(code)]);
        d.on(0, "09:00").the_provider_tries("in_1").then(
            "in_1 awaiting_payment_method | action_needed, warn | \
             update_payment_method, card_declined",
        );
        // The provider keeps its entry in the plan but sends nothing: a date would be a false hope.
        assert_eq!(d.status().next_attempt_at_ms, None, "{code}");
        assert!(!d.status().can_retry, "{code}");
        assert_eq!(d.a_retry_is_refused(), ApplyError::NothingToRetry, "{code}");
        d.on(0, "09:30").the_customer_gives("pm_new").then("in_1 recovered | recovered, full");
    }
}

#[test]
fn a_customer_may_try_the_same_card_but_not_too_often() {
    let mut d = Diary::of(RetryDriver::Provider);
    let no = Decline("insufficient_funds");
    d.card("pm_old", &[no, no, no, no, no, Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    for clock in ["10:00", "11:00", "12:00", "13:00"] {
        d.on(0, clock);
        assert!(d.status().can_retry);
        d.the_customer_retries()
            .then("in_1 awaiting_payment_method | action_needed, warn | wait, insufficient_funds");
    }
    d.on(0, "14:00");
    assert!(!d.status().can_retry);
    let retry_after_ms = 20 * HOUR_MS;
    assert_eq!(d.a_retry_is_refused(), ApplyError::TooManyAttempts { retry_after_ms });
    d.on(1, "10:00").the_customer_retries().then("in_1 recovered | recovered, full");
    assert_eq!(d.provider.ledger.len(), 6);
}

#[test]
fn the_provider_drives_and_we_never_charge_without_the_customer() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.provider.schedule_ms = vec![3 * DAY_MS, 5 * DAY_MS];
    let no = Decline("generic_decline");
    d.card("pm_old", &[no, no, Approve]);
    let open = "in_1 scheduled | action_needed, warn | contact_issuer, card_declined";
    d.on(0, "09:00").the_provider_tries("in_1").then(open);
    assert_eq!(d.status().next_attempt_at_ms, Some(d.now.plus_ms(3 * DAY_MS).as_ms()));
    d.on(3, "09:00").the_provider_tries("in_1").then(open);
    d.on(8, "09:00").the_provider_tries("in_1").then("in_1 recovered | recovered, full");
    d.on(60, "09:00").then("in_1 recovered | clear, full");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old* no, in_1 pm_old* yes");
}

#[test]
fn our_ladder_climbs_and_ends() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    let open = "in_1 scheduled | action_needed, warn | wait, insufficient_funds";
    d.on(0, "09:00").the_provider_tries("in_1").then(open);
    for day in [1, 3, 5, 7] {
        let attempts = d.provider.ledger.len();
        d.on(day, "08:59");
        assert_eq!(d.provider.ledger.len(), attempts, "not before day {day}");
        d.on(day, "09:01");
        assert_eq!(d.provider.ledger.len(), attempts + 1, "on day {day}");
    }
    d.then("in_1 awaiting_payment_method | action_needed, warn | wait, insufficient_funds");
    d.on(40, "09:00").then(
        "in_1 awaiting_payment_method | action_needed, restricted | wait, insufficient_funds",
    );
    assert_eq!(d.provider.ledger.len(), 5, "the ladder has four rungs and no more");
    d.the_customer_gives("pm_new").then("in_1 recovered | recovered, full");
}

#[test]
fn our_ladder_stops_at_a_card_that_must_not_be_tried() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("generic_decline"), Decline("stolen_card")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(1, "10:00").then(
        "in_1 awaiting_payment_method | action_needed, warn | update_payment_method, card_declined",
    );
    d.on(30, "09:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
}

#[test]
fn a_payer_who_revoked_is_not_charged_by_our_ladder_but_may_pay() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("revocation_of_authorization"), Approve]);
    d.on(0, "09:00")
        .the_provider_tries("in_1")
        .then("in_1 awaiting_payment_method | action_needed, warn | stop, card_declined");
    d.on(30, "09:00").the_bank_saw("in_1 pm_old* no");
    d.the_customer_retries().then("in_1 recovered | recovered, full");
}

#[test]
fn access_goes_with_the_grace_and_returns_with_the_money() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    let why = "update_payment_method, card_expired";
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(d.status().grace_ends_at_ms, Some(d.now.plus_ms(14 * DAY_MS).as_ms()));
    d.on(14, "08:59").then(&format!("in_1 awaiting_payment_method | action_needed, warn | {why}"));
    d.on(14, "09:00")
        .then(&format!("in_1 awaiting_payment_method | action_needed, restricted | {why}"));
    d.on(20, "18:00").the_customer_gives("pm_new").then("in_1 recovered | recovered, full");
}

#[test]
fn one_card_pays_every_open_invoice() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.also_owes("in_2", 500, "eur").card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(2, "09:00").the_provider_tries("in_2");
    let total = d.status().amount_due.expect("one currency has a total");
    assert_eq!((total.amount_minor, total.currency.as_str()), (2400, "eur"));
    d.on(2, "10:00").the_customer_gives("pm_new");
    d.then("in_1 recovered, in_2 recovered | recovered, full");
    d.the_bank_saw("in_1 pm_old* no, in_2 pm_old* no, in_1 pm_new yes, in_2 pm_new yes");
}

#[test]
fn two_currencies_have_no_total_and_are_both_paid() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.also_owes("in_2", 900, "jpy").card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").the_provider_tries("in_1").the_provider_tries("in_2");
    let status = d.status();
    assert_eq!(status.amount_due, None);
    let due: Vec<_> = status.invoices.iter().map(|due| due.amount_due.currency.as_str()).collect();
    assert_eq!(due, ["eur", "jpy"]);
    d.the_customer_gives("pm_new").then("in_1 recovered, in_2 recovered | recovered, full");
}

#[test]
fn an_invoice_that_is_voided_asks_nothing_more() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "10:00").the_invoice_becomes("in_1", InvoiceStatus::Void);
    d.then("in_1 voided | clear, full");
    d.on(30, "09:00").the_bank_saw("in_1 pm_old* no");
}

#[test]
fn money_after_giving_up_is_a_recovery() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(20, "09:00").the_invoice_becomes("in_1", InvoiceStatus::Uncollectible);
    d.then("in_1 exhausted | clear, full");
    d.on(21, "09:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
    d.then("in_1 recovered | recovered, full");
}

#[test]
fn who_cancels_is_left_alone() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "12:00").the_subscription_is("sub_1", SubscriptionStatus::Ended);
    d.then("in_1 canceled | clear, ended");
    // The provider's own last attempt was on its way.
    d.on(1, "09:00").the_provider_tries("in_1").then("in_1 canceled | clear, ended");
    d.on(30, "09:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old* no");
    assert_eq!(d.account.next_wake(), None);
}

#[test]
fn the_provider_gives_up_and_cancels() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(14, "09:00").the_provider_gives_up_on("sub_1").then("in_1 exhausted | clear, ended");
}

#[test]
fn a_pause_stops_everything_until_it_ends() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("insufficient_funds"), Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "12:00").the_subscription_is("sub_1", SubscriptionStatus::Paused);
    assert_eq!(d.a_retry_is_refused(), ApplyError::NothingToRetry);
    d.on(10, "12:00").the_bank_saw("in_1 pm_old* no");
    d.on(10, "12:00").the_subscription_is("sub_1", SubscriptionStatus::PastDue);
    d.on(10, "12:05").then("in_1 recovered | recovered, full");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
}

#[test]
fn a_bank_that_wants_to_see_the_customer_is_not_asked_without_them() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Authenticate]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let waiting = "in_1 awaiting_authentication | action_needed, warn | \
                   authenticate, authentication_needed";
    d.then(waiting);
    d.on(10, "09:00").the_bank_saw("in_1 pm_old* no");
    d.the_customer_gives("pm_new").then("in_1 recovered | recovered, full");
}

#[test]
fn a_first_payment_in_progress_and_a_draft_open_nothing() {
    let mut d = Diary::of(RetryDriver::Ours);
    let event = d.event("in_1");
    d.on(0, "09:00").tell(&event).then("no case | clear, full");
    d.the_invoice_becomes("in_1", InvoiceStatus::Draft).then("no case | clear, full");
}

#[test]
fn what_belongs_to_another_customer_is_refused() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let before = d.account.clone();
    let event = support::diary::of_another_customer(d.event("in_1"));
    let refused = reprieve_core::case::apply(&mut d.account, &event, d.now, &d.policy);
    assert_eq!((refused, &d.account), (Err(ApplyError::WrongCustomer), &before));
    let event = support::diary::of_another_customer(
        d.provider.subscription_seen(&subscription_id("sub_1")),
    );
    let refused = reprieve_core::case::apply(&mut d.account, &event, d.now, &d.policy);
    assert_eq!((refused, &d.account), (Err(ApplyError::WrongCustomer), &before));
}

#[test]
fn what_the_invoice_says_later_counts() {
    let mut d = declined_with(&[Decline("insufficient_funds")]);
    // The merchant gave a credit, and the provider has planned its next attempt.
    let planned = d.now.plus_ms(DAY_MS);
    let invoice = d.provider.invoices.get_mut(&invoice_id("in_1")).unwrap();
    (invoice.amount_due, invoice.next_attempt_at) = (money(900, "eur"), Some(planned));
    let changed = d.event("in_1");
    d.on(0, "10:00").take(&changed);
    assert_eq!(d.status().amount_due.expect("an amount").amount_minor, 900);
    assert_eq!(d.status().next_attempt_at_ms, Some(planned.as_ms()));
    // A reading without payment details does not unlearn them.
    let Event::InvoiceObserved { fact, .. } = d.reading("in_1") else { panic!("an invoice") };
    let bare = InvoiceFact { decline: None, method: None, ..fact };
    let before = (d.status().reason, d.status().method);
    assert!(before.0.is_some() && before.1.is_some());
    d.tell(&Event::InvoiceObserved { fact: bare, observed: Observed::Live });
    assert_eq!((d.status().reason, d.status().method), before);
}

#[test]
fn a_further_failure_of_an_older_invoice_is_the_last_failure() {
    let mut d = declined_with(&[Decline("insufficient_funds")]);
    d.also_owes("in_2", 500, "eur").card("pm_old", &[Decline("expired_card")]);
    d.on(1, "09:00").the_provider_tries("in_2");
    let expired = "in_1 awaiting_payment_method, in_2 awaiting_payment_method | \
                   action_needed, warn | update_payment_method, card_expired";
    d.then(expired).card("pm_old", &[Decline("incorrect_cvc")]);
    d.on(2, "09:00").the_provider_tries("in_1");
    d.then(&expired.replace("card_expired", "card_details_wrong"));
}

#[test]
fn an_ended_subscription_stays_ended() {
    let mut d = declined_with(&[Decline("insufficient_funds")]);
    d.the_post_is_held().the_subscription_is("sub_1", SubscriptionStatus::PastDue);
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    d.the_post_arrives_in_reverse().then("in_1 canceled | clear, ended");
}

#[test]
fn readings_that_fail_become_rarer_until_one_succeeds() {
    let mut d = declined_with(&[Decline("insufficient_funds")]);
    let failed = Event::InvoiceReadFailed { invoice: invoice_id("in_1") };
    let mut wait_after_failure_ms = || {
        d.take(&failed);
        d.account.next_wake().expect("it is read again").since_ms(d.now)
    };
    let waits = [wait_after_failure_ms(), wait_after_failure_ms(), wait_after_failure_ms()];
    assert_eq!(waits, [READ_CHECKS_MS[0], READ_CHECKS_MS[1], READ_CHECKS_MS[2]]);
    assert_eq!(wait_after_failure_ms(), HOUR_MS, "the last wait repeats");
    let reading = d.reading("in_1");
    d.take(&reading);
    d.take(&failed);
    assert_eq!(d.account.next_wake(), Some(d.now.plus_ms(READ_CHECKS_MS[0])));
}

#[test]
fn the_end_of_the_grace_wakes_the_account() {
    let mut d = Diary::of(RetryDriver::Provider);
    let restricted_ms = 36 * HOUR_MS;
    let grace = GraceSettings { restricted_ms, ..GraceSettings::of_days(0) };
    d.policy = Policy::uniform(RetryDriver::Provider, Settings { grace, ..Settings::default() });
    d.card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let grace_ends_at = d.now.plus_ms(restricted_ms);
    d.on(1, "10:00");
    assert_eq!(d.account.next_wake(), Some(grace_ends_at), "before the next daily reading");
}
