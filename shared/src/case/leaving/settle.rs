//! After every event: what rests rests, and what may run runs. Nothing here is remembered but
//! whether the provider was asked to hold an invoice, so that it heals itself from facts.

use super::acts;
use crate::account::Account;
use crate::cancel::Act;
use crate::case::state::{CaseState, Input};
use crate::case::{Transition, observe};
use crate::id::{CancellationId, InvoiceId, SubscriptionId};
use crate::time::Timestamp;

/// Lets cases rest or go on, and sends what waits for nothing any more.
pub(in crate::case) fn settle(account: &mut Account, now: Timestamp, out: &mut Transition) {
    if account.leaving.is_empty() && account.open_cases().all(|case| case.held_for.is_none()) {
        return;
    }
    rest(account, now);
    hold(account);
    acts::send(account, now, out);
    account.leaving.forget(now);
}

/// A case under way does not rest before its outcome is known; it is asked about again then.
fn rest(account: &mut Account, now: Timestamp) {
    for invoice in open(account) {
        let Some(case) = account.cases.get(&invoice) else { continue };
        let rests = account.rests(case.subscription.as_ref());
        let is_resting = case.state == CaseState::Suspended;
        let input = match (rests, is_resting) {
            (true, false) => Input::Paused,
            (false, true) => Input::Resumed,
            _ => continue,
        };
        let Some(case) = account.cases.get_mut(&invoice) else { continue };
        let before = case.state;
        observe::move_on(case, input);
        if case.state != before {
            case.plan = None;
            // What happened meanwhile is known before anything is charged again.
            case.read_at = Some(now);
        }
    }
}

/// The provider's own attempts stop while the customer rests or leaves, and go on after it.
fn hold(account: &mut Account) {
    for invoice in open(account) {
        let Some(case) = account.cases.get(&invoice) else { continue };
        if account.end_reason(case.subscription.as_ref()).is_some() {
            // Over: what is held stays so until it is void or in the books.
            continue;
        }
        let wanted = case.subscription.as_ref().and_then(|id| responsible(account, id));
        let held = case.held_for.clone();
        let act = match (&wanted, &held) {
            (Some(id), None) => Some((id.clone(), Act::Hold { invoice: invoice.clone() })),
            (None, Some(id)) => Some((id.clone(), Act::Release { invoice: invoice.clone() })),
            _ => None,
        };
        let Some((id, act)) = act else { continue };
        acts::push(account, &id, act);
        if let Some(case) = account.cases.get_mut(&invoice) {
            case.held_for = wanted;
        }
    }
}

/// The cancellation because of which nothing is collected for a subscription.
fn responsible(account: &Account, subscription: &SubscriptionId) -> Option<CancellationId> {
    let leaving = &account.leaving;
    let leaves = leaving.under_way(subscription).filter(|known| known.state.is_leaving());
    let pause = || leaving.pauses.get(subscription).map(|run| run.cancellation.clone());
    leaves.map(|known| known.id.clone()).or_else(pause)
}

fn open(account: &Account) -> Vec<InvoiceId> {
    account.open_cases().map(|case| case.invoice.clone()).collect()
}
