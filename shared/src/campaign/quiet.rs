//! Quiet hours: when nothing that rings is sent. What falls into them waits for their end.

use super::step::Channel;
use crate::calendar::{LocalTime, Weekday, Weekdays, Window, WindowError, Zone, next_in_window};
use crate::time::{HOUR_MS, MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// From one full hour to another at the customer's place, every day, and some days as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuietHours {
    /// The first quiet hour, 0 to 23.
    pub from: u8,
    /// The hour at which they are over, 0 to 24; the same as [`Self::from`]: there are none.
    pub to: u8,
    /// Days that are quiet from midnight to midnight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// For which channels; none named: for those that ring, which are e-mail, text message and
    /// push.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
}

impl QuietHours {
    /// Never quiet.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// From one full hour to another, every day.
    #[must_use]
    pub fn nights(from: u8, to: u8) -> Self {
        Self { from, to, ..Self::default() }
    }

    /// When something may be sent; the error says what is wrong with the hours or the days.
    pub fn loud(&self) -> Result<Window, WindowError> {
        let loud_days = Weekday::ALL.into_iter().filter(|day| !self.days.contains(day));
        let weekdays = Weekdays::of(&loud_days.collect::<Vec<_>>());
        let midnight = 24;
        if self.from > midnight || self.to > midnight {
            return Err(WindowError::Hour);
        }
        let (from, to) = (self.from % midnight, self.to % midnight);
        if from == to {
            return Window::new(0, midnight, weekdays);
        }
        Window::new(to, if from == 0 { midnight } else { from }, weekdays)
    }

    /// The first moment from `at` on at which something may be sent on the channel; `None` when the
    /// hours are wrong or never end.
    #[must_use]
    pub fn next_loud(&self, channel: Channel, zone: &Zone, at: Timestamp) -> Option<Timestamp> {
        let quiet = if self.channels.is_empty() {
            channel.rings()
        } else {
            self.channels.contains(&channel)
        };
        if !quiet || *self == Self::default() {
            return Some(at);
        }
        let loud = self.loud().ok()?;
        let local = zone.local(at);
        if loud.contains(&local) {
            return Some(at);
        }
        // Nearly always the clock is not changed in between, and the end is easily told.
        let end = at_full_hour(at, &local, self.to);
        let then = zone.local(end);
        let ends_then = is_full_hour(&then, self.to) && loud.contains(&then);
        if self.is_night(local.hour) && ends_then {
            return Some(end);
        }
        next_in_window(zone, &loud, at)
    }

    fn is_night(&self, hour: u8) -> bool {
        let (from, to) = (self.from % 24, self.to % 24);
        if from < to {
            from <= hour && hour < to
        } else {
            from != to && (hour >= from || hour < to)
        }
    }
}

/// When the clock on the wall shows a full hour next, if nobody changes the clock meanwhile.
fn at_full_hour(at: Timestamp, local: &LocalTime, hour: u8) -> Timestamp {
    let hours = (i64::from(hour) - i64::from(local.hour)).rem_euclid(24);
    let into_minute_ms = at.as_ms().rem_euclid(MINUTE_MS);
    at.plus_ms(hours * HOUR_MS - i64::from(local.minute) * MINUTE_MS - into_minute_ms)
}

const fn is_full_hour(local: &LocalTime, hour: u8) -> bool {
    local.hour == hour % 24 && local.minute == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of 2 November 2026, a Monday, UTC.
    const NOON: Timestamp = Timestamp::from_seconds(1_793_620_800);

    fn hours_until_loud(quiet: &QuietHours, hours_after_noon: i64) -> i64 {
        let at = NOON.plus_ms(hours_after_noon * HOUR_MS);
        let loud = quiet.next_loud(Channel::Email, &Zone::utc(), at).unwrap();
        loud.since_ms(at) / HOUR_MS
    }

    #[test]
    fn a_night_ends_in_the_morning() {
        let quiet = QuietHours::nights(21, 8);
        // (hours after noon, hours to wait): 20:00, 21:00, 7:00, 8:00
        for (at, wait) in [(0, 0), (8, 0), (9, 11), (19, 1), (20, 0)] {
            assert_eq!(hours_until_loud(&quiet, at), wait, "{at} hours after noon");
        }
    }

    #[test]
    fn midnight_may_be_an_end() {
        assert_eq!(hours_until_loud(&QuietHours::nights(22, 24), 10), 2);
        assert_eq!(hours_until_loud(&QuietHours::nights(22, 0), 10), 2);
        assert_eq!(hours_until_loud(&QuietHours::nights(0, 6), 12), 6);
        assert_eq!(hours_until_loud(&QuietHours::nights(24, 6), 12), 6);
    }

    #[test]
    fn whole_days_are_quiet() {
        let days = vec![Weekday::Saturday, Weekday::Sunday];
        let quiet = QuietHours { days, ..QuietHours::nights(18, 8) };
        // Friday 18:00 waits for Monday 8:00.
        assert_eq!(hours_until_loud(&quiet, 4 * 24 + 6), 62);
    }

    #[test]
    fn what_does_not_ring_does_not_wait() {
        let quiet = QuietHours::nights(0, 23);
        for channel in [Channel::InApp, Channel::Webhook] {
            assert_eq!(quiet.next_loud(channel, &Zone::utc(), NOON), Some(NOON));
        }
        let named = QuietHours { channels: vec![Channel::Push], ..quiet };
        assert_eq!(named.next_loud(Channel::Sms, &Zone::utc(), NOON), Some(NOON));
        assert!(named.next_loud(Channel::Push, &Zone::utc(), NOON) > Some(NOON));
    }

    #[test]
    fn a_week_without_a_loud_day_is_an_error() {
        let quiet = QuietHours { days: Weekday::ALL.to_vec(), ..QuietHours::none() };
        assert_eq!(quiet.loud(), Err(WindowError::NoWeekday));
        assert_eq!(quiet.next_loud(Channel::Email, &Zone::utc(), NOON), None);
        assert_eq!(QuietHours::nights(25, 8).loud(), Err(WindowError::Hour));
    }
}
