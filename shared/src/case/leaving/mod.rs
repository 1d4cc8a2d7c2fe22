//! Leaving, as an account lives it: the customer's way through the screens, and what it means for
//! the cases of the subscription.
//!
//! From the moment a pause is accepted or a cancellation declared, nothing is charged for the
//! subscription: a charge that is under way is waited for and not repeated, every other case rests
//! ([`settle::rest`]), and the provider is asked to stop collecting. What the provider is asked for
//! waits in a queue until its outcome is known ([`acts`]).

mod acts;
mod dropped;
mod life;
mod offers;
mod pauses;
mod resumed;
mod screens;
mod settle;

pub(crate) use life::would_end_at;
pub(super) use life::{ended, seen};
pub(super) use settle::settle;

use super::effect::{JournalEntry, Transition};
use crate::account::Account;
use crate::cancel::settings::CancelSettings;
use crate::cancel::state::{Input, next};
use crate::cancel::{
    CancelEntry, CancelError, CancelEvent, CancelLine, CancelNotice, Cancellation,
};
use crate::id::{CancellationId, SubscriptionId};
use crate::policy::Policy;
use crate::time::Timestamp;

/// Takes one event about leaving in. An error leaves the account as it was.
pub(super) fn take(
    account: &mut Account,
    event: &CancelEvent,
    now: Timestamp,
    policy: &Policy,
) -> Result<Transition, CancelError> {
    let mut transition = Transition::default();
    let out = &mut transition;
    match event {
        CancelEvent::Started { subscription, kind, place } => {
            screens::started(account, (subscription.as_ref(), *kind, place), now, policy, out)?;
        }
        CancelEvent::Answered { id, from, answer } => {
            screens::answered(account, id, (*from, answer), now, policy, out)?;
        }
        CancelEvent::OfferAccepted { id, offer, until } => {
            offers::accepted(account, id, (offer, *until), now, policy, out)?;
        }
        CancelEvent::Confirmed { id } => life::confirmed(account, id, now, policy, out)?,
        CancelEvent::Undone { id } => life::undone(account, id, now, out)?,
        CancelEvent::ResumeRequested { subscription } => {
            pauses::resume(account, subscription, out)?;
        }
        CancelEvent::PauseExtended { subscription } => {
            pauses::extend(account, subscription, policy)?;
        }
        CancelEvent::ActFinished { key, outcome } => {
            acts::finished(account, key, *outcome, now, policy, out);
        }
        CancelEvent::ActUnknown { key } => acts::unknown(account, key, now),
        CancelEvent::ActFound { key, holds } => {
            acts::found(account, (key, *holds), now, policy, out);
        }
    }
    Ok(transition)
}

/// What is due without anybody asking.
pub(super) fn reached(account: &mut Account, now: Timestamp, out: &mut Transition) {
    pauses::reached(account, now, out);
    resumed::reached(account, now, out);
    life::reached(account, now, out);
    acts::reached(account, now, out);
}

/// The settings that a cancellation began with.
fn settings_of<'a>(cancellation: &Cancellation, policy: &'a Policy) -> &'a CancelSettings {
    policy.at_version(cancellation.policy_version).cancel()
}

fn get<'a>(account: &'a Account, id: &CancellationId) -> Result<&'a Cancellation, CancelError> {
    account.leaving.cancellations.get(id).ok_or(CancelError::NoSuchCancellation)
}

/// Moves a cancellation if the table has an edge, and says whether it had.
fn step(account: &mut Account, id: &CancellationId, input: Input, now: Timestamp) -> bool {
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return false };
    let Some(to) = next(known.state, input) else { return false };
    known.state = to;
    if to.is_terminal() {
        known.closed_at = Some(now);
        known.check_at = None;
    }
    true
}

fn write(out: &mut Transition, id: &CancellationId, entry: CancelEntry) {
    out.journal.push(JournalEntry::Cancel(CancelLine { id: id.clone(), entry }));
}

fn tell(out: &mut Transition, notice: CancelNotice) {
    out.journal.push(JournalEntry::CancelNotice(notice));
}

/// Whether an invoice of the subscription failed and is open.
fn has_open_case(account: &Account, subscription: &SubscriptionId) -> bool {
    account.open_cases().any(|case| case.subscription.as_ref() == Some(subscription))
}
