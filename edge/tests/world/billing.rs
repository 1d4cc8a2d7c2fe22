//! What a customer's decision changes, in memory.

use super::provider::{error, not_found, unknown};
use super::{World, customer};
use reprieve_core::cancel::act::Act;
use reprieve_core::id::{CustomerId, InvoiceId, SubscriptionId};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::provider::{
    EndReason, InvoiceStatus, Life, PauseKind, PauseSeen, SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::time::Timestamp;
use reprieve_edge::provider::{ChangeBilling, ErrorKind, ProviderError};

impl World {
    fn change(
        &self,
        subscription: &SubscriptionId,
        change: impl FnOnce(&mut SubscriptionFact, &mut Life),
    ) -> Result<(), ProviderError> {
        let mut subscriptions = self.subscriptions.borrow_mut();
        let fact = subscriptions.get_mut(subscription).ok_or_else(not_found)?;
        if fact.status == SubscriptionStatus::Ended {
            return Err(error(ErrorKind::Refused));
        }
        let mut life = fact.life.clone().unwrap_or_default();
        change(fact, &mut life);
        fact.life = Some(life);
        Ok(())
    }

    fn close(&self, invoice: &InvoiceId) -> Result<(), ProviderError> {
        let mut invoices = self.invoices.borrow_mut();
        let fact = invoices.get_mut(invoice).ok_or_else(not_found)?;
        if matches!(fact.status, InvoiceStatus::Draft | InvoiceStatus::Open) {
            fact.status = InvoiceStatus::Void;
        }
        Ok(())
    }

    /// The time has come: what was to end at a date has ended.
    pub fn reach(&self, now: Timestamp) {
        for fact in self.subscriptions.borrow_mut().values_mut() {
            let ends_at = fact.life.as_ref().and_then(|life| life.ends_at);
            if ends_at.is_some_and(|at| at <= now) {
                (fact.status, fact.end_reason) =
                    (SubscriptionStatus::Ended, Some(EndReason::Requested));
            }
        }
    }

    fn carry_out(&self, act: &Act) -> Result<(), ProviderError> {
        match act {
            Act::Pause { subscription, by, resumes_at } => {
                self.change(subscription, |fact, life| {
                    life.pause = Some(PauseSeen { by: *by, resumes_at: Some(*resumes_at) });
                    if *by == PauseKind::Service {
                        fact.status = SubscriptionStatus::Paused;
                    }
                })
            }
            Act::Resume { subscription, .. } => self.change(subscription, |fact, life| {
                life.pause = None;
                if fact.status == SubscriptionStatus::Paused {
                    fact.status = SubscriptionStatus::Active;
                }
            }),
            Act::ExtendTrial { subscription, until } => {
                self.change(subscription, |_, life| life.trial_ends_at = Some(*until))
            }
            Act::Discount { subscription, .. } | Act::ChangePlan { subscription, .. } => {
                self.change(subscription, |_, _| ())
            }
            Act::CancelAtPeriodEnd { subscription, .. } => {
                self.change(subscription, |_, life| life.ends_at = life.period_ends_at)
            }
            Act::KeepRunning { subscription } => {
                self.change(subscription, |_, life| life.ends_at = None)
            }
            Act::CancelNow { subscription, .. } => self.change(subscription, |fact, _| {
                (fact.status, fact.end_reason) =
                    (SubscriptionStatus::Ended, Some(EndReason::Requested));
            }),
            Act::Void { invoice } => self.close(invoice),
            Act::Credit { .. } | Act::Hold { .. } | Act::Release { .. } => Ok(()),
        }
    }
}

impl ChangeBilling for World {
    async fn act(
        &self,
        of: &CustomerId,
        act: &Act,
        _: &IdempotencyKey,
    ) -> Result<(), ProviderError> {
        if *of != customer() {
            return Err(not_found());
        }
        if self.refused_acts.borrow().contains(act.as_str()) {
            return Err(error(ErrorKind::Refused));
        }
        let mut outcome = Err(unknown());
        let effect = || {
            self.acts.borrow_mut().push(act.clone());
            outcome = self.carry_out(act);
        };
        self.point(effect).await.map_err(|()| unknown())?;
        outcome
    }

    async fn holds(
        &self,
        of: &CustomerId,
        act: &Act,
        _: &IdempotencyKey,
    ) -> Result<bool, ProviderError> {
        if *of != customer() {
            return Err(not_found());
        }
        if !act.is_offer() {
            return Err(error(ErrorKind::Refused));
        }
        self.point(|| ()).await.map_err(|()| unknown())?;
        Ok(self.acts.borrow().contains(act))
    }
}
