//! Everything known of one customer of one merchant: the state of one Durable Object.

pub mod card_news;
pub(crate) mod cards;

pub use cards::KNOWN_CARDS_MAX;

use crate::account::card_news::CardNews;
use crate::calendar::Zone;
use crate::cancel::Leaving;
use crate::case::{ChargeRun, RecoveryCase};
use crate::complaint::ComplaintNote;
use crate::id::{CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId};
use crate::money::Money;
use crate::network::CardAttempt;
use crate::policy::segment::{Interval, Sector};
use crate::provider::{CardFact, EndReason, Life, SubscriptionStatus};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The most subscriptions kept of one customer; further ones are read live when they matter.
pub const SUBSCRIPTIONS_MAX: usize = 100;
/// The most open cases of one customer. A further invoice waits at the provider until one is
/// closed.
pub const OPEN_CASES_MAX: usize = 50;
/// The most closed cases kept in the record; older ones remain in the append-only tables.
pub const CLOSED_CASES_MAX: usize = 20;
/// The most invoice ids remembered as settled, so that a late failure event opens nothing.
pub const SETTLED_INVOICES_MAX: usize = 100;
/// The most set-ups remembered as finished, so that an old tab does not bring an old card back.
pub const FINISHED_SETUPS_MAX: usize = 20;

/// One customer of one merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose customer.
    pub merchant: MerchantId,
    /// The customer.
    pub customer: CustomerId,
    /// Grows by one with every commit; projections carry it.
    pub version: u64,
    /// What is known of the subscriptions.
    pub subscriptions: BTreeMap<SubscriptionId, Subscription>,
    /// Open cases and the last closed ones, one per invoice.
    pub cases: BTreeMap<InvoiceId, RecoveryCase>,
    /// A new payment method whose consequences are not all carried out yet.
    pub method_update: Option<MethodUpdate>,
    /// Set-ups that were carried out, refused or replaced by a newer one, oldest first; completing
    /// one of them again changes nothing.
    pub finished_setups: VecDeque<SetupId>,
    /// Invoices known to be paid, void or given up, oldest first.
    pub settled_invoices: VecDeque<InvoiceId>,
    /// When the last open case was paid.
    pub recovered_at: Option<Timestamp>,
    /// When the customer last asked for the same card again, oldest first.
    pub customer_attempts: VecDeque<Timestamp>,
    /// Open invoices that the customer pays now, one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_run: Option<ChargeRun>,
    /// What was tried on the customer's cards, by whomever, oldest first: at most
    /// [`crate::network::ATTEMPTS_KEPT_MAX`] for [`crate::network::ATTEMPTS_KEPT_MS`], and answers
    /// that hold for ever for longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub card_attempts: Vec<CardAttempt>,
    /// Which cards the customer's methods are, the newest last; at most [`KNOWN_CARDS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_cards: Vec<(PaymentMethodId, CardFact)>,
    /// Every method that the customer has on file, as last seen; read only where the policy charges
    /// a backup card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<PaymentMethodId>,
    /// Cancellations, pauses, and what was offered.
    #[serde(default, skip_serializing_if = "Leaving::is_empty")]
    pub leaving: Leaving,
    /// Where the customer's clock hangs; `None`: not known, and UTC is assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What the customer is to know of their card before any payment fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_news: Option<CardNews>,
    /// When the provider told that it deleted the customer: nothing is collected any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The last complaints, oldest first; at most [`crate::complaint::COMPLAINTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complaints: Vec<ComplaintNote>,
}

/// What is known of one subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where it is in its life.
    pub status: SubscriptionStatus,
    /// Why it is over.
    pub end_reason: Option<EndReason>,
    /// Its own default method.
    pub default_method: Option<PaymentMethodId>,
    /// How often it renews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// What one renewal costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Money>,
    /// What kind of business it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<Sector>,
    /// Its dates, as last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<Life>,
    /// When it was like this; `None` in accounts that are older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// A new payment method on its way: set as default everywhere, then the open invoices charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodUpdate {
    /// The set-up that it came from.
    pub setup: SetupId,
    /// The method.
    pub method: PaymentMethodId,
    /// When the customer finished it.
    pub collected_at: Timestamp,
    /// When to go on, should this run be cut off.
    pub resume_at: Timestamp,
    /// How often it was resumed.
    pub resume_count: u32,
}

impl Account {
    /// A customer of whom nothing is known.
    #[must_use]
    pub fn new(merchant: MerchantId, customer: CustomerId) -> Self {
        Self {
            merchant,
            customer,
            version: 0,
            subscriptions: BTreeMap::new(),
            cases: BTreeMap::new(),
            method_update: None,
            finished_setups: VecDeque::new(),
            settled_invoices: VecDeque::new(),
            recovered_at: None,
            customer_attempts: VecDeque::new(),
            charge_run: None,
            card_attempts: Vec::new(),
            known_cards: Vec::new(),
            methods: Vec::new(),
            leaving: Leaving::default(),
            zone: None,
            card_news: None,
            deleted_at: None,
            complaints: Vec::new(),
        }
    }

    /// The cases that are not closed.
    pub fn open_cases(&self) -> impl Iterator<Item = &RecoveryCase> {
        self.cases.values().filter(|case| !case.state.is_terminal())
    }

    /// Whether a subscription is known to be over, and why. Of a deleted customer everything is,
    /// also an invoice that belongs to no subscription.
    #[must_use]
    pub fn end_reason(&self, subscription: Option<&SubscriptionId>) -> Option<EndReason> {
        if self.deleted_at.is_some() {
            return Some(EndReason::Requested);
        }
        let known = self.subscriptions.get(subscription?)?;
        let ended = known.status == SubscriptionStatus::Ended;
        ended.then(|| known.end_reason.unwrap_or(EndReason::Requested))
    }

    /// Whether a subscription is paused: the provider says so, or the customer accepted a pause
    /// that is not over yet. Paused collection counts, though its subscription says that it is
    /// active.
    #[must_use]
    pub fn is_paused(&self, subscription: Option<&SubscriptionId>) -> bool {
        let Some(id) = subscription else { return false };
        let seen = self.subscriptions.get(id).is_some_and(|known| {
            known.status == SubscriptionStatus::Paused
                || known.life.as_ref().is_some_and(|life| life.pause.is_some())
        });
        seen || self.leaving.pauses.contains_key(id)
    }

    /// Whether nothing may be charged for a subscription now: it is paused, or its customer
    /// declared that they leave.
    #[must_use]
    pub fn rests(&self, subscription: Option<&SubscriptionId>) -> bool {
        let leaves = subscription.is_some_and(|id| self.leaving.is_leaving(id));
        leaves || self.is_paused(subscription)
    }

    /// When the account has to be looked at next without anybody asking.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let update = self.method_update.as_ref().map(|update| update.resume_at);
        let cases = self.open_cases().filter_map(|case| case.wake_at);
        cases.chain(update).chain(self.leaving.wakes()).min()
    }

    /// Remembers that a set-up is finished, the oldest forgotten first.
    pub(crate) fn finish_setup(&mut self, setup: SetupId) {
        if self.finished_setups.len() >= FINISHED_SETUPS_MAX {
            self.finished_setups.pop_front();
        }
        self.finished_setups.push_back(setup);
    }

    /// Whether an invoice is known to be settled.
    #[must_use]
    pub fn is_settled(&self, invoice: &InvoiceId) -> bool {
        self.settled_invoices.contains(invoice)
    }
}
