//! A payment that the bank takes days for: a direct debit, or a card under a mandate with notice.
//!
//! While it is on its way nothing else is charged for the invoice, nothing is asked of the
//! customer, and no time runs against their access. The invoice says how it ends: paid, or open
//! again with the bank's no. Stripe counts up to 14 business days for SEPA
//! (<https://docs.stripe.com/payments/sepa-debit>, read 2026-11).

use super::effect::Transition;
use super::state::Input;
use super::{ATTEMPT_CHECK_MS, PROCESSING_CHECK_MS, RecoveryCase, attempt, observe};
use crate::account::Account;
use crate::decline::Decline;
use crate::policy::Policy;
use crate::provider::{ChargeOutcome, InvoiceFact, Observed};
use crate::time::Timestamp;

/// The bank begins to take its time, or still does.
pub(super) fn begin(case: &mut RecoveryCase, now: Timestamp) {
    case.processing_since.get_or_insert(now);
    case.plan = None;
    ask_at(case, now.plus_ms(PROCESSING_CHECK_MS));
    // A charge of ours stays the one that is waited for.
    observe::move_on(case, Input::SeenRetryable);
}

/// When the invoice is read next.
fn ask_at(case: &mut RecoveryCase, at: Timestamp) {
    case.read_at = Some(at);
    if let Some(attempt) = case.attempt.as_mut() {
        attempt.check_at = at;
    }
}

/// What a sighting of an open invoice means for a payment on its way; `None`: none is, and the
/// sighting is an ordinary one.
pub(super) fn seen(
    account: &mut Account,
    fact: &InvoiceFact,
    observed: Observed,
    now: Timestamp,
    policy: &Policy,
) -> Option<Transition> {
    let case = account.cases.get_mut(&fact.id)?;
    let quiet = Some(Transition::default());
    match (observed, case.processing_since) {
        (Observed::Live, _) if fact.is_processing => {
            observe::take_over(account, fact, observed, now);
            begin(account.cases.get_mut(&fact.id)?, now);
            quiet
        }
        (_, None) => None,
        // Something happened to the invoice, and an event does not say what.
        (Observed::ByEvent, Some(_)) => {
            observe::take_over(account, fact, observed, now);
            ask_at(account.cases.get_mut(&fact.id)?, now);
            quiet
        }
        (Observed::Live, Some(since)) if may_be_older(case, fact, since, now) => {
            ask_at(case, now.plus_ms(ATTEMPT_CHECK_MS));
            quiet
        }
        (Observed::Live, Some(_)) => Some(ended(account, fact, now, policy)),
    }
}

/// A reading that was asked for before the payment began and lands after it. Another charge than
/// the one that is known is news at any time.
fn may_be_older(case: &RecoveryCase, fact: &InvoiceFact, since: Timestamp, now: Timestamp) -> bool {
    let charge = |decline: &Option<Decline>| decline.as_ref()?.raw.charge.clone();
    let told = charge(&fact.decline);
    let is_news = told.is_some() && told != charge(&case.decline);
    !is_news && now.since_ms(since) < ATTEMPT_CHECK_MS
}

/// The bank said no after all: the invoice is open, and the case is what it would be had the bank
/// said so at once.
fn ended(account: &mut Account, fact: &InvoiceFact, now: Timestamp, policy: &Policy) -> Transition {
    let number = account.cases.get_mut(&fact.id).and_then(|case| {
        case.processing_since = None;
        case.failed_at = now;
        Some(case.attempt.as_ref()?.number)
    });
    observe::take_over(account, fact, Observed::Live, now);
    let Some(number) = number else {
        return observe::planned_anew(account, &fact.id, now, policy);
    };
    let outcome = match &fact.decline {
        _ if fact.needs_authentication => ChargeOutcome::NeedsAuthentication,
        Some(decline) => ChargeOutcome::Declined { decline: decline.clone() },
        None => return attempt::over(account, (&fact.id, number), attempt::LAPSED, now, policy),
    };
    attempt::finished(account, &fact.id, number, &outcome, now, policy)
}
