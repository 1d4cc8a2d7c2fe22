//! Fixed-point arithmetic: millionths in `i64`.
//!
//! A probability is in parts per million, log-odds are in millionths of a natural unit (0.693147 is
//! a doubling of the odds), a variance in millionths of its square. Division rounds to the nearest,
//! halves away from zero, so that rounding pulls neither up nor down.

/// One, in millionths.
pub const ONE: i64 = 1_000_000;

/// Scale of the exponential function's inside.
const FINE: i64 = 1_000_000_000;

/// Powers of 1/e for 0, 1, 2 … whole units, in billionths; beyond the last it is nothing.
const EXP_WHOLE: [i64; 21] = [
    FINE,
    367_879_441,
    135_335_283,
    49_787_068,
    18_315_639,
    6_737_947,
    2_478_752,
    911_882,
    335_463,
    123_410,
    45_400,
    16_702,
    6_144,
    2_260,
    832,
    306,
    113,
    41,
    15,
    6,
    2,
];

/// Powers of 1/e for 0/8 to 7/8, in billionths.
const EXP_EIGHTHS: [i64; 8] = [
    FINE,
    882_496_903,
    778_800_783,
    687_289_279,
    606_530_660,
    535_261_429,
    472_366_553,
    416_862_020,
];

/// `a / b` to the nearest, halves away from zero; `b` is positive.
#[must_use]
pub const fn div_round(a: i64, b: i64) -> i64 {
    let half = if a < 0 { -(b / 2) } else { b / 2 };
    (a + half) / b
}

/// 1/e to the power of `x` millionths, in billionths; `x` below 0 counts as 0.
#[must_use]
pub fn exp_neg(x: i64) -> i64 {
    let x = x.max(0);
    let (whole, rest) = (x / ONE, x % ONE);
    let table = |table: &[i64], at: i64| {
        usize::try_from(at).ok().and_then(|at| table.get(at)).copied().unwrap_or(0)
    };
    let (eighths, rest) = (rest / 125_000, rest % 125_000);
    let coarse = table(&EXP_WHOLE, whole) * table(&EXP_EIGHTHS, eighths) / FINE;
    // Taylor's series up to the fifth power: below one eighth the error is under 6 billionths.
    let mut series = FINE;
    for power in (1..=5).rev() {
        series = FINE - rest * (series / power) / ONE;
    }
    coarse * series / FINE
}

/// Log-odds to a probability; never quite 0 and never quite 1.
#[must_use]
pub fn probability(log_odds: i64) -> i64 {
    let against = exp_neg(log_odds.saturating_abs());
    let larger = div_round(ONE * FINE, FINE + against).min(ONE - 1);
    if log_odds < 0 { ONE - larger } else { larger }
}

/// A probability to log-odds, the inverse of [`probability`] to the millionth of either; 0 and 1
/// count as the nearest that has log-odds.
#[must_use]
pub fn log_odds(probability_ppm: i64) -> i64 {
    let (mut low, mut high) = (-14 * ONE, 14 * ONE);
    while low < high {
        let middle = (low + high).div_euclid(2);
        if probability(middle) < probability_ppm { low = middle + 1 } else { high = middle }
    }
    low
}

/// How much log-odds multiply the odds, in percent: 100 is no change. At most ten million.
#[must_use]
pub fn odds_percent(log_odds: i64) -> i64 {
    let size = exp_neg(log_odds.saturating_abs());
    let percent = if log_odds < 0 { div_round(size * 100, FINE) } else { 100 * FINE / size.max(1) };
    percent.min(10_000_000)
}

/// The square root of a number of millionths, in millionths; of what is below 0 it is 0.
#[must_use]
pub fn sqrt(x: i64) -> i64 {
    let scaled = u64::try_from(x).unwrap_or(0).saturating_mul(ONE.unsigned_abs());
    i64::try_from(scaled.isqrt()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_symmetric() {
        for (a, rounded) in [(0, 0), (4, 0), (5, 1), (14, 1), (15, 2), (-4, 0), (-5, -1), (-15, -2)]
        {
            assert_eq!(div_round(a, 10), rounded, "{a}");
        }
    }

    #[test]
    fn a_probability_grows_with_the_log_odds_and_is_never_certain() {
        let mut last = 0;
        for x in (-20 * ONE..=20 * ONE).step_by(61) {
            let p = probability(x);
            assert!(p >= last && p > 0 && p < ONE, "{x}: {p} after {last}");
            assert_eq!(p + probability(-x), ONE);
            last = p;
        }
        assert_eq!((probability(i64::MIN), probability(i64::MAX)), (1, ONE - 1));
        assert_eq!(probability(0), ONE / 2);
    }

    #[test]
    fn odds_in_percent() {
        assert_eq!(odds_percent(0), 100);
        assert_eq!(odds_percent(693_148), 200);
        assert_eq!(odds_percent(-693_147), 50);
        assert_eq!(odds_percent(i64::MIN), 0);
        assert_eq!(odds_percent(i64::MAX), 10_000_000);
    }

    #[test]
    fn roots() {
        assert_eq!(sqrt(4 * ONE), 2 * ONE);
        assert_eq!(sqrt(250_000), 500_000);
        assert_eq!((sqrt(-1), sqrt(0)), (0, 0));
        assert!(sqrt(i64::MAX) > 0);
    }
}
