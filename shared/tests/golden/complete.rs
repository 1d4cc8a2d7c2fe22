//! Nothing that is stored is missing in `account-v1-engine.json` and `account-v1-cancel.json`.
//!
//! The fields and the words are taken apart without `..`: a new field, a new variant does not
//! compile here until it stands in the list, and with that in the golden record.

use super::{CANCEL_V1, ENGINE_V1};
use reprieve_core::account::card_news::CardNews;
use reprieve_core::account::{Account, MethodUpdate, Subscription};
use reprieve_core::api::status::MethodSummary;
use reprieve_core::calendar::Weekday;
use reprieve_core::case::{Attempt, CaseState, ChargeRun, RecoveredBy, RecoveryCase, Trigger};
use reprieve_core::complaint::ComplaintNote;
use reprieve_core::decline::advice::{self, Advice};
use reprieve_core::decline::{Category, Decline, RawDecline};
use reprieve_core::money::Money;
use reprieve_core::network::{AttemptBy, CardAttempt, Initiator, LIMITS, Network, WindowLeft};
use reprieve_core::policy::segment::{Interval, Sector};
use reprieve_core::provider::{
    CardExpiry, CardFact, EndReason, Life, MethodFact, PauseAbility, PauseKind, PauseSeen,
    SubscriptionStatus,
};
use reprieve_core::retry::{Rejected, RetryDecision, TimingChoice, rules};
use reprieve_core::timing::{Arm, ChoiceReason};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! fields {
    ($type:ident: $($field:ident)*) => {{
        fn _every_one_is_named(it: &$type) {
            let $type { $($field: _),* } = it;
        }
        (stringify!($type), vec![$(stringify!($field)),*])
    }};
}

macro_rules! words {
    ($type:ident { $($variant:ident),* $(,)? }) => {{
        const fn _every_one_is_named(it: &$type) {
            match it { $($type::$variant => ()),* }
        }
        vec![$(serde_json::to_value($type::$variant).unwrap()),*]
    }};
}

#[path = "leaving.rs"]
mod leaving;

/// A struct's name and its fields.
type Fields = (&'static str, Vec<&'static str>);

/// Where in the record each struct stands; a map's keys and an array's places are `*`.
fn structs() -> Vec<(Vec<&'static str>, Fields)> {
    let account = fields!(Account:
        merchant customer version subscriptions cases method_update finished_setups
        settled_invoices recovered_at customer_attempts charge_run card_attempts known_cards
        methods leaving zone card_news deleted_at complaints
    );
    let complaint = fields!(ComplaintNote: id at);
    let case = fields!(RecoveryCase:
        invoice subscription state opened_at closed_at recovered_by amount_due number description
        decline method failed_at provider_attempt_count provider_next_attempt_at attempt_number
        rungs_used attempt grace_ends_at read_at read_failures wake_at policy_version segment
        plan live_at next_method recorded_attempts renewed_at held_for
        processing_since
    );
    let subscription = fields!(Subscription:
        status end_reason default_method interval plan sector life seen_at
    );
    let life = fields!(Life:
        started_at period_started_at period_ends_at ends_at trial_ends_at pause can_pause
        items_count discounts_count months_per_period
    );
    let pause_seen = fields!(PauseSeen: by resumes_at);
    let update = fields!(MethodUpdate: setup method collected_at resume_at resume_count);
    let run = fields!(ChargeRun: trigger method current waiting);
    let tried = fields!(CardAttempt:
        at card network amount initiator by category network_advice network_code
    );
    let attempt = fields!(Attempt:
        number key method trigger started_at check_at checks next_method decision is_asked
    );
    let decision = fields!(RetryDecision: at by method why rejected budget_left rungs_left timing);
    let rejected = fields!(Rejected: at rule);
    let left = fields!(WindowLeft: rule window_ms max left);
    let timing = fields!(TimingChoice: features arm why propensity_ppm);
    let decline = fields!(Decline: category do_not_retry raw);
    let raw = fields!(RawDecline:
        code decline_code advice_code network_advice_code network_decline_code charge
    );
    let method = fields!(MethodFact: id summary card);
    let summary = fields!(MethodSummary: brand last4);
    let card = fields!(CardFact: fingerprint network);
    let news = fields!(CardNews: method summary what);
    let expiry = fields!(CardExpiry: year month);
    let money = fields!(Money: amount_minor currency);
    vec![
        (vec![""], account),
        (vec!["subscriptions.*"], subscription),
        (vec!["subscriptions.*.life"], life),
        (vec!["subscriptions.*.life.pause"], pause_seen),
        (vec!["method_update"], update),
        (vec!["charge_run"], run),
        (vec!["complaints.*"], complaint),
        (vec!["card_news"], news),
        (vec!["card_news.what.expires.expiry"], expiry),
        (vec!["card_attempts.*"], tried),
        (vec!["cases.*"], case),
        (vec!["cases.*.attempt"], attempt),
        (vec!["cases.*.plan", "cases.*.attempt.decision"], decision),
        (vec!["cases.*.plan.rejected.*"], rejected),
        (vec!["cases.*.plan.budget_left.*"], left),
        (vec!["cases.*.plan.timing", "cases.*.attempt.decision.timing"], timing),
        (vec!["cases.*.decline"], decline),
        (vec!["cases.*.decline.raw"], raw),
        (vec!["cases.*.method", "cases.*.next_method"], method),
        (vec!["cases.*.method.summary", "card_news.summary"], summary),
        (vec!["cases.*.method.card", "known_cards.*.*"], card),
        (vec!["cases.*.amount_due", "card_attempts.*.amount", "subscriptions.*.plan"], money),
    ]
}

/// Every word of every stored enum, and where it stands.
fn stored_words() -> Vec<(&'static str, Vec<Value>)> {
    let status = words!(SubscriptionStatus { Active, PastDue, Unpaid, Incomplete, Paused, Ended });
    let state = words!(CaseState {
        Scheduled,
        Attempting,
        AwaitingAuthentication,
        AwaitingPaymentMethod,
        Suspended,
        Recovered,
        Exhausted,
        Canceled,
        Voided,
    });
    let category = words!(Category {
        InsufficientFunds,
        IssuerUnavailable,
        Generic,
        Expired,
        InvalidDetails,
        NotSupported,
        AuthenticationRequired,
        Blocked,
        Revoked,
        Technical,
        Unknown,
    });
    let network = words!(Network { Visa, Mastercard, Amex, Discover, Other });
    let weekday =
        words!(Weekday { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday });
    vec![
        ("subscriptions.*.status", status),
        ("subscriptions.*.end_reason", words!(EndReason { PaymentFailed, Requested })),
        ("subscriptions.*.interval", words!(Interval { Month, Year, Other })),
        ("subscriptions.*.sector", words!(Sector { B2b, Consumer, Game })),
        ("subscriptions.*.life.pause.by", words!(PauseKind { Service, Collection })),
        ("subscriptions.*.life.can_pause", words!(PauseAbility { None, Collection, Service })),
        ("cases.*.state", state),
        (
            "cases.*.recovered_by",
            words!(RecoveredBy { MethodUpdate, CustomerRetry, OurRetry, Elsewhere }),
        ),
        ("cases.*.attempt.trigger", words!(Trigger { MethodUpdate, CustomerRetry, Schedule })),
        ("card_attempts.*.category", category.clone()),
        ("cases.*.decline.category", category),
        ("card_attempts.*.network", network.clone()),
        ("known_cards.*.*.network", network),
        ("card_attempts.*.initiator", words!(Initiator { Customer, Merchant })),
        ("card_attempts.*.by", words!(AttemptBy { Provider, Ours })),
        ("cases.*.plan.by", words!(AttemptBy { Provider, Ours })),
        ("cases.*.plan.timing.arm", words!(Arm { Learned, HeldOut })),
        ("cases.*.plan.timing.why", words!(ChoiceReason { HeldOut, Ladder, Learned, Explored })),
        ("cases.*.plan.timing.features.*", weekday),
    ]
}

/// Every value in the record by its place; nothing is there where it is `null` or empty.
fn by_place(value: &Value, place: &str, found: &mut BTreeMap<String, Vec<Value>>) {
    let empty = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if empty {
        return;
    }
    found.entry(place.to_owned()).or_default().push(value.clone());
    match value {
        Value::Object(fields) => {
            let maps = [
                "subscriptions",
                "cases",
                "leaving.cancellations",
                "leaving.pauses",
                "leaving.resumed",
            ];
            let is_map = maps.contains(&place);
            for (name, field) in fields {
                by_place(field, &within(place, if is_map { "*" } else { name }), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                by_place(item, &within(place, "*"), found);
            }
        }
        _ => {}
    }
}

fn within(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn golden() -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    for text in [ENGINE_V1, CANCEL_V1] {
        let golden: Value = serde_json::from_str(text).unwrap();
        by_place(&golden["account"], "", &mut found);
    }
    found
}

#[test]
fn every_field_is_filled_in() {
    let found = golden();
    let mut missing = Vec::new();
    for (places, (name, fields)) in structs().into_iter().chain(leaving::structs()) {
        for place in places {
            for field in &fields {
                if !found.contains_key(&within(place, field)) {
                    missing.push(format!("{name}.{field} at {}", within(place, field)));
                }
            }
        }
    }
    assert!(missing.is_empty(), "never filled in: {missing:#?}");
}

#[test]
fn every_word_is_used() {
    let found = golden();
    let mut missing = Vec::new();
    for (place, words) in stored_words().into_iter().chain(leaving::stored_words()) {
        let used = found.get(place).cloned().unwrap_or_default();
        missing.extend(
            words.iter().filter(|word| !used.contains(word)).map(|word| (place, word.clone())),
        );
    }
    assert!(missing.is_empty(), "never used: {missing:#?}");
}

#[test]
fn every_rule_is_named() {
    let found = golden();
    let places =
        ["cases.*.plan.why.*", "cases.*.plan.rejected.*.rule", "cases.*.plan.budget_left.*.rule"];
    let more = ["cases.*.attempt.decision.why.*", "cases.*.attempt.decision.rejected.*.rule"];
    let used: BTreeSet<&str> = places
        .iter()
        .chain(&more)
        .flat_map(|place| found.get(*place).into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let limits = LIMITS.iter().map(|limit| limit.rule);
    let advised = advice::MASTERCARD.iter().map(|row| match row.advice {
        Advice::Stop { rule, .. }
        | Advice::Wait { rule, .. }
        | Advice::NewDetails { rule }
        | Advice::AskCustomer { rule } => rule,
    });
    let all = rules::ALL.iter().copied().chain(limits).chain(advised);
    let missing: Vec<&str> = all.map(|rule| rule.0).filter(|rule| !used.contains(rule)).collect();
    assert!(missing.is_empty(), "never named: {missing:?}");
}
