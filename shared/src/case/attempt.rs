//! The life of one charge of ours: stored, sent, and known or unknown how it ended.

use super::effect::{Effect, JournalEntry, Transition};
use super::event::Trigger;
use super::observe;
use super::state::{self, Input};
use super::{ATTEMPT_CHECK_MS, ATTEMPT_CHECKS_MS, Attempt, RecoveryCase, step_ms};
use crate::account::Account;
use crate::decline::Category;
use crate::id::{InvoiceId, PaymentMethodId};
use crate::idempotency::IdempotencyKey;
use crate::policy::Policy;
use crate::provider::{ChargeOutcome, MethodFact};
use crate::time::Timestamp;

/// Records the attempt. The charge itself is an effect and happens after the commit.
pub(super) fn start(
    case: &mut RecoveryCase,
    method: Option<PaymentMethodId>,
    trigger: Trigger,
    now: Timestamp,
    transition: &mut Transition,
) {
    let Some(next) = state::next(case.state, Input::AttemptStarted) else { return };
    let number = case.attempt_number.saturating_add(1);
    let attempt = Attempt {
        number,
        key: IdempotencyKey::for_payment(&case.invoice, number, method.as_ref()),
        method,
        trigger,
        started_at: now,
        check_at: now.plus_ms(ATTEMPT_CHECK_MS),
        checks: 0,
        next_method: None,
    };
    case.state = next;
    case.attempt_number = number;
    if trigger == Trigger::Schedule {
        case.rungs_used = case.rungs_used.saturating_add(1);
    }
    case.attempt = Some(attempt.clone());
    let invoice = case.invoice.clone();
    let entry = JournalEntry::AttemptStarted { invoice: invoice.clone(), attempt: attempt.clone() };
    transition.journal.push(entry);
    transition.effects.push(Effect::Charge { invoice, attempt });
}

pub(super) fn finished(
    account: &mut Account,
    invoice: &InvoiceId,
    number: u32,
    outcome: &ChargeOutcome,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    if !is_in_flight(account, invoice, number) {
        return Transition::default();
    }
    let mut transition = Transition::default();
    match outcome {
        ChargeOutcome::Paid => {
            observe::settle(account, invoice);
            observe::close(account, invoice, Input::Paid, now, &mut transition);
            transition
        }
        ChargeOutcome::Closed => {
            // Void or given up: which of the two, the live invoice says.
            if let Some(case) = account.cases.get_mut(invoice) {
                case.read_at = Some(now);
            }
            over(account, (invoice, number), "closed", now, policy)
        }
        ChargeOutcome::NeedsAuthentication => {
            if let Some(case) = account.cases.get_mut(invoice) {
                case.failed_at = now;
                case.read_at = Some(now);
                case.attempt = None;
                observe::move_on(case, Input::AttemptNeedsAuthentication);
            }
            let outcome = "needs_authentication";
            let invoice = invoice.clone();
            transition.journal.push(JournalEntry::AttemptEnded { invoice, number, outcome });
            transition
        }
        ChargeOutcome::Declined { decline } => {
            if let Some(case) = account.cases.get_mut(invoice) {
                case.decline = Some(decline.clone());
                case.failed_at = now;
                remember_method(case);
                // The live invoice says what the method looks like and what the provider plans.
                case.read_at = Some(now);
            }
            over(account, (invoice, number), category_name(decline.category), now, policy)
        }
    }
}

/// The method that failed is the one that was charged; its looks come with the next reading.
fn remember_method(case: &mut RecoveryCase) {
    let charged = case.attempt.as_ref().and_then(|attempt| attempt.method.clone());
    let known = case.method.as_ref().map(|method| method.id.clone());
    if let Some(id) = charged.filter(|id| Some(id) != known.as_ref()) {
        case.method = Some(MethodFact { id, summary: None });
    }
}

fn is_in_flight(account: &Account, invoice: &InvoiceId, number: u32) -> bool {
    let attempt = account.cases.get(invoice).and_then(|case| case.attempt.as_ref());
    attempt.is_some_and(|attempt| attempt.number == number)
}

/// The attempt ended and the invoice is not paid.
pub(super) fn over(
    account: &mut Account,
    (invoice, number): (&InvoiceId, u32),
    outcome: &'static str,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    let mut transition = Transition::default();
    if !is_in_flight(account, invoice, number) {
        return transition;
    }
    let Some(case) = account.cases.get_mut(invoice) else { return transition };
    let next_method = case.attempt.take().and_then(|attempt| attempt.next_method);
    let category = case.decline.as_ref().map(|decline| decline.category);
    let input = if category == Some(Category::AuthenticationRequired) {
        Input::AttemptNeedsAuthentication
    } else if observe::decision(case, policy).at.is_some() {
        Input::AttemptRetryable
    } else {
        Input::AttemptNeedsMethod
    };
    observe::move_on(case, input);
    let ended = JournalEntry::AttemptEnded { invoice: invoice.clone(), number, outcome };
    transition.journal.push(ended);
    let subscription = case.subscription.clone();
    if let Some(reason) = account.end_reason(subscription.as_ref()) {
        observe::close(account, invoice, observe::end_input(reason), now, &mut transition);
        return transition;
    }
    if let (Some(method), Some(case)) = (next_method, account.cases.get_mut(invoice)) {
        start(case, Some(method), Trigger::MethodUpdate, now, &mut transition);
    }
    transition
}

pub(super) fn unknown(
    account: &mut Account,
    invoice: &InvoiceId,
    number: u32,
    now: Timestamp,
) -> Transition {
    let case = account.cases.get_mut(invoice);
    if let Some(attempt) = case.and_then(|case| case.attempt.as_mut())
        && attempt.number == number
    {
        attempt.check_at = now.plus_ms(step_ms(ATTEMPT_CHECKS_MS, attempt.checks));
        attempt.checks = attempt.checks.saturating_add(1);
    }
    Transition::default()
}

const fn category_name(category: Category) -> &'static str {
    match category {
        Category::InsufficientFunds => "insufficient_funds",
        Category::IssuerUnavailable => "issuer_unavailable",
        Category::Generic => "generic",
        Category::Expired => "expired",
        Category::InvalidDetails => "invalid_details",
        Category::NotSupported => "not_supported",
        Category::AuthenticationRequired => "authentication_required",
        Category::Blocked => "blocked",
        Category::Revoked => "revoked",
        Category::Technical => "technical",
        Category::Unknown => "unknown",
    }
}
