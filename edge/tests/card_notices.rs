//! News of a card through the service: handed on once, for whoever tells the customer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::status::MethodSummary;
use reprieve_core::case::Event;
use reprieve_core::id::PaymentMethodId;
use reprieve_core::policy::Policy;
use reprieve_core::provider::{CardExpiry, MethodFact};
use world::{World, service};

fn method() -> PaymentMethodId {
    PaymentMethodId::parse("pm_1").unwrap()
}

fn summary() -> Option<MethodSummary> {
    Some(MethodSummary { brand: "visa".to_owned(), last4: "4242".to_owned() })
}

/// What was handed over of this kind, as JSON.
fn told(world: &World, kind: &str) -> Vec<serde_json::Value> {
    let outbox = world.outbox.borrow();
    let projections = outbox.iter().map(|text| serde_json::from_str(text).unwrap());
    projections
        .flat_map(|projection: serde_json::Value| projection["notices"].as_array().unwrap().clone())
        .filter(|notice| notice["kind"] == kind)
        .collect()
}

#[test]
fn a_card_that_expires_is_handed_over_once_and_another_month_once_more() {
    let (policy, world) = (Policy::default(), World::with_open_invoices(0));
    let month = month_of(world::now().as_ms());
    let expires = |expiry| Event::CardExpires { method: method(), summary: summary(), expiry };
    for _ in 0..3 {
        service(&world, &policy).hear(&expires(month)).unwrap();
    }
    // The next round, after something on file changed.
    service(&world, &policy).hear(&Event::MethodsChanged { renewed: None }).unwrap();
    service(&world, &policy).hear(&expires(month)).unwrap();
    let notices = told(&world, "card_expiring");
    let names: Vec<&str> = notices.iter().map(|notice| notice["id"].as_str().unwrap()).collect();
    let name = format!("card_expiring:pm_1:{}-{:02}", month.year, month.month);
    assert_eq!(names, [name.as_str(), &name], "the second has the name of the first");
    let content = &notices[0]["content"];
    assert_eq!(content["method"]["last4"], "4242");
    assert_eq!(content["expires_at_ms"], month.ends_at().unwrap().as_ms());
    let far = CardExpiry { year: month.year + 5, ..month };
    service(&world, &policy).hear(&expires(far)).unwrap();
    assert_eq!(told(&world, "card_expiring").len(), 2, "that is long");
}

#[test]
fn a_card_that_was_replaced_is_handed_over() {
    let (policy, world) = (Policy::default(), World::with_open_invoices(0));
    let renewed = MethodFact { id: method(), summary: summary(), card: None };
    let event = Event::MethodsChanged { renewed: Some(renewed) };
    service(&world, &policy).hear(&event).unwrap();
    let notices = told(&world, "card_updated");
    assert_eq!(notices.len(), 1);
    assert!(notices[0]["id"].as_str().unwrap().starts_with("card_updated:pm_1:"));
    assert_eq!(notices[0]["content"]["payment_method"], "pm_1");
    assert_eq!(notices[0]["content"]["method"]["brand"], "visa");
}

#[test]
fn of_a_deleted_customer_s_card_nothing_is_told() {
    let (policy, world) = (Policy::default(), World::with_open_invoices(0));
    service(&world, &policy).hear(&Event::CustomerDeleted).unwrap();
    let expiry = month_of(world::now().as_ms());
    let expires = Event::CardExpires { method: method(), summary: summary(), expiry };
    service(&world, &policy).hear(&expires).unwrap();
    assert!(told(&world, "card_expiring").is_empty());
}

/// The month of a moment, whose end is at most 30 days away.
fn month_of(at_ms: i64) -> CardExpiry {
    let months = (2026..2029_i16).flat_map(|year| (1..=12_u8).map(move |number| (year, number)));
    let mut ends = months.map(|(year, month)| CardExpiry { year, month });
    let fits = |expiry: &CardExpiry| expiry.ends_at().unwrap().as_ms() >= at_ms;
    ends.find(fits).unwrap()
}
