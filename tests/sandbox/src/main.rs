//! A program that behaves like the part of Stripe that Reprieve uses: HTTP API, signed webhooks,
//! test cards, test clocks, and a stub of Stripe.js with card fields on another origin. The real
//! adapter, the demo and the browser tests run against it. See README.md beside the sources for
//! what it does and where it differs from Stripe.

#![recursion_limit = "256"]

mod api;
mod app;
mod auth;
mod background;
mod clock;
mod config;
mod context;
mod control;
mod engine;
mod error;
mod expand;
mod fault;
mod form;
mod http;
mod idempotency;
mod js;
mod json;
mod kind;
mod log;
mod page;
mod params;
mod random;
mod rate;
mod shape;
mod store;
mod webhook;

use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use tokio::net::TcpListener;

use crate::app::{App, Origins};
use crate::config::{Config, USAGE};
use crate::context::Origin;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        log::help(USAGE);
        return ExitCode::SUCCESS;
    }
    let config = match Config::from_args(args.into_iter()) {
        Ok(config) => config,
        Err(message) => return fail(&message),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    match runtime.block_on(run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    log::line(message);
    ExitCode::from(2)
}

async fn run(config: Config) -> Result<(), String> {
    let app = Arc::new(App::open(config)?);
    app.transact(Origin::default(), |ctx| {
        idempotency::purge(&ctx.store, ctx.wall_s())?;
        match &app.config.webhook {
            Some((url, secret)) => api::webhook_endpoints::configure(ctx, url, secret),
            None => Ok(()),
        }
    })
    .map_err(|error| error.message().to_owned())?;
    let api_listener = listen(&app.config.host, app.config.api_port).await?;
    let js_listener = listen(&app.config.host, app.config.js_port).await?;
    let origins = Origins { api: origin(&api_listener)?, js: origin(&js_listener)? };
    log::ready(&origins.api, &origins.js);
    // Set once, here, before any request is taken.
    let _ = app.origins.set(origins);

    let api = Router::new()
        .route("/", get(page::serve))
        .route("/_page/{file}", get(page::asset))
        .route("/_sandbox/{*path}", any(control::serve))
        .fallback(http::serve)
        .with_state(Arc::clone(&app));
    let js = Router::new().fallback(js::serve).with_state(Arc::clone(&app));
    tokio::spawn(webhook::delivery::run(Arc::clone(&app)));
    tokio::spawn(background::run(Arc::clone(&app)));
    tokio::select! {
        result = axum::serve(api_listener, api) => result.map_err(|error| error.to_string()),
        result = axum::serve(js_listener, js) => result.map_err(|error| error.to_string()),
        () = asked_to_stop() => Ok(()),
    }
}

async fn listen(host: &str, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((host, port)).await.map_err(|error| format!("{host}:{port}: {error}"))
}

fn origin(listener: &TcpListener) -> Result<String, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(format!("http://{address}"))
}

/// Ctrl-C, or the signal with which a launcher stops its children. Every answered request is
/// already on disk, so there is nothing to wait for.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
