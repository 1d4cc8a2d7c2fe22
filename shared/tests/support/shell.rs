//! The edge in small: performs an effect at the fake provider and brings back what was learned,
//! over a wire that loses things.

use super::acts;
use super::provider::FakeProvider;
use reprieve_core::case::{Attempt, Effect, Event};
use reprieve_core::id::{InvoiceId, PaymentMethodId, SetupId};
use reprieve_core::idempotency::KEY_LIFETIME_MS;
use reprieve_core::provider::Observed;
use reprieve_core::time::Timestamp;

/// What happens to one call to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// It arrives, and so does its answer.
    Up,
    /// It does not arrive; the caller learns that there is no answer.
    LostBefore,
    /// It arrives; the answer is lost, and the caller learns that there is none.
    LostAfter,
    /// The process dies before it calls: nothing happens and nobody learns anything.
    CrashBefore,
    /// The process dies after it called: it happens and nobody learns anything.
    CrashAfter,
}

impl Wire {
    pub(crate) const fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }

    pub(crate) const fn arrives(self) -> bool {
        matches!(self, Self::Up | Self::LostAfter | Self::CrashAfter)
    }
}

/// Performs one effect. Nothing comes back from a process that died.
pub(crate) fn perform(
    provider: &mut FakeProvider,
    effect: &Effect,
    wire: Wire,
    now: Timestamp,
) -> Vec<Event> {
    let events = match effect {
        Effect::ReadSubscriptions => acts::subscriptions(provider, wire),
        Effect::Act { act } => acts::perform(provider, act, wire),
        Effect::AskAct { act } => vec![acts::ask(provider, act, wire)],
        Effect::ReadMethods => vec![provider.methods_seen()],
        Effect::ReadInvoice { invoice } => vec![read(provider, invoice, wire)],
        Effect::SetDefaults { setup, method } => set_defaults(provider, setup, method, wire),
        Effect::Charge { invoice, attempt } => vec![charge(provider, invoice, attempt, wire, now)],
        Effect::Reconcile { invoice, attempt } => reconcile(provider, invoice, attempt, wire, now),
    };
    if wire.is_crash() { Vec::new() } else { events }
}

fn read(provider: &FakeProvider, invoice: &InvoiceId, wire: Wire) -> Event {
    if wire == Wire::Up && provider.invoices.contains_key(invoice) {
        provider.invoice_seen(invoice, Observed::Live)
    } else {
        Event::InvoiceReadFailed { invoice: invoice.clone() }
    }
}

fn set_defaults(
    provider: &mut FakeProvider,
    setup: &SetupId,
    method: &PaymentMethodId,
    wire: Wire,
) -> Vec<Event> {
    if wire.arrives() {
        provider.set_defaults(method);
    }
    if wire != Wire::Up {
        return vec![Event::DefaultsFailed { setup: setup.clone() }];
    }
    let subscriptions = provider.subscriptions.keys().map(|id| provider.subscription_seen(id));
    let open = provider.invoices.keys().filter(|id| provider.is_open(id));
    let invoices = open.map(|id| provider.invoice_seen(id, Observed::Live));
    let set = Event::DefaultsSet { setup: setup.clone() };
    subscriptions.chain(invoices).chain([set]).collect()
}

fn charge(
    provider: &mut FakeProvider,
    invoice: &InvoiceId,
    attempt: &Attempt,
    wire: Wire,
    now: Timestamp,
) -> Event {
    let (id, number) = (invoice.clone(), attempt.number);
    let outcome = wire.arrives().then(|| provider.pay(invoice, attempt, now));
    match outcome {
        Some(outcome) if wire == Wire::Up => {
            Event::AttemptFinished { invoice: id, number, outcome }
        }
        _ => Event::AttemptUnknown { invoice: id, number },
    }
}

fn reconcile(
    provider: &mut FakeProvider,
    invoice: &InvoiceId,
    attempt: &Attempt,
    wire: Wire,
    now: Timestamp,
) -> Vec<Event> {
    let number = attempt.number;
    if !wire.arrives() || !provider.invoices.contains_key(invoice) {
        return vec![Event::AttemptUnknown { invoice: invoice.clone(), number }];
    }
    let mut events = vec![provider.invoice_seen(invoice, Observed::Live)];
    if provider.is_open(invoice) {
        let forgotten = now.since_ms(attempt.started_at) >= KEY_LIFETIME_MS;
        events.push(if forgotten {
            Event::AttemptLapsed { invoice: invoice.clone(), number }
        } else {
            charge(provider, invoice, attempt, wire, now)
        });
    }
    events
}
