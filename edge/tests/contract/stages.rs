//! The providers that keep the contract, arranged for it.

use crate::fake_stripe::bank::Verdict;
use crate::fake_stripe::wire::{Fault, Wire};
use crate::world::{Trouble, World};
use crate::{Says, Stage, fake_stripe, world};
use reprieve_core::id::{InvoiceId, PaymentMethodId, SetupId, SubscriptionId};
use reprieve_core::provider::{EndReason, InvoiceStatus, SubscriptionStatus};
use reprieve_edge::provider::stripe::Stripe;

pub(crate) struct OnTheWire {
    wire: &'static Wire,
    adapter: Stripe<&'static Wire>,
}

impl OnTheWire {
    pub(crate) fn new() -> Self {
        fake_stripe::reset_clock();
        // A provider owns what it needs; a test may keep it for ever.
        let wire: &'static Wire = Box::leak(Box::new(Wire::new(1)));
        Self { wire, adapter: Stripe::over(wire, &fake_stripe::config()) }
    }
}

impl Stage for OnTheWire {
    type Provider = Stripe<&'static Wire>;

    fn provider(&self) -> &Self::Provider {
        &self.adapter
    }

    fn card(&self, says: Says) -> PaymentMethodId {
        let verdict = match says {
            Says::Yes => Verdict::Approve,
            Says::InsufficientFunds => Verdict::Decline("insufficient_funds"),
            Says::AsksForTheCustomer => Verdict::Authenticate,
        };
        PaymentMethodId::parse(&self.wire.books.borrow_mut().issue(&[verdict])).unwrap()
    }

    fn subscription(&self, default: Option<&PaymentMethodId>) -> SubscriptionId {
        let id = self.wire.books.borrow_mut().subscribe(default.map(PaymentMethodId::as_str));
        SubscriptionId::parse(&id).unwrap()
    }

    fn end(&self, subscription: &SubscriptionId) {
        let mut books = self.wire.books.borrow_mut();
        let reason = Some("cancellation_requested");
        books.set_subscription_status(subscription.as_str(), "canceled", reason);
    }

    fn owed(&self, subscription: &SubscriptionId) -> InvoiceId {
        let mut books = self.wire.books.borrow_mut();
        let id = books.bill_failed(subscription.as_str(), 1_900);
        InvoiceId::parse(&id).unwrap()
    }

    fn void(&self, invoice: &InvoiceId) {
        self.wire.books.borrow_mut().close(invoice.as_str(), "void", "invoice.voided");
    }

    fn finish(&self, setup: &SetupId, method: &PaymentMethodId) {
        self.wire.books.borrow_mut().finish_setup(setup.as_str(), method.as_str());
    }

    fn next(&self, trouble: Trouble) {
        let fault = match trouble {
            Trouble::LostBefore => Fault::SilenceBefore,
            Trouble::LostAfter => Fault::SilenceAfter,
            Trouble::TooMany => Fault::TooMany { retry_after_s: Some(30) },
            Trouble::KeptError => Fault::ErrorBefore { is_kept: true },
        };
        self.wire.script.borrow_mut().push_back(fault);
    }

    fn captured(&self) -> usize {
        self.wire.books.borrow().captures.len()
    }

    fn attempts(&self) -> usize {
        self.wire.books.borrow().attempts.len()
    }
}

pub(crate) struct InMemory(pub(crate) World);

impl Stage for InMemory {
    type Provider = World;

    fn provider(&self) -> &World {
        &self.0
    }

    fn card(&self, says: Says) -> PaymentMethodId {
        let mut methods = self.0.methods.borrow_mut();
        let id = world::method(&format!("pm_{}", methods.len()));
        methods.push(id.clone());
        let code = match says {
            Says::Yes => return id,
            Says::InsufficientFunds => "insufficient_funds",
            Says::AsksForTheCustomer => {
                self.0.asks.borrow_mut().insert(id.clone());
                "authentication_required"
            }
        };
        self.0.declines.borrow_mut().insert(id.clone(), code.to_owned());
        id
    }

    fn subscription(&self, default: Option<&PaymentMethodId>) -> SubscriptionId {
        self.0.subscribe(default)
    }

    fn end(&self, subscription: &SubscriptionId) {
        let mut subscriptions = self.0.subscriptions.borrow_mut();
        let fact = subscriptions.get_mut(subscription).unwrap();
        fact.status = SubscriptionStatus::Ended;
        fact.end_reason = Some(EndReason::Requested);
    }

    fn owed(&self, subscription: &SubscriptionId) -> InvoiceId {
        let number = self.0.invoices.borrow().len();
        let fact = world::open_invoice(&format!("in_{number}"), subscription.clone());
        let id = fact.id.clone();
        self.0.invoices.borrow_mut().insert(id.clone(), fact);
        id
    }

    fn void(&self, invoice: &InvoiceId) {
        let mut invoices = self.0.invoices.borrow_mut();
        invoices.get_mut(invoice).unwrap().status = InvoiceStatus::Void;
    }

    fn finish(&self, setup: &SetupId, method: &PaymentMethodId) {
        let mut setups = self.0.setups.borrow_mut();
        setups.get_mut(setup).unwrap().method = Some(method.clone());
    }

    fn next(&self, trouble: Trouble) {
        self.0.troubles.borrow_mut().push_back(trouble);
    }

    fn captured(&self) -> usize {
        self.0.captured.borrow().len()
    }

    fn attempts(&self) -> usize {
        self.0.attempts.get()
    }
}
