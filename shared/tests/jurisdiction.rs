//! Which rules hold for whom from when, as text.
#![cfg(test)]

use reprieve_core::jurisdiction::{
    CancelButton, FoundBy, Jurisdiction, PROFILES, Profile, STRICT, Survey, Whereabouts, all_of,
    find, in_force,
};
use reprieve_core::network::RuleId;
use reprieve_core::network::limits::Confidence;
use reprieve_core::policy::segment::Country;
use reprieve_core::time::{DAY_MS, Timestamp};
use std::collections::BTreeSet;

const NOVEMBER_2026: Timestamp = Timestamp::from_seconds(1_793_577_600);

fn country(code: &str) -> Option<Country> {
    (code != "-").then(|| Country::parse(code).expect(code))
}

fn place(billing: &str, request: &str) -> Whereabouts {
    let part = |text: &str| text.split_once('/').map(|(_, region)| region.to_owned());
    let whole = |text: &str| country(text.split('/').next().unwrap());
    Whereabouts {
        billing_country: whole(billing),
        billing_region: part(billing),
        request_country: whole(request),
        request_region: part(request),
    }
}

/// Billing address, request, whose rules, found by.
const PLACES: &str = "
DE       KR       de         billing_country
FR       -        eu         billing_country
-        FR       eu         request_country
GB       DE       gb         billing_country
US/NY    -        us         billing_country
US/CA    -        us_ca      billing_country
US       -        us_ca      billing_country
US       US/TX    us         billing_country
US       DE/BE    us_ca      billing_country
US/      US/CA    us_ca      billing_country
-        US/TX    us         request_country
KR       -        kr         billing_country
TR       -        tr         billing_country
JP       -        jp         billing_country
CH       DE       elsewhere  billing_country
-        NO       elsewhere  request_country
-        -        elsewhere  nothing
";

#[test]
fn the_billing_country_decides_then_the_request_then_nobody() {
    for line in PLACES.trim().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let found = find(&place(words[0], words[1]), NOVEMBER_2026);
        let told = (found.jurisdiction.as_str(), found.found_by.as_str());
        assert_eq!(told, (words[2], words[3]), "{line}");
    }
}

fn row(name: &str, profile: &Profile) -> String {
    let survey = if profile.survey == Survey::Optional { "asked why" } else { "not asked" };
    let button = match (profile.offers.screens_max, profile.offers.cancel_button) {
        (0, _) => "no offers",
        (_, CancelButton::Now) => "1 screen, cancel now",
        (_, CancelButton::ToConfirm) => "1 screen, cancel next",
    };
    let withdrawal = profile.withdrawal.map_or(0, |right| right.period_ms / DAY_MS);
    format!(
        "{name:<9} {survey:<10} {button:<20} {} clicks {withdrawal:>2} d {}",
        profile.clicks_max, profile.offers.screens_rule
    )
}

const TABLE: &str = "
de 2021   asked why  1 screen, cancel now 3 clicks  0 d strict.one_offer_screen
de 2025   not asked  no offers            2 clicks  0 d de.bgb_312k.to_confirmation
de        not asked  no offers            2 clicks 14 d de.bgb_312k.to_confirmation
eu 2025   asked why  1 screen, cancel now 3 clicks  0 d strict.one_offer_screen
eu        asked why  1 screen, cancel now 3 clicks 14 d strict.one_offer_screen
gb        asked why  1 screen, cancel now 3 clicks  0 d strict.one_offer_screen
gb 2028   asked why  1 screen, cancel now 3 clicks 14 d strict.one_offer_screen
us_ca     asked why  1 screen, cancel now 3 clicks  0 d us_ca.ab2863.cancel_at_once
us        asked why  1 screen, cancel now 3 clicks  0 d us.rosca.simple_mechanism
kr        asked why  1 screen, cancel now 3 clicks  0 d kr.e_commerce.one_reconsideration
tr        asked why  1 screen, cancel now 3 clicks  0 d tr.6502_52.not_harder
jp        asked why  1 screen, cancel now 3 clicks  0 d strict.one_offer_screen
elsewhere asked why  1 screen, cancel now 3 clicks  0 d strict.one_offer_screen
";

#[test]
fn every_profile_is_as_written_from_its_day_on() {
    let year = |year: i64| Timestamp::from_ms((year - 1970) * 365 * DAY_MS + 200 * DAY_MS);
    let mut lines = Vec::new();
    for line in TABLE.trim().lines() {
        let name = line.get(..9).unwrap_or(line).trim_end();
        let (word, when) = name.split_once(' ').unwrap_or((name, ""));
        let now = when.parse().map_or(NOVEMBER_2026, year);
        let found = Jurisdiction::ALL.into_iter().find(|place| place.as_str() == word);
        lines.push(row(name, in_force(found.expect(word), now)));
    }
    let rendered = lines.join("\n");
    assert_eq!(rendered, TABLE.trim(), "the table is now:\n{rendered}");
}

#[test]
fn a_profile_holds_from_its_first_moment() {
    for profile in PROFILES.iter().filter(|profile| profile.effective_from.as_ms() > 0) {
        let before = in_force(profile.jurisdiction, profile.effective_from.plus_ms(-1));
        assert_ne!(before, profile, "{profile:?}");
        assert_eq!(in_force(profile.jurisdiction, profile.effective_from), profile);
    }
    let count = |place| all_of(place).count();
    assert_eq!((count(Jurisdiction::De), count(Jurisdiction::Elsewhere)), (2, 1));
}

/// What the strictest cases read ask for: Korea, California, Germany.
#[test]
fn no_profile_is_laxer_than_the_strictest_case_read() {
    for profile in PROFILES.iter().chain([&STRICT]) {
        assert!(profile.offers.screens_max <= 1, "never a second screen: {profile:?}");
        assert!(profile.offers.again_after_ms >= 7 * DAY_MS, "a week of peace: {profile:?}");
        assert!(profile.clicks_max <= STRICT.clicks_max);
        assert!(!profile.receipt.is_empty() && !profile.source.is_empty());
        let dated =
            profile.confidence == Confidence::Assumed || profile.source.contains("read 2026");
        assert!(dated, "a source has a date: {profile:?}");
    }
    let unverified = in_force(Jurisdiction::Jp, NOVEMBER_2026);
    assert_eq!(unverified.confidence, Confidence::Assumed);
    assert_eq!(*unverified, Profile { jurisdiction: Jurisdiction::Jp, ..STRICT });
}

#[test]
fn words_differ_and_a_nonsense_place_is_strict() {
    let words: BTreeSet<_> = Jurisdiction::ALL.iter().map(|place| place.as_str()).collect();
    assert_eq!(words.len(), Jurisdiction::ALL.len());
    for place in Jurisdiction::ALL {
        let json = serde_json::to_string(&place).unwrap();
        assert_eq!(json, format!("\"{}\"", place.as_str()));
    }
    let long = Whereabouts {
        billing_country: country("US"),
        billing_region: Some("N".repeat(1_000)),
        ..Whereabouts::default()
    };
    assert_eq!(find(&long, NOVEMBER_2026).jurisdiction, Jurisdiction::UsCa, "not known: strict");
    assert_eq!(find(&Whereabouts::default(), NOVEMBER_2026).found_by, FoundBy::Nothing);
    assert_ne!(STRICT.offers.screens_rule, RuleId::RETIRED);
}
