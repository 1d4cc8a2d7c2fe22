//! Things that go wrong.

use super::*;
use reprieve_core::cancel::{ActOutcome, PendingAct};
use reprieve_core::case::{CaseState, Effect};
use reprieve_core::provider::Observed;
use reprieve_core::time::DAY_MS;
use support::shell::Wire;

#[test]
fn an_offer_that_the_provider_refuses_leads_to_the_door() {
    for (offer, act) in [("half", "discount"), ("pause", "pause")] {
        let mut s = Story::of(RetryDriver::Provider);
        let both = CancelSettings { offers_per_screen: 2, ..settings(vec![pause(1), half()]) };
        s.d.policy = s.d.policy.clone().letting_go(both);
        s.d.provider.counter.refuses.insert(act);
        s.comes_to_the_offers().then("open offer [\"pause\", \"half\"]");
        s.takes(offer).then(&format!("open confirm without {offer}"));
        assert!(s.d.account.leaving.pauses.is_empty() && s.d.account.leaving.taken.is_empty());
        s.confirms().then(&format!("canceled done without {offer}"));
    }
}

#[test]
fn cancelling_works_while_the_coupon_service_is_down() {
    let mut s = Story::of(RetryDriver::Provider);
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![half()]));
    s.d.provider.counter.down.insert("discount");
    s.comes_to_the_offers().takes("half").then("accepting offer");
    s.on(0, "01:00").then("accepting offer").confirms().then("canceled done");
    s.asked(&["cancel_at_period_end sub_1"]);
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00")).then("ended done");
    assert_eq!(s.d.account.next_wake(), None);
}

#[test]
fn a_cancellation_that_nobody_answers_is_asked_for_again_and_nothing_is_charged_meanwhile() {
    let mut s = Story::of(RetryDriver::Ours);
    s.d.provider.counter.down.insert("cancel_now");
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    s.on(0, "12:00").begins().confirms().then("canceling done");
    s.on(9, "12:00").then("canceling done").d.the_bank_saw("in_1 pm_old* no");
    s.d.provider.counter.down.clear();
    s.on(9, "13:30").then("ended done").d.the_bank_saw("in_1 pm_old* no");
    assert_eq!(s.status_of("in_1"), InvoiceStatus::Void);
}

#[test]
fn a_lost_answer_is_asked_for_under_the_same_key_until_the_key_is_forgotten() {
    let mut s = Story::of(RetryDriver::Provider);
    s.begins();
    let id = s.id();
    let effects = s.d.take(&Event::Cancel(CancelEvent::Confirmed { id }));
    let [Effect::Act { act: first }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(
        first.key.as_str(),
        format!("reprieve:cancel_at_period_end:{}:sub_1:1", s.id().as_str())
    );
    // The process died. The alarm asks again, under the same key.
    s.d.now = s.d.now.plus_ms(45_000);
    let again = s.d.take(&Event::WakeReached);
    let [Effect::Act { act: second }] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!(second.key, first.key);
    s.d.now = s.d.now.plus_ms(24 * 3_600_000);
    let late = s.d.take(&Event::WakeReached);
    let [Effect::Act { act: third }] = late.as_slice() else { panic!("{late:?}") };
    assert_ne!(third.key, first.key, "the provider has forgotten it");
    let done = |key| Event::Cancel(CancelEvent::ActFinished { key, outcome: ActOutcome::Done });
    s.d.take(&done(first.key.clone()));
    s.then("canceling done");
    s.d.take(&done(third.key.clone()));
    s.then("canceled done");
}

/// The answer to the declaration comes only after the customer wanted it back.
#[test]
fn an_undo_that_is_refused_leaves_an_end_that_is_waited_for() {
    let mut s = Story::of(RetryDriver::Provider);
    s.begins();
    let id = s.id();
    let effects = s.d.take(&Event::Cancel(CancelEvent::Confirmed { id: id.clone() }));
    let [Effect::Act { act: end }] = effects.as_slice() else { panic!("{effects:?}") };
    s.d.take(&Event::Cancel(CancelEvent::Undone { id }));
    let finished = |act: &PendingAct, outcome| {
        Event::Cancel(CancelEvent::ActFinished { key: act.key.clone(), outcome })
    };
    let effects = s.d.take(&finished(end, ActOutcome::Done));
    let [Effect::Act { act: undo }] = effects.as_slice() else { panic!("{effects:?}") };
    s.then("undoing done");
    s.d.take(&finished(undo, ActOutcome::Refused));
    s.then("canceled done");
    assert_eq!(s.d.account.next_wake(), Some(at(29, "01:00")), "an hour after it is over");
}

/// The offer arrived or not, and the customer leaves before anybody knows.
#[test]
fn an_offer_of_unknown_outcome_keeps_nobody_and_is_found_out_about() {
    let gift = offer("gift", 1, OfferKind::Credit { amount: money(500, "eur") });
    for (offered, name, act) in
        [(half(), "half", "discount"), (gift, "gift", "credit"), (pause(1), "pause", "pause")]
    {
        for arrives in [true, false] {
            let mut s = Story::of(RetryDriver::Provider);
            s.d.policy = s.d.policy.clone().letting_go(settings(vec![offered.clone()]));
            let counter = &mut s.d.provider.counter;
            if arrives {
                counter.mute.insert(act)
            } else {
                counter.down.insert(act)
            };
            s.comes_to_the_offers().takes(name).then("accepting offer");
            s.on(0, "00:01").confirms().then("canceled done");
            s.d.provider.counter.mute.clear();
            s.d.provider.counter.down.clear();
            s.on(0, "02:00").then("canceled done");
            assert_eq!(s.d.provider.counter.asked, 1, "{name}");
            assert!(s.d.account.leaving.acts.is_empty(), "{name}: nothing is left open");
            let target = if act == "credit" { "balance" } else { "sub_1" };
            let (done, end) = (format!("{act} {target}"), "cancel_at_period_end sub_1");
            let expected: Vec<&str> = match (arrives, act) {
                (true, "pause") => vec![&done, end, "resume sub_1"],
                (true, _) => vec![&done, end],
                (false, _) => vec![end],
            };
            s.asked(&expected);
            // What costs the customer nothing stays theirs, and counts as taken.
            let leaving = &s.d.account.leaving;
            let is_kept = arrives && act != "pause";
            assert_eq!(
                (leaving.taken.len(), leaving.refused.len()),
                (is_kept.into(), (!is_kept).into())
            );
            // Taken back, the subscription is as it was: nothing that nobody knows of.
            s.on(1, "00:00").undoes().then("undone done");
            assert!(s.d.account.leaving.pauses.is_empty());
            let life = s.d.provider.subscriptions[&subscription_id("sub_1")].life.clone();
            assert_eq!(life.unwrap().pause, None, "{name}");
        }
    }
}

#[test]
fn what_is_refused_of_an_invoice_is_tried_again_and_then_somebody_is_told() {
    let mut s = Story::of(RetryDriver::Provider);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    s.d.provider.counter.refuses.insert("void");
    s.on(0, "12:00").begins().confirms().then("ended done");
    s.asked(&["cancel_now sub_1", "hold in_1", "void in_1"]);
    s.on(0, "13:30");
    assert_eq!(s.d.provider.counter.log.len(), 4, "an hour later");
    s.d.provider.counter.refuses.clear();
    s.on(0, "17:30");
    assert_eq!(s.status_of("in_1"), InvoiceStatus::Void);
    assert!(s.d.account.leaving.acts.is_empty());
    // One that is refused for good.
    let mut s = Story::of(RetryDriver::Provider);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    s.d.provider.counter.refuses.insert("void");
    s.on(0, "12:00").begins().confirms();
    s.on(4, "23:00");
    let key = s.d.account.leaving.acts[0].key.clone();
    s.d.provider.counter.log.clear();
    let last = Event::Cancel(CancelEvent::ActFinished { key, outcome: ActOutcome::Refused });
    let before = s.d.account.leaving.acts[0].refusals;
    assert_eq!(before, 7, "five days of patience");
    s.d.now = s.d.account.leaving.acts[0].check_at.unwrap();
    let again = s.d.take(&Event::WakeReached);
    assert!(again.iter().any(|effect| matches!(effect, Effect::Act { .. })), "{again:?}");
    let told = s.told(&last);
    let (id, target) = (s.id(), "in_1".to_owned());
    assert_eq!(told, [CancelNotice::Stuck { id, act: "void", target, is_tried_again: false }]);
    s.d.take(&last);
    assert!(s.d.account.leaving.acts.is_empty() && s.d.account.next_wake().is_none());
}

/// A hold that was refused does not come after the release.
#[test]
fn what_waits_after_a_refusal_is_overtaken_by_what_is_wanted_now() {
    let mut s = Story::of(RetryDriver::Provider);
    let policy = CancelSettings {
        ends_past_due: reprieve_core::cancel::settings::EndsAt::PeriodEnd,
        ..settings(Vec::new())
    };
    s.d.policy = s.d.policy.clone().letting_go(policy);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    s.d.provider.counter.refuses.insert("hold");
    s.on(0, "12:00").begins().confirms().then("canceled done");
    s.d.provider.counter.refuses.clear();
    s.on(0, "12:10").undoes().then("undone done");
    s.on(9, "12:00");
    assert!(!s.is_held("in_1"));
    let log = &s.d.provider.counter.log;
    assert_eq!(log.iter().filter(|line| *line == "hold in_1").count(), 1, "{log:?}");
    assert_eq!(log.last().unwrap(), "release in_1");
}

/// The charge was begun, and before it was sent the customer paused or left: it is as if it had
/// never been begun.
#[test]
fn a_charge_that_is_withheld_leaves_nothing_behind() {
    let begin = |offer: Option<&str>| {
        let mut s = Story::of(RetryDriver::Ours);
        s.on(0, "09:00").the_renewal_fails("insufficient_funds");
        s.comes_to_the_offers();
        s.on(1, "08:59");
        s.d.now = at(1, "09:00");
        for _ in 0..3 {
            // The rung wants a fresh reading first.
            let effects = s.d.take(&Event::WakeReached);
            let Some(Effect::Charge { attempt, .. }) =
                effects.iter().find(|effect| matches!(effect, Effect::Charge { .. }))
            else {
                let live = s.d.provider.invoice_seen(&invoice_id("in_1"), Observed::Live);
                s.d.take(&live);
                continue;
            };
            let number = attempt.number;
            match offer {
                Some(offer) => s.takes(offer),
                None => s.confirms(),
            };
            return (s, number);
        }
        panic!("the rung is due");
    };
    let withheld = |number| Event::AttemptWithheld { invoice: invoice_id("in_1"), number };
    let (mut s, number) = begin(Some("pause"));
    let case = |s: &Story| s.d.account.cases[&invoice_id("in_1")].clone();
    assert_eq!((case(&s).state, case(&s).rungs_used), (CaseState::Attempting, 1));
    let tried = s.d.account.card_attempts.len();
    s.d.tell(&withheld(number));
    assert_eq!((case(&s).state, case(&s).rungs_used), (CaseState::Suspended, 0));
    assert_eq!(s.d.account.card_attempts.len(), tried, "no network saw it");
    assert_eq!(case(&s).failed_at, at(0, "09:00"), "the next rung counts from the failure");
    s.on(20, "00:00").d.the_bank_saw("in_1 pm_old* no");
    let (mut s, number) = begin(None);
    s.d.tell(&withheld(number));
    s.then("ended done");
    assert!(case(&s).state.is_terminal(), "{:?}", case(&s).state);
    assert_eq!(s.d.account.next_wake(), None);
    // Its outcome was asked for meanwhile, which may have sent it: nobody knows.
    let (mut s, number) = begin(None);
    let mut account = s.d.account.clone();
    account.cases.get_mut(&invoice_id("in_1")).unwrap().attempt.as_mut().unwrap().is_asked = true;
    s.d.account = account;
    s.d.take(&withheld(number));
    assert_eq!(case(&s).state, CaseState::Attempting);
}

/// Stripe counts discounts in months: of several weeks none is offered, because nobody could keep
/// the word.
#[test]
fn a_discount_of_several_weeks_is_not_offered() {
    for (months, interval, shown) in [
        (None, Interval::Other, "open feedback"),
        (Some(3), Interval::Other, "open offer [\"half\"]"),
        (None, Interval::Month, "open offer [\"half\"]"),
    ] {
        let mut s = Story::of(RetryDriver::Provider);
        s.d.policy = s.d.policy.clone().letting_go(settings(vec![half()]));
        s.set_life(|life| life.months_per_period = months);
        let id = subscription_id("sub_1");
        s.d.provider.subscriptions.get_mut(&id).unwrap().interval = Some(interval);
        s.see().comes_to_the_offers().then(shown);
    }
}

#[test]
fn a_refused_cancellation_is_tried_again_and_the_customer_has_left_all_the_same() {
    let mut s = Story::of(RetryDriver::Provider);
    s.d.provider.counter.refuses.insert("cancel_at_period_end");
    s.begins().confirms().then("canceling done");
    s.on(0, "02:30");
    assert_eq!(s.d.provider.counter.log.len(), 3, "once an hour");
    s.d.provider.counter.refuses.clear();
    s.on(0, "03:30").then("canceled done");
}

#[test]
fn an_undo_that_comes_too_late_at_the_provider_leaves_it_as_it_is() {
    let mut s = Story::of(RetryDriver::Provider);
    s.begins().confirms();
    s.d.provider.counter.refuses.insert("keep_running");
    s.on(5, "10:00").undoes().then("canceled done");
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00")).then("ended done");
    s.d.the_bank_saw("");
}

#[test]
fn an_undo_waits_for_a_cancellation_on_its_way() {
    let mut s = Story::of(RetryDriver::Provider);
    s.d.provider.counter.down.insert("cancel_at_period_end");
    s.begins().confirms().undoes().then("undoing done").asked(&[]);
    s.d.provider.counter.down.clear();
    s.on(1, "10:00").then("undone done");
    s.asked(&["cancel_at_period_end sub_1", "keep_running sub_1"]);
}

#[test]
fn what_was_taken_back_in_another_place_is_taken_back() {
    let mut s = Story::of(RetryDriver::Provider);
    s.begins().confirms().then("canceled done");
    s.set_life(|life| life.ends_at = None);
    // A sighting of the same moment may be older than the cancellation.
    s.see().then("canceled done");
    s.on(1, "10:00").see().then("undone done");
}

#[test]
fn an_end_that_no_event_told_of_is_looked_for() {
    let mut s = Story::of(RetryDriver::Provider);
    s.begins().confirms().then("canceled done");
    s.on(28, "00:00");
    let id = subscription_id("sub_1");
    let reason = Some(reprieve_core::provider::EndReason::Requested);
    s.d.provider.change(&id, SubscriptionStatus::Ended, reason);
    s.on(29, "00:30").then("canceled done");
    s.d.provider.clock = at(29, "01:00");
    s.on(29, "02:00").then("ended done");
    assert_eq!(s.d.account.next_wake(), None);
}

#[test]
fn cancelling_works_from_every_state_of_a_case() {
    type Way<'a> = (&'a str, &'a dyn Fn(&mut Story));
    let states: [Way<'_>; 5] = [
        ("scheduled", &|s| {
            s.the_renewal_fails("insufficient_funds");
        }),
        ("awaiting_payment_method", &|s| {
            s.the_renewal_fails("expired_card");
        }),
        ("awaiting_authentication", &|s| {
            s.d.card("pm_old", &[Verdict::Authenticate]);
            s.d.the_provider_tries("in_1");
        }),
        ("attempting", &|s| {
            s.the_renewal_fails("insufficient_funds");
            s.d.next_charges(&[Wire::LostAfter]).the_customer_retries();
        }),
        ("suspended", &|s| {
            s.the_renewal_fails("insufficient_funds");
            s.d.the_subscription_is("sub_1", SubscriptionStatus::Paused);
        }),
    ];
    for driver in [RetryDriver::Provider, RetryDriver::Ours] {
        for (name, way) in states {
            let mut s = Story::of(driver);
            s.d.provider.schedule_ms = vec![3 * DAY_MS; 4];
            s.on(0, "09:00");
            way(&mut s);
            let state = s.d.account.cases[&invoice_id("in_1")].state;
            assert_eq!(serde_json::to_value(state).unwrap(), name);
            let before = s.d.provider.ledger.len();
            s.begins().confirms().then("ended done");
            s.on(3, "00:00");
            let closed = s.d.account.cases[&invoice_id("in_1")].state;
            assert!(
                matches!(closed, CaseState::Canceled | CaseState::Voided),
                "{name}: {closed:?}"
            );
            assert_eq!(s.status_of("in_1"), InvoiceStatus::Void, "{name}");
            assert_eq!(s.d.provider.ledger.len(), before, "{name}: nothing is charged any more");
        }
    }
}

#[test]
fn a_charge_that_paid_while_the_customer_left_is_known_as_paid() {
    let mut s = Story::of(RetryDriver::Provider);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    s.d.card("pm_old", &[Verdict::Approve]);
    s.d.next_charges(&[Wire::LostAfter]).the_customer_retries();
    s.begins().confirms();
    s.on(1, "09:00");
    assert_eq!(s.d.account.cases[&invoice_id("in_1")].state, CaseState::Recovered);
    s.d.the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
}

#[test]
fn a_charge_that_was_decided_before_is_not_sent_after() {
    let mut s = Story::of(RetryDriver::Provider);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    let charges = s.d.take(&Event::RetryRequested);
    assert!(matches!(charges.as_slice(), [Effect::Charge { .. }]));
    let may = |s: &Story| reprieve_core::case::may_send(&s.d.account, &invoice_id("in_1"));
    assert!(may(&s));
    s.begins().confirms();
    assert!(!may(&s), "the edge leaves it out");
}
