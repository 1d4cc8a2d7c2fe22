//! Declines as the API reports them.
//!
//! Codes and texts: <https://docs.stripe.com/declines/codes> and
//! <https://docs.stripe.com/testing#declined-payments> (read November 2026). Network codes are
//! the ISO 8583 answers that such a decline usually carries.

use crate::engine::refusal::Refusal;

/// A reason why a bank says no: the reasons that a test card stands for. Any other one is made
/// with [`Refusal`] itself.
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

pub(crate) const DECLINED: &str = "Your card was declined.";

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
}

impl From<Decline> for Refusal {
    fn from(decline: Decline) -> Self {
        let row = decline.row();
        // The test-card table of the documentation gives no decline code for codes that say it
        // all themselves (`expired_card`, `incorrect_cvc`, `processing_error`).
        let named = row.code == "card_declined" || decline == Decline::AuthenticationRequired;
        Self {
            reason: row.reason.to_owned(),
            code: row.code.to_owned(),
            decline_code: named.then(|| row.reason.to_owned()),
            message: row.message.to_owned(),
            advice_code: row.advice.map(str::to_owned),
            network_advice_code: None,
            network_decline_code: row.network.map(str::to_owned),
        }
    }
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
            let refusal = Refusal::from(decline);
            assert_eq!(refusal.message, DECLINED);
            assert!(refusal.is_final());
        }
    }

    #[test]
    fn codes_are_those_of_the_test_card_table() {
        let codes = |decline: Decline| {
            let refusal = Refusal::from(decline);
            (refusal.code, refusal.decline_code.unwrap_or_default())
        };
        let expected = |code: &str, decline_code: &str| (code.to_owned(), decline_code.to_owned());
        assert_eq!(codes(Decline::Generic), expected("card_declined", "generic_decline"));
        let poor = expected("card_declined", "insufficient_funds");
        assert_eq!(codes(Decline::InsufficientFunds), poor);
        assert_eq!(codes(Decline::ExpiredCard), expected("expired_card", ""));
    }
}
