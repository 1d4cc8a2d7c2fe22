//! Subscriptions as the janitor looks at them: which card each is charged with next.

use super::super::types::{Expandable, Renewal};
use super::summary;
use crate::provider::RenewingCard;
use reprieve_core::id::{CustomerId, PaymentMethodId};
use reprieve_core::provider::CardExpiry;

/// The card that a subscription is charged with next. `None`: it is charged with something else, by
/// invoice, or not again.
pub(in super::super) fn renewing_card(subscription: &Renewal) -> Option<RenewingCard> {
    let by_card = subscription.collection_method.as_deref() == Some("charge_automatically");
    let goes_on = !subscription.cancel_at_period_end
        && matches!(subscription.status.as_deref(), Some("active" | "trialing" | "past_due"));
    if !by_card || !goes_on {
        return None;
    }
    let of_customer = || match &subscription.customer {
        Expandable::Object(customer) => {
            customer.invoice_settings.as_ref()?.default_payment_method.as_ref()
        }
        Expandable::Id(_) => None,
    };
    let default = subscription.default_payment_method.as_ref().or_else(of_customer)?;
    let Expandable::Object(method) = default else { return None };
    let card = method.card.as_ref()?;
    let year = i16::try_from(card.exp_year?).ok()?;
    let month = u8::try_from(card.exp_month?).ok()?;
    Some(RenewingCard {
        customer: CustomerId::parse(subscription.customer.id()).ok()?,
        method: PaymentMethodId::parse(&method.id).ok()?,
        summary: summary(method),
        expiry: CardExpiry { year, month },
    })
}
