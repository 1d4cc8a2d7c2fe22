//! Learned timing in invented worlds: where there are paydays it finds them, where there is nothing
//! to find it finds nothing.
#![cfg(test)]

#[path = "support/rng.rs"]
#[expect(dead_code, reason = "not every test draws everything")]
mod rng;

use reprieve_core::calendar::{LocalTime, Weekday, Window, Zone};
use reprieve_core::decline::Category;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};
use reprieve_core::timing::fixed::probability;
use reprieve_core::timing::{
    Candidate, Choice, ChoiceReason, Features, Logged, TimingModel, evaluate, slots,
};
use rng::Rng;

/// 2027-01-01T00:00:00Z.
const START: Timestamp = Timestamp::from_seconds(1_798_761_600);

/// The truth: log-odds of success, in millionths.
type World = fn(Category, u32, &LocalTime) -> i64;

fn level(category: Category, attempt: u32) -> i64 {
    let base = match category {
        Category::InsufficientFunds => -1_500_000,
        Category::IssuerUnavailable => 300_000,
        _ => -2_300_000,
    };
    base - 250_000 * i64::from(attempt.min(4) - 1)
}

/// Nothing but the level matters.
fn flat(category: Category, attempt: u32, _: &LocalTime) -> i64 {
    level(category, attempt)
}

/// Money comes on the 1st, the 15th and the last day and is spent within days; a bit more in the
/// morning. The day of the month means nothing where money was not what was missing.
fn paydays(category: Category, attempt: u32, time: &LocalTime) -> i64 {
    let funds = category == Category::InsufficientFunds;
    let payday = match (time.day, time.days_to_month_end()) {
        (_, 0) | (1 | 15, _) => 1_300_000,
        (2 | 16, _) => 800_000,
        (3 | 17, _) => 400_000,
        _ => 0,
    };
    let morning = if (6..10).contains(&time.hour) { 300_000 } else { 0 };
    level(category, attempt) + if funds { payday + morning } else { 0 }
}

/// Banks distrust the night and like working days.
fn nights(category: Category, attempt: u32, time: &LocalTime) -> i64 {
    let night = if time.hour < 6 { -900_000 } else { 0 };
    let weekend = matches!(time.weekday, Weekday::Saturday | Weekday::Sunday);
    level(category, attempt) + night - if weekend { 400_000 } else { 0 }
}

struct Played {
    model: TimingModel,
    logged: Vec<Logged>,
    /// Sums of true probabilities, in ppm: of the choices, of the ladder's, of the best on offer.
    chosen: i64,
    ladder: i64,
    best: i64,
    choices: i64,
    /// Choices that left the ladder, not to explore.
    moved: i64,
}

impl Played {
    fn new() -> Self {
        let (model, logged) = (TimingModel::new(), Vec::new());
        Self { model, logged, chosen: 0, ladder: 0, best: 0, choices: 0, moved: 0 }
    }

    /// Makes the attempt and adds it to the sums.
    fn take(
        &mut self,
        choice: &Choice,
        times: &[Timestamp],
        truth: impl Fn(Timestamp) -> i64,
        rng: &mut Rng,
    ) -> bool {
        let chance = truth(times[choice.index]);
        let success = i64::try_from(rng.below(1_000_000)).unwrap() < chance;
        self.choices += 1;
        self.chosen += chance;
        self.ladder += truth(times[0]);
        self.best += times.iter().map(|at| truth(*at)).max().unwrap();
        self.moved += i64::from(choice.why == ChoiceReason::Learned);
        let target_ppm = if choice.index == 0 { 1_000_000 } else { 0 };
        self.logged.push(Logged { success, propensity_ppm: choice.propensity_ppm, target_ppm });
        success
    }

    fn gain_ppm(&self) -> i64 {
        (self.chosen - self.ladder) / self.choices.max(1)
    }

    fn possible_ppm(&self) -> i64 {
        (self.best - self.ladder) / self.choices.max(1)
    }
}

fn draw(rng: &mut Rng) -> u32 {
    u32::try_from(rng.below(1 << 32)).unwrap()
}

fn candidates(
    times: &[Timestamp],
    category: Category,
    attempt: u32,
    zone: &Zone,
) -> Vec<Candidate> {
    let of = |at| Features::at(category, attempt, at, zone);
    times.iter().map(|at| Candidate { at: *at, features: of(*at) }).collect()
}

/// One failure after the other over three years, each tried again once. The sums are of what comes
/// after the first `learning` ones.
fn play(world: World, seed: u64, outcomes: usize, learning: usize) -> Played {
    let (mut rng, zone) = (Rng::new(seed), Zone::named("Europe/Berlin").unwrap());
    let mut played = Played::new();
    let categories = [Category::InsufficientFunds, Category::Generic, Category::IssuerUnavailable];
    let between_ms = 3 * 365 * DAY_MS / i64::try_from(outcomes).unwrap();
    for n in 0..outcomes {
        if n == learning {
            played = Played { model: played.model, ..Played::new() };
        }
        let failed = START.plus_ms(between_ms * i64::try_from(n).unwrap() + rng.between(0, DAY_MS));
        let category = rng.pick(&categories);
        let attempt = u32::try_from(rng.between(1, 5)).unwrap();
        let ladder = failed.plus_ms(3 * DAY_MS);
        let range = (ladder.plus_ms(-2 * DAY_MS), ladder.plus_ms(3 * DAY_MS));
        let times = slots(ladder, range, 4 * HOUR_MS, &Window::ALWAYS, &zone);
        let offered = candidates(&times, category, attempt, &zone);
        let choice = played.model.choose(&offered, draw(&mut rng)).unwrap();
        let truth = |at: Timestamp| probability(world(category, attempt, &zone.local(at)));
        let success = played.take(&choice, &times, truth, &mut rng);
        played.model.learn(&offered[choice.index].features, success);
    }
    played
}

/// What the model believes that a day of the month adds, against the 10th.
fn day_effect(model: &TimingModel, category: Category, day: u8) -> (i64, i64) {
    let time = |day| LocalTime {
        year: 2029,
        month: 5,
        day,
        days_in_month: 31,
        weekday: Weekday::Tuesday,
        hour: 12,
        minute: 0,
    };
    let of = |day| Features::of(category, 1, &time(day));
    let why = model.compare(&of(day), &of(10));
    why.first().map_or((0, 1), |reason| {
        (i64::from(reason.log_odds_micro), i64::from(reason.uncertainty_micro))
    })
}

/// How far two rows of numbers go together, in percent (Pearson's correlation).
fn correlation_percent(one: &[i64], other: &[i64]) -> i64 {
    let count = one.len() as i64;
    let around = |row: &[i64]| -> Vec<i64> {
        let mean = row.iter().sum::<i64>() / count;
        row.iter().map(|x| (x - mean) / 1_000).collect()
    };
    let (one, other) = (around(one), around(other));
    let product = |a: &[i64], b: &[i64]| -> i64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    100 * product(&one, &other) / (product(&one, &one) * product(&other, &other)).isqrt()
}

#[test]
fn paydays_are_found_where_there_are_some() {
    let played = play(paydays, 1, 8_000, 4_000);
    let (gain, possible) = (played.gain_ppm(), played.possible_ppm());
    println!("gain {gain} of {possible} ppm possible, ladder left: {}", played.moved);
    assert!(gain * 100 >= possible * 45, "{gain} of {possible}");
    let funds = Category::InsufficientFunds;
    let days: Vec<u8> = (1..=31).collect();
    let learned: Vec<i64> = days.iter().map(|d| day_effect(&played.model, funds, *d).0).collect();
    let truth: Vec<i64> = days
        .iter()
        .map(|day| {
            let noon = START.plus_ms((i64::from(*day) - 1) * DAY_MS + 12 * HOUR_MS);
            paydays(funds, 1, &Zone::utc().local(noon))
        })
        .collect();
    let correlation = correlation_percent(&learned, &truth);
    let mut ranking = days.clone();
    ranking.sort_by_key(|day| core::cmp::Reverse(learned[usize::from(*day) - 1]));
    println!("correlation {correlation} %, best days {:?}", &ranking[..5]);
    assert!(correlation >= 75, "{correlation}: {learned:?}");
    ranking.truncate(3);
    ranking.sort_unstable();
    assert_eq!(ranking, [1, 15, 31]);
    for payday in [1, 15, 31] {
        let (effect, doubt) = day_effect(&played.model, funds, payday);
        assert!(effect > 2 * doubt, "day {payday}: {effect} ± {doubt}, truly 1300000");
        let (effect, doubt) = day_effect(&played.model, Category::Generic, payday);
        assert!(effect.abs() < 3 * doubt, "no payday without missing money: {effect} ± {doubt}");
    }
}

/// A ladder that would try on the 13th, and the 15th within reach.
#[test]
fn the_payday_is_chosen() {
    let model = play(paydays, 2, 8_000, 8_000).model;
    let zone = Zone::named("Europe/Berlin").unwrap();
    let ladder = START.plus_ms(12 * DAY_MS + 8 * HOUR_MS + 1);
    let range = (ladder, ladder.plus_ms(5 * DAY_MS));
    let times = slots(ladder, range, HOUR_MS, &Window::ALWAYS, &zone);
    let offered = candidates(&times, Category::InsufficientFunds, 1, &zone);
    let mut rng = Rng::new(3);
    let mut on_payday = 0;
    for _ in 0..400 {
        let choice = model.choose(&offered, draw(&mut rng)).unwrap();
        if choice.explored {
            assert!(choice.propensity_ppm < 100_000);
        } else {
            assert_eq!(choice.why, ChoiceReason::Learned);
            assert!(choice.propensity_ppm >= 900_000);
            assert_eq!(zone.local(times[choice.index]).day, 15);
            on_payday += 1;
        }
    }
    assert!((330..400).contains(&on_payday), "one in ten explores: {on_payday}");
}

#[test]
fn nights_and_weekends_are_avoided_where_banks_distrust_them() {
    let played = play(nights, 1, 8_000, 4_000);
    let (gain, possible) = (played.gain_ppm(), played.possible_ppm());
    println!("gain {gain} of {possible} ppm possible, ladder left: {}", played.moved);
    assert!(gain * 100 >= possible * 45, "{gain} of {possible}");
}

/// Nothing to find: every time is as good as the ladder's, so nothing is gained and nothing lost;
/// and the model does not talk itself into beliefs.
#[test]
fn nothing_is_found_where_there_is_nothing() {
    let played = play(flat, 1, 8_000, 1_000);
    assert_eq!((played.gain_ppm(), played.possible_ppm()), (0, 0));
    let (mut beyond, mut all) = (0, 0);
    for category in [Category::InsufficientFunds, Category::Generic, Category::IssuerUnavailable] {
        for day in (1..=31).filter(|day| *day != 10) {
            let (effect, doubt) = day_effect(&played.model, category, day);
            assert!(effect.abs() < 4 * doubt, "{category:?} {day}: {effect} ± {doubt}");
            beyond += i64::from(effect.abs() > 2 * doubt);
            all += 1;
        }
    }
    assert!(beyond * 100 <= 15 * all, "{beyond} of {all} beyond two standard deviations");
    // What it says of an attempt is what happens.
    let zone = Zone::utc();
    for n in 0..1_000 {
        let at = START.plus_ms(n * 11 * HOUR_MS);
        let features = Features::at(Category::Generic, 2, at, &zone);
        let estimate = played.model.score(&features);
        let truth = probability(level(Category::Generic, 2));
        let off = (i64::from(estimate.success_ppm) - truth).abs();
        assert!(off < 4 * i64::from(estimate.uncertainty_ppm), "{estimate:?}, truly {truth}");
    }
}

/// Logged while a model chose and explored: how would the ladder alone have done? The truth is
/// known here, and the interval has to hold it in 95 of 100 runs.
#[test]
fn the_ladder_is_judged_rightly_from_what_was_logged() {
    let model = play(paydays, 4, 3_000, 3_000).model;
    let (mut held, mut better) = (0, 0);
    for seed in 0..60 {
        let run = log(&model, seed);
        let found = evaluate(run.logged).expect("the ladder was chosen often");
        assert!((500_000..1_700_000).contains(&found.mean_weight_ppm), "{found:?}");
        let truth = run.ladder / run.choices;
        held +=
            i32::from((found.low_ppm..=found.high_ppm).contains(&u32::try_from(truth).unwrap()));
        better += i32::from(run.chosen > run.ladder);
    }
    println!("{held} of 60 intervals hold the truth; the choices were better in {better}");
    assert!(held >= 54, "{held} of 60");
    assert!(better >= 58, "{better} of 60");
}

/// Choices of a model that does not learn any more, five days on offer.
fn log(model: &TimingModel, seed: u64) -> Played {
    let (mut rng, zone) = (Rng::new(seed), Zone::utc());
    let category = Category::InsufficientFunds;
    let mut played = Played::new();
    for _ in 0..500 {
        let ladder = START.plus_ms(rng.between(0, 365 * DAY_MS));
        let range = (ladder.plus_ms(-2 * DAY_MS), ladder.plus_ms(2 * DAY_MS));
        let times = slots(ladder, range, DAY_MS, &Window::ALWAYS, &zone);
        let offered = candidates(&times, category, 1, &zone);
        let choice = model.choose(&offered, draw(&mut rng)).unwrap();
        let truth = |at| probability(paydays(category, 1, &zone.local(at)));
        played.take(&choice, &times, truth, &mut rng);
    }
    played
}
