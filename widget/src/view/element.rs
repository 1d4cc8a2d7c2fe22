//! Elements as data.
//!
//! The `view!` macro gives each element a type of its own, and each type its own compiled code to
//! build, rebuild and drop it: for our screens that was a third of the download. Here every element
//! is the same type, with a list of erased attributes and children. Texts are function pointers for
//! the same reason.

use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos::tachys::html::attribute::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::tachys::html::attribute::custom::custom_attribute;
use leptos::tachys::html::element::custom;
use leptos::tachys::html::event::on;

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

    fn attribute(self, ui: Ui, name: &'static str) -> AnyAttribute {
        match self {
            Self::Is(text) => custom_attribute(name, text).into_any_attr(),
            live => custom_attribute(name, move || live.read(ui)).into_any_attr(),
        }
    }
}

/// Any element.
pub(super) fn element(
    ui: Ui,
    tag: &'static str,
    attributes: &[(&'static str, Value)],
    children: Vec<AnyView>,
) -> AnyView {
    let attributes = attributes.iter().map(|(name, value)| value.attribute(ui, name)).collect();
    build(tag, attributes, children)
}

/// An element that sends a message when it is clicked.
pub(super) fn clickable(
    ui: Ui,
    tag: &'static str,
    attributes: &[(&'static str, Value)],
    children: Vec<AnyView>,
    click: Send,
) -> AnyView {
    let mut all: Vec<_> =
        attributes.iter().map(|(name, value)| value.attribute(ui, name)).collect();
    all.push(on(ev::click, move |_| ui.send(click())).into_any_attr());
    build(tag, all, children)
}

/// An element of attributes that are made already.
pub(super) fn build(
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
) -> AnyView {
    custom(tag).add_any_attr(attributes).child(children).into_any()
}

/// A text that follows the model.
pub(super) fn text(ui: Ui, text: Text) -> AnyView {
    (move || ui.read(text)).into_any()
}

/// A text that stays.
pub(super) fn fixed(text: String) -> AnyView {
    text.into_any()
}

/// A part of the screen that is built anew whenever something changes that `build` has read.
pub(super) fn live<U: Copy + std::marker::Send + 'static>(
    ui: U,
    build: fn(U) -> AnyView,
) -> AnyView {
    // Elements are one type here, so the renderer would take a new button for an old section and
    // only write its attributes anew. Changing sides tells it that nothing is the same.
    let mut is_left = false;
    let view = move || {
        is_left = !is_left;
        if is_left { Either::Left(build(ui)) } else { Either::Right(build(ui)) }
    };
    view.into_any()
}

/// Nothing.
pub(super) fn nothing() -> AnyView {
    ().into_any()
}
