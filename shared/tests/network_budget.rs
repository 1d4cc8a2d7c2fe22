//! The networks' limits, one sentence each.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests stop where they break")]

use proptest::prelude::*;
use reprieve_core::decline::Category;
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::{
    AttemptBy, BudgetQuery, CardAttempt, Initiator, LimitOverride, Network, RuleId, Verdict, budget,
};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

const CARD: &str = "fp_1";

/// 2026-11-01T00:00:00Z.
fn start() -> Timestamp {
    Timestamp::from_seconds(1_793_491_200)
}

fn at(ms: i64) -> Timestamp {
    start().plus_ms(ms)
}

fn euros(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::parse("eur").unwrap() }
}

fn declined(network: Network, ms: i64) -> CardAttempt {
    CardAttempt {
        at: at(ms),
        card: CARD.to_owned(),
        network,
        amount: euros(1_900),
        initiator: Initiator::Merchant,
        by: AttemptBy::Provider,
        category: Some(Category::InsufficientFunds),
        network_advice: None,
        network_code: None,
    }
}

struct Asked<'a> {
    network: Network,
    initiator: Initiator,
    ms: i64,
    history: &'a [CardAttempt],
    overrides: &'a [LimitOverride],
}

impl Asked<'_> {
    fn query(&self) -> BudgetQuery<'_> {
        BudgetQuery {
            network: self.network,
            card: CARD,
            amount: euros(1_900),
            initiator: self.initiator,
            at: at(self.ms),
            history: self.history,
            overrides: self.overrides,
        }
    }
}

fn verdict(network: Network, initiator: Initiator, ms: i64, history: &[CardAttempt]) -> Verdict {
    budget(Asked { network, initiator, ms, history, overrides: &[] }.query()).verdict
}

fn automatic(network: Network, ms: i64, history: &[CardAttempt]) -> Verdict {
    verdict(network, Initiator::Merchant, ms, history)
}

#[test]
fn visa_allows_twenty_declines_in_thirty_days_and_then_waits_for_the_oldest() {
    let mut history: Vec<_> = (0..20).map(|day| declined(Network::Visa, day * DAY_MS)).collect();
    assert_eq!(automatic(Network::Visa, 20 * DAY_MS, &history[..19]), Verdict::Allowed);
    let rule = RuleId("visa.reattempts.30d");
    let blocked = Verdict::NotBefore { at: at(30 * DAY_MS), rule };
    assert_eq!(automatic(Network::Visa, 20 * DAY_MS, &history), blocked);
    assert_eq!(automatic(Network::Visa, 30 * DAY_MS - 1, &history), blocked);
    assert_eq!(automatic(Network::Visa, 30 * DAY_MS, &history), Verdict::Allowed);
    // A twenty-first within the window moves the date on by one.
    history.push(declined(Network::Visa, 21 * DAY_MS));
    let blocked = Verdict::NotBefore { at: at(31 * DAY_MS), rule };
    assert_eq!(automatic(Network::Visa, 22 * DAY_MS, &history), blocked);
}

#[test]
fn visa_counts_the_customer_s_own_attempts_apart_since_may_2025() {
    let history: Vec<_> = (0..20).map(|hour| declined(Network::Visa, hour * HOUR_MS)).collect();
    let customer = verdict(Network::Visa, Initiator::Customer, DAY_MS, &history);
    assert_eq!(customer, Verdict::Allowed);
    assert_ne!(automatic(Network::Visa, DAY_MS, &history), Verdict::Allowed);
}

#[test]
fn mastercard_allows_ten_a_day_of_any_amount_and_thirty_five_a_month_of_one() {
    let mut a_day: Vec<_> =
        (0..10).map(|hour| declined(Network::Mastercard, hour * HOUR_MS)).collect();
    a_day[0].amount = euros(1);
    let rule = RuleId("mastercard.declines.24h");
    let tomorrow = Verdict::NotBefore { at: at(24 * HOUR_MS), rule };
    assert_eq!(automatic(Network::Mastercard, 10 * HOUR_MS, &a_day), tomorrow);
    assert_eq!(automatic(Network::Mastercard, 24 * HOUR_MS, &a_day), Verdict::Allowed);

    let month = |of: i64| -> Vec<_> {
        (0..of).map(|n| declined(Network::Mastercard, n * 19 * HOUR_MS)).collect()
    };
    let now = 35 * 19 * HOUR_MS;
    assert_eq!(automatic(Network::Mastercard, now, &month(34)), Verdict::Allowed);
    let rule = RuleId("mastercard.declines.30d");
    let full = Verdict::NotBefore { at: at(30 * DAY_MS), rule };
    assert_eq!(automatic(Network::Mastercard, now, &month(35)), full);
}

#[test]
fn networks_without_public_numbers_get_the_safe_default() {
    for network in [Network::Amex, Network::Discover, Network::Other] {
        let history: Vec<_> = (0..20).map(|hour| declined(network, hour * HOUR_MS)).collect();
        assert_ne!(automatic(network, DAY_MS, &history), Verdict::Allowed, "{network:?}");
        assert_eq!(automatic(network, DAY_MS, &history[..19]), Verdict::Allowed, "{network:?}");
    }
}

#[test]
fn advice_binds_automatic_attempts_as_a_table() {
    let never = |rule| Verdict::Never { rule: RuleId(rule) };
    let wait = |rule, ms| Verdict::NotBefore { at: at(ms), rule: RuleId(rule) };
    #[rustfmt::skip]
    let rows = [
        // advice  automatic, one minute later                customer, one minute later
        ("01", Verdict::Allowed,                              Verdict::Allowed),
        ("02", wait("mastercard.mac.02", 72 * HOUR_MS),       Verdict::Allowed),
        ("03", never("mastercard.mac.03"),                    Verdict::Allowed),
        ("21", never("mastercard.mac.21"),                    Verdict::Allowed),
        ("24", wait("mastercard.mac.24", HOUR_MS),            Verdict::Allowed),
        ("25", wait("mastercard.mac.25", DAY_MS),             Verdict::Allowed),
        ("30", wait("mastercard.mac.30", 10 * DAY_MS),        Verdict::Allowed),
        ("42", never("mastercard.mac.42"),                    never("mastercard.mac.42")),
        ("99", Verdict::Allowed,                              Verdict::Allowed),
    ];
    for (advice, automatic_verdict, customer_verdict) in rows {
        let network = Network::Mastercard;
        let history =
            [CardAttempt { network_advice: Some(advice.to_owned()), ..declined(network, 0) }];
        assert_eq!(automatic(network, MINUTE_MS, &history), automatic_verdict, "{advice}");
        let customer = verdict(network, Initiator::Customer, MINUTE_MS, &history);
        assert_eq!(customer, customer_verdict, "{advice}");
    }
}

#[test]
fn the_last_word_of_the_network_counts_for_waiting_and_every_word_for_stopping() {
    let network = Network::Mastercard;
    let advised = |advice: &str, ms| CardAttempt {
        network_advice: Some(advice.to_owned()),
        ..declined(network, ms)
    };
    let history = [advised("30", 0), advised("24", DAY_MS)];
    assert_eq!(automatic(network, DAY_MS + 2 * HOUR_MS, &history), Verdict::Allowed);
    let history = [advised("03", 0), advised("24", DAY_MS)];
    let stopped = Verdict::Never { rule: RuleId("mastercard.mac.03") };
    assert_eq!(automatic(network, 29 * DAY_MS, &history), stopped);
}

#[test]
fn visa_category_1_stops_and_a_revocation_leaves_the_customer_free() {
    let coded = |code: &str| {
        [CardAttempt { network_code: Some(code.to_owned()), ..declined(Network::Visa, 0) }]
    };
    let never = Verdict::Never { rule: RuleId("visa.category1") };
    #[rustfmt::skip]
    let rows = [
        // code  automatic          customer
        ("41",   never,             never),
        ("57",   never,             never),
        ("93",   never,             never),
        ("R0",   never,             Verdict::Allowed),
        ("R1",   never,             Verdict::Allowed),
        ("R3",   never,             Verdict::Allowed),
        ("51",   Verdict::Allowed,  Verdict::Allowed),
        ("54",   Verdict::Allowed,  Verdict::Allowed),
        ("05",   Verdict::Allowed,  Verdict::Allowed),
    ];
    for (code, automatic_verdict, customer_verdict) in rows {
        assert_eq!(automatic(Network::Visa, DAY_MS, &coded(code)), automatic_verdict, "{code}");
        let customer = verdict(Network::Visa, Initiator::Customer, DAY_MS, &coded(code));
        assert_eq!(customer, customer_verdict, "{code}");
    }
    // Visa's codes mean nothing on another network.
    let mut other = coded("41");
    other[0].network = Network::Mastercard;
    assert_eq!(automatic(Network::Mastercard, DAY_MS, &other), Verdict::Allowed);
}

#[test]
fn another_card_another_amount_and_a_success_use_nothing_up() {
    let mut history: Vec<_> = (0..30).map(|n| declined(Network::Visa, n * HOUR_MS)).collect();
    for (n, tried) in history.iter_mut().enumerate() {
        match n % 3 {
            0 => tried.card = "fp_2".to_owned(),
            1 => tried.amount = euros(500),
            _ => tried.category = None,
        }
    }
    assert_eq!(automatic(Network::Visa, 2 * DAY_MS, &history), Verdict::Allowed);
}

#[test]
fn an_attempt_of_which_the_card_was_never_told_counts_against_every_card() {
    let mut history: Vec<_> = (0..20).map(|day| declined(Network::Visa, day * DAY_MS)).collect();
    for tried in &mut history[..5] {
        (tried.card, tried.network) = (String::new(), Network::Other);
    }
    let rule = RuleId("visa.reattempts.30d");
    let room = Verdict::NotBefore { at: at(30 * DAY_MS), rule };
    assert_eq!(automatic(Network::Visa, 20 * DAY_MS, &history), room);
    history[0].card = "fp_2".to_owned();
    assert_eq!(automatic(Network::Visa, 20 * DAY_MS, &history), Verdict::Allowed);
}

#[test]
fn an_acquirer_s_number_replaces_the_network_s() {
    let history: Vec<_> = (0..8).map(|n| declined(Network::Mastercard, n * DAY_MS)).collect();
    let overrides = [LimitOverride { rule: "mastercard.declines.30d".to_owned(), declines_max: 7 }];
    let asked = Asked {
        network: Network::Mastercard,
        initiator: Initiator::Merchant,
        ms: 9 * DAY_MS,
        history: &history,
        overrides: &overrides,
    };
    let rule = RuleId("mastercard.declines.30d");
    assert_eq!(budget(asked.query()).verdict, Verdict::NotBefore { at: at(31 * DAY_MS), rule });
    let never = [LimitOverride { declines_max: 0, ..overrides[0].clone() }];
    let asked = Asked { history: &[], overrides: &never, ..asked };
    assert_eq!(budget(asked.query()).verdict, Verdict::Never { rule });
}

proptest! {
    /// Whatever was tried: who waits as long as told, breaks no limit.
    #[test]
    fn a_granted_time_is_within_every_limit(
        hours in proptest::collection::vec(0_i64..1_200, 0..80),
        is_visa in any::<bool>(),
        asked_hour in 0_i64..1_300,
    ) {
        let network = if is_visa { Network::Visa } else { Network::Mastercard };
        let mut history: Vec<_> =
            hours.iter().map(|hour| declined(network, hour * HOUR_MS)).collect();
        history.retain(|tried| tried.at <= at(asked_hour * HOUR_MS));
        let granted = match automatic(network, asked_hour * HOUR_MS, &history) {
            Verdict::Allowed => at(asked_hour * HOUR_MS),
            Verdict::NotBefore { at: then, .. } => {
                prop_assert!(then > at(asked_hour * HOUR_MS));
                then
            }
            Verdict::Never { .. } => return Err(TestCaseError::fail("nothing forbids for ever")),
        };
        let within = |window_ms: i64| {
            history.iter().filter(|tried| granted.since_ms(tried.at) < window_ms).count()
        };
        if is_visa {
            prop_assert!(within(30 * DAY_MS) < 20);
        } else {
            prop_assert!(within(24 * HOUR_MS) < 10 && within(30 * DAY_MS) < 35);
        }
    }
}
