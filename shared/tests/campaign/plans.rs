//! One decision at a time: each condition, each stop rule, each reason against sending.

use super::story::{Story, at, case, coming, money, reachable, subject_id};
use reprieve_core::calendar::Weekday;
use reprieve_core::campaign::{
    AmountRange, Anchor, Campaign, Cap, Channel, Conditions, Consent, Content, Matter, NoticeKind,
    PriceConsent, QuietHours, SUBJECTS_MAX, Span, Standing, Step, StopRule, Suppression, Verdict,
    due,
};
use reprieve_core::case::CaseState;
use reprieve_core::decline::Category;
use reprieve_core::network::{Network, RuleId};
use reprieve_core::policy::segment::{Country, Sector};
use reprieve_core::time::DAY_MS;

/// A campaign without bounds.
fn bare(steps: Vec<Step>) -> Campaign {
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

fn mail(name: &str, kind: NoticeKind, anchor: Anchor) -> Step {
    Step::new(name, kind, Channel::Email, anchor)
}

fn first() -> Step {
    mail("first", NoticeKind::PaymentFailed, Anchor::Failure)
}

/// `in_1` failed at 09:00; it is 09:00.
fn one(step: Step) -> Story {
    let mut s = Story::of(bare(vec![step]));
    s.now = at(0, "09:00");
    s.fails("in_1", 14);
    s
}

fn verdict(s: &Story) -> String {
    match s.plan()[0].verdict.clone() {
        Verdict::Suppressed(why) => why.rule().to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn each_condition_is_asked() {
    let eur = |from_minor, below_minor| AmountRange {
        currency: money(0, "eur").currency,
        from_minor,
        below_minor,
    };
    let usd = AmountRange { currency: money(0, "usd").currency, ..eur(0, None) };
    let country = |code| vec![Country::parse(code).unwrap()];
    let c = Conditions::default;
    let hour_ago = Some(Span::hours(1));
    #[rustfmt::skip]
    let table: Vec<(Conditions, &str)> = vec![
        // in_1: expired, 19.00 EUR, 1 attempt, Visa, monthly; a consumer in Germany who reacted to
        // push an hour ago
        (c(), "due"),
        (Conditions { declined: vec![Category::Expired, Category::Generic], ..c() }, "due"),
        (Conditions { declined: vec![Category::Generic], ..c() }, "campaign.if.declined"),
        (Conditions { remedy: vec![Category::Expired.remedy()], ..c() }, "due"),
        (Conditions { remedy: vec![Category::Generic.remedy()], ..c() }, "campaign.if.remedy"),
        (Conditions { network: vec![Network::Visa], ..c() }, "due"),
        (Conditions { network: vec![Network::Amex], ..c() }, "campaign.if.network"),
        (Conditions { sector: vec![Sector::Consumer], ..c() }, "due"),
        (Conditions { sector: vec![Sector::Game], ..c() }, "campaign.if.sector"),
        (Conditions { country: country("de"), ..c() }, "due"),
        (Conditions { country: country("fr"), ..c() }, "campaign.if.country"),
        (Conditions { amount: vec![eur(1900, Some(1901))], ..c() }, "due"),
        (Conditions { amount: vec![usd, eur(0, None)], ..c() }, "due"),
        (Conditions { amount: vec![eur(0, Some(1900))], ..c() }, "campaign.if.amount"),
        (Conditions { amount: vec![eur(1901, None), usd], ..c() }, "campaign.if.amount"),
        (Conditions { attempts_min: Some(1), attempts_max: Some(1), ..c() }, "due"),
        (Conditions { attempts_min: Some(2), ..c() }, "campaign.if.attempts"),
        (Conditions { attempts_max: Some(0), ..c() }, "campaign.if.attempts"),
        (Conditions { interval_months_min: Some(1), ..c() }, "due"),
        (Conditions { interval_months_min: Some(6), ..c() }, "campaign.if.interval"),
        (Conditions { reacted_on: vec![Channel::Sms, Channel::Push], ..c() }, "due"),
        (Conditions { reacted_on: vec![Channel::Sms], ..c() }, "campaign.if.reacted_on"),
        (Conditions { reacted_on: vec![Channel::Push], reacted_within: hour_ago, ..c() }, "due"),
        (Conditions { reacted_on: vec![Channel::Push], reacted_within: Some(Span::minutes(59)),
            ..c() }, "campaign.if.reacted_on"),
        (Conditions { not_reacted_on: vec![Channel::Sms], ..c() }, "due"),
        (Conditions { not_reacted_on: vec![Channel::Push], ..c() }, "campaign.if.not_reacted_on"),
        (Conditions { not_reacted_on: vec![Channel::Push], reacted_within: Some(Span::minutes(59)),
            ..c() }, "due"),
        (Conditions { unreachable_on: vec![Channel::Sms], ..c() }, "due"),
        (Conditions { unreachable_on: vec![Channel::Sms, Channel::Push], ..c() },
            "campaign.if.unreachable_on"),
    ];
    for (conditions, expected) in table {
        let mut s = one(first().only_if(conditions.clone()));
        s.facts.country = Country::parse("DE");
        s.channel(Channel::Push).reacted_at = Some(at(0, "08:00"));
        s.channel(Channel::Sms).consent = Consent::NotAsked;
        assert_eq!(verdict(&s), expected, "{conditions:?}");
    }
}

#[test]
fn what_is_not_known_fulfils_no_condition() {
    let c = Conditions::default;
    let everywhere = Country::parse("DE").into_iter().collect();
    #[rustfmt::skip]
    let table = [
        (Conditions { declined: vec![Category::Unknown], ..c() }, "campaign.if.declined"),
        (Conditions { country: everywhere, ..c() }, "campaign.if.country"),
        (Conditions { interval_months_min: Some(0), ..c() }, "campaign.if.interval"),
    ];
    for (conditions, expected) in table {
        let mut s = one(first().only_if(conditions));
        s.change("in_1", |case| case.category = None);
        s.facts.subjects[0].interval_months = None;
        assert_eq!(verdict(&s), expected);
    }
}

#[test]
fn a_reaction_grows_old_and_the_plan_knows_when() {
    let silent = Conditions {
        not_reacted_on: vec![Channel::Push, Channel::InApp],
        reacted_within: Some(Span::hours(2)),
        ..Conditions::default()
    };
    let mut s = one(first().only_if(silent));
    s.channel(Channel::Push).reacted_at = Some(at(0, "08:00"));
    s.channel(Channel::InApp).reacted_at = Some(at(0, "08:30"));
    let recheck = s.decision("first").recheck_at.unwrap();
    assert_eq!(recheck, at(0, "10:30").plus_ms(1));
    assert_eq!(s.on(1, "00:00").lines(), ["0 10:30 email payment_failed in_1"]);
}

#[test]
fn each_stop_rule_stops() {
    let since = |clock| Some(at(0, clock));
    let sent = |max| StopRule::SentMax { max };
    let declined = |category| StopRule::Declined { category: vec![category] };
    #[rustfmt::skip]
    let table = [
        // rule, when the customer reacted by mail; in_1 failed at 09:00, it is 12:00
        (StopRule::Reacted { on: vec![] }, since("10:00"), "campaign.stop.reacted"),
        (StopRule::Reacted { on: vec![] }, since("08:00"), "due"),
        (StopRule::Reacted { on: vec![Channel::Email] }, since("09:00"), "campaign.stop.reacted"),
        (StopRule::Reacted { on: vec![Channel::Sms] }, since("10:00"), "due"),
        (sent(1), None, "due"),
        (declined(Category::Expired), None, "campaign.stop.declined"),
        (declined(Category::Revoked), None, "due"),
        (StopRule::ComplaintOpen, None, "due"),
    ];
    for (rule, reacted_at, expected) in table {
        let mut s = one(first().unless(rule.clone()));
        s.now = at(0, "12:00");
        s.channel(Channel::Email).reacted_at = reacted_at;
        assert_eq!(verdict(&s), expected, "{rule:?}");
    }
    let mut s = one(first().unless(StopRule::ComplaintOpen));
    s.facts.complaint_open = true;
    assert_eq!(verdict(&s), "campaign.stop.complaint_open");
}

#[test]
fn so_many_notices_are_enough() {
    let named = |name: &str| mail(name, NoticeKind::PaymentReminder, Anchor::Failure);
    let again =
        |name: &str, days| named(name).at(Span::days(days)).unless(StopRule::SentMax { max: 2 });
    let mut s = Story::of(bare(vec![again("a", 0), again("b", 1), again("c", 2)]));
    s.on(0, "09:00").fails("in_1", 14).on(10, "00:00");
    assert_eq!(s.sent.len(), 2);
    // The webhook is no notice to the customer.
    let mut hook = named("hook");
    hook.channel = Channel::Webhook;
    let mut s = Story::of(bare(vec![hook, again("a", 1), again("b", 2), again("c", 3)]));
    s.on(0, "09:00").fails("in_1", 14).on(10, "00:00");
    assert_eq!(s.sent.len(), 3);
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
