//! What is offered: each kind with its own keys.

use super::PAUSE_PERIODS;
use crate::cancel::offer::{Audience, Off, Offer, OfferKind, PauseSpan};
use crate::id::PlanId;
use crate::money::{Currency, Money};
use crate::policy::file::cancel::{ACCESS, AudienceFile, OfferFile};
use crate::policy::problem::{Problems, choice, quoted};
use crate::policy::{OFFERS_MAX, duration};
use crate::time::DAY_MS;
use core::ops::RangeInclusive;

/// A week to half a year: shorter is no pause, longer is a farewell.
const UP_TO_MS: RangeInclusive<i64> = 7 * DAY_MS..=183 * DAY_MS;
/// A day to three months.
const EXTENSION_MS: RangeInclusive<i64> = DAY_MS..=92 * DAY_MS;
/// Up to two years of months.
const DISCOUNT_PERIODS: RangeInclusive<u32> = 1..=24;
const PERCENT: RangeInclusive<u32> = 1..=100;
const PRIORITY: RangeInclusive<u32> = 1..=1_000;
const TENURE_MS: RangeInclusive<i64> = 0..=36_500 * DAY_MS;
const TIMES: RangeInclusive<u32> = 0..=100;
/// What is asked first unless a number says otherwise.
const PRIORITY_DEFAULT: u32 = 100;
/// The longest address, in bytes.
const URL_BYTES_MAX: usize = 500;
/// The longest name of a plan, in bytes.
const LABEL_BYTES_MAX: usize = 80;

/// The kinds, and the keys that mean something for each.
const KINDS: [(&str, &[&str]); 7] = [
    ("pause", &["periods", "up_to", "access"]),
    ("discount", &["percent", "amount_minor", "currency", "periods"]),
    ("plan_change", &["plan", "label"]),
    ("trial_extension", &["extension"]),
    ("credit", &["amount_minor", "currency"]),
    ("contact", &["url"]),
    ("redirect", &["url"]),
];

pub(super) fn read(problems: &mut Problems, files: &[OfferFile], segments: &[&str]) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    if problems.too_many("cancel.offers", files.len(), OFFERS_MAX) {
        return offers;
    }
    for (at, file) in files.iter().enumerate() {
        let place = format!("cancel.offers[{at}]");
        let name = problems.name(&format!("{place}.name"), file.name.as_deref());
        if let Some(name) = name.as_ref().filter(|name| offers.iter().any(|o| o.name == **name)) {
            let problem = format!("{} is there twice", quoted(name));
            problems.add(format!("{place}.name"), problem, "write another name");
        }
        let priority = format!("{place}.priority");
        let priority = problems.whole(&priority, file.priority, PRIORITY, PRIORITY_DEFAULT);
        let audience = audience(problems, &place, file.audience.as_ref(), segments);
        let kind = kind(problems, &place, file);
        if let (Some(name), Some(kind)) = (name, kind) {
            offers.push(Offer { name, kind, priority, audience });
        }
    }
    offers
}

fn kind(problems: &mut Problems, place: &str, file: &OfferFile) -> Option<OfferKind> {
    let key = |name: &str| format!("{place}.{name}");
    let words = KINDS.map(|(word, keys)| (word, (word, keys)));
    let allowed = choice(words.iter().map(|(word, _)| *word));
    problems.required(&key("kind"), file.kind.is_some(), &allowed);
    let (word, keys) = problems.word(&key("kind"), file.kind.as_deref(), &words)?;
    for name in strangers(file, keys) {
        let problem = format!("means nothing for {}", quoted(word));
        problems.add(key(name), problem, format!("leave it out; there are {}", keys.join(", ")));
    }
    match word {
        "pause" => pause(problems, place, file),
        "discount" => discount(problems, place, file),
        "plan_change" => plan_change(problems, place, file),
        "trial_extension" => {
            let (key, text) = (key("extension"), file.extension.as_deref());
            problems.required(&key, text.is_some(), duration::EXAMPLES);
            let extension_ms = problems.duration(&key, text, EXTENSION_MS, DAY_MS);
            Some(OfferKind::TrialExtension { extension_ms })
        }
        "credit" => money(problems, place, file).map(|amount| OfferKind::Credit { amount }),
        "contact" => url(problems, place, file).map(|url| OfferKind::Contact { url }),
        _ => url(problems, place, file).map(|url| OfferKind::Redirect { url }),
    }
}

/// What is written and means nothing for this kind.
fn strangers(file: &OfferFile, keys: &[&str]) -> Vec<&'static str> {
    let written = [
        ("periods", file.periods.is_some()),
        ("up_to", file.up_to.is_some()),
        ("access", file.access.is_some()),
        ("percent", file.percent.is_some()),
        ("amount_minor", file.amount_minor.is_some()),
        ("currency", file.currency.is_some()),
        ("plan", file.plan.is_some()),
        ("label", file.label.is_some()),
        ("extension", file.extension.is_some()),
        ("url", file.url.is_some()),
    ];
    let strange = |(name, there): &(&'static str, bool)| *there && !keys.contains(name);
    written.into_iter().filter(strange).map(|(name, _)| name).collect()
}

fn pause(problems: &mut Problems, place: &str, file: &OfferFile) -> Option<OfferKind> {
    let key = |name: &str| format!("{place}.{name}");
    let allowed = "write \"on\" or \"off\": whether the product can be used during the pause";
    problems.required(&key("access"), file.access.is_some(), allowed);
    let access = problems.word(&key("access"), file.access.as_deref(), &ACCESS);
    let span = match (file.periods, file.up_to.as_deref()) {
        (Some(periods), None) => {
            let periods = problems.whole(&key("periods"), Some(periods), PAUSE_PERIODS, 1);
            PauseSpan::Periods(periods)
        }
        (None, Some(text)) => {
            let span_ms = problems.duration(&key("up_to"), Some(text), UP_TO_MS, DAY_MS);
            PauseSpan::UpTo(span_ms)
        }
        _ => {
            let allowed = "write periods, or up_to for a day that the customer chooses";
            problems.add(place, "does not say how long the pause is", allowed);
            return None;
        }
    };
    Some(OfferKind::Pause { span, access: access? })
}

fn discount(problems: &mut Problems, place: &str, file: &OfferFile) -> Option<OfferKind> {
    let key = |name: &str| format!("{place}.{name}");
    problems.required(&key("periods"), file.periods.is_some(), "write a number of periods");
    let periods = problems.whole(&key("periods"), file.periods, DISCOUNT_PERIODS, 1);
    let off = match (file.percent, file.amount_minor) {
        (Some(percent), None) => {
            Off::Percent(problems.whole(&key("percent"), Some(percent), PERCENT, 1))
        }
        (None, Some(_)) => Off::Amount(money(problems, place, file)?),
        _ => {
            let allowed = "write percent, or amount_minor and currency";
            problems.add(place, "does not say how much less it costs", allowed);
            return None;
        }
    };
    Some(OfferKind::Discount { off, periods })
}

fn plan_change(problems: &mut Problems, place: &str, file: &OfferFile) -> Option<OfferKind> {
    let key = |name: &str| format!("{place}.{name}");
    let allowed = "write the provider's price, for example \"price_1Abc\"";
    problems.required(&key("plan"), file.plan.is_some(), allowed);
    let label_allowed = "write what the plan is called, at most 80 bytes";
    problems.required(&key("label"), file.label.is_some(), label_allowed);
    let (plan, label) = (file.plan.as_deref()?, file.label.as_deref()?);
    let parsed = PlanId::parse(plan).ok();
    if parsed.is_none() {
        problems.add(key("plan"), format!("{} is not a price", quoted(plan)), allowed);
    }
    let fits = !label.trim().is_empty() && label.len() <= LABEL_BYTES_MAX;
    if !fits || label.chars().any(char::is_control) {
        problems.add(key("label"), format!("{} is not a name", quoted(label)), label_allowed);
        return None;
    }
    Some(OfferKind::PlanChange { plan: parsed?, label: label.to_owned() })
}

fn money(problems: &mut Problems, place: &str, file: &OfferFile) -> Option<Money> {
    let key = |name: &str| format!("{place}.{name}");
    let allowed = "write the three letters of ISO 4217, for example \"eur\"";
    problems.required(&key("currency"), file.currency.is_some(), allowed);
    let minor_allowed = "write an amount above 0 in minor units";
    problems.required(&key("amount_minor"), file.amount_minor.is_some(), minor_allowed);
    let (text, amount_minor) = (file.currency.as_deref()?, file.amount_minor?);
    let currency = Currency::parse(text).ok();
    if currency.is_none() {
        problems.add(key("currency"), format!("{} is not a currency", quoted(text)), allowed);
    }
    if amount_minor <= 0 {
        let problem = format!("{amount_minor} is out of range");
        problems.add(key("amount_minor"), problem, minor_allowed);
        return None;
    }
    Some(Money { amount_minor, currency: currency? })
}

fn url(problems: &mut Problems, place: &str, file: &OfferFile) -> Option<String> {
    let key = format!("{place}.url");
    let allowed = "write an address that begins with https://, at most 500 characters";
    problems.required(&key, file.url.is_some(), allowed);
    let url = file.url.as_deref()?;
    let host = url.strip_prefix("https://").unwrap_or_default();
    let fits = !host.is_empty() && !host.starts_with('/') && url.len() <= URL_BYTES_MAX;
    if !fits || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        problems.add(key, format!("{} is not an address", quoted(url)), allowed);
        return None;
    }
    Some(url.to_owned())
}

fn audience(
    problems: &mut Problems,
    place: &str,
    file: Option<&AudienceFile>,
    segments: &[&str],
) -> Audience {
    let Some(file) = file else { return Audience::default() };
    let key = |name: &str| format!("{place}.match.{name}");
    let named = file.segments.as_deref().unwrap_or_default();
    for (at, name) in named.iter().enumerate().take(segments.len().saturating_add(1)) {
        if !segments.contains(&name.as_str()) {
            let problem = format!("there is no segment {}", quoted(name));
            let known = choice(segments.iter().copied());
            problems.add(format!("{}[{at}]", key("segments")), problem, known);
        }
    }
    let reasons = file.reasons.as_deref();
    let reasons = reasons.map(|words| super::reasons(problems, &key("reasons"), words));
    let mut tenure = |name: &str, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| problems.duration(&key(name), Some(text), TENURE_MS, 0))
    };
    let tenure_from_ms = tenure("tenure_from", &file.tenure_from);
    let tenure_below_ms = tenure("tenure_below", &file.tenure_below);
    if tenure_below_ms.is_some_and(|below_ms| below_ms <= tenure_from_ms.unwrap_or(0)) {
        let allowed = "write a duration that is longer than tenure_from";
        problems.add(key("tenure_below"), "nobody is a customer for so long", allowed);
    }
    let mut times = |name: &str, value: Option<i64>| {
        value.map(|value| problems.whole(&key(name), Some(value), TIMES, 0))
    };
    Audience {
        segments: named.to_vec(),
        reasons: reasons.unwrap_or_default(),
        tenure_from_ms,
        tenure_below_ms,
        open_case: file.open_case,
        taken_max: times("taken_max", file.taken_max),
        refused_max: times("refused_max", file.refused_max),
    }
}
