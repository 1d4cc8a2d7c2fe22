//! Stored policies must load for ever.
//!
//! A golden file is never rewritten. A key that the format gains later is filled in by a further
//! file; those before it go on without it.

use reprieve_core::cancel::CancelSettings;
use reprieve_core::policy::Policy;
use reprieve_core::policy::file::PolicyFile;
use serde_json::Value;
use std::collections::BTreeSet;

const V1: &str = include_str!("../golden/policy-v1.json");

const V1_CANCEL: &str = include_str!("../golden/policy-v1-cancel.json");

/// Every golden file, oldest first, with its version and its segments.
const ALL: &[(&str, u32, &[&str])] = &[
    (V1, 12, &["brazil", "business", "default"]),
    (V1_CANCEL, 13, &["brazil", "business", "default"]),
];

fn policy(text: &str) -> Policy {
    let file: PolicyFile = serde_json::from_str(text).expect("a golden policy is readable");
    file.validate().unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn they_load() {
    for (text, version, segments) in ALL {
        let policy = policy(text);
        assert_eq!(policy.version(), *version);
        let names: Vec<&str> = policy.segments().map(|segment| segment.name.as_str()).collect();
        assert_eq!(names, *segments);
    }
}

#[test]
fn what_the_first_does_not_say_of_leaving_is_the_plain_way_out() {
    let cancel = policy(V1).cancel().clone();
    assert_eq!(cancel, CancelSettings::default());
    assert!(cancel.offers.is_empty());
}

#[test]
fn the_newest_is_written_back_as_it_was() {
    let (text, ..) = ALL.last().expect("there is one");
    let written = serde_json::to_string_pretty(&PolicyFile::from(&policy(text))).unwrap();
    assert_eq!(format!("{written}\n"), *text);
}

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            found.insert(name.clone());
            keys(field, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn together_they_use_every_key() {
    let mut golden = BTreeSet::new();
    for (text, ..) in ALL {
        keys(&serde_json::from_str(text).unwrap(), &mut golden);
    }
    let mut known = BTreeSet::new();
    keys(&serde_json::to_value(PolicyFile::from(&Policy::default())).unwrap(), &mut known);
    let absent: Vec<_> = known.difference(&golden).collect();
    assert!(absent.is_empty(), "{absent:?}");
    // What the default policy does without.
    let more = ["acquirers", "acquirer", "limits", "plan", "from_minor", "below_minor", "regions"];
    let offers =
        ["up_to", "percent", "amount_minor", "plan", "label", "extension", "url", "places"];
    for key in more.iter().chain(&offers) {
        assert!(golden.contains(*key), "{key}");
    }
}
