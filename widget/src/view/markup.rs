//! How elements are written onto the page, and how they follow the signals.
//!
//! Leptos' own views are types: each element with its attributes and children is compiled anew,
//! and with erased types there is still the machinery that compares any view with any other one.
//! Nothing here is compared, and nothing is kept that the page keeps anyway: a [`Writer`] makes
//! each element where it belongs, and what changes later is a text, an attribute, or the content
//! of a live element, which is written anew. A call of it is a few bytes of Wasm. Signals, effects,
//! owners and mounting are Leptos'.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute as TachysAttribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, Node};

use crate::listen::Listener;

/// A text that is read again whenever something changes that it was read from.
pub type Read = Box<dyn Fn() -> String>;

/// Writes all the content of an element.
pub type Write = Box<dyn Fn(&mut Writer)>;

/// What lives as long as the element that it is about.
enum End {
    Effect(#[expect(dead_code, reason = "it is dropped with its element")] RenderEffect<Ends>),
    Listener(#[expect(dead_code, reason = "it is dropped with its element")] Listener),
}

type Ends = Vec<End>;

/// Adds to the page: whatever is written comes at the end of the element that is open.
///
/// Elements begin with a start, which is a tag and the attributes that stay:
/// `p,class=title,part=title`. No value of ours has a comma.
#[derive(Default)]
pub struct Writer {
    open: Vec<Node>,
    /// What stands in no element of ours.
    tops: Vec<Node>,
    ends: Ends,
}

impl Writer {
    /// An element, and in it what `fill` writes.
    pub fn element(&mut self, start: &str, fill: impl FnOnce(&mut Self)) {
        if self.begin(start) {
            fill(self);
            self.end();
        }
    }

    /// An element with a text.
    pub fn line(&mut self, start: &str, text: &str) {
        if self.begin(start) {
            self.text(text);
            self.end();
        }
    }

    /// An element with a text that follows the signals.
    pub fn following(&mut self, start: &str, read: Read) {
        if self.begin(start) {
            self.follow("", read);
            self.end();
        }
    }

    fn begin(&mut self, start: &str) -> bool {
        let mut parts = start.split(',');
        let tag = parts.next().unwrap_or_default();
        // The names of our elements are names of elements.
        let Ok(element) = document().create_element(tag) else { return false };
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            write_attribute(&element, name, value);
        }
        let node = element.into();
        self.put(&node);
        self.open.push(node);
        true
    }

    fn end(&mut self) {
        self.open.pop();
    }

    fn put(&mut self, node: &Node) {
        match self.open.last() {
            // A living element takes a fresh node.
            Some(parent) => drop(parent.append_child(node)),
            None => self.tops.push(node.clone()),
        }
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.put(&document().create_text_node(text));
    }

    /// An attribute of the open element.
    pub fn set(&mut self, name: &str, value: &str) {
        if let Some(element) = self.open.last() {
            write_attribute(element.unchecked_ref(), name, value);
        }
    }

    /// An attribute of the open element that follows the signals; without a name, its text.
    pub fn follow(&mut self, name: &'static str, read: Read) {
        let Some(node) = self.open.last().cloned() else { return };
        let mut last = None;
        let effect = RenderEffect::new(move |_| {
            let now = Some(read());
            // Writing the same again would have screen readers say it again.
            if last != now {
                match name {
                    "" => node.set_text_content(now.as_deref()),
                    _ => {
                        let value = now.as_deref().unwrap_or_default();
                        write_attribute(node.unchecked_ref(), name, value);
                    }
                }
                last = now;
            }
            Ends::new()
        });
        self.ends.push(End::Effect(effect));
    }

    /// An attribute of the open element that is `true` or `false`, following the signals.
    pub fn flag(&mut self, name: &'static str, is: Box<dyn Fn() -> bool>) {
        let word = move || if is() { "true".to_owned() } else { "false".to_owned() };
        self.follow(name, Box::new(word));
    }

    /// A function that is called at every event of that name on the open element.
    pub fn hear(&mut self, name: &'static str, callback: Box<dyn FnMut(Event)>) {
        if let Some(node) = self.open.last() {
            self.ends.push(End::Listener(Listener::new(node, name, callback)));
        }
    }

    /// All of the open element's content, which is written anew whenever something changes that was
    /// read for it.
    pub fn live(&mut self, write: Write) {
        let Some(node) = self.open.last().cloned() else { return };
        let effect = RenderEffect::new(move |old: Option<Ends>| {
            drop(old);
            node.set_text_content(None);
            let mut writer = Self { open: vec![node.clone()], ..Self::default() };
            write(&mut writer);
            writer.ends
        });
        self.ends.push(End::Effect(effect));
    }
}

fn write_attribute(element: &Element, name: &str, value: &str) {
    // Naming an attribute in ASCII cannot fail.
    let _ = element.set_attribute(name, value);
}

/// All that is mounted, as what writes it.
pub struct Markup(pub Box<dyn FnOnce(&mut Writer) + Send>);

/// Markup on the page.
pub struct Shown {
    nodes: Vec<Node>,
    #[expect(dead_code, reason = "they are dropped with the nodes")]
    ends: Ends,
}

impl Mountable for Shown {
    fn unmount(&mut self) {
        for node in &self.nodes {
            node.unchecked_ref::<Element>().remove();
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        for node in &self.nodes {
            // A living parent takes a fresh node wherever it has that neighbour.
            let _ = parent.insert_before(node, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.nodes.first().is_some_and(|node| {
            let parent = node.parent_element();
            parent.is_some_and(|parent| child.try_mount(&parent, Some(node)))
        })
    }

    fn elements(&self) -> Vec<Element> {
        self.nodes.iter().map(|node| node.clone().unchecked_into()).collect()
    }
}

impl Render for Markup {
    type State = Shown;

    fn build(self) -> Shown {
        let mut writer = Writer::default();
        (self.0)(&mut writer);
        Shown { nodes: writer.tops, ends: writer.ends }
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
