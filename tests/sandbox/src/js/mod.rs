//! The origin of the Stripe.js stub.
use axum::response::Html;
pub(crate) async fn serve() -> Html<&'static str> {
    Html("")
}
