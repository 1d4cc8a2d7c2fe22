//! Finds what the webhooks did not tell: reads the provider's own list of events, and the invoices
//! that wait to be paid there, a bounded part in each run.
//!
//! Everything found goes the same way as a webhook, so what is known already changes nothing.
//! Invoices that were paid or voided elsewhere, and charges of unknown outcome, are not looked for
//! here: each open case reads its own invoice at least once a day, and asks for its own charge.

pub mod sweep;

use crate::clock;
use crate::config::Config;
use crate::db::cursor;
use crate::durable::binding::{self, Call, Command, Reply};
use crate::intake;
use crate::log::{Level, line};
use crate::provider::stripe::Stripe;
use crate::provider::{ErrorKind, EventWindow, ProviderError, ReadHistory};
use crate::random;
use reprieve_core::id::{CustomerId, InvoiceId};
use sweep::{EventSweep, InvoiceSweep, Unread};
use worker::{Env, Result};

/// The most pages of events read in one run: 400 events every five minutes.
const EVENT_PAGES_MAX: u32 = 20;
/// The most pages of unpaid invoices read in one run.
const INVOICE_PAGES_MAX: u32 = 3;
/// The names of the marks; another name is a new beginning.
const EVENTS: &str = "events";
const INVOICES: &str = "unpaid_invoices";

/// One run.
pub async fn run(env: &Env, config: &Config) {
    let provider = Stripe::new(&config.stripe);
    if let Err(error) = read_events(env, config, &provider).await {
        report("lost events could not be looked for", &error.to_string());
    }
    if let Err(error) = read_invoices(env, config, &provider).await {
        report("unpaid invoices could not be looked through", &error.to_string());
    }
}

async fn read_events<P: ReadHistory>(env: &Env, config: &Config, provider: &P) -> Result<()> {
    let before = cursor::load(env, &config.merchant, EVENTS).await?;
    let mut sweep = EventSweep::resume(before, clock::now());
    for _ in 0..EVENT_PAGES_MAX {
        let Some(place) = sweep.place.clone() else { break };
        let window = EventWindow {
            from_s: sweep.from_s,
            until_s: sweep.until_s,
            after: place.after.as_deref(),
            limit: place.limit(),
        };
        let page = match provider.list_events(window).await {
            Ok(page) => page,
            Err(error) => {
                sweep.place = Some(place.unread(why(&error)));
                break;
            }
        };
        let mut is_taken = true;
        for raw in page.events {
            is_taken &= take_event(env, config, raw).await;
        }
        if !is_taken && !place.is_given_up() {
            // The same page again with the next run: what was taken in changes nothing then.
            sweep.place = Some(place.failed());
            break;
        }
        sweep = sweep.behind(&page.end);
    }
    cursor::save(env, &config.merchant, EVENTS, &sweep, clock::now()).await
}

/// `false`: it has to come again.
async fn take_event(env: &Env, config: &Config, raw: String) -> bool {
    let request_id = random::request_id();
    match intake::take(env, config, raw.into_bytes(), &request_id).await {
        Ok(()) => true,
        // One that cannot be read stays unreadable.
        Err(error) if error.status == 400 => true,
        Err(error) => {
            report("an event from the provider's list was not taken in", error.code);
            false
        }
    }
}

async fn read_invoices<P: ReadHistory>(env: &Env, config: &Config, provider: &P) -> Result<()> {
    let before = cursor::load(env, &config.merchant, INVOICES).await?;
    let Some(mut sweep) = InvoiceSweep::resume(before, clock::now()) else { return Ok(()) };
    for _ in 0..INVOICE_PAGES_MAX {
        let place = sweep.place.clone();
        let page = match provider.list_unpaid(place.after.as_deref(), place.limit()).await {
            Ok(page) => page,
            Err(error) => {
                sweep.place = place.unread(why(&error));
                break;
            }
        };
        if !observe_unknown(env, config, &page.invoices).await? && !place.is_given_up() {
            sweep.place = place.failed();
            break;
        }
        sweep = InvoiceSweep::behind(&page.end, clock::now());
        if sweep.rests_since_ms.is_some() {
            break;
        }
    }
    cursor::save(env, &config.merchant, INVOICES, &sweep, clock::now()).await
}

/// Lets the Accounts read invoices of which they have not told. An Account that has no room for one
/// is asked again in the next round, until there is.
async fn observe_unknown(
    env: &Env,
    config: &Config,
    invoices: &[(InvoiceId, CustomerId)],
) -> Result<bool> {
    if invoices.is_empty() {
        return Ok(true);
    }
    let ids: Vec<InvoiceId> = invoices.iter().map(|(invoice, _)| invoice.clone()).collect();
    let known = cursor::known_invoices(env, &config.merchant, &ids).await?;
    let mut is_taken = true;
    for (invoice, customer) in invoices {
        if known.contains(invoice.as_str()) {
            continue;
        }
        let call = Call {
            merchant: config.merchant.clone(),
            customer: customer.clone(),
            request_id: random::request_id(),
            command: Command::Observe { invoice: invoice.clone() },
        };
        is_taken &= matches!(binding::call(env, &call).await, Reply::Done);
    }
    Ok(is_taken)
}

fn why(error: &ProviderError) -> Unread {
    report("a list of the provider could not be read", &error.to_string());
    match error.kind {
        _ if error.code.as_deref() == Some("answer_too_large") => Unread::TooLong,
        ErrorKind::Refused | ErrorKind::NotFound => Unread::Refused,
        ErrorKind::Unknown | ErrorKind::Spent | ErrorKind::RateLimited { .. } => Unread::NoAnswer,
    }
}

fn report(message: &str, error: &str) {
    line(Level::Warn, message, &[("error", error)]);
}
