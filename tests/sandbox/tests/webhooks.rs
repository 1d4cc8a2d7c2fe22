//! Events on a bad day: lost, repeated, late, out of order, signed twice.
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

use std::collections::HashMap;

use common::{Endpoint, Sandbox, WEBHOOK_SECRET, until};
use serde_json::{Value, json};

fn start(endpoint: &Endpoint) -> Sandbox {
    Sandbox::start(&["--webhook-url", &endpoint.url, "--webhook-secret", WEBHOOK_SECRET])
}

/// Makes customers one after the other and waits until every delivery was tried.
fn play(sandbox: &Sandbox, count: usize) {
    for number in 0..count {
        let email = format!("{number}@example.com");
        let customer = sandbox.post("/v1/customers", &[("email", &email)]).ok();
        let path = format!("/v1/customers/{}", customer["id"].as_str().unwrap());
        for step in 0..4 {
            sandbox.post(&path, &[("name", &format!("step {step}"))]).ok();
        }
    }
    until(|| (sandbox.control("GET", "deliveries", &Value::Null)["pending"] == 0).then_some(()));
}

/// How often each event arrived.
fn arrivals(endpoint: &Endpoint) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for got in endpoint.received() {
        *counts.entry(got.event["id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    counts
}

fn event_count(sandbox: &Sandbox) -> usize {
    let events = sandbox.get("/v1/events?limit=100").ok();
    assert_eq!(events["has_more"], false);
    events["data"].as_array().unwrap().len()
}

#[test]
fn events_are_repeated_delayed_and_overtake_each_other() {
    let endpoint = Endpoint::start();
    let sandbox = start(&endpoint);
    let chaos = json!({"seed": 11, "duplicate_percent": 60, "duplicate_count_max": 3,
        "delay_ms_max": 150, "reorder": true});
    let state = sandbox.control("POST", "webhooks", &json!({"chaos": chaos}));
    assert_eq!(state["chaos"]["loss_percent"], 0);
    play(&sandbox, 6);
    let counts = arrivals(&endpoint);
    assert_eq!(counts.len(), event_count(&sandbox), "none is lost");
    assert!(counts.values().any(|count| *count > 1), "{counts:?}");
    // The last name that was told of some customer is not the last one that it got.
    let mut told: HashMap<String, String> = HashMap::new();
    for got in endpoint.received() {
        let customer = &got.event["data"]["object"];
        let name = customer["name"].as_str().unwrap_or("none").to_owned();
        told.insert(customer["id"].as_str().unwrap().to_owned(), name);
    }
    assert!(told.values().any(|name| name != "step 3"), "{told:?}");
}

#[test]
fn a_lost_event_is_recorded_and_can_be_read_or_sent_again() {
    let endpoint = Endpoint::start();
    let sandbox = start(&endpoint);
    sandbox.control("POST", "webhooks", &json!({"chaos": {"seed": 5, "loss_percent": 40}}));
    play(&sandbox, 4);
    let (arrived, all) = (arrivals(&endpoint).len(), event_count(&sandbox));
    assert!(arrived > 0 && arrived < all, "{arrived} of {all}");
    let deliveries = sandbox.control("GET", "deliveries", &Value::Null);
    let lost: Vec<&Value> = deliveries["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["cause"] == "chaos")
        .collect();
    assert_eq!(lost.len(), all - arrived);
    let event = lost[0]["event"].as_str().unwrap();
    assert!(!arrivals(&endpoint).contains_key(event));
    sandbox.control("POST", "redeliver", &json!({"event": event}));
    assert_eq!(arrivals(&endpoint)[event], 1);
    // The end of the chaos is the end of the loss.
    sandbox.control("POST", "webhooks", &json!({"chaos": null}));
    let before = arrivals(&endpoint).len();
    play(&sandbox, 2);
    assert_eq!(arrivals(&endpoint).len(), before + 10);
}

#[test]
fn the_same_seed_loses_the_same_events() {
    let lost = |seed: u64| {
        let endpoint = Endpoint::start();
        let sandbox = start(&endpoint);
        let chaos = json!({"chaos": {"seed": seed, "loss_percent": 50}});
        sandbox.control("POST", "webhooks", &chaos);
        play(&sandbox, 3);
        let kinds: Vec<Value> = sandbox.control("GET", "deliveries", &Value::Null)["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| json!([row["type"], row["cause"]]))
            .filter(|row| row[1] == "chaos")
            .collect();
        kinds
    };
    assert_eq!(lost(3), lost(3));
}

#[test]
fn two_secrets_give_two_signatures() {
    let endpoint = Endpoint::start();
    let sandbox = start(&endpoint);
    let more = json!({"also_sign_with": ["whsec_next"]});
    sandbox.control("POST", "webhooks", &more);
    play(&sandbox, 1);
    let signature = endpoint.received()[0].signature.clone();
    assert_eq!(signature.matches("v1=").count(), 2, "{signature}");
    sandbox.control("POST", "webhooks", &json!({"also_sign_with": []}));
    play(&sandbox, 1);
    assert_eq!(endpoint.received().last().unwrap().signature.matches("v1=").count(), 1);
}
