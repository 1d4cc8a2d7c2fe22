//! What each act sends, and that doing it again is doing it once.

use super::*;
use crate::provider::ChangeBilling;
use reprieve_core::cancel::Reason;
use reprieve_core::cancel::act::Act;
use reprieve_core::id::PlanId;
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::money::{Currency, Money};
use reprieve_core::provider::PauseKind;

pub(super) fn sub_1() -> SubscriptionId {
    SubscriptionId::parse("sub_1").unwrap()
}

pub(super) fn euros(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::parse("eur").unwrap() }
}

pub(super) fn act(script: &Script, act: &Act) -> Result<(), ProviderError> {
    let key = IdempotencyKey::for_payment(&in_1(), 1, None);
    let result = run(script.stripe().act(&cus_1(), act, &key));
    assert!(script.is_used_up());
    result
}

pub(super) fn done() -> Result<Response, TransportError> {
    answer(200, &json!({"id": "sub_1"}))
}

fn live(status: &str, interval: &str, discounts: &Value) -> Result<Response, TransportError> {
    answer(
        200,
        &json!({"id": "sub_1", "status": status, "discounts": discounts, "items": {"data": [
        {"id": "si_1", "price": {"id": "price_1",
            "recurring": {"interval": interval, "interval_count": 1}}}]}}),
    )
}

pub(super) fn missing() -> Result<Response, TransportError> {
    refusal(404, "invalid_request_error", "resource_missing")
}

pub(super) const LOOK: &str = "GET /v1/subscriptions/sub_1?expand[]=discounts";

#[test]
fn a_pause_of_collecting_sets_a_state() {
    let resumes_at = Timestamp::from_seconds(1_800_000_000);
    let script = Script::of([done(), done()]);
    let by = PauseKind::Collection;
    run(async {
        let key = IdempotencyKey::for_payment(&in_1(), 1, None);
        let stripe = script.stripe();
        let pause = Act::Pause { subscription: sub_1(), by, resumes_at };
        stripe.act(&cus_1(), &pause, &key).await.unwrap();
        stripe.act(&cus_1(), &Act::Resume { subscription: sub_1(), by }, &key).await.unwrap();
    });
    assert_eq!(
        script.asked(),
        [
            "POST /v1/subscriptions/sub_1 \
             pause_collection[behavior]=void&pause_collection[resumes_at]=1800000000",
            "POST /v1/subscriptions/sub_1 pause_collection=",
        ]
    );
}

#[test]
fn a_pause_of_the_service_happens_once() {
    let by = PauseKind::Service;
    let resumes_at = Timestamp::from_seconds(1_800_000_000);
    let pause = Act::Pause { subscription: sub_1(), by, resumes_at };
    let script = Script::of([live("active", "month", &json!([])), done()]);
    act(&script, &pause).unwrap();
    assert_eq!(
        script.asked(),
        [
            LOOK,
            "POST /v1/subscriptions/sub_1/pause type=subscription\
             &bill_for[unused_time_from][type]=now&invoicing_behavior=pending_invoice_item",
        ]
    );
    act(&Script::of([live("paused", "month", &json!([]))]), &pause).unwrap();
    let resume = Act::Resume { subscription: sub_1(), by };
    let script = Script::of([live("paused", "month", &json!([])), done()]);
    act(&script, &resume).unwrap();
    assert_eq!(
        script.asked()[1],
        "POST /v1/subscriptions/sub_1/resume \
         billing_cycle_anchor[type]=now&payment_behavior=resume_on_payment_attempt"
    );
    act(&Script::of([live("active", "month", &json!([]))]), &resume).unwrap();
}

#[test]
fn another_plan_counts_from_the_next_period_on() {
    let plan = |id| Act::ChangePlan { subscription: sub_1(), plan: PlanId::parse(id).unwrap() };
    let script = Script::of([live("active", "month", &json!([])), done()]);
    act(&script, &plan("price_2")).unwrap();
    let sent = "POST /v1/subscriptions/sub_1 \
        items[0][id]=si_1&items[0][price]=price_2&proration_behavior=none";
    assert_eq!(script.asked()[1], sent);
    act(&Script::of([live("active", "month", &json!([]))]), &plan("price_1")).unwrap();
    let two = answer(200, &json!({"id": "sub_1", "items": {"data": [{"id": "a"}, {"id": "b"}]}}));
    assert_eq!(act(&Script::of([two]), &plan("price_2")).unwrap_err().kind, ErrorKind::Refused);
}

#[test]
fn a_trial_ends_at_its_second_and_nothing_is_settled_up() {
    let until = Timestamp::from_ms(1_800_000_000_999);
    let script = Script::of([done()]);
    act(&script, &Act::ExtendTrial { subscription: sub_1(), until }).unwrap();
    assert_eq!(
        script.asked(),
        ["POST /v1/subscriptions/sub_1 trial_end=1800000000&proration_behavior=none"]
    );
    let too_far = refusal(400, "invalid_request_error", "trial_end_too_far");
    let extend = Act::ExtendTrial { subscription: sub_1(), until };
    assert_eq!(act(&Script::of([too_far]), &extend).unwrap_err().kind, ErrorKind::Refused);
}

#[test]
fn a_credit_has_its_key_and_is_not_repeated_freely() {
    let credit = Act::Credit { amount: euros(500) };
    let script = Script::of([done()]);
    act(&script, &credit).unwrap();
    assert_eq!(
        script.asked(),
        ["POST /v1/customers/cus_1/balance_transactions \
          amount=-500&currency=eur&metadata[reprieve_key]=reprieve%3Apay%3Ain_1%3A1%3Adefault"]
    );
    let keyed = |request: &Request| request.headers.iter().any(|(n, _)| *n == "idempotency-key");
    assert!(script.requests.borrow().iter().all(keyed));
    let error = act(&Script::of([Err(TransportError::Network)]), &credit).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown);
}

pub(super) fn holds(script: &Script, act: &Act) -> Result<bool, ProviderError> {
    let key = IdempotencyKey::for_payment(&in_1(), 1, None);
    let result = run(script.stripe().holds(&cus_1(), act, &key));
    assert!(script.is_used_up());
    result
}

#[test]
fn a_credit_is_found_by_the_key_that_is_written_on_it() {
    let credit = Act::Credit { amount: euros(500) };
    let movement = |key: &str| json!({"id": "cbtxn_1", "metadata": {"reprieve_key": key}});
    let page = |data: Vec<Value>| answer(200, &json!({"data": data}));
    let ours = movement("reprieve:pay:in_1:1:default");
    let others = [movement("reprieve:credit:other"), json!({"id": "cbtxn_1", "metadata": {}})];
    let script = Script::of([page(vec![others[0].clone(), ours.clone()])]);
    assert!(holds(&script, &credit).unwrap());
    assert_eq!(script.asked(), ["GET /v1/customers/cus_1/balance_transactions?limit=100"]);
    assert!(!holds(&Script::of([page(others.to_vec())]), &credit).unwrap());
    assert!(!holds(&Script::of([page(Vec::new())]), &credit).unwrap());
    let full = || page(vec![others[0].clone(); 100]);
    let script = Script::of([full(), page(vec![ours])]);
    assert!(holds(&script, &credit).unwrap());
    assert!(script.asked()[1].ends_with("?limit=100&starting_after=cbtxn_1"));
    let error = holds(&Script::of([full(), full(), full(), full(), full()]), &credit).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown, "not looked through is not known");
    assert_eq!(holds(&Script::of([missing()]), &credit).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn whether_an_offer_holds_stands_on_the_subscription() {
    let until = Timestamp::from_ms(1_800_000_000_999);
    let (service, collection) = (PauseKind::Service, PauseKind::Collection);
    let pause = |by| Act::Pause { subscription: sub_1(), by, resumes_at: until };
    let plan = |id| Act::ChangePlan { subscription: sub_1(), plan: PlanId::parse(id).unwrap() };
    let trial = Act::ExtendTrial { subscription: sub_1(), until };
    let active = || live("active", "month", &json!([]));
    let with = |name: &str, value: Value| {
        answer(200, &json!({"id": "sub_1", "status": "active", name: value}))
    };
    let rows = [
        (pause(service), live("paused", "month", &json!([])), true),
        (pause(service), active(), false),
        (pause(collection), with("pause_collection", json!({"resumes_at": 1_800_000_000})), true),
        (pause(collection), with("pause_collection", json!({"resumes_at": 1_700_000_000})), false),
        (pause(collection), active(), false),
        (plan("price_1"), active(), true),
        (plan("price_2"), active(), false),
        (trial.clone(), with("trial_end", json!(1_800_000_000)), true),
        (trial, active(), false),
    ];
    for (act, seen, expected) in rows {
        assert_eq!(holds(&Script::of([seen]), &act), Ok(expected), "{act:?}");
    }
    let void = Act::Void { invoice: in_1() };
    assert_eq!(holds(&Script::of([]), &void).unwrap_err().kind, ErrorKind::Refused);
}

#[test]
fn the_end_carries_the_customer_s_words_and_never_in_an_address() {
    let (reason, comment) = (Some(Reason::TooExpensive), Some("no, thanks".to_owned()));
    let script = Script::of([done()]);
    let later = Act::CancelAtPeriodEnd { subscription: sub_1(), reason, comment: comment.clone() };
    act(&script, &later).unwrap();
    assert_eq!(
        script.asked(),
        ["POST /v1/subscriptions/sub_1 cancel_at_period_end=true\
          &cancellation_details[feedback]=too_expensive\
          &cancellation_details[comment]=no%2C+thanks"]
    );
    let now = Act::CancelNow { subscription: sub_1(), reason, comment };
    let script = Script::of([done(), done()]);
    act(&script, &now).unwrap();
    assert_eq!(script.asked()[1], "DELETE /v1/subscriptions/sub_1");
    // It ended a moment ago, or it never was.
    let gone = Act::CancelNow { subscription: sub_1(), reason: None, comment: None };
    act(&Script::of([missing(), live("canceled", "month", &json!([]))]), &gone).unwrap();
    let error = act(&Script::of([missing(), missing()]), &gone).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let script = Script::of([done()]);
    act(&script, &Act::KeepRunning { subscription: sub_1() }).unwrap();
    assert_eq!(script.asked(), ["POST /v1/subscriptions/sub_1 cancel_at_period_end=false"]);
}

#[test]
fn an_invoice_is_voided_whatever_it_was() {
    let standing = |status| answer(200, &json!({"id": "in_1", "status": status}));
    let void = Act::Void { invoice: in_1() };
    let script = Script::of([standing("draft"), done(), done()]);
    act(&script, &void).unwrap();
    assert_eq!(
        script.asked(),
        [
            "GET /v1/invoices/in_1",
            "POST /v1/invoices/in_1/finalize auto_advance=false",
            "POST /v1/invoices/in_1/void ",
        ]
    );
    for over in ["paid", "void", "uncollectible"] {
        act(&Script::of([standing(over)]), &void).unwrap();
    }
    let refused = || refusal(400, "invalid_request_error", "invoice_not_open");
    act(&Script::of([standing("open"), refused(), standing("void")]), &void).unwrap();
    let error = act(&Script::of([standing("open"), refused(), standing("open")]), &void);
    assert_eq!(error.unwrap_err().kind, ErrorKind::Refused);
    for (hold, sent) in [
        (Act::Hold { invoice: in_1() }, "POST /v1/invoices/in_1 auto_advance=false"),
        (Act::Release { invoice: in_1() }, "POST /v1/invoices/in_1 auto_advance=true"),
    ] {
        let script = Script::of([standing("open"), done()]);
        act(&script, &hold).unwrap();
        assert_eq!(script.asked()[1], sent);
        act(&Script::of([standing("paid")]), &hold).unwrap();
    }
}
