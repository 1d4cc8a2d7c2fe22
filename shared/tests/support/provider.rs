//! A payment provider in memory: invoices, cards, idempotency keys with their 24 hours, a ledger.
//!
//! It knows nothing of the core's decisions. What it was asked to charge is the judge of every
//! test.

use super::acts::Counter;
use super::{customer, decline, invoice_id, method_id, money, subscription_id};
use reprieve_core::api::status::MethodSummary;
use reprieve_core::case::{Attempt, Event, Trigger};
use reprieve_core::decline::Decline;
use reprieve_core::id::{InvoiceId, PaymentMethodId, SubscriptionId};
use reprieve_core::money::Money;
use reprieve_core::network::Network;
use reprieve_core::policy::segment::Interval;
use reprieve_core::provider::{
    CardFact, ChargeOutcome, EndReason, InvoiceFact, InvoiceStatus, Life, MethodFact, Observed,
    SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::time::{DAY_MS, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// What a card's bank says to a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Yes.
    Approve,
    /// No, with this decline code.
    Decline(&'static str),
    /// Only with the customer.
    Authenticate,
}

/// One attempt that reached the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) invoice: InvoiceId,
    pub(crate) method: PaymentMethodId,
    /// Its fingerprint, or the method where that is not told.
    pub(crate) card: String,
    /// `None`: the provider's own attempt.
    pub(crate) key: Option<String>,
    /// Who wanted it; `None`: the provider.
    pub(crate) trigger: Option<Trigger>,
    pub(crate) amount: Money,
    pub(crate) succeeded: bool,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct FakeInvoice {
    pub(crate) status: InvoiceStatus,
    pub(crate) amount_due: Money,
    pub(crate) subscription: SubscriptionId,
    pub(crate) attempt_count: u32,
    pub(crate) next_attempt_at: Option<Timestamp>,
    decline: Option<Decline>,
    method: Option<PaymentMethodId>,
    needs_authentication: bool,
    /// The provider does not collect it.
    pub(crate) is_held: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct FakeSubscription {
    pub(crate) status: SubscriptionStatus,
    pub(crate) end_reason: Option<EndReason>,
    pub(crate) default_method: PaymentMethodId,
    pub(crate) interval: Option<Interval>,
    pub(crate) plan: Option<Money>,
    pub(crate) life: Option<Life>,
}

#[derive(Clone, Debug)]
struct Remembered {
    at: Timestamp,
    invoice: InvoiceId,
    method: Option<PaymentMethodId>,
    outcome: ChargeOutcome,
}

#[derive(Clone, Debug)]
pub(crate) struct FakeProvider {
    pub(crate) invoices: BTreeMap<InvoiceId, FakeInvoice>,
    pub(crate) subscriptions: BTreeMap<SubscriptionId, FakeSubscription>,
    pub(crate) ledger: Vec<Charge>,
    /// Charges even what is paid already, as no real provider does: only our own care is left then.
    pub(crate) gullible: bool,
    /// Waits between the provider's own attempts; empty: it makes none.
    pub(crate) schedule_ms: Vec<i64>,
    /// What it was asked for about leaving.
    pub(crate) counter: Counter,
    /// The time of what it tells of subscriptions.
    pub(crate) clock: Timestamp,
    cards: BTreeMap<PaymentMethodId, VecDeque<Verdict>>,
    keys: BTreeMap<String, Remembered>,
    fingerprints: BTreeMap<PaymentMethodId, CardFact>,
}

impl FakeProvider {
    /// How long a key is remembered.
    pub(crate) const KEY_MS: i64 = DAY_MS;

    pub(crate) fn new() -> Self {
        Self {
            invoices: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            ledger: Vec::new(),
            gullible: false,
            schedule_ms: Vec::new(),
            counter: Counter::default(),
            clock: Timestamp::from_ms(0),
            cards: BTreeMap::new(),
            keys: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
        }
    }

    /// What the bank will say to this card, one after the other; the last answer stays.
    pub(crate) fn card(&mut self, method: &str, verdicts: &[Verdict]) {
        self.cards.insert(method_id(method), verdicts.iter().copied().collect());
    }

    pub(crate) fn subscribe(&mut self, id: &str, method: &str) {
        let subscription = FakeSubscription {
            status: SubscriptionStatus::Active,
            end_reason: None,
            default_method: method_id(method),
            interval: None,
            plan: None,
            life: None,
        };
        self.subscriptions.insert(subscription_id(id), subscription);
    }

    /// A renewal that nobody tried to pay yet.
    pub(crate) fn bill(&mut self, id: &str, subscription: &str, amount_minor: i64, currency: &str) {
        let invoice = FakeInvoice {
            status: InvoiceStatus::Open,
            amount_due: money(amount_minor, currency),
            subscription: subscription_id(subscription),
            attempt_count: 0,
            next_attempt_at: None,
            decline: None,
            method: None,
            needs_authentication: false,
            is_held: false,
        };
        self.invoices.insert(invoice_id(id), invoice);
    }

    /// The provider's own attempt, with the subscription's default.
    pub(crate) fn attempt_by_itself(&mut self, id: &InvoiceId, now: Timestamp) {
        let Some(invoice) = self.invoices.get(id) else { return };
        if invoice.status != InvoiceStatus::Open || invoice.is_held {
            return;
        }
        let method = self.subscriptions[&invoice.subscription].default_method.clone();
        self.charge(id, method, None, now);
        let schedule_ms = self.schedule_ms.clone();
        let invoice = self.invoices.get_mut(id).unwrap();
        invoice.attempt_count += 1;
        let step = usize::try_from(invoice.attempt_count - 1).unwrap();
        let open = invoice.status == InvoiceStatus::Open;
        let wait = schedule_ms.get(step).filter(|_| open);
        invoice.next_attempt_at = wait.map(|wait_ms| now.plus_ms(*wait_ms));
    }

    /// `POST /pay` under a key. An attempt by hand does not move the provider's own count, save the
    /// very first (<https://docs.stripe.com/api/invoices/object>, `attempt_count`).
    pub(crate) fn pay(
        &mut self,
        id: &InvoiceId,
        attempt: &Attempt,
        now: Timestamp,
    ) -> ChargeOutcome {
        self.keys.retain(|_, known| now.since_ms(known.at) < Self::KEY_MS);
        let key = attempt.key.as_str();
        if let Some(known) = self.keys.get(key) {
            assert_eq!(
                (&known.invoice, &known.method),
                (id, &attempt.method),
                "same key, same call"
            );
            return known.outcome.clone();
        }
        let outcome = self.pay_anew(id, attempt, now);
        let known = Remembered {
            at: now,
            invoice: id.clone(),
            method: attempt.method.clone(),
            outcome: outcome.clone(),
        };
        self.keys.insert(key.to_owned(), known);
        outcome
    }

    fn pay_anew(&mut self, id: &InvoiceId, attempt: &Attempt, now: Timestamp) -> ChargeOutcome {
        let Some(invoice) = self.invoices.get_mut(id) else { return ChargeOutcome::Closed };
        let takes_money = match invoice.status {
            InvoiceStatus::Open => true,
            InvoiceStatus::Paid => self.gullible,
            InvoiceStatus::Draft | InvoiceStatus::Void | InvoiceStatus::Uncollectible => false,
        };
        if !takes_money {
            let paid = invoice.status == InvoiceStatus::Paid;
            return if paid { ChargeOutcome::Paid } else { ChargeOutcome::Closed };
        }
        invoice.attempt_count = invoice.attempt_count.max(1);
        let default = &self.subscriptions[&invoice.subscription].default_method;
        let method = attempt.method.clone().unwrap_or_else(|| default.clone());
        let asked = (attempt.key.as_str().to_owned(), attempt.trigger);
        self.charge(id, method, Some(asked), now)
    }

    fn charge(
        &mut self,
        id: &InvoiceId,
        method: PaymentMethodId,
        asked: Option<(String, Trigger)>,
        now: Timestamp,
    ) -> ChargeOutcome {
        let verdict = self.ask_bank(&method);
        let succeeded = verdict == Verdict::Approve;
        let amount = self.invoices[id].amount_due;
        let (invoice, used) = (id.clone(), method.clone());
        let (key, trigger) = asked.unzip();
        let card = self.card_fact(&method).map(|card| card.fingerprint);
        let card = card.unwrap_or_else(|| method.as_str().to_owned());
        let line = Charge { invoice, method: used, card, key, trigger, amount, succeeded, at: now };
        self.ledger.push(line);
        let invoice = self.invoices.get_mut(id).unwrap();
        invoice.method = Some(method);
        invoice.needs_authentication = verdict == Verdict::Authenticate;
        match verdict {
            Verdict::Approve => {
                invoice.status = InvoiceStatus::Paid;
                invoice.next_attempt_at = None;
                invoice.decline = None;
                ChargeOutcome::Paid
            }
            Verdict::Decline(code) => {
                invoice.decline = Some(decline(code));
                ChargeOutcome::Declined { decline: decline(code) }
            }
            Verdict::Authenticate => {
                invoice.decline = None;
                ChargeOutcome::NeedsAuthentication
            }
        }
    }

    fn ask_bank(&mut self, method: &PaymentMethodId) -> Verdict {
        let Some(verdicts) = self.cards.get_mut(method) else { return Verdict::Approve };
        let first = verdicts.front().copied().unwrap_or(Verdict::Approve);
        if verdicts.len() > 1 {
            verdicts.pop_front();
        }
        first
    }

    /// The merchant or another system closes the invoice.
    pub(crate) fn close(&mut self, id: &InvoiceId, status: InvoiceStatus) {
        let invoice = self.invoices.get_mut(id).unwrap();
        invoice.status = status;
        invoice.next_attempt_at = None;
    }

    /// Ends, pauses or resumes a subscription. The provider stops its own attempts when it is over.
    pub(crate) fn change(
        &mut self,
        id: &SubscriptionId,
        status: SubscriptionStatus,
        end_reason: Option<EndReason>,
    ) {
        let subscription = self.subscriptions.get_mut(id).unwrap();
        subscription.status = status;
        subscription.end_reason = end_reason;
        if status == SubscriptionStatus::Ended {
            for invoice in self.invoices.values_mut().filter(|inv| inv.subscription == *id) {
                invoice.next_attempt_at = None;
            }
        }
    }

    pub(crate) fn set_defaults(&mut self, method: &PaymentMethodId) {
        for subscription in self.subscriptions.values_mut() {
            if subscription.status != SubscriptionStatus::Ended {
                subscription.default_method = method.clone();
            }
        }
    }

    /// Events carry no payment details, readings do.
    pub(crate) fn invoice_seen(&self, id: &InvoiceId, observed: Observed) -> Event {
        let live = observed == Observed::Live;
        let invoice = &self.invoices[id];
        let method = |id: &PaymentMethodId| MethodFact {
            id: id.clone(),
            summary: Some(summary(id)),
            card: self.card_fact(id),
        };
        let fact = InvoiceFact {
            id: id.clone(),
            customer: customer(),
            subscription: Some(invoice.subscription.clone()),
            status: invoice.status,
            amount_due: invoice.amount_due,
            number: Some("A-0001".to_owned()),
            description: Some("Pro plan".to_owned()),
            attempt_count: invoice.attempt_count,
            next_attempt_at: invoice.next_attempt_at,
            decline: invoice.decline.clone().filter(|_| live),
            method: invoice.method.as_ref().map(method).filter(|_| live),
            next_method: live
                .then(|| method(&self.subscriptions[&invoice.subscription].default_method)),
            needs_authentication: invoice.needs_authentication && live,
            is_processing: false,
            region: None,
        };
        Event::InvoiceObserved { fact, observed }
    }

    /// From now on the method is this card; of others nothing is told.
    pub(crate) fn is_card(&mut self, method: &str, fingerprint: &str, network: Network) {
        let card = CardFact { fingerprint: fingerprint.to_owned(), network };
        self.fingerprints.insert(method_id(method), card);
    }

    pub(crate) fn card_fact(&self, method: &PaymentMethodId) -> Option<CardFact> {
        self.fingerprints.get(method).cloned()
    }

    /// What the customer has on file.
    pub(crate) fn methods_seen(&self) -> Event {
        let fact = |id: &PaymentMethodId| MethodFact {
            card: self.card_fact(id),
            ..MethodFact::bare(id.clone())
        };
        let methods = self.cards.keys().map(fact).collect();
        Event::MethodsObserved { methods }
    }

    pub(crate) fn subscription_seen(&self, id: &SubscriptionId) -> Event {
        let subscription = &self.subscriptions[id];
        let fact = SubscriptionFact {
            id: id.clone(),
            customer: customer(),
            status: subscription.status,
            end_reason: subscription.end_reason,
            default_method: Some(subscription.default_method.clone()),
            interval: subscription.interval,
            plan: subscription.plan,
            sector: None,
            life: subscription.life.clone(),
            seen_at: self.clock,
        };
        Event::SubscriptionObserved { fact }
    }

    pub(crate) fn is_open(&self, id: &InvoiceId) -> bool {
        self.invoices.get(id).is_some_and(|invoice| invoice.status == InvoiceStatus::Open)
    }
}

/// Cards are told apart by the end of their names.
fn summary(method: &PaymentMethodId) -> MethodSummary {
    let name = method.as_str();
    let last4 = name.get(name.len().saturating_sub(4)..).unwrap_or(name);
    MethodSummary { brand: "visa".to_owned(), last4: last4.to_owned() }
}
