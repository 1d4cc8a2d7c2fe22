//! Spans of time as a merchant writes them: `3 days`, `-7 days`.

use crate::policy::duration;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde::{Deserialize, Serialize};

/// The longest span in either direction. Past that a mistake is likelier than a wish, and what was
/// sent need not be remembered longer.
pub const SPAN_MAX_MS: i64 = 366 * DAY_MS;

/// A length of time with a sign: a duration of the policy file, with `-` before it for "earlier".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(i64);

/// A text is not a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// The text is not a duration with or without a sign.
    #[error("not a span of time; {}, with \"-\" for earlier", duration::EXAMPLES)]
    Form,
    /// The span is longer than [`SPAN_MAX_MS`].
    #[error("a span is at most 366 days")]
    TooLong,
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many days; cut at [`SPAN_MAX_MS`].
    #[must_use]
    pub const fn days(count: i64) -> Self {
        Self::cut(count.saturating_mul(DAY_MS))
    }

    /// So many hours; cut at [`SPAN_MAX_MS`].
    #[must_use]
    pub const fn hours(count: i64) -> Self {
        Self::cut(count.saturating_mul(HOUR_MS))
    }

    /// So many minutes; cut at [`SPAN_MAX_MS`].
    #[must_use]
    pub const fn minutes(count: i64) -> Self {
        Self::cut(count.saturating_mul(MINUTE_MS))
    }

    const fn cut(ms: i64) -> Self {
        if ms > SPAN_MAX_MS {
            Self(SPAN_MAX_MS)
        } else if ms < -SPAN_MAX_MS {
            Self(-SPAN_MAX_MS)
        } else {
            Self(ms)
        }
    }

    /// In milliseconds; negative for "earlier".
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// Takes a duration of the policy file, with `-` before it for "earlier".
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let (sign, length) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let ms = duration::parse(length).ok_or(SpanError::Form)?;
        if ms > SPAN_MAX_MS { Err(SpanError::TooLong) } else { Ok(Self(sign * ms)) }
    }
}

impl core::fmt::Display for Span {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", duration::write(self.0.abs()))
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;
    fn try_from(text: String) -> Result<Self, SpanError> {
        Self::parse(&text)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_and_written() {
        #[rustfmt::skip]
        let table = [
            ("0 days", 0, "0 days"),
            ("-0 days", 0, "0 days"),
            ("3 days", 3 * DAY_MS, "3 days"),
            ("-7 days", -7 * DAY_MS, "-7 days"),
            ("2 weeks", 14 * DAY_MS, "14 days"),
            ("1 day 12 hours", 36 * HOUR_MS, "36 hours"),
            ("-90 minutes", -90 * MINUTE_MS, "-90 minutes"),
            ("366 days", SPAN_MAX_MS, "366 days"),
        ];
        for (text, ms, written) in table {
            let span = Span::parse(text).unwrap();
            assert_eq!((span.as_ms(), span.to_string().as_str()), (ms, written), "{text}");
            assert_eq!(Span::parse(written), Ok(span));
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for bad in ["", "-", "--1 day", "+1 day", "1", "3d", "1.5 days", "1 dya"] {
            assert_eq!(Span::parse(bad), Err(SpanError::Form), "{bad:?}");
        }
        for bad in ["367 days", "-367 days", "9223372036854775807 milliseconds"] {
            assert_eq!(Span::parse(bad), Err(SpanError::TooLong), "{bad:?}");
        }
        assert_eq!(Span::days(i64::MAX).as_ms(), SPAN_MAX_MS);
        assert_eq!(Span::days(i64::MIN).as_ms(), -SPAN_MAX_MS);
    }
}
