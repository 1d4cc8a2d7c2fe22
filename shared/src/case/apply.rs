//! The one function that changes an account.

use super::attempt;
use super::customer::{self, may_confirm, may_retry};
use super::effect::{Effect, JournalEntry, Transition};
use super::event::{Event, METHODS_MAX, Trigger};
use super::planning::{self, settings_of};
use super::{ATTEMPT_CHECK_MS, READ_CHECKS_MS, RecoveryCase, step_ms};
use super::{charge_run, leaving, observe, renewal, subscription, wake};
use crate::account::card_news::{CardChange, CardNews};
use crate::account::{Account, CLOSED_CASES_MAX, MethodUpdate};
use crate::cancel::CancelError;
use crate::complaint;
use crate::id::{InvoiceId, SetupId};
use crate::network::Verdict;
use crate::policy::Policy;
use crate::policy::settings::CustomerAttempts;
use crate::provider::MethodFact;
use crate::time::Timestamp;

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
    /// Something about leaving is not possible.
    #[error(transparent)]
    Cancel(#[from] CancelError),
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
    let mut transition = match event {
        Event::InvoiceObserved { fact, observed } => {
            same_customer(account, &fact.customer)?;
            observe::invoice(account, fact, *observed, now, policy)
        }
        Event::SubscriptionObserved { fact } => {
            same_customer(account, &fact.customer)?;
            subscription::observed(account, fact, now, policy)
        }
        Event::InvoiceReadFailed { invoice } => read_failed(account, invoice, now),
        Event::MethodCollected { setup, method, card } => {
            let method = MethodFact { card: card.clone(), ..MethodFact::bare(method.clone()) };
            method_collected(account, setup, &method, now)
        }
        Event::MethodsObserved { methods } => methods_observed(account, methods),
        Event::MethodsChanged { renewed } => {
            renewal::methods_changed(account, renewed.as_ref(), now)
        }
        Event::CustomerDeleted => customer::deleted(account, now),
        Event::CardExpires { method, summary, expiry } => {
            let what = CardChange::Expires { expiry: *expiry };
            let news = CardNews { method: method.clone(), summary: summary.clone(), what };
            let is_new = account.card_expires(news.clone(), now);
            let entry = is_new.then_some(JournalEntry::CardExpires(news));
            Transition { effects: Vec::new(), journal: entry.into_iter().collect() }
        }
        Event::ZoneObserved { zone } => {
            account.zone = Some(zone.clone());
            Transition::default()
        }
        Event::DefaultsSet { setup } => defaults_set(account, setup),
        Event::DefaultsFailed { setup } => defaults_failed(account, setup, now),
        Event::DefaultsRefused { setup } => defaults_refused(account, setup),
        Event::RetryRequested => retry_requested(account, now, policy, may_retry)?,
        Event::AuthenticationAsked { invoice } => {
            retry_requested(account, now, policy, |case| may_confirm(case, invoice.as_ref()))?
        }
        Event::AttemptFinished { invoice, number, outcome } => {
            attempt::finished(account, invoice, *number, outcome, now, policy)
        }
        Event::AttemptUnknown { invoice, number } => {
            attempt::unknown(account, invoice, *number, now)
        }
        Event::AttemptLapsed { invoice, number } => {
            attempt::over(account, (invoice, *number), attempt::LAPSED, now, policy)
        }
        Event::AttemptWithheld { invoice, number } => {
            attempt::withheld(account, invoice, *number, now, policy)
        }
        Event::WakeReached => wake::reached(account, now, policy),
        Event::ComplaintMade { complaint } => complaint::made(account, complaint, now)?,
        Event::Cancel(event) => leaving::take(account, event, now, policy)?,
    };
    charge_run::advance(account, now, policy, &mut transition);
    leaving::settle(account, now, &mut transition);
    forget_old_cases(account);
    wake::plan_and_set_wakes(account, now, policy);
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
    method: &MethodFact,
    now: Timestamp,
) -> Transition {
    account.know_card(method);
    let method = &method.id;
    let update = account.method_update.as_mut().filter(|update| update.setup == *setup);
    if let Some(update) = update {
        if update.method == *method {
            return Transition::default();
        }
        // The event named the method that served to set another one up; a reading names that one.
        update.method = method.clone();
        let effect = Effect::SetDefaults { setup: setup.clone(), method: method.clone() };
        return Transition { effects: vec![effect], journal: Vec::new() };
    }
    if account.finished_setups.contains(setup) {
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

fn methods_observed(account: &mut Account, methods: &[MethodFact]) -> Transition {
    let methods = methods.get(..METHODS_MAX).unwrap_or(methods);
    // The newest last, so that it is forgotten last.
    for method in methods.iter().rev() {
        account.know_card(method);
    }
    account.methods = methods.iter().map(|method| method.id.clone()).collect();
    Transition::default()
}

/// A charge that is under way is waited for; should it be declined, the new method is next.
fn defaults_set(account: &mut Account, setup: &SetupId) -> Transition {
    let Some(update) = account.method_update.take_if(|update| update.setup == *setup) else {
        return Transition::default();
    };
    account.finish_setup(update.setup);
    account.forget_expiry();
    for attempt in account.cases.values_mut().filter_map(|case| case.attempt.as_mut()) {
        attempt.next_method = Some(update.method.clone());
    }
    let idle = |case: &RecoveryCase| case.attempt.is_none();
    charge_run::begin(account, Trigger::MethodUpdate, Some(update.method), idle);
    Transition::default()
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

/// The strictest limits of the open cases' segments.
fn customer_limits(account: &Account, policy: &Policy) -> CustomerAttempts {
    let limits = account.open_cases().map(|case| settings_of(case, policy).customer_attempts);
    limits.min_by_key(|limits| limits.max).unwrap_or(policy.settings().customer_attempts)
}

/// When the customer may ask again; `None`: now.
fn retry_blocked_ms(account: &Account, now: Timestamp, allowed: CustomerAttempts) -> Option<i64> {
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

/// Whether the customer may ask for the same method again now: something is open that it can pay,
/// the merchant's limit leaves room, and the networks let the customer try that card.
pub(super) fn retry_verdict(
    account: &Account,
    now: Timestamp,
    policy: &Policy,
    may: impl Fn(&RecoveryCase) -> bool,
) -> Result<(), ApplyError> {
    let is_busy = account.method_update.is_some() || account.charge_run.is_some();
    if is_busy || !account.open_cases().any(&may) {
        return Err(ApplyError::NothingToRetry);
    }
    let limits = customer_limits(account, policy);
    if let Some(retry_after_ms) = retry_blocked_ms(account, now, limits) {
        return Err(ApplyError::TooManyAttempts { retry_after_ms });
    }
    let planner = planning::of(account, policy, now);
    let mut earliest: Option<Timestamp> = None;
    for case in account.open_cases().filter(|case| may(case)) {
        match planner.customer_verdict(case, None) {
            Verdict::Allowed => return Ok(()),
            Verdict::NotBefore { at, .. } => {
                earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
            }
            Verdict::Never { .. } => {}
        }
    }
    Err(earliest.map_or(ApplyError::NothingToRetry, |at| ApplyError::TooManyAttempts {
        retry_after_ms: at.since_ms(now).max(1),
    }))
}

fn retry_requested(
    account: &mut Account,
    now: Timestamp,
    policy: &Policy,
    may: impl Fn(&RecoveryCase) -> bool,
) -> Result<Transition, ApplyError> {
    retry_verdict(account, now, policy, &may)?;
    let max = usize::try_from(customer_limits(account, policy).max).unwrap_or(usize::MAX);
    while account.customer_attempts.len() >= max.max(1) {
        account.customer_attempts.pop_front();
    }
    account.customer_attempts.push_back(now);
    charge_run::begin(account, Trigger::CustomerRetry, None, may);
    Ok(Transition::default())
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
