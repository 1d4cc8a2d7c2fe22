//! Two engines never race: what a charge of ours does beside Stripe's own schedule. This Stripe
//! would charge a paid invoice again.

use crate::fake_stripe::bank::Verdict;
use crate::fake_stripe::books::By;
use crate::fake_stripe::{pass_ms, true_now};
use crate::sky::Sky;
use reprieve_core::api::status::{RecoveryState, Status};
use reprieve_core::case::CaseState;
use reprieve_core::id::{EventId, SetupId};
use reprieve_core::policy::RetryDriver;
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use reprieve_edge::durable::effects::{RACE_AFTER_MS, RACE_BEFORE_MS};
use reprieve_edge::durable::service::ServiceError;
use reprieve_edge::durable::store::SeenEvent;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const INVOICE: &str = "in_1";

fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing waits here"),
    }
}

/// A renewal that failed, told to us, with Stripe's next attempt in so many milliseconds.
fn failed(driver: RetryDriver, verdicts: &[Verdict], next_in_ms: i64) -> Sky {
    let sky = Sky::new(1, driver);
    {
        let mut books = sky.wire.books.borrow_mut();
        books.is_gullible = true;
        books.schedule_ms = vec![next_in_ms, 5 * DAY_MS];
        let card = books.issue(verdicts);
        let subscription = books.subscribe(Some(&card));
        books.bill(&subscription, 1_900);
    }
    tell_all(&sky);
    wake(&sky);
    sky
}

fn tell_all(sky: &Sky) {
    let events = std::mem::take(&mut sky.wire.books.borrow_mut().events);
    for (id, kind, raw) in events {
        let id = EventId::parse(&id).unwrap();
        sky.service(&sky.adapter()).ingest(SeenEvent { id, kind, raw }).unwrap();
    }
}

fn wake(sky: &Sky) {
    run(sky.service(&sky.adapter()).wake()).unwrap();
}

fn retry(sky: &Sky) -> Result<Status, ServiceError> {
    run(sky.service(&sky.adapter()).retry())
}

/// Time passes; Stripe and our alarm do what is due.
fn pass(sky: &Sky, ms: i64) {
    let end = true_now().plus_ms(ms);
    loop {
        let alarm = sky.service(&sky.adapter()).next_alarm().unwrap();
        let tick = sky.wire.books.borrow().next_tick();
        let next = [alarm, tick].into_iter().flatten().min().filter(|at| *at <= end);
        pass_ms(next.unwrap_or(end).since_ms(true_now()));
        sky.wire.books.borrow_mut().tick();
        if next.is_none() {
            return;
        }
        if alarm.is_some_and(|at| at <= true_now()) {
            wake(sky);
        }
    }
}

fn takers(sky: &Sky) -> Vec<By> {
    sky.wire.books.borrow().captures.iter().map(|capture| capture.by.clone()).collect()
}

fn our_attempts(sky: &Sky) -> usize {
    sky.wire.books.borrow().attempts.iter().filter(|(_, _, key)| key.is_some()).count()
}

fn state(sky: &Sky) -> CaseState {
    sky.account.borrow().as_ref().unwrap().cases.values().next().unwrap().state
}

const EMPTY_THEN_FULL: &[Verdict] = &[Verdict::Decline("insufficient_funds"), Verdict::Approve];
const EMPTY: &[Verdict] = &[Verdict::Decline("insufficient_funds")];

#[test]
fn a_customer_s_retry_waits_for_stripe_s_attempt_which_pays() {
    let sky = failed(RetryDriver::Provider, EMPTY_THEN_FULL, 30 * SECOND_MS);
    let status = retry(&sky).unwrap();
    assert_eq!(status.state, RecoveryState::Pending, "the customer sees that something happens");
    assert_eq!(our_attempts(&sky), 0);
    pass(&sky, 5 * MINUTE_MS);
    assert_eq!(takers(&sky), [By::Schedule], "paid once, by Stripe");
    assert_eq!(our_attempts(&sky), 0);
    assert_eq!(state(&sky), CaseState::Recovered, "seen without an event");
}

#[test]
fn after_stripe_s_attempt_failed_the_customer_s_goes_on() {
    let empty_twice = [EMPTY[0], EMPTY[0], Verdict::Approve];
    let sky = failed(RetryDriver::Provider, &empty_twice, 30 * SECOND_MS);
    retry(&sky).unwrap();
    pass(&sky, 5 * MINUTE_MS);
    let by = takers(&sky);
    assert!(matches!(by.as_slice(), [By::Key(_)]), "{by:?}");
    assert_eq!(our_attempts(&sky), 1);
    assert_eq!(state(&sky), CaseState::Recovered);
}

#[test]
fn a_new_card_waits_too_and_stripe_charges_it() {
    let sky = failed(RetryDriver::Provider, EMPTY, 30 * SECOND_MS);
    let setup = {
        let mut books = sky.wire.books.borrow_mut();
        let good = books.issue(&[Verdict::Approve]);
        SetupId::parse(&books.begin_setup(&good)).unwrap()
    };
    run(sky.service(&sky.adapter()).complete_method(&setup)).unwrap();
    assert_eq!(our_attempts(&sky), 0);
    pass(&sky, 5 * MINUTE_MS);
    assert_eq!(takers(&sky), [By::Schedule]);
    assert_eq!(state(&sky), CaseState::Recovered);
}

#[test]
fn the_edges_of_the_wait() {
    // (from now until Stripe's attempt, whether we charge at once). A plan that lies in the past is
    // one that Stripe does not carry out: this one never does.
    let rows = [
        (RACE_BEFORE_MS + SECOND_MS, true),
        (RACE_BEFORE_MS, false),
        (0, false),
        (-RACE_AFTER_MS, false),
        (-RACE_AFTER_MS - SECOND_MS, true),
        (-DAY_MS, true),
    ];
    for (ahead_ms, charges) in rows {
        let sky = failed(RetryDriver::Provider, EMPTY_THEN_FULL, 30 * DAY_MS);
        let at = Timestamp::from_ms(true_now().as_ms() + ahead_ms);
        sky.wire.books.borrow_mut().invoices.get_mut(INVOICE).unwrap().next_attempt = Some(at);
        retry(&sky).unwrap();
        assert_eq!(our_attempts(&sky), usize::from(charges), "{ahead_ms} ms ahead");
    }
}

#[test]
fn a_plan_that_stripe_does_not_carry_out_holds_nobody_up() {
    let sky = failed(RetryDriver::Provider, EMPTY_THEN_FULL, 30 * DAY_MS);
    let stuck = Some(true_now());
    sky.wire.books.borrow_mut().invoices.get_mut(INVOICE).unwrap().next_attempt = stuck;
    retry(&sky).unwrap();
    assert_eq!(our_attempts(&sky), 0);
    for _ in 0..20 {
        pass_ms(MINUTE_MS);
        wake(&sky);
    }
    assert_eq!(our_attempts(&sky), 1, "within minutes");
    assert_eq!(state(&sky), CaseState::Recovered);
}

#[test]
fn what_was_paid_without_our_knowledge_is_not_charged() {
    for driver in [RetryDriver::Provider, RetryDriver::Ours] {
        let sky = failed(driver, EMPTY_THEN_FULL, 30 * DAY_MS);
        sky.wire.books.borrow_mut().pay_elsewhere(INVOICE);
        assert_eq!(retry(&sky).unwrap().state, RecoveryState::Recovered);
        assert_eq!(takers(&sky), [By::Customer], "{driver:?}");
        assert_eq!(our_attempts(&sky), 0);
    }
}

/// Stripe's retries were not switched off although our ladder drives: the ladder knows nothing of
/// an attempt that was made after its last reading.
#[test]
fn our_ladder_does_not_follow_at_once_on_an_attempt_that_it_did_not_know() {
    let sky = failed(RetryDriver::Ours, EMPTY, 30 * DAY_MS);
    // The rung is due after six hours, and wants a fresh reading first.
    pass(&sky, 6 * HOUR_MS - SECOND_MS);
    pass_ms(SECOND_MS);
    wake(&sky);
    assert_eq!(our_attempts(&sky), 0);
    assert_eq!(sky.service(&sky.adapter()).next_alarm(), Ok(Some(true_now())), "the rung is next");
    sky.wire.books.borrow_mut().attempt_by_schedule(INVOICE);
    wake(&sky);
    assert_eq!(our_attempts(&sky), 0, "the rung is thought about anew");
    assert_eq!(state(&sky), CaseState::Scheduled);
    pass(&sky, 2 * DAY_MS);
    assert!(our_attempts(&sky) > 0, "and comes later");
}
