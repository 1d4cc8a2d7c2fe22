//! Which sentence belongs to which situation.

use reprieve_core::api::status::{PayerReason, RecoveryState};

use crate::failure::FailureKind;
use crate::i18n::{self, Key};
use crate::model::{Model, Screen};

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
