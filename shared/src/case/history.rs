//! What was tried on a customer's cards by others: the provider's schedule, its own pages, other
//! systems. Our own attempts are written down in [`super::attempt`].

use super::{CaseState, RecoveryCase};
use crate::account::Account;
use crate::account::cards::card_of;
use crate::decline::{Category, Decline};
use crate::id::InvoiceId;
use crate::money::Money;
use crate::network::{AttemptBy, CardAttempt, Initiator};
use crate::provider::{InvoiceFact, InvoiceStatus, MethodFact};
use crate::time::Timestamp;

/// The most attempts of the provider taken over from one reading: more than any network allows
/// within its longest window.
const ATTEMPTS_RECORDED_MAX: u32 = 40;

/// The provider's own attempts count against the card like ours. A reading tells how many there
/// were and how the last one ended; of those between nothing is known but that they failed.
/// Says whether there was one.
pub(super) fn record_attempts(account: &mut Account, fact: &InvoiceFact, now: Timestamp) -> bool {
    let Some(case) = account.cases.get_mut(&fact.id) else { return false };
    // The one that is on its way has not ended.
    let ended = fact.attempt_count.saturating_sub(u32::from(fact.is_processing));
    let new = ended.saturating_sub(case.recorded_attempts);
    case.recorded_attempts = case.recorded_attempts.max(ended);
    let method = case.method.clone();
    let tried = provider_s(account, method.as_ref(), fact.amount_due, now);
    for _ in 1..new.min(ATTEMPTS_RECORDED_MAX) {
        account.record_attempt(tried.clone(), now);
    }
    if new > 0 {
        record_last(account, fact, Initiator::Merchant, now);
    }
    new > 0
}

/// Another charge was declined, and the provider's count did not move: somebody tried by hand, on
/// the provider's own page or in another system, or the bank said no after the customer had
/// confirmed. A charge of ours under way explains itself.
pub(super) fn was_tried_elsewhere(case: &RecoveryCase, fact: &InvoiceFact) -> bool {
    let charge = |decline: &Option<Decline>| decline.as_ref()?.raw.charge.clone();
    let (known, seen) = (charge(&case.decline), charge(&fact.decline));
    case.attempt.is_none()
        && fact.attempt_count <= case.recorded_attempts
        && (known.is_some() || case.state == CaseState::AwaitingAuthentication)
        && seen.is_some()
        && known != seen
}

/// Writes the attempt down that a reading tells of.
pub(super) fn record_last(
    account: &mut Account,
    fact: &InvoiceFact,
    initiator: Initiator,
    now: Timestamp,
) {
    let method = account.cases.get(&fact.id).and_then(|case| case.method.clone());
    let tried = provider_s(account, method.as_ref(), fact.amount_due, now);
    let decline = fact.decline.as_ref();
    let raw = decline.map(|decline| &decline.raw);
    let last = CardAttempt {
        initiator,
        category: Some(decline.map_or(Category::Unknown, |decline| decline.category)),
        network_advice: raw.and_then(|raw| raw.network_advice_code.clone()),
        network_code: raw.and_then(|raw| raw.network_decline_code.clone()),
        ..tried
    };
    account.record_attempt(last, now);
}

/// Of attempts that nobody told of, the last one is the one that was paid.
pub(super) fn note_last_attempts(account: &mut Account, fact: &InvoiceFact) {
    let Some(case) = account.cases.get_mut(&fact.id) else { return };
    let paid = u32::from(fact.status == InvoiceStatus::Paid);
    let declined = fact.attempt_count.saturating_sub(paid);
    case.provider_attempt_count = case.provider_attempt_count.max(declined);
}

/// A case is over before a reading told how the provider's attempts ended. They count all the same,
/// on the card that was known or is the subscription's default.
pub(super) fn record_unread(account: &mut Account, invoice: &InvoiceId, now: Timestamp) {
    let Some(case) = account.cases.get_mut(invoice) else { return };
    let new = case.provider_attempt_count.saturating_sub(case.recorded_attempts);
    case.recorded_attempts = case.recorded_attempts.max(case.provider_attempt_count);
    let default = case.subscription.as_ref().and_then(|id| account.subscriptions.get(id));
    let default = default.and_then(|known| known.default_method.clone()).map(MethodFact::bare);
    let (method, amount) = (case.method.clone().or(default), case.amount_due);
    let tried = provider_s(account, method.as_ref(), amount, now);
    for _ in 0..new.min(ATTEMPTS_RECORDED_MAX) {
        account.record_attempt(tried.clone(), now);
    }
}

/// An attempt of the provider of which nothing is known but that it failed.
fn provider_s(
    account: &Account,
    method: Option<&MethodFact>,
    amount: Money,
    now: Timestamp,
) -> CardAttempt {
    let card = card_of(&account.known_cards, method);
    CardAttempt {
        at: now,
        card: card.key,
        network: card.network,
        amount,
        initiator: Initiator::Merchant,
        by: AttemptBy::Provider,
        category: Some(Category::Unknown),
        network_advice: None,
        network_code: None,
    }
}
