//! What the customer sees. Views hold no state: they read the model and send messages.
//!
//! Texts and buttons are data with function pointers, so that the many small pieces of the screens
//! share a few compiled types: the size of the download is a design goal.
//!
//! Parts, for host styles and tests: `banner`, `panel`, `title`, `message`, `note`, `primary`,
//! `secondary`, `dismiss`. There is at most one `title`, `message` and `primary` at a time.

mod banner;
mod notice;
mod update_panel;

use leptos::prelude::*;

use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Msg, Note, Place, Screen};
use crate::wording;

/// A text that depends on the model.
type Text = fn(&App, &Model) -> String;

/// The whole widget.
pub fn widget(ui: Ui) -> impl IntoView {
    let inline = move || match ui.shape() {
        // The notice stays behind the form, so that the page does not jump.
        (Screen::Banner | Screen::Update, _) => banner::view(ui),
        (Screen::Hidden, _) | (_, Place::Panel) => ().into_any(),
        (_, Place::Inline) => notice::view(ui),
    };
    let panel = move || (ui.shape().1 == Place::Panel).then(|| update_panel::view(ui));
    view! {
        // The region is there before its content, or screen readers would not announce it.
        <div class="inline" aria-live="polite">{inline}</div>
        {panel}
    }
}

/// A button, as data.
#[derive(Clone, Copy)]
struct Button {
    part: Part,
    label: Text,
    /// Busy shows a spinner, and both busy and off buttons do nothing.
    is_busy: fn(&Model) -> bool,
    is_off: fn(&Model) -> bool,
    click: Msg0,
}

/// A message without content.
type Msg0 = fn() -> Msg;

fn button(ui: Ui, button: Button) -> AnyView {
    // Not the `disabled` attribute: it would throw the keyboard out of a pressed button. The model
    // ignores what is pressed at the wrong time.
    let is_disabled = move || flag(ui.is(button.is_busy)() || ui.is(button.is_off)());
    view! {
        <button
            type="button"
            class=button.part.name
            part=move || button.part.get(ui)
            aria-busy=move || flag(ui.is(button.is_busy)())
            aria-disabled=is_disabled
            on:click=move |_| ui.send((button.click)())
        >
            {ui.text(button.label)}
        </button>
    }
    .into_any()
}

/// A button that is a cross; its label is for those who do not see it.
fn cross(ui: Ui, part: Part, label: Text, click: Msg0) -> AnyView {
    view! {
        <button
            type="button"
            class="cross"
            part=move || part.get(ui)
            aria-label=ui.text(label)
            title=ui.text(label)
            on:click=move |_| ui.send(click())
        >
            {icon("cross")}
        </button>
    }
    .into_any()
}

/// A picture from the style sheet; says nothing to a screen reader.
fn icon(name: &'static str) -> AnyView {
    view! { <span class="icon" data-icon=name aria-hidden="true"></span> }.into_any()
}

/// A line of text; an empty one takes no room.
fn line(ui: Ui, part: Part, text: Text) -> AnyView {
    view! { <p class=part.name part=move || part.get(ui)>{ui.text(text)}</p> }.into_any()
}

fn flag(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn never(_: &Model) -> bool {
    false
}

/// The name of an element for styles and tests.
#[derive(Clone, Copy)]
struct Part {
    name: &'static str,
    place: Place,
}

impl Part {
    /// In the page. Behind an open panel the name is given up to what is in front.
    const fn behind(name: &'static str) -> Self {
        Self { name, place: Place::Inline }
    }

    const fn front(name: &'static str) -> Self {
        Self { name, place: Place::Panel }
    }

    fn get(self, ui: Ui) -> &'static str {
        let is_covered = self.place == Place::Inline && ui.shape().1 == Place::Panel;
        if is_covered { "" } else { self.name }
    }
}

/// The line near the button that says why the last try failed.
fn note(app: &App, model: &Model) -> String {
    match &model.note {
        Note::Empty => String::new(),
        Note::Declined(reason) => app.text(wording::declined(*reason)),
        Note::Provider(words) => words.clone(),
        Note::Check => app.text(i18n::DECLINED_CHECK),
    }
}
