//! Money, dates and plurals, by the browser's `Intl`: it knows every currency and calendar, and
//! costs no download.
//!
//! Intl has no typed results worth having, so this file is one of the few that see JavaScript
//! values (as the design allows).

use js_sys::{Array, Object, Reflect};
use reprieve_core::api::banner::{Moment, decimal};
use reprieve_core::api::said;
use reprieve_core::api::status::Amount;
use wasm_bindgen::prelude::*;

use crate::client::{get, object};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locales: &JsValue, options: &Object) -> Result<NumberFormat, JsValue>;
    // A decimal string is formatted exactly; a float might not be.
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, decimal: &str) -> String;
    #[wasm_bindgen(method, js_name = resolvedOptions)]
    fn resolved_options(this: &NumberFormat) -> Object;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locales: &JsValue, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, at: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locales: &JsValue) -> Result<PluralRules, JsValue>;
    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, count: u32) -> String;
}

/// Digits after the point when Intl does not know better.
const DIGITS_DEFAULT: usize = 2;

const DAY: [(&str, &str); 3] = [("year", "numeric"), ("month", "long"), ("day", "numeric")];

/// Writes values for one locale.
#[derive(Clone, Debug)]
pub struct Formats {
    locale: JsValue,
    /// What the Worker made of some values, in the order of [`said`], or nothing of use.
    said: JsValue,
}

impl Formats {
    /// Takes a language tag such as `de-AT`; underscores are forgiven.
    #[must_use]
    pub fn new(locale: &str) -> Self {
        Self::with(locale, JsValue::UNDEFINED)
    }

    /// Likewise; `said` is what the Worker made of some values in this language and on this clock,
    /// or nothing of use.
    #[must_use]
    pub fn with(locale: &str, said: JsValue) -> Self {
        let tag = JsValue::from(locale.replace('_', "-"));
        // A tag that Intl refuses must not cost the customer the whole notice.
        let is_known = said.is_truthy() || PluralRules::new(&tag).is_ok();
        Self { locale: if is_known { tag } else { JsValue::from(Array::new()) }, said }
    }

    fn said(&self, kind: &str, number: i64) -> Option<String> {
        let number = JsValue::from(number as f64);
        Reflect::get(&get(&self.said, kind), &number).ok()?.as_string()
    }

    /// `€19.00`, `￥1,900`, `KWD 1.900`. The number of digits is the currency's own.
    #[must_use]
    pub fn money(&self, amount: &Amount) -> String {
        if let Some(said) = self.said(said::kind_of_amount(amount), amount.amount_minor) {
            return said;
        }
        let options = object(&[("style", "currency"), ("currency", &amount.currency)]);
        let Ok(format) = NumberFormat::new(&self.locale, &options) else {
            let mut plain = decimal(amount.amount_minor, DIGITS_DEFAULT);
            plain.push(' ');
            plain.push_str(&amount.currency.to_ascii_uppercase());
            return plain;
        };
        let digits = get(&format.resolved_options(), "maximumFractionDigits").as_f64();
        let digits = digits.map(|digits| digits as usize);
        format.format(&decimal(amount.amount_minor, digits.unwrap_or(DIGITS_DEFAULT)))
    }

    /// `Saturday, December 5`, with the time of day when the moment is near.
    #[must_use]
    pub fn moment(&self, moment: Moment) -> String {
        let said = self.said(said::kind_of_moment(moment), moment.at_ms);
        said.unwrap_or_else(|| self.time(moment.at_ms, moment.options()))
    }

    /// `December 5, 2026`.
    #[must_use]
    pub fn day(&self, at_ms: i64) -> String {
        self.time(at_ms, &DAY)
    }

    /// `December 5, 2026 at 10:30:00 AM GMT+1`: exact, and readable in another place later.
    #[must_use]
    pub fn stamp(&self, at_ms: i64) -> String {
        let time = [
            ("hour", "numeric"),
            ("minute", "2-digit"),
            ("second", "2-digit"),
            ("timeZoneName", "short"),
        ];
        self.time(at_ms, &[&DAY[..], &time].concat())
    }

    fn time(&self, at_ms: i64, pairs: &[(&str, &str)]) -> String {
        // Milliseconds since the epoch are exact in a float for the next 200,000 years.
        DateTimeFormat::new(&self.locale, &object(pairs))
            .map(|format| format.format(at_ms as f64))
            .unwrap_or_default()
    }

    /// A count in the locale's digits.
    #[must_use]
    pub fn count(&self, count: u32) -> String {
        if let Some(said) = self.said(said::COUNT, i64::from(count)) {
            return said;
        }
        NumberFormat::new(&self.locale, &Object::new())
            .map(|format| format.format(&decimal(i64::from(count), 0)))
            .unwrap_or_default()
    }

    /// The plural category of a count: `one`, `other`, ….
    #[must_use]
    pub fn plural(&self, count: u32) -> String {
        PluralRules::new(&self.locale).map(|rules| rules.select(count)).unwrap_or_default()
    }
}
