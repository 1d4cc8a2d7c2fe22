//! Everything outside the process: Stripe behind its wire, and storage that dies between two
//! commits.

use crate::fake_stripe::config;
use crate::fake_stripe::wire::Wire;
use crate::fake_stripe::{CUSTOMER, our_now, reset_clock};
use reprieve_core::account::Account;
use reprieve_core::case::JournalEntry;
use reprieve_core::id::{CustomerId, EventId, MerchantId};
use reprieve_core::policy::settings::{Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::time::{HOUR_MS, Timestamp};
use reprieve_edge::durable::service::Service;
use reprieve_edge::durable::store::{AccountStore, Commit, StoreError};
use reprieve_edge::durable::turn::Turn;
use reprieve_edge::provider::stripe::Stripe;
use reprieve_edge::reconcile::rounds::Mark;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// The provider under test.
pub(crate) type Adapter<'a> = Stripe<&'a Wire>;

pub(crate) struct Sky {
    pub(crate) wire: Wire,
    pub(crate) policy: Policy,
    pub(crate) account: RefCell<Option<Account>>,
    pub(crate) seen: RefCell<BTreeSet<EventId>>,
    pub(crate) turn: Turn,
    /// When the customer was led to Stripe's page.
    pub(crate) page_opened_at: Cell<Option<Timestamp>>,
    /// When the platform calls the object.
    pub(crate) alarm: Cell<Option<Timestamp>>,
    /// Commits that end the process, of a thousand.
    pub(crate) death_permille: Cell<usize>,
    /// Keys of attempts that were written down.
    pub(crate) started: RefCell<BTreeSet<String>>,
    /// Where the janitor goes on.
    pub(crate) marks: RefCell<BTreeMap<Mark, String>>,
}

impl Sky {
    pub(crate) fn new(seed: u64, driver: RetryDriver) -> Self {
        reset_clock();
        Self {
            wire: Wire::new(seed ^ 0x5eed),
            policy: policy(driver),
            account: RefCell::default(),
            seen: RefCell::default(),
            turn: Turn::default(),
            page_opened_at: Cell::new(None),
            alarm: Cell::new(None),
            death_permille: Cell::new(0),
            started: RefCell::default(),
            marks: RefCell::default(),
        }
    }

    pub(crate) fn adapter(&self) -> Adapter<'_> {
        Stripe::over(&self.wire, &config())
    }

    pub(crate) fn service<'a>(
        &'a self,
        adapter: &'a Adapter<'a>,
    ) -> Service<'a, Self, Adapter<'a>> {
        Service {
            store: self,
            provider: adapter,
            turn: &self.turn,
            policy: &self.policy,
            merchant: MerchantId::parse("demo").unwrap(),
            customer: CustomerId::parse(CUSTOMER).unwrap(),
            now: our_now,
        }
    }

    fn commit_dies(&self) -> bool {
        self.wire.rng.borrow_mut().below(1_000) < self.death_permille.get()
    }
}

/// Short waits, so that much happens in a short life.
fn policy(driver: RetryDriver) -> Policy {
    let mut settings = Settings::default();
    settings.retry.rungs = [6, 12, 24, 24].map(|hours| Rung::after_ms(hours * HOUR_MS)).to_vec();
    settings.retry.min_spacing_ms = HOUR_MS;
    Policy::uniform(driver, settings)
}

impl AccountStore for Sky {
    fn load(&self) -> Result<Option<Account>, StoreError> {
        Ok(self.account.borrow().clone())
    }

    fn is_seen(&self, event: &EventId) -> Result<bool, StoreError> {
        Ok(self.seen.borrow().contains(event))
    }

    /// A transaction dies before or after, never in between.
    fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let dead = || {
            self.wire.is_dead.set(true);
            Err(StoreError("the process died".to_owned()))
        };
        if self.commit_dies() {
            return dead();
        }
        for entry in &commit.journal {
            if let JournalEntry::AttemptStarted { attempt, .. } = entry {
                let is_new = self.started.borrow_mut().insert(attempt.key.as_str().to_owned());
                assert!(is_new, "an attempt is begun once: {}", attempt.key.as_str());
            }
        }
        if let Some(account) = commit.account {
            let alarm = commit.alarm.expect("a change without an alarm is a lost change");
            *self.account.borrow_mut() = Some(account);
            self.alarm.set(Some(alarm));
        }
        if let Some(event) = commit.seen {
            assert!(self.seen.borrow_mut().insert(event.id), "an event is stored twice");
        }
        if self.commit_dies() { dead() } else { Ok(()) }
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
