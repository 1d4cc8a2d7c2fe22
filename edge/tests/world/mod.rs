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
mod billing;
pub mod history;
mod provider;

use reprieve_core::account::Account;
use reprieve_core::cancel::act::Act;
use reprieve_core::cancel::offer::Off;
use reprieve_core::case::JournalEntry;
use reprieve_core::id::{
    CustomerId, EventId, InvoiceId, MerchantId, PaymentMethodId, PlanId, SetupId, SubscriptionId,
};
use reprieve_core::money::{Currency, Money};
use reprieve_core::policy::Policy;
use reprieve_core::provider::{
    ChargeOutcome, InvoiceFact, InvoiceStatus, PauseAbility, SetupFact, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::Timestamp;
use reprieve_edge::durable::service::Service;
use reprieve_edge::durable::store::{AccountStore, Commit, StoreError};
use reprieve_edge::durable::turn::Turn;
use reprieve_edge::provider::{Capabilities, Question};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

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

/// What happens to the next charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It never arrives.
    LostBefore,
    /// Its answer is lost.
    LostAfter,
    /// Too many requests.
    TooMany,
    /// Nothing is done, and the provider repeats the error as long as it knows the key.
    KeptError,
}

/// What the provider of this world can do unless a test says otherwise.
pub const ABLE: Capabilities = Capabilities {
    owns_retry: true,
    can_trigger_retry: true,
    exposes_network_advice: false,
    update_collects: false,
    pause: PauseAbility::Service,
};

/// Everything outside the service.
pub struct World {
    pub death: Cell<Death>,
    pub turn: Turn,
    pub points: Cell<usize>,
    /// The provider call whose answer takes a moment, by number of point.
    pub slow_at: Cell<Option<usize>>,
    /// Provider calls that end with an error, by number of point, and whether the effect happened.
    pub lost_answers: RefCell<BTreeMap<usize, bool>>,
    pub account: RefCell<Option<Account>>,
    pub seen: RefCell<BTreeSet<EventId>>,
    /// Messages for the read model, and lines of history.
    pub outbox: RefCell<Vec<String>>,
    pub page_opened_at: Cell<Option<Timestamp>>,
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
    pub troubles: RefCell<VecDeque<Trouble>>,
    /// Keys that bring nothing but an error any more.
    pub spent: RefCell<BTreeSet<String>>,
    /// What the customer has on file, the newest last.
    pub methods: RefCell<Vec<PaymentMethodId>>,
    /// Attempts that reached the bank.
    pub attempts: Cell<usize>,
    /// Where the customer's bills go.
    pub country: Cell<Option<&'static str>>,
    pub region: Cell<Option<&'static str>>,
    /// What the provider can do.
    pub can: Cell<Capabilities>,
    /// What was done, in order, and the kinds of it that the provider refuses.
    pub acts: RefCell<Vec<Act>>,
    pub refused_acts: RefCell<BTreeSet<&'static str>>,
    /// What happens to the next acts.
    pub act_troubles: RefCell<VecDeque<Trouble>>,
    /// Discounts that run, with their periods, and plans other than the first.
    pub discounts: RefCell<BTreeMap<SubscriptionId, Vec<(Off, u32)>>>,
    /// The keys of all discounts that were given, used up or not.
    pub discounted: RefCell<BTreeSet<String>>,
    pub plans: RefCell<BTreeMap<SubscriptionId, PlanId>>,
    /// What was put on the customer's account, by key.
    pub credits: RefCell<BTreeMap<String, Money>>,
    /// Invoices that the provider does not collect by itself.
    pub held: RefCell<BTreeSet<InvoiceId>>,
    /// What the provider tells of itself: events as they would arrive, the oldest first, with their
    /// ids and seconds.
    pub history: RefCell<Vec<(String, i64, String)>>,
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
            slow_at: Cell::new(None),
            lost_answers: RefCell::default(),
            account: RefCell::default(),
            seen: RefCell::default(),
            outbox: RefCell::default(),
            page_opened_at: Cell::new(None),
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
            troubles: RefCell::default(),
            spent: RefCell::default(),
            methods: RefCell::default(),
            attempts: Cell::new(0),
            country: Cell::new(None),
            region: Cell::new(None),
            can: Cell::new(ABLE),
            acts: RefCell::default(),
            refused_acts: RefCell::default(),
            act_troubles: RefCell::default(),
            discounts: RefCell::default(),
            discounted: RefCell::default(),
            plans: RefCell::default(),
            credits: RefCell::default(),
            held: RefCell::default(),
            history: RefCell::default(),
            sent: RefCell::default(),
        };
        for number in 0..count {
            let subscription = world.subscribe(Some(&method("pm_old")));
            let invoice = open_invoice(&format!("in_{number}"), subscription);
            world.invoices.borrow_mut().insert(invoice.id.clone(), invoice);
        }
        world
    }

    /// A subscription with an unpaid renewal, and perhaps a method of its own.
    pub fn subscribe(&self, default_method: Option<&PaymentMethodId>) -> SubscriptionId {
        let mut subscriptions = self.subscriptions.borrow_mut();
        let id = SubscriptionId::parse(&format!("sub_{}", subscriptions.len())).unwrap();
        let fact = SubscriptionFact {
            id: id.clone(),
            customer: customer(),
            status: SubscriptionStatus::PastDue,
            end_reason: None,
            default_method: default_method.cloned(),
            interval: None,
            plan: None,
            sector: None,
            life: None,
            seen_at: Timestamp::from_ms(0),
        };
        subscriptions.insert(id.clone(), fact);
        id
    }

    pub fn finished_setup(&self, name: &str, method_name: &str) -> SetupId {
        let id = setup(name);
        let fact = SetupFact {
            id: id.clone(),
            customer: Some(customer()),
            method: Some(method(method_name)),
            card: None,
            is_processing: false,
        };
        self.setups.borrow_mut().insert(id.clone(), fact);
        id
    }

    pub fn is_paid(&self, invoice: &str) -> bool {
        let id = InvoiceId::parse(invoice).unwrap();
        self.invoices.borrow()[&id].status == InvoiceStatus::Paid
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
        is_processing: false,
        region: None,
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

    fn page_opened_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.page_opened_at.get())
    }

    fn note_page_opened(&self, at: Timestamp) -> Result<(), StoreError> {
        self.page_opened_at.set(Some(at));
        Ok(())
    }

    fn has_outbox(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// The service of the customer in this world.
pub fn service<'a>(world: &'a World, policy: &'a Policy) -> Service<'a, World, World> {
    let (merchant, customer, turn) = (merchant(), customer(), &world.turn);
    Service { store: world, provider: world, turn, policy, merchant, customer, now }
}

/// Runs until the end, or until the process dies: then the future is dropped where it stands.
pub fn run<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Runs where nobody dies, so that nothing waits.
pub fn finish<T>(future: impl Future<Output = T>) -> T {
    run(future).unwrap()
}
