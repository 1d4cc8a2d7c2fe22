//! What a sighting of an invoice or a subscription means for the cases.

use super::attempt;
use super::effect::{JournalEntry, Transition};
use super::state::{self, CaseState, Input};
use super::{READ_CHECKS_MS, READ_INTERVAL_MS, RecoveredBy, RecoveryCase, Trigger, step_ms};
use crate::account::{Account, OPEN_CASES_MAX, SETTLED_INVOICES_MAX};
use crate::account::{SUBSCRIPTIONS_MAX, Subscription};
use crate::decline::Category;
use crate::id::{InvoiceId, SubscriptionId};
use crate::policy::Policy;
use crate::provider::{
    EndReason, InvoiceFact, InvoiceStatus, Observed, SubscriptionFact, SubscriptionStatus,
};
use crate::retry;
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
        settle(account, &fact.id);
        let in_flight = account.cases.get(&fact.id).and_then(|case| case.attempt.as_ref());
        if let (InvoiceStatus::Uncollectible, Observed::Live, Some(attempt)) =
            (fact.status, observed, in_flight)
        {
            // Nobody will answer for the charge any more: what is given up is not sent again.
            let number = attempt.number;
            return attempt::over(account, (&fact.id, number), "closed", now, policy);
        }
        close(account, &fact.id, input, now, &mut transition);
        return transition;
    }
    let known = account.cases.contains_key(&fact.id);
    let failed = fact.attempt_count > 0 || fact.needs_authentication;
    if account.is_settled(&fact.id) || (!known && !failed) {
        return transition;
    }
    if !known {
        if account.open_cases().count() >= OPEN_CASES_MAX {
            return transition;
        }
        account.cases.insert(fact.id.clone(), opened(fact, observed, now, policy));
        transition.journal.push(JournalEntry::CaseOpened { invoice: fact.id.clone() });
    }
    let halt = halt(account, &fact.id, fact.subscription.as_ref());
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
    let waits = fact.needs_authentication || still_waits(case, fact, observed);
    let before = case.state;
    merge(case, fact, observed, now);
    move_on(case, seen_input(case, waits, policy));
    if observed == Observed::ByEvent && case.state != before {
        // An event says little and may be old; what it changed is confirmed.
        case.read_at = Some(now);
    }
    if let Some(input) = halt {
        apply_halt(account, &fact.id, input, now, &mut transition);
    }
    transition
}

/// Why nothing may be charged for this invoice any more, or not now. A case under way does not
/// leave `Attempting` for it, so it is asked about again when the charge is over.
pub(super) fn halt(
    account: &Account,
    invoice: &InvoiceId,
    subscription: Option<&SubscriptionId>,
) -> Option<Input> {
    // Paid and void end a case at once, also one under way; what is left is that it was given up.
    if account.is_settled(invoice) {
        return Some(Input::GivenUp);
    }
    if let Some(reason) = account.end_reason(subscription) {
        return Some(end_input(reason));
    }
    account.is_paused(subscription).then_some(Input::Paused)
}

/// Does what [`halt`] found.
pub(super) fn apply_halt(
    account: &mut Account,
    invoice: &InvoiceId,
    input: Input,
    now: Timestamp,
    transition: &mut Transition,
) {
    match input {
        Input::Paused => step(account, invoice, input),
        _ => close(account, invoice, input, now, transition),
    }
}

/// Takes in one sighting of a subscription. An ended one stays ended: Stripe never revives it.
pub(super) fn subscription(
    account: &mut Account,
    fact: &SubscriptionFact,
    now: Timestamp,
) -> Transition {
    let mut transition = Transition::default();
    let known = account.subscriptions.get(&fact.id);
    if known.is_some_and(|known| known.status == SubscriptionStatus::Ended) {
        return transition;
    }
    keep_subscription(account, fact);
    let of_this: Vec<InvoiceId> = account
        .open_cases()
        .filter(|case| case.subscription.as_ref() == Some(&fact.id))
        .map(|case| case.invoice.clone())
        .collect();
    for invoice in of_this {
        match fact.status {
            SubscriptionStatus::Ended => {
                let reason = fact.end_reason.unwrap_or(EndReason::Requested);
                close(account, &invoice, end_input(reason), now, &mut transition);
            }
            SubscriptionStatus::Paused => step(account, &invoice, Input::Paused),
            SubscriptionStatus::Active | SubscriptionStatus::PastDue => {
                step(account, &invoice, Input::Resumed);
            }
            SubscriptionStatus::Unpaid | SubscriptionStatus::Incomplete => {}
        }
    }
    transition
}

/// When there is no room an ended one makes it: forgetting that costs a stale event at most,
/// forgetting one that runs would cost its customer the access.
fn keep_subscription(account: &mut Account, fact: &SubscriptionFact) {
    let known = &mut account.subscriptions;
    if known.len() >= SUBSCRIPTIONS_MAX && !known.contains_key(&fact.id) {
        let ended = known.iter().find(|(_, known)| known.status == SubscriptionStatus::Ended);
        let Some(ended) = ended.map(|(id, _)| id.clone()) else { return };
        known.remove(&ended);
    }
    let subscription = Subscription {
        status: fact.status,
        end_reason: fact.end_reason,
        default_method: fact.default_method.clone(),
    };
    known.insert(fact.id.clone(), subscription);
}

/// Closes a case if the table allows it, and remembers how the money came in.
pub(super) fn close(
    account: &mut Account,
    invoice: &InvoiceId,
    input: Input,
    now: Timestamp,
    transition: &mut Transition,
) {
    let Some(case) = account.cases.get_mut(invoice) else { return };
    let Some(next) = state::next(case.state, input) else { return };
    if let Some(attempt) = case.attempt.take() {
        let outcome = if input == Input::Paid { "paid" } else { "closed" };
        transition.journal.push(JournalEntry::AttemptEnded {
            invoice: invoice.clone(),
            number: attempt.number,
            outcome,
        });
        case.recovered_by = Some(recovered_by(attempt.trigger));
    }
    case.state = next;
    case.closed_at = Some(now);
    case.recovered_by =
        (next == CaseState::Recovered).then(|| case.recovered_by.unwrap_or(RecoveredBy::Elsewhere));
    let (state, by) = (case.state, case.recovered_by);
    if next == CaseState::Recovered {
        account.recovered_at = Some(now);
    }
    let invoice = invoice.clone();
    transition.journal.push(JournalEntry::CaseClosed { invoice, state, by });
}

/// Which input closes the cases of an ended subscription.
const fn end_input(reason: EndReason) -> Input {
    match reason {
        EndReason::PaymentFailed => Input::GivenUp,
        EndReason::Requested => Input::SubscriptionEnded,
    }
}

/// Moves the case if the table has an edge for the input.
pub(super) fn move_on(case: &mut RecoveryCase, input: Input) {
    if let Some(next) = state::next(case.state, input) {
        case.state = next;
    }
}

/// What is planned for the case without the customer.
pub(crate) fn decision(case: &RecoveryCase, policy: &Policy) -> retry::RetryDecision {
    let facts = retry::RetryFacts {
        decline: case.decline.as_ref(),
        rungs_used: case.rungs_used,
        failed_at: case.failed_at,
        provider_next_attempt_at: case.provider_next_attempt_at,
    };
    retry::decide(policy.at_version(case.policy_version), facts)
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

fn step(account: &mut Account, invoice: &InvoiceId, input: Input) {
    if let Some(case) = account.cases.get_mut(invoice) {
        move_on(case, input);
    }
}

const fn recovered_by(trigger: Trigger) -> RecoveredBy {
    match trigger {
        Trigger::MethodUpdate => RecoveredBy::MethodUpdate,
        Trigger::CustomerRetry => RecoveredBy::CustomerRetry,
        Trigger::Schedule => RecoveredBy::OurRetry,
    }
}

fn opened(fact: &InvoiceFact, observed: Observed, now: Timestamp, policy: &Policy) -> RecoveryCase {
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
        grace_ends_at: now.plus_ms(policy.settings().grace.restricted_ms),
        read_at: (observed == Observed::ByEvent).then_some(now),
        read_failures: 0,
        wake_at: None,
        policy_version: policy.version(),
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

/// Takes over what was seen. The provider never counts its attempts down, so a sighting with fewer
/// of them is older than what is known and does not come here.
fn merge(case: &mut RecoveryCase, fact: &InvoiceFact, observed: Observed, now: Timestamp) {
    let live = observed == Observed::Live;
    if fact.attempt_count > case.provider_attempt_count {
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
        // A reading without details does not unlearn them.
        if fact.decline.is_some() {
            case.decline.clone_from(&fact.decline);
        }
        if fact.method.is_some() {
            case.method.clone_from(&fact.method);
        }
        case.read_at = Some(now.plus_ms(READ_INTERVAL_MS));
        case.read_failures = 0;
    }
}

fn seen_input(case: &RecoveryCase, needs_authentication: bool, policy: &Policy) -> Input {
    let category = case.decline.as_ref().map(|decline| decline.category);
    if needs_authentication || category == Some(Category::AuthenticationRequired) {
        return Input::SeenNeedsAuthentication;
    }
    match decision(case, policy).at {
        Some(_) => Input::SeenRetryable,
        None => Input::SeenNeedsMethod,
    }
}
