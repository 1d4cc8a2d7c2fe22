//! What a provider can, and what it does by itself, decides what the Account does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::status::RecoveryState;
use reprieve_core::cancel::{Answer, CancelKind, Reason, Step};
use reprieve_core::id::{CancellationId, InvoiceId};
use reprieve_core::policy::segment::Interval;
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{Life, PauseAbility, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS, SECOND_MS, Timestamp};
use reprieve_edge::durable::binding::AskedFrom;
use reprieve_edge::durable::effects::RACE_BEFORE_MS;
use reprieve_edge::durable::leaving::Leave;
use reprieve_edge::log;
use reprieve_edge::provider::Capabilities;
use world::{ABLE, World, finish, service};

const WARNING: &str = "our ladder drives and the provider's retries are on";

fn in_0() -> InvoiceId {
    InvoiceId::parse("in_0").unwrap()
}

/// A customer with one unpaid renewal, which the provider tries again at a time.
fn owing(can: Capabilities, next_attempt_at: Option<Timestamp>, policy: &Policy) -> World {
    let world = World::with_open_invoices(1);
    world.can.set(can);
    world.invoices.borrow_mut().get_mut(&in_0()).unwrap().next_attempt_at = next_attempt_at;
    finish(service(&world, policy).observe(in_0())).unwrap();
    world
}

/// The alarm rings whenever it wants to, for so long.
fn let_pass(world: &World, policy: &Policy, ms: i64) {
    let until = world::now().plus_ms(ms);
    for _ in 0..20 {
        let next = world.account.borrow().as_ref().and_then(|account| account.next_wake());
        let Some(at) = next.filter(|at| *at <= until) else { break };
        world::sleep_until(at);
        finish(service(world, policy).wake()).unwrap();
    }
    world::sleep_until(until);
}

#[test]
fn only_a_provider_with_a_schedule_of_its_own_is_waited_for() {
    let policy = Policy::default();
    for owns_retry in [true, false] {
        let soon = world::now().plus_ms(RACE_BEFORE_MS - SECOND_MS);
        let world = owing(Capabilities { owns_retry, ..ABLE }, Some(soon), &policy);
        world.declines.borrow_mut().clear();
        finish(service(&world, &policy).retry()).unwrap();
        assert_eq!(world.captured.borrow().len(), usize::from(!owns_retry), "{owns_retry}");
        world.invoices.borrow_mut().get_mut(&in_0()).unwrap().next_attempt_at = None;
        let_pass(&world, &policy, HOUR_MS);
        assert_eq!(world.captured.borrow().len(), 1, "{owns_retry}: in the end it is paid once");
    }
}

#[test]
fn a_provider_that_collects_with_a_new_card_is_not_helped() {
    let policy = Policy::default();
    for update_collects in [false, true] {
        let world = owing(Capabilities { update_collects, ..ABLE }, None, &policy);
        let setup = world.finished_setup("seti_1", "pm_new");
        let status = finish(service(&world, &policy).complete_method(&setup)).unwrap();
        assert_eq!(status.state, RecoveryState::Recovered, "{update_collects}");
        assert_eq!(world.captured.borrow().len(), 1, "{update_collects}");
        assert_eq!(world.attempts.get(), usize::from(!update_collects), "who asked the bank");
    }
}

/// It said that it collects and did not, or its bank said no: what it leaves open is ours.
#[test]
fn what_such_a_provider_leaves_open_is_charged_a_moment_later() {
    let policy = Policy::default();
    let world = owing(Capabilities { update_collects: true, ..ABLE }, None, &policy);
    world.declines.borrow_mut().insert(world::method("pm_new"), "processing_error".to_owned());
    let setup = world.finished_setup("seti_1", "pm_new");
    finish(service(&world, &policy).complete_method(&setup)).unwrap();
    assert_eq!(world.attempts.get(), 0, "it has its moment");
    world.declines.borrow_mut().clear();
    let_pass(&world, &policy, HOUR_MS);
    assert!(world.is_paid("in_0"));
    assert_eq!((world.attempts.get(), world.captured.borrow().len()), (1, 1));
}

/// The names of the offers that somebody sees who wants to leave.
fn offers(pause: PauseAbility) -> Vec<String> {
    let policy = Policy::default();
    let world = World::with_open_invoices(1);
    world.can.set(Capabilities { pause, ..ABLE });
    world.invoices.borrow_mut().clear();
    for fact in world.subscriptions.borrow_mut().values_mut() {
        fact.status = SubscriptionStatus::Active;
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
    let wanted = Leave {
        subscription: None,
        kind: CancelKind::Ordinary,
        from: AskedFrom { country: Some("TR".to_owned()), region: None },
    };
    let view = finish(service(&world, &policy).leave(wanted)).unwrap();
    let id = CancellationId::parse(&view.id).unwrap();
    let said = (Step::Survey, Answer::Reason(Some(Reason::Unused)));
    let view = finish(service(&world, &policy).answer(&id, said)).unwrap();
    view.offers.into_iter().map(|offer| offer.name).collect()
}

#[test]
fn a_pause_is_offered_where_the_provider_has_one() {
    let paused = |pause| offers(pause).iter().any(|name| name.contains("pause"));
    assert!(paused(PauseAbility::Service));
    assert!(paused(PauseAbility::Collection));
    assert!(!paused(PauseAbility::None), "whatever the subscription says of itself");
}

#[test]
fn two_schedules_on_one_invoice_are_warned_of() {
    let later = world::now().plus_ms(3 * DAY_MS);
    for (driver, planned, warned) in [
        (RetryDriver::Ours, Some(later), true),
        (RetryDriver::Ours, None, false),
        (RetryDriver::Provider, Some(later), false),
    ] {
        log::taken();
        let policy = Policy::default().driven_by(driver);
        owing(ABLE, planned, &policy);
        let lines = log::taken();
        let of_it: Vec<_> = lines.iter().filter(|line| line.contains(WARNING)).collect();
        assert_eq!(!of_it.is_empty(), warned, "{driver:?} {planned:?}: {lines:?}");
        let names = |line: &&String| line.contains("\"in_0\"") && line.contains("\"cus_1\"");
        assert!(of_it.iter().all(names), "{of_it:?}");
    }
}
