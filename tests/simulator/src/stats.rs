//! Shares and intervals over seeds. The only place where numbers are not whole: nothing here is
//! money or time of the core.
#![allow(clippy::float_arithmetic, reason = "statistics for people, not decisions")]

/// A mean and half of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    /// `None` with fewer than two seeds: then nothing is known of its spread.
    pub(crate) half: Option<f64>,
}

/// Student's t for 95 %, by degrees of freedom from 1 on; any statistics table has them.
const T_95: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

impl Estimate {
    /// From one number for each seed.
    pub(crate) fn of(numbers: &[f64]) -> Self {
        let count = numbers.len() as f64;
        if numbers.is_empty() {
            return Self { mean: 0.0, half: None };
        }
        let mean = numbers.iter().sum::<f64>() / count;
        if numbers.len() < 2 {
            return Self { mean, half: None };
        }
        let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        let t = T_95.get(numbers.len() - 2).copied().unwrap_or(1.96);
        Self { mean, half: Some(t * error) }
    }

    pub(crate) fn low(&self) -> f64 {
        self.mean - self.half.unwrap_or(0.0)
    }

    pub(crate) fn high(&self) -> f64 {
        self.mean + self.half.unwrap_or(0.0)
    }

    /// Whether it differs from nothing by more than chance.
    pub(crate) fn is_clear(&self) -> bool {
        self.half.is_some() && (self.low() > 0.0 || self.high() < 0.0)
    }
}

/// A part of a whole; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_that_of_a_table() {
        // Mean 3, standard deviation 1.5811, standard error 0.7071, t(4) = 2.776.
        let of = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((of.mean - 3.0).abs() < 1e-9);
        assert!((of.half.unwrap() - 1.963).abs() < 1e-3);
        assert!(of.is_clear() && of.low() > 1.0 && of.high() < 5.0);
    }

    #[test]
    fn one_seed_says_nothing_of_chance() {
        assert_eq!(Estimate::of(&[0.5]), Estimate { mean: 0.5, half: None });
        assert!(!Estimate::of(&[0.5]).is_clear());
        assert_eq!(Estimate::of(&[]).mean, 0.0);
        assert_eq!(share(1, 0), 0.0);
    }
}
