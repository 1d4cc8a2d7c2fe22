//! What the server said, or that it said nothing.

use std::sync::Arc;

use reprieve_core::api::cancellation::CancellationView;

use super::{
    Aim, Button, Call, Cmd, Model, Note, ORDINARY, POLL_DELAYS_MS, RESEND_DELAY_MS, RESENDS_MAX,
    Reply, Screen, Step,
};
use crate::failure::{Failure, FailureKind};

/// How often a flow that was overtaken is read anew before the customer is asked.
pub(super) const REREADS_MAX: u8 = 2;

pub(super) fn answered(model: &mut Model, reply: Reply) -> Vec<Cmd> {
    match reply {
        Reply::Subscriptions(all) => {
            model.has_changed |= matches!(model.last, Call::Resume(_) | Call::Extend(_));
            let none = all.is_empty() && model.aim != Aim::Manage;
            model.subscriptions = Arc::new(all);
            model.show(match model.aim {
                Aim::Manage => Screen::Manage,
                _ if none => Screen::Nothing,
                _ => Screen::Choose,
            });
            Vec::new()
        }
        Reply::Cancellation(current) => told(model, current),
    }
}

fn told(model: &mut Model, current: Arc<CancellationView>) -> Vec<Cmd> {
    if model.confirms_next && current.state == "open" {
        model.confirms_next = false;
        let confirm = Call::Confirm(current.id.clone());
        model.current = Some(current);
        return model.call(Some(Button::Cancel.press()), confirm);
    }
    let is_waiting = matches!(current.state.as_str(), "accepting" | "undoing");
    if is_waiting && let Some(delay_ms) = POLL_DELAYS_MS.get(model.polls) {
        model.polls = model.polls.saturating_add(1);
        model.current = Some(current);
        return vec![Cmd::Wait(model.flow, *delay_ms)];
    }
    if current.state == "lapsed" && model.rereads < REREADS_MAX {
        model.rereads = model.rereads.saturating_add(1);
        let start = Call::Start(Some(current.subscription.id.clone()), current.kind.clone());
        return model.call(None, start);
    }
    let screen = match current.state.as_str() {
        "accepting" => Screen::Flow(Step::Kept),
        "undone" | "undoing" => Screen::Undone,
        _ => Screen::Flow(Step::of(&current)),
    };
    if screen != model.screen {
        match screen {
            Screen::Flow(Step::Survey) => model.reason.clone_from(&current.reason),
            Screen::Flow(Step::Feedback) => {
                model.message = current.feedback.clone().unwrap_or_default();
            }
            _ => {}
        }
    }
    let has_failed = matches!(model.last, Call::Accept(..)) && current.failed_offer.is_some();
    model.has_changed |= current.state != "open";
    model.show(screen);
    if is_waiting {
        model.note = Note::Soon;
    } else if has_failed {
        model.note = Note::OfferFailed;
    }
    let news = Cmd::Tell(current.clone());
    model.current = Some(current);
    vec![news]
}

pub(super) fn failed(model: &mut Model, failure: Failure) -> Vec<Cmd> {
    if failure.kind == FailureKind::NoAnswer && model.resends < RESENDS_MAX {
        model.resends = model.resends.saturating_add(1);
        model.resends_next = true;
        return vec![Cmd::Wait(model.flow, RESEND_DELAY_MS)];
    }
    model.confirms_next = false;
    let is_start = matches!(model.last, Call::Start(..));
    // Several run, and nobody said which.
    let is_open = matches!(model.last, Call::Start(None, _));
    if is_open && failure.kind == FailureKind::WrongState {
        return model.call(None, Call::List);
    }
    if is_start && failure.code == "not_found" {
        model.show(Screen::Nothing);
        return Vec::new();
    }
    let subscription = model.current.as_ref().map(|current| current.subscription.id.clone());
    if failure.kind == FailureKind::WrongState && !is_start && model.rereads < REREADS_MAX {
        // Another tab was faster: what is now, the server knows.
        model.rereads = model.rereads.saturating_add(1);
        return match (&model.last, subscription) {
            (Call::Resume(_) | Call::Extend(_), _) | (_, None) => model.call(None, Call::List),
            (_, some) => {
                let kind = model.current.as_ref().map(|current| current.kind.clone());
                let kind = kind.unwrap_or_else(|| ORDINARY.to_owned());
                model.call(None, Call::Start(some, kind))
            }
        };
    }
    if model.screen == Screen::Loading {
        model.screen = Screen::Problem;
    }
    model.pressed = None;
    let told = Cmd::TellError(failure.code.clone());
    model.note = Note::Failed(failure);
    vec![told]
}
