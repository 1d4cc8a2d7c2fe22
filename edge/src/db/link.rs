//! Links to the hosted page. A link changes only from what was read of it: of two browsers that
//! continue in the same moment, one changes it and the other reads it again.

use super::{BINDING, run_at_once};
use crate::link::{Link, LinkState, Secret};
use reprieve_core::api::link::LinkMode;
use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::time::{DAY_MS, Timestamp};
use serde::Deserialize;
use worker::wasm_bindgen::JsValue;
use worker::{D1PreparedStatement, Env, Error, Result};

/// How long a link is kept after its end, for people who look into a case.
pub const KEPT_MS: i64 = 30 * DAY_MS;
/// The most links forgotten in one run of the janitor.
pub const PRUNED_MAX: u32 = 1_000;

#[derive(Deserialize)]
struct Row {
    id: String,
    merchant: String,
    customer: String,
    mode: String,
    state: String,
    expires_at_ms: f64,
    browser_hash: Option<String>,
    exchanges: u32,
}

/// Stores fresh links with their secrets' hashes, all or none; one that is there stays as it is.
pub async fn insert(env: &Env, links: &[(Link, Secret)], now: Timestamp) -> Result<()> {
    let db = env.d1(BINDING)?;
    let query = "INSERT INTO link
            (id, secret_hash, merchant, customer, mode, state, created_at_ms, expires_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING";
    let statement = db.prepare(query);
    let statements = links.iter().map(|(link, secret)| {
        statement.clone().bind(&[
            JsValue::from(link.id.as_str()),
            JsValue::from(secret.hash()),
            JsValue::from(link.merchant.as_str()),
            JsValue::from(link.customer.as_str()),
            JsValue::from(link.mode.as_str()),
            JsValue::from(link.state.as_str()),
            ms(now),
            ms(link.expires_at),
        ])
    });
    let statements = statements.collect::<Result<Vec<D1PreparedStatement>>>()?;
    run_at_once(&db, statements).await
}

/// The link of a secret.
pub async fn find(env: &Env, secret: &Secret) -> Result<Option<Link>> {
    let query = "SELECT id, merchant, customer, mode, state, expires_at_ms, browser_hash, exchanges
        FROM link WHERE secret_hash = ?1";
    let statement = env.d1(BINDING)?.prepare(query).bind(&[JsValue::from(secret.hash())])?;
    statement.first::<Row>(None).await?.map(link_of).transpose()
}

/// Replaces `before` by `after`. `false`: it changed meanwhile and nothing was written.
pub async fn replace(env: &Env, before: &Link, after: &Link, now: Timestamp) -> Result<bool> {
    let query = "UPDATE link SET state = ?2, browser_hash = ?3, exchanges = ?4,
            opened_at_ms = coalesce(opened_at_ms, ?5)
        WHERE id = ?1 AND state = ?6 AND exchanges = ?7 RETURNING id";
    let bindings = [
        JsValue::from(before.id.as_str()),
        JsValue::from(after.state.as_str()),
        after.browser_hash.as_deref().map_or(JsValue::NULL, JsValue::from),
        JsValue::from(after.exchanges),
        ms(now),
        JsValue::from(before.state.as_str()),
        JsValue::from(before.exchanges),
    ];
    let statement = env.d1(BINDING)?.prepare(query).bind(&bindings)?;
    Ok(statement.first::<String>(Some("id")).await?.is_some())
}

/// Takes a link back. `false`: the merchant has none of that name.
pub async fn revoke(env: &Env, merchant: &MerchantId, id: &str) -> Result<bool> {
    let query = "UPDATE link SET state = 'revoked' WHERE id = ?1 AND merchant = ?2 RETURNING id";
    let bindings = [JsValue::from(id), JsValue::from(merchant.as_str())];
    let statement = env.d1(BINDING)?.prepare(query).bind(&bindings)?;
    Ok(statement.first::<String>(Some("id")).await?.is_some())
}

/// Forgets links that ended longer ago than [`KEPT_MS`], at most [`PRUNED_MAX`].
pub async fn prune(env: &Env, now: Timestamp) -> Result<()> {
    let query = "DELETE FROM link WHERE id IN
        (SELECT id FROM link WHERE expires_at_ms < ?1 ORDER BY expires_at_ms LIMIT ?2)";
    let bindings = [ms(now.plus_ms(-KEPT_MS)), JsValue::from(PRUNED_MAX)];
    let outcome = env.d1(BINDING)?.prepare(query).bind(&bindings)?.run().await?;
    outcome.error().map_or(Ok(()), |error| Err(Error::RustError(error)))
}

fn link_of(row: Row) -> Result<Link> {
    let broken = |what: &str| Error::RustError(format!("a stored link has no usable {what}"));
    Ok(Link {
        merchant: MerchantId::parse(&row.merchant).map_err(|_| broken("merchant"))?,
        customer: CustomerId::parse(&row.customer).map_err(|_| broken("customer"))?,
        mode: LinkMode::parse(&row.mode).ok_or_else(|| broken("mode"))?,
        state: LinkState::parse(&row.state).ok_or_else(|| broken("state"))?,
        expires_at: Timestamp::from_ms(row.expires_at_ms as i64),
        id: row.id,
        browser_hash: row.browser_hash,
        exchanges: row.exchanges,
    })
}

/// D1 knows numbers as JavaScript does; times stay far below 2^53.
fn ms(at: Timestamp) -> JsValue {
    JsValue::from(at.as_ms() as f64)
}
