//! The one function that changes an account.

use super::attempt::{self, Halted};
use super::effect::{Effect, Transition};
use super::event::{Event, Trigger};
use super::observe;
use super::state::{self, CaseState, Input};
use super::{ATTEMPT_CHECK_MS, READ_CHECKS_MS, READ_INTERVAL_MS, RecoveryCase, step_ms};
use crate::account::{Account, CLOSED_CASES_MAX, MethodUpdate};
use crate::decline::Reuse;
use crate::id::{InvoiceId, PaymentMethodId, SetupId};
use crate::policy::{Policy, RetryDriver};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// Why an event cannot be taken. The account is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The event speaks of another customer.
    #[error("the event is about another customer")]
    WrongCustomer,
    /// Nothing is open that the customer could pay with the same method.
    #[error("there is nothing to try again")]
    NothingToRetry,
    /// The customer asked too often.
    #[error("too many attempts; the next is possible in {retry_after_ms} ms")]
    TooManyAttempts {
        /// When the next attempt is possible.
        retry_after_ms: i64,
    },
}

/// Takes one event in: changes the account, and says what is to be stored beside it and done after
/// it.
///
/// The same event twice changes nothing the second time. Nothing here reads a clock.
pub fn apply(
    account: &mut Account,
    event: &Event,
    now: Timestamp,
    policy: &Policy,
) -> Result<Transition, ApplyError> {
    let transition = match event {
        Event::InvoiceObserved { fact, observed } => {
            same_customer(account, &fact.customer)?;
            observe::invoice(account, fact, *observed, now, policy)
        }
        Event::SubscriptionObserved { fact } => {
            same_customer(account, &fact.customer)?;
            observe::subscription(account, fact, now)
        }
        Event::InvoiceReadFailed { invoice } => read_failed(account, invoice, now),
        Event::MethodCollected { setup, method } => method_collected(account, setup, method, now),
        Event::DefaultsSet { setup } => defaults_set(account, setup, now),
        Event::DefaultsFailed { setup } => defaults_failed(account, setup, now),
        Event::DefaultsRefused { setup } => defaults_refused(account, setup),
        Event::RetryRequested => retry_requested(account, now, policy)?,
        Event::AttemptFinished { invoice, number, outcome } => {
            attempt::finished(account, invoice, *number, outcome, now, policy)
        }
        Event::AttemptUnknown { invoice, number } => {
            attempt::unknown(account, invoice, *number, now)
        }
        Event::AttemptLapsed { invoice, number } => {
            attempt::over(account, (invoice, *number), "lapsed", now, policy)
        }
        Event::WakeReached => wake_reached(account, now, policy),
    };
    forget_old_cases(account);
    for case in account.cases.values_mut() {
        case.wake_at = wake_of(case, now, policy);
    }
    Ok(transition)
}

fn same_customer(account: &Account, id: &crate::id::CustomerId) -> Result<(), ApplyError> {
    if *id == account.customer { Ok(()) } else { Err(ApplyError::WrongCustomer) }
}

fn read_failed(account: &mut Account, invoice: &InvoiceId, now: Timestamp) -> Transition {
    if let Some(case) = account.cases.get_mut(invoice) {
        observe::read_in_vain(case, now);
    }
    Transition::default()
}

/// A set-up is carried out once. A newer one replaces an older one that is still on its way: its
/// method is what the customer wants now.
fn method_collected(
    account: &mut Account,
    setup: &SetupId,
    method: &PaymentMethodId,
    now: Timestamp,
) -> Transition {
    let on_its_way = account.method_update.as_ref().is_some_and(|update| update.setup == *setup);
    if on_its_way || account.finished_setups.contains(setup) {
        return Transition::default();
    }
    let replaced = account.method_update.replace(MethodUpdate {
        setup: setup.clone(),
        method: method.clone(),
        collected_at: now,
        resume_at: now.plus_ms(ATTEMPT_CHECK_MS),
        resume_count: 0,
    });
    if let Some(replaced) = replaced {
        account.finish_setup(replaced.setup);
    }
    let effect = Effect::SetDefaults { setup: setup.clone(), method: method.clone() };
    Transition { effects: vec![effect], journal: Vec::new() }
}

fn defaults_set(account: &mut Account, setup: &SetupId, now: Timestamp) -> Transition {
    let mut transition = Transition::default();
    let Some(update) = account.method_update.take_if(|update| update.setup == *setup) else {
        return transition;
    };
    account.finish_setup(update.setup);
    for case in account.cases.values_mut() {
        match case.attempt.as_mut() {
            Some(attempt) => attempt.next_method = Some(update.method.clone()),
            None => {
                let method = Some(update.method.clone());
                attempt::start(case, method, Trigger::MethodUpdate, now, &mut transition);
            }
        }
    }
    transition
}

fn defaults_failed(account: &mut Account, setup: &SetupId, now: Timestamp) -> Transition {
    if let Some(update) = account.method_update.as_mut().filter(|update| update.setup == *setup) {
        update.resume_at = now.plus_ms(step_ms(READ_CHECKS_MS, update.resume_count));
        update.resume_count = update.resume_count.saturating_add(1);
    }
    Transition::default()
}

fn defaults_refused(account: &mut Account, setup: &SetupId) -> Transition {
    if let Some(update) = account.method_update.take_if(|update| update.setup == *setup) {
        account.finish_setup(update.setup);
    }
    Transition::default()
}

/// Whether the customer may ask for the same method on this case.
pub(crate) fn may_retry(case: &RecoveryCase) -> bool {
    let reusable = case.decline.as_ref().is_none_or(|decline| decline.reuse() != Reuse::Never);
    reusable && state::next(case.state, Input::AttemptStarted) == Some(CaseState::Attempting)
}

/// When the customer may ask again; `None`: now.
pub(crate) fn retry_blocked_ms(account: &Account, now: Timestamp, policy: &Policy) -> Option<i64> {
    let allowed = policy.settings().customer_attempts;
    let max = usize::try_from(allowed.max).unwrap_or(usize::MAX);
    let recent = || {
        account
            .customer_attempts
            .iter()
            .rev()
            .take_while(|at| now.since_ms(**at) < allowed.window_ms)
    };
    if recent().count() < max {
        return None;
    }
    let oldest = recent().last().copied().unwrap_or(now);
    Some(oldest.plus_ms(allowed.window_ms).since_ms(now).max(1))
}

fn retry_requested(
    account: &mut Account,
    now: Timestamp,
    policy: &Policy,
) -> Result<Transition, ApplyError> {
    let busy = account.method_update.is_some();
    if busy || !account.open_cases().any(may_retry) {
        return Err(ApplyError::NothingToRetry);
    }
    if let Some(retry_after_ms) = retry_blocked_ms(account, now, policy) {
        return Err(ApplyError::TooManyAttempts { retry_after_ms });
    }
    let max = usize::try_from(policy.settings().customer_attempts.max).unwrap_or(usize::MAX);
    while account.customer_attempts.len() >= max.max(1) {
        account.customer_attempts.pop_front();
    }
    account.customer_attempts.push_back(now);
    let mut transition = Transition::default();
    for case in account.cases.values_mut().filter(|case| may_retry(case)) {
        let method = case.method.as_ref().map(|method| method.id.clone());
        attempt::start(case, method, Trigger::CustomerRetry, now, &mut transition);
    }
    Ok(transition)
}

/// Everything that is due. Each thing is moved into the future first, so that a run that is cut off
/// finds it again and does not spin.
fn wake_reached(account: &mut Account, now: Timestamp, policy: &Policy) -> Transition {
    let mut transition = Transition::default();
    if let Some(update) = account.method_update.as_mut().filter(|update| update.resume_at <= now) {
        update.resume_at = now.plus_ms(ATTEMPT_CHECK_MS);
        let (setup, method) = (update.setup.clone(), update.method.clone());
        transition.effects.push(Effect::SetDefaults { setup, method });
    }
    let halted = halted_charges(account);
    for case in account.cases.values_mut().filter(|case| !case.state.is_terminal()) {
        let invoice = case.invoice.clone();
        if case.attempt.is_some() {
            let halted = if halted.contains(&invoice) { Halted::Yes } else { Halted::No };
            transition.effects.extend(attempt::check(case, halted, now));
            continue;
        }
        if rung_at(case, policy).is_some_and(|at| at <= now) {
            // The provider's default, not the method that failed: the customer may have changed it
            // where we do not see it, and a card that was replaced is not ours to charge.
            attempt::start(case, None, Trigger::Schedule, now, &mut transition);
            continue;
        }
        if case.read_at.is_some_and(|at| at <= now) {
            case.read_at = Some(now.plus_ms(step_ms(READ_CHECKS_MS, case.read_failures)));
            transition.effects.push(Effect::ReadInvoice { invoice });
        }
    }
    transition
}

/// Invoices with a charge of unknown outcome that must not be sent again: the subscription ended or
/// was paused, or the merchant gave the invoice up, after the charge was begun.
fn halted_charges(account: &Account) -> BTreeSet<InvoiceId> {
    let charging = account.open_cases().filter(|case| case.attempt.is_some());
    charging
        .filter(|case| observe::halt(account, &case.invoice, case.subscription.as_ref()).is_some())
        .map(|case| case.invoice.clone())
        .collect()
}

/// When our own ladder makes the next attempt.
fn rung_at(case: &RecoveryCase, policy: &Policy) -> Option<Timestamp> {
    let ours = policy.retry_driver() == RetryDriver::Ours && case.state == CaseState::Scheduled;
    if ours { observe::decision(case, policy).at } else { None }
}

/// An open case always has a wake: the check of its attempt, or the earliest of its reading, its
/// rung and the end of its grace.
fn wake_of(case: &RecoveryCase, now: Timestamp, policy: &Policy) -> Option<Timestamp> {
    if case.state.is_terminal() {
        return None;
    }
    if let Some(attempt) = &case.attempt {
        return Some(attempt.check_at);
    }
    let grace = Some(case.grace_ends_at).filter(|at| *at > now);
    let read = case.read_at.or(Some(now.plus_ms(READ_INTERVAL_MS)));
    [read, rung_at(case, policy), grace].into_iter().flatten().min()
}

/// Keeps the newest closed cases.
fn forget_old_cases(account: &mut Account) {
    let mut closed: Vec<(Timestamp, InvoiceId)> = account
        .cases
        .values()
        .filter_map(|case| Some((case.closed_at?, case.invoice.clone())))
        .collect();
    closed.sort_unstable();
    let surplus = closed.len().saturating_sub(CLOSED_CASES_MAX);
    for (_, invoice) in closed.into_iter().take(surplus) {
        account.cases.remove(&invoice);
    }
}
