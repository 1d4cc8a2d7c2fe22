//! The notice: what happened, in plain words; what it costs; what happens next; one clear action.

use leptos::prelude::*;

use super::{Button, Part, button, cross, icon, line, never, note};
use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Msg, Note, Place, Work};
use crate::wording;

pub(super) fn view(ui: Ui) -> AnyView {
    let retry = move || {
        let is_offered = ui.is(|model| model.status.can_retry)();
        is_offered.then(|| button(ui, RETRY))
    };
    let dismiss = move || {
        let is_offered = ui.is(Model::is_dismissible)();
        is_offered.then(|| cross(ui, Part::behind("dismiss"), dismiss_label, || Msg::Dismiss))
    };
    view! {
        <section class="card banner" part="banner" aria-label=ui.text(region)>
            {icon("card")}
            <div class="words">
                {line(ui, Part::behind("title"), title)}
                {line(ui, Part::behind("message"), message)}
                <p class="facts">
                    <b>{ui.text(due)}</b>
                    <bdi dir="ltr">{ui.text(method)}</bdi>
                </p>
                {line(ui, Part::behind("note"), banner_note)}
            </div>
            <div class="actions">{retry} {button(ui, UPDATE)}</div>
            {dismiss}
        </section>
    }
    .into_any()
}

const UPDATE: Button = Button {
    part: Part::behind("primary"),
    label: |app, _| app.text(i18n::ACTION_UPDATE),
    is_busy: never,
    is_off: |model| matches!(model.work, Work::Retrying | Work::Asking),
    click: || Msg::Open,
};

const RETRY: Button = Button {
    part: Part::behind("secondary"),
    label: |app, model| match model.work {
        Work::Retrying => app.text(i18n::ACTION_RETRYING),
        _ => app.text(i18n::ACTION_RETRY),
    },
    is_busy: |model| matches!(model.work, Work::Retrying | Work::Asking),
    is_off: never,
    click: || Msg::Retry,
};

fn region(app: &App, _: &Model) -> String {
    app.text(i18n::REGION_LABEL)
}

fn dismiss_label(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_DISMISS)
}

fn title(app: &App, _: &Model) -> String {
    app.text(i18n::BANNER_TITLE)
}

/// Why, and what happens next.
fn message(app: &App, model: &Model) -> String {
    let mut text = app.text(wording::reason(model.status.reason));
    if let Some((key, moment)) = wording::next(&model.status) {
        let date = moment.map(|moment| app.formats.moment(moment)).unwrap_or_default();
        text.push(' ');
        text.push_str(&app.fill(key, &[("date", &date)]));
    }
    text
}

/// How much, and for what.
fn due(app: &App, model: &Model) -> String {
    let invoices = &model.status.invoices;
    let Some(amount) = &model.status.amount_due else {
        // Several currencies have no honest sum.
        let several = || app.plural(i18n::DUE_SEVERAL, invoices.len(), &[]);
        return if invoices.is_empty() { String::new() } else { several() };
    };
    let amount = app.formats.money(amount);
    match invoices.as_slice() {
        [only] => match &only.description {
            Some(what) => app.fill(i18n::DUE_NAMED, &[("amount", &amount), ("what", what)]),
            None => app.fill(i18n::DUE_PLAIN, &[("amount", &amount)]),
        },
        [] => app.fill(i18n::DUE_PLAIN, &[("amount", &amount)]),
        more => app.plural(i18n::DUE_COUNT, more.len(), &[("amount", &amount)]),
    }
}

fn method(_: &App, model: &Model) -> String {
    model.status.method.as_ref().map(wording::method).unwrap_or_default()
}

/// The note is shown where the customer looks: behind an open form there is none.
fn banner_note(app: &App, model: &Model) -> String {
    match (&model.note, model.place) {
        (Note::Empty, _) | (_, Place::Panel) => String::new(),
        _ => note(app, model),
    }
}
