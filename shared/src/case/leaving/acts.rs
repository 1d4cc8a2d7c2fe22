//! The queue of what the provider is asked for. Each act is stored before it is sent and asked for
//! again under the same key until its outcome is known; what is done to one thing is done one after
//! the other.

use super::{life, offers, pauses, step, write};
use crate::account::Account;
use crate::cancel::record::ACTS_MAX;
use crate::cancel::state::Input;
use crate::cancel::{Act, ActOutcome, CancelEntry, PendingAct, Step};
use crate::case::effect::Effect;
use crate::case::state::Input as CaseInput;
use crate::case::{
    ATTEMPT_CHECK_MS, ATTEMPT_CHECKS_MS, Transition, observe, step_ms, subscription,
};
use crate::id::{CancellationId, InvoiceId, SubscriptionId};
use crate::idempotency::{IdempotencyKey, KEY_LIFETIME_MS};
use crate::policy::Policy;
use crate::time::{HOUR_MS, Timestamp};
use std::collections::BTreeSet;

/// Puts an act at the end of the queue.
pub(super) fn push(account: &mut Account, subject: &CancellationId, act: Act) {
    let leaving = &mut account.leaving;
    // Holding and releasing that was not sent yet is overtaken by what is wanted now.
    if let Some(invoice) = act.invoice() {
        let is_mild = |act: &Act| matches!(act, Act::Hold { .. } | Act::Release { .. });
        leaving.acts.retain(|known| {
            let waits = known.started_at.is_none() && known.act.invoice() == Some(invoice);
            !(waits && is_mild(&known.act))
        });
    }
    // Nobody begins to leave while half of it is full, so there is room for the rest of the way.
    if leaving.acts.len() >= ACTS_MAX {
        return;
    }
    leaving.acts_count = leaving.acts_count.saturating_add(1);
    let key = key(subject, &act, leaving.acts_count);
    let (started_at, check_at) = (None, None);
    leaving.acts.push(PendingAct {
        key,
        subject: subject.clone(),
        act,
        started_at,
        check_at,
        checks: 0,
    });
}

fn key(subject: &CancellationId, act: &Act, number: u32) -> IdempotencyKey {
    IdempotencyKey::for_act(subject, act.as_str(), act.target(), number)
}

/// Whether something is on its way to a subscription.
pub(super) fn is_busy(account: &Account, subscription: &SubscriptionId) -> bool {
    account.leaving.acts.iter().any(|known| known.act.target() == subscription.as_str())
}

/// Forgets what was offered and is not known to hold.
pub(super) fn drop_offers(account: &mut Account, subscription: &SubscriptionId) {
    let leaving = &mut account.leaving;
    let subject = leaving.under_way(subscription).map(|known| known.id.clone());
    leaving.acts.retain(|known| {
        let of_it = known.act.target() == subscription.as_str();
        let own = Some(&known.subject) == subject.as_ref();
        !(known.act.is_offer() && (of_it || own))
    });
}

/// Forgets everything about a subscription that is over.
pub(super) fn drop_all(account: &mut Account, subscription: &SubscriptionId) {
    account.leaving.acts.retain(|known| known.act.target() != subscription.as_str());
}

/// Sends what is at the front of its queue. An invoice with a charge under way is not made void
/// before its outcome is known.
pub(super) fn send(account: &mut Account, now: Timestamp, out: &mut Transition) {
    let charging: BTreeSet<InvoiceId> = account
        .open_cases()
        .filter(|case| case.attempt.is_some())
        .map(|case| case.invoice.clone())
        .collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for pending in &mut account.leaving.acts {
        let is_first = seen.insert(pending.act.target().to_owned());
        let waits = matches!(&pending.act, Act::Void { invoice } if charging.contains(invoice));
        if !is_first || waits || pending.started_at.is_some() {
            continue;
        }
        pending.started_at = Some(now);
        pending.check_at = Some(now.plus_ms(ATTEMPT_CHECK_MS));
        out.effects.push(Effect::Act { act: pending.clone() });
    }
}

/// Asks again for what has no outcome. After the provider has forgotten a key, what sets a state is
/// done again under a new one; a credit is not, and a person has to look.
pub(super) fn reached(account: &mut Account, now: Timestamp, out: &mut Transition) {
    let leaving = &mut account.leaving;
    let mut given_up: Vec<PendingAct> = Vec::new();
    for pending in &mut leaving.acts {
        let is_due = pending.check_at.is_some_and(|at| at <= now);
        let Some(started_at) = pending.started_at.filter(|_| is_due) else { continue };
        if now.since_ms(started_at) >= KEY_LIFETIME_MS {
            if matches!(pending.act, Act::Credit { .. }) {
                given_up.push(pending.clone());
                continue;
            }
            leaving.acts_count = leaving.acts_count.saturating_add(1);
            pending.key = key(&pending.subject, &pending.act, leaving.acts_count);
            pending.started_at = Some(now);
        }
        pending.check_at = Some(now.plus_ms(ATTEMPT_CHECK_MS));
        out.effects.push(Effect::Act { act: pending.clone() });
    }
    for pending in given_up {
        account.leaving.acts.retain(|known| known.key != pending.key);
        write(out, &pending.subject, CancelEntry::Stuck { act: pending.act.as_str() });
        // It was promised: that it holds is believed until somebody has looked.
        pauses::offer_done(account, &pending.subject, pending.act.as_str(), now, out);
    }
}

pub(super) fn unknown(account: &mut Account, key: &IdempotencyKey, now: Timestamp) {
    let mut sent = account.leaving.acts.iter_mut().filter(|known| known.started_at.is_some());
    if let Some(pending) = sent.find(|known| known.key == *key) {
        pending.check_at = Some(now.plus_ms(step_ms(ATTEMPT_CHECKS_MS, pending.checks)));
        pending.checks = pending.checks.saturating_add(1);
    }
}

pub(super) fn finished(
    account: &mut Account,
    key: &IdempotencyKey,
    outcome: ActOutcome,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    let acts = &mut account.leaving.acts;
    let Some(at) = acts.iter().position(|known| known.key == *key) else { return };
    // What has not been sent cannot have ended.
    if acts.get(at).is_some_and(|known| known.started_at.is_none()) {
        return;
    }
    let pending = acts.remove(at);
    match outcome {
        ActOutcome::Done => done(account, &pending, now, policy, out),
        ActOutcome::Refused => refused(account, (pending, at), now, out),
    }
}

fn done(
    account: &mut Account,
    pending: &PendingAct,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    let id = &pending.subject;
    match &pending.act {
        Act::Pause { subscription, resumes_at, .. } => {
            pauses::begun(account, (subscription, *resumes_at), now, policy, out);
            pauses::offer_done(account, id, "pause", now, out);
        }
        Act::Resume { subscription, .. } => {
            pauses::over(account, subscription, out);
            // Whether it goes on indeed, the subscription itself says.
            out.effects.push(Effect::ReadSubscriptions);
        }
        Act::Discount { subscription, .. } => {
            offers::discounted(account, subscription);
            pauses::offer_done(account, id, "discount", now, out);
        }
        Act::ChangePlan { .. } => pauses::offer_done(account, id, "plan_change", now, out),
        Act::ExtendTrial { .. } => pauses::offer_done(account, id, "trial_extension", now, out),
        Act::Credit { .. } => pauses::offer_done(account, id, "credit", now, out),
        Act::CancelAtPeriodEnd { .. } => life::known(account, id, now, out),
        Act::CancelNow { subscription, .. } => {
            life::known(account, id, now, out);
            subscription::end(account, subscription, now, policy, out);
        }
        Act::KeepRunning { .. } => life::runs_on(account, id, Input::UndoDone, now, out),
        Act::Void { invoice } => {
            observe::settle(account, invoice);
            observe::close(account, invoice, CaseInput::Voided, now, out);
        }
        Act::Hold { .. } => {}
        Act::Release { invoice } => {
            if let Some(case) = account.cases.get_mut(invoice) {
                case.read_at = Some(now);
            }
        }
    }
}

/// A final no. What was offered is not to be had; what the customer is owed is tried again every
/// hour, under a new key, and a person is told.
fn refused(
    account: &mut Account,
    (mut pending, at): (PendingAct, usize),
    now: Timestamp,
    out: &mut Transition,
) {
    let id = pending.subject.clone();
    match &pending.act {
        act if act.is_offer() => {
            if let Act::Pause { subscription, .. } = act {
                pauses::refused(account, subscription);
            }
            offer_failed(account, &id, now, out);
        }
        Act::KeepRunning { .. } => {
            if step(account, &id, Input::UndoFailed, now) {
                write(out, &id, CancelEntry::UndoFailed);
            }
        }
        Act::Void { invoice } | Act::Hold { invoice } | Act::Release { invoice } => {
            // Paid or gone: the live invoice says which.
            if let Some(case) = account.cases.get_mut(invoice) {
                case.read_at = Some(now);
            }
        }
        _ => {
            if pending.checks == 0 {
                write(out, &id, CancelEntry::Stuck { act: pending.act.as_str() });
            }
            let leaving = &mut account.leaving;
            leaving.acts_count = leaving.acts_count.saturating_add(1);
            pending.key = key(&id, &pending.act, leaving.acts_count);
            pending.started_at = Some(now);
            pending.check_at = Some(now.plus_ms(HOUR_MS));
            pending.checks = pending.checks.saturating_add(1);
            leaving.acts.insert(at.min(leaving.acts.len()), pending);
        }
    }
}

/// The screens go on where the customer can leave at once; the offer is not shown again.
fn offer_failed(account: &mut Account, id: &CancellationId, now: Timestamp, out: &mut Transition) {
    if !step(account, id, Input::OfferFailed, now) {
        return;
    }
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return };
    let offer = known.accepted.take().unwrap_or_default();
    known.failed_offer = Some(offer.clone());
    known.flow = known.flow.without(Step::Offer);
    known.step = Step::Confirm;
    write(out, id, CancelEntry::OfferFailed { offer });
}
