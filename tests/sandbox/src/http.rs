//! The HTTP side of the API: reads a request, applies keys, idempotency and faults, runs the
//! operation in one transaction, writes the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode};

use crate::api::{self, Call};
use crate::app::App;
use crate::auth::{self, KeyKind};
use crate::clock;
use crate::config::API_VERSION;
use crate::context::{Ctx, Origin};
use crate::error::{ApiError, Effects};
use crate::expand;
use crate::fault::{self, Mode, Taken};
use crate::form::{self, FORM_BYTES_MAX};
use crate::idempotency::{self, Kept, Keyed};
use crate::params::Params;

const SHOULD_RETRY: &str = "stripe-should-retry";
/// What a proxy in front of the API answers when it cannot reach it.
const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

/// A request, read completely.
struct Incoming {
    id: String,
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// An answer before it has headers.
struct Answer {
    status: u16,
    body: String,
    /// The first request, when this is its kept answer.
    replayed: Option<String>,
    /// What the answer says besides, such as `stripe-rate-limited-reason`.
    headers: Vec<(String, String)>,
}

impl Answer {
    fn plain(status: u16, body: String) -> Self {
        Self { status, body, replayed: None, headers: Vec::new() }
    }
}

/// Serves every path below `/v1`.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    let began_ms = clock::now_ms();
    if request.method() == "OPTIONS" {
        return preflight();
    }
    let incoming = match read(&app, request).await {
        Ok(incoming) => Arc::new(incoming),
        Err(response) => return response,
    };
    let (worker_app, worker_request) = (Arc::clone(&app), Arc::clone(&incoming));
    // A task of its own: as at Stripe, a caller that hangs up does not stop the work.
    let task = tokio::spawn(async move { process(worker_app, worker_request).await });
    let answer = match task.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => refusal(&error, &incoming.id),
        Err(_) => refusal(&ApiError::internal("The sandbox failed."), &incoming.id),
    };
    if app.config.log_requests {
        let took_ms = clock::now_ms().saturating_sub(began_ms);
        crate::log::line(&format!(
            "{} {} {} {took_ms} ms {}",
            incoming.method, incoming.path, answer.status, incoming.id
        ));
    }
    respond(&incoming, answer)
}

async fn read(app: &App, request: Request<Body>) -> Result<Incoming, Response<Body>> {
    let id = app.request_id();
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, FORM_BYTES_MAX).await else {
        let error = ApiError::invalid("The request body is too large.");
        let answer = Answer { status: 413, ..refusal(&error, &id) };
        let none = HeaderMap::new();
        return Err(respond_with(&id, &none, answer));
    };
    Ok(Incoming {
        id,
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The parameters: a query for GET and DELETE, a form for POST (plus its query, as at Stripe).
fn params(incoming: &Incoming) -> Result<Params, ApiError> {
    let kind = header(&incoming.headers, "content-type").unwrap_or_default();
    if !incoming.body.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::invalid(
            "Invalid request: v1 endpoints take application/x-www-form-urlencoded bodies.",
        ));
    }
    let body = std::str::from_utf8(&incoming.body)
        .map_err(|_| ApiError::invalid("The request body is not valid UTF-8."))?;
    let text = match (incoming.query.is_empty(), body.is_empty()) {
        (false, false) => format!("{}&{body}", incoming.query),
        (false, true) => incoming.query.clone(),
        (true, _) => body.to_owned(),
    };
    form::decode(&text).map(Params::new).map_err(|error| ApiError::invalid(error.0))
}

/// A request that was found to be in order.
struct Checked {
    route: &'static api::Route,
    object_id: String,
    key: KeyKind,
    params: Params,
    expand: Vec<String>,
    keyed: Option<Keyed>,
}

fn check(incoming: &Incoming) -> Result<Checked, ApiError> {
    let mut params = params(incoming)?;
    let param = params.take("key");
    let key = auth::key(&incoming.headers, param.as_ref().and_then(|key| key.as_str()))?;
    // The version may come as a parameter too: Stripe.js sends it so.
    let version = params.take("_stripe_version");
    let version = version.as_ref().and_then(|version| version.as_str());
    let version = header(&incoming.headers, "stripe-version").or(version);
    if version.is_some_and(|version| version != API_VERSION) {
        return Err(ApiError::invalid(format!(
            "The sandbox speaks API version {API_VERSION} only; leave Stripe-Version or send it."
        )));
    }
    let Some((route, object_id)) = api::route(&incoming.method, &incoming.path) else {
        return Err(ApiError::unknown_url(&incoming.method, &incoming.path));
    };
    if key == KeyKind::Publishable && !route.public {
        return Err(auth::require_secret());
    }
    if key == KeyKind::Secret && incoming.headers.contains_key("origin") {
        return Err(ApiError::unauthorized(
            "A secret key was sent from a web page. Secret keys belong on servers.",
        ));
    }
    let expand = params.texts("expand")?;
    params.take("expand");
    let keyed = match header(&incoming.headers, "idempotency-key") {
        Some(key) if route.method == "POST" => {
            Some(Keyed::new(key, &incoming.method, &incoming.path, &incoming.body)?)
        }
        _ => None,
    };
    Ok(Checked { route, object_id: object_id.to_owned(), key, params, expand, keyed })
}

async fn process(app: Arc<App>, incoming: Arc<Incoming>) -> Result<Answer, ApiError> {
    let checked = check(&incoming)?;
    let keyed = checked.keyed.clone();
    let _hold = keyed.as_ref().map(|keyed| app.in_flight.hold(keyed)).transpose()?;
    let operation = format!("{} {}", checked.route.method, checked.route.pattern);
    app.limiter.pass(&operation, app.now_ms())?;
    let fault = app.transact(Origin::default(), |ctx| {
        fault::take(&ctx.store, &incoming.method, &incoming.path)
    })?;
    let Taken { mode, ms, headers } = fault.unwrap_or_default();
    let told = |mut error: ApiError| {
        error.headers.clone_from(&headers);
        error
    };
    let pause = |ms: u64| tokio::time::sleep(Duration::from_millis(ms));
    match mode {
        Some(Mode::ErrorBefore) => {
            return Err(told(ApiError::internal("An error that was asked for.")));
        }
        Some(Mode::RateLimit) => return Err(told(ApiError::rate_limited())),
        Some(Mode::LockTimeout) => return Err(told(ApiError::lock_timeout())),
        Some(Mode::BadGateway) => {
            return Ok(Answer { headers, ..Answer::plain(502, BAD_GATEWAY.to_owned()) });
        }
        Some(Mode::HangBefore) => {
            pause(ms).await;
            return Err(ApiError::internal("Silence that was asked for."));
        }
        Some(Mode::Delay) => pause(ms).await,
        _ => {}
    }
    if app.config.latency_ms > 0 {
        pause(app.config.latency_ms).await;
    }
    let fails = mode == Some(Mode::ErrorAfter);
    let (worker, request) = (Arc::clone(&app), Arc::clone(&incoming));
    let done =
        tokio::task::spawn_blocking(move || execute(&worker, &request, checked, fails)).await;
    let mut answer = done.map_err(|_| ApiError::internal("The sandbox failed."))??;
    if fails {
        answer.headers = headers;
    }
    if mode == Some(Mode::HangAfter) {
        // The key is free again meanwhile: whoever repeats the request gets the kept answer.
        drop(_hold);
        pause(ms).await;
        return Err(ApiError::internal("Silence that was asked for."));
    }
    Ok(answer)
}

/// Runs the operation; its effects, its events and its kept answer commit together.
fn execute(
    app: &App,
    incoming: &Incoming,
    checked: Checked,
    fails_after: bool,
) -> Result<Answer, ApiError> {
    let origin = Origin {
        request: Some(incoming.id.clone()),
        idempotency_key: checked.keyed.as_ref().map(|keyed| keyed.key.clone()),
    };
    app.transact(origin, |ctx| {
        if let Some(keyed) = &checked.keyed
            && let Some(kept) = idempotency::find(&ctx.store, keyed, ctx.wall_s())?
        {
            let answer = Answer::plain(kept.status, kept.body);
            return Ok(Answer { replayed: Some(kept.request), ..answer });
        }
        let call = Call {
            id: &checked.object_id,
            path: &incoming.path,
            key: checked.key,
            params: checked.params.clone(),
        };
        let mut answer = operate(ctx, checked.route.handler, &call, &checked.expand, &incoming.id)?;
        if fails_after {
            answer = refusal(&ApiError::internal("An error that was asked for."), &incoming.id);
        }
        if let Some(keyed) = &checked.keyed {
            let kept = Kept {
                status: answer.status,
                body: answer.body.clone(),
                request: incoming.id.clone(),
            };
            idempotency::keep(&ctx.store, keyed, &kept, ctx.wall_s())?;
        }
        Ok(answer)
    })
}

/// The operation's answer. An error that keeps its effects is an answer too; any other one goes
/// up and rolls the transaction back.
fn operate(
    ctx: &mut Ctx<'_>,
    handler: api::Handler,
    call: &Call<'_>,
    paths: &[String],
    request_id: &str,
) -> Result<Answer, ApiError> {
    match handler(ctx, call) {
        Ok(mut value) => {
            expand::apply(ctx, &mut value, paths)?;
            Ok(Answer::plain(200, serde_json::to_string_pretty(&value)?))
        }
        Err(error) if error.effects == Effects::Kept => Ok(refusal(&error, request_id)),
        Err(error) => Err(error),
    }
}

fn refusal(error: &ApiError, request_id: &str) -> Answer {
    let body = error.body(request_id);
    let body = serde_json::to_string_pretty(&body).unwrap_or_default();
    Answer { headers: error.headers.clone(), ..Answer::plain(error.status, body) }
}

fn respond(incoming: &Incoming, answer: Answer) -> Response<Body> {
    respond_with(&incoming.id, &incoming.headers, answer)
}

fn respond_with(request_id: &str, headers: &HeaderMap, answer: Answer) -> Response<Body> {
    let html = answer.body.starts_with('<');
    let mut builder = cors(Response::builder().status(answer.status))
        .header("content-type", if html { "text/html" } else { "application/json" })
        .header("cache-control", "no-cache, no-store")
        .header("request-id", request_id)
        .header("stripe-version", API_VERSION);
    if let Some(key) = headers.get("idempotency-key") {
        builder = builder.header("idempotency-key", key);
    }
    if let Some(first) = &answer.replayed {
        builder = builder.header("idempotent-replayed", "true").header("original-request", first);
    }
    let retry = match answer.status {
        409 => Some("true"),
        400..=404 => Some("false"),
        _ => None,
    };
    let named = answer.headers.iter().any(|(name, _)| name == SHOULD_RETRY);
    if let Some(retry) = retry.filter(|_| !named) {
        builder = builder.header(SHOULD_RETRY, retry);
    }
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    built(builder.body(Body::from(answer.body)))
}

/// Stripe's API answers pages of any origin; what protects it is the key.
fn cors(builder: axum::http::response::Builder) -> axum::http::response::Builder {
    builder
        .header("access-control-allow-origin", "*")
        .header("access-control-allow-methods", "GET, POST, DELETE, OPTIONS")
        .header(
            "access-control-allow-headers",
            "authorization, content-type, stripe-version, idempotency-key",
        )
        .header("access-control-expose-headers", "request-id, idempotent-replayed")
        .header("access-control-max-age", "300")
}

fn preflight() -> Response<Body> {
    built(cors(Response::builder().status(StatusCode::NO_CONTENT)).body(Body::empty()))
}

/// A response whose parts are all known to be valid; anything else is a defect: 500.
pub(crate) fn built(response: Result<Response<Body>, axum::http::Error>) -> Response<Body> {
    response.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Calls an operation from inside the program, with a form as a client would write it.
pub(crate) fn inside(
    ctx: &mut Ctx<'_>,
    method: &str,
    path: &str,
    form: &str,
) -> Result<serde_json::Value, ApiError> {
    let (route, id) =
        api::route(method, path).ok_or_else(|| ApiError::unknown_url(method, path))?;
    let params = form::decode(form).map_err(|error| ApiError::invalid(error.0))?;
    let call = Call { id, path, key: KeyKind::Secret, params: Params::new(params) };
    (route.handler)(ctx, &call)
}
