//! The few kinds of elements that the notice and the panel are made of.

use super::markup::Writer;
use crate::app::{App, Ui};
use crate::i18n::Key;
use crate::model::{Model, Msg, Place};

/// A text that depends on the model.
pub(super) type Text = fn(&App, &Model) -> String;

/// A message without content.
pub(super) type Send = fn() -> Msg;

/// A button, as data. It is named by its part.
pub(super) struct Button {
    pub(super) part: &'static str,
    pub(super) place: Place,
    pub(super) label: Text,
    /// Shows a spinner; the model ignores what is pressed meanwhile.
    pub(super) is_busy: fn(&Model) -> bool,
    /// Looks faint, and does nothing.
    pub(super) is_off: fn(&Model) -> bool,
    pub(super) click: Send,
}

/// A button with a word on it.
pub(super) fn button(to: &mut Writer, ui: Ui, button: &'static Button) {
    to.element("button,type=button", |to| {
        to.set("class", button.part);
        part(to, ui, button.part, button.place);
        // Not the `disabled` attribute: it would throw the keyboard out of a button in use.
        flag(to, ui, "aria-busy", button.is_busy);
        flag(to, ui, "aria-disabled", button.is_off);
        to.hear("click", Box::new(move |_| ui.send((button.click)())));
        to.follow("", Box::new(move || ui.read(button.label)));
    });
}

/// A button that is a cross; its label is for those who do not see it.
pub(super) fn cross(to: &mut Writer, ui: Ui, place: Place, label: Key, click: Send) {
    to.element("button,type=button,class=cross", |to| {
        part(to, ui, "dismiss", place);
        let label = ui.text(label);
        to.set("aria-label", &label);
        to.set("title", &label);
        to.hear("click", Box::new(move |_| ui.send(click())));
        to.element("span,class=icon,data-icon=cross,aria-hidden=true", |_| {});
    });
}

/// A line of text that follows the model, named by its part; an empty one takes no room.
pub(super) fn line(to: &mut Writer, ui: Ui, name: &'static str, place: Place, text: Text) {
    to.element("p", |to| {
        to.set("class", name);
        part(to, ui, name, place);
        to.follow("", Box::new(move || ui.read(text)));
    });
}

/// An attribute that is `true` or `false`, following the model.
pub(super) fn flag(to: &mut Writer, ui: Ui, name: &'static str, is: fn(&Model) -> bool) {
    to.flag(name, Box::new(move || ui.read(|_, model| is(model))));
}

/// A name for styles and tests. In the page, behind an open panel, the name is given up to what is
/// in front.
fn part(to: &mut Writer, ui: Ui, name: &'static str, place: Place) {
    let read = move || {
        let is_covered = place == Place::Inline && ui.open_panel().is_some();
        if is_covered { String::new() } else { name.to_owned() }
    };
    to.follow("part", Box::new(read));
}
