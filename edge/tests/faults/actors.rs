//! Who does something in a life: the customer, Stripe by itself, the merchant and other systems.

use crate::life::{Kind, Life, Work};
use reprieve_core::id::{InvoiceId, SetupId};

const INVOICES_MAX: usize = 8;

impl Life<'_> {
    pub(super) fn customer_acts(&mut self) {
        match self.rng.below(10) {
            0..3 => self.customer_gives_a_card(),
            3..5 => self.customer_completes(),
            5..7 => self.customer_asks_again(),
            7 => self.customer_goes_to_the_bank(),
            8 => self.customer_answers_the_bank(),
            _ => self.customer_comes_back_from_the_bank(),
        }
    }

    fn customer_gives_a_card(&mut self) {
        let method = self.issue();
        let id = {
            let mut books = self.sky.wire.books.borrow_mut();
            books.begin_setup(&method)
        };
        self.setups.push(SetupId::parse(&id).unwrap());
        self.complete(self.setups.len() - 1);
    }

    /// An impatient click, an old tab, a reload.
    fn customer_completes(&mut self) {
        if !self.setups.is_empty() {
            let at = self.rng.below(self.setups.len());
            self.complete(at);
        }
    }

    fn complete(&mut self, at: usize) {
        let (sky, setup) = (self.sky, self.setups[at].clone());
        sky.wire.note(format!("the customer completes {setup}"));
        self.spawn(Work::Customer, async move {
            let adapter = sky.adapter();
            sky.service(&adapter).complete_method(&setup).await.map(|_| ())
        });
    }

    fn customer_asks_again(&mut self) {
        let sky = self.sky;
        sky.wire.note("the customer asks again".to_owned());
        self.spawn(Work::Customer, async move {
            let adapter = sky.adapter();
            sky.service(&adapter).retry().await.map(|_| ())
        });
    }

    fn customer_goes_to_the_bank(&mut self) {
        let sky = self.sky;
        sky.wire.note("the customer wants to see the bank".to_owned());
        self.spawn(Work::Customer, async move {
            let adapter = sky.adapter();
            sky.service(&adapter).start_authentication(None).await.map(|_| ())
        });
    }

    fn customer_comes_back_from_the_bank(&mut self) {
        let Some(invoice) = self.any_invoice() else { return };
        let (sky, invoice) = (self.sky, InvoiceId::parse(&invoice).unwrap());
        self.spawn(Work::Customer, async move {
            let adapter = sky.adapter();
            sky.service(&adapter).complete_authentication(&invoice).await.map(|_| ())
        });
    }

    fn customer_answers_the_bank(&mut self) {
        if let Some(invoice) = self.any_invoice() {
            self.sky.wire.books.borrow_mut().authenticate(&invoice);
        }
    }

    fn any_invoice(&mut self) -> Option<String> {
        let books = self.sky.wire.books.borrow();
        let all: Vec<&String> = books.invoices.keys().collect();
        let at = self.rng.below(all.len());
        all.get(at).map(|id| (*id).clone())
    }

    pub(super) fn provider_acts(&mut self) {
        let mut books = self.sky.wire.books.borrow_mut();
        if books.invoices.len() >= INVOICES_MAX {
            return;
        }
        let running: Vec<String> = books
            .subscriptions
            .iter()
            .filter(|(_, known)| matches!(known.status, "active" | "past_due"))
            .map(|(id, _)| id.clone())
            .collect();
        if let Some(subscription) = running.get(self.rng.below(running.len())) {
            let amount = self.rng.between(1, 10_000);
            books.bill(subscription, amount);
        }
    }

    /// The merchant, or the customer on Stripe's own pages.
    pub(super) fn others_act(&mut self) {
        let Some(invoice) = self.any_invoice() else { return };
        let mut books = self.sky.wire.books.borrow_mut();
        let subscription = books.invoices[&invoice].subscription.clone();
        match self.rng.below(7) {
            0 => books.close(&invoice, "void", "invoice.voided"),
            1 => books.close(&invoice, "uncollectible", "invoice.marked_uncollectible"),
            2 => {
                let reason = self.rng.pick(&["cancellation_requested", "payment_failed"]);
                books.set_subscription_status(&subscription, "canceled", Some(reason));
            }
            3 => books.set_subscription_status(&subscription, "paused", None),
            4 | 5 => {
                let paused = books.subscriptions[&subscription].status == "paused";
                if paused {
                    books.set_subscription_status(&subscription, "past_due", None);
                }
            }
            _ if self.kind == Kind::Faithful => books.pay_elsewhere(&invoice),
            _ => {}
        }
    }
}
