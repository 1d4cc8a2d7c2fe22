//! What the API tells of a payment that was not made: the error's fields and the charge's outcome.

use serde_json::{Value, json};

use crate::engine::decline::{DECLINED, Decline};
use crate::json::Json;

/// Decline codes after which Stripe does not send the same card again before another one was
/// given (docs.stripe.com/billing/revenue-recovery/smart-retries#non-retryable-decline-codes,
/// read November 2026).
const FINAL_REASONS: [&str; 9] = [
    "incorrect_number",
    "lost_card",
    "pickup_card",
    "stolen_card",
    "revocation_of_authorization",
    "revocation_of_all_authorizations",
    "authentication_required",
    "highest_risk_level",
    "transaction_not_allowed",
];

/// Reasons that are error codes themselves; every other one comes as `card_declined`
/// (<https://docs.stripe.com/error-codes>).
const OWN_CODES: [&str; 6] = [
    "authentication_required",
    "expired_card",
    "incorrect_cvc",
    "incorrect_number",
    "incorrect_zip",
    "processing_error",
];

/// Outcome reasons with which Stripe itself stops a payment before the network sees it
/// (<https://docs.stripe.com/declines#blocked-payments>).
const BLOCKED_REASONS: [&str; 4] =
    ["elevated_risk_level", "highest_risk_level", "previously_declined_do_not_retry", "rule"];

/// Why a payment was refused, in the words of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// `outcome.reason`.
    pub(crate) reason: String,
    /// The error's `code`: `card_declined`, `expired_card`, …
    pub(crate) code: String,
    pub(crate) decline_code: Option<String>,
    /// The sentence for the customer.
    pub(crate) message: String,
    pub(crate) advice_code: Option<String>,
    /// Two digits: Mastercard's merchant advice code.
    pub(crate) network_advice_code: Option<String>,
    /// The network's own answer, such as `51`.
    pub(crate) network_decline_code: Option<String>,
}

impl Refusal {
    /// A refusal with this decline code; what a known code carries besides is filled in.
    pub(crate) fn with_code(decline_code: &str) -> Self {
        if let Some(known) = Decline::from_name(decline_code) {
            let decline_code = Some(decline_code.to_owned());
            return Self { decline_code, ..Self::from(known) };
        }
        let own = OWN_CODES.contains(&decline_code);
        Self {
            reason: decline_code.to_owned(),
            code: if own { decline_code } else { "card_declined" }.to_owned(),
            decline_code: Some(decline_code.to_owned()),
            message: DECLINED.to_owned(),
            advice_code: None,
            network_advice_code: None,
            network_decline_code: None,
        }
    }

    /// Whether Stripe refuses to send the same card again before a new one was given.
    pub(crate) fn is_final(&self) -> bool {
        FINAL_REASONS.contains(&self.reason.as_str())
    }

    /// Whether the bank only wants to see the customer.
    pub(crate) fn asks_for_authentication(&self) -> bool {
        self.reason == "authentication_required"
    }

    fn is_blocked(&self) -> bool {
        BLOCKED_REASONS.contains(&self.reason.as_str())
    }

    /// The fields that error bodies, `last_payment_error` and `last_setup_error` share.
    pub(crate) fn error_fields(&self) -> Value {
        let mut fields = json!({
            "type": "card_error",
            "code": self.code,
            "doc_url": format!(
                "https://docs.stripe.com/error-codes/{}", self.code.replace('_', "-")
            ),
            "message": self.message,
        });
        let param = match self.code.as_str() {
            "expired_card" => Some("exp_month".to_owned()),
            "incorrect_cvc" => Some("cvc".to_owned()),
            "incorrect_number" => Some("number".to_owned()),
            _ => None,
        };
        for (name, value) in [
            ("decline_code", &self.decline_code),
            ("advice_code", &self.advice_code),
            ("network_advice_code", &self.network_advice_code),
            ("network_decline_code", &self.network_decline_code),
            ("param", &param),
        ] {
            if let Some(value) = value {
                fields.set(name, value.clone());
            }
        }
        fields
    }

    /// The `outcome` of a charge that ended this way.
    pub(crate) fn outcome(&self) -> Value {
        let seller = match (self.is_blocked(), self.reason.as_str()) {
            (true, _) => "Stripe blocked this payment.".to_owned(),
            (false, "generic_decline") => {
                "The bank did not return any further details with this decline.".to_owned()
            }
            (false, reason) => format!("The bank returned the decline code `{reason}`."),
        };
        let (status, kind) = if self.is_blocked() {
            ("not_sent_to_network", "blocked")
        } else {
            ("declined_by_network", "issuer_declined")
        };
        json!({
            "advice_code": self.advice_code,
            "network_advice_code": self.network_advice_code,
            "network_decline_code": self.network_decline_code,
            "network_status": status,
            "reason": self.reason,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": seller,
            "type": kind,
        })
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
    fn a_code_brings_what_is_known_of_it() {
        let poor = Refusal::with_code("insufficient_funds");
        assert_eq!(poor.network_decline_code.as_deref(), Some("51"));
        let expired = Refusal::with_code("expired_card");
        assert_eq!(expired.code, "expired_card");
        assert_eq!(expired.decline_code.as_deref(), Some("expired_card"));
        let odd = Refusal::with_code("do_not_honor");
        assert_eq!((odd.code.as_str(), odd.is_final()), ("card_declined", false));
        assert!(Refusal::with_code("pickup_card").is_final());
    }

    #[test]
    fn stripes_own_block_never_reached_the_network() {
        let blocked = Refusal::with_code("previously_declined_do_not_retry").outcome();
        assert_eq!(blocked["network_status"], "not_sent_to_network");
        assert_eq!(blocked["type"], "blocked");
    }
}
