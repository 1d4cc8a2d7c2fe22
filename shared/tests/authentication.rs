//! The bank wants to see the customer, and the customer comes.
#![cfg(test)]

mod support;

use reprieve_core::case::{ApplyError, CaseState, Event, apply};
use reprieve_core::decline::{Category, Decline, RawDecline};
use reprieve_core::id::InvoiceId;
use reprieve_core::network::{AttemptBy, Initiator};
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{ChargeOutcome, InvoiceStatus, MethodFact, Observed};
use support::diary::Diary;
use support::provider::Verdict::{Approve, Authenticate};
use support::shell::Wire;
use support::{invoice_id, method_id};

const WAITS: &str = "in_1 awaiting_authentication | action_needed, warn | \
                     authenticate, authentication_needed";
const PAID: &str = "in_1 recovered | recovered, full";

fn asked(invoice: Option<&str>) -> Event {
    Event::AuthenticationAsked { invoice: invoice.map(invoice_id) }
}

fn is_refused(d: &mut Diary, invoice: Option<&str>) -> ApplyError {
    let before = d.account.clone();
    let refused = apply(&mut d.account, &asked(invoice), d.now, &d.policy);
    assert_eq!(d.account, before, "what is refused changes nothing");
    refused.expect_err("the customer is refused")
}

/// The renewal was declined because nobody was there.
fn waiting(driver: RetryDriver) -> Diary {
    let mut d = Diary::of(driver);
    d.card("pm_old", &[Authenticate]);
    d.on(0, "09:00").the_provider_tries("in_1").then(WAITS);
    d
}

#[test]
fn the_charge_is_made_once_more_with_the_customer_and_then_the_bank_is_waited_for() {
    for driver in [RetryDriver::Provider, RetryDriver::Ours] {
        let mut d = waiting(driver);
        assert!(!d.status().can_retry, "it has a button of its own");
        d.on(0, "10:00").tell(&asked(None)).then(WAITS);
        d.the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
        let sent = d.provider.ledger.last().unwrap();
        assert_eq!(sent.key.as_deref(), Some("reprieve:pay:in_1:1:pm_old"));
        assert!(sent.trigger.is_some_and(|trigger| trigger.is_on_session()));
        // However long it takes, nobody charges without the customer.
        d.on(12, "10:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
        d.the_invoice_becomes("in_1", InvoiceStatus::Paid).then(PAID);
    }
}

#[test]
fn the_bank_may_be_content_that_the_customer_is_there() {
    let mut d = waiting(RetryDriver::Provider);
    d.card("pm_old", &[Approve]);
    d.on(0, "10:00").tell(&asked(Some("in_1"))).then(PAID);
}

#[test]
fn a_charge_without_an_answer_is_asked_about_under_its_key() {
    let mut d = waiting(RetryDriver::Ours);
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).tell(&asked(None));
    assert_eq!(is_refused(&mut d, None), ApplyError::NothingToRetry, "one is under way");
    d.on(0, "10:05").then(WAITS).the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
}

#[test]
fn who_does_not_wait_is_not_charged() {
    let mut d = waiting(RetryDriver::Ours);
    assert_eq!(is_refused(&mut d, Some("in_9")), ApplyError::NothingToRetry);
    d.the_invoice_becomes("in_1", InvoiceStatus::Paid);
    assert_eq!(is_refused(&mut d, None), ApplyError::NothingToRetry);
    assert_eq!(is_refused(&mut d, Some("in_1")), ApplyError::NothingToRetry);
}

#[test]
fn several_invoices_are_one_wish_and_wishes_are_limited() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Authenticate]);
    for id in ["in_2", "in_3", "in_4", "in_5", "in_6"] {
        d.also_owes(id, 500, "eur");
    }
    d.on(0, "09:00");
    for id in ["in_1", "in_2", "in_3", "in_4", "in_5", "in_6"] {
        d.the_provider_tries(id);
    }
    d.on(0, "10:00").tell(&asked(None));
    assert_eq!(d.provider.ledger.len(), 12, "each was tried once more");
    assert!(d.account.open_cases().all(|case| case.state == CaseState::AwaitingAuthentication));
    assert!(d.status().invoices.iter().all(|invoice| invoice.needs_authentication));
    for _ in 0..3 {
        d.tell(&asked(Some("in_1")));
    }
    assert!(matches!(is_refused(&mut d, None), ApplyError::TooManyAttempts { .. }));
    assert_eq!(d.provider.ledger.len(), 15);
}

#[test]
fn an_ended_or_paused_subscription_is_not_charged() {
    use reprieve_core::provider::SubscriptionStatus::{Ended, Paused};
    for status in [Ended, Paused] {
        let mut d = waiting(RetryDriver::Ours);
        d.on(0, "10:00").the_subscription_is("sub_1", status);
        assert_eq!(is_refused(&mut d, None), ApplyError::NothingToRetry, "{status:?}");
    }
}

#[test]
fn a_reading_that_names_the_card_only_by_its_id_unlearns_nothing() {
    let mut d = waiting(RetryDriver::Provider);
    let shown = d.status().method;
    assert!(shown.is_some());
    for (method, expected) in [("pm_old", shown), ("pm_other", None)] {
        let Event::InvoiceObserved { mut fact, .. } = d.reading("in_1") else {
            panic!("a reading");
        };
        fact.method = Some(MethodFact::bare(method_id(method)));
        d.tell(&Event::InvoiceObserved { fact, observed: Observed::Live });
        assert_eq!(d.status().method, expected, "{method}");
    }
}

/// The bank let the customer confirm and then said no: a charge that reached the network, without
/// an attempt of ours under way.
#[test]
fn a_decline_after_the_customer_confirmed_counts_as_the_customer_s() {
    let mut d = waiting(RetryDriver::Ours);
    d.on(0, "10:00").tell(&asked(None));
    let before = d.account.card_attempts.len();
    let Event::InvoiceObserved { mut fact, .. } = d.reading("in_1") else {
        panic!("a reading");
    };
    fact.needs_authentication = false;
    let raw = RawDecline { charge: Some("ch_2".to_owned()), ..RawDecline::default() };
    let category = Category::InsufficientFunds;
    fact.decline = Some(Decline { category, do_not_retry: false, raw });
    let read = Event::InvoiceObserved { fact, observed: Observed::Live };
    d.on(0, "10:01").take(&read);
    d.take(&read);
    assert_eq!(d.account.card_attempts.len(), before + 1, "once");
    let counted = d.account.card_attempts.last().unwrap();
    assert_eq!((counted.initiator, counted.by), (Initiator::Customer, AttemptBy::Provider));
    assert_eq!(counted.category, Some(category));
    assert_ne!(d.account.cases[&invoice_id("in_1")].state, CaseState::AwaitingAuthentication);
}

#[test]
fn a_new_card_that_the_bank_asks_about_waits_too_and_the_next_invoice_is_tried() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[support::provider::Verdict::Decline("expired_card")]);
    d.also_owes("in_2", 500, "eur").card("pm_new", &[Authenticate, Authenticate]);
    d.on(0, "09:00").the_provider_tries("in_1").the_provider_tries("in_2");
    d.on(0, "10:00").the_customer_gives("pm_new");
    let waits = |id: &InvoiceId| d.account.cases[id].state == CaseState::AwaitingAuthentication;
    assert!(waits(&invoice_id("in_1")) && waits(&invoice_id("in_2")));
    assert!(d.account.charge_run.is_none(), "the run is over");
    let outcome = ChargeOutcome::NeedsAuthentication;
    let late = Event::AttemptFinished { invoice: invoice_id("in_1"), number: 1, outcome };
    let before = d.account.clone();
    d.take(&late);
    assert_eq!(d.account, before, "an echo changes nothing");
}
