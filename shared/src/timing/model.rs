//! The model itself: a table of numbers, each with its precision and its count.

use super::features::{CELLS, Factor, Features, Reading};
use super::fixed::{ONE, div_round, odds_percent, probability, sqrt};
use super::prior::prior;

/// No number grows beyond this, in millionths of log-odds: a factor of about 3,000 on the odds.
pub(super) const MEAN_MAX: i64 = 8 * ONE;

/// No number becomes surer than this: a standard deviation of 0.032. So the model never stops
/// listening: the last few thousand outcomes of a kind count, older ones fade.
pub(super) const PRECISION_MAX: i64 = 1_000 * ONE;

/// One number of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// What it adds to the log-odds, in millionths.
    pub(super) mean: i32,
    /// One over its variance, in millionths.
    pub(super) precision: u32,
    /// From how many attempts it was learned.
    pub(super) tries: u32,
}

impl Cell {
    pub(super) fn unlearned(at: usize) -> Self {
        let prior = prior(at);
        Self {
            mean: i32::try_from(prior.mean).unwrap_or(0),
            precision: u32::try_from(prior.precision).unwrap_or(u32::MAX),
            tries: 0,
        }
    }

    /// In millionths.
    pub(super) fn variance(self) -> i64 {
        ONE * ONE / i64::from(self.precision.max(1))
    }

    /// Moves by what was surprising (`surprise` in ppm) in proportion to how unsure it was, and
    /// becomes surer. `information` is that of one outcome, p(1 − p), and `total` the variance of
    /// all five numbers together: see [`TimingModel::learn`].
    fn learn(self, surprise: i64, information: i64, total: i64) -> Self {
        let variance = self.variance();
        let dilution = ONE + div_round(information * total, ONE);
        let step = div_round(variance * surprise, dilution);
        let mean = (i64::from(self.mean) + step).clamp(-MEAN_MAX, MEAN_MAX);
        let others = ONE + div_round(information * (total - variance), ONE);
        let gain = div_round(information * ONE, others);
        let precision = (i64::from(self.precision) + gain).min(PRECISION_MAX);
        Self {
            mean: i32::try_from(mean).unwrap_or(self.mean),
            precision: u32::try_from(precision).unwrap_or(self.precision),
            tries: self.tries.saturating_add(1),
        }
    }
}

/// How likely an attempt succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The probability, in ppm; never 0 and never a million.
    pub success_ppm: u32,
    /// Its standard deviation, in ppm: how far it may be off, as far as the model knows.
    pub uncertainty_ppm: u32,
}

/// One reason for an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The fact.
    pub reading: Reading,
    /// How much it adds to the log-odds, in millionths.
    pub log_odds_micro: i32,
    /// The standard deviation of that, in millionths.
    pub uncertainty_micro: u32,
    /// From how many attempts it was learned; 0: a prior belief.
    pub tries: u32,
}

impl core::fmt::Display for Contribution {
    /// `on Friday: odds × 1.20 (57 attempts)`.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let percent = odds_percent(i64::from(self.log_odds_micro));
        let (whole, rest) = (percent / 100, percent % 100);
        write!(f, "{}: odds × {whole}.{rest:02} ({} attempts)", self.reading, self.tries)
    }
}

/// When attempts succeed, as far as it was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimingModel {
    pub(super) cells: Box<[Cell]>,
    /// Outcomes learned from.
    pub(super) outcomes: u64,
    /// Those of them that were a success.
    pub(super) successes: u64,
}

impl Default for TimingModel {
    fn default() -> Self {
        Self::new()
    }
}

impl TimingModel {
    /// A model that has learned nothing.
    #[must_use]
    pub fn new() -> Self {
        let cells = (0..CELLS).map(Cell::unlearned).collect();
        Self { cells, outcomes: 0, successes: 0 }
    }

    /// How many outcomes it has learned from.
    #[must_use]
    pub const fn outcomes(&self) -> u64 {
        self.outcomes
    }

    /// How many of them were a success.
    #[must_use]
    pub const fn successes(&self) -> u64 {
        self.successes
    }

    pub(super) fn cell(&self, at: usize) -> Cell {
        // Every place that features name exists.
        self.cells.get(at).copied().unwrap_or(Cell { mean: 0, precision: 1, tries: 0 })
    }

    /// Log-odds and their variance.
    fn sum(&self, features: &Features) -> (i64, i64) {
        features.cells().iter().fold((0, 0), |(mean, variance), at| {
            let cell = self.cell(*at);
            (mean + i64::from(cell.mean), variance + cell.variance())
        })
    }

    /// How likely an attempt succeeds.
    #[must_use]
    pub fn score(&self, features: &Features) -> Estimate {
        let (mean, variance) = self.sum(features);
        let success = probability(mean);
        let slope = success * (ONE - success) / ONE;
        let uncertainty = (sqrt(variance) * slope / ONE).min(ONE);
        let ppm = |x: i64| u32::try_from(x).unwrap_or(0);
        Estimate { success_ppm: ppm(success), uncertainty_ppm: ppm(uncertainty) }
    }

    /// Takes in the outcome of one attempt, each outcome once. The features are those the attempt
    /// was made with: the decline before it, its number, its own time.
    ///
    /// This is Bayesian logistic regression, one outcome at a time (an extended Kalman filter that
    /// keeps the variances and drops the covariances): the surprise is split over the five numbers
    /// by how unsure each of them was, so the steps shrink like one over the count. The estimate of
    /// the moment enters into each step, so the order of the outcomes leaves a trace; it is smaller
    /// than the uncertainty that the model states (`tests/timing.rs` measures it).
    pub fn learn(&mut self, features: &Features, success: bool) {
        let (mean, total) = self.sum(features);
        let expected = probability(mean);
        let surprise = if success { ONE - expected } else { -expected };
        let information = div_round(expected * (ONE - expected), ONE).max(1);
        for at in features.cells() {
            if let Some(cell) = self.cells.get_mut(at) {
                *cell = cell.learn(surprise, information, total);
            }
        }
        self.outcomes = self.outcomes.saturating_add(1);
        self.successes = self.successes.saturating_add(u64::from(success));
    }

    /// The reasons for an estimate, the strongest first. They add up to its log-odds.
    ///
    /// Each is told against the average attempt, whose log-odds belong to the decline: learning
    /// finds out how hours differ, not whether the level is due to all hours or to the decline.
    #[must_use]
    pub fn explain(&self, features: &Features) -> Vec<Contribution> {
        let mut level = 0;
        let mut reasons = Vec::with_capacity(Factor::ALL.len());
        // The decline comes last: until then its level is not complete.
        for factor in Factor::ALL.into_iter().rev() {
            let cell = self.cell(features.cell(factor));
            let average = self.average(features, factor);
            level += average;
            let mean = i64::from(cell.mean) - average;
            let mean = if factor == Factor::Category { mean + level } else { mean };
            let reading = features.reading(factor);
            reasons.push(contribution(reading, mean, cell.variance(), cell.tries));
        }
        reasons.reverse();
        ordered(reasons)
    }

    /// What a factor adds to the average attempt among those learned from; 0 for the decline.
    fn average(&self, features: &Features, factor: Factor) -> i64 {
        let row = self.cells.get(features.row(factor)).unwrap_or_default();
        let tries: i64 = row.iter().map(|cell| i64::from(cell.tries)).sum();
        let sum: i64 = row.iter().map(|cell| i64::from(cell.tries) * i64::from(cell.mean)).sum();
        if factor == Factor::Category { 0 } else { div_round(sum, tries.max(1)) }
    }

    /// Why a time is better (or worse) than another, the strongest reason first: only the facts in
    /// which they differ, each with the difference it makes.
    #[must_use]
    pub fn compare(&self, features: &Features, than: &Features) -> Vec<Contribution> {
        let differing = Factor::ALL.into_iter().filter_map(|factor| {
            let (here, there) = (features.cell(factor), than.cell(factor));
            if here == there {
                return None;
            }
            let (one, other) = (self.cell(here), self.cell(there));
            let mean = i64::from(one.mean) - i64::from(other.mean);
            let variance = one.variance() + other.variance();
            Some(contribution(features.reading(factor), mean, variance, one.tries))
        });
        ordered(differing.collect())
    }
}

fn contribution(reading: Reading, mean: i64, variance: i64, tries: u32) -> Contribution {
    Contribution {
        reading,
        log_odds_micro: i32::try_from(mean).unwrap_or(0),
        uncertainty_micro: u32::try_from(sqrt(variance)).unwrap_or(u32::MAX),
        tries,
    }
}

fn ordered(mut reasons: Vec<Contribution>) -> Vec<Contribution> {
    // Stable: of two equally strong ones the factor named first comes first.
    reasons.sort_by_key(|reason| core::cmp::Reverse(reason.log_odds_micro.unsigned_abs()));
    reasons
}
