//! Properties over arbitrary campaigns, customers and events.
//!
//! The sequence is the same in every run; `PROPTEST_RNG_SEED=7` takes another one.

use super::arbitrary::{campaigns, changes, subjects, zones};
use super::story::{Sent, Story, at, case};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use reprieve_core::campaign::{
    Address, Campaign, Channel, Conditions, Consent, Content, Facts, NoticeDecision, NoticeId,
    NoticeKind, QuietHours, SentLog, Span, Standing, Step, Subject, Verdict, next_due, plan,
};
use reprieve_core::case::CaseState;
use reprieve_core::network::RuleId;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use std::collections::BTreeSet;

fn config(cases: u32) -> ProptestConfig {
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

/// What must be true of every notice at the moment at which it is sent.
fn check_sent(s: &Story, sent: &Sent, before: &[Sent]) {
    let decision = &sent.decision;
    let step = |id: &NoticeId| {
        s.campaign.steps.iter().find(|step| step.name == id.step).expect("a step of the campaign")
    };
    assert_eq!((decision.at, &decision.verdict), (sent.at, &Verdict::Due));
    for id in decision.ids() {
        let subject = s.facts.subjects.iter().find(|subject| subject.id == id.subject).unwrap();
        assert_eq!(subject.standing, Standing::Running, "nothing to a customer who cancelled");
        let time = step(id).window(subject.anchor(step(id).anchor).unwrap()).0;
        let early = matches!(id.kind, NoticeKind::PaymentFailed | NoticeKind::PaymentReminder)
            && !decision.covers.is_empty()
            && time.since_ms(sent.at) <= s.campaign.coalesce.as_ms();
        assert!(sent.at >= time || early, "{id} is sent before its time");
        if let Some(case) = subject.case() {
            let thanks = id.kind == NoticeKind::Recovered;
            assert_eq!(case.state == CaseState::Recovered, thanks, "after recovery: only thanks");
            assert!(thanks || !case.state.is_terminal(), "nothing about a closed case");
            assert_ne!(case.state, CaseState::Suspended);
        }
        let twice = before.iter().any(|earlier| earlier.decision.ids().any(|known| known == id));
        assert!(!twice, "{id} is sent once");
    }
    let channel = s.facts.channel(decision.channel);
    if decision.channel.rings() {
        assert_eq!(channel.address, Address::Known);
        assert_ne!(channel.consent, Consent::Refused);
    }
    let loud = s.campaign.quiet.next_loud(decision.channel, &s.facts.zone, sent.at);
    assert_eq!(loud, Some(sent.at), "quiet hours hold");
    assert!(step(&decision.id).content == Content::Service || decision.channel == Channel::InApp);
}

/// Frequency caps: every notice, with those before it in any window that ends with it, keeps the
/// cap, unless a rule demanded it.
fn check_caps(campaign: &Campaign, all: &[Sent]) {
    let over = |sent: &Sent| sent.decision.why.contains(&RuleId("campaign.required_over_cap"));
    for cap in &campaign.caps {
        let counted: Vec<&Sent> =
            all.iter().filter(|sent| cap.counts(sent.decision.channel)).collect();
        for last in counted.iter().filter(|sent| !over(sent)) {
            let within = |sent: &&&Sent| {
                let age_ms = last.at.since_ms(sent.at);
                let now = age_ms == 0 && !over(sent);
                now || (0 < age_ms && age_ms < cap.window.as_ms())
            };
            let count = counted.iter().filter(within).count();
            assert!(count <= cap.max as usize, "{cap:?}: {count} at {:?}", last.at);
        }
    }
}

/// One decision for each step and subject, and each is one of: sent, part of another, suppressed
/// with a reason, due, ahead.
fn check_plan(s: &Story, plan: &[NoticeDecision]) {
    let ids: BTreeSet<&NoticeId> = plan.iter().map(|decision| &decision.id).collect();
    assert_eq!(ids.len(), plan.len(), "no step is decided twice");
    let has_anchor = |subject: &Subject| {
        s.campaign.steps.iter().filter(|step| subject.anchor(step.anchor).is_some()).count()
    };
    let subjects: BTreeSet<_> = s.facts.subjects.iter().map(|subject| &subject.id).collect();
    if subjects.len() == s.facts.subjects.len() {
        assert_eq!(plan.len(), s.facts.subjects.iter().map(has_anchor).sum::<usize>());
    }
    for decision in plan {
        match &decision.verdict {
            Verdict::Due => assert_eq!(decision.at, s.now),
            Verdict::Ahead => assert!(decision.at > s.now),
            Verdict::Merged { into } => {
                let leader = plan.iter().find(|other| other.id == *into).expect("its leader");
                assert!(matches!(leader.verdict, Verdict::Due | Verdict::Ahead));
                assert!(leader.covers.contains(&decision.id));
            }
            Verdict::Suppressed(why) => assert!(!why.rule().is_empty()),
            Verdict::Sent => assert!(s.log.find(&decision.id).is_some()),
        }
    }
    assert!(next_due(plan).is_none_or(|next| next > s.now), "a wake lies ahead");
}

/// Goes on wake by wake and looks at everything that is sent.
fn watch(s: &mut Story, target: Timestamp) {
    loop {
        let known = s.sent.len();
        let wake = next_due(&s.plan()).filter(|wake| *wake < target);
        let stop = wake.unwrap_or(target);
        // What is due now is sent first, under the facts of now.
        let now = s.now;
        s.until(now);
        let (before, new) = s.sent.split_at(known);
        for (n, sent) in new.iter().enumerate() {
            let earlier: Vec<Sent> = before.iter().chain(&new[..n]).cloned().collect();
            check_sent(s, sent, &earlier);
        }
        let after = s.plan();
        check_plan(s, &after);
        if stop <= s.now {
            return;
        }
        s.now = next_due(&after).filter(|wake| *wake < target).unwrap_or(target);
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn whatever_happens_the_rules_hold(
        campaign in campaigns(),
        zone in zones(),
        others in vec(subjects(), 0..4),
        mut events in vec(changes(), 0..25),
    ) {
        let mut s = Story::of(campaign);
        s.facts.zone = zone;
        let mut ids = BTreeSet::new();
        s.facts.subjects = others.into_iter().filter(|one| ids.insert(one.id.clone())).collect();
        s.fails("in_0", 14);
        events.sort_by_key(|(quarter, _)| *quarter);
        for (quarter, change) in events {
            let then = at(0, "00:00").plus_ms(quarter * 15 * 60 * 1000);
            watch(&mut s, then.max(at(0, "00:00")));
            s.is(change);
        }
        watch(&mut s, at(120, "00:00"));
        check_caps(&s.campaign.clone(), &s.sent);
        let open = |d: &NoticeDecision| matches!(d.verdict, Verdict::Due | Verdict::Ahead);
        prop_assert!(!s.plan().iter().any(open), "in the end nothing is left to say");
    }
}

/// The same steps without bounds, conditions and stop rules.
fn unbound(campaign: &Campaign) -> Campaign {
    let free = |step: &Step| Step {
        conditions: Conditions::default(),
        stop: Vec::new(),
        content: Content::Service,
        ..step.clone()
    };
    Campaign {
        caps: Vec::new(),
        quiet: QuietHours::none(),
        stop: Vec::new(),
        steps: campaign.steps.iter().map(free).collect(),
        ..campaign.clone()
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn without_anything_in_its_way_every_step_is_sent_once(campaign in campaigns()) {
        let mut s = Story::of(unbound(&campaign));
        // Early enough for the earliest step.
        s.facts.subjects = vec![case("in_0", at(45, "10:00"), 14)];
        s.on(120, "00:00");
        let of_case = s.campaign.steps.iter().filter(|step| {
            step.kind.topic() == NoticeKind::PaymentFailed.topic()
                && step.kind != NoticeKind::AuthenticationNeeded
        });
        let sent: Vec<&NoticeId> = s.sent.iter().flat_map(|sent| sent.decision.ids()).collect();
        for step in of_case {
            let times = sent.iter().filter(|id| id.step == step.name).count();
            prop_assert_eq!(times, 1, "{:?}", step);
        }
    }

    #[test]
    fn a_campaign_without_problems_speaks_of_the_future_before_it_comes(
        campaign in campaigns(),
        others in vec(subjects(), 1..4),
    ) {
        prop_assume!(campaign.problems().is_empty() || campaign.steps.len() > 1);
        let mut campaign = campaign;
        let alone = |step: &Step| {
            let alone = Campaign { steps: vec![step.clone()], ..campaign.clone() };
            alone.problems().is_empty()
        };
        let good: Vec<Step> = campaign.steps.iter().filter(|step| alone(step)).cloned().collect();
        campaign.steps = good;
        let mut s = Story::of(campaign);
        s.facts.subjects = others;
        s.fails("in_0", 10).on(100, "00:00");
        for sent in &s.sent {
            for id in sent.decision.ids() {
                let step = s.campaign.steps.iter().find(|step| step.name == id.step).unwrap();
                let subject = s.facts.subjects.iter().find(|one| one.id == id.subject).unwrap();
                let anchor = subject.anchor(step.anchor).unwrap();
                if step.offset < Span::ZERO {
                    prop_assert!(sent.at <= anchor, "{id} is sent after the event");
                } else if !sent.decision.covers.contains(id) {
                    prop_assert!(sent.at >= anchor, "{id} is sent before the event");
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_facts_changes_nothing(
        campaign in campaigns(),
        others in vec(subjects(), 0..5),
        turn in 0..5_usize,
        hour in 0..60 * 24_i64,
    ) {
        let mut s = Story::of(campaign);
        s.facts.subjects = others;
        s.fails("in_0", 14).fails("in_1", 3);
        let mut seen = BTreeSet::new();
        s.facts.subjects.retain(|one| seen.insert(one.id.clone()));
        s.now = s.now.plus_ms(hour * HOUR_MS);
        let sorted = |facts: &Facts| {
            let mut plan = plan(facts, &SentLog::default(), s.now, &s.campaign);
            plan.iter_mut().for_each(|decision| {
                decision.names.sort();
                decision.why.sort();
            });
            plan
        };
        let mut turned = s.facts.clone();
        let by = turn % turned.subjects.len();
        turned.subjects.rotate_left(by);
        prop_assert_eq!(sorted(&s.facts), sorted(&turned));
    }

    #[test]
    fn what_is_written_is_read_again(campaign in campaigns()) {
        let text = serde_json::to_string(&campaign).unwrap();
        prop_assert_eq!(serde_json::from_str::<Campaign>(&text).unwrap(), campaign);
    }

    #[test]
    fn no_moment_is_too_strange(
        campaign in campaigns(),
        opened in any::<i64>(),
        now in any::<i64>(),
        grace in any::<i64>(),
    ) {
        let mut s = Story::of(campaign);
        s.facts.subjects = vec![case("in_0", Timestamp::from_ms(opened), grace / DAY_MS)];
        s.now = Timestamp::from_ms(now);
        let plan = s.plan();
        check_plan(&s, &plan);
    }
}
