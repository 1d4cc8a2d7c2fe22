//! The built-in campaigns keep to every rule of networks and laws that is known, wherever the
//! customer is and whenever the event is.

use super::story::{Story, at, coming};
use reprieve_core::calendar::Zone;
use reprieve_core::campaign::rules::{NOTICE_RULES, obligations};
use reprieve_core::campaign::{
    Campaign, Channel, Content, Matter, NoticeKind, PriceConsent, Standing, Subject, built_in,
    named,
};
use reprieve_core::network::Network;
use reprieve_core::policy::Policy;
use reprieve_core::policy::segment::{Country, Sector};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};

#[test]
fn they_can_be_used() {
    for campaign in built_in() {
        assert_eq!(campaign.problems(), [], "{}", campaign.name);
        assert_eq!(named(&campaign.name).as_ref(), Some(&campaign));
        assert_eq!(Campaign::for_sector(campaign.tone), campaign);
    }
    assert_eq!(named("nothing"), None);
}

#[test]
fn every_campaign_of_the_default_policy_exists() {
    for segment in Policy::default().segments() {
        let campaign = &segment.settings.campaign;
        assert_eq!(named(&campaign.name).as_ref(), Some(&**campaign), "{}", segment.name);
    }
}

#[test]
fn they_make_no_offers_and_never_write_texts_to_strangers() {
    for campaign in built_in() {
        for step in &campaign.steps {
            assert_eq!(step.content, Content::Service, "{} {}", campaign.name, step.name);
        }
    }
    let texts = |campaign: &Campaign| {
        campaign.steps.iter().filter(|step| step.channel == Channel::Sms).count()
    };
    assert_eq!(built_in().iter().map(texts).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn the_rules_are_dated_and_have_a_source() {
    for (n, row) in NOTICE_RULES.iter().enumerate() {
        assert!(!row.source.is_empty() && row.latest_ms > 0, "{}", row.rule);
        assert!(row.earliest_ms.is_none_or(|earliest| earliest > row.latest_ms), "{}", row.rule);
        let twice = NOTICE_RULES.iter().take(n).any(|before| before.rule == row.rule);
        assert!(!twice, "{} is there twice", row.rule);
    }
}

/// A trial of 60 days, a yearly renewal, and a new price that needs consent, all with one network.
fn subjects(event: Timestamp, network: Network) -> Vec<Subject> {
    let trial = Matter::Trial { ends_at: event, length_ms: Some(60 * DAY_MS) };
    let consent = PriceConsent::Needed;
    let price = Matter::Price { effective_at: event, reason: None, consent };
    let matters = [("sub_1", trial), ("sub_2", Matter::Charge { at: event }), ("sub_3", price)];
    let subject =
        |(id, matter)| Subject { network, interval_months: Some(12), ..coming(id, event, matter) };
    matters.into_iter().map(subject).collect()
}

fn story(campaign: Campaign, event: Timestamp, network: Network, zone: &str) -> Story {
    let mut s = Story::of(campaign);
    s.facts.zone = Zone::named(zone).unwrap();
    s.facts.subjects = subjects(event, network);
    s
}

#[test]
fn every_rule_is_kept_at_every_hour_of_a_week_everywhere() {
    let places = [("US", Some("CA")), ("KR", None), ("IN", None), ("US", None)];
    let zones = ["America/Los_Angeles", "Asia/Seoul", "Asia/Kolkata", "Europe/Berlin"];
    let mut seen: Vec<&str> = Vec::new();
    for campaign in built_in() {
        for (network, place) in [Network::Visa, Network::Mastercard]
            .into_iter()
            .flat_map(|n| places.into_iter().map(move |place| (n, place)))
        {
            for (turn, hour) in (0..7 * 24).step_by(7).enumerate() {
                let event = at(70, "00:00").plus_ms(hour * HOUR_MS);
                let mut s = story(campaign.clone(), event, network, zones[turn % zones.len()]);
                s.facts.country = Country::parse(place.0);
                s.facts.subdivision = place.1.map(str::to_owned);
                s.until(event.plus_ms(DAY_MS));
                for kept in obligations(&s.facts, &s.log, &[]) {
                    let what = (&campaign.name, kept.rule, hour, place);
                    assert!(kept.kept_by.is_some(), "{what:?} {:?}", s.lines());
                    assert!(kept.deadline <= event);
                    seen.push(kept.rule.0);
                }
            }
        }
    }
    for row in NOTICE_RULES {
        assert!(seen.contains(&row.rule.0), "{} was never asked for", row.rule);
    }
}

#[test]
fn a_plan_says_beforehand_what_it_will_keep() {
    let mut s = story(built_in().remove(0), at(70, "12:00"), Network::Visa, "Europe/Berlin");
    let kept = |s: &Story| {
        let all = obligations(&s.facts, &s.log, &s.plan());
        all.iter().map(|o| (o.rule.0, o.kept_by.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(kept(&s), [("visa.trial.7d", true), ("visa.terms.7d", true)]);
    // Somebody has to look: there is no address.
    s.without(&[Channel::Email]);
    s.on(65, "00:00");
    assert_eq!(kept(&s), [("visa.trial.7d", false), ("visa.terms.7d", false)]);
    s.facts.subjects.iter_mut().for_each(|subject| subject.standing = Standing::Canceled);
    assert_eq!(kept(&s), []);
}

#[test]
fn a_notice_names_the_rules_that_it_keeps() {
    let mut s = story(built_in().remove(0), at(70, "12:00"), Network::Mastercard, "Europe/Berlin");
    s.facts.country = Country::parse("US");
    s.on(71, "00:00");
    let rules = |kind: NoticeKind| -> Vec<Vec<&str>> {
        let of_kind = s.sent.iter().filter(|sent| sent.decision.kind == kind);
        let rules = of_kind.map(|sent| sent.decision.why.iter().map(|rule| rule.0).collect());
        rules.collect()
    };
    let trials = [
        vec!["mastercard.trial.7d", "us-ca.trial.3-21d"],
        vec!["mastercard.trial.3-7d", "us-ca.trial.3-21d"],
    ];
    assert_eq!(rules(NoticeKind::TrialEnding), trials);
    let renewals =
        [vec!["mastercard.renewal.7-30d", "us-ca.renewal.15-45d"], vec!["mastercard.renewal.3-7d"]];
    assert_eq!(rules(NoticeKind::UpcomingCharge), renewals);
}

#[test]
fn rules_of_other_times_do_not_bind() {
    let mut s = story(built_in().remove(0), Timestamp::from_ms(0), Network::Visa, "UTC");
    s.facts.country = Country::parse("KR");
    assert_eq!(obligations(&s.facts, &s.log, &[]), []);
    assert_eq!(Sector::Consumer.as_str(), "consumer");
}
