//! The few kinds of elements that the dialog is made of.

use leptos::prelude::event_target_value;
use reprieve_core::api::banner::decimal;

use super::super::markup::Writer;
use super::Seen;
use crate::client::joined;
use crate::i18n::Key;
use crate::i18n::cancel as texts;
use crate::model::cancel::{Button, FEEDBACK_UNITS_MAX, Msg, Press};

/// Sentences, one under the other.
pub(super) fn lines(to: &mut Writer, sentences: &[String]) {
    for sentence in sentences {
        to.line("p,class=message", sentence);
    }
}

/// A text that the app knows, as a line of its own.
pub(super) fn say(to: &mut Writer, seen: Seen<'_>, key: Key) {
    to.line("p,class=message", seen.app.texts.get(key));
}

fn sends(to: &mut Writer, seen: Seen<'_>, event: &'static str, press: Press) {
    let ui = seen.ui;
    to.hear(event, Box::new(move |_| ui.send(Msg::Press(press.clone()))));
}

/// Makes the open element a button, which shows while its answer is awaited.
pub(super) fn presses(to: &mut Writer, seen: Seen<'_>, press: Press) {
    let (ui, pressed) = (seen.ui, press.clone());
    to.set("type", "button");
    to.flag("aria-busy", Box::new(move || ui.read(|_, model| model.is_pressed(&pressed))));
    sends(to, seen, "click", press);
}

/// A button that decides something.
pub(super) fn choice(to: &mut Writer, seen: Seen<'_>, label: &str, press: Press) {
    to.element("button,class=choice,part=choice", |to| {
        presses(to, seen, press);
        to.text(label);
    });
}

/// A button among text, for what is there beside the decision.
pub(super) fn aside(to: &mut Writer, seen: Seen<'_>, label: Key, button: Button) {
    to.element("button,class=link", |to| {
        presses(to, seen, button.press());
        to.text(seen.app.texts.get(label));
    });
}

/// A button that is a picture; its label is for those who do not see it.
pub(super) fn icon(to: &mut Writer, seen: Seen<'_>, start: &str, label: Key, button: Button) {
    to.element(start, |to| {
        let label = seen.app.texts.get(label);
        to.set("title", label);
        to.set("aria-label", label);
        presses(to, seen, button.press());
        let picture = if button == Button::Back { "arrow" } else { "cross" };
        to.element("span,class=icon,aria-hidden=true", |to| to.set("data-icon", picture));
    });
}

/// A link that looks like a decision, and tells the server that it was followed; the dialog stays.
pub(super) fn choice_link(to: &mut Writer, seen: Seen<'_>, label: &str, url: &str, press: Press) {
    to.element("a,class=choice,part=choice,target=_blank,rel=noopener noreferrer", |to| {
        to.set("href", url);
        sends(to, seen, "click", press);
        to.text(label);
    });
}

/// One of several answers; none is picked beforehand.
pub(super) fn radio(to: &mut Writer, seen: Seen<'_>, reason: &str) {
    let name = joined(&["reason.", reason]);
    // A reason of a later version has no words here yet.
    let Some(label) = seen.app.texts.known(&name) else { return };
    to.element("label,class=option", |to| {
        to.element("input,type=radio,name=reason", |to| {
            if seen.model.reason.as_deref() == Some(reason) {
                to.set("checked", "");
            }
            sends(to, seen, "change", Button::Pick.of(reason));
        });
        to.line("span", label);
    });
}

/// Room for a message.
pub(super) fn area(to: &mut Writer, seen: Seen<'_>, label: Key) {
    let Seen { ui, app, model } = seen;
    to.element("div,class=written", |to| {
        to.element("label,class=area", |to| {
            to.line("span", app.texts.get(label));
            to.element("textarea,rows=4,aria-describedby=limit", |to| {
                to.set("maxlength", &decimal(i64::from(FEEDBACK_UNITS_MAX), 0));
                let write = move |event| ui.send(Msg::Write(event_target_value(&event)));
                to.hear("input", Box::new(write));
                to.text(&model.message);
            });
        });
        let max = app.formats.count(FEEDBACK_UNITS_MAX);
        let hint = app.fill(texts::FEEDBACK_LIMIT, &[("count", &max)]);
        to.line("p,class=hint,id=limit", &hint);
    });
}
