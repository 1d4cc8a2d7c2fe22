//! The bank wants to see the customer: the hand-off, and every way it can be interrupted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::status::{RecoveryState, Remedy, Status};
use reprieve_core::case::{ApplyError, CaseState};
use reprieve_core::id::{EventId, InvoiceId};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::InvoiceStatus;
use reprieve_core::time::{DAY_MS, Timestamp};
use reprieve_edge::durable::service::ServiceError;
use reprieve_edge::durable::store::SeenEvent;
use reprieve_edge::provider::Question;
use std::task::{Context, Waker};
use world::{Death, World, run, service};

/// The most alarms until everything must have come to rest.
const ALARMS_MAX: usize = 40;

fn invoice(id: &str) -> InvoiceId {
    InvoiceId::parse(id).unwrap()
}

fn event(id: &str, kind: &str, invoice: &str, status: &str) -> SeenEvent {
    let raw = serde_json::json!({
        "id": id, "object": "event", "type": kind, "created": 1_800_000_000, "livemode": false,
        "data": { "object": {
            "id": invoice, "object": "invoice", "customer": "cus_1", "status": status,
            "amount_remaining": 1_900, "currency": "eur", "attempt_count": 1,
        }}
    });
    let id = EventId::parse(id).unwrap();
    SeenEvent { id, kind: kind.to_owned(), raw: raw.to_string() }
}

/// Renewals of which the bank said: not without the customer. Told by event, not yet read.
fn waiting(count: u32, policy: &Policy) -> World {
    let world = World::with_open_invoices(count);
    world.wants_the_customer("pm_old");
    for number in 0..count {
        let kind = "invoice.payment_action_required";
        let told = event(&format!("evt_{number}"), kind, &format!("in_{number}"), "open");
        service(&world, policy).ingest(told).unwrap();
        world::sleep_until(world::now().plus_ms(1));
    }
    world
}

fn start(world: &World, policy: &Policy) -> Option<Result<InvoiceId, ServiceError>> {
    let started = run(service(world, policy).start_authentication(None))?;
    Some(started.map(|handed_off| {
        assert_eq!(handed_off.client_secret.expose(), "pi_1_secret_x");
        assert!(!format!("{handed_off:?}").contains("pi_1_secret_x"), "no secret is printed");
        handed_off.invoice
    }))
}

fn complete(world: &World, policy: &Policy, id: &str) -> Option<Result<Status, ServiceError>> {
    let invoice = invoice(id);
    run(service(world, policy).complete_authentication(&invoice))
}

fn status(world: &World, policy: &Policy) -> Status {
    service(world, policy).status().unwrap()
}

/// Charges of ours that were sent, each once whatever the number of sendings.
fn keys(world: &World) -> Vec<String> {
    world.sent.borrow().keys().cloned().collect()
}

fn let_alarms_ring(world: &World, policy: &Policy) {
    for _ in 0..ALARMS_MAX {
        let account = world.account.borrow().clone();
        let busy = account.filter(|account| {
            account.open_cases().any(|case| case.attempt.is_some())
                || account.method_update.is_some()
        });
        let Some(account) = busy else { return };
        world::sleep_until(account.next_wake().expect("an open case has a wake"));
        run(service(world, policy).wake()).expect("nothing dies now").expect("nothing fails now");
    }
    panic!("the account does not come to rest");
}

#[test]
fn a_question_is_asked_once_answered_and_paid_once() {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    let before = status(&world, &policy);
    assert_eq!((before.remedy, before.can_retry), (Some(Remedy::Authenticate), false));
    assert!(before.invoices.iter().all(|due| due.needs_authentication));
    for _ in 0..3 {
        assert_eq!(start(&world, &policy), Some(Ok(invoice("in_0"))));
    }
    // Closing the bank's window is no attempt, and opening it again is none either.
    assert_eq!(keys(&world), ["reprieve:pay:in_0:1:pm_old"]);
    let still = complete(&world, &policy, "in_0").unwrap().unwrap();
    assert_eq!(still.remedy, Some(Remedy::Authenticate));
    assert!(world.answer_the_bank(&invoice("in_0"), true));
    for _ in 0..2 {
        let paid = complete(&world, &policy, "in_0").unwrap().unwrap();
        assert_eq!(paid.state, RecoveryState::Recovered);
    }
    assert_eq!(*world.captured.borrow(), [(invoice("in_0"), 1_900)]);
}

#[test]
fn a_question_that_was_failed_is_asked_again_under_another_key() {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    for number in 1..=2 {
        assert_eq!(start(&world, &policy), Some(Ok(invoice("in_0"))));
        assert!(world.answer_the_bank(&invoice("in_0"), false));
        let failed = complete(&world, &policy, "in_0").unwrap().unwrap();
        assert_eq!(failed.state, RecoveryState::ActionNeeded, "try {number}");
        assert_eq!(failed.remedy, Some(Remedy::Authenticate), "try {number}");
    }
    assert_eq!(keys(&world), ["reprieve:pay:in_0:1:pm_old", "reprieve:pay:in_0:2:pm_old"]);
    assert!(world.captured.borrow().is_empty());
}

#[test]
fn nobody_is_charged_while_the_bank_waits_for_the_customer() {
    let policy = Policy::uniform(RetryDriver::Ours, Policy::default().settings().clone());
    let world = waiting(1, &policy);
    assert_eq!(start(&world, &policy), Some(Ok(invoice("in_0"))));
    for _ in 0..20 {
        world::sleep_until(world::now().plus_ms(DAY_MS));
        run(service(&world, &policy).wake()).unwrap().unwrap();
    }
    assert_eq!(keys(&world), ["reprieve:pay:in_0:1:pm_old"], "only what the customer wanted");
}

#[test]
fn the_webhook_first_or_the_click_first_ends_the_same() {
    let policy = Policy::default();
    let ends = [false, true].map(|is_webhook_first| {
        let world = waiting(1, &policy);
        start(&world, &policy).unwrap().unwrap();
        world.answer_the_bank(&invoice("in_0"), true);
        let paid = event("evt_paid", "invoice.paid", "in_0", "paid");
        if is_webhook_first {
            service(&world, &policy).ingest(paid.clone()).unwrap();
        }
        let answer = complete(&world, &policy, "in_0").unwrap().unwrap();
        assert_eq!(answer.state, RecoveryState::Recovered);
        if !is_webhook_first {
            service(&world, &policy).ingest(paid).unwrap();
        }
        let account = world.account.borrow().clone().unwrap();
        let case = account.cases[&invoice("in_0")].clone();
        (case.state, case.recovered_by, account.settled_invoices, world.captured.take())
    });
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].0, CaseState::Recovered);
}

#[test]
fn paid_in_another_tab_there_is_nothing_to_hand_off() {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    start(&world, &policy).unwrap().unwrap();
    world.answer_the_bank(&invoice("in_0"), true);
    // No webhook has come; the live invoice says so.
    assert_eq!(start(&world, &policy), Some(Err(ServiceError::NothingWaits)));
    assert_eq!(status(&world, &policy).state, RecoveryState::Recovered);
    let again = complete(&world, &policy, "in_0").unwrap().unwrap();
    assert_eq!(again.state, RecoveryState::Recovered);
}

#[test]
fn a_stranger_s_invoice_does_not_exist() {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    let absent = Some(invoice("in_9"));
    let started = run(service(&world, &policy).start_authentication(absent)).unwrap();
    assert_eq!(started.unwrap_err(), ServiceError::NoSuchInvoice);
    let completed = complete(&world, &policy, "in_9").unwrap();
    assert_eq!(completed, Err(ServiceError::NoSuchInvoice));
    // The provider shows another customer's invoice under a name that we know.
    let other = reprieve_core::id::CustomerId::parse("cus_2").unwrap();
    world.invoices.borrow_mut().get_mut(&invoice("in_0")).unwrap().customer = other;
    let wrong = Err(ServiceError::Apply(ApplyError::WrongCustomer));
    assert_eq!(start(&world, &policy).unwrap(), wrong.clone().map(|()| invoice("in_0")));
    assert_eq!(complete(&world, &policy, "in_0").unwrap().map(|_| ()), wrong);
}

#[test]
fn nothing_waits_where_another_card_is_needed() {
    let policy = Policy::default();
    let world = World::with_open_invoices(1);
    let told = event("evt_1", "invoice.payment_failed", "in_0", "open");
    service(&world, &policy).ingest(told).unwrap();
    assert_eq!(start(&world, &policy), Some(Err(ServiceError::NothingWaits)));
    let named = run(service(&world, &policy).start_authentication(Some(invoice("in_0"))));
    assert_eq!(named.unwrap().unwrap_err(), ServiceError::NothingWaits);
    assert!(world.sent.borrow().is_empty());
}

#[test]
fn money_on_its_way_is_waited_for() {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    start(&world, &policy).unwrap().unwrap();
    let used = world::method("pm_old");
    world.questions.borrow_mut().insert(invoice("in_0"), (Question::Answered, used));
    let answer = complete(&world, &policy, "in_0").unwrap().unwrap();
    assert_eq!(answer.state, RecoveryState::Pending);
    assert_eq!(start(&world, &policy), Some(Err(ServiceError::NothingWaits)), "no second charge");
    assert_eq!(keys(&world).len(), 1);
    let wake = world.account.borrow().as_ref().unwrap().next_wake().unwrap();
    assert!(wake.since_ms(world::now()) <= 60_000, "the alarm asks soon: {wake:?}");
    world.invoices.borrow_mut().get_mut(&invoice("in_0")).unwrap().status = InvoiceStatus::Paid;
    world::sleep_until(wake);
    run(service(&world, &policy).wake()).unwrap().unwrap();
    assert_eq!(status(&world, &policy).state, RecoveryState::Recovered);
}

#[test]
fn several_invoices_are_confirmed_one_after_the_other() {
    let policy = Policy::default();
    let world = waiting(3, &policy);
    for id in ["in_0", "in_1", "in_2"] {
        assert_eq!(start(&world, &policy), Some(Ok(invoice(id))));
        assert!(world.answer_the_bank(&invoice(id), true));
        complete(&world, &policy, id).unwrap().unwrap();
    }
    assert_eq!(status(&world, &policy).state, RecoveryState::Recovered);
    assert_eq!((world.captured.borrow().len(), keys(&world).len()), (3, 3));
}

#[test]
fn a_new_card_that_the_bank_asks_about_is_handed_off_at_once() {
    let policy = Policy::default();
    let world = World::with_open_invoices(2);
    world.asks.borrow_mut().insert(world::method("pm_new"));
    let setup = world.finished_setup("seti_1", "pm_new");
    let answer = run(service(&world, &policy).complete_method(&setup)).unwrap().unwrap();
    assert_eq!(answer.remedy, Some(Remedy::Authenticate));
    let sent = keys(&world);
    for id in ["in_0", "in_1"] {
        assert_eq!(start(&world, &policy), Some(Ok(invoice(id))));
        assert!(world.answer_the_bank(&invoice(id), true));
        complete(&world, &policy, id).unwrap().unwrap();
    }
    assert_eq!(keys(&world), sent, "the charges of the update were handed off, no others");
    assert_eq!(status(&world, &policy).state, RecoveryState::Recovered);
}

/// From the first press of the button to the thanks, with the bank in between.
fn journey(world: &World, policy: &Policy) {
    if start(world, policy).is_none() {
        return;
    }
    world.answer_the_bank(&invoice("in_0"), true);
    let _ = complete(world, policy, "in_0");
}

fn points() -> usize {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    let before = world.points.get();
    journey(&world, &policy);
    world.points.get() - before
}

fn after_a_break(world: &World, policy: &Policy, what: &str) {
    let_alarms_ring(world, policy);
    // Whoever sees no success presses the button again.
    journey(world, policy);
    let_alarms_ring(world, policy);
    assert_eq!(*world.captured.borrow(), [(invoice("in_0"), 1_900)], "{what}");
    assert_eq!(status(world, policy).state, RecoveryState::Recovered, "{what}");
    assert!(keys(world).len() <= 2, "{what}: {:?}", keys(world));
}

#[test]
fn killed_anywhere_the_invoice_is_paid_once_and_nothing_is_left() {
    let policy = Policy::default();
    let points = points();
    assert!(points >= 7, "the journey has {points} points");
    for number in 0..points {
        for death in [Death::Before, Death::After] {
            let world = waiting(1, &policy);
            let death = death(world.points.get() + number);
            world.death.set(death);
            journey(&world, &policy);
            world.death.set(Death::Never);
            after_a_break(&world, &policy, &format!("{death:?}"));
        }
    }
}

#[test]
fn an_answer_lost_anywhere_charges_once() {
    let policy = Policy::default();
    for number in 0..points() {
        for happened in [false, true] {
            let world = waiting(1, &policy);
            let point = world.points.get() + number;
            world.lost_answers.borrow_mut().insert(point, happened);
            journey(&world, &policy);
            after_a_break(&world, &policy, &format!("answer {number} lost: {happened}"));
        }
    }
}

#[test]
fn dead_between_hand_off_and_return_the_alarm_finds_the_money() {
    let policy = Policy::default();
    let world = waiting(1, &policy);
    start(&world, &policy).unwrap().unwrap();
    world.answer_the_bank(&invoice("in_0"), true);
    // The tab is closed and the webhook is lost.
    let day = Timestamp::from_ms(world::now().as_ms() + DAY_MS);
    while status(&world, &policy).state == RecoveryState::ActionNeeded {
        let wake = world.account.borrow().as_ref().unwrap().next_wake().unwrap();
        assert!(wake <= day, "the invoice is read within a day");
        world::sleep_until(wake);
        run(service(&world, &policy).wake()).unwrap().unwrap();
    }
    assert_eq!(status(&world, &policy).state, RecoveryState::Recovered);
}

#[test]
fn two_tabs_at_once_make_one_attempt() {
    let policy = Policy::default();
    for number in 0..points() {
        let world = waiting(1, &policy);
        // The first tab waits for the provider while the second one runs through.
        world.death.set(Death::Before(world.points.get() + number));
        let service = service(&world, &policy);
        let mut first = Box::pin(service.start_authentication(None));
        let _ = first.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        world.death.set(Death::Never);
        let second = start(&world, &policy).unwrap();
        drop(first);
        let_alarms_ring(&world, &policy);
        assert_eq!(keys(&world).len(), 1, "first tab at {number}: {second:?}");
        assert!(world.captured.borrow().is_empty());
    }
}
