//! What an Account does: load → apply → one transaction → the effects that came back.
//!
//! This is the only place that changes the state of a case. Nothing is held across a call to the
//! provider: each event loads the account anew, because other requests run while one waits.

use super::effects;
use super::projection::AccountProjection;
use super::store::{AccountStore, Commit, SeenEvent, StoreError};
use super::turn::Turn;
use crate::log::{Level, line};
use crate::provider::event::Fact;
use crate::provider::{ErrorKind, Provider, ProviderError, Secret, SetupStarted};
use reprieve_core::account::{Account, MethodUpdate};
use reprieve_core::api::status::{RecoveryState, Status};
use reprieve_core::calendar::Zone;
use reprieve_core::cancel::{CancelError, CancelNotice};
use reprieve_core::case::{ApplyError, Effect, Event, JournalEntry, apply, may_send};
use reprieve_core::id::{CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::Observed;
use reprieve_core::status;
use reprieve_core::time::{DAY_MS, Timestamp};
use std::collections::VecDeque;

/// How long after somebody was led to the provider's page a new default counts as set there. Stripe
/// documents its page as short-lived and gives no number.
const PAGE_LIFETIME_MS: i64 = DAY_MS;
/// The most effects performed in one run; what is left has a wake of its own.
pub const EFFECTS_MAX: usize = 200;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Storage did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event cannot be taken now.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The provider gave no answer.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The set-up is unknown or somebody else's.
    #[error("no such set-up for this customer")]
    NoSuchSetup,
    /// The set-up has no method yet.
    #[error("the set-up is not finished")]
    SetupUnfinished,
    /// The invoice is unknown or somebody else's.
    #[error("no such invoice of this customer")]
    NoSuchInvoice,
    /// Nothing waits for the customer and their bank.
    #[error("nothing waits for the customer")]
    NothingWaits,
    /// The stored event cannot be read.
    #[error("the event cannot be read")]
    Malformed,
}

impl From<CancelError> for ServiceError {
    fn from(error: CancelError) -> Self {
        Self::Apply(error.into())
    }
}

/// One account with its world.
pub struct Service<'a, S, P> {
    /// Where it is stored.
    pub store: &'a S,
    /// Where the money is.
    pub provider: &'a P,
    /// Who writes the customer's default methods; one for all runs of the object.
    pub turn: &'a Turn,
    /// What the merchant decided.
    pub policy: &'a Policy,
    /// Whose customer.
    pub merchant: MerchantId,
    /// The customer.
    pub customer: CustomerId,
    /// The clock, read once for each event.
    pub now: fn() -> Timestamp,
}

impl<S: AccountStore, P: Provider> Service<'_, S, P> {
    /// Takes in a verified event. `Ok(true)`: it was there before and has no effect.
    ///
    /// Nothing here waits for the provider. What an event leaves open is read later, from the
    /// alarm.
    pub fn ingest(&self, event: SeenEvent) -> Result<bool, ServiceError> {
        let read = self.provider.read_event(event.raw.as_bytes());
        let read = read.map_err(|_| ServiceError::Malformed)?;
        if self.store.is_seen(&event.id)? {
            return Ok(true);
        }
        let fact = read.fact.map(|fact| self.event_of(fact)).transpose()?.flatten();
        self.take(fact.as_ref(), Some(event))?;
        Ok(false)
    }

    /// What a fact of an event means for this account; `None`: nothing.
    fn event_of(&self, fact: Fact) -> Result<Option<Event>, ServiceError> {
        Ok(match fact {
            Fact::Invoice(fact) => {
                Some(Event::InvoiceObserved { fact, observed: Observed::ByEvent })
            }
            Fact::Subscription(fact) => Some(Event::SubscriptionObserved { fact }),
            Fact::MethodsChanged(renewed) => Some(Event::MethodsChanged { renewed }),
            Fact::Setup(fact, mark) => {
                let is_ours = mark.as_deref() == Some(self.merchant.as_str());
                let is_theirs = fact.customer.as_ref() == Some(&self.customer);
                fact.method.filter(|_| is_ours && is_theirs).map(|method| Event::MethodCollected {
                    setup: fact.id,
                    method,
                    card: fact.card,
                })
            }
            Fact::CustomerDeleted => Some(Event::CustomerDeleted),
            Fact::DefaultChanged(method) => Some(self.default_changed(method)?),
        })
    }

    /// On the provider's page, to which we led the customer, the new card becomes the default of
    /// the customer and no more; the rest is up to us. A default that somebody changed elsewhere is
    /// theirs: what is open is read again.
    fn default_changed(&self, method: PaymentMethodId) -> Result<Event, ServiceError> {
        let opened_at = self.store.page_opened_at()?;
        let was_here = opened_at.is_some_and(|at| (self.now)().since_ms(at) < PAGE_LIFETIME_MS);
        // The page has no set-up that we know of: the method stands for it.
        let setup = SetupId::parse(&format!("page.{method}")).ok().filter(|_| was_here);
        Ok(match setup {
            Some(setup) => Event::MethodCollected { setup, method, card: None },
            None => Event::MethodsChanged { renewed: None },
        })
    }

    /// What the customer needs to know. Where their clock hangs is written down while something is
    /// open; a customer in good standing leaves no trace.
    pub fn status_in(&self, zone: Option<Zone>) -> Result<Status, ServiceError> {
        let account = self.load()?;
        let is_open = account.open_cases().next().is_some();
        if let Some(zone) = zone.filter(|zone| is_open && account.zone.as_ref() != Some(zone)) {
            self.take(Some(&Event::ZoneObserved { zone }), None)?;
        }
        self.status()
    }

    /// What the customer needs to know.
    pub fn status(&self) -> Result<Status, ServiceError> {
        Ok(status::of(&self.load()?, (self.now)(), self.policy))
    }

    /// Begins the set-up of a new method.
    pub async fn start_method(&self) -> Result<SetupStarted, ServiceError> {
        Ok(self.provider.start_setup(&self.merchant, &self.customer).await?)
    }

    /// Opens the provider's own page for a new method, and says where it is.
    pub async fn open_provider_page(&self, return_url: &str) -> Result<Secret, ServiceError> {
        self.store.note_page_opened((self.now)())?;
        Ok(self.provider.open_page(&self.customer, return_url).await?)
    }

    /// Carries out a finished set-up and says how it ended. The same set-up twice is carried out
    /// once.
    pub async fn complete_method(&self, setup: &SetupId) -> Result<Status, ServiceError> {
        let fact = match self.provider.read_setup(setup).await {
            Err(error) if error.kind == ErrorKind::NotFound => Err(ServiceError::NoSuchSetup),
            other => other.map_err(ServiceError::from),
        }?;
        if fact.customer.as_ref() != Some(&self.customer) {
            return Err(ServiceError::NoSuchSetup);
        }
        if fact.is_processing {
            let status = self.status()?;
            return Ok(Status { state: RecoveryState::Pending, ..status });
        }
        let method = fact.method.ok_or(ServiceError::SetupUnfinished)?;
        let collected = Event::MethodCollected { setup: fact.id, method, card: fact.card };
        let mut effects = self.take(Some(&collected), None)?;
        if effects.is_empty() {
            effects = self.waiting_defaults(setup)?;
        }
        self.perform(effects).await?;
        self.catch_up().await;
        self.status()
    }

    /// The webhook told of this set-up first: nobody carries it out before the alarm, and the
    /// customer is here now. Carrying it out twice changes nothing.
    fn waiting_defaults(&self, setup: &SetupId) -> Result<Vec<Effect>, ServiceError> {
        let update = self.load()?.method_update.filter(|update| update.setup == *setup);
        let effect = |update: MethodUpdate| Effect::SetDefaults {
            setup: update.setup,
            method: update.method,
        };
        Ok(update.map(effect).into_iter().collect())
    }

    /// Charges the open invoices with the method on file, because the customer asked for it.
    pub async fn retry(&self) -> Result<Status, ServiceError> {
        let effects = self.take(Some(&Event::RetryRequested), None)?;
        self.perform(effects).await?;
        self.catch_up().await;
        self.status()
    }

    /// Does what is due.
    pub async fn wake(&self) -> Result<(), ServiceError> {
        let effects = self.take(Some(&Event::WakeReached), None)?;
        self.perform(effects).await
    }

    /// Takes in what the janitor found. What follows from it happens with the alarm.
    pub fn hear(&self, event: &Event) -> Result<(), ServiceError> {
        self.take(Some(event), None).map(|_| ())
    }

    /// Reads one invoice at the provider and takes in what it says, whether it is known or not.
    pub async fn observe(&self, invoice: InvoiceId) -> Result<(), ServiceError> {
        self.perform(vec![Effect::ReadInvoice { invoice }]).await
    }

    /// When the object wants its alarm: now if a message waits for the queue, else at the next
    /// wake.
    pub fn next_alarm(&self) -> Result<Option<Timestamp>, ServiceError> {
        if self.store.has_outbox()? {
            return Ok(Some((self.now)()));
        }
        Ok(self.load()?.next_wake())
    }

    pub(super) fn load(&self) -> Result<Account, ServiceError> {
        let stored = self.store.load()?;
        Ok(stored.unwrap_or_else(|| Account::new(self.merchant.clone(), self.customer.clone())))
    }

    /// The one way in: the account, the event, the history and the message for the read model are
    /// stored together or not at all.
    pub(super) fn take(
        &self,
        event: Option<&Event>,
        seen: Option<SeenEvent>,
    ) -> Result<Vec<Effect>, ServiceError> {
        let now = (self.now)();
        let event = event.map(|event| effects::within(event, self.provider.capabilities()));
        let before = self.load()?;
        let mut account = before.clone();
        let transition = match event.as_deref() {
            Some(event) => apply(&mut account, event, now, self.policy)?,
            None => reprieve_core::case::Transition::default(),
        };
        let changed = account != before;
        if !changed && seen.is_none() {
            return Ok(transition.effects);
        }
        let mut commit = Commit {
            account: None,
            seen,
            journal: transition.journal,
            outbox: None,
            alarm: None,
            at: now,
        };
        if changed {
            account.version = account.version.saturating_add(1);
            let projection = AccountProjection::of(&account, &commit.journal, now, self.policy);
            commit.outbox = serde_json::to_string(&projection).ok();
            // At once: the message waits for the queue. The alarm then sets the next one.
            commit.alarm = Some(now);
            commit.account = Some(account);
        }
        let stuck = stuck_lines(&commit.journal);
        self.store.commit(commit)?;
        for line in stuck {
            self.tell_operator(&line);
        }
        Ok(transition.effects)
    }

    /// Performs effects, and those that follow from them, one after the other.
    pub(super) async fn perform(&self, effects: Vec<Effect>) -> Result<(), ServiceError> {
        let mut waiting = VecDeque::from(effects);
        for _ in 0..EFFECTS_MAX {
            let Some(effect) = waiting.pop_front() else { return Ok(()) };
            // Before the account is asked whether it is still wanted: meanwhile a newer card may
            // have come, or another run may have done it.
            let _turn = match effect {
                Effect::SetDefaults { .. } => Some(self.turn.take().await),
                _ => None,
            };
            let account = self.load()?;
            if !is_wanted(&account, &effect) {
                continue;
            }
            let may_go = || self.load().is_ok_and(|account| may_go(&account, &effect));
            let known = (&effect, known_attempts(&account, &effect));
            let (provider, customer) = (self.provider, &self.customer);
            let events = effects::perform(provider, customer, known, self.now, &may_go).await;
            for event in events {
                self.warn_of_second_engine(&event);
                match self.take(Some(&event), None) {
                    Ok(more) => waiting.extend(more),
                    // Another customer's object in an answer of the provider: not ours to take in.
                    Err(ServiceError::Apply(error)) => self.report(&error.to_string()),
                    Err(error) => return Err(error),
                }
            }
        }
        self.report("more effects than one run performs");
        Ok(())
    }

    /// What became due through this run is read before the answer: after a decline the customer
    /// shall see which card it was. It may fail; the alarm reads again.
    pub(super) async fn catch_up(&self) {
        let effects = self.take(Some(&Event::WakeReached), None);
        let outcome = match effects {
            Ok(effects) => self.perform(effects).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            self.report(&error.to_string());
        }
    }

    /// The provider refuses what a customer was promised: also a row in the table of notices.
    fn tell_operator(&self, what: &str) {
        let fields = [("customer", self.customer.as_str()), ("act", what)];
        line(Level::Error, "the provider refuses what has to be done", &fields);
    }

    /// Our ladder keeps away from the provider's attempts, but two schedules for one invoice spend
    /// the networks' patience twice.
    fn warn_of_second_engine(&self, event: &Event) {
        if let Some(invoice) = effects::planned_by_provider(event)
            && self.policy.retry_driver() == RetryDriver::Ours
        {
            let fields = [("customer", self.customer.as_str()), ("invoice", invoice.as_str())];
            line(Level::Warn, "our ladder drives and the provider's retries are on", &fields);
        }
    }

    fn report(&self, error: &str) {
        let fields = [("customer", self.customer.as_str()), ("error", error)];
        line(Level::Warn, "an effect was not taken in", &fields);
    }
}

/// What is refused for good, or until a person has looked: `void in_1`.
fn stuck_lines(journal: &[JournalEntry]) -> Vec<String> {
    let stuck = |entry: &JournalEntry| match entry {
        JournalEntry::CancelNotice(CancelNotice::Stuck { act, target, .. }) => {
            Some(format!("{act} {target}"))
        }
        _ => None,
    };
    journal.iter().filter_map(stuck).collect()
}

/// The provider's own attempts that are known of the invoice that is charged.
fn known_attempts(account: &Account, effect: &Effect) -> u32 {
    match effect {
        Effect::Charge { invoice, .. } => {
            account.cases.get(invoice).map_or(0, |case| case.provider_attempt_count)
        }
        _ => 0,
    }
}

/// Whether a charge may be sent now: it is still the one that is under way, and since it was begun
/// no pause was accepted and no cancellation declared.
fn may_go(account: &Account, effect: &Effect) -> bool {
    match effect {
        Effect::Charge { invoice, .. } | Effect::Reconcile { invoice, .. } => {
            is_wanted(account, effect) && may_send(account, invoice)
        }
        _ => true,
    }
}

/// Effects wait for one another, and the world goes on meanwhile: a cancellation came, the alarm
/// asked for the outcome first, a newer card replaced this one. What is no longer wanted is left
/// out; what is wanted has a wake of its own.
fn is_wanted(account: &Account, effect: &Effect) -> bool {
    match effect {
        Effect::Charge { invoice, attempt } | Effect::Reconcile { invoice, attempt } => {
            let case = account.cases.get(invoice);
            let in_flight = case.and_then(|case| case.attempt.as_ref());
            in_flight.is_some_and(|in_flight| in_flight.key == attempt.key)
        }
        Effect::Act { act } | Effect::AskAct { act } => {
            account.leaving.acts.iter().any(|known| known.key == act.key)
        }
        Effect::SetDefaults { setup, .. } => {
            account.method_update.as_ref().is_some_and(|update| update.setup == *setup)
        }
        Effect::ReadMethods | Effect::ReadInvoice { .. } | Effect::ReadSubscriptions => true,
    }
}
