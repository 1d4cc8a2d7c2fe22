//! What the customer may ask for on a case, and what is left of a deleted one.

use super::effect::Transition;
use super::state::{self, Input};
use super::{CaseState, RecoveryCase, subscription};
use crate::account::Account;
use crate::decline::Reuse;
use crate::id::InvoiceId;
use crate::time::Timestamp;

/// Stripe ends the subscriptions of a deleted customer and leaves the open invoices as they are
/// (<https://docs.stripe.com/api/customers/delete>, read 2026-11): also one of no subscription is
/// not collected any more, and nobody is asked to pay it. A charge under way is waited for.
pub(super) fn deleted(account: &mut Account, now: Timestamp) -> Transition {
    let mut transition = Transition::default();
    account.deleted_at.get_or_insert(now);
    account.card_news = None;
    let open: Vec<InvoiceId> = account.open_cases().map(|case| case.invoice.clone()).collect();
    for invoice in open {
        let end = Input::SubscriptionEnded;
        subscription::apply_halt(account, &invoice, end, now, &mut transition);
    }
    transition
}

/// Whether the customer may ask for the same method on this case. Where the bank wants to see them,
/// [`may_confirm`] says so.
pub(super) fn may_retry(case: &RecoveryCase) -> bool {
    if case.state == CaseState::AwaitingAuthentication || case.is_processing() {
        return false;
    }
    let reusable = case.decline.as_ref().is_none_or(|decline| decline.reuse() != Reuse::Never);
    reusable && state::next(case.state, Input::AttemptStarted) == Some(CaseState::Attempting)
}

/// Whether the customer, who is there now, may have this invoice charged so that the bank can ask
/// them. `wanted` is the only invoice meant; `None`: each one that waits for the customer, so that
/// five subscriptions of one card are one wish and not five.
pub(super) fn may_confirm(case: &RecoveryCase, wanted: Option<&InvoiceId>) -> bool {
    let is_meant = wanted.is_none_or(|wanted| case.invoice == *wanted);
    is_meant && !case.is_processing() && case.state == CaseState::AwaitingAuthentication
}
