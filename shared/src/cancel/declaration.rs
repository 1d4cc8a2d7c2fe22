//! A declaration by somebody who proved nothing: who they say they are, which contract, and when it
//! shall end. It is recorded and a receipt is given; to find the contract and to end it is a
//! person's work, because whoever knows a name must not be able to end somebody else's contract.
//!
//! What is asked for, and that nothing more is, stands in § 312k (2) BGB: the kind of termination
//! and the cause of an extraordinary one, who it is, which contract, when it shall end, and how the
//! confirmation reaches them (<https://www.gesetze-im-internet.de/bgb/__312k.html>, read 2026-11).

use super::receipt::{Line, Value};
use super::{CancelKind, FEEDBACK_BYTES_MAX};
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest name, in UTF-16 units, as browsers count what is typed.
pub const NAME_UNITS_MAX: usize = 200;
/// The longest e-mail address, in UTF-16 units (RFC 5321 allows 254 bytes).
pub const EMAIL_UNITS_MAX: usize = 254;
/// The longest customer number, in UTF-16 units.
pub const NUMBER_UNITS_MAX: usize = 100;
/// The longest name of a contract, in UTF-16 units.
pub const CONTRACT_UNITS_MAX: usize = 300;
/// The longest cause, in UTF-16 units.
pub const CAUSE_UNITS_MAX: usize = FEEDBACK_BYTES_MAX;
/// How far away the wanted end may be, in milliseconds.
pub const END_AHEAD_MS_MAX: i64 = 3_660 * DAY_MS;
/// A day that has just ended here has not ended everywhere.
const END_BEHIND_MS_MAX: i64 = DAY_MS;

/// What somebody wrote into the form, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// `ordinary`, `extraordinary` or `withdrawal`.
    pub kind: String,
    /// Why, for an extraordinary one.
    pub cause: String,
    /// Their name.
    pub name: String,
    /// Where they can be written to.
    pub email: String,
    /// What the merchant knows them by.
    pub number: String,
    /// Which contract.
    pub contract: String,
    /// `earliest` or `date`.
    pub end: String,
    /// With `date`: `2026-12-31`.
    pub end_date: String,
}

/// One field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are those of `Form`")]
pub enum Field {
    Kind,
    Cause,
    Name,
    Email,
    Number,
    Contract,
    End,
    EndDate,
}

impl Field {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::Kind,
        Self::Cause,
        Self::Name,
        Self::Email,
        Self::Number,
        Self::Contract,
        Self::End,
        Self::EndDate,
    ];

    /// Its name in the form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Cause => "cause",
            Self::Name => "name",
            Self::Email => "email",
            Self::Number => "number",
            Self::Contract => "contract",
            Self::End => "end",
            Self::EndDate => "end_date",
        }
    }
}

impl Form {
    /// What stands in a field.
    #[must_use]
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::Kind => &self.kind,
            Field::Cause => &self.cause,
            Field::Name => &self.name,
            Field::Email => &self.email,
            Field::Number => &self.number,
            Field::Contract => &self.contract,
            Field::End => &self.end,
            Field::EndDate => &self.end_date,
        }
    }

    /// The place of a field, to write into.
    pub fn slot(&mut self, field: Field) -> &mut String {
        match field {
            Field::Kind => &mut self.kind,
            Field::Cause => &mut self.cause,
            Field::Name => &mut self.name,
            Field::Email => &mut self.email,
            Field::Number => &mut self.number,
            Field::Contract => &mut self.contract,
            Field::End => &mut self.end,
            Field::EndDate => &mut self.end_date,
        }
    }
}

/// Why a field cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is empty and must not be.
    Missing,
    /// It is longer than its limit.
    TooLong,
    /// It is not what it should be.
    NotReadable,
}

/// A declaration that can be recorded. Stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// What is declared.
    pub kind: CancelKind,
    /// Why; never empty for an extraordinary termination.
    pub cause: Option<String>,
    /// Who.
    pub name: String,
    /// Where they can be written to. One of this and the number is there.
    pub email: Option<String>,
    /// What the merchant knows them by.
    pub number: Option<String>,
    /// Which contract, in their words.
    pub contract: String,
    /// The day on which it shall end (`2026-12-31`); `None`: as early as possible, and a withdrawal
    /// at once.
    pub end_date: Option<String>,
}

impl Declaration {
    /// Reads a form. Every field that cannot be taken is named, in the order of the form.
    ///
    /// # Errors
    /// The faults; never an empty list.
    pub fn read(form: &Form, now: Timestamp) -> Result<Self, Vec<(Field, Fault)>> {
        let mut faults = Vec::new();
        let mut take = |field, units_max| {
            let text = plain(form.text(field));
            if text.encode_utf16().count() > units_max {
                faults.push((field, Fault::TooLong));
            }
            Some(text).filter(|text| !text.is_empty())
        };
        let cause = take(Field::Cause, CAUSE_UNITS_MAX);
        let name = take(Field::Name, NAME_UNITS_MAX);
        let email = take(Field::Email, EMAIL_UNITS_MAX);
        let number = take(Field::Number, NUMBER_UNITS_MAX);
        let contract = take(Field::Contract, CONTRACT_UNITS_MAX);
        let mut claim = |holds: bool, field, fault| {
            if !holds {
                faults.push((field, fault));
            }
        };
        let kind = kind_of(&form.kind);
        claim(kind.is_some(), Field::Kind, Fault::NotReadable);
        let needs_cause = kind == Some(CancelKind::Extraordinary);
        claim(!needs_cause || cause.is_some(), Field::Cause, Fault::Missing);
        claim(name.is_some(), Field::Name, Fault::Missing);
        claim(email.is_some() || number.is_some(), Field::Email, Fault::Missing);
        claim(email.as_deref().is_none_or(is_address), Field::Email, Fault::NotReadable);
        claim(contract.is_some(), Field::Contract, Fault::Missing);
        let end_date = match (kind, form.end.as_str()) {
            (Some(CancelKind::Withdrawal), _) | (_, "earliest") => None,
            (_, "date") => {
                let date = form.end_date.trim();
                claim(!date.is_empty(), Field::EndDate, Fault::Missing);
                claim(date.is_empty() || is_day(date, now), Field::EndDate, Fault::NotReadable);
                Some(date.to_owned())
            }
            _ => {
                claim(false, Field::End, Fault::NotReadable);
                None
            }
        };
        match (kind, name, contract) {
            (Some(kind), Some(name), Some(contract)) if faults.is_empty() => {
                Ok(Self { kind, cause, name, email, number, contract, end_date })
            }
            _ => {
                faults.sort_by_key(|(field, _)| *field);
                faults.dedup_by_key(|(field, _)| *field);
                Err(faults)
            }
        }
    }

    /// The lines of its receipt. Labels are keys of the languages.
    #[must_use]
    pub fn receipt(&self, id: &str, at: Timestamp) -> Vec<Line> {
        let text = |key, text: &str| Line { key, value: Value::Text(text.to_owned()) };
        let some = |key, words: &Option<String>| words.as_deref().map(|words| text(key, words));
        let end = match &self.end_date {
            _ if self.kind == CancelKind::Withdrawal => None,
            Some(date) => Some(text("receipt.effective_at", date)),
            None => {
                Some(Line { key: "receipt.effective_at", value: Value::Key("declare.earliest") })
            }
        };
        let kind = Value::Key(super::receipt::kind_key(self.kind));
        let first = [
            text("receipt.id", id),
            Line { key: "receipt.at", value: Value::Time(at) },
            Line { key: "receipt.kind", value: kind },
        ];
        let rest = [
            some("receipt.cause", &self.cause),
            Some(text("declare.name", &self.name)),
            some("declare.email", &self.email),
            some("declare.number", &self.number),
            Some(text("receipt.contract", &self.contract)),
            end,
        ];
        first.into_iter().chain(rest.into_iter().flatten()).collect()
    }
}

/// Line ends as one character, and nothing else that no keyboard writes.
fn plain(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

fn kind_of(word: &str) -> Option<CancelKind> {
    let all = [CancelKind::Ordinary, CancelKind::Extraordinary, CancelKind::Withdrawal];
    all.into_iter().find(|kind| kind.as_str() == word)
}

/// Whether a text can be an address at all; whether anybody reads it shows when it is written to.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let is_part = |part: &str| !part.is_empty() && !part.contains('@');
    parts.is_some_and(|(name, host)| is_part(name) && is_part(host))
        && !text.contains(|c: char| c.is_whitespace() || "<>,;\"".contains(c))
}

fn is_day(text: &str, now: Timestamp) -> bool {
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let Ok(date) = text.parse::<jiff::civil::Date>() else { return false };
    let Ok(begins) = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)) else {
        return false;
    };
    let ahead_ms = Timestamp::from_ms(begins.as_millisecond()).since_ms(now);
    // The day itself lasts until its end.
    is_plain && (-(END_BEHIND_MS_MAX + DAY_MS)..=END_AHEAD_MS_MAX).contains(&ahead_ms)
}

#[cfg(test)]
mod tests;
