//! The janitor: finds what was lost on the way. Each run is bounded; what is left comes next time.

use crate::clock;
use crate::config::Config;
use crate::db::inbox::{self, Outcome, WaitingEvent};
use crate::db::{declaration, link, read_model, timing};
use crate::durable::binding::{self, Call, Command, Refusal, Reply};
use crate::log::{Level, line};
use crate::provider::{Configured, ErrorKind, ReadBilling, ReadEvents, configured};
use crate::random;
use crate::reconcile;
use reprieve_core::id::{CustomerId, EventId, MerchantId};
use reprieve_core::time::{HOUR_MS, MINUTE_MS};
use worker::Env;

/// How long past its wake an account is before the janitor knocks. Alarms may be late by minutes.
const OVERDUE_MS: i64 = 15 * MINUTE_MS;

/// One run: route what waits in the inbox, wake what should be awake, look for what was lost, learn
/// from what ended, forget what is old.
pub async fn run(env: &Env) {
    let config = match Config::from_env(env) {
        Ok(config) => config,
        Err(error) => return report("the configuration is not usable", &error.to_string()),
    };
    if let Err(error) = route_inbox(env, &config).await {
        report("the inbox could not be worked off", &error.to_string());
    }
    if let Err(error) = wake_overdue(env).await {
        report("overdue accounts could not be woken", &error.to_string());
    }
    reconcile::run(env, &config).await;
    if let Err(error) = timing::learn(env, &config.merchant).await {
        report("nothing was learned of times", &error.to_string());
    }
    if let Err(error) = count_declarations(env, &config).await {
        report("declarations could not be counted", &error.to_string());
    }
    if let Err(error) = declaration::prune(env, clock::now()).await {
        report("old declarations could not be forgotten", &error.to_string());
    }
    if let Err(error) = inbox::prune(env, clock::now()).await {
        report("old events could not be forgotten", &error.to_string());
    }
    if let Err(error) = link::prune(env, clock::now()).await {
        report("old links could not be forgotten", &error.to_string());
    }
}

/// A declaration has an end in the law, and only a person can find whose contract it is.
async fn count_declarations(env: &Env, config: &Config) -> worker::Result<()> {
    let now = clock::now();
    let Some(overdue) = declaration::overdue(env, &config.merchant, now).await? else {
        return Ok(());
    };
    let hours = now.since_ms(overdue.oldest_at).div_euclid(HOUR_MS).to_string();
    let count = overdue.count.to_string();
    let fields = [("count", count.as_str()), ("oldest_hours", hours.as_str())];
    line(Level::Warn, "declarations wait for somebody", &fields);
    Ok(())
}

async fn route_inbox(env: &Env, config: &Config) -> worker::Result<()> {
    let provider = configured(config);
    for event in inbox::waiting(env).await? {
        let outcome = route(env, config, &provider, &event).await;
        inbox::settle(env, &event, outcome).await?;
    }
    Ok(())
}

async fn route(env: &Env, config: &Config, provider: &Configured, event: &WaitingEvent) -> Outcome {
    let read = provider.read_event(event.raw.as_bytes()).ok();
    let charge = read.and_then(|event| event.charge);
    let (Some(charge), Ok(id)) = (charge, EventId::parse(&event.event)) else {
        return Outcome::Recorded;
    };
    let customer = match provider.customer_of_charge(&charge).await {
        Ok(Some(customer)) => customer,
        Ok(None) => return Outcome::Recorded,
        Err(error) if error.kind == ErrorKind::NotFound => return Outcome::Recorded,
        Err(error) => {
            report("the owner of a charge could not be read", &error.to_string());
            return Outcome::TryAgain;
        }
    };
    let (kind, raw) = (event.kind.clone(), event.raw.clone());
    let command = Command::Ingest { event: id, kind, raw };
    match call(env, config.merchant.clone(), customer, command).await {
        Reply::Ingested(_) => Outcome::Done,
        Reply::Refused(Refusal::Malformed) => Outcome::Recorded,
        _ => Outcome::TryAgain,
    }
}

async fn wake_overdue(env: &Env) -> worker::Result<()> {
    let now = clock::now();
    for account in read_model::overdue(env, now.plus_ms(-OVERDUE_MS), now).await? {
        let merchant = MerchantId::parse(&account.merchant);
        let customer = CustomerId::parse(&account.customer);
        let (Ok(merchant), Ok(customer)) = (merchant, customer) else { continue };
        let reply = call(env, merchant, customer, Command::Wake).await;
        if !matches!(reply, Reply::Done) {
            report("an overdue account did not wake", &account.customer);
        }
    }
    Ok(())
}

async fn call(env: &Env, merchant: MerchantId, customer: CustomerId, command: Command) -> Reply {
    let request_id = random::request_id();
    binding::call(env, &Call { merchant, customer, request_id, command }).await
}

fn report(message: &str, error: &str) {
    line(Level::Error, message, &[("error", error)]);
}
