//! People who leave.

use super::*;
use reprieve_core::cancel::receipt::{self, Value};
use reprieve_core::cancel::settings::{EndsAt, OpenInvoices};
use reprieve_core::jurisdiction::{Jurisdiction, in_force};
use reprieve_core::time::DAY_MS;

const PROVIDER: RetryDriver = RetryDriver::Provider;

#[test]
fn an_offer_that_is_not_for_this_customer_any_more_cannot_be_taken() {
    let mut s = Story::of(RetryDriver::Ours);
    let mut calm = half();
    calm.audience =
        Audience { open_case: Some(false), refused_max: Some(0), ..Audience::default() };
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![calm]));
    s.on(0, "09:00").comes_to_the_offers().then("open offer [\"half\"]");
    // Meanwhile the renewal fails.
    s.on(0, "09:05").the_renewal_fails("insufficient_funds");
    let take = CancelEvent::OfferAccepted { id: s.id(), offer: "half".to_owned(), until: None };
    assert_eq!(s.refused(take), CancelError::NotOffered);
    s.d.card("pm_old", &[Verdict::Approve]);
    s.d.the_customer_retries();
    // The screen itself is no refusal yet, so it stands in nobody's way.
    s.takes("half").then("kept kept").asked(&["discount sub_1"]);
}

#[test]
fn while_a_discount_runs_no_second_one_is_offered() {
    let mut s = Story::of(RetryDriver::Provider);
    let again = CancelSettings { again_after_ms: 0, ..settings(vec![half()]) };
    s.d.policy = s.d.policy.clone().letting_go(again);
    s.on(3, "10:00").comes_to_the_offers().takes("half").then("kept kept");
    // What is known of the subscription is from before.
    s.on(40, "10:00").comes_to_the_offers().then("open feedback");
    s.set_life(|life| {
        let (began_at, ends_at) = (Some(at(29, "00:00")), Some(at(60, "00:00")));
        (life.period_started_at, life.period_ends_at) = (began_at, ends_at);
        life.discounts_count = Some(0);
    });
    s.see().answers(Step::Feedback, Answer::Stay).then("kept kept");
    s.on(41, "10:00").comes_to_the_offers().then("open offer [\"half\"]");
}

#[test]
fn somebody_leaves_at_the_end_of_what_is_paid() {
    let mut s = Story::of(PROVIDER);
    s.on(3, "10:00").begins().then("open survey");
    s.answers(Step::Survey, Answer::Reason(Some(Reason::TooExpensive)));
    s.then("open offer [\"pause\"]");
    s.answers(Step::Offer, Answer::Refuse).then("open feedback");
    s.answers(Step::Feedback, Answer::Feedback(Some(" It was fine. ".to_owned())));
    s.then("open confirm");
    s.confirms().then("canceled done").asked(&["cancel_at_period_end sub_1"]);
    let known = &s.d.account.leaving.cancellations[&s.id()];
    assert_eq!(
        (known.reason, known.feedback.as_deref()),
        (Some(Reason::TooExpensive), Some("It was fine."))
    );
    assert_eq!(known.effective_at, Some(at(29, "00:00")));
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00")).then("ended done");
    s.on(60, "00:00").d.the_bank_saw("");
    assert_eq!(s.d.account.next_wake(), None, "nothing is left to do");
}

#[test]
fn back_always_works_and_a_second_click_changes_nothing() {
    let mut s = Story::of(PROVIDER);
    s.comes_to_the_offers();
    for _ in 0..2 {
        s.answers(Step::Survey, Answer::Reason(None)).then("open offer [\"pause\"]");
    }
    s.answers(Step::Offer, Answer::Back).then("open survey");
    // The same screen again, and not another one.
    s.answers(Step::Survey, Answer::Reason(None)).then("open offer [\"pause\"]");
    assert_eq!(s.d.account.leaving.refused.len(), 1, "one screen");
    s.answers(Step::Offer, Answer::ToConfirm).then("open confirm");
    s.answers(Step::Confirm, Answer::Back).then("open feedback");
    // It was turned down: there is no way back to it.
    s.answers(Step::Feedback, Answer::Back).then("open survey");
    s.answers(Step::Survey, Answer::Reason(None)).then("open feedback");
    s.begins().then("open feedback");
    let id = s.id();
    s.confirms().confirms().then("canceled done").asked(&["cancel_at_period_end sub_1"]);
    s.begins();
    assert_eq!(s.id(), id, "it is the same cancellation");
    let late = CancelEvent::Answered { id, from: Step::Done, answer: Answer::Back };
    assert_eq!(s.refused(late), CancelError::WrongStep);
}

#[test]
fn the_cancel_button_beside_an_offer_cancels() {
    let mut s = Story::of(PROVIDER);
    s.comes_to_the_offers().confirms().then("canceled done");
}

#[test]
fn germany_takes_two_clicks() {
    let mut s = Story::of(PROVIDER);
    s.country = "DE";
    s.begins().then("open confirm");
    let view = view::of(&s.d.account, &s.id(), s.d.now, &s.d.policy).unwrap();
    assert_eq!((view.steps.len(), view.can_go_back), (1, false));
    assert_eq!(view.profile.jurisdiction, "de");
    assert_eq!(view.profile.confirm_label, "cancel.confirm.de");
    s.confirms().then("canceled done");
}

#[test]
fn it_can_be_undone_until_the_period_ends() {
    let mut s = Story::of(PROVIDER);
    s.on(1, "10:00").begins().confirms();
    let view = view::of(&s.d.account, &s.id(), s.d.now, &s.d.policy).unwrap();
    assert_eq!(view.undo_until_ms, Some(at(29, "00:00").as_ms()));
    s.on(28, "23:00").undoes().then("undone done");
    s.undoes().asked(&["cancel_at_period_end sub_1", "keep_running sub_1"]);
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00"));
    s.d.the_bank_saw("in_2 pm_old* yes");
    // A new one, and nothing is offered: the screen was turned down four weeks ago or less.
    s.begins().then("open survey").confirms();
    s.on(60, "00:00").the_period_ends("in_3", at(90, "00:00")).then("ended done");
    let id = s.id();
    assert_eq!(s.refused(CancelEvent::Undone { id }), CancelError::TooLate);
}

#[test]
fn an_end_at_once_cannot_be_undone() {
    let mut s = Story::of(PROVIDER);
    let now = CancelSettings { ends: EndsAt::Now, ..settings(Vec::new()) };
    s.d.policy = s.d.policy.clone().letting_go(now);
    s.begins().then("open survey").confirms().then("ended done").asked(&["cancel_now sub_1"]);
    let view = view::of(&s.d.account, &s.id(), s.d.now, &s.d.policy).unwrap();
    assert_eq!(view.undo_until_ms, None);
    let id = s.id();
    assert_eq!(s.refused(CancelEvent::Undone { id }), CancelError::TooLate);
    let again = s.started(CancelKind::Ordinary);
    assert_eq!(s.refused(again), CancelError::NoSuchSubscription);
}

#[test]
fn after_a_refusal_nothing_is_offered_for_the_stated_days() {
    let mut s = Story::of(PROVIDER);
    s.on(0, "10:00").comes_to_the_offers().answers(Step::Offer, Answer::Stay).then("kept kept");
    for day in [1, 8, 29] {
        s.on(day, "09:59").begins();
        s.answers(Step::Survey, Answer::Reason(None)).then("open feedback");
        s.answers(Step::Feedback, Answer::Stay);
    }
    // Thirty days of the default policy; the law asks for seven.
    s.set_life(|life| life.period_ends_at = Some(at(60, "00:00")));
    s.on(30, "10:00").see().comes_to_the_offers().then("open offer [\"pause\"]");
}

#[test]
fn a_screen_that_was_shown_for_one_subscription_is_not_shown_for_another() {
    let mut s = Story::of(PROVIDER);
    s.d.also_owes("in_9", 900, "eur");
    let other = s.d.provider.subscription_seen(&subscription_id("sub_of_in_9"));
    s.d.tell(&other);
    let id = subscription_id("sub_of_in_9");
    s.d.provider.subscriptions.get_mut(&id).unwrap().life =
        s.d.provider.subscriptions[&subscription_id("sub_1")].life.clone();
    let other = s.d.provider.subscription_seen(&id);
    s.d.tell(&other);
    // Both are begun before anything was shown.
    s.begins();
    let first = s.id();
    s.on(0, "00:01").tell(CancelEvent::Started {
        subscription: Some(id),
        kind: CancelKind::Ordinary,
        place: Whereabouts::default(),
    });
    let answer = Answer::Reason(None);
    s.tell(CancelEvent::Answered { id: first, from: Step::Survey, answer });
    s.then("open survey").answers(Step::Survey, Answer::Reason(None)).then("open feedback");
}

#[test]
fn who_closes_the_page_said_no_and_begins_anew_the_next_day() {
    let mut s = Story::of(PROVIDER);
    s.on(0, "10:00").comes_to_the_offers();
    let first = s.id();
    s.on(0, "22:00").begins().then("open offer [\"pause\"]");
    assert_eq!(s.id(), first);
    s.on(1, "10:00").begins().then("open survey");
    assert_ne!(s.id(), first);
    s.answers(Step::Survey, Answer::Reason(None)).then("open feedback");
    let lapsed = view::of(&s.d.account, &first, s.d.now, &s.d.policy).unwrap();
    assert_eq!(lapsed.state, "lapsed");
}

#[test]
fn a_past_due_customer_leaves_at_once_and_is_never_asked_again() {
    for (invoices, becomes) in
        [(OpenInvoices::Void, InvoiceStatus::Void), (OpenInvoices::Keep, InvoiceStatus::Open)]
    {
        for driver in [PROVIDER, RetryDriver::Ours] {
            let mut s = Story::of(driver);
            let policy = CancelSettings { open_invoices: invoices, ..settings(Vec::new()) };
            s.d.policy = s.d.policy.clone().letting_go(policy);
            s.d.provider.schedule_ms = vec![3 * DAY_MS; 4];
            s.on(0, "09:00").the_renewal_fails("insufficient_funds");
            s.on(0, "12:00").begins().confirms().then("ended done");
            assert_eq!(s.status_of("in_1"), becomes, "{invoices:?}");
            let asked = match invoices {
                OpenInvoices::Void => &["cancel_now sub_1", "hold in_1", "void in_1"],
                OpenInvoices::Keep => &["cancel_now sub_1", "hold in_1"][..],
            };
            s.asked(asked);
            s.on(3, "12:00").d.the_provider_tries("in_1");
            s.on(20, "12:00").d.the_bank_saw("in_1 pm_old* no");
            assert_eq!(s.d.account.open_cases().count(), 0);
        }
    }
}

#[test]
fn a_past_due_customer_who_stays_to_the_end_rests_and_may_come_back() {
    let mut s = Story::of(RetryDriver::Ours);
    let policy = CancelSettings { ends_past_due: EndsAt::PeriodEnd, ..settings(Vec::new()) };
    s.d.policy = s.d.policy.clone().letting_go(policy);
    s.on(0, "09:00").the_renewal_fails("insufficient_funds");
    s.on(0, "12:00").begins().confirms().then("canceled done");
    s.d.then("in_1 suspended | clear, warn");
    assert!(s.is_held("in_1"));
    s.on(10, "12:00").d.the_bank_saw("in_1 pm_old* no");
    s.d.card("pm_old", &[Verdict::Approve]);
    s.on(10, "12:00").undoes().then("undone done");
    assert!(!s.is_held("in_1"));
    s.on(12, "12:00").d.the_bank_saw("in_1 pm_old* no, in_1 pm_old yes");
}

#[test]
fn the_receipt_has_every_line_and_is_the_same_for_ever() {
    let mut s = Story::of(PROVIDER);
    s.on(3, "10:00").begins();
    let id = s.id();
    let known = |s: &Story| s.d.account.leaving.cancellations[&id].clone();
    assert_eq!(receipt::receipt(&s.d.account, &known(&s), &s.d.policy), None);
    let told = s.told(&Event::Cancel(CancelEvent::Confirmed { id: id.clone() }));
    assert_eq!(told, [CancelNotice::Receipt { id: id.clone() }]);
    s.confirms();
    let first = receipt::receipt(&s.d.account, &known(&s), &s.d.policy).unwrap();
    let show = |value: &Value| match value {
        Value::Time(at) => format!("{}", at.as_ms()),
        Value::Money(money) => format!("{} {}", money.amount_minor, money.currency.as_str()),
        _ => String::new(),
    };
    let text = receipt::text(&first.lines, str::to_owned, show);
    let wanted = format!(
        "receipt.id: {id}\n\
         receipt.at: {}\n\
         receipt.kind: receipt.kind.ordinary\n\
         receipt.customer: cus_1\n\
         receipt.contract: sub_1\n\
         receipt.price: 1900 eur\n\
         receipt.effective_at: {}\n\
         receipt.open_invoices: receipt.open_invoices.void\n\
         receipt.undo_until: {}\n",
        at(3, "10:00").as_ms(),
        at(29, "00:00").as_ms(),
        at(29, "00:00").as_ms(),
    );
    assert_eq!(text, wanted);
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00"));
    assert_eq!(receipt::receipt(&s.d.account, &known(&s), &s.d.policy), Some(first));
}

#[test]
fn the_right_to_withdraw_is_told_as_long_as_there_is_one() {
    let right = in_force(Jurisdiction::De, at(0, "00:00")).withdrawal;
    let mut s = Story::of(PROVIDER);
    s.country = "DE";
    let told = |s: &Story, right| {
        let view = view::subscriptions(&s.d.account, right, s.d.now, &s.d.policy);
        view.subscriptions[0].withdraw_until_ms
    };
    assert_eq!(told(&s, right), None, "a customer since a year");
    assert!(!view::is_any_young(&s.d.account, s.d.now));
    s.set_life(|life| life.started_at = Some(at(-1, "12:00")));
    s.on(0, "09:00").see();
    let until = at(13, "12:00");
    assert_eq!(told(&s, right), Some(until.as_ms()));
    assert_eq!(told(&s, None), None, "no such right there");
    s.d.now = until;
    assert_eq!(told(&s, right), Some(until.as_ms()));
    assert!(view::is_any_young(&s.d.account, until));
    s.d.now = until.plus_ms(1);
    assert_eq!(told(&s, right), None);
    let event = s.started(CancelKind::Withdrawal);
    assert_eq!(s.refused(event), CancelError::NoWithdrawal, "what is told is what holds");
    s.d.now = until;
    let event = s.started(CancelKind::Withdrawal);
    s.tell(event).then("open confirm");
    let view = view::of(&s.d.account, &s.id(), s.d.now, &s.d.policy).unwrap();
    assert_eq!(view.profile.confirm_label, "withdraw.confirm");
    assert_eq!(view.subscription.withdraw_until_ms, Some(until.as_ms()));
    s.confirms().then("ended done");
    assert_eq!(view::subscriptions(&s.d.account, right, s.d.now, &s.d.policy).subscriptions, []);
}

#[test]
fn a_cause_and_a_young_contract_end_at_once() {
    let mut s = Story::of(PROVIDER);
    s.country = "DE";
    let event = s.started(CancelKind::Withdrawal);
    assert_eq!(s.refused(event), CancelError::NoWithdrawal, "a customer since a year");
    let event = s.started(CancelKind::Extraordinary);
    s.tell(event).then("open confirm");
    s.answers(Step::Confirm, Answer::Feedback(Some("Three days\nwithout service".to_owned())));
    s.confirms().then("ended done");
    let known = &s.d.account.leaving.cancellations[&s.id()];
    let receipt = receipt::receipt(&s.d.account, known, &s.d.policy).unwrap();
    let text = receipt::text(&receipt.lines, str::to_owned, |_| "-".to_owned());
    assert!(text.contains("receipt.cause: Three days without service\n"), "{text}");
    let mut s = Story::of(PROVIDER);
    s.country = "FR";
    s.set_life(|life| life.started_at = Some(at(-13, "00:00")));
    s.see();
    let event = s.started(CancelKind::Withdrawal);
    s.tell(event).then("open confirm").confirms().then("ended done");
}

#[test]
fn it_has_to_be_said_which_of_several() {
    let mut s = Story::of(PROVIDER);
    s.d.also_owes("in_9", 900, "eur");
    let other = s.d.provider.subscription_seen(&subscription_id("sub_of_in_9"));
    s.d.tell(&other);
    let which = CancelEvent::Started {
        subscription: None,
        kind: CancelKind::Ordinary,
        place: Whereabouts::default(),
    };
    assert_eq!(s.refused(which.clone()), CancelError::ChooseSubscription);
    s.d.the_subscription_is("sub_of_in_9", SubscriptionStatus::Ended);
    s.tell(which).then("open survey");
    let gone = CancelEvent::Started {
        subscription: Some(subscription_id("sub_of_in_9")),
        kind: CancelKind::Ordinary,
        place: Whereabouts::default(),
    };
    assert_eq!(s.refused(gone), CancelError::NoSuchSubscription);
    let id = CancellationId::parse("ccl_0").unwrap();
    assert_eq!(s.refused(CancelEvent::Confirmed { id }), CancelError::NoSuchCancellation);
}
