//! The policy that holds until a merchant writes one: the repository's `policy.toml` in code, where
//! each number is explained. A test compares the two.

use super::segment::{Conditions, Interval, Sector, Segment};
use super::settings::{
    CustomerAttempts, GraceSettings, HourWindow, PaydaySettings, RetrySettings, Rung, Settings,
};
use super::{LearnedTiming, Policy, RetryDriver};
use crate::calendar::{Weekday, Weekdays, Weekend};
use crate::campaign;
use crate::cancel::offer::{Audience, Offer, OfferKind, PauseAccess, PauseSpan};
use crate::cancel::settings::CancelSettings;
use crate::time::{DAY_MS, HOUR_MS};
use std::sync::Arc;

/// The name of the segment of everybody else.
pub(super) const CATCH_ALL: &str = "default";

impl Default for Policy {
    /// Stripe retries; two weeks of grace, the length of its default schedule (8 tries in 2 weeks,
    /// <https://docs.stripe.com/billing/revenue-recovery/smart-retries>).
    fn default() -> Self {
        let conditions = Conditions::default();
        let settings = Settings::default();
        Self {
            version: 1,
            retry_driver: RetryDriver::Provider,
            learned_timing: LearnedTiming {
                enabled: false,
                hold_out_permille: 100,
                explore_permille: 20,
            },
            special: vec![game(&settings), business(&settings), annual(&settings)],
            catch_all: Segment { name: CATCH_ALL.to_owned(), conditions, settings },
            cancel: leaving(),
            older: Vec::new(),
            timing: None,
        }
    }
}

/// A pause instead of a cancellation, once a year.
fn leaving() -> CancelSettings {
    let kind = OfferKind::Pause { span: PauseSpan::Periods(1), access: PauseAccess::Off };
    let audience = Audience { taken_max: Some(0), ..Audience::default() };
    let offer = Offer { name: "pause".to_owned(), kind, priority: 100, audience };
    CancelSettings { offers: vec![offer], ..CancelSettings::default() }
}

impl Default for Settings {
    /// The settings of the default policy's catch-all.
    fn default() -> Self {
        let hours = HourWindow { from: 9, to: 22 };
        let rung = |days: i64, payday_wait_days: i64| Rung {
            hours,
            payday_wait_ms: payday_wait_days * DAY_MS,
            ..Rung::after_ms(days * DAY_MS)
        };
        Self {
            retry: RetrySettings {
                rungs: vec![rung(1, 3), rung(2, 6), rung(2, 6), rung(2, 6), rung(3, 6), rung(3, 6)],
                min_spacing_ms: 12 * HOUR_MS,
                attempts_max: 15,
                stop_after_ms: 30 * DAY_MS,
                keep_away_ms: 6 * HOUR_MS,
                backup_after_declines: None,
                paydays: PaydaySettings {
                    days_of_month: vec![1, 15, 31],
                    weekdays: Weekdays::of(&[Weekday::Friday]),
                    on_weekend: Weekend::Before,
                },
            },
            grace: GraceSettings::of_days(14),
            customer_attempts: CustomerAttempts { max: 4, window_ms: DAY_MS },
            campaign: Arc::new(campaign::standard()),
            acquirer: None,
        }
    }
}

fn game(base: &Settings) -> Segment {
    Segment {
        name: "game".to_owned(),
        conditions: Conditions { sector: Some(Sector::Game), ..Conditions::default() },
        settings: Settings {
            grace: GraceSettings::of_days(7),
            campaign: Arc::new(campaign::game()),
            ..base.clone()
        },
    }
}

fn business(base: &Settings) -> Segment {
    let weekdays = Weekdays::WORKING;
    let hours = HourWindow { from: 8, to: 18 };
    let at_work = |days: i64| Rung { hours, weekdays, ..Rung::after_ms(days * DAY_MS) };
    let rungs = vec![at_work(1), at_work(2), at_work(4), at_work(7)];
    Segment {
        name: "business".to_owned(),
        conditions: Conditions { sector: Some(Sector::B2b), ..Conditions::default() },
        settings: Settings {
            retry: RetrySettings { rungs, ..base.retry.clone() },
            grace: GraceSettings::of_days(30),
            campaign: Arc::new(campaign::business()),
            ..base.clone()
        },
    }
}

fn annual(base: &Settings) -> Segment {
    Segment {
        name: "annual".to_owned(),
        conditions: Conditions { interval: Some(Interval::Year), ..Conditions::default() },
        settings: Settings { grace: GraceSettings::of_days(21), ..base.clone() },
    }
}
