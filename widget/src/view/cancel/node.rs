//! The few kinds of elements that the dialog is made of.

use leptos::prelude::event_target_value;
use reprieve_core::api::banner::decimal;

use super::super::markup::{Attribute, Markup};
use crate::cancel::{App, Ui};
use crate::model::cancel::{Model, Msg};

/// Attributes that stay.
fn made(attributes: &[(&'static str, &str)]) -> Vec<Attribute> {
    attributes.iter().map(|(name, value)| Attribute::Is(name, (*value).to_owned())).collect()
}

/// Any element.
pub(super) fn element(
    tag: &'static str,
    attributes: &[(&'static str, &str)],
    children: Vec<Markup>,
) -> Markup {
    Markup::Element(tag, made(attributes), children)
}

/// A plain container.
pub(super) fn group(class: &'static str, children: Vec<Markup>) -> Markup {
    element("div", &[("class", class)], children)
}

/// A text that stays.
pub(super) fn text(text: String) -> Markup {
    Markup::Text(text)
}

/// A line of text that follows the model.
pub(super) fn following(
    ui: Ui,
    attributes: &[(&'static str, &str)],
    read: fn(&App, &Model) -> String,
) -> Markup {
    element("p", attributes, vec![Markup::Following(Box::new(move || ui.read(read)))])
}

/// Sentences, one under the other.
pub(super) fn lines(sentences: Vec<String>) -> Vec<Markup> {
    let line = |sentence| element("p", &[("class", "message")], vec![text(sentence)]);
    sentences.into_iter().map(line).collect()
}

fn sends(ui: Ui, event: &'static str, msg: Msg) -> Attribute {
    Attribute::Hears(event, Box::new(move |_| ui.send(msg.clone())))
}

/// A button that sends a message, and shows while its answer is awaited.
pub(super) fn button(
    ui: Ui,
    attributes: &[(&'static str, &str)],
    content: Markup,
    msg: Msg,
) -> Markup {
    let mut all = made(attributes);
    all.push(Attribute::Is("type", "button".to_owned()));
    let pressed = msg.clone();
    let flag = move || {
        let is = ui.read(|_, model| model.is_pressed(&pressed));
        if is { "true".to_owned() } else { "false".to_owned() }
    };
    all.push(Attribute::Follows("aria-busy", Box::new(flag)));
    all.push(sends(ui, "click", msg));
    Markup::Element("button", all, vec![content])
}

/// A button that decides something.
pub(super) fn choice(ui: Ui, label: String, msg: Msg) -> Markup {
    button(ui, &[("class", "choice"), ("part", "choice")], text(label), msg)
}

/// A button among text, for what is there beside the decision.
pub(super) fn aside(ui: Ui, label: String, msg: Msg) -> Markup {
    button(ui, &[("class", "link")], text(label), msg)
}

/// A button that is an arrow; its label is for those who do not see it.
pub(super) fn back(ui: Ui, label: String) -> Markup {
    icon_button(ui, ["cross back", "back", "arrow"], label, Msg::Back)
}

/// A button that is a cross; its label is for those who do not see it.
pub(super) fn cross(ui: Ui, label: String) -> Markup {
    icon_button(ui, ["cross", "dismiss", "cross"], label, Msg::Close)
}

fn icon_button(ui: Ui, [class, part, icon]: [&str; 3], label: String, msg: Msg) -> Markup {
    let picture = [("class", "icon"), ("data-icon", icon), ("aria-hidden", "true")];
    let picture = element("span", &picture, Vec::new());
    let attributes = [("class", class), ("part", part), ("title", &label), ("aria-label", &label)];
    button(ui, &attributes, picture, msg)
}

/// A link to somewhere else; the dialog stays.
pub(super) fn link(label: String, url: String, mut more: Vec<Attribute>) -> Markup {
    let attributes = [("href", &*url), ("target", "_blank"), ("rel", "noopener noreferrer")];
    let name = if more.is_empty() { "link" } else { "choice" };
    more.extend(made(&attributes));
    more.extend(made(&[("class", name), ("part", name)]));
    Markup::Element("a", more, vec![text(label)])
}

/// A link that looks like a decision, and tells the server that it was followed.
pub(super) fn choice_link(ui: Ui, label: String, url: String, msg: Msg) -> Markup {
    link(label, url, vec![sends(ui, "click", msg)])
}

/// One of several answers; none is picked beforehand.
pub(super) fn radio(ui: Ui, label: String, is_picked: bool, msg: Msg) -> Markup {
    let mut all = made(&[("type", "radio"), ("name", "reason")]);
    if is_picked {
        all.extend(made(&[("checked", "")]));
    }
    all.push(sends(ui, "change", msg));
    let input = Markup::Element("input", all, Vec::new());
    let label = element("span", &[], vec![text(label)]);
    element("label", &[("class", "option")], vec![input, label])
}

/// Room for a text of at most so many UTF-16 units.
pub(super) fn area(ui: Ui, label: String, hint: String, max: u32, written: String) -> Markup {
    let max = decimal(i64::from(max), 0);
    let mut all = made(&[("rows", "4"), ("maxlength", &max), ("aria-describedby", "limit")]);
    let write = move |event| ui.send(Msg::Write(event_target_value(&event)));
    all.push(Attribute::Hears("input", Box::new(write)));
    let area = Markup::Element("textarea", all, vec![text(written)]);
    let label = element("span", &[], vec![text(label)]);
    let field = element("label", &[("class", "area")], vec![label, area]);
    let hint = element("p", &[("class", "hint"), ("id", "limit")], vec![text(hint)]);
    group("written", vec![field, hint])
}
