//! Whether something that was offered is so at Stripe: read, and not done again.

use super::Stripe;
use super::acts::refused;
use super::client::local_error;
use super::form::Form;
use super::transport::Transport;
use super::types::{ChangeableSubscription, List};
use crate::provider::{ErrorKind, ProviderError};
use reprieve_core::cancel::act::Act;
use reprieve_core::id::CustomerId;
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::provider::PauseKind;
use reprieve_core::time::SECOND_MS;
use serde::Deserialize;

/// Where a credit carries its key.
pub(super) const KEY_MARK: &str = "reprieve_key";
/// Pages of a customer's balance looked through for a credit, newest first, and how long they are.
/// Who had more than 500 movements since is not known to have it or not.
const BALANCE_PAGES_MAX: u32 = 5;
const BALANCE_PAGE: usize = 100;
/// A movement of a customer's balance.
#[derive(Clone, Debug, Deserialize)]
struct BalanceTransaction {
    id: String,
    #[serde(default)]
    metadata: Option<BalanceMetadata>,
}

#[derive(Clone, Debug, Deserialize)]
struct BalanceMetadata {
    reprieve_key: Option<String>,
}

impl BalanceTransaction {
    /// The key that it was made under, if it is one of ours.
    fn key(&self) -> Option<&str> {
        self.metadata.as_ref()?.reprieve_key.as_deref()
    }
}

impl<T: Transport> Stripe<T> {
    /// A credit by its key, a discount by its coupon; everything else as it stands on the
    /// subscription.
    pub(super) async fn look_for(
        &self,
        customer: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<bool, ProviderError> {
        let subscription = match act {
            Act::Credit { .. } => return self.has_credit(customer, key).await,
            Act::Pause { subscription, .. }
            | Act::Discount { subscription, .. }
            | Act::ChangePlan { subscription, .. }
            | Act::ExtendTrial { subscription, .. } => subscription,
            _ => return Err(refused("no_offer")),
        };
        let live = self.changeable(subscription).await?;
        match act {
            Act::Discount { .. } => self.was_discounted(&live, key).await,
            _ => Ok(is_so(live, act)),
        }
    }

    /// Looks for a credit by the key that is written on it.
    async fn has_credit(
        &self,
        customer: &CustomerId,
        key: &IdempotencyKey,
    ) -> Result<bool, ProviderError> {
        let mut after: Option<String> = None;
        for _ in 0..BALANCE_PAGES_MAX {
            let form = Form::new()
                .field("limit", &BALANCE_PAGE.to_string())
                .optional("starting_after", after.as_deref());
            let path = &["customers", customer.as_str(), "balance_transactions"];
            let page: List<BalanceTransaction> = self.get(path, form).await?;
            if page.data.iter().any(|movement| movement.key() == Some(key.as_str())) {
                return Ok(true);
            }
            after = page.data.last().map(|movement| movement.id.clone());
            if page.data.len() < BALANCE_PAGE || after.is_none() {
                return Ok(false);
            }
        }
        Err(local_error(ErrorKind::Unknown, "balance_too_long"))
    }
}

/// Whether an offer shows on a subscription.
fn is_so(live: ChangeableSubscription, act: &Act) -> bool {
    match act {
        Act::Pause { by: PauseKind::Service, .. } => live.status.as_deref() == Some("paused"),
        Act::Pause { resumes_at, .. } => {
            let until = live.pause_collection.and_then(|pause| pause.resumes_at);
            until == Some(resumes_at.as_ms().div_euclid(SECOND_MS))
        }
        Act::ChangePlan { plan, .. } => {
            let items = live.items.map(|items| items.data).unwrap_or_default();
            let mut prices = items.iter().filter_map(|item| item.price.as_ref());
            prices.any(|price| price.id == plan.as_str())
        }
        Act::ExtendTrial { until, .. } => {
            live.trial_end == Some(until.as_ms().div_euclid(SECOND_MS))
        }
        _ => false,
    }
}
