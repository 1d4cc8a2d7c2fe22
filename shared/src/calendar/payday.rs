//! The days on which people are paid.

use super::{LocalTime, Weekday, Weekdays, Window, Zone};
use crate::time::Timestamp;

/// What happens to a payday of the month that falls on a weekend. Public holidays are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Weekend {
    /// The money comes on the Friday before: usual for salaries.
    #[default]
    Before,
    /// It comes on the Monday after.
    After,
    /// Nothing: it comes on that day.
    Stays,
}

/// Days on which money comes in: days of the month, days of the week, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Paydays {
    /// Bit n stands for day n of the month, 1 to 31.
    days: u32,
    weekdays: Weekdays,
    weekend: Weekend,
}

impl Paydays {
    /// Days of the month from 1 to 31 (others are left out) and days of the week. A day that a
    /// month does not have is its last day: 31 means the last day of every month.
    #[must_use]
    pub fn new(days_of_month: &[u8], weekdays: Weekdays, weekend: Weekend) -> Self {
        let real = days_of_month.iter().filter(|day| (1..=31).contains(*day));
        let days = real.fold(0, |set, day| set | 1_u32 << day);
        Self { days, weekdays, weekend }
    }

    /// The 1st, the 15th and the last day: paid once or twice a month.
    ///
    /// In the United States 20 % of private businesses pay twice a month and 11 % monthly; the
    /// others pay every week or every other week, which no day of the month reveals
    /// (<https://www.bls.gov/opub/ted/2014/ted_20140605.htm>, figures of 2013, read 2026-11).
    #[must_use]
    pub fn common() -> Self {
        Self::new(&[1, 15, 31], Weekdays::NONE, Weekend::Before)
    }

    /// Whether there is no payday at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.days == 0 && self.weekdays.is_empty()
    }

    /// Whether money comes in on this day.
    #[must_use]
    pub fn contains(&self, time: &LocalTime) -> bool {
        if self.weekdays.contains(time.weekday) {
            return true;
        }
        let here = self.has_day(time.day, time.days_in_month);
        match (self.weekend, time.weekday) {
            (Weekend::Stays, _) => here,
            (_, Weekday::Saturday | Weekday::Sunday) => false,
            (Weekend::Before, Weekday::Friday) => {
                here || self.ahead(time, 1) || self.ahead(time, 2)
            }
            (Weekend::After, Weekday::Monday) => {
                here || self.behind(time, 1) || self.behind(time, 2)
            }
            _ => here,
        }
    }

    fn has_day(&self, day: u8, days_in_month: u8) -> bool {
        let named = self.days & (1_u32 << day.min(31)) != 0;
        // The last day stands for all that the month does not have.
        let rest = self.days.checked_shr(u32::from(days_in_month)).unwrap_or(0) != 0;
        named || (day == days_in_month && rest)
    }

    fn ahead(&self, time: &LocalTime, days: u8) -> bool {
        let day = time.day + days;
        match day.checked_sub(time.days_in_month) {
            // Only the first days of the next month are asked for, and every month has them.
            Some(of_next) if of_next > 0 => self.has_day(of_next, 31),
            _ => self.has_day(day, time.days_in_month),
        }
    }

    fn behind(&self, time: &LocalTime, days: u8) -> bool {
        if let Some(day) = time.day.checked_sub(days).filter(|day| *day > 0) {
            return self.has_day(day, time.days_in_month);
        }
        let of_last_month = days_in_month_before(time);
        self.has_day(of_last_month - (days - time.day), of_last_month)
    }
}

fn days_in_month_before(time: &LocalTime) -> u8 {
    match time.month {
        5 | 7 | 10 | 12 => 30,
        3 if jiff::civil::date(time.year, 2, 1).in_leap_year() => 29,
        3 => 28,
        _ => 31,
    }
}

/// The first moment from `from` on that lies on a payday: `from` itself on a payday, else the first
/// moment of one. `None` when there is none within [`super::SEARCH_DAYS_MAX`].
#[must_use]
pub fn next_payday(zone: &Zone, paydays: &Paydays, from: Timestamp) -> Option<Timestamp> {
    next_payday_in_window(zone, paydays, &Window::ALWAYS, from)
}

/// Likewise, the window holding as well. A payday on a day that the window excludes is passed over.
#[must_use]
pub fn next_payday_in_window(
    zone: &Zone,
    paydays: &Paydays,
    window: &Window,
    from: Timestamp,
) -> Option<Timestamp> {
    if paydays.is_empty() {
        return None;
    }
    let day_fits =
        |time: &LocalTime| window.weekdays().contains(time.weekday) && paydays.contains(time);
    zone.first_fitting(from, day_fits, |hour| window.contains_hour(hour))
}
