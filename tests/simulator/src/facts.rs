//! Every fact that the core is told is made here, so that a change of the core's words is a change
//! of one file.

use crate::codes::Codes;
use crate::hidden::Hidden;
use crate::issuer::Card;
use crate::provider::{Invoice, Provider};
use reprieve_core::account::Account;
use reprieve_core::api::status::MethodSummary;
use reprieve_core::calendar::Zone;
use reprieve_core::campaign::{Address, Beside, Channel, ChannelFacts, Consent};
use reprieve_core::case::Event;
use reprieve_core::decline::{Category, Decline, RawDecline, stripe};
use reprieve_core::id::{
    CustomerId, IdError, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::Network;
use reprieve_core::policy::segment::{Country, SegmentFacts};
use reprieve_core::provider::{
    CardFact, EndReason, InvoiceFact, InvoiceStatus, MethodFact, Observed, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::Timestamp;

/// The names of one customer's things.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) merchant: MerchantId,
    pub(crate) customer: CustomerId,
    pub(crate) subscription: SubscriptionId,
}

impl Names {
    pub(crate) fn of(number: u64) -> Result<Self, IdError> {
        Ok(Self {
            merchant: MerchantId::parse("m")?,
            customer: CustomerId::parse(&format!("cus_{number}"))?,
            subscription: SubscriptionId::parse(&format!("sub_{number}"))?,
        })
    }

    pub(crate) fn account(&self) -> Account {
        Account::new(self.merchant.clone(), self.customer.clone())
    }
}

pub(crate) fn invoice_id(number: u64, renewal: u64) -> Result<InvoiceId, IdError> {
    InvoiceId::parse(&format!("in_{number}_{renewal}"))
}

pub(crate) fn setup_id(card: u32) -> Result<SetupId, IdError> {
    SetupId::parse(&format!("seti_{card}"))
}

/// The updated card has the method of the original: the provider changes what is behind it.
pub(crate) fn method_id(card: Card) -> Result<PaymentMethodId, IdError> {
    match card {
        Card::Original | Card::Updated => PaymentMethodId::parse("pm_0"),
        Card::New(number) => PaymentMethodId::parse(&format!("pm_{number}")),
    }
}

/// The card behind a method; what is unknown is the first.
pub(crate) fn card_of(method: &PaymentMethodId, first: Card) -> Card {
    let number = method.as_str().strip_prefix("pm_").and_then(|text| text.parse().ok());
    match number {
        None | Some(0) => first,
        Some(number) => Card::New(number),
    }
}

pub(crate) fn money(amount_minor: i64) -> Option<Money> {
    let currency = Currency::parse("eur").ok()?;
    Some(Money { amount_minor, currency })
}

/// A no as the core takes it.
pub(crate) fn decline(codes: Codes, network: Network, at: Timestamp) -> Decline {
    // One charge a millisecond is more than anybody has here.
    let charge = Some(format!("ch_{}", at.as_ms()));
    stripe::classify(RawDecline { charge, ..codes.raw() }, network, at)
}

/// Whether the bank asks for the customer.
pub(crate) fn needs_customer(decline: &Decline) -> bool {
    decline.category == Category::AuthenticationRequired
}

/// How the invoice looks now. Events carry no payment details, readings do.
pub(crate) fn invoice(
    hidden: &Hidden<'_>,
    names: &Names,
    provider: &Provider,
    invoice: &Invoice,
    observed: Observed,
) -> Event {
    let live = observed == Observed::Live;
    let open = invoice.status == InvoiceStatus::Open;
    let codes = invoice.codes.filter(|_| live && open);
    let refused = codes.map(|codes| decline(codes, hidden.network, invoice.tried_at));
    let waits = refused.as_ref().is_some_and(needs_customer);
    let fact = InvoiceFact {
        id: invoice.id.clone(),
        customer: names.customer.clone(),
        subscription: Some(names.subscription.clone()),
        status: invoice.status,
        amount_due: invoice.due,
        number: None,
        description: None,
        attempt_count: invoice.provider_attempts,
        next_attempt_at: None,
        decline: refused,
        method: live.then(|| method(hidden, provider.behind(invoice.charged))).flatten(),
        next_method: live.then(|| method(hidden, provider.default)).flatten(),
        needs_authentication: waits,
        is_processing: false,
        region: Country::parse(hidden.country),
    };
    Event::InvoiceObserved { fact, observed }
}

fn method(hidden: &Hidden<'_>, card: Card) -> Option<MethodFact> {
    let brand = hidden.network.as_str().to_owned();
    let summary = Some(MethodSummary { brand, last4: "4242".to_owned() });
    Some(MethodFact { id: method_id(card).ok()?, summary, card: Some(card_fact(hidden, card)) })
}

/// Three cards are three numbers, whatever the method is called.
fn card_fact(hidden: &Hidden<'_>, card: Card) -> CardFact {
    let fingerprint = match card {
        Card::Original => "card_a".to_owned(),
        Card::Updated => "card_b".to_owned(),
        Card::New(number) => format!("card_new_{number}"),
    };
    CardFact { fingerprint, network: hidden.network }
}

/// What is on file: only the default.
pub(crate) fn methods(hidden: &Hidden<'_>, provider: &Provider) -> Event {
    Event::MethodsObserved { methods: method(hidden, provider.default).into_iter().collect() }
}

/// How the subscription looks now.
pub(crate) fn subscription(
    hidden: &Hidden<'_>,
    names: &Names,
    provider: &Provider,
    now: Timestamp,
) -> Event {
    let ended = provider.ended_at.is_some();
    let owes = provider.invoices.iter().any(|invoice| invoice.status == InvoiceStatus::Open);
    let fact = SubscriptionFact {
        id: names.subscription.clone(),
        customer: names.customer.clone(),
        status: match (ended, owes) {
            (true, _) => SubscriptionStatus::Ended,
            (false, true) => SubscriptionStatus::PastDue,
            (false, false) => SubscriptionStatus::Active,
        },
        end_reason: ended.then_some(EndReason::Requested),
        default_method: method_id(provider.default).ok(),
        interval: Some(hidden.interval),
        plan: money(hidden.amount_minor),
        sector: Some(hidden.world.sector),
        life: None,
        seen_at: now,
    };
    Event::SubscriptionObserved { fact }
}

/// The customer finished the set-up of a new card.
pub(crate) fn collected(hidden: &Hidden<'_>, card: u32) -> Result<Event, IdError> {
    let (setup, method) = (setup_id(card)?, method_id(Card::New(card))?);
    let card = Some(card_fact(hidden, Card::New(card)));
    Ok(Event::MethodCollected { setup, method, card })
}

/// The clock on the customer's wall.
pub(crate) fn zone(hidden: &Hidden<'_>) -> Event {
    Event::ZoneObserved { zone: Zone::clone(hidden.zone) }
}

/// Where the customer belongs in a policy.
pub(crate) fn segment(hidden: &Hidden<'_>) -> SegmentFacts {
    SegmentFacts {
        interval: Some(hidden.interval),
        sector: Some(hidden.world.sector),
        plan: money(hidden.amount_minor),
        region: Country::parse(hidden.country),
    }
}

/// What the account does not know of the customer.
pub(crate) fn beside(hidden: &Hidden<'_>, consents: [bool; 2]) -> Beside {
    let way = |channel, agreed: bool| ChannelFacts {
        channel,
        address: Address::Known,
        consent: if agreed { Consent::Given } else { Consent::NotAsked },
        reacted_at: None,
    };
    let [sms, push] = consents;
    Beside {
        country: Country::parse(hidden.country),
        zone: Zone::clone(hidden.zone),
        channels: vec![way(Channel::Email, true), way(Channel::Sms, sms), way(Channel::Push, push)],
        ..Beside::nothing(hidden.world.sector)
    }
}
