//! People who pause.

use super::*;
use reprieve_core::api::status::AccessLevel;
use reprieve_core::grace;
use reprieve_core::provider::PauseAbility;

const RESUMED: &str = "in_1 pm_old* no, in_1 pm_old yes";

fn paused(driver: RetryDriver) -> Story {
    let mut s = Story::of(driver);
    s.on(3, "10:00").comes_to_the_offers().takes("pause").then("kept kept");
    s
}

#[test]
fn one_period_is_left_out_and_the_next_is_charged() {
    let mut s = paused(RetryDriver::Provider);
    s.asked(&["pause sub_1"]);
    s.takes("pause").asked(&["pause sub_1"]);
    let view = view::subscriptions(&s.d.account, None, s.d.now, &s.d.policy);
    let run = view.subscriptions[0].pause.clone().unwrap();
    assert_eq!(run.resumes_at_ms, at(59, "23:00").as_ms());
    assert_eq!(run.first_charge_at_ms, Some(at(60, "00:00").as_ms()));
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00")).d.the_bank_saw("");
    // The provider goes on by itself; it is asked all the same.
    s.on(59, "23:30").asked(&["pause sub_1", "resume sub_1"]);
    s.on(60, "00:00").the_period_ends("in_3", at(90, "00:00"));
    s.d.the_bank_saw("in_3 pm_old* yes");
    assert!(s.d.account.leaving.pauses.is_empty());
}

#[test]
fn access_ends_with_what_is_paid_and_comes_back_with_the_pause_s_end() {
    let mut s = paused(RetryDriver::Provider);
    let level = |s: &Story| grace::of(&s.d.account, s.d.now, &s.d.policy);
    assert_eq!(level(&s).level, AccessLevel::Full);
    assert_eq!(level(&s).next.map(|change| change.at), Some(at(29, "00:00")));
    s.on(29, "00:00");
    assert_eq!((level(&s).level, level(&s).rule.0), (AccessLevel::Restricted, "access.paused"));
    s.on(59, "23:30");
    assert_eq!(level(&s).level, AccessLevel::Full);
}

#[test]
fn the_customer_is_told_before_it_ends_once() {
    let mut s = paused(RetryDriver::Provider);
    s.on(56, "22:59");
    let event = Event::WakeReached;
    assert_eq!(s.told(&event), []);
    s.d.now = at(56, "23:00");
    let notice = CancelNotice::PauseEnding {
        subscription: subscription_id("sub_1"),
        resumes_at: at(59, "23:00"),
        first_charge_at: Some(at(60, "00:00")),
    };
    assert_eq!(s.told(&event), [notice]);
    s.on(56, "23:00");
    s.d.now = at(58, "00:00");
    assert_eq!(s.told(&event), []);
}

#[test]
fn it_can_be_ended_early_and_extended_once() {
    let subscription = subscription_id("sub_1");
    let extended = || CancelEvent::PauseExtended { subscription: subscription_id("sub_1") };
    let mut s = paused(RetryDriver::Provider);
    s.on(40, "10:00").tell(extended()).tell(CancelEvent::ActUnknown { key: s_key("never sent") });
    let run = s.d.account.leaving.pauses[&subscription].clone();
    // 1 February, less the hour ahead of the renewal.
    assert_eq!((run.terms.resumes_at, run.extensions), (at(90, "23:00"), 1));
    assert_eq!(run.terms.first_charge_at, Some(at(91, "00:00")));
    assert_eq!(s.refused(extended()), CancelError::WrongStep, "once");
    s.on(60, "00:00").asked(&["pause sub_1", "pause sub_1"]);
    let resumed = CancelEvent::ResumeRequested { subscription: subscription.clone() };
    s.tell(resumed.clone()).asked(&["pause sub_1", "pause sub_1", "resume sub_1"]);
    assert!(s.d.account.leaving.pauses.is_empty());
    assert_eq!(s.refused(resumed), CancelError::NotPaused);
    assert_eq!(s.refused(extended()), CancelError::NotPaused);
}

fn s_key(text: &str) -> reprieve_core::idempotency::IdempotencyKey {
    serde_json::from_value(serde_json::Value::from(text)).unwrap()
}

#[test]
fn a_case_rests_through_the_pause_and_is_collected_after_it() {
    for driver in [RetryDriver::Provider, RetryDriver::Ours] {
        let mut s = Story::of(driver);
        s.on(0, "09:00").the_renewal_fails("insufficient_funds");
        s.on(0, "12:00").comes_to_the_offers().takes("pause").then("kept kept");
        s.d.then("in_1 suspended | clear, warn");
        assert!(s.is_held("in_1"));
        s.on(40, "00:00").d.the_bank_saw("in_1 pm_old* no");
        s.d.card("pm_old", &[Verdict::Approve]);
        s.on(59, "23:30");
        assert!(!s.is_held("in_1"));
        if driver == RetryDriver::Ours {
            s.on(64, "00:00").d.the_bank_saw("in_1 pm_old* no");
            // Our ladder stops 30 days after the first failure; the customer can pay by hand.
            s.d.the_customer_retries();
        } else {
            s.d.the_customer_retries();
        }
        s.d.the_bank_saw(RESUMED);
    }
}

#[test]
fn a_pause_accepted_while_a_charge_is_in_flight_waits_for_it_and_charges_nothing_after() {
    use support::shell::Wire;
    // It arrived and its answer was lost; it never arrived; the process died.
    for wire in [Wire::LostAfter, Wire::LostBefore, Wire::CrashBefore, Wire::CrashAfter] {
        for driver in [RetryDriver::Provider, RetryDriver::Ours] {
            let mut s = Story::of(driver);
            s.on(0, "09:00").the_renewal_fails("insufficient_funds");
            let out = [wire, Wire::LostBefore, Wire::LostBefore];
            s.on(0, "12:00").d.next_charges(&out).the_customer_retries();
            s.comes_to_the_offers().takes("pause").then("kept kept");
            let reached = wire.arrives();
            let seen = if reached { "in_1 pm_old* no, in_1 pm_old no" } else { "in_1 pm_old* no" };
            s.on(2, "12:00").d.then("in_1 suspended | clear, warn").the_bank_saw(seen);
            s.on(20, "12:00").d.the_bank_saw(seen);
        }
    }
}

#[test]
fn the_first_charge_after_a_pause_may_fail_like_any_other() {
    let mut s = paused(RetryDriver::Ours);
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00"));
    s.on(59, "23:30");
    s.d.card("pm_old", &[Verdict::Decline("insufficient_funds"), Verdict::Approve]);
    s.on(60, "00:00").the_period_ends("in_3", at(90, "00:00"));
    s.d.then("in_3 scheduled | action_needed, warn | wait, insufficient_funds");
    s.on(61, "12:00").d.the_bank_saw("in_3 pm_old* no, in_3 pm_old yes");
}

#[test]
fn a_subscription_that_rests_itself_is_paused_at_once_and_charged_when_it_resumes() {
    let mut s = Story::of(RetryDriver::Provider);
    s.set_life(|life| life.can_pause = PauseAbility::Service);
    s.see().on(3, "10:00").comes_to_the_offers().takes("pause").then("kept kept");
    let run = s.d.account.leaving.pauses[&subscription_id("sub_1")].clone();
    // One month from now: 5 December.
    assert_eq!(
        (run.terms.access_until, run.terms.resumes_at),
        (Some(at(3, "10:00")), at(33, "10:00"))
    );
    s.on(33, "10:00").asked(&["pause sub_1", "resume sub_1"]);
    let known = &s.d.account.subscriptions[&subscription_id("sub_1")];
    assert_eq!(known.status, SubscriptionStatus::Active);
    // Who rests and leaves is gone at once: what rests has no period that ends.
    let mut s = Story::of(RetryDriver::Provider);
    s.set_life(|life| life.can_pause = PauseAbility::Service);
    s.see().on(3, "10:00").comes_to_the_offers().takes("pause").then("kept kept");
    s.on(20, "10:00").begins().confirms().then("ended done");
    s.asked(&["pause sub_1", "cancel_now sub_1"]);
}

#[test]
fn after_its_end_the_subscription_itself_is_read() {
    use reprieve_core::case::Effect;
    for ability in [PauseAbility::Collection, PauseAbility::Service] {
        let mut s = Story::of(RetryDriver::Provider);
        s.set_life(|life| life.can_pause = ability);
        s.see().on(3, "10:00").comes_to_the_offers().takes("pause").then("kept kept");
        let subscription = subscription_id("sub_1");
        s.on(10, "10:00");
        let resumed = Event::Cancel(CancelEvent::ResumeRequested { subscription });
        let effects = s.d.take(&resumed);
        let [Effect::Act { act }] = effects.as_slice() else { panic!("{effects:?}") };
        let key = act.key.clone();
        let outcome = reprieve_core::cancel::ActOutcome::Done;
        let effects = s.d.take(&Event::Cancel(CancelEvent::ActFinished { key, outcome }));
        assert_eq!(effects, [Effect::ReadSubscriptions]);
        assert!(!s.d.account.rests(Some(&subscription_id("sub_1"))));
        // Stripe said yes and did not do it: the reading shows a pause, so nothing is charged.
        s.see();
        assert!(s.d.account.rests(Some(&subscription_id("sub_1"))), "{ability:?}");
    }
}

#[test]
fn a_pause_that_somebody_ended_elsewhere_is_over() {
    let mut s = paused(RetryDriver::Provider);
    s.set_life(|life| life.pause = None);
    s.on(10, "10:00").see();
    assert!(s.d.account.leaving.pauses.is_empty());
    s.on(70, "10:00").asked(&["pause sub_1"]);
}

#[test]
fn collection_that_somebody_paused_elsewhere_rests_too() {
    use reprieve_core::provider::{PauseKind, PauseSeen};
    let mut s = Story::of(RetryDriver::Ours);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    let pause = PauseSeen { by: PauseKind::Collection, resumes_at: None };
    s.set_life(|life| life.pause = Some(pause));
    s.see().on(10, "12:00").d.the_bank_saw("in_1 pm_old* no").then("in_1 suspended | clear, warn");
    s.set_life(|life| life.pause = None);
    s.d.card("pm_old", &[Verdict::Approve]);
    s.see().on(12, "12:00").d.the_bank_saw(RESUMED);
}

#[test]
fn somebody_who_paused_can_leave_and_come_back() {
    let mut s = paused(RetryDriver::Provider);
    s.on(10, "10:00").begins().then("open survey").confirms().then("canceled done");
    s.on(20, "10:00").undoes().then("undone done");
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00"));
    s.on(60, "00:00").the_period_ends("in_3", at(90, "00:00"));
    s.d.the_bank_saw("in_3 pm_old* yes");
}

/// The provider says that a pause is ended, and the subscription rests on.
#[test]
fn what_rests_on_after_its_pause_is_looked_at_and_then_told_to_a_person() {
    let resumes = CancelEvent::ResumeRequested { subscription: subscription_id("sub_1") };
    let resumed = || {
        let mut s = paused(RetryDriver::Provider);
        s.d.provider.counter.rests_on = true;
        s.on(10, "10:00").tell(resumes.clone()).asked(&["pause sub_1", "resume sub_1"]);
        assert!(s.d.account.rests(Some(&subscription_id("sub_1"))), "as it shows itself");
        s
    };
    let mut s = resumed();
    s.on(11, "17:09");
    s.d.now = at(11, "17:10");
    assert_eq!(s.d.account.next_wake(), Some(s.d.now));
    let target = "sub_1".to_owned();
    let stuck = CancelNotice::Stuck { id: s.id(), act: "resume", target, is_tried_again: false };
    assert_eq!(s.told(&Event::WakeReached), [stuck]);
    s.on(11, "18:00").asked(&["pause sub_1", "resume sub_1"]);
    assert_eq!(s.d.account.next_wake(), None, "it is a person's now");
    // It goes on an hour later, and nobody is told.
    let mut s = resumed();
    s.on(10, "11:00").set_life(|life| life.pause = None);
    s.on(10, "12:00");
    assert!(s.d.account.leaving.resumed.is_empty(), "it was looked at");
    assert!(!s.d.account.rests(Some(&subscription_id("sub_1"))));
    assert_eq!(s.d.account.next_wake(), None);
}

#[test]
fn a_day_of_the_customer_s_choice() {
    let mut s = Story::of(RetryDriver::Provider);
    let span = PauseSpan::UpTo(90 * reprieve_core::time::DAY_MS);
    let until = offer("until", 1, OfferKind::Pause { span, access: PauseAccess::On });
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![until]));
    s.comes_to_the_offers().then("open offer [\"until\"]");
    let id = s.id();
    let take = |until| CancelEvent::OfferAccepted {
        id: id.clone(),
        offer: "until".to_owned(),
        until: Some(until),
    };
    assert_eq!(s.refused(take(at(91, "00:00"))), CancelError::NotOffered, "too far away");
    assert_eq!(s.refused(take(at(0, "12:00"))), CancelError::NotOffered, "no pause at all");
    s.tell(take(at(45, "00:00"))).then("kept kept");
    let run = s.d.account.leaving.pauses[&subscription_id("sub_1")].clone();
    assert_eq!(
        (run.terms.resumes_at, run.terms.first_charge_at),
        (at(45, "00:00"), Some(at(60, "00:00")))
    );
}
