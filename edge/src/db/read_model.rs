//! What people look at: one row per account, one per recovery. A row is only replaced by a newer
//! one.

use super::{BINDING, run_all};
use crate::durable::projection::{AccountProjection, RecoveryProjection};
use reprieve_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, Env, Result};

/// The most accounts woken in one run of the janitor.
pub const OVERDUE_MAX: u32 = 50;

/// An account whose wake has passed.
#[derive(Clone, Debug, Deserialize)]
pub struct OverdueAccount {
    /// Whose customer.
    pub merchant: String,
    /// The customer.
    pub customer: String,
}

/// Writes projections. The same one twice, or an old one after a new one, changes nothing.
pub async fn write(env: &Env, projections: &[AccountProjection]) -> Result<()> {
    let db = env.d1(BINDING)?;
    let mut statements = Vec::new();
    for projection in projections {
        statements.push(account_row(&db, projection)?);
        for recovery in &projection.recoveries {
            statements.push(recovery_row(&db, projection, recovery)?);
        }
    }
    run_all(&db, statements).await
}

/// Accounts that should have been looked at before `before` and were not, or that have something
/// open and no wake at all. Those at which nobody knocked come first, then those at which somebody
/// knocked longest ago, so that one that never answers keeps nobody waiting; at most
/// [`OVERDUE_MAX`]. They count as knocked at from `now` on, and rest until that lies before
/// `before`, too.
pub async fn overdue(env: &Env, before: Timestamp, now: Timestamp) -> Result<Vec<OverdueAccount>> {
    let query = "UPDATE account_view SET knocked_at_ms = ?3
        WHERE (merchant, customer) IN (
            SELECT merchant, customer FROM account_view
            WHERE (wake_at_ms < ?1
                    OR (wake_at_ms IS NULL AND open_cases > 0 AND projected_at_ms < ?1))
                AND coalesce(knocked_at_ms, 0) < ?1
            ORDER BY coalesce(knocked_at_ms, 0), wake_at_ms LIMIT ?2)
        RETURNING merchant, customer";
    let bindings = [ms(before), JsValue::from(OVERDUE_MAX), ms(now)];
    env.d1(BINDING)?.prepare(query).bind(&bindings)?.all().await?.results()
}

fn account_row(db: &D1Database, projection: &AccountProjection) -> Result<D1PreparedStatement> {
    let query = "INSERT INTO account_view
            (merchant, customer, version, state, access, open_cases, wake_at_ms, projected_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (merchant, customer) DO UPDATE SET
            version = excluded.version, state = excluded.state, access = excluded.access,
            open_cases = excluded.open_cases, wake_at_ms = excluded.wake_at_ms,
            projected_at_ms = excluded.projected_at_ms
        WHERE excluded.version > account_view.version";
    let bindings = [
        JsValue::from(projection.merchant.as_str()),
        JsValue::from(projection.customer.as_str()),
        JsValue::from(projection.version as f64),
        JsValue::from(projection.state.as_str()),
        JsValue::from(projection.access.as_str()),
        JsValue::from(projection.open_cases() as f64),
        projection.wake_at.map_or(JsValue::NULL, ms),
        ms(projection.projected_at),
    ];
    db.prepare(query).bind(&bindings)
}

fn recovery_row(
    db: &D1Database,
    projection: &AccountProjection,
    recovery: &RecoveryProjection,
) -> Result<D1PreparedStatement> {
    let query = "INSERT INTO recovery
            (merchant, customer, invoice, version, state, amount_due_minor, currency, decline,
             attempts, opened_at_ms, closed_at_ms, recovered_by)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT (merchant, invoice) DO UPDATE SET
            version = excluded.version, state = excluded.state,
            amount_due_minor = excluded.amount_due_minor, decline = excluded.decline,
            attempts = excluded.attempts, closed_at_ms = excluded.closed_at_ms,
            recovered_by = excluded.recovered_by
        WHERE excluded.version > recovery.version";
    let bindings = [
        JsValue::from(projection.merchant.as_str()),
        JsValue::from(projection.customer.as_str()),
        JsValue::from(recovery.invoice.as_str()),
        JsValue::from(projection.version as f64),
        word(&recovery.state),
        JsValue::from(recovery.amount_due.amount_minor as f64),
        JsValue::from(recovery.amount_due.currency.as_str()),
        recovery.decline.as_ref().map_or(JsValue::NULL, word),
        JsValue::from(recovery.attempts),
        ms(recovery.opened_at),
        recovery.closed_at.map_or(JsValue::NULL, ms),
        recovery.recovered_by.as_ref().map_or(JsValue::NULL, word),
    ];
    db.prepare(query).bind(&bindings)
}

/// D1 knows numbers as JavaScript does; times and minor units stay far below 2^53.
fn ms(at: Timestamp) -> JsValue {
    JsValue::from(at.as_ms() as f64)
}

/// The stored word of a core value, the same as in the account's record.
fn word<T: Serialize>(value: &T) -> JsValue {
    let word = serde_json::to_value(value).ok();
    let word = word.as_ref().and_then(serde_json::Value::as_str);
    word.map_or(JsValue::NULL, JsValue::from)
}
