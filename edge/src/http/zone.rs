//! Where the customer's clock hangs, as far as the platform can tell.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{HttpRequest, Result};

/// The time zone from which a request comes, by its IANA name, as the platform guesses it from the
/// network address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerZone(pub String);

/// The request with its [`CustomerZone`] among its extensions, where there is one.
pub fn with_zone(request: worker::web_sys::Request) -> Result<HttpRequest> {
    let zone = time_zone(&request);
    let mut request = worker::request_from_wasm(request)?;
    if let Some(zone) = zone {
        request.extensions_mut().insert(zone);
    }
    Ok(request)
}

/// `request.cf.timezone`, which is not always there. The `worker` crate has an accessor that panics
/// where it is not.
fn time_zone(request: &JsValue) -> Option<CustomerZone> {
    let cf = Reflect::get(request, &"cf".into()).ok().filter(JsValue::is_object)?;
    Reflect::get(&cf, &"timezone".into()).ok()?.as_string().map(CustomerZone)
}
