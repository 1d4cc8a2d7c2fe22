//! What a world is: the hidden truth about people and banks, as numbers.
//!
//! All numbers are invented. Where something is published about the order of magnitude it stands in
//! `docs/simulate.md`; nothing here was fitted to data of real customers.

mod tuned;
mod unseen;

use crate::rng::{Draws, Stream};
use reprieve_core::policy::segment::Sector;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};

/// 2027-02-01T00:00:00Z, a Monday. Within sixty days Europe and America put their clocks forward,
/// on different days, and a month has 28 days.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_801_440_000);

/// One world. Shares are permille, amounts minor units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) name: &'static str,
    /// What is true in it, for the report.
    pub(crate) about: &'static str,
    /// Whether policies may be tuned on it; the others are for judging only.
    pub(crate) tuned: bool,
    pub(crate) sector: Sector,
    /// POSIX zone, country, weight.
    pub(crate) zones: &'static [((&'static str, &'static str), u32)],
    /// Customers whose zone the core knows.
    pub(crate) zones_known: u32,
    /// What a month costs, weight.
    pub(crate) plans: &'static [(i64, u32)],
    /// Who pays by the year (ten times the month's price).
    pub(crate) yearly: u32,
    /// Weights of Visa, Mastercard and others.
    pub(crate) networks: [u32; 3],
    /// The local hour of renewals, weight.
    pub(crate) hours: &'static [(i64, u32)],
    pub(crate) funds: Funds,
    pub(crate) noise: Noise,
    pub(crate) outages: Outages,
    pub(crate) cards: Cards,
    /// Renewals for which the bank wants to see the customer.
    pub(crate) sca: u32,
    pub(crate) generic: Generic,
    /// If set, nothing above decides about payments but this.
    pub(crate) flat: Option<Flat>,
    pub(crate) people: People,
    /// Answers to a charge that are lost on the way back, though the charge arrived.
    pub(crate) lost_answers: u32,
}

/// Who runs out of money, and when it comes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Funds {
    /// Customers whose account runs empty before the next payday.
    pub(crate) fragile: u32,
    pub(crate) pay: &'static [(Pay, u32)],
    /// The local hour at which wages arrive.
    pub(crate) pay_hour: u8,
    /// For how many tenths of a day the money of one payday lasts, by customer.
    pub(crate) lasting_tenths: (i64, i64),
    /// What is there right after a payday, by customer. Who has less than the price never pays
    /// from this account.
    pub(crate) disposable: (i64, i64),
}

/// When wages come. On a weekend they come on the Friday before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pay {
    /// Every Friday.
    Weekly,
    /// The 15th and the last day.
    SemiMonthly,
    /// This day of the month (1 to 28).
    Monthly(u8),
    /// The last day of the month.
    LastDay,
}

/// Declines by risk models: a new draw in every hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    /// By local hour.
    pub(crate) by_hour: [u32; 24],
    /// Added on Saturday and Sunday.
    pub(crate) weekend: u32,
}

impl Noise {
    /// The same at every hour.
    pub(crate) const fn even(share: u32) -> Self {
        Self { by_hour: [share; 24], weekend: 0 }
    }
}

/// Banks that do not answer for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outages {
    pub(crate) issuers: u64,
    /// The mean time between two outages of one bank, in hours; 0: there are none.
    pub(crate) every_hours: i64,
    /// Mean length, in hours.
    pub(crate) hours: i64,
}

/// Cards that stop working for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cards {
    /// Cards that die within 30 days.
    pub(crate) die: u32,
    pub(crate) causes: &'static [(Death, u32)],
    /// Dead cards whose successor reaches the provider by itself (account updater).
    pub(crate) updated: u32,
    /// After so many days on average.
    pub(crate) updated_days: i64,
}

/// Why a card is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    Expired,
    Closed,
    Lost,
    Stolen,
    Fraud,
    Revoked,
}

/// A no without a reason that lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generic {
    /// Renewals that meet one.
    pub(crate) share: u32,
    /// Of these, those that time never cures.
    pub(crate) forever: u32,
    /// The others are over after so many hours on average.
    pub(crate) clears_hours: i64,
}

/// Success that depends on the number of the attempt and on nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flat {
    /// Renewals that fail.
    pub(crate) fail: u32,
    /// Of these, those that no automatic attempt will ever bring in.
    pub(crate) never: u32,
    /// The chance of each further attempt otherwise.
    pub(crate) each: u32,
}

/// How people react.
#[derive(Clone, Copy, Debug)]
pub(crate) struct People {
    /// Who would do something about it once it is noticed, by what is in the way:
    /// money, a dead card, the bank's wish to see them, a no without a reason, a revocation.
    pub(crate) responds: [u32; 5],
    /// Who sees an e-mail, a text message, a push message.
    pub(crate) sees: [u32; 3],
    /// Who agreed to text messages, to push messages.
    pub(crate) consents: [u32; 2],
    /// Who acts, having seen one of them, of those who would.
    pub(crate) acts: u32,
    /// The mean time between two visits to the product, in hours.
    pub(crate) visit_hours: i64,
    /// The mean time from seeing to acting, in hours.
    pub(crate) delay_hours: i64,
    /// New cards that work.
    pub(crate) new_card_works: u32,
    /// Messages after which somebody who would not pay anyway cancels.
    pub(crate) annoyed: u32,
    /// Who cancels within 30 days of a failure, whatever is done.
    pub(crate) cancels: u32,
    /// Who pays by another way within 30 days, whatever is done.
    pub(crate) elsewhere: u32,
}

/// Every world, the tuned ones first.
pub(crate) fn all() -> Vec<&'static World> {
    tuned::WORLDS.iter().chain(unseen::WORLDS).collect()
}

/// The world of this name.
pub(crate) fn named(name: &str) -> Option<&'static World> {
    all().into_iter().find(|world| world.name == name)
}

/// When each bank is down, in hours since the epoch: from, to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    outages: Vec<Vec<(i64, i64)>>,
}

/// The most outages of one bank in one run.
const OUTAGES_MAX: u64 = 10_000;

impl Schedule {
    /// Drawn for a whole run of so many days.
    pub(crate) fn of(world: &World, seed: u64, days: i64) -> Self {
        let outages = world.outages;
        if outages.every_hours <= 0 {
            return Self::default();
        }
        let first = START.as_ms() / HOUR_MS;
        let end = first + days * DAY_MS / HOUR_MS;
        let of_one = |issuer: u64| {
            let draws = Draws::of(seed ^ 0x6f75_7461_6765, world.name, issuer);
            let mut found = Vec::new();
            let mut at = first;
            for index in 0..OUTAGES_MAX {
                at += draws.exponential(Stream::OutageGap, index, outages.every_hours).max(1);
                if at >= end {
                    break;
                }
                let hours = draws.exponential(Stream::OutageLength, index, outages.hours).max(1);
                found.push((at, at + hours));
                at += hours;
            }
            found
        };
        Self { outages: (0..outages.issuers).map(of_one).collect() }
    }

    /// Whether a bank is down in this hour since the epoch.
    pub(crate) fn is_down(&self, issuer: u64, hour: i64) -> bool {
        let Some(of_one) = usize::try_from(issuer).ok().and_then(|at| self.outages.get(at)) else {
            return false;
        };
        let began = of_one.partition_point(|(from, _)| *from <= hour);
        began.checked_sub(1).and_then(|last| of_one.get(last)).is_some_and(|(_, to)| hour < *to)
    }
}
