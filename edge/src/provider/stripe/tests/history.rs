//! Lists of what happened, and the provider's own page.

use super::*;
use crate::provider::{EventWindow, ReadHistory};

const WINDOW: EventWindow<'_> =
    EventWindow { from_s: 1_000, until_s: 2_000, after: Some("evt_9"), limit: 20 };

#[test]
fn events_are_asked_for_by_name_and_window() {
    let events = json!({"object": "list", "has_more": true, "data": [
        {"id": "evt_8", "type": "invoice.paid"}, {"id": "evt_7", "type": "invoice.voided"}]});
    let script = Script::of([answer(200, &events)]);
    let page = run(script.stripe().list_events(WINDOW)).unwrap();
    assert_eq!((page.end.last.as_deref(), page.end.has_more), (Some("evt_7"), true));
    assert!(page.events[0].contains("\"evt_8\""));
    let [asked] = script.asked().try_into().unwrap();
    let begin = "GET /v1/events?created[gte]=1000&created[lte]=2000&limit=20&starting_after=evt_9";
    assert!(asked.starts_with(begin), "{asked}");
    let has = |name: &str| asked.split('&').any(|pair| pair == format!("types[]={name}"));
    assert!(has("invoice.payment_failed") && has("setup_intent.succeeded"));
    assert!(!has("invoice.upcoming"), "what is only recorded is not asked for");
}

#[test]
fn an_empty_page_has_no_end() {
    let script = Script::of([answer(200, &json!({"data": [], "has_more": false}))]);
    let page = run(script.stripe().list_events(WINDOW)).unwrap();
    assert!(page.events.is_empty() && page.end.last.is_none() && !page.end.has_more);
    // Without `has_more` nobody knows whether the window is finished.
    let script = Script::of([answer(200, &json!({"data": []}))]);
    assert_eq!(run(script.stripe().list_events(WINDOW)).unwrap_err().kind, ErrorKind::Unknown);
}

#[test]
fn unpaid_invoices_are_those_that_were_tried() {
    let invoice = |id: &str, customer: Value, attempt_count: u32| {
        let attempted = attempt_count > 0;
        json!({"id": id, "customer": customer, "status": "open", "attempt_count": attempt_count,
            "attempted": attempted})
    };
    let list = json!({"has_more": false, "data": [
        invoice("in_4", json!("cus_1"), 2),
        invoice("in_3", json!({"id": "cus_2"}), 1),
        invoice("in_2", json!("cus_1"), 0),
        invoice("in_1", Value::Null, 1)]});
    let script = Script::of([answer(200, &list)]);
    let page = run(script.stripe().list_unpaid(Some("in_5"), 5)).unwrap();
    let found: Vec<(&str, &str)> =
        page.invoices.iter().map(|(id, customer)| (id.as_str(), customer.as_str())).collect();
    assert_eq!(found, [("in_4", "cus_1"), ("in_3", "cus_2")]);
    assert_eq!(page.end.last.as_deref(), Some("in_1"), "the place counts every row");
    let asked = "GET /v1/invoices?status=open&limit=5&starting_after=in_5";
    assert_eq!(script.asked(), [asked]);
}

#[test]
fn the_provider_s_page_is_a_secret_that_leads_back() {
    let url = "https://billing.stripe.com/p/session/x";
    let script = Script::of([answer(200, &json!({"id": "bps_1", "url": url}))]);
    let page = run(script.stripe().open_page(&cus_1(), "https://pay.example/p/done")).unwrap();
    assert_eq!(page.expose(), url);
    assert!(!format!("{page:?}").contains("session"));
    let [asked] = script.asked().try_into().unwrap();
    assert!(asked.starts_with("POST /v1/billing_portal/sessions customer=cus_1&return_url="));
    assert!(asked.contains("flow_data[type]=payment_method_update"), "{asked}");
}

#[test]
fn a_key_says_in_which_world_it_lives() {
    use crate::provider::ReadEvents;
    #[rustfmt::skip]
    let rows = [
        ("sk_live_1", Some(true)),  ("rk_live_1", Some(true)),
        ("sk_test_1", Some(false)), ("rk_test_1", Some(false)),
        ("sk_org_1",  None),        ("pk_live_1", None), ("", None),
    ];
    for (key, is_live) in rows {
        let config = StripeConfig { secret_key: Secret::new(key), ..config("https://api.example") };
        assert_eq!(Stripe::over(&Script::of([]), &config).is_live(), is_live, "{key}");
    }
}
