//! How much a customer may use while an invoice is open.

pub use crate::api::status::AccessLevel;

use crate::account::Account;
use crate::provider::SubscriptionStatus;
use crate::time::Timestamp;

/// The access level from facts and `now` alone, worst first, so that it heals itself: the moment
/// the invoice is paid nothing is left that restricts.
#[must_use]
pub fn access_level(account: &Account, now: Timestamp) -> AccessLevel {
    let mut subscriptions = account.subscriptions.values();
    let ended = |status| status == SubscriptionStatus::Ended;
    if !account.subscriptions.is_empty() && subscriptions.all(|known| ended(known.status)) {
        return AccessLevel::Ended;
    }
    if account.open_cases().any(|case| now >= case.grace_ends_at) {
        return AccessLevel::Restricted;
    }
    if account.open_cases().next().is_some() { AccessLevel::Warn } else { AccessLevel::Full }
}
