//! What the life of a subscription means for the cases of its invoices.

use super::effect::Transition;
use super::leaving;
use super::observe::{close, move_on};
use super::state::Input;
use crate::account::{Account, SUBSCRIPTIONS_MAX, Subscription};
use crate::id::{InvoiceId, SubscriptionId};
use crate::policy::Policy;
use crate::provider::{EndReason, SubscriptionFact, SubscriptionStatus};
use crate::time::Timestamp;

/// Takes in one sighting of a subscription. An ended one stays ended: Stripe never revives it.
pub(super) fn observed(
    account: &mut Account,
    fact: &SubscriptionFact,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    let mut transition = Transition::default();
    let known = account.subscriptions.get(&fact.id);
    if known.is_some_and(|known| known.status == SubscriptionStatus::Ended) {
        return transition;
    }
    if known.and_then(|known| known.seen_at).is_some_and(|seen_at| fact.seen_at < seen_at) {
        return transition;
    }
    if known.is_some_and(|known| known.default_method != fact.default_method) {
        account.forget_expiry();
    }
    keep_subscription(account, fact);
    // Before the cases are closed: what is open then may have to be made void.
    leaving::seen(account, fact, now, policy, &mut transition);
    let rests = account.rests(Some(&fact.id));
    for invoice in of_it(account, &fact.id) {
        match fact.status {
            SubscriptionStatus::Ended => {
                let reason = fact.end_reason.unwrap_or(EndReason::Requested);
                close(account, &invoice, end_input(reason), now, &mut transition);
            }
            _ if rests => step(account, &invoice, Input::Paused),
            SubscriptionStatus::Active | SubscriptionStatus::PastDue => {
                step(account, &invoice, Input::Resumed);
            }
            SubscriptionStatus::Paused
            | SubscriptionStatus::Unpaid
            | SubscriptionStatus::Incomplete => {}
        }
    }
    transition
}

/// The provider ended a subscription because we asked for it; what it shows of it comes later.
pub(super) fn end(
    account: &mut Account,
    id: &SubscriptionId,
    now: Timestamp,
    policy: &Policy,
    transition: &mut Transition,
) {
    if let Some(known) = account.subscriptions.get_mut(id) {
        known.status = SubscriptionStatus::Ended;
        known.end_reason = Some(EndReason::Requested);
    }
    leaving::ended(account, id, now, policy, transition);
    for invoice in of_it(account, id) {
        close(account, &invoice, end_input(EndReason::Requested), now, transition);
    }
}

/// The open cases of a subscription.
fn of_it(account: &Account, id: &SubscriptionId) -> Vec<InvoiceId> {
    let cases = account.open_cases().filter(|case| case.subscription.as_ref() == Some(id));
    cases.map(|case| case.invoice.clone()).collect()
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
        interval: fact.interval,
        plan: fact.plan,
        sector: fact.sector,
        life: fact.life.clone().or_else(|| known.get(&fact.id)?.life.clone()),
        seen_at: Some(fact.seen_at),
    };
    known.insert(fact.id.clone(), subscription);
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
    account.rests(subscription).then_some(Input::Paused)
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

fn step(account: &mut Account, invoice: &InvoiceId, input: Input) {
    if let Some(case) = account.cases.get_mut(invoice) {
        let before = case.state;
        move_on(case, input);
        if case.state != before {
            // What was planned before a pause is planned anew after it.
            case.plan = None;
        }
    }
}

/// Which input closes the cases of an ended subscription.
const fn end_input(reason: EndReason) -> Input {
    match reason {
        EndReason::PaymentFailed => Input::GivenUp,
        EndReason::Requested => Input::SubscriptionEnded,
    }
}
