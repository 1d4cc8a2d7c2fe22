//! The account as its customer sees it.

use crate::account::Account;
use crate::account::card_news::{self, CardChange};
use crate::api::status::{
    Amount, CardNews, CardNewsKind, InvoiceDue, PayerReason, RecoveryState, Remedy, Status,
};
use crate::case::{self, CaseState, RecoveryCase};
use crate::grace;
use crate::money::Money;
use crate::policy::Policy;
use crate::time::{MINUTE_MS, Timestamp};

/// How long `recovered` is answered after the last open case was paid.
pub const RECOVERED_SHOWN_MS: i64 = 10 * MINUTE_MS;

/// What the customer needs to know now.
#[must_use]
pub fn of(account: &Account, now: Timestamp, policy: &Policy) -> Status {
    // A paused subscription asks nothing of its customer, and a recovery does not charge its
    // invoice.
    let asking = |case: &&RecoveryCase| case.state != CaseState::Suspended;
    let (on_its_way, asked): (Vec<&RecoveryCase>, Vec<&RecoveryCase>) =
        account.open_cases().filter(asking).partition(|case| case.is_processing());
    // Nobody is asked for what they have paid, and the bank only takes its time.
    let is_processing = asked.is_empty() && !on_its_way.is_empty();
    let mut open = if is_processing { on_its_way } else { asked };
    open.sort_by_key(|case| case.opened_at);
    let newest = open.iter().copied().max_by_key(|case| case.failed_at);
    let total = Money::sum(open.iter().map(|case| case.amount_due));
    let plans = open.iter().filter_map(|case| case::planned(case));
    let next = plans.filter(|at| *at > now).min();
    Status {
        state: if is_processing && account.method_update.is_none() {
            RecoveryState::Processing
        } else {
            state(account, &open, now)
        },
        access: grace::of(account, now, policy).level,
        remedy: if is_processing { Some(Remedy::Wait) } else { newest.map(remedy) },
        reason: newest.and_then(reason),
        amount_due: total.map(amount),
        invoices: open.iter().map(|case| due(case)).collect(),
        method: newest.and_then(|case| case.method.as_ref()?.summary.clone()),
        can_retry: case::can_retry(account, now, policy),
        grace_ends_at_ms: open.iter().map(|case| case.grace_ends_at.as_ms()).min(),
        next_attempt_at_ms: next.map(Timestamp::as_ms),
        card_news: account.card_news.as_ref().filter(|news| news.is_shown(now)).map(card_news),
        server_time_ms: now.as_ms(),
    }
}

fn state(account: &Account, open: &[&RecoveryCase], now: Timestamp) -> RecoveryState {
    if open.is_empty() {
        let recently = |at: Timestamp| now.since_ms(at) < RECOVERED_SHOWN_MS;
        let recovered = account.recovered_at.is_some_and(recently);
        return if recovered { RecoveryState::Recovered } else { RecoveryState::Clear };
    }
    let charging = open.iter().any(|case| case.state == CaseState::Attempting);
    if charging || account.method_update.is_some() {
        RecoveryState::Pending
    } else {
        RecoveryState::ActionNeeded
    }
}

fn remedy(case: &RecoveryCase) -> Remedy {
    if case.state == CaseState::AwaitingAuthentication {
        return Remedy::Authenticate;
    }
    case.decline.as_ref().map_or(Remedy::UpdatePaymentMethod, crate::decline::Decline::remedy)
}

fn reason(case: &RecoveryCase) -> Option<PayerReason> {
    if case.state == CaseState::AwaitingAuthentication {
        return Some(PayerReason::AuthenticationNeeded);
    }
    case.decline.as_ref().map(crate::decline::Decline::payer_reason)
}

fn card_news(news: &card_news::CardNews) -> CardNews {
    let (kind, expires_at) = match news.what {
        CardChange::Renewed { .. } => (CardNewsKind::Updated, None),
        CardChange::Expires { expiry } => (CardNewsKind::ExpiresSoon, expiry.ends_at()),
    };
    let expires_at_ms = expires_at.map(Timestamp::as_ms);
    CardNews { kind, method: news.summary.clone(), expires_at_ms }
}

fn amount(money: Money) -> Amount {
    Amount { amount_minor: money.amount_minor, currency: money.currency.as_str().to_owned() }
}

fn due(case: &RecoveryCase) -> InvoiceDue {
    InvoiceDue {
        id: case.invoice.as_str().to_owned(),
        number: case.number.clone(),
        amount_due: amount(case.amount_due),
        description: case.description.clone(),
        needs_authentication: case.state == CaseState::AwaitingAuthentication,
    }
}
