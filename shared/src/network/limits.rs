//! The networks' limits on trying again, as dated data.
//!
//! Marks of confidence: `Primary` read in the network's or the provider's own text, `Secondary` an
//! acquirer's page, `Assumed` a safe default where nothing is published.

use super::{Network, RuleId};
use crate::time::{DAY_MS, HOUR_MS, Timestamp};

/// How well a number is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// Read in the network's or the provider's own text.
    Primary,
    /// Read on an acquirer's or vendor's page.
    Secondary,
    /// A safe default of ours.
    Assumed,
}

/// Whose attempts share a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counters {
    /// Customer- and merchant-initiated attempts count together.
    Together,
    /// Each kind has its own counter.
    ByInitiator,
}

/// Which attempts on the card count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amounts {
    /// All of them.
    Any,
    /// Those that ask for the same amount.
    Same,
}

/// One limit: at most so many declined attempts on one card within a rolling window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub rule: RuleId,
    /// Whose limit it is.
    pub network: Network,
    /// From when it holds; a later row of the same rule replaces it.
    pub effective_from: Timestamp,
    /// The rolling window, in milliseconds.
    pub window_ms: i64,
    /// The most declined attempts within it.
    pub declines_max: u32,
    /// Whose attempts share a counter.
    pub counters: Counters,
    /// Which attempts count.
    pub amounts: Amounts,
    /// Where it was read.
    pub source: &'static str,
    /// How well it is known.
    pub confidence: Confidence,
}

/// A merchant's acquirer has other numbers (Mastercard in Brazil: a fee from the eighth attempt
/// on).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitOverride {
    /// Which rule.
    pub rule: String,
    /// The most declined attempts within its window.
    pub declines_max: u32,
}

/// Beginning of time: the row holds unless a later one replaces it.
const ALWAYS: Timestamp = Timestamp::from_ms(0);
/// 2025-05-25T00:00:00Z.
const VISA_20: Timestamp = Timestamp::from_seconds(1_748_131_200);

const VISA: &str = "https://developers.tabapay.com/docs/excessive-retry-rules (read 2026-11)";
const VISA_15: &str =
    "https://support.stripe.com/questions/payment-blocked-due-to-excessive-retries (read 2026-11)";
const NONE_PUBLISHED: &str = "no public number; the safe default is Visa's generic category";

const fn thirty_days(
    rule: &'static str,
    network: Network,
    declines_max: u32,
    counters: Counters,
) -> Limit {
    Limit {
        rule: RuleId(rule),
        network,
        effective_from: ALWAYS,
        window_ms: 30 * DAY_MS,
        declines_max,
        counters,
        amounts: Amounts::Same,
        source: NONE_PUBLISHED,
        confidence: Confidence::Assumed,
    }
}

/// Every limit, oldest first within a rule.
pub const LIMITS: &[Limit] = &[
    Limit {
        source: VISA_15,
        confidence: Confidence::Secondary,
        ..thirty_days("visa.reattempts.30d", Network::Visa, 15, Counters::Together)
    },
    Limit {
        effective_from: VISA_20,
        source: VISA,
        confidence: Confidence::Secondary,
        ..thirty_days("visa.reattempts.30d", Network::Visa, 20, Counters::ByInitiator)
    },
    Limit {
        window_ms: 24 * HOUR_MS,
        amounts: Amounts::Any,
        source: VISA,
        confidence: Confidence::Secondary,
        ..thirty_days("mastercard.declines.24h", Network::Mastercard, 10, Counters::Together)
    },
    Limit {
        source: VISA,
        confidence: Confidence::Secondary,
        ..thirty_days("mastercard.declines.30d", Network::Mastercard, 35, Counters::Together)
    },
    thirty_days("amex.reattempts.30d", Network::Amex, 20, Counters::Together),
    thirty_days("discover.reattempts.30d", Network::Discover, 20, Counters::Together),
    thirty_days("other.reattempts.30d", Network::Other, 20, Counters::Together),
];

/// The limits of a network that hold at a point in time: of each rule its newest row.
pub fn in_force(network: Network, at: Timestamp) -> impl Iterator<Item = &'static Limit> {
    let holds = move |limit: &&Limit| limit.network == network && limit.effective_from <= at;
    LIMITS.iter().filter(holds).filter(move |limit| {
        let newer = |other: &&Limit| {
            other.rule == limit.rule && other.effective_from > limit.effective_from
        };
        !LIMITS.iter().filter(holds).any(|other| newer(&other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visa_s_number_depends_on_the_date() {
        let max_at = |at: Timestamp| {
            let found: Vec<_> = in_force(Network::Visa, at).map(|l| l.declines_max).collect();
            found
        };
        assert_eq!(max_at(VISA_20.plus_ms(-1)), [15]);
        assert_eq!(max_at(VISA_20), [20]);
    }

    #[test]
    fn every_network_has_a_limit_and_every_limit_a_source() {
        let now = Timestamp::from_seconds(1_800_000_000);
        for network in
            [Network::Visa, Network::Mastercard, Network::Amex, Network::Discover, Network::Other]
        {
            assert!(in_force(network, now).next().is_some(), "{network:?}");
        }
        assert!(LIMITS.iter().all(|limit| !limit.source.is_empty() && limit.declines_max > 0));
    }
}
