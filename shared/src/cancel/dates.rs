//! When a pause begins, ends, and when the first charge after it is.

use super::offer::{PAUSE_MS_MIN, PauseAccess, PauseSpan, PauseTerms};
use crate::account::Subscription;
use crate::jurisdiction::Withdrawal;
use crate::policy::segment::Interval;
use crate::provider::{Life, PauseAbility, PauseKind, SubscriptionStatus};
use crate::time::{HOUR_MS, Timestamp};
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// So long before the renewal that shall be charged again collecting goes on, in milliseconds: a
/// renewal at the very moment could still be caught by the pause.
pub const RESUME_AHEAD_MS: i64 = HOUR_MS;
/// Renewals looked through for the first one after a date: weekly ones of four years.
const RENEWALS_MAX: u32 = 208;

/// Until when a contract can be taken back; `None`: not, or not any more, or nobody told since when
/// it is one.
pub(crate) fn withdraw_until(
    subscription: &Subscription,
    right: Option<Withdrawal>,
    now: Timestamp,
) -> Option<Timestamp> {
    let started_at = subscription.life.as_ref()?.started_at?;
    Some(started_at.plus_ms(right?.period_ms)).filter(|until| *until >= now)
}

/// A pause with its dates; `None`: not possible for this subscription now.
pub(super) fn pause(
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

/// A pause that is longer by as much as it was at first; `None`: its dates are not known.
#[must_use]
pub fn longer(
    terms: &PauseTerms,
    accepted_at: Timestamp,
    subscription: &Subscription,
) -> Option<PauseTerms> {
    let resumes_at = match terms.periods {
        Some(periods) => {
            let life = subscription.life.as_ref()?;
            let renewal = terms.first_charge_at?;
            let later = after_periods(renewal, subscription, life, periods)?;
            let ahead_ms = renewal.since_ms(terms.resumes_at);
            later.plus_ms(-ahead_ms)
        }
        None => terms.resumes_at.plus_ms(terms.resumes_at.since_ms(accepted_at)),
    };
    Some(PauseTerms { resumes_at, ..*terms })
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
