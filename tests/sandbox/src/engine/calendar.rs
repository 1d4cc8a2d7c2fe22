//! Billing periods. A subscription that begins on 31 January renews on 28 February and then on
//! 31 March again: every period end is counted from the anchor, never from the last end.

use jiff::{Span, Timestamp, tz::TimeZone};

/// Most periods counted from one anchor.
const PERIOD_COUNT_MAX: i64 = 10_000;

/// `count` intervals after `anchor_s` (seconds since 1970). `None` when the date cannot be told.
fn after(anchor_s: i64, interval: &str, count: i64) -> Option<i64> {
    let anchor = Timestamp::from_second(anchor_s).ok()?.to_zoned(TimeZone::UTC);
    let span = Span::new();
    let span = match interval {
        "day" => span.try_days(count),
        "week" => span.try_weeks(count),
        "month" => span.try_months(count),
        "year" => span.try_years(count),
        _ => return None,
    };
    Some(anchor.checked_add(span.ok()?).ok()?.timestamp().as_second())
}

/// The first period end after `start_s`, counted from `anchor_s` in steps of `count` intervals.
pub(crate) fn period_end(anchor_s: i64, interval: &str, count: i64, start_s: i64) -> Option<i64> {
    (1..PERIOD_COUNT_MAX)
        .map_while(|n| after(anchor_s, interval, n.checked_mul(count)?))
        .find(|end| *end > start_s)
}

/// `months` calendar months after `from_s`.
pub(crate) fn months_after(from_s: i64, months: i64) -> Option<i64> {
    after(from_s, "month", months)
}

/// The start of the period that ends at the anchor: one step back.
pub(crate) fn one_period_before(at_s: i64, interval: &str, count: i64) -> Option<i64> {
    after(at_s, interval, count.checked_neg()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(date: &str) -> i64 {
        format!("{date}T10:30:00Z").parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn month_ends_are_kept() {
        let anchor = s("2026-01-31");
        let mut at = anchor;
        let mut dates = Vec::new();
        for _ in 0..4 {
            at = period_end(anchor, "month", 1, at).unwrap();
            dates.push(at);
        }
        let expected = ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"];
        assert_eq!(dates, expected.map(s));
    }

    #[test]
    fn leap_days_and_longer_intervals() {
        let anchor = s("2028-02-29");
        assert_eq!(period_end(anchor, "year", 1, anchor), Some(s("2029-02-28")));
        assert_eq!(period_end(anchor, "month", 3, anchor), Some(s("2028-05-29")));
        assert_eq!(period_end(anchor, "week", 2, anchor), Some(s("2028-03-14")));
        assert_eq!(period_end(anchor, "decade", 1, anchor), None);
        assert_eq!(one_period_before(s("2026-03-31"), "month", 1), Some(s("2026-02-28")));
    }
}
