//! The janitor's desk in memory, and the one Account to which it tells everything.

use crate::fake_stripe::books::Books;
use crate::fake_stripe::wire::Wire;
use crate::fake_stripe::{CUSTOMER, config, our_now, reset_clock};
use reprieve_core::account::Account;
use reprieve_core::api::status::Status;
use reprieve_core::case::{CaseState, Event};
use reprieve_core::id::{CustomerId, EventId, InvoiceId, MerchantId, SetupId};
use reprieve_core::policy::Policy;
use reprieve_core::time::Timestamp;
use reprieve_edge::durable::binding::Command;
use reprieve_edge::durable::service::Service;
use reprieve_edge::durable::store::{AccountStore, Commit, SeenEvent, StoreError};
use reprieve_edge::durable::turn::Turn;
use reprieve_edge::provider::stripe::Stripe;
use reprieve_edge::provider::stripe::map;
use reprieve_edge::reconcile::rounds::{self, Desk, DeskError, Mark};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

pub(crate) struct Janitor {
    pub(crate) wire: Wire,
    account: RefCell<Option<Account>>,
    seen: RefCell<BTreeSet<EventId>>,
    marks: RefCell<BTreeMap<Mark, String>>,
    broken: Cell<Option<Mark>>,
    /// Every mark is gone at the next run.
    pub(crate) loses_marks: Cell<bool>,
    /// So many calls to the Account are not answered.
    pub(crate) refuses: Cell<usize>,
    policy: Policy,
    turn: Turn,
}

/// Nothing waits in these tests.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing waits in these tests"),
    }
}

impl Janitor {
    pub(crate) fn new() -> Self {
        reset_clock();
        Self {
            wire: Wire::new(7),
            account: RefCell::default(),
            seen: RefCell::default(),
            marks: RefCell::default(),
            broken: Cell::new(None),
            loses_marks: Cell::new(false),
            refuses: Cell::new(0),
            policy: Policy::default(),
            turn: Turn::default(),
        }
    }

    pub(crate) fn books<T>(&self, act: impl FnOnce(&mut Books) -> T) -> T {
        act(&mut self.wire.books.borrow_mut())
    }

    /// One run of the cron.
    pub(crate) fn run(&self) {
        now(rounds::run(self, &self.stripe()));
    }

    /// The Account's alarm, until nothing more is due.
    pub(crate) fn ring(&self) {
        for _ in 0..5 {
            let stripe = self.stripe();
            now(self.service(&stripe).wake()).expect("an alarm");
        }
    }

    /// The customer gives a new card.
    pub(crate) fn gives(&self, card: &str) -> Status {
        let setup = self.books(|books| books.begin_setup(card));
        let setup = SetupId::parse(&setup).unwrap();
        let stripe = self.stripe();
        now(self.service(&stripe).complete_method(&setup)).expect("a card")
    }

    /// How the case of an invoice stands.
    pub(crate) fn state(&self, invoice: &str) -> Option<CaseState> {
        let account = self.account.borrow();
        Some(account.as_ref()?.cases.get(&InvoiceId::parse(invoice).unwrap())?.state)
    }

    /// Everything that Stripe told so far arrives.
    pub(crate) fn hear_all(&self) {
        let events = self.books(|books| std::mem::take(&mut books.events));
        events.iter().for_each(|(_, _, raw)| self.hear(raw));
    }

    /// The customer asks for the same card again.
    pub(crate) fn retry(&self) -> Status {
        let stripe = self.stripe();
        now(self.service(&stripe).retry()).expect("something is open")
    }

    pub(crate) fn status(&self) -> Status {
        let stripe = self.stripe();
        self.service(&stripe).status().expect("a status")
    }

    /// An event arrives as a webhook.
    pub(crate) fn hear(&self, raw: &str) {
        assert!(now(Desk::take(self, raw.to_owned())), "taken in");
    }

    /// This list is not read any more.
    pub(crate) fn fails(&self, mark: Mark) {
        self.broken.set(Some(mark));
    }

    pub(crate) fn open(&self) -> usize {
        self.open_ids().len()
    }

    pub(crate) fn open_ids(&self) -> Vec<String> {
        let account = self.account.borrow();
        let open = account.iter().flat_map(Account::open_cases);
        open.map(|case| case.invoice.as_str().to_owned()).collect()
    }

    /// Events that the Account has stored.
    pub(crate) fn seen(&self) -> usize {
        self.seen.borrow().len()
    }

    /// Whether anything is stored of the customer.
    pub(crate) fn has_account(&self) -> bool {
        self.account.borrow().is_some()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.wire.log()
    }

    fn stripe(&self) -> Stripe<&Wire> {
        Stripe::over(&self.wire, &config())
    }

    fn service<'a>(
        &'a self,
        provider: &'a Stripe<&'a Wire>,
    ) -> Service<'a, Self, Stripe<&'a Wire>> {
        Service {
            store: self,
            provider,
            turn: &self.turn,
            policy: &self.policy,
            merchant: MerchantId::parse("demo").unwrap(),
            customer: CustomerId::parse(CUSTOMER).unwrap(),
            now: our_now,
        }
    }

    fn answers(&self) -> bool {
        let left = self.refuses.get();
        self.refuses.set(left.saturating_sub(1));
        left == 0
    }
}

impl Desk for Janitor {
    fn now(&self) -> Timestamp {
        our_now()
    }

    async fn load<T: DeserializeOwned>(&self, mark: Mark) -> Result<Option<T>, DeskError> {
        if self.broken.get() == Some(mark) {
            return Err(DeskError("no such table".to_owned()));
        }
        let marks = self.marks.borrow();
        let kept = marks.get(&mark).filter(|_| !self.loses_marks.get());
        Ok(kept.map(|kept| serde_json::from_str(kept).expect("as it was left")))
    }

    async fn save<T: Serialize>(&self, mark: Mark, at: &T) -> Result<(), DeskError> {
        let kept = serde_json::to_string(at).expect("JSON");
        self.marks.borrow_mut().insert(mark, kept);
        Ok(())
    }

    async fn take(&self, raw: String) -> bool {
        let read = map::event(raw.as_bytes()).expect("an event of Stripe's");
        let event = SeenEvent { id: read.id, kind: read.kind, raw };
        let stripe = self.stripe();
        self.answers() && self.service(&stripe).ingest(event).is_ok()
    }

    async fn known(&self, invoices: &[InvoiceId]) -> Result<BTreeSet<String>, DeskError> {
        let account = self.account.borrow();
        let known = account.iter().flat_map(|account| account.cases.keys());
        let asked = known.filter(|known| invoices.contains(known));
        Ok(asked.map(|invoice| invoice.as_str().to_owned()).collect())
    }

    async fn tell(&self, customer: &CustomerId, command: Command) -> bool {
        assert_eq!(customer.as_str(), CUSTOMER);
        let stripe = self.stripe();
        let service = self.service(&stripe);
        self.answers()
            && match command {
                Command::Observe { invoice } => service.observe(invoice).await.is_ok(),
                Command::CardExpires { method, summary, expiry } => {
                    service.hear(&Event::CardExpires { method, summary, expiry }).is_ok()
                }
                _ => panic!("the janitor asks for nothing else"),
            }
    }
}

impl AccountStore for Janitor {
    fn load(&self) -> Result<Option<Account>, StoreError> {
        Ok(self.account.borrow().clone())
    }

    fn is_seen(&self, event: &EventId) -> Result<bool, StoreError> {
        Ok(self.seen.borrow().contains(event))
    }

    fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        if let Some(account) = commit.account {
            *self.account.borrow_mut() = Some(account);
        }
        if let Some(event) = commit.seen {
            assert!(self.seen.borrow_mut().insert(event.id), "an event is stored twice");
        }
        Ok(())
    }

    fn page_opened_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    fn note_page_opened(&self, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_outbox(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
