//! How elements are written onto the page and follow the signals.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy does not know that these are tests; they stop where they break"
)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use js_sys::{Promise, eval};
use leptos::prelude::*;
use reprieve_widget::view::markup::Markup;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, Node};

wasm_bindgen_test_configure!(run_in_browser);

/// Effects run after the task in which something changed.
async fn settle() {
    let wait = "new Promise((done) => setTimeout(done))";
    JsFuture::from(eval(wait).unwrap().unchecked_into::<Promise>()).await.unwrap();
}

fn place() -> HtmlElement {
    let place = document().create_element("div").unwrap();
    document().body().unwrap().append_child(&place).unwrap();
    place.unchecked_into()
}

/// Something that changes, and is told.
#[derive(Clone)]
struct Word(ArcTrigger, Arc<Mutex<String>>);

impl Word {
    fn new(word: &str) -> Self {
        Self(ArcTrigger::new(), Arc::new(Mutex::new(word.to_owned())))
    }

    fn read(&self) -> String {
        self.0.track();
        self.1.lock().unwrap().clone()
    }

    async fn becomes(&self, word: &str) {
        word.clone_into(&mut self.1.lock().unwrap());
        self.0.notify();
        settle().await;
    }
}

#[wasm_bindgen_test]
fn a_start_is_a_tag_and_its_attributes_and_texts_are_texts() {
    let place = place();
    let mounted = mount_to(place.clone(), || {
        Markup(Box::new(|to| {
            to.element("p,class=cross back,title=a=b,hidden", |to| {
                to.set("lang", "de");
                to.text("<b>");
                to.line("span", "x & y");
            });
            to.line("i", "");
        }))
    });
    assert_eq!(
        place.inner_html(),
        "<p class=\"cross back\" title=\"a=b\" hidden=\"\" lang=\"de\">&lt;b&gt;\
         <span>x &amp; y</span></p><i></i>"
    );
    drop(mounted);
    assert_eq!(place.child_nodes().length(), 0);
}

#[wasm_bindgen_test]
async fn what_follows_is_written_when_it_differs_and_only_then() {
    let (place, word) = (place(), Word::new("one"));
    let (text, title) = (word.clone(), word.clone());
    let _mounted = mount_to(place.clone(), move || {
        Markup(Box::new(move |to| {
            to.element("p", |to| {
                to.follow("title", Box::new(move || title.read()));
                to.follow("", Box::new(move || text.read()));
            });
        }))
    });
    let html = || place.inner_html();
    assert_eq!(html(), "<p title=\"one\">one</p>");
    let said = || place.first_child().and_then(|line| line.first_child());
    let first = said();
    word.becomes("one").await;
    assert!(first.is_some() && said() == first, "a screen reader would say it again");
    word.becomes("two").await;
    assert_eq!(html(), "<p title=\"two\">two</p>");
    assert_ne!(said(), first);
}

#[wasm_bindgen_test]
async fn what_is_live_is_written_anew_and_what_was_there_hears_nothing_more() {
    let (place, outer, inner) = (place(), Word::new("a"), Word::new("1"));
    let heard = Arc::new(AtomicU32::new(0));
    let (of_outer, of_inner, counter) = (outer.clone(), inner.clone(), heard.clone());
    let mounted = mount_to(place.clone(), move || {
        Markup(Box::new(move |to| {
            to.element("section", |to| {
                to.live(Box::new(move |to| {
                    let (word, follows) = (of_outer.read(), of_inner.clone());
                    let counter = counter.clone();
                    to.element("button", |to| {
                        to.set("title", &word);
                        to.follow("", Box::new(move || follows.read()));
                        let count = move |_| {
                            counter.fetch_add(1, Ordering::Relaxed);
                        };
                        to.hear("click", Box::new(count));
                    });
                }));
            });
        }))
    });
    let section: Node = place.first_child().unwrap();
    let button = || section.first_child().unwrap().unchecked_into::<HtmlElement>();
    let old = button();
    inner.becomes("2").await;
    assert!(button() == old, "what only follows does not make the rest anew");
    assert_eq!(place.inner_html(), "<section><button title=\"a\">2</button></section>");

    outer.becomes("b").await;
    assert_eq!(place.inner_html(), "<section><button title=\"b\">2</button></section>");
    assert!(place.first_child().unwrap() == section && button() != old);
    old.click();
    assert_eq!(heard.load(Ordering::Relaxed), 0);
    inner.becomes("3").await;
    assert_eq!(old.text_content().as_deref(), Some("2"), "nobody writes to what is gone");
    let new = button();
    new.click();
    assert_eq!(heard.load(Ordering::Relaxed), 1);

    drop(mounted);
    assert_eq!(place.child_nodes().length(), 0);
    // What an effect holds goes when its task ends, before any further event of the browser.
    settle().await;
    new.click();
    inner.becomes("4").await;
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    assert_eq!(new.unchecked_into::<Element>().text_content().as_deref(), Some("3"));
}
