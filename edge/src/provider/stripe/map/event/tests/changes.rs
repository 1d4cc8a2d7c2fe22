//! Events of set-ups, cards and customers, and whose account they are of.

use super::*;

#[test]
fn a_set_up_tells_whose_mark_it_carries() {
    let tell = |object: &Value| match read("setup_intent.succeeded", object).fact {
        Some(Fact::Setup(fact, mark)) => (fact.method, mark),
        other => panic!("{other:?}"),
    };
    let (method, mark) = tell(&setup_intent());
    assert_eq!(method.unwrap().as_str(), "pm_2");
    assert_eq!(mark.as_deref(), Some("demo"));
    for metadata in [json!({}), json!({"reprieve": "1"}), json!({"order": "7"}), Value::Null] {
        assert_eq!(tell(&with(setup_intent(), &[("metadata", metadata)])).1, None);
    }
    let unfinished = with(setup_intent(), &[("status", json!("requires_action"))]);
    assert_eq!(tell(&unfinished).0, None, "a method that the bank may still refuse");
}

#[test]
fn what_changed_on_file_reads_as_a_table() {
    let customer = |default: Value| {
        json!({"id": "cus_1", "object": "customer",
            "invoice_settings": {"default_payment_method": default}})
    };
    let before = |previous: Value| {
        let mut event: Value =
            serde_json::from_slice(&wrap("customer.updated", &customer(json!("pm_2")))).unwrap();
        event["data"]["previous_attributes"] = previous;
        crate::provider::stripe::map::event(event.to_string().as_bytes()).unwrap().fact
    };
    let changed = Some(Fact::DefaultChanged(PaymentMethodId::parse("pm_2").unwrap()));
    let settings = |value: Value| json!({"invoice_settings": {"default_payment_method": value}});
    assert_eq!(before(settings(json!("pm_1"))), changed);
    assert_eq!(before(settings(Value::Null)), changed, "the first default");
    assert_eq!(before(json!({"email": "old@example.com"})), None);
    assert_eq!(before(json!({"invoice_settings": {"footer": "x"}})), None);
    assert_eq!(before(Value::Null), None);
    let none = wrap_changed("customer.updated", &customer(Value::Null));
    assert_eq!(event(&none).unwrap().fact, None, "no default any more");

    match read("payment_method.automatically_updated", &method()).fact {
        Some(Fact::MethodsChanged(Some(method))) => {
            assert_eq!(method.id.as_str(), "pm_1");
            assert_eq!(method.card.unwrap().fingerprint, "Xt5EWLLDS7FJjR1c");
        }
        other => panic!("{other:?}"),
    }
    let edited = read("payment_method.updated", &method()).fact;
    assert_eq!(edited, Some(Fact::MethodsChanged(None)));
}

#[test]
fn the_connected_account_is_kept() {
    let mut connected: Value = serde_json::from_slice(&wrap("invoice.paid", &invoice())).unwrap();
    assert_eq!(event(connected.to_string().as_bytes()).unwrap().account, None);
    connected["account"] = json!("acct_1");
    let kept = storable(connected.to_string().into_bytes()).unwrap();
    assert_eq!(event(kept.as_bytes()).unwrap().account.as_deref(), Some("acct_1"));
}

#[test]
fn the_provider_s_list_can_be_asked_for_all_that_we_act_on() {
    // Stripe takes 20 names (<https://docs.stripe.com/api/events/list>, `types`, read 2026-11).
    let acted_on = EVENTS.iter().filter(|(_, reading)| *reading != Reading::Recorded).count();
    assert!(acted_on <= 20, "{acted_on}");
}
