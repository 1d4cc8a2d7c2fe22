//! Work that falls due at a time, on a test clock or on the wall clock.

use rusqlite::{OptionalExtension, params};

use crate::context::Ctx;
use crate::error::ApiError;

/// What falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A subscription's period ends.
    Renew,
    /// A draft invoice is finalized and collected.
    Finalize,
    /// An open invoice is attempted again.
    Retry,
    /// A subscription's paused collection begins again.
    ResumeCollection,
    /// An incomplete subscription expires.
    Expire,
    /// A bank's challenge to the customer was not answered in time.
    Challenge,
    /// A trial ends in three days.
    TrialWillEnd,
    /// Nobody tried to pay the invoice of a resumption.
    ResumeVoid,
    /// A subscription ends at a time that was chosen.
    Cancel,
    /// A bank answers about a direct debit.
    Settle,
}

impl Timer {
    const ALL: [Self; 10] = [
        Self::Renew,
        Self::Finalize,
        Self::Retry,
        Self::ResumeCollection,
        Self::Expire,
        Self::Challenge,
        Self::TrialWillEnd,
        Self::ResumeVoid,
        Self::Cancel,
        Self::Settle,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Finalize => "finalize",
            Self::Retry => "retry",
            Self::ResumeCollection => "resume_collection",
            Self::Expire => "expire",
            Self::Challenge => "challenge",
            Self::TrialWillEnd => "trial_will_end",
            Self::ResumeVoid => "resume_void",
            Self::Cancel => "cancel",
            Self::Settle => "settle",
        }
    }
}

/// A timer that is set.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) timer: Timer,
    pub(crate) object: String,
    pub(crate) due_s: i64,
}

/// Sets or moves a timer. `clock` is the test clock's id or the empty text.
pub(crate) fn set(
    ctx: &Ctx<'_>,
    timer: Timer,
    object: &str,
    clock: &str,
    due_s: i64,
) -> Result<(), ApiError> {
    ctx.store
        .tx
        .prepare_cached(
            "INSERT OR REPLACE INTO timer (kind, object, clock, due_s) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![timer.name(), object, clock, due_s])?;
    Ok(())
}

/// Stops a timer, if it is set.
pub(crate) fn clear(ctx: &Ctx<'_>, timer: Timer, object: &str) -> Result<(), ApiError> {
    ctx.store
        .tx
        .prepare_cached("DELETE FROM timer WHERE kind = ?1 AND object = ?2")?
        .execute([timer.name(), object])?;
    Ok(())
}

/// The earliest timer of a clock that is due at `until_s`.
pub(crate) fn next(ctx: &Ctx<'_>, clock: &str, until_s: i64) -> Result<Option<Due>, ApiError> {
    let row: Option<(String, String, i64)> = ctx
        .store
        .tx
        .prepare_cached(
            "SELECT kind, object, due_s FROM timer WHERE clock = ?1 AND due_s <= ?2
             ORDER BY due_s, rowid LIMIT 1",
        )?
        .query_row(params![clock, until_s], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((name, object, due_s)) = row else {
        return Ok(None);
    };
    let timer = Timer::ALL.into_iter().find(|timer| timer.name() == name);
    let timer = timer.ok_or_else(|| ApiError::internal(format!("unknown timer {name}")))?;
    Ok(Some(Due { timer, object, due_s }))
}
