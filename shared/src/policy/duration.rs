//! Durations as people write them: `3 days`, `1 day 12 hours`.

use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

/// What the error says that one could write.
pub const EXAMPLES: &str = "write for example \"3 days\", \"12 hours\"";

/// The units, largest first. A day has 24 hours here, whatever the clocks do.
const UNITS: [(&str, i64); 6] = [
    ("week", 7 * DAY_MS),
    ("day", DAY_MS),
    ("hour", HOUR_MS),
    ("minute", MINUTE_MS),
    ("second", SECOND_MS),
    ("millisecond", 1),
];

/// Milliseconds; `None` for what is not one or more pairs of whole number and unit, larger units
/// first, each at most once.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    let (mut total_ms, mut last_unit_ms) = (None, i64::MAX);
    while let Some(number) = words.next() {
        let unit_ms = unit_ms(words.next()?)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || unit_ms >= last_unit_ms {
            return None;
        }
        let part_ms = number.parse::<i64>().ok()?.checked_mul(unit_ms)?;
        total_ms = Some(total_ms.unwrap_or(0_i64).checked_add(part_ms)?);
        last_unit_ms = unit_ms;
    }
    total_ms
}

fn unit_ms(word: &str) -> Option<i64> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    UNITS.iter().find(|(name, _)| *name == singular).map(|(_, ms)| *ms)
}

/// The text for so many milliseconds, in the largest unit up to days that needs no second one, as
/// in `36 hours`. Nothing below zero can be written: it becomes `0 days`.
#[must_use]
pub fn write(ms: i64) -> String {
    let ms = ms.max(0);
    let fits = |unit: &&(&str, i64)| unit.1 <= DAY_MS && ms % unit.1 == 0;
    let (name, unit_ms) = UNITS.iter().find(fits).copied().unwrap_or(("millisecond", 1));
    let count = ms / unit_ms;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for (text, ms) in [
            ("3 days", 3 * DAY_MS),
            ("1 day 12 hours", 36 * HOUR_MS),
            ("  2   weeks ", 14 * DAY_MS),
            ("1 minute 1 second 1 millisecond", 61_001),
            ("0 days", 0),
        ] {
            assert_eq!(parse(text), Some(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in [
            "",
            " ",
            "3",
            "days",
            "3 dyas",
            "3days",
            "-3 days",
            "+3 days",
            "1.5 days",
            "3 Days",
            "1 hour 1 day",
            "1 day 1 day",
            "1 day and 2 hours",
            "٣ days",
            "99999999999999999999 days",
            "9223372036854775807 weeks",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (ms, text) in [
            (14 * DAY_MS, "14 days"),
            (DAY_MS, "1 day"),
            (36 * HOUR_MS, "36 hours"),
            (90 * SECOND_MS, "90 seconds"),
            (1, "1 millisecond"),
            (0, "0 days"),
        ] {
            assert_eq!(write(ms), text);
            assert_eq!(parse(text), Some(ms));
        }
        assert_eq!(parse(&write(i64::MAX)), Some(i64::MAX));
        assert_eq!(write(i64::MIN), "0 days");
    }
}
