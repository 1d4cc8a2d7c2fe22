//! Money: whole minor units with a currency, never a float.

use serde::{Deserialize, Serialize};

/// An ISO 4217 code in lower case, as Stripe writes it: `eur`, `jpy`, `kwd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text is not three ASCII letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three letters")]
pub struct CurrencyError;

impl Currency {
    /// Takes three ASCII letters of either case.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a, b, c].map(|l| l.to_ascii_lowercase())))
            }
            _ => Err(CurrencyError),
        }
    }

    /// The code in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("xxx")
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;
    fn try_from(text: String) -> Result<Self, CurrencyError> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.as_str().to_owned()
    }
}

/// An amount in the currency's minor unit (cents; for `jpy` whole yen; for `kwd` fils).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; never negative for what a customer owes.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// The sum of amounts of one currency. `None` when there is none, when currencies differ (there
    /// is no honest total then) or when the sum does not fit.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut amounts = amounts.into_iter();
        let first = amounts.next()?;
        amounts.try_fold(first, |total, next| {
            if total.currency != next.currency {
                return None;
            }
            let amount_minor = total.amount_minor.checked_add(next.amount_minor)?;
            Some(Self { amount_minor, currency: total.currency })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount_minor: i64, currency: &str) -> Money {
        Money { amount_minor, currency: Currency::parse(currency).unwrap() }
    }

    #[test]
    fn a_sum_is_of_one_currency() {
        assert_eq!(Money::sum([money(1900, "EUR"), money(1, "eur")]), Some(money(1901, "eur")));
        assert_eq!(Money::sum([money(1, "eur"), money(1, "usd")]), None);
        assert_eq!(Money::sum([money(i64::MAX, "eur"), money(1, "eur")]), None);
        assert_eq!(Money::sum([]), None);
    }

    #[test]
    fn a_currency_is_three_letters() {
        for bad in ["", "eu", "euro", "e1r", "é€"] {
            assert!(Currency::parse(bad).is_err(), "{bad:?}");
        }
    }
}
