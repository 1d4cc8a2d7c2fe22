//! Which sentence belongs to which situation.

use reprieve_core::api::status::{
    AccessLevel, CardNewsKind, MethodSummary, PayerReason, RecoveryState, Remedy, Status,
};

use crate::failure::FailureKind;
use crate::i18n::{self, Key};
use crate::model::{Model, Screen};

/// Under this distance a date is told with its time of day, in milliseconds.
const NEAR_MS: i64 = 48 * 60 * 60 * 1000;

/// Names of card brands that are not just their provider's word with a capital letter.
const BRANDS: &[(&str, &str)] = &[
    ("amex", "American Express"),
    ("cartes_bancaires", "Cartes Bancaires"),
    ("diners", "Diners Club"),
    ("eftpos_au", "Eftpos"),
    ("jcb", "JCB"),
    ("sepa_debit", "SEPA"),
    ("unionpay", "UnionPay"),
];

/// Why the payment failed, in plain words.
#[must_use]
pub const fn reason(reason: Option<PayerReason>) -> Key {
    match reason {
        Some(PayerReason::CardExpired) => i18n::REASON_CARD_EXPIRED,
        Some(PayerReason::InsufficientFunds) => i18n::REASON_INSUFFICIENT_FUNDS,
        Some(PayerReason::CardDetailsWrong) => i18n::REASON_CARD_DETAILS_WRONG,
        Some(PayerReason::CardNotSupported) => i18n::REASON_CARD_NOT_SUPPORTED,
        Some(PayerReason::AuthenticationNeeded) => i18n::REASON_AUTHENTICATION_NEEDED,
        Some(PayerReason::CardDeclined) => i18n::REASON_CARD_DECLINED,
        Some(PayerReason::TryLater) => i18n::REASON_TRY_LATER,
        None => i18n::REASON_UNKNOWN,
    }
}

/// Why a card was just declined, and what to do now.
#[must_use]
pub const fn declined(reason: PayerReason) -> Key {
    match reason {
        PayerReason::CardExpired => i18n::DECLINED_CARD_EXPIRED,
        PayerReason::InsufficientFunds => i18n::DECLINED_INSUFFICIENT_FUNDS,
        PayerReason::CardDetailsWrong => i18n::DECLINED_CARD_DETAILS_WRONG,
        PayerReason::CardNotSupported => i18n::DECLINED_CARD_NOT_SUPPORTED,
        PayerReason::AuthenticationNeeded => i18n::DECLINED_AUTHENTICATION_NEEDED,
        PayerReason::CardDeclined => i18n::DECLINED_CARD_DECLINED,
        PayerReason::TryLater => i18n::DECLINED_TRY_LATER,
    }
}

/// A moment to be put into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// So near that the time of day matters.
    pub is_near: bool,
}

/// What happens next: a sentence, and the moment in it where it has one.
#[must_use]
pub fn next(status: &Status) -> Option<(Key, Option<Moment>)> {
    let ahead = |at_ms: Option<i64>| {
        let at_ms = at_ms.filter(|&at_ms| at_ms > status.server_time_ms)?;
        let is_near = at_ms.saturating_sub(status.server_time_ms) < NEAR_MS;
        Some(Moment { at_ms, is_near })
    };
    match status.access {
        AccessLevel::Ended => Some((i18n::NEXT_ENDED, None)),
        AccessLevel::Restricted => Some((i18n::NEXT_RESTRICTED, None)),
        AccessLevel::Full | AccessLevel::Warn => {
            // Waiting is advice only where time itself helps, as with an empty balance.
            let planned = status.next_attempt_at_ms.filter(|_| status.remedy == Some(Remedy::Wait));
            let attempt = ahead(planned).map(|at| (i18n::NEXT_ATTEMPT, Some(at)));
            let grace = || ahead(status.grace_ends_at_ms).map(|at| (i18n::NEXT_GRACE, Some(at)));
            attempt.or_else(grace)
        }
    }
}

/// Title and message of the screens that are only a title and a message. `None` for the others.
#[must_use]
pub fn notice(model: &Model) -> Option<(Key, Key)> {
    Some(match model.screen {
        Screen::Pending if model.status.state == RecoveryState::Processing => {
            (i18n::PENDING_DAYS_TITLE, i18n::PENDING_DAYS)
        }
        Screen::Pending if model.late => (i18n::PENDING_LATE_TITLE, i18n::PENDING_LATE),
        Screen::Pending => (i18n::PENDING_TITLE, i18n::PENDING_MESSAGE),
        Screen::Recovered if model.amount.is_some() => {
            (i18n::RECOVERED_TITLE, i18n::RECOVERED_MESSAGE)
        }
        Screen::Recovered if model.is_news => (i18n::RECOVERED_TITLE, i18n::RECOVERED_SAVED),
        Screen::Recovered => (i18n::RECOVERED_TITLE, i18n::RECOVERED_PLAIN),
        Screen::Error => {
            let message = match model.failure.as_ref().map(|failure| failure.kind) {
                Some(FailureKind::ProviderDown) => i18n::ERROR_PROVIDER,
                Some(FailureKind::Busy { .. }) => i18n::ERROR_BUSY,
                Some(FailureKind::Fields) => i18n::ERROR_FIELDS,
                _ => i18n::ERROR_MESSAGE,
            };
            (i18n::ERROR_TITLE, message)
        }
        Screen::Offline => (i18n::OFFLINE_TITLE, i18n::OFFLINE_MESSAGE),
        Screen::SessionExpired => (i18n::SESSION_EXPIRED_TITLE, i18n::SESSION_EXPIRED_MESSAGE),
        Screen::Hidden | Screen::Banner | Screen::Update | Screen::Confirm => return None,
    })
}

/// Title and message of a notice about the card alone.
#[must_use]
pub const fn news(kind: Option<CardNewsKind>) -> Option<(Key, Key)> {
    match kind {
        Some(CardNewsKind::Updated) => Some((i18n::NEWS_UPDATED_TITLE, i18n::NEWS_UPDATED)),
        Some(CardNewsKind::ExpiresSoon) => Some((i18n::NEWS_EXPIRES_TITLE, i18n::NEWS_EXPIRES)),
        None => None,
    }
}

/// The day of which a card's month ends, told as a day. Noon in UTC is that day nearly everywhere;
/// its last moment is the next month's already in the eastern half of the world.
#[must_use]
pub const fn last_day(expires_at_ms: i64) -> Moment {
    Moment { at_ms: expires_at_ms.saturating_sub(12 * 60 * 60 * 1000), is_near: false }
}

/// A card as its owner knows it: `Visa •••• 0341`.
#[must_use]
pub fn method(method: &MethodSummary) -> String {
    let known = BRANDS.iter().find(|(brand, _)| *brand == method.brand).map(|(_, name)| *name);
    let mut text = String::new();
    match (known, method.brand.split_at_checked(1)) {
        (Some(name), _) => text.push_str(name),
        (None, Some((first, rest))) => {
            text.push_str(&first.to_ascii_uppercase());
            text.push_str(rest);
        }
        (None, None) => {}
    }
    text.push_str(" •••• ");
    text.push_str(&method.last4);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::status;

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    #[test]
    fn what_happens_next_follows_the_access_level() {
        let mut now = status();
        now.server_time_ms = 100 * DAY_MS;
        now.grace_ends_at_ms = Some(107 * DAY_MS);
        let at = Moment { at_ms: 107 * DAY_MS, is_near: false };
        assert_eq!(next(&now), Some((i18n::NEXT_GRACE, Some(at))));
        now.grace_ends_at_ms = Some(101 * DAY_MS);
        assert!(next(&now).unwrap().1.unwrap().is_near);
        now.access = AccessLevel::Restricted;
        assert_eq!(next(&now), Some((i18n::NEXT_RESTRICTED, None)));
        now.access = AccessLevel::Ended;
        assert_eq!(next(&now), Some((i18n::NEXT_ENDED, None)));
    }

    #[test]
    fn a_date_that_has_passed_is_not_promised() {
        let mut now = status();
        now.server_time_ms = 100 * DAY_MS;
        now.grace_ends_at_ms = Some(99 * DAY_MS);
        assert_eq!(next(&now), None);
    }

    #[test]
    fn waiting_is_advised_only_where_it_helps() {
        let mut now = status();
        now.server_time_ms = 100 * DAY_MS;
        now.grace_ends_at_ms = Some(107 * DAY_MS);
        now.next_attempt_at_ms = Some(103 * DAY_MS);
        assert_eq!(next(&now).unwrap().0, i18n::NEXT_GRACE);
        now.remedy = Some(Remedy::Wait);
        assert_eq!(next(&now).unwrap().0, i18n::NEXT_ATTEMPT);
    }

    #[test]
    fn cards_are_named_as_on_the_card() {
        let named = |brand: &str| {
            method(&MethodSummary { brand: brand.to_owned(), last4: "0341".to_owned() })
        };
        assert_eq!(named("visa"), "Visa •••• 0341");
        assert_eq!(named("amex"), "American Express •••• 0341");
        assert_eq!(named(""), " •••• 0341");
        assert_eq!(named("é"), " •••• 0341");
    }
}
