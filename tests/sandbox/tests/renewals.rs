//! Subscriptions over time, on test clocks.
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
use common::story::{DAY_S, HOUR_S, begin, noon};
use serde_json::Value;

#[test]
fn month_ends_are_kept_over_february() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-01-31", "pm_card_visa");
    let mut ends = Vec::new();
    for target in ["2026-02-28", "2026-03-31", "2026-04-30"] {
        ends.push(story.subscription()["items"]["data"][0]["current_period_end"].clone());
        story.advance(noon(target) + 2 * HOUR_S);
        let invoice = story.latest_invoice();
        assert_eq!(invoice["status"], "paid", "{target}");
        assert_eq!(invoice["billing_reason"], "subscription_cycle");
        assert_eq!(invoice["created"], noon(target));
        assert_eq!(invoice["status_transitions"]["finalized_at"], noon(target) + HOUR_S);
    }
    assert_eq!(ends, ["2026-02-28", "2026-03-31", "2026-04-30"].map(noon));
    let query = format!("/v1/invoices?customer={}&status=paid", story.customer);
    assert_eq!(sandbox.get(&query).ok()["data"].as_array().unwrap().len(), 4);
}

#[test]
fn a_renewal_invoice_is_a_draft_for_an_hour() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
    let end_s = noon("2026-06-10");
    story.advance(end_s + 60);
    let draft = story.latest_invoice();
    assert_eq!(draft["status"], "draft");
    assert_eq!(draft["automatically_finalizes_at"], end_s + HOUR_S);
    assert_eq!(story.subscription()["status"], "active");
    story.advance(end_s + HOUR_S + 60);
    let open = story.latest_invoice();
    assert_eq!((&open["status"], &open["attempt_count"]), (&"open".into(), &1.into()));
    assert_eq!(story.subscription()["status"], "past_due");
}

#[test]
fn the_schedule_ends_and_the_subscription_with_it() {
    for (action, status) in [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
    {
        let sandbox = Sandbox::start(&["--retry-hours", "24,48", "--final-action", action]);
        let story = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
        let first_s = noon("2026-06-10") + HOUR_S;
        story.advance(first_s + 60);
        assert_eq!(story.latest_invoice()["next_payment_attempt"], first_s + DAY_S);
        // A manual attempt in between moves nothing.
        let invoice = story.latest_invoice()["id"].as_str().unwrap().to_owned();
        sandbox.post(&format!("/v1/invoices/{invoice}/pay"), &[]).error(402);
        assert_eq!(story.latest_invoice()["attempt_count"], 1);
        story.advance(first_s + DAY_S + 60);
        assert_eq!(story.latest_invoice()["next_payment_attempt"], first_s + 3 * DAY_S);
        story.advance(first_s + 3 * DAY_S + 60);
        let last = story.latest_invoice();
        assert_eq!(last["attempt_count"], 3);
        assert_eq!(last["next_payment_attempt"], Value::Null);
        assert_eq!(last["status"], "open");
        assert_eq!(story.subscription()["status"], status);
        // Three attempts of the schedule and one that was asked for.
        assert_eq!(sandbox.ledger(&invoice), (0, 4));
    }
}

#[test]
fn a_new_default_card_is_taken_by_the_next_retry() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
    let first_s = noon("2026-06-10") + HOUR_S;
    story.advance(first_s + 60);
    let form = [("customer", story.customer.as_str())];
    let card = sandbox.post("/v1/payment_methods/pm_card_mastercard/attach", &form).ok();
    let card = card["id"].as_str().unwrap();
    // The customer's default alone changes nothing: the subscription's own comes first.
    let form = [("invoice_settings[default_payment_method]", card)];
    sandbox.post(&format!("/v1/customers/{}", story.customer), &form).ok();
    story.advance(first_s + DAY_S + 60);
    assert_eq!(story.latest_invoice()["status"], "open");
    story.update(&[("default_payment_method", card)]);
    story.advance(first_s + 3 * DAY_S + 60);
    assert_eq!(story.latest_invoice()["status"], "paid");
    assert_eq!(story.subscription()["status"], "active");
}

#[test]
fn a_lost_card_is_not_sent_again_but_the_schedule_goes_on() {
    let sandbox = Sandbox::start(&[]);
    let cast = sandbox.scenario("9987");
    let clock = cast["test_clock"].as_str().unwrap();
    let invoice = cast["invoice"].as_str().unwrap();
    let at = sandbox.get(&format!("/v1/test_helpers/test_clocks/{clock}")).ok();
    sandbox.advance(clock, at["frozen_time"].as_i64().unwrap() + 4 * DAY_S);
    let state = sandbox.get(&format!("/v1/invoices/{invoice}")).ok();
    assert_eq!(state["attempt_count"], 3);
    assert_eq!(sandbox.ledger(invoice), (0, 1));
}

#[test]
fn cancelling_stops_collection_and_pausing_voids() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
    let paused = story.update(&[("pause_collection[behavior]", "void")]);
    assert_eq!(paused["status"], "active");
    story.advance(noon("2026-06-10") + 2 * HOUR_S);
    assert_eq!(story.latest_invoice()["status"], "void");
    assert_eq!(story.update(&[("pause_collection", "")])["pause_collection"], Value::Null);

    let form = [("cancel_at_period_end", "true"), ("cancellation_details[feedback]", "unused")];
    assert_eq!(story.update(&form)["cancel_at"], noon("2026-07-10"));
    story.advance(noon("2026-07-10") + HOUR_S);
    let ended = story.subscription();
    assert_eq!(ended["status"], "canceled");
    assert_eq!(ended["cancellation_details"]["feedback"], "unused");
    assert_eq!(ended["cancellation_details"]["reason"], "cancellation_requested");

    let other = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
    other.advance(noon("2026-06-10") + 2 * HOUR_S);
    let path = format!("/v1/subscriptions/{}", other.subscription);
    sandbox.send("DELETE", &path, &[], "").ok();
    let left = other.latest_invoice();
    assert_eq!((&left["status"], &left["auto_advance"]), (&"open".into(), &false.into()));
    assert_eq!(left["next_payment_attempt"], Value::Null);
}

#[test]
fn a_clock_moves_forward_and_not_too_far() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-01-31", "pm_card_visa");
    let path = format!("/v1/test_helpers/test_clocks/{}/advance", story.clock);
    for date in ["2026-01-30", "2026-04-01"] {
        let answer = sandbox.post(&path, &[("frozen_time", &noon(date).to_string())]);
        assert_eq!(answer.error(400)["param"], "frozen_time");
    }
    // Customers on a clock appear only when it is named.
    assert_eq!(sandbox.get("/v1/customers").ok()["data"].as_array().unwrap().len(), 0);
    let listed = sandbox.get(&format!("/v1/customers?test_clock={}", story.clock)).ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let clock = format!("/v1/test_helpers/test_clocks/{}", story.clock);
    sandbox.send("DELETE", &clock, &[], "").ok();
    let customer = sandbox.get(&format!("/v1/customers/{}", story.customer)).ok();
    assert_eq!(customer["deleted"], true);
}

#[test]
fn a_first_invoice_that_is_declined_leaves_the_subscription_incomplete() {
    let sandbox = Sandbox::start(&[]);
    let customer = sandbox.post("/v1/customers", &[("email", "a@example.com")]).ok();
    let customer = customer["id"].as_str().unwrap();
    let form = [("customer", customer)];
    let card = sandbox.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &form).ok();
    let mut form = vec![
        ("customer", customer),
        ("items[0][price_data][currency]", "usd"),
        ("items[0][price_data][unit_amount]", "500"),
        ("items[0][price_data][recurring][interval]", "week"),
        ("items[0][price_data][product_data][name]", "Weekly"),
        ("default_payment_method", card["id"].as_str().unwrap()),
    ];
    let subscription = sandbox.post("/v1/subscriptions", &form).ok();
    assert_eq!(subscription["status"], "incomplete");
    form.push(("payment_behavior", "error_if_incomplete"));
    assert_eq!(sandbox.post("/v1/subscriptions", &form).error(402)["code"], "card_declined");
    let all = sandbox.get(&format!("/v1/subscriptions?customer={customer}&status=all")).ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 1, "the refused one left nothing");
}
