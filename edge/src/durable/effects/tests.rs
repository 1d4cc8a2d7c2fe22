//! What a reading shows of the provider's own plans.

use super::*;
use reprieve_core::money::{Currency, Money};

fn seen(status: InvoiceStatus, attempt_count: u32, next_in: Option<i64>) -> InvoiceFact {
    InvoiceFact {
        id: InvoiceId::parse("in_1").unwrap(),
        customer: CustomerId::parse("cus_1").unwrap(),
        subscription: None,
        status,
        amount_due: Money { amount_minor: 1, currency: Currency::parse("eur").unwrap() },
        number: None,
        description: None,
        attempt_count,
        next_attempt_at: next_in.map(Timestamp::from_ms),
        decline: None,
        method: None,
        next_method: None,
        needs_authentication: false,
        is_processing: false,
        region: None,
    }
}

#[test]
fn the_provider_s_own_plan_is_seen_in_readings_of_what_failed() {
    use InvoiceStatus as S;
    let rows = [
        (seen(S::Open, 1, Some(5)), Observed::Live, true),
        (seen(S::Open, 1, None), Observed::Live, false),
        // The first attempt of a renewal is always the provider's.
        (seen(S::Open, 0, Some(5)), Observed::Live, false),
        (seen(S::Paid, 1, Some(5)), Observed::Live, false),
        // An event may be old.
        (seen(S::Open, 1, Some(5)), Observed::ByEvent, false),
    ];
    for (fact, observed, is_planned) in rows {
        let event = Event::InvoiceObserved { fact, observed };
        assert_eq!(planned_by_provider(&event).is_some(), is_planned, "{event:?}");
    }
    assert_eq!(planned_by_provider(&Event::WakeReached), None);
}
