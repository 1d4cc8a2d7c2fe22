//! Which of the offered times: the ladder's, a better one, or one to learn from.

use super::features::Features;
use super::fixed::{ONE, div_round, exp_neg, sqrt};
use super::hold_out::Arm;
use super::model::TimingModel;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most times looked at in one choice (two weeks of hours and the ladder's own); those after
/// them are as if they had not been offered.
pub const CANDIDATES_MAX: usize = 337;

/// Until so many outcomes were learned, every choice is the ladder's and nothing is explored: of
/// fewer, no number of the table says anything.
pub const WARM_UP_OUTCOMES: u64 = 30;

/// How sure the model must be that a time beats the ladder's, in standard deviations, in
/// millionths: four in five. With dozens of times on offer some look that good by chance; their
/// estimates are shrunk towards no difference, so that costs next to nothing. More certainty would
/// be paid with outcomes: 0.95 needs three times as many for the same gain (tried in the worlds of
/// `tests/timing_worlds.rs`).
const CONFIDENCE: i64 = 841_621;

/// Of the exploration, this share goes to all times alike, so that each has some.
const EVEN_SHARE_PPM: i64 = 200_000;

/// And this share to the ladder's time, so that what was logged can always say how the ladder alone
/// would have done, without a few rare outcomes deciding it. The rest goes to those that may be
/// best.
const LADDER_SHARE_PPM: i64 = 200_000;

/// A time that may be chosen. Every rule has been asked already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// When.
    pub at: Timestamp,
    /// What the model sees of it.
    pub features: Features,
}

/// How much is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exploration {
    /// The share of choices that are drawn from all times rather than the best, in ppm; what is
    /// above a million counts as a million. Enough of it, and the model goes on learning about
    /// times that it does not choose; too much, and it does not use what it knows.
    pub share_ppm: u32,
}

impl Default for Exploration {
    /// One in ten.
    fn default() -> Self {
        Self { share_ppm: 100_000 }
    }
}

/// Why a time was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceReason {
    /// The customer is held out: the ladder's time.
    HeldOut,
    /// Nothing is surely better: the ladder's time.
    Ladder,
    /// It is surely better than the ladder's time.
    Learned,
    /// To learn.
    Explored,
}

/// One choice, to be stored with the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which of the offered times.
    pub index: usize,
    /// How likely this choice was, in ppm, all ways to it together. Above 0.
    pub propensity_ppm: u32,
    /// Whether it is another one than the model would pick if it did not explore.
    pub explored: bool,
    /// Why.
    pub why: ChoiceReason,
}

/// What the model makes of the times before a draw.
struct Plan {
    pick: usize,
    propensities: Vec<i64>,
    why: ChoiceReason,
}

impl TimingModel {
    /// Chooses for a customer who is not held out, with the usual [`Exploration`].
    #[must_use]
    pub fn choose(&self, candidates: &[Candidate], draw: u32) -> Option<Choice> {
        self.choose_with(Exploration::default(), Arm::Learned, candidates, draw)
    }

    /// Chooses one of the times. The first of them must be the one that the fixed ladder would
    /// take; the order of the others does not matter. `draw` is uniform over all its values and
    /// independent of everything that decides about success. `None` when nothing is offered.
    #[must_use]
    pub fn choose_with(
        &self,
        exploration: Exploration,
        arm: Arm,
        candidates: &[Candidate],
        draw: u32,
    ) -> Option<Choice> {
        let plan = self.plan(exploration, arm, candidates)?;
        // Of the 2^32 draws each millionth gets 4294 or 4295: exact to 1 in 4000 of itself.
        let mut left = (i64::from(draw) * ONE) >> 32;
        let drawn = plan.propensities.iter().position(|propensity| {
            left -= propensity;
            left < 0
        });
        let index = drawn.unwrap_or(plan.pick);
        let explored = index != plan.pick;
        let why = if explored { ChoiceReason::Explored } else { plan.why };
        let propensity = plan.propensities.get(index).copied().unwrap_or(ONE);
        let propensity_ppm = u32::try_from(propensity).unwrap_or(0);
        Some(Choice { index, propensity_ppm, explored, why })
    }

    /// How likely each of the times is chosen, in ppm; together exactly a million (nothing when
    /// nothing is offered).
    #[must_use]
    pub fn propensities(
        &self,
        exploration: Exploration,
        arm: Arm,
        candidates: &[Candidate],
    ) -> Vec<u32> {
        let plan = self.plan(exploration, arm, candidates);
        let ppm = plan.map(|plan| plan.propensities).unwrap_or_default();
        ppm.into_iter().map(|ppm| u32::try_from(ppm).unwrap_or(0)).collect()
    }

    fn plan(&self, exploration: Exploration, arm: Arm, offered: &[Candidate]) -> Option<Plan> {
        let offered = offered.get(..CANDIDATES_MAX).unwrap_or(offered);
        let ladder = offered.first()?;
        if arm == Arm::HeldOut || self.outcomes() < WARM_UP_OUTCOMES {
            let mut propensities = vec![0; offered.len()];
            if let Some(first) = propensities.first_mut() {
                *first = ONE;
            }
            let held_out = arm == Arm::HeldOut;
            let why = if held_out { ChoiceReason::HeldOut } else { ChoiceReason::Ladder };
            return Some(Plan { pick: 0, propensities, why });
        }
        let pick = self.surely_best(offered, ladder);
        let why = if pick == 0 { ChoiceReason::Ladder } else { ChoiceReason::Learned };
        let propensities = self.spread(exploration, offered, pick);
        Some(Plan { pick, propensities, why })
    }

    /// How much better one is than another, in log-odds, and the variance of that. Where both have
    /// the same fact, it cancels out.
    fn advantage(&self, one: &Features, other: &Features) -> (i64, i64) {
        let pairs = one.cells().into_iter().zip(other.cells());
        pairs.filter(|(here, there)| here != there).fold((0, 0), |(mean, variance), (h, t)| {
            let (here, there) = (self.cell(h), self.cell(t));
            (
                mean + i64::from(here.mean) - i64::from(there.mean),
                variance + here.variance() + there.variance(),
            )
        })
    }

    /// The time with the largest advantage over the ladder's that is left after subtracting the
    /// doubt; the ladder's where none is left. Of equals the earliest.
    fn surely_best(&self, offered: &[Candidate], ladder: &Candidate) -> usize {
        let mut best = (0, 0, ladder.at);
        for (index, candidate) in offered.iter().enumerate().skip(1) {
            let (mean, variance) = self.advantage(&candidate.features, &ladder.features);
            let sure = mean - div_round(sqrt(variance) * CONFIDENCE, ONE);
            let earlier = sure == best.1 && best.0 != 0 && candidate.at < best.2;
            if sure > best.1 || earlier {
                best = (index, sure, candidate.at);
            }
        }
        best.0
    }

    /// The propensities: the pick has all but the share of exploration. Of that, one part is spread
    /// evenly, one is the ladder's, the rest goes by how plausible it is that the time is the best,
    /// exp(−gap² / 2 variance). That is Maillard sampling: as good as Thompson sampling, but
    /// with probabilities that are known exactly (Bian and Jun, "Maillard Sampling: Boltzmann
    /// Exploration Done Optimally", 2022, <https://arxiv.org/abs/2111.03290>).
    fn spread(&self, exploration: Exploration, offered: &[Candidate], pick: usize) -> Vec<i64> {
        let share = i64::from(exploration.share_ppm).min(ONE);
        let plausible = self.plausibilities(offered);
        let all = plausible.iter().sum::<i64>().max(1);
        let even =
            share * EVEN_SHARE_PPM / ONE / i64::try_from(offered.len()).unwrap_or(ONE).max(1);
        let rest = share * (ONE - EVEN_SHARE_PPM - LADDER_SHARE_PPM) / ONE;
        let mut spread: Vec<i64> = plausible.iter().map(|p| even + rest * p / all).collect();
        if let Some(ladder) = spread.first_mut() {
            *ladder += share * LADDER_SHARE_PPM / ONE;
        }
        // What rounding left over, and all that is not explored, is the pick's.
        let given: i64 = spread.iter().sum();
        if let Some(own) = spread.get_mut(pick) {
            *own += ONE - given;
        }
        spread
    }

    /// How plausible it is that each is the best, in ppm: a million for the one that looks best.
    fn plausibilities(&self, offered: &[Candidate]) -> Vec<i64> {
        let Some(ladder) = offered.first() else { return Vec::new() };
        let over_ladder = |c: &Candidate| self.advantage(&c.features, &ladder.features).0;
        let best = offered.iter().max_by_key(|c| (over_ladder(c), core::cmp::Reverse(c.at)));
        let Some(best) = best else { return Vec::new() };
        let of = |candidate: &Candidate| {
            let (gap, variance) = self.advantage(&best.features, &candidate.features);
            // Millionths: gap squared over twice the variance, each in millionths.
            let exponent = gap.saturating_mul(gap) / (2 * variance).max(1);
            exp_neg(exponent) / 1_000
        };
        offered.iter().map(of).collect()
    }
}
