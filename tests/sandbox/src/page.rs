//! The page for a person: placeholder until the listing is written.
use axum::response::Html;
pub(crate) async fn serve() -> Html<&'static str> {
    Html("sandbox")
}
pub(crate) async fn asset() -> Html<&'static str> {
    Html("")
}
