//! Learned timing on our ladder: what it may choose among, what it is told about its choice, and
//! that no rule is broken by it.
#![cfg(test)]

#[path = "support/planned.rs"]
mod planned;

use planned::{Case, MONDAY, day, tried};
use reprieve_core::calendar::{Weekday, Weekdays, Zone};
use reprieve_core::decline::Category;
use reprieve_core::network::{Network, RuleId};
use reprieve_core::policy::LearnedTiming;
use reprieve_core::policy::settings::{HourWindow, Rung};
use reprieve_core::retry::{CANDIDATE_STEP_MS, MOVED_MAX_MS, RetryDecision};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use reprieve_core::timing::{Arm, ChoiceReason, Features, TimingModel};
use std::collections::BTreeSet;

/// All draws that are looked at, spread over all there are.
const DRAWS: u32 = 1_024;

/// At this hour banks say yes, at every other hour no.
fn taught(hour: i64) -> TimingModel {
    let mut model = TimingModel::new();
    for n in 0..4_800 {
        let at = MONDAY.plus_ms(n * 7 * HOUR_MS);
        let is_good = at.since_ms(MONDAY).rem_euclid(DAY_MS) / HOUR_MS == hour;
        let category = Category::InsufficientFunds;
        model.learn(&Features::at(category, 1, at, &Zone::utc()), is_good);
    }
    model
}

/// The same, where only Wednesdays are on offer: of whole days the model knows nothing for sure.
fn on_wednesday(hour: i64) -> Case {
    let mut case = case(hour, 0);
    case.settings.rungs[0].weekdays = Weekdays::of(&[Weekday::Wednesday]);
    case
}

/// The first rung comes on Wednesday at noon.
fn case(hour: i64, explore_permille: u32) -> Case {
    let mut case = Case::with(vec![Rung::after_ms(2 * DAY_MS + 12 * HOUR_MS)]);
    case.model = Some(taught(hour));
    case.timing = LearnedTiming { enabled: true, hold_out_permille: 100, explore_permille };
    case.arm = Arm::Learned;
    case
}

fn noon() -> Timestamp {
    day(2).plus_ms(12 * HOUR_MS)
}

/// Every plan that some draw leads to.
fn all(case: &mut Case) -> Vec<RetryDecision> {
    let draws = (0..DRAWS).map(|n| n * (u32::MAX / DRAWS));
    draws
        .map(|draw| {
            case.draw = draw;
            case.plan()
        })
        .collect()
}

fn times(plans: &[RetryDecision]) -> BTreeSet<i64> {
    plans.iter().map(|plan| plan.at.unwrap().since_ms(noon()) / HOUR_MS).collect()
}

#[test]
fn a_better_hour_nearby_is_taken_and_told() {
    let plan = on_wednesday(18).plan();
    let evening = day(2).plus_ms(18 * HOUR_MS);
    assert_eq!(plan.at, Some(evening));
    assert_eq!(plan.why, [RuleId("ladder.rung"), RuleId("timing.learned")]);
    let choice = plan.timing.unwrap();
    assert_eq!((choice.why, choice.propensity_ppm), (ChoiceReason::Learned, 1_000_000));
    assert_eq!(choice.arm, Arm::Learned);
    let seen = Features::at(Category::InsufficientFunds, 1, evening, &Zone::utc());
    assert_eq!(choice.features, seen, "what the model is taught with is the time that was taken");
    assert_eq!(
        plan.sentence(&Zone::utc()),
        "Tries again on 2026-11-04 at 18:00 (this time has worked better than the schedule's); \
         this is the last automatic attempt, and visa.reattempts.30d leaves 20 of 20."
    );
}

#[test]
fn where_the_ladder_s_hour_is_the_best_it_stays() {
    let plan = on_wednesday(12).plan();
    assert_eq!(plan.at, Some(noon()));
    let choice = plan.timing.unwrap();
    assert_eq!((choice.why, choice.propensity_ppm), (ChoiceReason::Ladder, 1_000_000));
    assert_eq!(plan.why, [RuleId("ladder.rung")]);
}

#[test]
fn switched_off_unlearned_or_held_out_it_is_the_ladder_s_time() {
    let mut off = case(18, 1_000);
    off.timing.enabled = false;
    let mut unlearned = case(18, 1_000);
    unlearned.model = None;
    let mut held_out = case(18, 1_000);
    held_out.arm = Arm::HeldOut;
    for (case, why) in [
        (&mut off, ChoiceReason::Ladder),
        (&mut unlearned, ChoiceReason::Ladder),
        (&mut held_out, ChoiceReason::HeldOut),
    ] {
        for plan in all(case) {
            assert_eq!(plan.at, Some(noon()));
            let choice = plan.timing.unwrap();
            assert_eq!((choice.why, choice.propensity_ppm), (why, 1_000_000));
            let is_held_out = why == ChoiceReason::HeldOut;
            assert_eq!(plan.why.contains(&RuleId("timing.held_out")), is_held_out);
        }
    }
    assert!(
        held_out.plan().sentence(&Zone::utc()).contains("keeps to the schedule, for comparison")
    );
}

#[test]
fn it_explores_a_day_to_either_side_in_steps_of_two_hours() {
    let plans = all(&mut case(18, 1_000));
    let (most, step) = (MOVED_MAX_MS / HOUR_MS, CANDIDATE_STEP_MS / HOUR_MS);
    assert_eq!((most, step), (24, 2));
    assert_eq!(times(&plans), (-12..=12).map(|n| n * 2).collect());
    let mut explored = plans.iter().filter(|plan| plan.why.contains(&RuleId("timing.explored")));
    let sentence = explored.next_back().unwrap().sentence(&Zone::utc());
    assert!(sentence.contains("(tries another time, to learn)"), "{sentence}");
}

#[test]
fn what_is_said_of_a_choice_is_how_often_it_is_made() {
    let plans = all(&mut case(18, 300));
    for hours in times(&plans) {
        let here = |plan: &&RetryDecision| plan.at == Some(noon().plus_ms(hours * HOUR_MS));
        let made: Vec<_> = plans.iter().filter(here).collect();
        let said = made[0].timing.unwrap().propensity_ppm;
        assert!(made.iter().all(|plan| plan.timing.unwrap().propensity_ppm == said));
        let counted = u32::try_from(made.len()).unwrap() * (1_000_000 / DRAWS);
        assert!(said.abs_diff(counted) <= 2_000, "{hours}: said {said}, was {counted}");
    }
}

#[test]
fn only_times_that_no_rule_turns_down_are_on_offer() {
    // A distance of two days and eight hours: nothing before four hours ahead of noon.
    let mut spaced = case(18, 1_000);
    spaced.settings.min_spacing_ms = 2 * DAY_MS + 8 * HOUR_MS;
    assert_eq!(times(&all(&mut spaced)).first(), Some(&-4));
    // Now is later than that.
    spaced.now = day(2).plus_ms(10 * HOUR_MS);
    assert_eq!(times(&all(&mut spaced)).first(), Some(&-2));
    // The end of all attempts.
    let mut ending = case(18, 1_000);
    ending.settings.stop_after_ms = 2 * DAY_MS + 18 * HOUR_MS;
    assert_eq!(times(&all(&mut ending)).last(), Some(&6));
    // Office hours.
    let mut office = case(18, 1_000);
    office.settings.rungs[0].hours = HourWindow { from: 10, to: 15 };
    let hours = [-24, -22, -2, 0, 2, 22, 24];
    assert_eq!(times(&all(&mut office)), hours.into_iter().collect());
    // Stripe's own attempt.
    let mut theirs = case(18, 1_000);
    theirs.provider_next_attempt_at = Some(noon().plus_ms(13 * HOUR_MS));
    let free = (-12..=3).map(|n| n * 2).chain([20, 22, 24]);
    assert_eq!(times(&all(&mut theirs)), free.collect());
}

#[test]
fn the_budget_that_is_told_is_that_of_the_time_that_was_taken() {
    let mut case = on_wednesday(18);
    // It leaves the window of thirty days between noon and the evening.
    let leaving = day(2 - 30).plus_ms(15 * HOUR_MS);
    case.history = vec![tried(Network::Visa, leaving), tried(Network::Visa, MONDAY)];
    let plan = case.plan();
    assert_eq!(plan.at, Some(day(2).plus_ms(18 * HOUR_MS)));
    let window = plan.budget_left.iter().find(|left| left.rule == RuleId("visa.reattempts.30d"));
    assert_eq!(window.unwrap().left, 19);
    case.timing.enabled = false;
    assert_eq!(case.plan().budget_left[0].left, 18);
}

#[test]
fn waiting_for_a_payday_is_said() {
    let mut case = Case::with(vec![Rung { payday_wait_ms: 20 * DAY_MS, ..Rung::after_ms(DAY_MS) }]);
    case.settings.paydays.days_of_month = vec![13];
    let sentence = case.plan().sentence(&Zone::utc());
    assert!(sentence.contains("(waits for the next payday)"), "{sentence}");
}
