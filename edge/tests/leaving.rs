//! Leaving and staying through the service: what the provider is asked for, that nothing is charged
//! afterwards, and that no crash and no silence of the provider loses a declaration.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::cancellation::CancellationView;
use reprieve_core::api::status::RecoveryState;
use reprieve_core::cancel::act::Act;
use reprieve_core::cancel::settings::{CancelSettings, OpenInvoices};
use reprieve_core::cancel::{Answer, CancelError, CancelKind, CancelState, Step};
use reprieve_core::case::ApplyError;
use reprieve_core::id::{CancellationId, EventId, SubscriptionId};
use reprieve_core::policy::segment::Interval;
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{InvoiceStatus, Life, PauseAbility, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use reprieve_edge::durable::binding::AskedFrom;
use reprieve_edge::durable::leaving::{Leave, word};
use reprieve_edge::durable::projection::{AccountProjection, CancellationProjection};
use reprieve_edge::durable::service::ServiceError;
use reprieve_edge::durable::store::SeenEvent;
use std::task::{Context, Waker};
use world::{Death, World, run, service};

/// The most alarms until everything must have come to rest.
const ALARMS_MAX: usize = 60;

fn policy() -> Policy {
    Policy::default().driven_by(RetryDriver::Ours)
}

fn subscription(name: &str) -> SubscriptionId {
    SubscriptionId::parse(name).unwrap()
}

/// What the read model was told of cancellations, in order.
fn told_of(world: &World) -> Vec<CancellationProjection> {
    let outbox = world.outbox.borrow();
    let read = |json: &String| serde_json::from_str::<AccountProjection>(json).unwrap();
    outbox.iter().flat_map(|json| read(json).cancellations).collect()
}

fn asked_from(country: &str) -> AskedFrom {
    AskedFrom { country: Some(country.to_owned()), region: None }
}

/// A customer with so many subscriptions whose renewals failed, told by events.
fn past_due(count: u32, policy: &Policy) -> World {
    let world = World::with_open_invoices(count);
    for fact in world.subscriptions.borrow_mut().values_mut() {
        fact.interval = Some(Interval::Month);
        fact.life = Some(Life {
            started_at: Some(world::now().plus_ms(-400 * DAY_MS)),
            period_started_at: Some(world::now().plus_ms(-DAY_MS)),
            period_ends_at: Some(world::now().plus_ms(29 * DAY_MS)),
            can_pause: PauseAbility::Service,
            items_count: Some(1),
            discounts_count: Some(0),
            ..Life::default()
        });
    }
    for number in 0..count {
        let raw = serde_json::json!({
            "id": format!("evt_{number}"), "object": "event", "type": "invoice.payment_failed",
            "created": 1_800_000_000, "livemode": false,
            "data": { "object": {
                "id": format!("in_{number}"), "object": "invoice", "customer": "cus_1",
                "status": "open", "amount_remaining": 1_900, "currency": "eur",
                "attempt_count": 1,
                "parent": {"type": "subscription_details",
                    "subscription_details": {"subscription": format!("sub_{number}")}},
            }}
        });
        let id = EventId::parse(&format!("evt_{number}")).unwrap();
        let kind = "invoice.payment_failed".to_owned();
        let told = SeenEvent { id, kind, raw: raw.to_string() };
        service(&world, policy).ingest(told).unwrap();
    }
    world
}

/// The same customers, all in good standing.
fn in_good_standing(count: u32, policy: &Policy) -> World {
    let world = past_due(count, policy);
    world.invoices.borrow_mut().clear();
    *world.account.borrow_mut() = None;
    world
}

fn leave(
    world: &World,
    policy: &Policy,
    name: Option<&str>,
) -> Option<Result<CancellationView, ServiceError>> {
    run(service(world, policy).leave(Leave {
        subscription: name.map(subscription),
        kind: CancelKind::Ordinary,
        from: asked_from("FR"),
    }))
}

fn id(view: &CancellationView) -> CancellationId {
    CancellationId::parse(&view.id).unwrap()
}

fn confirm(world: &World, policy: &Policy, of: &CancellationId) -> Option<CancellationView> {
    run(service(world, policy).confirm(of)).map(|view| view.expect("nobody is kept"))
}

fn let_time_pass(world: &World, policy: &Policy, until: Timestamp) {
    for _ in 0..ALARMS_MAX {
        let next = world.account.borrow().as_ref().and_then(|account| account.next_wake());
        let Some(at) = next.filter(|at| *at <= until) else { break };
        world::sleep_until(at);
        world.reach(world::now());
        run(service(world, policy).wake()).expect("nothing dies now").expect("nothing fails now");
    }
    world::sleep_until(until);
    world.reach(world::now());
}

fn kinds(world: &World) -> Vec<&'static str> {
    world.acts.borrow().iter().map(Act::as_str).collect()
}

#[test]
fn whoever_is_past_due_leaves_at_once_and_is_never_charged_again() {
    let policy = policy();
    let world = past_due(1, &policy);
    world.country.set(Some("DE"));
    let view = leave(&world, &policy, None).unwrap().unwrap();
    assert_eq!((view.profile.jurisdiction.as_str(), view.step.as_str()), ("de", "confirm"));
    assert!(view.offers.is_empty(), "straight to the confirmation");
    let view = confirm(&world, &policy, &id(&view)).unwrap();
    assert_eq!(view.step, "done");
    assert!(view.receipt.is_some_and(|receipt| receipt.lines.len() >= 4));
    let status = world.subscriptions.borrow()[&subscription("sub_0")].status;
    assert_eq!(status, SubscriptionStatus::Ended);
    let_time_pass(&world, &policy, world::now().plus_ms(40 * DAY_MS));
    assert!(world.invoices.borrow().values().all(|fact| fact.status == InvoiceStatus::Void));
    assert_eq!((world.captured.borrow().len(), world.attempts.get()), (0, 0));
    let told: String = world.outbox.borrow().concat();
    for notice in ["receipt", "win_back"] {
        assert!(told.contains(&format!(r#""kind":"{notice}""#)), "{notice}");
    }
}

/// With invoices that are kept: they stay in the books, and nobody collects them.
#[test]
fn what_is_kept_is_not_collected() {
    let keep = CancelSettings { open_invoices: OpenInvoices::Keep, ..CancelSettings::default() };
    let policy = policy().letting_go(keep);
    let world = past_due(1, &policy);
    let view = leave(&world, &policy, None).unwrap().unwrap();
    confirm(&world, &policy, &id(&view)).unwrap();
    let_time_pass(&world, &policy, world::now().plus_ms(40 * DAY_MS));
    assert!(world.invoices.borrow().values().all(|fact| fact.status == InvoiceStatus::Open));
    assert_eq!((world.captured.borrow().len(), world.attempts.get()), (0, 0));
    assert_eq!(kinds(&world), ["cancel_now", "hold"], "it is held and not made void");
    let status = service(&world, &policy).status().unwrap();
    assert_eq!((status.state, status.amount_due), (RecoveryState::Clear, None), "nobody asks");
}

/// Day after day on the service's own clock: peace for the stated days, and then not for ever.
#[test]
fn after_a_refusal_no_offer_is_shown_for_the_stated_days() {
    let policy = policy();
    let world = in_good_standing(1, &policy);
    let shown_on = |world: &World| {
        let view = leave(world, &policy, Some("sub_0")).unwrap().unwrap();
        let answer = (Step::Survey, Answer::Reason(None));
        let view = run(service(world, &policy).answer(&id(&view), answer)).unwrap().unwrap();
        let stay = (word(&view.step).unwrap(), Answer::Stay);
        run(service(world, &policy).answer(&id(&view), stay)).unwrap().unwrap();
        !view.offers.is_empty()
    };
    let mut days = Vec::new();
    for day in 0..=31 {
        for fact in world.subscriptions.borrow_mut().values_mut() {
            let life = fact.life.as_mut().unwrap();
            life.period_ends_at = Some(world::now().plus_ms(20 * DAY_MS));
        }
        if shown_on(&world) {
            days.push(day);
        }
        let_time_pass(&world, &policy, world::now().plus_ms(DAY_MS));
    }
    assert_eq!(days, [0, 30]);
}

#[test]
fn whoever_is_in_good_standing_leaves_with_the_period_and_may_come_back() {
    let policy = policy();
    let world = in_good_standing(1, &policy);
    let view = leave(&world, &policy, Some("sub_0")).unwrap().unwrap();
    assert_eq!((view.profile.jurisdiction.as_str(), view.step.as_str()), ("eu", "survey"));
    let of = id(&view);
    let again = leave(&world, &policy, None).unwrap().unwrap();
    assert_eq!(again.id, view.id, "the same cancellation goes on");
    let view = confirm(&world, &policy, &of).unwrap();
    let period_ends_at = world::now().plus_ms(29 * DAY_MS);
    assert_eq!(view.effective_at_ms, period_ends_at.as_ms());
    assert_eq!(view.undo_until_ms, Some(period_ends_at.as_ms()));
    assert_eq!(kinds(&world), ["cancel_at_period_end"]);
    let view = run(service(&world, &policy).undo(&of)).unwrap().unwrap();
    assert_eq!(view.state, "undone");
    let life = world.subscriptions.borrow()[&subscription("sub_0")].life.clone().unwrap();
    assert_eq!(life.ends_at, None);
    let error = run(service(&world, &policy).undo(&CancellationId::parse("ccl_x").unwrap()));
    let unknown = ServiceError::from(CancelError::NoSuchCancellation);
    assert_eq!(error.unwrap().unwrap_err(), unknown);
}

#[test]
fn of_several_subscriptions_one_is_named_and_the_other_goes_on() {
    let policy = policy();
    let world = past_due(2, &policy);
    let error = leave(&world, &policy, None).unwrap().unwrap_err();
    assert_eq!(error, CancelError::ChooseSubscription.into());
    let error = leave(&world, &policy, Some("sub_9")).unwrap().unwrap_err();
    assert_eq!(error, ServiceError::Apply(ApplyError::Cancel(CancelError::NoSuchSubscription)));
    let view = leave(&world, &policy, Some("sub_1")).unwrap().unwrap();
    confirm(&world, &policy, &id(&view)).unwrap();
    let setup = world.finished_setup("seti_1", "pm_new");
    run(service(&world, &policy).complete_method(&setup)).unwrap().unwrap();
    let_time_pass(&world, &policy, world::now().plus_ms(40 * DAY_MS));
    let subscriptions = world.subscriptions.borrow();
    assert_eq!(subscriptions[&subscription("sub_1")].status, SubscriptionStatus::Ended);
    assert_ne!(subscriptions[&subscription("sub_0")].status, SubscriptionStatus::Ended);
    let paid: Vec<_> = world.captured.borrow().iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(paid, ["in_0"], "a new card pays what is not left");
}

#[test]
fn a_silent_provider_keeps_nobody() {
    let policy = policy();
    let world = past_due(1, &policy);
    run(service(&world, &policy).wake()).unwrap().unwrap();
    let lost = (0..2_000).map(|point| (point, false));
    world.lost_answers.borrow_mut().extend(lost);
    let view = leave(&world, &policy, Some("sub_0")).unwrap().unwrap();
    let view = confirm(&world, &policy, &id(&view)).unwrap();
    assert_eq!((view.state.as_str(), view.step.as_str()), ("canceling", "done"));
    assert!(view.receipt.is_some(), "it was received, whatever the provider does");
    world.lost_answers.borrow_mut().clear();
    let_time_pass(&world, &policy, world::now().plus_ms(3 * DAY_MS));
    let status = world.subscriptions.borrow()[&subscription("sub_0")].status;
    assert_eq!(status, SubscriptionStatus::Ended);
    assert_eq!(world.attempts.get(), 0);
}

#[test]
fn an_offer_that_fails_does_not_stand_in_the_way() {
    let policy = policy();
    let world = in_good_standing(1, &policy);
    world.refused_acts.borrow_mut().insert("pause");
    let view = leave(&world, &policy, Some("sub_0")).unwrap().unwrap();
    let of = id(&view);
    let answer = (Step::Survey, Answer::Reason(None));
    let view = run(service(&world, &policy).answer(&of, answer)).unwrap().unwrap();
    let Some(offer) = view.offers.first() else {
        panic!("there is an offer for this customer: {view:?}");
    };
    let name = offer.name.clone();
    let view = run(service(&world, &policy).accept_offer(&of, name.clone(), None));
    let view = view.unwrap().unwrap();
    assert_eq!((view.failed_offer, view.state.as_str()), (Some(name), "open"));
    assert_eq!(confirm(&world, &policy, &of).unwrap().state, "canceled");
}

/// The customer accepts a pause while a charge is on its way of which nobody knows the end.
#[test]
fn a_pause_charges_nothing_afterwards_and_ends_by_itself() {
    let policy = policy();
    let world = past_due(1, &policy);
    let view = leave(&world, &policy, Some("sub_0")).unwrap().unwrap();
    let of = id(&view);
    let answer = (Step::Survey, Answer::Reason(None));
    let view = run(service(&world, &policy).answer(&of, answer)).unwrap().unwrap();
    let name = view.offers.first().expect("an offer").name.clone();
    // Our own attempt is lost before it arrives.
    world.troubles.borrow_mut().push_back(world::Trouble::LostBefore);
    run(service(&world, &policy).retry()).unwrap().unwrap();
    let view = run(service(&world, &policy).accept_offer(&of, name, None)).unwrap().unwrap();
    assert_eq!(view.state, "kept");
    let paused = run(service(&world, &policy).subscriptions(&asked_from("FR"))).unwrap().unwrap();
    let pause = paused.subscriptions[0].pause.clone().expect("it rests");
    let_time_pass(&world, &policy, Timestamp::from_ms(pause.resumes_at_ms).plus_ms(-HOUR_MS));
    assert_eq!(world.attempts.get(), 0, "nothing reached the bank");
    let told: String = world.outbox.borrow().concat();
    assert!(told.contains(r#""kind":"pause_ending""#), "the customer is told before it ends");
    let [first, .., last] = &told_of(&world)[..] else { panic!("{told}") };
    assert_eq!((first.state, first.accepted.as_deref()), (CancelState::Open, None));
    assert_eq!((last.state, last.accepted.as_deref()), (CancelState::Kept, Some("pause")));
    assert!(!last.held_out && !last.is_ended, "{last:?}");
    assert_eq!(last.offers.len(), 1);
    assert!(last.shown_at.is_some() && (1..=1_000_000).contains(&last.offers[0].propensity_ppm));
    let_time_pass(&world, &policy, Timestamp::from_ms(pause.resumes_at_ms).plus_ms(2 * DAY_MS));
    assert!(kinds(&world).contains(&"resume"), "{:?}", kinds(&world));
    let life = world.subscriptions.borrow()[&subscription("sub_0")].life.clone().unwrap();
    assert_eq!(life.pause, None);
}

/// The customer leaves while the live invoice is read, a moment before the charge would be sent.
#[test]
fn a_charge_is_withheld_up_to_the_last_moment() {
    let policy = policy();
    let mut withheld = 0;
    for wait in 0..20 {
        let world = past_due(1, &policy);
        run(service(&world, &policy).wake()).unwrap().unwrap();
        let view = leave(&world, &policy, Some("sub_0")).unwrap().unwrap();
        let of = id(&view);
        world.slow_at.set(Some(world.points.get() + wait));
        let service = service(&world, &policy);
        let mut retry = Box::pin(service.retry());
        let context = &mut Context::from_waker(Waker::noop());
        if retry.as_mut().poll(context).is_ready() {
            // This point was none of the provider's.
            continue;
        }
        let before = world.attempts.get();
        confirm(&world, &policy, &of).unwrap();
        let in_flight = |world: &World| {
            let account = world.account.borrow();
            account.as_ref().unwrap().cases.values().any(|case| case.attempt.is_some())
        };
        let was_charging = in_flight(&world);
        assert!(retry.as_mut().poll(context).is_ready(), "{wait}");
        assert_eq!(
            world.attempts.get(),
            before,
            "{wait}: nothing is charged after the declaration"
        );
        assert!(!in_flight(&world), "{wait}: nothing is left hanging");
        withheld += u32::from(was_charging);
        let_time_pass(&world, &policy, world::now().plus_ms(2 * DAY_MS));
        assert_eq!(world.attempts.get(), before, "{wait}: nor later");
    }
    assert!(withheld > 0, "the race was met");
}

/// Wherever the process dies between the declaration and its end: the subscription ends, once, and
/// nothing is charged.
#[test]
fn a_declaration_survives_every_crash() {
    let policy = policy();
    let mut deaths = 0;
    for number in 0..ALARMS_MAX {
        let world = past_due(1, &policy);
        let view = leave(&world, &policy, Some("sub_0")).unwrap().unwrap();
        let of = id(&view);
        let point = world.points.get() + number / 2;
        let is_before = number % 2 == 0;
        world.death.set(if is_before { Death::Before(point) } else { Death::After(point) });
        // Storage that dies answers with an error.
        let answered = run(service(&world, &policy).confirm(&of)).and_then(Result::ok);
        world.death.set(Death::Never);
        let known = world.account.borrow().as_ref().unwrap().leaving.cancellations[&of].clone();
        if known.confirmed_at.is_none() {
            assert!(answered.is_none(), "an answer promises what is stored");
            // The customer sees no receipt and asks again.
            confirm(&world, &policy, &of).unwrap();
        }
        let_time_pass(&world, &policy, world::now().plus_ms(2 * DAY_MS));
        let status = world.subscriptions.borrow()[&subscription("sub_0")].status;
        assert_eq!(status, SubscriptionStatus::Ended, "{number}");
        assert_eq!(world.attempts.get(), 0, "{number}");
        let ends = kinds(&world).iter().filter(|kind| **kind == "cancel_now").count();
        assert!((1..=2).contains(&ends), "{number}: {:?}", kinds(&world));
        if answered.is_some() {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 3, "the declaration has several points to die at: {deaths}");
}
