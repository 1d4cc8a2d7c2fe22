//! Reading and setting up.

use super::*;
use reprieve_core::decline::Category;
use reprieve_core::provider::SubscriptionStatus;
use reprieve_core::time::Timestamp;

const READ_AT: Timestamp = Timestamp::from_seconds(1_800_000_000);
const READ_IN_1: &str = "GET /v1/invoices/in_1?expand[]=payments.data.payment.payment_intent\
    &expand[]=customer&expand[]=parent.subscription_details.subscription";

fn read_live(invoice: &Value) -> InvoiceFact {
    let script = Script::of([answer(200, invoice)]);
    let fact = run(script.stripe().read_invoice(&in_1())).unwrap();
    assert_eq!(script.asked(), [READ_IN_1]);
    fact
}

#[test]
fn a_live_invoice_says_why_its_payment_failed() {
    let intent = failed_intent("card_declined", Some("insufficient_funds"));
    let fact = read_live(&invoice("open", Some(intent)));
    let decline = fact.decline.unwrap();
    assert_eq!((decline.category, decline.do_not_retry), (Category::InsufficientFunds, false));
    assert_eq!(decline.raw.network_decline_code.as_deref(), Some("51"));
    assert_eq!(decline.raw.network_advice_code.as_deref(), Some("02"));
    assert_eq!(decline.raw.advice_code.as_deref(), Some("try_again_later"));
    let method = fact.method.unwrap();
    let card = method.summary.unwrap();
    assert_eq!(
        (method.id.as_str(), card.brand.as_str(), card.last4.as_str()),
        ("pm_1", "visa", "0341")
    );
    assert!(!fact.needs_authentication);
}

#[test]
fn the_next_method_is_the_invoice_s_then_the_subscription_s_then_the_customer_s() {
    let settings = |method: Value| {
        let settings = json!({"default_payment_method": method});
        json!({"id": "cus_1", "invoice_settings": settings})
    };
    let parent = |method: Value| {
        let subscription = json!({"id": "sub_1", "default_payment_method": method});
        json!({"subscription_details": {"subscription": subscription}})
    };
    for (own, of_subscription, customer, expected) in [
        (json!("pm_own"), parent(json!("pm_sub")), settings(json!("pm_cus")), Some("pm_own")),
        (Value::Null, parent(json!("pm_sub")), settings(json!("pm_cus")), Some("pm_sub")),
        (Value::Null, parent(Value::Null), settings(json!("pm_cus")), Some("pm_cus")),
        (Value::Null, parent(Value::Null), settings(Value::Null), None),
        // What was not expanded is not guessed.
        (
            Value::Null,
            json!({"subscription_details": {"subscription": "sub_1"}}),
            settings(json!("pm_cus")),
            None,
        ),
        (Value::Null, parent(Value::Null), json!("cus_1"), None),
    ] {
        let mut object = invoice("open", None);
        object["default_payment_method"] = own;
        object["parent"] = of_subscription;
        object["customer"] = customer;
        let next = read_live(&object).next_method.map(|method| method.id.as_str().to_owned());
        assert_eq!(next.as_deref(), expected, "{object}");
    }
}

#[test]
fn only_a_payment_that_failed_last_has_a_decline() {
    let expired = || failed_intent("expired_card", None);
    for (status, has_decline, authenticate) in [
        ("requires_payment_method", true, false),
        ("requires_action", false, true),
        ("processing", false, false),
        ("succeeded", false, false),
        ("of_tomorrow", false, false),
    ] {
        let mut intent = expired();
        intent["status"] = json!(status);
        let fact = read_live(&invoice("open", Some(intent)));
        assert_eq!(fact.decline.is_some(), has_decline, "{status}");
        assert_eq!(fact.needs_authentication, authenticate, "{status}");
        assert_eq!(fact.is_processing, status == "processing", "{status}");
    }
    let unasked = failed_intent("card_declined", Some("authentication_required"));
    assert!(read_live(&invoice("open", Some(unasked))).needs_authentication);
    for intent in [None, Some(json!("pi_1")), Some(Value::Null)] {
        assert!(read_live(&invoice("open", intent)).decline.is_none());
    }
}

#[test]
fn the_default_payment_counts_and_otherwise_the_newest() {
    let payment = |is_default: bool, created: i64, status: &str, code: &str| {
        json!({"is_default": is_default, "created": created, "status": status,
            "payment": {"type": "payment_intent", "payment_intent": failed_intent(code, None)}})
    };
    let category = |payments: Vec<Value>| {
        let mut live = invoice("open", Some(json!("pi_1")));
        live["payments"]["data"] = json!(payments);
        read_live(&live).decline.map(|decline| decline.category)
    };
    let old = payment(false, 1, "open", "expired_card");
    let new = payment(false, 2, "open", "insufficient_funds");
    let default = payment(true, 1, "open", "incorrect_cvc");
    let gone = payment(true, 3, "canceled", "stolen_card");
    let all = vec![new.clone(), default, gone.clone(), old.clone()];
    assert_eq!(category(all), Some(Category::InvalidDetails));
    assert_eq!(category(vec![new, old, gone.clone()]), Some(Category::InsufficientFunds));
    assert_eq!(category(vec![gone]), None);
    assert_eq!(category(vec![]), None);
}

#[test]
fn the_method_of_a_running_payment_is_known_by_its_id() {
    let mut intent = failed_intent("expired_card", None);
    intent["payment_method"] = json!("pm_2");
    intent["status"] = json!("requires_action");
    let method = read_live(&invoice("open", Some(intent))).method.unwrap();
    assert_eq!((method.id.as_str(), method.summary), ("pm_2", None));
}

#[test]
fn open_invoices_are_listed_with_their_payment_details() {
    let list = json!({"object": "list", "has_more": false, "data": [{"id": "in_1"}, {"id": "in_2"},
        {"id": "in_3"}]});
    let failed = invoice("open", Some(failed_intent("expired_card", None)));
    let paid_meanwhile = invoice("paid", None);
    let gone_meanwhile = refusal(404, "invalid_request_error", "resource_missing");
    let script = Script::of([
        answer(200, &list),
        answer(200, &failed),
        answer(200, &paid_meanwhile),
        gone_meanwhile,
    ]);
    let open = run(script.stripe().list_open_invoices(&cus_1())).unwrap();
    assert_eq!(open.len(), 1);
    assert!(open[0].decline.is_some());
    let asked = script.asked();
    assert_eq!(asked[0], "GET /v1/invoices?customer=cus_1&status=open&limit=20");
    assert_eq!(asked[1], READ_IN_1);
}

#[test]
fn a_list_longer_than_asked_for_is_cut() {
    let ids: Vec<_> = (0..500).map(|n| json!({"id": format!("in_{n}")})).collect();
    let open = std::iter::repeat_with(|| answer(200, &invoice("open", None)));
    let list = answer(200, &json!({"data": ids, "has_more": true}));
    let script = Script::of(std::iter::once(list).chain(open.take(OPEN_INVOICES_MAX)));
    let open = run(script.stripe().list_open_invoices(&cus_1())).unwrap();
    assert_eq!(open.len(), OPEN_INVOICES_MAX);
}

#[test]
fn an_unknown_customer_has_nothing() {
    for status in [400, 404] {
        let missing = || refusal(status, "invalid_request_error", "resource_missing");
        assert_eq!(run(Script::of([missing()]).stripe().list_open_invoices(&cus_1())), Ok(vec![]));
        assert_eq!(
            run(Script::of([missing()]).stripe().list_subscriptions(&cus_1(), READ_AT)),
            Ok(vec![])
        );
    }
    let other = Script::of([refusal(400, "invalid_request_error", "parameter_unknown")]);
    let error = run(other.stripe().list_subscriptions(&cus_1(), READ_AT)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
}

#[test]
fn subscriptions_are_listed_with_those_that_ended() {
    let list = json!({"data": [
        {"id": "sub_1", "customer": "cus_1", "status": "past_due"},
        {"id": "sub_2", "customer": "cus_1", "status": "canceled", "ended_at": 1,
            "cancellation_details": {"reason": "payment_failed"}},
    ]});
    let script = Script::of([answer(200, &list)]);
    let facts = run(script.stripe().list_subscriptions(&cus_1(), READ_AT)).unwrap();
    let statuses: Vec<_> = facts.iter().map(|fact| fact.status).collect();
    assert_eq!(statuses, [SubscriptionStatus::PastDue, SubscriptionStatus::Ended]);
    assert_eq!(script.asked(), ["GET /v1/subscriptions?customer=cus_1&status=all&limit=100"]);
}

#[test]
fn a_charge_leads_to_its_customer() {
    for (customer, expected) in [
        (json!("cus_1"), Some(cus_1())),
        (json!({"id": "cus_1", "deleted": true}), Some(cus_1())),
        (Value::Null, None),
    ] {
        let script = Script::of([answer(200, &json!({"id": "ch_1", "customer": customer}))]);
        assert_eq!(run(script.stripe().customer_of_charge("ch_1")), Ok(expected));
        assert_eq!(script.asked(), ["GET /v1/charges/ch_1"]);
    }
}

#[test]
fn a_set_up_begins_and_is_read() {
    let secret = "seti_1_secret_2";
    let script = Script::of([answer(200, &json!({"id": "seti_1", "client_secret": secret}))]);
    let started = run(script.stripe().start_setup(&demo(), &cus_1())).unwrap();
    assert_eq!((started.id.as_str(), started.client_secret.expose()), ("seti_1", secret));
    assert!(!format!("{started:?}").contains("secret_2"));
    let body = "customer=cus_1&usage=off_session&allowed_payment_method_types[]=card\
        &metadata[reprieve]=1&metadata[reprieve_merchant]=demo";
    assert_eq!(script.asked(), [format!("POST /v1/setup_intents {body}")]);

    for (status, customer, method) in [
        ("succeeded", json!("cus_1"), Some("pm_2")),
        ("requires_action", json!("cus_1"), None),
        ("succeeded", Value::Null, Some("pm_2")),
    ] {
        let setup = json!({"id": "seti_1", "status": status, "customer": customer,
            "payment_method": "pm_2", "client_secret": secret});
        let script = Script::of([answer(200, &setup)]);
        let id = SetupId::parse("seti_1").unwrap();
        let fact = run(script.stripe().read_setup(&id)).unwrap();
        assert_eq!(fact.method.as_ref().map(PaymentMethodId::as_str), method, "{status}");
        assert_eq!(fact.customer.is_some(), customer.is_string());
    }
}

#[test]
fn what_is_charged_after_ideal_is_the_direct_debit_that_came_out_of_it() {
    let read = |details: Value| {
        let setup = json!({"id": "seti_1", "status": "succeeded", "customer": "cus_1",
            "payment_method": {"id": "pm_ideal"},
            "latest_attempt": {"id": "setatt_1", "payment_method_details": details}});
        let script = Script::of([answer(200, &setup)]);
        let id = SetupId::parse("seti_1").unwrap();
        let fact = run(script.stripe().read_setup(&id)).unwrap();
        fact.method.map(|method| method.as_str().to_owned())
    };
    for once in ["ideal", "bancontact"] {
        let made = |debit: Value| json!({"type": once, once: {"generated_sepa_debit": debit}});
        assert_eq!(read(made(json!("pm_debit"))).as_deref(), Some("pm_debit"));
        assert_eq!(read(made(json!({"id": "pm_debit"}))).as_deref(), Some("pm_debit"));
        // Not there yet: what was used cannot be charged again, so there is nothing.
        assert_eq!(read(made(Value::Null)), None);
    }
    assert_eq!(read(json!({"type": "card", "card": {}})).as_deref(), Some("pm_ideal"));
}

#[test]
fn a_direct_debit_is_shown_by_its_last_digits_and_has_no_card() {
    let mut failed = failed_intent("insufficient_funds", None);
    failed["last_payment_error"]["payment_method"] =
        json!({"id": "pm_debit", "type": "sepa_debit", "sepa_debit": {"last4": "3001"}});
    let method = read_live(&invoice("open", Some(failed))).method.unwrap();
    let summary = method.summary.unwrap();
    assert_eq!((summary.brand.as_str(), summary.last4.as_str()), ("sepa_debit", "3001"));
    assert_eq!(method.card, None);
}

#[test]
fn a_set_up_offers_what_the_merchant_switched_on() {
    let mut config = config("https://api.example");
    config.method_types = vec![MethodType::Card, MethodType::SepaDebit, MethodType::Ideal];
    let script = Script::of([answer(200, &json!({"id": "seti_1", "client_secret": "s"}))]);
    run(Stripe::over(&script, &config).start_setup(&demo(), &cus_1())).unwrap();
    let kinds = ["card", "sepa_debit", "ideal"]
        .map(|kind| format!("&allowed_payment_method_types[]={kind}"));
    assert!(script.asked()[0].contains(&kinds.concat()), "{:?}", script.asked());
}

#[test]
fn a_method_becomes_the_default() {
    let script =
        Script::of([answer(200, &json!({"id": "cus_1"})), answer(200, &json!({"id": "s"}))]);
    let subscription = SubscriptionId::parse("sub_1").unwrap();
    assert_eq!(run(script.stripe().set_customer_default(&cus_1(), &pm_2())), Ok(()));
    assert_eq!(run(script.stripe().set_subscription_default(&subscription, &pm_2())), Ok(()));
    assert_eq!(
        script.asked(),
        [
            "POST /v1/customers/cus_1 invoice_settings[default_payment_method]=pm_2",
            "POST /v1/subscriptions/sub_1 default_payment_method=pm_2",
        ]
    );
}

#[test]
fn an_answer_of_another_shape_is_not_an_outcome() {
    for (body, code) in [
        (json!({"id": "in_1"}), "unreadable_answer"),
        (json!([]), "unreadable_answer"),
        (invoice("of_tomorrow", None), "unexpected_status"),
        (
            json!({"id": "in_1", "customer": null, "status": "open", "amount_remaining": 1,
            "currency": "eur"}),
            "no_customer",
        ),
    ] {
        let script = Script::of([answer(200, &body)]);
        let error = run(script.stripe().read_invoice(&in_1())).unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unknown, Some(code)));
    }
}
