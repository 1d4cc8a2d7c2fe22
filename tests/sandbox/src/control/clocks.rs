//! Time: the sandbox's wall clock, and how long a bank waits for the customer.

use serde_json::{Value, json};

use crate::app::App;
use crate::context::Origin;
use crate::control::read;
use crate::engine::challenge;
use crate::error::ApiError;
use crate::json::Json;

const SKIP_S_MAX: u64 = 10 * 366 * 86_400;
const LIFETIME_S_MAX: u64 = 86_400;

/// `POST /_sandbox/time {"skip_s"}`: moves the wall clock forward for everything that is not on
/// a test clock: idempotency keys, portal sessions, challenges, customers without a clock.
/// Signatures of webhooks keep the machine's time.
pub(crate) fn skip(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(body, &["skip_s"])?;
    let skip_s = read::number(body, "skip_s", 0, 0..=SKIP_S_MAX)?;
    let ms = i64::try_from(skip_s).unwrap_or(0).saturating_mul(1_000);
    Ok(json!({"now_ms": app.skip_ms(ms)?}))
}

/// `POST /_sandbox/challenges {"lifetime_s"}` or `{"expire": "pi_…"}`: how long later challenges
/// live; ends one as if its time was over.
pub(crate) fn challenges(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(body, &["lifetime_s", "expire"])?;
    let lifetime_s = read::number(body, "lifetime_s", 0, 0..=LIFETIME_S_MAX)?;
    let expire = read::word(body, "expire", 64)?;
    app.transact(Origin::default(), |ctx| {
        if lifetime_s > 0 {
            challenge::set_lifetime_s(ctx, i64::try_from(lifetime_s).unwrap_or(1))?;
        }
        if let Some(id) = &expire {
            let intent = ctx.store.find_any(id)?;
            let waits = intent.is_some_and(|intent| intent.text("status") == "requires_action");
            if !waits {
                return Err(ApiError::invalid(format!("{id} does not wait for a challenge.")));
            }
            challenge::expire(ctx, id)?;
        }
        Ok(json!({"lifetime_s": lifetime_s, "expired": expire}))
    })
}
