//! What the account's owner sets in the dashboard: how failed payments are retried, and what
//! happens when nothing helped. The command line says how a run begins; a test may change it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::config::FinalAction;
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;

const SETTINGS: &str = "account";
const HOUR_S: i64 = 3_600;

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Hours between the automatic attempts; empty: only the first one is made.
    pub(crate) retry_hours: Vec<i64>,
    /// How far each pause may differ from that, either way.
    pub(crate) retry_jitter_percent: i64,
    pub(crate) final_action: FinalAction,
}

impl Account {
    /// As the control API shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "retry_hours": self.retry_hours,
            "retry_jitter_percent": self.retry_jitter_percent,
            "final_action": self.final_action.name(),
        })
    }

    /// Seconds between attempt `made` and the next one; `None` when the schedule is over. The
    /// same seed, invoice and attempt give the same answer.
    pub(crate) fn pause_s(&self, seed: u64, invoice: &str, made: i64) -> Option<i64> {
        let index = usize::try_from(made.checked_sub(1)?).ok()?;
        let pause_s = self.retry_hours.get(index)?.saturating_mul(HOUR_S);
        let digest = Sha256::digest(format!("{seed} {invoice} {made}"));
        let [a, b, ..] = digest[..] else {
            return Some(pause_s);
        };
        // From -1000 to 1000 thousandths of the jitter.
        let lot = i64::from(u16::from_be_bytes([a, b])) % 2_001 - 1_000;
        let swing_s = pause_s.saturating_mul(self.retry_jitter_percent).saturating_mul(lot);
        Some(pause_s.saturating_add(swing_s / 100_000))
    }
}

/// The settings: the command line's, and over them what a test changed.
pub(crate) fn get(ctx: &Ctx<'_>) -> Result<Account, ApiError> {
    let config = ctx.config;
    let mut account = Account {
        retry_hours: config.retry_hours.clone(),
        retry_jitter_percent: config.retry_jitter_percent,
        final_action: config.final_action,
    };
    let Some(text) = ctx.store.setting(SETTINGS)? else {
        return Ok(account);
    };
    let set: Value = serde_json::from_str(&text)?;
    if let Some(hours) = set.at("retry_hours").as_array() {
        account.retry_hours = hours.iter().filter_map(Value::as_i64).collect();
    }
    if let Some(percent) = set.at("retry_jitter_percent").as_i64() {
        account.retry_jitter_percent = percent;
    }
    if let Some(action) = FinalAction::from_name(set.text("final_action")) {
        account.final_action = action;
    }
    Ok(account)
}

/// Changes the settings; they hold for attempts to come.
pub(crate) fn set(ctx: &Ctx<'_>, account: &Account) -> Result<(), ApiError> {
    ctx.store.set_setting(SETTINGS, &account.to_json().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(jitter: i64) -> Account {
        let retry_hours = vec![24, 48];
        Account { retry_hours, retry_jitter_percent: jitter, final_action: FinalAction::Cancel }
    }

    #[test]
    fn pauses_swing_within_their_jitter_and_repeat() {
        assert_eq!(account(0).pause_s(1, "in_1", 1), Some(24 * HOUR_S));
        assert_eq!(account(0).pause_s(1, "in_1", 3), None);
        let swung: Vec<i64> = (0..200)
            .map(|number| account(25).pause_s(1, &format!("in_{number}"), 2).unwrap())
            .collect();
        assert!(swung.iter().all(|pause_s| (36 * HOUR_S..=60 * HOUR_S).contains(pause_s)));
        assert!(swung.iter().any(|pause_s| *pause_s < 40 * HOUR_S));
        assert!(swung.iter().any(|pause_s| *pause_s > 56 * HOUR_S));
        assert_eq!(account(25).pause_s(1, "in_7", 2), Some(swung[7]));
        assert_ne!(account(25).pause_s(2, "in_7", 2), Some(swung[7]));
    }
}
