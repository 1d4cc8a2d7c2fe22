//! What a policy may say of leaving, and what it is told when a law says otherwise.

use super::read;
use reprieve_core::cancel::settings::{CancelSettings, EndsAt, OpenInvoices};
use reprieve_core::policy::OFFERS_MAX;
use reprieve_core::time::DAY_MS;
use serde_json::{Value, json};

fn with(cancel: Value) -> Value {
    json!({ "version": 1, "cancel": cancel, "segments": [{ "name": "default" }] })
}

fn settings(cancel: Value) -> CancelSettings {
    read(with(cancel)).unwrap_or_else(|problems| panic!("{problems:#?}")).cancel().clone()
}

/// `[cancel]` as JSON, what is told.
const TABLE: &[(&str, &str)] = &[
    // The law says no, by name.
    (
        r#"{ "offer_screens": 2 }"#,
        "cancel.offer_screens: 2 is more than one screen, which breaks \
         kr.e_commerce.one_reconsideration; write 0 or 1",
    ),
    (
        r#"{ "again_after": "6 days" }"#,
        "cancel.again_after: \"6 days\" is too short, which breaks \
         kr.e_commerce.seven_days_of_peace; write at least \"7 days\"",
    ),
    (
        r#"{ "survey": "required" }"#,
        "cancel.survey: nobody has to say why they leave, which breaks \
         strict.nobody_has_to_say_why; write \"optional\" or \"absent\"",
    ),
    (
        r#"{ "places": [{ "place": "de", "offer_screens": 1 }] }"#,
        "cancel.places[0].offer_screens: 1 is more than none, which breaks \
         de.bgb_312k.to_confirmation; write 0",
    ),
    (
        r#"{ "places": [{ "place": "de", "survey": "optional" }] }"#,
        "cancel.places[0].survey: customers there must not be asked why they leave, which breaks \
         de.bgb_312k.nothing_more_is_asked; write \"absent\", or leave it out",
    ),
    (
        r#"{ "places": [{ "place": "us_ca", "offer_screens": 2 }] }"#,
        "cancel.places[0].offer_screens: 2 is more than one screen, which breaks \
         us_ca.ab2863.cancel_at_once; write 0 or 1",
    ),
    (
        r#"{ "places": [{ "place": "jp", "again_after": "1 day" }] }"#,
        "cancel.places[0].again_after: \"1 day\" is too short, which breaks \
         strict.seven_days_of_peace; write at least \"7 days\"",
    ),
    // Values.
    (
        r#"{ "ends": "soon" }"#,
        "cancel.ends: \"soon\" is not known; write \"period_end\" or \"now\"",
    ),
    (
        r#"{ "open_invoices": "sell" }"#,
        "cancel.open_invoices: \"sell\" is not known; write \"void\" or \"keep\"",
    ),
    (
        r#"{ "reasons": ["unused", "bored"] }"#,
        "cancel.reasons[1]: \"bored\" is not known; write \"too_expensive\", \"unused\", \
         \"missing_features\", \"low_quality\", \"too_complex\", \"switched_service\", \
         \"customer_service\" or \"other\"",
    ),
    (
        r#"{ "reasons": ["unused", "unused"] }"#,
        "cancel.reasons[1]: \"unused\" is there twice; leave one of them out",
    ),
    (
        r#"{ "offers_per_screen": 4 }"#,
        "cancel.offers_per_screen: 4 is out of range; write a whole number from 1 to 3",
    ),
    (
        r#"{ "hold_out_permille": 501 }"#,
        "cancel.hold_out_permille: 501 is out of range; write a whole number from 0 to 500",
    ),
    (
        r#"{ "pause": { "extensions_max": 2 } }"#,
        "cancel.pause.extensions_max: 2 is out of range; write a whole number from 0 to 1",
    ),
    (
        r#"{ "pause": { "reminder": "1 hour" } }"#,
        "cancel.pause.reminder: \"1 hour\" is out of range; write a duration from \"1 day\" to \
         \"30 days\"",
    ),
    (
        r#"{ "places": [{ "place": "kr" }] }"#,
        "cancel.places[0]: says nothing; write offer_screens, survey, again_after, or leave the \
         place out",
    ),
];

/// One offer as JSON, what is told after `cancel.offers[0]`.
const OFFERS: &[(&str, &str)] = &[
    (
        r#"{ "kind": "contact", "url": "https://a.b" }"#,
        ".name: is missing; write a name of 1 to 40",
    ),
    (r#"{ "name": "a" }"#, ".kind: is missing; write \"pause\", \"discount\", \"plan_change\","),
    (r#"{ "name": "a", "kind": "gift" }"#, ".kind: \"gift\" is not known; write \"pause\","),
    (
        r#"{ "name": "a", "kind": "pause", "access": "off" }"#,
        ": does not say how long the pause is; write periods, or up_to",
    ),
    (
        r#"{ "name": "a", "kind": "pause", "periods": 1 }"#,
        ".access: is missing; write \"on\" or \"off\"",
    ),
    (
        r#"{ "name": "a", "kind": "pause", "access": "on", "periods": 4 }"#,
        ".periods: 4 is out of range; write a whole number from 1 to 3",
    ),
    (
        r#"{ "name": "a", "kind": "pause", "access": "on", "periods": 1, "percent": 5 }"#,
        ".percent: means nothing for \"pause\"; leave it out; there are periods, up_to, access",
    ),
    (
        r#"{ "name": "a", "kind": "discount", "periods": 1 }"#,
        ": does not say how much less it costs; write percent, or amount_minor and currency",
    ),
    (
        r#"{ "name": "a", "kind": "discount", "periods": 1, "percent": 101 }"#,
        ".percent: 101 is out of range",
    ),
    (
        r#"{ "name": "a", "kind": "credit", "amount_minor": 0, "currency": "eur" }"#,
        ".amount_minor: 0 is out of range; write an amount above 0 in minor units",
    ),
    (
        r#"{ "name": "a", "kind": "credit", "amount_minor": 1, "currency": "euro" }"#,
        ".currency: \"euro\" is not a currency",
    ),
    (
        r#"{ "name": "a", "kind": "plan_change", "plan": "a b", "label": "Lite" }"#,
        ".plan: \"a b\" is not a price",
    ),
    (
        r#"{ "name": "a", "kind": "plan_change", "plan": "price_1", "label": " " }"#,
        ".label: \" \" is not a name",
    ),
    (
        r#"{ "name": "a", "kind": "redirect", "url": "http://example.com" }"#,
        ".url: \"http://example.com\" is not an address; write an address that begins with https",
    ),
    (
        r#"{ "name": "a", "kind": "redirect", "url": "https:///x" }"#,
        ".url: \"https:///x\" is not an address",
    ),
    (
        r#"{ "name": "a", "kind": "contact", "url": "https://a.b",
             "match": { "segments": ["x"] } }"#,
        ".match.segments[0]: there is no segment \"x\"; write \"default\"",
    ),
    (
        r#"{ "name": "a", "kind": "contact", "url": "https://a.b",
             "match": { "tenure_from": "9 days", "tenure_below": "9 days" } }"#,
        ".match.tenure_below: nobody is a customer for so long; write a duration that is longer",
    ),
];

#[test]
fn each_value_has_its_range_and_each_law_its_name() {
    for (cancel, wanted) in TABLE {
        let cancel: Value = serde_json::from_str(cancel).expect("JSON");
        assert_eq!(read(with(cancel)).expect_err(wanted), [*wanted]);
    }
    for (offer, wanted) in OFFERS {
        let offer: Value = serde_json::from_str(offer).expect("JSON");
        let told = read(with(json!({ "offers": [offer] }))).expect_err(wanted);
        let wanted = format!("cancel.offers[0]{wanted}");
        assert!(told.len() == 1 && told[0].starts_with(&wanted), "{told:#?}\nnot {wanted}");
    }
}

#[test]
fn lists_have_ends_and_names_are_there_once() {
    let offer = |name: &str| json!({ "name": name, "kind": "contact", "url": "https://a.b" });
    let twice = with(json!({ "offers": [offer("a"), offer("a")] }));
    assert_eq!(
        read(twice).expect_err("twice"),
        ["cancel.offers[1].name: \"a\" is there twice; write another name"]
    );
    let many: Vec<Value> = (0..=OFFERS_MAX).map(|n| offer(&format!("o{n}"))).collect();
    assert_eq!(
        read(with(json!({ "offers": many }))).expect_err("many"),
        ["cancel.offers: there are 51; write at most 50"]
    );
    let places = json!([
        { "place": "kr", "offer_screens": 0 },
        { "place": "kr", "offer_screens": 1 },
    ]);
    assert_eq!(
        read(with(json!({ "places": places }))).expect_err("twice"),
        ["cancel.places[1].place: \"kr\" is there twice; leave one of them out"]
    );
}

#[test]
fn what_is_left_out_is_the_default_and_what_is_written_holds() {
    assert_eq!(settings(json!({})), CancelSettings::default());
    let written =
        settings(json!({ "ends": "now", "open_invoices": "keep", "again_after": "7 days" }));
    assert_eq!((written.ends, written.open_invoices), (EndsAt::Now, OpenInvoices::Keep));
    assert_eq!(written.again_after_ms, 7 * DAY_MS);
}
