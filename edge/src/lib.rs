//! The Worker: four events and one Durable Object. No logic lives here.
//!
//! A request comes in through [`router`], a webhook or a customer's call ends in an Account
//! ([`durable`]), which is the only place where the state of a recovery changes. What it commits
//! flows through a queue ([`queue`]) into the read model ([`db`]); [`cron`] finds what was lost on
//! the way.

pub mod clock;
pub mod config;
pub mod cron;
pub mod db;
pub mod durable;
pub mod error;
pub mod http;
pub mod intake;
pub mod intl;
pub mod link;
pub mod log;
pub mod merchant_key;
pub mod page;
pub mod painting;
pub mod policy;
pub mod provider;
pub mod queue;
pub mod random;
pub mod reconcile;
pub mod router;
pub mod speech;
pub mod token;
pub mod zone;

#[cfg(target_arch = "wasm32")]
mod events {
    use axum::body::Body;
    use axum::http::Response;
    use tower_service::Service;
    use worker::{Context, Env, MessageBatch, ScheduleContext, ScheduledEvent, event};

    #[event(fetch)]
    async fn fetch(
        request: worker::web_sys::Request,
        env: Env,
        _context: Context,
    ) -> worker::Result<Response<Body>> {
        let request = crate::http::place::with_place(request)?;
        let Ok(response) = crate::router::router(env).call(request).await;
        Ok(response)
    }

    #[event(queue)]
    async fn queue(batch: MessageBatch<String>, env: Env, _context: Context) -> worker::Result<()> {
        crate::queue::consume(&batch, &env).await
    }

    #[event(scheduled)]
    async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
        crate::cron::run(&env).await;
    }
}
