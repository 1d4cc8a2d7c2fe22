//! The only reader of time in the Worker. Inside a request the platform's clock stands still
//! between I/O, which is exactly what decisions want.

use reprieve_core::time::Timestamp;

/// Milliseconds since the epoch, now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the Worker reads time")]
pub fn now() -> Timestamp {
    let ms = worker::Date::now().as_millis();
    Timestamp::from_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}
