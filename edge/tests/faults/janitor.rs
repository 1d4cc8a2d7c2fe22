//! The janitor's own rounds, over the same Stripe and the same storage: what webhooks lost is found
//! by what runs in production, and by nothing else.

use crate::fake_stripe::{CUSTOMER, our_now};
use crate::life::{Life, Work};
use crate::sky::Sky;
use reprieve_core::case::Event;
use reprieve_core::id::{CustomerId, InvoiceId};
use reprieve_core::time::{SECOND_MS, Timestamp};
use reprieve_edge::durable::binding::Command;
use reprieve_edge::durable::store::SeenEvent;
use reprieve_edge::provider::stripe::map;
use reprieve_edge::reconcile::rounds::{self, Desk, DeskError, Mark};
use reprieve_edge::reconcile::sweep::EventSweep;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Days of the cron after the storm; each list has its turn in each.
const DAYS: i64 = 3;

impl Desk for Sky {
    fn now(&self) -> Timestamp {
        our_now()
    }

    async fn load<T: DeserializeOwned>(&self, mark: Mark) -> Result<Option<T>, DeskError> {
        let marks = self.marks.borrow();
        Ok(marks.get(&mark).map(|kept| serde_json::from_str(kept).expect("as it was left")))
    }

    async fn save<T: Serialize>(&self, mark: Mark, at: &T) -> Result<(), DeskError> {
        let kept = serde_json::to_string(at).expect("JSON");
        self.marks.borrow_mut().insert(mark, kept);
        Ok(())
    }

    async fn take(&self, raw: String) -> bool {
        let read = map::event(raw.as_bytes()).expect("an event of Stripe's");
        let event = SeenEvent { id: read.id, kind: read.kind, raw };
        let adapter = self.adapter();
        let taken = self.service(&adapter).ingest(event);
        *self.wire.tally.borrow_mut().entry("events that the janitor read").or_default() += 1;
        if taken == Ok(false) {
            *self.wire.tally.borrow_mut().entry("of them lost before").or_default() += 1;
        }
        taken.is_ok()
    }

    async fn known(&self, invoices: &[InvoiceId]) -> Result<BTreeSet<String>, DeskError> {
        let account = self.account.borrow();
        let known = account.iter().flat_map(|account| account.cases.keys());
        let asked = known.filter(|known| invoices.contains(known));
        Ok(asked.map(|invoice| invoice.as_str().to_owned()).collect())
    }

    async fn tell(&self, customer: &CustomerId, command: Command) -> bool {
        assert_eq!(customer.as_str(), CUSTOMER);
        let adapter = self.adapter();
        let service = self.service(&adapter);
        match command {
            Command::Observe { invoice } => service.observe(invoice).await.is_ok(),
            Command::CardExpires { method, summary, expiry } => {
                service.hear(&Event::CardExpires { method, summary, expiry }).is_ok()
            }
            _ => panic!("the janitor asks for nothing else"),
        }
    }
}

impl Life<'_> {
    /// The cron has been at work for long: its window of events ends where this life begins.
    pub(super) fn janitor_was_here(&self) {
        let until_s = our_now().as_ms().div_euclid(SECOND_MS);
        let mark = EventSweep { from_s: until_s, until_s, place: None };
        let kept = serde_json::to_string(&mark).expect("JSON");
        self.sky.marks.borrow_mut().insert(Mark::Events, kept);
    }

    /// One run of the cron, which may be cut off like everything else.
    pub(super) fn janitor_looks(&mut self) {
        let sky = self.sky;
        sky.wire.note("the janitor".to_owned());
        self.spawn(Work::Janitor, async move {
            rounds::run(sky, &sky.adapter()).await;
            Ok(())
        });
    }

    /// The storm is over, and the cron goes on for some days. Returns of how many owed invoices
    /// nothing was known before.
    pub(crate) fn the_janitor_finds_the_rest(&mut self) -> u64 {
        let unknown = {
            let books = self.sky.wire.books.borrow();
            let account = self.sky.account.borrow();
            let known = |id: &str| {
                let mut cases = account.iter().flat_map(|account| account.cases.keys());
                cases.any(|case| case.as_str() == id)
            };
            books.invoices.keys().filter(|id| books.is_owed(id) && !known(id)).count()
        };
        for _ in 0..DAYS {
            self.janitor_looks();
            self.calm(1);
        }
        u64::try_from(unknown).unwrap()
    }
}
