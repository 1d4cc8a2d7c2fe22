//! Who is offered what, what it means on which day, and how likely that was.
#![cfg(test)]

mod support;

use reprieve_core::account::Subscription;
use reprieve_core::calendar::Zone;
use reprieve_core::cancel::offer::{
    Audience, Off, Offer, OfferKind, PauseAccess, PauseSpan, Terms, terms,
};
use reprieve_core::cancel::{CancelSettings, Chosen, Facts, Reason, choose};
use reprieve_core::id::PlanId;
use reprieve_core::policy::segment::Interval;
use reprieve_core::provider::{Life, PauseAbility, PauseKind, PauseSeen, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use std::collections::BTreeMap;
use support::{DAY_0, money};

/// A customer since a year, 19.00 EUR a month; the period ends on 1 December 2026.
fn monthly() -> Subscription {
    let month_end = DAY_0.plus_ms(29 * DAY_MS);
    Subscription {
        status: SubscriptionStatus::Active,
        end_reason: None,
        default_method: None,
        interval: Some(Interval::Month),
        plan: Some(money(1_900, "eur")),
        sector: None,
        life: Some(Life {
            started_at: Some(DAY_0.plus_ms(-366 * DAY_MS)),
            period_started_at: Some(month_end.plus_ms(-30 * DAY_MS)),
            period_ends_at: Some(month_end),
            ends_at: None,
            trial_ends_at: None,
            pause: None,
            can_pause: PauseAbility::Service,
            items_count: Some(1),
            discounts_count: Some(0),
            months_per_period: None,
        }),
        seen_at: None,
    }
}

fn with_life(change: impl FnOnce(&mut Life)) -> Subscription {
    let mut subscription = monthly();
    change(subscription.life.as_mut().unwrap());
    subscription
}

fn pause(periods: u32, access: PauseAccess) -> OfferKind {
    OfferKind::Pause { span: PauseSpan::Periods(periods), access }
}

fn up_to(days: i64) -> OfferKind {
    let span = PauseSpan::UpTo(days * DAY_MS);
    OfferKind::Pause { span, access: PauseAccess::On }
}

fn day(at: Timestamp) -> String {
    let time = Zone::utc().local(at);
    format!("{}-{:02}-{:02} {:02}:00", time.year, time.month, time.day, time.hour)
}

fn told(kind: &OfferKind, subscription: &Subscription) -> String {
    match terms(kind, subscription, DAY_0) {
        None => "-".to_owned(),
        Some(Terms::Pause(pause)) => {
            let by = if pause.by == PauseKind::Service { "service" } else { "collection" };
            let access = pause.access_until.map_or("through".to_owned(), day);
            let first = pause.first_charge_at.map_or("?".to_owned(), day);
            format!("{by}, access {access}, resumes {}, charged {first}", day(pause.resumes_at))
        }
        Some(other) => serde_json::to_string(&other).unwrap(),
    }
}

#[test]
fn a_pause_says_what_happens_when() {
    let (on, off) = (PauseAccess::On, PauseAccess::Off);
    let collection = with_life(|life| life.can_pause = PauseAbility::Collection);
    let odd = Subscription { interval: Some(Interval::Other), ..collection.clone() };
    let yearly = Subscription { interval: Some(Interval::Year), ..collection.clone() };
    for (kind, subscription, wanted) in [
        // The subscription rests at once, and what is not used up is credited.
        (
            pause(1, off),
            monthly(),
            "service, access 2026-11-02 00:00, resumes 2026-12-02 00:00, charged 2026-12-02 00:00",
        ),
        // What is paid is used up, one renewal is left out, the next one is charged.
        (
            pause(1, off),
            collection.clone(),
            "collection, access 2026-12-01 00:00, resumes 2026-12-31 23:00, charged 2027-01-01 \
             00:00",
        ),
        (
            pause(3, on),
            monthly(),
            "collection, access through, resumes 2027-02-28 23:00, charged 2027-03-01 00:00",
        ),
        (
            pause(1, on),
            yearly,
            "collection, access through, resumes 2027-11-30 23:00, charged 2027-12-01 00:00",
        ),
        (
            pause(2, on),
            odd,
            "collection, access through, resumes 2027-01-29 23:00, charged 2027-01-30 00:00",
        ),
        // Until a day of the customer's choice: the first renewal after it is charged.
        (
            up_to(60),
            collection.clone(),
            "collection, access through, resumes 2027-01-01 00:00, charged 2027-01-01 00:00",
        ),
        (
            up_to(61),
            collection.clone(),
            "collection, access through, resumes 2027-01-02 00:00, charged 2027-02-01 00:00",
        ),
        // It would be over before anything is charged.
        (up_to(29), collection, "-"),
    ] {
        assert_eq!(told(&kind, &subscription), wanted, "{kind:?}");
    }
}

#[test]
fn what_is_not_possible_is_not_offered() {
    let off = PauseAccess::Off;
    let paused = PauseSeen { by: PauseKind::Collection, resumes_at: None };
    for (subscription, why) in [
        (with_life(|life| life.can_pause = PauseAbility::None), "cannot be paused"),
        (with_life(|life| life.pause = Some(paused)), "is paused"),
        (with_life(|life| life.ends_at = life.period_ends_at), "ends anyway"),
        (with_life(|life| life.trial_ends_at = Some(DAY_0.plus_ms(DAY_MS))), "is a trial"),
        (Subscription { status: SubscriptionStatus::Paused, ..monthly() }, "rests"),
        (Subscription { status: SubscriptionStatus::Ended, ..monthly() }, "is over"),
        (Subscription { life: None, ..monthly() }, "nobody told its dates"),
        (Subscription { interval: None, ..monthly() }, "nobody told its rhythm"),
    ] {
        assert_eq!(told(&pause(1, off), &subscription), "-", "{why}");
    }
    let collection = |life: &mut Life| life.can_pause = PauseAbility::Collection;
    let over = with_life(|life| {
        collection(life);
        life.period_ends_at = Some(DAY_0);
    });
    assert_eq!(told(&pause(1, off), &over), "-", "the renewal is due this moment");
}

#[test]
fn the_other_offers_say_what_they_cost() {
    let trial = with_life(|life| life.trial_ends_at = Some(DAY_0.plus_ms(HOUR_MS)));
    let half = OfferKind::Discount { off: Off::Percent(50), periods: 3 };
    let dollars = OfferKind::Discount { off: Off::Amount(money(100, "usd")), periods: 1 };
    let longer = OfferKind::TrialExtension { extension_ms: 14 * DAY_MS };
    let gift = |currency| OfferKind::Credit { amount: money(500, currency) };
    let lite = OfferKind::PlanChange {
        plan: PlanId::parse("price_lite").unwrap(),
        label: "Lite".to_owned(),
    };
    for (kind, subscription, wanted) in [
        (
            half,
            monthly(),
            concat!(
                r#"{"kind":"discount","off":{"percent":50},"periods":3,"#,
                r#""price":{"amount_minor":950,"currency":"eur"}}"#,
            ),
        ),
        (dollars, monthly(), "-"),
        (longer.clone(), trial, r#"{"kind":"trial_extension","until":1794790800000}"#),
        (longer, monthly(), "-"),
        (
            gift("eur"),
            monthly(),
            r#"{"kind":"credit","amount":{"amount_minor":500,"currency":"eur"}}"#,
        ),
        (gift("usd"), monthly(), "-"),
        (lite, monthly(), r#"{"kind":"plan_change","plan":"price_lite","label":"Lite"}"#),
    ] {
        assert_eq!(told(&kind, &subscription), wanted);
    }
}

#[test]
fn what_would_be_refused_or_change_nothing_is_not_offered() {
    let half = OfferKind::Discount { off: Off::Percent(50), periods: 3 };
    let plan = PlanId::parse("price_lite").unwrap();
    let lite = OfferKind::PlanChange { plan, label: "Lite".to_owned() };
    let items = |count| with_life(|life| life.items_count = count);
    let discounts = |count| with_life(|life| life.discounts_count = count);
    for (kind, subscription, is_possible) in [
        (&half, discounts(Some(0)), true),
        (&half, discounts(Some(1)), false),
        (&half, discounts(None), false),
        (&half, items(Some(2)), true),
        (&lite, items(Some(1)), true),
        (&lite, items(Some(2)), false),
        (&lite, items(Some(0)), false),
        (&lite, items(None), false),
        (&lite, discounts(Some(1)), true),
    ] {
        let life = subscription.life.clone();
        assert_eq!(told(kind, &subscription) != "-", is_possible, "{kind:?} {life:?}");
    }
}

fn contact(name: &str, priority: u32, audience: Audience) -> Offer {
    let kind = OfferKind::Contact { url: "https://example.com".to_owned() };
    Offer { name: name.to_owned(), kind, priority, audience }
}

fn settings(offers: Vec<Offer>) -> CancelSettings {
    CancelSettings { offers, hold_out_permille: 0, ..CancelSettings::default() }
}

fn facts<'a>(customer: &'a str, subscription: &'a Subscription) -> Facts<'a> {
    Facts {
        who: ["demo", customer, "ccl_1"],
        subscription,
        segment: "default",
        reason: Some(Reason::Unused),
        open_case: false,
        taken: &["pause", "credit", "pause"],
        refused: 2,
        now: DAY_0,
    }
}

fn names(shown: &[Chosen]) -> Vec<&str> {
    shown.iter().map(|chosen| chosen.name.as_str()).collect()
}

#[test]
fn an_offer_is_for_whom_it_says() {
    let subscription = monthly();
    let known = facts("cus_1", &subscription);
    let audience = Audience::default;
    let year_ms = 365 * DAY_MS;
    for (wanted, audience) in [
        (true, audience()),
        (true, Audience { segments: vec!["default".to_owned()], ..audience() }),
        (false, Audience { segments: vec!["game".to_owned()], ..audience() }),
        (true, Audience { reasons: vec![Reason::Other, Reason::Unused], ..audience() }),
        (false, Audience { reasons: vec![Reason::Other], ..audience() }),
        (true, Audience { tenure_from_ms: Some(year_ms + DAY_MS), ..audience() }),
        (false, Audience { tenure_from_ms: Some(year_ms + DAY_MS + 1), ..audience() }),
        (true, Audience { tenure_below_ms: Some(year_ms + DAY_MS + 1), ..audience() }),
        (false, Audience { tenure_below_ms: Some(year_ms + DAY_MS), ..audience() }),
        (true, Audience { open_case: Some(false), ..audience() }),
        (false, Audience { open_case: Some(true), ..audience() }),
        (true, Audience { refused_max: Some(2), ..audience() }),
        (false, Audience { refused_max: Some(1), ..audience() }),
    ] {
        let choice = choose(&settings(vec![contact("talk", 1, audience.clone())]), 1, known);
        assert_eq!(!choice.shown.is_empty(), wanted, "{audience:?}");
    }
    let pauses = |max| {
        let audience = Audience { taken_max: Some(max), ..Audience::default() };
        let kind = pause(1, PauseAccess::Off);
        Offer { name: "pause".to_owned(), kind, priority: 1, audience }
    };
    assert!(choose(&settings(vec![pauses(1)]), 1, known).shown.is_empty(), "two were taken");
    assert_eq!(choose(&settings(vec![pauses(2)]), 1, known).shown.len(), 1);
    let stranger = Subscription { life: None, ..monthly() };
    let old = contact("old", 1, Audience { tenure_below_ms: Some(year_ms), ..audience() });
    let unknown = facts("cus_1", &stranger);
    assert!(choose(&settings(vec![old]), 1, unknown).shown.is_empty(), "nobody told since when");
}

#[test]
fn the_smallest_priority_wins_and_equals_are_drawn_with_a_known_probability() {
    let subscription = monthly();
    let offers = vec![
        contact("c", 2, Audience::default()),
        contact("a", 1, Audience::default()),
        contact("d", 2, Audience::default()),
        contact("e", 2, Audience::default()),
    ];
    let settings = CancelSettings { hold_out_permille: 100, ..settings(offers) };
    let (mut count, mut held_out) = (BTreeMap::<String, u32>::new(), 0_u32);
    for n in 0..20_000 {
        let customer = format!("cus_{n}");
        let choice = choose(&settings, 2, facts(&customer, &subscription));
        assert_eq!(
            choice,
            choose(&settings, 2, facts(&customer, &subscription)),
            "always the same"
        );
        if choice.held_out {
            held_out += 1;
            assert!(choice.shown.is_empty());
            continue;
        }
        assert_eq!(choice.shown.len(), 2);
        assert_eq!((choice.shown[0].name.as_str(), choice.shown[0].propensity_ppm), ("a", 900_000));
        assert_eq!(choice.shown[1].propensity_ppm, 300_000, "one of three, of nine in ten");
        *count.entry(choice.shown[1].name.clone()).or_default() += 1;
    }
    // 2,000 expected, standard deviation 42; then 6,000 each, standard deviation 65.
    assert!((1_830..2_170).contains(&held_out), "{held_out}");
    assert!(count.values().all(|count| (5_740..6_260).contains(count)), "{count:?}");
}

#[test]
fn no_room_and_nothing_fitting_hold_nobody_out() {
    let subscription = monthly();
    let everybody = CancelSettings {
        hold_out_permille: 1_000,
        ..settings(vec![contact("a", 1, Audience::default())])
    };
    let known = facts("cus_1", &subscription);
    assert!(choose(&everybody, 1, known).held_out);
    assert!(!choose(&everybody, 0, known).held_out, "there is no screen to be held out of");
    assert!(!choose(&settings(Vec::new()), 1, known).held_out);
    let three = settings(["x", "y", "z"].map(|n| contact(n, 5, Audience::default())).to_vec());
    let all = choose(&three, 9, known).shown;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|chosen| chosen.propensity_ppm == 1_000_000), "{:?}", names(&all));
}
