//! Talks to the server and to the host page, both through the loader.
//!
//! The loader already knows the API's address, the token, how to renew it once, and how long a
//! request may take. Doing that again here would cost every customer a second copy, so the loader
//! lends its `request`. Its answers are JavaScript objects, which is why this file sees `JsValue`:
//! they are decoded here, and nothing behind this file knows them.

pub mod cancel;

use std::cell::RefCell;

use js_sys::{Array, Object, Promise, Reflect};
use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::{Amount, CardNews, InvoiceDue, MethodSummary, Status};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

use crate::failure::Failure;
use crate::i18n::{Texts, Tone};
use crate::model::{Event, Job};
use crate::wire::Word;

#[wasm_bindgen]
extern "C" {
    /// What the loader passes to `mount`; see `widget/loader/session.js`.
    pub type Loader;
    #[wasm_bindgen(method, getter)]
    fn root(this: &Loader) -> HtmlElement;
    #[wasm_bindgen(method, getter)]
    fn element(this: &Loader) -> HtmlElement;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Loader) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn texts(this: &Loader) -> Option<Object>;
    #[wasm_bindgen(method, getter)]
    fn locale(this: &Loader) -> String;
    #[wasm_bindgen(method, getter)]
    fn said(this: &Loader) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn back(this: &Loader) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = isBack)]
    fn is_back(this: &Loader) -> bool;
    #[wasm_bindgen(method)]
    fn request(this: &Loader, method: &str, path: &str) -> Promise;
    #[wasm_bindgen(method)]
    fn emit(this: &Loader, name: &str, detail: &Object);
    #[wasm_bindgen(method)]
    fn dismiss(this: &Loader, status: &JsValue);
    #[wasm_bindgen(method)]
    fn leave(this: &Loader);
    // Resolves when the panel's Wasm is there, and rejects when it does not come.
    #[wasm_bindgen(method)]
    fn panel(this: &Loader) -> Promise;

    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> Option<Headers>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> JsValue;

    type Headers;
    #[wasm_bindgen(method)]
    fn get(this: &Headers, name: &str) -> Option<String>;
}

const METHODS: &str = "/v1/payment-methods";
const AUTHENTICATIONS: &str = "/v1/authentications";

/// How many open invoices of one customer are looked at; the server sends fewer.
const INVOICES_MAX: usize = 200;

/// The loader, and through it the server and the host page.
pub struct Client {
    loader: Loader,
    // The loader remembers a dismissal by the status it read or we read later.
    status: RefCell<JsValue>,
}

/// What the element was given.
pub struct Given {
    /// The first status.
    pub status: Status,
    /// The sentences, with the merchant's own among them.
    pub texts: Texts,
    /// A language tag for `Intl`.
    pub locale: String,
    /// See [`crate::format::Formats::with`].
    pub said: JsValue,
    /// The page asks for the form itself.
    pub is_asked: bool,
    /// The set-up with which the customer comes back from a bank's page; empty: the bank said no.
    pub back: Option<String>,
    /// The customer comes from a bank's page, whatever way began there.
    pub is_back: bool,
}

impl Client {
    /// Wraps the loader and reads what it was given. `None` when status or texts are unusable.
    #[must_use]
    pub fn new(loader: Loader) -> Option<(Self, Given)> {
        let raw = loader.status();
        let element = loader.element();
        let attribute = |name| element.get_attribute(name);
        let tone = Tone::of(attribute("tone").as_deref(), attribute("skin").as_deref());
        let given = Given {
            status: read_status(&raw)?,
            texts: Texts::new(entries(&loader.texts()?), tone),
            locale: loader.locale(),
            said: loader.said(),
            is_asked: get(&element, "isAsked").is_truthy(),
            back: loader.back(),
            is_back: loader.is_back(),
        };
        Some((Self { loader, status: RefCell::new(raw) }, given))
    }

    /// The container in the shadow root.
    pub fn root(&self) -> HtmlElement {
        self.loader.root()
    }

    /// The custom element, whose light children may be slotted.
    pub fn element(&self) -> HtmlElement {
        self.loader.element()
    }

    /// Sends a job and brings the status that follows. `id` counts for completions only.
    pub async fn send(&self, job: Job, id: &str) -> Result<Box<Status>, Failure> {
        let body = match job {
            Job::Read | Job::Glance => self.call("GET", "/v1/status").await?,
            Job::Retry => self.call("POST", "/v1/retries").await?,
            Job::Complete | Job::Confirmed => {
                let of = if job == Job::Complete { METHODS } else { AUTHENTICATIONS };
                let path = joined(&[of, "/", id, "/complete"]);
                self.call("POST", &path).await?
            }
        };
        let status = read_status(&body).ok_or_else(|| Failure::from_answer(200, None, 0))?;
        // Only the answer with the notice's words says what a dismissal is about.
        if !get(&body, "banner").is_falsy() {
            self.status.replace(body);
        }
        Ok(Box::new(status))
    }

    /// Asks for a set-up for the provider's fields.
    pub async fn make_setup(&self) -> Result<NewPaymentMethod, Failure> {
        self.begin(METHODS, "id").await
    }

    /// Asks for what lets the bank put its question; the id is the invoice's.
    pub async fn hand_off(&self) -> Result<NewPaymentMethod, Failure> {
        self.begin(AUTHENTICATIONS, "invoice").await
    }

    async fn begin(&self, path: &str, id: &str) -> Result<NewPaymentMethod, Failure> {
        let body = self.call("POST", path).await?;
        read_setup(&body, id).ok_or_else(|| Failure::from_answer(200, None, 0))
    }

    async fn call(&self, method: &str, path: &str) -> Result<JsValue, Failure> {
        settled(self.loader.request(method, path)).await
    }

    /// Tells the host page, as a DOM event on the element.
    pub fn tell(&self, event: Event) {
        let detail = Object::new();
        let tell = |name: &str, value: JsValue| set(&detail, name, &value);
        let name = match event {
            Event::Status(state, access) => {
                tell("state", state.word().into());
                tell("access", access.word().into());
                "status"
            }
            Event::Shown(screen) => {
                tell("screen", screen.name().into());
                "shown"
            }
            Event::Dismissed => "dismissed",
            Event::Declined(reason) => {
                tell("reason", reason.word().into());
                "declined"
            }
            Event::Recovered(amount) => {
                if let Some(amount) = amount {
                    tell("amount_minor", JsValue::from(amount.amount_minor as f64));
                    tell("currency", amount.currency.into());
                }
                "recovered"
            }
            Event::Error(code) => {
                tell("code", code.into());
                "error"
            }
        };
        self.loader.emit(name, &detail);
    }

    /// Remembers that the notice was hidden for now.
    pub fn remember_dismissal(&self) {
        self.loader.dismiss(&self.status.borrow());
    }

    /// Asks to be taken off the page.
    pub fn leave(&self) {
        self.loader.leave();
    }

    /// Has the panel downloaded; `false` when that failed.
    pub async fn fetch_panel(&self) -> bool {
        JsFuture::from(self.loader.panel()).await.is_ok()
    }
}

/// The body of what the loader's `request` brings, or why there is none.
async fn settled(request: Promise) -> Result<JsValue, Failure> {
    // The loader's `request` never rejects; should it, there is no answer.
    let Ok(answer) = JsFuture::from(request).await.map(JsCast::unchecked_into::<Answer>) else {
        return Err(Failure::from_answer(0, None, 0));
    };
    let status = answer.status();
    let body = answer.body();
    if (200..300).contains(&status) {
        return Ok(body);
    }
    if status == 0 && !is_online() {
        return Err(Failure::from_answer(0, Some("offline".to_owned()), 0));
    }
    let retry_after = answer.headers().and_then(|headers| headers.get("retry-after"));
    let retry_after_s = retry_after.and_then(|text| text.parse().ok()).unwrap_or(0);
    let error = get(&body, "error");
    let mut failure = Failure::from_answer(status, text(&error, "code"), retry_after_s);
    failure.request_id = text(&error, "request_id");
    Err(failure)
}

/// Whether the browser thinks that it has a network.
#[must_use]
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Texts in a row, in fewer bytes of Wasm than `concat`.
#[must_use]
pub fn joined(parts: &[&str]) -> String {
    let mut all = String::new();
    for part in parts {
        all.push_str(part);
    }
    all
}

/// A flat object of strings as pairs.
fn entries(object: &Object) -> Vec<(String, String)> {
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    let pairs = Object::entries(object);
    let pair = |pair: JsValue| {
        let pair: Array = pair.unchecked_into();
        (text(pair.get(0)), text(pair.get(1)))
    };
    pairs.iter().map(pair).collect()
}

/// Reads a status. `None` when its state or access level is missing or of a later version: there
/// is nothing sensible to show then. Everything else may be missing.
#[must_use]
pub fn read_status(value: &JsValue) -> Option<Status> {
    let invoices = get(value, "invoices").dyn_into::<Array>().unwrap_or_default();
    let invoice = |value: JsValue| {
        Some(InvoiceDue {
            id: text(&value, "id")?,
            number: text(&value, "number"),
            amount_due: read_amount(&get(&value, "amount_due"))?,
            description: text(&value, "description"),
            needs_authentication: get(&value, "needs_authentication").is_truthy(),
        })
    };
    Some(Status {
        state: word(value, "state")?,
        access: word(value, "access")?,
        remedy: word(value, "remedy"),
        reason: word(value, "reason"),
        amount_due: read_amount(&get(value, "amount_due")),
        invoices: invoices.iter().take(INVOICES_MAX).filter_map(invoice).collect(),
        method: read_method(&get(value, "method")),
        can_retry: get(value, "can_retry").is_truthy(),
        grace_ends_at_ms: integer(value, "grace_ends_at_ms"),
        next_attempt_at_ms: integer(value, "next_attempt_at_ms"),
        card_news: read_news(&get(value, "card_news")),
        server_time_ms: integer(value, "server_time_ms")?,
    })
}

fn read_amount(value: &JsValue) -> Option<Amount> {
    let currency = text(value, "currency")?;
    Some(Amount { amount_minor: integer(value, "amount_minor")?, currency })
}

/// News of a kind that a later version made up are none that we could tell.
fn read_news(value: &JsValue) -> Option<CardNews> {
    Some(CardNews {
        kind: word(value, "kind")?,
        method: read_method(&get(value, "method")),
        expires_at_ms: integer(value, "expires_at_ms"),
    })
}

fn read_method(value: &JsValue) -> Option<MethodSummary> {
    Some(MethodSummary { brand: text(value, "brand")?, last4: text(value, "last4")? })
}

fn read_setup(value: &JsValue, id: &str) -> Option<NewPaymentMethod> {
    Some(NewPaymentMethod {
        id: text(value, id)?,
        client_secret: text(value, "client_secret")?,
        publishable_key: text(value, "publishable_key")?,
        provider_js_url: text(value, "provider_js_url")?,
    })
}

/// A property; undefined when there is none, or nothing to have one.
pub(crate) fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from(name)).unwrap_or_default()
}

/// A property that is a text.
pub(crate) fn text(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

/// JavaScript has no integers: up to 2^53 its floats are exact, and a cast saturates beyond.
pub(crate) fn integer(value: &JsValue, name: &str) -> Option<i64> {
    get(value, name).as_f64().map(|number| number as i64)
}

/// Sets a property of a fresh object.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    // That cannot fail.
    let _ = Reflect::set(object, &JsValue::from(name), value);
}

/// An object of texts.
pub(crate) fn object(pairs: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        set(&object, name, &JsValue::from(*value));
    }
    object
}

fn word<T: Word>(value: &JsValue, name: &str) -> Option<T> {
    T::from_word(&text(value, name)?)
}
