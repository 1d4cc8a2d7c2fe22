//! Single values: numbers, durations, words, names. Each returns what is inherited when the value
//! is left out, and reports and returns the same when it is wrong.

use crate::policy::problem::{Problems, choice, quoted};
use crate::policy::{NAME_BYTES_MAX, duration};
use core::ops::RangeInclusive;

impl Problems {
    /// A whole number within a range.
    pub(super) fn whole(
        &mut self,
        key: &str,
        value: Option<i64>,
        range: RangeInclusive<u32>,
        inherited: u32,
    ) -> u32 {
        let Some(value) = value else { return inherited };
        let fitting = u32::try_from(value).ok().filter(|value| range.contains(value));
        fitting.unwrap_or_else(|| {
            let (from, to) = (range.start(), range.end());
            let allowed = if from == to {
                format!("write {from}")
            } else {
                format!("write a whole number from {from} to {to}")
            };
            self.add(key, format!("{value} is out of range"), allowed);
            inherited
        })
    }

    /// A duration within a range, in milliseconds.
    pub(super) fn duration(
        &mut self,
        key: &str,
        text: Option<&str>,
        range: RangeInclusive<i64>,
        inherited_ms: i64,
    ) -> i64 {
        let Some(text) = text else { return inherited_ms };
        let Some(ms) = duration::parse(text) else {
            self.add(key, format!("{} is not a duration", quoted(text)), duration::EXAMPLES);
            return inherited_ms;
        };
        if range.contains(&ms) {
            return ms;
        }
        let (from, to) = (duration::write(*range.start()), duration::write(*range.end()));
        let problem = format!("{} is out of range", quoted(text));
        self.add(key, problem, format!("write a duration from \"{from}\" to \"{to}\""));
        inherited_ms
    }

    /// One of some words; `None` also when there is none.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        text: Option<&str>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = text?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let problem = format!("{} is not known", quoted(text));
            self.add(key, problem, choice(words.iter().map(|(word, _)| *word)));
        }
        found
    }

    /// A name: required, short, of letters, digits, `_` and `-`.
    pub(super) fn name(&mut self, key: &str, text: Option<&str>) -> Option<String> {
        let allowed =
            format!("write a name of 1 to {NAME_BYTES_MAX} letters (a to z), digits, '_' and '-'");
        let Some(text) = text else {
            self.add(key, "is missing", allowed);
            return None;
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.bytes().all(plain);
        if !fits {
            self.add(key, format!("{} is not a name", quoted(text)), allowed);
        }
        fits.then(|| text.to_owned())
    }

    /// Reports what must be there and is not.
    pub(super) fn required(&mut self, key: &str, is_there: bool, allowed: &str) {
        if !is_there {
            self.add(key, "is missing", allowed);
        }
    }

    /// Reports a list that is longer than it may be.
    pub(super) fn too_many(&mut self, key: &str, count: usize, max: usize) -> bool {
        if count > max {
            self.add(key, format!("there are {count}"), format!("write at most {max}"));
        }
        count > max
    }
}
