//! The policies that are compared. All of them go through the same `apply`.

use reprieve_core::policy::Policy;
use reprieve_core::policy::file::{LearnedTimingFile, PolicyFile, RetryFile, RungFile};

/// One policy with a name.
#[derive(Clone, Debug)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// What it does, for the report.
    pub(crate) about: &'static str,
    pub(crate) policy: Policy,
}

/// The name of the policy that ships.
pub(crate) const SHIPPED: &str = "shipped";
/// The name of the same policy with learned timing switched on.
pub(crate) const LEARNED: &str = "learned";
/// The name of the same ladder without an eye on the clock.
pub(crate) const UNTIMED: &str = "shipped, untimed";
/// The name of the ladder that it is compared with at the same number of tries.
pub(crate) const FIXED: &str = "1-3-5-7";
/// The name of the ladder with the most tries.
pub(crate) const EIGHT: &str = "8-in-14";

struct Baseline {
    name: &'static str,
    about: &'static str,
    /// The wait before each attempt.
    delays: &'static [&'static str],
}

const BASELINES: &[Baseline] = &[
    Baseline {
        name: FIXED,
        about: "1, 3, 5 and 7 days after the first failure, at the hour of the renewal.",
        delays: &["1 day", "2 days", "2 days", "2 days"],
    },
    Baseline {
        name: EIGHT,
        about: "8 tries in 14 days, one every 42 hours (as many as Stripe's default schedule).",
        delays: &["42 hours"; 8],
    },
    Baseline {
        name: "3-5-7",
        about: "Waits of 3, 5 and 7 days: 3 tries in 15 days (Meteroid's default).",
        delays: &["3 days", "5 days", "7 days"],
    },
];

/// All of them; the first is the policy that ships, under our own driver.
pub(crate) fn all(shipped: &PolicyFile) -> Result<Vec<Contestant>, String> {
    let about = "The policy file, with Reprieve making the attempts.";
    let ours = PolicyFile { driver: Some("ours".to_owned()), ..shipped.clone() };
    let mut found = vec![Contestant { name: SHIPPED, about, policy: validated(&ours)? }];
    let about = "The same with learned timing switched on, after what it learned from other \
                 customers of the same world.";
    found.push(Contestant { name: LEARNED, about, policy: validated(&learning(&ours))? });
    let about = "The same ladder without its hours, weekdays and paydays: what they bring is the \
                 difference.";
    found.push(Contestant { name: UNTIMED, about, policy: validated(&untimed(&ours))? });
    for Baseline { name, about, delays } in BASELINES {
        let policy = validated(&with_ladder(&ours, delays))?;
        found.push(Contestant { name, about, policy });
    }
    Ok(found)
}

/// The same policy with another ladder in every segment: grace, messages and limits stay, so that
/// only the times of the attempts differ.
fn with_ladder(file: &PolicyFile, delays: &[&str]) -> PolicyFile {
    let rung = |delay: &&str| RungFile { delay: Some((*delay).to_owned()), ..RungFile::default() };
    let mut file = file.clone();
    for segment in &mut file.segments {
        let retry = segment.retry.take().unwrap_or_default();
        let rungs = Some(delays.iter().map(rung).collect());
        segment.retry = Some(RetryFile { rungs, ..retry });
    }
    file
}

fn learning(file: &PolicyFile) -> PolicyFile {
    let written = file.learned_timing.clone().unwrap_or_default();
    let learned_timing = Some(LearnedTimingFile { enabled: Some(true), ..written });
    PolicyFile { learned_timing, ..file.clone() }
}

/// The same waits, at whatever hour and on whatever day they end.
fn untimed(file: &PolicyFile) -> PolicyFile {
    let mut file = file.clone();
    let ladders = file.segments.iter_mut().filter_map(|segment| segment.retry.as_mut());
    for rung in ladders.filter_map(|retry| retry.rungs.as_mut()).flatten() {
        *rung = RungFile { delay: rung.delay.clone(), ..RungFile::default() };
    }
    file
}

fn validated(file: &PolicyFile) -> Result<Policy, String> {
    file.clone().validate().map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}
