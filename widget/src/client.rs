//! Talks to the server and to the host page, both through the loader.
//!
//! The loader already knows the API's address, the token, how to renew it once, and how long a
//! request may take. Doing that again here would cost every customer a second copy, so the loader
//! lends its `request`. Its answers are JavaScript objects, which is why this file sees `JsValue`:
//! they are decoded here, and nothing behind this file knows them.

use std::cell::RefCell;

use js_sys::{JsString, Object, Promise, Reflect};
use reprieve_core::api::error::ErrorBody;
use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::Status;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

use crate::failure::Failure;
use crate::model::{Event, Job};
use crate::wording;

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
    fn skin(this: &Loader) -> Option<String>;
    #[wasm_bindgen(method)]
    fn request(this: &Loader, method: &str, path: &str) -> Promise;
    #[wasm_bindgen(method)]
    fn emit(this: &Loader, name: &str, detail: &Object);
    #[wasm_bindgen(method)]
    fn dismiss(this: &Loader, status: &JsValue);
    #[wasm_bindgen(method)]
    fn leave(this: &Loader);

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
    /// The locale file's entries.
    pub texts: Vec<(String, String)>,
    /// A language tag for `Intl`.
    pub locale: String,
    /// The `skin` attribute, empty when there is none.
    pub skin: String,
}

impl Client {
    /// Wraps the loader and reads what it was given. `None` when status or texts are unusable.
    #[must_use]
    pub fn new(loader: Loader) -> Option<(Self, Given)> {
        let raw = loader.status();
        let given = Given {
            status: decode(raw.clone())?,
            texts: entries(&loader.texts()?),
            locale: loader.locale(),
            skin: loader.skin().unwrap_or_default(),
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

    /// Sends a job and brings the status that follows. `setup_id` counts for completions only.
    pub async fn send(&self, job: Job, setup_id: &str) -> Result<Box<Status>, Failure> {
        let body = match job {
            Job::Read | Job::Glance => self.call("GET", "/v1/status").await?,
            Job::Retry => self.call("POST", "/v1/retries").await?,
            Job::Complete => {
                let path = ["/v1/payment-methods/", setup_id, "/complete"].concat();
                self.call("POST", &path).await?
            }
        };
        let status = decode(body.clone()).ok_or_else(|| Failure::from_answer(200, None, 0))?;
        self.status.replace(body);
        Ok(Box::new(status))
    }

    /// Asks for a set-up for the provider's fields.
    pub async fn make_setup(&self) -> Result<NewPaymentMethod, Failure> {
        let body = self.call("POST", "/v1/payment-methods").await?;
        decode(body).ok_or_else(|| Failure::from_answer(200, None, 0))
    }

    async fn call(&self, method: &str, path: &str) -> Result<JsValue, Failure> {
        // The loader's `request` never rejects; should it, there is no answer.
        let settled = JsFuture::from(self.loader.request(method, path)).await;
        let Ok(answer) = settled.map(JsCast::unchecked_into::<Answer>) else {
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
        let detail = decode::<ErrorBody>(body).map(|body| body.error);
        let (code, request_id) = detail.map(|detail| (detail.code, detail.request_id)).unzip();
        let mut failure = Failure::from_answer(status, code, retry_after_s);
        failure.request_id = request_id;
        Err(failure)
    }

    /// Tells the host page, as a DOM event on the element.
    pub fn tell(&self, event: Event) {
        let detail = Object::new();
        let set = |name: &str, value: JsValue| {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&detail, &JsValue::from(name), &value);
        };
        let name = match event {
            Event::Status(..) => {
                // Handed on as the server wrote it, so that host and server use the same words.
                let body = self.status.borrow();
                for name in ["state", "access"] {
                    set(name, Reflect::get(&body, &JsValue::from(name)).unwrap_or_default());
                }
                "status"
            }
            Event::Shown(screen) => {
                set("screen", screen.name().into());
                "shown"
            }
            Event::Dismissed => "dismissed",
            Event::Declined(reason) => {
                set("reason", wording::reason_word(reason).into());
                "declined"
            }
            Event::Recovered(amount) => {
                if let Some(amount) = amount {
                    set("amount_minor", JsValue::from(amount.amount_minor as f64));
                    set("currency", amount.currency.into());
                }
                "recovered"
            }
            Event::Error(code) => {
                set("code", code.into());
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
}

/// Whether the browser thinks that it has a network.
#[must_use]
pub fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

fn decode<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}

/// A flat object of strings as pairs.
fn entries(object: &Object) -> Vec<(String, String)> {
    let text = |value: JsValue| value.dyn_into::<JsString>().map(String::from).unwrap_or_default();
    let pairs = Object::entries(object);
    pairs
        .iter()
        .map(|pair| {
            let pair: js_sys::Array = pair.unchecked_into();
            (text(pair.get(0)), text(pair.get(1)))
        })
        .collect()
}
