//! What was sent, so that nothing is sent twice, and what was decided against for good.

use super::facts::{NoticeId, SubjectId};
use super::kind::Topic;
use super::step::Channel;
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The most entries kept. Caps allow a few notices in a week; the rest is room for the webhook.
pub const LOG_ENTRIES_MAX: usize = 500;
/// How long entries are kept, in milliseconds. Longer than the longest span that a step can be away
/// from its anchor together with the longest lateness, so that no step whose entry is gone can be
/// due.
pub const LOG_KEPT_MS: i64 = 740 * DAY_MS;

/// Notices of one customer, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SentLog {
    entries: VecDeque<LogEntry>,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its name.
    pub id: NoticeId,
    /// On which channel.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
    /// Other notices that became part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<NoticeId>,
    /// What became of it.
    pub outcome: Logged,
}

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Logged {
    /// It was handed over for sending.
    Sent,
    /// It was decided against for good, by this rule.
    Suppressed {
        /// The rule's name.
        rule: String,
    },
}

impl SentLog {
    /// Adds an entry. The oldest go when they are of no use any more, or when there is no room:
    /// first those that were decided against, because forgetting one that was sent could send it
    /// twice.
    pub fn record(&mut self, entry: LogEntry) {
        let oldest = entry.at.plus_ms(-LOG_KEPT_MS);
        self.entries.retain(|known| known.at >= oldest);
        if self.entries.len() >= LOG_ENTRIES_MAX {
            let suppressed = self.entries.iter().position(|known| known.outcome != Logged::Sent);
            self.entries.remove(suppressed.unwrap_or(0));
        }
        self.entries.push_back(entry);
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// What was sent, without what was decided against.
    pub fn sent(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter().filter(|entry| entry.outcome == Logged::Sent)
    }

    /// The entry that a notice is, or is part of.
    #[must_use]
    pub fn find(&self, id: &NoticeId) -> Option<&LogEntry> {
        self.entries.iter().find(|entry| entry.id == *id || entry.covers.contains(id))
    }

    /// How many notices the customer got about a subject.
    #[must_use]
    pub fn sent_about(&self, subject: &SubjectId) -> usize {
        let about = |entry: &&LogEntry| {
            entry.channel.reaches_customer() && entry.ids().any(|id| id.subject == *subject)
        };
        self.sent().filter(about).count()
    }

    /// Whether the customer was told of a failed payment.
    #[must_use]
    pub fn told_of(&self, invoice: &SubjectId) -> bool {
        let told = |id: &NoticeId| id.subject == *invoice && id.kind.topic() == Topic::Payment;
        self.sent().any(|entry| entry.channel.reaches_customer() && entry.ids().any(told))
    }
}

impl LogEntry {
    /// Its own name and those of the notices that became part of it.
    pub fn ids(&self) -> impl Iterator<Item = &NoticeId> {
        core::iter::once(&self.id).chain(&self.covers)
    }
}
