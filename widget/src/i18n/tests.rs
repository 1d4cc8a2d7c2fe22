use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// Each language with the plural categories that CLDR gives it for whole numbers.
const LOCALES: &[(&str, &str, &[&str])] = &[
    ("en", include_str!("../../locale/en.json"), &["one", "other"]),
    ("de", include_str!("../../locale/de.json"), &["one", "other"]),
    ("ar", include_str!("../../locale/ar.json"), &["zero", "one", "two", "few", "many", "other"]),
    ("ja", include_str!("../../locale/ja.json"), &["other"]),
];

/// The same for the sentences about leaving.
const CANCEL_LOCALES: &[(&str, &str, &[&str])] = &[
    ("en", include_str!("../../locale/cancel/en.json"), LOCALES[0].2),
    ("de", include_str!("../../locale/cancel/de.json"), LOCALES[1].2),
    ("ar", include_str!("../../locale/cancel/ar.json"), LOCALES[2].2),
    ("ja", include_str!("../../locale/cancel/ja.json"), LOCALES[3].2),
];

fn parse(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).expect("a locale file is one flat object of strings")
}

fn texts(language: &str, skin: &str) -> Texts {
    let (_, json, _) = LOCALES.iter().find(|(name, ..)| *name == language).unwrap();
    Texts::new(parse(json).into_iter().collect(), skin)
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
            parse(json).into_keys().filter(|key| !key.starts_with(GAME_PREFIX)).collect();
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
        let keys = cancel::KEYS.iter().map(|key| key.0).chain(cancel::NAMED.iter().copied());
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
    let german = parse(CANCEL_LOCALES[1].1);
    assert_eq!(german["cancel.entry.de"], "Verträge hier kündigen");
    assert_eq!(german["cancel.confirm.de"], "jetzt kündigen");
}

#[test]
fn the_game_skin_says_the_same_sentences_in_every_language() {
    let game = |json| -> BTreeSet<String> {
        parse(json).into_keys().filter(|key| key.starts_with(GAME_PREFIX)).collect()
    };
    let english = game(LOCALES[0].1);
    for (language, json, _) in LOCALES {
        assert_eq!(game(json), english, "{language}");
    }
    for key in &english {
        let plain = key.strip_prefix(GAME_PREFIX).unwrap();
        assert!(KEYS.iter().any(|known| known.0 == plain), "{key} is said nowhere");
    }
}

#[test]
fn placeholders_are_the_same_in_every_language() {
    let mut english = parse(LOCALES[0].1);
    english.extend(parse(CANCEL_LOCALES[0].1));
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
            let game = key.starts_with(GAME_PREFIX);
            let plain = key.strip_prefix(GAME_PREFIX).unwrap_or(&key);
            let plain_fits = !game || found == placeholders(&english[plain]);
            assert!(fits && plain_fits, "{language} {key}: {found:?}, wanted {wanted:?}");
        }
    }
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
fn the_game_skin_has_its_own_words_and_falls_back_to_the_common_ones() {
    let game = texts("en", "game");
    assert_eq!(game.get(NEXT_GRACE), "Keep playing until {date}.");
    assert_eq!(game.get(ACTION_DONE), "Done");
    assert_eq!(texts("en", "").get(NEXT_GRACE), "You keep full access until {date}.");
}

#[test]
fn plurals_fall_back_to_other() {
    assert_eq!(texts("en", "").plural(DUE_SEVERAL, "one"), "{count} open invoice");
    assert_eq!(texts("en", "").plural(DUE_SEVERAL, "few"), "{count} open invoices");
    assert_eq!(texts("ja", "").plural(DUE_SEVERAL, "one"), "未払いの請求書 {count}件");
    assert_eq!(texts("ar", "").plural(DUE_SEVERAL, "two"), "فاتورتان مفتوحتان");
}

#[test]
fn values_are_filled_in_and_isolated_only_where_text_runs_right_to_left() {
    let en = texts("en", "");
    assert_eq!(
        en.fill("{amount} for {what}!", &[("amount", "€19"), ("what", "Pro")]),
        "€19 for Pro!"
    );
    assert_eq!(en.fill("a {nobody} b", &[]), "a  b");
    assert_eq!(en.fill("open { end", &[]), "open ");
    let ar = texts("ar", "");
    assert_eq!(ar.fill("دفع {amount}", &[("amount", "19")]), "دفع \u{2068}19\u{2069}");
}

#[test]
fn a_missing_sentence_shows_as_its_key() {
    assert_eq!(Texts::default().get(ACTION_DONE), "action.done");
}
