//! What is wrong with a policy file, in words that help to mend it.

use core::fmt;

/// The most problems reported of one file; more would not be read.
pub const PROBLEMS_MAX: usize = 100;
/// The longest piece of the file repeated in a problem, in characters.
const QUOTED_CHARS_MAX: usize = 40;
/// The longest sentence of a problem, in characters; lists of names can be long.
const SENTENCE_CHARS_MAX: usize = 400;

/// One thing wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// Where: `segments[1].retry.rungs[0].delay`.
    pub key: String,
    /// What is wrong: `"3 dyas" is not a duration`.
    pub problem: String,
    /// What would be right: `write for example "3 days", "12 hours"`.
    pub allowed: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {}", self.key, self.problem, self.allowed)
    }
}

/// Problems as they are found, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<PolicyProblem>);

impl Problems {
    pub(super) fn add(
        &mut self,
        key: impl Into<String>,
        problem: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        if self.0.len() < PROBLEMS_MAX {
            let (problem, allowed) = (cut(problem.into()), cut(allowed.into()));
            self.0.push(PolicyProblem { key: key.into(), problem, allowed });
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<PolicyProblem>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SENTENCE_CHARS_MAX) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text,
    }
}

/// A piece of the file in quotes, cut when it is long, without control characters.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().count() <= QUOTED_CHARS_MAX {
        return format!("{text:?}");
    }
    let head: String = text.chars().take(QUOTED_CHARS_MAX).collect();
    format!("{:?}", head + "…")
}

/// `"a", "b" or "c"`.
pub(super) fn choice<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("{word:?}")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("write {last}"),
        Some((last, rest)) => format!("write {} or {last}", rest.join(", ")),
        None => "leave it out".to_owned(),
    }
}
