//! What goes over the wire, and what comes back when it breaks.

use super::*;
use client::CALL_MS_MAX;
use transport::{EXCHANGE_MS_MAX, RESPONSE_BYTES_MAX};

fn read(script: &Script) -> Result<InvoiceFact, ProviderError> {
    let result = run(script.stripe().read_invoice(&in_1()));
    assert!(script.is_used_up());
    result
}

fn paid() -> Result<Response, TransportError> {
    answer(200, &invoice("paid", None))
}

#[test]
fn every_request_says_who_asks_and_for_which_version() {
    let script = Script::of([paid()]);
    read(&script).unwrap();
    let requests = script.requests.borrow();
    let headers: Vec<_> = requests[0].headers.iter().map(|(n, v)| (*n, v.expose())).collect();
    assert_eq!(
        headers,
        [
            ("authorization", "Bearer sk_test_1"),
            ("stripe-version", "2026-10-28.endive"),
            ("accept", "application/json"),
            ("user-agent", concat!("reprieve/", env!("CARGO_PKG_VERSION"))),
        ]
    );
    assert!(!format!("{:?}", requests[0]).contains("sk_test_1"));
    assert!(!format!("{:?}", script.stripe().client.secret_key).contains("sk_test_1"));
}

#[test]
fn a_reading_is_repeated_within_bounds() {
    let network = || Err(TransportError::Network);
    let down = || refusal(500, "api_error", "internal");
    let script = Script::of([network(), down(), paid()]);
    assert!(read(&script).is_ok());
    assert_eq!(*script.pauses_ms.borrow(), [200, 400]);
    let error = read(&Script::of([network(), network(), network()])).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unknown, Some("network_error")));
    // Nobody waits for a second time-out.
    let error = read(&Script::of([Err(TransportError::Timeout)])).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unknown, Some("timeout")));
}

#[test]
fn stripe_may_forbid_and_delay_repetition() {
    let with = |status, headers: &[(&'static str, &str)]| {
        with_headers(status, &json!({"error": {"type": "api_error"}}), headers)
    };
    let error = read(&Script::of([with(500, &[("stripe-should-retry", "false")])])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown);
    let script = Script::of([with(429, &[("retry-after", "2")]), paid()]);
    assert!(read(&script).is_ok());
    assert_eq!(*script.pauses_ms.borrow(), [2_000]);
    for (seconds, retry_after_ms) in [("3", 3_000), ("999999999999", 3_600_000)] {
        let error = read(&Script::of([with(429, &[("retry-after", seconds)])])).unwrap_err();
        assert_eq!(error.kind, ErrorKind::RateLimited { retry_after_ms });
    }
    let date = with(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]);
    assert!(read(&Script::of([date, paid()])).is_ok());
    let says_yes = || with(424, &[("stripe-should-retry", "true")]);
    assert!(read(&Script::of([says_yes(), paid()])).is_ok(), "its word outranks the status");
    let error = read(&Script::of([says_yes(), says_yes(), says_yes()])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown);
    // It says nothing about a success.
    let success = with_headers(200, &invoice("paid", None), &[("stripe-should-retry", "true")]);
    assert!(read(&Script::of([success])).is_ok());
}

#[test]
fn a_call_ends_before_anybody_asks_how_it_ended() {
    let call_ms = CALL_MS_MAX + i64::from(EXCHANGE_MS_MAX);
    assert!(call_ms < reprieve_core::case::ATTEMPT_CHECK_MS, "{call_ms}");
    let busy = || refusal(409, "idempotency_error", "idempotency_key_in_use");
    let mut slow = Script::of([busy(), paid()]);
    slow.exchange_ms = CALL_MS_MAX - 200;
    assert!(read(&slow).is_ok(), "the second sending begins just in time");
    let mut slower = Script::of([busy()]);
    slower.exchange_ms = CALL_MS_MAX - 199;
    assert_eq!(read(&slower).unwrap_err().kind, ErrorKind::Unknown);
}

#[test]
fn a_set_up_is_not_begun_twice() {
    let script = Script::of([Err(TransportError::Network)]);
    assert_eq!(
        run(script.stripe().start_setup(&demo(), &cus_1())).unwrap_err().kind,
        ErrorKind::Unknown
    );
    assert!(script.pauses_ms.borrow().is_empty());
}

#[test]
fn statuses_read_as_a_table() {
    use ErrorKind as K;
    #[rustfmt::skip]
    let rows = [
        (301, K::Refused), (400, K::Refused), (401, K::Refused), (402, K::Refused),
        (403, K::Refused), (404, K::NotFound), (408, K::Unknown), (422, K::Refused),
    ];
    for (status, kind) in rows {
        for body in [json!("not an object"), json!({"error": "text"}), json!({"error": {}})] {
            let error = read(&Script::of([answer(status, &body)])).unwrap_err();
            assert_eq!((error.kind, error.code), (kind, Some(format!("http_{status}"))));
            assert_eq!(error.provider_request_id.as_deref(), Some("req_1"));
        }
    }
}

#[test]
fn an_error_repeats_nothing_written_for_people() {
    let odd = "a text\nwith sk_test_1 in it";
    for code in [odd, "", &"x".repeat(101)] {
        let error = json!({"error": {"type": code, "code": code, "message": "secret-text"}});
        let script = Script::of([with_headers(400, &error, &[])]);
        let error = read(&script).unwrap_err();
        assert_eq!(error.code.as_deref(), Some("http_400"));
        let text = format!("{error} {error:?}");
        assert!(!text.contains("secret-text") && !text.contains("sk_test"), "{text}");
    }
    let error = read(&Script::of([refusal(400, "invalid_request_error", "missing")])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the provider gave no outcome: Refused, code missing, request req_1"
    );
}

#[test]
fn changes_and_failures_are_logged_under_stripe_s_name_and_readings_are_not() {
    let logged = |script: &Script, ask: &dyn Fn(&Stripe<&Script>)| {
        crate::log::taken();
        ask(&script.stripe());
        assert!(script.is_used_up());
        let lines = crate::log::taken();
        assert!(!lines.concat().contains("sk_test_1"), "{lines:?}");
        lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let line = |request: &str, status: &str, id: &str| {
        json!({"level": "info", "message": "stripe was asked", "request": request,
            "status": status, "provider_request_id": id})
    };
    let read = |stripe: &Stripe<&Script>| drop(run(stripe.read_invoice(&in_1())));
    assert!(logged(&Script::of([paid()]), &read).is_empty());
    let missing = || refusal(404, "invalid_request_error", "resource_missing");
    let get = "GET /v1/invoices/in_1";
    assert_eq!(logged(&Script::of([missing()]), &read), [line(get, "404", "req_1")]);
    let silence = Script::of([Err(TransportError::Timeout)]);
    assert_eq!(logged(&silence, &read), [line(get, "timeout", "")]);
    let change = |stripe: &Stripe<&Script>| {
        drop(run(stripe.set_customer_default(&cus_1(), &pm_2())));
    };
    let busy = refusal(429, "invalid_request_error", "rate_limit");
    let done = answer(200, &json!({"id": "cus_1"}));
    let post = "POST /v1/customers/cus_1";
    let both = [line(post, "429", "req_1"), line(post, "200", "req_1")];
    assert_eq!(logged(&Script::of([busy, done]), &change), both, "each sending");
}

#[test]
fn a_body_is_bounded_and_json() {
    let body = |bytes: Vec<u8>| Ok(Response { status: 200, headers: vec![], body: bytes });
    let huge = body(vec![b' '; RESPONSE_BYTES_MAX + 1]);
    let error = read(&Script::of([huge])).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unknown, Some("answer_too_large")));
    let deep = "[".repeat(RESPONSE_BYTES_MAX);
    for bytes in [&b""[..], b"<html>", b"\xff\xfe", b"{\"id\":", deep.as_bytes()] {
        let error = read(&Script::of([body(bytes.to_vec())])).unwrap_err();
        assert_eq!(error.code.as_deref(), Some("unreadable_answer"));
    }
}

#[test]
fn the_secret_key_goes_to_safe_places_only() {
    for (base, safe) in [
        ("https://api.stripe.com", true),
        ("https://api.stripe.com/", true),
        ("http://127.0.0.1:8710", true),
        ("http://localhost:8710", true),
        ("http://[::1]:8710", true),
        ("http://api.stripe.com", false),
        ("http://127.0.0.1.evil.example", false),
        ("https://user@api.stripe.com", false),
        ("https://api.stripe.com?x=", false),
        ("ftp://127.0.0.1", false),
        ("api.stripe.com", false),
        ("", false),
    ] {
        assert_eq!(client::is_safe_api_base(base), safe, "{base}");
        let script = Script::of(safe.then(paid));
        let result = run(Stripe::over(&script, &config(base)).read_invoice(&in_1()));
        assert_eq!(result.is_ok(), safe, "{base}");
    }
    let script = Script::of([paid()]);
    let base = config("http://127.0.0.1:8710/");
    run(Stripe::over(&script, &base).read_invoice(&in_1())).unwrap();
    let url = script.requests.borrow()[0].url.clone();
    assert!(url.starts_with("http://127.0.0.1:8710/v1/invoices/in_1?"), "{url}");
}

#[test]
fn an_id_cannot_name_another_path() {
    for id in ["..", ".", "..."] {
        let script = Script::of([]);
        let invoice = InvoiceId::parse(id).unwrap();
        let error = run(script.stripe().read_invoice(&invoice)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    }
    for charge in ["", "ch_1/refunds", "ch_1?x", "ch_1#", "ch 1", "%2e%2e", "é"] {
        let script = Script::of([]);
        let error = run(script.stripe().customer_of_charge(charge)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{charge}");
    }
}

#[test]
fn stripe_can_do_what_this_slice_needs() {
    let script = Script::of([]);
    let can = script.stripe().capabilities();
    assert!(can.owns_retry && can.can_trigger_retry && can.exposes_network_advice);
    assert!(!can.update_collects);
    assert_eq!(can.pause, PauseAbility::Service);
}
