//! The merchant's own words for single sentences.
//!
//! They are texts, never HTML, and they may not take away what the customer has to see: a sentence
//! keeps its values, such as the amount, and buttons that a law names keep their names.

use super::Texts;

/// The most sentences that are taken; there are fewer to replace.
pub const OWN_TEXTS_MAX: usize = 400;

/// The longest sentence, in bytes of UTF-8: about twice our longest.
pub const OWN_TEXT_BYTES_MAX: usize = 600;

/// What stands before a key of the dialog about leaving, whose keys are a list of their own.
pub const LEAVE_PREFIX: &str = "leave.";

/// Which way a page's text runs is no matter of taste, and the first button of the way out is named
/// by law in some places.
const FIXED: &[&str] = &["direction", "action.leave"];

/// First words of keys in the dialog about leaving: buttons that a law names, and the receipt,
/// which has to say the same to everybody.
const FIXED_STARTS: &[&str] = &["cancel.", "withdraw.", "receipt."];

/// Takes sentences of the merchant's in place of ours, by key. Returns what was refused: the key,
/// and why, for whoever builds the page. An empty text stands for what was no text.
pub fn take(into: &mut Texts, texts: Vec<(String, String)>) -> Vec<(String, &'static str)> {
    let mut refused = Vec::new();
    for (key, text) in texts.into_iter().take(OWN_TEXTS_MAX) {
        match refusal(into, &key, &text) {
            Some(why) => refused.push((key, why)),
            None => into.replace(key, text),
        }
    }
    refused
}

fn refusal(texts: &Texts, key: &str, text: &str) -> Option<&'static str> {
    let Some(ours) = texts.ours(key) else { return Some("there is no such key") };
    let is_fixed = FIXED.contains(&key) || FIXED_STARTS.iter().any(|it| key.starts_with(it));
    if is_fixed {
        Some("this text is fixed")
    } else if text.is_empty() {
        Some("this is no text")
    } else if text.len() > OWN_TEXT_BYTES_MAX {
        Some("this is longer than 600 bytes")
    } else if !has_all_of(text, ours) || !has_all_of(ours, text) {
        Some("its {values} are not those of our text")
    } else {
        None
    }
}

/// Whether every `{value}` of the second text is in the first one, too. "Two invoices" may be said
/// without a number.
fn has_all_of(text: &str, other: &str) -> bool {
    values(other).all(|name| name == "count" || values(text).any(|it| it == name))
}

fn values(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}

/// Where the page gives own words for the dialog about leaving, too, these are those of one of the
/// two, with the keys of its locale file.
#[must_use]
pub fn of_dialog(texts: Vec<(String, String)>, is_leaving: bool) -> Vec<(String, String)> {
    let pick = |(key, text): (String, String)| match key.strip_prefix(LEAVE_PREFIX) {
        Some(rest) => is_leaving.then(|| (rest.to_owned(), text)),
        None => (!is_leaving).then_some((key, text)),
    };
    texts.into_iter().filter_map(pick).collect()
}
