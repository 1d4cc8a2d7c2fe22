//! Where the customer is, as far as the platform can tell.

use crate::durable::binding::AskedFrom;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{HttpRequest, Result};

/// What the platform guesses from the network address. Each may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestPlace {
    /// The time zone, by its IANA name.
    pub zone: Option<String>,
    /// The country, by its ISO 3166-1 code.
    pub country: Option<String>,
    /// The part of it, by the second half of its ISO 3166-2 code.
    pub region: Option<String>,
}

impl RequestPlace {
    /// What an Account is told of it.
    #[must_use]
    pub fn asked_from(self) -> AskedFrom {
        AskedFrom { country: self.country, region: self.region }
    }
}

/// The request with its [`RequestPlace`] among its extensions.
pub fn with_place(request: worker::web_sys::Request) -> Result<HttpRequest> {
    let place = place(&request);
    let mut request = worker::request_from_wasm(request)?;
    request.extensions_mut().insert(place);
    Ok(request)
}

/// Fields of `request.cf`, which is not always there. The `worker` crate has accessors that panic
/// where it is not.
fn place(request: &JsValue) -> RequestPlace {
    let Some(cf) = Reflect::get(request, &"cf".into()).ok().filter(JsValue::is_object) else {
        return RequestPlace::default();
    };
    let text = |name: &str| Reflect::get(&cf, &name.into()).ok()?.as_string();
    RequestPlace { zone: text("timezone"), country: text("country"), region: text("regionCode") }
}
