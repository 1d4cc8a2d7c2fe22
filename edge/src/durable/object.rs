//! The Durable Object: one instance per (merchant, customer).
//!
//! Keeps in its SQLite the account record, seen events, attempts and the outbox ([`super::store`]).
//! Answers one path, `POST /command`, with a [`Reply`] as JSON and always status 200: what went
//! wrong is in the reply. Each event is one synchronous transaction, and the runtime holds every
//! answer back until what was written is on disk, so an answer never promises what a crash could
//! take back.
#![expect(missing_docs, reason = "the platform's macro writes undocumented functions")]

use super::binding::{Call, Command, Refusal, Reply};
use super::leaving::{Leave, answer_of};
use super::service::{Service, ServiceError};
use super::store::{AccountStore, SeenEvent, SqlStore, StoreError};
use super::turn::Turn;
use crate::clock;
use crate::config::Config;
use crate::log::{Level, line};
use crate::policy;
use crate::provider::{Configured, configured};
use reprieve_core::api::authentication::Authentication;
use reprieve_core::api::cancellation::CancellationView;
use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::calendar::Zone;
use reprieve_core::cancel::CancelError;
use reprieve_core::case::{ApplyError, Event};
use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::rate::{Bucket, RateLimit};
use reprieve_core::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::cell::RefCell;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

/// The alarm that is set before any work, so that a run that dies is followed by another.
const ALARM_FALLBACK_MS: i64 = MINUTE_MS;
/// How long the outbox waits when the queue did not take it.
const OUTBOX_RETRY_MS: i64 = 10 * SECOND_MS;
/// The queue that feeds the read model.
const PROJECTIONS: &str = "PROJECTIONS";

const STATUS_LIMIT: RateLimit = RateLimit { burst: 60, refill_ms: 500 };
const START_LIMIT: RateLimit = RateLimit { burst: 10, refill_ms: 15 * SECOND_MS };
const PAY_LIMIT: RateLimit = RateLimit { burst: 20, refill_ms: 5 * SECOND_MS };
/// Wide: nobody who wants to leave is kept by it.
const LEAVE_LIMIT: RateLimit = RateLimit { burst: 60, refill_ms: SECOND_MS };

/// A complaint is a letter: nobody writes ten at once.
const COMPLAINT_LIMIT: RateLimit = RateLimit { burst: 5, refill_ms: MINUTE_MS };

/// The Account's shell.
#[durable_object]
pub struct AccountObject {
    state: State,
    env: Env,
    limits: RefCell<Limits>,
    turn: Turn,
}

/// Kept in memory only: an object that was away long enough to forget was not being flooded.
struct Limits {
    status: Bucket,
    start: Bucket,
    pay: Bucket,
    leave: Bucket,
    complaint: Bucket,
}

impl DurableObject for AccountObject {
    fn new(state: State, env: Env) -> Self {
        let full = Bucket::full;
        let (status, start, pay) = (full(), full(), full());
        let limits = Limits { status, start, pay, leave: full(), complaint: full() };
        let limits = RefCell::new(limits);
        Self { state, env, limits, turn: Turn::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let call: Call = serde_json::from_str(&request.text().await?)?;
        let request_id = call.request_id.clone();
        let reply = match self.answer(call).await {
            Ok(reply) => reply,
            Err(failure) => {
                let refusal = failure.refusal();
                let level = match refusal {
                    Refusal::Internal | Refusal::Unavailable => Level::Error,
                    _ => Level::Info,
                };
                let fields = [("request_id", request_id.as_str()), ("error", &failure.to_string())];
                line(level, "a command was refused", &fields);
                Reply::Refused(refusal)
            }
        };
        Response::ok(serde_json::to_string(&reply)?)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        // Re-armed first: whatever happens below, and the platform gives up on an alarm that keeps
        // throwing, this object is called again.
        self.set_alarm(Some(clock::now().plus_ms(ALARM_FALLBACK_MS))).await?;
        if let Err(failure) = self.work_off().await {
            line(Level::Error, "an alarm did not finish", &[("error", &failure.to_string())]);
        }
        Response::empty()
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the configuration: {0}")]
    Config(#[from] crate::config::ConfigError),
    #[error("too many requests")]
    TooMany(i64),
    #[error("the platform: {0}")]
    Platform(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        Self::Platform(error.to_string())
    }
}

impl Failure {
    const fn refusal(&self) -> Refusal {
        match self {
            Self::TooMany(retry_after_ms) => {
                Refusal::RateLimited { retry_after_ms: *retry_after_ms }
            }
            Self::Config(_) => Refusal::Internal,
            Self::Platform(_) | Self::Service(ServiceError::Store(_)) => Refusal::Unavailable,
            Self::Service(ServiceError::NoSuchSetup | ServiceError::NoSuchInvoice) => {
                Refusal::NotFound
            }
            Self::Service(ServiceError::SetupUnfinished | ServiceError::NothingWaits) => {
                Refusal::WrongState
            }
            Self::Service(ServiceError::Malformed) => Refusal::Malformed,
            Self::Service(ServiceError::Provider(_)) => Refusal::ProviderUnavailable,
            Self::Service(ServiceError::Apply(error)) => match error {
                ApplyError::WrongCustomer => Refusal::NotFound,
                ApplyError::NothingToRetry => Refusal::WrongState,
                ApplyError::TooManyAttempts { retry_after_ms } => {
                    Refusal::RateLimited { retry_after_ms: *retry_after_ms }
                }
                ApplyError::Cancel(error) => cancel_refusal(*error),
            },
        }
    }
}

const fn cancel_refusal(error: CancelError) -> Refusal {
    match error {
        CancelError::NoSuchCancellation | CancelError::NoSuchSubscription => Refusal::NotFound,
        CancelError::ChooseSubscription => Refusal::ChooseSubscription,
        CancelError::WrongStep
        | CancelError::NotOffered
        | CancelError::NoWithdrawal
        | CancelError::TooLate
        | CancelError::NotPaused => Refusal::WrongState,
        CancelError::Busy => Refusal::RateLimited { retry_after_ms: MINUTE_MS },
    }
}

impl AccountObject {
    async fn answer(&self, call: Call) -> Result<Reply, Failure> {
        self.admit(&call.command)?;
        let config = self.config().await?;
        let provider = configured(&config);
        let store = SqlStore::open(&self.state)?;
        let service = self.service(&store, &provider, &config, (call.merchant, call.customer));
        let is_wake = matches!(call.command, Command::Wake);
        let reply = run(&service, call.command, &config).await?;
        if is_wake && self.state.storage().get_alarm().await?.is_none() {
            // Whoever has to be woken from outside may have lost the alarm, and what is not due yet
            // has changed nothing that would have set it.
            self.set_alarm(service.next_alarm()?).await?;
        }
        Ok(reply)
    }

    /// Variables and secrets, and the policy with what was learned.
    async fn config(&self) -> Result<Config, Failure> {
        let config = Config::from_env(&self.env)?;
        let policy = policy::informed(config.policy, &self.env, &config.merchant).await;
        Ok(Config { policy, ..config })
    }

    fn service<'a>(
        &'a self,
        store: &'a SqlStore,
        provider: &'a Configured,
        config: &'a Config,
        (merchant, customer): (MerchantId, CustomerId),
    ) -> Service<'a, SqlStore, Configured> {
        let (policy, turn) = (&config.policy, &self.turn);
        Service { store, provider, turn, policy, merchant, customer, now: clock::now }
    }

    fn admit(&self, command: &Command) -> Result<(), Failure> {
        let mut limits = self.limits.borrow_mut();
        let (bucket, limit) = match command {
            Command::Status { .. } => (&mut limits.status, STATUS_LIMIT),
            Command::StartMethod
            | Command::OpenProviderPage { .. }
            | Command::StartAuthentication { .. } => (&mut limits.start, START_LIMIT),
            Command::CompleteMethod { .. }
            | Command::Retry
            | Command::CompleteAuthentication { .. } => (&mut limits.pay, PAY_LIMIT),
            Command::StartCancellation { .. }
            | Command::AnswerCancellation { .. }
            | Command::AcceptOffer { .. }
            | Command::ReadCancellation { .. }
            | Command::ConfirmCancellation { .. }
            | Command::UndoCancellation { .. }
            | Command::Subscriptions { .. }
            | Command::ResumeSubscription { .. }
            | Command::ExtendPause { .. } => (&mut limits.leave, LEAVE_LIMIT),
            Command::Complain { .. } => (&mut limits.complaint, COMPLAINT_LIMIT),
            // Ours and the provider's: never turned away.
            Command::Ingest { .. }
            | Command::Wake
            | Command::CardExpires { .. }
            | Command::Observe { .. } => return Ok(()),
        };
        bucket.take(limit, clock::now()).map_err(Failure::TooMany)
    }

    async fn work_off(&self) -> Result<(), Failure> {
        let store = SqlStore::open(&self.state)?;
        let Some(account) = store.load()? else {
            // An event was recorded and nothing is known of the customer.
            return Ok(self.set_alarm(None).await?);
        };
        let config = self.config().await?;
        let provider = configured(&config);
        let owner = (account.merchant, account.customer);
        let service = self.service(&store, &provider, &config, owner);
        service.wake().await?;
        store.prune_events(clock::now())?;
        let drained = self.drain(&store).await;
        let next = match &drained {
            Ok(()) => service.next_alarm()?,
            Err(_) => Some(clock::now().plus_ms(OUTBOX_RETRY_MS)),
        };
        self.set_alarm(next).await?;
        drained
    }

    /// Hands one batch over. A message that is sent twice changes nothing: it carries its version.
    async fn drain(&self, store: &SqlStore) -> Result<(), Failure> {
        let rows = store.outbox()?;
        let Some(last) = rows.last().map(|row| row.seq) else { return Ok(()) };
        let queue = self.env.queue(PROJECTIONS)?;
        for row in rows {
            queue.send(row.payload).await?;
        }
        Ok(store.delete_outbox(last)?)
    }

    async fn set_alarm(&self, at: Option<Timestamp>) -> worker::Result<()> {
        let storage = self.state.storage();
        match at {
            Some(at) => storage.set_alarm(at.since_ms(clock::now()).max(0)).await,
            None => storage.delete_alarm().await,
        }
    }
}

async fn run(
    service: &Service<'_, SqlStore, Configured>,
    command: Command,
    config: &Config,
) -> Result<Reply, ServiceError> {
    let status = |status| Reply::Status(Box::new(status));
    Ok(match command {
        Command::Ingest { event, kind, raw } => {
            Reply::Ingested(service.ingest(SeenEvent { id: event, kind, raw })?)
        }
        Command::Status { zone } => {
            let zone = zone.and_then(|name| Zone::named(&name));
            status(service.status_in(zone)?)
        }
        Command::StartMethod => {
            let started = service.start_method().await?;
            Reply::MethodStarted(NewPaymentMethod {
                id: started.id.as_str().to_owned(),
                client_secret: started.client_secret.expose().to_owned(),
                publishable_key: config.stripe.publishable_key.clone(),
                provider_js_url: config.stripe.js_url.clone(),
            })
        }
        Command::OpenProviderPage { return_url } => {
            let page = service.open_provider_page(&return_url).await?;
            Reply::ProviderPage(page.expose().to_owned())
        }
        Command::CompleteMethod { setup } => status(service.complete_method(&setup).await?),
        Command::Retry => status(service.retry().await?),
        Command::StartAuthentication { invoice } => {
            let handed_off = service.start_authentication(invoice).await?;
            Reply::AuthenticationStarted(Authentication {
                invoice: handed_off.invoice.as_str().to_owned(),
                client_secret: handed_off.client_secret.expose().to_owned(),
                publishable_key: config.stripe.publishable_key.clone(),
                provider_js_url: config.stripe.js_url.clone(),
            })
        }
        Command::CompleteAuthentication { invoice } => {
            status(service.complete_authentication(&invoice).await?)
        }
        Command::Wake => {
            service.wake().await?;
            Reply::Done
        }
        Command::CardExpires { method, summary, expiry } => {
            service.hear(&Event::CardExpires { method, summary, expiry })?;
            Reply::Done
        }
        Command::Complain { request } => Reply::Complaint(service.complain(&request)?),
        Command::Subscriptions { from } => {
            Reply::Subscriptions(Box::new(service.subscriptions(&from).await?))
        }
        Command::ResumeSubscription { id, from } => {
            Reply::Subscriptions(Box::new(service.resume(&id, &from).await?))
        }
        Command::ExtendPause { id, from } => {
            Reply::Subscriptions(Box::new(service.extend_pause(&id, &from).await?))
        }
        Command::Observe { invoice } => {
            service.observe(invoice).await?;
            Reply::Done
        }
        leaving => Reply::Cancellation(Box::new(leave(service, leaving).await?)),
    })
}

async fn leave(
    service: &Service<'_, SqlStore, Configured>,
    command: Command,
) -> Result<CancellationView, ServiceError> {
    match command {
        Command::StartCancellation { subscription, kind, from } => {
            service.leave(Leave { subscription, kind, from }).await
        }
        Command::AnswerCancellation { id, request } => {
            let answer = answer_of(&request).ok_or(ServiceError::Malformed)?;
            service.answer(&id, answer).await
        }
        Command::AcceptOffer { id, offer, until_ms } => {
            service.accept_offer(&id, offer, until_ms.map(Timestamp::from_ms)).await
        }
        Command::ReadCancellation { id } => service.cancellation(&id),
        Command::ConfirmCancellation { id } => service.confirm(&id).await,
        Command::UndoCancellation { id } => service.undo(&id).await,
        // Every other command has its place in `run`.
        _ => Err(ServiceError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_that_does_not_answer_is_503_outside() {
        let failure = Failure::from(StoreError("disk full".to_owned()));
        assert_eq!(failure.refusal(), Refusal::Unavailable);
        let outside = crate::http::refusal_error(failure.refusal());
        assert_eq!((outside.status, outside.code), (503, "unavailable"));
        assert!(!format!("{outside:?}").contains("disk"), "words for inside stay inside");
    }
}
