//! What the customer, the provider and the merchant do by themselves.

use super::super::provider::Verdict;
use super::super::{method_id, setup_id, subscription_id};
use super::{Guard, INVOICES_MAX, PLACES, SUBSCRIPTIONS, World};
use reprieve_core::calendar::Zone;
use reprieve_core::case::Event;
use reprieve_core::id::{InvoiceId, SubscriptionId};
use reprieve_core::network::Network;
use reprieve_core::provider::{EndReason, InvoiceStatus, SubscriptionStatus};

impl World {
    pub(super) fn customer_acts(&mut self) {
        if self.has_leavers() && self.rng.percent(75) {
            return self.somebody_leaves();
        }
        if self.rng.percent(40) {
            return self.tell(&Event::RetryRequested);
        }
        if self.rng.percent(10) {
            return self.travel();
        }
        // A new card, or an old tab that says again what it said before.
        let fresh = self.cards == 0 || self.rng.percent(80);
        let card = if fresh { self.cards + 1 } else { 1 + self.rng.below(self.cards) };
        let name = format!("pm_{card}");
        if fresh {
            self.cards = card;
            self.deal_a_card(&name);
        }
        let setup = setup_id(&format!("seti_{card}"));
        let (method, card) = (method_id(&name), self.provider.card_fact(&method_id(&name)));
        self.tell(&Event::MethodCollected { setup, method, card });
    }

    /// Another clock, known at once or never.
    fn travel(&mut self) {
        let place = self.rng.pick(PLACES);
        self.note(format!("the customer is in {place}"));
        let zone = Zone::named(place).expect("the table has every place");
        self.tell(&Event::ZoneObserved { zone });
    }

    pub(super) fn deal_a_card(&mut self, name: &str) {
        let kinds = [
            Verdict::Approve,
            Verdict::Approve,
            Verdict::Decline("insufficient_funds"),
            Verdict::Decline("generic_decline"),
            Verdict::Decline("stolen_card"),
            Verdict::Decline("expired_card"),
            Verdict::Decline("revocation_of_authorization"),
            Verdict::Authenticate,
        ];
        let verdicts: Vec<_> = (0..=self.rng.below(3)).map(|_| self.rng.pick(&kinds)).collect();
        self.note(format!("card {name} {verdicts:?}"));
        self.provider.card(name, &verdicts);
        // Now and then the same piece of plastic once more.
        let card = format!("fp_{}", self.cards - self.cards.min(self.rng.below(2)));
        self.provider.is_card(name, &card, Network::Visa);
    }

    pub(super) fn provider_acts(&mut self) {
        self.periods_end();
        let bills = self.provider.invoices.len();
        if bills == 0 || (bills < INVOICES_MAX && self.rng.percent(30)) {
            let id = format!("in_{bills}");
            let subscription = format!("sub_{}", self.rng.below(SUBSCRIPTIONS));
            let currency = self.rng.pick(&["eur", "eur", "jpy"]);
            if self.is_billed(&subscription_id(&subscription)) {
                self.provider.bill(&id, &subscription, 1900, currency);
            }
        }
        let ids: Vec<InvoiceId> = self.provider.invoices.keys().cloned().collect();
        for id in ids {
            let invoice = &self.provider.invoices[&id];
            let due = invoice.next_attempt_at.is_some_and(|at| at <= self.now);
            if invoice.attempt_count == 0 || due {
                self.note(format!("the provider tries {id}"));
                self.provider.attempt_by_itself(&id, self.now);
                self.mail_invoice(&id);
            }
        }
    }

    pub(super) fn merchant_acts(&mut self) {
        let ids: Vec<InvoiceId> = self.provider.invoices.keys().cloned().collect();
        if !ids.is_empty() && self.rng.percent(40) {
            let id = ids[self.rng.below(ids.len())].clone();
            if self.provider.is_open(&id) {
                // Paid elsewhere while we charge is a race that only the provider can decide.
                let ways = [InvoiceStatus::Void, InvoiceStatus::Uncollectible, InvoiceStatus::Paid];
                let known = if self.guard == Guard::Provider { 3 } else { 2 };
                let status = ways[self.rng.below(known)];
                self.note(format!("{id} becomes {status:?}"));
                self.provider.close(&id, status);
                self.mail_invoice(&id);
            }
            return;
        }
        let id = subscription_id(&format!("sub_{}", self.rng.below(SUBSCRIPTIONS)));
        self.change_subscription(&id);
    }

    fn change_subscription(&mut self, id: &SubscriptionId) {
        let known = &self.provider.subscriptions[id];
        if known.status == SubscriptionStatus::Ended {
            return;
        }
        let (status, reason) = match self.rng.below(6) {
            0 => {
                (SubscriptionStatus::Ended, self.rng.pick(&[None, Some(EndReason::PaymentFailed)]))
            }
            1..3 => (SubscriptionStatus::Paused, None),
            _ => (SubscriptionStatus::Active, None),
        };
        self.note(format!("{id} is {status:?}"));
        self.provider.change(id, status, reason);
        self.mail.push(self.provider.subscription_seen(id));
    }
}
