//! What a customer's decision changes, in memory.

use super::provider::{error, not_found, unknown};
use super::{Trouble, World, customer};
use reprieve_core::cancel::act::Act;
use reprieve_core::id::{CustomerId, InvoiceId, SubscriptionId};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::provider::{
    EndReason, InvoiceFact, InvoiceStatus, Life, PauseKind, PauseSeen, SubscriptionFact,
    SubscriptionStatus,
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

    /// An invoice that is settled stays as it is.
    fn change_invoice(
        &self,
        invoice: &InvoiceId,
        change: impl FnOnce(&mut InvoiceFact),
    ) -> Result<(), ProviderError> {
        let mut invoices = self.invoices.borrow_mut();
        let fact = invoices.get_mut(invoice).ok_or_else(not_found)?;
        if matches!(fact.status, InvoiceStatus::Draft | InvoiceStatus::Open) {
            change(fact);
        }
        Ok(())
    }

    fn end(&self, subscription: &SubscriptionId) -> Result<(), ProviderError> {
        let mut subscriptions = self.subscriptions.borrow_mut();
        let fact = subscriptions.get_mut(subscription).ok_or_else(not_found)?;
        if fact.status != SubscriptionStatus::Ended {
            (fact.status, fact.end_reason) =
                (SubscriptionStatus::Ended, Some(EndReason::Requested));
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

    /// Whether an offer shows where it was given.
    fn is_so(&self, act: &Act, key: &IdempotencyKey) -> Result<bool, ProviderError> {
        let subscriptions = self.subscriptions.borrow();
        let life = |id: &SubscriptionId| {
            let fact = subscriptions.get(id).ok_or_else(not_found)?;
            Ok::<Life, ProviderError>(fact.life.clone().unwrap_or_default())
        };
        Ok(match act {
            Act::Pause { subscription, by, resumes_at } => {
                let until = (*by == PauseKind::Collection).then_some(*resumes_at);
                life(subscription)?.pause == Some(PauseSeen { by: *by, resumes_at: until })
            }
            Act::ExtendTrial { subscription, until } => {
                life(subscription)?.trial_ends_at == Some(*until)
            }
            Act::Discount { subscription, .. } => {
                life(subscription)?;
                self.discounted.borrow().contains(key.as_str())
            }
            Act::ChangePlan { subscription, plan } => {
                life(subscription)?;
                self.plans.borrow().get(subscription) == Some(plan)
            }
            Act::Credit { .. } => self.credits.borrow().contains_key(key.as_str()),
            _ => return Err(error(ErrorKind::Refused)),
        })
    }

    fn carry_out(&self, act: &Act, key: &IdempotencyKey) -> Result<(), ProviderError> {
        match act {
            Act::Pause { subscription, by, resumes_at } => {
                self.change(subscription, |fact, life| {
                    // The end of a pause of the service is ours to remember.
                    let resumes_at = (*by == PauseKind::Collection).then_some(*resumes_at);
                    life.pause = Some(PauseSeen { by: *by, resumes_at });
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
            Act::Discount { subscription, off, periods } => self.change(subscription, |_, life| {
                let mut discounts = self.discounts.borrow_mut();
                let running = discounts.entry(subscription.clone()).or_default();
                if self.discounted.borrow_mut().insert(key.as_str().to_owned()) {
                    running.push((*off, *periods));
                }
                life.discounts_count = u32::try_from(running.len()).ok();
            }),
            Act::ChangePlan { subscription, plan } => self.change(subscription, |_, _| {
                self.plans.borrow_mut().insert(subscription.clone(), plan.clone());
            }),
            Act::CancelAtPeriodEnd { subscription, .. } => {
                self.change(subscription, |_, life| life.ends_at = life.period_ends_at)
            }
            Act::KeepRunning { subscription } => {
                self.change(subscription, |_, life| life.ends_at = None)
            }
            Act::CancelNow { subscription, .. } => self.end(subscription),
            Act::Void { invoice } => {
                self.change_invoice(invoice, |fact| fact.status = InvoiceStatus::Void)
            }
            Act::Hold { invoice } => self.change_invoice(invoice, |_| {
                self.held.borrow_mut().insert(invoice.clone());
            }),
            Act::Release { invoice } => self.change_invoice(invoice, |_| {
                self.held.borrow_mut().remove(invoice);
            }),
            Act::Credit { amount } => {
                self.credits.borrow_mut().insert(key.as_str().to_owned(), *amount);
                Ok(())
            }
        }
    }
}

impl ChangeBilling for World {
    async fn act(
        &self,
        of: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<(), ProviderError> {
        if *of != customer() {
            return Err(not_found());
        }
        if self.refused_acts.borrow().contains(act.as_str()) {
            return Err(error(ErrorKind::Refused));
        }
        let trouble = self.act_troubles.borrow_mut().pop_front();
        match trouble {
            Some(Trouble::LostBefore) => return Err(unknown()),
            Some(Trouble::TooMany) => {
                return Err(error(ErrorKind::RateLimited { retry_after_ms: 30_000 }));
            }
            Some(Trouble::KeptError) => panic!("errors are kept for charges"),
            Some(Trouble::LostAfter) | None => {}
        }
        let mut outcome = Err(unknown());
        let effect = || {
            self.acts.borrow_mut().push(act.clone());
            outcome = self.carry_out(act, key);
        };
        self.point(effect).await.map_err(|()| unknown())?;
        if trouble.is_some() { Err(unknown()) } else { outcome }
    }

    async fn holds(
        &self,
        of: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<bool, ProviderError> {
        if *of != customer() {
            return Err(not_found());
        }
        if !act.is_offer() {
            return Err(error(ErrorKind::Refused));
        }
        self.point(|| ()).await.map_err(|()| unknown())?;
        self.is_so(act, key)
    }
}
