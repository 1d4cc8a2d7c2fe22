//! Billing portal sessions: who may open one, and what saving a card changes.
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

use common::story::{begin, id};
use common::{Answer, Sandbox, encode, request};
use serde_json::{Value, json};

/// Asks as the hosted page does.
fn from_page(sandbox: &Sandbox, path: &str, form: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("key", "pk_test_portal")];
    pairs.extend_from_slice(form);
    let headers =
        [("origin", sandbox.js.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    request(&sandbox.api, "POST", path, &headers, &encode(&pairs))
}

fn new_session(sandbox: &Sandbox, customer: &str) -> (Value, String, String) {
    let form = [
        ("customer", customer),
        ("return_url", "https://shop.example/account"),
        ("flow_data[type]", "payment_method_update"),
        ("flow_data[after_completion][type]", "redirect"),
        ("flow_data[after_completion][redirect][return_url]", "https://shop.example/done"),
    ];
    let session = sandbox.post("/v1/billing_portal/sessions", &form).ok();
    let url = session["url"].as_str().unwrap();
    let page = url.strip_prefix(&sandbox.js).unwrap().to_owned();
    let secret = page.split('.').next_back().unwrap().to_owned();
    (session, page, secret)
}

#[test]
fn a_saved_card_becomes_the_customers_default_only() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
    let own = story.subscription()["default_payment_method"].clone();
    let (session, page, secret) = new_session(&sandbox, &story.customer);
    assert_eq!(session["flow"]["type"], "payment_method_update");
    let shown = request(&sandbox.js, "GET", &page, &[], "");
    assert_eq!(shown.status, 200);
    assert!(shown.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));

    let path = format!("/v1/billing_portal/sessions/{}", id(&session));
    let with = [("client_secret", secret.as_str())];
    let opened = from_page(&sandbox, &format!("{path}/open"), &with).ok();
    assert_eq!(opened["return_url"], "https://shop.example/account");
    // Nothing was set up yet.
    from_page(&sandbox, &format!("{path}/complete"), &with).error(400);
    let intent = opened["setup_intent"].as_str().unwrap();
    let confirm = format!("/v1/setup_intents/{}/confirm", intent.split("_secret_").next().unwrap());
    let card = [
        ("client_secret", intent),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", "5555555555554444"),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "34"),
    ];
    let saved = from_page(&sandbox, &confirm, &card).ok();
    let done = from_page(&sandbox, &format!("{path}/complete"), &with).ok();
    assert_eq!(done["next"], "https://shop.example/done");
    let customer = sandbox.get(&format!("/v1/customers/{}", story.customer)).ok();
    let default = &customer["invoice_settings"]["default_payment_method"];
    assert_eq!(*default, saved["payment_method"]);
    // The trap: the subscription goes on with its own card.
    assert_eq!(story.subscription()["default_payment_method"], own);
}

#[test]
fn a_session_is_short_lived_and_cannot_be_guessed() {
    let sandbox = Sandbox::start(&[]);
    let customer = id(&sandbox.post("/v1/customers", &[("email", "a@example.com")]).ok());
    let (session, _, secret) = new_session(&sandbox, &customer);
    let path = format!("/v1/billing_portal/sessions/{}/open", id(&session));
    let open = |secret: &str| from_page(&sandbox, &path, &[("client_secret", secret)]).status;
    assert_eq!((open("guess"), open(&secret)), (404, 200));
    // Once used it lives an hour after the last use, and unused five minutes.
    let skip = |seconds: u64| sandbox.control("POST", "time", &json!({"skip_s": seconds}));
    skip(3_000);
    assert_eq!(open(&secret), 200);
    skip(3_000);
    assert_eq!(open(&secret), 200);
    skip(3_700);
    assert_eq!(open(&secret), 404);
    let (session, _, secret) = new_session(&sandbox, &customer);
    skip(400);
    let path = format!("/v1/billing_portal/sessions/{}/open", id(&session));
    from_page(&sandbox, &path, &[("client_secret", &secret)]).error(404);
    for wrong in [
        [("customer", "cus_none"), ("return_url", "https://a.example")],
        [("customer", &customer), ("return_url", "javascript:alert(1)")],
        [("customer", &customer), ("flow_data[type]", "subscription_cancel")],
    ] {
        sandbox.post("/v1/billing_portal/sessions", &wrong).error(400);
    }
}
