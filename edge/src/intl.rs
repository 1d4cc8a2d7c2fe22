//! Money, dates and plural categories by the runtime's `Intl`, which knows every currency and
//! calendar. Its results have no types worth having, so this file is one of the few that see
//! JavaScript's values.

use js_sys::{Object, Reflect};
use reprieve_core::api::banner::{Moment, decimal};
use reprieve_core::api::status::Amount;
use wasm_bindgen::prelude::*;

use crate::zone;

/// Digits after the point when `Intl` does not know better.
const DIGITS_DEFAULT: usize = 2;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<NumberFormat, JsValue>;
    // A decimal string is formatted exactly; a float might not be.
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, decimal: &str) -> String;
    #[wasm_bindgen(method, js_name = resolvedOptions)]
    fn resolved_options(this: &NumberFormat) -> Object;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, at: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str) -> Result<PluralRules, JsValue>;
    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, count: u32) -> String;
}

/// `€19.00`: the number of digits is the currency's own.
#[must_use]
pub fn money(tag: &str, amount: &Amount) -> String {
    let options = options(&[("style", "currency"), ("currency", &amount.currency)]);
    let Ok(format) = NumberFormat::new(tag, &options) else {
        let plain = decimal(amount.amount_minor, DIGITS_DEFAULT);
        return format!("{plain} {}", amount.currency.to_ascii_uppercase());
    };
    let key = JsValue::from("maximumFractionDigits");
    let digits = Reflect::get(&format.resolved_options(), &key).ok();
    let digits = digits.and_then(|digits| digits.as_f64()).map(|digits| digits as usize);
    format.format(&decimal(amount.amount_minor, digits.unwrap_or(DIGITS_DEFAULT)))
}

/// `Saturday, December 5`, with the time of day when the moment is near.
#[must_use]
pub fn moment(tag: &str, zone: &str, moment: Moment) -> String {
    let plain = moment.options();
    let pairs = [plain, &[("timeZone", zone)]].concat();
    // A zone that `Intl` does not know must not cost the date.
    let format = DateTimeFormat::new(tag, &options(&pairs))
        .or_else(|_| DateTimeFormat::new(tag, &options(plain)));
    // Milliseconds since the epoch are exact in a float for the next 200,000 years.
    format.map(|format| format.format(moment.at_ms as f64)).unwrap_or_default()
}

/// How many minutes a zone is west of UTC at a moment. `None` for a zone that `Intl` does not know.
#[must_use]
pub fn minutes_west(zone: &str, at_ms: i64) -> Option<i16> {
    let options = options(&[("timeZone", zone), ("timeZoneName", "longOffset")]);
    let format = DateTimeFormat::new("en", &options).ok()?;
    // The date stands before it.
    zone::west_of_offset(format.format(at_ms as f64).rsplit(' ').next()?)
}

/// A count in the locale's digits.
#[must_use]
pub fn count(tag: &str, count: u32) -> String {
    let digits = count.to_string();
    match NumberFormat::new(tag, &Object::new()) {
        Ok(format) => format.format(&digits),
        Err(_) => digits,
    }
}

/// The plural category of a count: `one`, `other`, …. `None` for a tag that `Intl` refuses.
#[must_use]
pub fn plural_category(tag: &str, count: u32) -> Option<String> {
    PluralRules::new(tag).ok().map(|rules| rules.select(count))
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from(*name), &JsValue::from(*value));
    }
    options
}
