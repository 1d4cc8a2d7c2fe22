use std::sync::Arc;

use super::*;
use crate::failure::{Failure, FailureKind};
use reprieve_core::api::cancellation::{ProfileView, ReceiptView};

/// Where a cancellation stands, told in words: `survey`, `offer to_confirm`, `done canceling`, ….
pub(crate) fn cancellation(words: &str) -> CancellationView {
    let (step, words) = words.split_once(' ').unwrap_or((words, ""));
    let mut told = CancellationView {
        id: "ccl_1".to_owned(),
        subscription: subscription("sub_1"),
        kind: ORDINARY.to_owned(),
        state: match step {
            "done" => "canceled".to_owned(),
            "kept" => "kept".to_owned(),
            _ => "open".to_owned(),
        },
        step: step.to_owned(),
        steps: Vec::new(),
        can_go_back: false,
        profile: ProfileView {
            jurisdiction: "elsewhere".to_owned(),
            found_by: "nothing".to_owned(),
            confirm_label: "cancel.confirm".to_owned(),
            clicks_max: 3,
            cancel_on_offer: NOW.to_owned(),
        },
        reasons: vec!["too_expensive".to_owned(), "unused".to_owned()],
        reason: None,
        feedback: None,
        offers: Vec::new(),
        accepted: None,
        failed_offer: None,
        effective_at_ms: 1_790_000_000_000,
        undo_until_ms: None,
        open_invoices: "void".to_owned(),
        receipt: None,
        server_time_ms: 1_789_000_000_000,
    };
    for word in words.split_whitespace() {
        match word {
            "back" => told.can_go_back = true,
            "to_confirm" => told.profile.cancel_on_offer = word.to_owned(),
            "failed" => told.failed_offer = Some("half".to_owned()),
            "for_cause" => told.kind = EXTRAORDINARY.to_owned(),
            "unused" => told.reason = Some(word.to_owned()),
            "receipt" => {
                told.receipt = Some(ReceiptView {
                    id: "ccl_1".to_owned(),
                    at_ms: 1_789_000_000_000,
                    effective_at_ms: told.effective_at_ms,
                    lines: Vec::new(),
                });
            }
            state => told.state = state.to_owned(),
        }
    }
    told
}

fn subscription(id: &str) -> SubscriptionView {
    SubscriptionView {
        id: id.to_owned(),
        plan: None,
        interval: None,
        cancellation: None,
        is_leaving: false,
        ends_at_ms: None,
        pause: None,
        withdraw_until_ms: None,
    }
}

fn failure(word: &str) -> Failure {
    let kind = match word {
        "offline" => FailureKind::Offline,
        "lost" => FailureKind::NoAnswer,
        "session" => FailureKind::Session,
        "wrong_state" | "choose_subscription" => FailureKind::WrongState,
        "busy" => FailureKind::Busy { delay_ms: 4000 },
        "not_found" => FailureKind::Refused,
        _ => panic!("no failure is called {word}"),
    };
    Failure::local(kind, word)
}

fn reply(words: &str) -> Reply {
    match words.split_once(' ').unwrap_or((words, "")) {
        ("list", count) => {
            let ids = ["sub_1", "sub_2", "sub_3"];
            let count: usize = count.parse().unwrap();
            Reply::Subscriptions(ids[..count].iter().map(|id| subscription(id)).collect())
        }
        _ => Reply::Cancellation(Arc::new(cancellation(words))),
    }
}

/// The message that these words stand for; `old` in front makes it an echo of an older call.
fn message(model: &Model, words: &str) -> Msg {
    let (words, flow) = match words.strip_prefix("old ") {
        Some(rest) => (rest, model.flow.wrapping_sub(1)),
        None => (words, model.flow),
    };
    match words.split_once(' ').unwrap_or((words, "")) {
        ("told", words) => Msg::Answered(flow, Ok(reply(words))),
        ("fails", word) => Msg::Answered(flow, Err(failure(word))),
        ("rang", _) => Msg::Rang(flow),
        ("choose", id) => Msg::Press(Button::Choose.of(id)),
        ("withdraw", id) => Msg::Press(Button::Withdraw.of(id)),
        ("pick", reason) => Msg::Press(Button::Pick.of(reason)),
        ("write", "blanks") => Msg::Write(" \t ".to_owned()),
        ("write", text) => Msg::Write(text.to_owned()),
        ("next", _) => Msg::Press(Button::Next.press()),
        ("skip", _) => Msg::Press(Button::Skip.press()),
        ("back", _) => Msg::Press(Button::Back.press()),
        ("accept", name) => Msg::Press(Button::Accept.of(name)),
        ("follow", name) => Msg::Press(Button::Follow.of(name)),
        ("cancel", _) => Msg::Press(Button::Cancel.press()),
        ("stay", _) => Msg::Press(Button::Stay.press()),
        ("undo", _) => Msg::Press(Button::Undo.press()),
        ("resume", id) => Msg::Press(Button::Resume.of(id)),
        ("extend", id) => Msg::Press(Button::Extend.of(id)),
        ("save", _) => Msg::Press(Button::Save.press()),
        ("again", _) => Msg::Press(Button::Again.press()),
        ("close", _) => Msg::Press(Button::Close.press()),
        ("for", "cause") => Msg::Press(Button::ForCause.press()),
        _ => panic!("no message is called {words}"),
    }
}

/// A command in a word or two, without flow numbers.
fn word_of(cmd: &Cmd) -> String {
    match cmd {
        Cmd::Send(_, call) => match call {
            Call::List => "list".to_owned(),
            Call::Start(id, kind) => {
                format!("start-{kind} {}", id.as_deref().unwrap_or("any"))
            }
            Call::Answer(_, step, answer) => format!("{step:?}: {answer:?}").to_lowercase(),
            Call::Accept(_, name) => format!("accept {name}"),
            Call::Read(_) => "read".to_owned(),
            Call::Confirm(_) => "confirm".to_owned(),
            Call::Undo(_) => "undo".to_owned(),
            Call::Resume(id) => format!("resume {id}"),
            Call::Extend(id) => format!("extend {id}"),
        },
        Cmd::Wait(_, delay_ms) => format!("wait-{delay_ms}"),
        Cmd::Save => "save".to_owned(),
        Cmd::Tell(_) => "tell".to_owned(),
        Cmd::TellError(code) => format!("error {code}"),
        Cmd::Leave(true) => "leave changed".to_owned(),
        Cmd::Leave(false) => "leave".to_owned(),
    }
}

fn note_of(note: &Note) -> &'static str {
    match note {
        Note::Empty => "",
        Note::Busy => " busy",
        Note::OfferFailed => " offer_failed",
        Note::Soon => " soon",
        Note::Saved => " saved",
        Note::Failed(_) => " failed",
    }
}

/// Plays one story of the table: each line is `message -> screen note : commands`.
fn play(title: &str, story: &str) {
    let mut model = None;
    for line in story.lines().filter(|line| !line.trim().is_empty()) {
        let (words, wanted) = line.split_once("->").unwrap_or_else(|| panic!("no arrow: {line}"));
        let (wanted_place, wanted_cmds) = wanted.split_once(':').unwrap_or((wanted, ""));
        let cmds = match (&mut model, words.trim()) {
            (None, start) => {
                let mut start = start.strip_prefix("open ").expect("a story begins with open");
                let mut id = None;
                if let Some((aim, named)) = start.split_once(' ') {
                    (start, id) = (aim, Some(named.to_owned()));
                }
                let started = Model::start(Aim::from_word(start), id);
                model = Some(started.0);
                started.1
            }
            (Some(model), words) => update(model, message(model, words)),
        };
        let found: Vec<_> = cmds.iter().map(word_of).collect();
        let model = model.as_ref().unwrap();
        let place = format!("{}{}", model.screen.name(), note_of(&model.note));
        assert_eq!(place, wanted_place.trim(), "{title}: {line}");
        assert_eq!(found.join(", "), wanted_cmds.trim(), "{title}: {line}");
    }
}

#[test]
fn the_table_of_stories() {
    let table = include_str!("stories.txt");
    let mut stories = 0;
    for part in table.split("\n== ").skip(1) {
        let (title, story) = part.split_once('\n').unwrap();
        play(title, story);
        stories += 1;
    }
    assert!(stories >= 20, "only {stories} stories were found");
}

#[test]
fn waiting_for_the_provider_ends() {
    let (mut model, _) = Model::start(Aim::Cancel, None);
    let mut waits_ms = Vec::new();
    for _ in 0..20 {
        let msg = message(&model, "told offer accepting");
        let cmds = update(&mut model, msg);
        let Some(Cmd::Wait(flow, delay_ms)) = cmds.first() else { break };
        waits_ms.push(*delay_ms);
        assert_eq!(update(&mut model, Msg::Rang(*flow)).len(), 1);
    }
    assert_eq!(waits_ms, POLL_DELAYS_MS);
    assert_eq!((model.screen, &model.note), (Screen::Flow(Step::Kept), &Note::Soon));
}

#[test]
fn a_flow_that_is_always_overtaken_is_given_up() {
    let (mut model, _) = Model::start(Aim::Cancel, None);
    let first = message(&model, "told confirm");
    update(&mut model, first);
    update(&mut model, Msg::Press(Button::Cancel.press()));
    let mut starts = 0;
    for _ in 0..10 {
        let msg = message(&model, "told confirm lapsed");
        let cmds = update(&mut model, msg);
        starts += cmds.iter().filter(|cmd| matches!(cmd, Cmd::Send(..))).count();
    }
    assert_eq!(starts, usize::from(answers::REREADS_MAX));
}

#[test]
fn from_a_screen_of_a_later_version_the_way_out_is_open() {
    let (mut model, _) = Model::start(Aim::Cancel, None);
    let msg = message(&model, "told video");
    update(&mut model, msg);
    assert_eq!(model.screen, Screen::Flow(Step::Confirm));
    assert_eq!(update(&mut model, Msg::Press(Button::Cancel.press())).len(), 1);
}

#[test]
fn nothing_is_picked_or_written_before_the_customer_does() {
    let (mut model, _) = Model::start(Aim::Cancel, None);
    for words in ["told survey", "next", "told feedback"] {
        let msg = message(&model, words);
        update(&mut model, msg);
    }
    assert_eq!((model.reason.as_deref(), model.message.as_str()), (None, ""));
}

#[test]
fn the_longest_message_fits_into_what_the_server_keeps() {
    // Three bytes a unit is the most: longer characters are two units.
    const { assert!(FEEDBACK_UNITS_MAX * 3 <= 2_000) };
}
