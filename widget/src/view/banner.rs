//! The notice: what happened, in plain words; what it costs; what happens next; one clear action.

use reprieve_core::api::banner::Speaker as _;

use super::element::{Value, element, text};
use super::markup::Markup;
use super::{Button, button, cross, group, icon, line, never, note};
use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Inline, Model, Msg, Note, Place, Work};

pub(super) fn view(ui: Ui, inline: Inline) -> Markup {
    let facts = vec![
        element(ui, "b", &[], vec![text(ui, due)]),
        // Card numbers run left to right in every language.
        element(ui, "bdi", &[("dir", Value::Is("ltr"))], vec![text(ui, method)]),
    ];
    let words = vec![
        line(ui, "title", Place::Inline, title),
        line(ui, "message", Place::Inline, message),
        group(ui, "facts", facts),
        line(ui, "note", Place::Inline, banner_note),
    ];
    let mut actions = Vec::new();
    if inline.can_retry {
        actions.push(button(ui, &RETRY));
    }
    if inline.can_update {
        actions.push(button(ui, &UPDATE));
    }
    let mut content =
        vec![icon(ui, "card"), group(ui, "words", words), group(ui, "actions", actions)];
    if inline.can_dismiss {
        content.push(cross(ui, Place::Inline, dismiss_label, || Msg::Dismiss));
    }
    let attributes = [
        ("class", Value::Is("card")),
        ("part", Value::Is("banner")),
        ("aria-label", Value::Text(region)),
    ];
    element(ui, "section", &attributes, content)
}

const UPDATE: Button = Button {
    part: "primary",
    place: Place::Inline,
    label: |app, model| app.text(model.shown().update()),
    is_busy: never,
    is_off: is_busy,
    click: || Msg::Open,
};

const RETRY: Button = Button {
    part: "secondary",
    place: Place::Inline,
    label: |app, model| match model.work {
        Work::Retrying => app.text(i18n::ACTION_RETRYING),
        _ => app.text(i18n::ACTION_RETRY),
    },
    is_busy,
    is_off: is_busy,
    click: || Msg::Retry,
};

fn is_busy(model: &Model) -> bool {
    matches!(model.work, Work::Retrying | Work::Asking)
}

fn region(app: &App, _: &Model) -> String {
    app.text(i18n::REGION_LABEL)
}

fn dismiss_label(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_DISMISS)
}

fn title(app: &App, model: &Model) -> String {
    model.shown().title(app)
}

fn message(app: &App, model: &Model) -> String {
    model.shown().message(app)
}

fn due(app: &App, model: &Model) -> String {
    model.shown().due(app)
}

fn method(_: &App, model: &Model) -> String {
    model.shown().method()
}

/// The note is shown where the customer looks: behind an open form there is none.
fn banner_note(app: &App, model: &Model) -> String {
    match (&model.note, model.place) {
        (Note::Empty, _) | (_, Place::Panel) => String::new(),
        _ => note(app, model),
    }
}
