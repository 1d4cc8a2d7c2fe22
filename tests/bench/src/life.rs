//! Lives of accounts, recorded once and played again and again: what the core is asked in a day
//! of work, in the proportions in which it is asked.
//!
//! A life is recorded by living it: alarms ring when they are due, readings come when they are
//! asked for, charges are declined twice and then paid, and the provider tells everything twice
//! and some of it late. So every event in it is one that the core really gets at that moment.

use reprieve_core::account::Account;
use reprieve_core::api::status::MethodSummary;
use reprieve_core::calendar::Zone;
use reprieve_core::case::{Effect, Event, apply};
use reprieve_core::decline::{Decline, RawDecline, stripe};
use reprieve_core::id::{CustomerId, InvoiceId, MerchantId, PaymentMethodId, SubscriptionId};
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::Network;
use reprieve_core::policy::Policy;
use reprieve_core::policy::segment::{Interval, Sector};
use reprieve_core::provider::{
    CardFact, ChargeOutcome, InvoiceFact, InvoiceStatus, MethodFact, Observed, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// When the lives begin: 2 November 2026, 10:00 UTC.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_793_613_600);
/// A life that is not over after so many events would never be.
const EVENTS_MAX: usize = 500;
/// Our charges that the bank refuses before it pays.
const DECLINES: u32 = 2;
/// The provider's own attempts, where it drives; the one after them is paid.
const PROVIDER_TRIES: u32 = 4;

/// What happens to an account, and when.
#[derive(Clone, Debug)]
pub struct Life {
    /// The account before the first event.
    pub account: Account,
    /// The events.
    pub events: Vec<(Event, Timestamp)>,
}

impl Life {
    /// Plays it on an account; how many effects came of it.
    pub fn play(&self, account: &mut Account, policy: &Policy) -> usize {
        let mut effects = 0;
        for (event, now) in &self.events {
            if let Ok(transition) = apply(account, event, *now, policy) {
                effects += transition.effects.len();
            }
        }
        effects
    }

    /// The account in the middle of it: one more invoice is open and has a history.
    #[must_use]
    pub fn half_way(&self, policy: &Policy) -> (Account, Timestamp) {
        let (mut account, mut now) = (self.account.clone(), START);
        for (event, at) in self.events.iter().take(self.events.len() / 2) {
            now = *at;
            let _refused = apply(&mut account, event, now, policy);
        }
        (account, now)
    }

    /// A life in which our ladder charges: `others` invoices of the customer are open and stay so.
    #[must_use]
    pub fn of_our_ladder(policy: &Policy, others: usize) -> Option<Self> {
        Recorder::new(policy, others)?.our_ladder()
    }

    /// A life in which the provider charges by its own schedule.
    #[must_use]
    pub fn of_the_provider(policy: &Policy, others: usize) -> Option<Self> {
        Recorder::new(policy, others)?.the_provider()
    }
}

/// Lives a life and writes it down.
struct Recorder<'a> {
    policy: &'a Policy,
    begins_as: Account,
    account: Account,
    now: Timestamp,
    events: Vec<(Event, Timestamp)>,
    invoice: InvoiceFact,
    others: Vec<InvoiceFact>,
    charges: u32,
}

impl<'a> Recorder<'a> {
    fn new(policy: &'a Policy, others: usize) -> Option<Self> {
        let merchant = MerchantId::parse("acme").ok()?;
        let account = Account::new(merchant, CustomerId::parse("cus_NffrFeUfNV2Hib").ok()?);
        let mut recorder = Self {
            policy,
            begins_as: account.clone(),
            account,
            now: START.plus_ms(-3 * HOUR_MS),
            events: Vec::new(),
            invoice: failed_invoice(0)?,
            others: (1..=others).map(failed_invoice).collect::<Option<_>>()?,
            charges: 0,
        };
        recorder.tell(subscribed()?);
        recorder.tell(Event::ZoneObserved { zone: Zone::named("America/New_York")? });
        for other in recorder.others.clone() {
            recorder.tell(Event::InvoiceObserved { fact: other, observed: Observed::Live });
        }
        // All that was the preparation.
        recorder.begins_as = recorder.account.clone();
        recorder.events.clear();
        recorder.now = START;
        Some(recorder)
    }

    fn tell(&mut self, event: Event) -> Vec<Effect> {
        let done = apply(&mut self.account, &event, self.now, self.policy);
        self.events.push((event, self.now));
        done.map(|transition| transition.effects).unwrap_or_default()
    }

    /// An event of the provider comes twice, and after it one from before it.
    fn told(&mut self, before: Option<InvoiceFact>) {
        let fact = InvoiceFact { decline: None, method: None, ..self.invoice.clone() };
        let event = Event::InvoiceObserved { fact, observed: Observed::ByEvent };
        self.tell(event.clone());
        self.now = self.now.plus_ms(SECOND_MS);
        self.tell(event);
        if let Some(fact) = before {
            self.now = self.now.plus_ms(SECOND_MS);
            self.tell(Event::InvoiceObserved { fact, observed: Observed::ByEvent });
        }
    }

    /// The alarm rings, and what it asks for is done.
    fn ring(&mut self) -> Option<()> {
        self.now = self.account.next_wake()?.max(self.now);
        let mut waiting = self.tell(Event::WakeReached);
        while let Some(effect) = waiting.pop() {
            self.now = self.now.plus_ms(SECOND_MS / 2);
            let event = match effect {
                Effect::ReadInvoice { invoice } => {
                    let all = self.others.iter().chain([&self.invoice]);
                    let fact = all.into_iter().find(|fact| fact.id == invoice)?.clone();
                    Event::InvoiceObserved { fact, observed: Observed::Live }
                }
                Effect::Charge { invoice, attempt } => {
                    let of_this = invoice == self.invoice.id;
                    self.charges += u32::from(of_this);
                    let is_paid = of_this && self.charges > DECLINES;
                    let outcome = if is_paid {
                        self.invoice.status = InvoiceStatus::Paid;
                        ChargeOutcome::Paid
                    } else {
                        ChargeOutcome::Declined { decline: no_money() }
                    };
                    Event::AttemptFinished { invoice, number: attempt.number, outcome }
                }
                Effect::ReadMethods
                | Effect::ReadSubscriptions
                | Effect::Act { .. }
                | Effect::AskAct { .. }
                | Effect::SetDefaults { .. }
                | Effect::Reconcile { .. } => continue,
            };
            waiting.extend(self.tell(event));
        }
        (self.events.len() < EVENTS_MAX).then_some(())
    }

    fn opened(&mut self) {
        self.invoice.attempt_count = 1;
        self.told(None);
    }

    fn is_over(&self) -> bool {
        self.account.cases.get(&self.invoice.id).is_some_and(|case| case.state.is_terminal())
    }

    fn our_ladder(mut self) -> Option<Life> {
        self.opened();
        while !self.is_over() {
            self.ring()?;
        }
        self.paid()
    }

    fn the_provider(mut self) -> Option<Life> {
        for other in &mut self.others {
            other.next_attempt_at = Some(START.plus_ms(60 * DAY_MS));
        }
        self.invoice.next_attempt_at = Some(START.plus_ms(3 * DAY_MS));
        self.opened();
        while self.invoice.attempt_count < PROVIDER_TRIES {
            let next = self.invoice.next_attempt_at?;
            while self.account.next_wake()? <= next {
                self.ring()?;
            }
            self.now = next.plus_ms(MINUTE_MS);
            let before = self.invoice.clone();
            self.invoice.attempt_count += 1;
            self.invoice.next_attempt_at = Some(next.plus_ms(4 * DAY_MS));
            self.told(Some(before));
        }
        self.now = self.invoice.next_attempt_at?;
        self.invoice.status = InvoiceStatus::Paid;
        self.paid()
    }

    /// The provider tells of the money, twice, and of the failure once more.
    fn paid(mut self) -> Option<Life> {
        let before = InvoiceFact { status: InvoiceStatus::Open, ..self.invoice.clone() };
        self.now = self.now.plus_ms(2 * SECOND_MS);
        self.told(Some(before));
        self.is_over().then_some(Life { account: self.begins_as, events: self.events })
    }
}

pub(crate) fn no_money() -> Decline {
    let raw = RawDecline {
        code: Some("card_declined".to_owned()),
        decline_code: Some("insufficient_funds".to_owned()),
        advice_code: Some("try_again_later".to_owned()),
        network_decline_code: Some("51".to_owned()),
        ..RawDecline::default()
    };
    stripe::classify(raw, Network::Visa, START)
}

fn subscribed() -> Option<Event> {
    let fact = SubscriptionFact {
        id: SubscriptionId::parse("sub_1MowQVLkdIwHu7ixeRlqHVzs").ok()?,
        customer: CustomerId::parse("cus_NffrFeUfNV2Hib").ok()?,
        status: SubscriptionStatus::PastDue,
        end_reason: None,
        default_method: PaymentMethodId::parse("pm_1MqLiJLkdIwHu7ixUEgbFdYF").ok(),
        interval: Some(Interval::Month),
        plan: Some(euros(19_00)?),
        sector: Some(Sector::Consumer),
        life: None,
        seen_at: START,
    };
    Some(Event::SubscriptionObserved { fact })
}

pub(crate) fn euros(amount_minor: i64) -> Option<Money> {
    Some(Money { amount_minor, currency: Currency::parse("eur").ok()? })
}

/// Each of another amount, as they are in life.
fn failed_invoice(number: usize) -> Option<InvoiceFact> {
    let amount_minor = 19_00 + i64::try_from(number).ok()?;
    let method = MethodFact {
        id: PaymentMethodId::parse("pm_1MqLiJLkdIwHu7ixUEgbFdYF").ok()?,
        summary: Some(MethodSummary { brand: "visa".to_owned(), last4: "0341".to_owned() }),
        card: Some(CardFact { fingerprint: "mToisGZ01V71BCos".to_owned(), network: Network::Visa }),
    };
    Some(InvoiceFact {
        id: InvoiceId::parse(&format!("in_1MtHbELkdIwHu7ixl4Oz{number:04}")).ok()?,
        customer: CustomerId::parse("cus_NffrFeUfNV2Hib").ok()?,
        subscription: SubscriptionId::parse("sub_1MowQVLkdIwHu7ixeRlqHVzs").ok(),
        status: InvoiceStatus::Open,
        amount_due: euros(amount_minor)?,
        number: Some(format!("84DE1540-{number:04}")),
        description: Some("Pro plan".to_owned()),
        attempt_count: 1,
        next_attempt_at: None,
        decline: Some(no_money()),
        next_method: Some(method.clone()),
        method: Some(method),
        needs_authentication: false,
        is_processing: false,
        region: None,
    })
}
