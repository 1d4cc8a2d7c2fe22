//! Charges: what the bank says, and what becomes of the invoice.

use super::books::{Books, By, Capture, Intent};
use super::shape;
use serde_json::{Value, json};

/// What a card's bank says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Approve,
    /// No, with this decline code.
    Decline(&'static str),
    /// Only with the customer, who then has to answer a challenge.
    Authenticate,
}

/// How one charge ended.
pub(super) enum Charged {
    Paid,
    Declined(Value),
    Waits,
}

impl Books {
    /// The order of defaults: the subscription's, then the customer's.
    fn default_method(&self, id: &str) -> Option<String> {
        let own = self.subscriptions[&self.invoices[id].subscription].default_method.clone();
        own.or_else(|| self.customer_default.clone())
    }

    pub(super) fn charge(
        &mut self,
        id: &str,
        (method, is_on_session): (Option<&str>, bool),
        by: &By,
    ) -> Charged {
        let Some(method) = method.map(str::to_owned).or_else(|| self.default_method(id)) else {
            return self.decline(id, "pm_none", "missing");
        };
        let card = self.cards.get_mut(&method).expect("a card that was issued");
        let verdict = match card.verdicts.len() {
            0 => Verdict::Approve,
            1 => card.verdicts[0],
            _ => card.verdicts.pop_front().unwrap(),
        };
        let key = match by {
            By::Key(key) => Some(key.clone()),
            _ => None,
        };
        self.attempts.push((id.to_owned(), method.clone(), key));
        match verdict {
            Verdict::Approve => {
                self.capture(id, by.clone());
                let intent = self.invoices.get_mut(id).unwrap().intent.as_mut().unwrap();
                intent.method = Some(method);
                Charged::Paid
            }
            Verdict::Decline(code) => self.decline(id, &method, code),
            Verdict::Authenticate if is_on_session => {
                let intent = self.intent(id, "requires_action");
                intent.method = Some(method);
                intent.error = None;
                self.invoice_event(id, "invoice.payment_action_required");
                Charged::Waits
            }
            Verdict::Authenticate => self.decline(id, &method, "authentication_required"),
        }
    }

    fn intent(&mut self, id: &str, status: &'static str) -> &mut Intent {
        let fresh = self.next_id("pi");
        let invoice = self.invoices.get_mut(id).unwrap();
        let first = Intent { id: fresh, status, method: None, error: None };
        let intent = invoice.intent.get_or_insert(first);
        intent.status = status;
        intent
    }

    pub(super) fn capture(&mut self, id: &str, by: By) {
        let intent = self.intent(id, "succeeded");
        intent.error = None;
        let invoice = self.invoices.get_mut(id).unwrap();
        let amount = invoice.amount_due;
        invoice.status = "paid";
        invoice.amount_paid += amount;
        invoice.next_attempt = None;
        let subscription = invoice.subscription.clone();
        self.captures.push(Capture { invoice: id.to_owned(), amount, by });
        self.invoice_event(id, "invoice.paid");
        self.invoice_event(id, "invoice.payment_succeeded");
        let owes = self
            .invoices
            .iter()
            .any(|(other, known)| known.subscription == subscription && self.is_owed(other));
        if !owes && self.subscriptions[&subscription].status == "past_due" {
            self.set_subscription_status(&subscription, "active", None);
        }
    }

    fn decline(&mut self, id: &str, method: &str, code: &'static str) -> Charged {
        let charge = self.next_id("ch");
        let network_code = (code == "insufficient_funds").then_some("51");
        let error = json!({
            "type": "card_error",
            "code": if code == "authentication_required" { code } else { "card_declined" },
            "decline_code": code,
            "network_decline_code": network_code,
            "charge": charge,
            "message": "Your card was declined.",
            "payment_method": shape::method(method, self.cards.get(method)),
        });
        let intent = self.intent(id, "requires_payment_method");
        intent.method = None;
        intent.error = Some(error.clone());
        self.invoice_event(id, "invoice.payment_failed");
        let subscription = self.invoices[id].subscription.clone();
        if self.subscriptions[&subscription].status == "active" {
            self.set_subscription_status(&subscription, "past_due", None);
        }
        Charged::Declined(error)
    }

    /// Stripe's own attempt: it alone moves the count after the first.
    pub(crate) fn attempt_by_schedule(&mut self, id: &str) {
        let invoice = self.invoices.get_mut(id).unwrap();
        invoice.next_attempt = None;
        if invoice.status != "open" {
            return;
        }
        // Counted before the event that tells of it.
        invoice.attempt_count += 1;
        self.plan_next(id);
        // Paused or ended: nothing is collected.
        let status = self.subscriptions[&self.invoices[id].subscription].status;
        if !matches!(status, "canceled" | "paused") {
            self.charge(id, (None, false), &By::Schedule);
        }
    }
}
