//! What is stored of leaving.

use super::Fields;
use reprieve_core::cancel::offer::PauseAccess;
use reprieve_core::cancel::{
    Act, ActStage, CancelKind, CancelState, Cancellation, Chosen, Leaving, PauseRun, PauseState,
    PauseTerms, PendingAct, Reason, ResumeCheck, Step, Taken, Terms,
};
use reprieve_core::jurisdiction::{FoundBy, Jurisdiction};
use reprieve_core::provider::PauseKind;
use serde_json::Value;

pub(super) fn structs() -> Vec<(Vec<&'static str>, Fields)> {
    let leaving = fields!(Leaving:
        cancellations pauses acts taken refused begun_count acts_count resumed
    );
    let cancellation = fields!(Cancellation:
        id subscription segment kind state step flow jurisdiction found_by policy_version
        started_at reason feedback shown shown_at held_out accepted failed_offer confirmed_at
        effective_at canceled_at check_at closed_at
    );
    let pause_run = fields!(PauseRun:
        cancellation terms state accepted_at began_at extensions extending_to reminder_at
    );
    let resume_check = fields!(ResumeCheck: cancellation said_at look_at looks);
    let pause_terms = fields!(PauseTerms:
        by access periods access_until resumes_at first_charge_at resumes_at_max
    );
    let chosen = fields!(Chosen: name terms propensity_ppm);
    let act = fields!(PendingAct: key subject act started_at check_at checks stage refusals);
    let taken = fields!(Taken: kind at);
    vec![
        (vec!["leaving"], leaving),
        (vec!["leaving.cancellations.*"], cancellation),
        (vec!["leaving.cancellations.*.shown.*"], chosen),
        (vec!["leaving.pauses.*"], pause_run),
        (vec!["leaving.pauses.*.terms", "leaving.cancellations.*.shown.*.terms"], pause_terms),
        (vec!["leaving.resumed.*"], resume_check),
        (vec!["leaving.acts.*"], act),
        (vec!["leaving.taken.*"], taken),
    ]
}

pub(super) fn stored_words() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("leaving.cancellations.*.state", words_of(&CancelState::ALL)),
        ("leaving.cancellations.*.step", words_of(&Step::ALL)),
        ("leaving.cancellations.*.jurisdiction", words_of(&Jurisdiction::ALL)),
        ("leaving.cancellations.*.reason", words_of(&Reason::ALL)),
        (
            "leaving.cancellations.*.found_by",
            words!(FoundBy { BillingCountry, RequestCountry, Nothing }),
        ),
        (
            "leaving.cancellations.*.kind",
            words!(CancelKind { Ordinary, Extraordinary, Withdrawal }),
        ),
        ("leaving.pauses.*.state", words!(PauseState { Starting, Paused, Resuming })),
        ("leaving.pauses.*.terms.access", words!(PauseAccess { On, Off })),
        ("leaving.pauses.*.terms.by", words!(PauseKind { Service, Collection })),
        (
            "leaving.cancellations.*.shown.*.terms.kind",
            OFFERS.iter().map(|word| Value::from(*word)).collect(),
        ),
        ("leaving.acts.*.stage", words!(ActStage { Wanted, Refused, Dropped })),
        ("leaving.acts.*.act.act", ACTS.iter().map(|word| Value::from(*word)).collect()),
    ]
}

fn words_of<T: serde::Serialize>(all: &[T]) -> Vec<Value> {
    all.iter().map(|word| serde_json::to_value(word).unwrap()).collect()
}

/// The words of what can be offered; `a_word_of_each_offer_and_act` keeps it whole.
const OFFERS: [&str; 7] =
    ["pause", "discount", "plan_change", "trial_extension", "credit", "contact", "redirect"];
/// The words of what the provider can be asked for.
const ACTS: [&str; 12] = [
    "pause",
    "resume",
    "discount",
    "change_plan",
    "extend_trial",
    "credit",
    "cancel_at_period_end",
    "cancel_now",
    "keep_running",
    "void",
    "hold",
    "release",
];

/// A new kind does not compile here until it is counted above.
#[test]
fn a_word_of_each_offer_and_act() {
    const fn place_of(act: &Act) -> usize {
        match act {
            Act::Pause { .. } => 0,
            Act::Resume { .. } => 1,
            Act::Discount { .. } => 2,
            Act::ChangePlan { .. } => 3,
            Act::ExtendTrial { .. } => 4,
            Act::Credit { .. } => 5,
            Act::CancelAtPeriodEnd { .. } => 6,
            Act::CancelNow { .. } => 7,
            Act::KeepRunning { .. } => 8,
            Act::Void { .. } => 9,
            Act::Hold { .. } => 10,
            Act::Release { .. } => 11,
        }
    }
    const fn place_of_offer(terms: &Terms) -> usize {
        match terms {
            Terms::Pause(_) => 0,
            Terms::Discount { .. } => 1,
            Terms::PlanChange { .. } => 2,
            Terms::TrialExtension { .. } => 3,
            Terms::Credit { .. } => 4,
            Terms::Contact { .. } => 5,
            Terms::Redirect { .. } => 6,
        }
    }
    let account = super::super::read(super::CANCEL_V1);
    for pending in &account.leaving.acts {
        assert_eq!(ACTS[place_of(&pending.act)], pending.act.as_str());
    }
    for shown in account.leaving.cancellations.values().flat_map(|known| &known.shown) {
        assert_eq!(OFFERS[place_of_offer(&shown.terms)], shown.terms.kind());
    }
}
