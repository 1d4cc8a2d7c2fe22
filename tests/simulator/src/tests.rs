//! The simulator itself: small runs with known answers.

use crate::contestants::{self, Contestant, EIGHT, FIXED, LEARNED, SHIPPED, UNTIMED};
use crate::experiment::{self, Plan, Results, Who, of_oracle, rate, value_rate};
use crate::population::{Counted, Run, play};
use crate::report;
use crate::tally::Tally;
use crate::world::{self, World};
use reprieve_core::policy::Policy;
use reprieve_core::policy::file::PolicyFile;

fn competing() -> Vec<Contestant> {
    contestants::all(&PolicyFile::from(&Policy::default())).unwrap()
}

fn run(world: &'static World, customers: u64) -> Run<'static> {
    Run { world, seed: 7, first: 0, customers, days: 60, threads: 2 }
}

fn played(name: &str, customers: u64) -> Counted {
    play(run(world::named(name).unwrap(), customers), &competing())
}

fn small(worlds: &[&str], customers: u64, names: &[&str]) -> Results {
    let plan = Plan {
        worlds: worlds.iter().map(|name| world::named(name).unwrap()).collect(),
        customers,
        days: 60,
        seed: 3,
        seeds: 3,
        threads: 2,
    };
    let mut contestants = competing();
    contestants.retain(|one| names.is_empty() || names.contains(&one.name));
    experiment::run(&plan, &contestants, &|_| {})
}

fn everybody(counted: &Counted) -> impl Iterator<Item = &Tally> {
    counted.tallies.iter().chain([&counted.oracle])
}

#[test]
fn the_same_seed_gives_the_same_whatever_the_number_of_threads() {
    let mixed = world::named("mixed").unwrap();
    let with = |threads| play(Run { threads, ..run(mixed, 600) }, &competing());
    let (one, two) = (with(1), with(2));
    assert_eq!(one, two);
    let other = play(Run { seed: 8, ..run(mixed, 600) }, &competing());
    assert_ne!(one, other);
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let page = || report::html(&small(&["flat", "mixed-unseen"], 60, &[]));
    assert_eq!(page(), page());
}

#[test]
fn nobody_beats_the_oracle_in_any_world() {
    for world in world::all() {
        let counted = play(run(world, 150), &competing());
        let best = &counted.oracle;
        for tally in &counted.tallies {
            let name = world.name;
            assert_eq!(tally.failed, best.failed, "{name}: all meet the same failures");
            assert!(tally.recovered.count <= best.recovered.count, "{name}");
            assert!(tally.recovered.minor <= best.recovered.minor, "{name}");
            for (own, best) in tally.kinds.iter().zip(&best.kinds) {
                assert!(own.1.count <= best.1.count, "{name}");
            }
        }
        assert!(best.recovered.count > 0, "{}", world.name);
    }
}

#[test]
fn every_invoice_is_either_recovered_once_or_missed() {
    for name in ["paydays", "dead-cards-unseen", "business"] {
        let counted = played(name, 300);
        for tally in everybody(&counted) {
            let ways = [tally.by_retry, tally.by_customer, tally.by_other];
            let sum = |number: fn(&crate::tally::Sum) -> u64| ways.iter().map(number).sum::<u64>();
            assert_eq!(sum(|way| way.count), tally.recovered.count, "{name}");
            assert_eq!(sum(|way| way.minor), tally.recovered.minor, "{name}");
            assert!(tally.recovered.minor <= tally.failed.minor, "no more than was due");
            assert_eq!(tally.hours.iter().sum::<u64>(), tally.recovered.count, "{name}");
            assert_eq!(tally.hours_minor.iter().sum::<u64>(), tally.recovered.minor, "{name}");
            assert_eq!(tally.double_charges(), 0, "{name}");
            assert_eq!(tally.stuck, 0, "{name}");
        }
        for tally in &counted.tallies {
            let missed: u64 = tally.missed.iter().map(|(a, b)| a.count + b.count).sum();
            let best = counted.oracle.recovered.count;
            assert_eq!(tally.recovered.count + missed, best, "{name}");
        }
    }
}

#[test]
fn in_a_flat_world_time_gains_nothing() {
    let results = small(&["flat", "flat-unseen"], 400, &[]);
    let place = |name| Who::Contestant(results.place(name).unwrap());
    for result in &results.worlds {
        // Other times may cost something, when fewer tries fit before the end; never gain.
        let gain = result.gain((place(SHIPPED), place(UNTIMED)), value_rate);
        assert!(gain.low() <= 0.0, "{}: {gain:?}", result.world.name);
        let gain = result.gain((place(LEARNED), place(SHIPPED)), value_rate);
        assert!(gain.low() <= 0.0, "{}: learned {gain:?}", result.world.name);
        // More tries are worth something.
        let gain = result.gain((place(EIGHT), place(FIXED)), rate);
        assert!(gain.low() > 0.0, "{}: {gain:?}", result.world.name);
    }
}

#[test]
fn where_paydays_matter_a_longer_ladder_finds_more() {
    let results = small(&["paydays"], 400, &[SHIPPED, FIXED, EIGHT]);
    let place = |name| Who::Contestant(results.place(name).unwrap());
    let gain = results.worlds[0].gain((place(EIGHT), place(FIXED)), of_oracle);
    assert!(gain.low() > 0.0, "{gain:?}");
}

#[test]
fn worlds_have_names_of_their_own_and_a_twin_that_nobody_tuned_on() {
    let worlds = world::all();
    let mut names: Vec<&str> = worlds.iter().map(|world| world.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), worlds.len());
    for world in worlds.iter().filter(|world| world.tuned) {
        let twin = world::named(&format!("{}-unseen", world.name)).unwrap();
        assert!(!twin.tuned && !twin.about.is_empty() && !world.about.is_empty());
    }
}
