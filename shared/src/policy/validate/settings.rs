//! The settings of one segment, over those that it inherits.

use super::named::Named;
use super::{ladder, retry};
use crate::policy::file::{CustomerAttemptsFile, GraceFile, NEVER, SegmentFile};
use crate::policy::problem::Problems;
use crate::policy::settings::{CustomerAttempts, GraceSettings, Settings};
use crate::time::{DAY_MS, HOUR_MS};
use core::ops::RangeInclusive;
use std::sync::Arc;

/// Half a year: longer is a gift, not a grace.
const GRACE_MS: RangeInclusive<i64> = 0..=180 * DAY_MS;
/// What Mastercard allows in 24 hours, the largest such number
/// (<https://developers.tabapay.com/docs/excessive-retry-rules>, read 2026-11).
const CUSTOMER_ATTEMPTS: RangeInclusive<u32> = 0..=10;
const CUSTOMER_WINDOW_MS: RangeInclusive<i64> = HOUR_MS..=30 * DAY_MS;

pub(super) fn read(
    problems: &mut Problems,
    (key, file): (&str, &SegmentFile),
    base: &Settings,
    named: &Named,
) -> Settings {
    let before = problems.count();
    let campaign = file.campaign.as_deref();
    let settings = Settings {
        retry: retry::read(problems, key, file.retry.as_ref(), &base.retry),
        grace: grace(problems, key, file.grace.as_ref(), base.grace),
        customer_attempts: customer_attempts(
            problems,
            key,
            file.customer_attempts.as_ref(),
            base.customer_attempts,
        ),
        campaign: named
            .campaign(problems, &format!("{key}.campaign"), campaign)
            .unwrap_or_else(|| Arc::clone(&base.campaign)),
        acquirer: named
            .acquirer(problems, &format!("{key}.acquirer"), file.acquirer.as_deref())
            .or_else(|| base.acquirer.clone()),
    };
    if problems.count() == before {
        together(problems, key, &settings, base);
    }
    settings
}

/// What is inherited was looked at where it was written.
fn together(problems: &mut Problems, key: &str, settings: &Settings, base: &Settings) {
    if settings.grace != base.grace {
        grace_order(problems, key, settings.grace);
    }
    if settings.retry != base.retry {
        retry::together(problems, key, &settings.retry);
    }
    let counted = |settings: &Settings| {
        (settings.retry.rungs.clone(), settings.customer_attempts, settings.acquirer.clone())
    };
    if counted(settings) != counted(base) {
        ladder::within_network_limits(problems, key, settings);
    }
}

fn grace(
    problems: &mut Problems,
    segment: &str,
    file: Option<&GraceFile>,
    base: GraceSettings,
) -> GraceSettings {
    let Some(file) = file else { return base };
    let key = |name: &str| format!("{segment}.grace.{name}");
    let warn = file.warn.as_deref();
    let restricted = file.restricted.as_deref();
    let ended_ms = match file.ended.as_deref() {
        None => base.ended_ms,
        Some(NEVER) => None,
        text => Some(problems.duration(&key("ended"), text, GRACE_MS, 0)),
    };
    GraceSettings {
        warn_ms: problems.duration(&key("warn"), warn, GRACE_MS, base.warn_ms),
        restricted_ms: problems.duration(
            &key("restricted"),
            restricted,
            GRACE_MS,
            base.restricted_ms,
        ),
        ended_ms,
    }
}

fn grace_order(problems: &mut Problems, segment: &str, grace: GraceSettings) {
    if grace.restricted_ms < grace.warn_ms {
        let problem = "access is restricted before the customer is warned";
        let allowed = "write a duration that is not shorter than `warn`";
        problems.add(format!("{segment}.grace.restricted"), problem, allowed);
    }
    if grace.ended_ms.is_some_and(|ended_ms| ended_ms < grace.restricted_ms) {
        let problem = "access ends before it is restricted";
        let allowed = "write a duration that is not shorter than `restricted`, or \"never\"";
        problems.add(format!("{segment}.grace.ended"), problem, allowed);
    }
}

fn customer_attempts(
    problems: &mut Problems,
    segment: &str,
    file: Option<&CustomerAttemptsFile>,
    base: CustomerAttempts,
) -> CustomerAttempts {
    let Some(file) = file else { return base };
    let key = |name: &str| format!("{segment}.customer_attempts.{name}");
    let window = file.window.as_deref();
    CustomerAttempts {
        max: problems.whole(&key("max"), file.max, CUSTOMER_ATTEMPTS, base.max),
        window_ms: problems.duration(&key("window"), window, CUSTOMER_WINDOW_MS, base.window_ms),
    }
}
