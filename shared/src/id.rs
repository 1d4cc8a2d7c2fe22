//! Identifiers, each its own type so that an invoice can never be passed for a customer.

use serde::{Deserialize, Serialize};

/// The longest identifier accepted, in bytes. Two of them, with the rest of an idempotency key,
/// stay below Stripe's 255 characters for a key
/// (<https://docs.stripe.com/api/idempotent_requests>).
pub const ID_BYTES_MAX: usize = 100;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("an identifier is empty")]
    Empty,
    /// The text is longer than [`ID_BYTES_MAX`].
    #[error("an identifier is longer than {ID_BYTES_MAX} bytes")]
    TooLong,
    /// The text has a character other than ASCII letters, digits, `_`, `-` and `.`.
    #[error("an identifier has a character other than letters, digits, '_', '-' and '.'")]
    Character,
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong);
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if text.bytes().all(plain) { Ok(()) } else { Err(IdError::Character) }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text that is not empty, at most [`ID_BYTES_MAX`] bytes, of letters, digits,
            /// `_`, `-` and `.`; anything else is an [`IdError`].
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text)?;
                Ok(Self(text.to_owned()))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

identifiers! {
    /// The company that embeds the widget.
    MerchantId;
    /// The provider's customer (`cus_…`).
    CustomerId;
    /// The provider's subscription (`sub_…`).
    SubscriptionId;
    /// The provider's invoice (`in_…`).
    InvoiceId;
    /// The provider's payment method (`pm_…`).
    PaymentMethodId;
    /// The provider's set-up of a new payment method (`seti_…`).
    SetupId;
    /// The provider's event (`evt_…`).
    EventId;
    /// The provider's price of a plan (`price_…`).
    PlanId;
    /// A cancellation (`ccl_…`). Ours, and derived: it is no secret.
    CancellationId;
    /// A complaint (`cpl_…`). Ours, and derived: it is no secret.
    ComplaintId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_short_and_plain() {
        assert!(InvoiceId::parse("in_1NabcDEF-2.x").is_ok());
        assert_eq!(InvoiceId::parse(""), Err(IdError::Empty));
        assert_eq!(InvoiceId::parse(&"x".repeat(ID_BYTES_MAX + 1)), Err(IdError::TooLong));
        for bad in ["in 1", "in/1", "in\n", "ï", "in:1"] {
            assert_eq!(InvoiceId::parse(bad), Err(IdError::Character), "{bad:?}");
        }
    }
}
