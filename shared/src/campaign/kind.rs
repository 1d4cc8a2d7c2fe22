//! What a notice says, and which notices belong together.

use super::step::Anchor;
use serde::{Deserialize, Serialize};

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A payment failed, and what would help.
    PaymentFailed,
    /// It is still open.
    PaymentReminder,
    /// The bank wants the customer to confirm.
    AuthenticationNeeded,
    /// Access will shrink soon: until when it stays, and "keep playing" for games.
    GraceEnding,
    /// Access has shrunk, and how it comes back.
    AccessRestricted,
    /// Thank you: everything open was paid.
    Recovered,
    /// The card on file expires.
    CardExpiring,
    /// The bank replaced the card, and it was updated without the customer.
    CardUpdated,
    /// The next charge and its amount.
    UpcomingCharge,
    /// The trial ends and what it costs then.
    TrialEnding,
    /// The price changes, when and why.
    PriceChange,
    /// The price changes only if the customer agrees.
    PriceConsent,
}

/// What belongs together: notices of one topic on one channel become one notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Topic {
    Payment,
    Recovered,
    Card,
    CardUpdated,
    Upcoming,
    Trial,
    Price,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::PaymentFailed,
        Self::PaymentReminder,
        Self::AuthenticationNeeded,
        Self::GraceEnding,
        Self::AccessRestricted,
        Self::Recovered,
        Self::CardExpiring,
        Self::CardUpdated,
        Self::UpcomingCharge,
        Self::TrialEnding,
        Self::PriceChange,
        Self::PriceConsent,
    ];

    /// Its word in policies, ids and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentFailed => "payment_failed",
            Self::PaymentReminder => "payment_reminder",
            Self::AuthenticationNeeded => "authentication_needed",
            Self::GraceEnding => "grace_ending",
            Self::AccessRestricted => "access_restricted",
            Self::Recovered => "recovered",
            Self::CardExpiring => "card_expiring",
            Self::CardUpdated => "card_updated",
            Self::UpcomingCharge => "upcoming_charge",
            Self::TrialEnding => "trial_ending",
            Self::PriceChange => "price_change",
            Self::PriceConsent => "price_consent",
        }
    }

    /// What it belongs to.
    #[must_use]
    pub const fn topic(self) -> Topic {
        match self {
            Self::PaymentFailed
            | Self::PaymentReminder
            | Self::AuthenticationNeeded
            | Self::GraceEnding
            | Self::AccessRestricted => Topic::Payment,
            Self::Recovered => Topic::Recovered,
            Self::CardExpiring => Topic::Card,
            Self::CardUpdated => Topic::CardUpdated,
            Self::UpcomingCharge => Topic::Upcoming,
            Self::TrialEnding => Topic::Trial,
            Self::PriceChange | Self::PriceConsent => Topic::Price,
        }
    }

    /// Which of two notices that meet gives the one notice its kind: the higher number.
    #[must_use]
    pub const fn urgency(self) -> u8 {
        match self {
            Self::AccessRestricted => 9,
            Self::GraceEnding => 8,
            Self::AuthenticationNeeded => 7,
            Self::PriceConsent => 6,
            Self::PaymentFailed => 5,
            Self::PaymentReminder | Self::TrialEnding | Self::PriceChange => 4,
            Self::UpcomingCharge => 3,
            Self::CardExpiring => 2,
            Self::CardUpdated => 1,
            Self::Recovered => 0,
        }
    }

    /// The anchors that make sense for it.
    #[must_use]
    pub const fn anchors(self) -> &'static [Anchor] {
        match self {
            Self::PaymentFailed | Self::PaymentReminder | Self::AuthenticationNeeded => {
                &[Anchor::Failure, Anchor::GraceEnd]
            }
            Self::GraceEnding | Self::AccessRestricted => &[Anchor::GraceEnd],
            Self::Recovered => &[Anchor::Recovery],
            Self::CardExpiring => &[Anchor::CardExpiry],
            Self::CardUpdated => &[Anchor::CardUpdate],
            Self::UpcomingCharge => &[Anchor::UpcomingCharge],
            Self::TrialEnding => &[Anchor::TrialEnd],
            Self::PriceChange | Self::PriceConsent => &[Anchor::PriceChange],
        }
    }
}

impl Topic {
    /// Its word in merge keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Recovered => "recovered",
            Self::Card => "card",
            Self::CardUpdated => "card_updated",
            Self::Upcoming => "upcoming",
            Self::Trial => "trial",
            Self::Price => "price",
        }
    }
}
