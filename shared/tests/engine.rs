//! The engine behind every attempt, as diaries: what counts, what waits, what is written down.
#![cfg(test)]

mod support;

use reprieve_core::case::{CaseState, Event, JournalEntry, Trigger, apply};
use reprieve_core::network::{AttemptBy, Initiator, LimitOverride, Network, RuleId};
use reprieve_core::policy::segment::{Country, Interval, Sector};
use reprieve_core::policy::settings::{Acquirer, Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{Observed, SubscriptionStatus};
use reprieve_core::retry::RetryDecision;
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use support::diary::Diary;
use support::provider::Verdict::{Approve, Decline};
use support::{at, invoice_id, subscription_id};

const NO: &str = "insufficient_funds";

/// Our ladder: after one day, after two more, after three more.
fn ladder(change: impl FnOnce(&mut Settings)) -> Diary {
    let mut d = Diary::of(RetryDriver::Ours);
    let mut settings = Settings::default();
    settings.retry.rungs = [1, 2, 3].map(|days| Rung::after_ms(days * DAY_MS)).to_vec();
    change(&mut settings);
    d.policy = Policy::uniform(RetryDriver::Ours, settings);
    d.provider.is_card("pm_old", "fp_old", Network::Visa);
    d
}

fn plan(d: &Diary) -> RetryDecision {
    d.account.cases[&invoice_id("in_1")].plan.clone().expect("the case has a plan")
}

fn acquirer(declines_max: u32) -> Option<Acquirer> {
    let rule = "visa.reattempts.30d".to_owned();
    Some(Acquirer { name: "strict".to_owned(), limits: vec![LimitOverride { rule, declines_max }] })
}

#[test]
fn the_provider_s_attempts_use_the_network_s_budget_up_like_ours() {
    let mut d = ladder(|settings| settings.acquirer = acquirer(3));
    d.card("pm_old", &[Decline(NO)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(plan(&d).budget_left[0].left, 2, "the provider's own attempt counts");
    d.on(0, "15:00").the_provider_tries("in_1");
    assert_eq!(plan(&d).budget_left[0].left, 1);
    d.on(2, "00:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old* no, in_1 pm_old no");
    let by: Vec<AttemptBy> = d.account.card_attempts.iter().map(|tried| tried.by).collect();
    assert_eq!(by, [AttemptBy::Provider, AttemptBy::Provider, AttemptBy::Ours]);
    // The budget is used up: the next rung waits until the oldest attempt has left the window.
    let plan = plan(&d);
    assert_eq!(plan.rejected[0].rule, RuleId("visa.reattempts.30d"));
    assert_eq!(plan.at, Some(at(30, "09:00")));
}

#[test]
fn several_attempts_between_two_readings_all_count() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO)]);
    d.the_post_is_held().the_provider_tries("in_1").the_provider_tries("in_1");
    d.the_provider_tries("in_1").the_post_arrives_in_reverse();
    assert_eq!(d.account.card_attempts.len(), 3);
    assert_eq!(plan(&d).budget_left[0].left, 17);
}

#[test]
fn a_due_attempt_waits_for_a_reading_of_that_moment() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO), Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    // The merchant took the money at the counter; nobody told us.
    d.the_post_is_held().the_invoice_becomes("in_1", reprieve_core::provider::InvoiceStatus::Paid);
    d.on(3, "00:00").the_bank_saw("in_1 pm_old* no");
    d.then("in_1 recovered | clear, full");
}

#[test]
fn without_a_reading_nothing_is_charged_and_the_attempt_is_not_lost() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO), Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    // The provider does not answer for a while.
    d.now = at(1, "09:00");
    for minute in [0, 1, 10, 30] {
        d.now = at(1, "09:00").plus_ms(minute * MINUTE_MS);
        let effects = d.take(&Event::WakeReached);
        assert!(effects.iter().all(|effect| format!("{effect:?}").contains("ReadInvoice")));
        d.take(&Event::InvoiceReadFailed { invoice: invoice_id("in_1") });
    }
    d.the_bank_saw("in_1 pm_old* no");
    d.on(1, "12:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
}

#[test]
fn an_attempt_keeps_the_decision_that_led_to_it() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    let reading = d.on(1, "08:59").reading("in_1");
    d.take(&reading);
    d.now = at(1, "09:00");
    let transition = apply(&mut d.account, &Event::WakeReached, d.now, &d.policy).unwrap();
    let started = transition.journal.iter().find_map(|entry| match entry {
        JournalEntry::AttemptStarted { attempt, .. } => Some(attempt.clone()),
        _ => None,
    });
    let attempt = started.expect("the rung is climbed");
    assert_eq!(attempt.trigger, Trigger::Schedule);
    let decision = attempt.decision.expect("it says why");
    assert_eq!((decision.at, decision.rungs_left), (Some(at(1, "09:00")), 3));
    assert_eq!(
        decision.sentence(&reprieve_core::calendar::Zone::utc()),
        "Tries again on 2026-11-03 at 09:00; 3 automatic attempts are left, \
         and visa.reattempts.30d leaves 19 of 20."
    );
    // Stored with the account, it is read back as it was.
    let stored = serde_json::to_string(&d.account).unwrap();
    assert_eq!(
        serde_json::from_str::<reprieve_core::account::Account>(&stored).unwrap(),
        d.account
    );
}

#[test]
fn one_automatic_charge_of_a_customer_at_a_time() {
    let mut d = ladder(|settings| settings.acquirer = acquirer(3));
    d.also_owes("in_2", 1_900, "eur");
    d.card("pm_old", &[Decline(NO)]);
    d.on(0, "09:00").the_provider_tries("in_1").the_provider_tries("in_2");
    // Two declines of the same amount on the same card: one more is allowed, and not two.
    d.on(2, "00:00");
    let own = d.provider.ledger.iter().filter(|charge| charge.key.is_some()).count();
    assert_eq!(own, 1);
}

#[test]
fn the_other_card_on_file_has_its_turn_when_the_policy_says_so() {
    let mut d = ladder(|settings| settings.retry.backup_after_declines = Some(2));
    d.provider.is_card("pm_other", "fp_other", Network::Mastercard);
    d.card("pm_old", &[Decline(NO)]).card("pm_other", &[Approve]);
    d.on(0, "09:00").the_provider_tries("in_1").on(1, "08:00");
    assert_eq!(plan(&d).method.as_ref().map(|method| method.as_str()), Some("pm_old"));
    d.on(4, "00:00").the_bank_saw("in_1 pm_old* no, in_1 pm_old no, in_1 pm_other yes");
    // Without a word of the policy another card is never touched.
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO)]).card("pm_other", &[Approve]);
    d.on(0, "09:00").the_provider_tries("in_1").on(20, "00:00");
    assert!(d.provider.ledger.iter().all(|charge| charge.method.as_str() == "pm_old"));
}

#[test]
fn a_card_that_was_changed_elsewhere_is_charged_by_the_ladder() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("stolen_card")]).card("pm_portal", &[Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(d.account.cases[&invoice_id("in_1")].state, CaseState::AwaitingPaymentMethod);
    // The customer gives another card on the provider's own page; no event of ours tells.
    d.on(0, "20:00").provider.set_defaults(&support::method_id("pm_portal"));
    d.on(1, "08:00").the_bank_saw("in_1 pm_old* no");
    d.on(1, "10:00").the_bank_saw("in_1 pm_old* no, in_1 pm_portal yes");
    // A card of which is known that the bank will not have it is not charged under another name.
    let mut d = ladder(|_| ());
    d.provider.is_card("pm_same", "fp_old", Network::Visa);
    d.card("pm_old", &[Decline("stolen_card")]).card("pm_same", &[Approve]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "20:00").provider.set_defaults(&support::method_id("pm_same"));
    d.on(20, "00:00").the_bank_saw("in_1 pm_old* no");
}

#[test]
fn a_case_finds_its_segment_with_the_first_reading() {
    let mut d = Diary::of(RetryDriver::Ours);
    d.policy = Policy::default().driven_by(RetryDriver::Ours);
    d.card("pm_old", &[Decline(NO)]);
    let Event::SubscriptionObserved { fact } =
        d.provider.subscription_seen(&subscription_id("sub_1"))
    else {
        panic!("a subscription was seen");
    };
    let game = reprieve_core::provider::SubscriptionFact { sector: Some(Sector::Game), ..fact };
    // The event of the invoice comes first and knows nothing of games.
    d.the_post_is_held().the_provider_tries("in_1");
    let failed = d.event("in_1");
    d.take(&failed);
    let case = || d.account.cases[&invoice_id("in_1")].clone();
    assert_eq!(case().grace_ends_at, at(14, "00:00"));
    d.take(&Event::SubscriptionObserved { fact: game });
    d.take(&Event::WakeReached);
    let reading = d.reading("in_1");
    d.take(&reading);
    let case = d.account.cases[&invoice_id("in_1")].clone();
    assert_eq!(case.segment.as_deref(), Some("game"));
    assert_eq!(case.grace_ends_at, at(7, "00:00"));
}

#[test]
fn what_is_known_of_the_subscription_and_the_invoice_decides_the_segment() {
    let segment = |interval, sector| {
        let mut d = Diary::of(RetryDriver::Ours);
        d.policy = Policy::default();
        d.card("pm_old", &[Decline(NO)]);
        let seen = d.provider.subscription_seen(&subscription_id("sub_1"));
        let Event::SubscriptionObserved { mut fact } = seen else { panic!("seen") };
        (fact.interval, fact.sector) = (interval, sector);
        d.take(&Event::SubscriptionObserved { fact });
        d.the_provider_tries("in_1");
        d.account.cases[&invoice_id("in_1")].segment.clone().unwrap()
    };
    assert_eq!(segment(None, None), "default");
    assert_eq!(segment(Some(Interval::Year), None), "annual");
    assert_eq!(segment(Some(Interval::Year), Some(Sector::B2b)), "business");
    assert!(Country::parse("de").is_some());
}

#[test]
fn an_older_sighting_of_a_subscription_changes_nothing() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO)]).the_provider_tries("in_1");
    let seen = |status, hour: i64| {
        let Event::SubscriptionObserved { mut fact } =
            d.provider.subscription_seen(&subscription_id("sub_1"))
        else {
            panic!("seen");
        };
        (fact.status, fact.seen_at) = (status, at(0, "00:00").plus_ms(hour * HOUR_MS));
        Event::SubscriptionObserved { fact }
    };
    let (active, paused) =
        (seen(SubscriptionStatus::Active, 1), seen(SubscriptionStatus::Paused, 2));
    d.take(&paused);
    d.take(&active);
    assert_eq!(d.account.cases[&invoice_id("in_1")].state, CaseState::Suspended);
    d.on(9, "00:00").the_bank_saw("in_1 pm_old* no");
}

#[test]
fn a_pause_ends_with_a_plan_of_that_day() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    d.on(0, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Paused);
    assert_eq!(d.account.cases[&invoice_id("in_1")].plan, None, "who paused has nothing ahead");
    d.on(5, "10:00").the_subscription_is("sub_1", SubscriptionStatus::Active);
    let after = d.provider.ledger.len();
    assert_eq!(after, 2, "the rung that came meanwhile is climbed at once, after a reading");
    assert_eq!(plan(&d).at, Some(at(7, "10:00")));
}

#[test]
fn an_attempt_on_the_provider_s_own_page_counts_although_its_count_stands_still() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("generic_decline")]);
    let charged = |d: &Diary, charge: &str, code: &str| {
        let Event::InvoiceObserved { mut fact, observed } = d.reading("in_1") else {
            panic!("a reading");
        };
        let mut decline = support::decline(code);
        decline.raw.charge = Some(charge.to_owned());
        fact.decline = Some(decline);
        Event::InvoiceObserved { fact, observed }
    };
    d.on(0, "09:00").the_provider_tries("in_1");
    let first = charged(&d, "ch_1", "generic_decline");
    d.take(&first);
    assert_eq!(d.account.card_attempts.len(), 1);
    // The customer tries by hand: the same answer once more, and then Mastercard's word to stop.
    let second = charged(&d, "ch_2", "generic_decline");
    d.on(0, "12:00").take(&second);
    d.take(&second);
    let last = d.account.card_attempts.last().unwrap();
    assert_eq!((d.account.card_attempts.len(), last.initiator), (2, Initiator::Customer));
    assert_eq!(plan(&d).at, Some(at(1, "12:00")), "the ladder goes on from the last failure");
    let third = charged(&d, "ch_3", "generic_decline//03");
    d.on(0, "13:00").take(&third);
    assert_eq!((d.account.card_attempts.len(), plan(&d).at), (3, None));
}

#[test]
fn an_attempt_of_which_nothing_is_known_does_not_take_an_advice_back() {
    let mut d = ladder(|_| ());
    d.provider.is_card("pm_old", "fp_old", Network::Mastercard);
    // Mastercard's 30: not before ten days have passed.
    d.card("pm_old", &[Decline("generic_decline//30")]).also_owes("in_2", 900, "eur");
    d.on(0, "09:00").the_provider_tries("in_1");
    assert_eq!(plan(&d).at, Some(at(10, "09:00")));
    // Another invoice fails on the same card and is voided before anybody reads it.
    d.the_post_is_held().the_provider_tries("in_2");
    d.the_invoice_becomes("in_2", reprieve_core::provider::InvoiceStatus::Void);
    let failed = d.event("in_2");
    d.on(0, "10:00").take(&failed);
    d.on(9, "00:00").the_bank_saw("in_1 pm_old* no, in_2 pm_old* no");
}

#[test]
fn every_open_invoice_is_read_before_one_of_them_is_charged() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline("generic_decline")]).also_owes("in_2", 900, "eur");
    d.on(0, "09:00").the_provider_tries("in_1").on(0, "20:00").the_provider_tries("in_2");
    d.now = at(1, "09:00");
    let effects = d.take(&Event::WakeReached);
    let read: Vec<String> = effects.iter().map(|effect| format!("{effect:?}")).collect();
    let both = ["in_1", "in_2"].iter().all(|id| read.iter().any(|effect| effect.contains(id)));
    assert!(both, "{read:?}");
    // The one that is due was read; the other was not, and may hold news of the same card.
    let own = d.reading("in_1");
    assert!(d.take(&own).is_empty());
    assert!(d.take(&Event::WakeReached).iter().all(|e| !format!("{e:?}").contains("Charge")));
    let other = d.reading("in_2");
    d.take(&other);
    assert!(format!("{:?}", d.take(&Event::WakeReached)).contains("Charge"));
}

#[test]
fn a_reading_is_not_an_attempt() {
    let mut d = ladder(|_| ());
    d.card("pm_old", &[Decline(NO)]);
    d.on(0, "09:00").the_provider_tries("in_1");
    for _ in 0..5 {
        let reading = d.reading("in_1");
        assert!(matches!(reading, Event::InvoiceObserved { observed: Observed::Live, .. }));
        d.take(&reading);
    }
    assert_eq!(d.account.card_attempts.len(), 1);
    assert_eq!(plan(&d).at, Some(at(1, "09:00")), "and moves nothing");
}
