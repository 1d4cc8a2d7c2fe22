//! For how many payments a discount lasts, by the ledger: the months that the core chooses
//! (`tests/fixtures/discounts.txt`) reduce exactly the promised payments, and those that seem to be
//! the right ones do not always.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break; each test file uses its own part of the helpers"
)]

mod common;

use common::Sandbox;
use common::story::{HOUR_S, begin_with, id, noon};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const ROWS: &str = include_str!("../../fixtures/discounts.txt");
const FULL_MINOR: i64 = 1_900;
const HALF_MINOR: i64 = 950;

struct Row<'a> {
    began: &'a str,
    months: i64,
    given_s: i64,
    payments: usize,
    /// Months; `None`: once.
    lasts: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// `None`: nothing is given, or it is a comment.
    fn read(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [began, months, given, payments, lasts] = cells[..] else { return None };
        if line.starts_with('#') || lasts == "-" {
            return None;
        }
        let lasts = Some(lasts).filter(|word| *word != "once");
        Some(Self::of(began, months.parse().ok()?, given, (payments.parse().ok()?, lasts)))
    }

    fn of(
        began: &'a str,
        months: i64,
        given: &str,
        (payments, lasts): (usize, Option<&'a str>),
    ) -> Self {
        let given_s = format!("{given}Z").parse::<Timestamp>().expect("a time").as_second();
        Self { began, months, given_s, payments, lasts }
    }

    /// When a period begins.
    fn begins_s(&self, number: i64) -> i64 {
        let first = Timestamp::from_second(noon(self.began)).unwrap().to_zoned(TimeZone::UTC);
        let later = first.checked_add(Span::new().months(number * self.months)).unwrap();
        later.timestamp().as_second()
    }
}

/// Gives the discount, lets the next payments come, and says what each cost.
fn paid(sandbox: &Sandbox, row: &Row<'_>) -> Vec<i64> {
    let months = row.months.to_string();
    let more = [("items[0][price_data][recurring][interval_count]", months.as_str())];
    let story = begin_with(sandbox, row.began, "pm_card_visa", &more);
    let next = (1..).find(|number| row.begins_s(*number) > row.given_s).unwrap();
    // A test clock goes two periods at most at once.
    let stops = (0..next).map(|number| row.begins_s(number) + HOUR_S + 1);
    let stops = stops.filter(|stop_s| *stop_s < row.given_s).chain([row.given_s]);
    for stop_s in stops.filter(|stop_s| *stop_s > row.begins_s(0)) {
        story.advance(stop_s);
    }
    let mut form = vec![("percent_off", "50"), ("max_redemptions", "1")];
    match row.lasts {
        Some(lasts) => form.extend([("duration", "repeating"), ("duration_in_months", lasts)]),
        None => form.push(("duration", "once")),
    }
    let coupon = id(&sandbox.post("/v1/coupons", &form).ok());
    let before_minor = story.taken_minor();
    story.update(&[("discounts[0][coupon]", &coupon)]);
    let after = next + i64::try_from(row.payments).unwrap() + 2;
    let mut paid = Vec::new();
    let mut taken_minor = before_minor;
    for number in next..after {
        story.advance(row.begins_s(number) + 2 * HOUR_S);
        paid.push(story.taken_minor() - taken_minor);
        taken_minor = story.taken_minor();
    }
    paid
}

fn reduced(payments: usize) -> Vec<i64> {
    let full = [FULL_MINOR; 2];
    [HALF_MINOR].repeat(payments).into_iter().chain(full).collect()
}

#[test]
fn the_ledger_has_exactly_the_promised_payments_reduced() {
    let sandbox = Sandbox::start(&[]);
    let rows: Vec<(&str, Row<'_>)> =
        ROWS.lines().filter_map(|line| Some((line, Row::read(line)?))).collect();
    assert!(rows.len() > 20, "{}", rows.len());
    for (line, row) in rows {
        assert_eq!(paid(&sandbox, &row), reduced(row.payments), "{line}");
    }
}

/// As many months as periods are one payment too few in the second of a renewal, and in the hours
/// of the last day of a short month.
#[test]
fn months_are_not_periods() {
    let sandbox = Sandbox::start(&[]);
    for (began, given) in
        [("2026-05-10", "2026-05-10T12:00:00"), ("2026-01-31", "2026-02-28T14:00:00")]
    {
        let row = Row::of(began, 1, given, (3, Some("3")));
        let paid = paid(&sandbox, &row);
        assert_eq!(paid, [950, 950, 1_900, 1_900, 1_900], "{began} {given}");
    }
}
