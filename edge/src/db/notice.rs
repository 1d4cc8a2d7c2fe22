//! What is to be told, for whoever sends it: cards, receipts, pauses, the way back, complaints.
//! A row for each, written once; sending is the merchant's.

use super::run_all;
use crate::durable::projection::{AccountProjection, NoticeProjection};
use reprieve_core::id::MerchantId;
use reprieve_core::time::Timestamp;
use serde::Deserialize;
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, Env, Result};

/// Writes down what is to be told. The same notice twice changes nothing.
pub async fn keep(env: &Env, projections: &[AccountProjection]) -> Result<()> {
    let db = env.d1(super::BINDING)?;
    let mut statements = Vec::new();
    for projection in projections {
        for notice in &projection.notices {
            statements.push(row(&db, projection, notice)?);
        }
    }
    run_all(&db, statements).await
}

/// One notice that waits, as stored.
#[derive(Debug, Deserialize)]
pub struct Waiting {
    /// Its name, unique for a merchant.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// Whose.
    pub customer: String,
    /// What is to be said, as JSON.
    pub content: String,
    /// Since when it waits, milliseconds since the epoch.
    pub due_at_ms: f64,
}

/// The notices that wait longest, at most `limit`.
pub async fn waiting(env: &Env, merchant: &MerchantId, limit: usize) -> Result<Vec<Waiting>> {
    let query = "SELECT id, kind, customer, content, due_at_ms FROM notice
        WHERE merchant = ?1 AND sent_at_ms IS NULL ORDER BY due_at_ms, id LIMIT ?2";
    let bindings = [JsValue::from(merchant.as_str()), JsValue::from(limit as f64)];
    env.d1(super::BINDING)?.prepare(query).bind(&bindings)?.all().await?.results()
}

/// Notes that one was sent; the first time counts. `false`: the merchant has none of that name.
pub async fn sent(env: &Env, merchant: &MerchantId, id: &str, now: Timestamp) -> Result<bool> {
    let query = "UPDATE notice SET sent_at_ms = coalesce(sent_at_ms, ?3)
        WHERE merchant = ?1 AND id = ?2 RETURNING id";
    let bindings =
        [JsValue::from(merchant.as_str()), JsValue::from(id), JsValue::from(now.as_ms() as f64)];
    let statement = env.d1(super::BINDING)?.prepare(query).bind(&bindings)?;
    Ok(statement.first::<String>(Some("id")).await?.is_some())
}

fn row(
    db: &D1Database,
    projection: &AccountProjection,
    notice: &NoticeProjection,
) -> Result<D1PreparedStatement> {
    let query = "INSERT INTO notice (merchant, customer, id, kind, content, due_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let content = serde_json::to_string(&notice.content)?;
    let bindings = [
        JsValue::from(projection.merchant.as_str()),
        JsValue::from(projection.customer.as_str()),
        JsValue::from(notice.id.as_str()),
        JsValue::from(notice.kind.as_str()),
        JsValue::from(content.as_str()),
        JsValue::from(projection.projected_at.as_ms() as f64),
    ];
    db.prepare(query).bind(&bindings)
}
