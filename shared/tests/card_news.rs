//! Cards that change without the customer: what their network replaced is tried again and told of,
//! and what is about to expire is told of before anything fails.
#![cfg(test)]

mod support;

use reprieve_core::api::status::{CardNewsKind, MethodSummary, RecoveryState, Status};
use reprieve_core::case::Event;
use reprieve_core::network::Network;
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{CardExpiry, CardFact, MethodFact};
use support::diary::Diary;
use support::provider::Verdict::{Approve, Decline};
use support::{at, method_id};

/// The bank gave out a new card, and the provider took its data over under the same name.
fn replaced(method: &str) -> Event {
    let card = CardFact { fingerprint: "fp_new".to_owned(), network: Network::Visa };
    let summary = MethodSummary { brand: "visa".to_owned(), last4: "4242".to_owned() };
    let renewed = MethodFact { id: method_id(method), summary: Some(summary), card: Some(card) };
    Event::MethodsChanged { renewed: Some(renewed) }
}

/// The provider still tells of the failure with the card of then.
fn expired(driver: RetryDriver) -> Diary {
    let mut d = Diary::of(driver);
    d.provider.is_card("pm_old", "fp_old", Network::Visa);
    d.card("pm_old", &[Decline("expired_card"), Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

#[test]
fn an_expired_card_rests_until_its_network_replaces_it_and_then_pays() {
    let mut d = expired(RetryDriver::Ours);
    d.on(4, "09:00").the_bank_saw("in_1 pm_old* no");
    d.tell(&replaced("pm_old")).on(9, "09:00");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
    assert_eq!(d.status().state, RecoveryState::Clear);
}

#[test]
fn another_card_that_is_replaced_wakes_nothing() {
    let mut d = expired(RetryDriver::Ours);
    d.on(4, "09:00").tell(&replaced("pm_other")).on(20, "09:00");
    d.the_bank_saw("in_1 pm_old* no");
}

#[test]
fn a_replaced_card_that_is_declined_too_rests_again() {
    let mut d = expired(RetryDriver::Ours);
    d.card("pm_old", &[Decline("expired_card"), Decline("stolen_card")]);
    d.on(4, "09:00").tell(&replaced("pm_old")).on(40, "09:00");
    d.the_bank_saw("in_1 pm_old* no, in_1 pm_old no");
}

#[test]
fn while_the_provider_drives_a_replaced_card_is_its_to_charge() {
    let mut d = expired(RetryDriver::Provider);
    d.on(1, "09:00").tell(&replaced("pm_old")).on(20, "09:00");
    d.the_bank_saw("in_1 pm_old* no");
    assert_eq!(d.status().state, RecoveryState::ActionNeeded);
}

fn news(status: &Status) -> Option<(CardNewsKind, Option<i64>)> {
    status.card_news.as_ref().map(|news| (news.kind, news.expires_at_ms))
}

#[test]
fn a_customer_in_good_standing_hears_of_a_replaced_card_for_a_week() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.on(0, "09:00").tell(&replaced("pm_old"));
    let status = d.on(7, "08:59").status();
    assert_eq!(status.state, RecoveryState::Clear);
    assert_eq!(news(&status), Some((CardNewsKind::Updated, None)));
    assert_eq!(status.card_news.unwrap().method.unwrap().last4, "4242");
    assert_eq!(news(&d.on(7, "09:00").status()), None);
}

/// Day 0 is 2026-11-02.
#[test]
fn a_customer_hears_of_a_card_that_expires_until_they_have_another_one() {
    let expiry = CardExpiry { year: 2026, month: 11 };
    let expires = || Event::CardExpires { method: method_id("pm_old"), summary: None, expiry };
    let mut d = Diary::of(RetryDriver::Provider);
    d.on(3, "09:00").tell(&expires());
    let end_ms = at(29, "00:00").as_ms() - 1;
    assert_eq!(news(&d.status()), Some((CardNewsKind::ExpiresSoon, Some(end_ms))));
    d.on(5, "09:00").the_customer_gives("pm_new");
    assert_eq!(news(&d.status()), None, "nothing is left to do");
    // Nobody did anything: from the end of the month the payment itself speaks.
    d.on(6, "09:00").tell(&expires());
    assert!(news(&d.on(28, "09:00").status()).is_some());
    assert_eq!(news(&d.on(29, "09:00").status()), None);
}
