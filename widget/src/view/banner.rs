//! The notice: what happened, in plain words; what it costs; what happens next; one clear action.

use reprieve_core::api::banner::Speaker as _;

use super::element::{Button, button, cross, line};
use super::markup::Writer;
use super::{never, note};
use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Inline, Model, Msg, Note, Place, Work};

pub(super) fn write(to: &mut Writer, ui: Ui, inline: Inline) {
    to.element("section,class=card,part=banner", |to| {
        to.set("aria-label", &ui.text(i18n::REGION_LABEL));
        to.element("span,class=icon,data-icon=card,aria-hidden=true", |_| {});
        to.element("div,class=words", |to| {
            line(to, ui, "title", Place::Inline, title);
            line(to, ui, "message", Place::Inline, message);
            to.element("div,class=facts", |to| {
                to.following("b", Box::new(move || ui.read(due)));
                // Card numbers run left to right in every language.
                to.following("bdi,dir=ltr", Box::new(move || ui.read(method)));
            });
            line(to, ui, "note", Place::Inline, banner_note);
        });
        to.element("div,class=actions", |to| {
            if inline.can_retry {
                button(to, ui, &RETRY);
            }
            if inline.can_update {
                button(to, ui, &UPDATE);
            }
        });
        if inline.can_dismiss {
            cross(to, ui, Place::Inline, i18n::ACTION_DISMISS, || Msg::Dismiss);
        }
    });
}

static UPDATE: Button = Button {
    part: "primary",
    place: Place::Inline,
    label: |app, model| app.text(model.shown().update()),
    is_busy: never,
    is_off: is_busy,
    click: || Msg::Open,
};

static RETRY: Button = Button {
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
