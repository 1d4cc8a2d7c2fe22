mod changes;

use super::*;
use reprieve_core::provider::{EndReason, InvoiceStatus, SubscriptionStatus};
use reprieve_core::provider::{InvoiceFact, SubscriptionFact};
use serde_json::{Value, json};

// The objects have the shape of Stripe's published fixtures (stripe/openapi, `fixtures3.json`),
// cut to the fields that are read and a few that are not.

fn invoice() -> Value {
    json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "status": "open",
        "amount_due": 1900, "amount_paid": 0, "amount_remaining": 1900, "currency": "eur",
        "attempt_count": 1, "attempted": true, "billing_reason": "subscription_cycle",
        "next_payment_attempt": 1_800_259_200, "number": "A-0001", "description": null,
        "lines": {"object": "list", "has_more": false, "data": [
            {"id": "il_1", "object": "line_item", "amount": 1900, "description": "1 × Pro plan"}]},
        "parent": {"type": "subscription_details", "quote_details": null,
            "subscription_details": {"metadata": {}, "subscription": "sub_1"}},
        "livemode": false,
    })
}

fn subscription() -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "past_due",
        "ended_at": null, "cancellation_details": {"comment": null, "reason": null},
        "default_payment_method": "pm_1", "items": {"object": "list", "data": []},
    })
}

fn wrap(kind: &str, object: &Value) -> Vec<u8> {
    json!({
        "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive",
        "created": 1_800_000_000, "livemode": false, "pending_webhooks": 1, "type": kind,
        "request": {"id": null, "idempotency_key": null}, "data": {"object": object},
    })
    .to_string()
    .into_bytes()
}

/// An object of the kind that such an event carries.
fn object_for(reading: Reading) -> Value {
    match reading {
        Reading::Subscription => subscription(),
        Reading::Setup => setup_intent(),
        Reading::MethodRenewed | Reading::MethodChanged => method(),
        Reading::Customer | Reading::CustomerDeleted => json!({"id": "cus_1", "object": "customer",
            "invoice_settings": {"default_payment_method": "pm_2", "footer": null}}),
        Reading::Invoice | Reading::InvoiceAction | Reading::Recorded => invoice(),
    }
}

fn setup_intent() -> Value {
    json!({
        "id": "seti_1", "object": "setup_intent", "customer": "cus_1", "status": "succeeded",
        "payment_method": "pm_2", "usage": "off_session",
        "metadata": {"reprieve": "1", "reprieve_merchant": "demo"},
    })
}

fn method() -> Value {
    json!({
        "id": "pm_1", "object": "payment_method", "type": "card", "customer": "cus_1",
        "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2027,
            "fingerprint": "Xt5EWLLDS7FJjR1c", "funding": "credit"},
    })
}

/// With what a changed default had before.
fn wrap_changed(kind: &str, object: &Value) -> Vec<u8> {
    let mut event: Value = serde_json::from_slice(&wrap(kind, object)).unwrap();
    let before = json!({"invoice_settings": {"default_payment_method": "pm_1"}});
    event["data"]["previous_attributes"] = before;
    event.to_string().into_bytes()
}

fn read(kind: &str, object: &Value) -> ProviderEvent {
    event(&wrap(kind, object)).unwrap()
}

fn with(mut object: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        object[*name] = value.clone();
    }
    object
}

fn invoice_fact(kind: &str, object: &Value) -> InvoiceFact {
    match read(kind, object).fact {
        Some(Fact::Invoice(fact)) => fact,
        other => panic!("{kind}: {other:?}"),
    }
}

fn subscription_fact(object: &Value) -> SubscriptionFact {
    match read("customer.subscription.updated", object).fact {
        Some(Fact::Subscription(fact)) => fact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_table_is_sorted_and_has_no_event_twice() {
    assert!(EVENTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(EVENTS.iter().all(|(name, _)| name.len() <= KIND_BYTES_MAX));
}

#[test]
fn a_failed_renewal_is_read() {
    let event = read("invoice.payment_failed", &invoice());
    assert_eq!((event.id.as_str(), event.kind.as_str()), ("evt_1", "invoice.payment_failed"));
    assert_eq!(event.created_at, Timestamp::from_seconds(1_800_000_000));
    assert_eq!(event.customer.unwrap().as_str(), "cus_1");
    let fact = invoice_fact("invoice.payment_failed", &invoice());
    assert_eq!(fact.subscription.unwrap().as_str(), "sub_1");
    assert_eq!((fact.status, fact.attempt_count), (InvoiceStatus::Open, 1));
    assert_eq!((fact.amount_due.amount_minor, fact.amount_due.currency.as_str()), (1900, "eur"));
    assert_eq!(fact.description.as_deref(), Some("1 × Pro plan"));
    assert_eq!(fact.number.as_deref(), Some("A-0001"));
    assert_eq!(fact.next_attempt_at, Some(Timestamp::from_seconds(1_800_259_200)));
    assert!(fact.decline.is_none() && fact.method.is_none() && !fact.needs_authentication);
    assert!(invoice_fact("invoice.payment_action_required", &invoice()).needs_authentication);
}

#[test]
fn every_event_of_the_table_is_read() {
    for (kind, reading) in EVENTS {
        let event = event(&wrap_changed(kind, &object_for(*reading))).unwrap();
        assert_eq!(event.fact.is_some(), *reading != Reading::Recorded, "{kind}");
        assert!(event.customer.is_some(), "{kind}");
    }
    assert_eq!(read("an.event.of.tomorrow", &invoice()).fact, None);
}

#[test]
fn invoices_that_are_unusual() {
    let fact =
        |changes: &[(&str, Value)]| invoice_fact("invoice.updated", &with(invoice(), changes));
    let long = "é".repeat(300);
    let cut = fact(&[("number", json!(long))]).number.unwrap();
    assert!(cut.len() == 200 && long.starts_with(&cut));
    assert_eq!(fact(&[("amount_remaining", json!(-5))]).amount_due.amount_minor, 0);
    assert_eq!(fact(&[("attempt_count", json!(u64::MAX))]).attempt_count, u32::MAX);
    assert_eq!(fact(&[("parent", Value::Null)]).subscription, None);
    assert_eq!(fact(&[("customer", json!({"id": "cus_2"}))]).customer.as_str(), "cus_2");
    let memo = [("lines", Value::Null), ("description", json!("Setup fee"))];
    assert_eq!(fact(&memo).description.as_deref(), Some("Setup fee"));
    // Recorded, because nothing can be said of it.
    for change in
        [("status", json!("of_tomorrow")), ("status", Value::Null), ("customer", Value::Null)]
    {
        assert_eq!(read("invoice.updated", &with(invoice(), &[change])).fact, None);
    }
    // Refused, because we would act on it.
    for change in [
        ("id", json!("")),
        ("id", json!("in/1")),
        ("customer", json!("c".repeat(101))),
        ("currency", json!("euro")),
        ("amount_remaining", json!("1900")),
        ("amount_remaining", json!(19.5)),
        ("lines", json!({})),
    ] {
        let raw = wrap("invoice.updated", &with(invoice(), std::slice::from_ref(&change)));
        assert!(event(&raw).is_err(), "{change:?}");
    }
}

#[test]
fn subscriptions_read_as_a_table() {
    use SubscriptionStatus as S;
    let failed = Some(EndReason::PaymentFailed);
    let asked = Some(EndReason::Requested);
    #[rustfmt::skip]
    let rows = [
        ("active",             None,    None,                           S::Active,     None),
        ("trialing",           None,    None,                           S::Active,     None),
        ("past_due",           None,    None,                           S::PastDue,    None),
        ("past_due",           None,    Some("cancellation_requested"), S::PastDue,    None),
        ("unpaid",             None,    None,                           S::Unpaid,     None),
        ("incomplete",         None,    None,                           S::Incomplete, None),
        ("paused",             None,    None,                           S::Paused,     None),
        ("canceled",           Some(1), Some("payment_failed"),         S::Ended,      failed),
        ("canceled",           Some(1), Some("cancellation_requested"), S::Ended,      asked),
        ("canceled",           Some(1), Some("of_tomorrow"),            S::Ended,      asked),
        ("canceled",           Some(1), None,                           S::Ended,      asked),
        ("incomplete_expired", Some(1), None,                           S::Ended,      failed),
        ("of_tomorrow",        Some(1), None,                           S::Ended,      asked),
        ("of_tomorrow",        None,    None,                           S::Active,     None),
    ];
    for (word, ended_at, reason, status, end_reason) in rows {
        let object = with(
            subscription(),
            &[
                ("status", json!(word)),
                ("ended_at", json!(ended_at)),
                ("cancellation_details", json!({"reason": reason})),
            ],
        );
        let fact = subscription_fact(&object);
        assert_eq!((fact.status, fact.end_reason), (status, end_reason), "{word} {reason:?}");
        assert_eq!(fact.default_method.unwrap().as_str(), "pm_1");
    }
    let bare = json!({"id": "sub_1", "customer": {"id": "cus_1", "object": "customer"}});
    assert_eq!(subscription_fact(&bare).default_method, None);
}

#[test]
fn whose_it_is_reads_as_a_table() {
    let (cus, none) = (Some("cus_1"), None);
    let ch = Some("ch_1");
    #[rustfmt::skip]
    let rows = [
        ("customer.updated",         json!({"object": "customer", "id": "cus_1"}),      cus,  none),
        ("customer.source.expiring", json!({"object": "card", "customer": "cus_1"}),    cus,  none),
        ("customer.source.expiring", json!({"object": "card", "id": "cus_1"}),          none, none),
        ("charge.refunded",          json!({"object": "charge", "customer": "cus_1"}),  cus,  none),
        ("charge.dispute.created",   json!({"object": "dispute", "charge": "ch_1"}),    none, ch),
        ("charge.dispute.created",   json!({"charge": {"id": "ch_1", "amount": 1}}),    none, ch),
        ("charge.dispute.created",   json!({"charge": "ch/../1"}),                      none, none),
        ("setup_intent.succeeded",   json!({"id": "seti_1", "customer": null}),         none, none),
        ("mandate.updated",          json!({"payment_method": "pm_1"}),                 none, none),
        ("of.tomorrow",              json!({"customer": {"id": "cus_1"}, "charge": 1}), cus,  none),
        ("of.tomorrow",              json!({"customer": "cus_1", "charge": "ch_1"}),    cus,  none),
        ("of.tomorrow",              json!({"customer": ["cus_1"]}),                    none, none),
        ("of.tomorrow",              json!({"customer": "not an id"}),                  none, none),
        ("of.tomorrow",              json!({"object": "customer", "id": "cus_1"}),      none, none),
    ];
    for (kind, object, customer, charge) in rows {
        let event = read(kind, &object);
        assert_eq!(event.customer.as_ref().map(CustomerId::as_str), customer, "{kind} {object}");
        assert_eq!(event.charge.as_deref(), charge, "{kind} {object}");
    }
    let detached = json!({"id": "evt_1", "created": 1, "type": "payment_method.detached", "data": {
        "object": {"object": "payment_method", "id": "pm_1", "customer": null},
        "previous_attributes": {"customer": "cus_1"}}});
    let event = event(detached.to_string().as_bytes()).unwrap();
    assert_eq!(event.customer.unwrap().as_str(), "cus_1");
}

#[test]
fn an_event_has_a_name_an_id_and_an_object() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for bad in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"id":"evt_1","type":"x","created":1,"data":{}}"#,
        r#"{"id":"evt_1","type":"x","created":1,"data":{"object":[]}}"#,
        r#"{"id":"evt_1","type":"","created":1,"data":{"object":{}}}"#,
        r#"{"id":"","type":"x","created":1,"data":{"object":{}}}"#,
        r#"{"id":"evt 1","type":"x","created":1,"data":{"object":{}}}"#,
        r#"{"id":"evt_1","type":"x","created":"1","data":{"object":{}}}"#,
        r#"{"id":"evt_1","type":"x","created":1,"data":{"object":{}}} x"#,
        deep.as_str(),
    ] {
        assert!(event(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(80)]);
    }
    let long = "x".repeat(KIND_BYTES_MAX + 1);
    assert_eq!(event(&wrap(&long, &json!({}))), Err(MapError::Shape));
    assert!(event(&wrap(&long[1..], &json!({}))).is_ok());
}

fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let names = proptest::sample::select(vec![
        "id",
        "object",
        "customer",
        "charge",
        "status",
        "amount_remaining",
        "currency",
        "parent",
        "subscription_details",
        "subscription",
        "lines",
        "data",
        "description",
        "payments",
        "payment",
        "payment_intent",
        "last_payment_error",
        "payment_method",
        "card",
        "attempt_count",
        "ended_at",
        "next_payment_attempt",
        "cancellation_details",
        "reason",
        "default_payment_method",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(cus_1|eur|open|active|\\PC{0,8})".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names.clone(), inner, 0..8)
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
        ]
    })
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(raw: Vec<u8>) {
        proptest::prop_assert!(event(&raw).is_err());
    }

    #[test]
    fn any_object_is_read_without_a_panic(object in any_json(), at in 0..EVENTS.len()) {
        let _ = event(&wrap(EVENTS[at].0, &object));
    }

    #[test]
    fn any_field_may_be_anything(field in 0..20_usize, value in any_json(), at in 0..EVENTS.len()) {
        for mut object in [invoice(), subscription()] {
            let name = object.as_object().unwrap().keys().nth(field).cloned();
            object[name.unwrap_or_default()] = value.clone();
            let _ = event(&wrap(EVENTS[at].0, &object));
        }
    }

    #[test]
    fn a_body_cut_off_is_refused(at in 0..500_usize) {
        let raw = wrap("invoice.paid", &invoice());
        proptest::prop_assert!(event(&raw[..at.min(raw.len() - 1)]).is_err());
    }
}

#[test]
fn a_kept_body_has_no_client_secret_and_says_the_same_otherwise() {
    let intent = json!({
        "id": "seti_1", "object": "setup_intent", "customer": "cus_1",
        "client_secret": "seti_1_secret_abc",
        "nested": [{"payment_intent": {"id": "pi_1", "client_secret": "pi_1_secret_def"}}],
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "url": "https://bank.example/src_1?client_secret=src_1_secret_ghi",
                "return_url": "https://app.example/?payment_intent_client_secret=pi_1_secret_jkl",
            },
        },
    });
    let raw = wrap("setup_intent.succeeded", &intent);
    let kept = storable(raw.clone()).unwrap();
    assert!(!kept.contains("_secret_"), "{kept}");
    assert_eq!(event(kept.as_bytes()).unwrap(), event(&raw).unwrap());
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept.pointer("/data/object/nested/0/payment_intent/id"), Some(&json!("pi_1")));
    let kind = kept.pointer("/data/object/next_action/type");
    assert_eq!(kind, Some(&json!("redirect_to_url")));
}

#[test]
fn a_body_without_a_secret_is_kept_byte_by_byte() {
    let raw = wrap("invoice.paid", &invoice());
    assert_eq!(storable(raw.clone()).unwrap().into_bytes(), raw);
    assert_eq!(storable(vec![0xff]), Err(MapError::Shape));
}

/// What the README tells an operator to subscribe to.
fn subscribed() -> Vec<&'static str> {
    const README: &str = include_str!("../../../../../../README.md");
    let (_, rest) = README.split_once("as a webhook endpoint at Stripe with the events").unwrap();
    let (list, _) = rest.split_once("in API version").unwrap();
    let named = list.split('`').skip(1).step_by(2);
    named.filter(|name| name.contains('.')).collect()
}

#[test]
fn the_readme_subscribes_to_every_event_of_the_table() {
    let covers = |wanted: &str, name: &str| match wanted.strip_suffix('*') {
        Some(family) => name.starts_with(family),
        None => name == wanted,
    };
    // Events of test clocks come only where somebody has one.
    let real = || EVENTS.iter().map(|(name, _)| *name).filter(|n| !n.starts_with("test_helpers."));
    for name in real() {
        assert!(subscribed().iter().any(|wanted| covers(wanted, name)), "{name} never arrives");
    }
    for wanted in subscribed() {
        assert!(real().any(|name| covers(wanted, name)), "nobody knows {wanted}");
    }
    assert!(subscribed().len() > 10);
    assert!(!covers("invoice.*", "invoice_payment.paid"), "a family ends with its dot");
}
