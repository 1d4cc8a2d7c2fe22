//! The only reader of the operating system's clock in this program.

use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock in milliseconds since 1970. A clock set before 1970 reads as 0.
#[expect(
    clippy::disallowed_methods,
    reason = "a native program: this file is where it reads the time, everything else is told"
)]
pub(crate) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
