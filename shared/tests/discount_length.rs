//! A discount takes exactly the promised number of payments, whenever it is given.
#![cfg(test)]

use proptest::prelude::*;
use reprieve_core::cancel::length::{
    BILLED_WITHIN_MS, GIVEN_WITHIN_MS, Length, MONTHS_MAX, Renewals, length,
};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

const ROWS: &str = include_str!("../../tests/fixtures/discounts.txt");

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
}

/// The payment of a period by its number; a day that a month does not have is its last.
fn payment_ms(anchor_ms: i64, months: u32, number: u32) -> i64 {
    months_after_ms(anchor_ms, i64::from(months) * i64::from(number))
}

fn months_after_ms(at_ms: i64, months: i64) -> i64 {
    let utc = jiff::Timestamp::from_millisecond(at_ms).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
    let later = utc.checked_add(jiff::Span::new().months(months)).unwrap();
    later.timestamp().as_millisecond()
}

/// The renewals around a moment, and the number of the next payment.
fn around(anchor_ms: i64, months: u32, now_ms: i64) -> (Renewals, u32) {
    let next = (1..).find(|number| payment_ms(anchor_ms, months, *number) > now_ms).unwrap();
    let at = |number| Timestamp::from_ms(payment_ms(anchor_ms, months, number));
    (Renewals { began_at: at(next - 1), ends_at: at(next), months }, next)
}

#[test]
fn the_months_of_a_discount_read_as_a_table() {
    let rows: Vec<&str> =
        ROWS.lines().filter(|row| !row.starts_with('#') && !row.is_empty()).collect();
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let [began, months, given, payments, lasts] = cells[..] else { panic!("{row}") };
        let (anchor_ms, now_ms) = (ms(&format!("{began}T12:00:00Z")), ms(&format!("{given}Z")));
        let (renewals, _) = around(anchor_ms, months.parse().unwrap(), now_ms);
        let expected = match lasts {
            "-" => None,
            "once" => Some(Length::Once),
            months => Some(Length::Months(months.parse().unwrap())),
        };
        let now = Timestamp::from_ms(now_ms);
        assert_eq!(length(Some(&renewals), payments.parse().unwrap(), now), expected, "{row}");
    }
}

#[test]
fn without_dates_one_payment_can_be_reduced_and_several_cannot() {
    let now = Timestamp::from_ms(ms("2026-05-20T09:00:00Z"));
    assert_eq!(length(None, 1, now), Some(Length::Once));
    assert_eq!(length(None, 2, now), None);
    let none = Renewals { began_at: now.plus_ms(-DAY_MS), ends_at: now.plus_ms(DAY_MS), months: 0 };
    assert_eq!(length(Some(&none), 3, now), None);
    for (months, payments) in [(u32::MAX, 2), (1, u32::MAX), (u32::MAX, u32::MAX)] {
        assert_eq!(length(Some(&Renewals { months, ..none }), payments, now), None);
    }
    let far = Renewals { ends_at: Timestamp::from_ms(i64::MAX), months: 1, ..none };
    assert_eq!(length(Some(&far), 2, now), None, "no number is too large");
}

#[derive(Clone, Debug)]
struct Case {
    anchor_ms: i64,
    months: u32,
    now_ms: i64,
    payments: u32,
    given_after_ms: i64,
    billed_after_ms: i64,
}

prop_compose! {
    /// Any day of 2026 to 2032 with its second; the end of a month as often as all other days.
    fn anchors()(
        day in 0..2_557_i64, is_last in any::<bool>(), second in 0..86_400_i64,
    ) -> i64 {
        let at_ms = ms("2026-01-01T00:00:00Z") + day * DAY_MS + second * 1_000;
        if !is_last {
            return at_ms;
        }
        let utc = jiff::Timestamp::from_millisecond(at_ms).unwrap();
        let utc = utc.to_zoned(jiff::tz::TimeZone::UTC);
        utc.last_of_month().unwrap().timestamp().as_millisecond()
    }
}

prop_compose! {
    fn cases()(
        anchor_ms in anchors(),
        months in prop::sample::select(vec![1_u32, 1, 1, 2, 3, 6, 12]),
        period in 0..14_u32,
        permille in 0..1_000_i64,
        // At the very edges as often as in between.
        edge in prop::option::of((any::<bool>(), 0..4 * HOUR_MS)),
        payments in 2..=24_u32,
        given_after_ms in 0..=GIVEN_WITHIN_MS,
        billed_after_ms in 0..HOUR_MS,
    ) -> Case {
        let begins_ms = payment_ms(anchor_ms, months, period);
        let ends_ms = payment_ms(anchor_ms, months, period + 1);
        let now_ms = match edge {
            Some((true, after_ms)) => begins_ms + after_ms,
            Some((false, before_ms)) => ends_ms - 1 - before_ms,
            None => begins_ms + (ends_ms - begins_ms) / 1_000 * permille,
        };
        Case { anchor_ms, months, now_ms, payments, given_after_ms, billed_after_ms }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Stripe's side of it: every invoice made from when the discount is given to its end is
    /// reduced, the one at the very end is not.
    #[test]
    fn exactly_the_promised_payments_are_reduced(case in cases()) {
        let Case { anchor_ms, months, now_ms, payments, .. } = case;
        let (renewals, next) = around(anchor_ms, months, now_ms);
        let chosen = length(Some(&renewals), payments, Timestamp::from_ms(now_ms));
        let since_ms = now_ms - renewals.began_at.as_ms();
        let left_ms = renewals.ends_at.as_ms() - now_ms;
        let is_calm = since_ms >= BILLED_WITHIN_MS && left_ms > GIVEN_WITHIN_MS;
        let Some(Length::Months(lasts)) = chosen else {
            // Refused is only what is near a renewal, by as much as short months are shorter.
            let day = jiff::Timestamp::from_millisecond(anchor_ms).unwrap();
            let day = day.to_zoned(jiff::tz::TimeZone::UTC).day();
            let near_ms = if day > 25 { 5 * DAY_MS } else { DAY_MS };
            let is_long = payments * months > MONTHS_MAX - months;
            prop_assert!(since_ms < near_ms || left_ms < near_ms || is_long, "{:?}", case);
            return Ok(());
        };
        prop_assert!(is_calm);
        let start_ms = now_ms + case.given_after_ms;
        let end_ms = months_after_ms(start_ms, i64::from(lasts));
        let reduced: Vec<u32> = (next.saturating_sub(1)..next + payments + 3)
            .filter(|number| {
                let made_ms = payment_ms(anchor_ms, months, *number) + case.billed_after_ms;
                made_ms >= start_ms && made_ms < end_ms
            })
            .collect();
        let promised: Vec<u32> = (next..next + payments).collect();
        prop_assert_eq!(reduced, promised, "{:?} lasts {}", case, lasts);
    }

    /// After a trial payments follow its end, whatever day it began on.
    #[test]
    fn a_trial_changes_nothing(
        ends_ms in anchors(), trial_days in 1..40_i64, payments in 2..=12_u32, hour in 3..24_i64,
        given_after_ms in 0..=GIVEN_WITHIN_MS,
    ) {
        let began_ms = ends_ms - trial_days * DAY_MS;
        let now_ms = began_ms + hour * HOUR_MS;
        prop_assume!(now_ms < ends_ms - 20 * MINUTE_MS);
        let renewals = Renewals {
            began_at: Timestamp::from_ms(began_ms),
            ends_at: Timestamp::from_ms(ends_ms),
            months: 1,
        };
        if let Some(Length::Months(lasts)) =
            length(Some(&renewals), payments, Timestamp::from_ms(now_ms))
        {
            let end_ms = months_after_ms(now_ms + given_after_ms, i64::from(lasts));
            let count = (0..30).filter(|number| payment_ms(ends_ms, 1, *number) < end_ms).count();
            prop_assert_eq!(u32::try_from(count).unwrap(), payments);
        }
    }
}
