//! A new method: set-ups for our own page, Stripe's page, and the defaults that follow.

use super::client::{Call, Repeat};
use super::form::Form;
use super::transport::{Method, Transport};
use super::types::{NewSetupIntent, PortalSession, SetupIntent};
use super::{Stripe, map, unmappable};
use crate::provider::{CollectMethod, ProviderError, Secret, SetupStarted};
use reprieve_core::id::{CustomerId, MerchantId, PaymentMethodId, SetupId, SubscriptionId};
use reprieve_core::provider::SetupFact;

/// A kind of method that a customer may give, and whose life after the set-up we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodType {
    /// Cards, and the wallets that hold them (Apple Pay, Google Pay).
    Card,
    /// Stripe's own wallet.
    Link,
    /// A direct debit by IBAN: charged without the customer, and the bank takes days for it.
    SepaDebit,
    /// The customer's bank on a page of its own; what is charged later is a direct debit.
    Ideal,
    /// The same in Belgium.
    Bancontact,
}

impl MethodType {
    const ALL: [Self; 5] = [Self::Card, Self::Link, Self::SepaDebit, Self::Ideal, Self::Bancontact];

    /// Stripe's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Link => "link",
            Self::SepaDebit => "sepa_debit",
            Self::Ideal => "ideal",
            Self::Bancontact => "bancontact",
        }
    }

    /// The opposite of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl<T: Transport> CollectMethod for Stripe<T> {
    async fn start_setup(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<SetupStarted, ProviderError> {
        // Since 2026-09-30 Stripe refuses `payment_method_types` here
        // (<https://docs.stripe.com/changelog>, endive, read 2026-11).
        //
        // `usage=off_session` is where 3-D Secure is asked for: Stripe has the bank confirm the
        // card now where it wants to, so that later charges may go without the customer
        // (<https://docs.stripe.com/payments/setup-intents>, read 2026-11). It is never forced on
        // renewals (`request_three_d_secure`): with nobody there, that declines each of them.
        let form = Form::new().field("customer", customer.as_str()).field("usage", "off_session");
        let form = self
            .method_types
            .iter()
            .fold(form, |form, kind| form.item("allowed_payment_method_types", kind.as_str()))
            // By this its webhook is known as one of ours: what others set up changes no default.
            .nested("metadata", "reprieve", "1")
            .nested("metadata", "reprieve_merchant", merchant.as_str());
        let call = Call {
            method: Method::Post,
            path: &["setup_intents"],
            form,
            key: None,
            repeat: Repeat::WhenNothingHappened,
        };
        let setup: NewSetupIntent = self.client.call(call).await?;
        let id = SetupId::parse(&setup.id).map_err(|error| unmappable(error.into()))?;
        Ok(SetupStarted { id, client_secret: setup.client_secret })
    }

    async fn open_page(
        &self,
        customer: &CustomerId,
        return_url: &str,
    ) -> Result<Secret, ProviderError> {
        let form = Form::new()
            .field("customer", customer.as_str())
            .field("return_url", return_url)
            .nested("flow_data", "type", "payment_method_update")
            .nested("flow_data[after_completion]", "type", "redirect")
            .nested("flow_data[after_completion][redirect]", "return_url", return_url);
        let call = Call {
            method: Method::Post,
            path: &["billing_portal", "sessions"],
            form,
            key: None,
            repeat: Repeat::WhenNothingHappened,
        };
        let session: PortalSession = self.client.call(call).await?;
        Ok(Secret::new(session.url))
    }

    async fn read_setup(&self, setup: &SetupId) -> Result<SetupFact, ProviderError> {
        let form = Form::new().item("expand", "payment_method").item("expand", "latest_attempt");
        let setup: SetupIntent = self.get(&["setup_intents", setup.as_str()], form).await?;
        map::setup(&setup).map_err(unmappable)
    }

    async fn set_customer_default(
        &self,
        customer: &CustomerId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError> {
        let form =
            Form::new().nested("invoice_settings", "default_payment_method", method.as_str());
        self.set(&["customers", customer.as_str()], form).await
    }

    async fn set_subscription_default(
        &self,
        subscription: &SubscriptionId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError> {
        let form = Form::new().field("default_payment_method", method.as_str());
        self.set(&["subscriptions", subscription.as_str()], form).await
    }
}
