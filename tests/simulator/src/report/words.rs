//! What was found, in sentences made of the numbers. No sentence here knows its result beforehand.
#![allow(clippy::float_arithmetic, reason = "statistics for people, not decisions")]

use crate::contestants::{EIGHT, LEARNED, SHIPPED, UNTIMED};
use crate::experiment::{Results, Who, WorldResult, of_oracle, tries, value_rate};
use crate::issuer::Kind;
use crate::stats::{Estimate, share};
use crate::summary::percent;
use crate::tally::Tally;

/// The goal: this share of the oracle's value, with fewer tries than the longest ladder.
const GOAL: f64 = 0.90;

/// Every sentence, the most important first.
pub(super) fn found(results: &Results) -> Vec<String> {
    let mut sentences = Vec::new();
    sentences.extend(goal(results));
    sentences.extend(without_flat(results));
    sentences.extend(worlds_below(results));
    sentences.extend(missed(results));
    sentences.extend(against_baselines(results));
    sentences.extend(flat(results));
    sentences.push(violations(results));
    sentences
}

/// The mean over worlds, seed by seed: each world counts the same, whatever its prices are.
pub(super) fn over_worlds(
    worlds: &[&WorldResult],
    who: Who,
    number: impl Fn(&Tally, &crate::population::Counted) -> f64,
) -> Estimate {
    let by_world: Vec<Vec<f64>> =
        worlds.iter().map(|result| result.by_seed(who, &number)).collect();
    let seeds = by_world.iter().map(Vec::len).min().unwrap_or(0);
    let mean_of = |seed: usize| {
        let of_seed = by_world.iter().filter_map(|world| world.get(seed));
        of_seed.sum::<f64>() / by_world.len().max(1) as f64
    };
    Estimate::of(&(0..seeds).map(mean_of).collect::<Vec<f64>>())
}

/// The worlds that the goal is about; where none of them was played, those that were.
pub(super) fn judged(results: &Results) -> (Vec<&WorldResult>, &'static str) {
    let unseen = results.of_kind(false);
    if unseen.is_empty() {
        (results.of_kind(true), "tuned worlds (no unseen one was played)")
    } else {
        (unseen, "worlds that nothing was tuned on")
    }
}

fn contestant(results: &Results, name: &str) -> Option<Who> {
    results.place(name).map(Who::Contestant)
}

fn goal(results: &Results) -> Option<String> {
    let (worlds, which) = judged(results);
    let shipped = contestant(results, SHIPPED)?;
    let eight = contestant(results, EIGHT)?;
    let got = over_worlds(&worlds, shipped, of_oracle);
    let (own, others) = (over_worlds(&worlds, shipped, tries), over_worlds(&worlds, eight, tries));
    let fewer = own.mean < others.mean;
    let judgement = match (got.mean >= GOAL, fewer) {
        (true, true) => "The goal, 90 % with fewer tries than 8-in-14, is reached.".to_owned(),
        (true, false) => "The share reaches 90 %, but not with fewer tries than 8-in-14: the goal \
                          is missed."
            .to_owned(),
        (false, _) => format!(
            "The goal, 90 % with fewer tries than 8-in-14, is missed by {:.1} points{}.",
            (GOAL - got.mean) * 100.0,
            if fewer { "" } else { ", and the tries are not fewer" }
        ),
    };
    Some(format!(
        "On {} {which}, each counting the same, the policy that ships recovered {} % of the value \
         that the oracle recovered, with {:.2} automatic tries for each failed invoice; 8-in-14 \
         recovered {} % with {:.2}. {judgement}",
        worlds.len(),
        percent(got),
        own.mean,
        percent(over_worlds(&worlds, eight, of_oracle)),
        others.mean,
    ))
}

/// In a flat world the oracle tries as often as it may, and only more tries come closer to it: that
/// says nothing of when to try.
fn without_flat(results: &Results) -> Option<String> {
    let (mut worlds, _) = judged(results);
    let all = worlds.len();
    worlds.retain(|result| result.world.flat.is_none());
    if worlds.is_empty() || worlds.len() == all {
        return None;
    }
    let line = |name| {
        let who = contestant(results, name)?;
        let (got, made) = (over_worlds(&worlds, who, of_oracle), over_worlds(&worlds, who, tries));
        Some(format!("{name} {} % with {:.2} tries", percent(got), made.mean))
    };
    let lines: Vec<String> = [SHIPPED, LEARNED, EIGHT].into_iter().filter_map(line).collect();
    Some(format!(
        "Without the flat world, where only the number of tries counts and the oracle may use all \
         that attempts_max allows: {}.",
        lines.join(", ")
    ))
}

fn worlds_below(results: &Results) -> Option<String> {
    let (worlds, _) = judged(results);
    let shipped = contestant(results, SHIPPED)?;
    let below: Vec<String> = worlds
        .iter()
        .map(|result| (result.world.name, result.estimate(shipped, of_oracle)))
        .filter(|(_, got)| got.mean < GOAL)
        .map(|(name, got)| format!("{name} ({} %)", percent(got)))
        .collect();
    Some(if below.is_empty() {
        format!("It reached 90 % in each of these {} worlds.", worlds.len())
    } else {
        format!(
            "It stayed below 90 % in {} of these {} worlds: {}.",
            below.len(),
            worlds.len(),
            below.join(", ")
        )
    })
}

/// Why something is missing: by what would have helped, and the kind that weighs most.
fn missed(results: &Results) -> Option<String> {
    let (worlds, _) = judged(results);
    let shipped = contestant(results, SHIPPED)?;
    let (mut by_retry, mut by_customer) = (0, 0);
    let mut largest: Option<(u64, Kind)> = None;
    for kind in Kind::ALL {
        let mut of_kind = 0;
        for result in &worlds {
            if let Some((retry, customer)) = result.sum(shipped).missed.get(kind as usize) {
                by_retry += retry.count;
                by_customer += customer.count;
                of_kind += retry.count + customer.count;
            }
        }
        if largest.is_none_or(|(most, _)| of_kind > most) {
            largest = Some((of_kind, kind));
        }
    }
    let all = by_retry + by_customer;
    let (most, kind) = largest?;
    if all == 0 {
        return Some("It recovered every invoice that the oracle recovered.".to_owned());
    }
    Some(format!(
        "Of the invoices that only the oracle recovered, {:.0} % could have been brought in by an \
         automatic attempt at the right time, {:.0} % only by the customer. Most of them ({:.0} %) \
         failed with: {}.",
        100.0 * share(by_retry, all),
        100.0 * share(by_customer, all),
        100.0 * share(most, all),
        kind.text()
    ))
}

fn against_baselines(results: &Results) -> Option<String> {
    let shipped = contestant(results, SHIPPED)?;
    let (worlds, _) = judged(results);
    let mut parts = Vec::new();
    for (place, (name, _)) in results.contestants.iter().enumerate() {
        let other = Who::Contestant(place);
        if other == shipped {
            continue;
        }
        let gains: Vec<f64> = {
            let of = |who| {
                worlds.iter().map(|result| result.by_seed(who, value_rate)).collect::<Vec<_>>()
            };
            mean_difference(&of(shipped), &of(other))
        };
        let gain = Estimate::of(&gains);
        let clear = if gain.is_clear() { "" } else { " (not beyond chance)" };
        parts.push(format!("{} against {name}{clear}", points(gain)));
    }
    Some(format!(
        "In points of the failed value, on the same worlds, the policy that ships stands at {}.",
        parts.join("; ")
    ))
}

/// Seed by seed, the mean over worlds of the difference.
fn mean_difference(ones: &[Vec<f64>], others: &[Vec<f64>]) -> Vec<f64> {
    let seeds = ones.iter().chain(others).map(Vec::len).min().unwrap_or(0);
    let of_seed = |seed: usize| {
        let pairs = ones.iter().zip(others);
        let sum: f64 =
            pairs.filter_map(|(one, other)| Some(one.get(seed)? - other.get(seed)?)).sum();
        sum / ones.len().max(1) as f64
    };
    (0..seeds).map(of_seed).collect()
}

/// `+1.2 ± 0.3`.
pub(super) fn points(gain: Estimate) -> String {
    let sign = if gain.mean < 0.0 { "−" } else { "+" };
    let mean = gain.mean.abs() * 100.0;
    match gain.half {
        Some(half) => format!("{sign}{mean:.2} ± {:.2}", half * 100.0),
        None => format!("{sign}{mean:.2}"),
    }
}

/// In a flat world nothing can be gained by timing.
fn flat(results: &Results) -> Vec<String> {
    let pairs = [
        (SHIPPED, UNTIMED, "the hours, weekdays and paydays of the policy"),
        (LEARNED, SHIPPED, "learned timing"),
    ];
    let flat = results.worlds.iter().filter(|result| result.world.flat.is_some());
    let of_pair = |result: &WorldResult, (one, other, what): (&str, &str, &str)| {
        let pair = (contestant(results, one)?, contestant(results, other)?);
        let gain = result.gain(pair, value_rate);
        let judgement = if gain.half.is_none() {
            "one seed says nothing of chance".to_owned()
        } else if gain.low() > 0.0 {
            "that is more than chance, and so a mistake somewhere".to_owned()
        } else if gain.is_clear() {
            format!(
                "waiting costs something here, because fewer tries fit into the time ({:.2} for \
                 each failure instead of {:.2})",
                result.estimate(pair.0, tries).mean,
                result.estimate(pair.1, tries).mean
            )
        } else {
            "nothing beyond chance, as it must be".to_owned()
        };
        Some(format!(
            "In {}, where time means nothing, {what} changed the recovered value by {} points: \
             {judgement}.",
            result.world.name,
            points(gain)
        ))
    };
    flat.flat_map(|result| pairs.into_iter().filter_map(move |pair| of_pair(result, pair)))
        .collect()
}

fn violations(results: &Results) -> String {
    let mut broken = Vec::new();
    let (mut attempts, mut stuck) = (0, 0);
    for (who, name) in results.everybody() {
        let sums = results.worlds.iter().map(|result| result.sum(who));
        let (mut found, mut double) = (0, 0);
        for sum in sums {
            attempts += sum.attempts;
            stuck += sum.stuck;
            found += sum.violations();
            double += sum.double_charges();
        }
        if found > 0 {
            broken.push(format!("{name}: {found}, {double} of them double charges"));
        }
    }
    let cut_off = match stuck {
        0 => String::new(),
        count => format!(" {count} lives were cut off by a limit: a mistake somewhere."),
    };
    if broken.is_empty() {
        format!(
            "In {attempts} attempts of all policies no rule was broken and nobody paid \
             twice.{cut_off}"
        )
    } else {
        let broken = broken.join("; ");
        format!("In {attempts} attempts of all policies rules were broken. {broken}.{cut_off}")
    }
}
