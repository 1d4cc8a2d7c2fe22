//! Finds what the webhooks did not tell: reads the provider's own list of events, the invoices that
//! wait to be paid there, and the cards that are charged next, a bounded part in each run.
//!
//! Everything found goes the same way as a webhook, so what is known already changes nothing.
//! Invoices that were paid or voided elsewhere, and charges of unknown outcome, are not looked for
//! here: each open case reads its own invoice at least once a day, and asks for its own charge.

pub mod rounds;
pub mod sweep;

use crate::clock;
use crate::config::Config;
use crate::db::cursor;
use crate::durable::binding::{self, Call, Command, Reply};
use crate::intake;
use crate::log::{Level, line};
use crate::provider::{Configured, configured};
use crate::random;
use reprieve_core::id::{CustomerId, InvoiceId};
use reprieve_core::time::Timestamp;
use rounds::{Desk, DeskError, Mark};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use worker::Env;

/// One run.
pub async fn run(env: &Env, config: &Config) {
    let provider = &configured(config);
    rounds::run(&Here { env, config, provider }, provider).await;
}

/// The marks in D1, and the Accounts.
struct Here<'a> {
    env: &'a Env,
    config: &'a Config,
    provider: &'a Configured,
}

impl Desk for Here<'_> {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn load<T: DeserializeOwned>(&self, mark: Mark) -> Result<Option<T>, DeskError> {
        cursor::load(self.env, &self.config.merchant, mark.name()).await.map_err(failed)
    }

    async fn save<T: Serialize>(&self, mark: Mark, at: &T) -> Result<(), DeskError> {
        let (merchant, now) = (&self.config.merchant, clock::now());
        cursor::save(self.env, merchant, mark.name(), at, now).await.map_err(failed)
    }

    async fn take(&self, raw: String) -> bool {
        let request_id = random::request_id();
        let ours = (self.config, self.provider);
        match intake::take(self.env, ours, raw.into_bytes(), &request_id).await {
            Ok(()) => true,
            // One that cannot be read stays unreadable.
            Err(error) if error.status == 400 => true,
            Err(error) => {
                let fields = [("error", error.code)];
                line(Level::Warn, "an event from the provider's list was not taken in", &fields);
                false
            }
        }
    }

    async fn known(&self, invoices: &[InvoiceId]) -> Result<BTreeSet<String>, DeskError> {
        cursor::known_invoices(self.env, &self.config.merchant, invoices).await.map_err(failed)
    }

    async fn tell(&self, customer: &CustomerId, command: Command) -> bool {
        let call = Call {
            merchant: self.config.merchant.clone(),
            customer: customer.clone(),
            request_id: random::request_id(),
            command,
        };
        matches!(binding::call(self.env, &call).await, Reply::Done)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "made to be given to map_err")]
fn failed(error: worker::Error) -> DeskError {
    DeskError(error.to_string())
}
