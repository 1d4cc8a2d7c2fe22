//! A pause that the provider says is ended, until the subscription shows that it is.
//!
//! A resume can be confirmed and the subscription rest on: a payment that it waits for, somebody
//! at the provider's dashboard. Nothing is charged for who rests, and no pause of ours would be
//! left to end, so it would rest for ever and nobody would know. It is only looked at: asking for
//! the resume once more could bill it once more.

use super::{tell, write};
use crate::account::Account;
use crate::cancel::record::ResumeCheck;
use crate::cancel::{CancelEntry, CancelNotice};
use crate::case::Transition;
use crate::case::effect::Effect;
use crate::id::{CancellationId, SubscriptionId};
use crate::provider::{SubscriptionFact, SubscriptionStatus};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// The waits before each look; a person is told after the last of them.
const LOOKS_MS: &[i64] = &[10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];
/// By how much the provider's clock may be behind ours, in milliseconds.
const CLOCKS_DIFFER_MS: i64 = 10 * MINUTE_MS;

/// The provider says that it goes on.
pub(super) fn said(
    account: &mut Account,
    (id, subscription): (&CancellationId, &SubscriptionId),
    now: Timestamp,
) {
    let Some(first_ms) = LOOKS_MS.first() else { return };
    let check = ResumeCheck {
        cancellation: id.clone(),
        said_at: now,
        look_at: now.plus_ms(*first_ms),
        looks: 0,
    };
    account.leaving.resumed.insert(subscription.clone(), check);
}

/// It is seen to go on, or is over.
pub(super) fn seen(account: &mut Account, fact: &SubscriptionFact) {
    let Some(check) = account.leaving.resumed.get(&fact.id) else { return };
    let is_of_now = fact.seen_at.since_ms(check.said_at) >= -CLOCKS_DIFFER_MS;
    let rests = fact.status == SubscriptionStatus::Paused
        || fact.life.as_ref().is_some_and(|life| life.pause.is_some());
    if is_of_now && !rests {
        account.leaving.resumed.remove(&fact.id);
    }
}

/// Looks again, and after the last look tells a person.
pub(super) fn reached(account: &mut Account, now: Timestamp, out: &mut Transition) {
    let mut given_up: Vec<(SubscriptionId, CancellationId)> = Vec::new();
    let mut looks = false;
    for (subscription, check) in &mut account.leaving.resumed {
        if check.look_at > now {
            continue;
        }
        check.looks = check.looks.saturating_add(1);
        match usize::try_from(check.looks).ok().and_then(|next| LOOKS_MS.get(next)) {
            Some(wait_ms) => {
                check.look_at = now.plus_ms(*wait_ms);
                looks = true;
            }
            None => given_up.push((subscription.clone(), check.cancellation.clone())),
        }
    }
    for (subscription, id) in given_up {
        account.leaving.resumed.remove(&subscription);
        let (act, target) = ("resume", subscription.to_string());
        write(out, &id, CancelEntry::Stuck { act, target: target.clone() });
        tell(out, CancelNotice::Stuck { id, act, target, is_tried_again: false });
    }
    if looks {
        out.effects.push(Effect::ReadSubscriptions);
    }
}
