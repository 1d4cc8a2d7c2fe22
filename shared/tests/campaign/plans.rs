//! One decision at a time: each condition, each stop rule, each reason against sending.

use super::story::{Story, at, case, coming, reachable, subject_id};
use reprieve_core::calendar::Weekday;
use reprieve_core::campaign::{
    Anchor, Campaign, Cap, Channel, Consent, Content, Matter, NoticeKind, PriceConsent, QuietHours,
    SUBJECTS_MAX, Span, Standing, Step, Suppression, Verdict, due,
};
use reprieve_core::case::CaseState;
use reprieve_core::network::RuleId;
use reprieve_core::policy::segment::Sector;
use reprieve_core::time::DAY_MS;

/// A campaign without bounds.
pub(crate) fn bare(steps: Vec<Step>) -> Campaign {
    Campaign {
        name: "bare".to_owned(),
        tone: Sector::Consumer,
        coalesce: Span::hours(24),
        caps: Vec::new(),
        quiet: QuietHours::none(),
        stop: Vec::new(),
        steps,
    }
}

pub(crate) fn mail(name: &str, kind: NoticeKind, anchor: Anchor) -> Step {
    Step::new(name, kind, Channel::Email, anchor)
}

pub(crate) fn first() -> Step {
    mail("first", NoticeKind::PaymentFailed, Anchor::Failure)
}

/// `in_1` failed at 09:00; it is 09:00.
pub(crate) fn one(step: Step) -> Story {
    let mut s = Story::of(bare(vec![step]));
    s.now = at(0, "09:00");
    s.fails("in_1", 14);
    s
}

pub(crate) fn verdict(s: &Story) -> String {
    match s.plan()[0].verdict.clone() {
        Verdict::Suppressed(why) => why.rule().to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn a_channel_needs_an_address_and_sometimes_consent() {
    use Consent::{Given, NotAsked, Refused};
    #[rustfmt::skip]
    let table = [
        // channel, there is an address, consent
        (Channel::InApp,   true,  Refused,  "due"),
        (Channel::Webhook, true,  Refused,  "due"),
        (Channel::Email,   true,  NotAsked, "due"),
        (Channel::Email,   true,  Refused,  "campaign.no_consent"),
        (Channel::Email,   false, Given,    "campaign.no_address"),
        (Channel::Sms,     true,  Given,    "due"),
        (Channel::Sms,     true,  NotAsked, "campaign.no_consent"),
        (Channel::Push,    true,  NotAsked, "campaign.no_consent"),
        (Channel::Push,    true,  Given,    "due"),
    ];
    for (channel, has_address, consent, expected) in table {
        let mut s = one(Step { channel, ..first() });
        s.channel(channel).consent = consent;
        if !has_address {
            s.without(&[channel]);
        }
        assert_eq!(verdict(&s), expected, "{channel:?} {has_address} {consent:?}");
    }
    // Of whom nothing is known, banner and webhook remain.
    for channel in Channel::ALL {
        let mut s = one(Step { channel, ..first() });
        s.facts.channels.clear();
        let open = matches!(channel, Channel::InApp | Channel::Webhook);
        assert_eq!(verdict(&s) == "due", open, "{channel:?}");
    }
}

#[test]
fn the_state_of_things_outranks_the_campaign() {
    #[rustfmt::skip]
    let table = [
        (CaseState::Scheduled, Standing::Running, "due"),
        (CaseState::Attempting, Standing::Running, "due"),
        (CaseState::AwaitingPaymentMethod, Standing::Running, "due"),
        (CaseState::AwaitingAuthentication, Standing::Running, "due"),
        (CaseState::Suspended, Standing::Running, "campaign.paused"),
        (CaseState::Scheduled, Standing::Paused, "campaign.paused"),
        (CaseState::Scheduled, Standing::Canceled, "campaign.canceled"),
        (CaseState::Recovered, Standing::Running, "campaign.recovered"),
        (CaseState::Recovered, Standing::Canceled, "campaign.recovered"),
        (CaseState::Exhausted, Standing::Running, "campaign.closed"),
        (CaseState::Canceled, Standing::Running, "campaign.closed"),
        (CaseState::Voided, Standing::Running, "campaign.closed"),
    ];
    for (state, standing, expected) in table {
        let mut s = one(first());
        s.change("in_1", |case| case.state = state);
        s.facts.subjects[0].standing = standing;
        assert_eq!(verdict(&s), expected, "{state:?} {standing:?}");
    }
}

#[test]
fn an_offer_stays_out_of_messages_about_payments() {
    for channel in Channel::ALL {
        let s = one(Step { channel, content: Content::WithOffer, ..first() });
        let allowed = channel == Channel::InApp;
        let expected = if allowed { "due" } else { "campaign.offer_in_message" };
        assert_eq!(verdict(&s), expected, "{channel:?}");
    }
}

#[test]
fn what_is_too_late_is_left() {
    let table = [
        // offset, late, hours after the failure, expected
        (Span::ZERO, None, 72, "due"),
        (Span::ZERO, None, 73, "campaign.too_late"),
        (Span::ZERO, Some(Span::hours(5)), 5, "due"),
        (Span::ZERO, Some(Span::hours(5)), 6, "campaign.too_late"),
        (Span::hours(2), Some(Span::ZERO), 1, "ahead"),
        (Span::hours(2), Some(Span::ZERO), 2, "due"),
    ];
    for (offset, late, hours, expected) in table {
        let mut s = one(Step { late, ..first().at(offset) });
        s.now = s.now.plus_ms(hours * DAY_MS / 24);
        assert_eq!(verdict(&s), expected, "{offset} {late:?} {hours}");
    }
    // Before an anchor it makes sense until the anchor.
    let trial = mail("trial", NoticeKind::TrialEnding, Anchor::TrialEnd).at(Span::days(-7));
    let mut s = Story::of(bare(vec![trial]));
    let matter = Matter::Trial { ends_at: at(10, "00:00"), length_ms: None };
    s.facts.subjects = vec![coming("sub_1", at(10, "00:00"), matter)];
    for (day, expected) in [(2, "ahead"), (3, "due"), (10, "due"), (11, "campaign.too_late")] {
        s.now = at(day, "00:00");
        assert_eq!(verdict(&s), expected, "day {day}");
    }
}

#[test]
fn quiet_hours_and_caps_delay_and_give_up_only_when_it_makes_no_sense_any_more() {
    let mut s = one(first().at(Span::hours(12)).late_by(Span::hours(10)));
    s.campaign.quiet = QuietHours::nights(20, 8);
    // 21:00 waits for 8:00, which is too late for 7:00.
    assert_eq!(s.why_not("first"), Some(Suppression::Quiet));
    s.campaign.steps[0].late = Some(Span::hours(11));
    assert_eq!(s.decision("first").at, at(1, "08:00"));
    s.campaign.quiet.days = vec![Weekday::Tuesday];
    assert_eq!(s.why_not("first"), Some(Suppression::Quiet));

    let mut s = one(first());
    s.campaign.steps.push(Step { channel: Channel::Sms, name: "sms".to_owned(), ..first() });
    s.campaign.caps = vec![Cap::over_all(1, Span::days(2))];
    s.on(0, "09:00");
    assert_eq!(s.decision("sms").at, at(2, "09:00"));
    s.on(2, "09:00");
    let why = &s.sent.last().unwrap().decision.why;
    assert_eq!(why, &[RuleId("campaign.cap")], "said also when it is sent");

    let mut s = one(first());
    s.campaign.steps.push(Step { channel: Channel::Sms, name: "sms".to_owned(), ..first() });
    s.campaign.caps = vec![Cap::over_all(1, Span::days(2))];
    s.on(0, "09:00");
    s.campaign.caps = vec![Cap::over_all(1, Span::days(4))];
    assert_eq!(s.why_not("sms"), Some(Suppression::Capped));
    s.campaign.steps[1] = s.campaign.steps[1].clone().required();
    s.on(0, "10:00");
    let sms = &s.sent.last().unwrap().decision;
    assert_eq!((sms.channel, s.sent.len()), (Channel::Sms, 2));
    assert!(sms.why.contains(&RuleId("campaign.required_over_cap")));
}

#[test]
fn a_later_step_says_it_for_an_earlier_one() {
    let reminder = |name: &str, hours| {
        mail(name, NoticeKind::PaymentReminder, Anchor::Failure).at(Span::hours(hours))
    };
    let steps = vec![reminder("a", 1), reminder("b", 2), reminder("c", 30)];
    let mut s = Story::of(bare(steps));
    s.now = at(0, "09:00");
    s.fails("in_1", 14);
    // Nobody looked for three hours.
    s.now = at(0, "12:00");
    assert_eq!(s.decision("b").verdict, Verdict::Due);
    let into = s.decision("b").id;
    assert_eq!(s.decision("a").verdict, Verdict::Merged { into });
    assert_eq!(s.decision("c").verdict, Verdict::Ahead, "another day's word about the same");
    s.on(0, "12:00");
    assert_eq!(s.decision("a").verdict, Verdict::Sent);
    assert_eq!(s.sent.len(), 1);
}

#[test]
fn only_payments_are_said_early() {
    let table = [
        (NoticeKind::PaymentFailed, Anchor::Failure, 1),
        (NoticeKind::PaymentReminder, Anchor::Failure, 1),
        // "Your bank wants to see you" and "your access is restricted" have to be true.
        (NoticeKind::AccessRestricted, Anchor::GraceEnd, 2),
    ];
    for (kind, anchor, notices) in table {
        let mut s = Story::of(bare(vec![mail("one", kind, anchor)]));
        s.on(0, "09:00").fails("in_1", 1).on(0, "20:00").fails("in_2", 1);
        // Both are there when the first is due, and the second follows within the day.
        s.log = Default::default();
        s.sent.clear();
        s.now = at(0, "19:00");
        s.on(3, "00:00");
        assert_eq!(s.sent.len(), notices, "{kind:?}");
    }
}

#[test]
fn the_webhook_is_told_of_everything() {
    let mut hook = first();
    hook.channel = Channel::Webhook;
    let thanks =
        Step { channel: Channel::Webhook, ..mail("paid", NoticeKind::Recovered, Anchor::Recovery) };
    let mut s = Story::of(bare(vec![hook, thanks]));
    s.campaign.caps = vec![Cap::over_all(1, Span::days(7))];
    s.campaign.quiet = QuietHours::nights(1, 0);
    s.facts.charge_under_way = true;
    s.on(0, "09:00").fails("in_1", 14).fails("in_2", 14).on(0, "10:00").is_paid("in_1");
    s.on(1, "00:00");
    assert_eq!(s.sent.len(), 3, "two failures and a recovery, although another is open");
    assert!(s.sent.iter().all(|sent| sent.decision.merge_key.is_none()));
}

#[test]
fn a_question_that_was_answered_is_not_asked() {
    let ask = mail("ask", NoticeKind::PriceConsent, Anchor::PriceChange).at(Span::days(-30));
    let tell = mail("tell", NoticeKind::PriceChange, Anchor::PriceChange).at(Span::days(-30));
    let table = [
        (PriceConsent::Needed, "due", "due"),
        (PriceConsent::NotNeeded, "campaign.consent_answered", "due"),
        (PriceConsent::Given, "campaign.consent_answered", "due"),
        (PriceConsent::Refused, "campaign.consent_answered", "campaign.consent_answered"),
    ];
    for (consent, asked, told) in table {
        for (step, expected) in [(&ask, asked), (&tell, told)] {
            let mut s = Story::of(bare(vec![step.clone()]));
            let matter = Matter::Price { effective_at: at(20, "00:00"), reason: None, consent };
            s.facts.subjects = vec![coming("sub_1", at(20, "00:00"), matter)];
            assert_eq!(verdict(&s), expected, "{consent:?} {:?}", step.kind);
        }
    }
}

#[test]
fn a_look_has_a_ceiling() {
    let mut facts = reachable();
    let many = 0..SUBJECTS_MAX + 50;
    facts.subjects.extend(many.map(|n| case(&format!("in_{n}"), at(0, "09:00"), 14)));
    let campaign = bare(vec![first()]);
    let now = at(0, "09:00");
    let plan = reprieve_core::campaign::plan(&facts, &Default::default(), now, &campaign);
    assert_eq!(plan.len(), SUBJECTS_MAX);
    let due = due(&facts, &Default::default(), now, &campaign);
    assert_eq!(due.len(), 1, "one mail for all");
    assert_eq!(due[0].names.len(), SUBJECTS_MAX);
    assert_eq!(due[0].names[0], subject_id("in_0"));
}

#[test]
fn every_reason_reads_as_a_sentence() {
    use Suppression as S;
    let rule = RuleId("campaign.if.amount");
    let all = [
        S::Recovered,
        S::Closed,
        S::Canceled,
        S::OfferInMessage,
        S::TooLate,
        S::Recorded("campaign.closed".to_owned()),
        S::Paused,
        S::ChargeUnderWay,
        S::OpenCase,
        S::OthersOpen,
        S::NothingWasSaid,
        S::ConsentAnswered,
        S::NoAddress,
        S::NoConsent,
        S::Condition(rule),
        S::Stopped(rule),
        S::Capped,
        S::Quiet,
    ];
    for reason in &all {
        let sentence = reason.sentence();
        assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
        assert!(reason.rule().starts_with("campaign."), "{reason:?}");
    }
}

#[test]
fn company_does_not_hold_back_what_is_required() {
    let trial = |name: &str, days: i64| {
        mail(name, NoticeKind::TrialEnding, Anchor::TrialEnd).at(Span::days(-days))
    };
    let filler = mail("filler", NoticeKind::CardUpdated, Anchor::CardUpdate);
    let mut s = Story::of(bare(vec![filler, trial("kind", 9), trial("required", 8).required()]));
    s.campaign.caps = vec![Cap::over_all(1, Span::days(3))];
    let matter = Matter::Trial { ends_at: at(10, "09:00"), length_ms: None };
    let update = Matter::CardUpdate { at: at(0, "09:00") };
    s.facts.subjects =
        vec![coming("pm_1", at(0, "09:00"), update), coming("sub_1", at(10, "09:00"), matter)];
    s.on(1, "10:00");
    // The kind word of day 1 has to wait for day 3; the required one of day 2 does not wait with
    // it.
    assert_eq!(s.decision("kind").at, at(3, "09:00"));
    s.on(9, "00:00");
    let days: Vec<_> = s.lines_of(Channel::Email).iter().map(|line| line[..7].to_owned()).collect();
    assert_eq!(days, ["0 09:00", "2 09:00"], "and says it all");
    assert_eq!(s.decision("kind").verdict, Verdict::Sent);
}
