//! `/_sandbox/account`: what the account's owner would set in the dashboard.

use serde_json::Value;

use crate::app::App;
use crate::config::FinalAction;
use crate::context::Origin;
use crate::control::read;
use crate::engine::account;
use crate::error::ApiError;
use crate::json::Json;

const RETRY_COUNT_MAX: usize = 50;
const RETRY_HOURS_MAX: i64 = 24 * 90;

/// `GET /_sandbox/account`
pub(crate) fn state(app: &App) -> Result<Value, ApiError> {
    app.transact(Origin::default(), |ctx| Ok(account::get(ctx)?.to_json()))
}

/// `POST /_sandbox/account {"retry_hours", "retry_jitter_percent", "final_action"}`
pub(crate) fn change(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(body, &["retry_hours", "retry_jitter_percent", "final_action"])?;
    let hours = body.get("retry_hours").map(hours).transpose()?;
    let jitter = read::number(body, "retry_jitter_percent", 0, 0..=90)?;
    let action =
        match body.text_opt("final_action") {
            None => None,
            Some(name) => Some(FinalAction::from_name(&name).ok_or_else(|| {
                ApiError::invalid("final_action: cancel, unpaid, past_due or pause")
            })?),
        };
    app.transact(Origin::default(), |ctx| {
        let mut account = account::get(ctx)?;
        if let Some(hours) = &hours {
            account.retry_hours.clone_from(hours);
        }
        if body.get("retry_jitter_percent").is_some() {
            account.retry_jitter_percent = i64::try_from(jitter).unwrap_or(0);
        }
        account.final_action = action.unwrap_or(account.final_action);
        account::set(ctx, &account)?;
        Ok(account.to_json())
    })
}

fn hours(value: &Value) -> Result<Vec<i64>, ApiError> {
    let wrong = || ApiError::invalid("retry_hours: at most 50 whole numbers of hours");
    let list = value.as_array().filter(|list| list.len() <= RETRY_COUNT_MAX).ok_or_else(wrong)?;
    let each = list.iter().map(|hours| {
        hours.as_i64().filter(|hours| (1..=RETRY_HOURS_MAX).contains(hours)).ok_or_else(wrong)
    });
    each.collect()
}
