//! What customers are to be told, for whoever sends it: receipts, the end of a pause, the way back.
//! A row for each, written once; sending is the merchant's.

use super::run_all;
use crate::durable::projection::{AccountProjection, NoticeProjection};
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
