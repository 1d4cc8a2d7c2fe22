//! The widget in a real browser, with a loader that only pretends to ask a server.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy does not know that these are tests; they stop where they break"
)]

mod fixture;

use fixture::Page;
use reprieve_core::api::banner::Moment;
use reprieve_core::api::status::{
    AccessLevel, Amount, CardNews, CardNewsKind, InvoiceDue, MethodSummary, PayerReason,
    RecoveryState, Remedy, Status,
};
use reprieve_widget::client::read_status;
use reprieve_widget::format::Formats;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// How often a widget is mounted and taken away to find what is left behind.
const ROUNDS: u32 = 1_000;
/// After so many the Wasm has what it needs at a time.
const WARM_ROUNDS: u32 = 300;
/// The allocator asks for 64 KiB once when its free room lies badly (3,000 rounds had one such step
/// and then none); whatever 700 rounds left behind would be more.
const STEP_PAGES: usize = 1;

#[wasm_bindgen_test]
fn the_notice_says_what_how_much_and_until_when() {
    let page = Page::open("en", fixture::NEEDED);
    let _handle = page.mount();
    assert_eq!(page.attribute("data-screen"), "banner");
    assert_eq!(page.text("[part~=title]"), "Your last payment didn’t go through");
    let message = page.text("[part~=message]");
    assert!(message.contains("The card on file has expired."), "{message}");
    assert!(message.contains("You keep full access until"), "{message}");
    assert_eq!(page.text(".facts b"), "€19.00 for Pro plan");
    assert_eq!(page.text(".facts bdi"), "Visa •••• 0341");
    assert_eq!(page.text("[part~=primary]"), "Update card");
    assert_eq!(page.count("[part~=secondary]"), 0, "this card cannot be tried again");
}

#[wasm_bindgen_test]
async fn a_double_click_asks_for_one_set_up_and_opens_one_dialog() {
    let page = Page::open("en", fixture::NEEDED);
    let _handle = page.mount();
    let primary = page.find("[part~=primary]");
    primary.click();
    primary.click();
    fixture::settle().await;
    assert_eq!(page.requests(), "POST /v1/payment-methods");
    assert_eq!(page.attribute("data-screen"), "update");
    assert_eq!(page.count("dialog:modal"), 1);
    assert_eq!(page.count("[part~=primary]"), 1, "only what is in front has the part's name");
    assert_eq!(page.text("[part~=primary]"), "Save card and pay €19.00");
    assert_eq!(page.count("slot[name=provider-fields]"), 1);
}

#[wasm_bindgen_test]
async fn closing_the_panel_gives_the_keyboard_back() {
    let page = Page::open("en", fixture::NEEDED);
    let _handle = page.mount();
    page.find("[part~=primary]").click();
    fixture::settle().await;
    page.find("[part~=dismiss]").click();
    fixture::settle().await;
    assert_eq!(page.count("dialog"), 0);
    assert_eq!(page.attribute("data-screen"), "banner");
    assert_eq!(page.focused(), "Update card");
}

#[wasm_bindgen_test]
async fn an_answer_that_fails_is_shown_with_its_reference() {
    let page = Page::open("en", fixture::NEEDED);
    page.answer(
        r#"{"status":500,"body":{"error":{"status":500,"code":"internal",
        "message":"","request_id":"req_7"}}}"#,
    );
    let _handle = page.mount();
    page.find("[part~=primary]").click();
    fixture::settle().await;
    assert_eq!(page.attribute("data-screen"), "error");
    assert_eq!(page.text("[part~=note]"), "Reference: req_7");
    assert_eq!(page.events(), "shown,shown,error,shown");
}

#[wasm_bindgen_test]
async fn nothing_is_left_behind() {
    fixture::count_what_is_added();
    let mut warm_pages = 0;
    for round in 0..ROUNDS {
        if round == WARM_ROUNDS {
            warm_pages = core::arch::wasm32::memory_size(0);
        }
        // A payment under way has a timer; an open panel has a dialog and a request.
        let is_even = round % 2 == 0;
        let page = Page::open("en", if is_even { fixture::PENDING } else { fixture::NEEDED });
        let handle = page.mount();
        if !is_even {
            page.find("[part~=primary]").click();
        }
        fixture::settle().await;
        handle.unmount();
        assert_eq!(page.child_count(), 0, "round {round}: nodes");
        page.close();
    }
    fixture::settle().await;
    assert_eq!(fixture::left_behind(), "listeners 0, timers 0");
    let pages = core::arch::wasm32::memory_size(0);
    assert!(pages <= warm_pages + STEP_PAGES, "pages of memory: {warm_pages}, then {pages}");
}

#[wasm_bindgen_test]
async fn an_answer_that_comes_after_the_end_is_harmless() {
    let page = Page::open("en", fixture::NEEDED);
    let handle = page.mount();
    page.find("[part~=primary]").click();
    handle.unmount();
    fixture::settle().await;
    assert_eq!(page.child_count(), 0);
}

#[wasm_bindgen_test]
fn a_status_that_is_not_understood_is_left_to_the_loader() {
    let page = Page::open("en", "{}");
    assert!(page.try_mount().is_none());
    assert_eq!(page.child_count(), 0);
}

#[wasm_bindgen_test]
fn the_small_reader_reads_what_serde_writes() {
    let amount = Amount { amount_minor: 1900, currency: "eur".to_owned() };
    let full = Status {
        state: RecoveryState::ActionNeeded,
        access: AccessLevel::Restricted,
        remedy: Some(Remedy::ContactIssuer),
        reason: Some(PayerReason::CardDetailsWrong),
        amount_due: Some(amount.clone()),
        invoices: vec![InvoiceDue {
            id: "in_1".to_owned(),
            number: Some("A-1".to_owned()),
            amount_due: amount,
            description: Some("Pro \"plan\" ü 日本".to_owned()),
            needs_authentication: true,
        }],
        method: Some(MethodSummary { brand: "visa".to_owned(), last4: "0341".to_owned() }),
        can_retry: true,
        grace_ends_at_ms: Some(1_790_000_000_000),
        next_attempt_at_ms: Some(-1),
        card_news: None,
        server_time_ms: 1_789_000_000_000,
    };
    let empty = Status {
        state: RecoveryState::Clear,
        access: AccessLevel::Full,
        remedy: None,
        reason: None,
        amount_due: None,
        invoices: Vec::new(),
        method: None,
        can_retry: false,
        grace_ends_at_ms: None,
        next_attempt_at_ms: None,
        card_news: Some(CardNews {
            kind: CardNewsKind::ExpiresSoon,
            method: Some(MethodSummary { brand: "visa".to_owned(), last4: "4242".to_owned() }),
            expires_at_ms: Some(1_796_083_199_999),
        }),
        server_time_ms: 0,
    };
    for status in [full, empty] {
        let json = serde_json::to_string(&status).unwrap();
        let parsed = js_sys::JSON::parse(&json).unwrap();
        assert_eq!(read_status(&parsed), Some(status));
    }
}

#[wasm_bindgen_test]
fn what_a_later_version_adds_is_no_obstacle() {
    let json = fixture::NEEDED.replace("card_expired", "card_is_pink").replace("\"id\"", "\"new\"");
    let status = read_status(&js_sys::JSON::parse(&json).unwrap()).unwrap();
    assert_eq!((status.reason, status.invoices.len()), (None, 0));
}

#[wasm_bindgen_test]
fn the_notice_takes_no_keyboard_away() {
    let page = Page::open("en", fixture::NEEDED);
    let _handle = page.mount();
    assert_eq!(page.focused(), "");
}

#[wasm_bindgen_test]
fn arabic_runs_right_to_left_and_keeps_amounts_together() {
    let page = Page::open("ar", fixture::NEEDED);
    let _handle = page.mount();
    assert_eq!(page.text("[part~=title]"), "لم تكتمل عملية الدفع الأخيرة");
    assert_eq!(page.direction("[part~=title]"), "rtl");
    assert_eq!(page.direction(".facts bdi"), "ltr");
    let due = page.text(".facts b");
    assert!(due.starts_with('\u{2068}') && due.contains("Pro plan"), "{due:?}");
}

#[wasm_bindgen_test]
fn money_has_the_digits_of_its_currency() {
    let money = |locale: &str, amount_minor, currency: &str| {
        let amount = Amount { amount_minor, currency: currency.to_owned() };
        // Intl separates with various spaces; which one is its own affair.
        Formats::new(locale).money(&amount).replace(['\u{a0}', '\u{202f}'], " ")
    };
    assert_eq!(money("en", 1900, "eur"), "€19.00");
    assert_eq!(money("de", 123_456, "eur"), "1.234,56 €");
    assert_eq!(money("en", 1900, "jpy"), "¥1,900");
    assert_eq!(money("ja", 1900, "jpy"), "￥1,900");
    assert_eq!(money("en", 1900, "kwd"), "KWD 1.900");
    assert_eq!(money("de_AT", 500, "eur"), "€ 5,00");
    assert_eq!(money("not a locale", 500, "usd"), "$5.00");
    assert_eq!(money("en", 500, "not a currency"), "5.00 NOT A CURRENCY");
    // Beyond the integers of a float.
    assert_eq!(money("en", 9_007_199_254_740_993, "usd"), "$90,071,992,547,409.93");
}

#[wasm_bindgen_test]
fn what_the_worker_said_is_said_again() {
    let moment = Moment { at_ms: 1_790_000_000_000, is_near: false };
    let amount = Amount { amount_minor: 1900, currency: "eur".to_owned() };
    let said = r#"{"eur":{"1900":"an amount"},"day":{"1790000000000":"a day"},
        "time":{"1":"another time"},"count":{"3":"three"}}"#;
    let formats = Formats::with("de_AT", js_sys::JSON::parse(said).unwrap());
    assert_eq!(formats.money(&amount), "an amount");
    assert_eq!(formats.moment(moment), "a day");
    assert_eq!(formats.count(3), "three");
    // What was not said is formatted here.
    let plain = Formats::new("de-AT");
    let other = Amount { currency: "usd".to_owned(), ..amount.clone() };
    let more = Amount { amount_minor: 1901, ..amount };
    for amount in [other, more] {
        assert_eq!(formats.money(&amount), plain.money(&amount));
    }
    let near = Moment { is_near: true, ..moment };
    assert_eq!(formats.moment(near), plain.moment(near));
    assert_eq!(formats.count(1900), plain.count(1900));
    let nothing = Formats::with("de-AT", js_sys::JSON::parse("false").unwrap());
    assert_eq!(nothing.moment(moment), plain.moment(moment));
}

#[wasm_bindgen_test]
fn dates_have_a_time_only_when_they_are_near() {
    let day = Formats::new("en").moment(Moment { at_ms: 1_790_000_000_000, is_near: false });
    let near = Formats::new("en").moment(Moment { at_ms: 1_790_000_000_000, is_near: true });
    assert!(day.contains("September 2") && !day.contains(':'), "{day}");
    assert!(near.contains("September 2") && near.contains(':'), "{near}");
}
