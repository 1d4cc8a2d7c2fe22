//! Rate limits, other answers of a bad day, and keys that grow old.
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
use serde_json::{Value, json};

#[test]
fn too_many_requests_are_told_why() {
    let sandbox = Sandbox::start(&[]);
    let limits = json!({"per_second": 1, "burst": 5, "retry_after_s": 2, "should_retry": true});
    sandbox.control("POST", "rate_limit", &limits);
    let answers: Vec<common::Answer> = (0..8).map(|_| sandbox.get("/v1/customers")).collect();
    let refused: Vec<&common::Answer> =
        answers.iter().filter(|answer| answer.status == 429).collect();
    assert!((2..=3).contains(&refused.len()), "{}", refused.len());
    let first = refused[0];
    assert_eq!(first.header("stripe-rate-limited-reason"), Some("global-rate"));
    assert_eq!(first.header("retry-after"), Some("2"));
    assert_eq!(first.header("stripe-should-retry"), Some("true"));
    assert_eq!(first.body["error"]["code"], "rate_limit");
    // One operation has its own bucket, also for different objects.
    let limits = json!({"per_second": 1000, "endpoint_per_second": 2});
    sandbox.control("POST", "rate_limit", &limits);
    let reasons: Vec<String> = (0..5)
        .map(|number| sandbox.get(&format!("/v1/customers/cus_{number}")))
        .filter_map(|answer| answer.header("stripe-rate-limited-reason").map(str::to_owned))
        .collect();
    assert_eq!(reasons.first().map(String::as_str), Some("endpoint-rate"));
    sandbox.get("/v1/customers").ok();
    sandbox.control("DELETE", "rate_limit", &Value::Null);
    assert!((0..40).all(|_| sandbox.get("/v1/customers").status == 200));
}

#[test]
fn a_fault_says_whether_to_try_again() {
    let sandbox = Sandbox::start(&[]);
    let fault = |body: Value| sandbox.control("POST", "faults", &body);
    fault(json!({"mode": "error_before", "should_retry": false}));
    let answer = sandbox.get("/v1/customers");
    assert_eq!((answer.status, answer.header("stripe-should-retry")), (500, Some("false")));
    fault(json!({"mode": "rate_limit", "rate_limited_reason": "global-concurrency"}));
    let answer = sandbox.get("/v1/customers");
    assert_eq!(answer.header("stripe-rate-limited-reason"), Some("global-concurrency"));
    fault(json!({"mode": "lock_timeout"}));
    let answer = sandbox.get("/v1/customers");
    assert_eq!(answer.header("stripe-rate-limited-reason"), None);
    assert_eq!(answer.error(429)["code"], "lock_timeout");
    fault(json!({"mode": "bad_gateway"}));
    let answer = sandbox.get("/v1/customers");
    assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
    assert_eq!(answer.body, Value::Null);
}

#[test]
fn a_key_is_forgotten_after_a_day() {
    let sandbox = Sandbox::start(&[]);
    let form = [("email", "a@example.com")];
    // A failure after the effect is kept and repeated …
    sandbox.control("POST", "faults", &json!({"method": "POST", "mode": "error_after"}));
    assert_eq!(sandbox.post_key("/v1/customers", &form, "k").status, 500);
    sandbox.control("POST", "time", &json!({"skip_s": 86_000}));
    let again = sandbox.post_key("/v1/customers", &form, "k");
    assert_eq!((again.status, again.header("idempotent-replayed")), (500, Some("true")));
    // … for a day; the same key then does the work a second time.
    sandbox.control("POST", "time", &json!({"skip_s": 500}));
    let fresh = sandbox.post_key("/v1/customers", &form, "k");
    assert_eq!((fresh.status, fresh.header("idempotent-replayed")), (200, None));
    let all = sandbox.get("/v1/customers?email=a@example.com").ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
}

#[test]
fn skipped_time_survives_a_restart_and_moves_customers_without_a_clock() {
    let data = common::directory("skipped_time");
    let args = ["--data", data.to_str().unwrap()];
    let sandbox = Sandbox::start(&args);
    let before = sandbox.control("POST", "time", &json!({}))["now_ms"].as_i64().unwrap();
    sandbox.control("POST", "time", &json!({"skip_s": 1_000_000}));
    sandbox.kill();
    let sandbox = Sandbox::start(&args);
    let after = sandbox.control("POST", "time", &json!({}))["now_ms"].as_i64().unwrap();
    assert!(after - before >= 1_000_000_000, "{before} {after}");
    let customer = sandbox.post("/v1/customers", &[]).ok();
    assert!(customer["created"].as_i64().unwrap() >= before / 1_000 + 1_000_000);
}
