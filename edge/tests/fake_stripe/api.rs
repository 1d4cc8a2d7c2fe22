//! The calls that the adapter makes, and what Stripe answers.

use super::bank::Charged;
use super::books::{Books, By, Setup};
use super::{CUSTOMER, shape};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An answer before it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(super) fn of(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    pub(super) fn error(status: u16, kind: &str, code: &str) -> Self {
        Self::of(status, json!({"error": {"type": kind, "code": code, "message": "No."}}))
    }
}

/// A request as Stripe reads it.
pub(super) struct Asked {
    pub(super) is_post: bool,
    /// Parts of the path after `/v1/`.
    pub(super) path: Vec<String>,
    pub(super) form: BTreeMap<String, Vec<String>>,
    pub(super) key: Option<String>,
    /// Everything that two requests under one key must have in common.
    pub(super) text: String,
}

impl Asked {
    fn one(&self, name: &str) -> Option<&str> {
        let values = self.form.get(name)?;
        assert_eq!(values.len(), 1, "{name} is sent once");
        Some(&values[0])
    }

    fn expand(&self) -> Vec<String> {
        self.form.get("expand[]").cloned().unwrap_or_default()
    }

    /// Where in a list, and how much of it.
    fn place(&self) -> (Option<&str>, usize) {
        let limit = self.one("limit").map_or(10, |text| text.parse().expect("a number"));
        assert!((1..=100).contains(&limit), "Stripe's limit of a page");
        (self.one("starting_after"), limit)
    }

    /// Stripe refuses parameters that it does not know; here that is a broken test.
    fn knows(&self, names: &[&str]) {
        for name in self.form.keys() {
            assert!(
                names.contains(&name.as_str()),
                "an unknown parameter: {name} of {}",
                self.text
            );
        }
    }
}

fn missing() -> Answer {
    Answer::error(404, "invalid_request_error", "resource_missing")
}

fn open_page(asked: &Asked) -> Answer {
    asked.knows(&[
        "customer",
        "return_url",
        "flow_data[type]",
        "flow_data[after_completion][type]",
        "flow_data[after_completion][redirect][return_url]",
    ]);
    if asked.one("customer") != Some(CUSTOMER) {
        return missing();
    }
    let url = "https://billing.example/session/live_1";
    Answer::of(200, json!({"id": "bps_1", "url": url}))
}

impl Books {
    /// Answers, and keeps the answer under its key.
    pub(super) fn answer(&mut self, asked: &Asked) -> Answer {
        if let Some(key) = &asked.key {
            match self.keys.recall(key, &asked.text) {
                Some(Ok(answer)) => return answer,
                Some(Err(())) => {
                    return Answer::error(400, "idempotency_error", "idempotency_error");
                }
                None => {}
            }
        }
        let answer = self.route(asked);
        // Requests that were refused before anything ran are not kept.
        if let Some(key) = asked.key.as_deref().filter(|_| !matches!(answer.status, 400 | 404)) {
            self.keys.keep(key, &asked.text, &answer);
        }
        answer
    }

    fn route(&mut self, asked: &Asked) -> Answer {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        match (asked.is_post, path.as_slice()) {
            (false, ["invoices"]) => self.open_invoices(asked),
            (false, ["invoices", id]) => {
                asked.knows(&["expand[]"]);
                let known = self.invoices.contains_key(*id);
                if !known {
                    return missing();
                }
                Answer::of(200, shape::invoice(self, id, &asked.expand()))
            }
            (true, ["invoices", id, "pay"]) => self.pay(id, asked),
            (false, ["payment_methods"]) => {
                asked.knows(&["customer", "type", "limit"]);
                if asked.one("customer") != Some(CUSTOMER) {
                    return missing();
                }
                let mut methods: Vec<_> = self.cards.iter().collect();
                // `pm_10` is newer than `pm_9`.
                methods.sort_by_key(|(id, _)| std::cmp::Reverse((id.len(), id.as_str())));
                let methods = methods.into_iter().take(10);
                Answer::of(
                    200,
                    shape::list(methods.map(|(id, c)| shape::method(id, Some(c))).collect()),
                )
            }
            (false, ["events"]) => self.events_of(asked),
            (false, ["subscriptions"]) if asked.one("customer").is_none() => self.renewals(asked),
            (false, ["subscriptions"]) => {
                asked.knows(&["customer", "status", "limit"]);
                if asked.one("customer") != Some(CUSTOMER) {
                    return missing();
                }
                let all = self.subscriptions.iter().map(|(id, s)| shape::subscription(id, s));
                Answer::of(200, shape::list(all.collect()))
            }
            (true, ["subscriptions", id]) => self.set_subscription_default(id, asked),
            (true, ["customers", id]) => self.set_customer_default(id, asked),
            (true, ["setup_intents"]) => self.start_setup(asked),
            (true, ["billing_portal", "sessions"]) => open_page(asked),
            (false, ["setup_intents", id]) => {
                asked.knows(&["expand[]"]);
                match self.setups.get(*id) {
                    Some(setup) => Answer::of(200, shape::setup(self, id, setup, &asked.expand())),
                    None => missing(),
                }
            }
            (false, ["charges", id]) => match *id {
                "ch_known" => Answer::of(200, json!({"id": id, "customer": CUSTOMER})),
                "ch_nobody" => Answer::of(200, json!({"id": id, "customer": null})),
                _ => missing(),
            },
            _ => panic!("an unknown request: {}", asked.text),
        }
    }

    fn start_setup(&mut self, asked: &Asked) -> Answer {
        asked.knows(&[
            "customer",
            "usage",
            "allowed_payment_method_types[]",
            "metadata[reprieve]",
            "metadata[reprieve_merchant]",
        ]);
        let id = self.next_id("seti");
        let customer = asked.one("customer").expect("a customer").to_owned();
        self.setups.insert(id.clone(), Setup { customer, method: None });
        Answer::of(200, shape::setup(self, &id, &self.setups[&id], &[]))
    }

    fn events_of(&self, asked: &Asked) -> Answer {
        asked.knows(&["created[gte]", "created[lte]", "types[]", "limit", "starting_after"]);
        let second = |name| asked.one(name).map(|text| text.parse::<i64>().expect("seconds"));
        let window = second("created[gte]").unwrap()..=second("created[lte]").unwrap();
        let types = &asked.form["types[]"];
        let wanted = self.history.iter().rev().filter(|(_, at, body)| {
            window.contains(at) && types.iter().any(|kind| body["type"] == *kind)
        });
        let wanted = wanted.map(|(id, _, body)| (id.clone(), body.clone())).collect();
        Answer::of(200, shape::page(wanted, asked.place()))
    }

    fn renewals(&self, asked: &Asked) -> Answer {
        asked.knows(&["limit", "starting_after", "expand[]"]);
        let going_on = self.subscriptions.iter().filter(|(_, known)| known.status != "canceled");
        let mut ids: Vec<&String> = going_on.map(|(id, _)| id).collect();
        ids.sort_by_key(|id| std::cmp::Reverse((id.len(), id.as_str())));
        let expand = asked.expand();
        let all = ids.into_iter().map(|id| (id.clone(), shape::renewal(self, id, &expand)));
        Answer::of(200, shape::page(all.collect(), asked.place()))
    }

    fn open_invoices(&self, asked: &Asked) -> Answer {
        asked.knows(&["customer", "status", "limit", "starting_after"]);
        assert_eq!(asked.one("status"), Some("open"));
        if asked.one("customer").is_none() {
            let open = self.invoices.iter().filter(|(_, invoice)| invoice.status == "open");
            let mut ids: Vec<&String> = open.map(|(id, _)| id).collect();
            ids.sort_by_key(|id| std::cmp::Reverse((id.len(), id.as_str())));
            let all = ids.into_iter().map(|id| (id.clone(), shape::invoice(self, id, &[])));
            return Answer::of(200, shape::page(all.collect(), asked.place()));
        }
        if asked.one("customer") != Some(CUSTOMER) {
            // Lists answer 400 with the code of a missing object.
            return Answer::error(400, "invalid_request_error", "resource_missing");
        }
        let open = self.invoices.iter().filter(|(_, invoice)| invoice.status == "open");
        let data = open.rev().map(|(id, _)| shape::invoice(self, id, &[])).collect();
        Answer::of(200, shape::list(data))
    }

    fn set_customer_default(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["invoice_settings[default_payment_method]"]);
        let method = asked.one("invoice_settings[default_payment_method]").expect("a method");
        if id != CUSTOMER || !self.cards.contains_key(method) {
            return missing();
        }
        self.customer_default = Some(method.to_owned());
        Answer::of(200, shape::customer(self))
    }

    fn set_subscription_default(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["default_payment_method"]);
        let method = asked.one("default_payment_method").expect("a method");
        let known = self.cards.contains_key(method);
        let Some(subscription) = self.subscriptions.get_mut(id).filter(|_| known) else {
            return missing();
        };
        if subscription.status == "canceled" {
            return Answer::error(400, "invalid_request_error", "resource_missing");
        }
        subscription.default_method = Some(method.to_owned());
        let object = shape::subscription(id, subscription);
        self.event("customer.subscription.updated", object.clone());
        Answer::of(200, object)
    }

    fn pay(&mut self, id: &str, asked: &Asked) -> Answer {
        asked.knows(&["payment_method", "off_session", "expand[]"]);
        let key = asked.key.clone().expect("a payment has a key");
        let Some(invoice) = self.invoices.get_mut(id) else { return missing() };
        let charges_again = self.is_gullible && invoice.status == "paid";
        if invoice.status != "open" && !charges_again {
            let code = match invoice.status {
                "paid" => "invoice_already_paid",
                _ => "invoice_not_editable",
            };
            return Answer::error(400, "invalid_request_error", code);
        }
        let method = asked.one("payment_method");
        if method.is_some_and(|method| !self.cards.contains_key(method)) {
            return missing();
        }
        // Any attempt counts as the first one; after it only the automatic ones do.
        invoice.attempt_count = invoice.attempt_count.max(1);
        let is_on_session = asked.one("off_session") == Some("false");
        let method = method.map(str::to_owned);
        match self.charge(id, (method.as_deref(), is_on_session), &By::Key(key)) {
            Charged::Paid => Answer::of(200, shape::invoice(self, id, &asked.expand())),
            Charged::Declined(mut error) => {
                error["payment_intent"] =
                    shape::intent(self.invoices[id].intent.as_ref().expect("it was tried"));
                Answer::of(402, json!({"error": error}))
            }
            Charged::Waits => Answer::of(
                402,
                json!({"error": {"type": "card_error", "message": "…",
                    "code": "invoice_payment_intent_requires_action",
                    "payment_intent": shape::intent(self.invoices[id].intent.as_ref().unwrap())}}),
            ),
        }
    }
}
