//! A discount is given once, with a coupon of its own that lasts as long as was promised.

use super::acts::{LOOK, act, done, euros, holds, missing, sub_1};
use super::*;
use reprieve_core::cancel::act::Act;
use reprieve_core::cancel::offer::Off;

/// What a key of these tests makes of a coupon's name.
const COUPON: &str = "reprieve-pay-in_1-1-default";
const READ: &str = "GET /v1/coupons/reprieve-pay-in_1-1-default";

/// Seconds of a day of October or November 2026; the script's clock shows 1 November.
fn day(number: i64) -> i64 {
    1_793_491_200 + (number - 1) * 86_400
}

/// A subscription in its period, which began so many days ago.
fn live(
    (interval, count): (&str, u32),
    (began, ends): (i64, i64),
    discounts: &Value,
) -> Result<Response, TransportError> {
    let recurring = json!({"interval": interval, "interval_count": count});
    let item = json!({"id": "si_1", "price": {"id": "price_1", "recurring": recurring},
        "current_period_start": day(began), "current_period_end": day(ends)});
    let items = json!({"data": [item]});
    let status = "active";
    answer(200, &json!({"id": "sub_1", "status": status, "discounts": discounts, "items": items}))
}

fn monthly(discounts: &Value) -> Result<Response, TransportError> {
    live(("month", 1), (-10, 21), discounts)
}

fn coupon(redeemed: u32, months: Option<u32>) -> Result<Response, TransportError> {
    let name = "times_redeemed";
    answer(200, &json!({"id": COUPON, name: redeemed, "duration_in_months": months}))
}

fn off(off: Off, periods: u32) -> Act {
    Act::Discount { subscription: sub_1(), off, periods }
}

fn refused_by(error: &ProviderError) -> (ErrorKind, Option<&str>) {
    (error.kind, error.code.as_deref())
}

#[test]
fn it_has_a_coupon_of_its_own_and_stands_beside_those_that_are_there() {
    let had = json!([{"id": "di_1", "source": {"coupon": "summer", "type": "coupon"}}]);
    let exists = || refusal(400, "invalid_request_error", "resource_already_exists");
    for created in [done(), exists()] {
        let script = Script::of([monthly(&had), missing(), created, done()]);
        act(&script, &off(Off::Percent(50), 3)).unwrap();
        assert_eq!(
            script.asked(),
            [
                LOOK.to_owned(),
                READ.to_owned(),
                format!(
                    "POST /v1/coupons id={COUPON}&name=reprieve-50pct-3mo&percent_off=50\
                     &duration=repeating&duration_in_months=3&max_redemptions=1"
                ),
                format!(
                    "POST /v1/subscriptions/sub_1 discounts[0][discount]=di_1\
                     &discounts[1][coupon]={COUPON}"
                ),
            ]
        );
    }
    let many: Vec<Value> = (0..20).map(|number| json!({"id": format!("di_{number}")})).collect();
    let script = Script::of([monthly(&json!(many)), missing(), done()]);
    let error = act(&script, &off(Off::Percent(50), 3)).unwrap_err();
    assert_eq!(refused_by(&error), (ErrorKind::Refused, Some("too_many_discounts")));
}

#[test]
fn what_was_given_is_not_given_again_whether_it_shows_or_is_used_up() {
    let half = off(Off::Percent(50), 1);
    let has = json!([{"id": "di_2", "source": {"coupon": {"id": COUPON}}}]);
    let none = || monthly(&json!([]));
    act(&Script::of([monthly(&has)]), &half).unwrap();
    act(&Script::of([none(), coupon(1, None)]), &half).unwrap();
    // Two tries at once: the coupon goes to one of them.
    let used = || refusal(400, "invalid_request_error", "coupon_expired");
    act(&Script::of([none(), coupon(0, None), used(), coupon(1, None)]), &half).unwrap();
    let script = Script::of([none(), coupon(0, None), used(), coupon(0, None)]);
    let error = act(&script, &half).unwrap_err();
    assert_eq!(refused_by(&error), (ErrorKind::Refused, Some("coupon_expired")));
    for (seen, expected) in [
        (vec![monthly(&has)], true),
        (vec![none(), coupon(1, None)], true),
        (vec![none(), coupon(0, None)], false),
        (vec![none(), missing()], false),
    ] {
        assert_eq!(holds(&Script::of(seen), &half), Ok(expected));
    }
}

#[test]
fn its_months_are_those_in_which_the_promised_payments_fall() {
    let (months, none) = (Some("duration=repeating&duration_in_months="), None);
    #[rustfmt::skip]
    let rows = [
        (("month", 1), (-10, 21), 1, Some("duration=once"), ""),
        (("month", 1), (-10, 21), 2, months, "2"),
        (("month", 3), (-10, 82), 2, months, "7"),
        (("year", 1),  (-10, 355), 2, months, "30"),
        // It begins now, ends now, or is counted in weeks.
        (("month", 1), (1, 31),   2, none, ""),
        (("month", 1), (-30, 1),  2, none, ""),
        (("week", 1),  (-2, 5),   1, Some("duration=once"), ""),
        (("week", 1),  (-2, 5),   4, none, ""),
    ];
    for (every, period, payments, sent, number) in rows {
        let look = live(every, period, &json!([]));
        let discount = off(Off::Amount(euros(500)), payments);
        let Some(sent) = sent else {
            let script = Script::of([look, missing()]);
            let error = act(&script, &discount).unwrap_err();
            assert_eq!(refused_by(&error), (ErrorKind::Refused, Some("discount_period")));
            continue;
        };
        let script = Script::of([look, missing(), done(), done()]);
        act(&script, &discount).unwrap();
        let made = &script.asked()[2];
        let expected = format!("amount_off=500&currency=eur&{sent}{number}&max_redemptions=1");
        assert!(made.ends_with(&expected), "{made}, not {expected}");
    }
}

#[test]
fn a_coupon_of_another_time_is_not_used_for_another_length() {
    let half = off(Off::Percent(50), 3);
    let script = Script::of([monthly(&json!([])), coupon(0, Some(3)), done()]);
    act(&script, &half).unwrap();
    for odd in [Some(4), None] {
        let script = Script::of([monthly(&json!([])), coupon(0, odd)]);
        let error = act(&script, &half).unwrap_err();
        assert_eq!(refused_by(&error), (ErrorKind::Refused, Some("discount_period")));
    }
    let down = || refusal(500, "api_error", "internal");
    let script = Script::of([monthly(&json!([])), down(), down(), down()]);
    assert_eq!(act(&script, &half).unwrap_err().kind, ErrorKind::Unknown);
}
