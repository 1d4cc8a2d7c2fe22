//! Delivery attempts, and sending events again: many times and out of order.

use std::sync::Arc;

use rusqlite::params;
use serde_json::{Value, json};

use crate::app::App;
use crate::context::{Ctx, Origin};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::random::Random;
use crate::store::{Query, SCAN_ROWS_MAX};
use crate::webhook::delivery::{self, Parcel, Receipt};

const TIMES_MAX: u64 = 1_000;
/// Most sendings that one call may ask for.
const SENDING_COUNT_MAX: usize = 20_000;
const PARALLEL_MAX: usize = 4;

/// `GET /_sandbox/deliveries`: every attempt, oldest first, and what still waits.
pub(crate) fn read(app: &App, query: &Params) -> Result<Value, ApiError> {
    query.allow(&["customer", "event"])?;
    let customer = query.text("customer")?;
    let event = query.text("event")?;
    app.transact(Origin::default(), |ctx| {
        let attempts = attempts(ctx, customer.as_deref(), event.as_deref())?;
        let pending: i64 = ctx.store.tx.query_row(
            "SELECT COUNT(*) FROM delivery WHERE state = 'pending'
               AND (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR event = ?2)",
            params![customer, event],
            |row| row.get(0),
        )?;
        let paused = delivery::is_paused(ctx)?;
        Ok(json!({"deliveries": attempts, "pending": pending, "paused": paused}))
    })
}

fn attempts(
    ctx: &Ctx<'_>,
    customer: Option<&str>,
    event: Option<&str>,
) -> Result<Vec<Value>, ApiError> {
    let mut statement = ctx.store.tx.prepare_cached(
        "SELECT event, type, endpoint, customer, at_ms, duration_ms, status, error, cause
         FROM delivery_attempt
         WHERE (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR event = ?2)
         ORDER BY id LIMIT ?3",
    )?;
    let limit = i64::try_from(SCAN_ROWS_MAX).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![customer, event, limit], |row| {
        Ok(json!({
            "event": row.get::<_, String>(0)?,
            "type": row.get::<_, String>(1)?,
            "endpoint": row.get::<_, String>(2)?,
            "customer": row.get::<_, Option<String>>(3)?,
            "at_ms": row.get::<_, i64>(4)?,
            "duration_ms": row.get::<_, i64>(5)?,
            "status": row.get::<_, Option<u16>>(6)?,
            "error": row.get::<_, Option<String>>(7)?,
            "cause": row.get::<_, String>(8)?,
        }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// `POST /_sandbox/redeliver {"event", "customer", "times", "shuffle_seed"}`: sends one event or
/// all events of a customer again, `times` times each, and waits for the answers.
pub(crate) async fn redeliver(app: &Arc<App>, body: &Value) -> Result<Value, ApiError> {
    let times = body.at("times").as_u64().unwrap_or(1).min(TIMES_MAX);
    let times = usize::try_from(times).unwrap_or(1);
    let parcels = app.transact(Origin::default(), |ctx| wanted(ctx, body))?;
    if parcels.len().saturating_mul(times) > SENDING_COUNT_MAX {
        let message = format!("More than {SENDING_COUNT_MAX} sendings in one call.");
        return Err(ApiError::invalid(message));
    }
    let mut queue: Vec<Parcel> = Vec::with_capacity(parcels.len() * times);
    for _ in 0..times {
        queue.extend(parcels.iter().cloned());
    }
    if let Some(seed) = body.at("shuffle_seed").as_u64() {
        Random::from_seed(seed).shuffle(&mut queue);
    }
    let mut statuses = Vec::with_capacity(queue.len());
    for group in queue.chunks(PARALLEL_MAX) {
        statuses.extend(send_group(app, group).await?);
    }
    let taken = statuses.iter().filter(|row| (200..300).contains(&row.int("status"))).count();
    Ok(json!({"sent": statuses.len(), "taken": taken, "statuses": statuses}))
}

fn wanted(ctx: &Ctx<'_>, body: &Value) -> Result<Vec<Parcel>, ApiError> {
    let events: Vec<String> = match (body.text_opt("event"), body.text_opt("customer")) {
        (Some(event), _) => {
            ctx.store.get(Kind::Event, &event)?;
            vec![event]
        }
        (None, Some(customer)) => {
            let query = Query { customer: Some(&customer), ..Query::default() };
            let events = ctx.store.all(Kind::Event, query)?;
            events.iter().map(|event| event.text("id").to_owned()).collect()
        }
        (None, None) => return Err(ApiError::invalid("Name an event or a customer.")),
    };
    let endpoints = ctx.store.all(Kind::WebhookEndpoint, Query::default())?;
    let mut parcels = Vec::with_capacity(events.len());
    for event in &events {
        for endpoint in &endpoints {
            parcels.extend(delivery::parcel(ctx, event, endpoint.text("id"))?);
        }
    }
    Ok(parcels)
}

async fn send_group(app: &Arc<App>, group: &[Parcel]) -> Result<Vec<Value>, ApiError> {
    let mut tasks = Vec::with_capacity(group.len());
    for parcel in group.iter().cloned() {
        let app = Arc::clone(app);
        tasks.push(tokio::spawn(async move {
            let receipt: Receipt = delivery::send(&app, &parcel).await;
            app.transact(Origin::default(), |ctx| {
                delivery::record(ctx, &parcel, &receipt, "redelivery")
            })?;
            let (status, error) = match receipt.status {
                Ok(status) => (Some(status), None),
                Err(error) => (None, Some(error)),
            };
            Ok::<Value, ApiError>(json!({
                "event": parcel.event,
                "type": parcel.kind,
                "endpoint": parcel.endpoint,
                "status": status,
                "error": error,
            }))
        }));
    }
    let mut rows = Vec::with_capacity(tasks.len());
    for task in tasks {
        rows.push(task.await.map_err(|_| ApiError::internal("a sending ended early"))??);
    }
    Ok(rows)
}
