//! Whatever is on the disk: a stored account is read, or it is an error. What was read can be
//! worked with: no event makes it panic, and no list of it grows beyond its limit.
//!
//! The sequence is the same in every run; `PROPTEST_RNG_SEED=7` takes another one.
#![cfg(test)]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use reprieve_core::account::{
    Account, CLOSED_CASES_MAX, FINISHED_SETUPS_MAX, KNOWN_CARDS_MAX, OPEN_CASES_MAX,
    SETTLED_INVOICES_MAX, SUBSCRIPTIONS_MAX,
};
use reprieve_core::calendar::Zone;
use reprieve_core::case::{Effect, Event, METHODS_MAX, apply};
use reprieve_core::network::{ATTEMPTS_KEPT_MAX, Network};
use reprieve_core::policy::{LearnedTiming, Policy, RetryDriver};
use reprieve_core::provider::{
    CardFact, ChargeOutcome, EndReason, InvoiceFact, InvoiceStatus, MethodFact, Observed,
    SubscriptionFact, SubscriptionStatus,
};
use reprieve_core::record::AccountRecord;
use reprieve_core::retry::{RetryDecision, rules};
use reprieve_core::status;
use reprieve_core::time::{DAY_MS, Timestamp};
use reprieve_core::timing::TimingModel;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use support::{DAY_0, customer, decline, failed_invoice, invoice_id, method_id};
use support::{setup_id, subscription_id};

const RECORDS: [&str; 2] =
    [include_str!("golden/account-v1.json"), include_str!("golden/account-v1-engine.json")];

/// Each takes some milliseconds: a record of 18 cases is read, changed and played with.
const CASES: u32 = 150;

fn config(cases: u32) -> ProptestConfig {
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

/// Words that mean something somewhere in a record, so that nonsense gets far.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words = Vec::new();
    for record in RECORDS {
        gather(&serde_json::from_str(record).expect("a record is JSON"), &mut words);
    }
    words.extend(rules::ALL.iter().map(|rule| rule.0.to_owned()));
    words.extend(
        ["", "UTC0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "of.tomorrow", "é"].map(str::to_owned),
    );
    words.sort();
    words.dedup();
    words
});

fn gather(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(word) => words.push(word.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        Value::Object(fields) => fields.values().for_each(|field| gather(field, words)),
        _ => {}
    }
}

/// Where to go in the tree, and what to do there.
#[derive(Clone, Debug)]
struct Change {
    path: Vec<usize>,
    word: usize,
    number: i64,
    how: u8,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let number = prop_oneof![
        3 => 0..5_i64,
        3 => (0..90 * DAY_MS).prop_map(|ms| DAY_0.plus_ms(ms).as_ms()),
        1 => any::<i64>(),
        1 => select(vec![i64::MIN, i64::MAX, i64::from(u32::MAX), i64::from(u32::MAX) + 1]),
    ];
    let change = (vec(any::<usize>(), 2..9), any::<usize>(), number, any::<u8>())
        .prop_map(|(path, word, number, how)| Change { path, word, number, how });
    vec(change, 1..6)
}

fn make(value: &mut Value, path: &[usize], change: &Change) {
    let (first, rest) = path.split_first().unwrap_or((&0, &[]));
    match value {
        Value::Object(fields) if !fields.is_empty() && !path.is_empty() => {
            let at = first % fields.len();
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            if rest.is_empty() && change.how.is_multiple_of(5) {
                fields.remove(&name);
            } else if let Some(field) = fields.get_mut(&name) {
                make(field, rest, change);
            }
        }
        Value::Array(items) if !items.is_empty() && !path.is_empty() => {
            let at = first % items.len();
            match change.how % 7 {
                5 => items.push(items[at].clone()),
                6 => drop(items.remove(at)),
                _ => make(&mut items[at], rest, change),
            }
        }
        other => {
            *other = match (change.how % 6, &other) {
                (0, _) => Value::Null,
                (_, Value::Number(_)) => Value::from(change.number),
                (_, Value::Bool(old)) => Value::from(!old),
                _ => Value::from(WORDS[change.word % WORDS.len()].clone()),
            }
        }
    }
}

fn observed(status: InvoiceStatus, how: Observed, attempt_count: u32) -> Event {
    let card = CardFact { fingerprint: "fp_visa".to_owned(), network: Network::Visa };
    let fact = InvoiceFact {
        status,
        attempt_count,
        decline: Some(decline("insufficient_funds/51")),
        method: Some(MethodFact { card: Some(card), ..MethodFact::bare(method_id("pm_old")) }),
        ..failed_invoice("in_01")
    };
    Event::InvoiceObserved { fact, observed: how }
}

fn subscription(id: &str, status: SubscriptionStatus) -> Event {
    let fact = SubscriptionFact {
        id: subscription_id(id),
        customer: customer(),
        status,
        end_reason: Some(EndReason::PaymentFailed),
        default_method: None,
        interval: None,
        plan: None,
        sector: None,
        life: None,
        seen_at: Timestamp::from_ms(i64::MAX),
    };
    Event::SubscriptionObserved { fact }
}

/// One of every kind, about what is in the records.
fn events() -> Vec<Event> {
    let setup = || setup_id("seti_9");
    let refused = ChargeOutcome::Declined { decline: decline("stolen_card") };
    let finished = |invoice: &str, number, outcome| {
        let invoice = invoice_id(invoice);
        Event::AttemptFinished { invoice, number, outcome }
    };
    vec![
        Event::WakeReached,
        observed(InvoiceStatus::Open, Observed::ByEvent, 9),
        observed(InvoiceStatus::Open, Observed::Live, u32::MAX),
        observed(InvoiceStatus::Paid, Observed::ByEvent, 2),
        observed(InvoiceStatus::Uncollectible, Observed::Live, 2),
        Event::InvoiceReadFailed { invoice: invoice_id("in_01") },
        subscription("sub_1", SubscriptionStatus::Paused),
        subscription("sub_2", SubscriptionStatus::Ended),
        subscription("sub_4", SubscriptionStatus::Active),
        Event::MethodCollected { setup: setup_id("seti_x"), method: method_id("pm_x"), card: None },
        Event::MethodsObserved { methods: vec![MethodFact::bare(method_id("pm_x")); 12] },
        Event::ZoneObserved { zone: Zone::utc() },
        Event::DefaultsSet { setup: setup() },
        Event::DefaultsFailed { setup: setup() },
        Event::DefaultsRefused { setup: setup() },
        Event::RetryRequested,
        finished("in_02", 2, refused.clone()),
        finished("in_02", 1, refused),
        finished("in_03", 1, ChargeOutcome::NeedsAuthentication),
        finished("in_03", 1, ChargeOutcome::Closed),
        finished("in_17", 3, ChargeOutcome::Paid),
        Event::AttemptUnknown { invoice: invoice_id("in_02"), number: 2 },
        Event::AttemptLapsed { invoice: invoice_id("in_02"), number: 2 },
    ]
}

fn policies() -> [Policy; 2] {
    let learned_timing =
        LearnedTiming { enabled: true, hold_out_permille: 0, explore_permille: 500 };
    let ours = Policy::default().driven_by(RetryDriver::Ours);
    let ours = ours.timed(learned_timing).informed_by(Arc::new(TimingModel::new()));
    [ours, Policy::default().driven_by(RetryDriver::Provider)]
}

fn moments() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        6 => (0..60 * DAY_MS).prop_map(|ms| DAY_0.plus_ms(ms)),
        1 => any::<i64>().prop_map(Timestamp::from_ms),
    ]
}

/// How the lists of an account were before, so that what was read too long may stay so.
fn lengths(account: &Account) -> [(&'static str, usize, usize); 8] {
    let open = account.open_cases().count();
    let closed = account.cases.len() - open;
    [
        ("open cases", open, OPEN_CASES_MAX),
        ("closed cases", closed, CLOSED_CASES_MAX),
        ("subscriptions", account.subscriptions.len(), SUBSCRIPTIONS_MAX),
        ("settled invoices", account.settled_invoices.len(), SETTLED_INVOICES_MAX),
        ("finished set-ups", account.finished_setups.len(), FINISHED_SETUPS_MAX),
        ("attempts", account.card_attempts.len(), ATTEMPTS_KEPT_MAX),
        ("known cards", account.known_cards.len(), KNOWN_CARDS_MAX),
        ("methods", account.methods.len(), METHODS_MAX),
    ]
}

/// Everything that can happen to an account, from any record that could be read.
fn play(record: AccountRecord, steps: &[(usize, Timestamp)]) {
    let Ok(start) = Account::try_from(record) else { return };
    let events = events();
    for policy in policies() {
        let mut account = start.clone();
        for (at, now) in steps {
            let event = &events[at % events.len()];
            let before = account.clone();
            let Ok(transition) = apply(&mut account, event, *now, &policy) else {
                assert_eq!(account, before, "what is refused changes nothing");
                continue;
            };
            for ((name, len, max), (_, was, _)) in
                lengths(&account).into_iter().zip(lengths(&before))
            {
                assert!(len <= max.max(was), "{name}: {len} after {event:?}");
            }
            let charges = |effect: &&Effect| matches!(effect, Effect::Charge { .. });
            assert!(transition.effects.iter().filter(charges).count() <= OPEN_CASES_MAX);
            for case in account.cases.values() {
                let has_wake = case.wake_at.is_some();
                assert_eq!(has_wake, !case.state.is_terminal(), "an open case has a wake");
                let zone = account.zone.clone().unwrap_or_else(Zone::utc);
                let plan = case.plan.as_ref().map(|plan| plan.sentence(&zone));
                assert!(plan.is_none_or(|sentence| !sentence.is_empty()));
            }
            let _seen = status::of(&account, *now, &policy);
        }
        let written = serde_json::to_string(&AccountRecord::from(account.clone())).unwrap();
        let read: AccountRecord = serde_json::from_str(&written).expect("what was written is read");
        assert_eq!(read.account, account);
    }
}

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn a_record_with_other_values_is_read_or_refused_and_never_panics(
        golden in select(RECORDS.to_vec()),
        changes in changes(),
        steps in vec((any::<usize>(), moments()), 1..8),
    ) {
        let mut value: Value = serde_json::from_str(golden).unwrap();
        for change in &changes {
            // Past the version, into the account.
            make(&mut value["account"], &change.path, change);
        }
        if let Ok(record) = serde_json::from_value::<AccountRecord>(value) {
            play(record, &steps);
        }
    }

    #[test]
    fn a_record_with_other_bytes_is_read_or_refused_and_never_panics(
        golden in select(RECORDS.to_vec()),
        edits in vec((any::<usize>(), any::<u8>(), 0..4_u8), 1..6),
        steps in vec((any::<usize>(), moments()), 1..4),
    ) {
        let mut bytes = golden.as_bytes().to_vec();
        for (at, byte, how) in edits {
            let at = at % bytes.len().max(1);
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                // A digit for a digit and a letter for a letter gets further.
                _ if bytes[at].is_ascii_digit() => bytes[at] = b'0' + byte % 10,
                _ if bytes[at].is_ascii_lowercase() => bytes[at] = b'a' + byte % 26,
                _ => {}
            }
        }
        if let Ok(record) = serde_json::from_slice::<AccountRecord>(&bytes) {
            play(record, &steps);
        }
    }

    #[test]
    fn a_stored_decision_is_read_or_refused_and_has_a_sentence(changes in changes()) {
        let golden: Value = serde_json::from_str(RECORDS[1]).unwrap();
        let mut value = golden["account"]["cases"]["in_01"]["plan"].clone();
        for change in &changes {
            make(&mut value, &change.path[1..], change);
        }
        if let Ok(decision) = serde_json::from_value::<RetryDecision>(value) {
            prop_assert!(!decision.sentence(&Zone::utc()).is_empty());
            let written = serde_json::to_value(&decision).unwrap();
            prop_assert_eq!(serde_json::from_value::<RetryDecision>(written).unwrap(), decision);
        }
    }
}

#[test]
fn the_records_as_they_are_survive_every_event() {
    for golden in RECORDS {
        let record = || serde_json::from_str::<AccountRecord>(golden).expect("it is readable");
        let all: Vec<_> = (0..events().len()).map(|at| (at, DAY_0.plus_ms(3 * DAY_MS))).collect();
        play(record(), &all);
        for step in all {
            play(record(), &[step]);
        }
    }
}
