//! Local time: what the clock on the customer's wall shows.
//!
//! A zone is a POSIX rule (`CET-1CEST,M3.5.0,M10.5.0/3`), so no zone database is carried along.
//! Such a rule says what holds from now on; it knows nothing of the past. That is enough here: all
//! questions are about the coming weeks. Where the clock is put forward, an hour does not exist
//! that day; where it is put back, an hour comes twice. Both are answered by moments, never by
//! guesses about a wall time: every function takes and returns a [`Timestamp`].

mod payday;
mod window;
mod zones;

pub use payday::{Paydays, Weekend, next_payday, next_payday_in_window};
pub use window::{Window, WindowError, next_in_window};
pub use zones::{TABLE_VERSION, ZONES};

use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The longest rule accepted, in bytes. The longest in use (Chatham Islands) has 45.
pub const RULE_BYTES_MAX: usize = 64;

/// How far ahead a fitting time is looked for, in days: two months, so that a monthly payday that a
/// window excludes once is found in the month after.
pub const SEARCH_DAYS_MAX: i64 = 62;

/// Steps of one search: a day is passed in one step, the hours of a fitting day one by one.
const SEARCH_STEPS_MAX: usize = 2_000;

/// The finest step; all clock changes of the world happen at quarters of an hour.
const QUARTER_MS: i64 = 15 * MINUTE_MS;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// All of them, from Monday on.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The day in English.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    const fn of(day: jiff::civil::Weekday) -> Self {
        match day {
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// None.
    pub const NONE: Self = Self(0);
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WORKING: Self = Self(0b001_1111);

    /// These days.
    #[must_use]
    pub fn of(days: &[Weekday]) -> Self {
        Self(days.iter().fold(0, |set, day| set | bit(*day)))
    }

    /// Whether the day is one of them.
    #[must_use]
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// Whether there is no day in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

const fn bit(day: Weekday) -> u8 {
    1 << (day as u8)
}

/// What a calendar and a clock at the customer's place show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalTime {
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// How many days the month has, 28 to 31.
    pub days_in_month: u8,
    /// The day of the week.
    pub weekday: Weekday,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
}

impl LocalTime {
    fn of(time: DateTime) -> Self {
        // All of these are small and positive; jiff holds them in signed types.
        let small = |number: i8| u8::try_from(number).unwrap_or(0);
        Self {
            year: time.year(),
            month: small(time.month()),
            day: small(time.day()),
            days_in_month: small(time.date().days_in_month()),
            weekday: Weekday::of(time.weekday()),
            hour: small(time.hour()),
            minute: small(time.minute()),
        }
    }

    /// Days until the last day of the month: 0 on the last day.
    #[must_use]
    pub const fn days_to_month_end(&self) -> u8 {
        self.days_in_month.saturating_sub(self.day)
    }
}

/// Why a text is not a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// The text is longer than [`RULE_BYTES_MAX`].
    #[error("a time zone rule is longer than {RULE_BYTES_MAX} bytes")]
    TooLong,
    /// The text is not a POSIX rule.
    #[error("not a POSIX time zone rule such as \"CET-1CEST,M3.5.0,M10.5.0/3\"")]
    Rule,
}

/// Whether a zone is known or assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ZoneSource {
    /// The name was in the table.
    Known,
    /// It was not; the zone is UTC, which may be wrong by up to 14 hours.
    AssumedUtc,
}

/// A time zone, as a rule that holds from now on. Stored as its POSIX text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    rule: String,
    zone: TimeZone,
}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { rule: "UTC0".to_owned(), zone: TimeZone::UTC }
    }

    /// From a POSIX rule of at most [`RULE_BYTES_MAX`] bytes: `EST5EDT,M3.2.0,M11.1.0`, `IST-5:30`.
    pub fn parse(rule: &str) -> Result<Self, ZoneError> {
        if rule.len() > RULE_BYTES_MAX {
            return Err(ZoneError::TooLong);
        }
        if rule == "UTC0" {
            return Ok(Self::utc());
        }
        let zone = TimeZone::posix(rule).map_err(|_| ZoneError::Rule)?;
        Ok(Self { rule: rule.to_owned(), zone })
    }

    /// By its name in the IANA database (`Europe/Berlin`), if the table has it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::parse(zones::rule_of(name)?).ok()
    }

    /// Likewise; where the table does not have it, UTC, and that this was assumed.
    #[must_use]
    pub fn named_or_utc(name: &str) -> (Self, ZoneSource) {
        match Self::named(name) {
            Some(zone) => (zone, ZoneSource::Known),
            None => (Self::utc(), ZoneSource::AssumedUtc),
        }
    }

    /// The POSIX rule.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The local time at a moment. Moments beyond the year 9999 count as its end.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> LocalTime {
        LocalTime::of(self.zone.to_datetime(moment(at)))
    }

    /// The first moment of the local day after the one of `at`, later than `at`.
    fn next_day(&self, at: Timestamp) -> Option<Timestamp> {
        let tomorrow = self.zone.to_datetime(moment(at)).date().tomorrow().ok()?;
        let midnight = self.zone.to_ambiguous_timestamp(tomorrow.at(0, 0, 0, 0));
        // Of a midnight that comes twice the first, of one that does not exist the end of the gap.
        let start = Timestamp::from_ms(midnight.compatible().ok()?.as_millisecond());
        let later = start > at;
        // Only where the clock is put back over midnight: the day begins once more.
        Some(if later { start } else { self.next_quarter(at) })
    }

    /// The next full hour on the wall; the next quarter where the clock is changed before that.
    fn next_hour(&self, at: Timestamp) -> Timestamp {
        let next = at.plus_ms(HOUR_MS - self.hour_elapsed_ms(at));
        let same_offset = self.zone.to_offset(moment(at)) == self.zone.to_offset(moment(next));
        if same_offset { next } else { self.next_quarter(at) }
    }

    fn next_quarter(&self, at: Timestamp) -> Timestamp {
        at.plus_ms(QUARTER_MS - self.hour_elapsed_ms(at) % QUARTER_MS)
    }

    fn hour_elapsed_ms(&self, at: Timestamp) -> i64 {
        let time = self.zone.to_datetime(moment(at));
        i64::from(time.minute()) * MINUTE_MS
            + i64::from(time.second()) * SECOND_MS
            + i64::from(time.millisecond())
    }

    /// The first moment from `from` on whose day and whose time both fit.
    fn first_fitting(
        &self,
        from: Timestamp,
        day_fits: impl Fn(&LocalTime) -> bool,
        hour_fits: impl Fn(u8) -> bool,
    ) -> Option<Timestamp> {
        let end = from.plus_ms(SEARCH_DAYS_MAX * crate::time::DAY_MS);
        let mut at = from;
        for _ in 0..SEARCH_STEPS_MAX {
            if at > end {
                return None;
            }
            let local = self.local(at);
            if !day_fits(&local) {
                at = self.next_day(at)?;
            } else if hour_fits(local.hour) {
                return Some(at);
            } else {
                at = self.next_hour(at);
            }
        }
        None
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;
    fn try_from(rule: String) -> Result<Self, ZoneError> {
        Self::parse(&rule)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.rule
    }
}

/// As jiff knows moments; ours have a wider range.
fn moment(at: Timestamp) -> jiff::Timestamp {
    let first = jiff::Timestamp::MIN.as_millisecond();
    let last = jiff::Timestamp::MAX.as_millisecond();
    jiff::Timestamp::from_millisecond(at.as_ms().clamp(first, last)).unwrap_or_default()
}
