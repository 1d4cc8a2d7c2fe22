//! A provider and a store that die on demand.
//!
//! Every call of either is a *point*. A run can be told to die at the n-th point, before or after
//! its effect: the future is dropped there and then, as when the process is killed, and only what
//! the store committed and what the provider did survives.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken test shall stop where it breaks"
)]

pub mod bank;

use reprieve_core::account::Account;
use reprieve_core::case::JournalEntry;
use reprieve_core::decline::{RawDecline, stripe};
use reprieve_core::id::{
    CustomerId, EventId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::Network;
use reprieve_core::provider::{
    ChargeOutcome, InvoiceFact, InvoiceStatus, MethodFact, SetupFact, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::Timestamp;
use reprieve_edge::durable::store::{AccountStore, Commit, StoreError};
use reprieve_edge::durable::turn::Turn;
use reprieve_edge::provider::{
    Capabilities, ChargeInvoice, CollectMethod, ErrorKind, OnSession, PauseMeaning, PayInvoice,
    Provider, ProviderError, Question, ReadBilling, Secret, SetupStarted,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

thread_local! {
    static NOW_MS: Cell<i64> = const { Cell::new(1_800_000_000_000) };
}

/// The clock that the service gets.
pub fn now() -> Timestamp {
    Timestamp::from_ms(NOW_MS.get())
}

/// Moves the clock to a point in time, never backwards.
pub fn sleep_until(at: Timestamp) {
    NOW_MS.set(NOW_MS.get().max(at.as_ms()));
}

pub fn customer() -> CustomerId {
    CustomerId::parse("cus_1").unwrap()
}

pub fn merchant() -> MerchantId {
    MerchantId::parse("demo").unwrap()
}

pub fn method(name: &str) -> PaymentMethodId {
    PaymentMethodId::parse(name).unwrap()
}

pub fn setup(name: &str) -> SetupId {
    SetupId::parse(name).unwrap()
}

/// Where a run dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    Never,
    Before(usize),
    After(usize),
}

/// Everything outside the service.
pub struct World {
    pub death: Cell<Death>,
    pub turn: Turn,
    pub points: Cell<usize>,
    /// Provider calls that end with an error, by number of point, and whether the effect happened.
    pub lost_answers: RefCell<BTreeMap<usize, bool>>,
    pub account: RefCell<Option<Account>>,
    pub seen: RefCell<BTreeSet<EventId>>,
    /// Messages for the read model, and lines of history.
    pub outbox: RefCell<Vec<String>>,
    pub journal: RefCell<Vec<JournalEntry>>,
    pub invoices: RefCell<BTreeMap<InvoiceId, InvoiceFact>>,
    pub subscriptions: RefCell<BTreeMap<SubscriptionId, SubscriptionFact>>,
    pub customer_default: RefCell<Option<PaymentMethodId>>,
    pub setups: RefCell<BTreeMap<SetupId, SetupFact>>,
    /// What the bank says to a method; others are accepted.
    pub declines: RefCell<BTreeMap<PaymentMethodId, String>>,
    /// Methods whose bank wants to see the customer.
    pub asks: RefCell<BTreeSet<PaymentMethodId>>,
    /// The bank's questions, and with which method.
    pub questions: RefCell<BTreeMap<InvoiceId, (Question, PaymentMethodId)>>,
    pub answers_by_key: RefCell<BTreeMap<String, ChargeOutcome>>,
    /// Successful charges, as (invoice, amount).
    pub captured: RefCell<Vec<(InvoiceId, i64)>>,
    /// Every key ever sent, with what it was sent for.
    pub sent: RefCell<BTreeMap<String, (InvoiceId, Option<PaymentMethodId>)>>,
}

impl World {
    /// A customer with so many unpaid renewals, each of a subscription with its own old method.
    pub fn with_open_invoices(count: u32) -> Self {
        let world = Self {
            death: Cell::new(Death::Never),
            turn: Turn::default(),
            points: Cell::new(0),
            lost_answers: RefCell::default(),
            account: RefCell::default(),
            seen: RefCell::default(),
            outbox: RefCell::default(),
            journal: RefCell::default(),
            invoices: RefCell::default(),
            subscriptions: RefCell::default(),
            customer_default: RefCell::new(Some(method("pm_old"))),
            setups: RefCell::default(),
            declines: RefCell::new(BTreeMap::from([(method("pm_old"), "expired_card".into())])),
            asks: RefCell::default(),
            questions: RefCell::default(),
            answers_by_key: RefCell::default(),
            captured: RefCell::default(),
            sent: RefCell::default(),
        };
        for number in 0..count {
            let subscription = SubscriptionId::parse(&format!("sub_{number}")).unwrap();
            world.subscriptions.borrow_mut().insert(
                subscription.clone(),
                SubscriptionFact {
                    id: subscription.clone(),
                    customer: customer(),
                    status: SubscriptionStatus::PastDue,
                    end_reason: None,
                    default_method: Some(method("pm_old")),
                    interval: None,
                    plan: None,
                    sector: None,
                    seen_at: Timestamp::from_ms(0),
                },
            );
            let invoice = open_invoice(&format!("in_{number}"), subscription);
            world.invoices.borrow_mut().insert(invoice.id.clone(), invoice);
        }
        world
    }

    pub fn finished_setup(&self, name: &str, method_name: &str) -> SetupId {
        let id = setup(name);
        let fact = SetupFact {
            id: id.clone(),
            customer: Some(customer()),
            method: Some(method(method_name)),
            card: None,
        };
        self.setups.borrow_mut().insert(id.clone(), fact);
        id
    }

    pub fn is_paid(&self, invoice: &str) -> bool {
        let id = InvoiceId::parse(invoice).unwrap();
        self.invoices.borrow()[&id].status == InvoiceStatus::Paid
    }

    /// One point: dies here, or passes. `true` before the effect, then `false` after it.
    async fn point(&self, effect: impl FnOnce()) -> Result<(), ()> {
        let number = self.points.get();
        self.points.set(number + 1);
        if self.death.get() == Death::Before(number) {
            std::future::pending::<()>().await;
        }
        let lost = self.lost_answers.borrow().get(&number).copied();
        if lost != Some(false) {
            effect();
        }
        if self.death.get() == Death::After(number) {
            std::future::pending::<()>().await;
        }
        if lost.is_some() { Err(()) } else { Ok(()) }
    }

    fn capture(&self, pay: &PayInvoice<'_>) -> ChargeOutcome {
        if let Some(stored) = self.answers_by_key.borrow().get(pay.key.as_str()) {
            return stored.clone();
        }
        let mut invoices = self.invoices.borrow_mut();
        let invoice = invoices.get_mut(pay.invoice).unwrap();
        let default = self.customer_default.borrow().clone();
        let used = pay.method.cloned().or(default).unwrap();
        let asks = self.asks.borrow().contains(&used) && invoice.status == InvoiceStatus::Open;
        let outcome = match invoice.status {
            _ if asks && pay.on_session == OnSession::Yes => {
                let secret = Question::Waits(Secret::new("pi_1_secret_x"));
                self.questions.borrow_mut().insert(invoice.id.clone(), (secret, used.clone()));
                invoice.needs_authentication = true;
                invoice.decline = None;
                invoice.method = Some(MethodFact::bare(used));
                ChargeOutcome::NeedsAuthentication
            }
            // The real one refuses; the adapter reads the invoice and says what it is.
            InvoiceStatus::Paid => ChargeOutcome::Paid,
            InvoiceStatus::Open => match self.declines.borrow().get(&used) {
                None => {
                    self.captured
                        .borrow_mut()
                        .push((invoice.id.clone(), invoice.amount_due.amount_minor));
                    invoice.status = InvoiceStatus::Paid;
                    invoice.amount_due.amount_minor = 0;
                    ChargeOutcome::Paid
                }
                Some(code) => {
                    let raw = RawDecline { code: Some(code.clone()), ..RawDecline::default() };
                    let decline = stripe::classify(raw, Network::Other, Timestamp::from_ms(0));
                    invoice.attempt_count += 1;
                    invoice.decline = Some(decline.clone());
                    invoice.method = Some(MethodFact::bare(used));
                    ChargeOutcome::Declined { decline }
                }
            },
            _ => ChargeOutcome::Closed,
        };
        self.answers_by_key.borrow_mut().insert(pay.key.as_str().to_owned(), outcome.clone());
        outcome
    }
}

pub fn open_invoice(id: &str, subscription: SubscriptionId) -> InvoiceFact {
    InvoiceFact {
        id: InvoiceId::parse(id).unwrap(),
        customer: customer(),
        subscription: Some(subscription),
        status: InvoiceStatus::Open,
        amount_due: Money { amount_minor: 1_900, currency: Currency::parse("eur").unwrap() },
        number: None,
        description: None,
        attempt_count: 1,
        next_attempt_at: None,
        decline: None,
        method: None,
        next_method: None,
        needs_authentication: false,
        region: None,
    }
}

fn unknown() -> ProviderError {
    ProviderError { kind: ErrorKind::Unknown, code: None, provider_request_id: None }
}

fn not_found() -> ProviderError {
    ProviderError { kind: ErrorKind::NotFound, code: None, provider_request_id: None }
}

impl ReadBilling for World {
    async fn read_invoice(&self, invoice: &InvoiceId) -> Result<InvoiceFact, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        self.invoices.borrow().get(invoice).cloned().ok_or_else(not_found)
    }

    async fn list_open_invoices(&self, _: &CustomerId) -> Result<Vec<InvoiceFact>, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        let invoices = self.invoices.borrow();
        Ok(invoices.values().filter(|fact| fact.status == InvoiceStatus::Open).cloned().collect())
    }

    async fn list_methods(&self, _: &CustomerId) -> Result<Vec<MethodFact>, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        Ok(Vec::new())
    }

    async fn list_subscriptions(
        &self,
        _: &CustomerId,
        _: Timestamp,
    ) -> Result<Vec<SubscriptionFact>, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        Ok(self.subscriptions.borrow().values().cloned().collect())
    }

    async fn customer_of_charge(&self, _: &str) -> Result<Option<CustomerId>, ProviderError> {
        Ok(None)
    }
}

impl CollectMethod for World {
    async fn start_setup(&self, _: &CustomerId) -> Result<SetupStarted, ProviderError> {
        let client_secret = Secret::new("seti_1_secret_x");
        Ok(SetupStarted { id: setup("seti_1"), client_secret })
    }

    async fn open_page(&self, _: &CustomerId, _: &str) -> Result<Secret, ProviderError> {
        Ok(Secret::new("https://provider.example/page"))
    }

    async fn read_setup(&self, id: &SetupId) -> Result<SetupFact, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        self.setups.borrow().get(id).cloned().ok_or_else(not_found)
    }

    async fn set_customer_default(
        &self,
        _: &CustomerId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError> {
        let effect = || *self.customer_default.borrow_mut() = Some(method.clone());
        self.point(effect).await.map_err(|()| unknown())
    }

    async fn set_subscription_default(
        &self,
        subscription: &SubscriptionId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError> {
        let effect = || {
            if let Some(fact) = self.subscriptions.borrow_mut().get_mut(subscription) {
                fact.default_method = Some(method.clone());
            }
        };
        self.point(effect).await.map_err(|()| unknown())
    }
}

impl ChargeInvoice for World {
    async fn pay_invoice(&self, pay: PayInvoice<'_>) -> Result<ChargeOutcome, ProviderError> {
        let sent = (pay.invoice.clone(), pay.method.cloned());
        let before = self.sent.borrow_mut().insert(pay.key.as_str().to_owned(), sent.clone());
        assert!(before.is_none_or(|before| before == sent), "one key, two requests: {:?}", pay.key);
        let mut outcome = None;
        self.point(|| outcome = Some(self.capture(&pay))).await.map_err(|()| unknown())?;
        outcome.ok_or_else(unknown)
    }
}

impl Provider for World {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            owns_retry: true,
            can_trigger_retry: true,
            inline_elements: true,
            exposes_network_advice: false,
            update_collects: false,
            pause: PauseMeaning::AccessOff,
            authenticates_inline: true,
        }
    }
}

impl AccountStore for World {
    fn load(&self) -> Result<Option<Account>, StoreError> {
        Ok(self.account.borrow().clone())
    }

    fn is_seen(&self, event: &EventId) -> Result<bool, StoreError> {
        Ok(self.seen.borrow().contains(event))
    }

    /// A transaction dies before or after, never in between; the caller then sees an error.
    fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let number = self.points.get();
        self.points.set(number + 1);
        let dead = || StoreError("the process died".to_owned());
        if self.death.get() == Death::Before(number) {
            return Err(dead());
        }
        if let Some(account) = commit.account {
            assert!(commit.alarm.is_some(), "a change without an alarm is a lost change");
            *self.account.borrow_mut() = Some(account);
        }
        if let Some(event) = commit.seen {
            assert!(self.seen.borrow_mut().insert(event.id), "an event is stored twice");
        }
        self.outbox.borrow_mut().extend(commit.outbox);
        self.journal.borrow_mut().extend(commit.journal);
        if self.death.get() == Death::After(number) { Err(dead()) } else { Ok(()) }
    }

    fn has_outbox(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
