//! Declared, known to the provider, taken back, over.

use super::{acts, dropped, get, has_open_case, settings_of, step, tell, write};
use crate::account::Account;
use crate::cancel::settings::{EndsAt, OpenInvoices};
use crate::cancel::state::Input;
use crate::cancel::{
    Act, CancelEntry, CancelError, CancelKind, CancelNotice, CancelState, Cancellation, PauseState,
    Step,
};
use crate::case::Transition;
use crate::case::effect::Effect;
use crate::id::{CancellationId, InvoiceId, SubscriptionId};
use crate::policy::Policy;
use crate::provider::{PauseKind, SubscriptionFact, SubscriptionStatus};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// So long after its end a subscription is looked at, in milliseconds, in case no event told.
const END_CHECK_MS: i64 = HOUR_MS;
/// And then this often.
const END_CHECKS_MS: i64 = DAY_MS;
/// By how much our clock and the provider's may differ, in milliseconds.
const CLOCKS_DIFFER_MS: i64 = 10 * MINUTE_MS;

pub(super) fn confirmed(
    account: &mut Account,
    id: &CancellationId,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) -> Result<(), CancelError> {
    let known = get(account, id)?;
    match known.state {
        CancelState::Canceling | CancelState::Canceled | CancelState::Ended => return Ok(()),
        CancelState::Open | CancelState::Accepting => {}
        _ => return Err(CancelError::WrongStep),
    }
    let subscription = known.subscription.clone();
    let ends_at = period_end(account, id, now, policy);
    let (reason, comment) = (known.reason, known.feedback.clone());
    if known.step == Step::Offer {
        write(out, id, CancelEntry::OffersRefused);
    }
    // An offer on its way is not waited for: nothing of it may stand between the customer and the
    // door. What became of it is found out afterwards.
    dropped::drop_offers(account, &subscription, now);
    let pauses = &mut account.leaving.pauses;
    let run = pauses.get_mut(&subscription).map(|run| {
        run.extending_to = None;
        run.state
    });
    if run == Some(PauseState::Starting) {
        pauses.remove(&subscription);
    }
    step(account, id, Input::Confirmed, now);
    let effective_at = ends_at.unwrap_or(now);
    if let Some(known) = account.leaving.cancellations.get_mut(id) {
        known.step = Step::Done;
        known.confirmed_at = Some(now);
        known.effective_at = Some(effective_at);
    }
    let act = match ends_at {
        Some(_) => Act::CancelAtPeriodEnd { subscription, reason, comment },
        None => Act::CancelNow { subscription, reason, comment },
    };
    acts::push(account, id, act);
    write(out, id, CancelEntry::Confirmed { effective_at });
    tell(out, CancelNotice::Receipt { id: id.clone() });
    Ok(())
}

/// When a cancellation ends its subscription, or would if it were declared now.
pub(crate) fn would_end_at(
    account: &Account,
    known: &Cancellation,
    now: Timestamp,
    policy: &Policy,
) -> Timestamp {
    let declared = known.effective_at.filter(|_| known.confirmed_at.is_some());
    declared.or_else(|| period_end(account, &known.id, now, policy)).unwrap_or(now)
}

/// When the paid period ends, if that is when it shall end; `None`: now.
fn period_end(
    account: &Account,
    id: &CancellationId,
    now: Timestamp,
    policy: &Policy,
) -> Option<Timestamp> {
    let known = account.leaving.cancellations.get(id)?;
    let settings = settings_of(known, policy);
    let past_due = has_open_case(account, &known.subscription);
    let ends = if past_due { settings.ends_past_due } else { settings.ends };
    if known.kind != CancelKind::Ordinary || ends == EndsAt::Now {
        return None;
    }
    let subscription = account.subscriptions.get(&known.subscription)?;
    // What rests has no period that ends.
    let run = account.leaving.pauses.get(&known.subscription);
    let by_service = |run: &crate::cancel::PauseRun| {
        run.terms.by == PauseKind::Service && run.state != PauseState::Starting
    };
    if subscription.status == SubscriptionStatus::Paused || run.is_some_and(by_service) {
        return None;
    }
    subscription.life.as_ref()?.period_ends_at.filter(|at| *at > now)
}

pub(super) fn undone(
    account: &mut Account,
    id: &CancellationId,
    now: Timestamp,
    out: &mut Transition,
) -> Result<(), CancelError> {
    let known = get(account, id)?;
    match known.state {
        CancelState::Undoing | CancelState::Undone => return Ok(()),
        CancelState::Canceling | CancelState::Canceled => {}
        CancelState::Ended => return Err(CancelError::TooLate),
        _ => return Err(CancelError::WrongStep),
    }
    let was_at_once = known.effective_at == known.confirmed_at;
    if was_at_once || known.effective_at.is_none_or(|at| at <= now) {
        return Err(CancelError::TooLate);
    }
    let subscription = known.subscription.clone();
    step(account, id, Input::UndoAsked, now);
    acts::push(account, id, Act::KeepRunning { subscription });
    write(out, id, CancelEntry::UndoAsked);
    Ok(())
}

/// The provider knows that it ends.
pub(super) fn known(
    account: &mut Account,
    id: &CancellationId,
    now: Timestamp,
    out: &mut Transition,
) {
    let is_new = step(account, id, Input::CancelDone, now);
    if is_new {
        write(out, id, CancelEntry::Canceled);
    }
    if is_new {
        await_end(account, id, now);
    }
}

/// It cannot be taken back. The provider may have known of it only since that was asked.
pub(super) fn ends_after_all(
    account: &mut Account,
    id: &CancellationId,
    now: Timestamp,
    out: &mut Transition,
) {
    if step(account, id, Input::UndoFailed, now) {
        write(out, id, CancelEntry::UndoFailed);
        await_end(account, id, now);
    }
}

fn await_end(account: &mut Account, id: &CancellationId, now: Timestamp) {
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return };
    known.canceled_at.get_or_insert(now);
    let ends_at = known.effective_at.unwrap_or(now);
    known.check_at.get_or_insert(ends_at.plus_ms(END_CHECK_MS));
}

/// Taken back, by the customer or elsewhere.
pub(super) fn runs_on(
    account: &mut Account,
    id: &CancellationId,
    input: Input,
    now: Timestamp,
    out: &mut Transition,
) {
    if step(account, id, input, now) {
        write(out, id, CancelEntry::Undone);
        tell(out, CancelNotice::Undone { id: id.clone() });
    }
}

/// The subscription is over, whoever ended it. Open invoices of one that was cancelled here are
/// made void if the policy says so; kept ones stay as they are, and nobody collects them.
pub(in crate::case) fn ended(
    account: &mut Account,
    subscription: &SubscriptionId,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    account.leaving.pauses.remove(subscription);
    account.leaving.resumed.remove(subscription);
    acts::drop_all(account, subscription);
    let Some(known) = account.leaving.under_way(subscription) else { return };
    let (id, was_leaving) = (known.id.clone(), known.state.is_leaving());
    let is_void = settings_of(known, policy).open_invoices == OpenInvoices::Void;
    step(account, &id, Input::SubscriptionEnded, now);
    write(out, &id, CancelEntry::Ended);
    if !was_leaving {
        return;
    }
    if is_void {
        void_open(account, &id, subscription);
    }
    tell(out, CancelNotice::WinBack { id, subscription: subscription.clone() });
}

/// Asks for every open invoice of a subscription to be made void.
pub(super) fn void_open(account: &mut Account, id: &CancellationId, subscription: &SubscriptionId) {
    let of_it =
        account.open_cases().filter(|case| case.subscription.as_ref() == Some(subscription));
    let open: Vec<InvoiceId> = of_it.map(|case| case.invoice.clone()).collect();
    for invoice in open {
        acts::push(account, id, Act::Void { invoice });
    }
}

/// What a sighting of a subscription says about its cancellation and its pause. It is newer than
/// all before it, and the account knows it already.
pub(in crate::case) fn seen(
    account: &mut Account,
    fact: &SubscriptionFact,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    if fact.status == SubscriptionStatus::Ended {
        ended(account, &fact.id, now, policy, out);
        return;
    }
    super::pauses::seen(account, fact, out);
    super::resumed::seen(account, fact);
    let Some(known) = account.leaving.under_way(&fact.id) else { return };
    let id = known.id.clone();
    let rests = fact.status == SubscriptionStatus::Paused && known.state == CancelState::Canceled;
    let is_busy = acts::is_busy(account, &fact.id);
    if rests && !is_busy {
        // It rests after all, so that its period never ends; who left is not kept for that.
        end_now(account, &id);
    }
    let is_busy = is_busy || rests;
    let Some(known) = account.leaving.cancellations.get(&id) else { return };
    let Some(life) = &fact.life else { return };
    let runs_since = known.canceled_at.filter(|at| fact.seen_at > *at);
    match life.ends_at {
        // The provider's own word for when it ends.
        Some(ends_at) => {
            if let Some(known) = account.leaving.cancellations.get_mut(&id)
                && known.state == CancelState::Canceled
            {
                known.effective_at = Some(ends_at);
                known.check_at = Some(ends_at.plus_ms(END_CHECK_MS).max(now.plus_ms(END_CHECK_MS)));
            }
        }
        None if !is_busy && is_after(fact.seen_at, known.canceled_at) => {
            runs_on(account, &id, Input::SeenRunningOn, now, out);
        }
        // Perhaps it was taken back, perhaps our clock is behind: looked at when that is clear.
        None => {
            let look_at = runs_since.map(|at| at.plus_ms(CLOCKS_DIFFER_MS + MINUTE_MS));
            if let (Some(look_at), Some(known)) =
                (look_at, account.leaving.cancellations.get_mut(&id))
                && known.state == CancelState::Canceled
            {
                known.check_at = known.check_at.map(|at| at.min(look_at.max(now)));
            }
        }
    }
}

/// Whether a sighting, which carries the provider's time, is of after a moment of ours.
pub(super) fn is_after(seen_at: Timestamp, ours: Option<Timestamp>) -> bool {
    ours.is_some_and(|at| seen_at.since_ms(at) > CLOCKS_DIFFER_MS)
}

/// Ends at once what was to end with its period.
pub(super) fn end_now(account: &mut Account, id: &CancellationId) {
    let Some(known) = account.leaving.cancellations.get(id) else { return };
    let (reason, comment) = (known.reason, known.feedback.clone());
    let subscription = known.subscription.clone();
    acts::push(account, id, Act::CancelNow { subscription, reason, comment });
}

/// One that should be over is looked at.
pub(super) fn reached(account: &mut Account, now: Timestamp, out: &mut Transition) {
    let mut is_due = false;
    for known in account.leaving.cancellations.values_mut() {
        if known.check_at.is_some_and(|at| at <= now) {
            known.check_at = Some(now.plus_ms(END_CHECKS_MS));
            is_due = true;
        }
    }
    if is_due {
        out.effects.push(Effect::ReadSubscriptions);
    }
}
