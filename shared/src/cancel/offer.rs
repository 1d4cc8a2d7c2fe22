//! What can be offered to somebody who leaves, as data; and what one offer means for one
//! subscription at one moment.

pub use super::dates::{RESUME_AHEAD_MS, first_charge, longer};

use super::length::{Renewals, length};
use super::{Reason, dates};
use crate::account::Subscription;
use crate::id::PlanId;
use crate::money::Money;
use crate::provider::{Life, PauseKind};
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// The most periods of one pause.
pub const PAUSE_PERIODS_MAX: u32 = 3;
/// The shortest pause until a date, in milliseconds: less is no pause.
pub const PAUSE_MS_MIN: i64 = DAY_MS;

/// One offer of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name, once in the policy.
    pub name: String,
    /// What it is.
    pub kind: OfferKind,
    /// The smallest number is asked first; equal numbers are drawn.
    pub priority: u32,
    /// For whom.
    pub audience: Audience,
}

/// What is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferKind {
    /// Nothing is charged for a while.
    Pause {
        /// How long.
        span: PauseSpan,
        /// Whether the product can be used meanwhile.
        access: PauseAccess,
    },
    /// The next periods cost less.
    Discount {
        /// How much less.
        off: Off,
        /// For so many periods.
        periods: u32,
    },
    /// Another plan from the next period on.
    PlanChange {
        /// The provider's price.
        plan: PlanId,
        /// What it is called.
        label: String,
    },
    /// The trial goes on for longer.
    TrialExtension {
        /// By so much, in milliseconds.
        extension_ms: i64,
    },
    /// Money towards the next invoices.
    Credit {
        /// How much.
        amount: Money,
    },
    /// A person to talk to.
    Contact {
        /// Where.
        url: String,
    },
    /// A page that may help.
    Redirect {
        /// Where.
        url: String,
    },
}

impl OfferKind {
    /// The word in policies, answers and records.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pause { .. } => "pause",
            Self::Discount { .. } => "discount",
            Self::PlanChange { .. } => "plan_change",
            Self::TrialExtension { .. } => "trial_extension",
            Self::Credit { .. } => "credit",
            Self::Contact { .. } => "contact",
            Self::Redirect { .. } => "redirect",
        }
    }
}

/// How long a pause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseSpan {
    /// So many periods, 1 to [`PAUSE_PERIODS_MAX`].
    Periods(u32),
    /// Until a day that the customer chooses, at most so far away, in milliseconds.
    UpTo(i64),
}

/// Whether the product can be used during a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseAccess {
    /// It can.
    On,
    /// Not after what is paid is used up.
    Off,
}

/// How much less something costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// So many hundredths, 1 to 100.
    Percent(u32),
    /// So much of each period.
    Amount(Money),
}

/// For whom an offer is. All that is named must hold; what is empty holds for everybody, and what
/// is not known of a customer fulfils nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// One of these segments.
    pub segments: Vec<String>,
    /// One of these reasons was given.
    pub reasons: Vec<Reason>,
    /// A customer for at least so long, in milliseconds.
    pub tenure_from_ms: Option<i64>,
    /// And for less than this, in milliseconds.
    pub tenure_below_ms: Option<i64>,
    /// An invoice of the subscription failed and is open, or none is.
    pub open_case: Option<bool>,
    /// At most so many offers of this kind were taken within twelve months before.
    pub taken_max: Option<u32>,
    /// At most so many screens with offers were turned down within twelve months before.
    pub refused_max: Option<u32>,
}

/// What an offer means for one subscription: every date and amount in it is what will happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Terms {
    /// Nothing is charged from now on until it resumes.
    Pause(PauseTerms),
    /// The next periods cost less.
    Discount {
        /// How much less.
        off: Off,
        /// For so many periods.
        periods: u32,
        /// What one of them costs then; `None`: not known.
        price: Option<Money>,
    },
    /// Another plan from the next period on.
    PlanChange {
        /// The provider's price.
        plan: PlanId,
        /// What it is called.
        label: String,
    },
    /// The trial goes on.
    TrialExtension {
        /// Until when.
        until: Timestamp,
    },
    /// Money towards the next invoices.
    Credit {
        /// How much.
        amount: Money,
    },
    /// A person to talk to. Nothing happens to the subscription.
    Contact {
        /// Where.
        url: String,
    },
    /// A page. Nothing happens to the subscription.
    Redirect {
        /// Where.
        url: String,
    },
}

/// A pause with its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseTerms {
    /// How the provider does it. `Service`: it begins at once, and unused time is credited.
    /// `Collection`: what is paid is used up first, then periods pass without a charge.
    pub by: PauseKind,
    /// Whether the product can be used meanwhile.
    pub access: PauseAccess,
    /// For so many periods; `None`: until a date.
    pub periods: Option<u32>,
    /// Until when the product can be used; `None`: through the whole pause.
    pub access_until: Option<Timestamp>,
    /// When charging begins again.
    pub resumes_at: Timestamp,
    /// When the first renewal after it is charged; `None`: not known.
    pub first_charge_at: Option<Timestamp>,
    /// The latest date that the customer may choose instead; `None`: there is no choice.
    pub resumes_at_max: Option<Timestamp>,
}

impl Terms {
    /// The word of the kind: in answers, records and past use.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Pause(_) => "pause",
            Self::Discount { .. } => "discount",
            Self::PlanChange { .. } => "plan_change",
            Self::TrialExtension { .. } => "trial_extension",
            Self::Credit { .. } => "credit",
            Self::Contact { .. } => "contact",
            Self::Redirect { .. } => "redirect",
        }
    }

    /// Whether taking it changes the subscription; otherwise it only leads somewhere, and the
    /// customer has not decided yet.
    #[must_use]
    pub const fn changes_something(&self) -> bool {
        !matches!(self, Self::Contact { .. } | Self::Redirect { .. })
    }
}

/// What the offer means here and now; `None`: it is not possible for this subscription.
#[must_use]
pub fn terms(kind: &OfferKind, subscription: &Subscription, now: Timestamp) -> Option<Terms> {
    let nothing = Life::default();
    let life = subscription.life.as_ref().unwrap_or(&nothing);
    let same_currency =
        |money: &Money| subscription.plan.is_some_and(|plan| plan.currency == money.currency);
    Some(match kind {
        OfferKind::Pause { span, access } => {
            Terms::Pause(dates::pause(*span, *access, (subscription, life), now)?)
        }
        // What one period costs, and for how many, is true only where nothing else runs: a second
        // coupon of the same kind would change nothing.
        OfferKind::Discount { .. } if life.discounts_count != Some(0) => return None,
        OfferKind::Discount { periods, .. }
            if length(Renewals::of(subscription, life).as_ref(), *periods, now).is_none() =>
        {
            return None;
        }
        OfferKind::Discount { off, periods } => Terms::Discount {
            off: *off,
            periods: *periods,
            price: reduced(*off, subscription.plan)?,
        },
        // Of several items nobody can know here which one is the plan.
        OfferKind::PlanChange { .. } if life.items_count != Some(1) => return None,
        OfferKind::PlanChange { plan, label } => {
            Terms::PlanChange { plan: plan.clone(), label: label.clone() }
        }
        OfferKind::TrialExtension { extension_ms } => {
            let ends_at = life.trial_ends_at.filter(|at| *at > now)?;
            Terms::TrialExtension { until: ends_at.plus_ms(*extension_ms) }
        }
        OfferKind::Credit { amount } if same_currency(amount) => Terms::Credit { amount: *amount },
        OfferKind::Credit { .. } => return None,
        OfferKind::Contact { url } => Terms::Contact { url: url.clone() },
        OfferKind::Redirect { url } => Terms::Redirect { url: url.clone() },
    })
}

/// What one period costs then: `Some(None)` when that is not known, `None` when it makes no sense.
fn reduced(off: Off, plan: Option<Money>) -> Option<Option<Money>> {
    match (off, plan) {
        (Off::Percent(_), None) => Some(None),
        (Off::Amount(_), None) => None,
        (Off::Percent(percent), Some(plan)) => {
            let percent = i64::from(percent.min(100));
            // Half a minor unit is the customer's: providers round the discount.
            let discount = plan.amount_minor.saturating_mul(percent).saturating_add(50) / 100;
            let amount_minor = plan.amount_minor.saturating_sub(discount);
            Some(Some(Money { amount_minor, ..plan }))
        }
        (Off::Amount(off), Some(plan)) => {
            let fits = off.currency == plan.currency && off.amount_minor <= plan.amount_minor;
            let amount_minor = plan.amount_minor.saturating_sub(off.amount_minor);
            fits.then_some(Some(Money { amount_minor, ..plan }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn money(amount_minor: i64, currency: &str) -> Money {
        Money { amount_minor, currency: Currency::parse(currency).unwrap() }
    }

    #[test]
    fn a_discount_is_rounded_for_the_customer_and_stays_in_its_currency() {
        let plan = Some(money(1_999, "eur"));
        let price = |off| reduced(off, plan);
        assert_eq!(price(Off::Percent(50)), Some(Some(money(999, "eur"))));
        assert_eq!(price(Off::Percent(100)), Some(Some(money(0, "eur"))));
        assert_eq!(price(Off::Percent(u32::MAX)), Some(Some(money(0, "eur"))));
        assert_eq!(price(Off::Amount(money(500, "eur"))), Some(Some(money(1_499, "eur"))));
        assert_eq!(price(Off::Amount(money(500, "usd"))), None);
        assert_eq!(price(Off::Amount(money(2_000, "eur"))), None);
        assert_eq!(reduced(Off::Percent(50), None), Some(None));
        assert_eq!(reduced(Off::Amount(money(1, "eur")), None), None);
        let huge = Some(money(i64::MAX, "eur"));
        assert!(reduced(Off::Percent(99), huge).is_some(), "no number is too large");
    }
}
