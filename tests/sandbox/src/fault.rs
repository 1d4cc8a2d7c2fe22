//! Faults that a test asks for: errors, delays and silence, before or after the effect.

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::store::Store;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// 500 and nothing happened.
    ErrorBefore,
    /// Everything happened, and 500 is answered (also to a repetition with the same key).
    ErrorAfter,
    /// No answer for `ms`, then 500; nothing happened.
    HangBefore,
    /// Everything happened, no answer for `ms`, then 500; a repetition gets the true answer.
    HangAfter,
    /// Everything is late by `ms`.
    Delay,
    /// 429 and nothing happened.
    RateLimit,
    /// 429 `lock_timeout` and nothing happened.
    LockTimeout,
    /// 502 with a page of HTML in place of JSON, and nothing happened.
    BadGateway,
}

impl Mode {
    const NAMES: [(&'static str, Self); 8] = [
        ("error_before", Self::ErrorBefore),
        ("error_after", Self::ErrorAfter),
        ("hang_before", Self::HangBefore),
        ("hang_after", Self::HangAfter),
        ("delay", Self::Delay),
        ("rate_limit", Self::RateLimit),
        ("lock_timeout", Self::LockTimeout),
        ("bad_gateway", Self::BadGateway),
    ];

    /// The mode with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, mode)| mode)
    }

    /// The name in the control API.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }
}

/// A fault to come.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// `*` for every method.
    pub(crate) method: String,
    pub(crate) path_prefix: String,
    pub(crate) mode: Mode,
    pub(crate) ms: u64,
    pub(crate) times: u32,
    /// Headers of the error's answer, such as `stripe-should-retry`.
    pub(crate) headers: Value,
}

/// A fault that happens now; no mode when nothing goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) mode: Option<Mode>,
    pub(crate) ms: u64,
    pub(crate) headers: Vec<(String, String)>,
}

/// Adds a fault.
pub(crate) fn add(store: &Store<'_>, fault: &Fault) -> Result<(), ApiError> {
    store.tx.execute(
        "INSERT INTO fault (method, path_prefix, mode, ms, times_left, headers)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            fault.method,
            fault.path_prefix,
            fault.mode.name(),
            i64::try_from(fault.ms).unwrap_or(i64::MAX),
            fault.times,
            fault.headers.to_string()
        ],
    )?;
    Ok(())
}

/// Forgets every fault.
pub(crate) fn clear(store: &Store<'_>) -> Result<(), ApiError> {
    store.tx.execute("DELETE FROM fault", [])?;
    Ok(())
}

/// Faults that have not happened yet. A test that waits until a faulty request has arrived waits
/// until its fault is gone from here.
pub(crate) fn waiting(store: &Store<'_>) -> Result<Vec<Value>, ApiError> {
    let mut statement = store.tx.prepare_cached(
        "SELECT method, path_prefix, mode, ms, times_left FROM fault
         WHERE times_left > 0 ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(json!({
            "method": row.get::<_, String>(0)?,
            "path_prefix": row.get::<_, String>(1)?,
            "mode": row.get::<_, String>(2)?,
            "ms": row.get::<_, i64>(3)?,
            "times": row.get::<_, u32>(4)?,
        }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes the oldest fault that fits this request, if there is one.
pub(crate) fn take(store: &Store<'_>, method: &str, path: &str) -> Result<Option<Taken>, ApiError> {
    let row: Option<(i64, String, i64, String)> = store
        .tx
        .prepare_cached(
            "SELECT id, mode, ms, headers FROM fault
             WHERE times_left > 0 AND method IN ('*', ?1)
               AND substr(?2, 1, length(path_prefix)) = path_prefix ORDER BY id LIMIT 1",
        )?
        .query_row([method, path], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((id, mode, ms, headers)) = row else {
        return Ok(None);
    };
    store.tx.execute("UPDATE fault SET times_left = times_left - 1 WHERE id = ?1", [id])?;
    store.tx.execute("DELETE FROM fault WHERE times_left <= 0", [])?;
    let headers: Value = serde_json::from_str(&headers)?;
    let headers = headers.as_object().into_iter().flatten();
    let headers = headers
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    let ms = u64::try_from(ms).unwrap_or(0);
    Ok(Some(Taken { mode: Mode::from_name(&mode), ms, headers }))
}
