//! The provider's own script and its card fields (Stripe.js and the Payment Element).
//!
//! Card data is typed into the provider's iframe and never reaches this code. The fields are light
//! DOM: the provider refuses to work inside a shadow root (stripe-js issues 143, 399 and 662), so
//! they live in a child of the custom element that a slot shows inside the panel. Everything here
//! is foreign JavaScript, hence the `JsValue`s; nothing behind this file knows them.

use std::cell::RefCell;

use js_sys::{Object, Promise};
use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::PayerReason;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, HtmlElement};

use crate::client::{get, joined, object, set, text};
use crate::model::Refusal;

#[wasm_bindgen]
extern "C" {
    type Stripe;
    #[wasm_bindgen(catch, js_name = Stripe)]
    fn stripe(publishable_key: &str, options: &Object) -> Result<Stripe, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn elements(this: &Stripe, options: &Object) -> Result<Elements, JsValue>;
    #[wasm_bindgen(method, catch, js_name = confirmSetup)]
    fn confirm_setup(this: &Stripe, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = handleNextAction)]
    fn handle_next_action(this: &Stripe, options: &Object) -> Result<Promise, JsValue>;

    #[derive(Clone)]
    type Elements;
    #[wasm_bindgen(method, catch)]
    fn create(this: &Elements, kind: &str, options: &Object) -> Result<Element, JsValue>;

    type Element;
    #[wasm_bindgen(method, catch)]
    fn mount(this: &Element, parent: &HtmlElement) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn on(this: &Element, event: &str, callback: &JsValue);
    #[wasm_bindgen(method, catch)]
    fn destroy(this: &Element) -> Result<(), JsValue>;
}

#[wasm_bindgen(module = "/loader/script.js")]
extern "C" {
    /// Puts a script into the page; the promise settles when it has run or cannot.
    #[wasm_bindgen(catch, js_name = addScript)]
    fn add_script(url: &str) -> Result<Promise, JsValue>;
    /// Gives the provider's fields this look, if it is another one than before. It throws nothing:
    /// `catch` puts it among the imports whose names the build makes short.
    #[wasm_bindgen(catch)]
    fn wear(elements: &Elements, appearance: &Object) -> Result<(), JsValue>;
}

/// The customer did not pass the bank's challenge; not a `card_error` by its type.
const AUTHENTICATION_FAILED: &str = "setup_intent_authentication_failure";

/// The name of the slot in the panel.
pub const SLOT: &str = "provider-fields";

/// The provider's fields on the page. Dropping this takes them away.
pub struct Fields {
    stripe: Stripe,
    elements: Elements,
    element: Element,
    parent: HtmlElement,
}

/// How the fields look and speak.
pub struct Look {
    /// A language of ours, such as `de`.
    pub language: String,
    /// The container in the shadow root: its computed style is the theme.
    pub root: HtmlElement,
}

impl Fields {
    /// Puts the fields into a light child of `host`; `on_loaded` hears how that ended. `None` when
    /// the provider's script does not do what it should.
    pub fn show(
        host: &HtmlElement,
        setup: &NewPaymentMethod,
        look: &Look,
        on_loaded: impl Fn(Result<(), ()>) + Clone + 'static,
    ) -> Option<Self> {
        let stripe = stripe(&setup.publishable_key, &spoken(&look.language)).ok()?;
        let options = object(&[("clientSecret", &setup.client_secret)]);
        set(&options, "appearance", &appearance(&look.root));
        let elements = stripe.elements(&options).ok()?;
        let element = elements.create("payment", &Object::new()).ok()?;
        let on_ready = on_loaded.clone();
        element.on("ready", &callback(move || on_ready(Ok(()))));
        element.on("loaderror", &callback(move || on_loaded(Err(()))));
        let parent = document()?.create_element("div").ok()?.unchecked_into::<HtmlElement>();
        parent.set_slot(SLOT);
        host.append_child(&parent).ok()?;
        follow(&elements, &parent, &look.root);
        let fields = Self { stripe, elements, element, parent };
        fields.element.mount(&fields.parent).ok()?;
        Some(fields)
    }

    /// Starts to save the card; the provider talks to the customer's bank where needed. The answer
    /// is read by [`confirmed`], which borrows nothing, so that the fields may go meanwhile.
    pub fn confirm(&self) -> Option<Promise> {
        let options = object(&[("redirect", "if_required")]);
        set(&options, "elements", &self.elements);
        let here = web_sys::window()?.location().href().ok()?;
        set(&options, "confirmParams", &object(&[("return_url", &marked(&here))]));
        self.stripe.confirm_setup(&options).ok()
    }
}

/// The address with the mark by which the loader knows who comes back (`loader/back.js`).
fn marked(here: &str) -> String {
    let (page, place) = here.split_once('#').unwrap_or((here, ""));
    let sign = if page.bytes().any(|byte| byte == b'?') { "&" } else { "?" };
    let hash = if place.is_empty() { "" } else { "#" };
    joined(&[page, sign, "reprieve_back=1", hash, place])
}

impl Drop for Fields {
    fn drop(&mut self) {
        // An element that never loaded may refuse to be destroyed; its parent goes anyway.
        let _ = self.element.destroy();
        self.parent.remove();
    }
}

/// A function for the provider. It may call late, even after its element was destroyed, so the
/// function is not ours to drop: the browser's garbage collector ends it.
fn callback(call: impl FnMut() + 'static) -> JsValue {
    Closure::<dyn FnMut()>::new(call).into_js_value()
}

/// The provider's options for one of our languages. Its `pt` is the Portuguese of Portugal
/// (<https://docs.stripe.com/js/appendix/supported_locales.md>, read 2026-11).
fn spoken(language: &str) -> Object {
    object(&[("locale", if language == "pt" { "pt-BR" } else { language })])
}

/// Shows the bank's question to the customer. The provider puts it into the page itself, over
/// everything, or goes to the bank's own page and comes back to this one: its frames do not work
/// inside a shadow root either. The answer is read by [`confirmed`].
pub fn ask_bank(handed_off: &NewPaymentMethod, language: &str) -> Option<Promise> {
    let stripe = stripe(&handed_off.publishable_key, &spoken(language)).ok()?;
    stripe.handle_next_action(&object(&[("clientSecret", &handed_off.client_secret)])).ok()
}

/// Waits for a confirmation and says how it ended.
pub async fn confirmed(promise: Option<Promise>) -> Result<(), Refusal> {
    let Some(promise) = promise else { return Err(Refusal::Invalid(None)) };
    let Ok(result) = JsFuture::from(promise).await else { return Err(Refusal::Invalid(None)) };
    let error = get(&result, "error");
    if error.is_undefined() || error.is_null() {
        // Neither an error nor an end: the bank still waits.
        let waits = ["setupIntent", "paymentIntent"]
            .iter()
            .any(|name| text(&get(&result, name), "status").as_deref() == Some("requires_action"));
        return if waits { Err(Refusal::Closed) } else { Ok(()) };
    }
    // A second try after a lost answer: the card had been saved the first time.
    let intent = get(&error, "setup_intent");
    if intent.is_object() && text(&intent, "status").as_deref() == Some("succeeded") {
        return Ok(());
    }
    let code = text(&error, "code").unwrap_or_default();
    let is_declined = text(&error, "type").as_deref() == Some("card_error");
    if is_declined || code == AUTHENTICATION_FAILED {
        let word = text(&error, "decline_code").filter(|word| !word.is_empty());
        return Err(Refusal::Declined(reason(&word.unwrap_or(code))));
    }
    Err(Refusal::Invalid(text(&error, "message")))
}

/// The provider's word in words a payer may be told. Everything that could hint at theft or fraud,
/// and everything unknown, is the generic decline. This is a short form, for cards that are never
/// charged, of the server's full table; a test compares the two.
#[must_use]
pub fn reason(code: &str) -> PayerReason {
    match code {
        "expired_card" => PayerReason::CardExpired,
        "insufficient_funds" => PayerReason::InsufficientFunds,
        "incorrect_cvc"
        | "incorrect_number"
        | "incorrect_zip"
        | "invalid_cvc"
        | "invalid_expiry_month"
        | "invalid_expiry_year"
        | "invalid_number" => PayerReason::CardDetailsWrong,
        "card_not_supported" | "currency_not_supported" => PayerReason::CardNotSupported,
        "authentication_required" | AUTHENTICATION_FAILED => PayerReason::AuthenticationNeeded,
        "issuer_not_available" | "processing_error" | "try_again_later" => PayerReason::TryLater,
        _ => PayerReason::CardDeclined,
    }
}

thread_local! {
    /// The script on its way, for all who wait for it.
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Loads the provider's script once per page.
pub async fn load(url: &str) -> Result<(), ()> {
    if is_loaded() {
        return Ok(());
    }
    let promise = LOADING.with_borrow_mut(|loading| {
        if loading.is_none() {
            *loading = add_script(url).ok();
        }
        loading.clone()
    });
    let result = JsFuture::from(promise.ok_or(())?).await;
    // A script that failed may be tried again.
    LOADING.set(None);
    if result.is_ok() && is_loaded() { Ok(()) } else { Err(()) }
}

fn is_loaded() -> bool {
    web_sys::window().is_some_and(|window| get(&window, "Stripe").is_function())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Hands the theme over again whenever a colour changes, whoever changed it: the system, the
/// element's attribute, the page's style or our own correction. `panel.css` makes a transition of
/// the parent's style of it, because that can be heard; of what a page did, nothing else can. It
/// ends with the parent.
fn follow(elements: &Elements, parent: &HtmlElement, root: &HtmlElement) {
    let (elements, root) = (elements.clone(), root.clone());
    let changed = callback(move || {
        let _ = wear(&elements, &appearance(&root));
    });
    let function = changed.unchecked_ref();
    let _ = parent.add_event_listener_with_callback_and_bool("transitionrun", function, true);
}

/// The provider's theme, from the computed style of our own: it cannot read custom properties.
fn appearance(root: &HtmlElement) -> Object {
    let style = web_sys::window().and_then(|w| w.get_computed_style(root).ok().flatten());
    let computed = |name: &str| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
        value.unwrap_or_default().trim().to_owned()
    };
    let variables = Object::new();
    for (theirs, ours) in [
        ("colorPrimary", "--_accent"),
        ("colorBackground", "--_field"),
        ("colorText", "--_text"),
        ("colorTextSecondary", "--_muted"),
        ("colorDanger", "--_danger"),
        ("borderRadius", "--_radius-small"),
        ("fontFamily", "font-family"),
    ] {
        let value = computed(ours);
        // The provider warns about an empty variable.
        if !value.is_empty() {
            set(&variables, theirs, &JsValue::from(value));
        }
    }
    let theme = if computed("--_scheme") == "dark" { "night" } else { "stripe" };
    let appearance = object(&[("theme", theme)]);
    set(&appearance, "variables", &variables);
    appearance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_marked_and_leads_to_the_same_place() {
        for (here, back) in [
            ("https://a.example/", "https://a.example/?reprieve_back=1"),
            ("https://a.example/p?x=1", "https://a.example/p?x=1&reprieve_back=1"),
            ("https://a.example/p?x=1#bill", "https://a.example/p?x=1&reprieve_back=1#bill"),
        ] {
            assert_eq!(marked(here), back);
        }
    }

    #[test]
    fn nobody_is_told_about_fraud() {
        for code in ["fraudulent", "lost_card", "stolen_card", "pickup_card", "", "new_code"] {
            assert_eq!(reason(code), PayerReason::CardDeclined, "{code}");
        }
        assert_eq!(reason("insufficient_funds"), PayerReason::InsufficientFunds);
    }
}
