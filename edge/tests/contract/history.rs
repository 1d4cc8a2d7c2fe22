//! What a provider lists and tells of itself: the net under the webhooks, and the webhooks.

use crate::{Says, Stage, kind, owing, pay, run, us};
use http::HeaderMap;
use reprieve_core::id::{InvoiceId, SubscriptionId};
use reprieve_core::time::DAY_MS;
use reprieve_edge::provider::event::{Fact, ReadEvents, SignatureError};
use reprieve_edge::provider::{
    ChangeBilling, ErrorKind, EventPage, EventWindow, OnSession, ReadHistory,
};

pub(crate) fn kept<S: Stage>(make: &impl Fn() -> S) {
    events(&make());
    signatures(&make());
    unpaid_invoices(&make());
    renewals(&make());
}

fn listed<S: Stage>(stage: &S, after: Option<&str>, limit: u32) -> EventPage {
    let now_s = stage.now().as_ms() / 1_000;
    let window = EventWindow { from_s: now_s - 60, until_s: now_s + 60, after, limit };
    run(stage.provider().list_events(window)).unwrap()
}

/// The newest first, each as a webhook would have carried it, and only those of the window.
fn events<S: Stage>(stage: &S) {
    let (subscription, first) = owing(stage);
    let second = stage.owed(&subscription);
    let page = listed(stage, None, 1);
    assert_eq!((page.events.len(), page.end.has_more), (1, true));
    let rest = listed(stage, page.end.last.as_deref(), 100);
    assert!(!rest.end.has_more && rest.end.last.is_some());
    let mut told: Vec<InvoiceId> = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for raw in page.events.iter().chain(&rest.events) {
        let event = stage.provider().read_event(raw.as_bytes()).unwrap();
        assert_eq!(event.customer, Some(us()));
        assert_eq!(Some(event.is_live), stage.provider().is_live());
        assert_eq!(event.created_at.as_ms() / 1_000, stage.now().as_ms() / 1_000);
        assert!(names.insert(event.id), "each once");
        if let Some(Fact::Invoice(fact)) = event.fact {
            told.push(fact.id);
        }
        let kept = stage.provider().storable(raw.clone().into_bytes()).unwrap();
        assert_eq!(stage.provider().read_event(kept.as_bytes()).unwrap().kind, event.kind);
    }
    assert_eq!(told, [second, first], "the newest first");
    let (earlier, limit) = (stage.now().as_ms() / 1_000 - 3_600, 100);
    let window = EventWindow { from_s: 0, until_s: earlier, after: None, limit };
    let nothing = run(stage.provider().list_events(window)).unwrap();
    assert!(nothing.events.is_empty() && nothing.end.last.is_none() && !nothing.end.has_more);
    let window = EventWindow { from_s: 0, until_s: earlier, after: Some("evt_unknown"), limit };
    assert_eq!(kind(run(stage.provider().list_events(window))), ErrorKind::Refused);
    for nonsense in [&b""[..], b"{}", b"[]", b"\xff", b"null"] {
        assert!(stage.provider().read_event(nonsense).is_err(), "{nonsense:?}");
    }
}

fn signatures<S: Stage>(stage: &S) {
    let (provider, now) = (stage.provider(), stage.now());
    let raw = br#"{"id":"evt_1"}"#;
    let headers = stage.signed(raw, now);
    assert_eq!(provider.verify(&headers, raw, now), Ok(()));
    assert_eq!(provider.verify(&headers, br#"{"id":"evt_2"}"#, now), Err(SignatureError::Mismatch));
    assert_eq!(provider.verify(&HeaderMap::new(), raw, now), Err(SignatureError::Missing));
    let days_later = now.plus_ms(2 * DAY_MS);
    assert_eq!(provider.verify(&headers, raw, days_later), Err(SignatureError::TooOld));
}

/// Those that are open and were tried, of all customers.
fn unpaid_invoices<S: Stage>(stage: &S) {
    let (subscription, first) = owing(stage);
    let second = stage.owed(&subscription);
    let paid = stage.owed(&subscription);
    pay(stage, &paid, 1, Some(&stage.card(Says::Yes)), OnSession::Yes).unwrap();
    let gone = stage.owed(&subscription);
    stage.void(&gone);
    let waiting = stage.untried(&subscription);
    let list = |after: Option<&str>, limit| run(stage.provider().list_unpaid(after, limit));
    let whole = list(None, 100).unwrap();
    assert_eq!(whole.invoices, [(second.clone(), us()), (first.clone(), us())]);
    assert!(!whole.end.has_more);
    let page = list(Some(waiting.as_str()), 1).unwrap();
    assert_eq!((page.invoices, page.end.has_more), (vec![(second.clone(), us())], true));
    let last = list(Some(second.as_str()), 1).unwrap();
    assert_eq!((last.invoices, last.end.has_more), (vec![(first, us())], false));
    assert_eq!(kind(list(Some("in_unknown"), 1)), ErrorKind::Refused);
}

/// The cards that are charged next: the subscription's own, else the customer's.
fn renewals<S: Stage>(stage: &S) {
    use reprieve_core::cancel::act::Act;
    use reprieve_edge::provider::CollectMethod;
    let (own, common) = (stage.card(Says::Yes), stage.card(Says::Yes));
    run(stage.provider().set_customer_default(&us(), &common)).unwrap();
    let with_own = stage.subscription(Some(&own));
    let ended = stage.subscription(Some(&own));
    stage.end(&ended);
    let ends_soon: SubscriptionId = stage.running();
    let leaves = Act::CancelAtPeriodEnd { subscription: ends_soon, reason: None, comment: None };
    let key = reprieve_core::idempotency::IdempotencyKey::for_payment(
        &InvoiceId::parse("in_1").unwrap(),
        1,
        None,
    );
    run(stage.provider().act(&us(), &leaves, &key)).unwrap();
    stage.subscription(None);
    let list = |after: Option<&str>, limit| run(stage.provider().list_renewals(after, limit));
    let whole = list(None, 100).unwrap();
    let methods: Vec<_> = whole.cards.iter().map(|card| &card.method).collect();
    assert_eq!(methods, [&common, &own], "the newest subscription first");
    assert!(whole.cards.iter().all(|card| card.customer == us() && card.expiry.year >= 2_027));
    assert!(whole.cards.iter().all(|card| card.summary.is_some()) && !whole.end.has_more);
    let first = list(None, 1).unwrap();
    assert_eq!((first.cards, first.end.has_more), (vec![whole.cards[0].clone()], true));
    let behind_last = list(Some(with_own.as_str()), 1).unwrap();
    assert!(behind_last.cards.is_empty() && !behind_last.end.has_more);
    assert_eq!(kind(list(Some("sub_unknown"), 1)), ErrorKind::Refused);
}
