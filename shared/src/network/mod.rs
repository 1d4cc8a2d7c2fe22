//! The card networks: who they are, what they allow, and what was tried on a card.
//!
//! Networks count attempts on one card by one merchant, whoever makes them: the provider's
//! schedule, our ladder, the customer. So every attempt that is known is kept with the account for
//! as long as any network looks back, and every automatic attempt asks [`budget::budget`] first.

pub mod budget;
pub mod limits;
mod rule;

pub use budget::{Budget, BudgetQuery, Verdict, WindowLeft, budget};
pub use limits::{LIMITS, Limit, LimitOverride};
pub use rule::RuleId;

use crate::decline::Category;
use crate::money::Money;
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How long attempts are kept, in milliseconds: the longest window of any network (30 days) and a
/// rest for clocks that differ and months that are longer.
pub const ATTEMPTS_KEPT_MS: i64 = 35 * DAY_MS;
/// The most attempts kept of one customer. More than any budget allows on a handful of cards; when
/// it is reached, the oldest go, and automatic attempts were stopped long before.
pub const ATTEMPTS_KEPT_MAX: usize = 200;

/// A card network, as far as its rules differ.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express: no public numbers, treated as Visa's generic category.
    Amex,
    /// Discover: likewise.
    Discover,
    /// Every other network, and methods whose network is not known: likewise.
    #[default]
    Other,
}

impl Network {
    /// From a brand as providers write it: `visa`, `Mastercard`, `amex`, `american_express`.
    #[must_use]
    pub fn of_brand(brand: &str) -> Self {
        let is = |name: &str| brand.eq_ignore_ascii_case(name);
        if is("visa") {
            Self::Visa
        } else if is("mastercard") {
            Self::Mastercard
        } else if is("amex") || is("american_express") || is("american express") {
            Self::Amex
        } else if is("discover") {
            Self::Discover
        } else {
            Self::Other
        }
    }

    /// The name in rules and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Discover => "discover",
            Self::Other => "other",
        }
    }
}

/// Who started an attempt. Networks look at the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// The customer is there and wants it.
    Customer,
    /// Nobody is there: a renewal or a retry.
    Merchant,
}

/// Which engine made an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptBy {
    /// The provider's own schedule, its hosted page, another system.
    Provider,
    /// Reprieve.
    Ours,
}

/// One attempt on one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAttempt {
    /// When, as far as it is known.
    pub at: Timestamp,
    /// The card: the provider's fingerprint of its number, else the id of the method; empty where
    /// not even that was told.
    pub card: String,
    /// Its network.
    pub network: Network,
    /// What was asked for.
    pub amount: Money,
    /// Who started it.
    pub initiator: Initiator,
    /// Which engine made it.
    pub by: AttemptBy,
    /// Why it failed; `None`: it did not fail, or is not known to have failed.
    pub category: Option<Category>,
    /// The network's advice (Mastercard's merchant advice code), two characters.
    pub network_advice: Option<String>,
    /// The network's own response code.
    pub network_code: Option<String>,
}

impl CardAttempt {
    /// Whether the attempt counts against a budget: what is not known to have succeeded does.
    #[must_use]
    pub const fn is_declined(&self) -> bool {
        self.category.is_some()
    }
}
