//! How long a discount has to be, so that exactly the promised number of payments costs less.
//!
//! Stripe knows a discount for the next invoice, and one for a number of calendar months. The
//! months begin when the discount is given, not when the period began, and every invoice made in
//! them is reduced: four months are four payments of a monthly subscription, the one at their very
//! end is none of them (<https://docs.stripe.com/billing/subscriptions/coupons>, and `end` of
//! <https://docs.stripe.com/api/discounts/object>, SDK 23.1.0, read 2026-11). So the end has to lie
//! between two renewals with room on either side: after the last payment that is reduced, which
//! may be billed a while after its period began, and before the first that is not. February is
//! where counting periods as months goes wrong: given an hour into a period that begins on the
//! 28th of February and would begin on the 31st, three months end on the 28th of May, three days
//! before the third payment. Where no number of months is exact, nothing is offered.

use crate::account::Subscription;
use crate::policy::segment::Interval;
use crate::provider::Life;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use jiff::Span;
use jiff::tz::TimeZone;

/// So long after a period began its payment may still be billed, in milliseconds. How late Stripe
/// makes the draft it does not say; an hour later the draft becomes an invoice
/// (<https://docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period>, read
/// 2026-11).
pub const BILLED_WITHIN_MS: i64 = 2 * HOUR_MS;
/// So long after its length was chosen a discount may be given, in milliseconds.
pub const GIVEN_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// The longest discount, in months.
pub const MONTHS_MAX: u32 = 240;

/// How long a discount lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// For the next payment.
    Once,
    /// For every payment within so many months from when it is given.
    Months(u32),
}

/// When a subscription is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewals {
    /// When the period that runs began.
    pub began_at: Timestamp,
    /// When it ends, which is when the next payment is due.
    pub ends_at: Timestamp,
    /// How many months there are between payments.
    pub months: u32,
}

impl Renewals {
    /// Those of a subscription as it was seen; `None`: not known, or not counted in months.
    #[must_use]
    pub fn of(subscription: &Subscription, life: &Life) -> Option<Self> {
        let months = life.months_per_period.or(match subscription.interval? {
            Interval::Month => Some(1),
            Interval::Year => Some(12),
            Interval::Other => None,
        })?;
        let (began_at, ends_at) = (life.period_started_at?, life.period_ends_at?);
        Some(Self { began_at, ends_at, months })
    }

    /// The payment that comes `count` payments after the next one, at the earliest and at the
    /// latest. A period that ends on the last day of a short month began on the day that counts, or
    /// ends on it: after a trial, or where the day was moved.
    fn after_next(&self, count: u32) -> Option<(Timestamp, Timestamp)> {
        let later = count.checked_mul(self.months)?;
        let by_end = add(self.ends_at, later)?;
        let is_regular = add(self.began_at, self.months)? == self.ends_at;
        let by_begin = add(self.began_at, later.checked_add(self.months)?)?;
        let other = if is_regular { by_begin } else { by_end };
        Some((by_end.min(other), by_end.max(other)))
    }
}

/// How long a discount has to be that is given now, or within [`GIVEN_WITHIN_MS`], so that exactly
/// the next `payments` are reduced; `None`: no length is sure to be exact. `renewals` is needed for
/// more than one payment.
#[must_use]
pub fn length(renewals: Option<&Renewals>, payments: u32, now: Timestamp) -> Option<Length> {
    if payments <= 1 {
        return Some(Length::Once);
    }
    let renewals = renewals?;
    let given_by = now.plus_ms(GIVEN_WITHIN_MS);
    // The payment of the period that runs is not one of them, the next one is.
    if now.since_ms(renewals.began_at) < BILLED_WITHIN_MS || given_by >= renewals.ends_at {
        return None;
    }
    let (_, last) = renewals.after_next(payments.checked_sub(1)?)?;
    let (first_full, _) = renewals.after_next(payments)?;
    let given = moments(now, given_by);
    let room_ms = |months: &u32| {
        let ends = given.iter().flatten().map(|at| add(*at, *months));
        let ends = ends.collect::<Option<Vec<Timestamp>>>()?;
        let (from, to) = (*ends.iter().min()?, *ends.iter().max()?);
        let after_ms = from.since_ms(last).saturating_sub(BILLED_WITHIN_MS);
        Some(after_ms.min(first_full.since_ms(to)))
    };
    // Never further from the right one than a period, whatever the day.
    let around = payments.checked_mul(renewals.months)?;
    let least = around.saturating_sub(renewals.months).max(1);
    let most = around.checked_add(renewals.months)?.min(MONTHS_MAX);
    let best = (least..=most).max_by_key(|months| room_ms(months));
    best.filter(|months| room_ms(months) >= Some(0)).map(Length::Months)
}

/// The moments of a span from which the earliest and the latest end follow: of two days that lead
/// to the last one of a short month, the evening of the first leads further than the morning of the
/// second.
fn moments(from: Timestamp, to: Timestamp) -> [Option<Timestamp>; 4] {
    let midnight = Timestamp::from_ms(to.as_ms().div_euclid(DAY_MS).saturating_mul(DAY_MS));
    let within = |at: Timestamp| Some(at).filter(|at| *at > from);
    [Some(from), within(midnight.plus_ms(-1)), within(midnight), Some(to)]
}

/// So many calendar months later in UTC; a day that a month does not have is its last.
fn add(at: Timestamp, months: u32) -> Option<Timestamp> {
    let zoned = jiff::Timestamp::from_millisecond(at.as_ms()).ok()?.to_zoned(TimeZone::UTC);
    let later = zoned.checked_add(Span::new().try_months(months).ok()?).ok()?;
    Some(Timestamp::from_ms(later.timestamp().as_millisecond()))
}
