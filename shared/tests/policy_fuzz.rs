//! Whatever is in a file, it becomes a policy that keeps its promises, or a list of problems.
#![cfg(test)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reprieve_core::network::Network;
use reprieve_core::network::limits::in_force;
use reprieve_core::policy::file::PolicyFile;
use reprieve_core::policy::{PROBLEMS_MAX, Policy, RUNGS_MAX, SEGMENTS_MAX, Settings, duration};
use reprieve_core::time::Timestamp;
use serde_json::{Map, Value, json};

/// Every word that means something in a file, so that nonsense gets far.
const WORDS: &[&str] = &[
    "format",
    "version",
    "driver",
    "provider",
    "ours",
    "learned_timing",
    "enabled",
    "hold_out_permille",
    "explore_permille",
    "acquirers",
    "name",
    "limits",
    "rule",
    "declines_max",
    "segments",
    "match",
    "interval",
    "month",
    "year",
    "sector",
    "b2b",
    "game",
    "plan",
    "currency",
    "eur",
    "from_minor",
    "below_minor",
    "regions",
    "DE",
    "UK",
    "retry",
    "rungs",
    "delay",
    "hours",
    "from",
    "to",
    "weekdays",
    "monday",
    "payday_wait",
    "min_spacing",
    "attempts_max",
    "stop_after",
    "keep_away",
    "backup_card_after",
    "paydays",
    "days_of_month",
    "on_weekend",
    "before",
    "grace",
    "warn",
    "restricted",
    "ended",
    "never",
    "customer_attempts",
    "max",
    "window",
    "campaign",
    "acquirer",
    "standard",
    "1 day",
    "2 days",
    "1 hour",
    "0 days",
    "90 days",
    "cancel",
    "ends",
    "offers",
    "places",
    "place",
    "kr",
    "de",
    "kind",
    "pause",
    "discount",
    "periods",
    "percent",
    "access",
    "off",
    "again_after",
    "offer_screens",
    "survey",
    "optional",
    "reasons",
    "unused",
    "visa.reattempts.30d",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => select(WORDS).prop_map(Value::from),
        2 => (-2..40_i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => ".{0,60}".prop_map(Value::from),
        1 => (0..100_000_u32, select(vec!["day", "hours", "weeks", "dyas"]))
            .prop_map(|(count, unit)| Value::from(format!("{count} {unit}"))),
        1 => Just(Value::Null),
    ]
}

fn wild() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((select(WORDS), inner), 0..5).prop_map(|fields| {
                let named = |(name, value): (&str, Value)| (name.to_owned(), value);
                Value::Object(fields.into_iter().map(named).collect::<Map<_, _>>())
            }),
        ]
    })
}

/// How to walk through the tree of a file, and what to put there: mostly something of the kind that
/// was there, so that the form is right and the content is looked at.
#[derive(Clone, Debug)]
struct Change {
    path: Vec<usize>,
    text: String,
    number: i64,
    wild: Option<Value>,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let text = prop_oneof![
        2 => select(WORDS).prop_map(str::to_owned),
        3 => (0..60_u32, select(vec!["days", "hours", "minutes"]))
            .prop_map(|(count, unit)| format!("{count} {unit}")),
        1 => ".{0,60}",
    ];
    let number = prop_oneof![4 => 0..40_i64, 1 => any::<i64>()];
    let wild = prop_oneof![9 => Just(None), 1 => leaf().prop_map(Some)];
    let change = (vec(any::<usize>(), 2..12), text, number, wild)
        .prop_map(|(path, text, number, wild)| Change { path, text, number, wild });
    vec(change, 1..4)
}

fn make(value: &mut Value, path: &[usize], change: &Change) {
    let (first, rest) = path.split_first().unwrap_or((&0, &[]));
    match value {
        Value::Object(fields) if !fields.is_empty() && !path.is_empty() => {
            let at = first % fields.len();
            if let Some(field) = fields.values_mut().nth(at) {
                make(field, rest, change);
            }
        }
        Value::Array(items) if !items.is_empty() && !path.is_empty() => {
            // A list may also grow and shrink.
            let at = first % items.len();
            match first % 7 {
                5 => items.push(items[at].clone()),
                6 => drop(items.remove(at)),
                _ => make(&mut items[at], rest, change),
            }
        }
        other => {
            *other = match (&change.wild, &other) {
                (Some(wild), _) => wild.clone(),
                (None, Value::Number(_)) => Value::from(change.number),
                (None, Value::Bool(old)) => Value::from(!old),
                (None, _) => Value::from(change.text.clone()),
            }
        }
    }
}

/// What every policy that came through promises to those who decide by it.
fn keeps_its_promises(policy: &Policy) {
    let segments: Vec<_> = policy.segments().collect();
    let (last, special) = segments.split_last().expect("the catch-all");
    assert!(segments.len() <= SEGMENTS_MAX && last.conditions.are_empty());
    assert!(special.iter().all(|segment| !segment.conditions.are_empty()));
    for segment in segments {
        let Settings { retry, grace, customer_attempts, .. } = &segment.settings;
        assert!(retry.rungs.len() <= RUNGS_MAX);
        assert!(0 <= grace.warn_ms && grace.warn_ms <= grace.restricted_ms);
        assert!(grace.ended_ms.is_none_or(|ended_ms| ended_ms >= grace.restricted_ms));
        assert!(customer_attempts.window_ms > 0);
        for rung in &retry.rungs {
            assert!(rung.delay_ms >= retry.min_spacing_ms && retry.min_spacing_ms > 0);
            assert!(rung.payday_wait_ms == 0 || !retry.paydays.days().is_empty());
            let window = rung.window();
            assert_eq!(window.weekdays(), rung.weekdays);
        }
        within_the_networks_limits(&segment.settings);
    }
}

/// Counted anew, the slow way: for every moment of the ladder, the attempts in the window before
/// it.
fn within_the_networks_limits(settings: &Settings) {
    let delays = settings.retry.rungs.iter().map(|rung| rung.delay_ms);
    let sum = |at: &mut i64, delay_ms: i64| {
        *at += delay_ms;
        Some(*at)
    };
    let attempts: Vec<i64> = std::iter::once(0).chain(delays).scan(0, sum).collect();
    let networks = [Network::Visa, Network::Mastercard, Network::Amex, Network::Discover];
    let forever = Timestamp::from_ms(i64::MAX);
    for limit in networks.into_iter().flat_map(|network| in_force(network, forever)) {
        let own = settings.limit_overrides().iter().find(|own| own.rule == limit.rule.0);
        let max = own.map_or(limit.declines_max, |own| own.declines_max);
        for end in &attempts {
            let inside = |at: &&i64| **at <= *end && end - **at < limit.window_ms;
            let count = u32::try_from(attempts.iter().filter(inside).count()).unwrap();
            assert!(count <= max, "{count} attempts, {} allows {max}", limit.rule);
        }
    }
}

/// A file with everything in it that has a number; campaigns have tests of their own.
fn base() -> Value {
    let mut file = serde_json::to_value(PolicyFile::from(&Policy::default())).unwrap();
    file["campaigns"] = json!([]);
    file["acquirers"] = json!([{
        "name": "strict",
        "limits": [{ "rule": "mastercard.declines.30d", "declines_max": 9 }],
    }]);
    file["segments"][0]["acquirer"] = json!("strict");
    file["segments"][0]["match"]["plan"] =
        json!({ "currency": "eur", "from_minor": 1, "below_minor": 99 });
    file["segments"][0]["match"]["regions"] = json!(["DE"]);
    file
}

fn check(file: Value) {
    let Ok(file) = serde_json::from_value::<PolicyFile>(file) else { return };
    match file.validate() {
        Ok(policy) => {
            keeps_its_promises(&policy);
            let whole = PolicyFile::from(&policy);
            assert_eq!(whole.validate(), Ok(policy), "what is written is read again");
        }
        Err(problems) => {
            assert!((1..=PROBLEMS_MAX).contains(&problems.len()));
            for problem in problems {
                assert!(!problem.key.is_empty() && !problem.allowed.is_empty(), "{problem}");
                let line = problem.to_string();
                assert!(!line.contains('\n') && line.len() < 1_000, "{line:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nonsense_is_no_panic(file in wild()) {
        check(file);
    }

    #[test]
    fn a_file_with_some_nonsense_in_it_is_no_panic(changes in changes()) {
        let mut file = base();
        for change in changes {
            make(&mut file, &change.path, &change);
        }
        check(file);
    }

    #[test]
    fn any_text_is_json_of_a_policy_or_an_error(text in ".{0,200}", cut in 0..6_000_usize) {
        assert!(serde_json::from_str::<PolicyFile>(&text).is_err());
        let whole = serde_json::to_string(&PolicyFile::from(&Policy::default())).unwrap();
        let end = cut.min(whole.len() - 1);
        assert!(serde_json::from_str::<PolicyFile>(&whole[..end]).is_err());
    }

    #[test]
    fn a_duration_is_read_as_it_was_written(text in "[0-9a-z ]{0,30}", ms in 0..=i64::MAX) {
        assert_eq!(duration::parse(&duration::write(ms)), Some(ms));
        if let Some(ms) = duration::parse(&text) {
            assert!(ms >= 0);
            assert_eq!(duration::parse(&duration::write(ms)), Some(ms));
        }
    }
}
