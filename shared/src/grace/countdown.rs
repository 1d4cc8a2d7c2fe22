//! What is left until access shrinks, in words for a person: "keep playing until Friday".

use super::{Access, AccessLevel};
use crate::policy::segment::Sector;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};

/// From two days on whole days are shown, below that hours: "1 day" says little to somebody who
/// plays tonight.
const DAYS_SHOWN_FROM_MS: i64 = 2 * DAY_MS;

/// What is left until access shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// Until when access stays as it is.
    pub until: Timestamp,
    /// What comes then.
    pub then: AccessLevel,
    /// What is left, in milliseconds.
    pub left_ms: i64,
    /// What is left, in whole days; rounded down, so that never more is promised than there is.
    pub days_left: u32,
    /// What is left, in whole hours.
    pub hours_left: u32,
    /// The one of them to be shown.
    pub shown: Left,
    /// How to say it.
    pub wording: Wording,
}

/// What is shown as left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// So many whole days, at least 2.
    Days(u32),
    /// So many whole hours, at least 1.
    Hours(u32),
    /// Less than an hour.
    Minutes,
}

/// How to say that access stays for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// "Your service goes on until …".
    ServiceContinues,
    /// "Keep using it until …".
    KeepUsing,
    /// "Keep playing until …".
    KeepPlaying,
}

impl Wording {
    /// The words for a kind of business.
    #[must_use]
    pub const fn of(sector: Sector) -> Self {
        match sector {
            Sector::B2b => Self::ServiceContinues,
            Sector::Consumer => Self::KeepUsing,
            Sector::Game => Self::KeepPlaying,
        }
    }
}

/// The countdown to show; `None` when nothing is open, when only a warning lies ahead, and when
/// there is no end in sight.
#[must_use]
pub fn countdown(access: &Access, sector: Sector, now: Timestamp) -> Option<Countdown> {
    let next = access.next.filter(|next| next.level > AccessLevel::Warn)?;
    if access.level == AccessLevel::Full {
        return None;
    }
    let left_ms = next.at.since_ms(now).max(0);
    let whole = |unit_ms: i64| u32::try_from(left_ms / unit_ms).unwrap_or(u32::MAX);
    let (days_left, hours_left) = (whole(DAY_MS), whole(HOUR_MS));
    let shown = match hours_left {
        0 => Left::Minutes,
        _ if left_ms >= DAYS_SHOWN_FROM_MS => Left::Days(days_left),
        hours => Left::Hours(hours),
    };
    let wording = Wording::of(sector);
    Some(Countdown {
        until: next.at,
        then: next.level,
        left_ms,
        days_left,
        hours_left,
        shown,
        wording,
    })
}
