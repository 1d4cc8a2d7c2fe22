//! The profiles.
//!
//! Marks of confidence as with the networks' limits: `Primary` read in the law itself, `Secondary`
//! on a page that reports it, `Assumed` a safe default of ours.

use super::Jurisdiction as J;
use super::profile::{CancelButton, OfferRule, Profile, ReceiptField, Survey, Withdrawal};
use crate::network::RuleId;
use crate::network::limits::Confidence;
use crate::time::{DAY_MS, Timestamp};

/// The members of the European Union but Germany, which has a profile of its own
/// (<https://european-union.europa.eu/principles-countries-history/eu-countries_en>, 27 members).
pub const EU_MEMBERS: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Beginning of time.
const ALWAYS: Timestamp = Timestamp::from_ms(0);
/// 2022-07-01T00:00:00Z.
const GERMANY_2022: Timestamp = Timestamp::from_seconds(1_656_633_600);
/// 2025-02-14T00:00:00Z.
const KOREA_2025: Timestamp = Timestamp::from_seconds(1_739_491_200);
/// 2025-07-01T00:00:00Z.
const CALIFORNIA_2025: Timestamp = Timestamp::from_seconds(1_751_328_000);
/// 2026-06-19T00:00:00Z.
const EU_2026: Timestamp = Timestamp::from_seconds(1_781_827_200);
/// 2027-03-01T00:00:00Z: the earliest day of "spring 2027".
const BRITAIN_2027: Timestamp = Timestamp::from_seconds(1_803_859_200);

const KOREA: &str = "edaily, KBS 8171692, nepla.ai; guideline of October 2025 by a reposted news \
     item (read 2026-11)";

/// Every line that any of the laws read asks for.
const WHOLE_RECEIPT: &[ReceiptField] = &[
    ReceiptField::Id,
    ReceiptField::ReceivedAt,
    ReceiptField::Kind,
    ReceiptField::Cause,
    ReceiptField::Customer,
    ReceiptField::Contract,
    ReceiptField::Price,
    ReceiptField::EffectiveAt,
    ReceiptField::OpenInvoices,
    ReceiptField::UndoUntil,
];

/// One screen with offers, whose cancel button cancels; a reason that nobody has to give; a receipt
/// with everything. Made of the strictest cases read: Korea (a second "please reconsider" is a
/// violation, as is an offer in place of the cancel button; seven days of peace) and California
/// (cancelling can be finished at once where an offer is shown).
pub const STRICT: Profile = Profile {
    jurisdiction: J::Elsewhere,
    effective_from: ALWAYS,
    offers: OfferRule {
        screens_max: 1,
        per_screen_max: 3,
        cancel_button: CancelButton::Now,
        again_after_ms: 7 * DAY_MS,
        screens_rule: RuleId("strict.one_offer_screen"),
        again_rule: RuleId("strict.seven_days_of_peace"),
    },
    survey: Survey::Optional,
    survey_rule: RuleId("strict.nobody_has_to_say_why"),
    clicks_max: 3,
    confirm_label: "cancel.confirm",
    withdrawal: None,
    receipt: WHOLE_RECEIPT,
    source: "a default of ours: the strictest of the rows below that leave room for an offer",
    confidence: Confidence::Assumed,
};

/// Withdrawal in two steps, for 14 days (directive 2011/83/EU as amended, art. 11a).
const EU_WITHDRAWAL: Withdrawal =
    Withdrawal { period_ms: 14 * DAY_MS, confirm_label: "withdraw.confirm" };

/// § 312k BGB: the button leads to the confirmation page without anything between (LG Hamburg,
/// 2024-04-25, 312 O 148/23), which asks for what the law names and for no more (LG Köln,
/// 2022-07-29, 33 O 355/22), and nobody has to log in (OLG Düsseldorf, 2024-05-23, 20 UKl 3/23):
/// [`crate::cancel::declaration`] is the page for it. So there is no room for a survey or a screen
/// of offers before the declaration.
const GERMANY: Profile = Profile {
    jurisdiction: J::De,
    effective_from: GERMANY_2022,
    offers: OfferRule {
        screens_max: 0,
        per_screen_max: 0,
        screens_rule: RuleId("de.bgb_312k.to_confirmation"),
        ..STRICT.offers
    },
    survey: Survey::Absent,
    survey_rule: RuleId("de.bgb_312k.nothing_more_is_asked"),
    clicks_max: 2,
    confirm_label: "cancel.confirm.de",
    source: "frankfurt-main.ihk.de; anwaltonline.com 38594; shopbetreiber-blog.de on LG Hamburg \
             312 O 148/23; haufe.de on LG Köln 33 O 355/22; alro-recht.de on OLG Düsseldorf \
             20 UKl 3/23 (read 2026-11)",
    confidence: Confidence::Secondary,
    ..STRICT
};

/// No text on cancelling was read for the Union as a whole: the strict flow, and withdrawal.
const UNION: Profile = Profile {
    jurisdiction: J::Eu,
    effective_from: EU_2026,
    withdrawal: Some(EU_WITHDRAWAL),
    source: "mondaq 1799028; sourcingspeak.com; edwincoe.com (read 2026-11)",
    confidence: Confidence::Secondary,
    ..STRICT
};

/// Every profile with a rule of its own, in the order of places and dates. A place without a row in
/// force gets [`STRICT`].
pub const PROFILES: &[Profile] = &[
    GERMANY,
    Profile { effective_from: EU_2026, withdrawal: Some(EU_WITHDRAWAL), ..GERMANY },
    UNION,
    // The subscription regime of the DMCC Act, expected in spring 2027; guidance on how many offers
    // are reasonable is not out. Two cooling-off periods of 14 days.
    Profile {
        jurisdiction: J::Gb,
        effective_from: BRITAIN_2027,
        withdrawal: Some(EU_WITHDRAWAL),
        source: "reedsmith.com; slaughterandmay.com; cms.law on the response of 2026-04-02 (read \
                 2026-11); the day is not fixed yet",
        confidence: Confidence::Assumed,
        ..STRICT
    },
    // An offer is allowed where cancelling can be finished at once beside it (AB 2863).
    Profile {
        jurisdiction: J::UsCa,
        effective_from: CALIFORNIA_2025,
        offers: OfferRule { screens_rule: RuleId("us_ca.ab2863.cancel_at_once"), ..STRICT.offers },
        source: "ktslaw.com; awglaw.com; lexblog.com; dwt.com 2024-10 (read 2026-11)",
        confidence: Confidence::Secondary,
        ..STRICT
    },
    // Click-to-Cancel was vacated on 2025-07-08; ROSCA asks for a simple mechanism and no more.
    Profile {
        jurisdiction: J::Us,
        offers: OfferRule { screens_rule: RuleId("us.rosca.simple_mechanism"), ..STRICT.offers },
        source: "gibsondunn.com 2026-02-27 (read 2026-11)",
        confidence: Confidence::Secondary,
        ..STRICT
    },
    Profile {
        jurisdiction: J::Kr,
        effective_from: KOREA_2025,
        offers: OfferRule {
            screens_rule: RuleId("kr.e_commerce.one_reconsideration"),
            again_rule: RuleId("kr.e_commerce.seven_days_of_peace"),
            ..STRICT.offers
        },
        source: KOREA,
        confidence: Confidence::Secondary,
        ..STRICT
    },
    // Law 6502, art. 52: ending must not be harder than beginning.
    Profile {
        jurisdiction: J::Tr,
        offers: OfferRule { screens_rule: RuleId("tr.6502_52.not_harder"), ..STRICT.offers },
        source: "seherkirbascanikoglu.av.tr; murathukuk.com (read 2026-11)",
        confidence: Confidence::Secondary,
        ..STRICT
    },
    // No text was found (Specified Commercial Transactions Act, June 2022): the strict default.
    Profile { jurisdiction: J::Jp, ..STRICT },
];
