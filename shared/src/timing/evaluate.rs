//! What another way of choosing would have gained, from what was logged.

use super::fixed::ONE;

/// One logged choice with its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Whether the attempt succeeded.
    pub success: bool,
    /// How likely the choice was when it was made, in ppm: [`super::Choice::propensity_ppm`].
    pub propensity_ppm: u32,
    /// How likely the other way of choosing would have made the same choice, in ppm: a million or 0
    /// where it does not draw.
    pub target_ppm: u32,
}

/// An estimate of the share of successes under the other way of choosing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The estimate, in ppm.
    pub value_ppm: u32,
    /// Lower end of its 95 % confidence interval, in ppm.
    pub low_ppm: u32,
    /// Upper end, in ppm.
    pub high_ppm: u32,
    /// The mean weight, in ppm. Near a million when the propensities are right; far from it, do not
    /// believe the rest.
    pub mean_weight_ppm: u64,
    /// How many choices under the other way this is worth: (Σw)² / Σw².
    pub effective_choices: u64,
    /// Choices looked at.
    pub choices: u64,
}

/// The square of 1.96, in millionths: 95 %.
const CONFIDENCE_SQUARED: u128 = 3_841_600;

/// Inverse propensity weighting, self-normalised (Hájek): each outcome counts by how much more
/// often the other way would have made the choice, and the weights are divided by their sum. The
/// interval is Wilson's for as many choices as the weights are worth: with few heavy weights the
/// usual normal one misses the truth one time in four, this one does not. `None` when nothing that
/// the other way would do was ever done. Choices with a propensity of 0 are left out: they cannot
/// have been made.
///
/// What is compared must differ in the choice only. So the target's probability is computed from
/// the very list of times that was offered.
pub fn evaluate(logged: impl IntoIterator<Item = Logged>) -> Option<Evaluation> {
    let one = u128::from(ONE.unsigned_abs());
    let (mut choices, mut weight, mut square, mut gained) = (0_u64, 0_u128, 0_u128, 0_u128);
    for choice in logged.into_iter().filter(|choice| choice.propensity_ppm > 0) {
        let w = u128::from(choice.target_ppm) * one / u128::from(choice.propensity_ppm);
        choices = choices.saturating_add(1);
        weight = weight.saturating_add(w);
        square = square.saturating_add(w * w);
        gained = gained.saturating_add(if choice.success { w } else { 0 });
    }
    if weight == 0 {
        return None;
    }
    let value = ((gained * one + weight / 2) / weight).min(one);
    let effective_micro = scaled(weight * one, weight, square.max(1)).max(1);
    let (low, high) = wilson(value, effective_micro);
    let ppm = |x: u128| u32::try_from(x.min(one)).unwrap_or(u32::MAX);
    let whole = |x: u128| u64::try_from(x).unwrap_or(u64::MAX);
    Some(Evaluation {
        value_ppm: ppm(value),
        low_ppm: ppm(low),
        high_ppm: ppm(high),
        mean_weight_ppm: whole(weight / u128::from(choices)),
        effective_choices: whole(effective_micro / one),
        choices,
    })
}

/// Wilson's interval for a share (in ppm) of so many millionths of choices.
fn wilson(value: u128, choices_micro: u128) -> (u128, u128) {
    let one = u128::from(ONE.unsigned_abs());
    // z² / n in ppm, of which both the shift towards the middle and the width are made.
    let doubt = CONFIDENCE_SQUARED * one / choices_micro;
    let scale = |x: u128| x * one / (one + doubt);
    let middle = scale(value + doubt / 2);
    let width = scale((value * (one - value) * doubt / one + doubt * doubt / 4).isqrt());
    (middle.saturating_sub(width), middle + width)
}

/// `a · b / c` without leaving 128 bits; where the product would, b is far below c and little is
/// lost by dividing first.
fn scaled(a: u128, b: u128, c: u128) -> u128 {
    a.checked_mul(b).map_or_else(|| a / (c / b.max(1)).max(1), |product| product / c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(success: bool, propensity_ppm: u32, target_ppm: u32) -> Logged {
        Logged { success, propensity_ppm, target_ppm }
    }

    #[test]
    fn without_a_difference_it_is_the_mean() {
        let half = (0..10_000).map(|n| logged(n % 4 == 0, 1_000_000, 1_000_000));
        let found = evaluate(half).unwrap();
        assert_eq!((found.value_ppm, found.mean_weight_ppm), (250_000, 1_000_000));
        assert_eq!((found.choices, found.effective_choices), (10_000, 10_000));
        // Wilson: (0.25 + 0.000192 ± √(0.25 · 0.75 · 0.000384 + 0.000192²)) / 1.000384.
        assert_eq!((found.low_ppm, found.high_ppm), (241_612, 258_578));
    }

    #[test]
    fn rare_choices_count_for_those_that_were_not_made() {
        // The target always takes what was taken one time in ten.
        let seen = [logged(true, 100_000, 1_000_000), logged(false, 100_000, 1_000_000)];
        let passed = core::iter::repeat_n(logged(true, 900_000, 0), 18);
        let found = evaluate(seen.into_iter().chain(passed)).unwrap();
        assert_eq!((found.value_ppm, found.effective_choices, found.choices), (500_000, 2, 20));
        assert_eq!(found.mean_weight_ppm, 1_000_000);
    }

    #[test]
    fn what_was_never_done_cannot_be_judged() {
        assert_eq!(evaluate([]), None);
        assert_eq!(evaluate([logged(true, 1_000_000, 0), logged(true, 0, 1_000_000)]), None);
    }

    #[test]
    fn nothing_overflows() {
        let worst = core::iter::repeat_n(logged(true, 1, 1_000_000), 100_000);
        let best = core::iter::repeat_n(logged(false, 1, 1_000_000), 100_000);
        let found = evaluate(worst.chain(best)).unwrap();
        assert_eq!((found.value_ppm, found.effective_choices), (500_000, 200_000));
        assert!(found.low_ppm < 500_000 && found.high_ppm > 500_000);
    }
}
