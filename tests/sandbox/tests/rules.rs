//! Idempotency, faults, deliveries and survival: what keeps a client honest.
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

use common::{Endpoint, Sandbox, WEBHOOK_SECRET, directory, until};
use serde_json::{Value, json};

fn email(value: &str) -> [(&str, &str); 1] {
    [("email", value)]
}

#[test]
fn a_key_repeats_its_first_answer() {
    let sandbox = Sandbox::start(&[]);
    let first = sandbox.post_key("/v1/customers", &email("a@example.com"), "k").ok();
    let again = sandbox.post_key("/v1/customers", &email("a@example.com"), "k");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first);
    let other = sandbox.post_key("/v1/customers", &email("b@example.com"), "k");
    assert_eq!(other.error(400)["type"], "idempotency_error");
    let all = sandbox.get("/v1/customers").ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_refused_request_leaves_its_key_free() {
    let sandbox = Sandbox::start(&[]);
    let unknown = sandbox.post_key("/v1/customers", &[("colour", "red")], "k");
    assert_eq!(unknown.error(400)["code"], "parameter_unknown");
    let fresh = sandbox.post_key("/v1/customers", &email("a@example.com"), "k");
    assert_eq!(fresh.header("idempotent-replayed"), None);
    fresh.ok();
}

#[test]
fn a_declined_charge_is_repeated_word_for_word_and_not_made_again() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("9995");
    let invoice = cast["invoice"].as_str().unwrap();
    let path = format!("/v1/invoices/{invoice}/pay");
    let first = sandbox.post_key(&path, &[], "k");
    let again = sandbox.post_key(&path, &[], "k");
    assert_eq!((first.status, again.status), (402, 402));
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(sandbox.ledger(invoice), (0, 2));
}

#[test]
fn a_key_that_is_being_used_conflicts() {
    let sandbox = Sandbox::start(&[]);
    let fault = json!({"method": "POST", "path_prefix": "/v1/customers", "mode": "delay",
        "ms": 1_500, "times": 1});
    sandbox.control("POST", "faults", &fault);
    let answers: Vec<common::Answer> = std::thread::scope(|scope| {
        let ask = || sandbox.post_key("/v1/customers", &email("a@x.org"), "k");
        let calls = [scope.spawn(ask), scope.spawn(ask)];
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let conflict = answers.into_iter().find(|answer| answer.status == 409).unwrap();
    assert_eq!(conflict.error(409)["code"], "idempotency_key_in_use");
    let repeated = sandbox.post_key("/v1/customers", &email("a@x.org"), "k");
    assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
}

fn pay_with_fault(mode: &str) -> (u16, u16, (usize, usize), bool) {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("0341");
    let invoice = cast["invoice"].as_str().unwrap();
    let form = [("customer", cast["customer"].as_str().unwrap())];
    let method = sandbox.post("/v1/payment_methods/pm_card_visa/attach", &form).ok();
    let fault = json!({"method": "POST", "path_prefix": "/v1/invoices/", "mode": mode, "ms": 50});
    sandbox.control("POST", "faults", &fault);
    let path = format!("/v1/invoices/{invoice}/pay");
    let form = [("payment_method", method["id"].as_str().unwrap())];
    let first = sandbox.post_key(&path, &form, "k");
    let again = sandbox.post_key(&path, &form, "k");
    let replayed = again.header("idempotent-replayed").is_some();
    (first.status, again.status, sandbox.ledger(invoice), replayed)
}

#[test]
fn faults_before_the_effect_leave_nothing_and_after_it_everything() {
    assert_eq!(pay_with_fault("error_before"), (500, 200, (1, 1), false));
    assert_eq!(pay_with_fault("hang_before"), (500, 200, (1, 1), false));
    assert_eq!(pay_with_fault("rate_limit"), (429, 200, (1, 1), false));
    assert_eq!(pay_with_fault("delay"), (200, 200, (1, 1), true));
    // The kept answer of a request that failed after its effect is the failure, as at Stripe.
    assert_eq!(pay_with_fault("error_after"), (500, 500, (1, 1), true));
    // Silence is different: Stripe kept the true answer, only nobody heard it.
    assert_eq!(pay_with_fault("hang_after"), (500, 200, (1, 1), true));
}

#[test]
fn a_caller_that_hangs_up_does_not_stop_the_work() {
    let sandbox = Sandbox::start(&["--latency-ms", "200"]);
    let address = sandbox.api.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let body = "email=gone@example.com";
    let text = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk_test_1\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    std::io::Write::write_all(&mut stream, text.as_bytes()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    drop(stream);
    until(|| {
        let found = sandbox.get("/v1/customers?email=gone@example.com").ok();
        (found["data"].as_array().unwrap().len() == 1).then_some(())
    });
}

#[test]
fn events_are_sent_again_until_they_are_taken() {
    let endpoint = Endpoint::start();
    endpoint.answer_with(503);
    let sandbox = Sandbox::start(&[
        "--webhook-url",
        &endpoint.url,
        "--webhook-secret",
        WEBHOOK_SECRET,
        "--webhook-retry-ms",
        "30,60",
    ]);
    let customer = sandbox.post("/v1/customers", &email("a@example.com")).ok();
    let path = format!("deliveries?customer={}", customer["id"].as_str().unwrap());
    until(|| (endpoint.count("customer.created") >= 3).then_some(()));
    endpoint.answer_with(200);
    until(|| {
        let state = sandbox.control("GET", &path, &Value::Null);
        (state["pending"] == 0).then_some(())
    });
    let state = sandbox.control("GET", &path, &Value::Null);
    let statuses: Vec<&Value> =
        state["deliveries"].as_array().unwrap().iter().map(|row| &row["status"]).collect();
    assert_eq!(statuses.last(), Some(&&json!(200)));
    assert!(statuses.iter().rev().skip(1).all(|status| **status == 503), "{statuses:?}");
    let ids: Vec<Value> = endpoint.received().iter().map(|got| got.event["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "one event, however often");
}

#[test]
fn paused_deliveries_wait_and_old_ones_can_be_repeated() {
    let endpoint = Endpoint::start();
    let sandbox =
        Sandbox::start(&["--webhook-url", &endpoint.url, "--webhook-secret", WEBHOOK_SECRET]);
    sandbox.control("POST", "webhooks", &json!({"paused": true}));
    let cast = sandbox.scenario("0341");
    assert_eq!(cast["webhooks_sent"], false);
    assert!(endpoint.received().is_empty());
    sandbox.control("POST", "webhooks", &json!({"paused": false}));
    until(|| (endpoint.count("invoice.payment_failed") == 1).then_some(()));

    let customer = cast["customer"].as_str().unwrap();
    let path = format!("deliveries?customer={customer}");
    until(|| (sandbox.control("GET", &path, &Value::Null)["pending"] == 0).then_some(()));
    let known = endpoint.received().len();
    let order = json!({"customer": customer, "times": 5, "shuffle_seed": 7});
    let sent = sandbox.control("POST", "redeliver", &order);
    assert_eq!(sent["sent"], sent["taken"]);
    let sent = usize::try_from(sent["sent"].as_u64().unwrap()).unwrap();
    assert_eq!(endpoint.received().len(), known + sent);
    assert_eq!(endpoint.count("invoice.payment_failed"), 6);
}

#[test]
fn a_killed_sandbox_goes_on_where_it_was() {
    let endpoint = Endpoint::start();
    let data = directory("survival");
    let data = data.to_str().unwrap();
    let args = ["--data", data, "--webhook-url", &endpoint.url, "--webhook-secret", "whsec_1"];
    let sandbox = Sandbox::start(&args);
    sandbox.control("POST", "webhooks", &json!({"paused": true}));
    let cast = sandbox.scenario("0341");
    let invoice = cast["invoice"].as_str().unwrap();
    let path = format!("/v1/invoices/{invoice}/pay");
    let refused = sandbox.post_key(&path, &[], "k").error(402);
    // The clock is told to move, and the process dies at once.
    let clock = cast["test_clock"].as_str().unwrap();
    let at = sandbox.get(&format!("/v1/test_helpers/test_clocks/{clock}")).ok();
    let target = (at["frozen_time"].as_i64().unwrap() + 40 * 86_400).to_string();
    let advance = format!("/v1/test_helpers/test_clocks/{clock}/advance");
    sandbox.post(&advance, &[("frozen_time", &target)]).ok();
    sandbox.kill();

    let sandbox = Sandbox::start(&args);
    until(|| {
        let clock = sandbox.get(&format!("/v1/test_helpers/test_clocks/{clock}")).ok();
        (clock["status"] == "ready").then_some(())
    });
    // The refusal is still what the key answers, and the retries ran while nobody looked.
    assert_eq!(sandbox.post_key(&path, &[], "k").error(402), refused);
    let state = sandbox.get(&format!("/v1/invoices/{invoice}")).ok();
    assert_eq!(state["attempt_count"], 8);
    assert_eq!(endpoint.received().len(), 0);
    sandbox.control("POST", "webhooks", &json!({"paused": false}));
    until(|| (endpoint.count("customer.subscription.deleted") == 1).then_some(()));
}
