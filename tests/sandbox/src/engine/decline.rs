//! Declines as the API reports them.
//!
//! Codes and texts: <https://docs.stripe.com/declines/codes> and
//! <https://docs.stripe.com/testing#declined-payments> (read November 2026). Network codes are
//! the ISO 8583 answers that such a decline usually carries.

use serde_json::{Value, json};

/// A reason why a bank says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decline {
    Generic,
    InsufficientFunds,
    LostCard,
    StolenCard,
    ExpiredCard,
    IncorrectCvc,
    ProcessingError,
    VelocityExceeded,
    AuthenticationRequired,
    NotATestCard,
}

/// One row of the table below.
struct Row {
    /// `outcome.reason`; also `decline_code` when `code` is `card_declined`.
    reason: &'static str,
    code: &'static str,
    message: &'static str,
    advice: Option<&'static str>,
    network: Option<&'static str>,
}

const DECLINED: &str = "Your card was declined.";

impl Decline {
    const ALL: [Self; 10] = [
        Self::Generic,
        Self::InsufficientFunds,
        Self::LostCard,
        Self::StolenCard,
        Self::ExpiredCard,
        Self::IncorrectCvc,
        Self::ProcessingError,
        Self::VelocityExceeded,
        Self::AuthenticationRequired,
        Self::NotATestCard,
    ];

    fn row(self) -> Row {
        let row =
            |reason, code, message, advice, network| Row { reason, code, message, advice, network };
        let again = Some("try_again_later");
        let never = Some("do_not_try_again");
        let check = Some("confirm_card_data");
        match self {
            Self::Generic => row("generic_decline", "card_declined", DECLINED, again, Some("05")),
            Self::InsufficientFunds => row(
                "insufficient_funds",
                "card_declined",
                "Your card has insufficient funds.",
                again,
                Some("51"),
            ),
            Self::LostCard => row("lost_card", "card_declined", DECLINED, never, Some("41")),
            Self::StolenCard => row("stolen_card", "card_declined", DECLINED, never, Some("43")),
            Self::ExpiredCard => {
                row("expired_card", "expired_card", "Your card has expired.", check, Some("54"))
            }
            Self::IncorrectCvc => row(
                "incorrect_cvc",
                "incorrect_cvc",
                "Your card's security code is incorrect.",
                check,
                Some("N7"),
            ),
            Self::ProcessingError => row(
                "processing_error",
                "processing_error",
                "An error occurred while processing your card. Try again in a little bit.",
                again,
                Some("96"),
            ),
            Self::VelocityExceeded => row(
                "card_velocity_exceeded",
                "card_declined",
                "Your card was declined for making repeated attempts too frequently or \
                 exceeding its amount limit.",
                again,
                Some("61"),
            ),
            Self::AuthenticationRequired => row(
                "authentication_required",
                "authentication_required",
                "Your card was declined. This transaction requires authentication.",
                None,
                Some("1A"),
            ),
            Self::NotATestCard => row(
                "test_mode_live_card",
                "card_declined",
                "Your card was declined. Your request was in test mode, but used a non test \
                 card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
                None,
                None,
            ),
        }
    }

    /// The name under which a payment method remembers it.
    pub(crate) fn name(self) -> &'static str {
        self.row().reason
    }

    /// The decline with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decline| decline.name() == name)
    }

    /// The error's `code`: `card_declined`, `expired_card`, …
    pub(crate) fn code(self) -> &'static str {
        self.row().code
    }

    /// The error's `decline_code`. The test-card table of the documentation gives none for
    /// codes that say it all themselves (`expired_card`, `incorrect_cvc`, `processing_error`).
    pub(crate) fn decline_code(self) -> Option<&'static str> {
        let row = self.row();
        let named = row.code == "card_declined" || self == Self::AuthenticationRequired;
        named.then_some(row.reason)
    }

    /// The sentence for the customer. Lost and stolen cards get the general one on purpose.
    pub(crate) fn message(self) -> &'static str {
        self.row().message
    }

    /// Whether Stripe refuses to send the same card again before a new one was given
    /// (docs.stripe.com/billing/revenue-recovery/smart-retries#non-retryable-decline-codes).
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::LostCard | Self::StolenCard | Self::AuthenticationRequired)
    }

    /// The fields that error bodies, `last_payment_error` and `last_setup_error` share.
    pub(crate) fn error_fields(self) -> Value {
        let row = self.row();
        let mut fields = json!({
            "type": "card_error",
            "code": row.code,
            "doc_url": format!(
                "https://docs.stripe.com/error-codes/{}", row.code.replace('_', "-")
            ),
            "message": row.message,
        });
        let optional = [
            ("decline_code", self.decline_code()),
            ("advice_code", row.advice),
            ("network_decline_code", row.network),
            ("param", param(self)),
        ];
        if let Value::Object(map) = &mut fields {
            for (name, value) in optional {
                if let Some(value) = value {
                    map.insert(name.to_owned(), value.into());
                }
            }
        }
        fields
    }

    /// The `outcome` of a charge that ended this way.
    pub(crate) fn outcome(self) -> Value {
        let row = self.row();
        let seller = match self {
            Self::Generic => {
                "The bank did not return any further details with this decline.".to_owned()
            }
            _ => format!("The bank returned the decline code `{}`.", row.reason),
        };
        json!({
            "advice_code": row.advice,
            "network_advice_code": null,
            "network_decline_code": row.network,
            "network_status": "declined_by_network",
            "reason": row.reason,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": seller,
            "type": "issuer_declined",
        })
    }
}

fn param(decline: Decline) -> Option<&'static str> {
    match decline {
        Decline::ExpiredCard => Some("exp_month"),
        Decline::IncorrectCvc => Some("cvc"),
        _ => None,
    }
}

/// The `outcome` of a charge that succeeded.
pub(crate) fn outcome_approved() -> Value {
    json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": "approved_by_network",
        "reason": null,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        for decline in Decline::ALL {
            assert_eq!(Decline::from_name(decline.name()), Some(decline));
        }
    }

    #[test]
    fn a_lost_card_is_not_told_to_the_customer() {
        for decline in [Decline::LostCard, Decline::StolenCard] {
            assert_eq!(decline.message(), Decline::Generic.message());
            assert!(decline.is_final());
        }
    }

    #[test]
    fn codes_are_those_of_the_test_card_table() {
        let codes = |d: Decline| (d.code(), d.decline_code());
        assert_eq!(codes(Decline::Generic), ("card_declined", Some("generic_decline")));
        assert_eq!(
            codes(Decline::InsufficientFunds),
            ("card_declined", Some("insufficient_funds"))
        );
        assert_eq!(codes(Decline::ExpiredCard), ("expired_card", None));
    }
}
