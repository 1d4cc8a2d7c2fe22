//! What the customer is told: account situations → status, as a table, and the shape on the wire.
#![cfg(test)]

mod support;

use reprieve_core::api::status::{AccessLevel, RecoveryState, Status};
use reprieve_core::case::Event;
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{InvoiceStatus, SubscriptionStatus};
use reprieve_core::status::RECOVERED_SHOWN_MS;
use reprieve_core::time::{DAY_MS, HOUR_MS};
use support::diary::Diary;
use support::provider::Verdict::{Approve, Authenticate, Decline};
use support::shell::Wire;
use support::{at, method_id, setup_id};

fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or("-").to_owned()
}

/// `state access remedy reason can_retry`, in this order.
fn line(status: &Status) -> String {
    let retry = if status.can_retry { "retry" } else { "-" };
    let words = [
        word(status.state),
        word(status.access),
        word(status.remedy),
        word(status.reason),
        retry.to_owned(),
    ];
    words.join(" ")
}

/// A renewal declined with this code on day 0 at 09:00.
fn declined(code: &'static str) -> Diary {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline(code)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d
}

#[test]
fn every_kind_of_no_has_a_remedy_and_words() {
    #[rustfmt::skip]
    let table = [
        // decline code               remedy, reason, whether the same card may be tried again
        ("insufficient_funds",          "wait insufficient_funds retry"),
        ("issuer_not_available",        "wait try_later retry"),
        ("invalid_amount",              "wait try_later retry"),
        ("generic_decline",             "contact_issuer card_declined retry"),
        ("do_not_honor",                "contact_issuer card_declined retry"),
        ("a_code_of_tomorrow",          "contact_issuer card_declined retry"),
        ("do_not_try_again",            "update_payment_method card_declined retry"),
        ("expired_card",                "update_payment_method card_expired -"),
        ("incorrect_cvc",               "update_payment_method card_details_wrong -"),
        ("currency_not_supported",      "update_payment_method card_not_supported -"),
        ("stolen_card",                 "update_payment_method card_declined -"),
        ("fraudulent",                  "update_payment_method card_declined -"),
        ("authentication_required",     "authenticate authentication_needed -"),
        ("revocation_of_authorization", "stop card_declined retry"),
    ];
    for (code, expected) in table {
        let expected = format!("action_needed warn {expected}");
        assert_eq!(line(&declined(code).status()), expected, "{code}");
    }
}

#[test]
fn a_customer_of_whom_nothing_is_known_is_left_alone() {
    let d = Diary::of(RetryDriver::Provider);
    assert_eq!(line(&d.status()), "clear full - - -");
}

#[test]
fn a_failure_that_was_not_read_yet_asks_for_a_card_without_a_reason() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Decline("expired_card")]);
    d.the_post_is_held().on(0, "09:00").the_provider_tries("in_1");
    let event = d.event("in_1");
    d.take(&event);
    assert_eq!(line(&d.status()), "action_needed warn update_payment_method - retry");
    assert_eq!(d.status().method, None);
}

#[test]
fn a_charge_under_way_is_pending() {
    let mut d = declined("insufficient_funds");
    d.on(0, "10:00").next_charges(&[Wire::LostAfter]).the_customer_retries();
    assert_eq!(line(&d.status()), "pending warn wait insufficient_funds -");
    d.on(0, "10:01");
    assert_eq!(line(&d.status()), "action_needed warn wait insufficient_funds retry");
}

#[test]
fn a_card_on_its_way_is_pending() {
    let mut d = declined("insufficient_funds");
    d.on(0, "10:00");
    d.take(&Event::MethodCollected {
        setup: setup_id("seti_1"),
        method: method_id("pm_new"),
        card: None,
    });
    assert_eq!(line(&d.status()), "pending warn wait insufficient_funds -");
}

#[test]
fn a_card_on_its_way_is_not_pending_when_nothing_is_open() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.take(&Event::MethodCollected {
        setup: setup_id("seti_1"),
        method: method_id("pm_new"),
        card: None,
    });
    assert_eq!(line(&d.status()), "clear full - - -");
}

#[test]
fn recovered_is_shown_for_ten_minutes() {
    let mut d = declined("expired_card");
    d.on(0, "10:00").the_customer_gives("pm_new");
    assert_eq!(RECOVERED_SHOWN_MS, at(0, "10:10").since_ms(at(0, "10:00")));
    for (clock, expected) in [("10:00", "recovered"), ("10:09", "recovered"), ("10:10", "clear")] {
        d.on(0, clock);
        assert_eq!(line(&d.status()), format!("{expected} full - - -"), "at {clock}");
    }
}

#[test]
fn one_paid_of_two_is_not_recovered() {
    let mut d = declined("expired_card");
    d.also_owes("in_2", 500, "eur").the_provider_tries("in_2");
    d.on(0, "10:00").the_invoice_becomes("in_1", InvoiceStatus::Paid);
    let expected = "action_needed warn update_payment_method card_expired -";
    assert_eq!(line(&d.status()), expected);
    assert_eq!(d.status().invoices.len(), 1);
    d.on(0, "10:05").the_invoice_becomes("in_2", InvoiceStatus::Paid);
    assert_eq!(line(&d.status()), "recovered full - - -");
}

#[test]
fn the_last_failure_says_what_would_help() {
    let mut d = declined("expired_card");
    d.also_owes("in_0", 500, "eur").card("pm_old", &[Decline("insufficient_funds")]);
    d.on(1, "09:00").the_provider_tries("in_0");
    assert_eq!(line(&d.status()), "action_needed warn wait insufficient_funds retry");
    let ids: Vec<_> = d.status().invoices.iter().map(|due| due.id.clone()).collect();
    assert_eq!(ids, ["in_1", "in_0"], "the oldest first, whatever it is called");
    let grace_ends_at = at(14, "09:00").as_ms();
    assert_eq!(d.status().grace_ends_at_ms, Some(grace_ends_at), "the grace that ends first");
}

#[test]
fn a_bank_that_waits_for_the_customer_is_named() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.card("pm_old", &[Authenticate]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let status = d.status();
    assert_eq!(word(status.remedy), "authenticate");
    assert_eq!(word(status.reason), "authentication_needed");
}

#[test]
fn the_end_of_grace_restricts_and_the_end_of_the_subscription_ends() {
    let mut d = declined("expired_card");
    let grace_ends_at_ms = d.now.plus_ms(14 * DAY_MS).as_ms();
    let why = "update_payment_method card_expired -";
    for (day, clock, access) in [(0, "09:00", "warn"), (14, "08:59", "warn")] {
        assert_eq!(line(&d.on(day, clock).status()), format!("action_needed {access} {why}"));
    }
    assert_eq!(line(&d.on(14, "09:00").status()), format!("action_needed restricted {why}"));
    assert_eq!(d.status().grace_ends_at_ms, Some(grace_ends_at_ms));
    d.the_provider_gives_up_on("sub_1");
    assert_eq!(line(&d.status()), "clear ended - - -");
}

#[test]
fn one_subscription_of_two_may_end() {
    let mut d = declined("expired_card");
    d.also_owes("in_2", 500, "eur");
    d.the_subscription_is("sub_of_in_2", SubscriptionStatus::Active);
    d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
    assert_eq!(line(&d.status()), "clear full - - -");
}

#[test]
fn a_paused_subscription_asks_nothing() {
    let mut d = declined("expired_card");
    d.on(0, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Paused);
    let status = d.status();
    assert_eq!(status.state, RecoveryState::Clear);
    assert_eq!((status.remedy, status.reason, status.amount_due), (None, None, None));
    assert_eq!(status.invoices, []);
    // A pause is no way to free service: access still follows the invoice.
    assert_eq!(status.access, AccessLevel::Warn);
}

#[test]
fn what_is_asked_for_is_what_is_charged() {
    let mut d = declined("expired_card");
    d.also_owes("in_2", 500, "eur").card("pm_old", &[Decline("insufficient_funds")]);
    d.on(1, "09:00").the_provider_tries("in_2");
    d.the_subscription_is("sub_of_in_2", SubscriptionStatus::Paused);
    let status = d.status();
    assert_eq!(line(&status), "action_needed warn update_payment_method card_expired -");
    assert_eq!(status.amount_due.expect("a total").amount_minor, 1900);
    d.the_customer_gives("pm_new");
    assert_eq!(word(d.status().state), "recovered");
    let charged: Vec<_> = d.provider.ledger.iter().filter(|charge| charge.succeeded).collect();
    assert_eq!(charged.len(), 1);
}

#[test]
fn a_date_that_has_passed_is_not_promised() {
    let mut d = Diary::of(RetryDriver::Provider);
    d.provider.schedule_ms = vec![2 * HOUR_MS];
    d.card("pm_old", &[Decline("insufficient_funds"), Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(d.status().next_attempt_at_ms, Some(at(0, "11:00").as_ms()));
    assert_eq!(d.on(0, "11:01").status().next_attempt_at_ms, None);
}

#[test]
fn the_shape_on_the_wire_is_pinned() {
    let mut d = declined("expired_card");
    d.on(0, "10:00");
    let full = serde_json::to_string_pretty(&d.status()).unwrap();
    assert_eq!(format!("{full}\n"), include_str!("golden/status-v1-action-needed.json"));
    let empty = Diary::of(RetryDriver::Provider).status();
    let empty = serde_json::to_string_pretty(&empty).unwrap();
    assert_eq!(format!("{empty}\n"), include_str!("golden/status-v1-clear.json"));
    for text in [full, empty] {
        let read: Status = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string_pretty(&read).unwrap(), text);
    }
}
