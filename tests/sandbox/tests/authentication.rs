//! Banks that want to see the customer (3-D Secure): at set-up, and at the payment.
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

use common::{Answer, Sandbox, encode, request};
use serde_json::Value;

/// Asks as a page does: publishable key and client secret, nothing else.
fn from_page(sandbox: &Sandbox, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("key", "pk_test_page")];
    pairs.extend_from_slice(form);
    let headers =
        [("origin", "http://127.0.0.1:1"), ("content-type", "application/x-www-form-urlencoded")];
    match method {
        "GET" => {
            let path = format!("{path}?{}", encode(&pairs));
            request(&sandbox.api, method, &path, &headers[..1], "")
        }
        _ => request(&sandbox.api, method, path, &headers, &encode(&pairs)),
    }
}

fn answer_bank(sandbox: &Sandbox, secret: &str, outcome: &str) {
    let source = secret.split("_secret_").next().unwrap();
    let form = [("client_secret", secret), ("source", source), ("outcome", outcome)];
    from_page(sandbox, "POST", "/v1/3ds2/authenticate", &form).ok();
}

/// The payment intent of an invoice, and its client secret.
fn intent_of(sandbox: &Sandbox, invoice: &str) -> (Value, String) {
    let path = format!(
        "/v1/invoices/{invoice}?expand[]=payments.data.payment.payment_intent\
         &expand[]=confirmation_secret"
    );
    let state = sandbox.get(&path).ok();
    let secret = state["confirmation_secret"]["client_secret"].as_str().unwrap().to_owned();
    (state["payments"]["data"][0]["payment"]["payment_intent"].clone(), secret)
}

#[test]
fn a_set_up_waits_for_the_bank() {
    let sandbox = Sandbox::start(&[]);
    let customer = sandbox.post("/v1/customers", &[("email", "a@example.com")]).ok();
    let customer = customer["id"].as_str().unwrap();
    let intent = sandbox.post("/v1/setup_intents", &[("customer", customer)]).ok();
    let secret = intent["client_secret"].as_str().unwrap();
    let path = format!("/v1/setup_intents/{}", intent["id"].as_str().unwrap());
    let card = [
        ("client_secret", secret),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", "4000002500003155"),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "34"),
        ("payment_method_data[card][cvc]", "123"),
    ];
    let confirm = || from_page(&sandbox, "POST", &format!("{path}/confirm"), &card).ok();
    let state = || from_page(&sandbox, "GET", &path, &[("client_secret", secret)]).ok();
    assert_eq!(confirm()["status"], "requires_action");
    answer_bank(&sandbox, secret, "failed");
    let failed = state();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_setup_error"]["code"], "setup_intent_authentication_failure");
    assert_eq!(confirm()["next_action"]["type"], "use_stripe_sdk");
    answer_bank(&sandbox, secret, "succeeded");
    assert_eq!(state()["status"], "succeeded");
    let methods = sandbox.get(&format!("/v1/payment_methods?customer={customer}")).ok();
    assert_eq!(methods["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_renewal_without_the_customer_is_declined_and_paid_when_they_are_back() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("3184");
    let invoice = cast["invoice"].as_str().unwrap();
    let (intent, _) = intent_of(&sandbox, invoice);
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["last_payment_error"]["code"], "authentication_required");
    let events = sandbox.get("/v1/events?type=invoice.payment_action_required").ok();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);

    // Away again: declined again. There: the bank asks, and nothing is charged before it has
    // its answer.
    let path = format!("/v1/invoices/{invoice}/pay");
    let away = sandbox.post(&path, &[]).error(402);
    assert_eq!(away["decline_code"], "authentication_required");
    let there = sandbox.post(&path, &[("off_session", "false")]).error(402);
    assert_eq!(there["code"], "invoice_payment_intent_requires_action");
    let (intent, secret) = intent_of(&sandbox, invoice);
    assert_eq!(intent["status"], "requires_action");
    assert_eq!(sandbox.ledger(invoice), (0, 2));

    answer_bank(&sandbox, &secret, "failed");
    let (intent, _) = intent_of(&sandbox, invoice);
    let code = &intent["last_payment_error"]["code"];
    assert_eq!(*code, "payment_intent_authentication_failure");
    // The page confirms with the same card, and this time the customer passes.
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    let method = cast["payment_method"].as_str().unwrap();
    let form = [("client_secret", secret.as_str()), ("payment_method", method)];
    let waiting = from_page(&sandbox, "POST", &format!("{path}/confirm"), &form).ok();
    assert_eq!(waiting["status"], "requires_action");
    assert_eq!(waiting["customer"], Value::Null);
    answer_bank(&sandbox, &secret, "succeeded");
    assert_eq!(intent_of(&sandbox, invoice).0["status"], "succeeded");
    assert_eq!(sandbox.get(&format!("/v1/invoices/{invoice}")).ok()["status"], "paid");
    assert_eq!(sandbox.ledger(invoice), (1, 2));
}

#[test]
fn passing_the_bank_does_not_fill_the_account() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("3178");
    let invoice = cast["invoice"].as_str().unwrap();
    let path = format!("/v1/invoices/{invoice}/pay");
    sandbox.post(&path, &[("off_session", "false")]).error(402);
    let (_, secret) = intent_of(&sandbox, invoice);
    answer_bank(&sandbox, &secret, "succeeded");
    let (intent, _) = intent_of(&sandbox, invoice);
    assert_eq!(intent["last_payment_error"]["decline_code"], "insufficient_funds");
    assert_eq!(sandbox.ledger(invoice), (0, 2));
}

fn has_card(sandbox: &Sandbox, cast: &Value) -> (String, String, String) {
    let (intent, secret) = intent_of(sandbox, cast["invoice"].as_str().unwrap());
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    (path, secret, cast["payment_method"].as_str().unwrap().to_owned())
}

#[test]
fn a_customer_may_be_sent_to_the_banks_own_page() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("3184");
    let (path, secret, method) = has_card(&sandbox, &cast);
    let mut form = vec![
        ("client_secret", secret.as_str()),
        ("payment_method", method.as_str()),
        ("return_url", "https://shop.example/back?a=1"),
    ];
    let confirm =
        |form: &[(&str, &str)]| from_page(&sandbox, "POST", &format!("{path}/confirm"), form);
    let waiting = confirm(&form).ok();
    let action = &waiting["next_action"];
    assert_eq!(action["type"], "redirect_to_url");
    assert_eq!(action["redirect_to_url"]["return_url"], "https://shop.example/back?a=1");
    let url = action["redirect_to_url"]["url"].as_str().unwrap();
    let page = url.strip_prefix(&sandbox.js).unwrap();
    assert!(page.starts_with("/redirect/authenticate/pi_"), "{page}");
    assert_eq!(request(&sandbox.js, "GET", page, &[], "").status, 200);
    // Stripe.js asks for the challenge inside the page instead.
    form.push(("use_stripe_sdk", "true"));
    assert_eq!(confirm(&form).ok()["next_action"]["type"], "use_stripe_sdk");
    form[2].1 = "javascript:alert(1)";
    assert_eq!(confirm(&form).error(400)["param"], "return_url");
}

#[test]
fn an_abandoned_challenge_waits_and_then_expires() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("3184");
    let invoice = cast["invoice"].as_str().unwrap();
    let (path, secret, method) = has_card(&sandbox, &cast);
    let form = [("client_secret", secret.as_str()), ("payment_method", method.as_str())];
    let confirm = || from_page(&sandbox, "POST", &format!("{path}/confirm"), &form).ok();
    let state = || sandbox.get(&path).ok();
    assert_eq!(confirm()["status"], "requires_action");
    // Nobody answers. The customer may come back and answer the same question …
    sandbox.control("POST", "time", &serde_json::json!({"skip_s": 600}));
    assert_eq!(state()["status"], "requires_action");
    // … until its time is over: then it counts as failed, and a late answer is refused.
    sandbox.control("POST", "time", &serde_json::json!({"skip_s": 600}));
    common::until(|| (state()["status"] == "requires_payment_method").then_some(()));
    let code = "payment_intent_authentication_failure";
    assert_eq!(state()["last_payment_error"]["code"], code);
    let source = secret.split("_secret_").next().unwrap();
    let late = [("client_secret", secret.as_str()), ("source", source), ("outcome", "succeeded")];
    from_page(&sandbox, "POST", "/v1/3ds2/authenticate", &late).error(400);
    assert_eq!(sandbox.ledger(invoice), (0, 1));
    // A test may end one at once.
    assert_eq!(confirm()["status"], "requires_action");
    sandbox.control("POST", "challenges", &serde_json::json!({"expire": source}));
    assert_eq!(state()["status"], "requires_payment_method");
    confirm();
    answer_bank(&sandbox, &secret, "succeeded");
    assert_eq!(sandbox.get(&format!("/v1/invoices/{invoice}")).ok()["status"], "paid");
}

#[test]
fn a_paid_intent_tells_so_and_its_invoice_with_events() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("3184");
    let (path, secret, method) = has_card(&sandbox, &cast);
    let form = [("client_secret", secret.as_str()), ("payment_method", method.as_str())];
    from_page(&sandbox, "POST", &format!("{path}/confirm"), &form).ok();
    answer_bank(&sandbox, &secret, "succeeded");
    // Another tab was late.
    let late = from_page(&sandbox, "POST", &format!("{path}/confirm"), &form).error(400);
    assert_eq!(late["code"], "payment_intent_unexpected_state");
    assert_eq!(late["payment_intent"]["status"], "succeeded");
    for kind in ["invoice.paid", "invoice.payment_succeeded", "payment_intent.succeeded"] {
        let events = sandbox.get(&format!("/v1/events?type={kind}")).ok();
        let newest = &events["data"][0]["data"]["object"];
        assert!(newest.to_string().contains("succeeded") || newest["status"] == "paid", "{kind}");
    }
    let customer =
        sandbox.get(&format!("/v1/subscriptions/{}", cast["subscription"].as_str().unwrap()));
    assert_eq!(customer.ok()["status"], "active");
}
