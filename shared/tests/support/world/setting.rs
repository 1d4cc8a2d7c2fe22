//! Where and when a life takes place: next to a change of the clocks, the end of a month or a leap
//! day, at some place of the world, under rules that are drawn with it.

use super::super::judge;
use super::super::rng::Rng;
use reprieve_core::calendar::{Weekday, Weekdays, Weekend, Zone};
use reprieve_core::decline::Category;
use reprieve_core::policy::settings::{HourWindow, PaydaySettings, Rung, Settings};
use reprieve_core::policy::{LearnedTiming, Policy, RetryDriver};
use reprieve_core::time::{DAY_MS, MINUTE_MS, Timestamp};
use reprieve_core::timing::{Features, TimingModel};
use std::sync::Arc;

/// Moments, in UTC, near which something is odd about the calendar.
const MOMENTS: &[(&str, i64)] = &[
    ("an ordinary Monday, 2026-11-02", 1_793_577_600),
    ("a year ends, 2026-12-29", 1_798_502_400),
    ("America's clocks go on, 2027-03-12", 1_804_809_600),
    ("Europe's clocks go on, 2027-03-26", 1_806_019_200),
    ("Lord Howe's clocks go back by half an hour, 2027-04-02", 1_806_624_000),
    ("Europe's clocks go back, 2027-10-29", 1_824_768_000),
    ("America's clocks go back, 2027-11-05", 1_825_372_800),
    ("a leap day, 2028-02-27", 1_835_222_400),
];

/// Places whose clocks differ by whole hours, halves and quarters, and that change them at other
/// times of the year, of the day, by half an hour or never.
pub(crate) const PLACES: &[&str] = &[
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];

const OUTCOMES_MAX: usize = 400;

/// What is drawn before a life begins.
pub(super) struct Setting {
    pub(super) policy: Policy,
    pub(super) start: Timestamp,
    /// The customer's place, where it is known from the beginning.
    pub(super) zone: Option<Zone>,
    /// All of it in words, for whoever looks into a broken rule.
    pub(super) told: String,
}

impl Setting {
    pub(super) fn drawn(rng: &mut Rng, driver: RetryDriver) -> Self {
        let (odd, seconds) = rng.pick(MOMENTS);
        let within_ms = rng.between(0, 2 * DAY_MS);
        let start = Timestamp::from_seconds(seconds).plus_ms(within_ms);
        let place = rng.percent(75).then(|| rng.pick(PLACES));
        let mut settings = judge::settings();
        let (windows, paydays, learned) = (rng.percent(50), rng.percent(30), rng.percent(35));
        if windows {
            let rungs = settings.retry.rungs.iter_mut();
            rungs.for_each(|rung| restrict(rung, rng));
        }
        if paydays {
            wait_for_paydays(&mut settings, rng);
        }
        let mut policy = Policy::uniform(driver, settings);
        if learned {
            policy = learn(policy, rng, start);
        }
        let told = format!(
            "{odd}, {} minutes later, {place:?}, windows {windows}, paydays {paydays}, learned \
             {learned}",
            within_ms / MINUTE_MS
        );
        Self { policy, start, zone: place.and_then(Zone::named), told }
    }
}

/// Some hours, over midnight now and then, and some days of the week.
fn restrict(rung: &mut Rung, rng: &mut Rng) {
    let hour = |number: usize| u8::try_from(number).unwrap();
    let from = rng.below(24);
    let long = 2 + rng.below(12);
    let to = if (from + long).is_multiple_of(24) { 24 } else { (from + long) % 24 };
    rung.hours = HourWindow { from: hour(from), to: hour(to) };
    let some = Weekdays::of(&[Weekday::Sunday, Weekday::Tuesday, Weekday::Friday]);
    rung.weekdays = rng.pick(&[Weekdays::ALL, Weekdays::ALL, Weekdays::WORKING, some]);
}

fn wait_for_paydays(settings: &mut Settings, rng: &mut Rng) {
    settings.retry.paydays = PaydaySettings {
        days_of_month: rng.pick(&[&[1, 15, 31], &[28, 29, 31]]).to_vec(),
        weekdays: rng.pick(&[Weekdays::NONE, Weekdays::of(&[Weekday::Friday])]),
        on_weekend: rng.pick(&[Weekend::Before, Weekend::After]),
    };
    for rung in &mut settings.retry.rungs {
        rung.payday_wait_ms = rng.pick(&[0, DAY_MS, 3 * DAY_MS]);
    }
}

/// A model that has seen outcomes without rhyme or reason: it may believe anything.
fn learn(policy: Policy, rng: &mut Rng, start: Timestamp) -> Policy {
    let categories = [Category::InsufficientFunds, Category::Generic, Category::IssuerUnavailable];
    let (mut model, zone) = (TimingModel::new(), Zone::utc());
    let lucky_hour = rng.below(24);
    for _ in 0..rng.below(OUTCOMES_MAX) {
        let at = start.plus_ms(-rng.between(0, 60 * DAY_MS));
        let attempt = 1 + u32::try_from(rng.below(4)).unwrap();
        let features = Features::at(rng.pick(&categories), attempt, at, &zone);
        let hour = usize::from(zone.local(at).hour);
        let share = if hour.abs_diff(lucky_hour) < 4 { 80 } else { 15 };
        model.learn(&features, rng.percent(share));
    }
    let learned_timing = LearnedTiming {
        enabled: true,
        hold_out_permille: rng.pick(&[0, 0, 1_000]),
        explore_permille: rng.pick(&[0, 100, 1_000]),
    };
    policy.timed(learned_timing).informed_by(Arc::new(model))
}
