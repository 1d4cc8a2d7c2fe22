//! What an account makes of events about cards: nobody was on our page, or somebody else was.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::status::RecoveryState;
use reprieve_core::case::JournalEntry;
use reprieve_core::id::{EventId, InvoiceId};
use reprieve_core::policy::Policy;
use reprieve_core::provider::InvoiceStatus;
use reprieve_core::time::DAY_MS;
use reprieve_edge::durable::store::SeenEvent;
use serde_json::{Value, json};
use world::{World, customer, finish, service};

fn event(kind: &str, object: &Value, previous: &Value) -> SeenEvent {
    let raw = json!({
        "id": format!("evt_{kind}"), "type": kind, "created": 1_800_000_000,
        "data": {"object": object, "previous_attributes": previous},
    });
    let id = EventId::parse(&format!("evt_{kind}")).unwrap();
    SeenEvent { id, kind: kind.to_owned(), raw: raw.to_string() }
}

fn set_up(mark: &Value, customer: &str) -> SeenEvent {
    let object = json!({"id": "seti_1", "object": "setup_intent", "customer": customer,
        "status": "succeeded", "payment_method": "pm_new", "metadata": mark});
    event("setup_intent.succeeded", &object, &json!({}))
}

fn ours() -> SeenEvent {
    set_up(&json!({"reprieve": "1", "reprieve_merchant": "demo"}), "cus_1")
}

fn default_changed() -> SeenEvent {
    let settings = |method| json!({"invoice_settings": {"default_payment_method": method}});
    let mut object = settings("pm_new");
    object["id"] = json!("cus_1");
    object["object"] = json!("customer");
    event("customer.updated", &object, &settings("pm_old"))
}

/// A customer whose unpaid invoices are known.
fn known(count: u32) -> World {
    let world = World::with_open_invoices(count);
    let invoices: Vec<_> = world.invoices.borrow().keys().cloned().collect();
    for invoice in invoices {
        finish(service(&world, &Policy::default()).observe(invoice)).unwrap();
    }
    world
}

/// Lets the alarm ring until no card update is on its way.
fn settle(world: &World) {
    for _ in 0..5 {
        let account = world.account.borrow().clone().expect("an account");
        if account.method_update.is_none() {
            return;
        }
        world::sleep_until(account.next_wake().expect("an update has a wake"));
        finish(service(world, &Policy::default()).wake()).unwrap();
    }
    panic!("the card update does not come to an end");
}

fn state(world: &World) -> RecoveryState {
    service(world, &Policy::default()).status().unwrap().state
}

#[test]
fn the_tab_was_closed_and_the_webhook_carries_the_card_through() {
    let world = known(2);
    assert!(!service(&world, &Policy::default()).ingest(ours()).unwrap());
    settle(&world);
    assert!(world.is_paid("in_0") && world.is_paid("in_1"));
    assert_eq!(world.captured.borrow().len(), 2);
    let new = Some(world::method("pm_new"));
    assert_eq!(*world.customer_default.borrow(), new);
    assert!(world.subscriptions.borrow().values().all(|fact| fact.default_method == new));
    assert!(service(&world, &Policy::default()).ingest(ours()).unwrap(), "seen before");
}

#[test]
fn the_webhook_came_first_and_the_customer_does_not_wait_for_the_alarm() {
    let world = known(1);
    let setup = world.finished_setup("seti_1", "pm_new");
    let policy = Policy::default();
    service(&world, &policy).ingest(ours()).unwrap();
    let status = finish(service(&world, &policy).complete_method(&setup)).unwrap();
    assert_eq!(status.state, RecoveryState::Recovered);
    assert_eq!(world.captured.borrow().len(), 1);
    settle(&world);
    assert_eq!(world.captured.borrow().len(), 1, "the alarm charges nothing more");
}

#[test]
fn what_others_set_up_changes_no_default() {
    let foreign = [
        set_up(&json!({}), "cus_1"),
        set_up(&json!({"reprieve": "1", "reprieve_merchant": "other"}), "cus_1"),
        set_up(&json!({"reprieve": "1", "reprieve_merchant": "demo"}), "cus_2"),
        default_changed(),
    ];
    for event in foreign {
        let world = known(1);
        let kind = event.kind.clone();
        service(&world, &Policy::default()).ingest(event).unwrap();
        finish(service(&world, &Policy::default()).wake()).unwrap();
        assert_eq!(*world.customer_default.borrow(), Some(world::method("pm_old")), "{kind}");
        assert!(!world.is_paid("in_0") && world.captured.borrow().is_empty(), "{kind}");
    }
}

#[test]
fn a_card_from_the_provider_s_page_goes_everywhere() {
    let world = known(2);
    let policy = Policy::default();
    finish(service(&world, &policy).open_provider_page("https://pay.example/p/done")).unwrap();
    service(&world, &policy).ingest(default_changed()).unwrap();
    settle(&world);
    assert!(world.is_paid("in_0") && world.is_paid("in_1"));
    assert_eq!(state(&world), RecoveryState::Recovered);
}

#[test]
fn a_default_long_after_the_provider_s_page_is_somebody_else_s() {
    let world = known(1);
    let policy = Policy::default();
    finish(service(&world, &policy).open_provider_page("https://pay.example/p/done")).unwrap();
    world::sleep_until(world::now().plus_ms(DAY_MS));
    service(&world, &policy).ingest(default_changed()).unwrap();
    finish(service(&world, &policy).wake()).unwrap();
    assert!(world.captured.borrow().is_empty());
}

#[test]
fn a_replaced_card_makes_everything_be_read_at_once_and_is_written_down() {
    let world = known(2);
    let policy = Policy::default();
    // Paid with the replaced card, by the provider's own retry, whose event got lost.
    let id = InvoiceId::parse("in_0").unwrap();
    world.invoices.borrow_mut().get_mut(&id).unwrap().status = InvoiceStatus::Paid;
    let method = json!({"id": "pm_old", "object": "payment_method", "customer": "cus_1",
        "card": {"brand": "visa", "last4": "4242", "fingerprint": "fp_2"}});
    let renewed = event("payment_method.automatically_updated", &method, &json!({}));
    service(&world, &policy).ingest(renewed).unwrap();
    finish(service(&world, &policy).wake()).unwrap();
    let account = world.account.borrow().clone().unwrap();
    assert_eq!(account.open_cases().count(), 1, "read at once");
    let is_told = |entry: &JournalEntry| match entry {
        JournalEntry::MethodRenewed { method } => method.id.as_str() == "pm_old",
        _ => false,
    };
    assert!(world.journal.borrow().iter().any(is_told), "the customer can be told");
    assert_eq!(account.customer, customer());
}
