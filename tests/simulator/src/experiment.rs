//! The whole experiment: every world, every seed, every contestant, and what comes out of it.

use crate::contestants::{Contestant, SHIPPED};
use crate::learning::taught;
use crate::population::{Counted, Run, play};
use crate::stats::{Estimate, share};
use crate::tally::Tally;
use crate::world::World;

/// What is to be played.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) worlds: Vec<&'static World>,
    pub(crate) customers: u64,
    pub(crate) days: i64,
    pub(crate) seed: u64,
    pub(crate) seeds: u64,
    pub(crate) threads: usize,
}

/// Everything that was counted.
#[derive(Clone, Debug)]
pub(crate) struct Results {
    pub(crate) plan: Plan,
    /// Name and description, in the order of the tallies.
    pub(crate) contestants: Vec<(&'static str, &'static str)>,
    pub(crate) worlds: Vec<WorldResult>,
}

/// One world, seed by seed.
#[derive(Clone, Debug)]
pub(crate) struct WorldResult {
    pub(crate) world: &'static World,
    pub(crate) seeds: Vec<Counted>,
}

/// Whose numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The contestant at this place.
    Contestant(usize),
    Oracle,
}

/// Plays it, with a line for each world.
pub(crate) fn run(plan: &Plan, contestants: &[Contestant], say: &dyn Fn(&str)) -> Results {
    let mut worlds = Vec::new();
    for (at, world) in plan.worlds.iter().enumerate() {
        say(&format!("{} of {}: {}", at + 1, plan.worlds.len(), world.name));
        let seeds = (0..plan.seeds).map(|offset| {
            let run = Run {
                world,
                seed: plan.seed.wrapping_add(offset),
                first: 0,
                customers: plan.customers,
                days: plan.days,
                threads: plan.threads,
            };
            play(run, &taught(run, contestants))
        });
        worlds.push(WorldResult { world, seeds: seeds.collect() });
    }
    let contestants = contestants.iter().map(|one| (one.name, one.about)).collect();
    Results { plan: plan.clone(), contestants, worlds }
}

impl Results {
    /// The place of a contestant.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.contestants.iter().position(|(known, _)| *known == name)
    }

    pub(crate) fn shipped(&self) -> Who {
        Who::Contestant(self.place(SHIPPED).unwrap_or(0))
    }

    /// Everybody, the oracle last.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = (Who, &'static str)> + '_ {
        let contestants = self.contestants.iter().enumerate();
        let named = contestants.map(|(at, (name, _))| (Who::Contestant(at), *name));
        named.chain([(Who::Oracle, "oracle")])
    }

    /// The worlds for judging, or those for tuning.
    pub(crate) fn of_kind(&self, tuned: bool) -> Vec<&WorldResult> {
        self.worlds.iter().filter(|result| result.world.tuned == tuned).collect()
    }
}

impl WorldResult {
    /// The tally of one seed.
    pub(crate) fn tally(counted: &Counted, who: Who) -> Option<&Tally> {
        match who {
            Who::Oracle => Some(&counted.oracle),
            Who::Contestant(at) => counted.tallies.get(at),
        }
    }

    /// All seeds together.
    pub(crate) fn sum(&self, who: Who) -> Tally {
        let mut sum = Tally::default();
        for counted in &self.seeds {
            if let Some(tally) = Self::tally(counted, who) {
                sum.merge(tally);
            }
        }
        sum
    }

    /// One number for each seed.
    pub(crate) fn by_seed(&self, who: Who, number: impl Fn(&Tally, &Counted) -> f64) -> Vec<f64> {
        let tallies = self.seeds.iter().filter_map(|counted| {
            let tally = Self::tally(counted, who)?;
            Some(number(tally, counted))
        });
        tallies.collect()
    }

    /// An estimate over the seeds.
    pub(crate) fn estimate(&self, who: Who, number: impl Fn(&Tally, &Counted) -> f64) -> Estimate {
        Estimate::of(&self.by_seed(who, number))
    }

    /// How much more of a number one has than another, seed by seed: the same people, so that what
    /// they share cancels out.
    pub(crate) fn gain(
        &self,
        (one, other): (Who, Who),
        number: impl Fn(&Tally, &Counted) -> f64,
    ) -> Estimate {
        let (ones, others) = (self.by_seed(one, &number), self.by_seed(other, &number));
        Estimate::of(&difference(&ones, &others))
    }
}

#[allow(clippy::float_arithmetic, reason = "statistics for people, not decisions")]
fn difference(ones: &[f64], others: &[f64]) -> Vec<f64> {
    ones.iter().zip(others).map(|(one, other)| one - other).collect()
}

/// Recovered invoices of those that failed.
pub(crate) fn rate(tally: &Tally, _: &Counted) -> f64 {
    share(tally.recovered.count, tally.failed.count)
}

/// Recovered value of what failed.
pub(crate) fn value_rate(tally: &Tally, _: &Counted) -> f64 {
    share(tally.recovered.minor, tally.failed.minor)
}

/// Recovered value of what the oracle recovers.
pub(crate) fn of_oracle(tally: &Tally, counted: &Counted) -> f64 {
    share(tally.recovered.minor, counted.oracle.recovered.minor)
}

/// Automatic attempts for each failed invoice.
pub(crate) fn tries(tally: &Tally, _: &Counted) -> f64 {
    share(tally.retries, tally.failed.count)
}

/// Automatic attempts for each recovered invoice.
pub(crate) fn tries_per_recovery(tally: &Tally, _: &Counted) -> f64 {
    share(tally.retries, tally.recovered.count)
}

/// Messages for each failed invoice.
pub(crate) fn notices(tally: &Tally, _: &Counted) -> f64 {
    share(tally.notices, tally.failed.count)
}

/// Days until so many permille of the recovered had come.
#[allow(clippy::float_arithmetic, reason = "statistics for people, not decisions")]
pub(crate) fn days_until(permille: u64) -> impl Fn(&Tally, &Counted) -> f64 {
    move |tally, _| tally.hours_until(permille) as f64 / 24.0
}
