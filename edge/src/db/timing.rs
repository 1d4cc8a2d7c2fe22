//! What was learned of times: lessons of single attempts, and the model made of them.
//!
//! One writer: the janitor. The model and the marks on its lessons change in one transaction, so
//! that no attempt teaches twice.

use super::{BINDING, run_all, run_at_once};
use crate::durable::projection::{AccountProjection, LessonProjection};
use crate::log::{Level, line};
use reprieve_core::id::MerchantId;
use reprieve_core::retry::TimingChoice;
use reprieve_core::timing::{TimingModel, TimingRecord};
use serde::Deserialize;
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, Env, Error, Result};

/// The most lessons learned in one run; a statement of D1 takes 100 values.
pub const LESSONS_MAX: u32 = 90;

#[derive(Deserialize)]
struct LessonRow {
    rowid: f64,
    timing: String,
    is_success: f64,
}

#[derive(Deserialize)]
struct ModelRow {
    version: u32,
    record: String,
}

/// Writes down what ended attempts teach. The same lesson twice changes nothing.
pub async fn keep(env: &Env, projections: &[AccountProjection]) -> Result<()> {
    let db = env.d1(BINDING)?;
    let mut statements = Vec::new();
    for projection in projections {
        for lesson in &projection.lessons {
            statements.push(lesson_row(&db, projection, lesson)?);
        }
    }
    run_all(&db, statements).await
}

/// The model of a merchant; `None`: nothing was learned yet, or it cannot be read, which is logged
/// and costs the ladder's own times only.
pub async fn model(env: &Env, merchant: &MerchantId) -> Result<Option<TimingModel>> {
    Ok(stored(&env.d1(BINDING)?, merchant).await?.map(|(_, model)| model))
}

/// One run of the janitor: learns the oldest lessons that wait, in the order in which they ended.
pub async fn learn(env: &Env, merchant: &MerchantId) -> Result<()> {
    let db = env.d1(BINDING)?;
    let query = "SELECT rowid, timing, is_success FROM timing_lesson
        WHERE merchant = ?1 AND is_learned = 0 ORDER BY ended_at_ms, invoice, number LIMIT ?2";
    let bindings = [JsValue::from(merchant.as_str()), JsValue::from(LESSONS_MAX)];
    let lessons: Vec<LessonRow> = db.prepare(query).bind(&bindings)?.all().await?.results()?;
    if lessons.is_empty() {
        return Ok(());
    }
    let (version, mut model) = stored(&db, merchant).await?.unwrap_or_default();
    for lesson in &lessons {
        match serde_json::from_str::<TimingChoice>(&lesson.timing) {
            Ok(timing) => model.learn(&timing.features, lesson.is_success > 0.0),
            Err(error) => report("a lesson cannot be read", &error.to_string()),
        }
    }
    let record = serde_json::to_string(&TimingRecord::from(&model))?;
    let query = "INSERT INTO timing_model (merchant, version, record) VALUES (?1, ?2, ?3)
        ON CONFLICT (merchant) DO UPDATE SET version = excluded.version, record = excluded.record";
    let bindings = [
        JsValue::from(merchant.as_str()),
        JsValue::from(version.saturating_add(1)),
        JsValue::from(record.as_str()),
    ];
    let mut statements = vec![db.prepare(query).bind(&bindings)?];
    for lesson in &lessons {
        let query = "UPDATE timing_lesson SET is_learned = 1 WHERE rowid = ?1";
        statements.push(db.prepare(query).bind(&[JsValue::from(lesson.rowid)])?);
    }
    run_at_once(&db, statements).await
}

async fn stored(db: &D1Database, merchant: &MerchantId) -> Result<Option<(u32, TimingModel)>> {
    let query = "SELECT version, record FROM timing_model WHERE merchant = ?1";
    let statement = db.prepare(query).bind(&[JsValue::from(merchant.as_str())])?;
    let Some(row) = statement.first::<ModelRow>(None).await? else { return Ok(None) };
    let read = serde_json::from_str::<TimingRecord>(&row.record).map_err(|e| e.to_string());
    match read.and_then(|record| TimingModel::try_from(record).map_err(|e| e.to_string())) {
        Ok(model) => Ok(Some((row.version, model))),
        Err(error) => {
            report("the model of times cannot be read", &error);
            Err(Error::RustError(error))
        }
    }
}

fn lesson_row(
    db: &D1Database,
    projection: &AccountProjection,
    lesson: &LessonProjection,
) -> Result<D1PreparedStatement> {
    let query = "INSERT INTO timing_lesson
            (merchant, invoice, number, timing, is_success, ended_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let timing = serde_json::to_string(&lesson.timing)?;
    let bindings = [
        JsValue::from(projection.merchant.as_str()),
        JsValue::from(lesson.invoice.as_str()),
        JsValue::from(lesson.number),
        JsValue::from(timing.as_str()),
        JsValue::from(u8::from(lesson.is_success)),
        JsValue::from(projection.projected_at.as_ms() as f64),
    ];
    db.prepare(query).bind(&bindings)
}

fn report(message: &str, error: &str) {
    line(Level::Error, message, &[("error", error)]);
}
