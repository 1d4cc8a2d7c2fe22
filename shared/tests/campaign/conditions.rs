//! When a step is sent at all: each condition and each stop rule.

use super::plans::{bare, first, mail, one, verdict};
use super::story::{Story, at, money};
use reprieve_core::campaign::{
    AmountRange, Anchor, Channel, Conditions, Consent, NoticeKind, Span, StopRule,
};
use reprieve_core::decline::Category;
use reprieve_core::network::Network;
use reprieve_core::policy::segment::{Country, Sector};

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
