//! What the page shows first, in the customer's language: the banner's texts, with money, dates
//! and plural rules by the runtime's `Intl`.
//!
//! Which text it is decides [`reprieve_core::api::banner`], for the widget too. The sentences are
//! the widget's own files.

use crate::intl;
use crate::page;
use crate::zone::{self, CustomerZone};
use axum::http::{HeaderMap, header};
use reprieve_core::api::banner::{self, Banner, Moment, Speaker};
use reprieve_core::api::said;
use reprieve_core::api::status::{Amount, Status};
use reprieve_core::api::text::{Key, Plural, Texts, Tone};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// By their names in [`page::language_of`].
const LANGUAGES: [(&str, &str); 10] = [
    ("en", include_str!("../../widget/locale/en.json")),
    ("de", include_str!("../../widget/locale/de.json")),
    ("ar", include_str!("../../widget/locale/ar.json")),
    ("ja", include_str!("../../widget/locale/ja.json")),
    ("fr", include_str!("../../widget/locale/fr.json")),
    ("es", include_str!("../../widget/locale/es.json")),
    ("pt", include_str!("../../widget/locale/pt.json")),
    ("pl", include_str!("../../widget/locale/pl.json")),
    ("tr", include_str!("../../widget/locale/tr.json")),
    ("ko", include_str!("../../widget/locale/ko.json")),
];
/// The longest language tag handed to `Intl`, in bytes: longer ones have no more to say.
const TAG_BYTES_MAX: usize = 35;

/// Of so many invoices the amounts are handed over: more than the widget's panel lists.
const INVOICES_SAID_MAX: usize = 5;

/// How a customer wants to be spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// A language of ours.
    language: &'static str,
    /// A tag for `Intl`, which may be finer.
    tag: String,
    tone: Tone,
    zone: CustomerZone,
}

impl Manner {
    /// By the request. The loader sends what the element, the page and the browser ask for in
    /// `Accept-Language`, and in front the tone, which no language is called: `game,de-AT,en`.
    /// Another client's header will do, too. `guessed`: the time zone, by the platform.
    #[must_use]
    pub fn of(headers: &HeaderMap, guessed: Option<String>) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let zone = CustomerZone::of(text(zone::HEADER), guessed);
        let accepted = text(header::ACCEPT_LANGUAGE.as_str());
        let language = page::language_of(accepted);
        let tags = || page::accepted(accepted).map(|(tag, _)| tag);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_finer = |tag: &&str| {
            tag.len() <= TAG_BYTES_MAX
                && tag.bytes().all(is_plain)
                && tag.split('-').next().is_some_and(|start| start.eq_ignore_ascii_case(language))
        };
        let tag = tags().find(is_finer).unwrap_or(language);
        let tone = tags().find_map(Tone::named).unwrap_or_default();
        Self { language, tag: tag.to_owned(), tone, zone }
    }
}

/// A banner, and what `Intl` made of the values in it.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The texts.
    pub banner: Banner,
    /// The values in them.
    pub said: Said,
}

/// What `Intl` made of values, for whom it holds; see [`said`].
#[derive(Clone, Debug, Default, Serialize)]
pub struct Said {
    /// The language for `Intl`.
    tag: String,
    /// The moment that is told, or now; in milliseconds.
    at_ms: i64,
    /// How many minutes the clock is west of UTC then.
    west_min: Option<i16>,
    /// By kind and number.
    texts: BTreeMap<String, BTreeMap<i64, String>>,
}

/// The banner for a status, if there is one to be shown.
#[must_use]
pub fn banner(status: &Status, manner: &Manner) -> Option<Spoken> {
    let file = LANGUAGES.iter().find(|(name, _)| *name == manner.language);
    let entries = file.and_then(|(_, text)| entries(text))?;
    let is_known = intl::plural_category(&manner.tag, 1).is_some();
    let tag = if is_known { manner.tag.clone() } else { manner.language.to_owned() };
    let zone = manner.zone.name(|zone| intl::minutes_west(zone, status.server_time_ms));
    let said = RefCell::new(Said { at_ms: status.server_time_ms, ..Said::default() });
    let voice = Voice { texts: Texts::new(entries, manner.tone), tag, zone, said };
    let direction = voice.texts.named("direction").to_owned();
    let banner = banner::banner(status, &voice)?;
    // The widget's panel lists them.
    for invoice in status.invoices.iter().take(INVOICES_SAID_MAX) {
        voice.money(&invoice.amount_due);
    }
    let banner = Banner { language: manner.language.to_owned(), direction, ..banner };
    let said = voice.said.into_inner();
    let west_min = intl::minutes_west(&voice.zone, said.at_ms);
    Some(Spoken { banner, said: Said { tag: voice.tag, west_min, ..said } })
}

/// A file of texts. A test reads them all, so that none is missing here.
fn entries(file: &str) -> Option<Vec<(String, String)>> {
    let entries: BTreeMap<String, String> = serde_json::from_str(file).ok()?;
    Some(entries.into_iter().collect())
}

struct Voice {
    texts: Texts,
    tag: String,
    zone: String,
    said: RefCell<Said>,
}

impl Voice {
    /// Keeps what was made of a value.
    fn keep(&self, kind: &str, number: i64, text: String) -> String {
        let texts = &mut self.said.borrow_mut().texts;
        texts.entry(kind.to_owned()).or_default().insert(number, text.clone());
        text
    }
}

impl Speaker for Voice {
    fn text(&self, key: Key) -> String {
        self.texts.get(key).to_owned()
    }

    fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.texts.fill(self.texts.get(key), values)
    }

    fn plural(&self, key: Plural, count: usize, amount: &str) -> String {
        let number = u32::try_from(count).unwrap_or(u32::MAX);
        let category = intl::plural_category(&self.tag, number).unwrap_or_default();
        let template = self.texts.plural(key, &category);
        let count = self.keep(said::COUNT, i64::from(number), intl::count(&self.tag, number));
        self.texts.fill(template, &[("count", &count), ("amount", amount)])
    }

    fn money(&self, amount: &Amount) -> String {
        let text = intl::money(&self.tag, amount);
        self.keep(said::kind_of_amount(amount), amount.amount_minor, text)
    }

    fn moment(&self, moment: Moment) -> String {
        let text = intl::moment(&self.tag, &self.zone, moment);
        self.said.borrow_mut().at_ms = moment.at_ms;
        self.keep(said::kind_of_moment(moment), moment.at_ms, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn manner(header: &'static str) -> (&'static str, String, Tone) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        let manner = Manner::of(&headers, None);
        (manner.language, manner.tag, manner.tone)
    }

    #[test]
    fn the_manner_is_read_of_one_header() {
        #[rustfmt::skip]
        let rows = [
            ("de-AT",              "de", "de-AT", Tone::Consumer),
            ("game,de-AT,en",    "de", "de-AT", Tone::Game),
            (",b2b,en-GB,de",     "en", "en-GB", Tone::B2b),
            ("neon,en",          "en", "en",    Tone::Consumer),
            ("nl-NL,pl-PL,en",     "pl", "pl-PL", Tone::Consumer),
            ("pt-BR,en;q=0.5",     "pt", "pt-BR", Tone::Consumer),
            ("nl,ja;q=0.8",        "ja", "ja",    Tone::Consumer),
            ("xx",                 "en", "en",    Tone::Consumer),
            ("",                   "en", "en",    Tone::Consumer),
        ];
        for (header, language, tag, tone) in rows {
            assert_eq!(manner(header), (language, tag.to_owned(), tone), "{header}");
        }
    }

    #[test]
    fn the_browser_s_time_zone_comes_before_a_guess() {
        let zone = |told: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(zone::HEADER, HeaderValue::from_static(told));
            Manner::of(&headers, Some("Asia/Tokyo".to_owned())).zone.name(|_| None)
        };
        assert_eq!(zone("-330"), "+05:30");
        assert_eq!(zone("America/Bogota"), "America/Bogota");
        assert_eq!(zone(""), "Asia/Tokyo");
    }

    #[test]
    fn every_language_of_the_page_can_be_spoken() {
        for (name, file) in LANGUAGES {
            assert_eq!(page::language_of(Some(name)), name);
            let texts = Texts::new(entries(file).unwrap(), Tone::Consumer);
            let known = texts.known("banner.title").and(texts.known("direction"));
            assert!(known.is_some(), "{name}");
        }
    }
}
