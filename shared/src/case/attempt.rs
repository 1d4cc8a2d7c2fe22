//! The life of one charge of ours: stored, sent, and known or unknown how it ended.

use super::effect::{Effect, JournalEntry, Lesson, Transition};
use super::event::Trigger;
use super::state::{self, Input};
use super::{ATTEMPT_CHECK_MS, ATTEMPT_CHECKS_MS, Attempt, RecoveryCase, step_ms};
use super::{PROCESSING_CHECK_MS, charge_run, observe, planning, processing, subscription};
use crate::account::Account;
use crate::account::cards::card_of;
use crate::decline::{Category, Decline, RawDecline};
use crate::id::{InvoiceId, PaymentMethodId};
use crate::idempotency::{IdempotencyKey, KEY_LIFETIME_MS};
use crate::network::{AttemptBy, CardAttempt, Initiator};
use crate::policy::Policy;
use crate::provider::{ChargeOutcome, MethodFact};
use crate::retry::RetryDecision;
use crate::time::Timestamp;

/// How an attempt ended that is too old to be asked for.
pub(super) const LAPSED: &str = "lapsed";
/// How an attempt ended that was never sent.
const WITHHELD: &str = "withheld";

/// Records the attempt. The charge itself is an effect and happens after the commit.
pub(super) fn start(
    case: &mut RecoveryCase,
    (method, trigger, decision): (Option<PaymentMethodId>, Trigger, Option<RetryDecision>),
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
        decision: decision.map(Box::new),
        is_asked: false,
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
    if *outcome != ChargeOutcome::Paid && !is_in_flight(account, invoice, number) {
        return Transition::default();
    }
    match outcome {
        // Money counts, also that of an attempt which was thought to be over.
        ChargeOutcome::Paid => {
            let mut transition = Transition::default();
            observe::settle(account, invoice);
            observe::close(account, invoice, Input::Paid, now, &mut transition);
            transition
        }
        // Void or given up: which of the two, the live invoice says.
        ChargeOutcome::Closed => over(account, (invoice, number), "closed", now, policy),
        ChargeOutcome::Processing => {
            if let Some(case) = account.cases.get_mut(invoice) {
                processing::begin(case, now);
            }
            Transition::default()
        }
        ChargeOutcome::NeedsAuthentication => {
            failed_with(account, invoice, asks_for_the_customer(), now);
            over(account, (invoice, number), "needs_authentication", now, policy)
        }
        ChargeOutcome::Declined { decline } => {
            failed_with(account, invoice, decline.clone(), now);
            charge_run::refused(account, invoice, decline, now, policy);
            over(account, (invoice, number), category_name(decline.category), now, policy)
        }
    }
}

fn failed_with(account: &mut Account, invoice: &InvoiceId, decline: Decline, now: Timestamp) {
    let Some(case) = account.cases.get_mut(invoice) else { return };
    remember_method(case);
    case.decline = Some(decline.clone());
    count(account, invoice, &decline, now);
}

/// Writes the attempt that just ended into the history of its card.
fn count(account: &mut Account, invoice: &InvoiceId, decline: &Decline, now: Timestamp) {
    let Some(case) = account.cases.get(invoice) else { return };
    let trigger = case.attempt.as_ref().map_or(Trigger::Schedule, |attempt| attempt.trigger);
    let initiator = if trigger.is_on_session() { Initiator::Customer } else { Initiator::Merchant };
    // A bank that wants to see a customer who is there has not said no.
    if initiator == Initiator::Customer && decline.category == Category::AuthenticationRequired {
        return;
    }
    let card = card_of(&account.known_cards, case.method.as_ref());
    let tried = CardAttempt {
        at: now,
        card: card.key,
        network: card.network,
        amount: case.amount_due,
        initiator,
        by: AttemptBy::Ours,
        category: Some(decline.category),
        network_advice: decline.raw.network_advice_code.clone(),
        network_code: decline.raw.network_decline_code.clone(),
    };
    account.record_attempt(tried, now);
}

/// What is known of an attempt that nobody can ask about any more, on an invoice that is still
/// open: nothing. It may have reached the network and counts as one that did.
fn lapsed() -> Decline {
    Decline { category: Category::Unknown, do_not_retry: false, raw: RawDecline::default() }
}

/// Kept as a decline: an event that says nothing of authentication must not bring automatic
/// attempts back.
fn asks_for_the_customer() -> Decline {
    let (category, raw) = (Category::AuthenticationRequired, RawDecline::default());
    Decline { category, do_not_retry: false, raw }
}

/// The method that failed is the one that was charged; its looks come with the next reading.
fn remember_method(case: &mut RecoveryCase) {
    let charged = case.attempt.as_ref().and_then(|attempt| attempt.method.clone());
    let known = case.method.as_ref().map(|method| method.id.clone());
    if let Some(id) = charged.filter(|id| Some(id) != known.as_ref()) {
        case.method = Some(MethodFact::bare(id));
    }
}

fn is_in_flight(account: &Account, invoice: &InvoiceId, number: u32) -> bool {
    let attempt = account.cases.get(invoice).and_then(|case| case.attempt.as_ref());
    attempt.is_some_and(|attempt| attempt.number == number)
}

/// The attempt was not sent, so nothing reached a network and its rung is still to come. Where its
/// outcome was asked for meanwhile, asking may have sent it: then nobody knows.
pub(super) fn withheld(
    account: &mut Account,
    invoice: &InvoiceId,
    number: u32,
    now: Timestamp,
    policy: &Policy,
) -> Transition {
    let case = account.cases.get_mut(invoice);
    let Some(case) =
        case.filter(|case| case.attempt.as_ref().is_some_and(|attempt| attempt.number == number))
    else {
        return Transition::default();
    };
    if case.attempt.as_ref().is_some_and(|attempt| attempt.is_asked) {
        return Transition::default();
    }
    if case.attempt.as_ref().is_some_and(|attempt| attempt.trigger == Trigger::Schedule) {
        case.rungs_used = case.rungs_used.saturating_sub(1);
    }
    over(account, (invoice, number), WITHHELD, now, policy)
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
    if outcome == LAPSED {
        count(account, invoice, &lapsed(), now);
    }
    let (cases, planner) = planning::split(account, policy, now);
    let Some(case) = cases.get_mut(invoice) else { return transition };
    let ended = case.attempt.take();
    let timing = ended.as_ref().and_then(|ended| ended.decision.as_ref()?.timing);
    let next_method = ended.and_then(|ended| ended.next_method);
    // The next rung waits from here. The live invoice says what the method looks like, what the
    // provider plans, and whether the invoice can be paid at all.
    if outcome != WITHHELD {
        case.failed_at = now;
    }
    case.read_at = Some(now);
    let input = match observe::planned_input(case, &planner) {
        Input::SeenNeedsAuthentication => Input::AttemptNeedsAuthentication,
        Input::SeenRetryable => Input::AttemptRetryable,
        _ => Input::AttemptNeedsMethod,
    };
    observe::move_on(case, input);
    let was_refused = !matches!(outcome, "closed" | LAPSED | WITHHELD | "needs_authentication");
    let lesson = timing.filter(|_| was_refused).map(|timing| Lesson { timing, is_success: false });
    let ended = JournalEntry::AttemptEnded { invoice: invoice.clone(), number, outcome, lesson };
    transition.journal.push(ended);
    let subscription = case.subscription.clone();
    if let Some(input) = subscription::halt(account, invoice, subscription.as_ref()) {
        subscription::apply_halt(account, invoice, input, now, &mut transition);
        return transition;
    }
    if let (Some(method), Some(case)) = (next_method, account.cases.get_mut(invoice)) {
        start(case, (Some(method), Trigger::MethodUpdate, None), now, &mut transition);
    }
    transition
}

/// Asks how a charge ended, if it is time. Asking may send the charge again, so in a halted case
/// only the invoice is read until the provider has forgotten the key; from then on asking cannot
/// charge.
pub(super) fn check(case: &mut RecoveryCase, halted: Halted, now: Timestamp) -> Option<Effect> {
    let invoice = case.invoice.clone();
    let is_processing = case.is_processing();
    let attempt = case.attempt.as_mut().filter(|attempt| attempt.check_at <= now)?;
    if is_processing {
        // Sent again under its key it would bring the answer of then, and under another one it
        // would be a second payment. Only the invoice says how it ended.
        attempt.check_at = now.plus_ms(PROCESSING_CHECK_MS);
        case.read_at = Some(attempt.check_at);
        return Some(Effect::ReadInvoice { invoice });
    }
    if halted == Halted::Yes && now.since_ms(attempt.started_at) < KEY_LIFETIME_MS {
        postpone_check(attempt, now);
        return Some(Effect::ReadInvoice { invoice });
    }
    // Moved on before it is asked, so that a run that is cut off finds it again and does not spin.
    attempt.check_at = now.plus_ms(ATTEMPT_CHECK_MS);
    attempt.is_asked = true;
    Some(Effect::Reconcile { invoice, attempt: attempt.clone() })
}

/// Asks a moment later, when the customer's other invoices were read.
pub(super) fn wait_for_readings(case: &mut RecoveryCase, now: Timestamp) {
    if let Some(attempt) = case.attempt.as_mut() {
        attempt.check_at = now.plus_ms(ATTEMPT_CHECK_MS);
    }
}

/// Whether something happened after a charge was begun that forbids sending it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halted {
    Yes,
    No,
}

fn postpone_check(attempt: &mut Attempt, now: Timestamp) {
    attempt.check_at = now.plus_ms(step_ms(ATTEMPT_CHECKS_MS, attempt.checks));
    attempt.checks = attempt.checks.saturating_add(1);
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
        postpone_check(attempt, now);
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
