//! What the read model is told of people who wanted to leave: enough to see what offers do.

use reprieve_core::account::Account;
use reprieve_core::cancel::{CancelKind, CancelLine, CancelState, Cancellation, Reason};
use reprieve_core::case::JournalEntry;
use reprieve_core::id::{CancellationId, SubscriptionId};
use reprieve_core::jurisdiction::Jurisdiction;
use reprieve_core::provider::SubscriptionStatus;
use reprieve_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most cancellations of ended subscriptions that one projection tells again, the newest; each
/// was told when it was one of them.
const ENDED_MAX: usize = 20;

/// One cancellation, declared or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationProjection {
    /// Its name.
    pub id: CancellationId,
    /// Of what.
    pub subscription: SubscriptionId,
    /// What was meant.
    pub kind: CancelKind,
    /// Where it is.
    pub state: CancelState,
    /// Whose law held.
    pub jurisdiction: Jurisdiction,
    /// The customer's segment.
    pub segment: String,
    /// Why, if they said.
    pub reason: Option<Reason>,
    /// Under which policy; it names the share of customers who are held out.
    pub policy_version: u32,
    /// There was an offer, and the customer is one of those who never see one.
    pub held_out: bool,
    /// What was shown.
    pub offers: Vec<OfferShown>,
    /// What the customer chose of it. It holds when the state is `kept`.
    pub accepted: Option<String>,
    /// What the provider refused of it.
    pub failed_offer: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When offers were shown.
    pub shown_at: Option<Timestamp>,
    /// When it was declared.
    pub confirmed_at: Option<Timestamp>,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
    /// Whether the subscription has ended since, for whatever reason.
    pub is_ended: bool,
}

/// One offer that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferShown {
    /// Its name in the policy.
    pub offer: String,
    /// How likely it was that this customer sees it, in millionths.
    pub propensity_ppm: u32,
}

impl CancellationProjection {
    /// Those that lines of history speak of, and those with offers whose subscription is over.
    #[must_use]
    pub fn of(account: &Account, journal: &[JournalEntry]) -> Vec<Self> {
        let touched = |entry: &JournalEntry| match entry {
            JournalEntry::Cancel(CancelLine { id, .. }) => Some(id.clone()),
            _ => None,
        };
        let mut ids: BTreeSet<CancellationId> = journal.iter().filter_map(touched).collect();
        let known = account.leaving.cancellations.values();
        let mut ended: Vec<&Cancellation> = known
            .filter(|known| known.held_out || !known.shown.is_empty())
            .filter(|known| is_ended(account, &known.subscription))
            .collect();
        ended.sort_by_key(|known| core::cmp::Reverse(known.started_at));
        ids.extend(ended.into_iter().take(ENDED_MAX).map(|known| known.id.clone()));
        let known = |id: &CancellationId| account.leaving.cancellations.get(id);
        ids.iter().filter_map(known).map(|known| Self::one(account, known)).collect()
    }

    fn one(account: &Account, known: &Cancellation) -> Self {
        let offers = known.shown.iter().map(|shown| OfferShown {
            offer: shown.name.clone(),
            propensity_ppm: shown.propensity_ppm,
        });
        Self {
            id: known.id.clone(),
            subscription: known.subscription.clone(),
            kind: known.kind,
            state: known.state,
            jurisdiction: known.jurisdiction,
            segment: known.segment.clone(),
            reason: known.reason,
            policy_version: known.policy_version,
            held_out: known.held_out,
            offers: offers.collect(),
            accepted: known.accepted.clone(),
            failed_offer: known.failed_offer.clone(),
            started_at: known.started_at,
            shown_at: known.shown_at,
            confirmed_at: known.confirmed_at,
            closed_at: known.closed_at,
            is_ended: is_ended(account, &known.subscription),
        }
    }
}

fn is_ended(account: &Account, subscription: &SubscriptionId) -> bool {
    let known = account.subscriptions.get(subscription);
    known.is_some_and(|known| known.status == SubscriptionStatus::Ended)
}
