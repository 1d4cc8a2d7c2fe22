//! Hours and days of the week at which something may happen, in local time.

use super::{LocalTime, Weekdays, Zone};
use crate::time::Timestamp;

const HOURS: u8 = 24;

/// Why hours and days are not a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// An hour is not on the clock.
    #[error("a window begins at an hour from 0 to 23 and ends at an hour from 1 to 24")]
    Hour,
    /// Beginning and end are the same.
    #[error("a window that ends at the hour at which it begins is empty")]
    Empty,
    /// No day of the week is allowed.
    #[error("a window needs at least one day of the week")]
    NoWeekday,
}

/// From one full hour to another, on some days of the week. A window that ends before it begins
/// goes over midnight; the day of the week is always that of the moment itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    hour_from: u8,
    hour_to: u8,
    weekdays: Weekdays,
}

impl Window {
    /// Always.
    pub const ALWAYS: Self = Self { hour_from: 0, hour_to: HOURS, weekdays: Weekdays::ALL };

    /// From `hour_from` (0 to 23) until before `hour_to` (1 to 24): `new(22, 6, …)` is the night.
    pub fn new(hour_from: u8, hour_to: u8, weekdays: Weekdays) -> Result<Self, WindowError> {
        if hour_from >= HOURS || hour_to == 0 || hour_to > HOURS {
            return Err(WindowError::Hour);
        }
        if hour_from == hour_to {
            return Err(WindowError::Empty);
        }
        if weekdays.is_empty() {
            return Err(WindowError::NoWeekday);
        }
        Ok(Self { hour_from, hour_to, weekdays })
    }

    /// Whether the time lies in it.
    #[must_use]
    pub const fn contains(&self, time: &LocalTime) -> bool {
        self.contains_hour(time.hour) && self.weekdays.contains(time.weekday)
    }

    pub(super) const fn contains_hour(&self, hour: u8) -> bool {
        if self.hour_from < self.hour_to {
            self.hour_from <= hour && hour < self.hour_to
        } else {
            self.hour_from <= hour || hour < self.hour_to
        }
    }

    /// The days of the week.
    #[must_use]
    pub const fn weekdays(&self) -> Weekdays {
        self.weekdays
    }
}

/// The first moment from `from` on that lies in the window; `from` itself if it does. `None` only
/// when there is none within [`super::SEARCH_DAYS_MAX`].
#[must_use]
pub fn next_in_window(zone: &Zone, window: &Window, from: Timestamp) -> Option<Timestamp> {
    let day_fits = |time: &LocalTime| window.weekdays.contains(time.weekday);
    zone.first_fitting(from, day_fits, |hour| window.contains_hour(hour))
}
