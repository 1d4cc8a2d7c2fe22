//! Declarations by people who proved nothing, until a person has dealt with them. Each is written
//! once, together with the notice that hands it to the merchant.

use super::BINDING;
use crate::link::Secret;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use reprieve_core::cancel::declaration::Declaration;
use reprieve_core::id::MerchantId;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use worker::wasm_bindgen::JsValue;
use worker::{Env, Error, Result};

/// The most declarations that a merchant's page takes within [`WINDOW_MS`], from everywhere.
pub const RECORDED_MAX: u32 = 600;
/// See [`RECORDED_MAX`].
pub const WINDOW_MS: i64 = HOUR_MS;
/// After so long somebody should have dealt with one.
pub const OVERDUE_MS: i64 = DAY_MS;
/// How long one is kept after it was dealt with: claims from a contract end after three years, with
/// the year (§§ 195, 199 BGB).
pub const KEPT_MS: i64 = 4 * 366 * DAY_MS;
/// The most declarations forgotten in one run of the janitor.
pub const PRUNED_MAX: u32 = 1_000;
/// How many bytes of a hash make an id.
const ID_BYTES: usize = 16;

/// One that is to be recorded.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// Of [`id_of`].
    pub id: &'a str,
    /// What was declared.
    pub declaration: &'a Declaration,
    /// The language of the page.
    pub language: &'a str,
    /// The receipt as text, for whoever sends it.
    pub receipt: String,
}

/// Those that wait too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// How many.
    pub count: u32,
    /// Since when the oldest waits.
    pub oldest_at: Timestamp,
}

#[derive(Deserialize)]
struct Row {
    received_at_ms: f64,
}

#[derive(Deserialize)]
struct OverdueRow {
    count: u32,
    oldest_at_ms: Option<f64>,
}

/// The same form with the same content has the same id, so that pressing twice declares once; other
/// content makes another one.
#[must_use]
pub fn id_of(token: &Secret, declaration: &Declaration) -> String {
    let content = json!([token.expose(), declaration]).to_string();
    let hash = Sha256::digest(content.as_bytes());
    format!("dcl_{}", BASE64.encode(hash.get(..ID_BYTES).unwrap_or_default()))
}

/// Records one, or finds that it is there. Answers when it was received; `None`: too many were
/// recorded within the last hour, and this one was not.
pub async fn keep(
    env: &Env,
    merchant: &MerchantId,
    new: &New<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let db = env.d1(BINDING)?;
    let content = serde_json::to_string(new.declaration)?;
    let notice = json!({
        "declaration": new.id,
        "kind": new.declaration.kind,
        "email": new.declaration.email,
        "language": new.language,
        "receipt": new.receipt,
    });
    let record = "INSERT INTO declaration (id, merchant, kind, content, received_at_ms)
        SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?7 > (
            SELECT count(*) FROM declaration WHERE merchant = ?2 AND received_at_ms > ?6)
        ON CONFLICT DO NOTHING";
    let record = db.prepare(record).bind(&[
        JsValue::from(new.id),
        JsValue::from(merchant.as_str()),
        JsValue::from(new.declaration.kind.as_str()),
        JsValue::from(content),
        ms(now),
        ms(now.plus_ms(-WINDOW_MS)),
        JsValue::from(RECORDED_MAX),
    ])?;
    // Nobody proved to be a customer, so the notice names none.
    let tell = "INSERT INTO notice (merchant, customer, id, kind, content, due_at_ms)
        SELECT merchant, '', 'declaration:' || id, 'declaration', ?2, received_at_ms
        FROM declaration WHERE id = ?1 ON CONFLICT DO NOTHING";
    let tell = db.prepare(tell).bind(&[JsValue::from(new.id), notice.to_string().into()])?;
    let find = db.prepare("SELECT received_at_ms FROM declaration WHERE id = ?1");
    let find = find.bind(&[JsValue::from(new.id)])?;
    let outcomes = db.batch(vec![record, tell, find]).await?;
    if let Some(error) = outcomes.iter().find_map(worker::D1Result::error) {
        return Err(Error::RustError(error));
    }
    let rows = outcomes.last().map(worker::D1Result::results::<Row>).transpose()?;
    let row = rows.and_then(|rows| rows.into_iter().next());
    Ok(row.map(|row| Timestamp::from_ms(row.received_at_ms as i64)))
}

/// Those that nobody has dealt with for [`OVERDUE_MS`]; `None`: there are none.
pub async fn overdue(env: &Env, merchant: &MerchantId, now: Timestamp) -> Result<Option<Overdue>> {
    let query = "SELECT count(*) AS count, min(received_at_ms) AS oldest_at_ms FROM declaration
        WHERE merchant = ?1 AND closed_at_ms IS NULL AND received_at_ms < ?2";
    let bindings = [JsValue::from(merchant.as_str()), ms(now.plus_ms(-OVERDUE_MS))];
    let statement = env.d1(BINDING)?.prepare(query).bind(&bindings)?;
    let row = statement.first::<OverdueRow>(None).await?;
    Ok(row.and_then(|row| {
        let oldest_at = Timestamp::from_ms(row.oldest_at_ms? as i64);
        Some(Overdue { count: row.count, oldest_at })
    }))
}

/// Forgets those that were dealt with longer ago than [`KEPT_MS`], at most [`PRUNED_MAX`].
pub async fn prune(env: &Env, now: Timestamp) -> Result<()> {
    let query = "DELETE FROM declaration WHERE id IN
        (SELECT id FROM declaration WHERE closed_at_ms < ?1 LIMIT ?2)";
    let bindings = [ms(now.plus_ms(-KEPT_MS)), JsValue::from(PRUNED_MAX)];
    let outcome = env.d1(BINDING)?.prepare(query).bind(&bindings)?.run().await?;
    outcome.error().map_or(Ok(()), |error| Err(Error::RustError(error)))
}

/// D1 knows numbers as JavaScript does; times stay far below 2^53.
fn ms(at: Timestamp) -> JsValue {
    JsValue::from(at.as_ms() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::cancel::CancelKind;

    fn declared(name: &str) -> Declaration {
        Declaration {
            kind: CancelKind::Ordinary,
            cause: None,
            name: name.to_owned(),
            email: None,
            number: Some("K-1".to_owned()),
            contract: "Studio Pro".to_owned(),
            end_date: None,
        }
    }

    #[test]
    fn the_same_form_is_the_same_declaration_and_another_word_another_one() {
        let token = |byte| Secret::new(&[byte; crate::link::SECRET_BYTES]);
        let id = id_of(&token(1), &declared("Ada"));
        assert_eq!(id, id_of(&token(1), &declared("Ada")));
        assert_ne!(id, id_of(&token(1), &declared("Ada ")));
        assert_ne!(id, id_of(&token(2), &declared("Ada")));
        assert_eq!(id.len(), "dcl_".len() + 22);
        assert!(!id.contains(token(1).expose()));
    }
}
