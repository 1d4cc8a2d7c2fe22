//! What happens to money and time: test cards, charges, invoices, renewals, test clocks.

pub(crate) mod account;
pub(crate) mod advance;
pub(crate) mod balance;
pub(crate) mod calendar;
pub(crate) mod cards;
pub(crate) mod challenge;
pub(crate) mod changing;
pub(crate) mod charging;
pub(crate) mod collection;
pub(crate) mod debits;
pub(crate) mod decline;
pub(crate) mod discounts;
pub(crate) mod drafting;
pub(crate) mod immediate;
pub(crate) mod invoicing;
pub(crate) mod methods;
pub(crate) mod orders;
pub(crate) mod pausing;
pub(crate) mod proration;
pub(crate) mod refusal;
pub(crate) mod renewal;
pub(crate) mod setup;
pub(crate) mod standing;
pub(crate) mod subscribing;
pub(crate) mod timers;
pub(crate) mod trial;
