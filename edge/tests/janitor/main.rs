//! The janitor against the real adapter and a small Stripe: what no webhook told of is found, a
//! bounded part in each run, and whatever breaks a run off, the next one goes on where it ended.
//! `odd` has the invoices and customers that are not like the others.
#![cfg(test)]

#[path = "../fake_stripe/mod.rs"]
mod fake_stripe;

mod cards;
mod desk;
mod odd;

use desk::Janitor;
use fake_stripe::bank::Verdict::{Approve, Decline};
use fake_stripe::pass_ms;
use fake_stripe::wire::Fault;
use reprieve_core::api::status::RecoveryState;
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use reprieve_edge::reconcile::rounds::{EVENT_PAGES_MAX, INVOICE_PAGES_MAX, INVOICE_REST_MS, Mark};
use reprieve_edge::reconcile::sweep::{PAGE_LIMITS, TRIES_MAX};

/// How often the cron calls (edge/wrangler.toml).
const PERIOD_MS: i64 = 5 * MINUTE_MS;

/// Failed renewals, one every `gap_ms`, of which nobody tells.
fn lost(count: usize, gap_ms: i64) -> Janitor {
    let janitor = Janitor::new();
    let card = janitor.books(|books| books.issue(&[Decline("insufficient_funds")]));
    for _ in 0..count {
        janitor.books(|books| {
            let subscription = books.subscribe(Some(&card));
            books.bill(&subscription, 1_900);
        });
        pass_ms(gap_ms);
    }
    janitor
}

#[test]
fn every_webhook_of_an_hour_is_lost_and_one_run_finds_every_invoice() {
    let janitor = lost(30, 2 * MINUTE_MS - 1_000);
    assert_eq!(janitor.open(), 0, "nobody told");
    janitor.run();
    assert_eq!(janitor.open(), 30);
    janitor.run();
    assert_eq!(janitor.open(), 30, "what is known changes nothing");
}

#[test]
fn what_was_before_our_time_is_found_without_events() {
    let janitor = lost(3, 0);
    pass_ms(DAY_MS);
    janitor.fails(Mark::Events);
    janitor.run();
    assert_eq!(janitor.open(), 3);
    // A round is followed by a rest, also for an invoice that fails meanwhile.
    janitor.books(|books| {
        let subscription = books.subscribe(Some("pm_1"));
        books.bill(&subscription, 1_900);
    });
    janitor.run();
    assert_eq!(janitor.open(), 3);
    pass_ms(INVOICE_REST_MS);
    janitor.run();
    assert_eq!(janitor.open(), 4);
}

#[test]
fn a_run_reads_a_bounded_part_and_the_next_one_goes_on() {
    let bound = PAGE_LIMITS[0] as usize;
    let (events_max, invoices_max) =
        (bound * EVENT_PAGES_MAX as usize, bound * INVOICE_PAGES_MAX as usize);
    let janitor = lost(1, 0);
    // More than one run reads: 2.5 runs of events.
    for _ in 0..events_max * 5 / 2 {
        janitor.books(|books| books.invoice_event("in_1", "invoice.updated"));
    }
    let pages = |path: &str| janitor.asked().iter().filter(|line| line.contains(path)).count();
    let mut read = Vec::new();
    for _ in 0..4 {
        janitor.run();
        read.push(pages("GET /v1/events"));
        pass_ms(PERIOD_MS);
    }
    // The windows after it hold nothing but their overlap.
    let most = EVENT_PAGES_MAX as usize;
    assert_eq!(read[..2], [most, 2 * most], "{read:?}");
    assert!(read[2] > 2 * most && read[3] - read[2] <= most, "{read:?}");
    assert!(janitor.seen() >= events_max * 5 / 2, "and nothing is left out");
    assert!(pages("GET /v1/invoices?status=open") <= 4 * invoices_max / bound);
}

#[test]
fn a_run_that_is_cut_off_anywhere_is_taken_up_by_the_next() {
    for at in 0..10 {
        for fault in [Fault::BadGateway, Fault::SilenceBefore, Fault::Garbled, Fault::CutAfter] {
            let janitor = lost(30, MINUTE_MS);
            // The client asks a second time by itself where that is safe.
            janitor.wire.script.borrow_mut().extend(vec![Fault::None; at]);
            janitor.wire.script.borrow_mut().extend([fault; 4]);
            janitor.run();
            janitor.wire.script.borrow_mut().clear();
            pass_ms(PERIOD_MS);
            janitor.run();
            assert_eq!(janitor.open(), 30, "{fault:?} at {at}");
        }
    }
}

#[test]
fn an_account_that_does_not_answer_is_asked_again_and_then_passed_over() {
    let janitor = lost(5, MINUTE_MS);
    janitor.refuses.set(usize::MAX);
    janitor.run();
    assert_eq!(janitor.open(), 0);
    janitor.refuses.set(0);
    janitor.run();
    assert_eq!(janitor.open(), 5, "the same page came again");
    // One that never answers keeps nobody else waiting for ever.
    let janitor = lost(5, MINUTE_MS);
    janitor.refuses.set(usize::MAX);
    for _ in 0..=TRIES_MAX {
        janitor.run();
        pass_ms(PERIOD_MS);
    }
    janitor.refuses.set(0);
    pass_ms(HOUR_MS);
    janitor.run();
    assert_eq!(janitor.open(), 5, "the round through the invoices finds it later");
}

#[test]
fn marks_that_cannot_be_read_or_left_lose_nothing() {
    let janitor = lost(5, MINUTE_MS);
    janitor.loses_marks.set(true);
    janitor.run();
    janitor.run();
    assert_eq!(janitor.open(), 5);
}

#[test]
fn paid_and_voided_elsewhere_is_found_from_the_list_of_events() {
    let janitor = lost(4, MINUTE_MS);
    janitor.run();
    janitor.books(|books| {
        books.pay_elsewhere("in_1");
        books.close("in_2", "void", "invoice.voided");
        books.close("in_3", "uncollectible", "invoice.marked_uncollectible");
    });
    pass_ms(PERIOD_MS);
    janitor.run();
    assert_eq!(janitor.open_ids(), ["in_4"]);
}

#[test]
fn paid_and_voided_elsewhere_is_found_by_the_account_itself_within_a_day() {
    let janitor = lost(3, MINUTE_MS);
    janitor.run();
    janitor.ring();
    janitor.fails(Mark::Events);
    janitor.books(|books| {
        books.pay_elsewhere("in_1");
        books.close("in_2", "void", "invoice.voided");
    });
    pass_ms(DAY_MS);
    janitor.ring();
    assert_eq!(janitor.open_ids(), ["in_3"]);
}

#[test]
fn a_charge_of_unknown_outcome_is_asked_about_by_the_account_itself() {
    for fault in [Fault::SilenceBefore, Fault::SilenceAfter, Fault::CutAfter, Fault::BadGateway] {
        let janitor = Janitor::new();
        janitor.books(|books| {
            let card = books.issue(&[Decline("insufficient_funds"), Approve]);
            let subscription = books.subscribe(Some(&card));
            books.bill(&subscription, 1_900);
        });
        janitor.run();
        janitor.ring();
        // The invoice is read, then charged; the answer to the charge gets lost for good.
        janitor.wire.script.borrow_mut().extend([Fault::None, fault, fault, fault, fault]);
        let status = janitor.retry();
        assert_eq!(status.state, RecoveryState::Pending, "{fault:?}: nobody knows");
        janitor.wire.script.borrow_mut().clear();
        pass_ms(MINUTE_MS);
        janitor.ring();
        assert_eq!(janitor.open(), 0, "{fault:?}");
        assert_eq!(janitor.books(|books| books.captures.len()), 1, "{fault:?}: paid once");
    }
}

#[test]
fn an_account_without_room_takes_an_invoice_in_when_there_is_room() {
    let janitor = lost(52, MINUTE_MS);
    janitor.run();
    assert_eq!(janitor.open(), 50, "the most of one customer");
    janitor.books(|books| {
        books.pay_elsewhere("in_1");
        books.pay_elsewhere("in_2");
    });
    pass_ms(INVOICE_REST_MS);
    janitor.run();
    janitor.run();
    pass_ms(INVOICE_REST_MS);
    janitor.run();
    assert_eq!(janitor.open(), 50, "two are paid and two came in");
}
