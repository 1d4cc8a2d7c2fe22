//! Stripe's decline codes, as one literal table.
//!
//! Source of the code names: <https://docs.stripe.com/declines/codes>, read 2026-11. The category
//! is ours. An unknown code is [`Category::Unknown`]; nothing is guessed from message texts.

use super::{Category, Decline, RAW_CODE_BYTES_MAX, RawDecline};

/// (Stripe's `decline_code` or, where there is none, `code`; our category).
pub const CODES: &[(&str, Category)] = &[
    ("approve_with_id", Category::IssuerUnavailable),
    ("authentication_not_handled", Category::AuthenticationRequired),
    ("authentication_required", Category::AuthenticationRequired),
    ("call_issuer", Category::Generic),
    ("card_declined", Category::Generic),
    ("card_not_supported", Category::NotSupported),
    ("card_velocity_exceeded", Category::InsufficientFunds),
    ("currency_not_supported", Category::NotSupported),
    ("do_not_honor", Category::Generic),
    ("do_not_try_again", Category::Generic),
    ("duplicate_transaction", Category::Technical),
    ("expired_card", Category::Expired),
    ("fraudulent", Category::Blocked),
    ("generic_decline", Category::Generic),
    ("highest_risk_level", Category::Blocked),
    ("incorrect_address", Category::InvalidDetails),
    ("incorrect_cvc", Category::InvalidDetails),
    ("incorrect_number", Category::InvalidDetails),
    ("incorrect_pin", Category::InvalidDetails),
    ("incorrect_zip", Category::InvalidDetails),
    ("insufficient_funds", Category::InsufficientFunds),
    ("invalid_account", Category::InvalidDetails),
    ("invalid_amount", Category::Technical),
    ("invalid_cvc", Category::InvalidDetails),
    ("invalid_expiry_month", Category::InvalidDetails),
    ("invalid_expiry_year", Category::InvalidDetails),
    ("invalid_number", Category::InvalidDetails),
    ("invalid_pin", Category::InvalidDetails),
    ("issuer_not_available", Category::IssuerUnavailable),
    ("lost_card", Category::Blocked),
    ("merchant_blacklist", Category::Blocked),
    ("new_account_information_available", Category::InvalidDetails),
    ("no_action_taken", Category::Generic),
    ("not_permitted", Category::NotSupported),
    ("offline_pin_required", Category::NotSupported),
    ("online_or_offline_pin_required", Category::NotSupported),
    ("payment_intent_authentication_failure", Category::AuthenticationRequired),
    ("pickup_card", Category::Blocked),
    ("pin_try_exceeded", Category::InvalidDetails),
    ("processing_error", Category::IssuerUnavailable),
    ("reenter_transaction", Category::IssuerUnavailable),
    ("restricted_card", Category::Blocked),
    ("revocation_of_all_authorizations", Category::Revoked),
    ("revocation_of_authorization", Category::Revoked),
    ("security_violation", Category::Blocked),
    ("service_not_allowed", Category::NotSupported),
    ("stolen_card", Category::Blocked),
    ("stop_payment_order", Category::Revoked),
    ("testmode_decline", Category::Technical),
    ("transaction_not_allowed", Category::NotSupported),
    ("try_again_later", Category::IssuerUnavailable),
    ("withdrawal_count_limit_exceeded", Category::InsufficientFunds),
];

/// Network advice that forbids trying again: Mastercard merchant advice codes
/// (<https://developers.tabapay.com/docs/merchant-advice-code>, read 2026-11).
const NETWORK_ADVICE_STOP: &[&str] = &["03", "21", "22", "42"];

/// Classifies what Stripe said. The network's advice outranks Stripe's, Stripe's outranks the code.
#[must_use]
pub fn classify(raw: RawDecline) -> Decline {
    let raw = cut(raw);
    let known = |code: &Option<String>| code.as_deref().and_then(category_of);
    // `card_declined` is only the envelope; the decline code inside says why.
    let category = known(&raw.decline_code).or_else(|| known(&raw.code));
    let network_stop = raw.network_advice_code.as_deref().map(is_stop_advice);
    let provider_stop = [&raw.advice_code, &raw.decline_code]
        .iter()
        .any(|code| code.as_deref() == Some("do_not_try_again"));
    let category = match (category, raw.network_advice_code.as_deref()) {
        (_, Some("21")) => Category::Revoked,
        (Some(category), _) => category,
        (None, _) => Category::Unknown,
    };
    Decline { category, do_not_retry: network_stop.unwrap_or(provider_stop), raw }
}

fn category_of(code: &str) -> Option<Category> {
    CODES.iter().find(|(name, _)| *name == code).map(|(_, category)| *category)
}

fn is_stop_advice(advice: &str) -> bool {
    NETWORK_ADVICE_STOP.contains(&advice)
}

fn cut(mut raw: RawDecline) -> RawDecline {
    let fields = [
        &mut raw.code,
        &mut raw.decline_code,
        &mut raw.advice_code,
        &mut raw.network_advice_code,
        &mut raw.network_decline_code,
    ];
    for text in fields.into_iter().flatten() {
        let end = (0..=RAW_CODE_BYTES_MAX.min(text.len()))
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        text.truncate(end);
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::status::{PayerReason, Remedy};
    use crate::decline::Reuse;

    fn raw(code: &str, decline_code: &str, advice: &str, network_advice: &str) -> RawDecline {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        RawDecline {
            code: some(code),
            decline_code: some(decline_code),
            advice_code: some(advice),
            network_advice_code: some(network_advice),
            network_decline_code: None,
        }
    }

    #[test]
    fn the_table_is_sorted_and_has_no_code_twice() {
        let names: Vec<_> = CODES.iter().map(|(name, _)| *name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
    }

    #[test]
    fn declines_read_as_a_table() {
        use Category as C;
        const CARD: &str = "card_declined";
        const PAST: &str = "expired_card";
        #[rustfmt::skip]
        let rows = [
            // code decline code         advice              network category              stop
            (CARD, "insufficient_funds", "",                 "",    C::InsufficientFunds,   false),
            (CARD, "generic_decline",    "",                 "",    C::Generic,             false),
            (PAST, "",                   "",                 "",    C::Expired,             false),
            (CARD, "stolen_card",        "",                 "",    C::Blocked,             false),
            (CARD, "generic_decline",    "do_not_try_again", "",    C::Generic,             true),
            (CARD, "generic_decline",    "do_not_try_again", "02",  C::Generic,             false),
            (CARD, "generic_decline",    "try_again_later",  "03",  C::Generic,             true),
            (CARD, "generic_decline",    "",                 "21",  C::Revoked,             true),
            (CARD, "a_code_of_tomorrow", "",                 "",    C::Generic,             false),
            ("",   "a_code_of_tomorrow", "",                 "",    C::Unknown,             false),
            ("",   "",                   "",                 "",    C::Unknown,             false),
        ];
        for (code, decline, advice, network, category, stop) in rows {
            let classified = classify(raw(code, decline, advice, network));
            assert_eq!(
                (classified.category, classified.do_not_retry),
                (category, stop),
                "{code} {decline} {advice} {network}"
            );
        }
    }

    #[test]
    fn a_thief_learns_nothing() {
        for code in ["stolen_card", "lost_card", "pickup_card", "fraudulent", "merchant_blacklist"]
        {
            let decline = classify(raw("card_declined", code, "", ""));
            assert_eq!(decline.category.payer_reason(), PayerReason::CardDeclined, "{code}");
            assert_eq!(decline.reuse(), Reuse::Never, "{code}");
            assert_eq!(decline.remedy(), Remedy::UpdatePaymentMethod, "{code}");
        }
    }

    #[test]
    fn a_long_code_is_cut_between_characters() {
        let decline = classify(raw("", &"é".repeat(RAW_CODE_BYTES_MAX), "", ""));
        assert!(decline.raw.decline_code.is_some_and(|c| c.len() <= RAW_CODE_BYTES_MAX));
    }
}
