//! Offers that were on their way when the customer left.
//!
//! Nothing of them stands between the customer and the door, and nothing of them is forgotten: what
//! was sent is asked about until it is known whether it holds, and then ended or written down.

use super::{acts, life, offers, write};
use crate::account::Account;
use crate::cancel::{Act, ActStage, CancelEntry, CancelState, PendingAct, Taken};
use crate::case::effect::Effect;
use crate::case::{ATTEMPT_CHECK_MS, Transition};
use crate::id::{CancellationId, SubscriptionId};
use crate::provider::PauseKind;
use crate::time::Timestamp;

/// Takes back what was offered: what was not sent is forgotten, what was is to be found out about,
/// once its call is over.
pub(super) fn drop_offers(account: &mut Account, subscription: &SubscriptionId, now: Timestamp) {
    let leaving = &mut account.leaving;
    let subject = leaving.under_way(subscription).map(|known| known.id.clone());
    let is_meant = |known: &PendingAct| {
        let of_it = known.act.target() == subscription.as_str();
        known.act.is_offer() && (of_it || Some(&known.subject) == subject.as_ref())
    };
    leaving.acts.retain(|known| !(is_meant(known) && known.is_idle()));
    for known in leaving.acts.iter_mut().filter(|known| is_meant(known)) {
        known.stage = ActStage::Dropped;
        known.check_at = Some(now.plus_ms(ATTEMPT_CHECK_MS));
    }
}

/// It is known whether an offer holds that nobody wants any more. A pause is ended again; what
/// costs the customer nothing stays theirs, and counts as taken.
pub(super) fn resolved(
    account: &mut Account,
    pending: PendingAct,
    holds: bool,
    now: Timestamp,
    out: &mut Transition,
) {
    if !holds {
        return;
    }
    let id = pending.subject.clone();
    let Act::Pause { subscription, by, resumes_at } = &pending.act else {
        return keep(account, &id, &pending.act, now, out);
    };
    if let Some(run) = account.leaving.pauses.get_mut(subscription) {
        // The customer was paused before, and only its end moved.
        run.terms.resumes_at = *resumes_at;
        return;
    }
    let under_way = account.leaving.under_way(subscription).map(|known| known.state);
    match (by, under_way) {
        // Resuming would charge whoever leaves; a subscription that rests is ended instead.
        (PauseKind::Service, Some(CancelState::Canceled)) => life::end_now(account, &id),
        (PauseKind::Service, Some(state)) if state.is_leaving() => {
            let check_at = Some(now.plus_ms(ATTEMPT_CHECK_MS));
            account.leaving.acts.push(PendingAct { check_at, ..pending });
            return;
        }
        _ => {
            let subscription = subscription.clone();
            acts::push(account, &id, Act::Resume { subscription, by: *by });
        }
    }
    held(account, &id, out);
    out.effects.push(Effect::ReadSubscriptions);
}

fn keep(
    account: &mut Account,
    id: &CancellationId,
    act: &Act,
    now: Timestamp,
    out: &mut Transition,
) {
    held(account, id, out);
    if let Act::Discount { subscription, .. } = act {
        offers::discounted(account, subscription);
    }
    let shown_at = account.leaving.cancellations.get(id).and_then(|known| known.shown_at);
    account.leaving.not_refused(shown_at);
    if let Some(kind) = act.offer_kind() {
        account.leaving.taken.push(Taken { kind: kind.to_owned(), at: now });
    }
}

fn held(account: &Account, id: &CancellationId, out: &mut Transition) {
    let known = account.leaving.cancellations.get(id);
    let offer = known.and_then(|known| known.accepted.clone()).unwrap_or_default();
    write(out, id, CancelEntry::OfferHolds { offer });
}
