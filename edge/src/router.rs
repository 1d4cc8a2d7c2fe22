//! Every path of the Worker, in one block.

use crate::http::{self, AppState};
use axum::Router;
use axum::routing::{delete, get, post};
use worker::Env;

/// The routes. Loader and assets are not here: the platform serves them before the Worker is asked
/// (`[assets]` in `wrangler.toml`).
pub fn router(env: Env) -> Router {
    Router::new()
        .route("/healthz", get(http::health::get))
        .route("/v1/webhooks/stripe", post(http::webhook::post))
        .route("/v1/status", get(http::status::get).options(http::preflight))
        .route("/v1/retries", post(http::retries::post).options(http::preflight))
        .route("/v1/payment-methods", post(http::payment_methods::post).options(http::preflight))
        .route(
            "/v1/payment-methods/{id}/complete",
            post(http::payment_methods::complete).options(http::preflight),
        )
        .route("/v1/authentications", post(http::authentications::post).options(http::preflight))
        .route(
            "/v1/authentications/{invoice}/complete",
            post(http::authentications::complete).options(http::preflight),
        )
        .route("/v1/subscriptions", get(http::subscriptions::get).options(http::preflight))
        .route(
            "/v1/subscriptions/{id}/resume",
            post(http::subscriptions::resume).options(http::preflight),
        )
        .route(
            "/v1/subscriptions/{id}/extend",
            post(http::subscriptions::extend).options(http::preflight),
        )
        .merge(cancellations())
        .route("/v1/complaints", post(http::complaints::post).options(http::preflight))
        .route("/v1/page", post(http::links::own).options(http::preflight))
        .route("/v1/links", post(http::links::post))
        .route("/v1/links/{id}", delete(http::links::revoke))
        .route("/v1/notices", get(http::notices::get))
        .route("/v1/notices/{id}/sent", post(http::notices::sent))
        .route("/p/{link}", get(http::page::get))
        .route("/p/{link}/session", post(http::page::session))
        .route("/cancel", get(http::declarations::get).post(http::declarations::post))
        .route("/withdraw", get(http::declarations::get).post(http::declarations::post))
        .fallback(http::not_found)
        .method_not_allowed_fallback(http::method_not_allowed)
        .with_state(AppState { env })
}

fn cancellations() -> Router<AppState> {
    Router::new()
        .route("/v1/cancellations", post(http::cancellations::post).options(http::preflight))
        .route("/v1/cancellations/{id}", get(http::cancellations::get).options(http::preflight))
        .route(
            "/v1/cancellations/{id}/answer",
            post(http::cancellations::answer).options(http::preflight),
        )
        .route(
            "/v1/cancellations/{id}/offers/{offer}/accept",
            post(http::cancellations::accept).options(http::preflight),
        )
        .route(
            "/v1/cancellations/{id}/confirm",
            post(http::cancellations::confirm).options(http::preflight),
        )
        .route(
            "/v1/cancellations/{id}/undo",
            post(http::cancellations::undo).options(http::preflight),
        )
}
