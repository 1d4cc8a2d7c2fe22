//! Many customers at once. Each is a small world of its own, so the memory is that of the threads,
//! not of the population.

use crate::contestants::Contestant;
use crate::hidden::Hidden;
use crate::issuer::{self, Card, Question, Relief};
use crate::life::{FOLLOW_MS, Incident, Life};
use crate::oracle::{self, Bounds};
use crate::tally::{Case, Tally};
use crate::world::{Schedule, World};
use reprieve_core::calendar::Zone;
use reprieve_core::case::Lesson;
use reprieve_core::time::{DAY_MS, Timestamp};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Customers that a thread takes at a time.
const CHUNK: u64 = 1_024;

/// What is played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) world: &'a World,
    pub(crate) seed: u64,
    /// The number of the first customer: another range, other people.
    pub(crate) first: u64,
    pub(crate) customers: u64,
    /// Days in which renewals happen.
    pub(crate) days: i64,
    pub(crate) threads: usize,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) customers: u64,
    pub(crate) renewals: u64,
    /// In the order of the contestants.
    pub(crate) tallies: Vec<Tally>,
    pub(crate) oracle: Tally,
}

impl Counted {
    fn new(contestants: usize) -> Self {
        Self { tallies: vec![Tally::default(); contestants], ..Self::default() }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.renewals += other.renewals;
        self.oracle.merge(&other.oracle);
        for (sum, more) in self.tallies.iter_mut().zip(&other.tallies) {
            sum.merge(more);
        }
    }
}

/// What all threads share.
struct Shared<'a> {
    run: Run<'a>,
    contestants: &'a [Contestant],
    zones: Vec<Zone>,
    schedule: Schedule,
}

/// Plays it.
pub(crate) fn play(run: Run<'_>, contestants: &[Contestant]) -> Counted {
    let shared = Shared::new(run, contestants);
    let taken = AtomicU64::new(0);
    let sum = Mutex::new(Counted::new(contestants.len()));
    std::thread::scope(|scope| {
        for _ in 0..run.threads.max(1) {
            scope.spawn(|| {
                let own = shared.work(&taken);
                // Poisoned only when another thread panicked, and then the scope does too.
                sum.lock().unwrap_or_else(PoisonError::into_inner).merge(&own);
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Plays it under one policy and brings what is to be learned from it, in the order of the
/// customers: an order of threads would be another one each time.
pub(crate) fn lessons(run: Run<'_>, contestant: &Contestant) -> Vec<Lesson> {
    let contestants = core::slice::from_ref(contestant);
    let shared = Shared::new(run, contestants);
    let taken = AtomicU64::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..run.threads.max(1) {
            scope.spawn(|| {
                let mut own = BTreeMap::new();
                let mut count = Counted::new(1);
                while let Some(chunk) = shared.next_chunk(&taken) {
                    let lives = chunk.clone().flat_map(|number| shared.one(number, &mut count));
                    own.insert(chunk.start, lives.collect::<Vec<Lesson>>());
                }
                found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.into_values().flatten().collect()
}

impl<'a> Shared<'a> {
    fn new(run: Run<'a>, contestants: &'a [Contestant]) -> Self {
        let zones =
            run.world.zones.iter().filter_map(|((rule, _), _)| Zone::parse(rule).ok()).collect();
        let schedule = Schedule::of(run.world, run.seed, run.days + FOLLOW_MS / DAY_MS + 1);
        Self { run, contestants, zones, schedule }
    }

    fn next_chunk(&self, taken: &AtomicU64) -> Option<Range<u64>> {
        let from = taken.fetch_add(CHUNK, Ordering::Relaxed);
        let to = (from + CHUNK).min(self.run.customers);
        (from < to).then(|| self.run.first + from..self.run.first + to)
    }

    fn work(&self, taken: &AtomicU64) -> Counted {
        let mut own = Counted::new(self.contestants.len());
        while let Some(chunk) = self.next_chunk(taken) {
            for number in chunk {
                self.one(number, &mut own);
            }
        }
        own
    }

    /// One customer under every policy; what is learned from the lives.
    fn one(&self, number: u64, own: &mut Counted) -> Vec<Lesson> {
        let Run { world, seed, .. } = self.run;
        own.customers += 1;
        let mut learned = Vec::new();
        let Some(hidden) = Hidden::of(world, seed, number, &self.zones) else { return learned };
        let Some(incident) = self.first_failure(&hidden, own) else { return learned };
        let bounds = bounds(self.contestants, &hidden);
        let best = oracle::best(&hidden, &self.schedule, incident, bounds);
        let (minor, failed_at) = (hidden.amount_minor, incident.failed_at);
        let case = Case { kind: incident.cause.kind(), minor, failed_at, best };
        own.oracle.count_best(&case);
        for (place, contestant) in self.contestants.iter().enumerate() {
            let policy = &contestant.policy;
            let outcome = Life::lived(&hidden, &self.schedule, policy, incident);
            if let (Some(outcome), Some(tally)) = (outcome, own.tallies.get_mut(place)) {
                tally.count(&case, &outcome);
                learned.extend(outcome.lessons);
            }
        }
        learned
    }

    /// Most renewals go well, and then there is nothing to play.
    fn first_failure(&self, hidden: &Hidden<'_>, own: &mut Counted) -> Option<Incident> {
        hidden.renewals(self.run.days).find_map(|(renewal, at)| {
            own.renewals += 1;
            let card = card_at(hidden, at);
            let relief = Relief::default();
            let question = Question { card, renewal, at, tries: 0, on_session: false, relief };
            let cause = issuer::ask(hidden, &self.schedule, question)?;
            Some(Incident { renewal, failed_at: at, cause })
        })
    }
}

fn card_at(hidden: &Hidden<'_>, at: Timestamp) -> Card {
    let updated = hidden.death.and_then(|death| death.updated_at);
    if updated.is_some_and(|updated| updated <= at) { Card::Updated } else { Card::Original }
}

/// The oracle may do by itself what the first contestant may.
fn bounds(contestants: &[Contestant], hidden: &Hidden<'_>) -> Bounds {
    let segment = crate::facts::segment(hidden);
    let retry = contestants.first().map(|first| &first.policy.segment(&segment).settings.retry);
    Bounds {
        stop_after_ms: retry.map_or(0, |retry| retry.stop_after_ms),
        attempts_max: retry.map_or(0, |retry| u64::from(retry.attempts_max)),
    }
}
