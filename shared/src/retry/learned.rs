//! Another time than the ladder's, where outcomes say that it is better.
//!
//! What is offered to the model is only what no rule objects to, so it cannot break one.

use super::TimingChoice;
use super::ladder::Step;
use super::rules::{TIMING_EXPLORED, TIMING_HELD_OUT, TIMING_LEARNED};
use crate::decline::Category;
use crate::network::RuleId;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};
use crate::timing::{Arm, Candidate, ChoiceReason, Exploration, Features, slots};

/// Times on offer lie so far apart. Two hours are finer than any habit of banks that is known, and
/// a day of them is asked in a moment.
pub const CANDIDATE_STEP_MS: i64 = 2 * HOUR_MS;

/// The model may move an attempt so far from the ladder's time, to either side. It looks at one
/// attempt and not at the ladder behind it: with more room it waits for the best moment of the
/// month, and fewer attempts fit in (in simulated worlds with paydays 4 days cost 3.7 points of
/// the value, one day nothing).
pub const MOVED_MAX_MS: i64 = DAY_MS;

/// Of a million: certain.
const CERTAIN_PPM: u32 = 1_000_000;

/// The time, and how it came about.
pub(super) struct Chosen {
    pub(super) at: Timestamp,
    pub(super) choice: TimingChoice,
    /// The rule to be named, when it was not simply the ladder's.
    pub(super) rule: Option<RuleId>,
}

/// Chooses; the ladder's own time when nothing was learned or the merchant does not want it.
pub(super) fn choose(step: &Step<'_>, ladder: Timestamp) -> Chosen {
    let learning = step.facts.learning;
    let as_planned = Chosen {
        at: ladder,
        choice: TimingChoice {
            features: features(step, ladder),
            arm: learning.arm,
            why: ChoiceReason::Ladder,
            propensity_ppm: CERTAIN_PPM,
        },
        rule: None,
    };
    let Some(model) = learning.model.filter(|_| learning.settings.enabled) else {
        return as_planned;
    };
    let candidates = if learning.arm == Arm::HeldOut {
        vec![Candidate { at: ladder, features: as_planned.choice.features }]
    } else {
        offered(step, ladder)
    };
    let share_ppm = learning.settings.explore_permille.saturating_mul(1_000);
    let exploration = Exploration { share_ppm };
    let chosen = model.choose_with(exploration, learning.arm, &candidates, learning.draw);
    let picked = chosen.and_then(|choice| Some((choice, candidates.get(choice.index)?)));
    let Some((choice, candidate)) = picked else { return as_planned };
    let rule = match choice.why {
        ChoiceReason::Ladder => None,
        ChoiceReason::HeldOut => Some(TIMING_HELD_OUT),
        ChoiceReason::Learned => Some(TIMING_LEARNED),
        ChoiceReason::Explored => Some(TIMING_EXPLORED),
    };
    let (why, propensity_ppm) = (choice.why, choice.propensity_ppm);
    let choice =
        TimingChoice { features: candidate.features, why, propensity_ppm, ..as_planned.choice };
    Chosen { at: candidate.at, choice, rule }
}

fn features(step: &Step<'_>, at: Timestamp) -> Features {
    let facts = step.facts;
    let category = facts.decline.map_or(Category::Unknown, |decline| decline.category);
    // The number of the attempt after the failure: the one that failed first does not count.
    Features::at(category, facts.attempts.max(1), at, facts.zone)
}

/// The ladder's time first, then every other to which no rule objects.
fn offered(step: &Step<'_>, ladder: Timestamp) -> Vec<Candidate> {
    let (facts, settings) = (step.facts, step.facts.settings);
    let spaced = facts.failed_at.plus_ms(settings.min_spacing_ms).max(facts.now);
    let earliest = ladder.plus_ms(-MOVED_MAX_MS).max(spaced);
    let stop = facts.first_failed_at.plus_ms(settings.stop_after_ms);
    let latest = ladder.plus_ms(MOVED_MAX_MS).min(stop);
    let window = step.rung.window();
    let times = slots(ladder, (earliest, latest), CANDIDATE_STEP_MS, &window, facts.zone);
    let fits = |at: &Timestamp| *at == ladder || step.objection(*at).is_ok();
    times
        .into_iter()
        .filter(fits)
        .map(|at| Candidate { at, features: features(step, at) })
        .collect()
}
