//! Stripe, API version `2026-10-28.endive`.
//!
//! `client` makes every request, `form` writes its body, `transport` carries it; `types` are the
//! parts of Stripe's objects that are read, `map` turns them into the core's facts and is the last
//! to see them. `webhook` says whether an event is Stripe's at all.

mod acts;
pub mod client;
mod discounts;
mod events;
mod form;
mod history;
mod holds;
pub mod map;
mod method;
pub mod transport;
mod types;
pub mod webhook;

use super::{
    Authenticate, BillingPlace, Capabilities, Challenge, ChargeInvoice, ErrorKind,
    OPEN_INVOICES_MAX, OnSession, PayInvoice, Provider, ProviderError, ReadBilling,
    SUBSCRIPTIONS_MAX, Secret,
};
use crate::config::StripeConfig;
pub use method::MethodType;

use client::{Call, Client, Repeat};
use form::Form;
use map::MapError;
use reprieve_core::case::METHODS_MAX;
use reprieve_core::id::{CustomerId, InvoiceId, PaymentMethodId};
use reprieve_core::provider::{
    ChargeOutcome, InvoiceFact, InvoiceStatus, MethodFact, PauseAbility, SubscriptionFact,
};
use reprieve_core::time::Timestamp;
use transport::{FetchTransport, Method, Transport};
use types::{Charge, HasId, Invoice, List, PaymentMethod, Subscription};

/// The payment details of an invoice: four levels, the deepest that Stripe expands
/// (<https://docs.stripe.com/api/expanding_objects>, read 2026-11). A list would need five.
const PAYMENT_DETAILS: &str = "payments.data.payment.payment_intent";
/// What says which method would be charged next.
const DEFAULTS: [&str; 2] = ["customer", "parent.subscription_details.subscription"];
/// What Stripe answers when a list is asked for a customer that it does not have.
const RESOURCE_MISSING: &str = "resource_missing";

/// One Stripe account.
#[derive(Clone, Debug)]
pub struct Stripe<T = FetchTransport> {
    client: Client<T>,
    webhook_secrets: Vec<Secret>,
    method_types: Vec<MethodType>,
}

impl Stripe {
    /// Speaks to the Stripe of `config` over the Worker's `fetch`.
    #[must_use]
    pub fn new(config: &StripeConfig) -> Self {
        Self::over(FetchTransport, config)
    }
}

impl<T: Transport> Stripe<T> {
    /// Speaks to the Stripe of `config` over another transport.
    #[must_use]
    pub fn over(transport: T, config: &StripeConfig) -> Self {
        let (api_base, secret_key) = (config.api_base.clone(), config.secret_key.clone());
        let webhook_secrets = config.webhook_secrets.clone();
        let client = Client { transport, api_base, secret_key };
        Self { client, webhook_secrets, method_types: config.method_types.clone() }
    }

    async fn get<B: serde::de::DeserializeOwned>(
        &self,
        path: &[&str],
        form: Form,
    ) -> Result<B, ProviderError> {
        let repeat = Repeat::Freely;
        self.client.call(Call { method: Method::Get, path, form, key: None, repeat }).await
    }

    /// For changes that are the same once or twice.
    async fn set(&self, path: &[&str], form: Form) -> Result<(), ProviderError> {
        let repeat = Repeat::Freely;
        let call = Call { method: Method::Post, path, form, key: None, repeat };
        self.client.call::<HasId>(call).await.map(|_| ())
    }

    fn fact(&self, invoice: &Invoice) -> Result<InvoiceFact, ProviderError> {
        map::invoice(invoice, self.client.transport.now()).map_err(unmappable)
    }

    async fn live_invoice(&self, invoice: &InvoiceId) -> Result<Invoice, ProviderError> {
        let form =
            DEFAULTS.iter().fold(Form::new().item("expand", PAYMENT_DETAILS), |form, name| {
                form.item("expand", name)
            });
        self.get(&["invoices", invoice.as_str()], form).await
    }

    /// The request was refused, perhaps because the invoice changed meanwhile. Only its live state
    /// says so: texts and codes of refusals differ between versions.
    async fn after_refusal(
        &self,
        invoice: &InvoiceId,
        refusal: ProviderError,
    ) -> Result<ChargeOutcome, ProviderError> {
        let live = match self.live_invoice(invoice).await {
            Ok(live) => self.fact(&live)?,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(ChargeOutcome::Closed),
            Err(error) => return Err(error),
        };
        match live.status {
            InvoiceStatus::Paid => Ok(ChargeOutcome::Paid),
            InvoiceStatus::Void | InvoiceStatus::Uncollectible => Ok(ChargeOutcome::Closed),
            InvoiceStatus::Draft | InvoiceStatus::Open => {
                Err(ProviderError { kind: ErrorKind::Refused, ..refusal })
            }
        }
    }

    /// Stripe stored a server error under this key and would repeat it until the key is forgotten
    /// (<https://docs.stripe.com/api/idempotent_requests>, read 2026-11): asking again is no use,
    /// so the invoice itself has to say what became of the attempt.
    async fn after_stored_error(
        &self,
        pay: PayInvoice<'_>,
        stored: ProviderError,
    ) -> Result<ChargeOutcome, ProviderError> {
        let live = self.live_invoice(pay.invoice).await?;
        let mut fact = self.fact(&live)?;
        let tried = fact.method.as_ref().map(|method| &method.id);
        if pay.method.is_some_and(|method| Some(method) != tried) {
            // The decline of an earlier attempt with another method says nothing about this one.
            fact.decline = None;
            fact.needs_authentication &= map::is_waiting_for_action(&live);
        }
        let is_over = fact.status == InvoiceStatus::Open && map::is_idle(&live);
        let kind = if is_over { ErrorKind::Spent } else { stored.kind };
        outcome(fact, &ProviderError { kind, ..stored })
    }
}

impl<T: Transport> ReadBilling for Stripe<T> {
    async fn read_invoice(&self, invoice: &InvoiceId) -> Result<InvoiceFact, ProviderError> {
        self.fact(&self.live_invoice(invoice).await?)
    }

    async fn list_open_invoices(
        &self,
        customer: &CustomerId,
    ) -> Result<Vec<InvoiceFact>, ProviderError> {
        let form = Form::new()
            .field("customer", customer.as_str())
            .field("status", "open")
            .field("limit", &OPEN_INVOICES_MAX.to_string());
        let list: List<HasId> = none_if_missing(self.get(&["invoices"], form).await)?;
        let mut open = Vec::new();
        for HasId { id } in list.data.iter().take(OPEN_INVOICES_MAX) {
            let id = InvoiceId::parse(id).map_err(|error| unmappable(error.into()))?;
            match self.read_invoice(&id).await {
                // It may have been settled since the list was made.
                Ok(fact) if fact.status == InvoiceStatus::Open => open.push(fact),
                Ok(_) => {}
                Err(error) if error.kind == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(open)
    }

    async fn list_methods(&self, customer: &CustomerId) -> Result<Vec<MethodFact>, ProviderError> {
        let form = Form::new()
            .field("customer", customer.as_str())
            .field("type", "card")
            .field("limit", &METHODS_MAX.to_string());
        let list: List<PaymentMethod> =
            none_if_missing(self.get(&["payment_methods"], form).await)?;
        Ok(map::methods(&list.data))
    }

    async fn list_subscriptions(
        &self,
        customer: &CustomerId,
        seen_at: Timestamp,
    ) -> Result<Vec<SubscriptionFact>, ProviderError> {
        // One page is all that is read: 100 is also the largest page that Stripe gives.
        let form = Form::new()
            .field("customer", customer.as_str())
            .field("status", "all")
            .field("limit", &SUBSCRIPTIONS_MAX.to_string());
        let list: List<Subscription> = none_if_missing(self.get(&["subscriptions"], form).await)?;
        let facts = list
            .data
            .iter()
            .take(SUBSCRIPTIONS_MAX)
            .map(|subscription| map::subscription(subscription, seen_at));
        facts.collect::<Result<_, _>>().map_err(unmappable)
    }

    async fn billing_place(&self, customer: &CustomerId) -> Result<BillingPlace, ProviderError> {
        match self.get(&["customers", customer.as_str()], Form::new()).await {
            Ok(customer) => Ok(map::billing_place(customer)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(BillingPlace::default()),
            Err(error) => Err(error),
        }
    }

    async fn customer_of_charge(&self, charge: &str) -> Result<Option<CustomerId>, ProviderError> {
        let charge: Charge = self.get(&["charges", charge], Form::new()).await?;
        map::optional_id(&charge.customer, CustomerId::parse).map_err(unmappable)
    }
}

impl<T: Transport> ChargeInvoice for Stripe<T> {
    async fn pay_invoice(&self, pay: PayInvoice<'_>) -> Result<ChargeOutcome, ProviderError> {
        let off_session = match pay.on_session {
            OnSession::Yes => "false",
            OnSession::No => "true",
        };
        let form = Form::new()
            .optional("payment_method", pay.method.map(PaymentMethodId::as_str))
            .field("off_session", off_session)
            .item("expand", PAYMENT_DETAILS);
        let call = Call {
            method: Method::Post,
            path: &["invoices", pay.invoice.as_str(), "pay"],
            form,
            key: Some(pay.key.as_str()),
            repeat: Repeat::WhenNothingHappened,
        };
        let answer = self.client.send(call).await?;
        match answer.status {
            200..=299 => {
                let invoice: Invoice = client::read(&answer)?;
                let mut unsettled = client::local_error(ErrorKind::Unknown, "payment_unsettled");
                unsettled.provider_request_id = client::request_id(&answer);
                outcome(self.fact(&invoice)?, &unsettled)
            }
            402 => match client::payment_error(&answer) {
                Some(error) if map::wants_authentication(&error) => {
                    Ok(ChargeOutcome::NeedsAuthentication)
                }
                Some(error) => Ok(ChargeOutcome::Declined {
                    decline: map::decline(&error, self.client.transport.now()),
                }),
                // Somebody between Stripe and us may have written this: not a final no.
                None => client::read(&answer),
            },
            400 | 404 => self.after_refusal(pay.invoice, client::error_of(&answer)).await,
            500..=599 if client::is_replayed(&answer) => {
                self.after_stored_error(pay, client::error_of(&answer)).await
            }
            _ => Err(client::error_of(&answer)),
        }
    }
}

impl<T: Transport> Authenticate for Stripe<T> {
    async fn read_challenge(&self, invoice: &InvoiceId) -> Result<Challenge, ProviderError> {
        let live = self.live_invoice(invoice).await?;
        Ok(Challenge { fact: self.fact(&live)?, question: map::question(&live) })
    }
}

impl<T: Transport> Provider for Stripe<T> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            owns_retry: true,
            can_trigger_retry: true,
            exposes_network_advice: true,
            // A new default is used by the next attempt of the schedule, not at once
            // (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>, read 2026-11).
            update_collects: false,
            // `pause` of a subscription and `pause_collection`, which leaves it `active`
            // (<https://docs.stripe.com/billing/subscriptions/pause-payment>, read 2026-11).
            pause: PauseAbility::Service,
        }
    }
}

/// How a charge ended, by the invoice after it; `unsettled` where the invoice does not say yet.
fn outcome(fact: InvoiceFact, unsettled: &ProviderError) -> Result<ChargeOutcome, ProviderError> {
    match (fact.status, fact.decline) {
        (InvoiceStatus::Paid, _) => Ok(ChargeOutcome::Paid),
        (InvoiceStatus::Void | InvoiceStatus::Uncollectible, _) => Ok(ChargeOutcome::Closed),
        _ if fact.needs_authentication => Ok(ChargeOutcome::NeedsAuthentication),
        (InvoiceStatus::Open, _) if fact.is_processing => Ok(ChargeOutcome::Processing),
        (InvoiceStatus::Open, Some(decline)) => Ok(ChargeOutcome::Declined { decline }),
        // The payment went through and the invoice does not know yet, for example.
        (InvoiceStatus::Open | InvoiceStatus::Draft, _) => Err(unsettled.clone()),
    }
}

/// Stripe answered, in words that we do not have. Asking again would bring the same words; but an
/// answer to a charge may stand for money that was taken, so nothing is called final.
fn unmappable(error: MapError) -> ProviderError {
    client::local_error(ErrorKind::Unknown, error.code())
}

/// A list for a customer that does not exist is empty.
fn none_if_missing<I>(result: Result<List<I>, ProviderError>) -> Result<List<I>, ProviderError> {
    match result {
        Err(error)
            if error.kind == ErrorKind::NotFound
                || error.code.as_deref() == Some(RESOURCE_MISSING) =>
        {
            Ok(List { data: Vec::new() })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
