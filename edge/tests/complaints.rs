//! A complaint through the service: kept, and handed on once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break"
)]

mod world;

use reprieve_core::api::complaint::NewComplaint;
use reprieve_core::case::JournalEntry;
use reprieve_core::policy::Policy;
use reprieve_edge::durable::service::ServiceError;
use world::{World, service};

#[test]
fn a_complaint_is_written_down_and_handed_on_once() {
    let (policy, world) = (Policy::default(), World::with_open_invoices(0));
    let written = NewComplaint {
        key: "drawn-once".to_owned(),
        category: "charge".to_owned(),
        text: " I paid twice. ".to_owned(),
        invoice: Some("in_0".to_owned()),
        cancellation: None,
    };
    world.journal.borrow_mut().clear();
    world.outbox.borrow_mut().clear();
    let received = service(&world, &policy).complain(&written).unwrap();
    let again = service(&world, &policy).complain(&written).unwrap();
    assert_eq!(received, again);
    assert!(received.id.starts_with("cpl_") && received.received_at_ms == world::now().as_ms());
    let kept =
        world.journal.borrow().iter().filter(|e| matches!(e, JournalEntry::Complaint(_))).count();
    let told = world.outbox.borrow().concat();
    assert_eq!((kept, told.matches(r#""kind":"complaint""#).count()), (1, 1));
    for word in [r#""text":"I paid twice.""#, r#""invoice":"in_0""#, &received.id] {
        assert!(told.contains(word), "{word}");
    }
    let no = |change: &dyn Fn(&mut NewComplaint)| {
        let mut odd = written.clone();
        change(&mut odd);
        assert_eq!(
            service(&world, &policy).complain(&odd),
            Err(ServiceError::Malformed),
            "{odd:?}"
        );
    };
    no(&|odd| odd.key = "short".to_owned());
    no(&|odd| odd.category = "love".to_owned());
    no(&|odd| odd.text = " ".to_owned());
    no(&|odd| odd.invoice = Some("../etc".to_owned()));
    no(&|odd| odd.cancellation = Some(String::new()));
}
