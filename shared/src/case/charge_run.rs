//! The customer pays: every open invoice, one after the other.
//!
//! One at a time, because each refusal counts against the card at its network: when the bank says
//! no to the first invoice, it will say no to the forty after it.

use super::effect::Transition;
use super::event::Trigger;
use super::planning::{self, Planner};
use super::{RecoveryCase, attempt, observe, subscription};
use crate::account::Account;
use crate::decline::{Category, Decline};
use crate::id::{InvoiceId, PaymentMethodId};
use crate::network::Verdict;
use crate::policy::Policy;
use crate::provider::MethodFact;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Invoices on their way to being paid by the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRun {
    /// What the customer did.
    pub trigger: Trigger,
    /// With which method; `None`: each with the one that it failed on.
    pub method: Option<PaymentMethodId>,
    /// The one under way.
    pub current: Option<InvoiceId>,
    /// Those after it, the oldest first.
    pub waiting: VecDeque<InvoiceId>,
}

/// Takes the place of a run that is still under way: what the customer did last counts.
pub(super) fn begin(
    account: &mut Account,
    trigger: Trigger,
    method: Option<PaymentMethodId>,
    wanted: impl Fn(&RecoveryCase) -> bool,
) {
    let mut waiting: Vec<&RecoveryCase> =
        account.open_cases().filter(|case| wanted(case) && !case.is_processing()).collect();
    waiting.sort_by_key(|case| case.opened_at);
    let waiting = waiting.into_iter().map(|case| case.invoice.clone()).collect();
    // The one under way stays the one that is waited for.
    let current = account.charge_run.take().and_then(|run| run.current);
    account.charge_run = Some(ChargeRun { trigger, method, current, waiting });
}

/// Starts the next charge when the one before it is over.
pub(super) fn advance(
    account: &mut Account,
    now: Timestamp,
    policy: &Policy,
    transition: &mut Transition,
) {
    while let Some(run) = account.charge_run.as_mut() {
        let current = run.current.as_ref().and_then(|invoice| account.cases.get(invoice));
        // What the bank takes days for does not keep the others waiting.
        if current.is_some_and(|case| case.attempt.is_some() && !case.is_processing()) {
            return;
        }
        let Some(invoice) = run.waiting.pop_front() else {
            account.charge_run = None;
            return;
        };
        run.current = Some(invoice.clone());
        let (trigger, method) = (run.trigger, run.method.clone());
        let subscription = account.cases.get(&invoice).and_then(|case| case.subscription.clone());
        if subscription::halt(account, &invoice, subscription.as_ref()).is_some() {
            continue;
        }
        let (cases, planner) = planning::split(account, policy, now);
        let free = |case: &&mut RecoveryCase| case.attempt.is_none() && !case.is_processing();
        let Some(case) = cases.get_mut(&invoice).filter(free) else {
            continue;
        };
        let method = method.or_else(|| case.method.as_ref().map(|method| method.id.clone()));
        if planner.customer_verdict(case, method.as_ref()) == Verdict::Allowed {
            attempt::start(case, (method, trigger, None), now, transition);
        }
    }
}

/// The bank refused one of the run: those that would meet the same answer are not asked for. An
/// empty account may still hold enough for a smaller amount.
pub(super) fn refused(
    account: &mut Account,
    invoice: &InvoiceId,
    decline: &Decline,
    now: Timestamp,
    policy: &Policy,
) {
    let Some(mut run) = account.charge_run.take_if(|run| run.current.as_ref() == Some(invoice))
    else {
        return;
    };
    let (cases, planner) = planning::split(account, policy, now);
    if let Some(refused) = cases.get(invoice) {
        let same_answer = |case: &RecoveryCase| {
            let smaller = case.amount_due.currency == refused.amount_due.currency
                && case.amount_due.amount_minor < refused.amount_due.amount_minor;
            let may_hold = decline.category == Category::InsufficientFunds && smaller;
            let card = planner.card(case, run.method.as_ref());
            card == planner.card(refused, run.method.as_ref()) && !may_hold
        };
        let (dropped, waiting): (VecDeque<InvoiceId>, VecDeque<InvoiceId>) =
            run.waiting.drain(..).partition(|invoice| cases.get(invoice).is_some_and(same_answer));
        run.waiting = waiting;
        if run.trigger == Trigger::MethodUpdate {
            for invoice in dropped {
                let Some(case) = cases.get_mut(&invoice) else { continue };
                inherit(case, run.method.as_ref(), decline, &planner, now);
            }
        }
    }
    account.charge_run = Some(run);
}

/// The new method is the default of every invoice now, and the bank refuses it: the invoice stands
/// as if it had been asked for as well, without a further refusal at the network.
fn inherit(
    case: &mut RecoveryCase,
    method: Option<&PaymentMethodId>,
    decline: &Decline,
    planner: &Planner<'_>,
    now: Timestamp,
) {
    if case.attempt.is_some() || case.is_processing() {
        return;
    }
    case.method = method.cloned().map(MethodFact::bare);
    case.decline = Some(decline.clone());
    case.failed_at = now;
    let input = observe::planned_input(case, planner);
    observe::move_on(case, input);
}
