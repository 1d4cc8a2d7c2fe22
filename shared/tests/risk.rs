//! Churn risk: examples a person would agree with, and that no bad news ever lowers it.
#![cfg(test)]

mod support;

use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::InvoiceStatus;
use reprieve_core::risk::weights::When;
use reprieve_core::risk::{
    Basis, BesideRisk, Factor, RiskFacts, SCORE_MAX, Usage, WEIGHTS, WEIGHTS_VERSION, facts_of,
    score,
};
use reprieve_core::time::DAY_MS;
use std::collections::BTreeSet;
use support::at;
use support::diary::Diary;
use support::provider::Verdict::Decline;

/// A customer of two years in good standing, of whom everything is known.
fn settled() -> RiskFacts {
    RiskFacts {
        failed_invoices: Some(0),
        open_days: Some(0),
        open_attempts: Some(0),
        needs_customer: Some(false),
        revoked: Some(false),
        card_expires_in_days: Some(400),
        prepaid: Some(false),
        backup_card: Some(false),
        tenure_days: Some(300),
        long_renewal_in_days: Some(200),
        downgrades: Some(0),
        pauses: Some(0),
        cancel_attempts: Some(0),
        complaint_open: Some(false),
        usage: Some(Usage { sessions: 20, sessions_before: 20 }),
    }
}

fn reasons(facts: &RiskFacts) -> Vec<(Factor, i32)> {
    score(facts).reasons.iter().map(|reason| (reason.factor, reason.points)).collect()
}

#[test]
fn a_customer_in_good_standing_has_no_score() {
    let risk = score(&settled());
    assert_eq!((risk.score, risk.reasons.len(), risk.unknown.len()), (0, 0, 0));
    assert_eq!((risk.basis, risk.weights_version), (Basis::Prior, WEIGHTS_VERSION));
    assert!(risk.basis.sentence().contains("not a probability"));
}

#[test]
fn of_whom_nothing_is_known_nothing_is_said() {
    let risk = score(&RiskFacts::default());
    assert_eq!((risk.score, risk.reasons.len()), (0, 0));
    assert_eq!(risk.unknown.len(), WEIGHTS.len());
}

#[test]
fn the_heaviest_reason_comes_first() {
    let facts = RiskFacts {
        failed_invoices: Some(2),
        open_days: Some(8),
        open_attempts: Some(3),
        needs_customer: Some(true),
        card_expires_in_days: Some(0),
        tenure_days: Some(800),
        ..settled()
    };
    let expected = [
        (Factor::OpenDays, 160),
        (Factor::CardExpiry, 150),
        (Factor::NeedsCustomer, 90),
        (Factor::FailedInvoices, 90),
        (Factor::LongCustomer, -60),
        (Factor::OpenAttempts, 40),
    ];
    assert_eq!(reasons(&facts), expected);
    assert_eq!(score(&facts).score, 160 + 150 + 90 + 90 - 60 + 40);
    let sentences: Vec<String> =
        score(&facts).reasons.iter().map(|reason| reason.sentence()).collect();
    assert_eq!(
        sentences,
        [
            "An invoice is open for 8 days.",
            "Days until the card expires: 0.",
            "The open invoice waits for the customer.",
            "2 invoices failed within a year.",
            "Days since the first payment: 800.",
            "3 attempts on the open invoice were declined.",
        ]
    );
}

#[test]
fn use_that_declines_is_a_reason_and_use_that_grows_is_none() {
    let used = |sessions, sessions_before| {
        reasons(&RiskFacts { usage: Some(Usage { sessions, sessions_before }), ..settled() })
    };
    assert_eq!(used(20, 10), []);
    assert_eq!(used(76, 100), []);
    assert_eq!(used(75, 100), [(Factor::UsageDecline, 60)]);
    assert_eq!(used(50, 100), [(Factor::UsageDecline, 140)]);
    assert_eq!(used(0, 100), [(Factor::UsageDecline, 220), (Factor::Unused, 120)]);
    assert_eq!(used(0, 0), [(Factor::Unused, 120)]);
    let all = Usage { sessions: 0, sessions_before: u32::MAX };
    assert_eq!(all.decline_percent(), 100);
}

#[test]
fn the_worst_of_all_has_the_highest_score_and_no_more() {
    let facts = RiskFacts {
        failed_invoices: Some(9),
        open_days: Some(90),
        open_attempts: Some(20),
        needs_customer: Some(true),
        revoked: Some(true),
        card_expires_in_days: Some(0),
        prepaid: Some(true),
        tenure_days: Some(3),
        long_renewal_in_days: Some(1),
        downgrades: Some(5),
        pauses: Some(5),
        cancel_attempts: Some(5),
        complaint_open: Some(true),
        usage: Some(Usage { sessions: 0, sessions_before: 50 }),
        ..settled()
    };
    let risk = score(&facts);
    assert_eq!(risk.score, SCORE_MAX);
    assert_eq!(risk.reasons.len(), WEIGHTS.len() - 2, "all but long custom and a second card");
}

#[test]
fn the_table_is_in_order() {
    let mut seen = BTreeSet::new();
    for weight in WEIGHTS {
        assert!(seen.insert(weight.factor), "{:?} is there twice", weight.factor);
        assert!(!weight.why.is_empty());
        for pair in weight.steps.windows(2) {
            // The first step that holds counts, so the strictest comes first and weighs most.
            let stricter = match weight.when {
                When::AtLeast => pair[0].0 > pair[1].0,
                When::AtMost => pair[0].0 < pair[1].0,
            };
            assert!(stricter && pair[0].1.abs() > pair[1].1.abs(), "{:?}", weight.factor);
        }
        let names: BTreeSet<_> = WEIGHTS.iter().map(|weight| weight.factor.as_str()).collect();
        assert_eq!(names.len(), WEIGHTS.len());
    }
}

#[test]
fn what_an_account_knows_is_taken_from_it() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let beside = BesideRisk {
        card_expires_at: Some(at(5, "00:00")),
        customer_since: Some(at(-10, "09:00")),
        long_renewal_at: Some(at(-1, "00:00")),
        complaint_open: Some(false),
        ..BesideRisk::default()
    };
    let facts = facts_of(&d.account, &beside, at(4, "10:00"));
    let expected = RiskFacts {
        failed_invoices: Some(1),
        open_days: Some(4),
        open_attempts: Some(1),
        needs_customer: Some(true),
        revoked: Some(false),
        card_expires_in_days: Some(0),
        tenure_days: Some(14),
        // It has passed; what comes next is not known.
        long_renewal_in_days: None,
        complaint_open: Some(false),
        ..RiskFacts::default()
    };
    assert_eq!(facts, expected);
    d.on(4, "10:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
    let facts = facts_of(&d.account, &beside, d.now);
    let open = (facts.failed_invoices, facts.open_days, facts.open_attempts, facts.needs_customer);
    assert_eq!(open, (Some(1), Some(0), Some(0), Some(false)));
    let long_ago = d.now.plus_ms(366 * DAY_MS);
    assert_eq!(facts_of(&d.account, &beside, long_ago).failed_invoices, Some(0));
}

#[test]
fn a_revocation_is_seen() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("revocation_of_authorization")]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let facts = facts_of(&d.account, &BesideRisk::default(), d.now);
    assert_eq!(facts.revoked, Some(true));
    assert_eq!(reasons(&facts)[0], (Factor::Revoked, 350));
}

fn config(cases: u32) -> ProptestConfig {
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

fn numbers(max: u32) -> impl Strategy<Value = Option<u32>> {
    option::of(prop_oneof![4 => 0..max, 1 => any::<u32>()])
}

fn facts() -> impl Strategy<Value = RiskFacts> {
    let flag = || option::of(any::<bool>());
    let usage = option::of((0..60_u32, 0..60_u32));
    let numbers_of_invoices = (numbers(8), numbers(40), numbers(12));
    let of_card = (flag(), flag(), numbers(100), flag(), flag());
    let of_plan = (numbers(2_000), numbers(100), numbers(4), numbers(4), numbers(5), flag());
    (numbers_of_invoices, of_card, of_plan, usage).prop_map(|(invoices, card, plan, usage)| {
        RiskFacts {
            failed_invoices: invoices.0,
            open_days: invoices.1,
            open_attempts: invoices.2,
            needs_customer: card.0,
            revoked: card.1,
            card_expires_in_days: card.2,
            prepaid: card.3,
            backup_card: card.4,
            tenure_days: plan.0,
            long_renewal_in_days: plan.1,
            downgrades: plan.2,
            pauses: plan.3,
            cancel_attempts: plan.4,
            complaint_open: plan.5,
            usage: usage.map(|(sessions, sessions_before)| Usage { sessions, sessions_before }),
        }
    })
}

/// The same facts with one of them worse.
fn worse(facts: RiskFacts, which: usize, by: u32) -> RiskFacts {
    let more = |value: Option<u32>| value.map(|value| value.saturating_add(by));
    let less = |value: Option<u32>| value.map(|value| value.saturating_sub(by));
    let yes = |value: Option<bool>| value.map(|_| true);
    let mut f = facts;
    match which {
        0 => f.failed_invoices = more(f.failed_invoices),
        1 => f.open_days = more(f.open_days),
        2 => f.open_attempts = more(f.open_attempts),
        3 => f.needs_customer = yes(f.needs_customer),
        4 => f.revoked = yes(f.revoked),
        5 => f.card_expires_in_days = less(f.card_expires_in_days),
        6 => f.prepaid = yes(f.prepaid),
        7 => f.backup_card = f.backup_card.map(|_| false),
        8 => f.tenure_days = less(f.tenure_days),
        9 => f.long_renewal_in_days = less(f.long_renewal_in_days),
        10 => f.downgrades = more(f.downgrades),
        11 => f.pauses = more(f.pauses),
        12 => f.cancel_attempts = more(f.cancel_attempts),
        13 => f.complaint_open = yes(f.complaint_open),
        14 => {
            let fewer =
                |usage: Usage| Usage { sessions: usage.sessions.saturating_sub(by), ..usage };
            f.usage = f.usage.map(fewer);
        }
        _ => {
            let fell = |usage: Usage| {
                let sessions_before = usage.sessions_before.saturating_add(by);
                Usage { sessions_before, ..usage }
            };
            f.usage = f.usage.map(fell);
        }
    }
    f
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn bad_news_never_lowers_the_score(facts in facts(), which in 0..16_usize, by in 0..60_u32) {
        let (before, after) = (score(&facts), score(&worse(facts, which, by)));
        prop_assert!(after.score >= before.score, "{before:?} {after:?}");
    }

    #[test]
    fn the_points_add_up_and_stand_in_order(facts in facts()) {
        let risk = score(&facts);
        let sum: i32 = risk.reasons.iter().map(|reason| reason.points).sum();
        prop_assert_eq!(i64::from(risk.score), i64::from(sum).clamp(0, i64::from(SCORE_MAX)));
        let weights: Vec<u32> = risk.reasons.iter().map(|one| one.points.unsigned_abs()).collect();
        prop_assert!(weights.is_sorted_by(|a, b| a >= b));
        for factor in &risk.unknown {
            prop_assert!(risk.reasons.iter().all(|reason| reason.factor != *factor));
        }
        for reason in &risk.reasons {
            let sentence = reason.sentence();
            let whole = sentence.ends_with('.') && !sentence.contains(['{', '}']);
            prop_assert!(whole, "a sentence with its number");
        }
    }
}
