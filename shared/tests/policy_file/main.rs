//! What a policy file may say, and what it is told when it says something else.
#![cfg(test)]

mod campaigns;
mod golden;
mod leaving;
mod networks;

use reprieve_core::policy::file::PolicyFile;
use reprieve_core::policy::{ACQUIRERS_MAX, PROBLEMS_MAX, Policy, RUNGS_MAX, SEGMENTS_MAX};
use reprieve_core::time::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

/// A small file to which a test adds something: an acquirer, one special segment, the catch-all.
fn small() -> Value {
    json!({
        "version": 1,
        "acquirers": [{
            "name": "brazil",
            "limits": [{ "rule": "mastercard.declines.30d", "declines_max": 7 }],
        }],
        "segments": [
            { "name": "year", "match": { "interval": "year" }, "acquirer": "brazil" },
            { "name": "default" },
        ],
    })
}

fn read(file: Value) -> Result<Policy, Vec<String>> {
    let file: PolicyFile = serde_json::from_value(file).map_err(|error| vec![error.to_string()])?;
    file.validate().map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

/// The small file with one value put at a place such as `segments.1.retry.attempts_max`.
fn with(place: &str, value: Value) -> Value {
    let mut file = small();
    let mut here = &mut file;
    for step in place.split('.') {
        here = match here {
            Value::Array(items) => &mut items[step.parse::<usize>().expect("a number")],
            other => &mut other[step],
        };
    }
    *here = value;
    file
}

fn told(place: &str, value: Value) -> Vec<String> {
    read(with(place, value.clone())).expect_err(&format!("{place} = {value}"))
}

/// Place, value as JSON, what is told.
const TABLE: &[(&str, &str, &str)] = &[
    ("format", "2", "format: 2 is out of range; write 1"),
    ("version", "0", "version: 0 is out of range; write a whole number from 1 to 999999999"),
    ("version", "null", "version: is missing; write version = 1"),
    ("driver", r#""both""#, "driver: \"both\" is not known; write \"provider\" or \"ours\""),
    (
        "learned_timing.explore_permille",
        "-1",
        "learned_timing.explore_permille: -1 is out of range; write a whole number from 0 to \
         200",
    ),
    (
        "segments.0.retry.rungs",
        r#"[{ "delay": "1 day" }, { "delay": "3 dyas" }]"#,
        "segments[0].retry.rungs[1].delay: \"3 dyas\" is not a duration; write for example \
         \"3 days\", \"12 hours\"",
    ),
    (
        "segments.1.retry.rungs",
        r#"[{ "delay": "4 minutes" }]"#,
        "segments[1].retry.rungs[0].delay: \"4 minutes\" is out of range; write a duration \
         from \"5 minutes\" to \"60 days\"",
    ),
    (
        "segments.1.retry.rungs",
        r#"[{ "delay": "1 day", "hours": { "from": 8, "to": 25 } }]"#,
        "segments[1].retry.rungs[0].hours.to: 25 is out of range; write a whole number from 1 \
         to 24",
    ),
    (
        "segments.1.retry.rungs",
        r#"[{ "delay": "1 day", "hours": { "from": 8, "to": 8 } }]"#,
        "segments[1].retry.rungs[0].hours.to: the window ends at the hour at which it begins; \
         write another hour, or leave `hours` out for the whole day",
    ),
    (
        "segments.1.retry.rungs",
        r#"[{ "delay": "1 day", "weekdays": ["monday", "monday"] }]"#,
        "segments[1].retry.rungs[0].weekdays[1]: \"monday\" is there twice; leave one of them \
         out",
    ),
    (
        "segments.1.retry.rungs",
        r#"[{ "delay": "1 day", "weekdays": [] }]"#,
        "segments[1].retry.rungs[0].weekdays: the list is empty; name a day, or leave it out \
         for all of them",
    ),
    (
        "segments.1.retry.paydays.days_of_month",
        r#"[15, 32]"#,
        "segments[1].retry.paydays.days_of_month[1]: 32 is out of range; write a whole number \
         from 1 to 31",
    ),
    (
        "segments.1.retry.paydays.on_weekend",
        r#""friday""#,
        "segments[1].retry.paydays.on_weekend: \"friday\" is not known; write \"before\", \
         \"after\" or \"same\"",
    ),
    (
        "segments.1.grace.restricted",
        r#""never""#,
        "segments[1].grace.restricted: \"never\" is not a duration; write for example \
         \"3 days\", \"12 hours\"",
    ),
    (
        "segments.1.customer_attempts.max",
        "11",
        "segments[1].customer_attempts.max: 11 is out of range; write a whole number from 0 to \
         10",
    ),
    (
        "segments.0.name",
        r#""über""#,
        "segments[0].name: \"über\" is not a name; write a name of 1 to 40 letters (a to z), \
         digits, '_' and '-'",
    ),
    (
        "segments.0.match.sector",
        r#""games""#,
        "segments[0].match.sector: \"games\" is not known; write \"b2b\", \"consumer\" or \
         \"game\"",
    ),
    (
        "segments.0.match.regions",
        r#"["DE", "UK"]"#,
        "segments[0].match.regions[1]: \"UK\" is not a country; write \"GB\"",
    ),
    (
        "segments.0.match.plan",
        r#"{ "currency": "euro", "from_minor": 1 }"#,
        "segments[0].match.plan.currency: \"euro\" is not a currency; write the three letters \
         of ISO 4217, for example \"eur\"",
    ),
    (
        "segments.0.match.plan",
        r#"{ "currency": "eur" }"#,
        "segments[0].match.plan: says nothing about the amount; write from_minor, below_minor \
         or both",
    ),
    (
        "acquirers.0.limits.0.declines_max",
        "36",
        "acquirers[0].limits[0].declines_max: 36 is out of range; write a whole number from 1 \
         to 35",
    ),
];

#[test]
fn each_value_has_its_range_and_says_so() {
    for (place, value, wanted) in TABLE {
        let value = serde_json::from_str(value).expect("JSON");
        assert_eq!(told(place, value), [*wanted]);
    }
}

#[test]
fn what_the_values_mean_together_is_looked_at_too() {
    for (place, value, start) in [
        (
            "learned_timing",
            json!({ "enabled": true, "hold_out_permille": 9 }),
            "learned_timing.hold_out_permille: 9 of 1,000 customers cannot show",
        ),
        (
            "segments.1.retry.min_spacing",
            json!("36 hours"),
            "segments[1].retry.rungs[0].delay: \"1 day\" is shorter than min_spacing",
        ),
        (
            "segments.1.retry.stop_after",
            json!("12 days"),
            "segments[1].retry.rungs[5].delay: comes 13 days after the first failure, which is too",
        ),
        (
            "segments.1.retry.attempts_max",
            json!(6),
            "segments[1].retry.rungs: with the first charge the ladder makes 7 attempts; \
             attempts_max is 6",
        ),
        (
            "segments.1.retry",
            json!({
                "rungs": [{ "delay": "1 day", "payday_wait": "2 days" }],
                "paydays": { "days_of_month": [], "weekdays": [] },
            }),
            "segments[1].retry.rungs[0].payday_wait: there is no payday",
        ),
        (
            "segments.1.grace.warn",
            json!("15 days"),
            "segments[1].grace.restricted: access is restricted before the customer is warned",
        ),
        (
            "segments.0.grace.ended",
            json!("13 days"),
            "segments[0].grace.ended: access ends before it is restricted",
        ),
        (
            "segments.0.match.plan",
            json!({ "currency": "eur", "from_minor": 500, "below_minor": 500 }),
            "segments[0].match.plan.below_minor: nothing lies between the two amounts",
        ),
    ] {
        let lines = told(place, value);
        assert!(lines.len() == 1 && lines[0].starts_with(start), "{start}: {lines:?}");
    }
}

#[test]
fn segments_have_an_order_and_an_end() {
    let year = json!({ "interval": "year" });
    for (segments, start) in [
        (json!([]), "segments: there is none; write at least one"),
        (
            json!([{ "name": "a", "match": year }]),
            "segments[0].match: the last segment is for everybody else",
        ),
        (
            json!([{ "name": "a" }, { "name": "b" }]),
            "segments[0].match: is missing; say whom the segment is for",
        ),
        (
            json!([
                { "name": "a", "match": year },
                { "name": "b", "match": { "interval": "year", "sector": "b2b" } },
                { "name": "c" },
            ]),
            "segments[1].match: is never reached: \"a\" before it takes all",
        ),
        (
            json!([
                { "name": "a", "match": year },
                { "name": "a", "match": { "interval": "month" } },
                { "name": "c" },
            ]),
            "segments[1].name: \"a\" is there twice",
        ),
        (
            json!([{ "name": "a", "match": year }, { "name": "a" }]),
            "segments[1].name: \"a\" is there twice",
        ),
        (
            json!([{ "name": "a", "acquirer": "nobody" }]),
            "segments[0].acquirer: there is no acquirer \"nobody\"; leave it out",
        ),
    ] {
        let lines = read(json!({ "version": 1, "segments": segments })).expect_err(start);
        assert!(lines.len() == 1 && lines[0].starts_with(start), "{start}: {lines:?}");
    }
    let unused = json!({ "name": "x", "limits": [] });
    let file = json!({ "version": 1, "acquirers": [unused], "segments": [{ "name": "a" }] });
    let wanted = "acquirers[0].name: no segment names it; write acquirer = \"…\" in a segment, or \
                  leave it out";
    assert_eq!(read(file), Err(vec![wanted.to_owned()]));
}

#[test]
fn what_a_segment_leaves_out_comes_from_the_last() {
    let mut file = with("segments.1.grace", json!({ "restricted": "20 days" }));
    file["segments"][0]["grace"] = json!({ "ended": "40 days" });
    file["segments"][1]["retry"] =
        json!({ "rungs": [{ "delay": "2 days" }], "keep_away": "1 hour" });
    file["segments"][0]["retry"] = json!({ "attempts_max": 6 });
    let policy = read(file).unwrap();
    let year = &policy.segment_named("year").settings;
    assert_eq!((year.grace.restricted_ms, year.grace.ended_ms), (20 * DAY_MS, Some(40 * DAY_MS)));
    assert_eq!((year.retry.rungs.len(), year.retry.attempts_max), (1, 6));
    assert_eq!(year.retry.keep_away_ms, HOUR_MS);
    assert_eq!(year.retry.stop_after_ms, Policy::default().settings().retry.stop_after_ms);
    assert_eq!(policy.settings().grace.ended_ms, None);
}

#[test]
fn the_named_limits_hold() {
    let rungs = vec![json!({ "delay": "3 days" }); RUNGS_MAX + 1];
    let lines = told("segments.1.retry.rungs", json!(rungs));
    assert_eq!(lines, ["segments[1].retry.rungs: there are 21; write at most 20"]);
    let name = |at: usize| json!({ "name": format!("s{at}") });
    let many: Vec<Value> = (0..=SEGMENTS_MAX).map(name).collect();
    let lines = read(json!({ "version": 1, "segments": many })).expect_err("51");
    assert_eq!(lines, ["segments: there are 51; write at most 50"]);
    let many: Vec<Value> =
        (0..=ACQUIRERS_MAX).map(|at| json!({ "name": format!("a{at}") })).collect();
    let lines = told("acquirers", json!(many));
    assert_eq!(lines[0], "acquirers: there are 21; write at most 20");
    let days = vec![json!(0); 31];
    let bad = json!({ "name": "", "match": { "interval": "" }, "retry": { "paydays": {
        "days_of_month": days } } });
    let lines = read(json!({ "version": 1, "segments": vec![bad; 10] })).expect_err("330 mistakes");
    assert_eq!(lines.len(), PROBLEMS_MAX);
    let long = "x".repeat(10_000);
    assert!(told("segments.0.name", json!(long)).iter().all(|line| line.len() < 300));
}

#[test]
fn what_does_not_belong_there_is_refused() {
    for (place, value) in [
        ("colour", json!("red")),
        ("segments.1.colour", json!("red")),
        ("segments.0.match.tier", json!(1)),
        ("segments.1.retry.rung", json!([])),
        ("segments.1.retry.rungs", json!([{ "dely": "1 day" }])),
        ("segments.1.grace", json!({ "end": "1 day" })),
        ("acquirers.0.limits.0.max", json!(1)),
        ("version", json!("1")),
        ("version", json!(1.5)),
        ("segments.1.retry.attempts_max", json!(9_223_372_036_854_775_808_u64)),
    ] {
        let lines = told(place, value);
        assert!(lines.len() == 1, "{place}: {lines:?}");
    }
}
