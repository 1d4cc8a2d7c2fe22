//! A complaint: what a customer tells a person. It decides nothing; it is written down and handed
//! on.
//!
//! The words stand in the append-only history and in the notice for whoever reads it. The account
//! itself remembers only that there was one, so that the same one twice is one.

use crate::account::Account;
use crate::case::{ApplyError, JournalEntry, Transition};
use crate::id::{CancellationId, ComplaintId, InvoiceId};
use crate::time::{DAY_MS, Timestamp};
use crate::timing::stable_hash;
use serde::{Deserialize, Serialize};

/// The longest text, in bytes; a longer one is cut.
pub const TEXT_BYTES_MAX: usize = 4_000;
/// The most complaints of one customer within [`WINDOW_MS`].
pub const COMPLAINTS_MAX: usize = 20;
/// The window of [`COMPLAINTS_MAX`], in milliseconds.
pub const WINDOW_MS: i64 = DAY_MS;
/// How long a name that the browser drew may be, in bytes.
pub const KEY_BYTES: core::ops::RangeInclusive<usize> = 8..=64;

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintCategory {
    /// A charge: unknown, wrong, or twice.
    Charge,
    /// A cancellation or a pause that did not do what it should.
    Cancellation,
    /// A card that does not work here.
    Card,
    /// Access that is missing, or there and not wanted.
    Access,
    /// Something else.
    Other,
}

impl ComplaintCategory {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Charge, Self::Cancellation, Self::Card, Self::Access, Self::Other];

    /// The word on the wire and in the history.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Cancellation => "cancellation",
            Self::Card => "card",
            Self::Access => "access",
            Self::Other => "other",
        }
    }

    /// The opposite of [`ComplaintCategory::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }
}

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its name, derived by [`name`].
    pub id: ComplaintId,
    /// What it is about.
    pub category: ComplaintCategory,
    /// What the customer wrote; not empty.
    pub text: String,
    /// About which invoice, as the customer's page says. Not looked up: a person reads it.
    pub invoice: Option<InvoiceId>,
    /// About which cancellation, likewise.
    pub cancellation: Option<CancellationId>,
}

/// What an account remembers of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintNote {
    /// Its name.
    pub id: ComplaintId,
    /// When it came.
    pub at: Timestamp,
}

/// The name of a complaint, from what the browser drew for it: the same again is the same one.
/// `None`: what it drew is too short, too long or not plain.
#[must_use]
pub fn name(account: &Account, key: &str) -> Option<ComplaintId> {
    let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !KEY_BYTES.contains(&key.len()) || !is_plain {
        return None;
    }
    let parts = ["complaint", account.merchant.as_str(), account.customer.as_str(), key];
    ComplaintId::parse(&format!("cpl_{:016x}", stable_hash(&parts))).ok()
}

/// The text as it is kept; `None`: there is nothing in it.
#[must_use]
pub fn text(written: &str) -> Option<String> {
    let written = written.trim();
    let mut end = written.len().min(TEXT_BYTES_MAX);
    while !written.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    written.get(..end).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Takes one in. The same one again changes nothing.
pub(crate) fn made(
    account: &mut Account,
    complaint: &Complaint,
    now: Timestamp,
) -> Result<Transition, ApplyError> {
    if account.complaints.iter().any(|known| known.id == complaint.id) {
        return Ok(Transition::default());
    }
    let is_recent = |known: &&ComplaintNote| now.since_ms(known.at) < WINDOW_MS;
    let recent = account.complaints.iter().filter(is_recent).count();
    if recent >= COMPLAINTS_MAX {
        let oldest = account.complaints.iter().find(is_recent).map_or(now, |known| known.at);
        let retry_after_ms = oldest.plus_ms(WINDOW_MS).since_ms(now).max(1);
        return Err(ApplyError::TooManyAttempts { retry_after_ms });
    }
    let surplus = (account.complaints.len() + 1).saturating_sub(COMPLAINTS_MAX);
    account.complaints.drain(..surplus.min(account.complaints.len()));
    account.complaints.push(ComplaintNote { id: complaint.id.clone(), at: now });
    let entry = JournalEntry::Complaint(complaint.clone());
    Ok(Transition { effects: Vec::new(), journal: vec![entry] })
}
