//! Both ways to pause, and the ways back.
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
use common::story::{DAY_S, HOUR_S, Story, begin, begin_with, id, noon};
use serde_json::{Value, json};

fn pause(story: &Story<'_>, form: &[(&str, &str)]) -> Value {
    story.sandbox.post(&format!("{}/pause", story.path()), form).ok()
}

fn resume(story: &Story<'_>, form: &[(&str, &str)]) -> Value {
    story.sandbox.post(&format!("{}/resume", story.path()), form).ok()
}

#[test]
fn paused_collection_treats_invoices_as_it_was_told() {
    let sandbox = Sandbox::start(&[]);
    for (behavior, status) in
        [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible"), ("void", "void")]
    {
        let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
        let until = noon("2026-07-01").to_string();
        let form =
            [("pause_collection[behavior]", behavior), ("pause_collection[resumes_at]", &until)];
        assert_eq!(story.update(&form)["status"], "active");
        story.advance(noon("2026-06-10") + 2 * HOUR_S);
        assert_eq!(story.latest_invoice()["status"], status);
        assert_eq!(story.taken_minor(), 1_900);
        story.advance(noon("2026-07-10") + 2 * HOUR_S);
        assert_eq!(story.subscription()["pause_collection"], Value::Null);
        assert_eq!(
            (story.latest_invoice()["status"].clone(), story.taken_minor()),
            (json!("paid"), 3_800)
        );
    }
}

#[test]
fn an_invoice_from_before_the_pause_goes_on_being_collected() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
    story.advance(noon("2026-06-10") + 2 * HOUR_S);
    let invoice = id(&story.latest_invoice());
    story.update(&[("pause_collection[behavior]", "void")]);
    story.advance(noon("2026-06-12"));
    assert_eq!(sandbox.ledger(&invoice).1, 2, "a retry after the pause began");
}

#[test]
fn a_paused_subscription_makes_no_invoices_and_credits_what_was_not_used() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-06-10", "pm_card_visa");
    story.advance(noon("2026-06-25"));
    let paused = pause(&story, &[("type", "subscription")]);
    assert_eq!(paused["status"], "paused");
    let details = &paused["status_details"]["paused"];
    assert_eq!(details["subscription"]["type"], "pause_requested");
    assert_eq!(details["transitioned_at"], noon("2026-06-25"));
    assert_eq!(paused["items"]["data"][0]["current_period_end"], noon("2026-06-25"));
    assert_eq!(story.events("customer.subscription.paused"), 1);
    story.advance(noon("2026-08-20"));
    assert_eq!((story.invoice_count(), story.taken_minor()), (1, 1_900));
    let listed = format!("/v1/subscriptions?customer={}&status=paused", story.customer);
    assert_eq!(sandbox.get(&listed).ok()["data"].as_array().unwrap().len(), 1);
    sandbox.post(&format!("{}/pause", story.path()), &[]).error(400);

    let back = resume(&story, &[("payment_behavior", "resume_on_payment_success")]);
    assert_eq!((&back["status"], &back["status_details"]), (&json!("active"), &Value::Null));
    assert_eq!(back["billing_cycle_anchor"], noon("2026-08-20"));
    assert_eq!(back["items"]["data"][0]["current_period_end"], noon("2026-09-20"));
    // Half a month was credited when the pause began.
    assert_eq!(story.latest_invoice()["total"], 950);
    assert_eq!(story.events("customer.subscription.resumed"), 1);
    story.advance(noon("2026-09-20") + 2 * HOUR_S);
    assert_eq!(story.taken_minor(), 1_900 + 950 + 1_900);
}

#[test]
fn a_resumption_that_is_not_paid_leaves_the_pause() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-06-10", "pm_card_visa");
    pause(&story, &[("bill_for[unused_time_from][type]", "none")]);
    story.advance(noon("2026-06-20"));
    // Without a payment attempt: voided after 23 hours.
    let waiting = resume(&story, &[]);
    assert_eq!(waiting["status"], "paused");
    let invoice = story.latest_invoice();
    assert_eq!((&invoice["status"], &invoice["total"]), (&json!("open"), &json!(1_900)));
    sandbox.post(&format!("{}/resume", story.path()), &[]).error(400);
    story.advance(noon("2026-06-20") + 24 * HOUR_S);
    assert_eq!(story.latest_invoice()["status"], "void");
    assert_eq!(story.subscription()["status"], "paused");
    // With a card that is declined: still paused, and Stripe goes on trying.
    let order =
        json!({"customer": story.customer, "decline_code": "insufficient_funds", "times": 2});
    sandbox.control("POST", "declines", &order);
    let refused = resume(&story, &[("payment_behavior", "resume_on_payment_success")]);
    assert_eq!(refused["status"], "paused");
    assert!(story.latest_invoice()["next_payment_attempt"].is_i64());
    story.advance(noon("2026-06-21") + 5 * DAY_S);
    assert_eq!(story.subscription()["status"], "active", "the third attempt was good");
    assert_eq!(story.taken_minor(), 3_800);
}

#[test]
fn the_default_resumption_waits_for_an_attempt_and_takes_any() {
    let sandbox = Sandbox::start(&[]);
    let outcome = |declined: bool| {
        let story = begin(&sandbox, "2026-06-10", "pm_card_visa");
        pause(&story, &[("bill_for[unused_time_from][type]", "none")]);
        story.advance(noon("2026-07-20"));
        resume(&story, &[]);
        let invoice = id(&story.latest_invoice());
        if declined {
            let order = json!({"customer": story.customer, "decline_code": "do_not_honor"});
            sandbox.control("POST", "declines", &order);
        }
        sandbox.post(&format!("/v1/invoices/{invoice}/pay"), &[]);
        story.advance(noon("2026-07-30"));
        (story.subscription()["status"].clone(), sandbox.ledger(&invoice))
    };
    assert_eq!(outcome(false).0, "active");
    // "Stripe doesn't retry failed payments."
    assert_eq!(outcome(true), (json!("past_due"), (0, 1)));
}

#[test]
fn the_old_rhythm_can_go_on() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-06-10", "pm_card_visa");
    pause(&story, &[("bill_for[unused_time_from][type]", "none")]);
    story.advance(noon("2026-07-25"));
    let back = resume(
        &story,
        &[("billing_cycle_anchor[type]", "unchanged"), ("proration_behavior", "none")],
    );
    assert_eq!(back["status"], "active");
    assert_eq!(back["items"]["data"][0]["current_period_end"], noon("2026-08-10"));
    assert_eq!(story.invoice_count(), 1);
    story.advance(noon("2026-08-10") + 2 * HOUR_S);
    assert_eq!(story.latest_invoice()["total"], 1_900);
    assert_eq!(story.subscription()["items"]["data"][0]["current_period_end"], noon("2026-09-10"));
}

#[test]
fn who_cannot_be_paused_and_who_is_paused_by_the_schedule() {
    let sandbox = Sandbox::start(&["--final-action", "pause", "--retry-hours", "24"]);
    let story =
        begin_with(&sandbox, "2026-06-10", "pm_card_visa", &[("billing_mode[type]", "classic")]);
    sandbox.post(&format!("{}/pause", story.path()), &[]).error(400);
    let failing = begin(&sandbox, "2026-06-10", "pm_card_chargeCustomerFail");
    failing.advance(noon("2026-07-13"));
    let paused = failing.subscription();
    assert_eq!(paused["status"], "paused");
    assert_eq!(paused["status_details"]["paused"]["subscription"]["type"], "final_payment_failure");
    // Nothing is collected any more, and paying the old invoice does not end the pause.
    failing.advance(noon("2026-08-20"));
    assert_eq!(failing.invoice_count(), 2);
}

#[test]
fn a_trial_without_a_card_ends_as_it_was_told() {
    let sandbox = Sandbox::start(&[]);
    for (behavior, status) in [("pause", "paused"), ("cancel", "canceled")] {
        let more = [
            ("trial_period_days", "7"),
            ("trial_settings[end_behavior][missing_payment_method]", behavior),
        ];
        let story = begin_with(&sandbox, "2026-06-01", "pm_card_visa", &more);
        let methods = sandbox.get(&format!("/v1/payment_methods?customer={}", story.customer)).ok();
        let card = id(&methods["data"][0]);
        sandbox.post(&format!("/v1/payment_methods/{card}/detach"), &[]).ok();
        story.advance(noon("2026-06-09"));
        assert_eq!(story.subscription()["status"], status);
        assert_eq!(story.taken_minor(), 0);
    }
}
