//! The whole transition table as text: every input in every state.
//!
//! `.` means: not possible here, and changes nothing. The text is written by hand and not
//! generated, so that a change of the table is seen in review as what it is.

use reprieve_core::case::CaseState;
use reprieve_core::case::state::{Input, next};

const TABLE: &str = "
                            SCH ATT AUT MET SUS REC EXH CAN VOI
SeenRetryable               SCH  .  SCH SCH  .   .   .   .   .
SeenNeedsMethod             MET  .  MET MET  .   .   .   .   .
SeenNeedsAuthentication     AUT  .  AUT AUT  .   .   .   .   .
AttemptStarted              ATT  .  ATT ATT  .   .   .   .   .
AttemptRetryable             .  SCH  .   .   .   .   .   .   .
AttemptNeedsMethod           .  MET  .   .   .   .   .   .   .
AttemptNeedsAuthentication   .  AUT  .   .   .   .   .   .   .
Paid                        REC REC REC REC REC  .  REC  .   .
Voided                      VOI VOI VOI VOI VOI  .   .   .   .
GivenUp                     EXH  .  EXH EXH EXH  .   .   .   .
SubscriptionEnded           CAN  .  CAN CAN CAN  .   .   .   .
Paused                      SUS  .  SUS SUS  .   .   .   .   .
Resumed                      .   .   .   .  SCH  .   .   .   .
";

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

fn row(input: &str, cells: [&str; CaseState::ALL.len()]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:^3}")).collect();
    format!("{input:<28}{}", cells.join(" ")).trim_end().to_owned()
}

#[test]
fn every_cell_is_as_written() {
    let mut lines = vec![row("", CaseState::ALL.map(short))];
    for input in Input::ALL {
        let cells = CaseState::ALL.map(|state| next(state, input).map_or(".", short));
        lines.push(row(&format!("{input:?}"), cells));
    }
    let rendered = lines.join("\n");
    assert_eq!(rendered, TABLE.trim_matches('\n'), "the table is now:\n{rendered}");
}

#[test]
fn a_closed_case_is_left_by_money_only() {
    for state in CaseState::ALL.into_iter().filter(|state| state.is_terminal()) {
        for input in Input::ALL {
            if let Some(to) = next(state, input) {
                assert_eq!((input, to), (Input::Paid, CaseState::Recovered), "{state:?}");
            }
        }
    }
}

#[test]
fn no_charge_starts_from_a_closed_a_paused_or_a_charging_case() {
    for state in CaseState::ALL {
        let may = next(state, Input::AttemptStarted).is_some();
        let quiet =
            state.is_terminal() || matches!(state, CaseState::Suspended | CaseState::Attempting);
        assert_eq!(may, !quiet, "{state:?}");
    }
}

#[test]
fn every_open_state_can_end_paid() {
    for state in CaseState::ALL.into_iter().filter(|state| !state.is_terminal()) {
        assert_eq!(next(state, Input::Paid), Some(CaseState::Recovered), "{state:?}");
    }
}
