//! The second origin: the Stripe.js stub, the card fields and the bank's challenge. Nothing here
//! sees a card number; the fields send it from the browser to the API.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};

use crate::app::App;
use crate::http::built;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The files of the stub, in the order in which they need each other.
const STUB: [&str; 5] = [
    include_str!("stub/base.js"),
    include_str!("stub/payment-element.js"),
    include_str!("stub/elements.js"),
    include_str!("stub/challenge.js"),
    include_str!("stub/stripe.js"),
];

/// Serves the files of this origin; anything else is 404.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    if request.method() != "GET" && request.method() != "HEAD" {
        return answer(405, "text/plain", "GET only".to_owned());
    }
    let api = app.origins.get().map(|origins| origins.api.as_str()).unwrap_or_default();
    match request.uri().path() {
        // The bank's own page, for customers who were sent away from the merchant's.
        path if path.starts_with("/redirect/authenticate/") => {
            page(include_str!("challenge.html"), api)
        }
        path if path.starts_with("/p/session/") => hosted(include_str!("portal.html"), api),
        "/v3/portal.css" => answer(200, STYLE, include_str!("portal.css").into()),
        "/v3/portal.js" => script(include_str!("portal.js")),
        // Stripe serves its script at the old address and below each release's name.
        "/v3" | "/v3/" | "/v3/stripe.js" | "/endive/stripe.js" => stub(api),
        "/v3/card.html" => page(include_str!("card.html"), api),
        "/v3/card.css" => answer(200, STYLE, include_str!("card.css").into()),
        "/v3/card.js" => script(include_str!("card.js")),
        "/v3/card-text.js" => script(include_str!("card-text.js")),
        "/v3/card-check.js" => script(include_str!("card-check.js")),
        "/v3/card-kinds.js" => script(include_str!("card-kinds.js")),
        "/v3/card-look.js" => script(include_str!("card-look.js")),
        "/v3/challenge.html" => page(include_str!("challenge.html"), api),
        "/v3/challenge.css" => answer(200, STYLE, include_str!("challenge.css").into()),
        "/v3/challenge.js" => script(include_str!("challenge.js")),
        _ => answer(404, "text/plain", "not found".to_owned()),
    }
}

/// One script for the page, in a function of its own: it may leave nothing but `Stripe` behind.
fn stub(api: &str) -> Response<Body> {
    let text = format!("(() => {{\n\"use strict\";\n{}}})();\n", STUB.join("\n"));
    answer(200, SCRIPT, text.replace("@API@", api))
}

fn script(text: &str) -> Response<Body> {
    answer(200, SCRIPT, text.to_owned())
}

fn answer(status: u16, kind: &str, text: String) -> Response<Body> {
    built(
        Response::builder()
            .status(status)
            .header("content-type", kind)
            .header("cache-control", "no-cache")
            .header("x-content-type-options", "nosniff")
            .header("access-control-allow-origin", "*")
            // Pages that isolate themselves (COEP) may still load the stub.
            .header("cross-origin-resource-policy", "cross-origin")
            .body(Body::from(text)),
    )
}

/// A page for a frame, which any page may hold.
fn page(text: &str, api: &str) -> Response<Body> {
    html(text, api, "frame-ancestors http: https:")
}

/// A page of its own, which holds frames and stands in none.
fn hosted(text: &str, api: &str) -> Response<Body> {
    html(text, api, "frame-src 'self'; frame-ancestors 'none'")
}

/// Nothing but this origin's own files, and calls to the API only.
fn html(text: &str, api: &str, frames: &str) -> Response<Body> {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src {api}; \
         base-uri 'none'; form-action 'none'; {frames}"
    );
    built(
        Response::builder()
            .header("content-type", "text/html; charset=utf-8")
            .header("cache-control", "no-store")
            .header("content-security-policy", policy)
            .header("referrer-policy", "no-referrer")
            .header("x-content-type-options", "nosniff")
            .header("cross-origin-resource-policy", "cross-origin")
            .header("cross-origin-embedder-policy", "require-corp")
            .body(Body::from(text.replace("@API@", api))),
    )
}
