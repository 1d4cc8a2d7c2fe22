//! The notice: what happened, in plain words; what it costs; what happens next; one clear action.

use leptos::prelude::*;
use reprieve_core::api::status::Remedy;

use super::element::{Value, element, text};
use super::{Button, button, cross, group, icon, line, never, note};
use crate::app::{App, Ui};
use crate::i18n::{self, Key};
use crate::model::{Inline, Model, Msg, Note, Place, Work};
use crate::wording;

pub(super) fn view(ui: Ui, inline: Inline) -> AnyView {
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
    label: |app, model| match model.status.remedy {
        Some(Remedy::Authenticate) => app.text(i18n::ACTION_CONFIRM),
        _ => app.text(i18n::ACTION_UPDATE),
    },
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
    app.text(wording::news(model.news()).map_or(i18n::BANNER_TITLE, |(title, _)| title))
}

/// What is to be known of a card, where nothing is owed.
fn news(app: &App, model: &Model, sentence: Key) -> String {
    let expires_at = model.status.card_news.as_ref().and_then(|news| news.expires_at_ms);
    let date = expires_at.map(|at| app.formats.moment(wording::last_day(at))).unwrap_or_default();
    app.fill(sentence, &[("date", &date)])
}

/// Why, and what happens next.
fn message(app: &App, model: &Model) -> String {
    if let Some((_, sentence)) = wording::news(model.news()) {
        return news(app, model, sentence);
    }
    let mut text = app.text(wording::reason(model.status.reason));
    if let Some((key, moment)) = wording::next(&model.status) {
        let date = moment.map(|moment| app.formats.moment(moment)).unwrap_or_default();
        // Full-width punctuation brings its own room.
        if !text.ends_with('。') {
            text.push(' ');
        }
        text.push_str(&app.fill(key, &[("date", &date)]));
    }
    text
}

/// How much, and for what.
fn due(app: &App, model: &Model) -> String {
    let invoices = &model.status.invoices;
    let Some(amount) = &model.status.amount_due else {
        // Several currencies have no honest sum.
        let several = || app.plural(i18n::DUE_SEVERAL, invoices.len(), "");
        return if invoices.is_empty() { String::new() } else { several() };
    };
    let amount = app.formats.money(amount);
    match invoices.as_slice() {
        [only] => match &only.description {
            Some(what) => app.fill(i18n::DUE_NAMED, &[("amount", &amount), ("what", what)]),
            None => app.fill(i18n::DUE_PLAIN, &[("amount", &amount)]),
        },
        [] => app.fill(i18n::DUE_PLAIN, &[("amount", &amount)]),
        more => app.plural(i18n::DUE_COUNT, more.len(), &amount),
    }
}

fn method(_: &App, model: &Model) -> String {
    let of_news = || model.status.card_news.as_ref().filter(|_| model.is_news)?.method.as_ref();
    let method = model.status.method.as_ref().or_else(of_news);
    method.map(wording::method).unwrap_or_default()
}

/// The note is shown where the customer looks: behind an open form there is none.
fn banner_note(app: &App, model: &Model) -> String {
    match (&model.note, model.place) {
        (Note::Empty, _) | (_, Place::Panel) => String::new(),
        _ => note(app, model),
    }
}
