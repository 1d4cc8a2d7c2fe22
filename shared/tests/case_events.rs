//! Every kind of event in every state of a case, driven through `apply`, as text: the state after
//! it and what is to be done. `case_table.rs` is the table of the state machine itself; this is
//! what an account makes of it.
//!
//! `.` means: the case stays where it is. `!` means: refused, and nothing changed. After a `+`
//! what is to be done: `C` charge, `Q` ask how a charge ended, `r` read the invoice, `m` read the
//! methods, `d` set defaults, `s` read the subscriptions, `a` ask for something about leaving.
//! Reviewed cell by cell; a change of behaviour is seen in review as what it is.
#![cfg(test)]

mod support;

use reprieve_core::account::Account;
use reprieve_core::calendar::Zone;
use reprieve_core::cancel::{
    ActOutcome, Answer, CancelEvent, CancelKind, CancelSettings, Step as Screen,
};
use reprieve_core::case::{CaseState, Effect, Event};
use reprieve_core::id::CancellationId;
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::jurisdiction::Whereabouts;
use reprieve_core::network::Network;
use reprieve_core::policy::segment::Interval;
use reprieve_core::policy::settings::{Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{
    CardExpiry, CardFact, ChargeOutcome, EndReason, InvoiceFact, InvoiceStatus, Life, MethodFact,
    Observed, PauseAbility, SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use reprieve_core::timing::stable_hash;
use std::collections::BTreeSet;
use support::invariants::Watch;
use support::{account, customer, decline, failed_invoice, invoice_id, method_id};
use support::{setup_id, subscription_id};

/// The variants of [`Event`], numbered. A new one does not compile until it stands here, and fails
/// until a row drives it.
const fn kind(event: &Event) -> usize {
    match event {
        Event::InvoiceObserved { .. } => 0,
        Event::InvoiceReadFailed { .. } => 1,
        Event::SubscriptionObserved { .. } => 2,
        Event::MethodCollected { .. } => 3,
        Event::MethodsObserved { .. } => 4,
        Event::ZoneObserved { .. } => 5,
        Event::DefaultsSet { .. } => 6,
        Event::DefaultsFailed { .. } => 7,
        Event::DefaultsRefused { .. } => 8,
        Event::RetryRequested => 9,
        Event::AttemptFinished { .. } => 10,
        Event::AttemptUnknown { .. } => 11,
        Event::AttemptLapsed { .. } => 12,
        Event::WakeReached => 13,
        Event::AuthenticationAsked { .. } => 14,
        Event::MethodsChanged { .. } => 15,
        Event::CardExpires { .. } => 16,
        Event::Cancel(_) => 17,
        Event::AttemptWithheld { .. } => 18,
        Event::ComplaintMade { .. } => 19,
        Event::CustomerDeleted => 20,
    }
}

const KINDS: usize = 21;

const OURS: &str = include_str!("golden/events-ours.txt");
const PROVIDER: &str = include_str!("golden/events-provider.txt");

/// The invoice of every cell.
const ID: &str = "in_1";

/// When the case failed; our ladder tries a day later, the provider two.
const FAILED: Timestamp = support::DAY_0;

fn live(fact: InvoiceFact) -> Event {
    Event::InvoiceObserved { fact, observed: Observed::Live }
}

fn told(fact: InvoiceFact) -> Event {
    Event::InvoiceObserved { fact, observed: Observed::ByEvent }
}

fn card(n: u8) -> CardFact {
    CardFact { fingerprint: format!("fp_{n}"), network: Network::Visa }
}

/// A reading after so many attempts of the provider, the last one declined with this code.
fn declined(code: &str, attempt_count: u32) -> InvoiceFact {
    let method = MethodFact { card: Some(card(1)), ..MethodFact::bare(method_id("pm_old")) };
    InvoiceFact {
        attempt_count,
        decline: Some(decline(code)),
        method: Some(method),
        next_attempt_at: Some(FAILED.plus_ms(2 * DAY_MS)),
        ..failed_invoice(ID)
    }
}

fn became(status: InvoiceStatus) -> InvoiceFact {
    InvoiceFact { status, next_attempt_at: None, ..declined("insufficient_funds", 1) }
}

fn subscription(status: SubscriptionStatus, end_reason: Option<EndReason>) -> Event {
    let fact = SubscriptionFact {
        id: subscription_id("sub_1"),
        customer: customer(),
        status,
        end_reason,
        default_method: None,
        interval: None,
        plan: None,
        sector: None,
        life: None,
        seen_at: FAILED,
    };
    Event::SubscriptionObserved { fact }
}

fn new_card() -> Event {
    let (setup, method) = (setup_id("seti_1"), method_id("pm_new"));
    Event::MethodCollected { setup, method, card: Some(card(2)) }
}

fn finished(number: u32, outcome: ChargeOutcome) -> Event {
    Event::AttemptFinished { invoice: invoice_id(ID), number, outcome }
}

fn refused(code: &str) -> ChargeOutcome {
    ChargeOutcome::Declined { decline: decline(code) }
}

/// What brings a case into each state.
fn way_into(state: CaseState) -> Vec<Event> {
    let mut way = vec![live(declined("insufficient_funds", 1))];
    match state {
        CaseState::Scheduled => {}
        CaseState::Attempting => way.push(Event::RetryRequested),
        CaseState::AwaitingAuthentication => {
            way = vec![live(declined("authentication_required", 1))];
        }
        CaseState::AwaitingPaymentMethod => way = vec![live(declined("expired_card", 1))],
        CaseState::Suspended => way.push(subscription(SubscriptionStatus::Paused, None)),
        CaseState::Recovered => way.push(told(became(InvoiceStatus::Paid))),
        CaseState::Exhausted => way.push(told(became(InvoiceStatus::Uncollectible))),
        CaseState::Canceled => {
            let reason = Some(EndReason::Requested);
            way.push(subscription(SubscriptionStatus::Ended, reason));
        }
        CaseState::Voided => way.push(told(became(InvoiceStatus::Void))),
    }
    way
}

/// One row: the event, so many hours after the failure, and what happened a minute before it.
struct Row {
    name: &'static str,
    hours: i64,
    before: Vec<Event>,
    event: Event,
}

fn row(name: &'static str, event: Event) -> Row {
    Row { name, hours: 1, before: Vec::new(), event }
}

fn after(before: Vec<Event>, row: Row) -> Row {
    Row { before, ..row }
}

fn on_hour(hours: i64, row: Row) -> Row {
    Row { hours, ..row }
}

fn sightings() -> Vec<Row> {
    let (again, unpaid) = (|| declined("insufficient_funds", 2), Some(EndReason::PaymentFailed));
    vec![
        row("told: as it was", told(InvoiceFact { decline: None, ..declined("-", 1) })),
        row("told: failed again", told(InvoiceFact { decline: None, ..declined("-", 2) })),
        row("told: draft", told(became(InvoiceStatus::Draft))),
        row("told: paid", told(became(InvoiceStatus::Paid))),
        row("told: void", told(became(InvoiceStatus::Void))),
        row("told: given up", told(became(InvoiceStatus::Uncollectible))),
        row("read: as it was", live(declined("insufficient_funds", 1))),
        row("read: no money again", live(again())),
        row("read: expired", live(declined("expired_card", 2))),
        row("read: asks for 3DS", live(InvoiceFact { needs_authentication: true, ..again() })),
        row("read: nothing planned", live(InvoiceFact { next_attempt_at: None, ..again() })),
        row("read: an older one", live(InvoiceFact { attempt_count: 0, ..again() })),
        row("read: paid", live(became(InvoiceStatus::Paid))),
        row("read: given up", live(became(InvoiceStatus::Uncollectible))),
        row("read in vain", Event::InvoiceReadFailed { invoice: invoice_id(ID) }),
        row("runs", subscription(SubscriptionStatus::Active, None)),
        row("past due", subscription(SubscriptionStatus::PastDue, None)),
        row("unpaid", subscription(SubscriptionStatus::Unpaid, None)),
        row("incomplete", subscription(SubscriptionStatus::Incomplete, None)),
        row("paused", subscription(SubscriptionStatus::Paused, None)),
        row("ended: wanted", subscription(SubscriptionStatus::Ended, Some(EndReason::Requested))),
        row("ended", subscription(SubscriptionStatus::Ended, None)),
        row("ended: unpaid", subscription(SubscriptionStatus::Ended, unpaid)),
    ]
}

fn expires() -> Event {
    let expiry = CardExpiry { year: 2027, month: 1 };
    Event::CardExpires { method: method_id("pm_old"), summary: None, expiry }
}

fn acts() -> Vec<Row> {
    let setup = || setup_id("seti_1");
    let method = |id, n| MethodFact { card: Some(card(n)), ..MethodFact::bare(method_id(id)) };
    let on_file = vec![method("pm_old", 1), method("pm_other", 3)];
    let replaced = method("pm_old", 4);
    let unknown = Event::AttemptUnknown { invoice: invoice_id(ID), number: 1 };
    let withheld = Event::AttemptWithheld { invoice: invoice_id(ID), number: 1 };
    let lapsed = |number| Event::AttemptLapsed { invoice: invoice_id(ID), number };
    let fresh = || vec![live(declined("insufficient_funds", 1))];
    vec![
        row("a new card", new_card()),
        row("cards on file", Event::MethodsObserved { methods: on_file }),
        row("cards changed", Event::MethodsChanged { renewed: None }),
        row("a card was replaced", Event::MethodsChanged { renewed: Some(replaced) }),
        row("a card expires", expires()),
        row("customer deleted", Event::CustomerDeleted),
        row("a clock", Event::ZoneObserved { zone: Zone::named("Asia/Tokyo").unwrap() }),
        after(vec![new_card()], row("defaults set", Event::DefaultsSet { setup: setup() })),
        row("defaults set: of whom?", Event::DefaultsSet { setup: setup() }),
        after(vec![new_card()], row("defaults failed", Event::DefaultsFailed { setup: setup() })),
        after(vec![new_card()], row("card refused", Event::DefaultsRefused { setup: setup() })),
        row("the customer retries", Event::RetryRequested),
        row("the customer confirms", Event::AuthenticationAsked { invoice: None }),
        row("charge: paid", finished(1, ChargeOutcome::Paid)),
        row("charge: no money", finished(1, refused("insufficient_funds"))),
        row("charge: stolen", finished(1, refused("stolen_card"))),
        row("charge: asks for 3DS", finished(1, ChargeOutcome::NeedsAuthentication)),
        row("charge: closed", finished(1, ChargeOutcome::Closed)),
        row("charge 9: paid", finished(9, ChargeOutcome::Paid)),
        row("charge 9: no money", finished(9, refused("insufficient_funds"))),
        row("charge: unknown", unknown),
        row("charge: lapsed", lapsed(1)),
        row("charge 9: lapsed", lapsed(9)),
        row("charge: withheld", withheld),
        row("alarm: in an hour", Event::WakeReached),
        on_hour(30, row("alarm: due", Event::WakeReached)),
        after(fresh(), on_hour(30, row("alarm: due and read", Event::WakeReached))),
        after(vec![new_card()], on_hour(2, row("alarm: a new card", Event::WakeReached))),
        row("a complaint", support::complaint("12345678")),
    ]
}

/// What a customer does who leaves: `sub_1`, at once because it is past due.
fn farewells() -> Vec<Row> {
    let life = Life {
        period_started_at: Some(FAILED),
        period_ends_at: Some(FAILED.plus_ms(30 * DAY_MS)),
        can_pause: PauseAbility::Collection,
        ..Life::default()
    };
    let mut known = subscription(SubscriptionStatus::PastDue, None);
    if let Event::SubscriptionObserved { fact } = &mut known {
        fact.life = Some(life);
        fact.interval = Some(Interval::Month);
    }
    let hash = stable_hash(&["cancellation", "demo", "cus_1", "sub_1", "1"]);
    let id = CancellationId::parse(&format!("ccl_{hash:016x}")).unwrap();
    let begin = Event::Cancel(CancelEvent::Started {
        subscription: Some(subscription_id("sub_1")),
        kind: CancelKind::Ordinary,
        place: Whereabouts::default(),
    });
    let answer = Event::Cancel(CancelEvent::Answered {
        id: id.clone(),
        from: Screen::Survey,
        answer: Answer::Reason(None),
    });
    let take = Event::Cancel(CancelEvent::OfferAccepted {
        id: id.clone(),
        offer: "pause".to_owned(),
        until: None,
    });
    let leave = || Event::Cancel(CancelEvent::Confirmed { id: id.clone() });
    let done = |act: &str| {
        let key = IdempotencyKey::for_act(&id, act, "sub_1", 1);
        Event::Cancel(CancelEvent::ActFinished { key, outcome: ActOutcome::Done })
    };
    let paused = || vec![known.clone(), begin.clone(), answer.clone(), take.clone()];
    let left = || vec![known.clone(), begin.clone(), leave()];
    vec![
        row("wants to leave", begin.clone()),
        after(
            vec![known.clone(), begin.clone(), answer.clone()],
            row("takes a pause", take.clone()),
        ),
        after(paused(), row("the pause holds", done("pause"))),
        after(vec![known.clone(), begin.clone()], row("leaves", leave())),
        after(left(), row("is gone", done("cancel_now"))),
        after(left(), row("gone, told", subscription(SubscriptionStatus::Ended, None))),
        after(left(), row("leaving: a new card", new_card())),
        after(left(), on_hour(30, row("leaving: the alarm", Event::WakeReached))),
    ]
}

fn policy(driver: RetryDriver) -> Policy {
    let mut settings = Settings::default();
    settings.retry.rungs = [1, 2, 3].map(|days| Rung::after_ms(days * DAY_MS)).to_vec();
    let cancel = CancelSettings { hold_out_permille: 0, ..Policy::default().cancel().clone() };
    Policy::uniform(driver, settings).letting_go(cancel)
}

fn state(account: &Account) -> CaseState {
    account.cases[&invoice_id(ID)].state
}

const fn short(state: CaseState) -> &'static str {
    match state {
        CaseState::Scheduled => "SCH",
        CaseState::Attempting => "ATT",
        CaseState::AwaitingAuthentication => "AUT",
        CaseState::AwaitingPaymentMethod => "MET",
        CaseState::Suspended => "SUS",
        CaseState::Recovered => "REC",
        CaseState::Exhausted => "EXH",
        CaseState::Canceled => "CAN",
        CaseState::Voided => "VOI",
    }
}

const fn letter(effect: &Effect) -> char {
    match effect {
        Effect::Charge { .. } => 'C',
        Effect::Reconcile { .. } => 'Q',
        Effect::ReadInvoice { .. } => 'r',
        Effect::ReadMethods => 'm',
        Effect::SetDefaults { .. } => 'd',
        Effect::ReadSubscriptions => 's',
        Effect::Act { .. } => 'a',
        Effect::AskAct { .. } => 'k',
    }
}

/// One cell. Every rule of `support/invariants.rs` is checked on the way.
fn cell(driver: RetryDriver, from: CaseState, row: &Row) -> String {
    let (policy, mut account) = (policy(driver), account());
    let mut watch = Watch::new(&policy);
    for event in way_into(from) {
        watch.apply(&mut account, &event, FAILED).expect("a way into every state");
    }
    assert_eq!(state(&account), from, "the way leads there");
    let now = FAILED.plus_ms(row.hours * HOUR_MS);
    for event in &row.before {
        let just_before = now.plus_ms(-MINUTE_MS);
        let refused = watch.apply(&mut account, event, just_before).is_err();
        // Who has no subscription any more cannot leave it.
        assert!(!refused || matches!(event, Event::Cancel(_)), "what happened before is possible");
    }
    let before = state(&account);
    let Ok(effects) = watch.apply(&mut account, &row.event, now) else { return "!".to_owned() };
    let after = state(&account);
    let mut text = if after == before { "." } else { short(after) }.to_owned();
    if !effects.is_empty() {
        text.push('+');
        text.extend(effects.iter().map(letter));
    }
    text
}

fn line(name: &str, cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<6}")).collect();
    format!("{name:<23}{}", cells.join(" ")).trim_end().to_owned()
}

fn table(driver: RetryDriver) -> String {
    let head = CaseState::ALL.map(|state| short(state).to_owned());
    let mut lines = vec![line("", &head)];
    for row in sightings().iter().chain(&acts()).chain(&farewells()) {
        let cells = CaseState::ALL.map(|state| cell(driver, state, row));
        lines.push(line(row.name, &cells));
    }
    lines.join("\n")
}

#[test]
fn every_kind_of_event_has_a_row() {
    let driven: BTreeSet<usize> =
        sightings().iter().chain(&acts()).chain(&farewells()).map(|row| kind(&row.event)).collect();
    assert_eq!(driven, (0..KINDS).collect());
}

#[test]
fn our_ladder_drives() {
    let table = table(RetryDriver::Ours);
    assert!(table == OURS.trim_end(), "the table is now:\n{table}");
}

#[test]
fn the_provider_drives() {
    let table = table(RetryDriver::Provider);
    assert!(table == PROVIDER.trim_end(), "the table is now:\n{table}");
}
