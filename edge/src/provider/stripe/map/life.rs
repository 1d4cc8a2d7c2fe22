//! The dates of a subscription, and how it is or can be paused.

use crate::provider::stripe::types::{Recurring, Subscription};
use reprieve_core::provider::{Life, PauseAbility, PauseKind, PauseSeen};
use reprieve_core::time::Timestamp;

/// Everything that one sighting tells. Since 2025 periods stand on the items; they may differ, and
/// the first one counts, as for the interval.
pub(super) fn life(subscription: &Subscription) -> Life {
    let item = subscription.items.as_ref().and_then(|items| items.data.first());
    let period_ends_at = at(item.and_then(|item| item.current_period_end));
    let planned_end = if subscription.cancel_at_period_end { period_ends_at } else { None };
    let is_trialing = subscription.status.as_deref() == Some("trialing");
    Life {
        started_at: at(subscription.start_date),
        period_started_at: at(item.and_then(|item| item.current_period_start)),
        period_ends_at,
        ends_at: at(subscription.cancel_at).or(planned_end),
        trial_ends_at: at(subscription.trial_end).filter(|_| is_trialing),
        pause: pause(subscription),
        can_pause: ability(subscription),
        items_count: subscription.items.as_ref().and_then(|items| count(items.data.len())),
        discounts_count: subscription.discounts.as_ref().and_then(|all| count(all.len())),
        months_per_period: months(subscription),
    }
}

/// A year has twelve.
const MONTHS: u32 = 12;

fn months(subscription: &Subscription) -> Option<u32> {
    let item = subscription.items.as_ref()?.data.first()?;
    months_of(item.price.as_ref()?.recurring.as_ref()?)
}

/// How many months one period has; `None`: it is counted in weeks or days.
pub(in crate::provider::stripe) fn months_of(recurring: &Recurring) -> Option<u32> {
    let count = u32::try_from(recurring.interval_count.unwrap_or(1)).ok()?;
    match recurring.interval.as_deref() {
        Some("month") => Some(count),
        Some("year") => count.checked_mul(MONTHS),
        _ => None,
    }
}

fn at(seconds: Option<i64>) -> Option<Timestamp> {
    seconds.map(Timestamp::from_seconds)
}

fn count(length: usize) -> Option<u32> {
    u32::try_from(length).ok()
}

fn pause(subscription: &Subscription) -> Option<PauseSeen> {
    if subscription.status.as_deref() == Some("paused") {
        return Some(PauseSeen { by: PauseKind::Service, resumes_at: None });
    }
    let collection = subscription.pause_collection.as_ref()?;
    Some(PauseSeen { by: PauseKind::Collection, resumes_at: at(collection.resumes_at) })
}

/// The pause of a whole subscription needs the flexible billing mode and no schedule
/// (<https://docs.stripe.com/billing/subscriptions/pause>, read 2026-11).
fn ability(subscription: &Subscription) -> PauseAbility {
    if !matches!(subscription.status.as_deref(), Some("active" | "trialing" | "past_due")) {
        return PauseAbility::None;
    }
    let mode = subscription.billing_mode.as_ref().and_then(|mode| mode.kind.as_deref());
    if mode == Some("flexible") && subscription.schedule.is_none() {
        PauseAbility::Service
    } else {
        PauseAbility::Collection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(mut changes: Value) -> Life {
        let mut object = json!({
            "id": "sub_1", "customer": "cus_1", "status": "active", "start_date": 10,
            "cancel_at_period_end": false, "cancel_at": null, "trial_end": 25,
            "pause_collection": null, "schedule": null, "billing_mode": {"type": "flexible"},
            "items": {"data": [{"id": "si_1", "current_period_start": 20,
                "current_period_end": 50}]},
        });
        object.as_object_mut().unwrap().append(changes.as_object_mut().unwrap());
        life(&serde_json::from_value(object).unwrap())
    }

    fn s(seconds: i64) -> Option<Timestamp> {
        Some(Timestamp::from_seconds(seconds))
    }

    #[test]
    fn the_dates_are_those_of_the_first_item() {
        let life = read(json!({}));
        assert_eq!((life.started_at, life.period_started_at), (s(10), s(20)));
        assert_eq!((life.period_ends_at, life.ends_at, life.trial_ends_at), (s(50), None, None));
        assert_eq!(read(json!({"status": "trialing"})).trial_ends_at, s(25));
        assert_eq!(read(json!({"items": {"data": []}})).period_ends_at, None);
    }

    #[test]
    fn what_stands_on_it_is_counted_and_not_guessed() {
        let counts = |changes| {
            let life = read(changes);
            (life.items_count, life.discounts_count)
        };
        let two = json!({"data": [{"id": "si_1"}, {"id": "si_2"}]});
        assert_eq!(counts(json!({})), (Some(1), None));
        assert_eq!(counts(json!({"items": two, "discounts": []})), (Some(2), Some(0)));
        let expanded = json!([{"id": "di_1"}, "di_2"]);
        assert_eq!(counts(json!({"items": null, "discounts": expanded})), (None, Some(2)));
    }

    #[test]
    fn a_period_has_months_or_none() {
        let rows = [
            (json!({"interval": "month", "interval_count": 1}), Some(1)),
            (json!({"interval": "month", "interval_count": 3}), Some(3)),
            (json!({"interval": "year"}), Some(12)),
            (json!({"interval": "year", "interval_count": i64::from(u32::MAX)}), None),
            (json!({"interval": "week", "interval_count": 4}), None),
            (json!({"interval": "day", "interval_count": 30}), None),
        ];
        for (recurring, months) in rows {
            let item = json!({"id": "si_1", "price": {"recurring": recurring}});
            let seen = read(json!({"items": {"data": [item]}}));
            assert_eq!(seen.months_per_period, months, "{recurring}");
        }
        assert_eq!(read(json!({})).months_per_period, None);
    }

    #[test]
    fn an_end_is_a_date_or_that_of_the_period() {
        assert_eq!(read(json!({"cancel_at_period_end": true})).ends_at, s(50));
        assert_eq!(read(json!({"cancel_at": 40})).ends_at, s(40));
        assert_eq!(read(json!({"cancel_at": 40, "cancel_at_period_end": true})).ends_at, s(40));
    }

    #[test]
    fn both_kinds_of_pauses_are_seen_and_told_apart() {
        let rests = PauseSeen { by: PauseKind::Service, resumes_at: None };
        let held = PauseSeen { by: PauseKind::Collection, resumes_at: s(70) };
        let collection = json!({"behavior": "void", "resumes_at": 70});
        assert_eq!(read(json!({})).pause, None);
        assert_eq!(read(json!({"pause_collection": collection})).pause, Some(held));
        let both = json!({"status": "paused", "pause_collection": collection});
        assert_eq!(read(both).pause, Some(rests));
    }

    #[test]
    fn only_flexible_billing_without_a_schedule_can_rest() {
        use PauseAbility as A;
        let rows = [
            (json!({}), A::Service),
            (json!({"status": "past_due"}), A::Service),
            (json!({"billing_mode": {"type": "classic"}}), A::Collection),
            (json!({"billing_mode": null}), A::Collection),
            (json!({"schedule": "sub_sched_1"}), A::Collection),
            (json!({"status": "paused"}), A::None),
            (json!({"status": "canceled"}), A::None),
            (json!({"status": "of_tomorrow"}), A::None),
        ];
        for (changes, ability) in rows {
            assert_eq!(read(changes.clone()).can_pause, ability, "{changes}");
        }
    }
}
