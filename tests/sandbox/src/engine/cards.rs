//! Stripe's test cards (<https://docs.stripe.com/testing>, read November 2026) and the checks
//! that a card number goes through before any bank is asked.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::decline::Decline;
use crate::engine::refusal::Refusal;
use crate::error::ApiError;
use crate::json::Json;

/// When the bank wants to see the cardholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authentication {
    Never,
    /// Once: a card that was set up with authentication is charged without.
    UnlessSetUp,
    /// For every payment, so that payments without the customer are declined.
    Always,
}

impl Authentication {
    /// The name under which a payment method remembers it.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Never => None,
            Self::UnlessSetUp => Some("unless_set_up"),
            Self::Always => Some("always"),
        }
    }
}

/// How a card behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    /// The PaymentMethod id that stands for it in requests.
    pub(crate) token: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) funding: &'static str,
    /// The answer when it is set up or attached.
    pub(crate) on_setup: Option<Decline>,
    /// The answer when it is charged.
    pub(crate) on_charge: Option<Decline>,
    pub(crate) authentication: Authentication,
}

const fn good(
    number: &'static str,
    token: &'static str,
    brand: &'static str,
    funding: &'static str,
) -> TestCard {
    let authentication = Authentication::Never;
    TestCard { number, token, brand, funding, on_setup: None, on_charge: None, authentication }
}

/// A card that the bank declines whenever it is asked. The documentation: "the cards in the
/// previous table can't be attached to a Customer object".
const fn bad(number: &'static str, token: &'static str, decline: Decline) -> TestCard {
    TestCard {
        number,
        token,
        brand: "visa",
        funding: "credit",
        on_setup: Some(decline),
        on_charge: Some(decline),
        authentication: Authentication::Never,
    }
}

/// A card that can be set up; what happens then, and whether the bank wants to see the customer.
const fn later(
    number: &'static str,
    token: &'static str,
    authentication: Authentication,
    on_charge: Option<Decline>,
) -> TestCard {
    let (brand, funding) = ("visa", "credit");
    TestCard { number, token, brand, funding, on_setup: None, on_charge, authentication }
}

/// Every card that the sandbox knows.
pub(crate) const CARDS: &[TestCard] = &[
    good("4242424242424242", "pm_card_visa", "visa", "credit"),
    good("4000056655665556", "pm_card_visa_debit", "visa", "debit"),
    good("5555555555554444", "pm_card_mastercard", "mastercard", "credit"),
    good("5200828282828210", "pm_card_mastercard_debit", "mastercard", "debit"),
    good("5105105105105100", "pm_card_mastercard_prepaid", "mastercard", "prepaid"),
    good("378282246310005", "pm_card_amex", "amex", "credit"),
    good("6011111111111117", "pm_card_discover", "discover", "credit"),
    good("3056930009020004", "pm_card_diners", "diners", "credit"),
    good("3566002020360505", "pm_card_jcb", "jcb", "credit"),
    good("4000002760000016", "pm_card_de", "visa", "credit"),
    good("4000002500000003", "pm_card_fr", "visa", "credit"),
    good("4000008260000000", "pm_card_gb", "visa", "credit"),
    good("4000003560000008", "pm_card_in", "visa", "credit"),
    bad("4000000000000002", "pm_card_visa_chargeDeclined", Decline::Generic),
    bad(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        Decline::InsufficientFunds,
    ),
    bad("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", Decline::LostCard),
    bad("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", Decline::StolenCard),
    bad("4000000000000069", "pm_card_chargeDeclinedExpiredCard", Decline::ExpiredCard),
    bad("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", Decline::IncorrectCvc),
    bad("4000000000000119", "pm_card_chargeDeclinedProcessingError", Decline::ProcessingError),
    bad(
        "4000000000006975",
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        Decline::VelocityExceeded,
    ),
    later(
        "4000000000000341",
        "pm_card_chargeCustomerFail",
        Authentication::Never,
        Some(Decline::Generic),
    ),
    later(
        "4000002500003155",
        "pm_card_authenticationRequiredOnSetup",
        Authentication::UnlessSetUp,
        None,
    ),
    later("4000002760003184", "pm_card_authenticationRequired", Authentication::Always, None),
    later(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        Authentication::Always,
        Some(Decline::InsufficientFunds),
    ),
];

/// A card number that passed the checks.
#[derive(Clone, Debug)]
pub(crate) struct CheckedCard {
    pub(crate) card: TestCard,
    pub(crate) exp_month: i64,
    pub(crate) exp_year: i64,
    /// Whether a security code was given.
    pub(crate) has_cvc: bool,
}

/// What a customer typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypedCard {
    pub(crate) number: String,
    pub(crate) exp_month: Option<i64>,
    pub(crate) exp_year: Option<i64>,
    pub(crate) cvc: Option<String>,
}

impl TestCard {
    /// The card with this number.
    pub(crate) fn by_number(number: &str) -> Option<Self> {
        CARDS.iter().copied().find(|card| card.number == number)
    }

    /// The card with this PaymentMethod id, such as `pm_card_visa`.
    pub(crate) fn by_token(token: &str) -> Option<Self> {
        CARDS.iter().copied().find(|card| card.token == token)
    }

    /// The card whose number ends in these four digits.
    pub(crate) fn by_last4(last4: &str) -> Option<Self> {
        CARDS.iter().copied().find(|card| card.last4() == last4)
    }

    /// The last four digits.
    pub(crate) fn last4(&self) -> &'static str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// The country of the bank. Visa test numbers name it after `400000` by its ISO 3166 number.
    pub(crate) fn country(&self) -> &'static str {
        match self.number.get(..9) {
            Some("400000276") => "DE",
            Some("400000250") => "FR",
            Some("400000826") => "GB",
            Some("400000356") => "IN",
            _ => "US",
        }
    }

    /// What a payment method remembers of the card: how it behaves, never its number.
    pub(crate) fn behavior(&self) -> Value {
        json!({
            "on_setup": self.on_setup.map(Decline::name),
            "on_charge": self.on_charge.map(Decline::name),
            "authentication": self.authentication.name(),
        })
    }

    /// The same text for the same number, as Stripe's `card.fingerprint`.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::digest(format!("reprieve-sandbox card {}", self.number));
        let letters = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        digest
            .iter()
            .take(16)
            .filter_map(|byte| letters.get(usize::from(*byte) % letters.len()))
            .map(|letter| char::from(*letter))
            .collect()
    }
}

fn card_error(code: &str, param: &str, message: &str) -> ApiError {
    ApiError::card(message).with("code", code).with("param", param)
}

/// Luhn's check digit over a text of digits.
pub(crate) fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (place, digit) in digits.bytes().rev().enumerate() {
        let Some(mut value) = char::from(digit).to_digit(10) else {
            return false;
        };
        if place % 2 == 1 {
            value *= 2;
            value -= if value > 9 { 9 } else { 0 };
        }
        sum += value;
    }
    sum % 10 == 0
}

/// Checks what a customer typed, on the day `now_s`, before any bank is asked.
pub(crate) fn check(typed: &TypedCard, now_s: i64) -> Result<CheckedCard, ApiError> {
    let number: String = typed.number.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !(12..=19).contains(&number.len()) {
        return Err(card_error(
            "invalid_number",
            "number",
            "The card number is not a valid credit card number.",
        ));
    }
    if !luhn(&number) {
        return Err(card_error("incorrect_number", "number", "Your card number is incorrect."));
    }
    let (exp_month, exp_year) = check_expiry(typed, now_s)?;
    let card = TestCard::by_number(&number);
    let has_cvc = check_cvc(typed, card.is_some_and(|card| card.brand == "amex"))?;
    let Some(card) = card else {
        return Err(declined(&Decline::NotATestCard.into()));
    };
    Ok(CheckedCard { card, exp_month, exp_year, has_cvc })
}

fn check_expiry(typed: &TypedCard, now_s: i64) -> Result<(i64, i64), ApiError> {
    let invalid_month = || {
        card_error("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
    };
    let invalid_year =
        || card_error("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.");
    let month = typed.exp_month.filter(|month| (1..=12).contains(month));
    let month = month.ok_or_else(invalid_month)?;
    let year = typed.exp_year.ok_or_else(invalid_year)?;
    let year = if (0..100).contains(&year) { 2000 + year } else { year };
    let today = jiff::Timestamp::from_second(now_s)
        .map_err(|_| invalid_year())?
        .to_zoned(jiff::tz::TimeZone::UTC);
    let this_year = i64::from(today.year());
    if year < this_year || year > this_year + 50 {
        return Err(invalid_year());
    }
    if year == this_year && month < i64::from(today.month()) {
        return Err(invalid_month());
    }
    Ok((month, year))
}

fn check_cvc(typed: &TypedCard, is_amex: bool) -> Result<bool, ApiError> {
    let Some(cvc) = typed.cvc.as_deref().map(str::trim).filter(|cvc| !cvc.is_empty()) else {
        return Ok(false);
    };
    let digits = cvc.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (cvc.len() == 3 || (is_amex && cvc.len() == 4)) {
        return Ok(true);
    }
    Err(card_error("invalid_cvc", "cvc", "Your card's security code is invalid."))
}

/// The 402 for a refusal.
pub(crate) fn declined(refusal: &Refusal) -> ApiError {
    let mut error = ApiError::card(&refusal.message);
    if let Value::Object(fields) = refusal.error_fields() {
        for (name, value) in fields {
            error = error.with(&name, value);
        }
    }
    error
}

/// Whether the card's last month is over at `now_s`.
pub(crate) fn has_expired(method: &Value, now_s: i64) -> bool {
    let (month, year) = (method.int("card/exp_month"), method.int("card/exp_year"));
    let Ok(now) = jiff::Timestamp::from_second(now_s) else {
        return false;
    };
    if year == 0 {
        return false; // Not a card.
    }
    let today = now.to_zoned(jiff::tz::TimeZone::UTC);
    (year, month) < (i64::from(today.year()), i64::from(today.month()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21.
    const NOW_S: i64 = 1_795_219_200;

    fn typed(number: &str) -> TypedCard {
        TypedCard {
            number: number.to_owned(),
            exp_month: Some(12),
            exp_year: Some(34),
            cvc: Some("123".to_owned()),
        }
    }

    fn code(typed: &TypedCard) -> String {
        check(typed, NOW_S).unwrap_err().code().unwrap().to_owned()
    }

    #[test]
    fn every_card_is_well_formed_and_unlike_the_others() {
        for card in CARDS {
            assert!(luhn(card.number), "{}", card.number);
            assert_eq!(TestCard::by_token(card.token).unwrap().number, card.number);
            assert_eq!(TestCard::by_last4(card.last4()).unwrap().number, card.number);
        }
    }

    #[test]
    fn the_documented_cards_have_the_documented_outcomes() {
        let outcome = |number: &str| {
            let card = check(&typed(number), NOW_S).unwrap().card;
            (card.on_setup, card.on_charge)
        };
        assert_eq!(outcome("4242 4242 4242 4242"), (None, None));
        assert_eq!(outcome("4000000000000341"), (None, Some(Decline::Generic)));
        for (number, decline) in [
            ("4000000000000002", Decline::Generic),
            ("4000000000009995", Decline::InsufficientFunds),
            ("4000000000000069", Decline::ExpiredCard),
            ("4000000000009987", Decline::LostCard),
            ("4000000000009979", Decline::StolenCard),
        ] {
            assert_eq!(outcome(number), (Some(decline), Some(decline)), "{number}");
        }
    }

    #[test]
    fn a_mistyped_card_is_named() {
        assert_eq!(code(&typed("4242424242424241")), "incorrect_number");
        assert_eq!(code(&typed("4242")), "invalid_number");
        assert_eq!(code(&typed("4242x24242424242")), "invalid_number");
        assert_eq!(
            code(&TypedCard { exp_year: Some(2020), ..typed("4242424242424242") }),
            "invalid_expiry_year"
        );
        let past =
            TypedCard { exp_month: Some(10), exp_year: Some(26), ..typed("4242424242424242") };
        assert_eq!(code(&past), "invalid_expiry_month");
        assert_eq!(
            code(&TypedCard { exp_month: Some(13), ..typed("4242424242424242") }),
            "invalid_expiry_month"
        );
        let short = TypedCard { cvc: Some("12".to_owned()), ..typed("4242424242424242") };
        assert_eq!(code(&short), "invalid_cvc");
        assert_eq!(code(&typed("4111111111111111")), "card_declined");
    }

    #[test]
    fn this_month_is_not_past() {
        let now =
            TypedCard { exp_month: Some(11), exp_year: Some(26), ..typed("4242424242424242") };
        assert!(check(&now, NOW_S).is_ok());
    }
}
