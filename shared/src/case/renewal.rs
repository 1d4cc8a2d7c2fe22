//! What the customer has on file changed at the provider: a card was replaced by its network, added
//! or taken away, or another one is the default.

use super::effect::{JournalEntry, Transition};
use crate::account::Account;
use crate::provider::MethodFact;
use crate::time::Timestamp;

/// Everything open is read anew, because what failed may work now. What the reading brings decides
/// the rest. A replaced card is written down for the customer to be told of.
pub(super) fn methods_changed(
    account: &mut Account,
    renewed: Option<&MethodFact>,
    now: Timestamp,
) -> Transition {
    let mut transition = Transition::default();
    if let Some(method) = renewed {
        account.know_card(method);
        transition.journal.push(JournalEntry::MethodRenewed { method: method.clone() });
    }
    for case in account.cases.values_mut().filter(|case| !case.state.is_terminal()) {
        case.read_at = Some(now);
    }
    transition
}
