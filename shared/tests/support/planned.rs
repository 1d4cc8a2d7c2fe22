//! One failed payment on our ladder, with everything that its next attempt depends on: what tests
//! of plans begin with and change.

use reprieve_core::calendar::Zone;
use reprieve_core::decline::{Category, Decline, RawDecline, stripe};
use reprieve_core::id::PaymentMethodId;
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::{AttemptBy, CardAttempt, Initiator, Network};
use reprieve_core::policy::settings::{RetrySettings, Rung, Settings};
use reprieve_core::policy::{LearnedTiming, RetryDriver};
use reprieve_core::retry::{BackupCard, Learning, RetryDecision, RetryFacts, decide};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use reprieve_core::timing::{Arm, TimingModel};

/// Monday 2026-11-02T00:00:00Z.
pub(crate) const MONDAY: Timestamp = Timestamp::from_seconds(1_793_577_600);

const OFF: LearnedTiming =
    LearnedTiming { enabled: false, hold_out_permille: 0, explore_permille: 0 };

/// The facts, and the plan that they give.
pub(crate) struct Case {
    pub(crate) settings: RetrySettings,
    pub(crate) decline: Option<Decline>,
    pub(crate) network: Network,
    pub(crate) has_backup: bool,
    pub(crate) history: Vec<CardAttempt>,
    pub(crate) failed_at: Timestamp,
    pub(crate) rungs_used: u32,
    pub(crate) attempts: u32,
    pub(crate) provider_next_attempt_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
    /// What was learned, whether and how it may choose, and for whom.
    pub(crate) model: Option<TimingModel>,
    pub(crate) timing: LearnedTiming,
    pub(crate) arm: Arm,
    pub(crate) draw: u32,
}

impl Case {
    pub(crate) fn with(rungs: Vec<Rung>) -> Self {
        let settings = RetrySettings {
            rungs,
            min_spacing_ms: HOUR_MS,
            keep_away_ms: 6 * HOUR_MS,
            ..Settings::default().retry
        };
        Self {
            settings,
            decline: Some(declined("insufficient_funds")),
            network: Network::Visa,
            has_backup: false,
            history: Vec::new(),
            failed_at: MONDAY,
            rungs_used: 0,
            attempts: 1,
            provider_next_attempt_at: None,
            now: MONDAY,
            model: None,
            timing: OFF,
            arm: Arm::HeldOut,
            draw: 0,
        }
    }

    pub(crate) fn plan(&self) -> RetryDecision {
        let backup = PaymentMethodId::parse("pm_backup").unwrap();
        let backup = BackupCard { method: &backup, card: "fp_backup", network: Network::Visa };
        decide(&RetryFacts {
            driver: RetryDriver::Ours,
            settings: &self.settings,
            overrides: &[],
            decline: self.decline.as_ref(),
            method: None,
            card: "fp_1",
            network: self.network,
            backup: self.has_backup.then_some(backup),
            amount: euros(1_900),
            history: &self.history,
            first_failed_at: MONDAY,
            failed_at: self.failed_at,
            rungs_used: self.rungs_used,
            attempts: self.attempts,
            provider_next_attempt_at: self.provider_next_attempt_at,
            zone: &Zone::utc(),
            now: self.now,
            learning: Learning {
                model: self.model.as_ref(),
                settings: self.timing,
                arm: self.arm,
                draw: self.draw,
            },
        })
    }
}

pub(crate) fn declined(code: &str) -> Decline {
    let raw = RawDecline { decline_code: Some(code.to_owned()), ..Default::default() };
    stripe::classify(raw, Network::Other, Timestamp::from_ms(0))
}

pub(crate) fn euros(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::parse("eur").unwrap() }
}

pub(crate) fn tried(network: Network, at: Timestamp) -> CardAttempt {
    CardAttempt {
        at,
        card: "fp_1".to_owned(),
        network,
        amount: euros(1_900),
        initiator: Initiator::Merchant,
        by: AttemptBy::Provider,
        category: Some(Category::InsufficientFunds),
        network_advice: None,
        network_code: None,
    }
}

pub(crate) fn day(days: i64) -> Timestamp {
    MONDAY.plus_ms(days * DAY_MS)
}
