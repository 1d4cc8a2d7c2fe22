//! What is due, and when a case wants to be looked at again.

use super::attempt::{self, Halted};
use super::effect::{Effect, Transition};
use super::event::Trigger;
use super::planning::{self, Planner, needs_plan, rung_at, settings_of};
use super::state::CaseState;
use super::{ATTEMPT_CHECK_MS, READ_CHECKS_MS, READ_INTERVAL_MS, RecoveryCase, step_ms};
use super::{leaving, observe, subscription};
use crate::account::Account;
use crate::grace;
use crate::id::InvoiceId;
use crate::idempotency::KEY_LIFETIME_MS;
use crate::policy::Policy;
use crate::time::{HOUR_MS, Timestamp};
use std::collections::BTreeSet;

/// Readings of an invoice that fail in a row until automatic charges of the customer's other
/// invoices go on without it.
const READ_FAILURES_WAITED_FOR: u32 = 3;

/// Whatever happened: a case that waits for an attempt has a plan, and an open one a wake.
pub(super) fn plan_and_set_wakes(account: &mut Account, now: Timestamp, policy: &Policy) {
    let (cases, planner) = planning::split(account, policy, now);
    for case in cases.values_mut() {
        if !has_something_ahead(case.state) || case.is_processing() {
            case.plan = None;
        } else if needs_plan(case, policy) {
            let input = observe::planned_input(case, &planner);
            observe::move_on(case, input);
        }
    }
    let is_any_due = cases.values().any(|case| planner.is_due(case));
    let blocked_until = blocked_until(cases.values(), is_any_due, now);
    for case in cases.values_mut() {
        case.wake_at = wake_of(case, blocked_until, now, policy);
    }
}

/// Everything that is due. Each thing is moved into the future first, so that a run that is cut off
/// finds it again and does not spin.
pub(super) fn reached(account: &mut Account, now: Timestamp, policy: &Policy) -> Transition {
    let mut transition = Transition::default();
    leaving::reached(account, now, &mut transition);
    if let Some(update) = account.method_update.as_mut().filter(|update| update.resume_at <= now) {
        update.resume_at = now.plus_ms(ATTEMPT_CHECK_MS);
        let (setup, method) = (update.setup.clone(), update.method.clone());
        transition.effects.push(Effect::SetDefaults { setup, method });
    }
    let halted = halted_charges(account);
    let mut reads_methods = false;
    let (cases, planner) = planning::split(account, policy, now);
    let is_repeating = cases.values().any(|case| repeats(case, now));
    let is_any_due = is_repeating || cases.values().any(|case| planner.is_due(case));
    let mut is_blocked = blocked_until(cases.values(), is_any_due, now).is_some();
    let idle = cases.values().filter(|case| case.attempt.is_none());
    let is_known = !is_repeating || blocked_until(idle, is_any_due, now).is_none();
    for case in cases.values_mut().filter(|case| !case.state.is_terminal()) {
        if repeats(case, now) && !is_known {
            // Sent again it may be sent for the first time, so first what happened meanwhile.
            attempt::wait_for_readings(case, now);
            continue;
        }
        if case.attempt.is_some() {
            let may = !halted.contains(&case.invoice) && planner.may_send_again(case);
            let halted = if may { Halted::No } else { Halted::Yes };
            transition.effects.extend(attempt::check(case, halted, now));
            continue;
        }
        // One automatic charge of a customer at a time: how it ends counts for the next one.
        let may_climb = planner.is_due(case) && case.is_fresh(now) && !is_blocked;
        if may_climb && climb(case, &planner, now, &mut transition) {
            is_blocked = true;
            continue;
        }
        let is_due = planner.is_due(case);
        let wanted = is_due || (is_any_due && is_stale(case, now));
        if case.read_at.is_none_or(|at| at <= now) || (wanted && is_far(case, now)) {
            case.read_at = Some(now.plus_ms(step_ms(READ_CHECKS_MS, case.read_failures)));
            transition.effects.push(Effect::ReadInvoice { invoice: case.invoice.clone() });
            reads_methods |= is_due && planner.may_use_backup(case);
        }
    }
    if reads_methods {
        // Before the readings: what they let happen looks at the cards.
        transition.effects.insert(0, Effect::ReadMethods);
    }
    transition
}

/// Whether it is time to ask how an automatic charge ended, and asking may send it again.
fn repeats(case: &RecoveryCase, now: Timestamp) -> bool {
    case.attempt.as_ref().filter(|_| !case.is_processing()).is_some_and(|attempt| {
        attempt.trigger == Trigger::Schedule
            && attempt.check_at <= now
            && now.since_ms(attempt.started_at) < KEY_LIFETIME_MS
    })
}

/// Until when automatic charges of a customer wait; `None`: for nothing. A charge without an
/// outcome, an attempt of the provider that was not read, and what happened on another open
/// invoice since it was read last all count against the card and decide about the next one.
fn blocked_until<'a>(
    cases: impl Iterator<Item = &'a RecoveryCase>,
    is_any_due: bool,
    now: Timestamp,
) -> Option<Timestamp> {
    let blocks = |case: &RecoveryCase| match &case.attempt {
        // For days; what it says of the account behind it is another matter than a card's.
        _ if case.is_processing() => None,
        Some(attempt) => Some(attempt.check_at),
        None if is_any_due && is_stale(case, now) && is_far(case, now) => Some(now),
        None if case.is_unread() || (is_any_due && is_stale(case, now)) => case.read_at,
        None => None,
    };
    cases.filter_map(blocks).max()
}

/// Whether a reading is wanted before an automatic charge of any invoice of the customer. One that
/// cannot be read for long does not keep the others from being paid.
fn is_stale(case: &RecoveryCase, now: Timestamp) -> bool {
    let is_readable = case.read_failures < READ_FAILURES_WAITED_FOR;
    has_something_ahead(case.state) && !case.is_fresh(now) && is_readable
}

/// Where a plan says something: the attempt that comes, or why none does. A charge under way has
/// the decision that led to it, and a case that rests or is closed has nothing ahead.
const fn has_something_ahead(state: CaseState) -> bool {
    matches!(
        state,
        CaseState::Scheduled | CaseState::AwaitingAuthentication | CaseState::AwaitingPaymentMethod
    )
}

/// Makes the attempt that is due, unless something forbids it meanwhile; then it is planned anew.
/// Says whether a charge began.
fn climb(
    case: &mut RecoveryCase,
    planner: &Planner<'_>,
    now: Timestamp,
    transition: &mut Transition,
) -> bool {
    let Some(mut decision) = case.plan.clone() else { return false };
    match planner.check(case, &decision) {
        Ok(budget_left) => {
            decision.budget_left = budget_left;
            // What the provider would charge by its own defaults a moment ago, and not the method
            // that failed: the customer may have changed it where we do not see it, and a card that
            // was replaced is not ours to charge. By name, so that it is the card whose budget was
            // asked.
            let method = decision.method.clone();
            attempt::start(case, (method, Trigger::Schedule, Some(decision)), now, transition);
            true
        }
        Err(_) => {
            let input = observe::planned_input(case, planner);
            observe::move_on(case, input);
            false
        }
    }
}

/// Whether the next reading is further away than the longest wait after one that failed.
fn is_far(case: &RecoveryCase, now: Timestamp) -> bool {
    case.read_at.is_some_and(|at| at.since_ms(now) > HOUR_MS)
}

/// Invoices with a charge of unknown outcome that must not be sent again: the subscription ended or
/// was paused, or the merchant gave the invoice up, after the charge was begun.
fn halted_charges(account: &Account) -> BTreeSet<InvoiceId> {
    let charging = account.open_cases().filter(|case| case.attempt.is_some());
    charging
        .filter(|case| {
            subscription::halt(account, &case.invoice, case.subscription.as_ref()).is_some()
        })
        .map(|case| case.invoice.clone())
        .collect()
}

/// An open case always has a wake: the check of its attempt, or the earliest of its reading, its
/// rung and the next change of its access. A rung that is due waits for a fresh reading, and for
/// what [`blocked_until`] says of the other invoices.
fn wake_of(
    case: &RecoveryCase,
    blocked_until: Option<Timestamp>,
    now: Timestamp,
    policy: &Policy,
) -> Option<Timestamp> {
    if case.state.is_terminal() {
        return None;
    }
    if let Some(attempt) = &case.attempt {
        return Some(attempt.check_at);
    }
    let read = case.read_at.or(Some(now.plus_ms(READ_INTERVAL_MS)));
    let rung = rung_at(case, policy).and_then(|at| match blocked_until {
        _ if at > now => Some(at),
        Some(until) if case.is_fresh(now) => Some(until),
        _ if case.is_fresh(now) || is_far(case, now) => Some(now),
        _ => None,
    });
    let access = grace::next_change(case, settings_of(case, policy).grace, now);
    [read, rung, access].into_iter().flatten().min()
}
