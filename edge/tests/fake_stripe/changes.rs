//! What leaving and staying change: subscriptions, coupons, the balance, invoices that are let go.
//!
//! An ended subscription takes nothing but words about its end; what is paused cannot be paused
//! again, what is settled cannot be voided, and a coupon exists once
//! (<https://docs.stripe.com/api/subscriptions/update>,
//! <https://docs.stripe.com/api/invoices/void>, read 2026-11).

use super::api::{Answer, Asked, missing, page};
use super::books::{Books, Coupon};
use super::{CUSTOMER, shape};
use reprieve_edge::provider::stripe::transport::Method;
use serde_json::json;

const WORDS: &str = "cancellation_details";

fn refused(code: &str) -> Answer {
    Answer::error(400, "invalid_request_error", code)
}

impl Books {
    pub(super) fn change(&mut self, verb: Method, path: &[&str], asked: &Asked) -> Answer {
        match (verb, path) {
            (Method::Post, ["subscriptions", id]) => self.update_subscription(id, asked),
            (Method::Post, ["subscriptions", id, "pause"]) => self.pause(id, asked),
            (Method::Post, ["subscriptions", id, "resume"]) => self.resume(id, asked),
            (Method::Delete, ["subscriptions", id]) => self.end_subscription(id, asked),
            (Method::Post, ["coupons"]) => self.make_coupon(asked),
            (Method::Post, ["customers", id, "balance_transactions"]) => self.credit(id, asked),
            (Method::Post, ["invoices", id]) => self.update_invoice(id, asked),
            (Method::Post, ["invoices", id, "finalize"]) => self.finalize(id, asked),
            (Method::Post, ["invoices", id, "void"]) => self.void(id, asked),
            _ => panic!("an unknown request: {}", asked.text),
        }
    }

    /// A subscription that can still be changed.
    fn running(&self, id: &str) -> bool {
        self.subscriptions.get(id).is_some_and(|known| known.status != "canceled")
    }

    fn changed(&mut self, id: &str) -> Answer {
        self.subscription_event(id);
        Answer::of(200, shape::subscription(id, &self.subscriptions[id]))
    }

    fn update_subscription(&mut self, id: &str, asked: &Asked) -> Answer {
        let places = (0..=1)
            .flat_map(|at| ["coupon", "discount"].map(|kind| format!("discounts[{at}][{kind}]")));
        let mut names: Vec<String> = [
            "default_payment_method",
            "cancel_at_period_end",
            "cancellation_details[feedback]",
            "cancellation_details[comment]",
            "pause_collection",
            "pause_collection[behavior]",
            "pause_collection[resumes_at]",
            "trial_end",
            "proration_behavior",
            "items[0][id]",
            "items[0][price]",
        ]
        .map(str::to_owned)
        .to_vec();
        names.extend(places);
        asked.knows(&names.iter().map(String::as_str).collect::<Vec<_>>());
        if !self.running(id) {
            let is_said = asked.form.keys().all(|name| name.starts_with(WORDS));
            let known = self.subscriptions.get(id).filter(|_| is_said);
            return known.map_or_else(missing, |s| Answer::of(200, shape::subscription(id, s)));
        }
        if let Some(method) = asked.one("default_payment_method") {
            if !self.cards.contains_key(method) {
                return missing();
            }
            self.subscriptions.get_mut(id).unwrap().default_method = Some(method.to_owned());
        }
        if let Some(refusal) = self.set_discounts(id, asked) {
            return refusal;
        }
        self.set_times(id, asked);
        self.changed(id)
    }

    fn set_times(&mut self, id: &str, asked: &Asked) {
        let seconds = |name| asked.one(name).map(|text| text.parse::<i64>().expect("seconds"));
        let known = self.subscriptions.get_mut(id).unwrap();
        if let Some(ends) = asked.one("cancel_at_period_end") {
            known.ends_with_period = ends == "true";
        }
        if asked.one("pause_collection") == Some("") {
            known.collection_resumes_s = None;
        }
        if let Some(behavior) = asked.one("pause_collection[behavior]") {
            assert_eq!(behavior, "void");
            known.collection_resumes_s = seconds("pause_collection[resumes_at]");
        }
        if let Some(at) = seconds("trial_end") {
            (known.trial_end_s, known.status) = (Some(at), "trialing");
        }
        if let Some(price) = asked.one("items[0][price]") {
            assert_eq!(asked.one("items[0][id]"), Some(format!("si_{id}").as_str()));
            assert_eq!(asked.one("proration_behavior"), Some("none"), "no charge now");
            known.price = price.to_owned();
        }
    }

    /// The list that is sent is the whole list: what is not in it is gone.
    fn set_discounts(&mut self, id: &str, asked: &Asked) -> Option<Answer> {
        let mut discounts = Vec::new();
        for at in 0..=1 {
            if let Some(kept) = asked.one(&format!("discounts[{at}][discount]")) {
                let had = self.subscriptions[id].discounts.iter().find(|(id, _)| id == kept);
                let Some(had) = had.cloned() else { return Some(missing()) };
                discounts.push(had);
            }
            if let Some(coupon) = asked.one(&format!("discounts[{at}][coupon]")) {
                let Some(known) = self.coupons.get_mut(coupon) else {
                    return Some(refused("resource_missing"));
                };
                if known.redeemed_max.is_some_and(|max| known.redeemed >= max) {
                    return Some(refused("coupon_expired"));
                }
                known.redeemed += 1;
                discounts.push((self.next_id("di"), coupon.to_owned()));
            }
        }
        if !discounts.is_empty() {
            self.subscriptions.get_mut(id).unwrap().discounts = discounts;
        }
        None
    }

    fn pause(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["type", "bill_for[unused_time_from][type]", "invoicing_behavior"]);
        if !self.running(id) {
            return missing();
        }
        if self.subscriptions[id].status == "paused" {
            return refused("subscription_already_paused");
        }
        self.set_subscription_status(id, "paused", None);
        Answer::of(200, shape::subscription(id, &self.subscriptions[id]))
    }

    fn resume(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["billing_cycle_anchor[type]", "payment_behavior"]);
        if !self.running(id) {
            return missing();
        }
        if self.subscriptions[id].status != "paused" {
            return refused("subscription_not_paused");
        }
        self.set_subscription_status(id, "active", None);
        Answer::of(200, shape::subscription(id, &self.subscriptions[id]))
    }

    fn end_subscription(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&[]);
        if !self.running(id) {
            return missing();
        }
        self.set_subscription_status(id, "canceled", Some("cancellation_requested"));
        Answer::of(200, shape::subscription(id, &self.subscriptions[id]))
    }

    fn make_coupon(&mut self, asked: &Asked) -> Answer {
        let value = ["percent_off", "amount_off", "currency"];
        let rest = ["id", "name", "duration", "duration_in_months", "max_redemptions"];
        asked.knows(&[&value[..], &rest].concat());
        let id = asked.one("id").expect("a name of its own").to_owned();
        if self.coupons.contains_key(&id) {
            return refused("resource_already_exists");
        }
        let number = |name| asked.one(name).map(|text| text.parse().expect("a number"));
        let (months, redeemed_max) = (number("duration_in_months"), number("max_redemptions"));
        assert_eq!(asked.one("duration") == Some("once"), months.is_none());
        self.coupons.insert(id.clone(), Coupon { months, redeemed: 0, redeemed_max });
        self.shown_coupon(&id)
    }

    pub(super) fn shown_coupon(&self, id: &str) -> Answer {
        let Some(coupon) = self.coupons.get(id) else { return missing() };
        let body = json!({"id": id, "object": "coupon", "times_redeemed": coupon.redeemed,
            "duration_in_months": coupon.months, "max_redemptions": coupon.redeemed_max});
        Answer::of(200, body)
    }

    fn credit(&mut self, customer: &str, asked: &Asked) -> Answer {
        asked.knows(&["amount", "currency", "metadata[reprieve_key]"]);
        assert!(asked.key.is_some(), "a credit has a key");
        if customer != CUSTOMER {
            return missing();
        }
        let amount = asked.one("amount").expect("an amount").parse().expect("a number");
        self.balance.push((amount, asked.one("metadata[reprieve_key]").map(str::to_owned)));
        Answer::of(
            200,
            json!({"id": self.next_id("cbtxn"), "object": "customer_balance_transaction"}),
        )
    }

    /// Movements of a customer's balance, the newest first.
    pub(super) fn balance_of(&self, customer: &str, asked: &Asked) -> Answer {
        asked.knows(&["limit", "starting_after"]);
        if customer != CUSTOMER {
            return missing();
        }
        let all = self.balance.iter().enumerate().rev().map(|(at, (amount, mark))| {
            let id = format!("cbtxn_{at}");
            let object = json!({"id": id, "object": "customer_balance_transaction",
                "amount": amount, "metadata": {"reprieve_key": mark}});
            (id, object)
        });
        page(all.collect(), asked)
    }

    fn update_invoice(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["auto_advance"]);
        let Some(invoice) = self.invoices.get_mut(id) else { return missing() };
        if !matches!(invoice.status, "draft" | "open") {
            return refused("invoice_not_editable");
        }
        invoice.auto_advance = asked.one("auto_advance") == Some("true");
        Answer::of(200, shape::invoice(self, id, &[]))
    }

    fn finalize(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["auto_advance"]);
        let Some(invoice) = self.invoices.get_mut(id) else { return missing() };
        if invoice.status != "draft" {
            return refused("invoice_not_editable");
        }
        invoice.status = "open";
        invoice.auto_advance = asked.one("auto_advance") == Some("true");
        self.invoice_event(id, "invoice.finalized");
        Answer::of(200, shape::invoice(self, id, &[]))
    }

    fn void(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&[]);
        let Some(invoice) = self.invoices.get(id) else { return missing() };
        if invoice.status != "open" {
            return refused("invoice_not_open");
        }
        self.close(id, "void", "invoice.voided");
        Answer::of(200, shape::invoice(self, id, &[]))
    }
}
