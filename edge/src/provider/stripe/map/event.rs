//! Events: which ones are read, and whose they are.

use super::MapError;
use crate::provider::event::{Fact, ProviderEvent};
use crate::provider::stripe::types;
use reprieve_core::id::{CustomerId, EventId, PaymentMethodId};
use reprieve_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The longest name of an event, in bytes; a longer one is not Stripe's.
pub const KIND_BYTES_MAX: usize = 100;
/// The field that is never kept.
const CLIENT_SECRET: &str = "client_secret";

/// What an event's object tells us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The state of an invoice.
    Invoice,
    /// The same, and that the bank wants to see the customer.
    InvoiceAction,
    /// The state of a subscription.
    Subscription,
    /// A finished set-up; acted on only if it is one of ours.
    Setup,
    /// A card that its network replaced.
    MethodRenewed,
    /// A method that somebody changed.
    MethodChanged,
    /// A customer, who may have another default method.
    Customer,
    /// A customer who is no more.
    CustomerDeleted,
    /// Only whose event it is: recorded, not acted on.
    Recorded,
}

/// Every event that the webhook endpoint subscribes to, with what is read from it. An event that is
/// not here is recorded like the last kind. Names: Stripe's event types, 2026-10-28.
///
/// A method that is only attached is charged by nobody, and one that is detached by nobody any
/// more: both are recorded, because every automatic charge follows a fresh reading.
#[rustfmt::skip]
pub const EVENTS: &[(&str, Reading)] = &[
    ("charge.dispute.created",              Reading::Recorded),
    ("charge.refunded",                     Reading::Recorded),
    ("customer.deleted",                    Reading::CustomerDeleted),
    ("customer.source.expiring",            Reading::Recorded),
    ("customer.subscription.created",       Reading::Subscription),
    ("customer.subscription.deleted",       Reading::Subscription),
    ("customer.subscription.paused",        Reading::Subscription),
    ("customer.subscription.resumed",       Reading::Subscription),
    ("customer.subscription.trial_will_end", Reading::Recorded),
    ("customer.subscription.updated",       Reading::Subscription),
    ("customer.updated",                    Reading::Customer),
    ("invoice.finalization_failed",         Reading::Recorded),
    ("invoice.finalized",                   Reading::Invoice),
    ("invoice.marked_uncollectible",        Reading::Invoice),
    ("invoice.overdue",                     Reading::Recorded),
    ("invoice.paid",                        Reading::Invoice),
    ("invoice.payment_action_required",     Reading::InvoiceAction),
    ("invoice.payment_attempt_required",    Reading::Recorded),
    ("invoice.payment_failed",              Reading::Invoice),
    ("invoice.payment_succeeded",           Reading::Invoice),
    ("invoice.upcoming",                    Reading::Recorded),
    ("invoice.updated",                     Reading::Invoice),
    ("invoice.voided",                      Reading::Invoice),
    ("invoice.will_be_due",                 Reading::Recorded),
    ("invoice_payment.paid",                Reading::Recorded),
    ("mandate.updated",                     Reading::Recorded),
    ("payment_intent.payment_failed",       Reading::Recorded),
    ("payment_intent.requires_action",      Reading::Recorded),
    ("payment_intent.succeeded",            Reading::Recorded),
    ("payment_method.attached",             Reading::Recorded),
    ("payment_method.automatically_updated", Reading::MethodRenewed),
    ("payment_method.detached",             Reading::Recorded),
    ("payment_method.updated",              Reading::MethodChanged),
    ("setup_intent.requires_action",        Reading::Recorded),
    ("setup_intent.setup_failed",           Reading::Recorded),
    ("setup_intent.succeeded",              Reading::Setup),
    ("test_helpers.test_clock.ready",       Reading::Recorded),
];

/// Reads the raw body of an event. An object that we act on and cannot read is an error, so that
/// Stripe keeps the event and a person sees it; one with a status unknown to us, or an invoice of
/// nobody, is recorded without a fact.
pub fn event(raw: &[u8]) -> Result<ProviderEvent, MapError> {
    let event: types::Event = serde_json::from_slice(raw).map_err(|_| MapError::Shape)?;
    let named = (1..=KIND_BYTES_MAX).contains(&event.kind.len());
    if !named || !event.data.object.is_object() {
        return Err(MapError::Shape);
    }
    let customer = customer_of(&event.kind, &event.data);
    let charge = match customer {
        Some(_) => None,
        None => charge_of(&event.data.object),
    };
    let created_at = Timestamp::from_seconds(event.created);
    Ok(ProviderEvent {
        id: EventId::parse(&event.id)?,
        created_at,
        is_live: event.livemode,
        account: event.account.map(|account| super::cut(account, KIND_BYTES_MAX)),
        customer,
        charge,
        fact: read_fact(&event.kind, &event.data, created_at)?,
        kind: event.kind,
    })
}

/// The body as it may be kept: without client secrets. Stripe writes them into events of intents,
/// and whoever has one can act on the customer's behalf, so they are neither stored nor logged.
/// Addresses hold them too: of the bank's own page (`next_action.redirect_to_url`,
/// <https://docs.stripe.com/api/payment_intents/object>, read 2026-11) and back from it.
pub fn storable(raw: Vec<u8>) -> Result<String, MapError> {
    let raw = String::from_utf8(raw).map_err(|_| MapError::Shape)?;
    if !raw.contains(CLIENT_SECRET) {
        return Ok(raw);
    }
    let mut body: Value = serde_json::from_str(&raw).map_err(|_| MapError::Shape)?;
    forget_secrets(&mut body);
    Ok(body.to_string())
}

/// The depth is bounded by the parser, which refuses more than 128 levels.
fn forget_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if name == CLIENT_SECRET {
                    *field = Value::Null;
                } else {
                    forget_secrets(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(forget_secrets),
        Value::String(text) if text.contains(CLIENT_SECRET) => *value = Value::Null,
        _ => {}
    }
}

/// What is read from events of this name.
#[must_use]
pub fn reading_of(kind: &str) -> Reading {
    EVENTS.iter().find(|(name, _)| *name == kind).map_or(Reading::Recorded, |(_, reading)| *reading)
}

fn read_fact(
    kind: &str,
    data: &types::EventData,
    created_at: Timestamp,
) -> Result<Option<Fact>, MapError> {
    let object = &data.object;
    let fact = match reading_of(kind) {
        Reading::Recorded => return Ok(None),
        Reading::Customer => return Ok(changed_default(data)),
        Reading::CustomerDeleted => return Ok(Some(Fact::CustomerDeleted)),
        Reading::MethodChanged => return Ok(Some(Fact::MethodsChanged(None))),
        Reading::MethodRenewed => {
            let method = types::PaymentMethod::deserialize(object).map_err(|_| MapError::Shape)?;
            Ok(Fact::MethodsChanged(super::method_fact(&method)))
        }
        Reading::Setup => {
            let setup = types::SetupIntent::deserialize(object).map_err(|_| MapError::Shape)?;
            let mark = setup.metadata.as_ref().and_then(|mark| mark.reprieve_merchant.clone());
            super::setup(&setup).map(|fact| Fact::Setup(fact, mark))
        }
        Reading::Subscription => {
            let object = types::Subscription::deserialize(object).map_err(|_| MapError::Shape)?;
            super::subscription(&object, created_at).map(Fact::Subscription)
        }
        reading @ (Reading::Invoice | Reading::InvoiceAction) => {
            let object = types::Invoice::deserialize(object).map_err(|_| MapError::Shape)?;
            super::invoice(&object, created_at).map(|mut fact| {
                fact.needs_authentication |= reading == Reading::InvoiceAction;
                Fact::Invoice(fact)
            })
        }
    };
    match fact {
        Ok(fact) => Ok(Some(fact)),
        Err(MapError::Status | MapError::NoCustomer) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The new default, if that is what changed.
fn changed_default(data: &types::EventData) -> Option<Fact> {
    const DEFAULT: &str = "/invoice_settings/default_payment_method";
    data.previous_attributes.pointer(DEFAULT)?;
    let method = PaymentMethodId::parse(id_of(data.object.pointer(DEFAULT)?)?).ok()?;
    Some(Fact::DefaultChanged(method))
}

/// The customer named by the object, or the customer that the object is. A detached payment method
/// names its customer only among the previous values.
fn customer_of(kind: &str, data: &types::EventData) -> Option<CustomerId> {
    let object = &data.object;
    let is_customer = kind.starts_with("customer.")
        && object.get("object").and_then(Value::as_str) == Some("customer");
    let itself = if is_customer { object.get("id") } else { None };
    [object.get("customer"), itself, data.previous_attributes.get("customer")]
        .into_iter()
        .flatten()
        .find_map(|reference| CustomerId::parse(id_of(reference)?).ok())
}

/// Written like an id, so that it can be asked for.
fn charge_of(object: &Value) -> Option<String> {
    let charge = id_of(object.get("charge")?)?;
    EventId::parse(charge).ok().map(String::from)
}

fn id_of(reference: &Value) -> Option<&str> {
    reference.as_str().or_else(|| reference.get("id")?.as_str())
}

#[cfg(test)]
mod tests;
