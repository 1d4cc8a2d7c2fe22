//! A pause from its first day to the first charge after it.

use super::{acts, life, settings_of, step, tell, write};
use crate::account::Account;
use crate::cancel::settings::OpenInvoices;
use crate::cancel::state::Input;
use crate::cancel::{
    Act, CancelEntry, CancelError, CancelNotice, PauseRun, PauseState, Step, offer,
};
use crate::case::Transition;
use crate::id::SubscriptionId;
use crate::policy::Policy;
use crate::provider::{SubscriptionFact, SubscriptionStatus};
use crate::time::Timestamp;

/// The customer wants it back now.
pub(super) fn resume(
    account: &mut Account,
    subscription: &SubscriptionId,
    out: &mut Transition,
) -> Result<(), CancelError> {
    let leaves = account.leaving.is_leaving(subscription);
    let run = account.leaving.pauses.get(subscription).ok_or(CancelError::NotPaused)?;
    match run.state {
        PauseState::Resuming => return Ok(()),
        PauseState::Paused if !leaves => {}
        // Who is leaving is not charged for coming back.
        PauseState::Paused | PauseState::Starting => return Err(CancelError::WrongStep),
    }
    write(out, &run.cancellation.clone(), CancelEntry::ResumeAsked);
    end(account, subscription);
    Ok(())
}

/// The customer wants it to be longer.
pub(super) fn extend(
    account: &mut Account,
    subscription: &SubscriptionId,
    policy: &Policy,
) -> Result<(), CancelError> {
    let leaving = &account.leaving;
    let run = leaving.pauses.get(subscription).ok_or(CancelError::NotPaused)?;
    if run.extending_to.is_some() {
        return Ok(());
    }
    let began_with = leaving.cancellations.get(&run.cancellation);
    let settings = began_with.map_or(policy.cancel(), |known| settings_of(known, policy));
    let may = run.state == PauseState::Paused && !leaving.is_leaving(subscription);
    if !may || run.extensions >= settings.pause.extensions_max {
        return Err(CancelError::WrongStep);
    }
    let known = account.subscriptions.get(subscription).ok_or(CancelError::NoSuchSubscription)?;
    let longer = offer::longer(&run.terms, run.accepted_at, known);
    let resumes_at = longer.ok_or(CancelError::NotOffered)?.resumes_at;
    let (id, by) = (run.cancellation.clone(), run.terms.by);
    if let Some(run) = account.leaving.pauses.get_mut(subscription) {
        run.extending_to = Some(resumes_at);
    }
    acts::push(account, &id, Act::Pause { subscription: subscription.clone(), by, resumes_at });
    Ok(())
}

/// Ends it, unless that is on its way.
fn end(account: &mut Account, subscription: &SubscriptionId) {
    let Some(run) = account.leaving.pauses.get_mut(subscription) else { return };
    run.state = PauseState::Resuming;
    run.reminder_at = None;
    let (id, by) = (run.cancellation.clone(), run.terms.by);
    acts::push(account, &id, Act::Resume { subscription: subscription.clone(), by });
}

/// The provider knows of the pause, or of its new end.
pub(super) fn begun(
    account: &mut Account,
    (subscription, resumes_at): (&SubscriptionId, Timestamp),
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    let known = account.subscriptions.get(subscription).cloned();
    let leaving = &mut account.leaving;
    let Some(run) = leaving.pauses.get_mut(subscription) else { return };
    let id = run.cancellation.clone();
    let began_with = leaving.cancellations.get(&id);
    let settings = began_with.map_or(policy.cancel(), |known| settings_of(known, policy)).pause;
    run.terms.resumes_at = resumes_at;
    let first = known.as_ref().and_then(|known| offer::first_charge(&run.terms, known, resumes_at));
    run.terms.first_charge_at = first;
    let reminder_at = resumes_at.plus_ms(-settings.reminder_ms);
    run.reminder_at = (reminder_at > now).then_some(reminder_at);
    if run.extending_to.take().is_some() {
        run.extensions = run.extensions.saturating_add(1);
        write(out, &id, CancelEntry::PauseExtended { resumes_at });
        return;
    }
    run.state = PauseState::Paused;
    run.began_at = Some(now);
    leaving.resumed.remove(subscription);
    let subscription = subscription.clone();
    if settings.open_invoices == OpenInvoices::Void {
        life::void_open(account, &id, &subscription);
    }
    tell(out, CancelNotice::PauseBegan { subscription, resumes_at });
}

/// The provider refuses the pause, or its new end; the old one stands.
pub(super) fn refused(account: &mut Account, subscription: &SubscriptionId) {
    let Some(run) = account.leaving.pauses.get_mut(subscription) else { return };
    if run.extending_to.take().is_none() {
        account.leaving.pauses.remove(subscription);
    }
}

/// It is over: from now on renewals are charged again.
pub(super) fn over(account: &mut Account, subscription: &SubscriptionId, out: &mut Transition) {
    let Some(run) = account.leaving.pauses.remove(subscription) else { return };
    if let Some(known) = account.subscriptions.get_mut(subscription) {
        // What was seen before it ended does not keep it paused; the next reading says more.
        if let Some(life) = known.life.as_mut() {
            life.pause = None;
        }
        if known.status == SubscriptionStatus::Paused {
            known.status = SubscriptionStatus::Active;
        }
    }
    write(out, &run.cancellation, CancelEntry::Resumed);
    tell(out, CancelNotice::PauseEnded { subscription: subscription.clone() });
}

/// A sighting that shows no pause, made after the provider knew of it: it was ended elsewhere.
pub(super) fn seen(account: &mut Account, fact: &SubscriptionFact, out: &mut Transition) {
    let Some(life) = &fact.life else { return };
    let Some(run) = account.leaving.pauses.get(&fact.id) else { return };
    let runs = life.pause.is_none() && fact.status != SubscriptionStatus::Paused;
    let is_newer = life::is_after(fact.seen_at, run.began_at);
    if runs && is_newer && run.state == PauseState::Paused && !acts::is_busy(account, &fact.id) {
        over(account, &fact.id, out);
    }
}

/// The reminder, and the end.
pub(super) fn reached(account: &mut Account, now: Timestamp, out: &mut Transition) {
    let mut ending: Vec<SubscriptionId> = Vec::new();
    for (subscription, run) in &mut account.leaving.pauses {
        if run.state != PauseState::Paused {
            continue;
        }
        if run.reminder_at.is_some_and(|at| at <= now) {
            run.reminder_at = None;
            let PauseRun { terms, .. } = run;
            tell(
                out,
                CancelNotice::PauseEnding {
                    subscription: subscription.clone(),
                    resumes_at: terms.resumes_at,
                    first_charge_at: terms.first_charge_at,
                },
            );
        }
        if run.extending_to.is_none() && run.terms.resumes_at <= now {
            ending.push(subscription.clone());
        }
    }
    for subscription in ending {
        if !account.leaving.is_leaving(&subscription) {
            end(account, &subscription);
        } else if let Some(run) = account.leaving.pauses.remove(&subscription) {
            // Who is leaving is not charged either way, so there is nothing to end.
            write(out, &run.cancellation, CancelEntry::Resumed);
        }
    }
}

/// An offer of any kind holds.
pub(super) fn offer_done(
    account: &mut Account,
    id: &crate::id::CancellationId,
    kind: &str,
    now: Timestamp,
    out: &mut Transition,
) {
    if !step(account, id, Input::OfferDone, now) {
        return;
    }
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return };
    known.step = Step::Kept;
    let (offer, shown_at) = (known.accepted.clone().unwrap_or_default(), known.shown_at);
    write(out, id, CancelEntry::OfferTaken { offer });
    account.leaving.not_refused(shown_at);
    let taken = crate::cancel::Taken { kind: kind.to_owned(), at: now };
    account.leaving.taken.push(taken);
}
