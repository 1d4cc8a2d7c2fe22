//! A dated diary: what happens to one customer, line by line, and what is true after each line.
//!
//! Between two lines every alarm rings when it is due, and every effect is performed at once.

use super::provider::{FakeProvider, Verdict};
use super::shell::{self, Wire};
use super::{account, at, invoice_id, method_id, policy, setup_id, subscription_id};
use reprieve_core::account::Account;
use reprieve_core::api::status::Status;
use reprieve_core::case::{ApplyError, Effect, Event, apply};
use reprieve_core::id::CustomerId;
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{EndReason, InvoiceStatus, Observed, SubscriptionStatus};
use reprieve_core::status;
use reprieve_core::time::{DAY_MS, Timestamp};
use std::collections::VecDeque;

/// More alarms than that in one moment are an alarm that rings for ever.
const ALARMS_AT_ONCE_MAX: usize = 20;

pub(crate) struct Diary {
    pub(crate) account: Account,
    pub(crate) provider: FakeProvider,
    pub(crate) policy: Policy,
    pub(crate) now: Timestamp,
    wires: VecDeque<Wire>,
    held: Option<Vec<Event>>,
}

impl Diary {
    /// A customer with subscription `sub_1`, paid with `pm_old`; `in_1` of 19.00 EUR is due.
    pub(crate) fn of(retry_driver: RetryDriver) -> Self {
        let mut provider = FakeProvider::new();
        provider.subscribe("sub_1", "pm_old");
        provider.bill("in_1", "sub_1", 1900, "eur");
        Self {
            account: account(),
            provider,
            policy: policy(retry_driver),
            now: at(0, "00:00"),
            wires: VecDeque::new(),
            held: None,
        }
    }

    /// What the bank says to a card, one answer after the other; the last one stays.
    pub(crate) fn card(&mut self, method: &str, verdicts: &[Verdict]) -> &mut Self {
        self.provider.card(method, verdicts);
        self
    }

    /// A second subscription with an invoice of its own.
    pub(crate) fn also_owes(&mut self, id: &str, amount_minor: i64, currency: &str) -> &mut Self {
        let subscription = format!("sub_of_{id}");
        self.provider.subscribe(&subscription, "pm_old");
        self.provider.bill(id, &subscription, amount_minor, currency);
        self
    }

    /// Goes to a moment; alarms ring on the way.
    pub(crate) fn on(&mut self, day: i64, clock: &str) -> &mut Self {
        let target = at(day, clock);
        assert!(target >= self.now, "a diary does not go back");
        while let Some(wake) = self.account.next_wake().filter(|wake| *wake <= target) {
            self.now = self.now.max(wake);
            self.ring();
        }
        self.now = target;
        self
    }

    /// The provider's own attempt, and its event.
    pub(crate) fn the_provider_tries(&mut self, invoice: &str) -> &mut Self {
        self.provider.attempt_by_itself(&invoice_id(invoice), self.now);
        self.mail(invoice)
    }

    /// The merchant closes the invoice at the provider, which sends an event.
    pub(crate) fn the_invoice_becomes(&mut self, id: &str, status: InvoiceStatus) -> &mut Self {
        self.provider.close(&invoice_id(id), status);
        self.mail(id)
    }

    /// The subscription changes at the provider, which sends an event.
    pub(crate) fn the_subscription_is(
        &mut self,
        id: &str,
        status: SubscriptionStatus,
    ) -> &mut Self {
        let reason = (status == SubscriptionStatus::Ended).then_some(EndReason::Requested);
        self.provider.change(&subscription_id(id), status, reason);
        let event = self.provider.subscription_seen(&subscription_id(id));
        self.post(event)
    }

    /// The provider gives up and cancels.
    pub(crate) fn the_provider_gives_up_on(&mut self, id: &str) -> &mut Self {
        let reason = Some(EndReason::PaymentFailed);
        self.provider.change(&subscription_id(id), SubscriptionStatus::Ended, reason);
        let event = self.provider.subscription_seen(&subscription_id(id));
        self.post(event)
    }

    /// From now on the provider's events stay in the post.
    pub(crate) fn the_post_is_held(&mut self) -> &mut Self {
        self.held = Some(Vec::new());
        self
    }

    /// What was held arrives, the last first.
    pub(crate) fn the_post_arrives_in_reverse(&mut self) -> &mut Self {
        for event in self.held.take().unwrap_or_default().into_iter().rev() {
            self.tell(&event);
        }
        self
    }

    /// What was held never arrives.
    pub(crate) fn the_post_is_lost(&mut self) -> &mut Self {
        self.held = None;
        self
    }

    /// What happens to the next charges (and to the questions how they ended).
    pub(crate) fn next_charges(&mut self, wires: &[Wire]) -> &mut Self {
        self.wires.extend(wires.iter().copied());
        self
    }

    /// The customer finished the provider's card fields; the set-up is named after the card.
    pub(crate) fn the_customer_gives(&mut self, method: &str) -> &mut Self {
        let setup = setup_id(&format!("seti_{method}"));
        let (method, card) = (method_id(method), self.provider.card_fact(&method_id(method)));
        self.tell(&Event::MethodCollected { setup, method, card })
    }

    /// The customer asks for the same card again.
    pub(crate) fn the_customer_retries(&mut self) -> &mut Self {
        self.tell(&Event::RetryRequested)
    }

    /// The same, and it is refused.
    pub(crate) fn a_retry_is_refused(&mut self) -> ApplyError {
        let before = self.account.clone();
        let refused = apply(&mut self.account, &Event::RetryRequested, self.now, &self.policy);
        assert_eq!(self.account, before, "what is refused changes nothing");
        refused.expect_err("the retry is refused")
    }

    /// Takes an event in and performs what follows.
    pub(crate) fn tell(&mut self, event: &Event) -> &mut Self {
        let effects = self.take(event);
        self.perform(effects);
        self.ring_what_is_due()
    }

    /// Takes an event in; the effects are the caller's, nothing is performed.
    pub(crate) fn take(&mut self, event: &Event) -> Vec<Effect> {
        let transition = apply(&mut self.account, event, self.now, &self.policy);
        let effects = transition.expect("the diary speaks of this customer").effects;
        for case in self.account.open_cases() {
            assert!(case.wake_at.is_some(), "{} has no wake", case.invoice);
        }
        effects
    }

    /// How the live invoice reads now.
    pub(crate) fn reading(&self, invoice: &str) -> Event {
        self.provider.invoice_seen(&invoice_id(invoice), Observed::Live)
    }

    /// How an event tells of the invoice now.
    pub(crate) fn event(&self, invoice: &str) -> Event {
        self.provider.invoice_seen(&invoice_id(invoice), Observed::ByEvent)
    }

    pub(crate) fn status(&self) -> Status {
        status::of(&self.account, self.now, &self.policy)
    }

    /// What is true now: `in_1 scheduled | action_needed, warn | wait, insufficient_funds`.
    pub(crate) fn then(&mut self, expected: &str) -> &mut Self {
        let day = self.now.since_ms(at(0, "00:00")) / DAY_MS;
        assert_eq!(self.summary(), expected, "on day {day}");
        self
    }

    fn summary(&self) -> String {
        let name = |case: &reprieve_core::case::RecoveryCase| {
            format!("{} {}", case.invoice, word(case.state))
        };
        let cases: Vec<String> = self.account.cases.values().map(name).collect();
        let status = self.status();
        let head = if cases.is_empty() { "no case".to_owned() } else { cases.join(", ") };
        let seen = format!("{}, {}", word(status.state), word(status.access));
        let why = match (status.remedy, status.reason) {
            (None, None) => return format!("{head} | {seen}"),
            (remedy, reason) => format!("{}, {}", word(remedy), word(reason)),
        };
        format!("{head} | {seen} | {why}")
    }

    /// What reached the bank: `in_1 pm_old* no, in_1 pm_new yes`; `*` is the provider's attempt.
    pub(crate) fn the_bank_saw(&mut self, expected: &str) -> &mut Self {
        let line = |charge: &super::provider::Charge| {
            let own = if charge.key.is_none() { "*" } else { "" };
            let said = if charge.succeeded { "yes" } else { "no" };
            format!("{} {}{own} {said}", charge.invoice, charge.method)
        };
        let lines: Vec<String> = self.provider.ledger.iter().map(line).collect();
        assert_eq!(lines.join(", "), expected);
        self
    }

    fn mail(&mut self, invoice: &str) -> &mut Self {
        let event = self.event(invoice);
        self.post(event)
    }

    fn post(&mut self, event: Event) -> &mut Self {
        match self.held.as_mut() {
            Some(held) => held.push(event),
            None => return self.tell(&event),
        }
        self
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            let charges = matches!(effect, Effect::Charge { .. } | Effect::Reconcile { .. });
            let next = if charges { self.wires.pop_front() } else { None };
            let wire = next.unwrap_or(Wire::Up);
            let events = shell::perform(&mut self.provider, &effect, wire, self.now);
            if wire.is_crash() {
                return;
            }
            for event in events {
                waiting.extend(self.take(&event));
            }
        }
    }

    fn ring(&mut self) {
        let effects = self.take(&Event::WakeReached);
        let next = self.account.next_wake();
        assert!(next.is_none_or(|next| next > self.now), "an alarm would ring at once again");
        self.perform(effects);
    }

    fn ring_what_is_due(&mut self) -> &mut Self {
        for _ in 0..ALARMS_AT_ONCE_MAX {
            if self.account.next_wake().is_none_or(|wake| wake > self.now) {
                return self;
            }
            self.ring();
        }
        panic!("the alarm rings for ever: {:?}", self.account);
    }
}

/// The same event, about somebody else.
pub(crate) fn of_another_customer(mut event: Event) -> Event {
    let other = CustomerId::parse("cus_2").unwrap();
    match &mut event {
        Event::InvoiceObserved { fact, .. } => fact.customer = other,
        Event::SubscriptionObserved { fact } => fact.customer = other,
        _ => panic!("this event names no customer"),
    }
    event
}

fn word(value: impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).unwrap();
    json.as_str().unwrap_or("-").to_owned()
}
