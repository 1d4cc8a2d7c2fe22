//! The process dies at every point of a recovery, and the recovery goes on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::status::{RecoveryState, Status};
use reprieve_core::policy::Policy;
use reprieve_core::time::Timestamp;
use reprieve_edge::durable::service::ServiceError;
use reprieve_edge::durable::store::SeenEvent;
use std::task::{Context, Poll, Waker};
use world::{Death, World, run, service};

/// The most alarms until everything must have come to rest.
const ALARMS_MAX: usize = 40;

/// The platform calls the alarm when it is due, until nothing is open or nothing is planned.
fn let_alarms_ring(world: &World, policy: &Policy) {
    for _ in 0..ALARMS_MAX {
        let account = world.account.borrow().clone();
        let Some(account) = account.filter(|account| {
            account.open_cases().any(|case| case.attempt.is_some())
                || account.method_update.is_some()
        }) else {
            return;
        };
        world::sleep_until(account.next_wake().expect("an open case has a wake"));
        run(service(world, policy).wake()).expect("nothing dies now").expect("nothing fails now");
    }
    panic!("the account does not come to rest");
}

fn status(world: &World, policy: &Policy) -> Status {
    service(world, policy).status().expect("the store answers")
}

/// How many points an undisturbed run has.
fn points(journey: impl Fn(&World, &Policy)) -> usize {
    let world = World::with_open_invoices(2);
    journey(&world, &Policy::default());
    world.points.get()
}

fn card_update(world: &World, policy: &Policy) {
    let setup = world.finished_setup("seti_1", "pm_new");
    let _ = run(service(world, policy).complete_method(&setup));
}

#[test]
fn killed_anywhere_during_a_card_update_nothing_is_charged_twice_and_nothing_is_left() {
    let policy = Policy::default();
    let points = points(card_update);
    assert!(points > 12, "the journey has {points} points");
    for number in 0..points {
        for death in [Death::Before(number), Death::After(number)] {
            let world = World::with_open_invoices(2);
            world.death.set(death);
            card_update(&world, &policy);
            world.death.set(Death::Never);
            let_alarms_ring(&world, &policy);
            // Whoever sees no success presses the button again.
            card_update(&world, &policy);
            let_alarms_ring(&world, &policy);
            assert_eq!(world.captured.borrow().len(), 2, "{death:?}: {:?}", world.captured);
            assert!(world.is_paid("in_0") && world.is_paid("in_1"), "{death:?}");
            assert_eq!(status(&world, &policy).state, RecoveryState::Recovered, "{death:?}");
            let new = Some(world::method("pm_new"));
            assert_eq!(*world.customer_default.borrow(), new, "{death:?}");
            let subscriptions = world.subscriptions.borrow();
            assert!(subscriptions.values().all(|fact| fact.default_method == new), "{death:?}");
        }
    }
}

#[test]
fn once_the_method_is_committed_the_rest_happens_without_the_customer() {
    let policy = Policy::default();
    // Point 0 reads the set-up, point 1 commits the method.
    for number in 2..points(card_update) {
        let world = World::with_open_invoices(2);
        world.death.set(Death::Before(number));
        card_update(&world, &policy);
        world.death.set(Death::Never);
        let_alarms_ring(&world, &policy);
        assert_eq!(world.captured.borrow().len(), 2, "died before point {number}");
    }
}

#[test]
fn an_answer_lost_anywhere_charges_once() {
    let policy = Policy::default();
    for number in 0..points(card_update) {
        for happened in [false, true] {
            let world = World::with_open_invoices(2);
            world.lost_answers.borrow_mut().insert(number, happened);
            card_update(&world, &policy);
            let_alarms_ring(&world, &policy);
            card_update(&world, &policy);
            let_alarms_ring(&world, &policy);
            let captured = world.captured.borrow().len();
            assert_eq!(captured, 2, "answer {number} lost, effect happened: {happened}");
        }
    }
}

#[test]
fn two_clicks_at_once_charge_once() {
    let policy = Policy::default();
    let points = points(card_update);
    for number in 0..points {
        let world = World::with_open_invoices(2);
        let setup = world.finished_setup("seti_1", "pm_new");
        // The first click waits for the provider at point `number` while the second one runs as
        // far as it can. Where the first is setting the new default, the second waits for it, and
        // goes on when the first is cut off.
        world.death.set(Death::Before(number));
        let service = service(&world, &policy);
        let mut first = Box::pin(service.complete_method(&setup));
        let context = &mut Context::from_waker(Waker::noop());
        let _ = first.as_mut().poll(context);
        world.death.set(Death::Never);
        let mut second = Box::pin(service.complete_method(&setup));
        let early = second.as_mut().poll(context);
        drop(first);
        let second = match early {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => run(second).expect("nobody is waited for any more"),
        };
        let_alarms_ring(&world, &policy);
        card_update(&world, &policy);
        assert_eq!(world.captured.borrow().len(), 2, "first click at {number}: {second:?}");
    }
}

#[test]
fn a_declined_card_can_be_replaced_and_every_attempt_has_its_own_key() {
    let policy = Policy::default();
    let world = World::with_open_invoices(1);
    world.declines.borrow_mut().insert(world::method("pm_bad"), "do_not_honor".to_owned());
    let bad = world.finished_setup("seti_bad", "pm_bad");
    let declined = run(service(&world, &policy).complete_method(&bad)).unwrap().unwrap();
    assert_eq!(declined.state, RecoveryState::ActionNeeded);
    assert!(world.captured.borrow().is_empty());
    let good = world.finished_setup("seti_good", "pm_good");
    let paid = run(service(&world, &policy).complete_method(&good)).unwrap().unwrap();
    assert_eq!(paid.state, RecoveryState::Recovered);
    let keys: Vec<String> = world.sent.borrow().keys().cloned().collect();
    assert_eq!(keys, ["reprieve:pay:in_0:1:pm_bad", "reprieve:pay:in_0:2:pm_good"]);
}

#[test]
fn a_stranger_s_setup_does_not_exist_and_an_unfinished_one_is_refused() {
    let policy = Policy::default();
    let world = World::with_open_invoices(1);
    let stranger = world.finished_setup("seti_1", "pm_new");
    world.setups.borrow_mut().get_mut(&stranger).unwrap().customer = None;
    let outcome = run(service(&world, &policy).complete_method(&stranger)).unwrap();
    assert_eq!(outcome, Err(ServiceError::NoSuchSetup));
    let absent = run(service(&world, &policy).complete_method(&world::setup("seti_9"))).unwrap();
    assert_eq!(absent, Err(ServiceError::NoSuchSetup));
    let unfinished = world.finished_setup("seti_2", "pm_new");
    world.setups.borrow_mut().get_mut(&unfinished).unwrap().method = None;
    let outcome = run(service(&world, &policy).complete_method(&unfinished)).unwrap();
    assert_eq!(outcome, Err(ServiceError::SetupUnfinished));
    assert!(world.captured.borrow().is_empty() && world.account.borrow().is_none());
}

fn event(id: &str, kind: &str, status: &str, attempt_count: u32) -> SeenEvent {
    let raw = serde_json::json!({
        "id": id, "object": "event", "type": kind, "created": 1_800_000_000, "livemode": false,
        "data": { "object": {
            "id": "in_0", "object": "invoice", "customer": "cus_1", "status": status,
            "amount_remaining": 1_900, "currency": "eur", "attempt_count": attempt_count,
        }}
    });
    let id = reprieve_core::id::EventId::parse(id).unwrap();
    SeenEvent { id, kind: kind.to_owned(), raw: raw.to_string() }
}

#[test]
fn an_event_has_one_effect_however_often_it_comes_and_a_late_failure_opens_nothing() {
    let policy = Policy::default();
    let world = World::with_open_invoices(1);
    let service = service(&world, &policy);
    let failed = event("evt_1", "invoice.payment_failed", "open", 1);
    assert_eq!(service.ingest(failed.clone()), Ok(false));
    let version = world.account.borrow().as_ref().unwrap().version;
    for _ in 0..50 {
        assert_eq!(service.ingest(failed.clone()), Ok(true));
    }
    assert_eq!(world.account.borrow().as_ref().unwrap().version, version);
    assert_eq!(service.ingest(event("evt_2", "invoice.paid", "paid", 2)), Ok(false));
    assert_eq!(service.ingest(event("evt_3", "invoice.payment_failed", "open", 2)), Ok(false));
    assert_eq!(status(&world, &policy).state, RecoveryState::Recovered);
}

#[test]
fn an_event_that_died_before_its_commit_is_taken_in_when_it_comes_again() {
    let policy = Policy::default();
    for death in [Death::Before(0), Death::After(0)] {
        let world = World::with_open_invoices(1);
        world.death.set(death);
        let failed = event("evt_1", "invoice.payment_failed", "open", 1);
        assert!(service(&world, &policy).ingest(failed.clone()).is_err());
        world.death.set(Death::Never);
        // The provider got no 200 and sends it again.
        let again = service(&world, &policy).ingest(failed);
        assert_eq!(again, Ok(death == Death::After(0)));
        assert_eq!(status(&world, &policy).state, RecoveryState::ActionNeeded);
    }
}

#[test]
fn an_attempt_older_than_its_key_is_not_sent_again() {
    let policy = Policy::default();
    let world = World::with_open_invoices(1);
    world.lost_answers.borrow_mut().insert(pay_point(), false);
    card_update(&world, &policy);
    assert_eq!(status(&world, &policy).state, RecoveryState::Pending);
    let sent = world.sent.borrow().len();
    world::sleep_until(Timestamp::from_ms(world::now().as_ms() + 25 * 3_600_000));
    run(service(&world, &policy).wake()).unwrap().unwrap();
    assert_eq!(world.sent.borrow().len(), sent, "nothing more was sent");
    assert_eq!(status(&world, &policy).state, RecoveryState::ActionNeeded);
    assert!(world.captured.borrow().is_empty());
}

/// The point at which the only charge of a card update with one invoice is sent.
fn pay_point() -> usize {
    (0..64)
        .find(|number| {
            let world = World::with_open_invoices(1);
            world.death.set(Death::Before(*number));
            card_update(&world, &Policy::default());
            !world.sent.borrow().is_empty() && world.captured.borrow().is_empty()
        })
        .expect("a card update charges")
}
