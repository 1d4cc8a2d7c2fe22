//! What a sighting of an invoice means for its case.

use super::effect::{JournalEntry, Lesson, Transition};
use super::planning::{self, Planner, segment_of, settings_of};
use super::state::{self, CaseState, Input};
use super::{READ_CHECKS_MS, READ_INTERVAL_MS, RecoveredBy, RecoveryCase, SEGMENT_SETTLES_MS};
use super::{Trigger, step_ms};
use super::{attempt, history, processing, subscription};
use crate::account::{Account, OPEN_CASES_MAX, SETTLED_INVOICES_MAX};
use crate::decline::Category;
use crate::id::InvoiceId;
use crate::network::Initiator;
use crate::policy::Policy;
use crate::provider::{InvoiceFact, InvoiceStatus, MethodFact, Observed};
use crate::time::Timestamp;

/// Takes in one sighting of an invoice.
pub(super) fn invoice(
    account: &mut Account,
    fact: &InvoiceFact,
    observed: Observed,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    let mut transition = Transition::default();
    let closing = match fact.status {
        InvoiceStatus::Draft => return transition,
        InvoiceStatus::Paid => Some(Input::Paid),
        InvoiceStatus::Void => Some(Input::Voided),
        InvoiceStatus::Uncollectible => Some(Input::GivenUp),
        InvoiceStatus::Open => None,
    };
    if let Some(input) = closing {
        return settled(account, (fact, observed), input, now, policy);
    }
    let known = account.cases.contains_key(&fact.id);
    // A renewal that the bank takes its days for has not failed.
    let failed = (fact.attempt_count > 0 || fact.needs_authentication) && !fact.is_processing;
    if account.is_settled(&fact.id) || (!known && !failed) {
        return transition;
    }
    if !known {
        if account.open_cases().count() >= OPEN_CASES_MAX {
            return transition;
        }
        let case = opened(account, fact, observed, now, policy);
        account.cases.insert(fact.id.clone(), case);
        transition.journal.push(JournalEntry::CaseOpened { invoice: fact.id.clone() });
    }
    let halt = subscription::halt(account, &fact.id, fact.subscription.as_ref());
    let Some(case) = account.cases.get_mut(&fact.id) else { return transition };
    if case.state.is_terminal() || asked_before_the_failure(case, fact, observed) {
        return transition;
    }
    if fact.attempt_count < case.provider_attempt_count {
        if observed == Observed::Live {
            read_in_vain(case, now);
        }
        return transition;
    }
    if let Some(seen) = processing::seen(account, fact, observed, now, policy) {
        transition.append(seen);
        if let Some(input) = halt {
            subscription::apply_halt(account, &fact.id, input, now, &mut transition);
        }
        return transition;
    }
    let Some(case) = account.cases.get_mut(&fact.id) else { return transition };
    let waits = fact.needs_authentication || still_waits(case, fact, observed);
    let before = case.state;
    if observed == Observed::Live && case.live_at.is_none() {
        find_segment(account, fact, now, policy);
    }
    let changed = take_over(account, fact, observed, now);
    let (cases, planner) = planning::split(account, policy, now);
    let Some(case) = cases.get_mut(&fact.id) else { return transition };
    let input = if waits {
        Input::SeenNeedsAuthentication
    } else if changed || case.plan.is_none() {
        planned_input(case, &planner)
    } else {
        input_of(case)
    };
    move_on(case, input);
    if observed == Observed::ByEvent && case.state != before {
        // An event says little and may be old; what it changed is confirmed.
        case.read_at = Some(now);
    }
    if let Some(input) = halt {
        subscription::apply_halt(account, &fact.id, input, now, &mut transition);
    }
    transition
}

/// The invoice is not open any more.
fn settled(
    account: &mut Account,
    (fact, observed): (&InvoiceFact, Observed),
    input: Input,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    settle(account, &fact.id);
    history::note_last_attempts(account, fact);
    let in_flight = account.cases.get(&fact.id).and_then(|case| case.attempt.as_ref());
    if let (InvoiceStatus::Uncollectible, Observed::Live, Some(attempt)) =
        (fact.status, observed, in_flight)
    {
        // Nobody will answer for the charge any more: what is given up is not sent again.
        let number = attempt.number;
        return attempt::over(account, (&fact.id, number), "closed", now, policy);
    }
    let mut transition = Transition::default();
    close(account, &fact.id, input, now, &mut transition);
    transition
}

/// Closes a case if the table allows it, and remembers how the money came in.
pub(super) fn close(
    account: &mut Account,
    invoice: &InvoiceId,
    input: Input,
    now: Timestamp,
    transition: &mut Transition,
) {
    let Some(case) = account.cases.get(invoice) else { return };
    let Some(next) = state::next(case.state, input) else { return };
    history::record_unread(account, invoice, now);
    let Some(case) = account.cases.get_mut(invoice) else { return };
    if let Some(attempt) = case.attempt.take() {
        let is_paid = input == Input::Paid;
        let timing = attempt.decision.as_ref().and_then(|decision| decision.timing);
        let lesson = timing.filter(|_| is_paid);
        transition.journal.push(JournalEntry::AttemptEnded {
            invoice: invoice.clone(),
            number: attempt.number,
            outcome: if is_paid { "paid" } else { "closed" },
            lesson: lesson.map(|timing| Lesson { timing, is_success: true }),
        });
        case.recovered_by = Some(recovered_by(attempt.trigger));
    }
    case.state = next;
    case.closed_at = Some(now);
    case.processing_since = None;
    case.recovered_by =
        (next == CaseState::Recovered).then(|| case.recovered_by.unwrap_or(RecoveredBy::Elsewhere));
    let (state, by) = (case.state, case.recovered_by);
    if next == CaseState::Recovered {
        account.recovered_at = Some(now);
    }
    let invoice = invoice.clone();
    transition.journal.push(JournalEntry::CaseClosed { invoice, state, by });
}

/// Moves the case if the table has an edge for the input.
pub(super) fn move_on(case: &mut RecoveryCase, input: Input) {
    if let Some(next) = state::next(case.state, input) {
        case.state = next;
    }
}

/// Remembers that an invoice is settled, the oldest forgotten first.
pub(super) fn settle(account: &mut Account, invoice: &InvoiceId) {
    if account.is_settled(invoice) {
        return;
    }
    if account.settled_invoices.len() >= SETTLED_INVOICES_MAX {
        account.settled_invoices.pop_front();
    }
    account.settled_invoices.push_back(invoice.clone());
}

const fn recovered_by(trigger: Trigger) -> RecoveredBy {
    match trigger {
        Trigger::MethodUpdate => RecoveredBy::MethodUpdate,
        Trigger::CustomerRetry => RecoveredBy::CustomerRetry,
        Trigger::Schedule => RecoveredBy::OurRetry,
    }
}

fn opened(
    account: &Account,
    fact: &InvoiceFact,
    observed: Observed,
    now: Timestamp,
    policy: &Policy,
) -> RecoveryCase {
    let segment = segment_of(account, fact.subscription.as_ref(), fact, policy);
    let grace = policy.segment_named(&segment).settings.grace;
    RecoveryCase {
        invoice: fact.id.clone(),
        subscription: fact.subscription.clone(),
        state: CaseState::Scheduled,
        opened_at: now,
        closed_at: None,
        recovered_by: None,
        amount_due: fact.amount_due,
        number: fact.number.clone(),
        description: fact.description.clone(),
        decline: None,
        method: None,
        failed_at: now,
        provider_attempt_count: fact.attempt_count,
        provider_next_attempt_at: fact.next_attempt_at,
        attempt_number: 0,
        rungs_used: 0,
        attempt: None,
        grace_ends_at: now.plus_ms(grace.restricted_ms),
        read_at: (observed == Observed::ByEvent).then_some(now),
        read_failures: 0,
        wake_at: None,
        policy_version: policy.version(),
        segment: Some(segment),
        next_method: None,
        plan: None,
        live_at: None,
        recorded_attempts: 0,
        renewed_at: None,
        held_for: None,
        processing_since: None,
    }
}

/// The first reading knows more of the customer than the event that opened the case. What the
/// customer was told meanwhile stands once it is older than a moment.
fn find_segment(account: &mut Account, fact: &InvoiceFact, now: Timestamp, policy: &Policy) {
    let Some(case) = account.cases.get(&fact.id) else { return };
    let started_with = policy.at_version(case.policy_version);
    let segment = segment_of(account, case.subscription.as_ref(), fact, started_with);
    let Some(case) = account.cases.get_mut(&fact.id) else { return };
    case.segment = Some(segment);
    if now.since_ms(case.opened_at) < SEGMENT_SETTLES_MS {
        let grace = settings_of(case, policy).grace;
        case.grace_ends_at = case.opened_at.plus_ms(grace.restricted_ms);
    }
}

/// An event of the same attempt that says nothing of authentication does not end the waiting for
/// it: only `invoice.payment_action_required` and readings carry it.
fn still_waits(case: &RecoveryCase, fact: &InvoiceFact, observed: Observed) -> bool {
    observed == Observed::ByEvent
        && case.state == CaseState::AwaitingAuthentication
        && fact.attempt_count == case.provider_attempt_count
}

/// A reading takes its time. One that lands while a newer failure still waits to be asked about was
/// asked before that failure: what it says of the decline is old.
fn asked_before_the_failure(case: &RecoveryCase, fact: &InvoiceFact, observed: Observed) -> bool {
    let failure_waits = case.read_at == Some(case.failed_at);
    let same_attempts = fact.attempt_count <= case.provider_attempt_count;
    observed == Observed::Live && failure_waits && same_attempts
}

/// A reading that brought nothing, or an invoice older than the one that is known, is repeated.
pub(super) fn read_in_vain(case: &mut RecoveryCase, now: Timestamp) {
    case.read_at = Some(now.plus_ms(step_ms(READ_CHECKS_MS, case.read_failures)));
    case.read_failures = case.read_failures.saturating_add(1);
}

/// What follows for a case without a charge under way.
pub(super) fn planned_anew(
    account: &mut Account,
    invoice: &InvoiceId,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    let (cases, planner) = planning::split(account, policy, now);
    if let Some(case) = cases.get_mut(invoice) {
        let input = planned_input(case, &planner);
        move_on(case, input);
    }
    Transition::default()
}

/// Takes over what was seen, and says whether anything changed that plans depend on.
pub(super) fn take_over(
    account: &mut Account,
    fact: &InvoiceFact,
    observed: Observed,
    now: Timestamp,
) -> bool {
    let case = account.cases.get(&fact.id);
    let is_old = |id| case.is_some_and(|case| case.is_renewed_method(id));
    let told = [&fact.next_method, &fact.method].into_iter().flatten();
    let told: Vec<&MethodFact> = told.filter(|method| !is_old(&method.id)).collect();
    for method in told {
        account.know_card(method);
    }
    let Some(case) = account.cases.get_mut(&fact.id) else { return false };
    let elsewhere = observed == Observed::Live && history::was_tried_elsewhere(case, fact);
    let changed = merge(case, fact, observed, now);
    if elsewhere {
        case.failed_at = now;
        history::record_last(account, fact, Initiator::Customer, now);
    }
    let recorded = observed == Observed::Live && history::record_attempts(account, fact, now);
    changed || elsewhere || recorded
}

/// The provider never counts its attempts down, so a sighting with fewer of them is older than what
/// is known and does not come here.
fn merge(case: &mut RecoveryCase, fact: &InvoiceFact, observed: Observed, now: Timestamp) -> bool {
    let live = observed == Observed::Live;
    let failed_again = fact.attempt_count > case.provider_attempt_count;
    let mut changed = failed_again
        || case.amount_due != fact.amount_due
        || case.provider_next_attempt_at != fact.next_attempt_at;
    if failed_again {
        case.failed_at = now;
        // Asked for anew: an event does not say why this attempt failed.
        case.read_at = Some(now);
    }
    case.amount_due = fact.amount_due;
    case.provider_attempt_count = fact.attempt_count;
    case.provider_next_attempt_at = fact.next_attempt_at;
    case.number.clone_from(&fact.number);
    case.description.clone_from(&fact.description);
    if live {
        // The first reading finds the segment, and with it the ladder.
        changed |= case.live_at.is_none();
        // A reading without details does not unlearn them.
        if fact.decline.is_some() && case.decline != fact.decline {
            case.decline.clone_from(&fact.decline);
            changed = true;
        }
        let told = fact.method.as_ref().filter(|seen| {
            !case.is_renewed_method(&seen.id) && !seen.says_less_than(case.method.as_ref())
        });
        if told.is_some() && case.method.as_ref() != told {
            case.method = told.cloned();
            changed = true;
        }
        if fact.next_method.is_some() && case.next_method != fact.next_method {
            case.next_method.clone_from(&fact.next_method);
            changed = true;
        }
        case.read_at = Some(now.plus_ms(READ_INTERVAL_MS));
        case.live_at = Some(now);
        case.read_failures = 0;
    }
    changed
}

/// Plans anew, and says what that means for the case.
pub(super) fn planned_input(case: &mut RecoveryCase, planner: &Planner<'_>) -> Input {
    if case.is_processing() {
        case.plan = None;
        return Input::SeenRetryable;
    }
    case.plan = Some(planner.decide(case));
    input_of(case)
}

fn input_of(case: &RecoveryCase) -> Input {
    let category = case.decline.as_ref().map(|decline| decline.category);
    if category == Some(Category::AuthenticationRequired) && !case.has_other_method() {
        return Input::SeenNeedsAuthentication;
    }
    match case.plan.as_ref().and_then(|plan| plan.at) {
        Some(_) => Input::SeenRetryable,
        None => Input::SeenNeedsMethod,
    }
}
