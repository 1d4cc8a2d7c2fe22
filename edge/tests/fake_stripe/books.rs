//! What this Stripe knows: cards, subscriptions, invoices, set-ups, and every charge at the bank.

use super::bank::Verdict;
use super::keys::Keys;
use super::{CUSTOMER, shape, true_now};
use reprieve_core::time::{DAY_MS, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub(crate) struct Card {
    pub(crate) fingerprint: String,
    pub(crate) brand: &'static str,
    /// Year and month.
    pub(crate) expiry: (i64, i64),
    /// What the bank says, one after the other; the last answer stays.
    pub(crate) verdicts: VecDeque<Verdict>,
}

pub(crate) struct Subscription {
    pub(crate) status: &'static str,
    pub(crate) ends_with_period: bool,
    pub(crate) end_reason: Option<&'static str>,
    pub(crate) default_method: Option<String>,
    /// Begin and end, in Unix seconds.
    pub(crate) period_s: (i64, i64),
    /// Until when nothing is collected, where somebody wants that.
    pub(crate) collection_resumes_s: Option<i64>,
    pub(crate) trial_end_s: Option<i64>,
    /// Discounts with their coupons.
    pub(crate) discounts: Vec<(String, String)>,
    pub(crate) price: String,
}

pub(crate) struct Invoice {
    /// Empty: of none.
    pub(crate) subscription: String,
    pub(crate) status: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) amount_due: i64,
    pub(crate) amount_paid: i64,
    /// Whether Stripe goes on collecting it by itself.
    pub(crate) auto_advance: bool,
    pub(crate) attempt_count: u64,
    /// Stripe's own next attempt; it stays in the plan when nothing may be sent.
    pub(crate) next_attempt: Option<Timestamp>,
    pub(crate) retries_made: usize,
    pub(crate) intent: Option<Intent>,
}

/// The payment intent of an invoice: one for its whole life.
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) method: Option<String>,
    pub(crate) error: Option<Value>,
}

pub(crate) struct Setup {
    pub(crate) customer: String,
    pub(crate) method: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coupon {
    /// For so many months; `None`: for one payment.
    pub(crate) months: Option<u32>,
    pub(crate) redeemed: u32,
    pub(crate) redeemed_max: Option<u32>,
}

/// Money that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capture {
    pub(crate) invoice: String,
    pub(crate) amount: i64,
    pub(crate) by: By,
}

/// Who took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A request under this key.
    Key(String),
    /// Stripe's own schedule.
    Schedule,
    /// The customer, at the bank's challenge or on Stripe's page.
    Customer,
}

pub(crate) struct Books {
    pub(crate) cards: BTreeMap<String, Card>,
    pub(crate) customer_default: Option<String>,
    pub(crate) subscriptions: BTreeMap<String, Subscription>,
    pub(crate) invoices: BTreeMap<String, Invoice>,
    pub(crate) setups: BTreeMap<String, Setup>,
    pub(crate) coupons: BTreeMap<String, Coupon>,
    /// What was put on the customer's account, in minor units, and the mark that it carries; below
    /// zero is money for them.
    pub(crate) balance: Vec<(i64, Option<String>)>,
    /// Where the customer's bills go.
    pub(crate) address: Value,
    pub(crate) keys: Keys,
    pub(crate) captures: Vec<Capture>,
    /// Every attempt that reached the bank, as (invoice, method, key).
    pub(crate) attempts: Vec<(String, String, Option<String>)>,
    /// Events that were made and not fetched, as (id, kind, body).
    pub(crate) events: Vec<(String, String, String)>,
    /// Every event that was made, the oldest first, as (id, seconds, body): what the list of events
    /// tells.
    pub(crate) history: Vec<(String, i64, Value)>,
    /// Waits between Stripe's own attempts; empty: its retries are switched off.
    pub(crate) schedule_ms: Vec<i64>,
    /// Of the customer nothing is left but the id.
    pub(crate) is_deleted: bool,
    /// It charges what is paid already, as the real one never does: then only our own care is
    /// left.
    pub(crate) is_gullible: bool,
    numbers: BTreeMap<&'static str, u64>,
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            cards: BTreeMap::new(),
            customer_default: None,
            subscriptions: BTreeMap::new(),
            invoices: BTreeMap::new(),
            setups: BTreeMap::new(),
            coupons: BTreeMap::new(),
            balance: Vec::new(),
            address: Value::Null,
            keys: Keys::default(),
            captures: Vec::new(),
            attempts: Vec::new(),
            events: Vec::new(),
            history: Vec::new(),
            schedule_ms: Vec::new(),
            is_deleted: false,
            is_gullible: false,
            numbers: BTreeMap::new(),
        }
    }

    /// `in_1`, `in_2`, …
    pub(crate) fn next_id(&mut self, prefix: &'static str) -> String {
        let number = self.numbers.entry(prefix).or_default();
        *number += 1;
        format!("{prefix}_{number}")
    }

    /// A card on file, and what its bank will say.
    pub(crate) fn issue(&mut self, verdicts: &[Verdict]) -> String {
        let id = self.next_id("pm");
        let brand = if self.cards.len().is_multiple_of(2) { "visa" } else { "mastercard" };
        let fingerprint = format!("fp_{id}");
        let verdicts = verdicts.iter().copied().collect();
        self.cards.insert(id.clone(), Card { fingerprint, brand, expiry: (2030, 12), verdicts });
        id
    }

    pub(crate) fn subscribe(&mut self, default_method: Option<&str>) -> String {
        let id = self.next_id("sub");
        let default_method = default_method.map(str::to_owned);
        let now_s = true_now().as_ms() / 1_000;
        let subscription = Subscription {
            status: "active",
            ends_with_period: false,
            end_reason: None,
            default_method,
            period_s: (now_s - 10 * DAY_MS / 1_000, now_s + 20 * DAY_MS / 1_000),
            collection_resumes_s: None,
            trial_end_s: None,
            discounts: Vec::new(),
            price: "price_1".to_owned(),
        };
        self.subscriptions.insert(id.clone(), subscription);
        id
    }

    /// A renewal was paid: discounts for one payment are used up.
    pub(crate) fn use_up_discounts(&mut self, subscription: &str) {
        let coupons = &self.coupons;
        let known = self.subscriptions.get_mut(subscription).unwrap();
        known
            .discounts
            .retain(|(_, coupon)| coupons.get(coupon).is_none_or(|coupon| coupon.months.is_some()));
    }

    /// A renewal whose first attempt is made at once.
    pub(crate) fn bill(&mut self, subscription: &str, amount_due: i64) -> String {
        let id = self.bill_later(subscription, amount_due);
        self.attempt_by_schedule(&id);
        id
    }

    /// A renewal whose first attempt the bank refused, whatever it says to the card later.
    pub(crate) fn bill_failed(&mut self, subscription: &str, amount_due: i64) -> String {
        let id = self.bill_later(subscription, amount_due);
        self.invoices.get_mut(&id).expect("just made").attempt_count = 1;
        self.invoice_event(&id, "invoice.payment_failed");
        id
    }

    /// A renewal that nobody has tried to pay.
    pub(crate) fn bill_later(&mut self, subscription: &str, amount_due: i64) -> String {
        let id = self.next_id("in");
        let invoice = Invoice {
            subscription: subscription.to_owned(),
            status: "open",
            currency: "eur",
            amount_due,
            amount_paid: 0,
            auto_advance: true,
            attempt_count: 0,
            next_attempt: None,
            retries_made: 0,
            intent: None,
        };
        self.invoices.insert(id.clone(), invoice);
        id
    }

    /// The customer began and finished the card fields.
    pub(crate) fn begin_setup(&mut self, method: &str) -> String {
        let id = self.next_id("seti");
        let setup = Setup { customer: CUSTOMER.to_owned(), method: Some(method.to_owned()) };
        self.setups.insert(id.clone(), setup);
        id
    }

    /// The customer finished the card fields.
    pub(crate) fn finish_setup(&mut self, setup: &str, method: &str) {
        self.setups.get_mut(setup).expect("a set-up that was begun").method =
            Some(method.to_owned());
    }

    /// Makes Stripe's own attempts that are due.
    pub(crate) fn tick(&mut self) {
        let now = true_now();
        let due: Vec<String> = self
            .invoices
            .iter()
            .filter(|(_, invoice)| invoice.auto_advance)
            .filter(|(_, invoice)| invoice.next_attempt.is_some_and(|at| at <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            self.attempt_by_schedule(&id);
        }
    }

    /// When Stripe acts by itself next.
    pub(crate) fn next_tick(&self) -> Option<Timestamp> {
        let by_itself = self.invoices.values().filter(|invoice| invoice.auto_advance);
        by_itself.filter_map(|invoice| invoice.next_attempt).min()
    }

    /// Stripe gives the subscription up after its last attempt only in lives that say so: here it
    /// stays past due.
    pub(super) fn plan_next(&mut self, id: &str) {
        let waits = self.schedule_ms.clone();
        let invoice = self.invoices.get_mut(id).expect("known");
        let wait = waits.get(invoice.retries_made).filter(|_| invoice.status == "open");
        invoice.next_attempt = wait.map(|ms| true_now().plus_ms(*ms));
        invoice.retries_made += 1;
    }

    pub(crate) fn close(&mut self, id: &str, status: &'static str, kind: &str) {
        let invoice = self.invoices.get_mut(id).expect("known");
        if invoice.status != "open" {
            return;
        }
        invoice.status = status;
        invoice.next_attempt = None;
        self.invoice_event(id, kind);
    }

    /// Paid at the counter, or on Stripe's own page.
    pub(crate) fn pay_elsewhere(&mut self, id: &str) {
        let open = self.invoices[id].status == "open";
        if open {
            self.capture(id, By::Customer);
        }
    }

    /// The customer answers the bank's challenge.
    pub(crate) fn authenticate(&mut self, id: &str) {
        let waits = |intent: &Intent| intent.status == "requires_action";
        if self.invoices[id].intent.as_ref().is_some_and(waits) {
            self.pay_elsewhere(id);
        }
    }

    pub(crate) fn set_subscription_status(
        &mut self,
        id: &str,
        status: &'static str,
        end_reason: Option<&'static str>,
    ) {
        let known = self.subscriptions.get_mut(id).expect("known");
        if known.status == "canceled" {
            return;
        }
        known.status = status;
        known.end_reason = end_reason;
        if status == "canceled" {
            for invoice in self.invoices.values_mut().filter(|i| i.subscription == id) {
                invoice.next_attempt = None;
            }
        }
        let kind = match status {
            "canceled" => "customer.subscription.deleted",
            "paused" => "customer.subscription.paused",
            _ => "customer.subscription.updated",
        };
        let object = shape::subscription(id, &self.subscriptions[id]);
        self.event(kind, object);
    }

    pub(crate) fn subscription_event(&mut self, id: &str) {
        let object = shape::subscription(id, &self.subscriptions[id]);
        self.event("customer.subscription.updated", object);
    }

    pub(crate) fn invoice_event(&mut self, id: &str, kind: &str) {
        let object = shape::invoice(self, id, &[]);
        self.event(kind, object);
    }

    pub(crate) fn event(&mut self, kind: &str, object: Value) {
        let id = self.next_id("evt");
        let body = json!({
            "id": id, "object": "event", "type": kind, "livemode": false,
            "created": true_now().as_ms() / 1_000, "api_version": "2026-10-28.endive",
            "data": {"object": object},
        });
        self.history.push((id.clone(), true_now().as_ms() / 1_000, body.clone()));
        self.events.push((id, kind.to_owned(), body.to_string()));
    }

    /// Owed, as far as Stripe is concerned: somebody tried, nobody succeeded, and the subscription
    /// goes on.
    pub(crate) fn is_owed(&self, id: &str) -> bool {
        let invoice = &self.invoices[id];
        invoice.status == "open"
            && invoice.attempt_count > 0
            && self.subscriptions[&invoice.subscription].status != "canceled"
    }
}

/// As long as Stripe promises to remember a key, and no longer.
pub(super) const KEY_MS: i64 = DAY_MS;
