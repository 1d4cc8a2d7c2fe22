//! How likely a customer is to leave, from what billing knows and, if the merchant sends it, from
//! how much the product is used: a score from 0 to 1000 that explains itself.
//!
//! The score is a sum of points from one table ([`weights::WEIGHTS`]); each reason stands beside
//! its points, the heaviest first. **The weights are a prior: an order of magnitude set by hand,
//! learned from nobody's data.** A score of 600 does not mean 60 %. It sorts customers so that the
//! likeliest are looked at first; whoever has outcomes should measure how well it does that.

mod adapter;
pub mod weights;

pub use adapter::{BesideRisk, facts_of};
pub use weights::{Factor, WEIGHTS, Weight};

/// The highest score.
pub const SCORE_MAX: u32 = 1_000;
/// The version of the table; grows when a weight changes, so that old scores are not compared with
/// new ones.
pub const WEIGHTS_VERSION: u32 = 1;

/// What the score looks at. `None`: not known, and it neither raises nor lowers the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RiskFacts {
    /// Invoices that failed in the last 365 days, open ones included.
    pub failed_invoices: Option<u32>,
    /// Days since the first failure of the oldest open invoice; 0 when none is open.
    pub open_days: Option<u32>,
    /// Attempts on the open invoice that was tried most often; 0 when none is open.
    pub open_attempts: Option<u32>,
    /// An open invoice can only be paid with a new card or with the customer's word.
    pub needs_customer: Option<bool>,
    /// The payer told the bank to stop the payments.
    pub revoked: Option<bool>,
    /// Days until the card on file expires; 0 when it has expired.
    pub card_expires_in_days: Option<u32>,
    /// The card is prepaid: it runs dry and is thrown away.
    pub prepaid: Option<bool>,
    /// There is a second card on file.
    pub backup_card: Option<bool>,
    /// Days since the first payment.
    pub tenure_days: Option<u32>,
    /// Days until a renewal of six months or more; `None` also where the renewals are more
    /// frequent.
    pub long_renewal_in_days: Option<u32>,
    /// Moves to a smaller plan in the last 180 days.
    pub downgrades: Option<u32>,
    /// Pauses in the last 365 days.
    pub pauses: Option<u32>,
    /// Times in the last 365 days that the customer began to cancel and turned an offer down, or
    /// stayed.
    pub cancel_attempts: Option<u32>,
    /// A complaint or a dispute is open.
    pub complaint_open: Option<bool>,
    /// How much the product is used.
    pub usage: Option<Usage>,
}

/// How much the product is used: two stretches of 28 days each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Sessions in the last 28 days.
    pub sessions: u32,
    /// Sessions in the 28 days before.
    pub sessions_before: u32,
}

impl Usage {
    /// By how much the use declined, in percent of what it was; 0 when it grew or never was.
    #[must_use]
    pub fn decline_percent(self) -> u32 {
        let lost = u64::from(self.sessions_before.saturating_sub(self.sessions));
        let percent = (lost * 100).checked_div(u64::from(self.sessions_before)).unwrap_or(0);
        u32::try_from(percent).unwrap_or(100)
    }
}

/// How likely a customer is to leave, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// From 0 to [`SCORE_MAX`]. An order, not a probability.
    pub score: u32,
    /// What raised or lowered it, the heaviest first.
    pub reasons: Vec<Reason>,
    /// What was not known. The fewer there are, the more the score says.
    pub unknown: Vec<Factor>,
    /// [`WEIGHTS_VERSION`].
    pub weights_version: u32,
    /// Where the weights come from.
    pub basis: Basis,
}

/// Where weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Set by hand, not learned from outcomes.
    Prior,
}

impl Basis {
    /// What is said beside every score.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Prior => {
                "The weights are set by hand and not learned from outcomes; \
                 the score orders customers, it is not a probability."
            }
        }
    }
}

/// One reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it looks at.
    pub factor: Factor,
    /// The points that it adds; negative: that it takes away.
    pub points: i32,
    /// What was found, in the factor's unit.
    pub value: u32,
}

impl Reason {
    /// The reason in one plain sentence, for the merchant's team.
    #[must_use]
    pub fn sentence(&self) -> String {
        let value = self.value;
        let (one, many) = self.factor.words();
        if value == 1 { one.replace("{}", "1") } else { many.replace("{}", &value.to_string()) }
    }
}

/// The score.
#[must_use]
pub fn score(facts: &RiskFacts) -> Risk {
    let mut reasons = Vec::new();
    let mut unknown = Vec::new();
    for weight in WEIGHTS {
        let Some(value) = weight.factor.value(facts) else {
            unknown.push(weight.factor);
            continue;
        };
        let points = weight.points(value);
        if points != 0 {
            reasons.push(Reason { factor: weight.factor, points, value });
        }
    }
    // Stable: what weighs the same stays in the order of the table.
    reasons.sort_by_key(|reason| core::cmp::Reverse(reason.points.unsigned_abs()));
    let sum: i32 = reasons.iter().map(|reason| reason.points).sum();
    let score = u32::try_from(sum.max(0)).unwrap_or(0).min(SCORE_MAX);
    Risk { score, reasons, unknown, weights_version: WEIGHTS_VERSION, basis: Basis::Prior }
}
