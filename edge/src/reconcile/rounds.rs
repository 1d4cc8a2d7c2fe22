//! What one run of the janitor reads at the provider, and hands over: a bounded part of each list,
//! from the mark where the last run ended.

use super::sweep::{EventSweep, PageEnd, Place, Round, Unread};
use crate::durable::binding::Command;
use crate::log::{Level, line};
use crate::provider::{ErrorKind, EventWindow, ProviderError, ReadHistory, RenewingCard};
use reprieve_core::account::card_news::expires_soon;
use reprieve_core::id::{CustomerId, InvoiceId};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// The most pages of events read in one run: 400 events every five minutes.
pub const EVENT_PAGES_MAX: u32 = 20;
/// The most pages of unpaid invoices read in one run.
pub const INVOICE_PAGES_MAX: u32 = 3;
/// The most pages of subscriptions read in one run: 28,800 subscriptions a day.
pub const RENEWAL_PAGES_MAX: u32 = 5;
/// The rest between two rounds through the unpaid invoices. Events are the first net; this one
/// catches what they miss.
pub const INVOICE_REST_MS: i64 = HOUR_MS;
/// The rest between two rounds through the subscriptions: a card expires once in years.
pub const RENEWAL_REST_MS: i64 = DAY_MS;

/// Which mark; another name is a new beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// In the events, of [`EventSweep`].
    Events,
    /// In the unpaid invoices, of [`Round`].
    UnpaidInvoices,
    /// In the subscriptions, of [`Round`].
    Renewals,
}

impl Mark {
    /// As it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::UnpaidInvoices => "unpaid_invoices",
            Self::Renewals => "renewals",
        }
    }
}

/// The marks or the read model did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeskError(pub String);

/// Where the janitor keeps its marks and hands over what it found.
#[allow(async_fn_in_trait, reason = "a Worker has one thread: nothing has to be Send")]
pub trait Desk {
    /// The time.
    fn now(&self) -> Timestamp;
    /// A mark; `None` before the first run, and for one that cannot be read any more: beginning
    /// anew finds everything again.
    async fn load<T: DeserializeOwned>(&self, mark: Mark) -> Result<Option<T>, DeskError>;
    /// Leaves a mark.
    async fn save<T: Serialize>(&self, mark: Mark, at: &T) -> Result<(), DeskError>;
    /// Hands an event over, as a webhook would. `false`: it has to come again.
    async fn take(&self, raw: String) -> bool;
    /// Those invoices of which an Account has told, open or closed.
    async fn known(&self, invoices: &[InvoiceId]) -> Result<BTreeSet<String>, DeskError>;
    /// Tells an Account. `false`: it has to be told again.
    async fn tell(&self, customer: &CustomerId, command: Command) -> bool;
}

/// One run. A list that cannot be read now does not keep the others from being read.
pub async fn run<D: Desk, P: ReadHistory>(desk: &D, provider: &P) {
    if let Err(error) = read_events(desk, provider).await {
        report("lost events could not be looked for", &error.to_string());
    }
    if let Err(error) = read_invoices(desk, provider).await {
        report("unpaid invoices could not be looked through", &error.to_string());
    }
    if let Err(error) = read_renewals(desk, provider).await {
        report("cards that expire could not be looked for", &error.to_string());
    }
}

async fn read_events<D: Desk, P: ReadHistory>(desk: &D, provider: &P) -> Result<(), DeskError> {
    let before = desk.load(Mark::Events).await?;
    let mut sweep = EventSweep::resume(before, desk.now());
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
            is_taken &= desk.take(raw).await;
        }
        if !is_taken && !place.is_given_up() {
            // The same page again with the next run: what was taken in changes nothing then.
            sweep.place = Some(place.failed());
            break;
        }
        sweep = sweep.behind(&page.end);
    }
    desk.save(Mark::Events, &sweep).await
}

/// How a page of a round went.
enum Read {
    /// All of it was handed over.
    Taken(PageEnd),
    /// Something could not be handed over.
    Left(PageEnd),
    /// It could not be read.
    Not(Unread),
}

async fn read_invoices<D: Desk, P: ReadHistory>(desk: &D, provider: &P) -> Result<(), DeskError> {
    let bounds = (INVOICE_REST_MS, INVOICE_PAGES_MAX);
    go_round(desk, Mark::UnpaidInvoices, bounds, async |place| {
        Ok(match provider.list_unpaid(place.after.as_deref(), place.limit()).await {
            Err(error) => Read::Not(why(&error)),
            Ok(page) if observe_unknown(desk, &page.invoices).await? => Read::Taken(page.end),
            Ok(page) => Read::Left(page.end),
        })
    })
    .await
}

async fn read_renewals<D: Desk, P: ReadHistory>(desk: &D, provider: &P) -> Result<(), DeskError> {
    let bounds = (RENEWAL_REST_MS, RENEWAL_PAGES_MAX);
    go_round(desk, Mark::Renewals, bounds, async |place| {
        Ok(match provider.list_renewals(place.after.as_deref(), place.limit()).await {
            Err(error) => Read::Not(why(&error)),
            Ok(page) if tell_of_ends(desk, &page.cards).await => Read::Taken(page.end),
            Ok(page) => Read::Left(page.end),
        })
    })
    .await
}

/// Reads on from the mark, page after page, until the end, a bound or trouble.
async fn go_round<D: Desk>(
    desk: &D,
    mark: Mark,
    (rest_ms, pages_max): (i64, u32),
    read: impl AsyncFn(&Place) -> Result<Read, DeskError>,
) -> Result<(), DeskError> {
    let before = desk.load(mark).await?;
    let Some(mut round) = Round::resume(before, desk.now(), rest_ms) else { return Ok(()) };
    for _ in 0..pages_max {
        let place = round.place.clone();
        round = match read(&place).await? {
            Read::Taken(end) => Round::behind(&end, desk.now()),
            Read::Left(end) if place.is_given_up() => Round::behind(&end, desk.now()),
            Read::Left(_) => {
                round.place = place.failed();
                break;
            }
            Read::Not(why) => {
                round.place = place.unread(why);
                break;
            }
        };
        if round.rests_since_ms.is_some() {
            break;
        }
    }
    desk.save(mark, &round).await
}

/// Lets the Accounts read invoices of which they have not told. An Account that has no room for one
/// is asked again in the next round, until there is.
async fn observe_unknown<D: Desk>(
    desk: &D,
    invoices: &[(InvoiceId, CustomerId)],
) -> Result<bool, DeskError> {
    if invoices.is_empty() {
        return Ok(true);
    }
    let ids: Vec<InvoiceId> = invoices.iter().map(|(invoice, _)| invoice.clone()).collect();
    let known = desk.known(&ids).await?;
    let mut is_taken = true;
    for (invoice, customer) in invoices {
        if !known.contains(invoice.as_str()) {
            let command = Command::Observe { invoice: invoice.clone() };
            is_taken &= desk.tell(customer, command).await;
        }
    }
    Ok(is_taken)
}

/// Only Accounts whose card is about to expire hear of it: a customer in good standing leaves no
/// trace.
async fn tell_of_ends<D: Desk>(desk: &D, cards: &[RenewingCard]) -> bool {
    let mut is_taken = true;
    for card in cards.iter().filter(|card| expires_soon(card.expiry, desk.now())) {
        let RenewingCard { customer, method, summary, expiry } = card.clone();
        let command = Command::CardExpires { method, summary, expiry };
        is_taken &= desk.tell(&customer, command).await;
    }
    is_taken
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
