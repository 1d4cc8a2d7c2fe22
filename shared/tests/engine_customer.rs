//! What the customer pays by hand, as diaries: one invoice after the other, within the networks'
//! limits.
#![cfg(test)]

mod support;

use reprieve_core::case::{ApplyError, CaseState};
use reprieve_core::network::{Initiator, LimitOverride, Network};
use reprieve_core::policy::settings::{Acquirer, Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::time::{DAY_MS, HOUR_MS};
use support::diary::Diary;
use support::provider::Verdict::{Approve, Decline};
use support::shell::Wire;

const NO: &str = "insufficient_funds";

/// Our ladder: after one day, after two more, after three more.
fn ladder(change: impl FnOnce(&mut Settings)) -> Diary {
    let mut d = Diary::of(RetryDriver::Ours);
    let mut settings = Settings::default();
    settings.retry.rungs = [1, 2, 3].map(|days| Rung::after_ms(days * DAY_MS)).to_vec();
    change(&mut settings);
    d.policy = Policy::uniform(RetryDriver::Ours, settings);
    d.provider.is_card("pm_old", "fp_old", Network::Visa);
    d
}

fn acquirer(declines_max: u32) -> Option<Acquirer> {
    let rule = "visa.reattempts.30d".to_owned();
    Some(Acquirer { name: "strict".to_owned(), limits: vec![LimitOverride { rule, declines_max }] })
}

#[test]
fn a_new_card_is_tried_on_one_invoice_before_the_others() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("expired_card")]).card("pm_new", &[Decline("generic_decline")]);
    d.also_owes("in_2", 500, "eur").also_owes("in_3", 700, "eur");
    for invoice in ["in_1", "in_2", "in_3"] {
        d.the_provider_tries(invoice);
    }
    d.on(0, "10:00").the_customer_gives("pm_new");
    d.the_bank_saw("in_1 pm_old* no, in_2 pm_old* no, in_3 pm_old* no, in_1 pm_new no");
    // All three wait for the bank to change its mind, none for a card that was given already.
    for case in d.account.cases.values() {
        assert_eq!(case.state, CaseState::Scheduled, "{}", case.invoice);
        assert_eq!(case.method.as_ref().map(|method| method.id.as_str()), Some("pm_new"));
    }
    assert_eq!(d.account.charge_run, None);
}

#[test]
fn an_empty_account_is_asked_for_the_smaller_amounts() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("expired_card")]).card("pm_new", &[Decline(NO), Approve]);
    d.also_owes("in_2", 500, "eur").also_owes("in_3", 9_900, "eur");
    for invoice in ["in_1", "in_2", "in_3"] {
        d.the_provider_tries(invoice);
    }
    d.on(0, "10:00").the_customer_gives("pm_new");
    d.the_bank_saw(
        "in_1 pm_old* no, in_2 pm_old* no, in_3 pm_old* no, in_1 pm_new no, in_2 pm_new yes",
    );
}

#[test]
fn an_empty_account_is_not_asked_for_the_same_amount_again() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("expired_card")]).card("pm_new", &[Decline(NO), Approve]);
    d.also_owes("in_2", 1_900, "eur");
    for invoice in ["in_1", "in_2"] {
        d.the_provider_tries(invoice);
    }
    d.on(0, "10:00").the_customer_gives("pm_new");
    d.the_bank_saw("in_1 pm_old* no, in_2 pm_old* no, in_1 pm_new no");
}

#[test]
fn a_run_that_is_cut_off_goes_on_and_charges_each_invoice_once() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("expired_card")]).card("pm_new", &[Approve]);
    d.also_owes("in_2", 500, "eur").also_owes("in_3", 700, "eur");
    for invoice in ["in_1", "in_2", "in_3"] {
        d.the_provider_tries(invoice);
    }
    d.next_charges(&[Wire::CrashAfter, Wire::Up, Wire::CrashBefore]);
    d.on(0, "10:00").the_customer_gives("pm_new").on(0, "11:00");
    d.the_bank_saw(
        "in_1 pm_old* no, in_2 pm_old* no, in_3 pm_old* no, \
         in_1 pm_new yes, in_2 pm_new yes, in_3 pm_new yes",
    );
    d.then("in_1 recovered, in_2 recovered, in_3 recovered | clear, full");
}

#[test]
fn a_card_that_will_never_be_approved_is_not_tried_by_the_customer_either() {
    let mut d = ladder(|_| ());
    d.provider.is_card("pm_again", "fp_old", Network::Visa);
    // Visa's 15: no such issuer.
    d.card("pm_old", &[Decline("generic_decline/15")]).card("pm_again", &[Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    assert!(!d.status().can_retry);
    assert_eq!(d.a_retry_is_refused(), ApplyError::NothingToRetry);
    // The same card in a new set-up is the same card.
    d.the_customer_gives("pm_again").the_bank_saw("in_1 pm_old* no");
    d.card("pm_other", &[Approve]).the_customer_gives("pm_other");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_other yes");
}

#[test]
fn a_revocation_binds_us_and_not_the_customer() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("revocation_of_authorization/R1"), Approve]);
    d.on(0, "09:00").the_provider_tries("in_1").on(9, "00:00").the_bank_saw("in_1 pm_old* no");
    assert!(d.status().can_retry);
    d.the_customer_retries().the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
}

#[test]
fn a_customer_who_tries_too_often_waits_for_the_network() {
    let mut d = ladder(|settings| {
        settings.acquirer = acquirer(2);
        settings.customer_attempts.max = 10;
        settings.retry.rungs = Vec::new();
    });
    d.card("pm_old", &[Decline(NO)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "10:00").the_customer_retries().on(0, "11:00").the_customer_retries();
    // Visa counts the customer's attempts apart from ours.
    let ours = d.account.card_attempts.iter().filter(|t| t.initiator == Initiator::Customer);
    assert_eq!(ours.count(), 2);
    assert!(!d.status().can_retry);
    let refused = d.a_retry_is_refused();
    let left_ms = 30 * DAY_MS - HOUR_MS;
    assert_eq!(refused, ApplyError::TooManyAttempts { retry_after_ms: left_ms });
}
