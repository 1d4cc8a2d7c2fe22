//! From a file to a policy, or to everything that is wrong with the file.
//!
//! The values come first, each for itself. What they mean together is looked at only where each of
//! them is fine, so that one slip is reported once.

mod conditions;
mod ladder;
mod retry;
mod settings;
mod values;

use super::default::CATCH_ALL;
use super::file::{AcquirerFile, LearnedTimingFile, POLICY_FORMAT, PolicyFile, SegmentFile};
use super::problem::{Problems, choice, quoted};
use super::settings::{Acquirer, Settings};
use super::{
    ACQUIRERS_MAX, LearnedTiming, Policy, PolicyProblem, RetryDriver, SEGMENTS_MAX, Segment,
};
use crate::network::{LIMITS, LimitOverride};

/// The highest number of a policy's version.
const VERSION_MAX: u32 = 999_999_999;
/// More than half of all customers in the control group is no use of a model.
const HOLD_OUT_PERMILLE_MAX: u32 = 500;
/// Below one in a hundred nobody can tell whether the model helps.
const HOLD_OUT_PERMILLE_MIN: u32 = 10;
/// More than one in five choices at random costs more than it teaches.
const EXPLORE_PERMILLE_MAX: u32 = 200;

const DRIVERS: [(&str, RetryDriver); 2] = [
    (RetryDriver::Provider.as_str(), RetryDriver::Provider),
    (RetryDriver::Ours.as_str(), RetryDriver::Ours),
];

impl PolicyFile {
    /// Checks everything; an error names every problem found, at most
    /// [`super::PROBLEMS_MAX`], in the order of the file's keys within one check.
    pub fn validate(&self) -> Result<Policy, Vec<PolicyProblem>> {
        let mut problems = Problems::default();
        let defaults = Policy::default();
        let formats = POLICY_FORMAT..=POLICY_FORMAT;
        problems.whole("format", self.format, formats, POLICY_FORMAT);
        problems.required("version", self.version.is_some(), "write version = 1");
        let version = problems.whole("version", self.version, 1..=VERSION_MAX, 1);
        let retry_driver = problems
            .word("driver", self.driver.as_deref(), &DRIVERS)
            .unwrap_or(defaults.retry_driver);
        let learned_timing =
            learned_timing(&mut problems, self.learned_timing.as_ref(), defaults.learned_timing);
        let acquirers = acquirers(&mut problems, &self.acquirers);
        unused(&mut problems, self);
        let (special, catch_all) = segments(&mut problems, &self.segments, &acquirers);
        let older = Vec::new();
        let policy = Policy { version, retry_driver, learned_timing, special, catch_all, older };
        problems.into_result(policy)
    }
}

fn learned_timing(
    problems: &mut Problems,
    file: Option<&LearnedTimingFile>,
    default: LearnedTiming,
) -> LearnedTiming {
    let Some(file) = file else { return default };
    let key = "learned_timing.hold_out_permille";
    let all = 0..=HOLD_OUT_PERMILLE_MAX;
    let hold_out_permille =
        problems.whole(key, file.hold_out_permille, all, default.hold_out_permille);
    let enabled = file.enabled.unwrap_or(default.enabled);
    if enabled && hold_out_permille < HOLD_OUT_PERMILLE_MIN {
        problems.add(
            key,
            format!("{hold_out_permille} of 1,000 customers cannot show whether it helps"),
            format!("write at least {HOLD_OUT_PERMILLE_MIN}, or enabled = false"),
        );
    }
    let key = "learned_timing.explore_permille";
    let range = 0..=EXPLORE_PERMILLE_MAX;
    let explore_permille =
        problems.whole(key, file.explore_permille, range, default.explore_permille);
    LearnedTiming { enabled, hold_out_permille, explore_permille }
}

fn acquirers(problems: &mut Problems, files: &[AcquirerFile]) -> Vec<Acquirer> {
    if problems.too_many("acquirers", files.len(), ACQUIRERS_MAX) {
        return Vec::new();
    }
    let mut known: Vec<Acquirer> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let key = format!("acquirers[{at}].name");
        let Some(name) = problems.name(&key, file.name.as_deref()) else { continue };
        if known.iter().any(|acquirer| acquirer.name == name) {
            problems.add(key, format!("{} is there twice", quoted(&name)), "write another name");
            continue;
        }
        known.push(Acquirer { name, limits: limits(problems, at, file) });
    }
    known
}

/// An acquirer can be stricter than the networks, never more generous.
fn limits(problems: &mut Problems, acquirer: usize, file: &AcquirerFile) -> Vec<LimitOverride> {
    let mut limits: Vec<LimitOverride> = Vec::new();
    let key = format!("acquirers[{acquirer}].limits");
    if problems.too_many(&key, file.limits.len(), LIMITS.len()) {
        return limits;
    }
    for (at, limit) in file.limits.iter().enumerate() {
        let key = format!("{key}[{at}]");
        problems.required(&format!("{key}.rule"), limit.rule.is_some(), "name a rule");
        let Some(rule) = limit.rule.as_deref() else { continue };
        // The newest row of a rule is the last.
        let Some(row) = LIMITS.iter().rev().find(|row| row.rule.0 == rule) else {
            let mut rules: Vec<&str> = LIMITS.iter().map(|row| row.rule.0).collect();
            rules.dedup();
            let problem = format!("{} is no rule of a network", quoted(rule));
            problems.add(format!("{key}.rule"), problem, choice(rules));
            continue;
        };
        if limits.iter().any(|known| known.rule == rule) {
            let problem = format!("{} is there twice", quoted(rule));
            problems.add(format!("{key}.rule"), problem, "leave one of them out");
        }
        let max_key = format!("{key}.declines_max");
        problems.required(&max_key, limit.declines_max.is_some(), "write a number");
        let range = 1..=row.declines_max;
        let declines_max = problems.whole(&max_key, limit.declines_max, range, row.declines_max);
        limits.push(LimitOverride { rule: rule.to_owned(), declines_max });
    }
    limits
}

/// An acquirer that no segment names does nothing, which nobody means.
fn unused(problems: &mut Problems, file: &PolicyFile) {
    for (at, acquirer) in file.acquirers.iter().enumerate() {
        let named = |segment: &SegmentFile| segment.acquirer == acquirer.name;
        if acquirer.name.is_some() && !file.segments.iter().any(named) {
            let problem = "no segment names it";
            let allowed = "write acquirer = \"…\" in a segment, or leave it out";
            problems.add(format!("acquirers[{at}].name"), problem, allowed);
        }
    }
}

fn segments(
    problems: &mut Problems,
    files: &[SegmentFile],
    acquirers: &[Acquirer],
) -> (Vec<Segment>, Segment) {
    let defaults = Settings::default();
    let last_key = format!("segments[{}]", files.len().saturating_sub(1));
    let (special, catch_all) = match files.split_last() {
        Some((last, special)) => {
            if !problems.too_many("segments", files.len(), SEGMENTS_MAX) {
                let base = segment(problems, (&last_key, last), &defaults, acquirers);
                let special = specials(problems, special, &base.settings, acquirers);
                (special, base)
            } else {
                (Vec::new(), empty(defaults))
            }
        }
        None => {
            let allowed = "write at least one; the last, without `match`, is for everybody else";
            problems.add("segments", "there is none", allowed);
            (Vec::new(), empty(defaults))
        }
    };
    if !catch_all.conditions.are_empty() {
        let problem = "the last segment is for everybody else and cannot have conditions";
        let allowed = "leave it out, or add a segment without `match` after this one";
        problems.add(format!("{last_key}.match"), problem, allowed);
    }
    if special.iter().any(|segment| segment.name == catch_all.name) {
        let problem = format!("{} is there twice", quoted(&catch_all.name));
        problems.add(format!("{last_key}.name"), problem, "write another name");
    }
    (special, catch_all)
}

fn empty(settings: Settings) -> Segment {
    Segment { name: CATCH_ALL.to_owned(), conditions: super::Conditions::default(), settings }
}

fn specials(
    problems: &mut Problems,
    files: &[SegmentFile],
    base: &Settings,
    acquirers: &[Acquirer],
) -> Vec<Segment> {
    let mut known: Vec<Segment> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let key = format!("segments[{at}]");
        let before = problems.count();
        let segment = segment(problems, (&key, file), base, acquirers);
        if problems.count() == before {
            place(problems, &key, &segment, &known);
        }
        known.push(segment);
    }
    known
}

/// A segment that is never reached, or that nobody can tell from another, is a mistake.
fn place(problems: &mut Problems, key: &str, segment: &Segment, known: &[Segment]) {
    if segment.conditions.are_empty() {
        let allowed = "say whom the segment is for; only the last may leave this out";
        problems.add(format!("{key}.match"), "is missing", allowed);
        return;
    }
    if known.iter().any(|before| before.name == segment.name) {
        let problem = format!("{} is there twice", quoted(&segment.name));
        problems.add(format!("{key}.name"), problem, "write another name");
    }
    let taken = |before: &&Segment| {
        !before.conditions.are_empty() && before.conditions.cover(&segment.conditions)
    };
    if let Some(before) = known.iter().find(taken) {
        let problem = format!("is never reached: {} before it takes all", quoted(&before.name));
        problems.add(format!("{key}.match"), problem, "move it up, or narrow the one before");
    }
}

fn segment(
    problems: &mut Problems,
    (key, file): (&str, &SegmentFile),
    base: &Settings,
    acquirers: &[Acquirer],
) -> Segment {
    let name = problems.name(&format!("{key}.name"), file.name.as_deref());
    let conditions = conditions::read(problems, key, file.conditions.as_ref());
    let settings = settings::read(problems, (key, file), base, acquirers);
    Segment { name: name.unwrap_or_default(), conditions, settings }
}
