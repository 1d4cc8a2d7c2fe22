//! What was counted. Whole numbers only: sums do not depend on the order in which threads bring
//! them, so the same seed gives the same report on every machine.

use crate::issuer::Kind;
use crate::life::Outcome;
use crate::oracle::Best;
use crate::provider::PaidBy;
use crate::referee::{Broken, Rule};
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};

/// A payment counts as recovered when it came within so many days of the first failure.
pub(crate) const WITHIN_DAYS: i64 = 30;
/// Hours in which it can come.
pub(crate) const HOURS: usize = 24 * WITHIN_DAYS as usize + 1;
const KINDS: usize = Kind::ALL.len();

/// Invoices and their value in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) count: u64,
    pub(crate) minor: u64,
}

impl Sum {
    fn add(&mut self, minor: i64) {
        self.count += 1;
        self.minor += minor.unsigned_abs();
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.minor += other.minor;
    }
}

/// One contestant in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) failed: Sum,
    pub(crate) recovered: Sum,
    pub(crate) by_retry: Sum,
    pub(crate) by_customer: Sum,
    pub(crate) by_other: Sum,
    /// Automatic attempts, on all and on those that were recovered.
    pub(crate) retries: u64,
    pub(crate) retries_on_recovered: u64,
    pub(crate) notices: u64,
    pub(crate) attempts: u64,
    pub(crate) applied: u64,
    pub(crate) stuck: u64,
    pub(crate) broken: Broken,
    /// By kind: failed, recovered.
    pub(crate) kinds: [(Sum, Sum); KINDS],
    /// By kind, of what the oracle gets and this contestant does not: what an automatic attempt
    /// would have brought, what only the customer would have.
    pub(crate) missed: [(Sum, Sum); KINDS],
    /// Recovered within so many hours, by hour.
    pub(crate) hours: Vec<u64>,
    /// Their value.
    pub(crate) hours_minor: Vec<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        let none = Sum::default();
        Self {
            failed: none,
            recovered: none,
            by_retry: none,
            by_customer: none,
            by_other: none,
            retries: 0,
            retries_on_recovered: 0,
            notices: 0,
            attempts: 0,
            applied: 0,
            stuck: 0,
            broken: [0; Rule::ALL.len()],
            kinds: [(none, none); KINDS],
            missed: [(none, none); KINDS],
            hours: vec![0; HOURS],
            hours_minor: vec![0; HOURS],
        }
    }
}

/// One failed invoice, the same for all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) minor: i64,
    pub(crate) failed_at: Timestamp,
    pub(crate) best: Best,
}

impl Case {
    fn in_time(&self, paid: Option<(Timestamp, PaidBy)>) -> Option<(i64, PaidBy)> {
        let (at, by) = paid?;
        let took_ms = at.since_ms(self.failed_at);
        (took_ms <= WITHIN_DAYS * DAY_MS).then_some((took_ms, by))
    }
}

impl Tally {
    /// Counts how it went.
    pub(crate) fn count(&mut self, case: &Case, outcome: &Outcome) {
        let paid = case.in_time(outcome.paid);
        self.count_payment(case, paid, outcome.retries);
        self.notices += outcome.notices;
        self.attempts += outcome.attempts;
        self.applied += outcome.applied;
        self.stuck += u64::from(outcome.stuck);
        for (sum, found) in self.broken.iter_mut().zip(&outcome.broken) {
            *sum += found;
        }
        if paid.is_none() && case.in_time(case.best.paid).is_some() {
            let missed = self.missed.get_mut(case.kind as usize);
            if let Some((by_retry, by_customer)) = missed {
                let of = if case.best.by_itself { by_retry } else { by_customer };
                of.add(case.minor);
            }
        }
    }

    /// Counts what was possible.
    pub(crate) fn count_best(&mut self, case: &Case) {
        self.count_payment(case, case.in_time(case.best.paid), case.best.retries);
        self.attempts += case.best.retries;
    }

    fn count_payment(&mut self, case: &Case, paid: Option<(i64, PaidBy)>, retries: u64) {
        self.failed.add(case.minor);
        self.retries += retries;
        let kind = self.kinds.get_mut(case.kind as usize);
        if let Some((failed, recovered)) = kind {
            failed.add(case.minor);
            if paid.is_some() {
                recovered.add(case.minor);
            }
        }
        let Some((took_ms, by)) = paid else { return };
        self.recovered.add(case.minor);
        self.retries_on_recovered += retries;
        match by {
            PaidBy::Retry => self.by_retry.add(case.minor),
            PaidBy::Customer => self.by_customer.add(case.minor),
            PaidBy::Elsewhere | PaidBy::Renewal => self.by_other.add(case.minor),
        }
        let hour = usize::try_from(took_ms / HOUR_MS).unwrap_or(0).min(HOURS - 1);
        if let (Some(count), Some(minor)) =
            (self.hours.get_mut(hour), self.hours_minor.get_mut(hour))
        {
            *count += 1;
            *minor += case.minor.unsigned_abs();
        }
    }

    /// Adds another part of the same run.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.failed, &other.failed),
            (&mut self.recovered, &other.recovered),
            (&mut self.by_retry, &other.by_retry),
            (&mut self.by_customer, &other.by_customer),
            (&mut self.by_other, &other.by_other),
        ] {
            sum.merge(more);
        }
        self.retries += other.retries;
        self.retries_on_recovered += other.retries_on_recovered;
        self.notices += other.notices;
        self.attempts += other.attempts;
        self.applied += other.applied;
        self.stuck += other.stuck;
        let pairs = |sum: &mut [(Sum, Sum); KINDS], more: &[(Sum, Sum); KINDS]| {
            for (sum, more) in sum.iter_mut().zip(more) {
                sum.0.merge(&more.0);
                sum.1.merge(&more.1);
            }
        };
        pairs(&mut self.kinds, &other.kinds);
        pairs(&mut self.missed, &other.missed);
        add(&mut self.broken, &other.broken);
        add(&mut self.hours, &other.hours);
        add(&mut self.hours_minor, &other.hours_minor);
    }

    pub(crate) fn violations(&self) -> u64 {
        self.broken.iter().sum()
    }

    pub(crate) fn double_charges(&self) -> u64 {
        self.broken.get(Rule::DoubleCharge as usize).copied().unwrap_or(0)
    }

    /// After how many hours such a share (permille) of what was recovered had come.
    pub(crate) fn hours_until(&self, permille: u64) -> u64 {
        let wanted = (self.recovered.count * permille).div_ceil(1_000);
        let mut so_far = 0;
        let found = self.hours.iter().position(|count| {
            so_far += count;
            so_far >= wanted
        });
        u64::try_from(found.unwrap_or(0)).unwrap_or(0)
    }
}

fn add(sum: &mut [u64], more: &[u64]) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}
