//! Handing a charge over to the customer and their bank.

use super::*;

fn read(body: &Value) -> Result<Challenge, ProviderError> {
    let script = Script::of([answer(200, body)]);
    let challenge = run(script.stripe().read_challenge(&in_1()));
    assert!(script.is_used_up());
    let expand = "expand[]=payments.data.payment.payment_intent";
    let asked = script.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with(&format!("GET /v1/invoices/in_1?{expand}")), "{asked:?}");
    challenge
}

fn intent(status: &str) -> Value {
    json!({"id": "pi_1", "object": "payment_intent", "status": status,
        "client_secret": "pi_1_secret_x", "payment_method": "pm_1"})
}

#[test]
fn the_secret_leaves_only_while_the_bank_waits() {
    let waits = Question::Waits(Secret::new("pi_1_secret_x"));
    for (status, question) in [
        ("requires_action", waits),
        ("requires_payment_method", Question::Absent),
        ("requires_confirmation", Question::Absent),
        ("canceled", Question::Absent),
        ("of_tomorrow", Question::Absent),
        ("processing", Question::Answered),
        ("requires_capture", Question::Answered),
        ("succeeded", Question::Answered),
    ] {
        let challenge = read(&invoice("open", Some(intent(status)))).unwrap();
        assert_eq!(challenge.question, question, "{status}");
        assert_eq!(challenge.fact.needs_authentication, status == "requires_action", "{status}");
    }
    let mut nameless = intent("requires_action");
    nameless["client_secret"] = Value::Null;
    for nothing in [None, Some(json!("pi_1")), Some(nameless)] {
        assert_eq!(read(&invoice("open", nothing)).unwrap().question, Question::Absent);
    }
}

#[test]
fn a_question_that_was_failed_or_not_answered_in_time_still_asks_for_the_customer() {
    let failed = failed_intent("payment_intent_authentication_failure", None);
    let challenge = read(&invoice("open", Some(failed))).unwrap();
    assert_eq!(challenge.question, Question::Absent);
    let category = challenge.fact.decline.unwrap().category;
    assert_eq!(category, reprieve_core::decline::Category::AuthenticationRequired);
}

#[test]
fn no_secret_is_printed() {
    let challenge = read(&invoice("open", Some(intent("requires_action")))).unwrap();
    assert!(!format!("{challenge:?}").contains("pi_1_secret_x"));
    let raw: Invoice =
        serde_json::from_value(invoice("open", Some(intent("requires_action")))).unwrap();
    assert!(!format!("{raw:?}").contains("pi_1_secret_x"));
}

#[test]
fn an_invoice_that_is_not_there_is_said_so() {
    let script = Script::of([refusal(404, "invalid_request_error", "resource_missing")]);
    let error = run(script.stripe().read_challenge(&in_1())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

/// Renewals that ask for 3-D Secure are declined, each of them, because nobody is there; it is
/// asked for where the customer is, when the card is set up.
#[test]
fn nothing_forces_3_d_secure() {
    let made = json!({"id": "seti_1", "client_secret": "seti_1_secret_x"});
    let script = Script::of([answer(200, &made), answer(200, &invoice("paid", None))]);
    run(script.stripe().start_setup(&demo(), &cus_1())).unwrap();
    let key = reprieve_core::idempotency::IdempotencyKey::for_payment(&in_1(), 1, None);
    let on_session = OnSession::No;
    let pay = PayInvoice { invoice: &in_1(), method: None, on_session, key: &key };
    run(script.stripe().pay_invoice(pay)).unwrap();
    let asked = script.asked();
    assert!(asked[0].contains("usage=off_session"), "{asked:?}");
    assert!(asked.iter().all(|line| !line.contains("three_d_secure")), "{asked:?}");
}
