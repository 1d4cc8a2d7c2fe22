//! The words of the wire in a few bytes.
//!
//! The types are the core's and the server writes them with serde. Reading them here with serde
//! too would cost a customer more than all our screens, so a small reader in [`crate::client`]
//! takes the fields, and this file the words. Tests hold both to what serde writes.

use reprieve_core::api::status::{AccessLevel, CardNewsKind, PayerReason, RecoveryState, Remedy};

const STATES: &[(&str, RecoveryState)] = &[
    ("clear", RecoveryState::Clear),
    ("action_needed", RecoveryState::ActionNeeded),
    ("pending", RecoveryState::Pending),
    ("processing", RecoveryState::Processing),
    ("recovered", RecoveryState::Recovered),
];

const ACCESS_LEVELS: &[(&str, AccessLevel)] = &[
    ("full", AccessLevel::Full),
    ("warn", AccessLevel::Warn),
    ("restricted", AccessLevel::Restricted),
    ("ended", AccessLevel::Ended),
];

const REMEDIES: &[(&str, Remedy)] = &[
    ("wait", Remedy::Wait),
    ("update_payment_method", Remedy::UpdatePaymentMethod),
    ("authenticate", Remedy::Authenticate),
    ("contact_issuer", Remedy::ContactIssuer),
    ("stop", Remedy::Stop),
];

const REASONS: &[(&str, PayerReason)] = &[
    ("card_expired", PayerReason::CardExpired),
    ("insufficient_funds", PayerReason::InsufficientFunds),
    ("card_details_wrong", PayerReason::CardDetailsWrong),
    ("card_not_supported", PayerReason::CardNotSupported),
    ("authentication_needed", PayerReason::AuthenticationNeeded),
    ("card_declined", PayerReason::CardDeclined),
    ("try_later", PayerReason::TryLater),
];

const NEWS: &[(&str, CardNewsKind)] =
    &[("updated", CardNewsKind::Updated), ("expires_soon", CardNewsKind::ExpiresSoon)];

/// A type that has a word on the wire.
pub trait Word: Copy + PartialEq + Sized + 'static {
    /// Every word.
    const WORDS: &'static [(&'static str, Self)];

    /// What a word means. `None` for a word of a later version.
    #[must_use]
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    /// The word, as the host page is told.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

impl Word for RecoveryState {
    const WORDS: &'static [(&'static str, Self)] = STATES;
}

impl Word for AccessLevel {
    const WORDS: &'static [(&'static str, Self)] = ACCESS_LEVELS;
}

impl Word for Remedy {
    const WORDS: &'static [(&'static str, Self)] = REMEDIES;
}

impl Word for PayerReason {
    const WORDS: &'static [(&'static str, Self)] = REASONS;
}

impl Word for CardNewsKind {
    const WORDS: &'static [(&'static str, Self)] = NEWS;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    fn agrees_with_serde<T: Word + Serialize>() {
        for (word, value) in T::WORDS {
            assert_eq!(serde_json::to_value(value).unwrap(), serde_json::Value::from(*word));
        }
    }

    #[test]
    fn words_are_those_of_the_wire() {
        agrees_with_serde::<RecoveryState>();
        agrees_with_serde::<AccessLevel>();
        agrees_with_serde::<Remedy>();
        agrees_with_serde::<PayerReason>();
        agrees_with_serde::<CardNewsKind>();
    }

    #[test]
    fn a_word_of_a_later_version_means_nothing_yet() {
        assert_eq!(PayerReason::from_word("card_is_pink"), None);
        assert_eq!(PayerReason::from_word("try_later"), Some(PayerReason::TryLater));
        assert_eq!(PayerReason::TryLater.word(), "try_later");
    }

    /// Adding a variant to the core must fail here, not in front of a customer.
    #[test]
    fn no_word_is_missing() {
        const fn reason(reason: PayerReason) -> usize {
            match reason {
                PayerReason::CardExpired
                | PayerReason::InsufficientFunds
                | PayerReason::CardDetailsWrong
                | PayerReason::CardNotSupported
                | PayerReason::AuthenticationNeeded
                | PayerReason::CardDeclined
                | PayerReason::TryLater => 7,
            }
        }
        const fn remedy(remedy: Remedy) -> usize {
            match remedy {
                Remedy::Wait
                | Remedy::UpdatePaymentMethod
                | Remedy::Authenticate
                | Remedy::ContactIssuer
                | Remedy::Stop => 5,
            }
        }
        assert_eq!(REASONS.len(), reason(PayerReason::TryLater));
        assert_eq!(REMEDIES.len(), remedy(Remedy::Stop));
        assert_eq!((STATES.len(), ACCESS_LEVELS.len()), (5, 4));
    }
}
