//! Thousands of small lives in a world where everything goes wrong (`support/world.rs`), with every
//! rule of `support/invariants.rs` checked after every event. Deterministic: a seed is a life.
//!
//! An ordinary run lives a fixed set and one life more that nobody has seen: its seed is drawn from
//! the clock and told when a rule breaks, like every other.
//!
//! `REPRIEVE_SEED=7 cargo test -p reprieve-core --test simulation` lives one of them again;
//! `REPRIEVE_SEEDS=100000` lives more of them.
#![cfg(test)]

mod support;

use reprieve_core::api::status::{AccessLevel, RecoveryState};
use reprieve_core::case::CaseState;
use reprieve_core::id::InvoiceId;
use reprieve_core::network::RuleId;
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{InvoiceStatus, SubscriptionStatus};
use reprieve_core::retry::rules;
use reprieve_core::status;
use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;
use support::world::{Guard, World};

/// Lives of each kind in an ordinary run.
const SEEDS: u64 = 200;
/// Things that happen in one life before it calms down.
const STEPS: usize = 400;
/// Long enough for an attempt of unknown outcome to lapse and for a daily reading after it.
const CALM_DAYS: i64 = 3;
/// Long enough for every period, every pause and every reminder to end.
const LEAVING_DAYS: i64 = 25;
/// Alarms in the days of calm. Most come from hourly questions and from our ladder.
const RINGS_MAX: usize = 400;

#[test]
fn the_provider_drives() {
    live(RetryDriver::Provider, Guard::Provider);
}

#[test]
fn our_ladder_drives() {
    let reasons = live(RetryDriver::Ours, Guard::Provider);
    // The storm is no storm when nothing in it ever meets these.
    if is_ordinary() {
        for rule in [
            rules::LADDER_RUNG,
            rules::WINDOW,
            rules::PAYDAY,
            rules::TIMING_LEARNED,
            rules::TIMING_EXPLORED,
            rules::TIMING_HELD_OUT,
        ] {
            assert!(reasons.contains(&rule), "{rule} moved no charge in {SEEDS} lives");
        }
    }
}

#[test]
fn the_provider_drives_and_only_the_core_prevents_a_second_charge() {
    live(RetryDriver::Provider, Guard::CoreAlone);
}

#[test]
fn our_ladder_drives_and_only_the_core_prevents_a_second_charge() {
    live(RetryDriver::Ours, Guard::CoreAlone);
}

/// Customers leave, pause, take offers, think again and come back amid all of it.
#[test]
fn people_leave_while_the_provider_drives() {
    let tally = leave(RetryDriver::Provider, Guard::Provider);
    println!("Stripe drives: {tally:?}");
}

#[test]
fn people_leave_while_our_ladder_drives() {
    let tally = leave(RetryDriver::Ours, Guard::CoreAlone);
    println!("our ladder drives: {tally:?}");
    if is_ordinary() {
        for word in ["declared", "offers taken", "taken back", "resumed", "made longer", "withheld"]
        {
            assert!(tally.contains_key(word), "{word} never happened in {SEEDS} lives");
        }
        for word in ["found to hold", "found not to hold"] {
            assert!(tally.contains_key(word), "{word} never happened in {SEEDS} lives");
        }
    }
}

fn leave(driver: RetryDriver, guard: Guard) -> BTreeMap<&'static str, u64> {
    let mut tally = BTreeMap::new();
    for seed in seeds() {
        let mut world = World::new(seed, driver, guard).with_leavers();
        for _ in 0..STEPS {
            world.step();
        }
        let rings = world.calm(CALM_DAYS);
        assert!(rings <= RINGS_MAX, "the alarm rang {rings} times in {CALM_DAYS} days");
        world.tell_all();
        world.both_sides_agree_about_leaving();
        world.pay_everything_in_silence();
        world.calm(LEAVING_DAYS);
        world.both_sides_agree_about_leaving();
        nothing_is_open_and_access_is_back(&world);
        for (word, count) in &world.leavers.tally {
            *tally.entry(*word).or_default() += count;
        }
    }
    tally
}

/// Lives every life; which rules brought its automatic charges about.
fn live(driver: RetryDriver, guard: Guard) -> BTreeSet<RuleId> {
    let mut reasons = BTreeSet::new();
    for seed in seeds() {
        let mut world = World::new(seed, driver, guard);
        for _ in 0..STEPS {
            world.step();
        }
        let rings = world.calm(CALM_DAYS);
        assert!(rings <= RINGS_MAX, "the alarm rang {rings} times in {CALM_DAYS} days");
        world.tell_all();
        the_account_agrees_with_the_provider(&world);
        world.pay_everything_in_silence();
        world.calm(CALM_DAYS);
        nothing_is_open_and_access_is_back(&world);
        reasons.append(&mut world.reasons);
    }
    reasons
}

#[expect(clippy::disallowed_methods, reason = "a failing seed is replayed from the command line")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Whether nobody asked for other lives than the usual ones.
fn is_ordinary() -> bool {
    number("REPRIEVE_SEED").is_none() && number("REPRIEVE_SEEDS").is_none()
}

/// One life, so many lives, or the fixed set and one that nobody has seen.
fn seeds() -> Box<dyn Iterator<Item = u64>> {
    match (number("REPRIEVE_SEED"), number("REPRIEVE_SEEDS")) {
        (Some(seed), _) => Box::new([seed].into_iter()),
        (None, Some(seeds)) => Box::new(0..seeds),
        (None, None) => Box::new((0..SEEDS).chain([unseen()])),
    }
}

/// From the clock. Told on failure by [`World`], and replayed like any other.
#[expect(clippy::disallowed_methods, reason = "the one seed that is another in every run")]
fn unseen() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seed = u64::try_from(since.as_nanos() % u128::from(u64::MAX)).unwrap_or(0);
    println!("the seed that nobody has seen: {seed}");
    seed
}

/// When everything was told and nothing is lost any more, the open cases are the open invoices that
/// failed, and what was paid is recovered, whatever the order in which it was told.
fn the_account_agrees_with_the_provider(world: &World) {
    let ended = |invoice: &support::provider::FakeInvoice| {
        world.provider.subscriptions[&invoice.subscription].status == SubscriptionStatus::Ended
    };
    let owed: BTreeSet<&InvoiceId> = world
        .provider
        .invoices
        .iter()
        .filter(|(_, invoice)| invoice.status == InvoiceStatus::Open && !ended(invoice))
        .filter(|(_, invoice)| invoice.attempt_count > 0)
        .map(|(id, _)| id)
        .collect();
    let open: BTreeSet<&InvoiceId> = world.account.open_cases().map(|case| &case.invoice).collect();
    assert_eq!(open, owed, "the open cases are what is owed");
    for case in world.account.cases.values() {
        assert_ne!(case.state, CaseState::Attempting, "{} is known by now", case.invoice);
        let invoice = &world.provider.invoices[&case.invoice];
        let paid = invoice.status == InvoiceStatus::Paid;
        let left = case.state == CaseState::Canceled;
        assert_eq!(case.state == CaseState::Recovered, paid && !left, "{}", case.invoice);
        let paused = world.provider.subscriptions[&invoice.subscription].status
            == SubscriptionStatus::Paused;
        let suspended = case.state == CaseState::Suspended;
        assert_eq!(suspended, paused && !case.state.is_terminal(), "{}", case.invoice);
    }
}

fn nothing_is_open_and_access_is_back(world: &World) {
    assert_eq!(world.account.open_cases().count(), 0, "the daily reading finds what no event told");
    let status = status::of(&world.account, world.now, &world.policy);
    let runs = |status| status != SubscriptionStatus::Ended;
    let any_runs = world.provider.subscriptions.values().any(|known| runs(known.status));
    let access = if any_runs { AccessLevel::Full } else { AccessLevel::Ended };
    assert_eq!(status.access, access);
    assert_ne!(status.state, RecoveryState::ActionNeeded);
    assert_eq!(world.account.next_wake(), None, "nothing is left to do");
}
