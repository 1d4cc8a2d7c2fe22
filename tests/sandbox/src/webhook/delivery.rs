//! Deliveries: which event goes to which endpoint, what came back, and when to try again.
//!
//! A delivery is a row that commits with its event, so a restart goes on where it stopped. The
//! events of one customer go out one after the other, in order, as long as the endpoint takes
//! them; a refused event does not hold back the next ones, so (as at Stripe) order is a habit,
//! not a promise.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use rusqlite::{Row, params};
use serde_json::Value;

use crate::app::App;
use crate::clock;
use crate::context::{Ctx, Origin};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::webhook::chaos::Fate;
use crate::webhook::client::{self, Target};
use crate::webhook::signature;

/// Most deliveries under way at once.
const PARALLEL_MAX: usize = 8;
/// Longest sleep of the delivery task; it also wakes when something was queued.
const IDLE_MS: u64 = 1_000;
const PAUSED: &str = "webhooks_paused";

/// One event on its way to one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    /// Row of the delivery; `None` for a redelivery.
    row: Option<i64>,
    attempts: u32,
    pub(crate) event: String,
    pub(crate) kind: String,
    pub(crate) endpoint: String,
    pub(crate) customer: Option<String>,
    target: Target,
    secrets: Vec<String>,
    body: Bytes,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    /// The endpoint's status, or why there was none.
    pub(crate) status: Result<u16, String>,
    at_ms: i64,
    duration_ms: i64,
}

impl Receipt {
    fn is_taken(&self) -> bool {
        matches!(self.status, Ok(200..=299))
    }
}

/// Stops or resumes deliveries.
pub(crate) fn set_paused(ctx: &Ctx<'_>, paused: bool) -> Result<(), ApiError> {
    ctx.store.set_setting(PAUSED, if paused { "true" } else { "false" })
}

/// Whether deliveries are stopped.
pub(crate) fn is_paused(ctx: &Ctx<'_>) -> Result<bool, ApiError> {
    Ok(ctx.store.setting(PAUSED)?.as_deref() == Some("true"))
}

/// Queues an event for an endpoint, once for each of its copies. A lost one is recorded as an
/// attempt that nobody heard.
pub(crate) fn enqueue(
    ctx: &Ctx<'_>,
    event: &Value,
    endpoint: &str,
    customer: Option<&str>,
    fate: &Fate,
) -> Result<(), ApiError> {
    let id = event.text("id");
    let mut insert = ctx.store.tx.prepare_cached(
        "INSERT INTO delivery (event, endpoint, customer, state, next_at_ms, loose)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for delay_ms in &fate.delays_ms {
        let at_ms = ctx.wall_ms.saturating_add(*delay_ms);
        insert.execute(params![id, endpoint, customer, "pending", at_ms, fate.loose])?;
    }
    if fate.delays_ms.is_empty() {
        insert.execute(params![id, endpoint, customer, "failed", ctx.wall_ms, fate.loose])?;
        ctx.store.tx.execute(
            "INSERT INTO delivery_attempt
             (event, type, endpoint, customer, at_ms, duration_ms, status, error, cause)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, NULL, 'lost on purpose', 'chaos')",
            params![id, event.text("type"), endpoint, customer, ctx.wall_ms],
        )?;
    }
    Ok(())
}

/// Whether events of this customer (or of anybody) still wait for their first attempt.
pub(crate) fn waits(ctx: &Ctx<'_>, customer: Option<&str>) -> Result<bool, ApiError> {
    Ok(ctx.store.tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 'pending' AND attempts = 0
           AND (?1 IS NULL OR customer = ?1))",
        [customer],
        |row| row.get(0),
    )?)
}

/// Builds the parcel of an event for an endpoint; `None` when either is gone.
pub(crate) fn parcel(
    ctx: &Ctx<'_>,
    event_id: &str,
    endpoint_id: &str,
) -> Result<Option<Parcel>, ApiError> {
    let Some(event) = ctx.store.find(Kind::Event, event_id)? else {
        return Ok(None);
    };
    let Some(endpoint) = ctx.store.find(Kind::WebhookEndpoint, endpoint_id)? else {
        return Ok(None);
    };
    let Ok(target) = Target::parse(endpoint.body.text("url")) else {
        return Ok(None);
    };
    let object = event.body.at("data/object");
    let customer = match object.text("object") {
        "customer" => object.text_opt("id"),
        _ => object.text_opt("customer"),
    };
    Ok(Some(Parcel {
        row: None,
        attempts: 0,
        event: event_id.to_owned(),
        kind: event.body.text("type").to_owned(),
        endpoint: endpoint_id.to_owned(),
        customer,
        target,
        secrets: secrets(&endpoint.private),
        // Indented like Stripe's own bodies, so that nobody gets away with re-serialising
        // before the signature is checked.
        body: Bytes::from(serde_json::to_vec_pretty(&event.body)?),
    }))
}

/// The endpoint's secret, and those that are being rolled.
fn secrets(private: &Value) -> Vec<String> {
    let more = private.at("more_secrets").as_array().cloned().unwrap_or_default();
    let more = more.iter().filter_map(|secret| secret.as_str().map(str::to_owned));
    std::iter::once(private.text("secret").to_owned()).chain(more).collect()
}

type DueRow = (i64, String, String, Option<String>, u32);

fn due_row(row: &Row<'_>) -> rusqlite::Result<DueRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

/// The deliveries to try now that are not under way: due, and the oldest of their customer among
/// those never tried.
fn due(ctx: &Ctx<'_>, under_way: &HashSet<i64>) -> Result<Vec<Parcel>, ApiError> {
    let room = PARALLEL_MAX.saturating_sub(under_way.len());
    if room == 0 || is_paused(ctx)? {
        return Ok(Vec::new());
    }
    let rows: Vec<DueRow> = {
        let mut statement = ctx.store.tx.prepare_cached(
            "SELECT id, event, endpoint, customer, attempts FROM delivery
             WHERE state = 'pending' AND next_at_ms <= ?1 AND (attempts > 0 OR loose = 1 OR id IN (
               SELECT MIN(id) FROM delivery WHERE state = 'pending' AND attempts = 0 AND loose = 0
               GROUP BY customer, endpoint))
             ORDER BY next_at_ms, id LIMIT ?2",
        )?;
        // As many as may be under way, and as many again: the former are left out below.
        let limit = i64::try_from(PARALLEL_MAX * 2).unwrap_or(1);
        statement
            .query_map(params![ctx.wall_ms, limit], due_row)?
            .collect::<rusqlite::Result<_>>()?
    };
    let mut parcels = Vec::with_capacity(room);
    let waiting = rows.into_iter().filter(|(row, ..)| !under_way.contains(row)).take(room);
    for (row, event, endpoint, customer, attempts) in waiting {
        match parcel(ctx, &event, &endpoint)? {
            Some(parcel) => {
                parcels.push(Parcel { row: Some(row), attempts, customer, ..parcel });
            }
            None => {
                ctx.store
                    .tx
                    .execute("UPDATE delivery SET state = 'failed' WHERE id = ?1", [row])?;
            }
        }
    }
    Ok(parcels)
}

/// Sends one parcel, signed for this moment.
pub(crate) async fn send(app: &App, parcel: &Parcel) -> Receipt {
    let at_ms = clock::now_ms();
    let secrets: Vec<&str> = parcel.secrets.iter().map(String::as_str).collect();
    let signature = signature::header(&secrets, at_ms / 1_000, &parcel.body);
    let headers = [
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)".to_owned()),
        ("stripe-signature", signature),
    ];
    let timeout_ms = app.config.webhook_timeout_ms;
    let status = client::post(&parcel.target, &headers, parcel.body.clone(), timeout_ms).await;
    Receipt { status, at_ms, duration_ms: clock::now_ms().saturating_sub(at_ms) }
}

/// Records an attempt and, for a queued delivery, what follows from it.
pub(crate) fn record(
    ctx: &Ctx<'_>,
    parcel: &Parcel,
    receipt: &Receipt,
    cause: &str,
) -> Result<(), ApiError> {
    let (status, error) = match &receipt.status {
        Ok(status) => (Some(*status), None),
        Err(error) => (None, Some(error)),
    };
    ctx.store
        .tx
        .prepare_cached(
            "INSERT INTO delivery_attempt
             (event, type, endpoint, customer, at_ms, duration_ms, status, error, cause)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            parcel.event,
            parcel.kind,
            parcel.endpoint,
            parcel.customer,
            receipt.at_ms,
            receipt.duration_ms,
            status,
            error,
            cause,
        ])?;
    let Some(row) = parcel.row else {
        return Ok(());
    };
    let attempts = parcel.attempts + 1;
    let over = attempts >= ctx.config.webhook_attempt_max;
    let state = match (receipt.is_taken(), over) {
        (true, _) => "delivered",
        (false, true) => "failed",
        (false, false) => "pending",
    };
    let next_at_ms = ctx.wall_ms.saturating_add(pause_ms(&ctx.config.webhook_retry_ms, attempts));
    ctx.store.tx.execute(
        "UPDATE delivery SET state = ?2, attempts = ?3, next_at_ms = ?4 WHERE id = ?1",
        params![row, state, attempts, next_at_ms],
    )?;
    if state == "delivered" {
        mark_delivered(ctx, &parcel.event)?;
    }
    Ok(())
}

/// Milliseconds before attempt `attempts + 1`.
fn pause_ms(pauses: &[u64], attempts: u32) -> i64 {
    let index = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_sub(1);
    let pause = pauses.get(index).or_else(|| pauses.last()).copied().unwrap_or(1_000);
    i64::try_from(pause).unwrap_or(i64::MAX)
}

/// `pending_webhooks` counts down when the event is read over the API. The delivered bodies
/// keep the number that they were made with.
fn mark_delivered(ctx: &Ctx<'_>, event: &str) -> Result<(), ApiError> {
    ctx.store.tx.execute(
        "UPDATE object SET private = json_set(private, '$.delivered',
           COALESCE(json_extract(private, '$.delivered'), 0) + 1) WHERE id = ?1",
        [event],
    )?;
    Ok(())
}

/// Sends one queued parcel and records what came back; returns its row.
async fn deliver(app: Arc<App>, parcel: Parcel) -> Option<i64> {
    let receipt = send(&app, &parcel).await;
    let stored = app.transact(Origin::default(), |ctx| record(ctx, &parcel, &receipt, "event"));
    if let Err(error) = stored {
        crate::log::failure("a delivery cannot be recorded", &error);
    }
    parcel.row
}

/// Delivers for ever. A slow endpoint holds back its own events, not those of others.
pub(crate) async fn run(app: Arc<App>) {
    let mut under_way: HashSet<i64> = HashSet::new();
    let mut tasks = tokio::task::JoinSet::new();
    let wait = Duration::from_millis(IDLE_MS.min(app.config.tick_ms));
    loop {
        match app.transact(Origin::default(), |ctx| due(ctx, &under_way)) {
            Ok(parcels) => {
                for parcel in parcels {
                    under_way.extend(parcel.row);
                    tasks.spawn(deliver(Arc::clone(&app), parcel));
                }
            }
            Err(error) => crate::log::failure("deliveries cannot be read", &error),
        }
        tokio::select! {
            Some(done) = tasks.join_next(), if !tasks.is_empty() => match done {
                Ok(Some(row)) => {
                    under_way.remove(&row);
                }
                // A task that ended early does not say which row it had: look at all again.
                Ok(None) | Err(_) => under_way.clear(),
            },
            () = app.deliveries.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pause_repeats() {
        let pauses = [10, 20];
        assert_eq!([1, 2, 3, 9].map(|attempts| pause_ms(&pauses, attempts)), [10, 20, 20, 20]);
        assert_eq!(pause_ms(&[], 1), 1_000);
    }
}
