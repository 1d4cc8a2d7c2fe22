//! The screens that are a title, a message and one thing to do: pending, recovered, error, offline,
//! session expired. They stand in the page or in the panel, wherever the customer is.

use reprieve_core::api::banner::Speaker as _;

use super::element::{Button, button, cross, line};
use super::markup::Writer;
use super::never;
use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Msg, Place, Screen, Work};
use crate::wording;

/// `start` begins the whole: in the panel it has no name of its own.
pub(super) fn write(to: &mut Writer, ui: Ui, screen: Screen, start: &str) {
    let (picture, action) = match screen {
        Screen::Recovered => ("check", Some(&DONE)),
        Screen::Pending => ("spinner", None),
        Screen::Offline => ("offline", Some(&AGAIN)),
        Screen::SessionExpired => ("clock", Some(&AGAIN)),
        _ => ("info", Some(&AGAIN)),
    };
    to.element(start, |to| {
        to.element("span,class=icon,aria-hidden=true", |to| to.set("data-icon", picture));
        to.element("div,class=words", |to| {
            line(to, ui, "title", Place::Panel, title);
            line(to, ui, "message", Place::Panel, message);
            line(to, ui, "note", Place::Panel, reference);
        });
        if let Some(action) = action {
            to.element("div,class=actions", |to| button(to, ui, action));
        }
        cross(to, ui, Place::Panel, i18n::ACTION_CLOSE, || Msg::Close);
    });
}

static DONE: Button = Button {
    part: "primary",
    place: Place::Panel,
    label: |app, _| app.text(i18n::ACTION_DONE),
    is_busy: never,
    is_off: never,
    click: || Msg::Close,
};

static AGAIN: Button = Button {
    part: "primary",
    place: Place::Panel,
    label: |app, _| app.text(i18n::ACTION_AGAIN),
    is_busy: is_asking,
    is_off: is_asking,
    click: || Msg::Again,
};

fn is_asking(model: &Model) -> bool {
    model.work == Work::Asking
}

fn title(app: &App, model: &Model) -> String {
    wording::notice(model).map(|(title, _)| app.text(title)).unwrap_or_default()
}

fn message(app: &App, model: &Model) -> String {
    let Some((_, message)) = wording::notice(model) else { return String::new() };
    let amount = model.amount.as_ref().map(|amount| app.formats.money(amount));
    app.fill(message, &[("amount", &amount.unwrap_or_default())])
}

/// What support needs to find the request that failed.
fn reference(app: &App, model: &Model) -> String {
    let failure = model.failure.as_ref().filter(|_| model.screen == Screen::Error);
    let id = failure.and_then(|failure| failure.request_id.as_deref());
    id.map(|id| app.fill(i18n::ERROR_REFERENCE, &[("id", id)])).unwrap_or_default()
}
