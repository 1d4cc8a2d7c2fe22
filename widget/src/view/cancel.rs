//! The dialog about leaving.
//!
//! Every button that decides something has the same class, `choice`: the same size, weight and
//! colours, whether somebody stays or goes. Nothing is picked beforehand, nothing ticks, and the
//! buttons stay in sight however long the screen is. Parts as in the rest of the widget: `panel`,
//! `title`, `message`, `note`, `choice`, `dismiss`.

mod node;
mod offer;
mod screens;
mod subscriptions;

use super::element::live;
use super::markup::Markup;
use crate::cancel::{App, Ui};
use crate::failure::FailureKind;
use crate::i18n::cancel as texts;
use crate::model::cancel::{Model, Msg, Note, Screen, Step};
use node::{choice, cross, element, following, group, text};

/// The whole dialog.
pub fn dialog(ui: Ui) -> Markup {
    // The line is there before its content, or screen readers would not announce it.
    let status = [("class", "status"), ("role", "status")];
    let line = following(ui, &[("class", "note"), ("part", "note")], note);
    let foot = vec![element("div", &status, vec![line]), live(ui, foot)];
    let attributes = [("class", "panel way"), ("part", "panel"), ("aria-labelledby", "title")];
    let content = vec![live(ui, body), group("foot", foot)];
    element("dialog", &attributes, content)
}

/// Heading and content.
fn body(ui: Ui) -> Markup {
    let (screen, title, can_go_back) = ui
        .look(|app, model| Some((model.screen, title(app, model), model.can_go_back())))
        .unwrap_or((Screen::Loading, String::new(), false));
    let mut header = Vec::new();
    if can_go_back {
        header.push(node::back(ui, ui.look(|app, _| app.text(texts::BACK))));
    }
    let heading = [("class", "title"), ("part", "title"), ("id", "title"), ("tabindex", "-1")];
    header.push(element("h2", &heading, vec![text(title)]));
    header.push(cross(ui, ui.look(|app, _| app.text(texts::CLOSE))));
    let mut content = vec![element("header", &[], header)];
    content.extend(match screen {
        Screen::Choose => subscriptions::choose(ui),
        Screen::Manage => subscriptions::manage(ui),
        Screen::Flow(Step::Survey) => screens::survey(ui),
        Screen::Flow(Step::Offer) => offer::view(ui),
        Screen::Flow(Step::Feedback) => screens::feedback(ui),
        Screen::Flow(Step::Confirm) => screens::confirm(ui),
        Screen::Flow(Step::Done) => screens::done(ui),
        Screen::Flow(Step::Kept) | Screen::Undone => screens::kept(ui),
        Screen::Nothing => {
            node::lines(vec![ui.look(|app, _| app.text(texts::PROBLEM_NOTHING_TEXT))])
        }
        Screen::Loading | Screen::Problem => Vec::new(),
    });
    group("form", content)
}

/// The buttons, and the way to a person.
fn foot(ui: Ui) -> Markup {
    let buttons = ui.look(buttons);
    let buttons = buttons.into_iter().map(|(label, msg)| choice(ui, label, msg)).collect();
    group("ways", vec![group("choices", buttons), question(ui)])
}

/// Opens the form of `widget/loader/question.js`: the loader listens for the attribute.
fn question(ui: Ui) -> Markup {
    let (label, id) = ui.look(|app, model| (app.text(texts::QUESTION), model.id()));
    let mut attributes = vec![
        ("type", "button"),
        ("class", "link"),
        ("data-reprieve", "question"),
        ("data-about", "cancellation"),
    ];
    attributes.extend(id.as_deref().map(|id| ("data-cancellation", id)));
    element("button", &attributes, vec![text(label)])
}

/// What can be done on a screen, the way out first.
fn buttons(app: &App, model: &Model) -> Vec<(String, Msg)> {
    let button = |key, msg| (app.text(key), msg);
    match model.screen {
        Screen::Flow(Step::Survey) => {
            vec![button(texts::SKIP, Msg::Skip), button(texts::NEXT, Msg::Next)]
        }
        Screen::Flow(Step::Feedback) => vec![button(texts::NEXT, Msg::Next)],
        Screen::Flow(Step::Offer | Step::Confirm) => {
            vec![(screens::way_out(app, model), Msg::Cancel), button(texts::STAY, Msg::Stay)]
        }
        Screen::Flow(Step::Done) => {
            let mut buttons = vec![button(texts::DONE, Msg::Close)];
            if let Some(current) = &model.current {
                if current.receipt.is_some() {
                    buttons.push(button(texts::SAVE, Msg::Save));
                }
                if current.undo_until_ms.is_some() {
                    buttons.push(button(texts::UNDO, Msg::Undo));
                }
            }
            buttons
        }
        // What was taken and does not come about keeps nobody from leaving.
        Screen::Flow(Step::Kept) if is_accepting(model) => {
            vec![(screens::way_out(app, model), Msg::Cancel), button(texts::DONE, Msg::Close)]
        }
        Screen::Problem => vec![button(texts::AGAIN, Msg::Again), button(texts::CLOSE, Msg::Close)],
        Screen::Manage | Screen::Choose | Screen::Loading => Vec::new(),
        Screen::Nothing | Screen::Undone | Screen::Flow(Step::Kept) => {
            vec![button(texts::DONE, Msg::Close)]
        }
    }
}

fn is_accepting(model: &Model) -> bool {
    model.current.as_ref().is_some_and(|current| current.state == "accepting")
}

fn title(app: &App, model: &Model) -> String {
    let is_told = model.current.as_ref().is_some_and(|current| current.state == "canceling");
    app.text(match model.screen {
        Screen::Loading => texts::BUSY,
        Screen::Problem => texts::PROBLEM_TITLE,
        Screen::Nothing => texts::PROBLEM_NOTHING,
        Screen::Choose => texts::CHOOSE_TITLE,
        Screen::Manage => texts::MANAGE_TITLE,
        Screen::Flow(Step::Survey) => texts::SURVEY_TITLE,
        Screen::Flow(Step::Offer) => texts::OFFER_TITLE,
        Screen::Flow(Step::Feedback) => texts::FEEDBACK_TITLE,
        Screen::Flow(Step::Confirm) => texts::CONFIRM_TITLE,
        Screen::Flow(Step::Done) if is_told => texts::DONE_RECEIVED,
        Screen::Flow(Step::Done) => texts::DONE_TITLE,
        Screen::Flow(Step::Kept) if is_accepting(model) => texts::BUSY,
        Screen::Flow(Step::Kept) | Screen::Undone => texts::KEPT_TITLE,
    })
}

/// How the last press of a button went.
fn note(app: &App, model: &Model) -> String {
    let key = match &model.note {
        Note::Empty => return String::new(),
        // The heading says it.
        Note::Busy if model.screen == Screen::Loading => return String::new(),
        Note::Busy => texts::BUSY,
        Note::OfferFailed => texts::PROBLEM_OFFER,
        Note::Soon => texts::KEPT_SOON,
        Note::Saved => texts::SAVED,
        Note::Failed(failure) => match failure.kind {
            FailureKind::Offline => texts::PROBLEM_OFFLINE,
            FailureKind::Session => texts::PROBLEM_SESSION,
            FailureKind::Busy { .. } => texts::PROBLEM_BUSY,
            FailureKind::Refused | FailureKind::WrongState => texts::PROBLEM_REFUSED,
            _ => texts::PROBLEM_ERROR,
        },
    };
    app.text(key)
}
