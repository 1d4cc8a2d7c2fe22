//! The few kinds of elements that our screens are made of, as functions to read.

use super::markup::{Attribute, Markup};
use crate::app::{App, Ui};
use crate::model::{Model, Msg, Place};

/// A text that depends on the model.
pub(super) type Text = fn(&App, &Model) -> String;

/// A message without content.
pub(super) type Send = fn() -> Msg;

/// The value of an attribute.
#[derive(Clone, Copy)]
pub(super) enum Value {
    /// Always the same.
    Is(&'static str),
    /// A text that follows the model.
    Text(Text),
    /// `true` or `false`, following the model.
    Flag(fn(&Model) -> bool),
    /// A name for styles and tests. In the page, behind an open panel, the name is given up to
    /// what is in front.
    Part(&'static str, Place),
}

impl Value {
    fn read(self, ui: Ui) -> String {
        match self {
            Self::Is(text) => text.to_owned(),
            Self::Text(text) => ui.read(text),
            Self::Flag(flag) => {
                let is = ui.read(|_, model| flag(model));
                if is { "true".to_owned() } else { "false".to_owned() }
            }
            Self::Part(name, place) => {
                let is_covered = place == Place::Inline && ui.open_panel().is_some();
                if is_covered { String::new() } else { name.to_owned() }
            }
        }
    }

    fn attribute(self, ui: Ui, name: &'static str) -> Attribute {
        match self {
            Self::Is(text) => Attribute::Is(name, text.to_owned()),
            live => Attribute::Follows(name, Box::new(move || live.read(ui))),
        }
    }
}

fn made(ui: Ui, attributes: &[(&'static str, Value)]) -> Vec<Attribute> {
    attributes.iter().map(|(name, value)| value.attribute(ui, name)).collect()
}

/// Any element.
pub(super) fn element(
    ui: Ui,
    tag: &'static str,
    attributes: &[(&'static str, Value)],
    children: Vec<Markup>,
) -> Markup {
    Markup::Element(tag, made(ui, attributes), children)
}

/// An element that sends a message when it is clicked.
pub(super) fn clickable(
    ui: Ui,
    tag: &'static str,
    attributes: &[(&'static str, Value)],
    children: Vec<Markup>,
    click: Send,
) -> Markup {
    let mut all = made(ui, attributes);
    all.push(Attribute::Hears("click", Box::new(move |_| ui.send(click()))));
    Markup::Element(tag, all, children)
}

/// A text that follows the model.
pub(super) fn text(ui: Ui, text: Text) -> Markup {
    Markup::Following(Box::new(move || ui.read(text)))
}

/// A part of the screen that is built anew whenever something changes that `build` has read.
pub(super) fn live<U: Copy + std::marker::Send + 'static>(ui: U, build: fn(U) -> Markup) -> Markup {
    Markup::Live(Box::new(move || build(ui)))
}

/// Nothing.
pub(super) fn nothing() -> Markup {
    Markup::Many(Vec::new())
}
