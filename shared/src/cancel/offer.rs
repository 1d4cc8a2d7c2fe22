//! What can be offered to somebody who leaves, as data; and what one offer means for one
//! subscription at one moment.

use super::Reason;
use crate::account::Subscription;
use crate::id::PlanId;
use crate::money::Money;
use crate::policy::segment::Interval;
use crate::provider::{Life, PauseAbility, PauseKind, SubscriptionStatus};
use crate::time::{DAY_MS, HOUR_MS, Timestamp};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The most periods of one pause.
pub const PAUSE_PERIODS_MAX: u32 = 3;
/// So long before the renewal that shall be charged again collecting goes on, in milliseconds: a
/// renewal at the very moment could still be caught by the pause.
pub const RESUME_AHEAD_MS: i64 = HOUR_MS;
/// Renewals looked through for the first one after a date: weekly ones of four years.
const RENEWALS_MAX: u32 = 208;
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
            Terms::Pause(pause(*span, *access, (subscription, life), now)?)
        }
        OfferKind::Discount { off, periods } => Terms::Discount {
            off: *off,
            periods: *periods,
            price: reduced(*off, subscription.plan)?,
        },
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

fn pause(
    span: PauseSpan,
    access: PauseAccess,
    (subscription, life): (&Subscription, &Life),
    now: Timestamp,
) -> Option<PauseTerms> {
    let runs =
        matches!(subscription.status, SubscriptionStatus::Active | SubscriptionStatus::PastDue);
    let in_trial = life.trial_ends_at.is_some_and(|at| at > now);
    if !runs || in_trial || life.pause.is_some() || life.ends_at.is_some() {
        return None;
    }
    let by = match (life.can_pause, access) {
        (PauseAbility::None, _) => return None,
        (PauseAbility::Service, PauseAccess::Off) => PauseKind::Service,
        (PauseAbility::Service | PauseAbility::Collection, _) => PauseKind::Collection,
    };
    let paid_until = match by {
        PauseKind::Service => now,
        PauseKind::Collection => life.period_ends_at.filter(|at| *at > now)?,
    };
    let access_until = (access == PauseAccess::Off).then_some(paid_until);
    let (periods, resumes_at, resumes_at_max) = match span {
        PauseSpan::Periods(periods) => {
            let renewal = after_periods(paid_until, subscription, life, periods)?;
            let ahead_ms = if by == PauseKind::Collection { RESUME_AHEAD_MS } else { 0 };
            (Some(periods), renewal.plus_ms(-ahead_ms), None)
        }
        PauseSpan::UpTo(span_ms) => {
            let latest = now.plus_ms(span_ms);
            // Charging is due when what is paid is used up; a pause that is over by then is none.
            let is_long_enough = latest.since_ms(paid_until) >= PAUSE_MS_MIN;
            (None, is_long_enough.then_some(latest)?, Some(latest))
        }
    };
    let terms = PauseTerms {
        by,
        access,
        periods,
        access_until,
        resumes_at,
        first_charge_at: None,
        resumes_at_max,
    };
    Some(PauseTerms { first_charge_at: first_charge(&terms, subscription, resumes_at), ..terms })
}

/// When the first charge after a pause is, should it end then. A subscription that rests begins a
/// new period when it resumes; one that goes on keeps its renewals.
#[must_use]
pub fn first_charge(
    terms: &PauseTerms,
    subscription: &Subscription,
    resumes_at: Timestamp,
) -> Option<Timestamp> {
    if terms.by == PauseKind::Service {
        return Some(resumes_at);
    }
    let life = subscription.life.as_ref()?;
    let renewals = (0..RENEWALS_MAX)
        .map_while(|count| after_periods(life.period_ends_at?, subscription, life, count));
    renewals.into_iter().find(|renewal| *renewal >= resumes_at)
}

/// The moment so many periods after another one. Months and years are counted in UTC; a day that a
/// month does not have is its last, so this is never later than the renewal that is meant.
fn after_periods(
    from: Timestamp,
    subscription: &Subscription,
    life: &Life,
    periods: u32,
) -> Option<Timestamp> {
    let months = match subscription.interval? {
        Interval::Month => 1,
        Interval::Year => 12,
        Interval::Other => {
            let length_ms = life.period_ends_at?.since_ms(life.period_started_at?);
            let span_ms = length_ms.checked_mul(i64::from(periods)).filter(|_| length_ms > 0)?;
            return Some(from.plus_ms(span_ms));
        }
    };
    let zoned = jiff::Timestamp::from_millisecond(from.as_ms()).ok()?.to_zoned(TimeZone::UTC);
    let later = zoned.checked_add(i64::from(periods).checked_mul(months)?.months()).ok()?;
    Some(Timestamp::from_ms(later.timestamp().as_millisecond()))
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
