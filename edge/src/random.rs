//! The only reader of randomness in the Worker. It names requests; no decision and no key depends
//! on it.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;
}

/// A name for one request, for the log and for error bodies.
#[must_use]
pub fn request_id() -> String {
    random_uuid()
}
