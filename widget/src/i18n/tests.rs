use super::*;
use std::collections::{BTreeMap, BTreeSet};

type Locale = (&'static str, &'static str, &'static [&'static str]);

macro_rules! locale_file {
    ($folder:literal, $language:literal) => {
        include_str!(concat!("../../locale/", $folder, $language, ".json"))
    };
}

macro_rules! locales {
    ($($language:literal: $categories:expr,)*) => {
        /// Each language with its plural categories.
        const LOCALES: &[Locale] = &[
            $(($language, locale_file!("", $language), $categories),)*
        ];
        /// The same for the sentences about leaving.
        const CANCEL_LOCALES: &[Locale] = &[
            $(($language, locale_file!("cancel/", $language), $categories),)*
        ];
    };
}

/// The categories that CLDR gives the whole numbers that are counted here
/// (<https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html>, read
/// 2026-11). French, Spanish and Portuguese have `many` from a million on, which is never reached.
const ONE_OTHER: &[&str] = &["one", "other"];

locales! {
    "en": ONE_OTHER,
    "de": ONE_OTHER,
    "ar": &["zero", "one", "two", "few", "many", "other"],
    "ja": &["other"],
    "fr": ONE_OTHER,
    "es": ONE_OTHER,
    "pt": ONE_OTHER,
    "pl": &["one", "few", "many", "other"],
    "tr": ONE_OTHER,
    "ko": &["other"],
}

/// Prefixes of the sentences that a tone says in its own way.
const TONES: [&str; 2] = [Tone::B2b.prefix(), Tone::Game.prefix()];

fn parse(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).expect("a locale file is one flat object of strings")
}

fn json_of(locales: &'static [Locale], language: &str) -> &'static str {
    locales.iter().find(|(name, ..)| *name == language).expect("a language of ours").1
}

fn texts(language: &str, tone: Tone) -> Texts {
    Texts::new(parse(json_of(LOCALES, language)).into_iter().collect(), tone)
}

/// The key without a tone's prefix, and the prefix.
fn toned(key: &str) -> Option<(&str, &str)> {
    TONES.iter().find_map(|prefix| Some((key.strip_prefix(prefix)?, *prefix)))
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
}

fn plural_of(key: &str) -> Option<&Plural> {
    let stem = key.rsplit_once('.').map(|(stem, _)| stem)?;
    PLURALS.iter().chain(cancel::PLURALS).find(|plural| plural.0 == stem)
}

#[test]
fn every_language_has_every_sentence_and_no_other() {
    for (language, json, categories) in LOCALES {
        let found: BTreeSet<String> =
            parse(json).into_keys().filter(|key| toned(key).is_none()).collect();
        let mut wanted: BTreeSet<String> = KEYS.iter().map(|key| key.0.to_owned()).collect();
        wanted.extend(LOADER_KEYS.iter().map(|&key| key.to_owned()));
        for plural in PLURALS {
            wanted.extend(categories.iter().map(|category| format!("{}.{category}", plural.0)));
        }
        let missing: Vec<_> = wanted.difference(&found).collect();
        let unused: Vec<_> = found.difference(&wanted).collect();
        assert!(missing.is_empty() && unused.is_empty(), "{language}: {missing:?} {unused:?}");
    }
}

#[test]
fn leaving_has_every_sentence_in_every_language_and_no_other() {
    for (language, json, categories) in CANCEL_LOCALES {
        let found: BTreeSet<String> = parse(json).into_keys().collect();
        let keys = cancel::KEYS.iter().map(|key| key.0);
        let keys = keys.chain(cancel::NAMED.iter().chain(cancel::OF_QUESTION).copied());
        let mut wanted: BTreeSet<String> = keys.map(str::to_owned).collect();
        for plural in cancel::PLURALS {
            wanted.extend(categories.iter().map(|category| format!("{}.{category}", plural.0)));
        }
        let missing: Vec<_> = wanted.difference(&found).collect();
        let unused: Vec<_> = found.difference(&wanted).collect();
        assert!(missing.is_empty() && unused.is_empty(), "{language}: {missing:?} {unused:?}");
    }
}

/// The law names both buttons word by word (§ 312k BGB).
#[test]
fn in_german_the_buttons_of_german_law_are_called_as_it_says() {
    let german = parse(json_of(CANCEL_LOCALES, "de"));
    assert_eq!(german["cancel.entry.de"], "Verträge hier kündigen");
    assert_eq!(german["cancel.confirm.de"], "jetzt kündigen");
}

/// Code de la consommation, art. D. 215-1 (décret 2023-417): these words or others as clear.
#[test]
fn in_french_the_first_button_is_called_as_french_law_says() {
    assert_eq!(parse(json_of(CANCEL_LOCALES, "fr"))["cancel.entry"], "Résilier votre contrat");
    assert_eq!(parse(json_of(LOCALES, "fr"))["action.leave"], "Résilier votre contrat");
}

/// Only what differs is said twice, and where it differs in English it does in every language.
#[test]
fn every_tone_has_the_same_sentences_in_every_language() {
    let of_tones = |json| -> BTreeSet<String> {
        parse(json).into_keys().filter(|key| toned(key).is_some()).collect()
    };
    let english = parse(json_of(LOCALES, "en"));
    let wanted = of_tones(json_of(LOCALES, "en"));
    for (language, json, _) in LOCALES {
        assert_eq!(of_tones(json), wanted, "{language}");
    }
    for key in &wanted {
        let (plain, _) = toned(key).unwrap();
        assert!(KEYS.iter().any(|known| known.0 == plain), "{key} is said nowhere");
        assert_ne!(english[key], english[plain], "{key} says what is said anyway");
    }
    for prefix in TONES {
        assert!(wanted.iter().any(|key| key.starts_with(prefix)), "{prefix} says nothing");
    }
}

#[test]
fn placeholders_are_the_same_in_every_language() {
    let mut english = parse(json_of(LOCALES, "en"));
    english.extend(parse(json_of(CANCEL_LOCALES, "en")));
    for (language, json, _) in LOCALES.iter().chain(CANCEL_LOCALES) {
        for (key, text) in parse(json) {
            let (english_key, may_drop_count) = match plural_of(&key) {
                Some(plural) => (format!("{}.other", plural.0), true),
                None => (key.clone(), false),
            };
            let wanted = placeholders(&english[&english_key]);
            let found = placeholders(&text);
            // "two invoices" may be one word, and then has no number in it.
            let fits = found == wanted
                || may_drop_count && wanted.difference(&found).all(|name| *name == "count");
            let plain = toned(&key).map(|(plain, _)| plain);
            let plain_fits = plain.is_none_or(|plain| found == placeholders(&english[plain]));
            assert!(fits && plain_fits, "{language} {key}: {found:?}, wanted {wanted:?}");
        }
    }
}

/// Words of debt collectors, in lower case, as they begin. A list cannot find everything.
const COLLECTORS: &[(&str, &[&str])] = &[
    ("en", &["overdue", "debt", "owe", "arrears", "delinquent", "final notice", "at once"]),
    ("de", &["mahn", "schuld", "inkasso", "forderung", "überfällig", "unverzüglich", "säum"]),
    ("fr", &["dette", "impay", "recouvr", "mise en demeure", "relance", "retard", "débiteur"]),
    ("es", &["deuda", "deudor", "moros", "impag", "atras", "requerimiento", "vencid"]),
    ("pt", &["dívida", "devedor", "inadimpl", "atras", "vencid", "notificaç"]),
    ("pl", &["długu", "dłużni", "zaleg", "windyk", "wezwan", "przetermin"]),
    ("tr", &["borç", "borc", "gecik", "icra", "ihtar", "vadesi"]),
    ("ja", &["滞納", "督促", "債務", "延滞", "催促"]),
    ("ko", &["연체", "체납", "독촉", "채무", "밀린"]),
    ("ar", &["ديون", "متأخر", "إنذار", "مديون", "تخلف"]),
];

#[test]
fn nobody_is_spoken_to_as_by_a_debt_collector() {
    assert_eq!(COLLECTORS.len(), LOCALES.len());
    for (language, words) in COLLECTORS {
        for json in [json_of(LOCALES, language), json_of(CANCEL_LOCALES, language)] {
            for (key, text) in parse(json) {
                let text = format!(" {}", text.to_lowercase());
                let has = |word: &&&str| match *language {
                    "ja" | "ko" | "ar" => text.contains(**word),
                    _ => text.match_indices(**word).any(|(at, _)| !starts_inside_a_word(&text, at)),
                };
                assert_eq!(words.iter().find(has), None, "{language} {key}: {text}");
            }
        }
    }
}

fn starts_inside_a_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_some_and(char::is_alphabetic)
}

#[test]
fn texts_are_clean() {
    for (language, json, _) in LOCALES.iter().chain(CANCEL_LOCALES) {
        for (key, text) in parse(json) {
            assert!(!text.is_empty() && text.trim() == text, "{language} {key}");
            assert!(!text.contains(['<', '>', '\n']) && !text.contains("  "), "{language} {key}");
        }
    }
}

#[test]
fn a_tone_has_its_own_words_and_falls_back_to_the_common_ones() {
    let grace = |tone| texts("en", tone).get(NEXT_GRACE).to_owned();
    assert_eq!(grace(Tone::Game), "Keep playing until {date}.");
    assert_eq!(grace(Tone::B2b), "Your team keeps full access until {date}.");
    assert_eq!(grace(Tone::Consumer), "You keep full access until {date}.");
    for tone in [Tone::Game, Tone::B2b] {
        assert_eq!(texts("en", tone).get(ACTION_DONE), "Done");
    }
}

#[test]
fn the_tone_is_the_attribute_s_else_the_skin_s() {
    #[rustfmt::skip]
    let rows = [
        (None,             None,         Tone::Consumer),
        (None,             Some("game"), Tone::Game),
        (Some("game"),     None,         Tone::Game),
        (Some("b2b"),      None,         Tone::B2b),
        (Some("b2b"),      Some("game"), Tone::B2b),
        (Some("consumer"), Some("game"), Tone::Consumer),
        (Some("stern"),    None,         Tone::Consumer),
        (Some(""),         Some("neon"), Tone::Consumer),
    ];
    for (tone, skin, wanted) in rows {
        assert_eq!(Tone::of(tone, skin), wanted, "{tone:?} {skin:?}");
    }
}

#[test]
fn plurals_fall_back_to_other() {
    assert_eq!(texts("en", Tone::Consumer).plural(DUE_SEVERAL, "one"), "{count} open invoice");
    assert_eq!(texts("en", Tone::Consumer).plural(DUE_SEVERAL, "few"), "{count} open invoices");
    assert_eq!(texts("ja", Tone::Consumer).plural(DUE_SEVERAL, "one"), "未払いの請求書 {count}件");
    assert_eq!(texts("ar", Tone::Consumer).plural(DUE_SEVERAL, "two"), "فاتورتان مفتوحتان");
}

#[test]
fn values_are_filled_in_and_isolated_only_where_text_runs_right_to_left() {
    let en = texts("en", Tone::Consumer);
    assert_eq!(
        en.fill("{amount} for {what}!", &[("amount", "€19"), ("what", "Pro")]),
        "€19 for Pro!"
    );
    assert_eq!(en.fill("a {nobody} b", &[]), "a  b");
    assert_eq!(en.fill("open { end", &[]), "open ");
    let ar = texts("ar", Tone::Consumer);
    assert_eq!(ar.fill("دفع {amount}", &[("amount", "19")]), "دفع \u{2068}19\u{2069}");
}

#[test]
fn a_missing_sentence_shows_as_its_key() {
    assert_eq!(Texts::default().get(ACTION_DONE), "action.done");
}
