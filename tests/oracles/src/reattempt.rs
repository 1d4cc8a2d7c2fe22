//! Declined cards with their history, and whether we would try again: all codes × all advice ×
//! who starts the attempt × histories at and around every limit.

use reprieve_core::api::status::Remedy;
use reprieve_core::decline::stripe::classify;
use reprieve_core::decline::{Category, RawDecline, Reuse, advice, iso, visa};
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::{
    AttemptBy, BudgetQuery, CardAttempt, Initiator, Network, Verdict, budget,
};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// 2026-11-01T00:00:00Z, when every case is asked.
const NOW: Timestamp = Timestamp::from_seconds(1_793_491_200);
/// A code that no table knows.
const UNKNOWN: &str = "ZX";

/// Earlier attempts as their ages in milliseconds, and the codes of those that had another one.
struct History {
    name: String,
    ages_ms: Vec<i64>,
    /// The first attempt was declined with this code, all others with the case's own.
    first_code: Option<&'static str>,
}

impl History {
    fn of(name: impl Into<String>, ages_ms: Vec<i64>) -> Self {
        Self { name: name.into(), ages_ms, first_code: None }
    }

    /// So many attempts, the last one `last_ms` ago, the others `step_ms` before each other.
    fn steps(name: impl Into<String>, count: i64, last_ms: i64, step_ms: i64) -> Self {
        Self::of(name, (0..count).rev().map(|n| last_ms + n * step_ms).collect())
    }
}

fn histories(network: Network) -> Vec<History> {
    let mut all = vec![
        History::of("one, a minute ago", vec![MINUTE_MS]),
        History::of("one, 29 days ago", vec![29 * DAY_MS]),
        History::of("one, 31 days ago", vec![31 * DAY_MS]),
        History::steps("two within half an hour", 2, MINUTE_MS, 20 * MINUTE_MS),
    ];
    for (name, wait_ms) in [
        ("1 h", HOUR_MS),
        ("24 h", DAY_MS),
        ("2 d", 2 * DAY_MS),
        ("72 h", 3 * DAY_MS),
        ("4 d", 4 * DAY_MS),
        ("6 d", 6 * DAY_MS),
        ("8 d", 8 * DAY_MS),
        ("10 d", 10 * DAY_MS),
    ] {
        all.push(History::of(format!("one, {name} less 1 ms ago"), vec![wait_ms - 1]));
        all.push(History::of(format!("one, {name} ago"), vec![wait_ms]));
    }
    for count in [9, 10, 11] {
        all.push(History::steps(format!("{count} within 24 h"), count, HOUR_MS, HOUR_MS));
    }
    // Less than two a day, so that no daily limit is met before the monthly one.
    for count in [15, 16, 19, 20, 21, 34, 35, 36] {
        all.push(History::steps(
            format!("{count} within 30 days"),
            count,
            19 * HOUR_MS,
            19 * HOUR_MS,
        ));
    }
    all.push(History::of(
        "20 within 30 days, and one 31 days ago",
        [31 * DAY_MS].into_iter().chain((0..20).rev().map(|n| DAY_MS + n * DAY_MS)).collect(),
    ));
    let first_code = if network == Network::Visa { "R1" } else { "41" };
    all.push(History {
        first_code: Some(first_code),
        ..History::steps(format!("{first_code} first"), 2, DAY_MS, DAY_MS)
    });
    all
}

/// Writes every case.
pub(crate) fn cases(write: &mut impl FnMut(&Value) -> std::io::Result<()>) -> std::io::Result<()> {
    for network in [Network::Visa, Network::Mastercard] {
        let histories = histories(network);
        for code in codes(network) {
            for mac in advice_codes(network) {
                for history in &histories {
                    for initiator in [Initiator::Customer, Initiator::Merchant] {
                        write(&case(network, code, mac, history, initiator))?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// On Visa cards those that have a meaning there, some that have none, and none at all.
fn advice_codes(network: Network) -> Vec<&'static str> {
    match network {
        Network::Visa => vec!["", "01", "02", "03", "21"],
        _ => advice::MASTERCARD.iter().map(|row| row.code).chain([""]).collect(),
    }
}

fn codes(network: Network) -> BTreeSet<&'static str> {
    let visa = visa::CODES.iter().map(|row| row.code);
    let mastercard = iso::MASTERCARD.iter().map(|row| row.code);
    match network {
        Network::Visa => visa.chain(["02", UNKNOWN]).collect(),
        _ => mastercard.chain(["02", UNKNOWN]).collect(),
    }
}

fn case(
    network: Network,
    code: &'static str,
    mac: &'static str,
    history: &History,
    initiator: Initiator,
) -> Value {
    let last = history.ages_ms.len().saturating_sub(1);
    let attempts: Vec<_> = history
        .ages_ms
        .iter()
        .enumerate()
        .map(|(at, age_ms)| {
            let first = history.first_code.filter(|_| at == 0);
            // Advice belongs to the answer that carried it: here, the last one.
            let advice = (at == last && !mac.is_empty()).then_some(mac);
            attempt(network, initiator, *age_ms, first.unwrap_or(code), advice)
        })
        .collect();
    let (allowed, why, not_before) = ours(network, code, mac, initiator, &attempts);
    let told =
        attempts.iter().map(|tried| json!({"at": tried.at.as_ms(), "code": tried.network_code}));
    json!({
        "network": network.as_str(),
        "context": if initiator == Initiator::Customer { "cit" } else { "mit" },
        "code": code,
        "mac": mac,
        "history": history.name,
        "attempts": told.collect::<Vec<_>>(),
        "now": NOW.as_ms(),
        "ours": {"allowed": allowed, "why": why, "not_before": not_before.map(Timestamp::as_ms)},
    })
}

fn attempt(
    network: Network,
    initiator: Initiator,
    age_ms: i64,
    code: &str,
    advice: Option<&str>,
) -> CardAttempt {
    CardAttempt {
        at: NOW.plus_ms(age_ms.saturating_neg()),
        card: "fp_1".to_owned(),
        network,
        amount: price(),
        initiator,
        by: AttemptBy::Ours,
        category: Some(Category::Generic),
        network_advice: advice.map(str::to_owned),
        network_code: Some(code.to_owned()),
    }
}

fn price() -> Money {
    Money { amount_minor: 1_900, currency: Currency::parse("eur").expect("a currency") }
}

/// Both of our judges: what kind of no the last one was, and what the networks still allow.
fn ours(
    network: Network,
    code: &str,
    mac: &str,
    initiator: Initiator,
    history: &[CardAttempt],
) -> (bool, String, Option<Timestamp>) {
    let raw = RawDecline {
        network_decline_code: Some(code.to_owned()),
        network_advice_code: (!mac.is_empty()).then(|| mac.to_owned()),
        ..RawDecline::default()
    };
    let decline = classify(raw, network, NOW);
    let automatic = initiator == Initiator::Merchant;
    let barred = match decline.reuse() {
        Reuse::Automatic => false,
        Reuse::CustomerOnly => automatic,
        // The customer is there and authenticates with the same card.
        Reuse::Never => automatic || decline.remedy() != Remedy::Authenticate,
    };
    if barred {
        return (false, format!("category.{:?}", decline.category), None);
    }
    let query = BudgetQuery {
        network,
        card: "fp_1",
        amount: price(),
        initiator,
        at: NOW,
        history,
        overrides: &[],
    };
    match budget(query).verdict {
        Verdict::Allowed => (true, "allowed".to_owned(), None),
        Verdict::NotBefore { at, rule } => (false, rule.to_string(), Some(at)),
        Verdict::Never { rule } => (false, rule.to_string(), None),
    }
}
