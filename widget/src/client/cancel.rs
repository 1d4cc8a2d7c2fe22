//! The calls about leaving, through the module that opened the dialog (`widget/loader/cancel.js`).

use std::sync::Arc;

use js_sys::{Array, JSON, Object, Promise, Reflect, encode_uri_component};
use reprieve_core::api::cancellation::{
    CancellationView, OfferTerms, OfferView, PauseView, ProfileView, ReceiptLine, ReceiptValue,
    ReceiptView, SubscriptionView,
};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::{entries, get, integer, joined, read_amount, settled, text};
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
        let method = if matches!(call, Call::List | Call::Read(_)) { "GET" } else { "POST" };
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
            ("id", current.id.as_str().into()),
            ("subscription", current.subscription.id.as_str().into()),
            ("state", current.state.as_str().into()),
            ("step", current.step.as_str().into()),
        ]);
        self.opener.emit("cancellation", &detail);
    }

    /// Tells the host page that something went wrong.
    pub fn tell_error(&self, code: &str) {
        self.opener.emit("error", &object(&[("code", code.into())]));
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

fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from(*name), value);
    }
    object
}

/// Path and body of a call.
fn request(call: &Call) -> (String, Option<String>) {
    let part = |id: &str| String::from(encode_uri_component(id));
    let of = |id: &str, what: &str| joined(&["/v1/cancellations/", &part(id), what]);
    let about = |id: &str, what: &str| joined(&["/v1/subscriptions/", &part(id), what]);
    let body = |pairs: &[(&str, JsValue)]| {
        let text = JSON::stringify(&object(pairs)).map(String::from);
        Some(text.unwrap_or_default())
    };
    match call {
        Call::List => ("/v1/subscriptions".to_owned(), None),
        Call::Start(subscription, kind) => {
            let id = subscription.as_deref().map_or(JsValue::NULL, JsValue::from);
            let pairs = [("subscription", id), ("kind", kind.as_str().into())];
            ("/v1/cancellations".to_owned(), body(&pairs))
        }
        Call::Answer(id, step, answer) => {
            let from = ("from", step.word().into());
            let path = of(id, "/answer");
            let one = |word: &str| body(&[from.clone(), ("answer", word.into())]);
            let two = |word: &str, name: &str, value: Option<&str>| {
                let value = value.map_or(JsValue::NULL, JsValue::from);
                body(&[from.clone(), ("answer", word.into()), (name, value)])
            };
            match answer {
                Answer::Reason(reason) => (path, two("reason", "reason", reason.as_deref())),
                Answer::Feedback(words) => (path, two("feedback", "text", words.as_deref())),
                Answer::Back => (path, one("back")),
                Answer::ToConfirm => (path, one("to_confirm")),
                Answer::Stay => (path, one("stay")),
            }
        }
        Call::Accept(id, name) => {
            let path = joined(&[&of(id, "/offers/"), &part(name), "/accept"]);
            (path, body(&[]))
        }
        Call::Read(id) => (of(id, ""), None),
        Call::Confirm(id) => (of(id, "/confirm"), body(&[])),
        Call::Undo(id) => (of(id, "/undo"), body(&[])),
        Call::Resume(id) => (about(id, "/resume"), body(&[])),
        Call::Extend(id) => (about(id, "/extend"), body(&[])),
    }
}

/// Whether a text may be the address of a link.
#[must_use]
pub fn is_link(url: &str) -> bool {
    LINK_STARTS.iter().any(|start| url.starts_with(start))
}

fn list<T>(value: &JsValue, name: &str, read: fn(&JsValue) -> Option<T>) -> Vec<T> {
    let items = get(value, name).dyn_into::<Array>().unwrap_or_default();
    items.iter().take(ITEMS_MAX).filter_map(|item| read(&item)).collect()
}

fn some(value: &JsValue, name: &str) -> Option<JsValue> {
    Some(get(value, name)).filter(|value| value.is_object())
}

fn is(value: &JsValue, name: &str) -> bool {
    get(value, name).is_truthy()
}

fn number(value: &JsValue, name: &str) -> Option<u32> {
    integer(value, name).and_then(|number| u32::try_from(number).ok())
}

fn read_subscriptions(value: &JsValue) -> Option<Reply> {
    let _ = some(value, "subscriptions")?;
    Some(Reply::Subscriptions(list(value, "subscriptions", read_subscription)))
}

fn read_subscription(value: &JsValue) -> Option<SubscriptionView> {
    let pause = some(value, "pause");
    Some(SubscriptionView {
        id: text(value, "id")?,
        plan: read_amount(&get(value, "plan")),
        interval: text(value, "interval"),
        cancellation: text(value, "cancellation"),
        is_leaving: is(value, "is_leaving"),
        ends_at_ms: integer(value, "ends_at_ms"),
        pause: pause.and_then(|pause| read_pause(&pause)),
        withdraw_until_ms: integer(value, "withdraw_until_ms"),
    })
}

fn read_pause(value: &JsValue) -> Option<PauseView> {
    Some(PauseView {
        state: text(value, "state")?,
        access_until_ms: integer(value, "access_until_ms"),
        resumes_at_ms: integer(value, "resumes_at_ms")?,
        first_charge_at_ms: integer(value, "first_charge_at_ms"),
        can_extend: is(value, "can_extend"),
    })
}

/// Reads a cancellation. `None` when something is missing without which there is nothing sensible
/// to show; an offer of a later version is left out.
#[must_use]
pub fn read_cancellation(value: &JsValue) -> Option<CancellationView> {
    let receipt = some(value, "receipt");
    Some(CancellationView {
        id: text(value, "id")?,
        subscription: read_subscription(&get(value, "subscription"))?,
        kind: text(value, "kind")?,
        state: text(value, "state")?,
        step: text(value, "step")?,
        steps: list(value, "steps", JsValue::as_string),
        can_go_back: is(value, "can_go_back"),
        profile: read_profile(&get(value, "profile"))?,
        reasons: list(value, "reasons", JsValue::as_string),
        reason: text(value, "reason"),
        feedback: text(value, "feedback"),
        offers: list(value, "offers", read_offer),
        accepted: text(value, "accepted"),
        failed_offer: text(value, "failed_offer"),
        effective_at_ms: integer(value, "effective_at_ms")?,
        undo_until_ms: integer(value, "undo_until_ms"),
        open_invoices: text(value, "open_invoices")?,
        receipt: receipt.and_then(|receipt| read_receipt(&receipt)),
        server_time_ms: integer(value, "server_time_ms")?,
    })
}

fn read_profile(value: &JsValue) -> Option<ProfileView> {
    Some(ProfileView {
        jurisdiction: text(value, "jurisdiction")?,
        found_by: text(value, "found_by")?,
        confirm_label: text(value, "confirm_label")?,
        clicks_max: number(value, "clicks_max")?,
        cancel_on_offer: text(value, "cancel_on_offer")?,
    })
}

fn read_offer(value: &JsValue) -> Option<OfferView> {
    let amount = |name| read_amount(&get(value, name));
    let link = || text(value, "url").filter(|url| is_link(url));
    let terms = match text(value, "kind")?.as_str() {
        "pause" => OfferTerms::Pause {
            access: text(value, "access")?,
            periods: number(value, "periods"),
            access_until_ms: integer(value, "access_until_ms"),
            resumes_at_ms: integer(value, "resumes_at_ms")?,
            resumes_at_max_ms: integer(value, "resumes_at_max_ms"),
            first_charge_at_ms: integer(value, "first_charge_at_ms"),
        },
        "discount" => OfferTerms::Discount {
            percent: number(value, "percent"),
            amount_off: amount("amount_off"),
            periods: number(value, "periods")?,
            price: amount("price"),
        },
        "plan_change" => OfferTerms::PlanChange { label: text(value, "label")? },
        "trial_extension" => OfferTerms::TrialExtension { until_ms: integer(value, "until_ms")? },
        "credit" => OfferTerms::Credit { amount: amount("amount")? },
        "contact" => OfferTerms::Contact { url: link()? },
        "redirect" => OfferTerms::Redirect { url: link()? },
        _ => return None,
    };
    Some(OfferView { name: text(value, "name")?, terms })
}

fn read_receipt(value: &JsValue) -> Option<ReceiptView> {
    Some(ReceiptView {
        id: text(value, "id")?,
        at_ms: integer(value, "at_ms")?,
        effective_at_ms: integer(value, "effective_at_ms")?,
        lines: list(value, "lines", read_line),
    })
}

fn read_line(line: &JsValue) -> Option<ReceiptLine> {
    let value = get(line, "value");
    let plain = text(&value, "text").map(ReceiptValue::Text);
    let time = || integer(&value, "time_ms").map(ReceiptValue::TimeMs);
    let amount = || read_amount(&get(&value, "amount")).map(ReceiptValue::Amount);
    let word = || text(&value, "word").map(ReceiptValue::Word);
    let value = plain.or_else(time).or_else(amount).or_else(word)?;
    Some(ReceiptLine { key: text(line, "key")?, value })
}
