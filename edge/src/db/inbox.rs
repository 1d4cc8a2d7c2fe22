//! Events that name no customer. They are kept until the janitor has found out whose they are.

use super::BINDING;
use reprieve_core::id::EventId;
use reprieve_core::time::{DAY_MS, Timestamp};
use serde::Deserialize;
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, Env, Result};

/// The most events resolved in one run of the janitor.
pub const BATCH_MAX: u32 = 50;
/// How often an event is tried before it is given up.
pub const TRIES_MAX: u32 = 20;
/// How long handled events are kept.
pub const KEPT_MS: i64 = 30 * DAY_MS;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEvent {
    /// The provider's id.
    pub id: EventId,
    /// The provider's name for its kind.
    pub kind: String,
    /// The body.
    pub raw: String,
    /// The charge it speaks of, if that is all it names; without one there is nothing to resolve.
    pub charge: Option<String>,
    /// The connected account in which it happened.
    pub account: Option<String>,
    /// Why it is not acted on, though it names somebody.
    pub note: Option<&'static str>,
}

/// One event that waits.
#[derive(Clone, Debug, Deserialize)]
pub struct WaitingEvent {
    /// The provider's id.
    pub event: String,
    /// The provider's name for its kind.
    pub kind: String,
    /// The body.
    pub raw: String,
    /// How often it was tried.
    pub tries: u32,
}

/// Where an event ends up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is with its Account.
    Done,
    /// It belongs to nobody.
    Recorded,
    /// Not this time.
    TryAgain,
}

/// Keeps an event. One that is already there stays as it is.
pub async fn store(env: &Env, event: &InboxEvent, now: Timestamp) -> Result<()> {
    let waits = event.charge.is_some() && event.note.is_none();
    let status = if waits { "waiting" } else { "recorded" };
    let query = "INSERT OR IGNORE INTO inbox
            (event, kind, raw, received_at_ms, status, account, note)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let bindings = [
        JsValue::from(event.id.as_str()),
        JsValue::from(event.kind.as_str()),
        JsValue::from(event.raw.as_str()),
        JsValue::from(now.as_ms() as f64),
        JsValue::from(status),
        event.account.as_deref().map_or(JsValue::NULL, JsValue::from),
        event.note.map_or(JsValue::NULL, JsValue::from),
    ];
    run(&env.d1(BINDING)?, query, &bindings).await
}

/// The oldest events that wait, at most [`BATCH_MAX`].
pub async fn waiting(env: &Env) -> Result<Vec<WaitingEvent>> {
    let query = "SELECT event, kind, raw, tries FROM inbox WHERE status = 'waiting'
        ORDER BY tries, received_at_ms LIMIT ?1";
    let bindings = [JsValue::from(BATCH_MAX)];
    env.d1(BINDING)?.prepare(query).bind(&bindings)?.all().await?.results()
}

/// Writes down what became of an event.
pub async fn settle(env: &Env, event: &WaitingEvent, outcome: Outcome) -> Result<()> {
    let tries = event.tries.saturating_add(1);
    let status = match outcome {
        Outcome::Done => "done",
        Outcome::Recorded => "recorded",
        Outcome::TryAgain if tries >= TRIES_MAX => "failed",
        Outcome::TryAgain => "waiting",
    };
    let query = "UPDATE inbox SET status = ?2, tries = ?3 WHERE event = ?1";
    let bindings =
        [JsValue::from(event.event.as_str()), JsValue::from(status), JsValue::from(tries)];
    run(&env.d1(BINDING)?, query, &bindings).await
}

/// Forgets handled events that are older than [`KEPT_MS`].
pub async fn prune(env: &Env, now: Timestamp) -> Result<()> {
    let query = "DELETE FROM inbox WHERE received_at_ms < ?1 AND status <> 'waiting'";
    let before = JsValue::from(now.plus_ms(-KEPT_MS).as_ms() as f64);
    run(&env.d1(BINDING)?, query, &[before]).await
}

async fn run(db: &D1Database, query: &str, bindings: &[JsValue]) -> Result<()> {
    let outcome = db.prepare(query).bind(bindings)?.run().await?;
    match outcome.error() {
        None => Ok(()),
        Some(error) => Err(worker::Error::RustError(error)),
    }
}
