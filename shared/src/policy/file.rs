//! The policy file as it is written: words, numbers and durations, most of which may be left out.
//!
//! Its format only ever grows: `tests/golden/policy-v1.json` must load for ever. What a later
//! format adds may be left out and then means what it meant before. A segment takes what it leaves
//! out from the last one, the catch-all; that takes it from [`Settings::default`]. What the build
//! writes ([`PolicyFile::from`]) leaves nothing out, so that a stored policy does not change with
//! the program.

pub mod cancel;

use self::cancel::CancelFile;
use super::segment::{Conditions, PlanRange};
use super::settings::{Acquirer, PaydaySettings, RetrySettings, Rung, Settings};
use super::{Policy, RetryDriver, Segment, duration};
use crate::calendar::{Weekday, Weekdays, Weekend};
use crate::campaign::Campaign;
use serde::{Deserialize, Serialize};

/// The format described here.
pub const POLICY_FORMAT: u32 = 1;
/// The word for "this does not happen by itself".
pub const NEVER: &str = "never";

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyFile {
    /// [`POLICY_FORMAT`]; may be left out.
    pub format: Option<i64>,
    /// The merchant's number of this policy, from 1, higher with each change. Required.
    pub version: Option<i64>,
    /// `provider` or `ours`.
    pub driver: Option<String>,
    /// Whether and how the learned model chooses.
    pub learned_timing: Option<LearnedTimingFile>,
    /// Acquirers with numbers of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acquirers: Vec<AcquirerFile>,
    /// Campaigns of the merchant's own, by name beside the built-in ones; one with the name of a
    /// built-in one replaces it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campaigns: Vec<Campaign>,
    /// What happens when somebody leaves; left out: the way out is open, and nothing is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<CancelFile>,
    /// In the order in which they are asked; the last has no `match`.
    pub segments: Vec<SegmentFile>,
}

/// See [`super::LearnedTiming`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LearnedTimingFile {
    /// Whether it chooses at all.
    pub enabled: Option<bool>,
    /// Customers with the fixed ladder, of 1,000.
    pub hold_out_permille: Option<i64>,
    /// Choices at random, of 1,000.
    pub explore_permille: Option<i64>,
}

/// See [`Acquirer`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcquirerFile {
    /// Its name, for `segments[].acquirer`.
    pub name: Option<String>,
    /// Its limits.
    pub limits: Vec<LimitFile>,
}

/// See [`crate::network::LimitOverride`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitFile {
    /// A rule of [`crate::network::LIMITS`].
    pub rule: Option<String>,
    /// The most declined attempts in its window.
    pub declines_max: Option<i64>,
}

/// See [`Segment`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentFile {
    /// Its name. Required.
    pub name: Option<String>,
    /// Whom it is for.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub conditions: Option<ConditionsFile>,
    /// Automatic attempts.
    pub retry: Option<RetryFile>,
    /// How long access stays.
    pub grace: Option<GraceFile>,
    /// What the customer may do by hand.
    pub customer_attempts: Option<CustomerAttemptsFile>,
    /// The name of a campaign, one of [`PolicyFile::campaigns`] or a built-in one.
    pub campaign: Option<String>,
    /// The name of one of the acquirers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquirer: Option<String>,
}

/// See [`Conditions`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConditionsFile {
    /// `month`, `year` or `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// `b2b`, `consumer` or `game`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// What one renewal costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanFile>,
    /// Countries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<String>>,
}

/// See [`PlanRange`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlanFile {
    /// Three letters. Required.
    pub currency: Option<String>,
    /// From this amount on, in minor units; left out: from 0.
    pub from_minor: Option<i64>,
    /// Below this amount, in minor units; left out: without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below_minor: Option<i64>,
}

/// See [`RetrySettings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryFile {
    /// The ladder.
    pub rungs: Option<Vec<RungFile>>,
    /// A duration.
    pub min_spacing: Option<String>,
    /// A number of attempts.
    pub attempts_max: Option<i64>,
    /// A duration.
    pub stop_after: Option<String>,
    /// A duration.
    pub keep_away: Option<String>,
    /// A number of declines; 0: never.
    pub backup_card_after: Option<i64>,
    /// When people have money.
    pub paydays: Option<PaydaysFile>,
}

/// See [`Rung`]. What is left out does not restrict it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RungFile {
    /// A duration. Required.
    pub delay: Option<String>,
    /// Hours of the local day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursFile>,
    /// Names of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<String>>,
    /// A duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payday_wait: Option<String>,
}

/// See [`super::settings::HourWindow`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoursFile {
    /// The first hour. Required.
    pub from: Option<i64>,
    /// The hour at which it is over. Required.
    pub to: Option<i64>,
}

/// See [`PaydaySettings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaydaysFile {
    /// Days of the month.
    pub days_of_month: Option<Vec<i64>>,
    /// Names of days.
    pub weekdays: Option<Vec<String>>,
    /// `before`, `after` or `same`.
    pub on_weekend: Option<String>,
}

/// See [`super::settings::GraceSettings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraceFile {
    /// A duration.
    pub warn: Option<String>,
    /// A duration.
    pub restricted: Option<String>,
    /// A duration or [`NEVER`].
    pub ended: Option<String>,
}

/// See [`super::settings::CustomerAttempts`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerAttemptsFile {
    /// A number of attempts.
    pub max: Option<i64>,
    /// A duration.
    pub window: Option<String>,
}

impl RetryDriver {
    /// Its word in the policy file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Ours => "ours",
        }
    }
}

/// The words for days of the week.
pub(super) const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// The words for what happens to a payday on a weekend.
pub(super) const WEEKENDS: [(&str, Weekend); 3] =
    [("before", Weekend::Before), ("after", Weekend::After), ("same", Weekend::Stays)];

impl From<&Policy> for PolicyFile {
    /// The file that says all of it, without the older versions.
    fn from(policy: &Policy) -> Self {
        let timing = policy.learned_timing();
        let mut acquirers: Vec<AcquirerFile> = Vec::new();
        for acquirer in policy.segments().filter_map(|segment| segment.settings.acquirer.as_ref()) {
            let file = acquirer_file(acquirer);
            if acquirers.iter().all(|known| known.name != file.name) {
                acquirers.push(file);
            }
        }
        let mut campaigns: Vec<Campaign> = Vec::new();
        for campaign in policy.segments().map(|segment| &segment.settings.campaign) {
            if campaigns.iter().all(|known| known.name != campaign.name) {
                campaigns.push(Campaign::clone(campaign));
            }
        }
        Self {
            format: Some(i64::from(POLICY_FORMAT)),
            version: Some(i64::from(policy.version())),
            driver: Some(policy.retry_driver().as_str().to_owned()),
            learned_timing: Some(LearnedTimingFile {
                enabled: Some(timing.enabled),
                hold_out_permille: Some(i64::from(timing.hold_out_permille)),
                explore_permille: Some(i64::from(timing.explore_permille)),
            }),
            acquirers,
            campaigns,
            cancel: Some(CancelFile::from(policy.cancel())),
            segments: policy.segments().map(segment_file).collect(),
        }
    }
}

fn acquirer_file(acquirer: &Acquirer) -> AcquirerFile {
    let limits = acquirer.limits.iter().map(|limit| LimitFile {
        rule: Some(limit.rule.clone()),
        declines_max: Some(i64::from(limit.declines_max)),
    });
    AcquirerFile { name: Some(acquirer.name.clone()), limits: limits.collect() }
}

fn segment_file(segment: &Segment) -> SegmentFile {
    let Settings { retry, grace, customer_attempts, campaign, acquirer } = &segment.settings;
    let conditions = &segment.conditions;
    SegmentFile {
        name: Some(segment.name.clone()),
        conditions: (!conditions.are_empty()).then(|| conditions_file(conditions)),
        retry: Some(retry_file(retry)),
        grace: Some(GraceFile {
            warn: Some(duration::write(grace.warn_ms)),
            restricted: Some(duration::write(grace.restricted_ms)),
            ended: Some(grace.ended_ms.map_or_else(|| NEVER.to_owned(), duration::write)),
        }),
        customer_attempts: Some(CustomerAttemptsFile {
            max: Some(i64::from(customer_attempts.max)),
            window: Some(duration::write(customer_attempts.window_ms)),
        }),
        campaign: Some(campaign.name.clone()),
        acquirer: acquirer.as_ref().map(|acquirer| acquirer.name.clone()),
    }
}

fn conditions_file(conditions: &Conditions) -> ConditionsFile {
    let regions = &conditions.regions;
    let codes = || regions.iter().map(|country| country.as_str().to_owned()).collect();
    ConditionsFile {
        interval: conditions.interval.map(|interval| interval.as_str().to_owned()),
        sector: conditions.sector.map(|sector| sector.as_str().to_owned()),
        plan: conditions.plan.map(|PlanRange { currency, from_minor, below_minor }| PlanFile {
            currency: Some(currency.as_str().to_owned()),
            from_minor: Some(from_minor),
            below_minor,
        }),
        regions: (!regions.is_empty()).then(codes),
    }
}

fn retry_file(retry: &RetrySettings) -> RetryFile {
    let PaydaySettings { days_of_month, weekdays, on_weekend } = &retry.paydays;
    let weekend = WEEKENDS.iter().find(|(_, value)| value == on_weekend);
    RetryFile {
        rungs: Some(retry.rungs.iter().map(rung_file).collect()),
        min_spacing: Some(duration::write(retry.min_spacing_ms)),
        attempts_max: Some(i64::from(retry.attempts_max)),
        stop_after: Some(duration::write(retry.stop_after_ms)),
        keep_away: Some(duration::write(retry.keep_away_ms)),
        backup_card_after: Some(retry.backup_after_declines.map_or(0, i64::from)),
        paydays: Some(PaydaysFile {
            days_of_month: Some(days_of_month.iter().copied().map(i64::from).collect()),
            weekdays: Some(names(*weekdays)),
            on_weekend: weekend.map(|(word, _)| (*word).to_owned()),
        }),
    }
}

fn rung_file(rung: &Rung) -> RungFile {
    RungFile {
        delay: Some(duration::write(rung.delay_ms)),
        hours: Some(HoursFile {
            from: Some(i64::from(rung.hours.from)),
            to: Some(i64::from(rung.hours.to)),
        }),
        weekdays: Some(names(rung.weekdays)),
        payday_wait: Some(duration::write(rung.payday_wait_ms)),
    }
}

fn names(weekdays: Weekdays) -> Vec<String> {
    let named = WEEKDAYS.iter().filter(|(_, day)| weekdays.contains(*day));
    named.map(|(word, _)| (*word).to_owned()).collect()
}
