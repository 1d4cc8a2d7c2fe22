//! Why a payment was declined, and what that means for everybody involved.
//!
//! One literal table per source: `stripe` (decline codes, advice codes), `advice` (Mastercard's
//! merchant advice codes), `visa` and `iso` (the networks' response codes). `reading` makes one
//! answer of what they say together.

pub mod advice;
pub mod iso;
pub mod reading;
pub mod stripe;
pub mod visa;

use crate::api::status::{PayerReason, Remedy};
use serde::{Deserialize, Serialize};

/// The longest raw code kept, in bytes; longer ones are cut.
pub const RAW_CODE_BYTES_MAX: usize = 64;

/// What kind of no it was. Decides remedy, wording and whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The balance or a spending limit was too low.
    InsufficientFunds,
    /// The bank or the network could not answer.
    IssuerUnavailable,
    /// A no without a reason.
    Generic,
    /// The card has expired.
    Expired,
    /// Number, date or security code are wrong.
    InvalidDetails,
    /// The card cannot pay this kind of purchase or currency.
    NotSupported,
    /// The bank wants to see the customer.
    AuthenticationRequired,
    /// Fraud, loss, theft: never again with this method, and the payer is not told why.
    Blocked,
    /// The payer told the bank to stop these payments.
    Revoked,
    /// Our own side or the merchant's: amount, duplicate, test mode.
    Technical,
    /// A code that no table knows.
    Unknown,
}

/// Whether the same method may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Automatically, and by the customer.
    Automatic,
    /// Only when the customer asks for it.
    CustomerOnly,
    /// Not without a new method.
    Never,
}

impl Category {
    /// What would help.
    #[must_use]
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::InsufficientFunds | Self::IssuerUnavailable | Self::Technical => Remedy::Wait,
            Self::Generic | Self::Unknown => Remedy::ContactIssuer,
            Self::Expired | Self::InvalidDetails | Self::NotSupported | Self::Blocked => {
                Remedy::UpdatePaymentMethod
            }
            Self::AuthenticationRequired => Remedy::Authenticate,
            Self::Revoked => Remedy::Stop,
        }
    }

    /// What the payer may be told. Blocked cards get the generic words: saying "stolen" to the
    /// person who holds the card helps nobody (<https://docs.stripe.com/declines/codes>, read
    /// 2026-11).
    #[must_use]
    pub const fn payer_reason(self) -> PayerReason {
        match self {
            Self::InsufficientFunds => PayerReason::InsufficientFunds,
            Self::IssuerUnavailable | Self::Technical => PayerReason::TryLater,
            Self::Expired => PayerReason::CardExpired,
            Self::InvalidDetails => PayerReason::CardDetailsWrong,
            Self::NotSupported => PayerReason::CardNotSupported,
            Self::AuthenticationRequired => PayerReason::AuthenticationNeeded,
            Self::Generic | Self::Blocked | Self::Revoked | Self::Unknown => {
                PayerReason::CardDeclined
            }
        }
    }

    /// Whether the same method may be tried again.
    #[must_use]
    pub const fn reuse(self) -> Reuse {
        match self {
            Self::InsufficientFunds
            | Self::IssuerUnavailable
            | Self::Generic
            | Self::Unknown
            | Self::Technical => Reuse::Automatic,
            // A revocation ends automatic payments; the same person may still pay by hand
            // (RULES: Visa R0/R1/R3 and advice 03/21 bind merchant-initiated payments only).
            Self::Revoked => Reuse::CustomerOnly,
            Self::Expired
            | Self::InvalidDetails
            | Self::NotSupported
            | Self::AuthenticationRequired
            | Self::Blocked => Reuse::Never,
        }
    }
}

/// The provider's own words, kept for people who look into a case. Never used for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawDecline {
    /// Stripe's `code`.
    pub code: Option<String>,
    /// Stripe's `decline_code`.
    pub decline_code: Option<String>,
    /// Stripe's `advice_code`.
    pub advice_code: Option<String>,
    /// The network's advice, two digits (Mastercard's merchant advice code).
    pub network_advice_code: Option<String>,
    /// The network's response code.
    pub network_decline_code: Option<String>,
    /// The provider's id of the charge that was declined: two declines with the same id are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
}

/// One classified no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// What kind of no it was.
    pub category: Category,
    /// The network or the provider said: do not try this method again.
    pub do_not_retry: bool,
    /// The provider's own words.
    pub raw: RawDecline,
}

impl Decline {
    /// Whether the same method may be tried again, the network's advice included.
    #[must_use]
    pub const fn reuse(&self) -> Reuse {
        match (self.category.reuse(), self.do_not_retry) {
            (Reuse::Automatic, true) => Reuse::CustomerOnly,
            (reuse, _) => reuse,
        }
    }

    /// What would help, the network's advice included.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self.reuse() {
            Reuse::Automatic => self.category.remedy(),
            Reuse::CustomerOnly | Reuse::Never => match self.category.remedy() {
                Remedy::Wait | Remedy::ContactIssuer => Remedy::UpdatePaymentMethod,
                other => other,
            },
        }
    }

    /// What the payer may be told, the network's advice included: nobody is told to wait for an
    /// attempt that will not come.
    #[must_use]
    pub const fn payer_reason(&self) -> PayerReason {
        match (self.reuse(), self.category.payer_reason()) {
            (Reuse::CustomerOnly | Reuse::Never, PayerReason::TryLater) => {
                PayerReason::CardDeclined
            }
            (_, reason) => reason,
        }
    }
}
