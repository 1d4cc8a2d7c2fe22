//! Access from facts and `now`: dated diaries, tables, and that it heals itself.
#![cfg(test)]

mod support;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use reprieve_core::account::Account;
use reprieve_core::case::{CaseState, RecoveryCase};
use reprieve_core::grace::{
    self, Access, AccessLevel, Change, GraceSettings, Left, Wording, access, access_to, countdown,
};
use reprieve_core::network::RuleId;
use reprieve_core::policy::Policy;
use reprieve_core::policy::RetryDriver;
use reprieve_core::policy::segment::Sector;
use reprieve_core::provider::{InvoiceStatus, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use support::diary::Diary;
use support::provider::Verdict::Decline;
use support::{DAY_0, at, invoice_id, subscription_id};

const STEPS: GraceSettings =
    GraceSettings { warn_ms: 2 * DAY_MS, restricted_ms: 14 * DAY_MS, ended_ms: Some(30 * DAY_MS) };

/// `in_1` of `sub_1` failed on day 0 at 09:00; its grace ends on day 14 at 09:00.
fn failed() -> Diary {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

fn level(account: &Account, now: Timestamp, settings: GraceSettings) -> AccessLevel {
    access(account, now, |_| settings).level
}

#[test]
fn access_shrinks_step_by_step() {
    let account = failed().account;
    #[rustfmt::skip]
    let table = [
        // day, clock, level, next level and its day
        (0,  "09:00", AccessLevel::Full,       Some((AccessLevel::Warn, 2))),
        (2,  "08:59", AccessLevel::Full,       Some((AccessLevel::Warn, 2))),
        (2,  "09:00", AccessLevel::Warn,       Some((AccessLevel::Restricted, 14))),
        (14, "08:59", AccessLevel::Warn,       Some((AccessLevel::Restricted, 14))),
        (14, "09:00", AccessLevel::Restricted, Some((AccessLevel::Ended, 30))),
        (30, "08:59", AccessLevel::Restricted, Some((AccessLevel::Ended, 30))),
        (30, "09:00", AccessLevel::Ended,      None),
        (99, "00:00", AccessLevel::Ended,      None),
    ];
    for (day, clock, level, next) in table {
        let found = access(&account, at(day, clock), |_| STEPS);
        let next = next.map(|(level, day)| Change { at: at(day, "09:00"), level });
        assert_eq!((found.level, found.next), (level, next), "day {day} {clock}");
    }
}

#[test]
fn every_level_has_its_rule_and_its_beginning() {
    let account = failed().account;
    let found = |day| {
        let Access { rule, since, .. } = access(&account, at(day, "09:00"), |_| STEPS);
        (rule.0, since)
    };
    assert_eq!(found(0), ("access.full", None));
    assert_eq!(found(2), ("access.invoice_open", Some(at(2, "09:00"))));
    assert_eq!(found(15), ("access.grace_over", Some(at(14, "09:00"))));
    assert_eq!(found(40), ("access.ended_after_grace", Some(at(30, "09:00"))));
}

#[test]
fn access_is_back_the_moment_the_invoice_is_paid() {
    for day in [0, 1, 13, 14, 29] {
        let mut d = failed();
        d.on(day, "12:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
        let found = access(&d.account, d.now, |_| STEPS);
        assert_eq!((found.level, found.next), (AccessLevel::Full, None), "day {day}");
        assert_eq!(grace::of(&d.account, d.now, &d.policy).level, AccessLevel::Full);
    }
}

#[test]
fn the_plain_rule_is_a_warning_until_grace_ends() {
    let account = failed().account;
    for (day, clock, expected) in [
        (0, "09:00", AccessLevel::Warn),
        (14, "08:59", AccessLevel::Warn),
        (14, "09:00", AccessLevel::Restricted),
        (400, "00:00", AccessLevel::Restricted),
    ] {
        assert_eq!(grace::of(&account, at(day, clock), &Policy::default()).level, expected);
    }
    assert_eq!(grace::of(&support::account(), DAY_0, &Policy::default()).level, AccessLevel::Full);
}

#[test]
fn the_worst_invoice_decides() {
    let mut d = failed();
    d.also_owes("in_2", 500, "eur").on(3, "09:00").the_provider_tries("in_2");
    let found = |day| access(&d.account, at(day, "09:00"), |_| STEPS);
    assert_eq!(found(4).level, AccessLevel::Warn);
    assert_eq!(found(4).since, Some(at(2, "09:00")), "since the first of them");
    assert_eq!(found(14).level, AccessLevel::Restricted);
    d.on(14, "10:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
    let found = access(&d.account, d.now, |_| STEPS);
    assert_eq!(found.level, AccessLevel::Warn, "the other one has three days left");
    assert_eq!(found.next.unwrap().at, at(17, "09:00"));
}

#[test]
fn each_case_has_the_grace_of_its_segment() {
    let mut d = failed();
    d.also_owes("in_2", 500, "eur").the_provider_tries("in_2");
    let short = GraceSettings { ended_ms: Some(0), ..STEPS };
    let of = |case: &RecoveryCase| {
        if case.invoice == invoice_id("in_2") { short } else { STEPS }
    };
    // Ended after nothing at all is still not before the promised end of grace.
    assert_eq!(access(&d.account, at(13, "09:00"), of).level, AccessLevel::Warn);
    assert_eq!(access(&d.account, at(14, "09:00"), of).level, AccessLevel::Ended);
    let first = access_to(&d.account, &subscription_id("sub_1"), at(14, "09:00"), of);
    assert_eq!(first.level, AccessLevel::Restricted);
    let second = access_to(&d.account, &subscription_id("sub_of_in_2"), at(14, "09:00"), of);
    assert_eq!(second.level, AccessLevel::Ended);
    let other = access_to(&d.account, &subscription_id("sub_3"), at(14, "09:00"), of);
    assert_eq!(other.level, AccessLevel::Full);
}

#[test]
fn a_promise_is_kept_whatever_the_settings_say_later() {
    let account = failed().account;
    let strict = GraceSettings { warn_ms: 0, restricted_ms: DAY_MS, ended_ms: Some(2 * DAY_MS) };
    assert_eq!(level(&account, at(13, "09:00"), strict), AccessLevel::Warn);
    let late = GraceSettings { warn_ms: 20 * DAY_MS, ..STEPS };
    assert_eq!(level(&account, at(14, "09:00"), late), AccessLevel::Restricted);
    let negative = GraceSettings { warn_ms: i64::MIN, ended_ms: Some(i64::MIN), ..STEPS };
    assert_eq!(level(&account, at(0, "09:00"), negative), AccessLevel::Warn);
}

#[test]
fn the_end_of_the_subscription_ends_access() {
    let mut d = failed();
    d.on(1, "09:00").the_provider_gives_up_on("sub_1");
    let found = access(&d.account, d.now, |_| STEPS);
    assert_eq!(
        (found.level, found.rule),
        (AccessLevel::Ended, RuleId("access.subscription_ended"))
    );
    let sub_1 = subscription_id("sub_1");
    assert_eq!(access_to(&d.account, &sub_1, d.now, |_| STEPS).level, AccessLevel::Ended);
    d.also_owes("in_2", 500, "eur");
    d.the_subscription_is("sub_of_in_2", SubscriptionStatus::Active);
    assert_eq!(level(&d.account, d.now, STEPS), AccessLevel::Full);
    assert_eq!(access_to(&d.account, &sub_1, d.now, |_| STEPS).level, AccessLevel::Ended);
}

#[test]
fn a_countdown_never_promises_more_than_there_is() {
    let account = failed().account;
    let settings = GraceSettings { warn_ms: 0, ..STEPS };
    #[rustfmt::skip]
    let table = [
        // before the end of grace, shown, whole days, whole hours
        (14 * DAY_MS,               Left::Days(14), 14, 336),
        (2 * DAY_MS,                Left::Days(2),  2,  48),
        (2 * DAY_MS - 1,            Left::Hours(47), 1, 47),
        (25 * HOUR_MS,              Left::Hours(25), 1, 25),
        (HOUR_MS,                   Left::Hours(1), 0,  1),
        (HOUR_MS - 1,               Left::Minutes,  0,  0),
        (MINUTE_MS,                 Left::Minutes,  0,  0),
        (1,                         Left::Minutes,  0,  0),
    ];
    for (left_ms, shown, days, hours) in table {
        let now = at(14, "09:00").plus_ms(-left_ms);
        let found = countdown(&access(&account, now, |_| settings), Sector::Game, now).unwrap();
        let left = (found.left_ms, found.shown, found.days_left, found.hours_left);
        assert_eq!(left, (left_ms, shown, days, hours));
        assert_eq!((found.until, found.then), (at(14, "09:00"), AccessLevel::Restricted));
        assert_eq!(found.wording, Wording::KeepPlaying);
    }
}

#[test]
fn there_is_a_countdown_only_where_something_ends() {
    let account = failed().account;
    let at_day = |day, settings: GraceSettings| {
        let now = at(day, "09:00");
        countdown(&access(&account, now, |_| settings), Sector::Consumer, now)
    };
    // Before the warning nothing is said; nor after the last step.
    assert_eq!(at_day(0, STEPS), None);
    assert_eq!(at_day(31, STEPS), None);
    assert_eq!(at_day(20, GraceSettings { ended_ms: None, ..STEPS }), None);
    let to_the_end = at_day(20, STEPS).unwrap();
    assert_eq!((to_the_end.then, to_the_end.days_left), (AccessLevel::Ended, 10));
    assert_eq!(to_the_end.wording, Wording::KeepUsing);
    assert_eq!(Wording::of(Sector::B2b), Wording::ServiceContinues);
}

fn config(cases: u32) -> ProptestConfig {
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

fn settings() -> impl Strategy<Value = GraceSettings> {
    let days = || (0..40_i64).prop_map(|days| days * DAY_MS);
    (days(), days(), proptest::option::of(days())).prop_map(|(warn_ms, restricted_ms, ended_ms)| {
        GraceSettings { warn_ms, restricted_ms, ended_ms }
    })
}

/// An account with some cases, opened on some days, each with a grace period of its own.
fn accounts() -> impl Strategy<Value = Account> {
    let case = (0..20_i64, 0..30_i64, 0..9_usize);
    proptest::collection::vec(case, 0..5).prop_map(|cases| {
        let base = failed().account;
        let one = base.cases.values().next().unwrap().clone();
        let mut account = support::account();
        for (n, (opened, grace, state)) in cases.into_iter().enumerate() {
            let opened_at = DAY_0.plus_ms(opened * DAY_MS);
            let invoice = invoice_id(&format!("in_{n}"));
            account.cases.insert(
                invoice.clone(),
                RecoveryCase {
                    invoice,
                    opened_at,
                    grace_ends_at: opened_at.plus_ms(grace * DAY_MS),
                    state: CaseState::ALL[state],
                    ..one.clone()
                },
            );
        }
        account
    })
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn time_alone_only_shrinks_and_says_so_beforehand(
        account in accounts(),
        settings in settings(),
        hour in 0..60 * 24_i64,
        later in 0..60 * 24_i64,
    ) {
        let now = DAY_0.plus_ms(hour * HOUR_MS);
        let then = now.plus_ms(later * HOUR_MS);
        let found = access(&account, now, |_| settings);
        prop_assert!(level(&account, then, settings) >= found.level);
        prop_assert!(found.since.is_none_or(|since| since <= now));
        match found.next {
            Some(next) => {
                prop_assert!(next.at > now && next.level > found.level);
                prop_assert_eq!(level(&account, next.at.plus_ms(-1), settings), found.level);
                prop_assert_eq!(level(&account, next.at, settings), next.level);
            }
            None => prop_assert_eq!(level(&account, then, settings), found.level),
        }
    }

    #[test]
    fn it_heals_when_all_is_closed(account in accounts(), settings in settings()) {
        let mut account = account;
        account.cases.values_mut().for_each(|case| case.state = CaseState::Recovered);
        for day in [0, 20, 90] {
            prop_assert_eq!(level(&account, at(day, "00:00"), settings), AccessLevel::Full);
        }
    }

    #[test]
    fn an_invoice_more_never_gives_more_access(
        account in accounts(),
        settings in settings(),
        hour in 0..60 * 24_i64,
    ) {
        let now = DAY_0.plus_ms(hour * HOUR_MS);
        let with_all = level(&account, now, settings);
        let mut fewer = account;
        fewer.cases.pop_first();
        prop_assert!(level(&fewer, now, settings) <= with_all);
    }
}
