//! The screens that are a title, a message and one thing to do: pending, recovered, error, offline,
//! session expired. They stand in the page or in the panel, wherever the customer is.

use leptos::prelude::*;

use super::{Button, Part, button, cross, icon, line, never};
use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Msg, Place, Screen, Work};
use crate::wording;

pub(super) fn view(ui: Ui) -> AnyView {
    let (screen, place) = ui.shape();
    let (icon_name, action) = match screen {
        Screen::Recovered => ("check", Some(DONE)),
        Screen::Pending => ("spinner", None),
        Screen::Offline => ("offline", Some(AGAIN)),
        Screen::SessionExpired => ("clock", Some(AGAIN)),
        _ => ("info", Some(AGAIN)),
    };
    let part = if place == Place::Inline { "banner" } else { "" };
    view! {
        <section class="card notice" part=part>
            {icon(icon_name)}
            <div class="words">
                {line(ui, Part::front("title"), title)} {line(ui, Part::front("message"), message)}
                {line(ui, Part::front("note"), reference)}
            </div>
            {action.map(|action| view! { <div class="actions">{button(ui, action)}</div> })}
            {cross(ui, Part::front("dismiss"), close_label, || Msg::Close)}
        </section>
    }
    .into_any()
}

const DONE: Button = Button {
    part: Part::front("primary"),
    label: |app, _| app.text(i18n::ACTION_DONE),
    is_busy: never,
    is_off: never,
    click: || Msg::Close,
};

const AGAIN: Button = Button {
    part: Part::front("primary"),
    label: |app, _| app.text(i18n::ACTION_AGAIN),
    is_busy: |model| model.work == Work::Asking,
    is_off: never,
    click: || Msg::Again,
};

fn close_label(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_CLOSE)
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
