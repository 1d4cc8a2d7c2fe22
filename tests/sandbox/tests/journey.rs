//! The story that the product is about, told over HTTP: a renewal is declined, the card is
//! exchanged, the invoice is paid once.
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

use common::{Endpoint, SECRET_KEY, Sandbox, WEBHOOK_SECRET, encode, request, until};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;

fn verify(header: &str, raw: &str) {
    let parts: Vec<(&str, &str)> =
        header.split(',').map(|part| part.split_once('=').unwrap()).collect();
    let (_, at) = parts.iter().find(|(name, _)| *name == "t").unwrap();
    let (_, signature) = parts.iter().find(|(name, _)| *name == "v1").unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
    mac.update(format!("{at}.{raw}").as_bytes());
    let expected: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(*signature, expected);
}

/// Confirms a SetupIntent as the card fields do: publishable key, client secret, from a page.
fn confirm(sandbox: &Sandbox, secret: &str, number: &str) -> common::Answer {
    let id = secret.split("_secret_").next().unwrap();
    let form = encode(&[
        ("key", "pk_test_integration"),
        ("client_secret", secret),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", number),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "34"),
        ("payment_method_data[card][cvc]", "123"),
    ]);
    let headers =
        [("origin", "http://127.0.0.1:1"), ("content-type", "application/x-www-form-urlencoded")];
    request(&sandbox.api, "POST", &format!("/v1/setup_intents/{id}/confirm"), &headers, &form)
}

#[test]
fn a_declined_renewal_is_recovered_with_a_new_card() {
    let endpoint = Endpoint::start();
    let sandbox =
        Sandbox::start(&["--webhook-url", &endpoint.url, "--webhook-secret", WEBHOOK_SECRET]);
    // Day 30: the renewal is declined.
    let cast = sandbox.scenario("0341");
    let text = |name: &str| cast[name].as_str().unwrap().to_owned();
    let (customer, subscription, invoice) =
        (text("customer"), text("subscription"), text("invoice"));
    assert_eq!(cast["webhooks_sent"], true);
    assert_eq!(endpoint.count("invoice.payment_failed"), 1);
    for got in endpoint.received() {
        verify(&got.signature, &got.raw);
        assert_eq!(got.event["api_version"], "2026-10-28.endive");
    }
    let state = sandbox.get(&format!("/v1/subscriptions/{subscription}")).ok();
    assert_eq!(state["status"], "past_due");
    assert_eq!(sandbox.ledger(&invoice), (0, 1));

    // The customer gives a card that the bank refuses, then one that it takes.
    let form = [("customer", customer.as_str()), ("usage", "off_session")];
    let intent = sandbox.post("/v1/setup_intents", &form).ok();
    let secret = intent["client_secret"].as_str().unwrap();
    let refused = confirm(&sandbox, secret, "4000000000000002");
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert_eq!(refused.error(402)["decline_code"], "generic_decline");
    let confirmed = confirm(&sandbox, secret, "4242424242424242").ok();
    assert_eq!(confirmed["status"], "succeeded");
    // A page does not learn whose intent it is.
    assert_eq!(confirmed["customer"], Value::Null);
    let method = confirmed["payment_method"].as_str().unwrap();

    // It becomes the default everywhere, and the open invoice is paid with it.
    let form = [("default_payment_method", method)];
    sandbox.post(&format!("/v1/subscriptions/{subscription}"), &form).ok();
    let form = [("invoice_settings[default_payment_method]", method)];
    sandbox.post(&format!("/v1/customers/{customer}"), &form).ok();
    let path = format!("/v1/invoices/{invoice}/pay");
    let form = [("off_session", "false"), ("expand[]", "payments.data.payment.payment_intent")];
    let paid = sandbox.post_key(&path, &form, "k1").ok();
    assert_eq!(paid["status"], "paid");
    let payment = &paid["payments"]["data"][0];
    assert_eq!(payment["payment"]["payment_intent"]["status"], "succeeded");
    for gone in ["payment_intent", "charge", "subscription", "paid"] {
        assert!(paid.get(gone).is_none(), "{gone}");
    }
    assert_eq!(sandbox.ledger(&invoice), (1, 1));
    let state = sandbox.get(&format!("/v1/subscriptions/{subscription}")).ok();
    assert_eq!(state["status"], "active");
    until(|| (endpoint.count("invoice.paid") == 2).then_some(()));
}

#[test]
fn every_scenario_card_declines_with_its_reason() {
    let sandbox = Sandbox::start(&[]);
    for (card, code, decline_code) in [
        ("0341", "card_declined", Some("generic_decline")),
        ("0002", "card_declined", Some("generic_decline")),
        ("9995", "card_declined", Some("insufficient_funds")),
        ("0069", "expired_card", None),
        ("9987", "card_declined", Some("lost_card")),
    ] {
        let cast = sandbox.scenario(card);
        let invoice = cast["invoice"].as_str().unwrap();
        let path = format!("/v1/invoices/{invoice}?expand[]=payments.data.payment.payment_intent");
        let state = sandbox.get(&path).ok();
        let error =
            &state["payments"]["data"][0]["payment"]["payment_intent"]["last_payment_error"];
        assert_eq!(error["code"], code, "{card}");
        assert_eq!(error["decline_code"].as_str(), decline_code, "{card}");
        assert_eq!(error["payment_method"]["card"]["last4"], card);
        let refused = sandbox.post(&format!("/v1/invoices/{invoice}/pay"), &[]).error(402);
        assert_eq!(refused["type"], "card_error");
        assert_eq!(refused["payment_intent"]["status"], "requires_payment_method");
        assert_eq!(sandbox.ledger(invoice), (0, 2), "{card}");
    }
}

#[test]
fn without_a_test_clock_the_renewal_happens_now() {
    let sandbox = Sandbox::start(&[]);
    let story = serde_json::json!({
        "name": "declined_renewal", "card": "9995", "test_clock": false, "subscriptions": 2,
    });
    let cast = sandbox.control("POST", "scenario", &story);
    assert_eq!(cast["invoices"].as_array().unwrap().len(), 2);
    for invoice in cast["invoices"].as_array().unwrap() {
        assert_eq!(sandbox.ledger(invoice.as_str().unwrap()), (0, 1));
    }
}

#[test]
fn paying_at_once_from_many_sides_charges_once() {
    let sandbox = Sandbox::start(&["--latency-ms", "5"]);
    let cast = sandbox.scenario("0341");
    let invoice = cast["invoice"].as_str().unwrap().to_owned();
    let customer = cast["customer"].as_str().unwrap();
    let form = [("customer", customer)];
    let method = sandbox.post("/v1/payment_methods/pm_card_visa/attach", &form).ok();
    let method = method["id"].as_str().unwrap();
    let path = format!("/v1/invoices/{invoice}/pay");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..12)
            .map(|n| {
                let (path, sandbox) = (&path, &sandbox);
                scope.spawn(move || {
                    let form = [("payment_method", method)];
                    sandbox.post_key(path, &form, &format!("k{n}")).status
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
    assert_eq!(sandbox.ledger(&invoice), (1, 1));
}

#[test]
fn what_has_no_right_to_ask_gets_no_answer() {
    let sandbox = Sandbox::start(&[]);
    let page = ("origin", "http://127.0.0.1:1");
    let bearer = format!("Bearer {SECRET_KEY}");
    let secret = ("authorization", bearer.as_str());
    let public = ("authorization", "Bearer pk_test_1");
    let ask = |headers: &[(&str, &str)]| {
        request(&sandbox.api, "GET", "/v1/customers", headers, "").status
    };
    assert_eq!(ask(&[secret]), 200);
    assert_eq!(ask(&[]), 401);
    assert_eq!(ask(&[("authorization", "Bearer sk_live_1")]), 401);
    assert_eq!(ask(&[public]), 401);
    assert_eq!(ask(&[secret, page]), 401);
    assert_eq!(ask(&[secret, ("stripe-version", "2020-08-27")]), 400);
    let intent = sandbox.post("/v1/setup_intents", &[]).ok();
    let id = intent["id"].as_str().unwrap();
    let path = format!("/v1/setup_intents/{id}?client_secret={id}_secret_guess");
    let guess = request(&sandbox.api, "GET", &path, &[public], "");
    assert_eq!(guess.error(404)["code"], "resource_missing");
    let preflight = request(&sandbox.api, "OPTIONS", "/v1/setup_intents/x/confirm", &[page], "");
    assert_eq!(preflight.status, 204);
    // The control API answers no page at all.
    let control = request(&sandbox.api, "POST", "/_sandbox/faults", &[page], "{}");
    assert_eq!(control.status, 401);
}

#[test]
fn the_card_page_may_load_nothing_but_its_own() {
    let sandbox = Sandbox::start(&[]);
    for path in ["/v3/stripe.js", "/endive/stripe.js", "/v3/card.js", "/v3/card.css"] {
        assert_eq!(request(&sandbox.js, "GET", path, &[], "").status, 200, "{path}");
    }
    let page = request(&sandbox.js, "GET", "/v3/card.html", &[], "");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(policy.contains(&format!("connect-src {};", sandbox.api)));
    assert!(!policy.contains("unsafe"));
    assert_eq!(request(&sandbox.js, "GET", "/v3/../Cargo.toml", &[], "").status, 404);
    let home = request(&sandbox.api, "GET", "/", &[], "");
    assert!(home.text.contains("Reprieve sandbox"));
}
