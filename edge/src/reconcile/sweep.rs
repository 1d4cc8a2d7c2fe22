//! How far the janitor has come, and how it goes on: two small machines without side effects.
//!
//! *Events* are read in windows of time, from the newest page of a window to its oldest. A window
//! is finished before the next one begins where it ended, so nothing is left out however long a run
//! may take and however often it is cut off. Lists that have no time, like the unpaid invoices, are
//! read in *rounds* from the newest to the oldest, and after a rest from the beginning.

use reprieve_core::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How far back the first window reaches: what was before belongs to the time without us.
pub const FIRST_WINDOW_MS: i64 = HOUR_MS;
/// By how much a window reaches into the one before: clocks differ, and an event may enter the list
/// a little after its own time. One that is read twice changes nothing.
pub const OVERLAP_MS: i64 = 2 * MINUTE_MS;
/// How many objects are on a page: 20 of them fit into the longest answer that is read. After an
/// answer that was too long all the same, pages get smaller.
pub const PAGE_LIMITS: [u32; 3] = [20, 5, 1];
/// How often a page is tried in runs one after the other before it is passed over.
pub const TRIES_MAX: u32 = 5;

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageEnd {
    /// The last object on it; `None`: it was empty.
    pub last: Option<String>,
    /// Whether another one follows.
    pub has_more: bool,
}

/// A place in a list, and the trouble there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The last object that was read; `None`: the list begins.
    pub after: Option<String>,
    /// How often the page behind it failed.
    pub tries: u32,
    /// Which of [`PAGE_LIMITS`] holds there.
    pub limit: usize,
}

impl Place {
    /// How many objects to ask for.
    #[must_use]
    pub fn limit(&self) -> u32 {
        PAGE_LIMITS.get(self.limit).copied().unwrap_or(1)
    }

    /// Behind a page that was read.
    fn behind(page: &PageEnd) -> Option<Self> {
        let after = page.last.clone().filter(|_| page.has_more)?;
        Some(Self { after: Some(after), tries: 0, limit: 0 })
    }

    /// After a page that could not be read: smaller pages where it was too long, the beginning
    /// where the place itself is gone, the same again otherwise.
    #[must_use]
    pub fn unread(self, why: Unread) -> Self {
        match why {
            Unread::TooLong => Self { limit: (self.limit + 1).min(PAGE_LIMITS.len() - 1), ..self },
            Unread::Refused => Self::default(),
            Unread::NoAnswer => self,
        }
    }

    /// After a page of which something could not be handed over.
    #[must_use]
    pub fn failed(self) -> Self {
        Self { tries: self.tries.saturating_add(1), ..self }
    }

    /// Whether the page was tried often enough.
    #[must_use]
    pub const fn is_given_up(&self) -> bool {
        self.tries >= TRIES_MAX
    }
}

/// Why a page could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The answer was longer than what is read.
    TooLong,
    /// The provider does not take the question, most likely because the place is too old.
    Refused,
    /// Nothing, or nothing that helps.
    NoAnswer,
}

/// How far the events are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSweep {
    /// The window's begin, in Unix seconds, inclusive.
    pub from_s: i64,
    /// The window's end, in Unix seconds, inclusive.
    pub until_s: i64,
    /// How far in it; `None`: it is finished.
    pub place: Option<Place>,
}

impl EventSweep {
    /// What this run works on: the window that was begun, or the next one.
    #[must_use]
    pub fn resume(before: Option<Self>, now: Timestamp) -> Self {
        let (now_s, overlap_s) = (seconds(now), OVERLAP_MS / SECOND_MS);
        match before {
            Some(begun) if begun.place.is_some() => begun,
            Some(finished) => Self {
                // A clock that was set back must not leave a gap for ever.
                from_s: finished.until_s.min(now_s).saturating_sub(overlap_s),
                until_s: now_s,
                place: Some(Place::default()),
            },
            None => Self {
                from_s: seconds(now.plus_ms(-FIRST_WINDOW_MS)),
                until_s: now_s,
                place: Some(Place::default()),
            },
        }
    }

    /// After a page was taken in.
    #[must_use]
    pub fn behind(self, page: &PageEnd) -> Self {
        Self { place: Place::behind(page), ..self }
    }
}

/// How far a list without times is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Where in the list.
    pub place: Place,
    /// When the last round ended; `None` during one.
    pub rests_since_ms: Option<i64>,
}

impl Round {
    /// What this run works on, a rest of `rest_ms` after the last round; `None`: it rests.
    #[must_use]
    pub fn resume(before: Option<Self>, now: Timestamp, rest_ms: i64) -> Option<Self> {
        let Some(before) = before else { return Some(Self::default()) };
        match before.rests_since_ms {
            None => Some(before),
            Some(since) => {
                let rested_ms = now.since_ms(Timestamp::from_ms(since));
                // Negative after a clock was set back.
                let is_over = !(0..rest_ms).contains(&rested_ms);
                is_over.then(Self::default)
            }
        }
    }

    /// After a page was taken in.
    #[must_use]
    pub fn behind(page: &PageEnd, now: Timestamp) -> Self {
        match Place::behind(page) {
            Some(place) => Self { place, rests_since_ms: None },
            None => Self { place: Place::default(), rests_since_ms: Some(now.as_ms()) },
        }
    }
}

const fn seconds(at: Timestamp) -> i64 {
    at.as_ms().div_euclid(SECOND_MS)
}

#[cfg(test)]
mod tests;
