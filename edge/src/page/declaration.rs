//! The public page of declarations as HTML: a plain form, its receipt, and that it did not work.
//!
//! It needs no script and no login. Labels that a law gives words for are those of the widget's
//! texts, so that they are the same everywhere.

use super::{Merchant, escape_into, fill};
use reprieve_core::calendar::Zone;
use reprieve_core::cancel::CancelKind;
use reprieve_core::cancel::declaration::{
    CAUSE_UNITS_MAX, CONTRACT_UNITS_MAX, EMAIL_UNITS_MAX, Fault, Field, Form, NAME_UNITS_MAX,
    NUMBER_UNITS_MAX,
};
use reprieve_core::cancel::receipt::{self, Line, Value};
use reprieve_core::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const FORM: &str = include_str!("declaration.html");
const TOLD: &str = include_str!("declared.html");
/// Texts of the page, and of the widget for what has a law's or the receipt's words.
macro_rules! texts {
    ($language:literal) => {
        (
            $language,
            include_str!(concat!("declare/", $language, ".json")),
            include_str!(concat!("../../../widget/locale/cancel/", $language, ".json")),
        )
    };
}
const LANGUAGES: [(&str, &str, &str); 10] = [
    texts!("en"),
    texts!("de"),
    texts!("ar"),
    texts!("ja"),
    texts!("fr"),
    texts!("es"),
    texts!("pt"),
    texts!("pl"),
    texts!("tr"),
    texts!("ko"),
];
/// The name of the button that asks for the receipt as a file.
pub const AS_FIELD: &str = "as";
/// The name of the field by which the same form is known again.
pub const TOKEN_FIELD: &str = "token";

type Texts = BTreeMap<String, String>;

/// Which of the two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To cancel, in the words of § 312k BGB.
    Cancel,
    /// To withdraw, in the words of directive 2011/83/EU, art. 11a.
    Withdraw,
}

impl Way {
    /// Where it is.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Cancel => "/cancel",
            Self::Withdraw => "/withdraw",
        }
    }

    /// The one at a path; *cancel* for any other.
    #[must_use]
    pub fn at(path: &str) -> Self {
        if path == Self::Withdraw.path() { Self::Withdraw } else { Self::Cancel }
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::Cancel => "cancel.entry.de",
            Self::Withdraw => "withdraw.entry",
        }
    }

    const fn confirm(self) -> &'static str {
        match self {
            Self::Cancel => "cancel.confirm.de",
            Self::Withdraw => "withdraw.confirm",
        }
    }
}

/// What is the same on each of these pages.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Which function.
    pub way: Way,
    /// A language of [`super::language_of`].
    pub language: &'a str,
    /// Whose page it is.
    pub merchant: Merchant<'a>,
    /// Whether the other function is named too.
    pub shows_other: bool,
}

impl Frame<'_> {
    fn text(&self, key: &str) -> &'static str {
        text(self.language, key)
    }

    /// What stands on every page; `false`: it is none of that.
    fn put(&self, name: &str, page: &mut String) -> bool {
        let link = |page: &mut String, href: &str, key: &str| {
            page.push_str("<a href=\"");
            escape_into(page, href);
            page.push_str("\">");
            escape_into(page, self.text(key));
            page.push_str("</a>");
        };
        match name {
            "lang" => page.push_str(self.language),
            "dir" => page.push_str(self.text("direction")),
            "merchant" => escape_into(page, self.merchant.name),
            "action" => page.push_str(self.way.path()),
            "contact" => {
                if let Some(url) = self.merchant.contact_url {
                    link(page, url, "action.contact");
                }
            }
            "other" if self.shows_other => {
                let other = match self.way {
                    Way::Cancel => Way::Withdraw,
                    Way::Withdraw => Way::Cancel,
                };
                link(page, other.path(), other.heading());
            }
            "other" => {}
            _ => return false,
        }
        true
    }
}

/// The form with what was written into it, and what of it cannot be taken.
#[must_use]
pub fn form(frame: Frame<'_>, written: &Form, token: &str, faults: &[(Field, Fault)]) -> String {
    let ending = if frame.way == Way::Cancel { "" } else { "hidden disabled" };
    let checked = |is: bool| if is { "checked" } else { "" };
    let is_extraordinary = written.kind == CancelKind::Extraordinary.as_str();
    let is_date = written.end == "date";
    fill(FORM, |name, page| {
        if frame.put(name, page) || put_field(frame, written, faults, name, page) {
            return;
        }
        match name {
            "heading" => escape_into(page, frame.text(frame.way.heading())),
            "confirm" => escape_into(page, frame.text(frame.way.confirm())),
            "token" => escape_into(page, token),
            "ending" => page.push_str(ending),
            "is_ordinary" => page.push_str(checked(!is_extraordinary)),
            "is_extraordinary" => page.push_str(checked(is_extraordinary)),
            "is_earliest" => page.push_str(checked(!is_date)),
            "is_date" => page.push_str(checked(is_date)),
            "faults" if faults.is_empty() => {}
            "faults" => {
                page.push_str("<p class=\"fault\" role=\"alert\">");
                escape_into(page, frame.text("declare.faults"));
                page.push_str("</p>");
            }
            key => escape_into(page, frame.text(key)),
        }
    })
}

/// `value:name`, `max:name`, `fault:name`, `invalid:name`; `false`: it is none of those.
fn put_field(
    frame: Frame<'_>,
    written: &Form,
    faults: &[(Field, Fault)],
    name: &str,
    page: &mut String,
) -> bool {
    let Some((what, name)) = name.split_once(':') else { return false };
    let Some(field) = Field::ALL.into_iter().find(|field| field.as_str() == name) else {
        return false;
    };
    let fault = faults.iter().find(|(known, _)| *known == field).map(|(_, fault)| *fault);
    match (what, fault) {
        ("value", _) => escape_into(page, written.text(field)),
        ("max", _) => page.push_str(&units_max(field).to_string()),
        ("fault", Some(fault)) => {
            page.push_str("<p class=\"fault\" id=\"fault-");
            page.push_str(name);
            page.push_str("\">");
            escape_into(page, frame.text(fault_key(fault)));
            page.push_str("</p>");
        }
        ("invalid", Some(_)) => {
            page.push_str(" aria-invalid=\"true\" aria-describedby=\"fault-");
            page.push_str(name);
            page.push('"');
        }
        _ => {}
    }
    true
}

const fn units_max(field: Field) -> usize {
    match field {
        Field::Cause => CAUSE_UNITS_MAX,
        Field::Name => NAME_UNITS_MAX,
        Field::Email => EMAIL_UNITS_MAX,
        Field::Number => NUMBER_UNITS_MAX,
        Field::Contract => CONTRACT_UNITS_MAX,
        Field::Kind | Field::End | Field::EndDate => 0,
    }
}

const fn fault_key(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing => "declare.fault.missing",
        Fault::TooLong => "declare.fault.too_long",
        Fault::NotReadable => "declare.fault.not_readable",
    }
}

/// The receipt, with a button that sends the same form again for it as a file: the same declaration
/// is recorded once.
#[must_use]
pub fn receipt(
    frame: Frame<'_>,
    lines: &[Line],
    (written, token): (&Form, &str),
    zone: Option<&str>,
) -> String {
    let row = |page: &mut String, line: &Line| {
        page.push_str("<div><dt>");
        escape_into(page, frame.text(line.key));
        page.push_str("</dt><dd dir=\"auto\">");
        escape_into(page, &shown(frame, &line.value, zone));
        page.push_str("</dd></div>");
    };
    let hidden = |page: &mut String, name: &str, value: &str| {
        page.push_str("<input type=\"hidden\" name=\"");
        page.push_str(name);
        page.push_str("\" value=\"");
        escape_into(page, value);
        page.push_str("\">");
    };
    told(frame, "declare.done", |page| {
        page.push_str("<dl class=\"receipt\">");
        lines.iter().for_each(|line| row(page, line));
        page.push_str("</dl><form method=\"post\" action=\"");
        page.push_str(frame.way.path());
        page.push_str("\">");
        Field::ALL.iter().for_each(|field| hidden(page, field.as_str(), written.text(*field)));
        hidden(page, TOKEN_FIELD, token);
        page.push_str("<button type=\"submit\" name=\"");
        page.push_str(AS_FIELD);
        page.push_str("\" value=\"text\">");
        escape_into(page, frame.text("declare.save"));
        page.push_str("</button></form>");
    })
}

/// It was not recorded.
#[must_use]
pub fn problem(frame: Frame<'_>) -> String {
    told(frame, "declare.problem", |_| {})
}

fn told(frame: Frame<'_>, what: &str, receipt: impl Fn(&mut String)) -> String {
    fill(TOLD, |name, page| {
        if frame.put(name, page) {
            return;
        }
        match name {
            "heading" => escape_into(page, frame.text(&format!("{what}_title"))),
            "text" => escape_into(page, frame.text(&format!("{what}_text"))),
            "receipt" => receipt(page),
            _ => {}
        }
    })
}

/// The receipt as text, in the language and the time zone of the page.
#[must_use]
pub fn receipt_text(frame: Frame<'_>, lines: &[Line], zone: Option<&str>) -> String {
    let words = |key: &'static str| frame.text(key).to_owned();
    receipt::text(lines, words, |value| shown(frame, value, zone))
}

fn shown(frame: Frame<'_>, value: &Value, zone: Option<&str>) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Key(key) => frame.text(key).to_owned(),
        Value::Time(at) => moment(*at, zone),
        // No amount is ever declared.
        Value::Money(_) => String::new(),
    }
}

/// `2026-11-22 08:40 (Europe/Berlin)`: the same in every language, and never without its zone.
fn moment(at: Timestamp, zone: Option<&str>) -> String {
    let known = zone.and_then(|name| Some((name, Zone::named(name)?)));
    let (name, zone) = known.unwrap_or_else(|| ("UTC", Zone::utc()));
    let time = zone.local(at);
    let (year, month, day) = (time.year, time.month, time.day);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} ({name})", time.hour, time.minute)
}

/// What such a page may load and where its form may go: our own style, our own Worker. No script.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A text of this page or of the widget; empty where there is none.
pub(super) fn text(language: &str, key: &str) -> &'static str {
    texts_of(language).get(key).map_or("", String::as_str)
}

fn texts_of(language: &str) -> &'static Texts {
    static TEXTS: OnceLock<BTreeMap<&'static str, Texts>> = OnceLock::new();
    static NONE: Texts = Texts::new();
    let all = TEXTS.get_or_init(|| {
        // A file that could not be read would leave an empty page; a test reads them all.
        let read = |text| serde_json::from_str::<Texts>(text).unwrap_or_default();
        let both = |own, of_widget| read(of_widget).into_iter().chain(read(own)).collect();
        LANGUAGES.iter().map(|(name, own, of_widget)| (*name, both(own, of_widget))).collect()
    });
    all.get(language).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests;
