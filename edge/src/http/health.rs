//! `GET /healthz`: is this Worker configured and running? It touches no storage.

use super::AppState;
use crate::config::Config;
use crate::error::{ApiError, json};
use crate::log::{Level, line};
use crate::random;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// 200 `{"ok":true}`, or 500 with the reason in the log.
pub async fn get(State(state): State<AppState>) -> Response {
    match Config::from_env(&state.env) {
        Ok(_) => json(StatusCode::OK, &serde_json::json!({ "ok": true })),
        Err(error) => {
            let fields = [("error", error.to_string())];
            let fields = fields.each_ref().map(|(name, text)| (*name, text.as_str()));
            line(Level::Error, "the configuration is not usable", &fields);
            ApiError::internal().into_response(&random::request_id())
        }
    }
}
