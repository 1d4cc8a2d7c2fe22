//! Risk facts out of an account and of what the account does not know.

use super::{RiskFacts, Usage};
use crate::account::Account;
use crate::api::status::Remedy;
use crate::case::{CaseState, RecoveryCase};
use crate::decline::{Category, Decline};
use crate::time::{DAY_MS, Timestamp};

/// How far back failed invoices count, in milliseconds.
const YEAR_MS: i64 = 365 * DAY_MS;

/// What the account does not know; `None` where nobody knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BesideRisk {
    /// The last moment at which the card on file is good.
    pub card_expires_at: Option<Timestamp>,
    /// The card is prepaid.
    pub prepaid: Option<bool>,
    /// There is a second card on file.
    pub backup_card: Option<bool>,
    /// The first payment.
    pub customer_since: Option<Timestamp>,
    /// The next renewal of six months or more.
    pub long_renewal_at: Option<Timestamp>,
    /// Moves to a smaller plan in the last 180 days.
    pub downgrades: Option<u32>,
    /// Pauses in the last 365 days.
    pub pauses: Option<u32>,
    /// Times in the last 365 days that the customer began to cancel.
    pub cancel_attempts: Option<u32>,
    /// A complaint or a dispute is open.
    pub complaint_open: Option<bool>,
    /// How much the product is used.
    pub usage: Option<Usage>,
}

/// What the score looks at. The account keeps its last closed cases only
/// ([`crate::account::CLOSED_CASES_MAX`]), far more than any weight tells apart.
#[must_use]
pub fn facts_of(account: &Account, beside: &BesideRisk, now: Timestamp) -> RiskFacts {
    let recent = |case: &&RecoveryCase| now.since_ms(case.opened_at) <= YEAR_MS;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let open = || account.open_cases();
    let declined_as = |case: &RecoveryCase| case.decline.as_ref().map(|decline| decline.category);
    let attempts = |case: &RecoveryCase| case.provider_attempt_count.max(case.attempt_number);
    let oldest = open().map(|case| days(now.since_ms(case.opened_at))).max();
    RiskFacts {
        failed_invoices: Some(count(account.cases.values().filter(recent).count())),
        open_days: Some(oldest.unwrap_or(0)),
        open_attempts: Some(open().map(attempts).max().unwrap_or(0)),
        needs_customer: Some(open().any(needs_customer)),
        revoked: Some(open().any(|case| declined_as(case) == Some(Category::Revoked))),
        card_expires_in_days: beside.card_expires_at.map(|at| days(at.since_ms(now))),
        prepaid: beside.prepaid,
        backup_card: beside.backup_card,
        tenure_days: beside.customer_since.map(|since| days(now.since_ms(since))),
        long_renewal_in_days: beside
            .long_renewal_at
            .filter(|at| *at >= now)
            .map(|at| days(at.since_ms(now))),
        downgrades: beside.downgrades,
        pauses: beside.pauses,
        cancel_attempts: beside.cancel_attempts,
        complaint_open: beside.complaint_open,
        usage: beside.usage,
    }
}

fn needs_customer(case: &RecoveryCase) -> bool {
    let waits = case.decline.as_ref().map(Decline::remedy) == Some(Remedy::Wait);
    let asked =
        matches!(case.state, CaseState::AwaitingAuthentication | CaseState::AwaitingPaymentMethod);
    asked && !waits
}

/// Whole days, none for what is not long ago or has passed.
fn days(ms: i64) -> u32 {
    u32::try_from(ms.max(0) / DAY_MS).unwrap_or(u32::MAX)
}
