//! The Account's calls to the provider: each effect is performed, and what was learned comes back
//! as events. Nothing here decides.

use crate::log::{Level, line};
use crate::provider::{ErrorKind, OnSession, PayInvoice, Provider, ProviderError};
use reprieve_core::case::{Attempt, Effect, Event};
use reprieve_core::id::{CustomerId, InvoiceId, PaymentMethodId, SetupId};
use reprieve_core::idempotency::KEY_LIFETIME_MS;
use reprieve_core::provider::{
    ChargeOutcome, InvoiceStatus, Observed, SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::time::{SECOND_MS, Timestamp};

/// Performs one effect.
pub async fn perform<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    effect: &Effect,
    now: fn() -> Timestamp,
) -> Vec<Event> {
    match effect {
        Effect::ReadMethods => read_methods(provider, customer).await,
        Effect::ReadInvoice { invoice } => read_invoice(provider, customer, invoice, now).await,
        Effect::SetDefaults { setup, method } => {
            set_defaults(provider, customer, (setup, method), now).await
        }
        Effect::Charge { invoice, attempt } => vec![charge(provider, invoice, attempt).await],
        Effect::Reconcile { invoice, attempt } => reconcile(provider, invoice, attempt, now).await,
    }
}

/// By how much our clock and the provider's may differ, and the seconds that it rounds off.
const CLOCKS_DIFFER_MS: i64 = 5 * SECOND_MS;

/// From when a reading is, on the provider's clock: an event of the same moment is not older.
fn read_as_of(now: Timestamp) -> Timestamp {
    now.plus_ms(-CLOCKS_DIFFER_MS)
}

/// What the customer has on file, for the day on which another card is charged. Without an answer
/// what was known before holds.
async fn read_methods<P: Provider>(provider: &P, customer: &CustomerId) -> Vec<Event> {
    match provider.list_methods(customer).await {
        Ok(methods) => vec![Event::MethodsObserved { methods }],
        Err(error) => {
            report("the cards on file could not be read", customer.as_str(), &error);
            Vec::new()
        }
    }
}

/// Reads the invoice and, with it, the subscriptions: an event that says that one ended, paused or
/// went on may have been lost, and a cancelled customer must not be asked to pay.
async fn read_invoice<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    invoice: &InvoiceId,
    now: fn() -> Timestamp,
) -> Vec<Event> {
    let fact = match provider.read_invoice(invoice).await {
        Ok(fact) => fact,
        Err(error) => {
            report("an invoice could not be read", invoice.as_str(), &error);
            return vec![Event::InvoiceReadFailed { invoice: invoice.clone() }];
        }
    };
    let mut events = Vec::new();
    match provider.list_subscriptions(customer, read_as_of(now())).await {
        Ok(facts) => {
            events.extend(facts.into_iter().map(|fact| Event::SubscriptionObserved { fact }));
        }
        Err(error) => report("subscriptions could not be read", customer.as_str(), &error),
    }
    events.push(Event::InvoiceObserved { fact, observed: Observed::Live });
    events
}

/// The customer's default alone changes nothing for a subscription with a method of its own: Stripe
/// looks there first (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>). So every
/// subscription that can still be charged gets it, and then everything open is read, also what no
/// event ever told us of.
async fn set_defaults<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    (setup, method): (&SetupId, &PaymentMethodId),
    now: fn() -> Timestamp,
) -> Vec<Event> {
    match defaults_and_facts(provider, customer, method, now).await {
        Ok(mut events) => {
            events.push(Event::DefaultsSet { setup: setup.clone() });
            events
        }
        Err(error) => {
            report("the default method could not be set everywhere", customer.as_str(), &error);
            let setup = setup.clone();
            let refused = matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound);
            vec![if refused {
                Event::DefaultsRefused { setup }
            } else {
                Event::DefaultsFailed { setup }
            }]
        }
    }
}

async fn defaults_and_facts<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    method: &PaymentMethodId,
    now: fn() -> Timestamp,
) -> Result<Vec<Event>, ProviderError> {
    provider.set_customer_default(customer, method).await?;
    let mut events = Vec::new();
    for mut fact in provider.list_subscriptions(customer, read_as_of(now())).await? {
        let chargeable = fact.status != SubscriptionStatus::Ended;
        if chargeable && fact.default_method.as_ref() != Some(method) {
            set_subscription_default(provider, &fact, method).await?;
            fact.default_method = Some(method.clone());
        }
        events.push(Event::SubscriptionObserved { fact });
    }
    for fact in provider.list_open_invoices(customer).await? {
        events.push(Event::InvoiceObserved { fact, observed: Observed::Live });
    }
    Ok(events)
}

/// One subscription that refuses (it ended a moment ago, a schedule owns it) must not keep the
/// customer from paying the others.
async fn set_subscription_default<P: Provider>(
    provider: &P,
    fact: &SubscriptionFact,
    method: &PaymentMethodId,
) -> Result<(), ProviderError> {
    match provider.set_subscription_default(&fact.id, method).await {
        Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound) => {
            report("a subscription refused the new default method", fact.id.as_str(), &error);
            Ok(())
        }
        other => other,
    }
}

async fn charge<P: Provider>(provider: &P, invoice: &InvoiceId, attempt: &Attempt) -> Event {
    let on_session = if attempt.trigger.is_on_session() { OnSession::Yes } else { OnSession::No };
    let pay =
        PayInvoice { invoice, method: attempt.method.as_ref(), on_session, key: &attempt.key };
    let (invoice, number) = (invoice.clone(), attempt.number);
    match provider.pay_invoice(pay).await {
        Ok(outcome) => Event::AttemptFinished { invoice, number, outcome },
        Err(error) => {
            report("a charge has no outcome yet", invoice.as_str(), &error);
            match error.kind {
                ErrorKind::NotFound => {
                    Event::AttemptFinished { invoice, number, outcome: ChargeOutcome::Closed }
                }
                // The provider took nothing: the live invoice says what is possible now.
                ErrorKind::Refused => Event::AttemptLapsed { invoice, number },
                ErrorKind::Unknown | ErrorKind::RateLimited { .. } => {
                    Event::AttemptUnknown { invoice, number }
                }
            }
        }
    }
}

/// How did it end? The live invoice knows whether it is paid. If it is not, the same request under
/// the same key either brings the stored answer or makes the charge that never arrived; after the
/// provider has forgotten the key, an invoice that is still open was not paid by this attempt.
async fn reconcile<P: Provider>(
    provider: &P,
    invoice: &InvoiceId,
    attempt: &Attempt,
    now: fn() -> Timestamp,
) -> Vec<Event> {
    let number = attempt.number;
    let fact = match provider.read_invoice(invoice).await {
        Ok(fact) => fact,
        Err(error) => {
            report("an unknown charge could not be checked", invoice.as_str(), &error);
            let invoice = invoice.clone();
            return vec![match error.kind {
                // There is no such invoice: nothing can have been paid.
                ErrorKind::NotFound => {
                    Event::AttemptFinished { invoice, number, outcome: ChargeOutcome::Closed }
                }
                _ => Event::AttemptUnknown { invoice, number },
            }];
        }
    };
    let open = fact.status == InvoiceStatus::Open;
    let mut events = vec![Event::InvoiceObserved { fact, observed: Observed::Live }];
    if open {
        let forgotten = now().since_ms(attempt.started_at) >= KEY_LIFETIME_MS;
        events.push(if forgotten {
            Event::AttemptLapsed { invoice: invoice.clone(), number }
        } else {
            send_again(provider, invoice, attempt).await
        });
    }
    events
}

/// A refusal of the second sending says nothing about the first one.
async fn send_again<P: Provider>(provider: &P, invoice: &InvoiceId, attempt: &Attempt) -> Event {
    match charge(provider, invoice, attempt).await {
        Event::AttemptLapsed { invoice, number } => Event::AttemptUnknown { invoice, number },
        other => other,
    }
}

fn report(message: &str, subject: &str, error: &ProviderError) {
    line(Level::Warn, message, &[("subject", subject), ("error", &error.to_string())]);
}
