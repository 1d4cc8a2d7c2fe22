//! The banner as the loader paints it: elements as data, with their texts and their style, so that
//! no further request and no Wasm stands between the status and what the customer sees.
//!
//! The same elements, classes and parts as the widget's own banner (`widget/src/view/banner.rs`),
//! so that the page does not move when that one takes its place. Texts are texts: the loader makes
//! text nodes of them.

use crate::speech::{Said, Spoken};
use reprieve_core::api::banner::Banner;
use reprieve_core::api::status::Status;
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
    /// What a dismissal is about: the open invoices, the level of access and the card of which
    /// there is news. When one of them changes, the notice may be seen again.
    about: String,
    /// What `Intl` made of the values in it.
    said: Said,
}

impl Painting {
    /// Paints the banner's texts.
    #[must_use]
    pub fn of(spoken: Spoken, status: &Status) -> Self {
        let Spoken { banner, said } = spoken;
        Self { style: style(), view: view(&banner), about: about(status), said }
    }
}

fn about(status: &Status) -> String {
    let invoices: Vec<_> = status.invoices.iter().map(|invoice| &invoice.id).collect();
    // A card is known by its end: nothing else of it is written into a browser.
    let news = status.card_news.as_ref().map(|news| news.expires_at_ms);
    json!([status.access, invoices, news]).to_string()
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
    fn a_dismissal_is_about_access_invoices_and_the_news_of_a_card() {
        let status = |access: &str, invoices: Value, news: Value| {
            let clear = json!({
                "state": "action_needed", "access": access, "remedy": null, "reason": null,
                "amount_due": null, "invoices": invoices, "method": null, "can_retry": false,
                "grace_ends_at_ms": 5, "next_attempt_at_ms": null, "card_news": news,
                "server_time_ms": 1,
            });
            about(&serde_json::from_value(clear).unwrap())
        };
        let invoice = |id: &str, minor: i64| {
            json!({"id": id, "number": null, "description": null, "needs_authentication": false,
                "amount_due": {"amount_minor": minor, "currency": "eur"}})
        };
        let first = status("warn", json!([invoice("in_1", 1900)]), Value::Null);
        assert_eq!(first, r#"["warn",["in_1"],null]"#);
        assert_eq!(first, status("warn", json!([invoice("in_1", 900)]), Value::Null));
        let more = json!([invoice("in_1", 1900), invoice("in_2", 1900)]);
        assert_ne!(first, status("warn", more, Value::Null));
        assert_ne!(first, status("restricted", json!([invoice("in_1", 1900)]), Value::Null));
        let news = |end: i64| {
            let method = json!({"brand": "visa", "last4": "4242"});
            json!({"kind": "expires_soon", "method": method, "expires_at_ms": end})
        };
        let of_a_card = status("full", json!([]), news(7));
        assert_ne!(of_a_card, status("full", json!([]), news(8)));
        assert!(!of_a_card.contains("4242"), "{of_a_card}");
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
