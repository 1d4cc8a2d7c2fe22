//! The life of a cancellation as text: every input in every state.
#![cfg(test)]

use reprieve_core::cancel::CancelState;
use reprieve_core::cancel::state::{Input, next};

const TABLE: &str = "
                   OPE ACC KEP CAG CAD UNG UND END LAP
OfferAccepted      ACC  .   .   .   .   .   .   .   .
OfferDone           .  KEP  .   .   .   .   .   .   .
OfferFailed         .  OPE  .   .   .   .   .   .   .
Stayed             KEP  .   .   .   .   .   .   .   .
Confirmed          CAG CAG  .   .   .   .   .   .   .
CancelDone          .   .   .  CAD  .   .   .   .   .
UndoAsked           .   .   .  UNG UNG  .   .   .   .
UndoDone            .   .   .   .   .  UND  .   .   .
UndoFailed          .   .   .   .   .  CAD  .   .   .
SeenRunningOn       .   .   .   .  UND  .   .   .   .
SubscriptionEnded  END END  .  END END END  .   .   .
Forgotten          LAP  .   .   .   .   .   .   .   .
";

const fn short(state: CancelState) -> &'static str {
    match state {
        CancelState::Open => "OPE",
        CancelState::Accepting => "ACC",
        CancelState::Kept => "KEP",
        CancelState::Canceling => "CAG",
        CancelState::Canceled => "CAD",
        CancelState::Undoing => "UNG",
        CancelState::Undone => "UND",
        CancelState::Ended => "END",
        CancelState::Lapsed => "LAP",
    }
}

fn row(name: &str, cells: [&str; CancelState::ALL.len()]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:^3}")).collect();
    format!("{name:<19}{}", cells.join(" ")).trim_end().to_owned()
}

#[test]
fn every_cell_is_as_written() {
    let mut lines = vec![row("", CancelState::ALL.map(short))];
    for input in Input::ALL {
        let cells = CancelState::ALL.map(|state| next(state, input).map_or(".", short));
        lines.push(row(&format!("{input:?}"), cells));
    }
    let rendered = lines.join("\n");
    assert_eq!(rendered, TABLE.trim_matches('\n'), "the table is now:\n{rendered}");
}

#[test]
fn what_is_over_stays_over_and_words_are_stored_as_written() {
    for state in CancelState::ALL {
        let is_left = Input::ALL.into_iter().any(|input| next(state, input).is_some());
        assert_eq!(is_left, !state.is_terminal(), "{state:?}");
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(text, format!("\"{}\"", state.as_str()));
        assert!(!(state.is_terminal() && state.is_leaving()));
    }
}

#[test]
fn nothing_that_happens_to_an_offer_keeps_anybody_from_leaving() {
    for state in [CancelState::Open, CancelState::Accepting] {
        assert_eq!(next(state, Input::Confirmed), Some(CancelState::Canceling));
    }
    let failed = next(CancelState::Accepting, Input::OfferFailed).unwrap();
    assert_eq!(next(failed, Input::Confirmed), Some(CancelState::Canceling));
}
