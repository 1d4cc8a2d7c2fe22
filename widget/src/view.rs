//! What the customer sees. Views hold no state: they read the model and send messages.
//!
//! Parts, for styles of the page and for tests; there is at most one `title`, `message` and
//! `primary` at a time. `cargo xtask reference` reads this list:
//!
//! ```text
//!   ::part(banner)     the notice in the page
//!   ::part(panel)      the dialog in which a card is updated, or somebody leaves
//!   ::part(title)      the heading
//!   ::part(message)    what happened and what comes next
//!   ::part(note)       less important lines
//!   ::part(primary)    the button that goes on
//!   ::part(secondary)  other buttons
//!   ::part(dismiss)    the button that hides or closes
//!   ::part(wall)       the page's cover where access is restricted (attribute `wall`)
//!   ::part(choice)     a button that decides something about leaving
//!   ::part(link)       a link to somewhere else
//!   ::part(back)       the arrow back
//! ```

mod banner;
pub mod cancel;
mod element;
pub mod markup;
mod notice;
pub mod update_panel;

use reprieve_core::api::banner::Speaker as _;

use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Note, Place, Screen};
use crate::wording;
use element::{Send, Text, Value, clickable, element, live, nothing, text};
use markup::Markup;

/// The whole widget.
pub fn widget(ui: Ui) -> Markup {
    // The region is there before its content, or screen readers would not announce it.
    let region = [("class", Value::Is("inline")), ("aria-live", Value::Is("polite"))];
    let inline = element(ui, "div", &region, vec![live(ui, inline)]);
    Markup::Many(vec![inline, live(ui, panel)])
}

fn inline(ui: Ui) -> Markup {
    let inline = ui.inline();
    match inline.screen {
        Screen::Hidden => nothing(),
        Screen::Banner => banner::view(ui, inline),
        screen => notice::view(ui, screen, "banner"),
    }
}

fn panel(ui: Ui) -> Markup {
    ui.open_panel().map_or_else(nothing, |panel| (panel.view)(ui))
}

/// A button, as data. It is named by its part.
struct Button {
    part: &'static str,
    place: Place,
    label: Text,
    /// Shows a spinner; the model ignores what is pressed meanwhile.
    is_busy: fn(&Model) -> bool,
    /// Looks faint, and does nothing.
    is_off: fn(&Model) -> bool,
    click: Send,
}

fn button(ui: Ui, button: &Button) -> Markup {
    // Not the `disabled` attribute: it would throw the keyboard out of a button in use.
    let attributes = [
        ("type", Value::Is("button")),
        ("class", Value::Is(button.part)),
        ("part", Value::Part(button.part, button.place)),
        ("aria-busy", Value::Flag(button.is_busy)),
        ("aria-disabled", Value::Flag(button.is_off)),
    ];
    clickable(ui, "button", &attributes, vec![text(ui, button.label)], button.click)
}

/// A button that is a cross; its label is for those who do not see it.
fn cross(ui: Ui, place: Place, label: Text, click: Send) -> Markup {
    let attributes = [
        ("type", Value::Is("button")),
        ("class", Value::Is("cross")),
        ("part", Value::Part("dismiss", place)),
        ("aria-label", Value::Text(label)),
        ("title", Value::Text(label)),
    ];
    clickable(ui, "button", &attributes, vec![icon(ui, "cross")], click)
}

/// A picture from the style sheet; says nothing to a screen reader.
fn icon(ui: Ui, name: &'static str) -> Markup {
    let attributes = [
        ("class", Value::Is("icon")),
        ("data-icon", Value::Is(name)),
        ("aria-hidden", Value::Is("true")),
    ];
    element(ui, "span", &attributes, Vec::new())
}

/// A line of text, named by its part; an empty one takes no room.
fn line(ui: Ui, part: &'static str, place: Place, content: Text) -> Markup {
    let attributes = [("class", Value::Is(part)), ("part", Value::Part(part, place))];
    element(ui, "p", &attributes, vec![text(ui, content)])
}

/// A plain container.
fn group(ui: Ui, class: &'static str, children: Vec<Markup>) -> Markup {
    element(ui, "div", &[("class", Value::Is(class))], children)
}

fn never(_: &Model) -> bool {
    false
}

fn close_label(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_CLOSE)
}

/// The line near the button that says why the last try failed.
fn note(app: &App, model: &Model) -> String {
    match &model.note {
        Note::Empty => String::new(),
        Note::Declined(reason) => app.text(wording::declined(*reason)),
        Note::Provider(words) => words.clone(),
        Note::Check => app.text(i18n::DECLINED_CHECK),
        Note::NotConfirmed => app.text(i18n::CONFIRM_FAILED),
        Note::Closed => app.text(i18n::CONFIRM_CLOSED),
    }
}
