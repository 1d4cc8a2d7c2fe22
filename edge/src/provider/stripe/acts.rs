//! What a customer's decision changes at Stripe: pauses, discounts, plans, the end.
//!
//! Almost every act sets a state, so that doing it again changes nothing, and none of those carries
//! a key: a key would keep an old error for a day. Where doing it twice would be twice, the object
//! is read first, and a credit has its key, which is written on it, too: by that it is found again
//! when Stripe has forgotten the key. A discount is found by its coupon ([`super::discounts`]).

use super::client::{Call, Repeat, local_error};
use super::discounts::Wanted;
use super::form::Form;
use super::holds::KEY_MARK;
use super::transport::{Method, Transport};
use super::types::{ChangeableSubscription, HasId, InvoiceStanding};
use super::{RESOURCE_MISSING, Stripe};
use crate::provider::{ChangeBilling, ErrorKind, ProviderError};
use reprieve_core::cancel::Reason;
use reprieve_core::cancel::act::Act;
use reprieve_core::id::{CustomerId, InvoiceId, SubscriptionId};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::money::Money;
use reprieve_core::provider::PauseKind;
use reprieve_core::time::{SECOND_MS, Timestamp};

impl<T: Transport> ChangeBilling for Stripe<T> {
    async fn act(
        &self,
        customer: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<(), ProviderError> {
        match act {
            Act::Pause { subscription, by, resumes_at } => {
                self.pause(subscription, *by, *resumes_at).await
            }
            Act::Resume { subscription, by } => self.resume(subscription, *by).await,
            Act::Discount { subscription, off, periods } => {
                let (off, payments) = (*off, *periods);
                self.discount(Wanted { subscription, off, payments, key }).await
            }
            Act::ChangePlan { subscription, plan } => {
                self.change_plan(subscription, plan.as_str()).await
            }
            Act::ExtendTrial { subscription, until } => {
                let form = Form::new()
                    .field("trial_end", &seconds(*until))
                    .field("proration_behavior", "none");
                self.change(subscription, form).await
            }
            Act::Credit { amount } => self.credit(customer, *amount, key).await,
            Act::CancelAtPeriodEnd { subscription, reason, comment } => {
                let form = Form::new().field("cancel_at_period_end", "true");
                self.change(subscription, said(form, *reason, comment.as_deref())).await
            }
            Act::CancelNow { subscription, reason, comment } => {
                let words = said(Form::new(), *reason, comment.as_deref());
                self.cancel_now(subscription, words).await
            }
            Act::KeepRunning { subscription } => {
                self.change(subscription, Form::new().field("cancel_at_period_end", "false")).await
            }
            Act::Void { invoice } => self.void(invoice).await,
            Act::Hold { invoice } => self.collect_by_itself(invoice, false).await,
            Act::Release { invoice } => self.collect_by_itself(invoice, true).await,
        }
    }

    async fn holds(
        &self,
        customer: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<bool, ProviderError> {
        self.look_for(customer, act, key).await
    }
}

impl<T: Transport> Stripe<T> {
    async fn change(&self, subscription: &SubscriptionId, form: Form) -> Result<(), ProviderError> {
        self.set(&change_of(subscription), form).await
    }

    pub(super) async fn changeable(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<ChangeableSubscription, ProviderError> {
        let form = Form::new().item("expand", "discounts");
        self.get(&["subscriptions", subscription.as_str()], form).await
    }

    /// A pause of the service ends its period now, and what of it was paid and not used waits as a
    /// credit for the next invoice; its end is ours to remember, because Stripe plans one only in a
    /// schedule. A pause of collecting leaves `active`, voids what comes due, and ends by itself
    /// (<https://docs.stripe.com/billing/subscriptions/pause-payment>, read 2026-11).
    async fn pause(
        &self,
        subscription: &SubscriptionId,
        by: PauseKind,
        resumes_at: Timestamp,
    ) -> Result<(), ProviderError> {
        if by == PauseKind::Collection {
            let form = Form::new().nested("pause_collection", "behavior", "void").nested(
                "pause_collection",
                "resumes_at",
                &seconds(resumes_at),
            );
            return self.change(subscription, form).await;
        }
        if self.changeable(subscription).await?.status.as_deref() == Some("paused") {
            return Ok(());
        }
        let form = Form::new()
            .field("type", "subscription")
            .nested("bill_for[unused_time_from]", "type", "now")
            .field("invoicing_behavior", "pending_invoice_item");
        self.set(&["subscriptions", subscription.as_str(), "pause"], form).await
    }

    /// The first payment after a pause is tried at once. With `resume_on_payment_attempt` the
    /// subscription goes on whatever comes of it: a failure is then an ordinary failed invoice.
    async fn resume(
        &self,
        subscription: &SubscriptionId,
        by: PauseKind,
    ) -> Result<(), ProviderError> {
        if by == PauseKind::Collection {
            return self.change(subscription, Form::new().field("pause_collection", "")).await;
        }
        if self.changeable(subscription).await?.status.as_deref() != Some("paused") {
            return Ok(());
        }
        let form = Form::new()
            .nested("billing_cycle_anchor", "type", "now")
            .field("payment_behavior", "resume_on_payment_attempt");
        self.set(&["subscriptions", subscription.as_str(), "resume"], form).await
    }

    /// The new price counts from the next period on. A subscription of several items is left to the
    /// merchant: which of them is the plan, nobody can know here.
    async fn change_plan(
        &self,
        subscription: &SubscriptionId,
        plan: &str,
    ) -> Result<(), ProviderError> {
        let live = self.changeable(subscription).await?;
        let items = live.items.map(|items| items.data).unwrap_or_default();
        let [item] = items.as_slice() else { return Err(refused("several_items")) };
        if item.price.as_ref().is_some_and(|price| price.id == plan) {
            return Ok(());
        }
        let form = Form::new()
            .nested("items[0]", "id", &item.id)
            .nested("items[0]", "price", plan)
            .field("proration_behavior", "none");
        self.change(subscription, form).await
    }

    async fn credit(
        &self,
        customer: &CustomerId,
        amount: Money,
        key: &IdempotencyKey,
    ) -> Result<(), ProviderError> {
        // Below zero: Stripe counts what the customer owes.
        let form = Form::new()
            .field("amount", &amount.amount_minor.saturating_neg().to_string())
            .field("currency", amount.currency.as_str())
            .nested("metadata", KEY_MARK, key.as_str());
        let call = Call {
            method: Method::Post,
            path: &["customers", customer.as_str(), "balance_transactions"],
            form,
            key: Some(key.as_str()),
            repeat: Repeat::WhenNothingHappened,
        };
        self.client.call::<HasId>(call).await.map(|_| ())
    }

    /// What the customer said goes first and by itself: parameters of a `DELETE` would stand in its
    /// address. An ended subscription is not there any more for Stripe, so "no such subscription"
    /// may be what was wanted: the object itself says so.
    async fn cancel_now(
        &self,
        subscription: &SubscriptionId,
        words: Form,
    ) -> Result<(), ProviderError> {
        if !words.is_empty()
            && let Err(error) = self.change(subscription, words).await
            && !matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound)
        {
            return Err(error);
        }
        let (path, form) = (&["subscriptions", subscription.as_str()], Form::new());
        let call = Call { method: Method::Delete, path, form, key: None, repeat: Repeat::Freely };
        match self.client.call::<HasId>(call).await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => {
                let live = self.changeable(subscription).await?;
                let over = ["canceled", "incomplete_expired"];
                let is_over = live.status.is_some_and(|status| over.contains(&status.as_str()));
                if is_over { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Only what is open can be voided. A draft becomes an invoice first, without being collected.
    async fn void(&self, invoice: &InvoiceId) -> Result<(), ProviderError> {
        let standing = self.standing(invoice).await?;
        match standing.status.as_deref() {
            Some("paid" | "void" | "uncollectible") => return Ok(()),
            Some("draft") => {
                let form = Form::new().field("auto_advance", "false");
                self.set(&["invoices", invoice.as_str(), "finalize"], form).await?;
            }
            _ => {}
        }
        match self.set(&["invoices", invoice.as_str(), "void"], Form::new()).await {
            // Paid or voided a moment ago.
            Err(error) if error.kind == ErrorKind::Refused => {
                let standing = self.standing(invoice).await?;
                let is_settled = matches!(standing.status.as_deref(), Some("paid" | "void"));
                if is_settled { Ok(()) } else { Err(error) }
            }
            other => other,
        }
    }

    /// Whether Stripe goes on collecting an invoice by itself. What is settled has nothing to hold.
    async fn collect_by_itself(
        &self,
        invoice: &InvoiceId,
        is_on: bool,
    ) -> Result<(), ProviderError> {
        let standing = self.standing(invoice).await?;
        if !matches!(standing.status.as_deref(), Some("draft" | "open")) {
            return Ok(());
        }
        let form = Form::new().field("auto_advance", if is_on { "true" } else { "false" });
        self.set(&["invoices", invoice.as_str()], form).await
    }

    async fn standing(&self, invoice: &InvoiceId) -> Result<InvoiceStanding, ProviderError> {
        self.get(&["invoices", invoice.as_str()], Form::new()).await
    }
}

/// Where a subscription is changed.
pub(super) fn change_of(subscription: &SubscriptionId) -> [&str; 2] {
    ["subscriptions", subscription.as_str()]
}

/// What the customer said, for the merchant to read at Stripe. The codes are Stripe's own.
fn said(form: Form, reason: Option<Reason>, comment: Option<&str>) -> Form {
    let form = match reason {
        Some(reason) => form.nested("cancellation_details", "feedback", reason.as_str()),
        None => form,
    };
    match comment {
        Some(comment) => form.nested("cancellation_details", "comment", comment),
        None => form,
    }
}

fn seconds(at: Timestamp) -> String {
    at.as_ms().div_euclid(SECOND_MS).to_string()
}

pub(super) fn refused(code: &str) -> ProviderError {
    local_error(ErrorKind::Refused, code)
}

fn is_missing(error: &ProviderError) -> bool {
    error.kind == ErrorKind::NotFound || error.code.as_deref() == Some(RESOURCE_MISSING)
}
