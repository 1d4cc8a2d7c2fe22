//! May this card be tried now, and how often still?

use super::limits::{self, Amounts, Counters, Limit, LimitOverride};
use super::{CardAttempt, Initiator, Network, RuleId};
use crate::decline::Category;
use crate::decline::advice::{self, Advice};
use crate::decline::visa;
use crate::money::Money;
use crate::retry::rules::VISA_CATEGORY_1;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is asked: one attempt on one card at one time.
#[derive(Clone, Copy, Debug)]
pub struct BudgetQuery<'a> {
    /// The card's network.
    pub network: Network,
    /// The card, as in [`CardAttempt::card`].
    pub card: &'a str,
    /// What would be asked for.
    pub amount: Money,
    /// Who starts the attempt.
    pub initiator: Initiator,
    /// When.
    pub at: Timestamp,
    /// Everything that is known to have been tried, in any order.
    pub history: &'a [CardAttempt],
    /// The acquirer's other numbers.
    pub overrides: &'a [LimitOverride],
}

/// What is left of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowLeft {
    /// Which limit.
    pub rule: RuleId,
    /// Its window, in milliseconds.
    pub window_ms: i64,
    /// The most declined attempts in it.
    pub max: u32,
    /// How many are left, the one asked about included.
    pub left: u32,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No network rule forbids it.
    Allowed,
    /// Not now, but then.
    NotBefore {
        /// The earliest time.
        at: Timestamp,
        /// Why.
        rule: RuleId,
    },
    /// Not with this card by this initiator.
    Never {
        /// Why.
        rule: RuleId,
    },
}

/// The verdict and what is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// May it be tried?
    pub verdict: Verdict,
    /// Every limit in force.
    pub left: Vec<WindowLeft>,
}

/// Decides from the history alone. An attempt that is known to have succeeded uses nothing up; one
/// of unknown outcome is not in the history and is nobody's to repeat.
#[must_use]
pub fn budget(query: BudgetQuery<'_>) -> Budget {
    let mut left = Vec::new();
    let mut verdict = stopped(&query).unwrap_or(Verdict::Allowed);
    if let Some(wait) = advised_wait(&query) {
        verdict = later(verdict, wait);
    }
    for limit in limits::in_force(query.network, query.at) {
        let max = overridden(limit, query.overrides);
        let counting = || query.history.iter().filter(|tried| counts(tried, limit, &query));
        let used = u32::try_from(counting().count()).unwrap_or(u32::MAX);
        let window = WindowLeft {
            rule: limit.rule,
            window_ms: limit.window_ms,
            max,
            left: max.saturating_sub(used),
        };
        left.push(window);
        if used < max {
            continue;
        }
        let mut counted: Vec<Timestamp> = counting().map(|tried| tried.at).collect();
        counted.sort_unstable();
        verdict = later(verdict, full_until(limit, max, &counted));
    }
    Budget { verdict, left }
}

/// When a full window has room again: as soon as enough of the oldest attempts have left it.
fn full_until(limit: &Limit, max: u32, counted: &[Timestamp]) -> Verdict {
    let surplus = counted.len().saturating_sub(usize::try_from(max).unwrap_or(usize::MAX));
    match counted.get(surplus) {
        Some(leaves) if max > 0 => {
            Verdict::NotBefore { at: leaves.plus_ms(limit.window_ms), rule: limit.rule }
        }
        _ => Verdict::Never { rule: limit.rule },
    }
}

/// The stricter of two verdicts.
fn later(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Never { .. }, _) => one,
        (_, Verdict::Never { .. }) | (Verdict::Allowed, _) => other,
        (_, Verdict::Allowed) => one,
        (Verdict::NotBefore { at, .. }, Verdict::NotBefore { at: then, .. }) => {
            if then > at {
                other
            } else {
                one
            }
        }
    }
}

fn overridden(limit: &Limit, overrides: &[LimitOverride]) -> u32 {
    let own = overrides.iter().find(|own| own.rule == limit.rule.0);
    own.map_or(limit.declines_max, |own| own.declines_max)
}

fn counts(tried: &CardAttempt, limit: &Limit, query: &BudgetQuery<'_>) -> bool {
    let age_ms = query.at.since_ms(tried.at);
    // Of an attempt that nobody told the card of, it may have been this one.
    (tried.card == query.card || tried.card.is_empty())
        && tried.is_declined()
        && age_ms < limit.window_ms
        && (limit.counters == Counters::Together || tried.initiator == query.initiator)
        && (limit.amounts == Amounts::Any || tried.amount == query.amount)
}

/// A no that holds for ever: the issuer will never approve (Visa category 1), or the network said
/// that nobody may try again without the customer.
fn stopped(query: &BudgetQuery<'_>) -> Option<Verdict> {
    query.history.iter().filter(|tried| tried.card == query.card).find_map(|tried| {
        let rule = stop_rule(tried, query)?;
        Some(Verdict::Never { rule })
    })
}

fn stop_rule(tried: &CardAttempt, query: &BudgetQuery<'_>) -> Option<RuleId> {
    let automatic = query.initiator == Initiator::Merchant;
    let advised = |code| advice::advice_of(query.network, code, tried.at);
    let advice = tried.network_advice.as_deref().and_then(advised);
    if let Some(Advice::Stop { rule, binds_customer }) = advice
        && (automatic || binds_customer)
    {
        return Some(rule);
    }
    let code = tried.network_code.as_deref().filter(|_| query.network == Network::Visa)?;
    let row = visa::row_at(code, tried.at)?;
    let forbidden = row.category == 1 && (automatic || !row.customer_may_pay);
    forbidden.then_some(VISA_CATEGORY_1)
}

/// Whether the answer to an attempt ends automatic attempts on its card for good.
#[must_use]
pub fn is_final(tried: &CardAttempt) -> bool {
    let query = BudgetQuery {
        network: tried.network,
        card: &tried.card,
        amount: tried.amount,
        initiator: Initiator::Merchant,
        at: tried.at,
        history: &[],
        overrides: &[],
    };
    stop_rule(tried, &query).is_some()
}

/// The network said when to come back; only the last word on the card counts. An attempt of which
/// nobody told how it ended is no word.
fn advised_wait(query: &BudgetQuery<'_>) -> Option<Verdict> {
    if query.initiator == Initiator::Customer {
        return None;
    }
    let says = |tried: &&CardAttempt| {
        let is_known = tried.category.is_some_and(|category| category != Category::Unknown);
        tried.card == query.card && (is_known || tried.network_advice.is_some())
    };
    let last = query.history.iter().filter(says).max_by_key(|tried| tried.at)?;
    match advice::advice_of(query.network, last.network_advice.as_deref()?, last.at)? {
        Advice::Wait { rule, delay_ms } => {
            let at = last.at.plus_ms(delay_ms);
            (at > query.at).then_some(Verdict::NotBefore { at, rule })
        }
        Advice::Stop { .. } | Advice::NewDetails { .. } | Advice::AskCustomer { .. } => None,
    }
}
