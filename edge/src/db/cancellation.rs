//! People who wanted to leave, what they were shown and what became of it: a row for each
//! cancellation, replaced by a newer one only. Decisions never read it.

use super::run_all;
use crate::durable::projection::{AccountProjection, CancellationProjection};
use reprieve_core::time::Timestamp;
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, Env, Result};

/// Writes what projections tell. The same twice, or an old one after a new one, changes nothing.
pub async fn write(env: &Env, projections: &[AccountProjection]) -> Result<()> {
    let db = env.d1(super::BINDING)?;
    let mut statements = Vec::new();
    for projection in projections {
        for cancellation in &projection.cancellations {
            statements.push(row(&db, projection, cancellation)?);
        }
    }
    run_all(&db, statements).await
}

fn row(
    db: &D1Database,
    projection: &AccountProjection,
    cancellation: &CancellationProjection,
) -> Result<D1PreparedStatement> {
    let query = "INSERT INTO cancellation
            (merchant, customer, id, subscription, version, kind, state, jurisdiction, segment,
             reason, policy_version, held_out, offers, accepted, failed_offer, started_at_ms,
             shown_at_ms, confirmed_at_ms, closed_at_ms, subscription_ended_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
            ?19, ?20)
        ON CONFLICT (merchant, id) DO UPDATE SET
            version = excluded.version, state = excluded.state, reason = excluded.reason,
            held_out = excluded.held_out, offers = excluded.offers, accepted = excluded.accepted,
            failed_offer = excluded.failed_offer, shown_at_ms = excluded.shown_at_ms,
            confirmed_at_ms = excluded.confirmed_at_ms, closed_at_ms = excluded.closed_at_ms,
            subscription_ended_at_ms =
                coalesce(cancellation.subscription_ended_at_ms, excluded.subscription_ended_at_ms)
        WHERE excluded.version > cancellation.version";
    let text = |text: &str| JsValue::from(text);
    let maybe = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from);
    let when = |at: Option<Timestamp>| at.map_or(JsValue::NULL, ms);
    // The end is seen with the projection that tells it first.
    let ended_at = cancellation.is_ended.then_some(projection.projected_at);
    let bindings = [
        text(projection.merchant.as_str()),
        text(projection.customer.as_str()),
        text(cancellation.id.as_str()),
        text(cancellation.subscription.as_str()),
        JsValue::from(projection.version as f64),
        text(cancellation.kind.as_str()),
        text(cancellation.state.as_str()),
        text(cancellation.jurisdiction.as_str()),
        text(&cancellation.segment),
        maybe(cancellation.reason.map(|reason| reason.as_str())),
        JsValue::from(cancellation.policy_version),
        JsValue::from(u8::from(cancellation.held_out)),
        JsValue::from(serde_json::to_string(&cancellation.offers)?),
        maybe(cancellation.accepted.as_deref()),
        maybe(cancellation.failed_offer.as_deref()),
        ms(cancellation.started_at),
        when(cancellation.shown_at),
        when(cancellation.confirmed_at),
        when(cancellation.closed_at),
        when(ended_at),
    ];
    db.prepare(query).bind(&bindings)
}

/// D1 knows numbers as JavaScript does; times stay far below 2^53.
fn ms(at: Timestamp) -> JsValue {
    JsValue::from(at.as_ms() as f64)
}
