//! The page for a person: what exists, what was charged, what was told to whom.

mod render;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use serde_json::Value;

use crate::app::App;
use crate::context::{Ctx, Origin};
use crate::error::ApiError;
use crate::http::built;
use crate::kind::Kind;
use crate::store::Query;

/// Rows of each table.
const ROW_COUNT: usize = 25;

/// What the page shows, newest first.
pub(crate) struct Snapshot {
    pub(crate) customers: Vec<Value>,
    pub(crate) clocks: Vec<Value>,
    pub(crate) subscriptions: Vec<Value>,
    pub(crate) invoices: Vec<Value>,
    pub(crate) charges: Vec<Value>,
    pub(crate) methods: Vec<Value>,
    pub(crate) setup_intents: Vec<Value>,
    /// Events with the state of their deliveries.
    pub(crate) events: Vec<(Value, String)>,
    pub(crate) paused: bool,
}

/// `GET /`
pub(crate) async fn serve(State(app): State<Arc<App>>) -> Response<Body> {
    match app.transact(Origin::default(), |ctx| snapshot(ctx)) {
        Ok(snapshot) => html(200, render::page(&snapshot)),
        Err(error) => html(500, render::message(error.message())),
    }
}

/// `GET /_page/{file}`: the style, the script, or one object as JSON.
pub(crate) async fn asset(State(app): State<Arc<App>>, Path(file): Path<String>) -> Response<Body> {
    match file.as_str() {
        "page.css" => asset_of("text/css; charset=utf-8", include_str!("page.css")),
        "page.js" => asset_of("text/javascript; charset=utf-8", include_str!("page.js")),
        id => match app.transact(Origin::default(), |ctx| ctx.store.find_any(id)) {
            Ok(Some(object)) => html(200, render::object(id, &object)),
            Ok(None) => html(404, render::message("There is no such object.")),
            Err(error) => html(500, render::message(error.message())),
        },
    }
}

fn snapshot(ctx: &Ctx<'_>) -> Result<Snapshot, ApiError> {
    let newest = |kind| -> Result<Vec<Value>, ApiError> {
        let found = ctx.store.list(kind, Query::default(), ROW_COUNT, |_| true)?;
        Ok(found.into_iter().map(|record| record.body).collect())
    };
    let mut events = Vec::with_capacity(ROW_COUNT);
    for event in newest(Kind::Event)? {
        let state = delivery_state(ctx, &event)?;
        events.push((event, state));
    }
    Ok(Snapshot {
        customers: newest(Kind::Customer)?,
        clocks: newest(Kind::Clock)?,
        subscriptions: newest(Kind::Subscription)?,
        invoices: newest(Kind::Invoice)?,
        charges: newest(Kind::Charge)?,
        methods: newest(Kind::PaymentMethod)?,
        setup_intents: newest(Kind::SetupIntent)?,
        events,
        paused: crate::webhook::delivery::is_paused(ctx)?,
    })
}

/// `delivered`, `pending (2)`, `failed (60)`, or `nobody listens`.
fn delivery_state(ctx: &Ctx<'_>, event: &Value) -> Result<String, ApiError> {
    let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut statement = ctx
        .store
        .tx
        .prepare_cached("SELECT state, attempts FROM delivery WHERE event = ?1 ORDER BY id")?;
    let states = statement.query_map([id], |row| {
        let (state, attempts): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok(if attempts > 1 { format!("{state} ({attempts})") } else { state })
    })?;
    let states: Vec<String> = states.collect::<rusqlite::Result<_>>()?;
    Ok(if states.is_empty() { "nobody listens".to_owned() } else { states.join(", ") })
}

fn asset_of(kind: &str, text: &'static str) -> Response<Body> {
    built(
        Response::builder()
            .header("content-type", kind)
            .header("cache-control", "no-cache")
            .body(Body::from(text)),
    )
}

fn html(status: u16, text: String) -> Response<Body> {
    built(
        Response::builder()
            .status(status)
            .header("content-type", "text/html; charset=utf-8")
            .header("cache-control", "no-store")
            .header(
                "content-security-policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                 img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            )
            .header("x-content-type-options", "nosniff")
            .body(Body::from(text)),
    )
}
