//! Steering deliveries: holding them back, mistreating them, and signing with rotated secrets.

use serde_json::{Value, json};

use crate::app::App;
use crate::context::{Ctx, Origin};
use crate::control::read;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::{Query, SCAN_ROWS_MAX};
use crate::webhook::chaos::{self, Chaos};
use crate::webhook::delivery;

const DELAY_MS_MAX: u64 = 3_600_000;
const COPY_COUNT_MAX: u64 = 100;
const SECRET_COUNT_MAX: usize = 4;
const SECRET_LENGTH_MAX: usize = 128;

/// `GET /_sandbox/webhooks`
pub(crate) fn state(app: &App) -> Result<Value, ApiError> {
    app.transact(Origin::default(), |ctx| shown(ctx))
}

fn shown(ctx: &Ctx<'_>) -> Result<Value, ApiError> {
    let chaos = chaos::get(&ctx.store)?.map(Chaos::to_json);
    Ok(json!({"paused": delivery::is_paused(ctx)?, "chaos": chaos}))
}

/// `POST /_sandbox/webhooks {"paused", "chaos", "also_sign_with"}`: what is not named stays.
pub(crate) fn change(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(body, &["paused", "chaos", "also_sign_with"])?;
    let paused =
        match body.get("paused") {
            None => None,
            Some(value) => Some(value.as_bool().ok_or_else(|| {
                ApiError::invalid("Send {\"paused\": true} or {\"paused\": false}.")
            })?),
        };
    if body.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(ApiError::invalid("Name paused, chaos or also_sign_with."));
    }
    let chaos = match body.get("chaos") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(value) => Some(Some(read_chaos(value)?)),
    };
    let secrets = body.get("also_sign_with").map(read_secrets).transpose()?;
    let shown = app.transact(Origin::default(), |ctx| {
        if let Some(paused) = paused {
            delivery::set_paused(ctx, paused)?;
        }
        if let Some(chaos) = chaos {
            chaos::set(&ctx.store, chaos)?;
        }
        if let Some(secrets) = &secrets {
            sign_with(ctx, secrets)?;
        }
        shown(ctx)
    })?;
    app.deliveries.notify_one();
    Ok(shown)
}

fn read_chaos(body: &Value) -> Result<Chaos, ApiError> {
    read::allow(
        body,
        &[
            "seed",
            "loss_percent",
            "duplicate_percent",
            "duplicate_count_max",
            "delay_ms_max",
            "reorder",
        ],
    )?;
    Ok(Chaos {
        seed: read::number(body, "seed", 1, 0..=u64::MAX)?,
        loss_percent: read::number(body, "loss_percent", 0, 0..=100)?,
        duplicate_percent: read::number(body, "duplicate_percent", 0, 0..=100)?,
        duplicate_count_max: read::number(body, "duplicate_count_max", 1, 0..=COPY_COUNT_MAX)?,
        delay_ms_max: read::number(body, "delay_ms_max", 0, 0..=DELAY_MS_MAX)?,
        reorder: body.flag("reorder"),
    })
}

fn read_secrets(body: &Value) -> Result<Vec<String>, ApiError> {
    let wrong = || ApiError::invalid("also_sign_with: a list of at most four secrets (whsec_…)");
    let list = body.as_array().filter(|list| list.len() <= SECRET_COUNT_MAX).ok_or_else(wrong)?;
    let each = list.iter().map(|secret| {
        secret
            .as_str()
            .filter(|text| text.starts_with("whsec_") && text.len() <= SECRET_LENGTH_MAX)
            .map(str::to_owned)
            .ok_or_else(wrong)
    });
    each.collect()
}

/// While a secret is rolled, each delivery carries a signature with the old and the new one.
fn sign_with(ctx: &Ctx<'_>, secrets: &[String]) -> Result<(), ApiError> {
    let all = Query::default();
    for mut endpoint in ctx.store.list(Kind::WebhookEndpoint, all, SCAN_ROWS_MAX, |_| true)? {
        endpoint.private.set("more_secrets", secrets.to_vec());
        ctx.store.put(&endpoint)?;
    }
    Ok(())
}
