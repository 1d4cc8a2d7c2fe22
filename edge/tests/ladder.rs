//! Our ladder drives, through the service: a decline by event, readings, attempts with their
//! decisions, and what they teach.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop where they break"
)]
#![allow(dead_code, reason = "the world is shared with other tests")]

mod world;

use reprieve_core::account::Account;
use reprieve_core::case::{CaseState, JournalEntry, Trigger};
use reprieve_core::policy::settings::{HourWindow, Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::retry::RetryDecision;
use reprieve_core::time::DAY_MS;
use reprieve_core::timing::TimingModel;
use reprieve_edge::durable::projection::{AccountProjection, LessonProjection};
use reprieve_edge::durable::store::SeenEvent;
use std::sync::Arc;
use world::{World, finish, service};

/// More alarms than a ladder of two rungs can need in two weeks, with a reading a day.
const ALARMS_MAX: usize = 60;

fn policy() -> Policy {
    let mut settings = Settings::default();
    let hours = HourWindow { from: 9, to: 22 };
    settings.retry.rungs = [1, 2].map(|d| Rung { hours, ..Rung::after_ms(d * DAY_MS) }).to_vec();
    Policy::uniform(RetryDriver::Ours, settings)
}

/// The webhook of a failed renewal, and every alarm until nothing is planned any more.
fn a_renewal_fails(world: &World, policy: &Policy) {
    let invoice = serde_json::json!({
        "id": "in_0", "object": "invoice", "customer": "cus_1", "status": "open",
        "amount_remaining": 1_900, "currency": "eur", "attempt_count": 1,
        "parent": { "subscription_details": { "subscription": "sub_0" } },
    });
    let event = serde_json::json!({
        "id": "evt_1", "object": "event", "type": "invoice.payment_failed", "livemode": false,
        "created": world::now().as_ms() / 1_000, "data": { "object": invoice },
    });
    let seen = SeenEvent {
        id: reprieve_core::id::EventId::parse("evt_1").unwrap(),
        kind: "invoice.payment_failed".to_owned(),
        raw: event.to_string(),
    };
    service(world, policy).ingest(seen).expect("the event is taken in");
    for _ in 0..ALARMS_MAX {
        let account: Account = world.account.borrow().clone().expect("an account");
        let planned = |state| matches!(state, CaseState::Scheduled | CaseState::Attempting);
        if !account.open_cases().any(|case| planned(case.state)) {
            return;
        }
        world::sleep_until(account.next_wake().expect("an open case has a wake"));
        finish(service(world, policy).wake()).expect("nothing fails");
    }
    panic!("the ladder does not end");
}

fn decisions(world: &World) -> Vec<RetryDecision> {
    let journal = world.journal.borrow();
    let started = journal.iter().filter_map(|entry| match entry {
        JournalEntry::AttemptStarted { attempt, .. } => {
            assert_eq!(attempt.trigger, Trigger::Schedule);
            attempt.decision.as_deref().cloned()
        }
        _ => None,
    });
    started.collect()
}

fn lessons(world: &World) -> Vec<LessonProjection> {
    let outbox = world.outbox.borrow();
    let messages = outbox.iter().map(|text| serde_json::from_str::<AccountProjection>(text));
    messages.flat_map(|message| message.unwrap().lessons).collect()
}

#[test]
fn each_attempt_is_stored_with_its_decision_and_teaches_once() {
    let (world, policy) = (World::with_open_invoices(1), policy());
    world.declines.borrow_mut().insert(world::method("pm_old"), "card_declined".to_owned());
    a_renewal_fails(&world, &policy);
    let decisions = decisions(&world);
    assert_eq!(decisions.len(), 2, "two rungs, two attempts");
    for (decision, left) in decisions.iter().zip([2, 1]) {
        assert_eq!(decision.rungs_left, left);
        let hour = decision.at.unwrap().as_ms() / 3_600_000 % 24;
        assert!((9..22).contains(&hour), "in the hours of the policy");
        assert!(
            decision.sentence(&reprieve_core::calendar::Zone::utc()).starts_with("Tries again")
        );
    }
    let lessons = lessons(&world);
    let told: Vec<(u32, bool)> = lessons.iter().map(|l| (l.number, l.is_success)).collect();
    assert_eq!(told, [(1, false), (2, false)], "each attempt teaches once");
    assert!(world.captured.borrow().is_empty());
}

#[test]
fn a_success_is_a_lesson_too_and_lessons_make_a_model() {
    let (world, policy) = (World::with_open_invoices(1), policy());
    world.declines.borrow_mut().clear();
    a_renewal_fails(&world, &policy);
    assert_eq!(world.captured.borrow().len(), 1);
    let lessons = lessons(&world);
    assert_eq!(lessons.len(), 1);
    assert!(lessons[0].is_success);
    let mut model = TimingModel::new();
    for lesson in &lessons {
        model.learn(&lesson.timing.features, lesson.is_success);
    }
    assert_eq!((model.outcomes(), model.successes()), (1, 1));
    let informed = policy.clone().informed_by(Arc::new(model));
    assert_eq!(informed.timing().map(TimingModel::outcomes), Some(1));
}
