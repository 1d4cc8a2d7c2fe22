//! Stripe's own lists of what happened: events of the last 30 days, and invoices that are open
//! (<https://docs.stripe.com/api/events/list>, <https://docs.stripe.com/api/invoices/list>, read
//! 2026-11).

use super::form::Form;
use super::transport::Transport;
use super::types::{Page, Renewal, UnpaidInvoice};
use super::{Stripe, map};
use crate::provider::{
    EventPage, EventWindow, ProviderError, ReadHistory, RenewalPage, UnpaidPage,
};
use crate::reconcile::sweep::PageEnd;
use reprieve_core::id::{CustomerId, InvoiceId};

/// The methods that are charged: the subscription's own, else the customer's.
const RENEWAL_DETAILS: [&str; 2] =
    ["data.default_payment_method", "data.customer.invoice_settings.default_payment_method"];

impl<T: Transport> ReadHistory for Stripe<T> {
    async fn list_events(&self, window: EventWindow<'_>) -> Result<EventPage, ProviderError> {
        let form = Form::new()
            .nested("created", "gte", &window.from_s.to_string())
            .nested("created", "lte", &window.until_s.to_string())
            .field("limit", &window.limit.to_string())
            .optional("starting_after", window.after);
        let kinds = map::EVENTS.iter().filter(|(_, reading)| *reading != map::Reading::Recorded);
        let form = kinds.fold(form, |form, (kind, _)| form.item("types", kind));
        let page: Page<serde_json::Value> = self.get(&["events"], form).await?;
        let last = page.data.last().and_then(|event| event.get("id")?.as_str());
        let end = PageEnd { last: last.map(str::to_owned), has_more: page.has_more };
        Ok(EventPage { events: page.data.iter().map(ToString::to_string).collect(), end })
    }

    async fn list_unpaid(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<UnpaidPage, ProviderError> {
        let form = Form::new()
            .field("status", "open")
            .field("limit", &limit.to_string())
            .optional("starting_after", after);
        let page: Page<UnpaidInvoice> = self.get(&["invoices"], form).await?;
        let last = page.data.last().map(|invoice| invoice.id.clone());
        let end = PageEnd { last, has_more: page.has_more };
        // An invoice of nobody, or with an id that is none, is not one that can be recovered.
        let tried = page.data.iter().filter(|invoice| invoice.attempt_count > 0);
        let owned = tried.filter_map(|invoice| {
            let customer = CustomerId::parse(invoice.customer.as_ref()?.id()).ok()?;
            Some((InvoiceId::parse(&invoice.id).ok()?, customer))
        });
        Ok(UnpaidPage { invoices: owned.collect(), end })
    }

    async fn list_renewals(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<RenewalPage, ProviderError> {
        // Without a status Stripe lists all that were not cancelled
        // (<https://docs.stripe.com/api/subscriptions/list>, read 2026-11).
        let form = Form::new().field("limit", &limit.to_string());
        let form = form.optional("starting_after", after);
        let form = RENEWAL_DETAILS.iter().fold(form, |form, path| form.item("expand", path));
        let page: Page<Renewal> = self.get(&["subscriptions"], form).await?;
        let last = page.data.last().map(|subscription| subscription.id.clone());
        let end = PageEnd { last, has_more: page.has_more };
        Ok(RenewalPage { cards: page.data.iter().filter_map(map::renewing_card).collect(), end })
    }
}
