//! The Account's calls to the provider: each effect is performed, and what was learned comes back
//! as events. Nothing here decides.

use super::leaving;
use crate::log::{Level, line};
use crate::provider::{Capabilities, ErrorKind, OnSession, PayInvoice, Provider, ProviderError};
use reprieve_core::case::{Attempt, Effect, Event, Trigger};
use reprieve_core::id::{CustomerId, InvoiceId, PaymentMethodId, SetupId};
use reprieve_core::idempotency::KEY_LIFETIME_MS;
use reprieve_core::provider::{
    ChargeOutcome, InvoiceFact, InvoiceStatus, Life, Observed, SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::borrow::Cow;

/// Performs one effect. `known_attempts` is the provider's count of attempts on the invoice, where
/// it is about one, as it was known when the effect was decided. `may_go` says whether a charge may
/// still be sent; it is asked in the last moment, because reading the invoice takes time.
pub async fn perform<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    (effect, known_attempts): (&Effect, u32),
    now: fn() -> Timestamp,
    may_go: &dyn Fn() -> bool,
) -> Vec<Event> {
    match effect {
        Effect::ReadMethods => read_methods(provider, customer).await,
        Effect::ReadSubscriptions => read_subscriptions(provider, customer, now).await,
        Effect::ReadInvoice { invoice } => read_invoice(provider, customer, invoice, now).await,
        Effect::SetDefaults { setup, method } => {
            set_defaults(provider, customer, (setup, method), now).await
        }
        Effect::Act { act } => leaving::act(provider, customer, act).await,
        Effect::AskAct { act } => leaving::ask(provider, customer, act).await,
        Effect::Charge { invoice, attempt } if !may_go() => {
            vec![Event::AttemptWithheld { invoice: invoice.clone(), number: attempt.number }]
        }
        Effect::Charge { invoice, attempt } => {
            let sending = Sending::First { known_attempts };
            charge(provider, (invoice, attempt), (sending, may_go), now).await
        }
        Effect::Reconcile { invoice, attempt } => {
            charge(provider, (invoice, attempt), (Sending::Again, may_go), now).await
        }
    }
}

/// The invoice for which a reading shows that the provider means to try again by itself.
pub(super) fn planned_by_provider(event: &Event) -> Option<&InvoiceId> {
    match event {
        Event::InvoiceObserved { fact, observed: Observed::Live }
            if fact.status == InvoiceStatus::Open
                && fact.attempt_count > 0
                && fact.next_attempt_at.is_some() =>
        {
            Some(&fact.id)
        }
        _ => None,
    }
}

/// A fact as far as the provider carries it: what it cannot do is offered to nobody.
pub(super) fn within(event: &Event, can: Capabilities) -> Cow<'_, Event> {
    let Event::SubscriptionObserved { fact } = event else { return Cow::Borrowed(event) };
    let says = fact.life.as_ref().map(|life| life.can_pause);
    let Some(can_pause) = says.map(|says| can.pause_of(says)).filter(|can| Some(*can) != says)
    else {
        return Cow::Borrowed(event);
    };
    let life = fact.life.clone().map(|life| Life { can_pause, ..life });
    Cow::Owned(Event::SubscriptionObserved { fact: SubscriptionFact { life, ..fact.clone() } })
}

/// By how much our clock and the provider's may differ, and the seconds that it rounds off.
const CLOCKS_DIFFER_MS: i64 = 5 * SECOND_MS;

/// From when a reading is, on the provider's clock: an event of the same moment is not older.
pub(super) fn read_as_of(now: Timestamp) -> Timestamp {
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
    let mut events = read_subscriptions(provider, customer, now).await;
    events.push(Event::InvoiceObserved { fact, observed: Observed::Live });
    events
}

async fn read_subscriptions<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    now: fn() -> Timestamp,
) -> Vec<Event> {
    match provider.list_subscriptions(customer, read_as_of(now())).await {
        Ok(facts) => facts.into_iter().map(|fact| Event::SubscriptionObserved { fact }).collect(),
        Err(error) => {
            report("subscriptions could not be read", customer.as_str(), &error);
            Vec::new()
        }
    }
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
            if !matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound) {
                return vec![Event::DefaultsFailed { setup: setup.clone() }];
            }
            vec![instead(provider, setup, method).await]
        }
    }
}

/// The event of a set-up names the method that the customer used. Where that one is good for a
/// single payment (iDEAL), the provider refuses it, and only a reading of the set-up names the
/// direct debit that came out of it.
async fn instead<P: Provider>(provider: &P, setup: &SetupId, method: &PaymentMethodId) -> Event {
    let refused = || Event::DefaultsRefused { setup: setup.clone() };
    let fact = match provider.read_setup(setup).await {
        Ok(fact) => fact,
        Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound) => {
            return refused();
        }
        Err(_) => return Event::DefaultsFailed { setup: setup.clone() },
    };
    match fact.method.filter(|made| made != method) {
        Some(method) => Event::MethodCollected { setup: setup.clone(), method, card: fact.card },
        None => refused(),
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

/// How long before an attempt that the provider has planned no charge of ours is sent: two engines
/// never work on one invoice at the same time. Longer than the slowest exchange, and the clocks may
/// differ.
pub const RACE_BEFORE_MS: i64 = MINUTE_MS;
/// How long after it the provider may still be at work. A plan that lies further back stays only on
/// paper: Stripe keeps the dates of attempts that it does not send
/// (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>, read 2026-11).
pub const RACE_AFTER_MS: i64 = 2 * MINUTE_MS;

/// Which sending of a charge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    /// Nobody has sent it yet, and so many attempts of the provider were known when it was decided.
    First { known_attempts: u32 },
    /// It may have been sent: nobody knows how it ended.
    Again,
}

/// What the live invoice says to a charge.
enum Go {
    Send,
    /// Another engine is at work, or about to be: ask again soon.
    Wait,
    /// Not under these circumstances, or not any more: it is thought about anew.
    Drop,
    /// It arrived, and the bank takes its time.
    Processing,
    /// The invoice needs no charge; the reading says why.
    Settled,
}

/// Pays, or finds out how a payment ended. The live invoice is read first, whoever wanted the
/// charge: it may be paid already, and the provider may be about to try. Sent again under the same
/// key, the request either brings the stored answer or makes the charge that never arrived; after
/// the provider has forgotten the key, an invoice that is still open was not paid by this attempt.
async fn charge<P: Provider>(
    provider: &P,
    (invoice, attempt): (&InvoiceId, &Attempt),
    (sending, may_go): (Sending, &dyn Fn() -> bool),
    now: fn() -> Timestamp,
) -> Vec<Event> {
    let number = attempt.number;
    let fact = match provider.read_invoice(invoice).await {
        Ok(fact) => fact,
        Err(error) => {
            report("an invoice could not be read before its charge", invoice.as_str(), &error);
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
    let can = provider.capabilities();
    // Two engines on one invoice: it tries by its schedule, or because of the new card. In that
    // case it has its minute, and what it left open then is ours.
    let collects = sending != Sending::Again && can.collects_after(attempt.trigger);
    let races = collects || (can.owns_retry && is_near(&fact, now()));
    let go = go(&fact, attempt, (sending, races), now());
    let mut events = vec![Event::InvoiceObserved { fact, observed: Observed::Live }];
    let invoice = invoice.clone();
    match go {
        // Somebody left while the invoice was read. What may have been sent before stays unknown.
        Go::Send if !may_go() => events.push(match sending {
            Sending::First { .. } => Event::AttemptWithheld { invoice, number },
            Sending::Again => Event::AttemptUnknown { invoice, number },
        }),
        Go::Send => events.push(send(provider, (&invoice, attempt), sending).await),
        Go::Wait => events.push(Event::AttemptUnknown { invoice, number }),
        Go::Drop => events.push(Event::AttemptLapsed { invoice, number }),
        Go::Processing => {
            let outcome = ChargeOutcome::Processing;
            events.push(Event::AttemptFinished { invoice, number, outcome });
        }
        Go::Settled => {}
    }
    events
}

fn is_near(fact: &InvoiceFact, now: Timestamp) -> bool {
    fact.next_attempt_at.is_some_and(|at| {
        let ahead_ms = at.since_ms(now);
        (-RACE_AFTER_MS..=RACE_BEFORE_MS).contains(&ahead_ms)
    })
}

fn go(
    fact: &InvoiceFact,
    attempt: &Attempt,
    (sending, races): (Sending, bool),
    now: Timestamp,
) -> Go {
    let is_first = sending != Sending::Again;
    match fact.status {
        InvoiceStatus::Open => {}
        // Cannot be paid: the first sending is refused and thought about anew.
        InvoiceStatus::Draft if is_first => return Go::Drop,
        _ => return Go::Settled,
    }
    if fact.is_processing {
        // Somebody pays it already, and the bank takes its time. If that is this very charge, the
        // invoice will say how it ended.
        return if is_first { Go::Drop } else { Go::Processing };
    }
    if now.since_ms(attempt.started_at) >= KEY_LIFETIME_MS {
        return Go::Drop;
    }
    if attempt.trigger == Trigger::Schedule
        && let Sending::First { known_attempts } = sending
    {
        // The ladder did not know of what the provider did or is about to do.
        return if races || fact.attempt_count > known_attempts { Go::Drop } else { Go::Send };
    }
    // A customer who is there waits for a minute rather than for a refusal: the attempt of the
    // provider may pay, and with a new card it pays with that one.
    if races { Go::Wait } else { Go::Send }
}

async fn send<P: Provider>(
    provider: &P,
    (invoice, attempt): (&InvoiceId, &Attempt),
    sending: Sending,
) -> Event {
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
                // A refusal of the second sending says nothing about the first one.
                ErrorKind::Refused if sending == Sending::Again => {
                    Event::AttemptUnknown { invoice, number }
                }
                // The provider took nothing: the live invoice says what is possible now.
                ErrorKind::Refused | ErrorKind::Spent => Event::AttemptLapsed { invoice, number },
                ErrorKind::Unknown | ErrorKind::RateLimited { .. } => {
                    Event::AttemptUnknown { invoice, number }
                }
            }
        }
    }
}

pub(super) fn report(message: &str, subject: &str, error: &ProviderError) {
    line(Level::Warn, message, &[("subject", subject), ("error", &error.to_string())]);
}

#[cfg(test)]
mod tests;
