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

use super::markup::{Markup, Writer};
use crate::cancel::{App, Ui};
use crate::failure::FailureKind;
use crate::i18n::Key;
use crate::i18n::cancel as texts;
use crate::model::cancel::{Button, Model, Note, Screen, Step};

/// What a screen is written from.
#[derive(Clone, Copy)]
struct Seen<'a> {
    ui: Ui,
    app: &'a App,
    model: &'a Model,
}

/// The whole dialog.
pub fn dialog(ui: Ui) -> Markup {
    Markup(Box::new(move |to| {
        to.element("dialog,class=panel way,part=panel,aria-labelledby=title", |to| {
            to.element("div,class=form", |to| screen(to, ui, body));
            to.element("div,class=foot", |to| {
                // The line is there before its content, or screen readers would not announce it.
                to.element("div,class=status,role=status", |to| {
                    to.following("p,class=note,part=note", Box::new(move || ui.read(note)));
                });
                to.element("div,class=ways", |to| screen(to, ui, foot));
            });
        });
    }))
}

/// What is written anew with every screen.
fn screen(to: &mut Writer, ui: Ui, write: fn(&mut Writer, Seen<'_>)) {
    let look = move |to: &mut Writer| ui.look(|app, model| write(to, Seen { ui, app, model }));
    to.live(Box::new(look));
}

/// Heading and content.
fn body(to: &mut Writer, seen: Seen<'_>) {
    let Seen { app, model, .. } = seen;
    to.element("header", |to| {
        if model.can_go_back() {
            let back = "button,class=cross back,part=back";
            node::icon(to, seen, back, texts::BACK, Button::Back);
        }
        let heading = "h2,class=title,part=title,id=title,tabindex=-1";
        to.line(heading, app.texts.get(title(model)));
        let cross = "button,class=cross,part=dismiss";
        node::icon(to, seen, cross, texts::CLOSE, Button::Close);
    });
    match model.screen {
        Screen::Loading | Screen::Problem => {}
        Screen::Choose => subscriptions::choose(to, seen),
        Screen::Manage => subscriptions::manage(to, seen),
        Screen::Nothing => node::say(to, seen, texts::PROBLEM_NOTHING_TEXT),
        Screen::Flow(Step::Feedback) => node::area(to, seen, texts::FEEDBACK_LABEL),
        flow => {
            // There is one on each of these screens.
            let Some(current) = &model.current else { return };
            match flow {
                Screen::Flow(Step::Survey) => screens::survey(to, seen, current),
                Screen::Flow(Step::Offer) => offer::write(to, seen, current),
                Screen::Flow(Step::Confirm) => screens::confirm(to, seen, current),
                Screen::Flow(Step::Done) => screens::done(to, seen, current),
                _ => screens::kept(to, seen, current),
            }
        }
    }
}

/// The buttons, and the way to a person.
fn foot(to: &mut Writer, seen: Seen<'_>) {
    to.element("div,class=choices", |to| buttons(to, seen));
    // Opens the form of `widget/loader/question.js`: the loader listens for the attribute.
    let question = "button,type=button,class=link,data-reprieve=question,data-about=cancellation";
    to.element(question, |to| {
        if let Some(current) = &seen.model.current {
            to.set("data-cancellation", &current.id);
        }
        to.text(seen.app.texts.get(texts::QUESTION));
    });
}

/// What can be done on a screen, the way out first.
fn buttons(to: &mut Writer, seen: Seen<'_>) {
    let Seen { app, model, .. } = seen;
    let text = |key| app.texts.get(key);
    let mut add = |label: &str, button: Button| node::choice(to, seen, label, button.press());
    match model.screen {
        Screen::Flow(Step::Survey) => {
            add(text(texts::SKIP), Button::Skip);
            add(text(texts::NEXT), Button::Next);
        }
        Screen::Flow(Step::Feedback) => add(text(texts::NEXT), Button::Next),
        Screen::Flow(Step::Offer | Step::Confirm) => {
            add(screens::way_out(app, model), Button::Cancel);
            add(text(texts::STAY), Button::Stay);
        }
        Screen::Problem => {
            add(text(texts::AGAIN), Button::Again);
            add(text(texts::CLOSE), Button::Close);
        }
        Screen::Manage | Screen::Choose | Screen::Loading => {}
        screen => {
            // What was taken and does not come about keeps nobody from leaving.
            if screen == Screen::Flow(Step::Kept) && is_accepting(model) {
                add(screens::way_out(app, model), Button::Cancel);
            }
            add(text(texts::DONE), Button::Close);
            let current = model.current.as_ref();
            if let Some(current) = current.filter(|_| screen == Screen::Flow(Step::Done)) {
                if current.receipt.is_some() {
                    add(text(texts::SAVE), Button::Save);
                }
                if current.undo_until_ms.is_some() {
                    add(text(texts::UNDO), Button::Undo);
                }
            }
        }
    }
}

fn is_accepting(model: &Model) -> bool {
    model.current.as_ref().is_some_and(|current| current.state == "accepting")
}

fn title(model: &Model) -> Key {
    let is_told = model.current.as_ref().is_some_and(|current| current.state == "canceling");
    match model.screen {
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
    }
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
    app.texts.get(key).to_owned()
}
