//! Ladders against the networks' limits, and acquirers that are stricter.

use super::{read, small, told, with};
use serde_json::{Value, json};

#[test]
fn a_ladder_that_the_networks_forbid_is_no_policy() {
    let rungs = |count: usize, delay: &str| vec![json!({ "delay": delay }); count];
    let retry = |rungs: Vec<Value>| {
        json!({
            "rungs": rungs, "min_spacing": "5 minutes", "attempts_max": 35, "stop_after": "90 days",
        })
    };
    // The first charge and 19 rungs are the 20 that Visa allows in 30 days.
    assert!(read(with("segments.1.retry", retry(rungs(19, "36 hours")))).is_err(), "brazil: 7");
    let mut alone = with("segments.1.retry", retry(rungs(19, "36 hours")));
    alone["acquirers"] = json!([]);
    alone["segments"][0] = json!({ "name": "year", "match": { "interval": "year" } });
    assert!(read(alone.clone()).is_ok());
    alone["segments"][1]["retry"] = retry(rungs(20, "35 hours"));
    let lines = read(alone.clone()).expect_err("21 attempts in 30 days");
    let visa = "segments[1].retry.rungs: with the first charge the ladder makes 21 attempts in 30 \
                days, but visa.reattempts.30d allows 20; write longer delays or fewer rungs";
    assert_eq!(lines[0], visa, "{lines:?}");
    // Spread a little wider, the first charge has left the window when the last rung comes.
    alone["segments"][1]["retry"] = retry(rungs(20, "36 hours"));
    assert!(read(alone).is_ok());
    // Mastercard counts a day: with the customer's four, six automatic attempts are left in it.
    let mut hourly = with("segments.1.retry", retry(rungs(6, "1 hour")));
    hourly["segments"][0] = json!({ "name": "year", "match": { "interval": "year" } });
    hourly["acquirers"] = json!([]);
    let lines = read(hourly.clone()).expect_err("7 + 4 in a day");
    let by_hand = "segments[1].customer_attempts.max: 4 attempts of the customer and 7 automatic \
                   ones in 1 day are more than the 10 of mastercard.declines.24h; write a smaller \
                   number or a longer window";
    assert_eq!(lines, [by_hand]);
    hourly["segments"][1]["customer_attempts"] = json!({ "max": 3 });
    assert!(read(hourly).is_ok());
}

#[test]
fn a_strict_acquirer_counts_where_it_is_named() {
    let policy = read(small()).expect("five attempts are fewer than seven");
    let year = policy.segment_named("year");
    assert_eq!(year.settings.limit_overrides()[0].declines_max, 7);
    assert!(policy.settings().limit_overrides().is_empty());
    let rungs = vec![json!({ "delay": "2 days" }); 7];
    let lines = told("segments.0.retry.rungs", json!(rungs));
    let start = "segments[0].retry.rungs: with the first charge the ladder makes 8 attempts in 30 \
                 days, but mastercard.declines.30d allows 7";
    assert!(lines.len() == 1 && lines[0].starts_with(start), "{lines:?}");
    let lines = told("acquirers.0.limits.0.rule", json!("mastercard.30d"));
    assert!(lines[0].contains("is no rule of a network; write \"visa.reattempts.30d\", \"master"));
}
