//! Direct debits, for which the bank takes days, and what makes them: an IBAN, or iDEAL.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break; each test file uses its own part of the helpers"
)]

mod common;

use common::Sandbox;
use common::story::{DAY_S, id};
use serde_json::{Value, json};

const TYPES: [(&str, &str); 4] = [
    ("allowed_payment_method_types[0]", "card"),
    ("allowed_payment_method_types[1]", "sepa_debit"),
    ("allowed_payment_method_types[2]", "ideal"),
    ("allowed_payment_method_types[3]", "bancontact"),
];

/// A customer whose renewal was declined, and who may give any kind of method.
struct Debtor<'a> {
    sandbox: &'a Sandbox,
    customer: String,
    invoice: String,
    clock: String,
}

impl<'a> Debtor<'a> {
    fn new(sandbox: &'a Sandbox) -> Self {
        let made = sandbox.scenario("0341");
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let (customer, invoice) = (text("customer"), text("invoice"));
        Self { sandbox, customer, invoice, clock: text("test_clock") }
    }

    fn begin_setup(&self) -> Value {
        let mut form = vec![("customer", self.customer.as_str())];
        form.extend_from_slice(&TYPES);
        self.sandbox.post("/v1/setup_intents", &form).ok()
    }

    fn confirm(&self, setup: &Value, form: &[(&str, &str)]) -> common::Answer {
        self.sandbox.post(&format!("/v1/setup_intents/{}/confirm", id(setup)), form)
    }

    /// A direct debit of this account, set up and attached.
    fn account(&self, iban: &str) -> String {
        let setup = self.begin_setup();
        let done = self.confirm(
            &setup,
            &[
                ("payment_method_data[type]", "sepa_debit"),
                ("payment_method_data[sepa_debit][iban]", iban),
                ("payment_method_data[billing_details][name]", "A"),
                ("payment_method_data[billing_details][email]", "a@example.com"),
            ],
        );
        let done = done.ok();
        assert_eq!(done["status"], "succeeded");
        done["payment_method"].as_str().unwrap().to_owned()
    }

    fn pay(&self, method: &str) -> common::Answer {
        let form = [("payment_method", method), ("off_session", "false")];
        self.sandbox.post(&format!("/v1/invoices/{}/pay", self.invoice), &form)
    }

    fn invoice(&self) -> Value {
        let path =
            format!("/v1/invoices/{}?expand[]=payments.data.payment.payment_intent", self.invoice);
        self.sandbox.get(&path).ok()
    }

    fn intent(&self) -> Value {
        self.invoice()["payments"]["data"][0]["payment"]["payment_intent"].clone()
    }

    fn count(&self, kind: &str) -> usize {
        let list = self.sandbox.get(&format!("/v1/events?type={kind}&limit=100")).ok();
        list["data"].as_array().unwrap().len()
    }
}

#[test]
fn a_debit_is_on_its_way_for_days_and_pays_once() {
    let sandbox = Sandbox::start(&[]);
    let debtor = Debtor::new(&sandbox);
    let method = debtor.account("DE89 3704 0044 0532 0130 00");
    let answer = debtor.pay(&method).ok();
    assert_eq!((&answer["status"], &answer["amount_remaining"]), (&json!("open"), &json!(1900)));
    assert_eq!(debtor.intent()["status"], "processing");
    let again = debtor.pay(&method).error(400);
    assert_eq!(again["code"], "payment_intent_unexpected_state");
    let void = format!("/v1/invoices/{}/void", debtor.invoice);
    assert_eq!(sandbox.post(&void, &[]).status, 400);
    assert_eq!(sandbox.ledger(&debtor.invoice), (0, 1), "the card's decline, and nothing paid yet");
    let clock = sandbox.get(&format!("/v1/test_helpers/test_clocks/{}", debtor.clock)).ok();
    let now_s = clock["frozen_time"].as_i64().unwrap();
    // Stripe's own retries rest meanwhile.
    sandbox.advance(&debtor.clock, now_s + 4 * DAY_S);
    assert_eq!(sandbox.ledger(&debtor.invoice), (0, 1));
    sandbox.advance(&debtor.clock, now_s + 6 * DAY_S);
    assert_eq!(sandbox.ledger(&debtor.invoice), (1, 1));
    assert_eq!(debtor.invoice()["status"], "paid");
    assert_eq!(debtor.count("invoice.paid"), 2, "the first period, and this one");
}

#[test]
fn a_debit_that_bounces_leaves_the_invoice_open() {
    let sandbox = Sandbox::start(&[]);
    let debtor = Debtor::new(&sandbox);
    let failures = debtor.count("invoice.payment_failed");
    let method = debtor.account("DE62370400440532013001");
    debtor.pay(&method).ok();
    assert_eq!(debtor.count("invoice.payment_failed"), failures, "nothing failed yet");
    let settled = sandbox.control("POST", "debits/settle", &json!({"customer": debtor.customer}));
    assert_eq!(settled["settled"], 1);
    let intent = debtor.intent();
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["last_payment_error"]["code"], "insufficient_funds");
    assert_eq!(intent["last_payment_error"]["payment_method"]["sepa_debit"]["last4"], "3001");
    assert_eq!(debtor.invoice()["status"], "open");
    assert_eq!(debtor.count("invoice.payment_failed"), failures + 1);
    // The bank may have been told otherwise; and then a card pays.
    debtor.pay(&method).ok();
    let order = json!({"customer": debtor.customer, "outcome": "approve"});
    sandbox.control("POST", "declines", &order);
    sandbox.control("POST", "debits/settle", &json!({"customer": debtor.customer}));
    assert_eq!(debtor.invoice()["status"], "paid");
    assert_eq!(sandbox.ledger(&debtor.invoice), (1, 2));
}

#[test]
fn ideal_leaves_a_direct_debit_in_the_attempt() {
    let sandbox = Sandbox::start(&[]);
    let debtor = Debtor::new(&sandbox);
    for kind in ["ideal", "bancontact"] {
        let setup = debtor.begin_setup();
        let typed = ("payment_method_data[type]", kind);
        let refused = debtor.confirm(&setup, &[typed]).error(400);
        assert_eq!(refused["param"], "return_url");
        let back = ("return_url", "http://127.0.0.1:1/back");
        // Stripe.js cannot ask in the page either.
        let form = [typed, back, ("use_stripe_sdk", "true")];
        let waiting = debtor.confirm(&setup, &form).ok();
        assert_eq!(waiting["next_action"]["type"], "redirect_to_url");
        let source = id(&setup);
        let secret = setup["client_secret"].as_str().unwrap();
        let answer =
            [("source", source.as_str()), ("client_secret", secret), ("outcome", "succeeded")];
        sandbox.post("/v1/3ds2/authenticate", &answer).ok();
        let path = format!("/v1/setup_intents/{source}?expand[]=latest_attempt");
        let done = sandbox.get(&path).ok();
        let used = done["payment_method"].as_str().unwrap();
        let details = &done["latest_attempt"]["payment_method_details"];
        assert_eq!(details["type"], kind);
        let left = details[kind]["generated_sepa_debit"].as_str().unwrap();
        assert_ne!(used, left);
        let method = sandbox.get(&format!("/v1/payment_methods/{left}")).ok();
        assert_eq!(method["type"], "sepa_debit");
        assert_eq!(method["customer"], debtor.customer.as_str());
        // What was used is used up.
        let customer = format!("/v1/customers/{}", debtor.customer);
        let default = |method| [("invoice_settings[default_payment_method]", method)];
        assert_eq!(sandbox.post(&customer, &default(used)).status, 400);
        sandbox.post(&customer, &default(left)).ok();
    }
}

#[test]
fn a_wallet_hands_over_a_card() {
    let sandbox = Sandbox::start(&[]);
    let debtor = Debtor::new(&sandbox);
    let setup = debtor.begin_setup();
    let form = [
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][token]", "tok_sandbox_google_pay"),
    ];
    let done = debtor.confirm(&setup, &form).ok();
    let method = done["payment_method"].as_str().unwrap().to_owned();
    let card = sandbox.get(&format!("/v1/payment_methods/{method}")).ok()["card"].clone();
    assert_eq!((&card["wallet"]["type"], &card["last4"]), (&json!("google_pay"), &json!("4242")));
    debtor.pay(&method).ok();
    assert_eq!(sandbox.ledger(&debtor.invoice), (1, 1));
}

#[test]
fn what_was_not_allowed_or_is_no_account_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let debtor = Debtor::new(&sandbox);
    let cards_only = sandbox.post("/v1/setup_intents", &[("customer", &debtor.customer)]).ok();
    let form = |iban| {
        [
            ("payment_method_data[type]", "sepa_debit"),
            ("payment_method_data[sepa_debit][iban]", iban),
            ("payment_method_data[billing_details][name]", "A"),
            ("payment_method_data[billing_details][email]", "a@example.com"),
        ]
    };
    assert_eq!(debtor.confirm(&cards_only, &form("DE89370400440532013000")).status, 400);
    let setup = debtor.begin_setup();
    for iban in ["DE00370400440532013000", "nonsense", "GB29NWBK60161331926819"] {
        let error = debtor.confirm(&setup, &form(iban)).error(400);
        assert_eq!(error["code"], "invalid_bank_account_iban", "{iban}");
    }
    let nameless = &form("DE89370400440532013000")[..2];
    assert_eq!(debtor.confirm(&setup, nameless).error(400)["code"], "parameter_missing");
    let unknown = [("allowed_payment_method_types[0]", "boleto")];
    assert_eq!(sandbox.post("/v1/setup_intents", &unknown).status, 400);
}
