//! What leaving and staying ask of Stripe: every act, and the question whether it holds.

use crate::adapter::{NOW, Notes, config, line, run};
use reprieve_core::cancel::Reason;
use reprieve_core::cancel::act::Act;
use reprieve_core::cancel::offer::Off;
use reprieve_core::id::{CustomerId, InvoiceId, PlanId, SubscriptionId};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::money::{Currency, Money};
use reprieve_core::provider::PauseKind;
use reprieve_edge::provider::ChangeBilling;
use reprieve_edge::provider::stripe::Stripe;
use serde_json::{Value, json};

/// Every act on `sub_1` or `in_1`, with a status that leaves it something to do.
pub(crate) fn all() -> Vec<(&'static str, Act)> {
    let subscription = || SubscriptionId::parse("sub_1").expect("an id");
    let invoice = || InvoiceId::parse("in_1").expect("an id");
    let plan = PlanId::parse("price_2").expect("an id");
    let resumes_at = NOW;
    let price = Money { amount_minor: 500, currency: Currency::parse("eur").expect("a currency") };
    let (reason, comment) = (Some(Reason::TooExpensive), Some("a word".to_owned()));
    let (service, collection) = (PauseKind::Service, PauseKind::Collection);
    let off = |off, periods| Act::Discount { subscription: subscription(), off, periods };
    let later =
        Act::CancelAtPeriodEnd { subscription: subscription(), reason, comment: comment.clone() };
    vec![
        ("active", Act::Pause { subscription: subscription(), by: service, resumes_at }),
        ("active", Act::Pause { subscription: subscription(), by: collection, resumes_at }),
        ("paused", Act::Resume { subscription: subscription(), by: service }),
        ("active", Act::Resume { subscription: subscription(), by: collection }),
        ("active", off(Off::Amount(price), 1)),
        ("active", off(Off::Percent(50), 3)),
        ("active", Act::ChangePlan { subscription: subscription(), plan }),
        ("active", Act::ExtendTrial { subscription: subscription(), until: NOW }),
        ("active", Act::Credit { amount: price }),
        ("active", later),
        ("active", Act::CancelNow { subscription: subscription(), reason, comment }),
        ("active", Act::KeepRunning { subscription: subscription() }),
        ("draft", Act::Void { invoice: invoice() }),
        ("open", Act::Hold { invoice: invoice() }),
        ("open", Act::Release { invoice: invoice() }),
    ]
}

/// The key of every act here.
pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey::for_payment(&InvoiceId::parse("in_1").expect("an id"), 1, None)
}

/// The requests of each, as `act.pause` and `holds.pause`.
pub(crate) fn requests(customer: &CustomerId) -> Vec<Value> {
    let mut lines = Vec::new();
    for (status, act) in all() {
        let notes = Notes::answering(200, standing(status));
        let stripe = Stripe::over(&notes, &config());
        let key = key();
        let done = [
            ("act", run(stripe.act(customer, &act, &key)), notes.asked.take()),
            ("holds", run(stripe.holds(customer, &act, &key)), notes.asked.take()),
        ];
        for (kind, went, asked) in done {
            assert!(went, "{act:?} waits for something that is not an answer");
            let operation = format!("{kind}.{}", act.as_str());
            lines.extend(asked.iter().map(|request| line(&operation, request)));
        }
    }
    lines
}

/// As much of any object as an act looks at.
fn standing(status: &str) -> Value {
    let recurring = json!({"interval": "month", "interval_count": 1});
    let (now_s, day_s) = (NOW.as_ms() / 1_000, 86_400);
    let item = json!({"id": "si_1", "price": {"id": "price_1", "recurring": recurring},
        "current_period_start": now_s - 10 * day_s, "current_period_end": now_s + 20 * day_s});
    let discount = json!({"id": "di_1", "source": {"coupon": "summer"}});
    json!({"id": "x_1", "status": status, "items": {"data": [item]}, "discounts": [discount]})
}
