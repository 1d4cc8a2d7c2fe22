//! Frequency caps: at most so many notices within a rolling window, over all channels or some.
//!
//! Windows roll (they are not calendar days), so that two busy evenings do not meet at midnight and
//! no zone is needed to count.

use super::span::Span;
use super::step::Channel;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most caps of one campaign.
pub const CAPS_MAX: usize = 10;

/// At most `max` notices in any `window`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// How long.
    pub window: Span,
    /// How many, at least 1.
    pub max: u32,
    /// On which channels together; none named: on all that reach the customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
}

impl Cap {
    /// Over all channels.
    #[must_use]
    pub const fn over_all(max: u32, window: Span) -> Self {
        Self { window, max, channels: Vec::new() }
    }

    /// Over some channels.
    #[must_use]
    pub fn over(channels: &[Channel], max: u32, window: Span) -> Self {
        Self { window, max, channels: channels.to_vec() }
    }

    /// Whether notices on the channel count.
    #[must_use]
    pub fn counts(&self, channel: Channel) -> bool {
        if self.channels.is_empty() {
            channel.reaches_customer()
        } else {
            self.channels.contains(&channel)
        }
    }

    /// Whether one more notice at `at` keeps every window that it lies in within the cap: those
    /// that end with it, and those that end with a notice planned after it.
    fn allows(&self, at: Timestamp, others: &[Timestamp]) -> bool {
        let window_ms = self.window.as_ms();
        let max = usize::try_from(self.max).unwrap_or(usize::MAX);
        let ending_at = |end: Timestamp| {
            let within = |time: &&Timestamp| {
                let age_ms = end.since_ms(**time);
                0 <= age_ms && age_ms < window_ms
            };
            others.iter().filter(within).count()
        };
        let later = others.iter().filter(|t| **t > at && t.since_ms(at) < window_ms);
        core::iter::once(at).chain(later.copied()).all(|end| ending_at(end) < max)
    }

    /// The first moment from `from` on at which one more notice fits; `None`: never.
    fn first_free(&self, from: Timestamp, others: &[Timestamp]) -> Option<Timestamp> {
        if self.max == 0 {
            return None;
        }
        // Room is made only where a notice leaves the window.
        let leaves = others.iter().map(|at| at.plus_ms(self.window.as_ms().max(1)));
        let mut times: Vec<Timestamp> = leaves.filter(|at| *at > from).collect();
        times.push(from);
        times.sort_unstable();
        times.into_iter().find(|at| self.allows(*at, others))
    }
}

/// Notices that were sent or are planned.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    notices: Vec<(Timestamp, Channel)>,
}

impl Counted {
    /// Without those after a moment.
    pub(super) fn up_to(&self, at: Timestamp) -> Self {
        let notices = self.notices.iter().filter(|(sent, _)| *sent <= at).copied().collect();
        Self { notices }
    }

    pub(super) fn add(&mut self, at: Timestamp, channel: Channel) {
        self.notices.push((at, channel));
    }

    /// The first moment from `from` on at which every cap has room for one more notice on the
    /// channel; `None` when that is later than `until` or never.
    pub(super) fn first_free(
        &self,
        caps: &[Cap],
        channel: Channel,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<Timestamp> {
        let mut at = from;
        while at <= until {
            let before = at;
            for cap in caps.iter().take(CAPS_MAX).filter(|cap| cap.counts(channel)) {
                let of_cap = self.notices.iter().filter(|(_, channel)| cap.counts(*channel));
                let others: Vec<Timestamp> = of_cap.map(|(at, _)| *at).collect();
                at = cap.first_free(at, &others)?;
            }
            // Every round that goes on moves to the end of the window of some notice, so there are
            // at most as many rounds as notices and caps.
            if at == before {
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_ms(n * crate::time::HOUR_MS)
    }

    fn free(caps: &[Cap], sent: &[(i64, Channel)], channel: Channel, from: i64) -> Option<i64> {
        let mut counted = Counted::default();
        for (at, channel) in sent {
            counted.add(hour(*at), *channel);
        }
        let at = counted.first_free(caps, channel, hour(from), hour(10_000))?;
        Some(at.as_ms() / crate::time::HOUR_MS)
    }

    #[test]
    fn a_window_frees_as_its_first_notice_leaves() {
        use Channel::{Email, InApp, Push, Sms, Webhook};
        let caps = [Cap::over_all(2, Span::days(1)), Cap::over(&[Sms], 1, Span::days(7))];
        #[rustfmt::skip]
        /// What was sent before, then the channel asked about and two times.
        type Row<'a> = (&'a [(i64, Channel)], Channel, i64, i64);
        let table: [Row<'_>; 9] = [
            // sent                                    channel  from  free
            (&[], Email, 0, 0),
            (&[(0, Email)], Push, 1, 1),
            (&[(0, Email), (5, InApp)], Push, 6, 24),
            (&[(0, Email), (5, InApp)], Push, 24, 24),
            (&[(0, Email), (5, InApp)], Webhook, 6, 6),
            (&[(0, Webhook), (5, Webhook)], Email, 6, 6),
            (&[(0, Sms)], Sms, 30, 168),
            // Something planned for later is not pushed over its cap by something earlier.
            (&[(20, Email), (30, Email)], Push, 10, 44),
            // More than allowed were sent (they were required): the window has to empty first.
            (&[(0, Email), (1, Email), (2, Email)], Email, 3, 25),
        ];
        for (sent, channel, from, expected) in table {
            assert_eq!(free(&caps, sent, channel, from), Some(expected), "{sent:?} {channel:?}");
        }
    }

    #[test]
    fn none_means_never() {
        assert_eq!(free(&[Cap::over_all(0, Span::days(1))], &[], Channel::Email, 0), None);
        let never = Cap::over_all(1, Span::days(1));
        let mut counted = Counted::default();
        counted.add(hour(0), Channel::Email);
        assert_eq!(counted.first_free(&[never], Channel::Push, hour(1), hour(23)), None);
    }

    #[test]
    fn an_empty_window_caps_nothing() {
        let caps = [Cap::over_all(1, Span::ZERO)];
        assert_eq!(
            free(&caps, &[(0, Channel::Email), (3, Channel::Sms)], Channel::Email, 3),
            Some(3)
        );
    }
}
