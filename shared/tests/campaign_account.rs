//! From an account to what is sent: the facts that a campaign takes from it.
#![cfg(test)]

mod support;

use reprieve_core::api::status::Remedy;
use reprieve_core::campaign::{
    Address, Anchor, Beside, Campaign, Channel, ChannelFacts, Coming, Consent, Facts, Matter,
    NoticeDecision, PriceConsent, REASON_BYTES_MAX, SentLog, Standing, due, facts_of, standard,
};
use reprieve_core::case::{self, CaseState, Event};
use reprieve_core::decline::Category;
use reprieve_core::id::SubscriptionId;
use reprieve_core::network::Network;
use reprieve_core::policy::RetryDriver;
use reprieve_core::policy::segment::Sector;
use reprieve_core::provider::{InvoiceStatus, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use support::diary::Diary;
use support::provider::Verdict::{Authenticate, Decline};
use support::{at, method_id, money, setup_id, subscription_id};

fn facts(d: &Diary, beside: Beside) -> Facts {
    facts_of(&d.account, beside, d.now, case::planned)
}

fn beside(coming: Vec<Coming>) -> Beside {
    Beside { coming, ..Beside::nothing(Sector::Consumer) }
}

fn failed(code: &'static str) -> Diary {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline(code)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

#[test]
fn a_case_becomes_a_subject() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.provider.schedule_ms = vec![3 * DAY_MS];
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let facts = facts(&d, beside(vec![]));
    assert_eq!(facts.subjects.len(), 1);
    let subject = &facts.subjects[0];
    assert_eq!((subject.id.as_str(), subject.standing), ("in_1", Standing::Running));
    assert_eq!((subject.amount, subject.network), (Some(money(1900, "eur")), Network::Visa));
    let case = subject.case().unwrap();
    assert_eq!((case.opened_at, case.attempts), (at(0, "09:00"), 1));
    assert_eq!(case.category, Some(Category::InsufficientFunds));
    assert_eq!((case.remedy, case.state), (Remedy::Wait, CaseState::Scheduled));
    assert_eq!(case.next_attempt_at, Some(at(3, "09:00")));
    assert_eq!(subject.anchor(Anchor::GraceEnd), Some(at(14, "09:00")));
    assert!(!facts.charge_under_way);
}

#[test]
fn a_bank_that_asks_is_the_remedy() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Authenticate]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let facts = facts(&d, beside(vec![]));
    assert_eq!(facts.subjects[0].case().unwrap().remedy, Remedy::Authenticate);
}

#[test]
fn the_subscription_s_life_is_the_subject_s_standing() {
    let standing = |d: &Diary, ending: Vec<SubscriptionId>| {
        let beside = Beside { ending, ..beside(vec![]) };
        facts(d, beside).subjects.first().map(|subject| subject.standing)
    };
    let mut d = failed("expired_card");
    assert_eq!(standing(&d, vec![]), Some(Standing::Running));
    assert_eq!(standing(&d, vec![subscription_id("sub_1")]), Some(Standing::Canceled));
    d.on(0, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Paused);
    assert_eq!(standing(&d, vec![]), Some(Standing::Paused));
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    assert_eq!(standing(&d, vec![]), Some(Standing::Canceled));
}

#[test]
fn a_card_on_its_way_is_a_charge_under_way() {
    let mut d = failed("expired_card");
    d.on(0, "10:00");
    d.take(&Event::MethodCollected {
        setup: setup_id("seti_1"),
        method: method_id("pm_new"),
        card: None,
    });
    assert!(facts(&d, beside(vec![])).charge_under_way);
}

#[test]
fn a_closed_case_is_looked_at_for_a_while() {
    let mut d = failed("expired_card");
    d.on(1, "09:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
    for (day, expected) in [(1, 1), (15, 1), (16, 0)] {
        d.on(day, "09:00");
        assert_eq!(facts(&d, beside(vec![])).subjects.len(), expected, "day {day}");
    }
}

fn charge(of: &str) -> Coming {
    Coming::Charge {
        of: subscription_id(of),
        at: at(30, "00:00"),
        amount: money(1900, "eur"),
        network: Network::Visa,
        interval_months: Some(12),
    }
}

#[test]
fn what_is_coming_becomes_subjects() {
    let d = Diary::of(RetryDriver::Provider);
    let card = |year, month| Coming::CardExpiry {
        method: method_id("pm_1"),
        network: Network::Visa,
        year,
        month,
    };
    let reason = "ä".repeat(REASON_BYTES_MAX);
    let coming = vec![
        card(2026, 12),
        card(2028, 2),
        card(2026, 13),
        card(2026, 0),
        Coming::CardUpdate { method: method_id("pm_1"), at: at(0, "01:00") },
        charge("sub_1"),
        Coming::Trial {
            of: subscription_id("sub_1"),
            ends_at: at(20, "00:00"),
            length_ms: Some(30 * DAY_MS),
            amount: Some(money(500, "eur")),
            network: Network::Mastercard,
        },
        Coming::Price {
            of: subscription_id("sub_1"),
            effective_at: at(60, "00:00"),
            amount: money(2500, "eur"),
            network: Network::Visa,
            reason: Some(reason),
            consent: PriceConsent::Needed,
        },
    ];
    let facts = facts(&d, beside(coming));
    let ids: Vec<&str> = facts.subjects.iter().map(|subject| subject.id.as_str()).collect();
    let expected = [
        // 2026-12-31T23:59:59.999Z and 2028-02-29T23:59:59.999Z
        "pm_1@1798761599999",
        "pm_1@1835481599999",
        "pm_1@1793581200000",
        "sub_1@1796169600000",
        "sub_1@1795305600000",
        "sub_1@1798761600000",
    ];
    assert_eq!(ids, expected, "months that do not exist are left out");
    let Matter::Price { reason: Some(reason), .. } = &facts.subjects[5].matter else {
        panic!("a price with its reason");
    };
    assert_eq!(reason.len(), REASON_BYTES_MAX);
    assert_eq!(facts.subjects[3].interval_months, Some(12));
}

#[test]
fn a_card_matters_while_one_subscription_goes_on() {
    let mut d = failed("expired_card");
    d.also_owes("in_2", 500, "eur");
    d.the_subscription_is("sub_of_in_2", SubscriptionStatus::Active);
    let card = || Coming::CardUpdate { method: method_id("pm_1"), at: at(0, "01:00") };
    let standing = |d: &Diary| {
        let facts = facts(d, beside(vec![card()]));
        facts.subjects.last().unwrap().standing
    };
    assert_eq!(standing(&d), Standing::Running);
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    assert_eq!(standing(&d), Standing::Running);
    d.the_subscription_is("sub_of_in_2", SubscriptionStatus::Paused);
    assert_eq!(standing(&d), Standing::Paused);
    d.the_subscription_is("sub_of_in_2", SubscriptionStatus::Ended);
    assert_eq!(standing(&d), Standing::Canceled);
}

/// The whole way: the account of a diary, and what its customer gets.
struct Post {
    campaign: Campaign,
    log: SentLog,
    lines: Vec<String>,
}

impl Post {
    fn round(&mut self, d: &Diary, now: Timestamp) {
        let email = ChannelFacts {
            channel: Channel::Email,
            address: Address::Known,
            consent: Consent::NotAsked,
            reacted_at: None,
        };
        let beside = Beside { channels: vec![email], ..beside(vec![]) };
        let facts = facts(d, beside);
        for decision in due(&facts, &self.log, now, &self.campaign) {
            self.log.record(decision.log_entry(now).unwrap());
            let NoticeDecision { kind, channel, .. } = decision;
            self.lines.push(format!("{} {}", channel.as_str(), kind.as_str()));
        }
    }
}

#[test]
fn from_the_decline_to_the_thanks() {
    let mut d = failed("expired_card");
    let mut post = Post { campaign: standard(), log: SentLog::default(), lines: vec![] };
    let hours = |from: i64, to: i64| (from..to).map(|hour| at(0, "09:00").plus_ms(hour * HOUR_MS));
    let mut clock = hours(0, 4 * 24);
    let mut go = |d: &mut Diary, post: &mut Post, count: usize| {
        for now in clock.by_ref().take(count) {
            let (day, hour) = ((now.since_ms(at(0, "00:00"))) / DAY_MS, now.as_ms() / HOUR_MS % 24);
            d.on(day, &format!("{hour:02}:00"));
            post.round(d, now);
        }
    };
    go(&mut d, &mut post, 73);
    d.the_customer_gives("pm_new");
    go(&mut d, &mut post, 20);
    let expected = [
        "in_app payment_failed",
        "email payment_failed",
        "email payment_reminder",
        "email recovered",
    ];
    assert_eq!(post.lines, expected);
}
