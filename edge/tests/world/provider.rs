//! The provider in memory.

use super::{Death, Trouble, World, customer, setup};
use reprieve_core::decline::{Category, RawDecline, stripe};
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::network::Network;
use reprieve_core::policy::segment::Country;
use reprieve_core::provider::{
    ChargeOutcome, InvoiceFact, InvoiceStatus, MethodFact, SetupFact, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::Timestamp;
use reprieve_edge::provider::{
    BillingPlace, Capabilities, ChargeInvoice, CollectMethod, ErrorKind, OnSession, PayInvoice,
    Provider, ProviderError, Question, ReadBilling, Secret, SetupStarted,
};
use std::task::Poll;

pub(super) fn error(kind: ErrorKind) -> ProviderError {
    ProviderError { kind, code: None, provider_request_id: None }
}

pub(super) fn unknown() -> ProviderError {
    error(ErrorKind::Unknown)
}

pub(super) fn not_found() -> ProviderError {
    error(ErrorKind::NotFound)
}

impl World {
    /// One point: dies here, or passes. `true` before the effect, then `false` after it.
    pub(super) async fn point(&self, effect: impl FnOnce()) -> Result<(), ()> {
        let number = self.points.get();
        self.points.set(number + 1);
        if self.death.get() == Death::Before(number) {
            std::future::pending::<()>().await;
        }
        let lost = self.lost_answers.borrow().get(&number).copied();
        if lost != Some(false) {
            effect();
        }
        if self.slow_at.get() == Some(number) {
            self.slow_at.set(None);
            let mut is_over = false;
            std::future::poll_fn(|_| {
                if std::mem::replace(&mut is_over, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        if self.death.get() == Death::After(number) {
            std::future::pending::<()>().await;
        }
        if lost.is_some() { Err(()) } else { Ok(()) }
    }

    fn default_method(&self, subscription: Option<&SubscriptionId>) -> Option<PaymentMethodId> {
        let subscriptions = self.subscriptions.borrow();
        let own = subscription.and_then(|id| subscriptions.get(id)?.default_method.clone());
        own.or_else(|| self.customer_default.borrow().clone())
    }

    fn capture(&self, pay: &PayInvoice<'_>) -> Result<ChargeOutcome, ProviderError> {
        if let Some(stored) = self.answers_by_key.borrow().get(pay.key.as_str()) {
            return Ok(stored.clone());
        }
        let subscription = self.invoices.borrow().get(pay.invoice).map(|f| f.subscription.clone());
        let Some(subscription) = subscription else { return Ok(ChargeOutcome::Closed) };
        let used = pay.method.cloned().or_else(|| self.default_method(subscription.as_ref()));
        let used = used.ok_or_else(|| error(ErrorKind::Refused))?;
        if used.as_str().starts_with("pm_unknown") {
            return Err(error(ErrorKind::Refused));
        }
        let mut invoices = self.invoices.borrow_mut();
        let invoice = invoices.get_mut(pay.invoice).unwrap();
        let outcome = match invoice.status {
            // The real one refuses; the adapter reads the invoice and says what it is.
            InvoiceStatus::Paid => ChargeOutcome::Paid,
            InvoiceStatus::Open => {
                self.attempts.set(self.attempts.get() + 1);
                if self.asks.borrow().contains(&used) && pay.on_session == OnSession::Yes {
                    return Ok(self.ask(invoice, used, pay.key.as_str()));
                }
                let code = self.declines.borrow().get(&used).cloned();
                self.ask_the_bank(invoice, used, code, pay.on_session)
            }
            _ => ChargeOutcome::Closed,
        };
        self.answers_by_key.borrow_mut().insert(pay.key.as_str().to_owned(), outcome.clone());
        Ok(outcome)
    }

    /// The bank's question opens; it waits until the customer answers it.
    fn ask(&self, invoice: &mut InvoiceFact, used: PaymentMethodId, key: &str) -> ChargeOutcome {
        let secret = Question::Waits(Secret::new("pi_1_secret_x"));
        self.questions.borrow_mut().insert(invoice.id.clone(), (secret, used.clone()));
        invoice.needs_authentication = true;
        invoice.decline = None;
        invoice.method = Some(MethodFact::bare(used));
        let outcome = ChargeOutcome::NeedsAuthentication;
        self.answers_by_key.borrow_mut().insert(key.to_owned(), outcome.clone());
        outcome
    }

    fn ask_the_bank(
        &self,
        invoice: &mut InvoiceFact,
        used: PaymentMethodId,
        code: Option<String>,
        on_session: OnSession,
    ) -> ChargeOutcome {
        let Some(code) = code else {
            let captured = (invoice.id.clone(), invoice.amount_due.amount_minor);
            self.captured.borrow_mut().push(captured);
            invoice.status = InvoiceStatus::Paid;
            invoice.amount_due.amount_minor = 0;
            return ChargeOutcome::Paid;
        };
        let raw = RawDecline { code: Some(code), ..RawDecline::default() };
        let decline = stripe::classify(raw, Network::Other, Timestamp::from_ms(0));
        let asks = decline.category == Category::AuthenticationRequired;
        invoice.attempt_count += 1;
        invoice.method = Some(MethodFact::bare(used));
        invoice.needs_authentication = asks;
        if asks && on_session == OnSession::Yes {
            invoice.decline = None;
            return ChargeOutcome::NeedsAuthentication;
        }
        invoice.decline = Some(decline.clone());
        if asks { ChargeOutcome::NeedsAuthentication } else { ChargeOutcome::Declined { decline } }
    }
}

impl World {
    /// The provider takes what is open by itself, with the new card.
    fn collect_with(&self, method: &PaymentMethodId) {
        let refused = self.declines.borrow().contains_key(method);
        let mut invoices = self.invoices.borrow_mut();
        for fact in invoices.values_mut().filter(|fact| fact.status == InvoiceStatus::Open) {
            if !refused {
                let amount_minor = std::mem::take(&mut fact.amount_due.amount_minor);
                self.captured.borrow_mut().push((fact.id.clone(), amount_minor));
                fact.status = InvoiceStatus::Paid;
            }
        }
    }
}

impl ReadBilling for World {
    async fn read_invoice(&self, invoice: &InvoiceId) -> Result<InvoiceFact, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        let mut fact = self.invoices.borrow().get(invoice).cloned().ok_or_else(not_found)?;
        let next = self.default_method(fact.subscription.as_ref());
        fact.next_method = next.map(MethodFact::bare);
        Ok(fact)
    }

    async fn list_open_invoices(&self, of: &CustomerId) -> Result<Vec<InvoiceFact>, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        let invoices = self.invoices.borrow();
        let open = |fact: &&InvoiceFact| fact.status == InvoiceStatus::Open && fact.customer == *of;
        Ok(invoices.values().filter(open).cloned().collect())
    }

    async fn list_methods(&self, of: &CustomerId) -> Result<Vec<MethodFact>, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        let methods = self.methods.borrow();
        let known = methods.iter().rev().filter(|_| *of == customer());
        Ok(known.cloned().map(MethodFact::bare).collect())
    }

    async fn list_subscriptions(
        &self,
        of: &CustomerId,
        seen_at: Timestamp,
    ) -> Result<Vec<SubscriptionFact>, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        let subscriptions = self.subscriptions.borrow();
        let known = subscriptions.values().filter(|fact| fact.customer == *of);
        Ok(known.map(|fact| SubscriptionFact { seen_at, ..fact.clone() }).collect())
    }

    async fn billing_place(&self, of: &CustomerId) -> Result<BillingPlace, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        if *of != customer() {
            return Ok(BillingPlace::default());
        }
        let country = self.country.get().and_then(Country::parse);
        Ok(BillingPlace { country, region: self.region.get().map(str::to_owned) })
    }

    async fn customer_of_charge(&self, charge: &str) -> Result<Option<CustomerId>, ProviderError> {
        match charge {
            "ch_known" => Ok(Some(customer())),
            "ch_nobody" => Ok(None),
            _ => Err(not_found()),
        }
    }
}

impl CollectMethod for World {
    async fn start_setup(
        &self,
        _: &MerchantId,
        of: &CustomerId,
    ) -> Result<SetupStarted, ProviderError> {
        let id = setup(&format!("seti_{}", self.setups.borrow().len() + 1));
        let customer = Some(of.clone());
        let fact =
            SetupFact { id: id.clone(), customer, method: None, card: None, is_processing: false };
        self.setups.borrow_mut().insert(id.clone(), fact);
        Ok(SetupStarted { id, client_secret: Secret::new("seti_1_secret_x") })
    }

    async fn open_page(&self, _: &CustomerId, _: &str) -> Result<Secret, ProviderError> {
        Ok(Secret::new("https://provider.example/page"))
    }

    async fn read_setup(&self, id: &SetupId) -> Result<SetupFact, ProviderError> {
        self.point(|| ()).await.map_err(|()| unknown())?;
        self.setups.borrow().get(id).cloned().ok_or_else(not_found)
    }

    async fn set_customer_default(
        &self,
        of: &CustomerId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError> {
        if *of != customer() {
            return Err(not_found());
        }
        let effect = || {
            *self.customer_default.borrow_mut() = Some(method.clone());
            if self.can.get().update_collects {
                self.collect_with(method);
            }
        };
        self.point(effect).await.map_err(|()| unknown())
    }

    async fn set_subscription_default(
        &self,
        subscription: &SubscriptionId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError> {
        let status = self.subscriptions.borrow().get(subscription).map(|fact| fact.status);
        match status {
            None => return Err(not_found()),
            Some(SubscriptionStatus::Ended) => return Err(error(ErrorKind::Refused)),
            Some(_) => {}
        }
        let effect = || {
            if let Some(fact) = self.subscriptions.borrow_mut().get_mut(subscription) {
                fact.default_method = Some(method.clone());
            }
        };
        self.point(effect).await.map_err(|()| unknown())
    }
}

impl ChargeInvoice for World {
    async fn pay_invoice(&self, pay: PayInvoice<'_>) -> Result<ChargeOutcome, ProviderError> {
        let key = pay.key.as_str().to_owned();
        let sent = (pay.invoice.clone(), pay.method.cloned());
        let before = self.sent.borrow_mut().insert(key.clone(), sent.clone());
        assert!(before.is_none_or(|before| before == sent), "one key, two requests: {key}");
        if self.spent.borrow().contains(&key) {
            return Err(error(ErrorKind::Spent));
        }
        let trouble = self.troubles.borrow_mut().pop_front();
        match trouble {
            Some(Trouble::LostBefore) => return Err(unknown()),
            Some(Trouble::TooMany) => {
                return Err(error(ErrorKind::RateLimited { retry_after_ms: 30_000 }));
            }
            Some(Trouble::KeptError) => {
                self.spent.borrow_mut().insert(key);
                return Err(unknown());
            }
            Some(Trouble::LostAfter) | None => {}
        }
        let mut outcome = Err(unknown());
        self.point(|| outcome = self.capture(&pay)).await.map_err(|()| unknown())?;
        if trouble.is_some() { Err(unknown()) } else { outcome }
    }
}

impl Provider for World {
    fn capabilities(&self) -> Capabilities {
        self.can.get()
    }
}
