//! When our ladder tries again, and why: one sentence each.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests stop where they break")]

#[path = "support/planned.rs"]
mod planned;

use planned::{Case, MONDAY, day, declined, euros, tried};
use proptest::prelude::*;
use reprieve_core::calendar::{Weekdays, Zone, next_in_window};
use reprieve_core::id::PaymentMethodId;
use reprieve_core::network::{
    BudgetQuery, CardAttempt, Initiator, Network, RuleId, Verdict, budget,
};
use reprieve_core::policy::RetryDriver;
use reprieve_core::policy::settings::{HourWindow, Rung};
use reprieve_core::retry::RetryDecision;
use reprieve_core::time::{DAY_MS, HOUR_MS};

fn rejected(planned: &RetryDecision) -> Vec<&'static str> {
    planned.rejected.iter().map(|rejected| rejected.rule.0).collect()
}

#[test]
fn the_ladder_goes_on_from_the_last_failure_until_it_is_used_up() {
    let mut case = Case::with(vec![Rung::after_ms(DAY_MS), Rung::after_ms(2 * DAY_MS)]);
    assert_eq!(case.plan().at, Some(day(1)));
    assert_eq!(case.plan().rungs_left, 2);
    case.rungs_used = 1;
    case.failed_at = day(1);
    assert_eq!(case.plan().at, Some(day(3)));
    case.rungs_used = 2;
    assert_eq!(case.plan().at, None);
    assert_eq!(case.plan().why, [RuleId("ladder.finished")]);
}

#[test]
fn the_number_of_attempts_counts_everybody_s_and_not_the_rungs() {
    let mut case = Case::with(vec![Rung::after_ms(DAY_MS)]);
    case.attempts = case.settings.attempts_max - 1;
    assert_eq!(case.plan().at, Some(day(1)));
    case.attempts += 1;
    assert_eq!(case.plan().why, [RuleId("policy.attempts_max")]);
}

#[test]
fn an_overdue_attempt_is_made_now_and_still_within_its_hours() {
    let office = HourWindow { from: 9, to: 17 };
    let mut case = Case::with(vec![Rung { hours: office, ..Rung::after_ms(DAY_MS) }]);
    assert_eq!(case.plan().at, Some(day(1).plus_ms(9 * HOUR_MS)));
    assert_eq!(rejected(&case.plan()), ["policy.window"]);
    // Nobody came by for five days; it is four in the morning.
    case.now = day(5).plus_ms(4 * HOUR_MS);
    assert_eq!(case.plan().at, Some(day(5).plus_ms(9 * HOUR_MS)));
    case.now = day(5).plus_ms(11 * HOUR_MS);
    assert_eq!(case.plan().at, Some(case.now));
}

#[test]
fn it_waits_for_a_payday_as_long_as_the_rung_allows() {
    let mut case = Case::with(vec![Rung { payday_wait_ms: 20 * DAY_MS, ..Rung::after_ms(DAY_MS) }]);
    case.settings.paydays.days_of_month = vec![15];
    case.settings.paydays.weekdays = Weekdays::NONE;
    // 2026-11-15 is a Sunday; wages come on the Friday before.
    assert_eq!(case.plan().at, Some(day(11)));
    assert!(case.plan().why.contains(&RuleId("policy.payday")));
    case.settings.rungs[0].payday_wait_ms = 5 * DAY_MS;
    assert_eq!(case.plan().at, Some(day(1)));
}

#[test]
fn only_missing_money_waits_and_only_where_the_rung_says_so() {
    // 2026-11-03 is a Tuesday, and payday.
    let mut case = Case::with(vec![Rung { payday_wait_ms: 20 * DAY_MS, ..Rung::after_ms(DAY_MS) }]);
    case.settings.paydays.days_of_month = vec![3];
    case.settings.paydays.weekdays = Weekdays::NONE;
    assert!(case.plan().why.contains(&RuleId("policy.payday")));
    case.settings.rungs[0].payday_wait_ms = 0;
    assert_eq!(case.plan().why, [RuleId("ladder.rung")], "that it is payday is not why");
    case.settings.rungs[0].payday_wait_ms = 20 * DAY_MS;
    case.settings.paydays.days_of_month = vec![15];
    case.decline = Some(declined("generic_decline"));
    assert_eq!(case.plan().at, Some(day(1)));
    case.decline = None;
    assert_eq!(case.plan().at, Some(day(1)));
}

#[test]
fn attempts_keep_their_distance_and_no_more_than_that() {
    let mut case = Case::with(vec![Rung::after_ms(HOUR_MS)]);
    assert_eq!(case.plan().at, Some(MONDAY.plus_ms(HOUR_MS)), "the distance itself is enough");
    assert!(case.plan().rejected.is_empty());
    case.settings.min_spacing_ms = 2 * HOUR_MS;
    assert_eq!(case.plan().at, Some(MONDAY.plus_ms(2 * HOUR_MS)));
    assert_eq!(rejected(&case.plan()), ["policy.min_spacing"]);
}

#[test]
fn what_ended_it_is_said_with_what_is_left() {
    let mut case = Case::with(vec![Rung::after_ms(HOUR_MS), Rung::after_ms(HOUR_MS)]);
    case.settings.min_spacing_ms = 31 * DAY_MS;
    let plan = case.plan();
    assert_eq!(plan.why, [RuleId("policy.stop_after")]);
    assert_eq!(rejected(&plan), ["policy.min_spacing", "policy.stop_after"]);
    assert_eq!(plan.rejected[1].at, None, "at any time");
    assert_eq!(plan.rungs_left, 2);
    case.rungs_used = 1;
    assert_eq!(case.plan().rungs_left, 1);
    case.rungs_used = 7;
    assert_eq!(case.plan().rungs_left, 0);
}

#[test]
fn a_plan_belongs_to_the_driver_that_made_it() {
    let plan = Case::with(vec![Rung::after_ms(DAY_MS)]).plan();
    assert!(plan.is_by(RetryDriver::Ours) && !plan.is_by(RetryDriver::Provider));
}

#[test]
fn never_near_an_attempt_of_the_provider() {
    let mut case = Case::with(vec![Rung::after_ms(DAY_MS)]);
    for hours in [-5, 0, 5] {
        let theirs = day(1).plus_ms(hours * HOUR_MS);
        case.provider_next_attempt_at = Some(theirs);
        assert_eq!(case.plan().at, Some(theirs.plus_ms(6 * HOUR_MS)), "{hours}");
        assert_eq!(rejected(&case.plan()), ["provider.near"]);
    }
    for hours in [-6, 6] {
        case.provider_next_attempt_at = Some(day(1).plus_ms(hours * HOUR_MS));
        assert_eq!(case.plan().at, Some(day(1)), "{hours}");
    }
}

#[test]
fn a_network_s_budget_moves_or_ends_it() {
    let mut case = Case::with(vec![Rung::after_ms(DAY_MS)]);
    case.history = (0..20).map(|n| tried(Network::Visa, day(-n))).collect();
    assert_eq!(case.plan().at, Some(day(11)), "the oldest of the twenty leaves the window");
    assert_eq!(rejected(&case.plan()), ["visa.reattempts.30d"]);
    case.network = Network::Mastercard;
    let advice = Some("03".to_owned());
    case.history =
        vec![CardAttempt { network_advice: advice, ..tried(Network::Mastercard, MONDAY) }];
    let plan = case.plan();
    assert_eq!((plan.at, &*plan.why), (None, &[RuleId("mastercard.mac.03")][..]));
    let kept = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<RetryDecision>(&kept).unwrap(), plan);
}

#[test]
fn too_late_is_not_tried_at_all() {
    let mut case = Case::with(vec![Rung::after_ms(31 * DAY_MS)]);
    assert_eq!(case.plan().why, [RuleId("policy.stop_after")]);
    case.settings.stop_after_ms = 31 * DAY_MS;
    assert_eq!(case.plan().at, Some(day(31)));
}

#[test]
fn a_stopped_card_is_left_alone_and_the_other_one_is_charged_only_if_the_policy_says_so() {
    let mut case = Case::with(vec![Rung::after_ms(DAY_MS)]);
    case.decline = Some(declined("stolen_card"));
    case.has_backup = true;
    assert_eq!(case.plan().why, [RuleId("decline.method_stopped")]);
    case.settings.backup_after_declines = Some(3);
    let planned = case.plan();
    assert_eq!(planned.method, Some(PaymentMethodId::parse("pm_backup").unwrap()));
    assert!(planned.why.contains(&RuleId("policy.backup_card")));
    // A card that may still be used keeps its turn until the declines are enough.
    case.decline = Some(declined("insufficient_funds"));
    case.history = vec![tried(Network::Visa, day(-1)), tried(Network::Visa, MONDAY)];
    assert_eq!(case.plan().method, None);
    // Neither what another card did nor what did not fail counts.
    let elsewhere = CardAttempt { card: "fp_2".to_owned(), ..tried(Network::Visa, day(-2)) };
    let succeeded = CardAttempt { category: None, ..tried(Network::Visa, day(-2)) };
    case.history.extend([elsewhere, succeeded]);
    assert_eq!(case.plan().method, None);
    case.history.push(tried(Network::Visa, day(-2)));
    assert!(case.plan().method.is_some());
}

#[test]
fn a_plan_is_one_plain_sentence() {
    let office = HourWindow { from: 9, to: 17 };
    let mut case =
        Case::with(vec![Rung { hours: office, ..Rung::after_ms(DAY_MS) }, Rung::after_ms(DAY_MS)]);
    case.history = vec![tried(Network::Visa, MONDAY)];
    assert_eq!(
        case.plan().sentence(&Zone::utc()),
        "Tries again on 2026-11-03 at 09:00 (moved because of the hours and days of the policy); \
         2 automatic attempts are left, and visa.reattempts.30d leaves 19 of 20."
    );
    case.decline = Some(declined("stolen_card"));
    assert_eq!(
        case.plan().sentence(&Zone::utc()),
        "Does not try again by itself: the bank's answer forbids it with this card."
    );
}

proptest! {
    /// Whatever the policy and the past: a planned time breaks no rule.
    #[test]
    fn a_planned_time_satisfies_every_rule(
        delay_hours in 0_i64..200,
        from in 0_u8..24,
        length in 1_u8..24,
        payday_wait_days in 0_i64..20,
        spacing_hours in 0_i64..72,
        now_hours in 0_i64..300,
        theirs in proptest::option::of(0_i64..300),
        past in proptest::collection::vec(0_i64..700, 0..60),
        is_visa in any::<bool>(),
    ) {
        let hours = HourWindow { from, to: (from + length - 1) % 24 + 1 };
        let rung = Rung {
            delay_ms: delay_hours * HOUR_MS,
            hours,
            weekdays: Weekdays::ALL,
            payday_wait_ms: payday_wait_days * DAY_MS,
        };
        let mut case = Case::with(vec![rung]);
        case.network = if is_visa { Network::Visa } else { Network::Mastercard };
        case.settings.min_spacing_ms = spacing_hours * HOUR_MS;
        let tried_before = |hours: &i64| tried(case.network, MONDAY.plus_ms(-hours * HOUR_MS));
        case.history = past.iter().map(tried_before).collect();
        case.now = MONDAY.plus_ms(now_hours * HOUR_MS);
        case.provider_next_attempt_at = theirs.map(|hours| MONDAY.plus_ms(hours * HOUR_MS));
        let planned = case.plan();
        prop_assert_eq!(&planned, &case.plan(), "the same facts, the same plan");
        let Some(at) = planned.at else { return Ok(()) };
        prop_assert!(at >= case.now);
        prop_assert!(at.since_ms(case.failed_at) >= case.settings.min_spacing_ms);
        prop_assert!(at.since_ms(MONDAY) <= case.settings.stop_after_ms);
        prop_assert_eq!(next_in_window(&Zone::utc(), &rung.window(), at), Some(at));
        if let Some(theirs) = case.provider_next_attempt_at {
            prop_assert!(at.since_ms(theirs).abs() >= case.settings.keep_away_ms);
        }
        let verdict = budget(BudgetQuery {
            network: case.network,
            card: "fp_1",
            amount: euros(1_900),
            initiator: Initiator::Merchant,
            at,
            history: &case.history,
            overrides: &[],
        }).verdict;
        prop_assert_eq!(verdict, Verdict::Allowed);
    }
}
