//! The calls that the adapter makes, and what Stripe answers.

use super::bank::Charged;
use super::books::{Books, By, Setup};
use super::{CUSTOMER, shape};
use reprieve_edge::provider::stripe::transport::Method;
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
    pub(super) verb: Method,
    /// Parts of the path after `/v1/`.
    pub(super) path: Vec<String>,
    pub(super) form: BTreeMap<String, Vec<String>>,
    pub(super) key: Option<String>,
    /// Everything that two requests under one key must have in common.
    pub(super) text: String,
}

impl Asked {
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let values = self.form.get(name)?;
        assert_eq!(values.len(), 1, "{name} is sent once");
        Some(&values[0])
    }

    pub(super) fn expand(&self) -> Vec<String> {
        self.form.get("expand[]").cloned().unwrap_or_default()
    }

    /// Where in a list, and how much of it.
    fn place(&self) -> (Option<&str>, usize) {
        let limit = self.one("limit").map_or(10, |text| text.parse().expect("a number"));
        assert!((1..=100).contains(&limit), "Stripe's limit of a page");
        (self.one("starting_after"), limit)
    }

    /// Stripe refuses parameters that it does not know; here that is a broken test.
    pub(super) fn knows(&self, names: &[&str]) {
        for name in self.form.keys() {
            assert!(
                names.contains(&name.as_str()),
                "an unknown parameter: {name} of {}",
                self.text
            );
        }
    }
}

pub(super) fn missing() -> Answer {
    Answer::error(404, "invalid_request_error", "resource_missing")
}

/// A page of a list; behind an object that is not in it there is nothing to ask for.
pub(super) fn page(newest_first: Vec<(String, Value)>, asked: &Asked) -> Answer {
    let gone = || Answer::error(400, "invalid_request_error", "resource_missing");
    shape::page(newest_first, asked.place()).map_or_else(gone, |page| Answer::of(200, page))
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
        match (asked.verb, path.as_slice()) {
            (Method::Get, path) => self.read(path, asked),
            (Method::Post, ["invoices", id, "pay"]) => self.pay(id, asked),
            (Method::Post, ["setup_intents"]) => self.start_setup(asked),
            (Method::Post, ["billing_portal", "sessions"]) => open_page(asked),
            (Method::Post, ["customers", id]) => self.set_customer_default(id, asked),
            (verb, path) => self.change(verb, path, asked),
        }
    }

    fn read(&self, path: &[&str], asked: &Asked) -> Answer {
        match path {
            ["invoices"] => self.open_invoices(asked),
            ["invoices", id] => {
                asked.knows(&["expand[]"]);
                let known = self.invoices.contains_key(*id);
                if !known {
                    return missing();
                }
                Answer::of(200, shape::invoice(self, id, &asked.expand()))
            }
            ["payment_methods"] => self.cards_on_file(asked),
            ["events"] => self.events_of(asked),
            ["subscriptions"] if asked.one("customer").is_none() => self.renewals(asked),
            ["subscriptions"] => {
                asked.knows(&["customer", "status", "limit"]);
                if asked.one("customer") != Some(CUSTOMER) {
                    return missing();
                }
                let all = self.subscriptions.iter().map(|(id, s)| shape::subscription(id, s));
                Answer::of(200, shape::list(all.collect()))
            }
            ["subscriptions", id] => {
                asked.knows(&["expand[]"]);
                let known = self.subscriptions.get(*id);
                known.map_or_else(missing, |s| Answer::of(200, shape::subscription(id, s)))
            }
            ["coupons", id] => {
                asked.knows(&[]);
                self.shown_coupon(id)
            }
            ["customers", id] => {
                asked.knows(&[]);
                if *id == CUSTOMER { Answer::of(200, shape::customer(self)) } else { missing() }
            }
            ["customers", id, "balance_transactions"] => self.balance_of(id, asked),
            ["setup_intents", id] => {
                asked.knows(&["expand[]"]);
                match self.setups.get(*id) {
                    Some(setup) => Answer::of(200, shape::setup(self, id, setup, &asked.expand())),
                    None => missing(),
                }
            }
            ["charges", id] => match *id {
                "ch_known" => Answer::of(200, json!({"id": id, "customer": CUSTOMER})),
                "ch_nobody" => Answer::of(200, json!({"id": id, "customer": null})),
                _ => missing(),
            },
            _ => panic!("an unknown request: {}", asked.text),
        }
    }

    fn cards_on_file(&self, asked: &Asked) -> Answer {
        asked.knows(&["customer", "type", "limit"]);
        if asked.one("customer") != Some(CUSTOMER) {
            return missing();
        }
        let mut methods: Vec<_> = self.cards.iter().collect();
        // `pm_10` is newer than `pm_9`.
        methods.sort_by_key(|(id, _)| std::cmp::Reverse((id.len(), id.as_str())));
        let methods = methods.into_iter().take(10);
        let shapes = methods.map(|(id, card)| shape::method(id, Some(card)));
        Answer::of(200, shape::list(shapes.collect()))
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
        page(wanted, asked)
    }

    fn renewals(&self, asked: &Asked) -> Answer {
        asked.knows(&["limit", "starting_after", "expand[]"]);
        let going_on = self.subscriptions.iter().filter(|(_, known)| known.status != "canceled");
        let mut ids: Vec<&String> = going_on.map(|(id, _)| id).collect();
        ids.sort_by_key(|id| std::cmp::Reverse((id.len(), id.as_str())));
        let expand = asked.expand();
        let all = ids.into_iter().map(|id| (id.clone(), shape::renewal(self, id, &expand)));
        page(all.collect(), asked)
    }

    fn open_invoices(&self, asked: &Asked) -> Answer {
        asked.knows(&["customer", "status", "limit", "starting_after"]);
        assert_eq!(asked.one("status"), Some("open"));
        if asked.one("customer").is_none() {
            let open = self.invoices.iter().filter(|(_, invoice)| invoice.status == "open");
            let mut ids: Vec<&String> = open.map(|(id, _)| id).collect();
            ids.sort_by_key(|id| std::cmp::Reverse((id.len(), id.as_str())));
            let all = ids.into_iter().map(|id| (id.clone(), shape::invoice(self, id, &[])));
            return page(all.collect(), asked);
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
