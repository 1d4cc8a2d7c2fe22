//! The built-in campaigns as dated diaries.

use super::story::{Story, at, case, coming};
use reprieve_core::api::status::Remedy;
use reprieve_core::campaign::{
    Channel, Matter, PriceConsent, Standing, Suppression, business, game, standard,
};
use reprieve_core::case::CaseState;
use reprieve_core::decline::Category;
use reprieve_core::network::RuleId;
use reprieve_core::time::{DAY_MS, HOUR_MS};

#[test]
fn an_expired_card_and_nobody_answers() {
    let mut s = Story::failed(standard());
    s.on(30, "00:00");
    let expected = [
        "0 09:00 in_app payment_failed in_1",
        "0 10:00 email payment_failed in_1",
        "3 09:00 email payment_reminder in_1",
        "7 09:00 email payment_reminder in_1",
        "9 09:00 sms payment_reminder in_1",
        "11 09:00 email grace_ending in_1",
        "13 09:00 push grace_ending in_1",
        "14 09:00 email access_restricted in_1",
    ];
    assert_eq!(s.lines(), expected);
}

#[test]
fn a_customer_who_pays_gets_one_thank_you_and_then_peace() {
    let mut s = Story::failed(standard());
    s.on(5, "12:00").is_paid("in_1").on(60, "00:00");
    let expected = [
        "0 09:00 in_app payment_failed in_1",
        "0 10:00 email payment_failed in_1",
        "3 09:00 email payment_reminder in_1",
        "5 12:00 email recovered in_1",
    ];
    assert_eq!(s.lines(), expected);
}

#[test]
fn a_retry_that_helps_before_a_word_was_said_needs_no_thanks() {
    let mut s = Story::of(standard());
    s.without(&[Channel::InApp]).on(0, "09:00").fails("in_1", 14).on(0, "09:30").is_paid("in_1");
    assert_eq!(s.why_not("mail_thanks"), Some(Suppression::NothingWasSaid));
    s.on(30, "00:00");
    assert_eq!(s.lines(), [""; 0]);
}

#[test]
fn money_may_come_by_itself() {
    // Missing money: the provider tries again after a day, and only then is a word said.
    let mut s = Story::failed(standard());
    s.declined_as("in_1", Category::InsufficientFunds);
    s.change("in_1", |case| case.next_attempt_at = Some(at(1, "20:00")));
    // At day 2, 09:00 the outcome of 20:00 is long known.
    s.on(2, "09:30");
    assert_eq!(s.lines_of(Channel::Email), ["2 09:00 email payment_failed in_1"]);
    s.on(2, "12:00").is_paid("in_1").on(9, "00:00");
    let expected = ["2 09:00 email payment_failed in_1", "2 12:00 email recovered in_1"];
    assert_eq!(s.lines_of(Channel::Email), expected);
}

#[test]
fn a_word_waits_for_an_attempt_that_is_near() {
    let mut s = Story::failed(standard());
    s.declined_as("in_1", Category::InsufficientFunds);
    s.change("in_1", |case| case.next_attempt_at = Some(at(2, "18:00")));
    s.on(2, "12:00");
    let waits = s.decision("mail_first_wait");
    // 18:00 and an hour for the outcome.
    assert_eq!(waits.at, at(2, "19:00"));
    assert_eq!(waits.why, [RuleId("campaign.attempt_first")]);
    s.on(2, "18:05").is_paid("in_1").on(9, "00:00");
    // The banner alone had spoken, so there are thanks, and nothing else.
    assert_eq!(s.lines_of(Channel::Email), ["2 18:05 email recovered in_1"]);
}

#[test]
fn a_decline_that_changes_brings_the_other_word() {
    let mut s = Story::failed(standard());
    s.declined_as("in_1", Category::InsufficientFunds).on(1, "09:00");
    assert_eq!(s.lines_of(Channel::Email), [""; 0]);
    s.declined_as("in_1", Category::Expired).on(1, "10:00");
    assert_eq!(s.lines_of(Channel::Email), ["1 09:00 email payment_failed in_1"]);
}

#[test]
fn a_bank_that_asks_later_is_answered_at_once() {
    let mut s = Story::failed(standard());
    s.declined_as("in_1", Category::InsufficientFunds).on(5, "13:00");
    s.declined_as("in_1", Category::AuthenticationRequired).on(5, "14:00");
    let expected = [
        "0 09:00 in_app payment_failed in_1",
        "2 09:00 email payment_failed in_1",
        "5 13:00 email authentication_needed in_1",
        "5 13:00 push authentication_needed in_1",
    ];
    assert_eq!(s.lines(), expected);
}

#[test]
fn a_payer_who_told_the_bank_to_stop_hears_of_it_once() {
    let mut s = Story::failed(standard());
    s.declined_as("in_1", Category::Revoked).on(40, "00:00");
    assert_eq!(s.lines(), ["0 10:00 email payment_failed in_1"]);
    assert_eq!(Category::Revoked.remedy(), Remedy::Stop);
}

#[test]
fn the_night_is_quiet() {
    let mut s = Story::of(standard());
    s.on(0, "22:30").fails("in_1", 14).on(1, "12:00");
    let expected = ["0 22:30 in_app payment_failed in_1", "1 08:00 email payment_failed in_1"];
    assert_eq!(s.lines(), expected);
    assert!(s.sent[1].decision.why.contains(&RuleId("campaign.quiet_hours")));
}

#[test]
fn several_invoices_are_one_notice() {
    let mut s = Story::failed(standard());
    s.on(0, "09:30").fails("in_2", 14).on(0, "21:00").fails("in_3", 14).on(8, "00:00");
    let expected = [
        "0 10:00 email payment_failed in_1 in_2",
        // in_3 came after that; the reminder of day 3 speaks of all.
        // Three banners and a mail are the four of one day.
        "1 09:00 email payment_failed in_1 in_2 in_3",
        "3 09:00 email payment_reminder in_1 in_2 in_3",
        "7 09:00 email payment_reminder in_1 in_2 in_3",
    ];
    assert_eq!(s.lines_of(Channel::Email), expected);
    let steps: Vec<_> = s.sent.last().unwrap().decision.covers.iter().collect();
    assert_eq!(steps.len(), 2, "the other two reminders became part of it");
}

#[test]
fn thanks_wait_until_all_is_paid() {
    let mut s = Story::failed(standard());
    s.on(0, "09:30").fails("in_2", 14).on(1, "12:00").is_paid("in_1");
    assert_eq!(s.why_not("mail_thanks"), Some(Suppression::OthersOpen));
    s.on(2, "12:00").is_paid("in_2").on(30, "00:00");
    let thanks = ["2 12:00 email recovered in_1 in_2"];
    let lines = s.lines_of(Channel::Email);
    assert_eq!(lines[lines.len() - 1..], thanks, "{lines:?}");
}

#[test]
fn nothing_to_a_customer_who_cancelled() {
    for end in [CaseState::Canceled, CaseState::Voided, CaseState::Exhausted] {
        let mut s = Story::failed(standard());
        s.on(1, "00:00").closes("in_1", end).on(40, "00:00");
        assert_eq!(s.sent.len(), 2, "{end:?}");
    }
    // The subscription ends with its period because the customer wants it to; the case is open.
    let mut s = Story::failed(standard());
    s.on(1, "00:00");
    s.facts.subjects[0].standing = Standing::Canceled;
    s.on(40, "00:00");
    assert_eq!(s.sent.len(), 2);
}

#[test]
fn a_pause_is_silent() {
    let mut s = Story::failed(standard());
    s.on(1, "00:00").change("in_1", |case| case.state = CaseState::Suspended).on(8, "00:00");
    assert_eq!(s.sent.len(), 2);
    assert_eq!(s.why_not("mail_reminder_7"), Some(Suppression::Paused));
    // Back again: what is not too late is said.
    s.change("in_1", |case| case.state = CaseState::AwaitingPaymentMethod).on(8, "09:00");
    assert_eq!(s.lines().last().unwrap(), "8 08:00 email payment_reminder in_1");
}

#[test]
fn a_company_is_written_to_in_working_hours() {
    // Friday, 6 November, 17:30.
    let mut s = Story::of(business());
    s.on(4, "17:30").fails("in_1", 30).on(60, "00:00");
    let customer: Vec<_> = s.lines().into_iter().filter(|l| !l.contains("webhook")).collect();
    let expected = [
        "4 17:30 in_app payment_failed in_1",
        // 19:30 is evening: Monday.
        "7 08:00 email payment_failed in_1",
        "9 17:30 email payment_reminder in_1",
        "16 17:30 email payment_reminder in_1",
        "28 08:00 email grace_ending in_1",
        "31 17:30 email grace_ending in_1",
        // Grace ends on a Sunday at 17:30.
        "35 08:00 email access_restricted in_1",
    ];
    assert_eq!(customer, expected);
    let hooks = ["4 17:30 webhook payment_failed in_1", "27 17:30 webhook grace_ending in_1"];
    assert_eq!(s.lines_of(Channel::Webhook), hooks);
}

#[test]
fn a_player_hears_little() {
    let mut s = Story::of(game());
    s.on(0, "16:00").fails("in_1", 7).on(30, "00:00");
    let expected = [
        "0 16:00 in_app payment_failed in_1",
        "1 16:00 push payment_failed in_1",
        "4 16:00 in_app grace_ending in_1",
        "5 16:00 push grace_ending in_1",
        "7 16:00 in_app access_restricted in_1",
        "8 16:00 email access_restricted in_1",
    ];
    assert_eq!(s.lines(), expected);
}

#[test]
fn a_player_who_came_back_and_saw_the_banner_is_not_called() {
    let mut s = Story::of(game());
    s.on(0, "16:00").fails("in_1", 7).on(0, "18:00");
    s.channel(Channel::InApp).reacted_at = Some(at(0, "17:00"));
    s.on(2, "00:00");
    assert_eq!(s.lines(), ["0 16:00 in_app payment_failed in_1"]);
    assert_eq!(
        s.why_not("push_first"),
        Some(Suppression::Stopped(RuleId("campaign.stop.reacted")))
    );
}

#[test]
fn a_player_without_push_gets_mail() {
    let mut s = Story::of(game());
    s.without(&[Channel::Push]).on(0, "16:00").fails("in_1", 7).on(6, "00:00");
    let expected = ["1 16:00 email payment_failed in_1", "5 16:00 email grace_ending in_1"];
    assert_eq!(s.lines_of(Channel::Email), expected);
    assert_eq!(s.lines_of(Channel::Push), [""; 0]);
}

#[test]
fn before_the_charge() {
    let mut s = Story::of(standard());
    let card = Matter::Card { expires_at: at(40, "23:59") };
    let charge = Matter::Charge { at: at(50, "12:00") };
    let trial = Matter::Trial { ends_at: at(20, "12:00"), length_ms: Some(30 * DAY_MS) };
    s.facts.subjects = vec![
        coming("pm_1", at(40, "23:59"), card),
        coming("sub_1", at(50, "12:00"), charge),
        coming("sub_2", at(20, "12:00"), trial),
    ];
    s.facts.subjects[1].interval_months = Some(12);
    s.on(60, "00:00");
    let words: Vec<_> =
        s.lines().iter().map(|l| l.rsplit_once(' ').unwrap().0.to_owned()).collect();
    let expected = [
        // 23:59 thirty days before is night.
        "11 08:00 email card_expiring",
        "12 12:00 email trial_ending",
        "15 12:00 email trial_ending",
        "22 12:00 email upcoming_charge",
        "33 23:59 in_app card_expiring",
        "34 08:00 email card_expiring",
        "45 12:00 email upcoming_charge",
    ];
    assert_eq!(words, expected);
}

#[test]
fn a_new_price_is_told_and_where_needed_asked_for() {
    let price = |consent| {
        let matter = Matter::Price { effective_at: at(60, "12:00"), reason: None, consent };
        let mut s = Story::of(standard());
        s.facts.subjects = vec![coming("sub_1", at(60, "12:00"), matter)];
        s
    };
    let kinds = |s: &Story| -> Vec<_> {
        s.sent.iter().map(|sent| (sent.decision.kind.as_str(), sent.decision.channel)).collect()
    };
    let mut s = price(PriceConsent::NotNeeded);
    s.on(61, "00:00");
    let told = [("price_change", Channel::InApp), ("price_change", Channel::Email)];
    assert_eq!(kinds(&s), told);
    let mut s = price(PriceConsent::Needed);
    s.on(61, "00:00");
    let asked = [
        ("price_consent", Channel::Email),
        ("price_change", Channel::InApp),
        ("price_change", Channel::Email),
        ("price_consent", Channel::Email),
    ];
    assert_eq!(kinds(&s), asked);
    let mut s = price(PriceConsent::Refused);
    s.on(61, "00:00");
    assert_eq!(kinds(&s), []);
}

#[test]
fn a_card_that_was_updated_is_told_once() {
    let mut s = Story::of(standard());
    let update = Matter::CardUpdate { at: at(0, "03:00") };
    s.facts.subjects = vec![coming("pm_1", at(0, "03:00"), update)];
    s.on(20, "00:00");
    assert_eq!(s.lines().len(), 1);
    assert!(s.lines()[0].starts_with("0 08:00 email card_updated"));
}

#[test]
fn an_open_invoice_comes_before_what_can_wait() {
    let mut s = Story::failed(standard());
    let card = Matter::Card { expires_at: at(31, "12:00") };
    s.facts.subjects.push(coming("pm_1", at(31, "12:00"), card));
    s.on(2, "00:00");
    assert_eq!(s.why_not("mail_card_30"), Some(Suppression::OpenCase));
    s.is_paid("in_1").on(3, "00:00");
    assert!(s.lines().last().unwrap().contains("card_expiring"));
}

#[test]
fn a_complaint_silences_all_but_the_law() {
    let trial = Matter::Trial { ends_at: at(20, "12:00"), length_ms: Some(30 * DAY_MS) };
    let mut s = Story::failed(standard());
    s.facts.subjects.push(coming("sub_2", at(20, "12:00"), trial));
    s.facts.complaint_open = true;
    s.on(30, "00:00");
    let words: Vec<&str> = s.sent.iter().map(|sent| sent.decision.kind.as_str()).collect();
    assert_eq!(words, ["trial_ending", "trial_ending"]);
}

#[test]
fn what_is_required_does_not_wait_for_an_open_invoice() {
    let mut s = Story::failed(standard());
    let charge = Matter::Charge { at: at(30, "12:00") };
    s.facts.subjects.push(coming("sub_2", at(30, "12:00"), charge));
    s.facts.subjects[1].interval_months = Some(12);
    s.on(2, "13:00");
    assert!(s.lines().iter().any(|line| line.starts_with("2 12:00 email upcoming_charge")));
    s.campaign.steps.iter_mut().for_each(|step| step.duty = reprieve_core::campaign::Duty::Kind);
    assert_eq!(s.why_not("mail_renewal_second"), None, "its time has not come");
    s.on(25, "12:00");
    assert_eq!(s.why_not("mail_renewal_second"), Some(Suppression::OpenCase));
}

#[test]
fn a_charge_under_way_comes_first() {
    let mut s = Story::failed(standard());
    s.facts.charge_under_way = true;
    s.on(0, "12:00");
    assert_eq!(s.why_not("mail_first"), Some(Suppression::ChargeUnderWay));
    s.facts.charge_under_way = false;
    s.on(0, "12:01");
    assert_eq!(s.sent.len(), 2);
}

#[test]
fn a_wake_is_needed_only_while_something_lies_ahead() {
    let mut s = Story::failed(standard());
    s.on(0, "12:00");
    let next = reprieve_core::campaign::next_due(&s.plan());
    // The word about missing money: it is not the reason now, and may be then.
    assert_eq!(next, Some(at(2, "09:00")));
    s.is_paid("in_1").on(1, "00:00");
    assert_eq!(reprieve_core::campaign::next_due(&s.plan()), None);
    assert_eq!(
        case("in_1", at(0, "00:00"), 1).anchor(reprieve_core::campaign::Anchor::TrialEnd),
        None
    );
    assert_eq!(HOUR_MS * 24, DAY_MS);
}
