//! The hidden truth about one customer, drawn once and the same for every contestant.

use crate::rng::{Draws, Stream};
use crate::world::{Death, Pay, START, World};
use reprieve_core::calendar::{LocalTime, Weekday, Zone};
use reprieve_core::network::Network;
use reprieve_core::policy::segment::Interval;
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// Renewals come in the rhythm of 30 and 31 days, so that their hour stays.
const TWO_MONTHS_MS: i64 = 61 * DAY_MS;
const MONTH_MS: i64 = 30 * DAY_MS;
const YEAR_DAYS: i64 = 365;
/// A year costs ten months.
const YEAR_PRICE_MONTHS: i64 = 10;
/// Cards that die may do so until this long after the start, whatever the run's length.
const DEATHS_WITHIN_DAYS: i64 = 30;

/// One customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hidden<'w> {
    pub(crate) world: &'w World,
    pub(crate) draws: Draws,
    pub(crate) number: u64,
    pub(crate) zone: &'w Zone,
    pub(crate) country: &'static str,
    pub(crate) network: Network,
    pub(crate) interval: Interval,
    /// What one renewal costs.
    pub(crate) amount_minor: i64,
    first_renewal: Timestamp,
    pub(crate) issuer: u64,
    pub(crate) purse: Option<Purse>,
    pub(crate) death: Option<DeadCard>,
}

/// An account that runs empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purse {
    pay: Pay,
    disposable_minor: i64,
    lasting_hours: i64,
}

/// The end of the card on file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeadCard {
    pub(crate) at: Timestamp,
    pub(crate) cause: Death,
    /// When the provider gets the new card by itself.
    pub(crate) updated_at: Option<Timestamp>,
}

impl<'w> Hidden<'w> {
    /// Draws the customer with this number. `zones` are those of the world, in its order.
    pub(crate) fn of(world: &'w World, seed: u64, number: u64, zones: &'w [Zone]) -> Option<Self> {
        let draws = Draws::of(seed, world.name, number);
        let yearly = draws.permille(Stream::Interval, 0, world.yearly);
        let indexed: [(usize, u32); ZONES_MAX] =
            core::array::from_fn(|at| (at, world.zones.get(at).map_or(0, |(_, weight)| *weight)));
        let zone_at = draws.weighted(Stream::Zone, 0, &indexed)?;
        let zone = zones.get(zone_at)?;
        let ((_, country), _) = *world.zones.get(zone_at)?;
        let month_minor = draws.weighted(Stream::Plan, 0, world.plans)?;
        let [visa, mastercard, other] = world.networks;
        let networks =
            [(Network::Visa, visa), (Network::Mastercard, mastercard), (Network::Amex, other)];
        let interval = if yearly { Interval::Year } else { Interval::Month };
        let hidden = Self {
            world,
            draws,
            number,
            zone,
            country,
            network: draws.weighted(Stream::Network, 0, &networks)?,
            interval,
            amount_minor: if yearly { month_minor * YEAR_PRICE_MONTHS } else { month_minor },
            first_renewal: first_renewal(draws, world, zone, interval),
            issuer: draws.below(Stream::Issuer, 0, world.outages.issuers),
            purse: purse(draws, world),
            death: death(draws, world),
        };
        Some(hidden)
    }

    /// The renewals within so many days from the start.
    pub(crate) fn renewals(&self, days: i64) -> impl Iterator<Item = (u64, Timestamp)> + use<> {
        let end = START.plus_ms(days * DAY_MS);
        let (first, count) = (self.first_renewal, self.renewals_max());
        (0..count).map(move |k| (k, nth_renewal(first, k))).take_while(move |(_, at)| *at < end)
    }

    /// The time of a renewal by its number, if there is one.
    pub(crate) fn renewal(&self, k: u64) -> Option<Timestamp> {
        (k < self.renewals_max()).then(|| nth_renewal(self.first_renewal, k))
    }

    /// Who pays by the year renews once: a run is shorter than a year.
    const fn renewals_max(&self) -> u64 {
        match self.interval {
            Interval::Year => 1,
            Interval::Month | Interval::Other => 24,
        }
    }

    /// Whether the customer's clock was ever seen; where it was not, the core takes UTC.
    pub(crate) fn zone_is_known(&self) -> bool {
        self.draws.permille(Stream::Zone, 1, self.world.zones_known)
    }

    /// What is in the account in this hour.
    pub(crate) fn balance_minor(&self, time: &LocalTime) -> Option<i64> {
        let purse = self.purse?;
        let (days_ago, hours) = since_payday(purse.pay, time, self.world.funds.pay_hour);
        let period = (days_from_civil(time) - days_ago).unsigned_abs();
        let pay = self.draws.between(Stream::PeriodPay, period, (700, 1_300));
        let lasts = self.draws.between(Stream::PeriodLasting, period, (700, 1_300));
        let lasting_hours = (purse.lasting_hours * lasts / 1_000).max(1);
        let left = (lasting_hours - hours).max(0);
        Some(purse.disposable_minor * pay / 1_000 * left / lasting_hours)
    }
}

/// The most zones of one world.
const ZONES_MAX: usize = 8;

const fn nth_renewal(first: Timestamp, k: u64) -> Timestamp {
    let (pairs, odd) = ((k / 2).cast_signed(), (k % 2).cast_signed());
    first.plus_ms(pairs * TWO_MONTHS_MS + odd * MONTH_MS)
}

fn first_renewal(draws: Draws, world: &World, zone: &Zone, interval: Interval) -> Timestamp {
    let days = if interval == Interval::Year { YEAR_DAYS } else { 30 };
    let day = draws.between(Stream::RenewalDay, 0, (0, days));
    let hour = draws.weighted(Stream::RenewalHour, 0, world.hours).unwrap_or(12);
    let minute = draws.between(Stream::RenewalMinute, 0, (0, 60));
    let noon = START.plus_ms(day * DAY_MS + 12 * HOUR_MS + minute * MINUTE_MS);
    let shift = hour - i64::from(zone.local(noon).hour);
    noon.plus_ms(shift * HOUR_MS)
}

fn purse(draws: Draws, world: &World) -> Option<Purse> {
    if !draws.permille(Stream::Fragile, 0, world.funds.fragile) {
        return None;
    }
    let tenths = draws.between(Stream::Lasting, 0, world.funds.lasting_tenths);
    Some(Purse {
        pay: draws.weighted(Stream::PayKind, 0, world.funds.pay)?,
        disposable_minor: draws.between(Stream::Disposable, 0, world.funds.disposable),
        lasting_hours: tenths * 24 / 10,
    })
}

fn death(draws: Draws, world: &World) -> Option<DeadCard> {
    let cards = world.cards;
    if !draws.permille(Stream::Death, 0, cards.die) {
        return None;
    }
    let cause = draws.weighted(Stream::DeathCause, 0, cards.causes)?;
    let within_ms = DEATHS_WITHIN_DAYS * DAY_MS;
    let at = START.plus_ms(draws.between(Stream::DeathAt, 0, (0, within_ms)));
    // Who stopped the payments gets no new card for them.
    let replaced = cause != Death::Revoked && draws.permille(Stream::Updated, 0, cards.updated);
    let wait_ms = draws.exponential(Stream::UpdatedAt, 0, cards.updated_days * DAY_MS);
    Some(DeadCard { at, cause, updated_at: replaced.then(|| at.plus_ms(wait_ms)) })
}

/// How many days ago, and how many hours ago, money came in the last time.
fn since_payday(pay: Pay, time: &LocalTime, pay_hour: u8) -> (i64, i64) {
    let within_day = i64::from(time.hour) - i64::from(pay_hour);
    let came = |ago: &i64| *ago * 24 + within_day >= 0;
    let ago = paydays_ago(pay, time).into_iter().flatten().filter(came).min().unwrap_or(31);
    (ago, (ago * 24 + within_day).max(0))
}

/// Paydays around today as days ago; those ahead are negative.
fn paydays_ago(pay: Pay, time: &LocalTime) -> [Option<i64>; 6] {
    let today = i64::from(time.day);
    let weekday = time.weekday as i64;
    if pay == Pay::Weekly {
        let ago = (weekday - Weekday::Friday as i64).rem_euclid(7);
        return [Some(ago), Some(ago + 7), None, None, None, None];
    }
    let before = i64::from(days_in_month_before(time));
    let here = i64::from(time.days_in_month);
    // On a weekend the money comes on the Friday before.
    let ago = |day: i64| {
        let early = ((weekday + day - today).rem_euclid(7) - 4).max(0);
        Some(today - (day - early))
    };
    match pay {
        Pay::Weekly => [None; 6],
        Pay::LastDay => [ago(0), ago(here), ago(-before), None, None, None],
        Pay::SemiMonthly => [ago(0), ago(here), ago(15), ago(15 - before), None, None],
        Pay::Monthly(day) => {
            let day = i64::from(day);
            [ago(day), ago(day - before), ago(day + here), None, None, None]
        }
    }
}

fn days_in_month_before(time: &LocalTime) -> u8 {
    let leap = time.year % 4 == 0 && (time.year % 100 != 0 || time.year % 400 == 0);
    match time.month {
        5 | 7 | 10 | 12 => 30,
        3 if leap => 29,
        3 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days_from_civil(time: &LocalTime) -> i64 {
    let (month, day) = (i64::from(time.month), i64::from(time.day));
    // The year begins in March, so that the leap day is its last.
    let year = i64::from(time.year) - i64::from(month <= 2);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(days: i64, hour: i64) -> LocalTime {
        Zone::utc().local(Timestamp::from_ms(days * DAY_MS + hour * HOUR_MS))
    }

    #[test]
    fn days_are_counted_like_the_clock_counts_them() {
        for days in [0, 59, 60, 11_016, 11_017, 19_782, 20_850, 20_878] {
            assert_eq!(days_from_civil(&local(days, 13)), days);
        }
    }

    #[test]
    fn money_comes_on_the_friday_before_a_weekend() {
        // 2027-02-28 is a Sunday; so the February's last payday is Friday the 26th.
        let first = START.as_ms() / DAY_MS;
        assert_eq!(since_payday(Pay::LastDay, &local(first + 25, 9), 6), (0, 3));
        assert_eq!(since_payday(Pay::LastDay, &local(first + 25, 5), 6).0, 28);
        assert_eq!(since_payday(Pay::LastDay, &local(first + 27, 6), 6), (2, 48));
        // 2027-05-01 is a Saturday: who is paid on the 1st has it on April the 30th.
        let april_30 = first + 27 + 31 + 30;
        assert_eq!(since_payday(Pay::Monthly(1), &local(april_30, 7), 6), (0, 1));
        assert_eq!(since_payday(Pay::Weekly, &local(first + 4, 7), 6), (0, 1));
        assert_eq!(since_payday(Pay::Weekly, &local(first + 3, 7), 6), (6, 145));
        assert_eq!(since_payday(Pay::SemiMonthly, &local(first + 20, 6), 6), (6, 144));
    }
}
