//! Charging: which answers are an outcome, which are not.

use super::*;
use reprieve_core::decline::Category;
use reprieve_core::idempotency::IdempotencyKey;

const PAY: &str = "POST /v1/invoices/in_1/pay";
const EXPAND: &str = "expand[]=payments.data.payment.payment_intent";

fn pay(script: &Script) -> Result<ChargeOutcome, ProviderError> {
    let (invoice, method) = (in_1(), pm_2());
    let key = IdempotencyKey::for_payment(&invoice, 1, Some(&method));
    let pay = PayInvoice {
        invoice: &invoice,
        method: Some(&method),
        on_session: OnSession::Yes,
        key: &key,
    };
    let result = run(script.stripe().pay_invoice(pay));
    assert!(script.is_used_up());
    result
}

fn outcome_of(
    answers: impl IntoIterator<Item = Result<Response, TransportError>>,
) -> Result<ChargeOutcome, ProviderError> {
    pay(&Script::of(answers))
}

fn card_error(code: &str, decline_code: Option<&str>) -> Result<Response, TransportError> {
    let error = &failed_intent(code, decline_code)["last_payment_error"];
    answer(402, &json!({"error": error}))
}

#[test]
fn a_payment_names_invoice_method_presence_and_key() {
    let script = Script::of([answer(200, &invoice("paid", None))]);
    assert_eq!(pay(&script), Ok(ChargeOutcome::Paid));
    assert_eq!(script.asked(), [format!("{PAY} payment_method=pm_2&off_session=false&{EXPAND}")]);
    let requests = script.requests.borrow();
    let key = requests[0].headers.iter().find(|(name, _)| *name == "idempotency-key").unwrap();
    assert_eq!(key.1.expose(), "reprieve:pay:in_1:1:pm_2");

    let script = Script::of([answer(200, &invoice("paid", None))]);
    let (invoice, key) = (in_1(), IdempotencyKey::for_payment(&in_1(), 1, None));
    let pay = PayInvoice { invoice: &invoice, method: None, on_session: OnSession::No, key: &key };
    assert_eq!(run(script.stripe().pay_invoice(pay)), Ok(ChargeOutcome::Paid));
    assert_eq!(script.asked(), [format!("{PAY} off_session=true&{EXPAND}")]);
}

#[test]
fn declines_read_as_a_table() {
    use Category as C;
    #[rustfmt::skip]
    let rows = [
        ("card_declined",    Some("generic_decline"),            C::Generic),
        ("card_declined",    Some("do_not_honor"),               C::Generic),
        ("card_declined",    Some("insufficient_funds"),         C::InsufficientFunds),
        ("card_declined",    Some("stolen_card"),                C::Blocked),
        ("card_declined",    Some("fraudulent"),                 C::Blocked),
        ("card_declined",    Some("revocation_of_authorization"), C::Revoked),
        ("card_declined",    Some("card_not_supported"),         C::NotSupported),
        ("card_declined",    Some("try_again_later"),            C::IssuerUnavailable),
        ("card_declined",    None,                               C::Generic),
        ("expired_card",     Some("expired_card"),               C::Expired),
        ("incorrect_cvc",    Some("incorrect_cvc"),              C::InvalidDetails),
        ("processing_error", Some("processing_error"),           C::IssuerUnavailable),
        // Nobody knows the code; the advice beside it says "later".
        ("of_tomorrow",      None,                               C::IssuerUnavailable),
    ];
    for (code, decline_code, category) in rows {
        match outcome_of([card_error(code, decline_code)]) {
            Ok(ChargeOutcome::Declined { decline }) => {
                assert_eq!(decline.category, category, "{code} {decline_code:?}");
                assert_eq!(decline.raw.decline_code.as_deref(), decline_code);
            }
            other => panic!("{code} {decline_code:?}: {other:?}"),
        }
    }
}

/// The same digits are final to Visa and passing to Mastercard.
#[test]
fn the_card_s_brand_says_whose_code_it_is() {
    let of_brand = |brand: &str| {
        let mut error = failed_intent("card_declined", Some("generic_decline"));
        let error = &mut error["last_payment_error"];
        error["network_advice_code"] = Value::Null;
        error["network_decline_code"] = json!("12");
        error["payment_method"]["card"]["brand"] = json!(brand);
        match outcome_of([answer(402, &json!({"error": error}))]) {
            Ok(ChargeOutcome::Declined { decline }) => decline.category,
            other => panic!("{brand}: {other:?}"),
        }
    };
    assert_eq!(of_brand("visa"), Category::NotSupported);
    assert_eq!(of_brand("mastercard"), Category::Generic);
}

#[test]
fn the_bank_may_want_to_see_the_customer() {
    for answered in [
        card_error("authentication_required", Some("authentication_required")),
        card_error("card_declined", Some("authentication_required")),
        card_error("invoice_payment_intent_requires_action", None),
        card_error("subscription_payment_intent_requires_action", None),
        answer(
            402,
            &json!({"error": {"type": "card_error",
            "payment_intent": {"id": "pi_1", "status": "requires_action"}}}),
        ),
        answer(200, &invoice("open", Some(json!({"id": "pi_1", "status": "requires_action"})))),
    ] {
        assert_eq!(outcome_of([answered]), Ok(ChargeOutcome::NeedsAuthentication));
    }
}

#[test]
fn a_success_is_what_the_invoice_says() {
    let intent = |status: &str| Some(json!({"id": "pi_1", "status": status}));
    assert_eq!(outcome_of([answer(200, &invoice("void", None))]), Ok(ChargeOutcome::Closed));
    let processing = answer(200, &invoice("open", intent("processing")));
    assert_eq!(outcome_of([processing]), Ok(ChargeOutcome::Processing));
    let settling = answer(200, &invoice("open", intent("succeeded")));
    let error = outcome_of([settling]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown);
    assert_eq!(error.code.as_deref(), Some("payment_unsettled"));
    assert_eq!(error.provider_request_id.as_deref(), Some("req_1"));
    let failed = invoice("open", Some(failed_intent("expired_card", None)));
    let outcome = outcome_of([answer(200, &failed)]).unwrap();
    assert!(matches!(outcome, ChargeOutcome::Declined { .. }));
}

#[test]
fn a_refusal_is_explained_by_the_live_invoice() {
    let refused = || refusal(400, "invalid_request_error", "invoice_already_paid");
    let live = |status| answer(200, &invoice(status, None));
    assert_eq!(outcome_of([refused(), live("paid")]), Ok(ChargeOutcome::Paid));
    assert_eq!(outcome_of([refused(), live("void")]), Ok(ChargeOutcome::Closed));
    assert_eq!(outcome_of([refused(), live("uncollectible")]), Ok(ChargeOutcome::Closed));
    let missing = || refusal(404, "invalid_request_error", "resource_missing");
    assert_eq!(outcome_of([missing(), missing()]), Ok(ChargeOutcome::Closed));
    // The payment method is missing, not the invoice.
    for (first, code) in [(missing(), "resource_missing"), (refused(), "invoice_already_paid")] {
        let error = outcome_of([first, live("open")]).unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Refused, Some(code)));
    }
    let error = outcome_of([refused(), Err(TransportError::Timeout)]).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unknown, Some("timeout")));
}

#[test]
fn without_an_answer_nothing_is_known_and_nothing_is_sent_twice() {
    for (lost, code) in [
        (Err(TransportError::Timeout), "timeout"),
        (Err(TransportError::Network), "network_error"),
        (Err(TransportError::TooLarge), "answer_too_large"),
        (refusal(500, "api_error", "internal"), "internal"),
        (answer(503, &json!("<html>")), "http_503"),
        (answer(402, &json!("<html>")), "unreadable_answer"),
        (answer(200, &json!({"id": "in_1"})), "unreadable_answer"),
    ] {
        let error = outcome_of([lost]).unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unknown, Some(code)));
    }
}

#[test]
fn a_payment_is_sent_again_only_when_nothing_happened() {
    let busy = || refusal(409, "idempotency_error", "idempotency_key_in_use");
    let locked = || refusal(429, "invalid_request_error", "lock_timeout");
    let script = Script::of([busy(), locked(), answer(200, &invoice("paid", None))]);
    assert_eq!(pay(&script), Ok(ChargeOutcome::Paid));
    assert_eq!(*script.pauses_ms.borrow(), [200, 400]);
    let asked = script.asked();
    assert!(asked.iter().all(|line| *line == asked[0]));

    let error = outcome_of([busy(), busy(), busy()]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown);
    assert_eq!(error.code.as_deref(), Some("idempotency_key_in_use"));
    let error = outcome_of([locked(), locked(), locked()]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::RateLimited { retry_after_ms: 1_000 });
}

/// The answer that Stripe stored for the key, and then the live invoice.
fn after_stored(live: Value) -> Result<ChargeOutcome, ProviderError> {
    let error = json!({"error": {"type": "api_error"}});
    let stored = with_headers(500, &error, &[("idempotent-replayed", "true")]);
    outcome_of([stored, answer(200, &live)])
}

#[test]
fn a_stored_server_error_is_settled_by_the_live_invoice() {
    assert_eq!(after_stored(invoice("paid", None)), Ok(ChargeOutcome::Paid));
    assert_eq!(after_stored(invoice("void", None)), Ok(ChargeOutcome::Closed));
    let mut failed = failed_intent("expired_card", None);
    failed["last_payment_error"]["payment_method"]["id"] = json!("pm_2");
    let outcome = after_stored(invoice("open", Some(failed))).unwrap();
    assert!(matches!(outcome, ChargeOutcome::Declined { .. }));
    let waits = json!({"id": "pi_1", "status": "requires_action", "payment_method": "pm_2"});
    let outcome = after_stored(invoice("open", Some(waits)));
    assert_eq!(outcome, Ok(ChargeOutcome::NeedsAuthentication));
}

/// The error is all that will ever be answered under the key. Where nothing was paid and nothing is
/// on its way, the attempt is over; the decline of another card is not its outcome.
#[test]
fn after_a_stored_server_error_nothing_more_comes_of_an_idle_invoice() {
    let kind_of = |live: Value| {
        let error = after_stored(live).unwrap_err();
        assert_eq!(error.code.as_deref(), Some("api_error"));
        error.kind
    };
    let of_another = failed_intent("expired_card", None);
    assert_eq!(kind_of(invoice("open", Some(of_another))), ErrorKind::Spent);
    let fresh = json!({"id": "pi_1", "status": "requires_payment_method"});
    assert_eq!(kind_of(invoice("open", Some(fresh))), ErrorKind::Spent);
    let mut untried = invoice("open", None);
    untried["payments"] = json!({"object": "list", "data": []});
    assert_eq!(kind_of(untried), ErrorKind::Spent);
    // Not known, or on its way: then it is waited for.
    let settling = json!({"id": "pi_1", "status": "succeeded"});
    assert_eq!(kind_of(invoice("open", Some(settling))), ErrorKind::Unknown);
    let processing = json!({"id": "pi_1", "status": "processing"});
    let waits = after_stored(invoice("open", Some(processing)));
    assert_eq!(waits, Ok(ChargeOutcome::Processing));
    assert_eq!(kind_of(invoice("open", Some(json!("pi_1")))), ErrorKind::Unknown);
    assert_eq!(kind_of(invoice("open", None)), ErrorKind::Unknown);
}

#[test]
fn a_payment_is_sent_again_when_stripe_asks_for_it() {
    let says = |word: &str| {
        let error = json!({"error": {"type": "api_error", "code": "internal"}});
        with_headers(500, &error, &[("stripe-should-retry", word)])
    };
    let script = Script::of([says("true"), answer(200, &invoice("paid", None))]);
    assert_eq!(pay(&script), Ok(ChargeOutcome::Paid));
    let asked = script.asked();
    assert_eq!(asked[0], asked[1], "the same request");
    let requests = script.requests.borrow();
    assert_eq!(requests[0].headers, requests[1].headers, "under the same key");
    assert_eq!(outcome_of([says("false")]).unwrap_err().kind, ErrorKind::Unknown);
    let busy = json!({"error": {"code": "idempotency_key_in_use"}});
    let busy = with_headers(409, &busy, &[("stripe-should-retry", "false")]);
    assert_eq!(outcome_of([busy]).unwrap_err().kind, ErrorKind::Unknown);
}
