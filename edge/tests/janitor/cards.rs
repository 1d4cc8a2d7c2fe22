//! Cards that are about to expire: there is no event of Stripe's for them.

use crate::desk::Janitor;
use crate::fake_stripe::pass_ms;
use reprieve_core::api::status::{CardNewsKind, RecoveryState};
use reprieve_core::time::{DAY_MS, MINUTE_MS};
use reprieve_edge::reconcile::rounds::{RENEWAL_PAGES_MAX, RENEWAL_REST_MS};
use reprieve_edge::reconcile::sweep::PAGE_LIMITS;

/// The tests begin on 2027-01-15.
const JANUARY: (i64, i64) = (2027, 1);
const FEBRUARY: (i64, i64) = (2027, 2);

/// A customer in good standing with this card.
fn customer(expiry: (i64, i64)) -> Janitor {
    let janitor = Janitor::new();
    janitor.books(|books| {
        let card = books.issue(&[]);
        books.cards.get_mut(&card).unwrap().expiry = expiry;
        books.subscribe(Some(&card));
    });
    janitor
}

fn told(janitor: &Janitor) -> Option<CardNewsKind> {
    let status = janitor.status();
    assert_eq!(status.state, RecoveryState::Clear, "nothing is owed");
    status.card_news.map(|news| news.kind)
}

#[test]
fn a_card_in_its_last_month_is_told_of() {
    let janitor = customer(JANUARY);
    janitor.run();
    let news = janitor.status().card_news.expect("news");
    assert_eq!(news.kind, CardNewsKind::ExpiresSoon);
    // 2027-01-31T23:59:59.999Z
    assert_eq!(news.expires_at_ms, Some(1_801_439_999_999));
    assert_eq!(news.method.unwrap().last4, "0341");
}

#[test]
fn a_card_that_is_good_for_longer_leaves_no_trace_until_its_time() {
    let janitor = customer(FEBRUARY);
    janitor.run();
    assert!(!janitor.has_account());
    pass_ms(15 * DAY_MS);
    janitor.run();
    assert_eq!(told(&janitor), Some(CardNewsKind::ExpiresSoon));
}

#[test]
fn the_default_of_the_customer_counts_where_the_subscription_has_none() {
    let janitor = customer(JANUARY);
    janitor.books(|books| {
        books.subscriptions.get_mut("sub_1").unwrap().default_method = None;
        books.customer_default = Some("pm_1".to_owned());
    });
    janitor.run();
    assert_eq!(told(&janitor), Some(CardNewsKind::ExpiresSoon));
}

#[test]
fn what_does_not_renew_needs_no_card() {
    for status in ["paused", "unpaid", "incomplete", "canceled"] {
        let janitor = customer(JANUARY);
        janitor.books(|books| books.subscriptions.get_mut("sub_1").unwrap().status = status);
        janitor.run();
        assert!(!janitor.has_account() || told(&janitor).is_none(), "{status}");
    }
    let janitor = customer(JANUARY);
    janitor.books(|books| books.subscriptions.get_mut("sub_1").unwrap().ends_with_period = true);
    janitor.run();
    assert!(!janitor.has_account(), "it was cancelled already");
}

#[test]
fn another_default_takes_the_warning_back() {
    let janitor = customer(JANUARY);
    janitor.books(|books| books.subscription_event("sub_1"));
    janitor.run();
    assert_eq!(told(&janitor), Some(CardNewsKind::ExpiresSoon));
    let raw = janitor.books(|books| {
        let new = books.issue(&[]);
        books.subscriptions.get_mut("sub_1").unwrap().default_method = Some(new);
        books.subscription_event("sub_1");
        books.events.pop().unwrap().2
    });
    janitor.hear(&raw);
    assert_eq!(told(&janitor), None);
}

#[test]
fn a_replaced_card_is_good_news_and_not_warned_of() {
    let janitor = customer(JANUARY);
    janitor.run();
    let raw = janitor.books(|books| {
        let method = serde_json::json!({"id": "pm_1", "object": "payment_method",
            "customer": "cus_1", "type": "card", "card": {"brand": "visa", "last4": "1881",
            "exp_month": 1, "exp_year": 2031, "fingerprint": "fp_new"}});
        books.event("payment_method.automatically_updated", method);
        books.events.pop().unwrap().2
    });
    janitor.hear(&raw);
    // The list of subscriptions may still be the old one.
    pass_ms(RENEWAL_REST_MS);
    janitor.run();
    assert_eq!(told(&janitor), Some(CardNewsKind::Updated));
    assert_eq!(janitor.status().card_news.unwrap().method.unwrap().last4, "1881");
}

#[test]
fn rounds_through_the_subscriptions_are_bounded_go_on_and_rest_for_a_day() {
    let janitor = customer(JANUARY);
    let a_run = PAGE_LIMITS[0] as usize * RENEWAL_PAGES_MAX as usize;
    // The one with the old card is at the end of the list.
    janitor.books(|books| {
        let good = books.issue(&[]);
        (0..a_run).for_each(|_| drop(books.subscribe(Some(&good))));
    });
    let pages =
        || janitor.asked().iter().filter(|line| line.contains("GET /v1/subscriptions?")).count();
    janitor.run();
    assert_eq!((pages(), told(&janitor)), (RENEWAL_PAGES_MAX as usize, None));
    pass_ms(5 * MINUTE_MS);
    janitor.run();
    assert_eq!(told(&janitor), Some(CardNewsKind::ExpiresSoon));
    let read = pages();
    janitor.run();
    assert_eq!(pages(), read, "it rests");
    pass_ms(RENEWAL_REST_MS);
    janitor.run();
    assert!(pages() > read);
}
