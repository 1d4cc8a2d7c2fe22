//! Invoices and customers that are not like the others.

use crate::desk::Janitor;
use crate::fake_stripe::bank::Verdict::{Approve, Decline};
use crate::fake_stripe::pass_ms;
use crate::fake_stripe::wire::Fault;
use reprieve_core::api::status::{RecoveryState, Remedy};
use reprieve_core::case::CaseState;
use reprieve_core::time::{DAY_MS, MINUTE_MS};
use reprieve_edge::provider::OPEN_INVOICES_MAX;

/// So many failed renewals of a card that works again later.
fn owing(count: usize) -> Janitor {
    let janitor = Janitor::new();
    janitor.books(|books| {
        for _ in 0..count {
            let card = books.issue(&[Decline("insufficient_funds"), Approve]);
            let subscription = books.subscribe(Some(&card));
            books.bill(&subscription, 1_900);
        }
    });
    janitor
}

fn captured(janitor: &Janitor) -> Vec<(String, i64)> {
    let mut captured = janitor.books(|books| {
        let taken = books.captures.iter().map(|it| (it.invoice.clone(), it.amount));
        taken.collect::<Vec<_>>()
    });
    captured.sort();
    captured
}

#[test]
fn more_open_invoices_than_a_page_are_all_paid_with_one_card() {
    let janitor = owing(OPEN_INVOICES_MAX + 5);
    janitor.hear_all();
    assert_eq!(janitor.open(), OPEN_INVOICES_MAX + 5);
    let new = janitor.books(|books| books.issue(&[]));
    let status = janitor.gives(&new);
    assert_eq!((status.state, janitor.open()), (RecoveryState::Recovered, 0));
    assert_eq!(captured(&janitor).len(), OPEN_INVOICES_MAX + 5);
}

#[test]
fn of_more_than_a_page_that_nobody_told_of_the_rest_is_found_later() {
    let janitor = owing(OPEN_INVOICES_MAX + 5);
    let new = janitor.books(|books| books.issue(&[]));
    janitor.gives(&new);
    assert_eq!(captured(&janitor).len(), OPEN_INVOICES_MAX, "one page");
    janitor.run();
    assert_eq!(janitor.open(), 5);
    assert_eq!(janitor.retry().state, RecoveryState::Recovered);
    assert_eq!(captured(&janitor).len(), OPEN_INVOICES_MAX + 5);
}

#[test]
fn nothing_to_pay_is_no_case() {
    let janitor = owing(0);
    janitor.books(|books| {
        let card = books.issue(&[]);
        let subscription = books.subscribe(Some(&card));
        // Stripe pays an invoice of nothing by itself.
        let invoice = books.bill_later(&subscription, 0);
        books.close(&invoice, "paid", "invoice.paid");
    });
    janitor.hear_all();
    janitor.run();
    assert_eq!((janitor.status().state, captured(&janitor).len()), (RecoveryState::Clear, 0));
}

#[test]
fn yen_and_dinars_are_whole_minor_units() {
    let janitor = owing(2);
    janitor.books(|books| {
        // Told of in euros; what counts is read live.
        books.history.clear();
        for (invoice, currency, amount) in [("in_1", "jpy", 1_900), ("in_2", "kwd", 12_345)] {
            let invoice = books.invoices.get_mut(invoice).unwrap();
            (invoice.currency, invoice.amount_due) = (currency, amount);
        }
    });
    janitor.run();
    let status = janitor.status();
    assert_eq!(status.amount_due, None, "two currencies have no sum");
    let due = status
        .invoices
        .iter()
        .map(|due| (due.amount_due.currency.as_str(), due.amount_due.amount_minor));
    let mut due: Vec<_> = due.collect();
    due.sort_unstable();
    assert_eq!(due, [("jpy", 1_900), ("kwd", 12_345)]);
    assert_eq!(janitor.retry().state, RecoveryState::Recovered);
    let paid = [("in_1".to_owned(), 1_900), ("in_2".to_owned(), 12_345)];
    assert_eq!(captured(&janitor), paid);
}

#[test]
fn a_draft_is_nobody_s_debt() {
    let janitor = owing(1);
    janitor.books(|books| {
        books.events.clear();
        let invoice = books.invoices.get_mut("in_1").unwrap();
        (invoice.status, invoice.attempt_count) = ("draft", 0);
        books.invoice_event("in_1", "invoice.updated");
    });
    janitor.hear_all();
    assert_eq!((janitor.open(), janitor.status().state), (0, RecoveryState::Clear));
}

#[test]
fn voided_or_given_up_while_a_charge_is_on_its_way_is_not_charged() {
    for (status, kind, state) in [
        ("void", "invoice.voided", CaseState::Voided),
        ("uncollectible", "invoice.marked_uncollectible", CaseState::Exhausted),
    ] {
        let janitor = owing(1);
        janitor.hear_all();
        janitor.ring();
        // The invoice is read; the charge never arrives, and nobody knows.
        janitor.wire.script.borrow_mut().extend([Fault::None, Fault::SilenceBefore]);
        assert_eq!(janitor.retry().state, RecoveryState::Pending);
        janitor.books(|books| books.close("in_1", status, kind));
        for _ in 0..3 {
            pass_ms(MINUTE_MS);
            janitor.ring();
        }
        assert_eq!((janitor.open(), captured(&janitor).len()), (0, 0), "{status}");
        assert_eq!(janitor.state("in_1"), Some(state));
    }
}

#[test]
fn a_deleted_customer_is_asked_for_nothing_and_charged_nothing() {
    let janitor = owing(2);
    janitor.hear_all();
    assert_eq!(janitor.open(), 2);
    // Stripe cancels what goes on, and leaves the invoices as they are.
    janitor.books(|books| {
        books.is_deleted = true;
        (books.customer_default, books.cards) = (None, std::collections::BTreeMap::new());
        for subscription in ["sub_1", "sub_2"] {
            books.set_subscription_status(subscription, "canceled", Some("cancellation_requested"));
        }
        let customer = serde_json::json!({"id": "cus_1", "object": "customer"});
        books.event("customer.deleted", customer);
    });
    janitor.hear_all();
    for _ in 0..3 {
        janitor.run();
        janitor.ring();
        pass_ms(DAY_MS);
    }
    assert_eq!((janitor.open(), janitor.status().state), (0, RecoveryState::Clear));
    assert_eq!(janitor.state("in_1"), Some(CaseState::Canceled));
    assert_eq!(captured(&janitor).len(), 0);
}

/// An invoice of no subscription ends with nothing but its customer.
#[test]
fn a_deleted_customer_is_not_dunned_for_an_invoice_of_no_subscription_either() {
    let janitor = owing(1);
    janitor.books(|books| books.invoices.get_mut("in_1").unwrap().subscription = String::new());
    janitor.hear_all();
    janitor.ring();
    assert_eq!(janitor.open(), 1);
    janitor.books(|books| {
        books.is_deleted = true;
        let customer = serde_json::json!({"id": "cus_1", "object": "customer"});
        books.event("customer.deleted", customer);
    });
    janitor.hear_all();
    let before = janitor.books(|books| books.attempts.len());
    for _ in 0..3 {
        // It is found open at Stripe in each round, and is not begun anew.
        janitor.run();
        janitor.ring();
        pass_ms(DAY_MS);
    }
    assert_eq!((janitor.open(), janitor.status().state), (0, RecoveryState::Clear));
    assert_eq!(janitor.state("in_1"), Some(CaseState::Canceled));
    assert_eq!(janitor.books(|books| books.attempts.len()), before, "and not tried again");
}

#[test]
fn without_any_method_only_a_card_helps() {
    let janitor = Janitor::new();
    janitor.books(|books| {
        let subscription = books.subscribe(None);
        books.bill(&subscription, 1_900);
    });
    janitor.hear_all();
    janitor.ring();
    let status = janitor.status();
    assert_eq!(status.state, RecoveryState::ActionNeeded);
    assert_ne!(status.remedy, Some(Remedy::Wait));
    let new = janitor.books(|books| books.issue(&[]));
    assert_eq!(janitor.gives(&new).state, RecoveryState::Recovered);
    assert_eq!(captured(&janitor), [("in_1".to_owned(), 1_900)]);
}

#[test]
fn paid_out_of_band_is_recovered_and_nobody_is_charged() {
    let janitor = owing(1);
    janitor.hear_all();
    janitor.ring();
    janitor.books(|books| books.close("in_1", "paid", "invoice.paid"));
    janitor.hear_all();
    assert_eq!(janitor.state("in_1"), Some(CaseState::Recovered));
    assert_eq!(captured(&janitor).len(), 0);
    // A late click charges nothing either.
    let new = janitor.books(|books| books.issue(&[]));
    janitor.gives(&new);
    assert_eq!(captured(&janitor).len(), 0);
}
