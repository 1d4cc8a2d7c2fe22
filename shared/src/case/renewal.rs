//! What the customer has on file changed at the provider: a card was replaced by its network, added
//! or taken away, or another one is the default.

use super::effect::{JournalEntry, Transition};
use super::state::CaseState;
use crate::account::Account;
use crate::account::card_news::{CardChange, CardNews};
use crate::provider::MethodFact;
use crate::time::Timestamp;

/// Everything open is read anew, because what failed may work now. What the reading brings decides
/// the rest. A replaced card is written down for the customer to be told of, and counts as another
/// card from now on: what its bank said of the old one is not said of the new one.
pub(super) fn methods_changed(
    account: &mut Account,
    renewed: Option<&MethodFact>,
    now: Timestamp,
) -> Transition {
    let mut transition = Transition::default();
    account.forget_expiry();
    if let Some(method) = renewed {
        account.know_card(method);
        let (id, summary) = (method.id.clone(), method.summary.clone());
        let what = CardChange::Renewed { at: now };
        account.card_news = Some(CardNews { method: id, summary, what });
        transition.journal.push(JournalEntry::MethodRenewed { method: method.clone() });
    }
    for case in account.cases.values_mut().filter(|case| !case.state.is_terminal()) {
        case.read_at = Some(now);
        let failed = case.method.as_ref().map(|method| &method.id);
        if let Some(renewed) = renewed.filter(|renewed| failed == Some(&renewed.id)) {
            case.renewed_at = Some(now);
            case.method = Some(renewed.clone());
            if case.state == CaseState::AwaitingPaymentMethod {
                // Planned anew with the reading.
                case.plan = None;
            }
        }
    }
    transition
}
