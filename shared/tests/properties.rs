//! Properties over arbitrary input: nothing realistic is assumed, so every rule must hold by
//! itself.
//!
//! The sequence is the same in every run; `PROPTEST_RNG_SEED=7` takes another one.
#![cfg(test)]

mod support;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use reprieve_core::account::{
    CLOSED_CASES_MAX, FINISHED_SETUPS_MAX, OPEN_CASES_MAX, SETTLED_INVOICES_MAX,
};
use reprieve_core::case::{Event, apply};
use reprieve_core::decline::stripe::CODES;
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::money::Money;
use reprieve_core::policy::settings::{CustomerAttempts, Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{
    ChargeOutcome, EndReason, InvoiceFact, InvoiceStatus, MethodFact, Observed, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::rate::{Bucket, RateLimit};
use reprieve_core::status;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use support::invariants::Watch;
use support::{DAY_0, account, customer, decline, failed_invoice, invoice_id, method_id, money};
use support::{setup_id, subscription_id};

fn config(cases: u32) -> ProptestConfig {
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

fn codes() -> impl Strategy<Value = &'static str> {
    select(CODES.iter().map(|row| row.code).collect::<Vec<_>>())
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (0..60 * DAY_MS).prop_map(|ms| DAY_0.plus_ms(ms))
}

/// Any sighting of one of so many invoices.
fn invoices(count: usize) -> impl Strategy<Value = InvoiceFact> {
    let statuses = [
        InvoiceStatus::Open,
        InvoiceStatus::Open,
        InvoiceStatus::Open,
        InvoiceStatus::Draft,
        InvoiceStatus::Paid,
        InvoiceStatus::Void,
        InvoiceStatus::Uncollectible,
    ];
    let is_processing = proptest::bool::weighted(0.15);
    let why = (option::of(codes()), option::of(0..3_usize), any::<bool>(), is_processing);
    let what = (0..count, option::of(0..3_usize), select(statuses.to_vec()), 0..5_u32);
    (what, option::of(moments()), why).prop_map(|(what, next_attempt_at, why)| {
        let (id, subscription, status, attempt_count) = what;
        let (code, method, needs_authentication, is_processing) = why;
        InvoiceFact {
            subscription: subscription.map(|n| subscription_id(&format!("sub_{n}"))),
            status,
            attempt_count,
            next_attempt_at,
            decline: code.map(decline),
            method: method.map(|n| MethodFact {
                id: method_id(&format!("pm_{n}")),
                summary: None,
                card: None,
            }),
            needs_authentication,
            is_processing,
            ..failed_invoice(&format!("in_{id}"))
        }
    })
}

fn subscriptions() -> impl Strategy<Value = SubscriptionFact> {
    let statuses = [
        SubscriptionStatus::Active,
        SubscriptionStatus::PastDue,
        SubscriptionStatus::Unpaid,
        SubscriptionStatus::Incomplete,
        SubscriptionStatus::Paused,
        SubscriptionStatus::Ended,
    ];
    let reasons = [EndReason::PaymentFailed, EndReason::Requested];
    let facts = (0..3_usize, select(statuses.to_vec()), option::of(select(reasons.to_vec())));
    facts.prop_map(|(n, status, end_reason)| SubscriptionFact {
        id: subscription_id(&format!("sub_{n}")),
        customer: customer(),
        status,
        end_reason,
        default_method: None,
        interval: None,
        plan: None,
        sector: None,
        life: None,
        seen_at: Timestamp::from_ms(0),
    })
}

fn outcomes() -> impl Strategy<Value = ChargeOutcome> {
    prop_oneof![
        1 => Just(ChargeOutcome::Paid),
        4 => codes().prop_map(|code| ChargeOutcome::Declined { decline: decline(code) }),
        1 => Just(ChargeOutcome::NeedsAuthentication),
        1 => Just(ChargeOutcome::Closed),
        1 => Just(ChargeOutcome::Processing),
    ]
}

/// Any event about one of so many invoices.
fn events(count: usize) -> impl Strategy<Value = Event> {
    let invoice = || (0..count).prop_map(|n| invoice_id(&format!("in_{n}")));
    let setup = || (0..4_usize).prop_map(|n| setup_id(&format!("seti_{n}")));
    let observed = select(vec![Observed::ByEvent, Observed::Live]);
    let attempt = || (invoice(), 1..4_u32);
    prop_oneof![
        8 => (invoices(count), observed)
            .prop_map(|(fact, observed)| Event::InvoiceObserved { fact, observed }),
        1 => invoice().prop_map(|invoice| Event::InvoiceReadFailed { invoice }),
        2 => subscriptions().prop_map(|fact| Event::SubscriptionObserved { fact }),
        2 => setup()
            .prop_map(|setup| Event::MethodCollected {
                setup,
                method: method_id("pm_new"),
                card: None,
            }),
        2 => setup().prop_map(|setup| Event::DefaultsSet { setup }),
        1 => setup().prop_map(|setup| Event::DefaultsFailed { setup }),
        1 => setup().prop_map(|setup| Event::DefaultsRefused { setup }),
        2 => Just(Event::RetryRequested),
        2 => option::of(invoice())
            .prop_map(|invoice| Event::AuthenticationAsked { invoice }),
        4 => (attempt(), outcomes()).prop_map(|((invoice, number), outcome)| {
            Event::AttemptFinished { invoice, number, outcome }
        }),
        1 => attempt().prop_map(|(invoice, number)| Event::AttemptUnknown { invoice, number }),
        1 => attempt().prop_map(|(invoice, number)| Event::AttemptLapsed { invoice, number }),
        4 => Just(Event::WakeReached),
    ]
}

fn waits() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0), 3 => 0..2 * HOUR_MS, 2 => 0..3 * DAY_MS]
}

fn policies() -> impl Strategy<Value = Policy> {
    let drivers = select(vec![RetryDriver::Provider, RetryDriver::Ours]);
    let numbers = (vec(0..3 * DAY_MS, 0..4), 0..4_u32, 0..20 * DAY_MS);
    (drivers, numbers).prop_map(|(retry_driver, (rungs_ms, customer_attempts_max, grace_ms))| {
        let mut settings = Settings::default();
        settings.retry.rungs = rungs_ms.into_iter().map(Rung::after_ms).collect();
        settings.customer_attempts.max = customer_attempts_max;
        settings.grace.restricted_ms = grace_ms;
        Policy::uniform(retry_driver, settings)
    })
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn every_rule_holds_after_any_event(
        policy in policies(),
        steps in vec((waits(), events(4)), 1..80),
    ) {
        let (mut account, mut watch, mut now) = (account(), Watch::new(&policy), DAY_0);
        for (wait_ms, event) in steps {
            now = now.plus_ms(wait_ms);
            let _refused = watch.apply(&mut account, &event, now);
            let status = status::of(&account, now, &policy);
            prop_assert!(status.invoices.len() <= OPEN_CASES_MAX);
        }
    }

    #[test]
    fn the_order_does_not_change_the_end_once_it_is_paid(
        facts in vec((invoices(1), any::<bool>()), 0..12),
        end in select(vec![InvoiceStatus::Paid, InvoiceStatus::Void]),
        at in 0..12_usize,
    ) {
        let (mut account, policy) = (account(), Policy::default());
        // Until its end an invoice is open or a draft.
        let mut facts: Vec<InvoiceFact> = facts
            .into_iter()
            .map(|(fact, draft)| {
                let status = if draft { InvoiceStatus::Draft } else { InvoiceStatus::Open };
                InvoiceFact { status, ..fact }
            })
            .collect();
        facts.insert(at.min(facts.len()), InvoiceFact { status: end, ..failed_invoice("in_0") });
        for fact in facts {
            let event = Event::InvoiceObserved { fact, observed: Observed::ByEvent };
            apply(&mut account, &event, DAY_0, &policy).unwrap();
        }
        prop_assert_eq!(account.open_cases().count(), 0);
        prop_assert_eq!(account.next_wake(), None);
    }

    #[test]
    fn no_moment_and_no_number_is_too_large(
        steps in vec((any::<i64>(), events(2)), 1..40),
        numbers in (any::<i64>(), any::<i64>(), any::<i64>(), any::<u32>()),
    ) {
        let (grace_ms, rung_ms, customer_window_ms, customer_attempts_max) = numbers;
        let mut settings = Settings::default();
        settings.retry.rungs = vec![Rung::after_ms(rung_ms)];
        settings.grace.restricted_ms = grace_ms;
        settings.customer_attempts =
            CustomerAttempts { max: customer_attempts_max, window_ms: customer_window_ms };
        let policy = Policy::uniform(RetryDriver::Ours, settings);
        let mut account = account();
        for (now_ms, event) in steps {
            let now = Timestamp::from_ms(now_ms);
            let _refused = apply(&mut account, &event, now, &policy);
            let _seen = status::of(&account, now, &policy);
        }
    }

    #[test]
    fn different_attempts_have_different_keys(
        one in ("in_[a-z0-9]{1,3}", 0..20_u32, option::of("pm_[a-z0-9]{1,3}")),
        other in ("in_[a-z0-9]{1,3}", 0..20_u32, option::of("pm_[a-z0-9]{1,3}")),
    ) {
        let key = |(invoice, number, method): &(String, u32, Option<String>)| {
            let method = method.as_deref().map(method_id);
            IdempotencyKey::for_payment(&invoice_id(invoice), *number, method.as_ref())
        };
        prop_assert_eq!(key(&one) == key(&other), one == other);
    }

    #[test]
    fn a_bucket_never_gives_more_than_it_holds(
        burst in 0..6_u32,
        refill_ms in 1..1_000_i64,
        gaps_ms in vec(0..1_500_i64, 1..60),
    ) {
        let limit = RateLimit { burst, refill_ms };
        let (mut bucket, mut now, mut given) = (Bucket::full(), DAY_0, 0_i64);
        for gap_ms in gaps_ms {
            now = now.plus_ms(gap_ms);
            match bucket.take(limit, now) {
                Ok(()) => given += 1,
                Err(wait_ms) => {
                    prop_assert!(wait_ms > 0);
                    let later = now.plus_ms(wait_ms);
                    let told_right = bucket.clone().take(limit, later).is_ok() || burst == 0;
                    prop_assert!(told_right, "the wait that is named is enough");
                }
            }
            let most = i64::from(burst) + now.since_ms(DAY_0) / refill_ms;
            prop_assert!(given <= most, "{given} of {most}");
        }
    }

    #[test]
    fn a_sum_is_exact_or_absent(amounts in vec(any::<i64>(), 1..6)) {
        let exact: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
        let total = Money::sum(amounts.iter().map(|amount| money(*amount, "eur")));
        if let Some(total) = total {
            prop_assert_eq!(i128::from(total.amount_minor), exact);
        }
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn the_named_limits_hold_for_a_customer_of_very_many_invoices(
        policy in policies(),
        steps in vec((waits(), events(150)), 300..500),
    ) {
        let (mut account, mut watch, mut now) = (account(), Watch::new(&policy), DAY_0);
        for (wait_ms, event) in steps {
            now = now.plus_ms(wait_ms / 100);
            let _refused = watch.apply(&mut account, &event, now);
        }
    }
}

#[test]
fn a_further_invoice_waits_until_there_is_room() {
    let (mut account, policy) = (account(), Policy::default());
    let mut see = |id: usize, status| {
        let fact = InvoiceFact { status, ..failed_invoice(&format!("in_{id}")) };
        let event = Event::InvoiceObserved { fact, observed: Observed::ByEvent };
        apply(&mut account, &event, DAY_0, &policy).unwrap();
        account.open_cases().count()
    };
    for id in 0..OPEN_CASES_MAX {
        assert_eq!(see(id, InvoiceStatus::Open), id + 1);
    }
    assert_eq!(see(OPEN_CASES_MAX, InvoiceStatus::Open), OPEN_CASES_MAX);
    assert_eq!(see(0, InvoiceStatus::Paid), OPEN_CASES_MAX - 1);
    assert_eq!(see(OPEN_CASES_MAX, InvoiceStatus::Open), OPEN_CASES_MAX);
}

#[test]
fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
    let (mut account, policy) = (account(), Policy::default());
    for id in 0..=SETTLED_INVOICES_MAX {
        let status = InvoiceStatus::Paid;
        let fact = InvoiceFact { status, ..failed_invoice(&format!("in_{id}")) };
        let event = Event::InvoiceObserved { fact, observed: Observed::ByEvent };
        apply(&mut account, &event, DAY_0, &policy).unwrap();
    }
    assert_eq!(account.settled_invoices.len(), SETTLED_INVOICES_MAX);
    assert!(!account.is_settled(&invoice_id("in_0")) && account.is_settled(&invoice_id("in_1")));
    for id in 0..=FINISHED_SETUPS_MAX {
        let setup = setup_id(&format!("seti_{id}"));
        let method = method_id("pm_new");
        for event in [
            Event::MethodCollected { setup: setup.clone(), method, card: None },
            Event::DefaultsSet { setup },
        ] {
            apply(&mut account, &event, DAY_0, &policy).unwrap();
        }
    }
    assert_eq!(account.finished_setups.len(), FINISHED_SETUPS_MAX);
    assert_eq!(account.finished_setups.front(), Some(&setup_id("seti_1")));
}

#[test]
fn the_newest_closed_cases_are_kept() {
    let (mut account, policy, mut now) = (account(), Policy::default(), DAY_0);
    for id in (0..2 * CLOSED_CASES_MAX).rev() {
        now = now.plus_ms(HOUR_MS);
        for status in [InvoiceStatus::Open, InvoiceStatus::Paid] {
            let fact = InvoiceFact { status, ..failed_invoice(&format!("in_{id:02}")) };
            let event = Event::InvoiceObserved { fact, observed: Observed::ByEvent };
            apply(&mut account, &event, now, &policy).unwrap();
        }
    }
    let kept: Vec<_> = account.cases.keys().cloned().collect();
    let newest = (0..CLOSED_CASES_MAX).map(|id| invoice_id(&format!("in_{id:02}")));
    assert_eq!(kept, newest.collect::<Vec<_>>());
}
