//! What the model looks at: five facts about one attempt, and where each stands in the table.

use crate::calendar::{LocalTime, Weekday, Zone};
use crate::decline::Category;
use crate::time::Timestamp;
use core::ops::Range;
use serde::{Deserialize, Serialize};

/// Attempt numbers that are told apart; the last stands for itself and all later ones.
pub const ATTEMPT_CELLS: u32 = 8;

const CATEGORIES: usize = 11;
const ATTEMPTS: usize = ATTEMPT_CELLS as usize;
const FAMILIES: usize = 3;
const HOURS: usize = 24;
const WEEKDAYS: usize = 7;
const MONTH_DAYS: usize = 31;

/// Where the numbers of each factor begin.
const ATTEMPT_FROM: usize = CATEGORIES;
const HOUR_FROM: usize = ATTEMPT_FROM + ATTEMPTS;
const WEEKDAY_FROM: usize = HOUR_FROM + FAMILIES * HOURS;
const MONTH_DAY_FROM: usize = WEEKDAY_FROM + FAMILIES * WEEKDAYS;

/// How many numbers the model has.
pub(super) const CELLS: usize = MONTH_DAY_FROM + FAMILIES * MONTH_DAYS;

/// Declines for which the same moments are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Money was missing: it comes on paydays.
    Funds,
    /// The bank or the network was not there: it comes back.
    Bank,
    /// Everything else: a no without a reason, or one that time does not cure.
    Other,
}

impl Family {
    /// Of a category.
    #[must_use]
    pub const fn of(category: Category) -> Self {
        match category {
            Category::InsufficientFunds => Self::Funds,
            Category::IssuerUnavailable | Category::Technical => Self::Bank,
            Category::Generic
            | Category::Expired
            | Category::InvalidDetails
            | Category::NotSupported
            | Category::AuthenticationRequired
            | Category::Blocked
            | Category::Revoked
            | Category::Unknown => Self::Other,
        }
    }
}

/// A day of the month, the last three counted from its end: salaries come on the last day,
/// whichever number it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MonthDay(u8);

/// Days 1 to 28 by number, if they are not among the last three.
const NUMBERED_DAYS: u8 = 28;

impl MonthDay {
    fn of(time: &LocalTime) -> Self {
        let left = time.days_to_month_end();
        let cell = if left < 3 { NUMBERED_DAYS + 2 - left } else { time.day.saturating_sub(1) };
        Self(cell)
    }
}

impl core::fmt::Display for MonthDay {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            30 => f.write_str("last day of the month"),
            29 => f.write_str("last day but one of the month"),
            28 => f.write_str("last day but two of the month"),
            cell => write!(f, "day {} of the month", cell + 1),
        }
    }
}

/// One of the five facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Factor {
    /// Why the attempt before was declined.
    Category,
    /// The number of the attempt.
    Attempt,
    /// The local hour.
    Hour,
    /// The local day of the week.
    Weekday,
    /// The local day of the month.
    MonthDay,
}

impl Factor {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Category, Self::Attempt, Self::Hour, Self::Weekday, Self::MonthDay];
}

/// What one of the five facts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Why the attempt before was declined.
    Category(Category),
    /// The number of the attempt, at most [`ATTEMPT_CELLS`].
    Attempt(u32),
    /// The local hour, 0 to 23.
    Hour(u8),
    /// The local day of the week.
    Weekday(Weekday),
    /// The local day of the month.
    MonthDay(MonthDay),
}

impl core::fmt::Display for Reading {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Category(category) => write!(f, "after {}", category_text(*category)),
            Self::Attempt(n) if *n == ATTEMPT_CELLS => write!(f, "attempt {n} or later"),
            Self::Attempt(n) => write!(f, "attempt {n}"),
            Self::Hour(hour) => write!(f, "at {hour:02}:00"),
            Self::Weekday(day) => write!(f, "on {}", day.as_str()),
            Self::MonthDay(day) => write!(f, "{day}"),
        }
    }
}

/// The five facts about one attempt. Stored as an array of them in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Features {
    category: Category,
    attempt: u32,
    hour: u8,
    weekday: Weekday,
    month_day: MonthDay,
}

type Stored = (Category, u32, u8, Weekday, u8);

/// Stored facts name no moment that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored facts about an attempt are out of their range")]
pub struct FeaturesError;

impl From<Features> for Stored {
    fn from(f: Features) -> Self {
        (f.category, f.attempt, f.hour, f.weekday, f.month_day.0)
    }
}

impl TryFrom<Stored> for Features {
    type Error = FeaturesError;
    fn try_from((category, attempt, hour, weekday, day): Stored) -> Result<Self, FeaturesError> {
        let is_moment = usize::from(hour) < HOURS && usize::from(day) < MONTH_DAYS;
        if !is_moment || !(1..=ATTEMPT_CELLS).contains(&attempt) {
            return Err(FeaturesError);
        }
        Ok(Self { category, attempt, hour, weekday, month_day: MonthDay(day) })
    }
}

impl Features {
    /// Of an attempt at a moment: `category` is why the one before it was declined, `attempt` is
    /// its number, 1 for the first after the failure (0 counts as 1).
    #[must_use]
    pub fn at(category: Category, attempt: u32, at: Timestamp, zone: &Zone) -> Self {
        Self::of(category, attempt, &zone.local(at))
    }

    /// Likewise, of a local time.
    #[must_use]
    pub fn of(category: Category, attempt: u32, time: &LocalTime) -> Self {
        let attempt = attempt.clamp(1, ATTEMPT_CELLS);
        let month_day = MonthDay::of(time);
        Self { category, attempt, hour: time.hour, weekday: time.weekday, month_day }
    }

    /// What one of the facts is.
    #[must_use]
    pub const fn reading(&self, factor: Factor) -> Reading {
        match factor {
            Factor::Category => Reading::Category(self.category),
            Factor::Attempt => Reading::Attempt(self.attempt),
            Factor::Hour => Reading::Hour(self.hour),
            Factor::Weekday => Reading::Weekday(self.weekday),
            Factor::MonthDay => Reading::MonthDay(self.month_day),
        }
    }

    /// Where the number of a factor stands. The order is stored: see `record`.
    pub(super) fn cell(&self, factor: Factor) -> usize {
        let row = Family::of(self.category) as usize;
        match factor {
            Factor::Category => category_index(self.category),
            Factor::Attempt => ATTEMPT_FROM + self.attempt.saturating_sub(1) as usize,
            Factor::Hour => HOUR_FROM + row * HOURS + usize::from(self.hour),
            Factor::Weekday => WEEKDAY_FROM + row * WEEKDAYS + self.weekday as usize,
            Factor::MonthDay => MONTH_DAY_FROM + row * MONTH_DAYS + usize::from(self.month_day.0),
        }
    }

    /// The places of all values of a factor, for this family of declines.
    pub(super) fn row(&self, factor: Factor) -> Range<usize> {
        let width = match factor {
            Factor::Category => CATEGORIES,
            Factor::Attempt => ATTEMPTS,
            Factor::Hour => HOURS,
            Factor::Weekday => WEEKDAYS,
            Factor::MonthDay => MONTH_DAYS,
        };
        let cell = self.cell(factor);
        let (_, _, value) = place(cell);
        let from = cell - value;
        from..from + width
    }

    /// All five places.
    pub(super) fn cells(&self) -> [usize; 5] {
        Factor::ALL.map(|factor| self.cell(factor))
    }
}

/// What a place in the table stands for: the factor, the family's row (0 without families), and
/// which of its values.
pub(super) fn place(cell: usize) -> (Factor, usize, usize) {
    let of = |factor, from: usize, width: usize| {
        let within = cell - from;
        (factor, within / width, within % width)
    };
    match cell {
        0..ATTEMPT_FROM => (Factor::Category, 0, cell),
        ATTEMPT_FROM..HOUR_FROM => (Factor::Attempt, 0, cell - ATTEMPT_FROM),
        HOUR_FROM..WEEKDAY_FROM => of(Factor::Hour, HOUR_FROM, HOURS),
        WEEKDAY_FROM..MONTH_DAY_FROM => of(Factor::Weekday, WEEKDAY_FROM, WEEKDAYS),
        _ => of(Factor::MonthDay, MONTH_DAY_FROM, MONTH_DAYS),
    }
}

/// The place of a category. Never changes: it is stored.
const fn category_index(category: Category) -> usize {
    match category {
        Category::InsufficientFunds => 0,
        Category::IssuerUnavailable => 1,
        Category::Generic => 2,
        Category::Expired => 3,
        Category::InvalidDetails => 4,
        Category::NotSupported => 5,
        Category::AuthenticationRequired => 6,
        Category::Blocked => 7,
        Category::Revoked => 8,
        Category::Technical => 9,
        Category::Unknown => 10,
    }
}

const fn category_text(category: Category) -> &'static str {
    match category {
        Category::InsufficientFunds => "insufficient funds",
        Category::IssuerUnavailable => "the bank was unavailable",
        Category::Generic => "a decline without a reason",
        Category::Expired => "the card had expired",
        Category::InvalidDetails => "wrong card details",
        Category::NotSupported => "an unsupported card",
        Category::AuthenticationRequired => "authentication was required",
        Category::Blocked => "a blocked card",
        Category::Revoked => "a revocation",
        Category::Technical => "a technical failure",
        Category::Unknown => "an unknown decline",
    }
}
