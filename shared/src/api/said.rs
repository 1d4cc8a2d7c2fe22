//! What `Intl` made of the values in a banner, so that it is asked once.
//!
//! The first amount or date that a page formats blocks a phone for a tenth of a second. The Worker
//! has formatted them already; its answer hands them over, and whoever says the banner again looks
//! there first: under a word for the kind of value, and there under its number. Both name all that
//! a text depends on but the language and the clock, and those stand beside the texts. So what was
//! said once stays right.

use super::banner::Moment;
use super::status::Amount;

/// A number of things.
pub const COUNT: &str = "count";

/// The kind of an amount: its currency, as it is. The number is in minor units.
#[must_use]
pub fn kind_of_amount(amount: &Amount) -> &str {
    &amount.currency
}

/// The kind of a moment: with its time of day or not. The number is in milliseconds.
#[must_use]
pub const fn kind_of_moment(moment: Moment) -> &'static str {
    // No currency has these names: they have three letters, and there is no DAY (ISO 4217).
    if moment.is_near { "time" } else { "day" }
}
