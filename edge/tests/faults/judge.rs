//! What must hold, whatever happened. It asks the bank's ledger and the stored account, never the
//! code under test.

use crate::fake_stripe::our_now;
use crate::life::Life;
use crate::sky::Sky;
use reprieve_core::case::CaseState;
use reprieve_core::time::{DAY_MS, HOUR_MS};
use std::collections::{BTreeMap, BTreeSet};

/// After every step.
pub(crate) fn nobody_paid_twice(sky: &Sky) {
    let books = sky.wire.books.borrow();
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for capture in &books.captures {
        let before = taken.insert(&capture.invoice, capture.amount);
        assert_eq!(before, None, "0 double charges: {:?}", books.captures);
        let due = books.invoices[&capture.invoice].amount_due;
        assert!(capture.amount <= due, "not more than what is due: {capture:?}");
    }
}

/// After every step: what reached the bank under a key was written down before.
pub(crate) fn every_charge_was_written_down(sky: &Sky) {
    let (books, started) = (sky.wire.books.borrow(), sky.started.borrow());
    let mut numbers = BTreeSet::new();
    for (invoice, method, key) in &books.attempts {
        let Some(key) = key else { continue };
        assert!(started.contains(key), "sent before it was stored: {key}");
        let named = key.starts_with(&format!("reprieve:pay:{invoice}:"));
        assert!(named && (key.ends_with(method) || key.ends_with("default")), "{key}, {method}");
        assert!(numbers.insert(key), "one key reaches the bank once: {key}");
    }
}

/// At the end of a life.
pub(crate) fn everything_agrees(life: &Life<'_>) {
    let sky = life.sky;
    let books = sky.wire.books.borrow();
    let account = sky.account.borrow();
    let owed: BTreeSet<&str> =
        books.invoices.keys().filter(|id| books.is_owed(id)).map(String::as_str).collect();
    let Some(account) = account.as_ref() else {
        assert!(owed.is_empty(), "0 lost invoices: {owed:?}");
        return;
    };
    let open: BTreeSet<&str> = account.open_cases().map(|case| case.invoice.as_str()).collect();
    assert_eq!(open, owed, "the open cases are what is owed");
    for case in account.cases.values() {
        let invoice = &books.invoices[case.invoice.as_str()];
        assert_ne!(case.state, CaseState::Attempting, "{} is known by now", case.invoice);
        let is_paid = invoice.status == "paid";
        let left = case.state == CaseState::Canceled;
        assert_eq!(case.state == CaseState::Recovered, is_paid && !left, "{}", case.invoice);
        let is_paused = books.subscriptions[&invoice.subscription].status == "paused";
        let suspended = case.state == CaseState::Suspended;
        assert_eq!(suspended, is_paused && !case.state.is_terminal(), "{}", case.invoice);
        if !case.state.is_terminal() {
            let wake = case.wake_at.expect("an open case has a wake");
            let ahead_ms = wake.since_ms(our_now());
            assert!(ahead_ms <= DAY_MS + HOUR_MS, "looked at once a day: {ahead_ms}");
            let alarm = sky.alarm.get().expect("and the platform knows of it");
            assert!(alarm <= wake, "the alarm does not come after the wake");
        }
    }
    assert_eq!(account.method_update, None, "a new card is carried out or refused");
    assert_eq!(account.charge_run, None, "nobody waits for a charge");
    the_new_card_is_everywhere(life, account);
}

/// The newest card that the customer gave is the default of the customer and of everything that
/// goes on.
fn the_new_card_is_everywhere(life: &Life<'_>, account: &reprieve_core::account::Account) {
    let books = life.sky.wire.books.borrow();
    if life.sky.wire.has_late_default.get() {
        return;
    }
    let Some(newest) = account.finished_setups.back() else { return };
    let method = books.setups[newest.as_str()].method.as_ref();
    assert_eq!(books.customer_default.as_ref(), method, "the customer's default");
    for (id, subscription) in &books.subscriptions {
        if subscription.status != "canceled" {
            assert_eq!(subscription.default_method.as_ref(), method, "the default of {id}");
        }
    }
}
