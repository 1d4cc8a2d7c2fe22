//! What a policy decides: which segment, which version, who charges.
#![cfg(test)]

mod support;

use reprieve_core::case;
use reprieve_core::money::{Currency, Money};
use reprieve_core::policy::file::PolicyFile;
use reprieve_core::policy::segment::{Country, Interval, Sector, SegmentFacts};
use reprieve_core::policy::settings::{Rung, Settings};
use reprieve_core::policy::{HistoryError, OLDER_VERSIONS_MAX, Policy, RetryDriver};
use reprieve_core::time::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};
use support::diary::Diary;
use support::invoice_id;
use support::provider::Verdict::Decline;

fn policy(file: Value) -> Policy {
    let file: PolicyFile = serde_json::from_value(file).expect("the form of a file");
    file.validate().unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A policy of that version whose one rung comes after so many days.
fn one_rung(version: u32, days: u32) -> Policy {
    let retry = json!({ "rungs": [{ "delay": format!("{days} days") }] });
    let segments = json!([{ "name": "default", "retry": retry }]);
    policy(json!({ "version": version, "driver": "ours", "segments": segments }))
}

#[test]
fn the_default_is_what_a_company_could_start_with() {
    let policy = Policy::default();
    assert_eq!((policy.version(), policy.retry_driver()), (1, RetryDriver::Provider));
    let settings = policy.settings();
    let delays: Vec<i64> = settings.retry.rungs.iter().map(|rung| rung.delay_ms).collect();
    assert_eq!(delays, [1, 2, 2, 2, 3, 3].map(|days| days * DAY_MS));
    assert_eq!(settings.grace.restricted_ms, 14 * DAY_MS);
    assert_eq!((settings.grace.warn_ms, settings.grace.ended_ms), (0, None));
    assert_eq!(settings.customer_attempts.max, 4);
    assert_eq!(settings.customer_attempts.window_ms, 24 * HOUR_MS);
    assert!(settings.limit_overrides().is_empty() && !policy.learned_timing().enabled);
    let names: Vec<&str> = policy.segments().map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["game", "business", "annual", "default"]);
}

#[test]
fn the_first_segment_that_fits_decides() {
    let policy = Policy::default();
    let nothing = SegmentFacts::default();
    let yearly = SegmentFacts { interval: Some(Interval::Year), ..nothing };
    let b2b = SegmentFacts { sector: Some(Sector::B2b), ..nothing };
    let both = SegmentFacts { sector: Some(Sector::B2b), ..yearly };
    let monthly_game =
        SegmentFacts { sector: Some(Sector::Game), interval: Some(Interval::Month), ..nothing };
    for (facts, name) in [
        (nothing, "default"),
        (yearly, "annual"),
        (b2b, "business"),
        (both, "business"),
        (monthly_game, "game"),
        (SegmentFacts { interval: Some(Interval::Month), ..nothing }, "default"),
    ] {
        assert_eq!(policy.segment(&facts).name, name, "{facts:?}");
        assert_eq!(policy.segment_named(name), policy.segment(&facts));
    }
    assert_eq!(policy.segment_named("gone").name, "default");
}

#[test]
fn every_condition_of_a_segment_must_hold() {
    let conditions = json!({
        "interval": "month",
        "sector": "consumer",
        "regions": ["DE", "fr"],
        "plan": { "currency": "EUR", "from_minor": 1000, "below_minor": 5000 },
    });
    let segments = json!([{ "name": "dear", "match": conditions }, { "name": "default" }]);
    let policy = policy(json!({ "version": 1, "segments": segments }));
    let euro = Currency::parse("eur").unwrap();
    let fitting = SegmentFacts {
        interval: Some(Interval::Month),
        sector: Some(Sector::Consumer),
        plan: Some(Money { amount_minor: 1000, currency: euro }),
        region: Country::parse("FR"),
    };
    let name = |facts: SegmentFacts| policy.segment(&facts).name.clone();
    assert_eq!(name(fitting), "dear");
    let plan = |amount_minor| Some(Money { amount_minor, currency: euro });
    for other in [
        SegmentFacts { interval: Some(Interval::Other), ..fitting },
        SegmentFacts { sector: None, ..fitting },
        SegmentFacts { plan: plan(999), ..fitting },
        SegmentFacts { plan: plan(5000), ..fitting },
        SegmentFacts { region: Country::parse("AT"), ..fitting },
    ] {
        assert_eq!(name(other), "default", "{other:?}");
    }
}

#[test]
fn a_case_keeps_the_ladder_that_it_started_with() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d.policy = one_rung(7, 2);
    d.on(0, "09:00").the_provider_tries("in_1");
    let at = |d: &Diary, invoice: &str| {
        let case = &d.account.cases[&invoice_id(invoice)];
        case::planned(case).map(|at| at.since_ms(case.failed_at) / DAY_MS)
    };
    assert_eq!(at(&d, "in_1"), Some(2));

    // The next day the merchant wants five days; the old version is kept beside it.
    d.policy = one_rung(8, 5).with_older(vec![d.policy.clone()]).unwrap();
    d.also_owes("in_2", 500, "eur").on(1, "09:00").the_provider_tries("in_2");
    assert_eq!(d.account.cases[&invoice_id("in_1")].policy_version, 7);
    assert_eq!(d.account.cases[&invoice_id("in_2")].policy_version, 8);
    assert_eq!((at(&d, "in_1"), at(&d, "in_2")), (Some(2), Some(5)));

    // A version that nobody kept: what was planned stands, what comes follows the policy of today.
    d.policy = one_rung(9, 3);
    assert_eq!((at(&d, "in_1"), at(&d, "in_2")), (Some(2), Some(5)));
    d.on(1, "10:00").the_provider_tries("in_1");
    assert_eq!((at(&d, "in_1"), at(&d, "in_2")), (Some(3), Some(5)));
}

#[test]
fn who_charges_is_never_a_matter_of_the_past() {
    let old = one_rung(1, 2);
    assert_eq!(old.retry_driver(), RetryDriver::Ours);
    let today = one_rung(2, 3).driven_by(RetryDriver::Provider).with_older(vec![old]).unwrap();
    assert_eq!(today.at_version(1).retry_driver(), RetryDriver::Provider);
    assert_eq!(today.at_version(1).settings().retry.rungs, [Rung::after_ms(2 * DAY_MS)]);
    let ours = today.driven_by(RetryDriver::Ours);
    assert_eq!(ours.at_version(1).retry_driver(), RetryDriver::Ours);
    assert_eq!(ours.at_version(2).version(), 2);
    assert_eq!(ours.at_version(0).version(), 2, "older than versions");
}

#[test]
fn a_history_has_each_version_once_and_none_of_the_future() {
    let today = || one_rung(9, 1);
    let with = |versions: &[u32]| {
        let older = versions.iter().map(|version| one_rung(*version, 2)).collect();
        today().with_older(older).map(|policy| policy.at_version(3).version())
    };
    assert_eq!(with(&[5, 3, 8]), Ok(3));
    assert_eq!(with(&[]), Ok(9));
    assert_eq!(with(&[3, 3]), Err(HistoryError::Version { version: 3 }));
    assert_eq!(with(&[3, 9]), Err(HistoryError::Version { version: 9 }));
    assert_eq!(with(&[10]), Err(HistoryError::Version { version: 10 }));
    let many = vec![one_rung(1, 1); OLDER_VERSIONS_MAX + 1];
    assert_eq!(today().with_older(many), Err(HistoryError::TooMany));
    // What an older policy itself carried along is not looked at: there is one history.
    let nested = one_rung(8, 1).with_older(vec![one_rung(3, 1)]).unwrap();
    assert_eq!(today().with_older(vec![nested]).unwrap().at_version(3).version(), 9);
}

#[test]
fn one_policy_for_everybody_has_one_segment() {
    let policy = Policy::uniform(RetryDriver::Ours, Settings::default());
    assert_eq!(policy.segments().count(), 1);
    let game = SegmentFacts { sector: Some(Sector::Game), ..SegmentFacts::default() };
    assert_eq!(&policy.segment(&game).settings, policy.settings());
}
