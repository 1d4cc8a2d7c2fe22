//! The queue of what the provider is asked for. Each act is stored before it is sent and asked for
//! again under the same key until its outcome is known; what is done to one thing is done one after
//! the other.

use super::{dropped, life, offers, pauses, resumed, step, tell, write};
use crate::account::Account;
use crate::cancel::record::ACTS_MAX;
use crate::cancel::state::Input;
use crate::cancel::{Act, ActOutcome, ActStage, CancelEntry, CancelNotice, PendingAct, Step};
use crate::case::effect::Effect;
use crate::case::state::Input as CaseInput;
use crate::case::{
    ATTEMPT_CHECK_MS, ATTEMPT_CHECKS_MS, Transition, observe, step_ms, subscription,
};
use crate::id::{CancellationId, InvoiceId, SubscriptionId};
use crate::idempotency::{IdempotencyKey, KEY_LIFETIME_MS};
use crate::policy::Policy;
use crate::time::{DAY_MS, HOUR_MS, Timestamp};
use std::collections::BTreeSet;

/// How long something about an invoice that the provider refused waits before it is tried again.
/// After the last of them it is given up, and a person has to look.
const REFUSED_WAITS_MS: &[i64] =
    &[HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, DAY_MS, DAY_MS, DAY_MS, DAY_MS];

/// Puts an act at the end of the queue.
pub(super) fn push(account: &mut Account, subject: &CancellationId, act: Act) {
    let leaving = &mut account.leaving;
    // Holding and releasing that was not sent yet is overtaken by what is wanted now.
    if let Some(invoice) = act.invoice() {
        let is_mild = |act: &Act| matches!(act, Act::Hold { .. } | Act::Release { .. });
        leaving.acts.retain(|known| {
            let waits = known.is_idle() && known.act.invoice() == Some(invoice);
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
        stage: ActStage::Wanted,
        refusals: 0,
    });
}

fn key(subject: &CancellationId, act: &Act, number: u32) -> IdempotencyKey {
    IdempotencyKey::for_act(subject, act.as_str(), act.target(), number)
}

/// Another key, for what is done once more after the one before is known to be of no use.
fn rename(acts_count: &mut u32, pending: &mut PendingAct, now: Timestamp) {
    *acts_count = acts_count.saturating_add(1);
    pending.key = key(&pending.subject, &pending.act, *acts_count);
    pending.started_at = Some(now);
}

/// Whether something is on its way to a subscription.
pub(super) fn is_busy(account: &Account, subscription: &SubscriptionId) -> bool {
    let of_it = |known: &&PendingAct| known.act.target() == subscription.as_str();
    account.leaving.acts.iter().filter(of_it).any(|known| known.stage != ActStage::Dropped)
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
        if pending.stage == ActStage::Dropped {
            continue;
        }
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
/// done again under a new one; what can be given twice is looked for first, and so is whatever
/// nobody wants any more.
pub(super) fn reached(account: &mut Account, now: Timestamp, out: &mut Transition) {
    let leaving = &mut account.leaving;
    for pending in &mut leaving.acts {
        let is_due = pending.check_at.is_some_and(|at| at <= now);
        let Some(started_at) = pending.started_at.filter(|_| is_due) else { continue };
        pending.check_at = Some(now.plus_ms(ATTEMPT_CHECK_MS));
        let is_forgotten = now.since_ms(started_at) >= KEY_LIFETIME_MS;
        let can_double = pending.act.can_double();
        match pending.stage {
            ActStage::Dropped => {
                out.effects.push(Effect::AskAct { act: pending.clone() });
                continue;
            }
            ActStage::Wanted if is_forgotten && can_double => {
                out.effects.push(Effect::AskAct { act: pending.clone() });
                continue;
            }
            ActStage::Wanted if is_forgotten => rename(&mut leaving.acts_count, pending, now),
            ActStage::Wanted => {}
            ActStage::Refused => {
                pending.stage = ActStage::Wanted;
                pending.started_at = Some(now);
            }
        }
        out.effects.push(Effect::Act { act: pending.clone() });
    }
}

/// The provider said whether what an act wants is so. What is not so although its key is forgotten
/// never happened: it is done under a new one.
pub(super) fn found(
    account: &mut Account,
    (key, holds): (&IdempotencyKey, bool),
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    let leaving = &mut account.leaving;
    let Some(at) = leaving.acts.iter().position(|known| known.key == *key) else { return };
    let Some(pending) = leaving.acts.get_mut(at) else { return };
    let Some(started_at) = pending.started_at else { return };
    if pending.stage == ActStage::Dropped {
        let pending = leaving.acts.remove(at);
        dropped::resolved(account, pending, holds, now, out);
    } else if holds {
        let pending = leaving.acts.remove(at);
        done(account, &pending, now, policy, out);
    } else if now.since_ms(started_at) >= KEY_LIFETIME_MS {
        rename(&mut leaving.acts_count, pending, now);
        pending.check_at = Some(now.plus_ms(ATTEMPT_CHECK_MS));
        out.effects.push(Effect::Act { act: pending.clone() });
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
    if pending.stage == ActStage::Dropped {
        dropped::resolved(account, pending, outcome == ActOutcome::Done, now, out);
        return;
    }
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
        }
        Act::Resume { subscription, .. } => {
            pauses::over(account, subscription, out);
            resumed::said(account, (id, subscription), now);
            // Whether it goes on indeed, the subscription itself says.
            out.effects.push(Effect::ReadSubscriptions);
        }
        Act::Discount { subscription, .. } => offers::discounted(account, subscription),
        Act::ChangePlan { .. } | Act::ExtendTrial { .. } | Act::Credit { .. } => {}
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
    if let Some(kind) = pending.act.offer_kind() {
        pauses::offer_done(account, id, kind, now, out);
    }
}

/// A final no. What was offered is not to be had. What the customer is owed is tried again under a
/// new key: the end of a subscription or of a pause every hour until it is so, what is wanted of an
/// invoice a few times. A person is told.
fn refused(
    account: &mut Account,
    (pending, at): (PendingAct, usize),
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
        Act::KeepRunning { .. } => life::ends_after_all(account, &id, now, out),
        Act::Void { invoice } | Act::Hold { invoice } | Act::Release { invoice } => {
            // Paid or gone: the live invoice says which.
            if let Some(case) = account.cases.get_mut(invoice) {
                case.read_at = Some(now);
            }
            let is_new = pending.refusals == 0;
            let tries = usize::try_from(pending.refusals).unwrap_or(usize::MAX);
            let Some(wait_ms) = REFUSED_WAITS_MS.get(tries).copied() else {
                return stuck(&pending, false, out);
            };
            if is_new {
                let (act, target) = (pending.act.as_str(), pending.act.target().to_owned());
                write(out, &id, CancelEntry::Refused { act, target });
            }
            again(account, (pending, at), (now, wait_ms));
        }
        _ => {
            if pending.refusals == 0 {
                stuck(&pending, true, out);
            }
            again(account, (pending, at), (now, HOUR_MS));
        }
    }
}

fn stuck(pending: &PendingAct, is_tried_again: bool, out: &mut Transition) {
    let (id, act) = (pending.subject.clone(), pending.act.as_str());
    let target = pending.act.target().to_owned();
    write(out, &id, CancelEntry::Stuck { act, target: target.clone() });
    tell(out, CancelNotice::Stuck { id, act, target, is_tried_again });
}

/// Back to its place in the queue, for later.
fn again(
    account: &mut Account,
    (mut pending, at): (PendingAct, usize),
    (now, wait_ms): (Timestamp, i64),
) {
    let leaving = &mut account.leaving;
    rename(&mut leaving.acts_count, &mut pending, now);
    pending.stage = ActStage::Refused;
    pending.refusals = pending.refusals.saturating_add(1);
    pending.check_at = Some(now.plus_ms(wait_ms));
    leaving.acts.insert(at.min(leaving.acts.len()), pending);
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
