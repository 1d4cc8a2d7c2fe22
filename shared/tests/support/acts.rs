//! The fake provider, asked to pause, to end, to hold: every act sets a state, and a key that was
//! seen before brings the answer that it brought then.

use super::provider::FakeProvider;
use super::shell::Wire;
use reprieve_core::cancel::offer::Off;
use reprieve_core::cancel::{Act, ActOutcome, CancelEvent, PendingAct};
use reprieve_core::case::Event;
use reprieve_core::id::{InvoiceId, PlanId, SubscriptionId};
use reprieve_core::money::Money;
use reprieve_core::provider::{
    EndReason, InvoiceStatus, Life, Observed, PauseKind, PauseSeen, SubscriptionStatus,
};
use reprieve_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What the provider was asked for, and what it makes of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter {
    /// What arrived for the first time under its key, in order: `pause sub_1`.
    pub(crate) log: Vec<String>,
    /// Acts that it refuses.
    pub(crate) refuses: BTreeSet<&'static str>,
    /// Acts that never get an answer, because they do not arrive.
    pub(crate) down: BTreeSet<&'static str>,
    /// Acts that arrive, and whose answer never does.
    pub(crate) mute: BTreeSet<&'static str>,
    /// A resume is confirmed and the subscription rests on.
    pub(crate) rests_on: bool,
    /// How often the provider was asked whether something holds.
    pub(crate) asked: usize,
    /// Discounts that run, with their periods.
    pub(crate) discounts: BTreeMap<SubscriptionId, Vec<(Off, u32)>>,
    /// Plans that count from the next period on.
    pub(crate) plans: BTreeMap<SubscriptionId, PlanId>,
    /// What was put on the customer's account.
    pub(crate) credits: Vec<Money>,
    keys: BTreeMap<String, ActOutcome>,
    /// What holds of what was offered, under which key.
    given: Vec<(String, Act)>,
}

impl FakeProvider {
    /// Performs an act; `None`: nobody knows.
    fn act(&mut self, pending: &PendingAct) -> Option<ActOutcome> {
        let word = pending.act.as_str();
        if self.counter.down.contains(word) {
            return None;
        }
        if let Some(known) = self.counter.keys.get(pending.key.as_str()) {
            return (!self.counter.mute.contains(word)).then_some(*known);
        }
        self.counter.log.push(format!("{word} {}", pending.act.target()));
        let refused = self.counter.refuses.contains(word);
        let outcome = if refused { ActOutcome::Refused } else { self.set(&pending.act) };
        self.counter.keys.insert(pending.key.as_str().to_owned(), outcome);
        if outcome == ActOutcome::Done && pending.act.is_offer() {
            self.counter.given.push((pending.key.as_str().to_owned(), pending.act.clone()));
        }
        (!self.counter.mute.contains(word)).then_some(outcome)
    }

    /// A day later: no key is known any more.
    pub(crate) fn forget_keys(&mut self) {
        self.counter.keys.clear();
    }

    fn holds(&self, pending: &PendingAct) -> bool {
        match &pending.act {
            Act::Pause { subscription, .. } => {
                let life = self.subscriptions[subscription].life.as_ref();
                life.is_some_and(|life| life.pause.is_some())
            }
            act if act.can_double() => {
                self.counter.given.iter().any(|(key, _)| key == pending.key.as_str())
            }
            act => self.counter.given.iter().any(|(_, given)| given == act),
        }
    }

    fn set(&mut self, act: &Act) -> ActOutcome {
        match act {
            Act::Pause { subscription, by, resumes_at } => {
                let pause = PauseSeen { by: *by, resumes_at: Some(*resumes_at) };
                return self.change_life(subscription, *by, |life| life.pause = Some(pause));
            }
            Act::Resume { .. } if self.counter.rests_on => {}
            Act::Resume { subscription, by } => {
                return self.change_life(subscription, *by, |life| life.pause = None);
            }
            Act::CancelAtPeriodEnd { subscription, .. } => {
                let by = PauseKind::Collection;
                return self
                    .change_life(subscription, by, |life| life.ends_at = life.period_ends_at);
            }
            Act::KeepRunning { subscription } => {
                let by = PauseKind::Collection;
                return self.change_life(subscription, by, |life| life.ends_at = None);
            }
            Act::CancelNow { subscription, .. } => {
                let reason = Some(EndReason::Requested);
                self.change(subscription, SubscriptionStatus::Ended, reason);
            }
            Act::Void { invoice } if self.is_open(invoice) => {
                self.close(invoice, InvoiceStatus::Void);
            }
            Act::Void { .. } => {}
            Act::Hold { invoice } => self.set_held(invoice, true),
            Act::Release { invoice } => self.set_held(invoice, false),
            Act::ExtendTrial { subscription, until } => {
                let by = PauseKind::Collection;
                return self
                    .change_life(subscription, by, |life| life.trial_ends_at = Some(*until));
            }
            Act::Discount { subscription, .. } | Act::ChangePlan { subscription, .. }
                if self.subscriptions[subscription].status == SubscriptionStatus::Ended =>
            {
                return ActOutcome::Refused;
            }
            Act::Discount { subscription, off, periods } => {
                let running = self.counter.discounts.entry(subscription.clone()).or_default();
                if !running.contains(&(*off, *periods)) {
                    running.push((*off, *periods));
                }
                let count = u32::try_from(running.len()).ok();
                let by = PauseKind::Collection;
                return self.change_life(subscription, by, |life| life.discounts_count = count);
            }
            Act::ChangePlan { subscription, plan } => {
                self.counter.plans.insert(subscription.clone(), plan.clone());
            }
            Act::Credit { amount } => self.counter.credits.push(*amount),
        }
        ActOutcome::Done
    }

    fn set_held(&mut self, invoice: &InvoiceId, is_held: bool) {
        if let Some(invoice) = self.invoices.get_mut(invoice) {
            invoice.is_held = is_held;
        }
    }

    fn change_life(
        &mut self,
        id: &SubscriptionId,
        by: PauseKind,
        change: impl FnOnce(&mut Life),
    ) -> ActOutcome {
        let known = self.subscriptions.get_mut(id).unwrap();
        if known.status == SubscriptionStatus::Ended {
            return ActOutcome::Refused;
        }
        let life = known.life.get_or_insert_default();
        change(life);
        if by == PauseKind::Service {
            let paused = life.pause.is_some();
            known.status =
                if paused { SubscriptionStatus::Paused } else { SubscriptionStatus::Active };
        }
        ActOutcome::Done
    }
}

/// Performs an act over a wire that loses things.
pub(crate) fn perform(provider: &mut FakeProvider, pending: &PendingAct, wire: Wire) -> Vec<Event> {
    let outcome = if wire.arrives() { provider.act(pending) } else { None };
    let key = pending.key.clone();
    let Some(outcome) = outcome.filter(|_| wire == Wire::Up) else {
        return vec![Event::Cancel(CancelEvent::ActUnknown { key })];
    };
    let target = pending.act.target();
    let seen = match pending.act.invoice() {
        Some(invoice) if provider.invoices.contains_key(invoice) => {
            Some(provider.invoice_seen(invoice, Observed::Live))
        }
        Some(_) => None,
        None => SubscriptionId::parse(target)
            .ok()
            .filter(|id| provider.subscriptions.contains_key(id))
            .map(|id| provider.subscription_seen(&id)),
    };
    seen.into_iter().chain([Event::Cancel(CancelEvent::ActFinished { key, outcome })]).collect()
}

/// Whether what an act wants holds.
pub(crate) fn ask(provider: &mut FakeProvider, pending: &PendingAct, wire: Wire) -> Event {
    let key = pending.key.clone();
    provider.counter.asked += 1;
    let event = if wire == Wire::Up {
        CancelEvent::ActFound { key, holds: provider.holds(pending) }
    } else {
        CancelEvent::ActUnknown { key }
    };
    Event::Cancel(event)
}

/// Every subscription as it is.
pub(crate) fn subscriptions(provider: &FakeProvider, wire: Wire) -> Vec<Event> {
    let all = provider.subscriptions.keys().map(|id| provider.subscription_seen(id));
    if wire == Wire::Up { all.collect() } else { Vec::new() }
}

/// A month's life: subscribed a year ago, paid until then.
pub(crate) fn life(period_started_at: Timestamp, period_ends_at: Timestamp) -> Life {
    Life {
        started_at: Some(period_started_at.plus_ms(-365 * reprieve_core::time::DAY_MS)),
        period_started_at: Some(period_started_at),
        period_ends_at: Some(period_ends_at),
        can_pause: reprieve_core::provider::PauseAbility::Collection,
        items_count: Some(1),
        discounts_count: Some(0),
        ..Life::default()
    }
}
