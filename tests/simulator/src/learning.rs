//! Learned timing before it competes: it plays other customers of the same world, round by round,
//! each round with what the rounds before it taught, as a merchant's first months would.

use crate::contestants::{Contestant, LEARNED};
use crate::population::{Run, lessons};
use reprieve_core::timing::TimingModel;
use std::sync::Arc;

/// Months in which it learns.
const ROUNDS: u64 = 4;
/// Where the numbers of the customers begin from whom it learns: nobody is met twice.
const FIRST: u64 = 1 << 40;

/// The contestants, of whom the one that learns has done so, from as many customers as will be
/// played afterwards.
pub(crate) fn taught(run: Run<'_>, contestants: &[Contestant]) -> Vec<Contestant> {
    let teach = |contestant: &Contestant| {
        if contestant.name == LEARNED { learned(run, contestant) } else { contestant.clone() }
    };
    contestants.iter().map(teach).collect()
}

fn learned(run: Run<'_>, contestant: &Contestant) -> Contestant {
    let customers = run.customers.div_ceil(ROUNDS);
    let mut model = TimingModel::new();
    let mut contestant = contestant.clone();
    for round in 0..ROUNDS {
        let first = FIRST + round * customers;
        for lesson in lessons(Run { first, customers, ..run }, &contestant) {
            model.learn(&lesson.timing.features, lesson.is_success);
        }
        contestant.policy = contestant.policy.clone().informed_by(Arc::new(model.clone()));
    }
    contestant
}
