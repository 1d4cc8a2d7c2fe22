//! A new method: set-ups for our own page, Stripe's page, and the defaults that follow.

use super::client::{Call, Repeat};
use super::form::Form;
use super::transport::{Method, Transport};
use super::types::{NewSetupIntent, PortalSession, SetupIntent};
use super::{Stripe, map, unmappable};
use crate::provider::{CollectMethod, ProviderError, Secret, SetupStarted};
use reprieve_core::id::{CustomerId, MerchantId, PaymentMethodId, SetupId, SubscriptionId};
use reprieve_core::provider::SetupFact;

impl<T: Transport> CollectMethod for Stripe<T> {
    async fn start_setup(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<SetupStarted, ProviderError> {
        // Cards only: methods that leave the page for a bank's own would need an address to return
        // to. Since 2026-09-30 Stripe refuses `payment_method_types` here
        // (<https://docs.stripe.com/changelog>, endive, read 2026-11).
        //
        // `usage=off_session` is where 3-D Secure is asked for: Stripe has the bank confirm the
        // card now where it wants to, so that later charges may go without the customer
        // (<https://docs.stripe.com/payments/setup-intents>, read 2026-11). It is never forced on
        // renewals (`request_three_d_secure`): with nobody there, that declines each of them.
        let form = Form::new()
            .field("customer", customer.as_str())
            .field("usage", "off_session")
            .item("allowed_payment_method_types", "card")
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
        let form = Form::new().item("expand", "payment_method");
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
