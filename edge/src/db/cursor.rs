//! How far the janitor has come. Two runs at the same time do the same work twice, which changes
//! nothing; the later one leaves its mark.

use super::BINDING;
use reprieve_core::id::{InvoiceId, MerchantId};
use reprieve_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use worker::wasm_bindgen::JsValue;
use worker::{Env, Error, Result};

#[derive(Deserialize)]
struct InvoiceRow {
    invoice: String,
}

/// The mark of that name; `None` before the first run, and for one that cannot be read any more:
/// beginning anew finds everything again.
pub async fn load<T: DeserializeOwned>(
    env: &Env,
    merchant: &MerchantId,
    name: &str,
) -> Result<Option<T>> {
    let query = "SELECT record FROM cursor WHERE merchant = ?1 AND name = ?2";
    let bindings = [JsValue::from(merchant.as_str()), JsValue::from(name)];
    let statement = env.d1(BINDING)?.prepare(query).bind(&bindings)?;
    let record = statement.first::<String>(Some("record")).await?;
    Ok(record.and_then(|record| serde_json::from_str(&record).ok()))
}

/// Leaves a mark.
pub async fn save<T: Serialize>(
    env: &Env,
    merchant: &MerchantId,
    name: &str,
    mark: &T,
    now: Timestamp,
) -> Result<()> {
    let query = "INSERT INTO cursor (merchant, name, record, updated_at_ms) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (merchant, name) DO UPDATE SET
            record = excluded.record, updated_at_ms = excluded.updated_at_ms";
    let record = serde_json::to_string(mark)?;
    let bindings = [
        JsValue::from(merchant.as_str()),
        JsValue::from(name),
        JsValue::from(record.as_str()),
        JsValue::from(now.as_ms() as f64),
    ];
    let outcome = env.d1(BINDING)?.prepare(query).bind(&bindings)?.run().await?;
    outcome.error().map_or(Ok(()), |error| Err(Error::RustError(error)))
}

/// Those of a page of invoices of which an Account has told, open or closed.
pub async fn known_invoices(
    env: &Env,
    merchant: &MerchantId,
    invoices: &[InvoiceId],
) -> Result<BTreeSet<String>> {
    let places: Vec<String> = (0..invoices.len()).map(|at| format!("?{}", at + 2)).collect();
    let query = format!(
        "SELECT invoice FROM recovery WHERE merchant = ?1 AND invoice IN ({})",
        places.join(", ")
    );
    let invoices = invoices.iter().map(|invoice| JsValue::from(invoice.as_str()));
    let bindings: Vec<JsValue> =
        [JsValue::from(merchant.as_str())].into_iter().chain(invoices).collect();
    let rows = env.d1(BINDING)?.prepare(&query).bind(&bindings)?.all().await?;
    Ok(rows.results::<InvoiceRow>()?.into_iter().map(|row| row.invoice).collect())
}
