//! What the provider in memory tells by itself, and what it lists. It speaks in Stripe's words, so
//! that its events go the way of real ones.

use super::provider::error;
use super::{World, customer};
use http::HeaderMap;
use reprieve_core::api::status::MethodSummary;
use reprieve_core::id::{InvoiceId, PaymentMethodId};
use reprieve_core::provider::{CardExpiry, InvoiceStatus, SubscriptionFact, SubscriptionStatus};
use reprieve_core::time::Timestamp;
use reprieve_edge::provider::event::{EventError, ProviderEvent, ReadEvents, SignatureError};
use reprieve_edge::provider::stripe::{map, webhook};
use reprieve_edge::provider::{
    ErrorKind, EventPage, EventWindow, ProviderError, ReadHistory, RenewalPage, RenewingCard,
    Secret, UnpaidPage,
};
use reprieve_edge::reconcile::sweep::PageEnd;
use serde_json::json;

/// What its events are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_world";
/// What is printed on every card here.
pub const EXPIRY: CardExpiry = CardExpiry { year: 2030, month: 12 };

impl World {
    /// An attempt of the provider's own failed, and it tells.
    pub fn tell_of_failure(&self, invoice: &InvoiceId, at: Timestamp) {
        let fact = self.invoices.borrow()[invoice].clone();
        let mut history = self.history.borrow_mut();
        let (id, at_s) = (format!("evt_{}", history.len() + 1), at.as_ms() / 1_000);
        let body = json!({
            "id": id, "type": "invoice.payment_failed", "created": at_s, "livemode": false,
            "data": {"object": {
                "id": fact.id.as_str(), "object": "invoice", "status": "open",
                "customer": fact.customer.as_str(), "attempt_count": fact.attempt_count,
                "currency": fact.amount_due.currency.as_str(),
                "amount_remaining": fact.amount_due.amount_minor,
            }},
        });
        history.push((id, at_s, body.to_string()));
    }

    fn renewing(&self, fact: &SubscriptionFact) -> Option<RenewingCard> {
        use SubscriptionStatus::{Active, PastDue};
        let ends = fact.life.as_ref().is_some_and(|life| life.ends_at.is_some());
        let goes_on = matches!(fact.status, Active | PastDue) && !ends;
        let default = || self.customer_default.borrow().clone();
        let method: PaymentMethodId = fact.default_method.clone().or_else(default)?;
        let summary = MethodSummary { brand: "visa".to_owned(), last4: "0341".to_owned() };
        let card =
            RenewingCard { customer: customer(), method, summary: Some(summary), expiry: EXPIRY };
        goes_on.then_some(card)
    }
}

/// A page of a list, the newest first; a place that is not in it is refused.
fn page<T: Clone>(
    newest_first: &[(String, T)],
    after: Option<&str>,
    limit: u32,
) -> Result<(Vec<T>, PageEnd), ProviderError> {
    let from = match after {
        None => 0,
        Some(after) => {
            let place = newest_first.iter().position(|(id, _)| id == after);
            place.ok_or_else(|| error(ErrorKind::Refused))? + 1
        }
    };
    let rest = &newest_first[from..];
    let on_page = &rest[..rest.len().min(limit as usize)];
    let end = PageEnd {
        last: on_page.last().map(|(id, _)| id.clone()),
        has_more: rest.len() > on_page.len(),
    };
    Ok((on_page.iter().map(|(_, object)| object.clone()).collect(), end))
}

impl ReadHistory for World {
    async fn list_events(&self, window: EventWindow<'_>) -> Result<EventPage, ProviderError> {
        let history = self.history.borrow();
        let seconds = window.from_s..=window.until_s;
        let within = history.iter().rev().filter(|(_, at_s, _)| seconds.contains(at_s));
        let all: Vec<_> = within.map(|(id, _, raw)| (id.clone(), raw.clone())).collect();
        let (events, end) = page(&all, window.after, window.limit)?;
        Ok(EventPage { events, end })
    }

    async fn list_unpaid(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<UnpaidPage, ProviderError> {
        let invoices = self.invoices.borrow();
        let open = invoices.values().rev().filter(|fact| fact.status == InvoiceStatus::Open);
        let all: Vec<_> = open
            .map(|fact| (fact.id.as_str().to_owned(), (fact.attempt_count, fact.id.clone())))
            .collect();
        let (listed, end) = page(&all, after, limit)?;
        let tried = listed.into_iter().filter(|(attempts, _)| *attempts > 0);
        Ok(UnpaidPage { invoices: tried.map(|(_, id)| (id, customer())).collect(), end })
    }

    async fn list_renewals(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<RenewalPage, ProviderError> {
        let subscriptions = self.subscriptions.borrow();
        let on = |fact: &&SubscriptionFact| fact.status != SubscriptionStatus::Ended;
        let going_on = subscriptions.values().rev().filter(on);
        let all: Vec<_> =
            going_on.map(|fact| (fact.id.as_str().to_owned(), self.renewing(fact))).collect();
        let (cards, end) = page(&all, after, limit)?;
        Ok(RenewalPage { cards: cards.into_iter().flatten().collect(), end })
    }
}

impl ReadEvents for World {
    fn verify(
        &self,
        headers: &HeaderMap,
        raw: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
        webhook::verify(signature, raw, &[Secret::new(WEBHOOK_SECRET)], now)
    }

    fn read_event(&self, raw: &[u8]) -> Result<ProviderEvent, EventError> {
        map::event(raw).map_err(|error| EventError(error.code()))
    }

    fn storable(&self, raw: Vec<u8>) -> Result<String, EventError> {
        map::storable(raw).map_err(|error| EventError(error.code()))
    }

    fn is_live(&self) -> Option<bool> {
        Some(false)
    }
}
