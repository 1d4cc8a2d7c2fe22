//! The calls about leaving, through the module that opened the dialog (`widget/loader/cancel.js`).

use std::sync::Arc;

use js_sys::{Array, JSON, Object, Promise, encode_uri_component};
use reprieve_core::api::cancellation::{
    CancellationView, OfferTerms, OfferView, PauseView, ProfileView, ReceiptLine, ReceiptValue,
    ReceiptView, SubscriptionView,
};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::{entries, get, integer, joined, object, read_amount, set, settled, text};
use crate::failure::Failure;
use crate::i18n::{Texts, Tone};
use crate::model::cancel::{Aim, Answer, Call, Reply};
use crate::wire::Word;

#[wasm_bindgen]
extern "C" {
    /// What the module passes to `mount_cancel`; see `widget/loader/cancel.js`.
    pub type Opener;
    #[wasm_bindgen(method, getter)]
    fn root(this: &Opener) -> HtmlElement;
    #[wasm_bindgen(method, getter)]
    fn aim(this: &Opener) -> String;
    #[wasm_bindgen(method, getter)]
    fn subscription(this: &Opener) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn texts(this: &Opener) -> Option<Object>;
    #[wasm_bindgen(method, getter)]
    fn locale(this: &Opener) -> String;
    #[wasm_bindgen(method)]
    fn request(this: &Opener, method: &str, path: &str, body: Option<String>) -> Promise;
    #[wasm_bindgen(method)]
    fn emit(this: &Opener, name: &str, detail: &Object);
    #[wasm_bindgen(method)]
    fn save(this: &Opener, name: &str, text: &str);
    #[wasm_bindgen(method)]
    fn leave(this: &Opener, has_changed: bool);
}

/// How many of anything in a list are looked at; the server sends fewer.
const ITEMS_MAX: usize = 200;

/// Where links may lead; anything else, such as `javascript:`, is no link.
const LINK_STARTS: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// What the dialog was opened with.
pub struct Given {
    /// What for.
    pub aim: Aim,
    /// About which subscription, if the button said so.
    pub subscription: Option<String>,
    /// The sentences, with the merchant's own among them. Leaving is said to everybody alike.
    pub texts: Texts,
    /// A language tag for `Intl`.
    pub locale: String,
}

/// The server and the host page, as far as leaving goes.
pub struct Desk {
    opener: Opener,
}

impl Desk {
    /// Wraps the opener and reads what it brings. `None` without texts.
    #[must_use]
    pub fn new(opener: Opener) -> Option<(Self, Given)> {
        let given = Given {
            aim: Aim::from_word(&opener.aim()),
            subscription: opener.subscription(),
            texts: Texts::new(entries(&opener.texts()?), Tone::default()),
            locale: opener.locale(),
        };
        Some((Self { opener }, given))
    }

    /// The container in the shadow root.
    pub fn root(&self) -> HtmlElement {
        self.opener.root()
    }

    /// Sends a call and reads its answer.
    ///
    /// # Errors
    /// No answer, a refusal, or an answer that is not understood.
    pub async fn send(&self, call: Call) -> Result<Reply, Failure> {
        let (path, body) = request(&call);
        let method = if body.is_some() { "POST" } else { "GET" };
        let answer = settled(self.opener.request(method, &path, body)).await?;
        let reply = match call {
            Call::List | Call::Resume(_) | Call::Extend(_) => read_subscriptions(&answer),
            _ => read_cancellation(&answer).map(|one| Reply::Cancellation(Arc::new(one))),
        };
        reply.ok_or_else(|| Failure::from_answer(200, None, 0))
    }

    /// Tells the host page how a cancellation stands.
    pub fn tell(&self, current: &CancellationView) {
        let detail = object(&[
            ("id", &current.id),
            ("subscription", &current.subscription.id),
            ("state", &current.state),
            ("step", &current.step),
        ]);
        self.opener.emit("cancellation", &detail);
    }

    /// Tells the host page that something went wrong.
    pub fn tell_error(&self, code: &str) {
        self.opener.emit("error", &object(&[("code", code)]));
    }

    /// Saves a text as a file.
    pub fn save(&self, name: &str, text: &str) {
        self.opener.save(name, text);
    }

    /// Asks to be taken off the page.
    pub fn leave(&self, has_changed: bool) {
        self.opener.leave(has_changed);
    }
}

/// Path and body of a call. What is read has no body; all else has one, and be it empty.
fn request(call: &Call) -> (String, Option<String>) {
    const CANCELLATIONS: &str = "/v1/cancellations/";
    const SUBSCRIPTIONS: &str = "/v1/subscriptions/";
    let (folder, id, end) = match call {
        Call::List => ("/v1/subscriptions", "", ""),
        Call::Start(..) => ("/v1/cancellations", "", ""),
        Call::Answer(id, ..) => (CANCELLATIONS, id.as_str(), "/answer"),
        Call::Accept(id, _) => (CANCELLATIONS, id.as_str(), "/offers/"),
        Call::Read(id) => (CANCELLATIONS, id.as_str(), ""),
        Call::Confirm(id) => (CANCELLATIONS, id.as_str(), "/confirm"),
        Call::Undo(id) => (CANCELLATIONS, id.as_str(), "/undo"),
        Call::Resume(id) => (SUBSCRIPTIONS, id.as_str(), "/resume"),
        Call::Extend(id) => (SUBSCRIPTIONS, id.as_str(), "/extend"),
    };
    let part = |id: &str| String::from(encode_uri_component(id));
    let path = joined(&[folder, &part(id), end]);
    let fields = match call {
        Call::List | Call::Read(_) => return (path, None),
        Call::Start(subscription, kind) => {
            [("subscription", subscription.as_deref()), ("kind", Some(kind.as_str())), NO_FIELD]
        }
        Call::Answer(_, step, answer) => {
            let (word, field) = match answer {
                Answer::Reason(reason) => ("reason", ("reason", reason.as_deref())),
                Answer::Feedback(words) => ("feedback", ("text", words.as_deref())),
                Answer::Back => ("back", NO_FIELD),
                Answer::ToConfirm => ("to_confirm", NO_FIELD),
                Answer::Stay => ("stay", NO_FIELD),
            };
            [("from", Some(step.word())), ("answer", Some(word)), field]
        }
        Call::Accept(_, name) => {
            return (joined(&[&path, &part(name), "/accept"]), Some("{}".to_owned()));
        }
        _ => return (path, Some("{}".to_owned())),
    };
    let body = Object::new();
    for (name, value) in fields.iter().filter(|(name, _)| !name.is_empty()) {
        set(&body, name, &value.map_or(JsValue::NULL, JsValue::from));
    }
    (path, Some(JSON::stringify(&body).map(String::from).unwrap_or_default()))
}

/// A field that is not sent.
const NO_FIELD: (&str, Option<&str>) = ("", None);

/// Whether a text may be the address of a link.
#[must_use]
pub fn is_link(url: &str) -> bool {
    LINK_STARTS.iter().any(|start| url.starts_with(start))
}

fn list<T>(value: &JsValue, name: &str, read: fn(&JsValue) -> Option<T>) -> Vec<T> {
    let items = get(value, name).dyn_into::<Array>().unwrap_or_default();
    let mut all = Vec::new();
    for item in items.iter().take(ITEMS_MAX) {
        all.extend(read(&item));
    }
    all
}

/// Whether there is a text or a number under each of these names. It is asked first: leaving in the
/// middle of a reading, with half of its texts to be freed, is the larger part of a reader's Wasm.
fn has(value: &JsValue, names: &[&str]) -> Option<()> {
    let is_there = |name: &&str| {
        let value = get(value, name);
        value.is_string() || value.as_f64().is_some()
    };
    names.iter().all(is_there).then_some(())
}

/// A text that is there.
fn said(value: &JsValue, name: &str) -> String {
    text(value, name).unwrap_or_default()
}

/// A moment that is there, in milliseconds.
fn moment(value: &JsValue, name: &str) -> i64 {
    integer(value, name).unwrap_or_default()
}

fn is(value: &JsValue, name: &str) -> bool {
    get(value, name).is_truthy()
}

fn number(value: &JsValue, name: &str) -> Option<u32> {
    integer(value, name).and_then(|number| u32::try_from(number).ok())
}

fn read_subscriptions(value: &JsValue) -> Option<Reply> {
    let is_there = get(value, "subscriptions").is_object();
    is_there.then(|| Reply::Subscriptions(list(value, "subscriptions", read_subscription)))
}

fn read_subscription(value: &JsValue) -> Option<SubscriptionView> {
    has(value, &["id"])?;
    Some(SubscriptionView {
        id: said(value, "id"),
        plan: read_amount(&get(value, "plan")),
        interval: text(value, "interval"),
        cancellation: text(value, "cancellation"),
        is_leaving: is(value, "is_leaving"),
        ends_at_ms: integer(value, "ends_at_ms"),
        pause: read_pause(&get(value, "pause")),
        withdraw_until_ms: integer(value, "withdraw_until_ms"),
    })
}

fn read_pause(value: &JsValue) -> Option<PauseView> {
    has(value, &["state", "resumes_at_ms"])?;
    Some(PauseView {
        state: said(value, "state"),
        access_until_ms: integer(value, "access_until_ms"),
        resumes_at_ms: moment(value, "resumes_at_ms"),
        first_charge_at_ms: integer(value, "first_charge_at_ms"),
        can_extend: is(value, "can_extend"),
    })
}

/// Reads a cancellation. `None` when something is missing without which there is nothing sensible
/// to show; an offer of a later version is left out.
#[must_use]
pub fn read_cancellation(value: &JsValue) -> Option<CancellationView> {
    has(value, &["id", "kind", "state", "step", "open_invoices"])?;
    has(value, &["effective_at_ms", "server_time_ms"])?;
    let profile = read_profile(&get(value, "profile"))?;
    let subscription = read_subscription(&get(value, "subscription"))?;
    Some(CancellationView {
        id: said(value, "id"),
        subscription,
        kind: said(value, "kind"),
        state: said(value, "state"),
        step: said(value, "step"),
        steps: list(value, "steps", JsValue::as_string),
        can_go_back: is(value, "can_go_back"),
        profile,
        reasons: list(value, "reasons", JsValue::as_string),
        reason: text(value, "reason"),
        feedback: text(value, "feedback"),
        offers: list(value, "offers", read_offer),
        accepted: text(value, "accepted"),
        failed_offer: text(value, "failed_offer"),
        effective_at_ms: moment(value, "effective_at_ms"),
        undo_until_ms: integer(value, "undo_until_ms"),
        open_invoices: said(value, "open_invoices"),
        receipt: read_receipt(&get(value, "receipt")),
        server_time_ms: moment(value, "server_time_ms"),
    })
}

fn read_profile(value: &JsValue) -> Option<ProfileView> {
    has(value, &["jurisdiction", "found_by", "confirm_label", "clicks_max", "cancel_on_offer"])?;
    Some(ProfileView {
        jurisdiction: said(value, "jurisdiction"),
        found_by: said(value, "found_by"),
        confirm_label: said(value, "confirm_label"),
        clicks_max: number(value, "clicks_max").unwrap_or_default(),
        cancel_on_offer: said(value, "cancel_on_offer"),
    })
}

fn read_offer(value: &JsValue) -> Option<OfferView> {
    let amount = |name| read_amount(&get(value, name));
    let link = || text(value, "url").filter(|url| is_link(url));
    let needs = |name| has(value, &["name", name]);
    let terms = match said(value, "kind").as_str() {
        "pause" => {
            needs("resumes_at_ms")?;
            OfferTerms::Pause {
                access: said(value, "access"),
                periods: number(value, "periods"),
                access_until_ms: integer(value, "access_until_ms"),
                resumes_at_ms: moment(value, "resumes_at_ms"),
                resumes_at_max_ms: integer(value, "resumes_at_max_ms"),
                first_charge_at_ms: integer(value, "first_charge_at_ms"),
            }
        }
        "discount" => {
            needs("periods")?;
            OfferTerms::Discount {
                percent: number(value, "percent"),
                amount_off: amount("amount_off"),
                periods: number(value, "periods").unwrap_or_default(),
                price: amount("price"),
            }
        }
        "plan_change" => {
            needs("label")?;
            OfferTerms::PlanChange { label: said(value, "label") }
        }
        "trial_extension" => {
            needs("until_ms")?;
            OfferTerms::TrialExtension { until_ms: moment(value, "until_ms") }
        }
        "credit" => OfferTerms::Credit { amount: amount("amount")? },
        "contact" => OfferTerms::Contact { url: link()? },
        "redirect" => OfferTerms::Redirect { url: link()? },
        _ => return None,
    };
    Some(OfferView { name: said(value, "name"), terms })
}

fn read_receipt(value: &JsValue) -> Option<ReceiptView> {
    has(value, &["id", "at_ms", "effective_at_ms"])?;
    Some(ReceiptView {
        id: said(value, "id"),
        at_ms: moment(value, "at_ms"),
        effective_at_ms: moment(value, "effective_at_ms"),
        lines: list(value, "lines", read_line),
    })
}

fn read_line(line: &JsValue) -> Option<ReceiptLine> {
    has(line, &["key"])?;
    let value = get(line, "value");
    let value = if let Some(plain) = text(&value, "text") {
        ReceiptValue::Text(plain)
    } else if let Some(at_ms) = integer(&value, "time_ms") {
        ReceiptValue::TimeMs(at_ms)
    } else if let Some(word) = text(&value, "word") {
        ReceiptValue::Word(word)
    } else {
        ReceiptValue::Amount(read_amount(&get(&value, "amount"))?)
    };
    Some(ReceiptLine { key: said(line, "key"), value })
}
