//! The banner as the loader paints it: elements as data, with their texts and their style, so that
//! no further request and no Wasm stands between the status and what the customer sees.
//!
//! The same elements, classes and parts as the widget's own banner (`widget/src/view/banner.rs`),
//! so that the page does not move when that one takes its place. Texts are texts: the loader makes
//! text nodes of them.

use reprieve_core::api::banner::Banner;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::OnceLock;

const STYLE: &str = include_str!("../../widget/style/notice.css");

/// What the loader needs to show the banner.
#[derive(Clone, Debug, Serialize)]
pub struct Painting {
    /// A style sheet for the shadow root.
    style: &'static str,
    /// `[tag, {attribute: value}, child…]`; a child is a text or such a list again.
    view: Value,
}

impl Painting {
    /// Paints the banner's texts.
    #[must_use]
    pub fn of(banner: &Banner) -> Self {
        Self { style: style(), view: view(banner) }
    }
}

fn view(banner: &Banner) -> Value {
    let line = |name: &str, text: &str| json!(["p", {"class": name, "part": name}, text]);
    let icon = |name: &str| json!(["span", {"class": "icon", "data-icon": name}]);
    let button = |name: &str, label: &Option<String>| {
        let label = label.as_ref()?;
        Some(json!(["button", {"class": name, "part": name}, label]))
    };
    let mut actions = vec![json!("div"), json!({"class": "actions"})];
    actions.extend(button("secondary", &banner.retry));
    actions.extend(button("primary", &banner.update));
    // Card numbers run left to right in every language.
    let method = json!(["bdi", {"dir": "ltr"}, banner.method]);
    let facts = json!(["div", {"class": "facts"}, ["b", {}, banner.due], method]);
    let title = line("title", &banner.title);
    let words = json!(["div", {"class": "words"}, title, line("message", &banner.message), facts]);
    let named = json!({"class": "card", "part": "banner", "aria-label": banner.label});
    let mut card = vec![json!("section"), named, icon("card"), words, Value::Array(actions)];
    card.extend(banner.dismiss.as_ref().map(|label| {
        let named = json!({"class": "cross", "part": "dismiss", "aria-label": label});
        json!(["button", named, icon("cross")])
    }));
    let root = json!({
        "lang": banner.language,
        "dir": banner.direction,
        "data-screen": "banner",
    });
    json!(["div", root, ["div", {"class": "inline"}, card]])
}

/// The file without the comments and line breaks that are there for its readers.
fn style() -> &'static str {
    static SHORT: OnceLock<String> = OnceLock::new();
    SHORT.get_or_init(|| shortened(STYLE))
}

fn shortened(css: &str) -> String {
    let mut plain = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner() -> Banner {
        Banner {
            language: "de".to_owned(),
            direction: "ltr".to_owned(),
            label: "Hinweis".to_owned(),
            title: "<b>Titel</b>".to_owned(),
            message: "Warum".to_owned(),
            due: "19 €".to_owned(),
            method: "Visa •••• 4242".to_owned(),
            retry: None,
            update: Some("Karte ändern".to_owned()),
            dismiss: None,
        }
    }

    fn texts(node: &Value, found: &mut Vec<String>) {
        match node {
            Value::String(text) => found.push(text.clone()),
            Value::Array(parts) => parts.iter().skip(2).for_each(|child| texts(child, found)),
            _ => {}
        }
    }

    #[test]
    fn every_text_is_a_child_and_a_button_that_is_not_offered_is_not_there() {
        let mut found = Vec::new();
        texts(&view(&banner()), &mut found);
        assert_eq!(found, ["<b>Titel</b>", "Warum", "19 €", "Visa •••• 4242", "Karte ändern"]);

        let (retry, dismiss) = (Some("Noch einmal".to_owned()), Some("Ausblenden".to_owned()));
        let all = view(&Banner { retry, dismiss, ..banner() }).to_string();
        assert!(all.contains("Noch einmal") && all.contains("Ausblenden"), "{all}");
    }

    #[test]
    fn the_style_loses_its_comments_and_no_rule() {
        assert_eq!(
            shortened("/* a */\na  {\n  b: c;\n}\n/* d */ e { f: g }"),
            "a { b: c; } e { f: g }"
        );
        assert_eq!(shortened("a { b: c } /* open"), "a { b: c }");
        let count = |text: &str, sign: char| text.chars().filter(|&c| c == sign).count();
        assert_eq!(count(style(), '{'), count(style(), '}'));
        assert!(style().contains(".inline") && !style().contains("/*"));
    }
}
