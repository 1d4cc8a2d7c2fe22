//! The two other ways to run: how the time grows, and a very long run that looks for mistakes only.
#![allow(clippy::float_arithmetic, reason = "a table for people")]

use crate::clock::{Watch, peak_kib};
use crate::contestants::Contestant;
use crate::experiment::Plan;
use crate::population::{Run, play};
use crate::referee::Rule;
use crate::tally::Tally;
use crate::world;

const SMALL: [u64; 2] = [10_000, 100_000];

/// One policy, one world (`mixed` unless another is named), so many customers: seconds, memory,
/// customers in a second.
pub(crate) fn print(plan: &Plan, contestants: &[Contestant]) {
    let shipped = contestants.get(..1).unwrap_or_default();
    let one = match plan.worlds.as_slice() {
        [one] => Some(*one),
        _ => world::named("mixed"),
    };
    let Some(world) = one else { return };
    println!(
        "world {}, {} days, policy {}, {} threads",
        world.name,
        plan.days,
        shipped.first().map_or("", |first| first.name),
        plan.threads
    );
    println!(
        "{:>12}{:>10}{:>12}{:>14}{:>12}{:>14}",
        "customers", "seconds", "peak MiB", "customers/s", "failed", "events/s"
    );
    let sizes = SMALL.into_iter().filter(|size| *size < plan.customers);
    for customers in sizes.chain([plan.customers]) {
        let watch = Watch::start();
        let (days, threads) = (plan.days, plan.threads);
        let run = Run { world, seed: plan.seed, first: 0, customers, days, threads };
        let counted = play(run, shipped);
        let seconds = watch.ms() as f64 / 1_000.0;
        let applied: u64 = counted.tallies.iter().map(|tally| tally.applied).sum();
        println!(
            "{customers:>12}{seconds:>10.2}{:>12}{:>14.0}{:>12}{:>14.0}",
            peak_kib().map_or_else(|| "?".to_owned(), |kib| format!("{:.1}", kib as f64 / 1024.0)),
            customers as f64 / seconds.max(0.001),
            counted.oracle.failed.count,
            applied as f64 / seconds.max(0.001),
        );
    }
}

/// Customers of one round of the long run.
const ROUND: u64 = 20_000;
/// Rounds after which it gives up: a policy that makes no attempts would run for ever.
const ROUNDS_MAX: u64 = 100_000;

/// Plays world after world until the first contestant has made so many attempts. `false`: something
/// was broken.
pub(crate) fn many_attempts(
    plan: &Plan,
    contestants: &[Contestant],
    wanted: u64,
) -> Result<bool, String> {
    let shipped = contestants.get(..1).unwrap_or_default();
    let mut sum = Tally::default();
    let watch = Watch::start();
    for round in 0..ROUNDS_MAX {
        let count = plan.worlds.len().max(1) as u64;
        let at = usize::try_from(round % count).unwrap_or(0);
        let world = plan.worlds.get(at).ok_or("there is no world")?;
        let seed = plan.seed.wrapping_add(round / count);
        let (days, threads) = (plan.days, plan.threads);
        let run = Run { world, seed, first: 0, customers: ROUND, days, threads };
        let counted = play(run, shipped);
        let Some(tally) = counted.tallies.first() else { return Err("no policy".to_owned()) };
        if tally.violations() > 0 || tally.stuck > 0 {
            eprintln!("simulate: replay: --world {} --seed {seed}", world.name);
        }
        sum.merge(tally);
        if sum.attempts >= wanted {
            break;
        }
        if at == 0 {
            eprintln!("simulate: {} attempts, {} s", sum.attempts, watch.ms() / 1_000);
        }
    }
    let seconds = watch.ms() / 1_000;
    println!(
        "{} attempts on {} failed invoices in {seconds} s: {} double charges, {} violations, \
         {} lives cut off",
        sum.attempts,
        sum.failed.count,
        sum.double_charges(),
        sum.violations(),
        sum.stuck
    );
    for rule in Rule::ALL {
        let count = sum.broken.get(rule as usize).copied().unwrap_or(0);
        if count > 0 {
            println!("{count:>10}  {}", rule.text());
        }
    }
    Ok(sum.violations() == 0 && sum.stuck == 0 && sum.attempts >= wanted)
}
