//! What seeds have found, told without chance.

use crate::fake_stripe::bank::Verdict;
use crate::fake_stripe::{CUSTOMER, set_skew_ms};
use crate::sky::Sky;
use reprieve_core::id::SetupId;
use reprieve_core::policy::RetryDriver;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// A customer with subscriptions of their own old card and an unpaid renewal of each.
fn sky_with(subscriptions: usize) -> Sky {
    let sky = Sky::new(1, RetryDriver::Provider);
    set_skew_ms(0);
    sky.wire.yield_percent.set(100);
    let mut books = sky.wire.books.borrow_mut();
    let old = books.issue(&[Verdict::Decline("expired_card")]);
    books.customer_default = Some(old.clone());
    for _ in 0..subscriptions {
        let subscription = books.subscribe(Some(&old));
        books.bill(&subscription, 1_900);
    }
    drop(books);
    sky
}

fn new_card(sky: &Sky) -> (SetupId, String) {
    let mut books = sky.wire.books.borrow_mut();
    let method = books.issue(&[Verdict::Approve]);
    let setup = books.begin_setup(&method);
    (SetupId::parse(&setup).unwrap(), method)
}

/// Seed 8: two new cards in two tabs were written to the subscriptions in turns, and one kept the
/// older.
#[test]
fn of_two_new_cards_at_once_the_newer_one_stays_everywhere() {
    for head_start in 0.. {
        let sky = sky_with(3);
        let ((older, _), (newer, expected)) = (new_card(&sky), new_card(&sky));
        let adapter = sky.adapter();
        let service = sky.service(&adapter);
        let mut first = pin!(service.complete_method(&older));
        let mut second = pin!(service.complete_method(&newer));
        let context = &mut Context::from_waker(Waker::noop());
        for _ in 0..head_start {
            if first.as_mut().poll(context).is_ready() {
                // It was through before the second began.
                return;
            }
        }
        // The first one waits for Stripe while the second goes on as far as it can.
        let mut is_over = (0..500).any(|_| second.as_mut().poll(context).is_ready());
        assert!((0..500).any(|_| first.as_mut().poll(context).is_ready()), "it comes to an end");
        is_over = is_over || (0..500).any(|_| second.as_mut().poll(context).is_ready());
        assert!(is_over, "and so does the second");
        let account = sky.account.borrow();
        if account.as_ref().is_none_or(|account| account.finished_setups.front() != Some(&older)) {
            // The first one had not yet said which card it is about.
            continue;
        }
        drop(account);
        let newest = sky.account.borrow().as_ref().unwrap().finished_setups.back().cloned();
        assert_eq!(newest.as_ref(), Some(&newer), "the second came second");
        let books = sky.wire.books.borrow();
        assert_eq!(books.customer_default.as_ref(), Some(&expected), "{CUSTOMER}, {head_start}");
        for (id, subscription) in &books.subscriptions {
            let own = subscription.default_method.as_ref();
            assert_eq!(own, Some(&expected), "{id}, {head_start} polls ahead");
        }
        assert_eq!(books.captures.len(), 3, "and everything is paid once");
    }
}
