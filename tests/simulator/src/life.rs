//! One customer under one policy, from the first failed renewal until everything is closed or the
//! time of following is over. Everything that is decided is decided by the core's `apply`.

use crate::facts::{self, Names};
use crate::hidden::Hidden;
use crate::issuer::{Cause, Relief};
use crate::notices::Notices;
use crate::provider::{Bank, PaidBy, Provider};
use crate::reaction::{ACTS_MAX, Act, Reaction};
use crate::referee::Broken;
use crate::rng::Stream;
use crate::world::Schedule;
use reprieve_core::account::Account;
use reprieve_core::case::{Attempt, Effect, Event, JournalEntry, Lesson, apply};
use reprieve_core::id::{InvoiceId, PaymentMethodId, SetupId};
use reprieve_core::idempotency::KEY_LIFETIME_MS;
use reprieve_core::policy::Policy;
use reprieve_core::provider::{InvoiceStatus, Observed};
use reprieve_core::time::{DAY_MS, HOUR_MS, SECOND_MS, Timestamp};
use std::collections::{BinaryHeap, VecDeque};

/// How long an incident is followed: the 30 days in which a payment counts as recovered, and some
/// more, in which nothing may go wrong either.
pub(crate) const FOLLOW_MS: i64 = 40 * DAY_MS;
/// More steps than that in one life are a loop.
const STEPS_MAX: usize = 5_000;
/// More effects than that in one step are a loop.
const EFFECTS_MAX: usize = 500;

/// The renewal with which it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incident {
    pub(crate) renewal: u64,
    pub(crate) failed_at: Timestamp,
    pub(crate) cause: Cause,
}

/// How it went.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) paid: Option<(Timestamp, PaidBy)>,
    /// Automatic attempts of ours on the invoice.
    pub(crate) retries: u64,
    /// Messages to the customer.
    pub(crate) notices: u64,
    /// Attempts of ours on all invoices, customers' included.
    pub(crate) attempts: u64,
    pub(crate) applied: u64,
    pub(crate) broken: Broken,
    /// What the model of timing learns from it.
    pub(crate) lessons: Vec<Lesson>,
    /// The life was cut off by a limit: a mistake of the simulator or of the core.
    pub(crate) stuck: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Renewal(u64),
    InvoiceEvent(usize),
    SubscriptionEvent,
    CardUpdated,
    Acts,
    Cancels,
    PaidElsewhere,
}

/// Earliest first, and of those in the order in which they were planned.
type Agenda = BinaryHeap<core::cmp::Reverse<(Timestamp, u32, Happening)>>;

/// One life under way.
pub(crate) struct Life<'a> {
    bank: Bank<'a>,
    policy: &'a Policy,
    names: Names,
    account: Account,
    provider: Provider,
    notices: Notices<'a>,
    reaction: Reaction,
    incident: Incident,
    agenda: Agenda,
    planned: u32,
    acts: u32,
    attempts: u64,
    applied: u64,
    lessons: Vec<Lesson>,
    stuck: bool,
    now: Timestamp,
}

impl<'a> Life<'a> {
    /// Lives it. `None`: names or sums that the core does not take, which no world has.
    pub(crate) fn lived(
        hidden: &'a Hidden<'a>,
        schedule: &'a Schedule,
        policy: &'a Policy,
        incident: Incident,
    ) -> Option<Outcome> {
        let Incident { renewal, failed_at, cause } = incident;
        let reaction = Reaction::of(hidden, renewal, failed_at, cause);
        let names = Names::of(hidden.number).ok()?;
        let mut life = Self {
            bank: Bank { hidden, schedule },
            policy,
            account: names.account(),
            names,
            provider: Provider::new(hidden),
            notices: Notices::of(hidden, policy, reaction.consents),
            reaction,
            incident,
            agenda: Agenda::new(),
            planned: 0,
            acts: 0,
            attempts: 0,
            applied: 0,
            lessons: Vec::new(),
            stuck: false,
            now: failed_at,
        };
        life.begin();
        life.go_on();
        life.outcome()
    }

    fn begin(&mut self) {
        let hidden = self.bank.hidden;
        let updated = hidden.death.and_then(|death| death.updated_at);
        if updated.is_some_and(|at| at <= self.now) {
            self.provider.update_card();
        }
        // What is known of a customer long before anything fails.
        self.tell(facts::subscription(hidden, &self.names, &self.provider, self.now));
        if hidden.zone_is_known() {
            self.tell(facts::zone(hidden));
        }
        self.plan(self.now, Happening::Renewal(self.incident.renewal));
        for (at, what) in [
            (updated.filter(|at| *at > self.now), Happening::CardUpdated),
            (self.reaction.cancels_at, Happening::Cancels),
            (self.reaction.elsewhere_at, Happening::PaidElsewhere),
        ] {
            if let Some(at) = at {
                self.plan(at, what);
            }
        }
    }

    fn plan(&mut self, at: Timestamp, what: Happening) {
        self.planned += 1;
        self.agenda.push(core::cmp::Reverse((at, self.planned, what)));
    }

    fn go_on(&mut self) {
        let end = self.incident.failed_at.plus_ms(FOLLOW_MS);
        for _ in 0..STEPS_MAX {
            let planned = self.agenda.peek().map(|next| next.0.0);
            let wake = self.account.next_wake();
            let notice = self.notices.next_at();
            let Some(next) = [planned, wake, notice].into_iter().flatten().min() else { return };
            if next > end || self.is_over() {
                return;
            }
            self.now = self.now.max(next);
            if planned == Some(next) {
                if let Some(core::cmp::Reverse((_, _, what))) = self.agenda.pop() {
                    self.happen(what);
                }
            } else if wake == Some(next) {
                self.tell(Event::WakeReached);
            }
            self.write();
        }
        self.stuck = true;
    }

    /// Nothing is open any more at either side.
    fn is_over(&self) -> bool {
        let open = |status| status == InvoiceStatus::Open;
        let owes = self.provider.invoices.iter().any(|invoice| open(invoice.status));
        !self.provider.invoices.is_empty()
            && self.account.open_cases().next().is_none()
            && (!owes || self.provider.told_of_end)
            && self.notices.next_at().is_none()
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Renewal(renewal) => self.renew(renewal),
            Happening::InvoiceEvent(place) => {
                if let Some(event) = self.invoice_seen(place, Observed::ByEvent) {
                    self.tell(event);
                }
            }
            Happening::SubscriptionEvent => {
                self.provider.told_of_end = self.provider.ended_at.is_some();
                let Bank { hidden, .. } = self.bank;
                self.tell(facts::subscription(hidden, &self.names, &self.provider, self.now));
            }
            Happening::CardUpdated => {
                self.provider.update_card();
                self.send_event(Happening::SubscriptionEvent);
            }
            Happening::Acts => self.act(),
            Happening::Cancels => {
                self.provider.end(self.now);
                self.send_event(Happening::SubscriptionEvent);
            }
            Happening::PaidElsewhere => {
                self.provider.pay_elsewhere(0, self.now);
                self.send_event(Happening::InvoiceEvent(0));
            }
        }
    }

    fn renew(&mut self, renewal: u64) {
        if self.provider.ended_at.is_some() {
            return;
        }
        if let Some(place) = self.provider.renew(self.bank, renewal, self.now) {
            self.send_event(Happening::InvoiceEvent(place));
        }
        if let Some(next) = self.bank.hidden.renewal(renewal + 1) {
            self.plan(next, Happening::Renewal(renewal + 1));
        }
    }

    /// Events take seconds, some of them minutes.
    fn send_event(&mut self, what: Happening) {
        let index = u64::from(self.planned);
        let mean_ms = 4 * SECOND_MS;
        let wait_ms = self.bank.hidden.draws.exponential(Stream::Webhook, index, mean_ms);
        self.plan(self.now.plus_ms(wait_ms + SECOND_MS), what);
    }

    fn act(&mut self) {
        let open = self.provider.invoices.first().is_some_and(|invoice| {
            invoice.status == InvoiceStatus::Open && self.provider.ended_at.is_none()
        });
        let Some(act) = self.reaction.act.filter(|_| open && self.acts < ACTS_MAX) else { return };
        self.acts += 1;
        match act {
            Act::NewCard => {
                if let Ok(event) = facts::collected(self.bank.hidden, self.acts) {
                    self.tell(event);
                }
            }
            Act::TopUp => {
                let until = self.now.plus_ms(DAY_MS);
                self.provider.relief = Relief { funds_until: Some(until), ..self.provider.relief };
                self.tell(Event::RetryRequested);
            }
            Act::CallBank => {
                self.provider.relief.bank_called = true;
                self.tell(Event::RetryRequested);
            }
            Act::TryAgain => self.tell(Event::RetryRequested),
            Act::Confirm => {
                self.provider.confirm(self.bank, 0, self.now);
                self.send_event(Happening::InvoiceEvent(0));
            }
        }
    }

    /// The campaign writes what is due, and people react.
    fn write(&mut self) {
        if !self.notices.is_due(&self.account, self.now) {
            return;
        }
        for message in self.notices.due(&self.account, self.now) {
            if self.reaction.act.is_some() {
                if let Some(at) = message.makes_act(self.bank.hidden) {
                    self.plan(at, Happening::Acts);
                }
            } else if message.annoys(self.bank.hidden) {
                self.plan(self.now.plus_ms(6 * HOUR_MS), Happening::Cancels);
            }
        }
    }

    /// Takes an event in and performs what follows, as the edge does.
    fn tell(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        for _ in 0..EFFECTS_MAX {
            let Some(event) = events.pop_front() else { return };
            self.applied += 1;
            // What is refused changes nothing: the customer asked in vain.
            let Ok(done) = apply(&mut self.account, &event, self.now, self.policy) else {
                continue;
            };
            let lesson = |entry: &JournalEntry| match entry {
                JournalEntry::AttemptEnded { lesson, .. } => *lesson,
                _ => None,
            };
            self.lessons.extend(done.journal.iter().filter_map(lesson));
            for effect in done.effects {
                self.perform(&effect, &mut events);
            }
        }
        self.stuck = true;
    }

    fn perform(&mut self, effect: &Effect, events: &mut VecDeque<Event>) {
        match effect {
            Effect::ReadInvoice { invoice } => {
                let place = self.provider.place(invoice);
                let seen = place.and_then(|place| self.invoice_seen(place, Observed::Live));
                let failed = || Event::InvoiceReadFailed { invoice: invoice.clone() };
                events.push_back(seen.unwrap_or_else(failed));
            }
            Effect::ReadMethods => {
                events.push_back(facts::methods(self.bank.hidden, &self.provider));
            }
            // Nobody leaves in these worlds.
            Effect::ReadSubscriptions | Effect::Act { .. } | Effect::AskAct { .. } => {}
            Effect::SetDefaults { setup, method } => self.set_defaults(setup, method, events),
            Effect::Charge { invoice, attempt } => {
                events.push_back(self.charge(invoice, attempt));
            }
            Effect::Reconcile { invoice, attempt } => self.reconcile(invoice, attempt, events),
        }
    }

    fn set_defaults(
        &mut self,
        setup: &SetupId,
        method: &PaymentMethodId,
        events: &mut VecDeque<Event>,
    ) {
        self.provider.default = facts::card_of(method, self.provider.default);
        let Bank { hidden, .. } = self.bank;
        events.push_back(facts::subscription(hidden, &self.names, &self.provider, self.now));
        for place in 0..self.provider.invoices.len() {
            let open = |place: &usize| {
                let invoice = self.provider.invoices.get(*place);
                invoice.is_some_and(|invoice| invoice.status == InvoiceStatus::Open)
            };
            let place = Some(place).filter(open);
            events.extend(place.and_then(|place| self.invoice_seen(place, Observed::Live)));
        }
        events.push_back(Event::DefaultsSet { setup: setup.clone() });
    }

    fn charge(&mut self, invoice: &InvoiceId, attempt: &Attempt) -> Event {
        let (id, number) = (invoice.clone(), attempt.number);
        let unknown = Event::AttemptUnknown { invoice: id.clone(), number };
        let Some(place) = self.provider.place(invoice) else { return unknown };
        self.attempts += 1;
        let outcome = self.provider.charge(self.bank, place, attempt, self.now);
        self.send_event(Happening::InvoiceEvent(place));
        let hidden = self.bank.hidden;
        let index = u64::from(number) * 8 + u64::from(attempt.checks.min(7));
        if hidden.draws.permille(Stream::LostAnswer, index, hidden.world.lost_answers) {
            return unknown;
        }
        match outcome {
            Some(outcome) => Event::AttemptFinished { invoice: id, number, outcome },
            None => unknown,
        }
    }

    fn reconcile(&mut self, invoice: &InvoiceId, attempt: &Attempt, events: &mut VecDeque<Event>) {
        let number = attempt.number;
        let Some(place) = self.provider.place(invoice) else { return };
        events.extend(self.invoice_seen(place, Observed::Live));
        let open = |invoice: &crate::provider::Invoice| invoice.status == InvoiceStatus::Open;
        if self.provider.invoices.get(place).is_some_and(open) {
            let forgotten = self.now.since_ms(attempt.started_at) >= KEY_LIFETIME_MS;
            events.push_back(if forgotten {
                Event::AttemptLapsed { invoice: invoice.clone(), number }
            } else {
                self.charge(invoice, attempt)
            });
        }
    }

    fn invoice_seen(&self, place: usize, observed: Observed) -> Option<Event> {
        let invoice = self.provider.invoices.get(place)?;
        Some(facts::invoice(self.bank.hidden, &self.names, &self.provider, invoice, observed))
    }

    fn outcome(mut self) -> Option<Outcome> {
        let more =
            |invoice: &crate::provider::Invoice| invoice.captured_minor > invoice.due.amount_minor;
        if self.provider.invoices.iter().any(more) {
            self.provider.referee.found(crate::referee::Rule::DoubleCharge);
        }
        let invoice = self.provider.invoices.first()?;
        Some(Outcome {
            paid: invoice.paid,
            retries: invoice.retries,
            notices: self.notices.sent(),
            attempts: self.attempts,
            applied: self.applied,
            broken: self.provider.referee.broken,
            lessons: self.lessons,
            stuck: self.stuck,
        })
    }
}
