//! What the service relies on, told once for every provider: each one passes the same suite. A new
//! adapter brings a [`Stage`] (`stages`) and a line at the end of this file.
#![cfg(test)]

#[path = "../fake_stripe/mod.rs"]
mod fake_stripe;
#[path = "../world/mod.rs"]
mod world;

mod changes;
mod history;
mod stages;

use http::HeaderMap;
use reprieve_core::decline::Category;
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::policy::segment::Country;
use reprieve_core::provider::{ChargeOutcome, InvoiceStatus, SubscriptionStatus};
use reprieve_core::time::Timestamp;
use reprieve_edge::provider::{
    Authenticate, BillingPlace, Capabilities, ChargeInvoice, CollectMethod, ErrorKind, OnSession,
    PayInvoice, Provider, ProviderError, Question, ReadBilling,
};
use stages::{InMemory, OnTheWire};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use world::{Trouble, World};

/// What a bank says to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Yes,
    InsufficientFunds,
    AsksForTheCustomer,
}

/// A provider with its world, arranged by the test. Its customer is `cus_1`; the charge `ch_known`
/// is theirs, and `ch_nobody` has no customer.
trait Stage {
    type Provider: Provider;
    fn provider(&self) -> &Self::Provider;
    fn card(&self, says: Says) -> PaymentMethodId;
    fn subscription(&self, default: Option<&PaymentMethodId>) -> SubscriptionId;
    fn end(&self, subscription: &SubscriptionId);
    /// A renewal of which the provider's first attempt failed.
    fn owed(&self, subscription: &SubscriptionId) -> InvoiceId;
    fn void(&self, invoice: &InvoiceId);
    /// The customer finishes the card fields.
    fn finish(&self, setup: &SetupId, method: &PaymentMethodId);
    /// The next charge goes wrong.
    fn next(&self, trouble: Trouble);
    /// The next request of an act goes wrong.
    fn next_act(&self, trouble: Trouble);
    /// The request that gives the next discount goes wrong.
    fn next_discount(&self, trouble: Trouble);
    /// A renewal was paid, and used up what is for one payment.
    fn renewed(&self, subscription: &SubscriptionId);
    /// A subscription that is paid, in the middle of a period, and can be paused both ways.
    fn running(&self) -> SubscriptionId;
    /// An invoice that nobody has tried to pay.
    fn untried(&self, subscription: &SubscriptionId) -> InvoiceId;
    /// An invoice that is not finished.
    fn draft(&self, subscription: &SubscriptionId) -> InvoiceId;
    /// Where the customer's bills go.
    fn lives_in(&self, country: &'static str, region: &'static str);
    /// A discount that the merchant gave.
    fn gave_discount(&self, subscription: &SubscriptionId);
    /// The discounts that run.
    fn discounts(&self, subscription: &SubscriptionId) -> usize;
    /// The plan that counts from the next period on.
    fn plan(&self, subscription: &SubscriptionId) -> String;
    /// What the customer has at the provider, in minor units.
    fn credit_minor(&self) -> i64;
    /// Whether the provider leaves an invoice alone.
    fn is_held(&self, invoice: &InvoiceId) -> bool;
    /// The headers of a body that the provider sends at a time.
    fn signed(&self, raw: &[u8], at: Timestamp) -> HeaderMap;
    /// What time it is there.
    fn now(&self) -> Timestamp;
    /// How often money was taken.
    fn captured(&self) -> usize;
    /// Attempts that reached the bank.
    fn attempts(&self) -> usize;
}

fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing waits here"),
    }
}

fn us() -> CustomerId {
    CustomerId::parse("cus_1").unwrap()
}

fn stranger() -> CustomerId {
    CustomerId::parse("cus_unknown").unwrap()
}

/// A customer who owes a renewal of a subscription with an empty card.
fn owing(stage: &impl Stage) -> (SubscriptionId, InvoiceId) {
    let old = stage.card(Says::InsufficientFunds);
    let subscription = stage.subscription(Some(&old));
    let invoice = stage.owed(&subscription);
    (subscription, invoice)
}

fn pay(
    stage: &impl Stage,
    invoice: &InvoiceId,
    number: u32,
    method: Option<&PaymentMethodId>,
    on_session: OnSession,
) -> Result<ChargeOutcome, ProviderError> {
    let key = &IdempotencyKey::for_payment(invoice, number, method);
    run(stage.provider().pay_invoice(PayInvoice { invoice, method, on_session, key }))
}

fn kind<T: core::fmt::Debug>(result: Result<T, ProviderError>) -> ErrorKind {
    result.unwrap_err().kind
}

fn provider_contract<S: Stage>(make: impl Fn() -> S) {
    reads(&make());
    subscriptions_and_defaults(&make());
    set_ups(&make());
    outcomes(&make());
    the_customer_is_asked_for(&make());
    what_cannot_be_paid(&make());
    one_key_one_attempt(&make());
    lost_answers(&make);
    changes::kept(&make);
    history::kept(&make);
    errors_that_say_something(&make());
}

fn reads<S: Stage>(stage: &S) {
    let (subscription, invoice) = owing(stage);
    let provider = stage.provider();
    let fact = run(provider.read_invoice(&invoice)).unwrap();
    assert_eq!((&fact.id, &fact.customer), (&invoice, &us()));
    assert_eq!(fact.subscription, Some(subscription));
    assert_eq!(fact.status, InvoiceStatus::Open);
    assert!(fact.amount_due.amount_minor > 0 && fact.attempt_count > 0);
    let open = run(provider.list_open_invoices(&us())).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].id, invoice);
    let newer = stage.card(Says::Yes);
    let methods = run(provider.list_methods(&us())).unwrap();
    assert_eq!(methods.len(), 2);
    assert_eq!(methods[0].id, newer, "the newest first");
    let unknown = InvoiceId::parse("in_unknown").unwrap();
    assert_eq!(kind(run(provider.read_invoice(&unknown))), ErrorKind::NotFound);
    assert!(run(provider.list_open_invoices(&stranger())).unwrap().is_empty());
    assert!(run(provider.list_methods(&stranger())).unwrap().is_empty());
    let at = Timestamp::from_ms(5);
    assert!(run(provider.list_subscriptions(&stranger(), at)).unwrap().is_empty());
    let nowhere = BillingPlace::default();
    assert_eq!(run(provider.billing_place(&us())).unwrap(), nowhere, "nobody was told");
    stage.lives_in("US", "CA");
    let place = run(provider.billing_place(&us())).unwrap();
    assert_eq!(place.country, Country::parse("US"));
    assert_eq!(place.region.as_deref(), Some("CA"));
    assert_eq!(run(provider.billing_place(&stranger())).unwrap(), nowhere);
    assert_eq!(run(provider.customer_of_charge("ch_known")), Ok(Some(us())));
    assert_eq!(run(provider.customer_of_charge("ch_nobody")), Ok(None));
    assert_eq!(kind(run(provider.customer_of_charge("ch_unknown"))), ErrorKind::NotFound);
}

fn subscriptions_and_defaults<S: Stage>(stage: &S) {
    let (with_own, invoice) = owing(stage);
    let without = stage.subscription(None);
    let ended = stage.subscription(None);
    stage.end(&ended);
    let (provider, new) = (stage.provider(), stage.card(Says::Yes));
    let at = Timestamp::from_ms(1_800_000_000_000);
    let listed = run(provider.list_subscriptions(&us(), at)).unwrap();
    assert_eq!(listed.len(), 3, "those that ended too");
    assert!(listed.iter().all(|fact| fact.seen_at == at && fact.customer == us()));
    let of = |id: &SubscriptionId| listed.iter().find(|fact| fact.id == *id).unwrap();
    assert!(of(&with_own).default_method.is_some() && of(&without).default_method.is_none());
    assert_eq!(of(&ended).status, SubscriptionStatus::Ended);
    assert!(of(&ended).end_reason.is_some() && of(&without).end_reason.is_none());

    for _ in 0..2 {
        assert_eq!(run(provider.set_customer_default(&us(), &new)), Ok(()));
        assert_eq!(run(provider.set_subscription_default(&with_own, &new)), Ok(()));
    }
    let listed = run(provider.list_subscriptions(&us(), at)).unwrap();
    let fact = listed.iter().find(|fact| fact.id == with_own).unwrap();
    assert_eq!(fact.default_method.as_ref(), Some(&new));
    let live = run(provider.read_invoice(&invoice)).unwrap();
    assert_eq!(live.next_method.map(|method| method.id), Some(new.clone()));
    let collects = provider.capabilities().update_collects;
    assert_eq!(live.status == InvoiceStatus::Paid, collects, "as its capabilities say");
    let refused = kind(run(provider.set_subscription_default(&ended, &new)));
    assert!(matches!(refused, ErrorKind::Refused | ErrorKind::NotFound));
    let unknown = SubscriptionId::parse("sub_unknown").unwrap();
    let refused = kind(run(provider.set_subscription_default(&unknown, &new)));
    assert_eq!(refused, ErrorKind::NotFound);
    assert_eq!(kind(run(provider.set_customer_default(&stranger(), &new))), ErrorKind::NotFound);
}

fn set_ups<S: Stage>(stage: &S) {
    let (provider, new) = (stage.provider(), stage.card(Says::Yes));
    let merchant = MerchantId::parse("demo").unwrap();
    let started = run(provider.start_setup(&merchant, &us())).unwrap();
    assert!(!started.client_secret.expose().is_empty());
    let fact = run(provider.read_setup(&started.id)).unwrap();
    assert_eq!((fact.customer, fact.method), (Some(us()), None), "not finished");
    stage.finish(&started.id, &new);
    let fact = run(provider.read_setup(&started.id)).unwrap();
    assert_eq!((fact.customer, fact.method), (Some(us()), Some(new)));
    let other = run(provider.start_setup(&merchant, &us())).unwrap();
    assert_ne!(other.id, started.id, "each one is new");
    let unknown = SetupId::parse("seti_unknown").unwrap();
    assert_eq!(kind(run(provider.read_setup(&unknown))), ErrorKind::NotFound);
    let page = run(provider.open_page(&us(), "https://shop.example/")).unwrap();
    assert!(page.expose().starts_with("https://"));
}

fn outcomes<S: Stage>(stage: &S) {
    let (_, invoice) = owing(stage);
    let (empty, good) = (stage.card(Says::InsufficientFunds), stage.card(Says::Yes));
    let declined = pay(stage, &invoice, 1, Some(&empty), OnSession::No).unwrap();
    let ChargeOutcome::Declined { decline } = declined else { panic!("{declined:?}") };
    assert_eq!(decline.category, Category::InsufficientFunds);
    let advised = decline.raw.network_decline_code.is_some();
    assert!(!advised || stage.provider().capabilities().exposes_network_advice);
    let live = run(stage.provider().read_invoice(&invoice)).unwrap();
    assert_eq!(live.status, InvoiceStatus::Open);
    assert_eq!(live.decline.map(|d| d.category), Some(Category::InsufficientFunds));
    assert_eq!(live.method.map(|method| method.id), Some(empty), "the card that was tried");
    assert_eq!(pay(stage, &invoice, 2, Some(&good), OnSession::Yes), Ok(ChargeOutcome::Paid));
    let live = run(stage.provider().read_invoice(&invoice)).unwrap();
    assert_eq!((live.status, live.amount_due.amount_minor), (InvoiceStatus::Paid, 0));
    assert!(run(stage.provider().list_open_invoices(&us())).unwrap().is_empty());
    assert_eq!(stage.captured(), 1);
    // Without a name: by the provider's order of defaults.
    let subscription = stage.subscription(Some(&good));
    let second = stage.owed(&subscription);
    assert_eq!(pay(stage, &second, 1, None, OnSession::No), Ok(ChargeOutcome::Paid));
    assert_eq!(stage.captured(), 2);
}

fn the_customer_is_asked_for<S: Stage>(stage: &S) {
    let (_, invoice) = owing(stage);
    let card = stage.card(Says::AsksForTheCustomer);
    let question = || run(stage.provider().read_challenge(&invoice)).unwrap().question;
    assert_eq!(question(), Question::Absent);
    for (number, on_session) in [(1, OnSession::No), (2, OnSession::Yes)] {
        let outcome = pay(stage, &invoice, number, Some(&card), on_session);
        assert_eq!(outcome, Ok(ChargeOutcome::NeedsAuthentication), "{on_session:?}");
        let live = run(stage.provider().read_invoice(&invoice)).unwrap();
        assert!(live.needs_authentication, "{on_session:?}");
        assert_eq!(live.status, InvoiceStatus::Open);
        let waits = matches!(question(), Question::Waits(_));
        assert_eq!(waits, on_session == OnSession::Yes, "only who is there can be asked");
    }
    assert_eq!(stage.captured(), 0);
    let unknown = InvoiceId::parse("in_unknown").unwrap();
    assert_eq!(kind(run(stage.provider().read_challenge(&unknown))), ErrorKind::NotFound);
}

fn what_cannot_be_paid<S: Stage>(stage: &S) {
    let (_, invoice) = owing(stage);
    let good = stage.card(Says::Yes);
    let nobody_s = PaymentMethodId::parse("pm_unknown").unwrap();
    let refused = pay(stage, &invoice, 1, Some(&nobody_s), OnSession::Yes);
    assert_eq!(kind(refused), ErrorKind::Refused);
    let unknown = InvoiceId::parse("in_unknown").unwrap();
    let outcome = pay(stage, &unknown, 1, Some(&good), OnSession::Yes);
    assert_eq!(outcome, Ok(ChargeOutcome::Closed));
    stage.void(&invoice);
    let outcome = pay(stage, &invoice, 2, Some(&good), OnSession::Yes);
    assert_eq!(outcome, Ok(ChargeOutcome::Closed));
    assert_eq!(stage.captured(), 0);
}

fn one_key_one_attempt<S: Stage>(stage: &S) {
    let (_, invoice) = owing(stage);
    let (empty, good) = (stage.card(Says::InsufficientFunds), stage.card(Says::Yes));
    let before = stage.attempts();
    let first = pay(stage, &invoice, 1, Some(&empty), OnSession::No).unwrap();
    assert_eq!(pay(stage, &invoice, 1, Some(&empty), OnSession::No), Ok(first));
    assert_eq!(stage.attempts(), before + 1, "the same key is not tried again");
    for _ in 0..2 {
        assert_eq!(pay(stage, &invoice, 2, Some(&good), OnSession::No), Ok(ChargeOutcome::Paid));
    }
    // Paid under another key: nothing is taken, and it counts as paid.
    assert_eq!(pay(stage, &invoice, 3, Some(&good), OnSession::No), Ok(ChargeOutcome::Paid));
    assert_eq!((stage.attempts(), stage.captured()), (before + 2, 1));
}

/// `Err` is not an outcome: the same key says later what happened.
fn lost_answers<S: Stage>(make: &impl Fn() -> S) {
    for trouble in [Trouble::LostBefore, Trouble::LostAfter] {
        for says in [Says::Yes, Says::InsufficientFunds] {
            let stage = &make();
            let (_, invoice) = owing(stage);
            let (card, before) = (stage.card(says), stage.attempts());
            stage.next(trouble);
            let lost = pay(stage, &invoice, 1, Some(&card), OnSession::Yes);
            assert_eq!(kind(lost), ErrorKind::Unknown, "{trouble:?}");
            let outcome = pay(stage, &invoice, 1, Some(&card), OnSession::Yes).unwrap();
            assert_eq!(outcome == ChargeOutcome::Paid, says == Says::Yes, "{trouble:?}");
            assert_eq!(stage.attempts(), before + 1, "{trouble:?}");
            assert_eq!(stage.captured(), usize::from(says == Says::Yes));
        }
    }
}

fn errors_that_say_something<S: Stage>(stage: &S) {
    let (_, invoice) = owing(stage);
    let good = stage.card(Says::Yes);
    stage.next(Trouble::TooMany);
    let limited = kind(pay(stage, &invoice, 1, Some(&good), OnSession::Yes));
    assert_eq!(limited, ErrorKind::RateLimited { retry_after_ms: 30_000 });
    stage.next(Trouble::KeptError);
    let first = kind(pay(stage, &invoice, 2, Some(&good), OnSession::Yes));
    assert!(matches!(first, ErrorKind::Unknown | ErrorKind::Spent), "{first:?}");
    let again = kind(pay(stage, &invoice, 2, Some(&good), OnSession::Yes));
    assert_eq!(again, ErrorKind::Spent, "the key brings nothing any more");
    assert_eq!(stage.captured(), 0);
    assert_eq!(pay(stage, &invoice, 3, Some(&good), OnSession::Yes), Ok(ChargeOutcome::Paid));
    assert_eq!(stage.captured(), 1);
}

#[test]
fn the_stripe_adapter_keeps_the_contract() {
    provider_contract(OnTheWire::new);
}

#[test]
fn the_provider_in_memory_keeps_the_contract() {
    provider_contract(|| InMemory(World::with_open_invoices(0)));
}

#[test]
fn a_provider_that_collects_by_itself_keeps_it_too() {
    provider_contract(|| {
        let world = World::with_open_invoices(0);
        world.can.set(Capabilities { update_collects: true, ..world::ABLE });
        InMemory(world)
    });
}
