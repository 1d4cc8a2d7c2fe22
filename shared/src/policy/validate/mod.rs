//! From a file to a policy, or to everything that is wrong with the file.
//!
//! The values come first, each for itself. What they mean together is looked at only where each of
//! them is fine, so that one slip is reported once.

mod cancel;
mod conditions;
mod ladder;
mod named;
mod retry;
mod settings;
mod values;

use super::default::CATCH_ALL;
use super::file::{LearnedTimingFile, POLICY_FORMAT, PolicyFile, SegmentFile};
use super::problem::{Problems, quoted};
use super::settings::Settings;
use super::{LearnedTiming, Policy, PolicyProblem, RetryDriver, SEGMENTS_MAX, Segment};
use named::Named;

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
        let named = Named::read(&mut problems, self);
        let (special, catch_all) = segments(&mut problems, &self.segments, &named);
        let names = special.iter().chain([&catch_all]).map(|segment| segment.name.as_str());
        let names: Vec<&str> = names.collect();
        let cancel = cancel::read(&mut problems, self.cancel.as_ref(), &names);
        problems.into_result(Policy {
            version,
            retry_driver,
            learned_timing,
            special,
            catch_all,
            cancel,
            older: Vec::new(),
            timing: None,
        })
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

fn segments(
    problems: &mut Problems,
    files: &[SegmentFile],
    named: &Named,
) -> (Vec<Segment>, Segment) {
    let defaults = Settings::default();
    let last_key = format!("segments[{}]", files.len().saturating_sub(1));
    let (special, catch_all) = match files.split_last() {
        Some((last, special)) => {
            if !problems.too_many("segments", files.len(), SEGMENTS_MAX) {
                let base = segment(problems, (&last_key, last), &defaults, named);
                let special = specials(problems, special, &base.settings, named);
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
    named: &Named,
) -> Vec<Segment> {
    let mut known: Vec<Segment> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let key = format!("segments[{at}]");
        let before = problems.count();
        let segment = segment(problems, (&key, file), base, named);
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
    named: &Named,
) -> Segment {
    let name = problems.name(&format!("{key}.name"), file.name.as_deref());
    let conditions = conditions::read(problems, key, file.conditions.as_ref());
    let settings = settings::read(problems, (key, file), base, named);
    Segment { name: name.unwrap_or_default(), conditions, settings }
}
