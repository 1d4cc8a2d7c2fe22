//! Declines with any codes, on demand; fingerprints; cards that expire and are replaced.
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

use common::{Sandbox, request};
use serde_json::{Value, json};

const DAY_S: i64 = 86_400;

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn pay(sandbox: &Sandbox, invoice: &str) -> common::Answer {
    sandbox.post(&format!("/v1/invoices/{invoice}/pay"), &[])
}

fn new_card(sandbox: &Sandbox, number: &str) -> Value {
    let form = [
        ("type", "card"),
        ("card[number]", number),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "34"),
        ("card[cvc]", "123"),
    ];
    sandbox.post("/v1/payment_methods", &form).ok()
}

#[test]
fn every_code_can_be_ordered_and_reaches_every_place() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("0341");
    let (customer, invoice) = (text(&cast["customer"]), text(&cast["invoice"]));
    let order = json!({"customer": customer, "decline_code": "do_not_honor",
        "advice_code": "do_not_try_again", "network_advice_code": "03",
        "network_decline_code": "05"});
    sandbox.control("POST", "declines", &order);
    let refused = pay(&sandbox, invoice).error(402);
    let intent = &refused["payment_intent"]["last_payment_error"];
    for place in [&refused, intent] {
        assert_eq!(place["code"], "card_declined");
        assert_eq!(place["decline_code"], "do_not_honor");
        assert_eq!(place["advice_code"], "do_not_try_again");
        assert_eq!(place["network_advice_code"], "03");
        assert_eq!(place["network_decline_code"], "05");
    }
    let charge = sandbox.get(&format!("/v1/charges/{}", text(&refused["charge"]))).ok();
    assert_eq!(charge["outcome"]["network_advice_code"], "03");
    assert_eq!(charge["outcome"]["reason"], "do_not_honor");
    // Once was asked for: the card's own answer is back.
    assert_eq!(pay(&sandbox, invoice).error(402)["decline_code"], "generic_decline");
    let ledger = sandbox.control("GET", &format!("ledger?invoice={invoice}"), &Value::Null);
    assert_eq!(ledger["charges"][1]["network_advice_code"], "03");
}

#[test]
fn an_order_fits_its_customer_card_and_moment_only() {
    let sandbox = Sandbox::start(&[]);
    let (one, other) = (sandbox.scenario("0341"), sandbox.scenario("0341"));
    let order = json!({"customer": one["customer"], "outcome": "approve"});
    sandbox.control("POST", "declines", &order);
    pay(&sandbox, text(&other["invoice"])).error(402);
    assert_eq!(pay(&sandbox, text(&one["invoice"])).ok()["status"], "paid");
    assert_eq!(sandbox.control("GET", "declines", &Value::Null)["declines"], json!([]));

    // By the last four digits, when it is set up.
    let order = json!({"card": "4242", "at": "setup", "decline_code": "pickup_card", "times": 2});
    sandbox.control("POST", "declines", &order);
    let form = [("customer", text(&other["customer"]))];
    let attach = |token: &str| sandbox.post(&format!("/v1/payment_methods/{token}/attach"), &form);
    attach("pm_card_mastercard").ok();
    for _ in 0..2 {
        assert_eq!(attach("pm_card_visa").error(402)["decline_code"], "pickup_card");
    }
    attach("pm_card_visa").ok();
    sandbox.control("POST", "declines", &json!({"decline_code": "do_not_honor", "times": 9}));
    sandbox.control("DELETE", "declines", &Value::Null);
    assert_eq!(
        pay(&sandbox, text(&other["invoice"])).error(402)["decline_code"],
        "generic_decline"
    );
}

#[test]
fn a_misspelt_order_is_refused() {
    let sandbox = Sandbox::start(&[]);
    for wrong in [
        json!({"declinecode": "do_not_honor"}),
        json!({"advice_code": "sometimes"}),
        json!({"times": 0}),
        json!({"at": "renewal"}),
        json!({"customer": "cus_unknown"}),
        json!({"decline_code": "with space"}),
    ] {
        let headers = [("content-type", "application/json")];
        let body = wrong.to_string();
        let answer = request(&sandbox.api, "POST", "/_sandbox/declines", &headers, &body);
        assert!(matches!(answer.status, 400 | 404), "{wrong}: {}", answer.status);
    }
}

#[test]
fn the_nine_final_codes_stop_the_schedule_from_sending() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("4242");
    let clock = text(&cast["test_clock"]);
    let at = sandbox.get(&format!("/v1/test_helpers/test_clocks/{clock}")).ok();
    let order =
        json!({"customer": cast["customer"], "decline_code": "revocation_of_authorization"});
    sandbox.control("POST", "declines", &order);
    let next_s = at["frozen_time"].as_i64().unwrap() + 31 * DAY_S;
    sandbox.advance(clock, next_s);
    sandbox.advance(clock, next_s + 4 * DAY_S);
    let path = format!("/v1/subscriptions/{}?expand[]=latest_invoice", text(&cast["subscription"]));
    let invoice = sandbox.get(&path).ok()["latest_invoice"].clone();
    assert!(invoice["attempt_count"].as_i64().unwrap() >= 2, "{invoice}");
    assert_eq!(sandbox.ledger(text(&invoice["id"])), (0, 1));
}

#[test]
fn only_the_first_attempt_and_the_schedule_are_counted() {
    // "Any payment attempt counts as the first attempt, and subsequently only automatic retries
    // increment the attempt count": the description of `attempt_count` in stripe 23.1.0 (npm).
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("0341");
    let (clock, invoice) = (text(&cast["test_clock"]), text(&cast["invoice"]));
    let path = format!("/v1/invoices/{invoice}");
    let count = || sandbox.get(&path).ok()["attempt_count"].clone();
    let planned = sandbox.get(&path).ok()["next_payment_attempt"].clone();
    for _ in 0..3 {
        pay(&sandbox, invoice).error(402);
    }
    assert_eq!(count(), 1);
    assert_eq!(sandbox.get(&path).ok()["next_payment_attempt"], planned);
    sandbox.advance(clock, planned.as_i64().unwrap() + 1);
    assert_eq!(count(), 2);
    assert_eq!(sandbox.ledger(invoice), (0, 5));
}

#[test]
fn the_same_number_has_the_same_fingerprint() {
    let sandbox = Sandbox::start(&[]);
    let card = |number: &str| new_card(&sandbox, number)["card"].clone();
    let (first, again) = (card("4242424242424242"), card("4242424242424242"));
    assert_eq!(first["fingerprint"], again["fingerprint"]);
    let other = card("5555555555554444");
    assert_ne!(first["fingerprint"], other["fingerprint"]);
    assert_eq!((&first["brand"], &first["country"]), (&json!("visa"), &json!("US")));
    assert_eq!(other["brand"], "mastercard");
    assert_eq!(card("4000002760000016")["country"], "DE");
    assert_eq!(card("4000002500003155")["country"], "FR");
    assert_eq!((&first["exp_month"], &first["exp_year"]), (&json!(12), &json!(2034)));
    // Another program has the same: the fingerprint does not depend on the run.
    let second = Sandbox::start(&["--seed", "9"]);
    let elsewhere = new_card(&second, "4242424242424242");
    assert_eq!(elsewhere["card"]["fingerprint"], first["fingerprint"]);
}

#[test]
fn a_card_expires_on_its_clock_and_the_network_replaces_it() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("4242");
    let (clock, method) = (text(&cast["test_clock"]), text(&cast["payment_method"]));
    let at = sandbox.get(&format!("/v1/test_helpers/test_clocks/{clock}")).ok();
    let now_s = at["frozen_time"].as_i64().unwrap();
    // The bank shortens the card's life: it ended two years ago.
    let change = json!({"payment_method": method, "exp_month": 1, "exp_year": 2024});
    sandbox.control("POST", "cards/reissue", &change);
    sandbox.advance(clock, now_s + 31 * DAY_S);
    let path = format!("/v1/subscriptions/{}?expand[]=latest_invoice", text(&cast["subscription"]));
    let invoice = sandbox.get(&path).ok()["latest_invoice"].clone();
    assert_eq!(invoice["status"], "open");
    let refused = pay(&sandbox, text(&invoice["id"])).error(402);
    assert_eq!(refused["code"], "expired_card");

    let change = json!({"customer": cast["customer"], "exp_month": 7, "exp_year": 2031,
        "card": "4444"});
    let fresh = sandbox.control("POST", "cards/reissue", &change);
    assert_eq!(
        (&fresh["card"]["last4"], &fresh["card"]["exp_year"]),
        (&json!("4444"), &json!(2031))
    );
    let events = sandbox.get("/v1/events?type=payment_method.automatically_updated").ok();
    let event = &events["data"][0];
    assert_eq!(event["data"]["object"]["id"], method);
    assert_eq!(event["data"]["previous_attributes"]["card"]["exp_year"], 2024);
    assert_eq!(pay(&sandbox, text(&invoice["id"])).ok()["status"], "paid");
}

#[test]
fn a_bank_that_wants_to_see_the_customer_asks_when_they_are_there() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("0341");
    let (customer, invoice) = (text(&cast["customer"]), text(&cast["invoice"]));
    let form = [("customer", customer)];
    let good = sandbox.post("/v1/payment_methods/pm_card_visa/attach", &form).ok();
    let order = json!({"customer": customer, "decline_code": "authentication_required",
        "network_decline_code": "65", "times": 2});
    sandbox.control("POST", "declines", &order);
    let path = format!("/v1/invoices/{invoice}/pay");
    let form = [("payment_method", text(&good["id"]))];
    let away = sandbox.post(&path, &form).error(402);
    assert_eq!(
        (&away["code"], &away["network_decline_code"]),
        (&json!("authentication_required"), &json!("65"))
    );
    let form = [("payment_method", text(&good["id"])), ("off_session", "false")];
    let there = sandbox.post(&path, &form).error(402);
    assert_eq!(there["code"], "invoice_payment_intent_requires_action");
    assert_eq!(there["payment_intent"]["status"], "requires_action");
}
