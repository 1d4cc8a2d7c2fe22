//! The way through the screens: begin, answer.

use super::{get, offers, step, write};
use crate::account::Account;
use crate::cancel::dates::withdraw_until;
use crate::cancel::record::{ACTS_MAX, OPEN_MS_MAX};
use crate::cancel::state::Input;
use crate::cancel::{
    Action, Answer, CancelEntry, CancelError, CancelKind, CancelState, Cancellation,
    FEEDBACK_BYTES_MAX, Flow, Step, flow,
};
use crate::case::Transition;
use crate::id::{CancellationId, SubscriptionId};
use crate::jurisdiction::{self, Found, Whereabouts};
use crate::policy::{Policy, SegmentFacts};
use crate::provider::SubscriptionStatus;
use crate::time::Timestamp;
use crate::timing::stable_hash;

pub(super) fn started(
    account: &mut Account,
    (wanted, kind, place): (Option<&SubscriptionId>, CancelKind, &Whereabouts),
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) -> Result<(), CancelError> {
    let subscription = which(account, wanted)?;
    let found = jurisdiction::find(place, now);
    let before = account.leaving.under_way(&subscription);
    if before.is_some_and(|before| goes_on(before, kind, now)) {
        return Ok(());
    }
    if kind == CancelKind::Withdrawal && !may_withdraw(account, &subscription, found, now) {
        return Err(CancelError::NoWithdrawal);
    }
    if account.leaving.acts.len() >= ACTS_MAX / 2 {
        return Err(CancelError::Busy);
    }
    let count = account.leaving.begun_count.saturating_add(1);
    let id = name(account, &subscription, count).ok_or(CancelError::Busy)?;
    if let Some(before) = before.map(|before| before.id.clone())
        && step(account, &before, Input::Forgotten, now)
    {
        write(out, &before, CancelEntry::Lapsed);
    }
    account.leaving.begun_count = count;
    let flow = flow_for(account, (kind, found), now, policy);
    let cancellation = Cancellation {
        id: id.clone(),
        step: flow.first(),
        segment: segment(account, &subscription, place, policy),
        subscription,
        kind,
        state: CancelState::Open,
        flow,
        jurisdiction: found.jurisdiction,
        found_by: found.found_by,
        policy_version: policy.version(),
        started_at: now,
        reason: None,
        feedback: None,
        shown: Vec::new(),
        shown_at: None,
        held_out: false,
        accepted: None,
        failed_offer: None,
        confirmed_at: None,
        effective_at: None,
        canceled_at: None,
        check_at: None,
        closed_at: None,
    };
    let (jurisdiction, found_by) = (found.jurisdiction, found.found_by);
    write(out, &id, CancelEntry::Started { kind, jurisdiction, found_by });
    let first = cancellation.step;
    account.leaving.cancellations.insert(id.clone(), cancellation);
    enter(account, &id, first, now, policy, out);
    Ok(())
}

/// Which subscription is meant.
fn which(
    account: &Account,
    wanted: Option<&SubscriptionId>,
) -> Result<SubscriptionId, CancelError> {
    let runs = |id: &&SubscriptionId| {
        let known = account.subscriptions.get(*id);
        known.is_some_and(|known| known.status != SubscriptionStatus::Ended)
    };
    if let Some(wanted) = wanted {
        return Some(wanted).filter(runs).cloned().ok_or(CancelError::NoSuchSubscription);
    }
    let mut running = account.subscriptions.keys().filter(runs);
    let only = running.next().ok_or(CancelError::NoSuchSubscription)?;
    if running.next().is_some() {
        return Err(CancelError::ChooseSubscription);
    }
    Ok(only.clone())
}

/// Whether a cancellation that is under way is the one that is meant.
fn goes_on(before: &Cancellation, kind: CancelKind, now: Timestamp) -> bool {
    let is_fresh = now.since_ms(before.started_at) < OPEN_MS_MAX && before.kind == kind;
    before.state != CancelState::Open || is_fresh
}

fn may_withdraw(
    account: &Account,
    subscription: &SubscriptionId,
    found: Found,
    now: Timestamp,
) -> bool {
    let known = account.subscriptions.get(subscription);
    known.is_some_and(|known| withdraw_until(known, found.profile.withdrawal, now).is_some())
}

/// Derived, so that the same event twice makes one cancellation; no secret.
fn name(account: &Account, subscription: &SubscriptionId, count: u32) -> Option<CancellationId> {
    let (merchant, customer) = (account.merchant.as_str(), account.customer.as_str());
    let parts = ["cancellation", merchant, customer, subscription.as_str(), &count.to_string()];
    CancellationId::parse(&format!("ccl_{:016x}", stable_hash(&parts))).ok()
}

/// Whoever names a cause or takes a young contract back is not asked and not talked to.
fn flow_for(
    account: &Account,
    (kind, found): (CancelKind, Found),
    now: Timestamp,
    policy: &Policy,
) -> Flow {
    if kind != CancelKind::Ordinary {
        return Flow::with(&[]);
    }
    let settings = policy.cancel();
    let flow = settings.flow_under(found.profile, found.jurisdiction);
    let wait_ms = settings.again_after_under(found.profile, found.jurisdiction);
    let is_too_soon = was_refused_within(account, wait_ms, now);
    if is_too_soon { flow.without(Step::Offer) } else { flow }
}

/// Whether a screen with offers was shown, and nothing of it taken, within so many milliseconds.
pub(super) fn was_refused_within(account: &Account, wait_ms: i64, now: Timestamp) -> bool {
    account.leaving.refused.iter().any(|at| now.since_ms(*at) < wait_ms)
}

fn segment(
    account: &Account,
    subscription: &SubscriptionId,
    place: &Whereabouts,
    policy: &Policy,
) -> String {
    let known = account.subscriptions.get(subscription);
    let facts = SegmentFacts {
        interval: known.and_then(|known| known.interval),
        sector: known.and_then(|known| known.sector),
        plan: known.and_then(|known| known.plan),
        region: place.billing_country,
    };
    policy.segment(&facts).name.clone()
}

/// Goes to a screen; the one with offers is taken away where there is nothing to offer.
fn enter(
    account: &mut Account,
    id: &CancellationId,
    to: Step,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) {
    let mut to = to;
    if to == Step::Offer && !offers::present(account, id, now, policy, out) {
        let Some(known) = account.leaving.cancellations.get_mut(id) else { return };
        known.flow = known.flow.without(Step::Offer);
        to = flow::next(&known.flow, Step::Offer, Action::Next).unwrap_or(Step::Confirm);
    }
    if let Some(known) = account.leaving.cancellations.get_mut(id) {
        known.step = to;
    }
}

pub(super) fn answered(
    account: &mut Account,
    id: &CancellationId,
    (from, answer): (Step, &Answer),
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) -> Result<(), CancelError> {
    let known = get(account, id)?;
    if known.step != from {
        return Ok(());
    }
    if known.state != CancelState::Open {
        return Err(CancelError::WrongStep);
    }
    let action = match (answer, from) {
        (Answer::Reason(_), Step::Survey) | (Answer::Refuse, Step::Offer) => Action::Next,
        (Answer::Feedback(_), Step::Feedback) => Action::Next,
        // The cause of an extraordinary termination stands on the page that confirms it.
        (Answer::Feedback(_), Step::Confirm) => Action::ToConfirm,
        (Answer::Back, _) => Action::Back,
        (Answer::ToConfirm, _) => Action::ToConfirm,
        (Answer::Stay, _) => Action::Stay,
        _ => return Err(CancelError::WrongStep),
    };
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return Ok(()) };
    match answer {
        Answer::Reason(reason) => {
            known.reason = *reason;
            write(out, id, CancelEntry::Reason { reason: *reason });
        }
        Answer::Feedback(text) => {
            known.feedback = text.as_deref().map(cut).filter(|text| !text.is_empty());
            write(out, id, CancelEntry::Feedback);
        }
        _ => {}
    }
    if from == Step::Offer && matches!(action, Action::Next | Action::ToConfirm) {
        known.flow = known.flow.without(Step::Offer);
        write(out, id, CancelEntry::OffersRefused);
    }
    let to = flow::next(&known.flow, from, action);
    if action == Action::Stay && step(account, id, Input::Stayed, now) {
        write(out, id, CancelEntry::Stayed);
    }
    if let Some(to) = to {
        enter(account, id, to, now, policy, out);
    }
    Ok(())
}

fn cut(text: &str) -> String {
    let text = text.trim();
    let mut end = text.len().min(FEEDBACK_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default().to_owned()
}
