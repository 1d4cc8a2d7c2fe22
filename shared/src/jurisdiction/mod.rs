//! What the law of the customer's country asks of the way out, as dated data.
//!
//! A [`Profile`] is an engineer's reading of a rule and no advice. Each row says from when it
//! holds, where it was read and how well it is known. What nobody has read is not claimed: such a
//! place gets [`table::STRICT`], which satisfies the strictest cases read. A merchant can be
//! stricter than a profile and never laxer ([`crate::policy`] refuses it with the rule's name).
//!
//! What customers of a place have to be told beforehand, and how early, stands with the notices:
//! [`crate::campaign::rules::NOTICE_RULES`].

pub mod profile;
pub mod table;

pub use profile::{CancelButton, OfferRule, Profile, ReceiptField, Survey, Withdrawal};
pub use table::{PROFILES, STRICT};

use crate::policy::segment::Country;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest name of a part of a country that is looked at, in bytes; a longer one counts as not
/// known.
pub const REGION_BYTES_MAX: usize = 40;

/// Whose rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jurisdiction {
    /// Germany.
    De,
    /// Another member of the European Union.
    Eu,
    /// The United Kingdom.
    Gb,
    /// California, or the United States where the state is not known.
    UsCa,
    /// Another state of the United States.
    Us,
    /// South Korea.
    Kr,
    /// Türkiye.
    Tr,
    /// Japan.
    Jp,
    /// Everywhere else, and where the customer is not known to be anywhere.
    Elsewhere,
}

impl Jurisdiction {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::De,
        Self::Eu,
        Self::Gb,
        Self::UsCa,
        Self::Us,
        Self::Kr,
        Self::Tr,
        Self::Jp,
        Self::Elsewhere,
    ];

    /// The word in logs, records, policies and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::Eu => "eu",
            Self::Gb => "gb",
            Self::UsCa => "us_ca",
            Self::Us => "us",
            Self::Kr => "kr",
            Self::Tr => "tr",
            Self::Jp => "jp",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// Of a country and, where its parts differ, the part (`CA`, `US-CA`, `California`).
    #[must_use]
    pub fn of(country: Country, region: Option<&str>) -> Self {
        match country.as_str() {
            "DE" => Self::De,
            "GB" => Self::Gb,
            "US" if region.is_none_or(is_california) => Self::UsCa,
            "US" => Self::Us,
            "KR" => Self::Kr,
            "TR" => Self::Tr,
            "JP" => Self::Jp,
            code if table::EU_MEMBERS.contains(&code) => Self::Eu,
            _ => Self::Elsewhere,
        }
    }
}

fn is_california(region: &str) -> bool {
    ["CA", "US-CA", "California"].iter().any(|name| region.eq_ignore_ascii_case(name))
}

/// What is known of where a customer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The country of the billing address.
    pub billing_country: Option<Country>,
    /// The part of it, as the provider writes it.
    pub billing_region: Option<String>,
    /// The country that the request came from.
    pub request_country: Option<Country>,
    /// The part of it, as ISO 3166-2 writes it.
    pub request_region: Option<String>,
}

/// How a jurisdiction was found. It is logged with every cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// By the billing address.
    BillingCountry,
    /// By the request, because no billing address is known.
    RequestCountry,
    /// Nothing is known: the strict default.
    Nothing,
}

impl FoundBy {
    /// The word in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BillingCountry => "billing_country",
            Self::RequestCountry => "request_country",
            Self::Nothing => "nothing",
        }
    }
}

/// What holds for a customer, and how that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose rules.
    pub jurisdiction: Jurisdiction,
    /// Why these.
    pub found_by: FoundBy,
    /// The rules themselves, as they hold now.
    pub profile: &'static Profile,
}

/// The billing country decides, then the country of the request, then the strict default: who
/// travels keeps the rights of home, and who is not known to be anywhere gets the strictest.
#[must_use]
pub fn find(place: &Whereabouts, now: Timestamp) -> Found {
    let billing = place.billing_country.map(|country| {
        let known = region(place.billing_region.as_deref());
        // The same country by both: the request may know the state that the address leaves out.
        let by_request = place.request_country == Some(country);
        let guessed = region(place.request_region.as_deref()).filter(|_| by_request);
        (Jurisdiction::of(country, known.or(guessed)), FoundBy::BillingCountry)
    });
    let request = || {
        let country = place.request_country?;
        let region = region(place.request_region.as_deref());
        Some((Jurisdiction::of(country, region), FoundBy::RequestCountry))
    };
    let nothing = (Jurisdiction::Elsewhere, FoundBy::Nothing);
    let (jurisdiction, found_by) = billing.or_else(request).unwrap_or(nothing);
    Found { jurisdiction, found_by, profile: in_force(jurisdiction, now) }
}

fn region(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty() && text.len() <= REGION_BYTES_MAX)
}

/// The newest profile that holds at a moment; the strict one where none does yet.
#[must_use]
pub fn in_force(jurisdiction: Jurisdiction, now: Timestamp) -> &'static Profile {
    let holds =
        |profile: &&Profile| profile.jurisdiction == jurisdiction && profile.effective_from <= now;
    PROFILES.iter().filter(holds).max_by_key(|profile| profile.effective_from).unwrap_or(&STRICT)
}

/// The longest time within which any place lets a contract be taken back, in milliseconds: for an
/// older one nobody need know where its customer is.
#[must_use]
pub fn withdrawal_ms_max(now: Timestamp) -> i64 {
    let holds = PROFILES.iter().filter(|profile| profile.effective_from <= now);
    holds.filter_map(|profile| profile.withdrawal).map(|right| right.period_ms).max().unwrap_or(0)
}

/// Every profile of a place, whenever it holds: what a policy for it has to respect.
pub fn all_of(jurisdiction: Jurisdiction) -> impl Iterator<Item = &'static Profile> {
    let of_place = move |profile: &&Profile| profile.jurisdiction == jurisdiction;
    let rows = PROFILES.iter().filter(of_place);
    let has_none = !PROFILES.iter().any(|profile| of_place(&profile));
    rows.chain(has_none.then_some(&STRICT))
}
