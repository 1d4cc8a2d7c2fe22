//! What is believed before anything was learned, and how firmly.
//!
//! Weak on purpose: a few dozen outcomes outweigh any of these numbers, and none of them moves an
//! attempt by itself (see `choose`). Sources, all marked as they deserve:
//!
//! - Level: "first retry in 48 h: 24 %; 3 tries 35 %; 5 tries 50 %" (dunningcompare.com, weak,
//!   unlinked). From 24 % to 35 % in two more tries is 7 to 8 % each, to 50 % in two more 12 %
//!   each: later attempts succeed half as often as the first. Who is left is the harder part.
//! - A bank that could not answer mostly answers the next time; a no without a reason is kept more
//!   often than an empty account stays empty. Plain reasoning, no figure found.
//! - Declines that time does not cure stand near nothing. They are not tried automatically; the
//!   table is complete so that nothing has to be an exception.
//! - Paydays: in the United States 32 % of private businesses pay weekly, 37 % every other week,
//!   20 % twice a month, 11 % monthly (<https://www.bls.gov/opub/ted/2014/ted_20140605.htm>, 2013).
//!   Elsewhere monthly at the end or on the first is usual (no source). So: a little more on the
//!   1st, the 15th, the last day and the day after each, and on Fridays.
//! - Stripe's retries count on debit cards of some countries doing slightly better at 12:01 AM
//!   local time (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>, read 2026-11).
//!   So: a little more in the first hour of the day, where money was missing.

use super::features::{Factor, Family, place};
use super::fixed::{ONE, log_odds};

/// The share of first attempts that succeed after a decline, in ppm, in the order of the table.
const SUCCESS_PPM: [i64; 11] = [
    240_000, // insufficient funds
    500_000, // the bank was unavailable
    150_000, // generic
    20_000,  // expired
    20_000,  // invalid details
    20_000,  // not supported
    10_000,  // authentication required
    5_000,   // blocked
    5_000,   // revoked
    300_000, // technical
    150_000, // unknown
];

/// How much less often later attempts succeed, in millionths of log-odds.
const ATTEMPT: [i64; 8] = [0, -500_000, -700_000, -800_000, -800_000, -800_000, -800_000, -800_000];

/// A belief: its middle in millionths of log-odds, and its precision (one over the variance) in
/// millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prior {
    pub(super) mean: i64,
    pub(super) precision: i64,
}

/// Standard deviations of 1, 0.7, 0.4, 0.3 and 0.5 units of log-odds. Most of what differs between
/// merchants is the level; of the times, the day of the month may matter most.
const fn precision(factor: Factor) -> i64 {
    match factor {
        Factor::Category => ONE,
        Factor::Attempt => 2_040_816,
        Factor::Hour => 6_250_000,
        Factor::Weekday => 11_111_111,
        Factor::MonthDay => 4_000_000,
    }
}

/// The belief about one number of the table.
pub(super) fn prior(cell: usize) -> Prior {
    let (factor, row, value) = place(cell);
    let funds = row == Family::Funds as usize;
    let mean = match factor {
        Factor::Category => SUCCESS_PPM.get(value).map_or(0, |ppm| log_odds(*ppm)),
        Factor::Attempt => ATTEMPT.get(value).copied().unwrap_or(0),
        Factor::Hour => i64::from(funds && value == 0) * 100_000,
        Factor::Weekday => i64::from(funds && value == 4) * 100_000,
        Factor::MonthDay if funds => match value {
            0 | 14 | 30 => 250_000,
            1 | 15 => 150_000,
            _ => 0,
        },
        Factor::MonthDay => 0,
    };
    Prior { mean, precision: precision(factor) }
}

#[cfg(test)]
mod tests {
    use super::super::features::CELLS;
    use super::*;

    #[test]
    fn no_belief_about_time_is_stronger_than_its_own_uncertainty() {
        for cell in 0..CELLS {
            let Prior { mean, precision } = prior(cell);
            let sd = super::super::fixed::sqrt(ONE * ONE / precision);
            let about_time = !matches!(place(cell).0, Factor::Category | Factor::Attempt);
            assert!(!about_time || mean.abs() <= sd / 2, "{cell}: {mean} ± {sd}");
            assert!(mean.abs() < 6 * ONE && precision > 0);
        }
    }
}
