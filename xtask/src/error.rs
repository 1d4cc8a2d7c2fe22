//! The one error type: a sentence for the person at the terminal.

use std::fmt;

/// What went wrong and, where there is something to do about it, what to do.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A command, a check or a file operation failed.
    Said(String),
    /// The person pressed Ctrl-C, or the system asked us to stop.
    Interrupted,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => out.write_str(text),
            Self::Interrupted => out.write_str("stopped on request"),
        }
    }
}

/// Result of everything that can fail here.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Shorthand for an error with a text.
pub(crate) fn fail<T>(text: impl Into<String>) -> Result<T> {
    Err(Failure::Said(text.into()))
}

/// Adds what was being attempted to an error from elsewhere.
pub(crate) trait Context<T> {
    /// `attempt` is what was tried, such as "read Cargo.toml".
    fn context(self, attempt: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, attempt: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure::Said(format!("{attempt}: {error}")))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, attempt: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Failure::Said(attempt.to_string()))
    }
}
