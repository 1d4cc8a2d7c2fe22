//! Where in a TOML text a key is, and which key is at a place.

use reprieve_core::policy::file::PolicyFile;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// A text that is no TOML, or not of the wanted form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misread {
    /// Counted from 1.
    pub(super) line: Option<usize>,
    /// The key that is meant, as far as there is one.
    pub(super) key: Option<String>,
    /// What is wrong.
    pub(super) message: String,
}

/// A TOML text that was parsed.
pub(super) struct Document<'a> {
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    /// Parses the text. The parser itself refuses what is nested more than 80 levels deep.
    pub(super) fn parse(text: &'a str) -> Result<Self, Misread> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { text, root }),
            Err(error) => {
                let line = error.span().map(|span| line_at(text, span.start));
                Err(Misread { line, key: None, message: sentence(&error) })
            }
        }
    }

    /// The text as a policy file; what does not fit names its key.
    pub(super) fn read(&self) -> Result<PolicyFile, Misread> {
        toml::from_str(self.text).map_err(|error| {
            let span = error.span();
            let line = span.as_ref().map(|span| line_at(self.text, span.start));
            let key = span.and_then(|span| self.key_at(span.start));
            Misread { line, key, message: sentence(&error) }
        })
    }

    /// The line of a key such as `segments[1].retry.rungs[0].delay`, counted from 1; of a key that
    /// is not there the line of what it should be in. `None`: it would be at the top.
    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
        let mut found = None;
        let mut here = Here::Table(self.root.get_ref());
        for part in parts(key) {
            let (span, next) = match (here, part) {
                (Here::Table(table), Part::Name(name)) => {
                    let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name)
                    else {
                        break;
                    };
                    (key.span(), value.get_ref())
                }
                (Here::Value(DeValue::Array(items)), Part::Index(index)) => {
                    let Some(item) = items.get(index) else { break };
                    (item.span(), item.get_ref())
                }
                _ => break,
            };
            found = Some(span.start);
            here = match next {
                DeValue::Table(table) => Here::Table(table),
                value => Here::Value(value),
            };
        }
        found.map(|offset| line_at(self.text, offset))
    }

    fn key_at(&self, offset: usize) -> Option<String> {
        key_in_table(self.root.get_ref(), "", offset)
    }
}

enum Here<'d, 'a> {
    Table(&'d DeTable<'a>),
    Value(&'d DeValue<'a>),
}

enum Part<'k> {
    Name(&'k str),
    Index(usize),
}

/// `a.b[2].c` in its parts.
fn parts(key: &str) -> impl Iterator<Item = Part<'_>> {
    key.split('.').flat_map(|step| {
        let (name, rest) = step.split_at(step.find('[').unwrap_or(step.len()));
        let indices = rest.split(['[', ']']).filter_map(|number| number.parse().ok());
        std::iter::once(Part::Name(name)).chain(indices.map(Part::Index))
    })
}

fn key_in_table(table: &DeTable<'_>, path: &str, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        let own = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        key_in_value(value, &own, offset).or_else(|| holds(&key.span(), offset).then_some(own))
    })
}

fn key_in_value(value: &Spanned<DeValue<'_>>, path: &str, offset: usize) -> Option<String> {
    let inside = match value.get_ref() {
        DeValue::Table(table) => key_in_table(table, path, offset),
        DeValue::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| key_in_value(item, &format!("{path}[{at}]"), offset)),
        _ => None,
    };
    inside.or_else(|| holds(&value.span(), offset).then(|| path.to_owned()))
}

fn holds(span: &Range<usize>, offset: usize) -> bool {
    span.contains(&offset)
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The parser's words on one line.
fn sentence(error: &Error) -> String {
    error.message().split_whitespace().collect::<Vec<_>>().join(" ")
}
