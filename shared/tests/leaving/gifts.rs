//! What a customer who stays has from it: every offer that was taken is there at the provider.

use super::*;
use reprieve_core::id::PlanId;
use reprieve_core::time::DAY_MS;

/// Somebody with one offer in front of them, who takes it.
fn taking(kind: OfferKind) -> Story {
    let mut s = Story::of(RetryDriver::Provider);
    s.set_life(|life| {
        let in_trial = matches!(kind, OfferKind::TrialExtension { .. });
        life.trial_ends_at = in_trial.then(|| at(7, "00:00"));
    });
    s.see();
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![offer("gift", 1, kind)]));
    s.comes_to_the_offers().then("open offer [\"gift\"]");
    s.takes("gift").then("kept kept");
    // The alarm comes, and nothing is done again.
    s.on(1, "00:00").then("kept kept");
    s
}

#[test]
fn a_discount_runs() {
    let half = Off::Percent(50);
    let mut s = taking(OfferKind::Discount { off: half, periods: 3 });
    s.asked(&["discount sub_1"]);
    assert_eq!(s.d.provider.counter.discounts[&subscription_id("sub_1")], [(half, 3)]);
}

#[test]
fn another_plan_counts() {
    let plan = PlanId::parse("price_lite").unwrap();
    let mut s = taking(OfferKind::PlanChange { plan: plan.clone(), label: "Lite".to_owned() });
    s.asked(&["change_plan sub_1"]);
    assert_eq!(s.d.provider.counter.plans[&subscription_id("sub_1")], plan);
}

#[test]
fn a_trial_goes_on() {
    let mut s = taking(OfferKind::TrialExtension { extension_ms: 14 * DAY_MS });
    s.asked(&["extend_trial sub_1"]);
    let life = s.d.provider.subscriptions[&subscription_id("sub_1")].life.clone().unwrap();
    assert_eq!(life.trial_ends_at, Some(at(21, "00:00")));
}

#[test]
fn money_is_there_once() {
    let mut s = taking(OfferKind::Credit { amount: money(500, "eur") });
    s.asked(&["credit balance"]);
    assert_eq!(s.d.provider.counter.credits, [money(500, "eur")]);
}
