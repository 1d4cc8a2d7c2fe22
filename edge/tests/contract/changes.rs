//! What somebody who leaves or stays wants: each act done twice is done once, and none of them
//! reaches what is over.

use crate::{Says, Stage, Trouble, kind, owing, pay, run, stranger, us};
use reprieve_core::cancel::Reason;
use reprieve_core::cancel::act::Act;
use reprieve_core::cancel::offer::Off;
use reprieve_core::id::{CancellationId, InvoiceId, PlanId, SubscriptionId};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::money::{Currency, Money};
use reprieve_core::provider::{
    EndReason, InvoiceStatus, Life, PauseAbility, PauseKind, PauseSeen, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::{DAY_MS, Timestamp};
use reprieve_edge::provider::{
    ChangeBilling, ErrorKind, OnSession, Provider, ProviderError, ReadBilling,
};

pub(crate) fn kept<S: Stage>(make: &impl Fn() -> S) {
    pauses_of_the_service(&make());
    pauses_of_collecting(&make());
    discounts(&make());
    lost_discounts(&make());
    plans_and_trials(&make());
    credits_have_one_key_each(&make());
    ends(&make());
    invoices_are_let_go(&make());
    invoices_are_held(&make());
    nothing_reaches_what_is_over(&make());
    nothing_reaches_what_is_not_there(&make());
    answers_are_lost(make);
}

fn key(number: u32) -> IdempotencyKey {
    let cancellation = CancellationId::parse("ccl_1").unwrap();
    IdempotencyKey::for_act(&cancellation, "act", "target", number)
}

fn act<S: Stage>(stage: &S, act: &Act) -> Result<(), ProviderError> {
    run(stage.provider().act(&us(), act, &key(1)))
}

/// Whether an offer holds, as the provider says.
fn holds<S: Stage>(stage: &S, act: &Act) -> Result<bool, ProviderError> {
    run(stage.provider().holds(&us(), act, &key(1)))
}

/// Done again it is done once; an offer holds afterwards and did not before.
fn twice<S: Stage>(stage: &S, done: &Act) {
    twice_under(stage, done, 1);
}

fn twice_under<S: Stage>(stage: &S, done: &Act, number: u32) {
    let holds = || run(stage.provider().holds(&us(), done, &key(number)));
    if done.is_offer() {
        assert_eq!(holds(), Ok(false), "before: {done:?}");
    }
    for time in ["once", "again"] {
        let outcome = run(stage.provider().act(&us(), done, &key(number)));
        assert_eq!(outcome, Ok(()), "{time}: {done:?}");
    }
    match done.is_offer() {
        true => assert_eq!(holds(), Ok(true), "after: {done:?}"),
        false => assert_eq!(kind(holds()), ErrorKind::Refused, "{done:?}"),
    }
}

fn fact<S: Stage>(stage: &S, id: &SubscriptionId) -> SubscriptionFact {
    let listed = run(stage.provider().list_subscriptions(&us(), stage.now())).unwrap();
    listed.into_iter().find(|fact| fact.id == *id).unwrap()
}

fn life<S: Stage>(stage: &S, id: &SubscriptionId) -> Life {
    fact(stage, id).life.unwrap()
}

fn status<S: Stage>(stage: &S, id: &InvoiceId) -> InvoiceStatus {
    run(stage.provider().read_invoice(id)).unwrap().status
}

fn euros(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::parse("eur").unwrap() }
}

fn in_days<S: Stage>(stage: &S, days: i64) -> Timestamp {
    // Providers count in seconds.
    Timestamp::from_seconds(stage.now().plus_ms(days * DAY_MS).as_ms() / 1_000)
}

/// The whole subscription rests, and says so; when it goes on is ours to remember.
fn pauses_of_the_service<S: Stage>(stage: &S) {
    let id = stage.running();
    assert_eq!(life(stage, &id).pause, None);
    assert_eq!(life(stage, &id).can_pause, PauseAbility::Service);
    let able = stage.provider().capabilities().pause;
    assert_eq!(able, PauseAbility::Service, "as its capabilities say");
    let (by, resumes_at) = (PauseKind::Service, in_days(stage, 30));
    twice(stage, &Act::Pause { subscription: id.clone(), by, resumes_at });
    assert_eq!(fact(stage, &id).status, SubscriptionStatus::Paused);
    assert_eq!(life(stage, &id).pause, Some(PauseSeen { by, resumes_at: None }));
    twice(stage, &Act::Resume { subscription: id.clone(), by });
    let over = Act::Pause { subscription: id.clone(), by, resumes_at };
    assert_eq!(holds(stage, &over), Ok(false));
    assert_eq!(fact(stage, &id).status, SubscriptionStatus::Active);
    assert_eq!(life(stage, &id).pause, None);
}

/// The subscription goes on and nothing is collected; a second pause moves its end.
fn pauses_of_collecting<S: Stage>(stage: &S) {
    let (id, by) = (stage.running(), PauseKind::Collection);
    for days in [30, 60] {
        let resumes_at = in_days(stage, days);
        twice(stage, &Act::Pause { subscription: id.clone(), by, resumes_at });
        assert_eq!(fact(stage, &id).status, SubscriptionStatus::Active, "access stays");
        let seen = PauseSeen { by, resumes_at: Some(resumes_at) };
        assert_eq!(life(stage, &id).pause, Some(seen), "{days}");
    }
    twice(stage, &Act::Resume { subscription: id.clone(), by });
    assert_eq!(life(stage, &id).pause, None);
}

fn discounts<S: Stage>(stage: &S) {
    let id = stage.running();
    stage.gave_discount(&id);
    let half = |of: &SubscriptionId| Act::Discount {
        subscription: of.clone(),
        off: Off::Percent(50),
        periods: 3,
    };
    twice_under(stage, &half(&id), 1);
    assert_eq!(stage.discounts(&id), 2, "what the merchant gave stays");
    assert_eq!(life(stage, &id).discounts_count, Some(2), "and both are seen");
    // The same discount for another subscription, and a second kind for that one.
    let other = stage.running();
    twice_under(stage, &half(&other), 2);
    assert_eq!((stage.discounts(&id), stage.discounts(&other)), (2, 1));
    let off = Off::Amount(euros(500));
    let amount = Act::Discount { subscription: other.clone(), off, periods: 1 };
    twice_under(stage, &amount, 3);
    assert_eq!(stage.discounts(&other), 2);
    // Used up, it was given all the same.
    stage.renewed(&other);
    assert_eq!(stage.discounts(&other), 1);
    assert_eq!(run(stage.provider().holds(&us(), &amount, &key(3))), Ok(true));
    assert_eq!(run(stage.provider().act(&us(), &amount, &key(3))), Ok(()));
    assert_eq!(stage.discounts(&other), 1);
}

/// The answer is lost, and before anybody asks again a renewal uses the discount up.
fn lost_discounts<S: Stage>(stage: &S) {
    let before = [Trouble::LostBefore, Trouble::LostAfter].into_iter().enumerate();
    for (number, trouble) in before {
        let (id, key) = (stage.running(), key(u32::try_from(number).unwrap()));
        let off = Off::Percent(50);
        let once = Act::Discount { subscription: id.clone(), off, periods: 1 };
        stage.next_discount(trouble);
        let lost = run(stage.provider().act(&us(), &once, &key));
        assert_eq!(kind(lost), ErrorKind::Unknown, "{trouble:?}");
        let arrived = matches!(trouble, Trouble::LostAfter);
        assert_eq!(run(stage.provider().holds(&us(), &once, &key)), Ok(arrived));
        stage.renewed(&id);
        assert_eq!(run(stage.provider().act(&us(), &once, &key)), Ok(()));
        assert_eq!(run(stage.provider().holds(&us(), &once, &key)), Ok(true));
        assert_eq!(stage.discounts(&id), usize::from(!arrived), "{trouble:?}: once in all");
    }
}

fn plans_and_trials<S: Stage>(stage: &S) {
    let id = stage.running();
    let plan = PlanId::parse("price_small").unwrap();
    assert_ne!(stage.plan(&id), "price_small");
    twice(stage, &Act::ChangePlan { subscription: id.clone(), plan });
    assert_eq!(stage.plan(&id), "price_small");
    for days in [7, 14] {
        let until = in_days(stage, days);
        twice(stage, &Act::ExtendTrial { subscription: id.clone(), until });
        assert_eq!(life(stage, &id).trial_ends_at, Some(until), "{days}");
    }
    assert_eq!((stage.attempts(), stage.captured()), (0, 0), "nothing is charged now");
}

fn credits_have_one_key_each<S: Stage>(stage: &S) {
    let credit = Act::Credit { amount: euros(500) };
    twice(stage, &credit);
    assert_eq!(stage.credit_minor(), 500, "one key, one credit");
    let other = run(stage.provider().holds(&us(), &credit, &key(2)));
    assert_eq!(other, Ok(false), "a credit is known by its key");
    assert_eq!(run(stage.provider().act(&us(), &credit, &key(2))), Ok(()));
    assert_eq!(stage.credit_minor(), 1_000, "another key is another credit");
    let nobody = run(stage.provider().act(&stranger(), &credit, &key(3)));
    assert_eq!(kind(nobody), ErrorKind::NotFound);
    assert_eq!(stage.credit_minor(), 1_000);
}

fn ends<S: Stage>(stage: &S) {
    let (reason, comment) = (Some(Reason::TooExpensive), Some("a word".to_owned()));
    let id = stage.running();
    let subscription = || id.clone();
    let period_ends_at = life(stage, &id).period_ends_at;
    assert!(period_ends_at.is_some() && life(stage, &id).ends_at.is_none());
    let later =
        Act::CancelAtPeriodEnd { subscription: subscription(), reason, comment: comment.clone() };
    twice(stage, &later);
    assert_eq!(life(stage, &id).ends_at, period_ends_at);
    assert_eq!(fact(stage, &id).status, SubscriptionStatus::Active, "until then it runs");
    twice(stage, &Act::KeepRunning { subscription: subscription() });
    assert_eq!(life(stage, &id).ends_at, None);
    twice(stage, &Act::CancelNow { subscription: subscription(), reason, comment });
    let over = fact(stage, &id);
    assert_eq!(over.status, SubscriptionStatus::Ended);
    assert_eq!(over.end_reason, Some(EndReason::Requested));
}

/// Only what waits to be paid becomes void; what is paid stays paid, and that is an answer too.
fn invoices_are_let_go<S: Stage>(stage: &S) {
    let (subscription, open) = owing(stage);
    let draft = stage.draft(&subscription);
    for invoice in [open, draft] {
        twice(stage, &Act::Void { invoice: invoice.clone() });
        assert_eq!(status(stage, &invoice), InvoiceStatus::Void);
    }
    let paid = stage.owed(&subscription);
    let good = stage.card(Says::Yes);
    pay(stage, &paid, 1, Some(&good), OnSession::Yes).unwrap();
    twice(stage, &Act::Void { invoice: paid.clone() });
    assert_eq!(status(stage, &paid), InvoiceStatus::Paid);
    assert_eq!(stage.captured(), 1);
}

fn invoices_are_held<S: Stage>(stage: &S) {
    let (subscription, invoice) = owing(stage);
    assert!(!stage.is_held(&invoice));
    twice(stage, &Act::Hold { invoice: invoice.clone() });
    assert!(stage.is_held(&invoice));
    assert_eq!(status(stage, &invoice), InvoiceStatus::Open, "the customer can still pay it");
    twice(stage, &Act::Release { invoice: invoice.clone() });
    assert!(!stage.is_held(&invoice));
    let paid = stage.owed(&subscription);
    let good = stage.card(Says::Yes);
    pay(stage, &paid, 1, Some(&good), OnSession::Yes).unwrap();
    twice(stage, &Act::Hold { invoice: paid.clone() });
    assert!(!stage.is_held(&paid), "what is settled has nothing to hold");
}

/// Every act on a subscription.
fn all_of(subscription: &SubscriptionId, until: Timestamp) -> Vec<Act> {
    let id = || subscription.clone();
    let (reason, comment) = (Some(Reason::TooExpensive), Some("a word".to_owned()));
    vec![
        Act::Pause { subscription: id(), by: PauseKind::Service, resumes_at: until },
        Act::Pause { subscription: id(), by: PauseKind::Collection, resumes_at: until },
        Act::Resume { subscription: id(), by: PauseKind::Collection },
        Act::Discount { subscription: id(), off: Off::Percent(50), periods: 3 },
        Act::ChangePlan { subscription: id(), plan: PlanId::parse("price_small").unwrap() },
        Act::ExtendTrial { subscription: id(), until },
        Act::CancelAtPeriodEnd { subscription: id(), reason, comment },
        Act::KeepRunning { subscription: id() },
    ]
}

fn nothing_reaches_what_is_over<S: Stage>(stage: &S) {
    let id = stage.running();
    stage.end(&id);
    let before = fact(stage, &id);
    for done in all_of(&id, in_days(stage, 30)) {
        let refused = kind(act(stage, &done));
        assert!(matches!(refused, ErrorKind::Refused | ErrorKind::NotFound), "{done:?}");
        let after = fact(stage, &id);
        assert_eq!((after.status, after.end_reason), (before.status, before.end_reason));
        assert_eq!(after.life.map(|life| life.pause), before.life.clone().map(|life| life.pause));
    }
    assert_eq!(stage.discounts(&id), 0);
    let (reason, comment) = (Some(Reason::TooExpensive), Some("a word".to_owned()));
    twice(stage, &Act::CancelNow { subscription: id, reason, comment });
}

fn nothing_reaches_what_is_not_there<S: Stage>(stage: &S) {
    let id = SubscriptionId::parse("sub_unknown").unwrap();
    let end = Act::CancelNow { subscription: id.clone(), reason: None, comment: None };
    let service = Act::Resume { subscription: id.clone(), by: PauseKind::Service };
    let invoice = InvoiceId::parse("in_unknown").unwrap();
    let of_invoices = [
        Act::Void { invoice: invoice.clone() },
        Act::Hold { invoice: invoice.clone() },
        Act::Release { invoice },
    ];
    let all = all_of(&id, in_days(stage, 30)).into_iter().chain([end, service]);
    for done in all.chain(of_invoices) {
        assert_eq!(kind(act(stage, &done)), ErrorKind::NotFound, "{done:?}");
        let is_so = kind(holds(stage, &done));
        assert_eq!(is_so == ErrorKind::NotFound, done.is_offer(), "{done:?}");
    }
}

/// The same act again says what became of it.
fn answers_are_lost<S: Stage>(make: &impl Fn() -> S) {
    for trouble in [Trouble::LostBefore, Trouble::LostAfter] {
        let stage = &make();
        let id = stage.running();
        let now = Act::CancelNow { subscription: id.clone(), reason: None, comment: None };
        for (number, done) in [Act::Credit { amount: euros(700) }, now].iter().enumerate() {
            stage.next_act(trouble);
            assert_eq!(kind(act(stage, done)), ErrorKind::Unknown, "{trouble:?} {number}");
            assert_eq!(act(stage, done), Ok(()), "{trouble:?} {number}");
        }
        assert_eq!(stage.credit_minor(), 700, "{trouble:?}");
        assert_eq!(fact(stage, &id).status, SubscriptionStatus::Ended);
    }
    let stage = &make();
    stage.next_act(Trouble::TooMany);
    let limited = kind(act(stage, &Act::Credit { amount: euros(700) }));
    assert_eq!(limited, ErrorKind::RateLimited { retry_after_ms: 30_000 });
    assert_eq!(stage.credit_minor(), 0);
}
