//! What the customer may ask for on a case.

use super::state::{self, Input};
use super::{CaseState, RecoveryCase};
use crate::decline::Reuse;
use crate::id::InvoiceId;

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
