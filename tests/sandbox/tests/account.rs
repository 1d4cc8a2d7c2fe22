//! The account's settings, the limits of test clocks, and the shapes that a reader of
//! subscriptions and invoices needs.
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
use common::story::{DAY_S, HOUR_S, begin, id, noon};
use serde_json::{Value, json};

#[test]
fn retries_swing_around_their_plan_and_repeat_with_the_seed() {
    let plan = || {
        let args = ["--seed", "4", "--retry-hours", "24,48,72", "--retry-jitter-percent", "20"];
        let sandbox = Sandbox::start(&args);
        let story = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
        let mut at_s = noon("2026-06-10") + HOUR_S;
        let mut pauses = Vec::new();
        for _ in 0..3 {
            story.advance(at_s);
            let next_s = story.latest_invoice()["next_payment_attempt"].as_i64().unwrap();
            pauses.push(next_s - at_s);
            at_s = next_s;
        }
        story.advance(at_s);
        assert_eq!(story.latest_invoice()["next_payment_attempt"], Value::Null);
        pauses
    };
    let pauses = plan();
    for (pause_s, hours) in pauses.iter().zip([24, 48, 72]) {
        let (low, high) = (hours * HOUR_S * 80 / 100, hours * HOUR_S * 120 / 100);
        assert!((low..=high).contains(pause_s), "{pauses:?}");
    }
    assert_ne!(pauses, [24, 48, 72].map(|hours| hours * HOUR_S));
    assert_eq!(plan(), pauses);
}

#[test]
fn the_dashboard_can_be_changed_while_it_runs() {
    let sandbox = Sandbox::start(&[]);
    let before = sandbox.control("GET", "account", &Value::Null);
    assert_eq!(before["retry_hours"].as_array().unwrap().len(), 7);
    let change = json!({"retry_hours": [], "final_action": "unpaid"});
    sandbox.control("POST", "account", &change);
    let story = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
    story.advance(noon("2026-06-10") + 2 * HOUR_S);
    let invoice = story.latest_invoice();
    assert_eq!(
        (&invoice["attempt_count"], &invoice["next_payment_attempt"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(story.subscription()["status"], "unpaid");
    // Later invoices of an unpaid subscription stay drafts.
    story.advance(noon("2026-07-10") + DAY_S);
    assert_eq!(story.latest_invoice()["status"], "draft");
    let kept = sandbox.control("POST", "account", &json!({"retry_hours": [1]}));
    assert_eq!(kept["final_action"], "unpaid");
}

#[test]
fn a_strict_clock_has_stripes_limits() {
    let sandbox = Sandbox::start(&["--strict-clocks"]);
    let at = noon("2026-05-10").to_string();
    let clock = id(&sandbox.post("/v1/test_helpers/test_clocks", &[("frozen_time", &at)]).ok());
    let form = [("test_clock", clock.as_str()), ("payment_method", "pm_card_visa")];
    let customers: Vec<String> =
        (0..3).map(|_| id(&sandbox.post("/v1/customers", &form).ok())).collect();
    assert_eq!(sandbox.post("/v1/customers", &form).error(400)["param"], "test_clock");
    let methods = sandbox.get(&format!("/v1/payment_methods?customer={}", customers[0])).ok();
    let card = id(&methods["data"][0]);
    let form = [
        ("customer", customers[0].as_str()),
        ("items[0][price_data][currency]", "eur"),
        ("items[0][price_data][unit_amount]", "500"),
        ("items[0][price_data][recurring][interval]", "week"),
        ("items[0][price_data][product_data][name]", "Weekly"),
        ("default_payment_method", &card),
    ];
    for _ in 0..3 {
        sandbox.post("/v1/subscriptions", &form).ok();
    }
    sandbox.post("/v1/subscriptions", &form).error(400);
    // Two intervals of the shortest subscription at once, and only forward.
    let path = format!("/v1/test_helpers/test_clocks/{clock}/advance");
    for days in [-1, 0, 15] {
        let to = (noon("2026-05-10") + days * DAY_S).to_string();
        sandbox.post(&path, &[("frozen_time", &to)]).error(400);
    }
    sandbox.advance(&clock, noon("2026-05-24"));
}

#[test]
fn subscriptions_and_invoices_say_what_costs_how_much_and_where() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
    let path = format!("/v1/customers/{}", story.customer);
    let form = [("address[country]", "DE"), ("address[city]", "Berlin"), ("name", "Mara")];
    sandbox.post(&path, &form).ok();
    let listed = sandbox.get(&format!("/v1/subscriptions?customer={}", story.customer)).ok();
    for subscription in [&listed["data"][0], &story.subscription()] {
        let item = &subscription["items"]["data"][0];
        assert_eq!(item["price"]["recurring"]["interval"], "month");
        assert_eq!(item["price"]["recurring"]["interval_count"], 1);
        assert_eq!(
            (&item["price"]["unit_amount"], &item["price"]["currency"]),
            (&json!(1_900), &json!("eur"))
        );
        assert_eq!(item["current_period_end"], noon("2026-06-10"));
        assert_eq!(subscription.get("current_period_end"), None);
    }
    story.advance(noon("2026-06-10") + 2 * HOUR_S);
    let invoice = story.latest_invoice();
    assert_eq!(invoice["customer_address"]["country"], "DE");
    assert_eq!(invoice["customer_name"], "Mara");
    let pricing = &invoice["lines"]["data"][0]["pricing"];
    assert_eq!(
        (&pricing["type"], &pricing["unit_amount_decimal"]),
        (&json!("price_details"), &json!("1900"))
    );
    let lines = sandbox.get(&format!("/v1/invoices/{}/lines", id(&invoice))).ok();
    assert_eq!(lines["data"], invoice["lines"]["data"]);
    for gone in ["payment_intent", "charge", "subscription", "paid"] {
        assert_eq!(invoice.get(gone), None, "{gone}");
    }
}

#[test]
fn a_story_may_have_a_country_and_a_card_for_each_subscription() {
    let sandbox = Sandbox::start(&[]);
    let story = json!({"name": "declined_renewal", "card": "0341", "subscriptions": 3,
        "own_cards": true, "country": "DE"});
    let cast = sandbox.control("POST", "scenario", &story);
    let methods = cast["payment_methods"].as_array().unwrap();
    assert_eq!(methods.len(), 3);
    for (subscription, method) in cast["subscriptions"].as_array().unwrap().iter().zip(methods) {
        let path = format!("/v1/subscriptions/{}", subscription.as_str().unwrap());
        assert_eq!(sandbox.get(&path).ok()["default_payment_method"], *method);
    }
    let invoice = sandbox.get(&format!("/v1/invoices/{}", cast["invoice"].as_str().unwrap())).ok();
    assert_eq!(invoice["customer_address"]["country"], "DE");
    // The same number three times is one card to the network.
    let path = format!("ledger?customer={}", cast["customer"].as_str().unwrap());
    let ledger = sandbox.control("GET", &path, &Value::Null);
    let failed: Vec<&Value> = ledger["charges"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["status"] == "failed")
        .collect();
    assert_eq!(failed.len(), 3);
    assert!(failed.iter().all(|row| row["fingerprint"] == failed[0]["fingerprint"]));
}
