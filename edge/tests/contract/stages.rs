//! The providers that keep the contract, arranged for it.

use crate::fake_stripe::bank::Verdict;
use crate::fake_stripe::wire::{Fault, Wire};
use crate::world::history::WEBHOOK_SECRET as WORLD_SECRET;
use crate::world::{Trouble, World};
use crate::{Says, Stage, fake_stripe, world};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use reprieve_core::cancel::offer::Off;
use reprieve_core::id::{InvoiceId, PaymentMethodId, SetupId, SubscriptionId};
use reprieve_core::provider::{EndReason, InvoiceStatus, Life, PauseAbility, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, Timestamp};
use reprieve_edge::provider::stripe::Stripe;
use serde_json::json;
use sha2::Sha256;
use std::fmt::Write;

pub(crate) struct OnTheWire {
    wire: &'static Wire,
    adapter: Stripe<&'static Wire>,
}

impl OnTheWire {
    pub(crate) fn new() -> Self {
        fake_stripe::reset_clock();
        // A provider owns what it needs; a test may keep it for ever.
        let wire: &'static Wire = Box::leak(Box::new(Wire::new(1)));
        Self { wire, adapter: Stripe::over(wire, &fake_stripe::config()) }
    }
}

impl Stage for OnTheWire {
    type Provider = Stripe<&'static Wire>;

    fn provider(&self) -> &Self::Provider {
        &self.adapter
    }

    fn card(&self, says: Says) -> PaymentMethodId {
        let verdict = match says {
            Says::Yes => Verdict::Approve,
            Says::InsufficientFunds => Verdict::Decline("insufficient_funds"),
            Says::AsksForTheCustomer => Verdict::Authenticate,
        };
        PaymentMethodId::parse(&self.wire.books.borrow_mut().issue(&[verdict])).unwrap()
    }

    fn subscription(&self, default: Option<&PaymentMethodId>) -> SubscriptionId {
        let id = self.wire.books.borrow_mut().subscribe(default.map(PaymentMethodId::as_str));
        SubscriptionId::parse(&id).unwrap()
    }

    fn end(&self, subscription: &SubscriptionId) {
        let mut books = self.wire.books.borrow_mut();
        let reason = Some("cancellation_requested");
        books.set_subscription_status(subscription.as_str(), "canceled", reason);
    }

    fn owed(&self, subscription: &SubscriptionId) -> InvoiceId {
        let mut books = self.wire.books.borrow_mut();
        let id = books.bill_failed(subscription.as_str(), 1_900);
        InvoiceId::parse(&id).unwrap()
    }

    fn void(&self, invoice: &InvoiceId) {
        self.wire.books.borrow_mut().close(invoice.as_str(), "void", "invoice.voided");
    }

    fn finish(&self, setup: &SetupId, method: &PaymentMethodId) {
        self.wire.books.borrow_mut().finish_setup(setup.as_str(), method.as_str());
    }

    fn next(&self, trouble: Trouble) {
        let fault = match trouble {
            Trouble::LostBefore => Fault::SilenceBefore,
            Trouble::LostAfter => Fault::SilenceAfter,
            Trouble::TooMany => Fault::TooMany { retry_after_s: Some(30) },
            Trouble::KeptError => Fault::ErrorBefore { is_kept: true },
        };
        self.wire.script.borrow_mut().push_back(fault);
    }

    fn next_act(&self, trouble: Trouble) {
        self.next(trouble);
    }

    fn next_discount(&self, trouble: Trouble) {
        // The subscription and its coupon are read, and the coupon is made.
        self.wire.script.borrow_mut().extend([Fault::None; 3]);
        self.next(trouble);
    }

    fn renewed(&self, subscription: &SubscriptionId) {
        self.wire.books.borrow_mut().use_up_discounts(subscription.as_str());
    }

    fn running(&self) -> SubscriptionId {
        self.subscription(None)
    }

    fn untried(&self, subscription: &SubscriptionId) -> InvoiceId {
        let id = self.wire.books.borrow_mut().bill_later(subscription.as_str(), 1_900);
        InvoiceId::parse(&id).unwrap()
    }

    fn draft(&self, subscription: &SubscriptionId) -> InvoiceId {
        let id = self.untried(subscription);
        self.wire.books.borrow_mut().invoices.get_mut(id.as_str()).unwrap().status = "draft";
        id
    }

    fn lives_in(&self, country: &'static str, region: &'static str) {
        let address = json!({"country": country, "state": region, "city": "x"});
        self.wire.books.borrow_mut().address = address;
    }

    fn gave_discount(&self, subscription: &SubscriptionId) {
        let mut books = self.wire.books.borrow_mut();
        let known = books.subscriptions.get_mut(subscription.as_str()).unwrap();
        known.discounts.push(("di_merchant".to_owned(), "summer".to_owned()));
    }

    fn discounts(&self, subscription: &SubscriptionId) -> usize {
        self.wire.books.borrow().subscriptions[subscription.as_str()].discounts.len()
    }

    fn plan(&self, subscription: &SubscriptionId) -> String {
        self.wire.books.borrow().subscriptions[subscription.as_str()].price.clone()
    }

    fn credit_minor(&self) -> i64 {
        // Stripe counts what the customer owes.
        -self.wire.books.borrow().balance.iter().map(|(amount, _)| amount).sum::<i64>()
    }

    fn is_held(&self, invoice: &InvoiceId) -> bool {
        !self.wire.books.borrow().invoices[invoice.as_str()].auto_advance
    }

    fn signed(&self, raw: &[u8], at: Timestamp) -> HeaderMap {
        signature(fake_stripe::WEBHOOK_SECRET, raw, at)
    }

    fn now(&self) -> Timestamp {
        fake_stripe::true_now()
    }

    fn captured(&self) -> usize {
        self.wire.books.borrow().captures.len()
    }

    fn attempts(&self) -> usize {
        self.wire.books.borrow().attempts.len()
    }
}

pub(crate) struct InMemory(pub(crate) World);

impl InMemory {
    fn bill(&self, subscription: &SubscriptionId) -> InvoiceId {
        let number = self.0.invoices.borrow().len();
        let fact = world::open_invoice(&format!("in_{number}"), subscription.clone());
        let id = fact.id.clone();
        self.0.invoices.borrow_mut().insert(id.clone(), fact);
        id
    }
}

impl Stage for InMemory {
    type Provider = World;

    fn provider(&self) -> &World {
        &self.0
    }

    fn card(&self, says: Says) -> PaymentMethodId {
        let mut methods = self.0.methods.borrow_mut();
        let id = world::method(&format!("pm_{}", methods.len()));
        methods.push(id.clone());
        let code = match says {
            Says::Yes => return id,
            Says::InsufficientFunds => "insufficient_funds",
            Says::AsksForTheCustomer => {
                self.0.asks.borrow_mut().insert(id.clone());
                "authentication_required"
            }
        };
        self.0.declines.borrow_mut().insert(id.clone(), code.to_owned());
        id
    }

    fn subscription(&self, default: Option<&PaymentMethodId>) -> SubscriptionId {
        self.0.subscribe(default)
    }

    fn end(&self, subscription: &SubscriptionId) {
        let mut subscriptions = self.0.subscriptions.borrow_mut();
        let fact = subscriptions.get_mut(subscription).unwrap();
        fact.status = SubscriptionStatus::Ended;
        fact.end_reason = Some(EndReason::Requested);
    }

    fn owed(&self, subscription: &SubscriptionId) -> InvoiceId {
        let id = self.bill(subscription);
        self.0.tell_of_failure(&id, world::now());
        id
    }

    fn void(&self, invoice: &InvoiceId) {
        let mut invoices = self.0.invoices.borrow_mut();
        invoices.get_mut(invoice).unwrap().status = InvoiceStatus::Void;
    }

    fn finish(&self, setup: &SetupId, method: &PaymentMethodId) {
        let mut setups = self.0.setups.borrow_mut();
        setups.get_mut(setup).unwrap().method = Some(method.clone());
    }

    fn next(&self, trouble: Trouble) {
        self.0.troubles.borrow_mut().push_back(trouble);
    }

    fn next_act(&self, trouble: Trouble) {
        self.0.act_troubles.borrow_mut().push_back(trouble);
    }

    fn next_discount(&self, trouble: Trouble) {
        self.next_act(trouble);
    }

    fn renewed(&self, subscription: &SubscriptionId) {
        let mut discounts = self.0.discounts.borrow_mut();
        discounts.entry(subscription.clone()).or_default().retain(|(_, periods)| *periods > 1);
    }

    fn running(&self) -> SubscriptionId {
        let id = self.0.subscribe(None);
        let mut subscriptions = self.0.subscriptions.borrow_mut();
        let fact = subscriptions.get_mut(&id).unwrap();
        fact.status = SubscriptionStatus::Active;
        fact.life = Some(Life {
            period_started_at: Some(world::now().plus_ms(-10 * DAY_MS)),
            period_ends_at: Some(world::now().plus_ms(20 * DAY_MS)),
            can_pause: PauseAbility::Service,
            items_count: Some(1),
            discounts_count: Some(0),
            ..Life::default()
        });
        id
    }

    fn untried(&self, subscription: &SubscriptionId) -> InvoiceId {
        let id = self.bill(subscription);
        self.0.invoices.borrow_mut().get_mut(&id).unwrap().attempt_count = 0;
        id
    }

    fn draft(&self, subscription: &SubscriptionId) -> InvoiceId {
        let id = self.untried(subscription);
        self.0.invoices.borrow_mut().get_mut(&id).unwrap().status = InvoiceStatus::Draft;
        id
    }

    fn lives_in(&self, country: &'static str, region: &'static str) {
        self.0.country.set(Some(country));
        self.0.region.set(Some(region));
    }

    fn gave_discount(&self, subscription: &SubscriptionId) {
        let mut discounts = self.0.discounts.borrow_mut();
        discounts.entry(subscription.clone()).or_default().push((Off::Percent(5), 1));
    }

    fn discounts(&self, subscription: &SubscriptionId) -> usize {
        self.0.discounts.borrow().get(subscription).map_or(0, Vec::len)
    }

    fn plan(&self, subscription: &SubscriptionId) -> String {
        let plans = self.0.plans.borrow();
        plans.get(subscription).map_or_else(String::new, |plan| plan.as_str().to_owned())
    }

    fn credit_minor(&self) -> i64 {
        self.0.credits.borrow().values().map(|money| money.amount_minor).sum()
    }

    fn is_held(&self, invoice: &InvoiceId) -> bool {
        self.0.held.borrow().contains(invoice)
    }

    fn signed(&self, raw: &[u8], at: Timestamp) -> HeaderMap {
        signature(WORLD_SECRET, raw, at)
    }

    fn now(&self) -> Timestamp {
        world::now()
    }

    fn captured(&self) -> usize {
        self.0.captured.borrow().len()
    }

    fn attempts(&self) -> usize {
        self.0.attempts.get()
    }
}

/// As a webhook endpoint gets it.
fn signature(secret: &str, raw: &[u8], at: Timestamp) -> HeaderMap {
    let at_s = at.as_ms() / 1_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at_s}.").as_bytes());
    mac.update(raw);
    let hex = mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let mut headers = HeaderMap::new();
    headers.insert("stripe-signature", format!("t={at_s},v1={hex}").parse().unwrap());
    headers
}
