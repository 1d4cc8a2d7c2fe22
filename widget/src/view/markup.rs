//! Markup as data, and how it comes onto the page and follows the signals.
//!
//! Leptos' own views are types: each element with its attributes and children is compiled anew,
//! and with erased types there is still the machinery that compares any view with any other one.
//! Nothing here is compared: what changes is a text, an attribute, or a [`Markup::Live`] part that
//! is built anew. That took a sixth off the download. Signals, effects, owners and mounting are
//! Leptos'.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute as TachysAttribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, Node};

use crate::listen::Listener;

/// A text that is read again whenever something changes that it was read from.
pub type Read = Box<dyn Fn() -> String + Send>;

/// What is on the screen.
pub enum Markup {
    /// An element.
    Element(&'static str, Vec<Attribute>, Vec<Self>),
    /// A text that stays.
    Text(String),
    /// A text that follows the signals.
    Following(Read),
    /// A part that is built anew whenever something changes that was read for it.
    Live(Box<dyn Fn() -> Self + Send>),
    /// Several, or nothing.
    Many(Vec<Self>),
}

/// What an element has.
pub enum Attribute {
    /// A value that stays.
    Is(&'static str, String),
    /// A value that follows the signals.
    Follows(&'static str, Read),
    /// A function that is called at every event of that name.
    Hears(&'static str, Box<dyn FnMut(Event) + Send>),
}

/// A node of the page, and what ends with it.
struct Mounted {
    /// For a live part, the comment that stands behind its content.
    node: Node,
    content: Content,
    children: Vec<Self>,
    ends: Vec<Ends>,
}

/// What a live part consists of now; empty for everything else.
type Content = Rc<RefCell<Vec<Mounted>>>;

/// What lives as long as its node.
enum Ends {
    Effect(#[expect(dead_code, reason = "it is dropped with its node")] RenderEffect<()>),
    Listener(#[expect(dead_code, reason = "it is dropped with its node")] Listener),
}

impl Mounted {
    fn of(node: Node) -> Self {
        Self { node, content: Content::default(), children: Vec::new(), ends: Vec::new() }
    }

    /// Puts it into `parent`, before `next` or at the end.
    fn put(&self, parent: &Node, next: Option<&Node>) {
        for it in &*self.content.borrow() {
            it.put(parent, next);
        }
        // A living parent takes a fresh node wherever it has that neighbour.
        let _ = parent.insert_before(&self.node, next);
    }

    fn take_away(&self) {
        for it in &*self.content.borrow() {
            it.take_away();
        }
        // Texts and comments have this method, too.
        self.node.unchecked_ref::<Element>().remove();
    }
}

fn build(markup: Markup, into: &mut Vec<Mounted>) {
    match markup {
        Markup::Many(all) => all.into_iter().for_each(|it| build(it, into)),
        Markup::Text(text) => into.push(Mounted::of(document().create_text_node(&text).into())),
        Markup::Following(read) => {
            let mut text = Mounted::of(document().create_text_node("").into());
            text.ends.push(follow(Target::Text(text.node.clone()), read));
            into.push(text);
        }
        Markup::Live(read) => into.push(build_live(read)),
        // The names of our elements are names of elements.
        Markup::Element(tag, attributes, children) => into.extend(
            document().create_element(tag).ok().map(|it| build_element(it, attributes, children)),
        ),
    }
}

fn build_element(element: Element, attributes: Vec<Attribute>, children: Vec<Markup>) -> Mounted {
    let mut mounted = Mounted::of(element.clone().into());
    for attribute in attributes {
        match attribute {
            Attribute::Is(name, value) => write_attribute(&element, name, &value),
            Attribute::Follows(name, read) => {
                mounted.ends.push(follow(Target::Attribute(element.clone(), name), read));
            }
            Attribute::Hears(name, callback) => {
                mounted.ends.push(Ends::Listener(Listener::new(&element, name, callback)));
            }
        }
    }
    children.into_iter().for_each(|it| build(it, &mut mounted.children));
    for child in &mounted.children {
        child.put(&element, None);
    }
    mounted
}

fn build_live(read: Box<dyn Fn() -> Markup + Send>) -> Mounted {
    let mut mounted = Mounted::of(document().create_comment("").into());
    let (marker, content) = (mounted.node.clone(), mounted.content.clone());
    let effect = RenderEffect::new(move |_| {
        let mut new = Vec::new();
        build(read(), &mut new);
        // At first it is not in the page, and is put there with its content.
        if let Some(parent) = marker.parent_node() {
            new.iter().for_each(|it| it.put(&parent, Some(&marker)));
        }
        let old = content.replace(new);
        old.iter().for_each(Mounted::take_away);
    });
    mounted.ends.push(Ends::Effect(effect));
    mounted
}

/// What follows a text.
enum Target {
    Text(Node),
    Attribute(Element, &'static str),
}

fn follow(target: Target, read: Read) -> Ends {
    let mut last = None;
    let effect = RenderEffect::new(move |_| {
        let now = Some(read());
        // Writing the same again would have screen readers say it again.
        if last == now {
            return;
        }
        match &target {
            Target::Text(node) => node.set_node_value(now.as_deref()),
            Target::Attribute(element, name) => {
                write_attribute(element, name, now.as_deref().unwrap_or_default());
            }
        }
        last = now;
    });
    Ends::Effect(effect)
}

fn write_attribute(element: &Element, name: &str, value: &str) {
    // Naming an attribute in ASCII cannot fail.
    let _ = element.set_attribute(name, value);
}

/// Markup on the page.
pub struct Shown(Vec<Mounted>);

impl Mountable for Shown {
    fn unmount(&mut self) {
        self.0.iter().for_each(Mounted::take_away);
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.iter().for_each(|it| it.put(parent, marker));
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.first().is_some_and(|it| it.content.borrow().is_empty() && before(&it.node, child))
    }

    fn elements(&self) -> Vec<Element> {
        self.0.iter().filter_map(|it| it.node.clone().dyn_into().ok()).collect()
    }
}

fn before(node: &Node, child: &mut dyn Mountable) -> bool {
    let parent = node.parent_element();
    parent.is_some_and(|parent| child.try_mount(&parent, Some(node)))
}

impl Render for Markup {
    type State = Shown;

    fn build(self) -> Shown {
        let mut all = Vec::new();
        build(self, &mut all);
        Shown(all)
    }

    fn rebuild(self, state: &mut Shown) {
        let mut new = Render::build(self);
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

/// Leptos asks for this of whatever it mounts; there is no server that renders us.
impl RenderHtml for Markup {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _buf: &mut String,
        _position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Shown {
        Render::build(self)
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl AddAnyAttr for Markup {
    type Output<New: TachysAttribute> = Self;

    fn add_any_attr<New: TachysAttribute>(self, _: New) -> Self {
        self
    }
}
