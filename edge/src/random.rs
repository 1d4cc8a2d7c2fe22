//! The only reader of randomness in the Worker. It names requests and makes the secrets of links;
//! no decision and no idempotency key depends on it.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill(bytes: &mut [u8]);
}

/// As many random bytes as a secret has that nobody guesses, from the platform's own source for
/// keys.
#[must_use]
pub fn secret() -> [u8; 32] {
    let mut bytes = [0; 32];
    fill(&mut bytes);
    bytes
}

/// A name for one request, for the log and for error bodies.
#[must_use]
pub fn request_id() -> String {
    random_uuid()
}
