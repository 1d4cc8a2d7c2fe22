//! The ladder and its rules, each value for itself and all of them together.

use crate::calendar::{Weekday, Weekdays};
use crate::policy::RUNGS_MAX;
use crate::policy::duration;
use crate::policy::file::{HoursFile, PaydaysFile, RetryFile, RungFile, WEEKDAYS, WEEKENDS};
use crate::policy::problem::{Problems, quoted};
use crate::policy::settings::{HourWindow, PaydaySettings, RetrySettings, Rung};
use crate::time::{DAY_MS, MINUTE_MS};
use core::ops::RangeInclusive;

/// From what it takes a bank to get well again (Yuno's first retry) to what nobody waits for.
const DELAY_MS: RangeInclusive<i64> = 5 * MINUTE_MS..=60 * DAY_MS;
/// Half a month: with two paydays in it, there is always one within.
const PAYDAY_WAIT_MS: RangeInclusive<i64> = 0..=16 * DAY_MS;
const MIN_SPACING_MS: RangeInclusive<i64> = 5 * MINUTE_MS..=7 * DAY_MS;
/// Mastercard's 35 in 30 days, the largest number of any network
/// (<https://developers.tabapay.com/docs/excessive-retry-rules>, read 2026-11).
const ATTEMPTS: RangeInclusive<u32> = 1..=35;
const STOP_AFTER_MS: RangeInclusive<i64> = DAY_MS..=90 * DAY_MS;
const KEEP_AWAY_MS: RangeInclusive<i64> = 0..=3 * DAY_MS;
const BACKUP_AFTER: RangeInclusive<u32> = 0..=20;
const MONTH_DAYS: RangeInclusive<u32> = 1..=31;

pub(super) fn read(
    problems: &mut Problems,
    segment: &str,
    file: Option<&RetryFile>,
    base: &RetrySettings,
) -> RetrySettings {
    let Some(file) = file else { return base.clone() };
    let key = |name: &str| format!("{segment}.retry.{name}");
    let rungs = file.rungs.as_deref().map(|files| rungs(problems, &key("rungs"), files));
    let mut duration = |name: &str, text: &Option<String>, range, base_ms| {
        problems.duration(&key(name), text.as_deref(), range, base_ms)
    };
    let min_spacing_ms =
        duration("min_spacing", &file.min_spacing, MIN_SPACING_MS, base.min_spacing_ms);
    let stop_after_ms = duration("stop_after", &file.stop_after, STOP_AFTER_MS, base.stop_after_ms);
    let keep_away_ms = duration("keep_away", &file.keep_away, KEEP_AWAY_MS, base.keep_away_ms);
    let attempts_max =
        problems.whole(&key("attempts_max"), file.attempts_max, ATTEMPTS, base.attempts_max);
    let backup = base.backup_after_declines.unwrap_or(0);
    let backup =
        problems.whole(&key("backup_card_after"), file.backup_card_after, BACKUP_AFTER, backup);
    RetrySettings {
        rungs: rungs.unwrap_or_else(|| base.rungs.clone()),
        min_spacing_ms,
        attempts_max,
        stop_after_ms,
        keep_away_ms,
        backup_after_declines: (backup > 0).then_some(backup),
        paydays: paydays(problems, &key("paydays"), file.paydays.as_ref(), &base.paydays),
    }
}

fn rungs(problems: &mut Problems, key: &str, files: &[RungFile]) -> Vec<Rung> {
    if problems.too_many(key, files.len(), RUNGS_MAX) {
        return Vec::new();
    }
    let numbered = files.iter().enumerate();
    numbered.map(|(at, file)| rung(problems, &format!("{key}[{at}]"), file)).collect()
}

fn rung(problems: &mut Problems, key: &str, file: &RungFile) -> Rung {
    let free = Rung::after_ms(DAY_MS);
    let delay_key = format!("{key}.delay");
    problems.required(&delay_key, file.delay.is_some(), duration::EXAMPLES);
    let delay_ms = problems.duration(&delay_key, file.delay.as_deref(), DELAY_MS, free.delay_ms);
    let hours = file.hours.as_ref().map(|file| hours(problems, &format!("{key}.hours"), file));
    let weekdays = file.weekdays.as_deref().map(|names| {
        let key = format!("{key}.weekdays");
        if names.is_empty() {
            problems.add(&*key, "the list is empty", "name a day, or leave it out for all of them");
        }
        weekdays(problems, &key, names)
    });
    let wait_key = format!("{key}.payday_wait");
    let wait = file.payday_wait.as_deref();
    Rung {
        delay_ms,
        hours: hours.unwrap_or(free.hours),
        weekdays: weekdays.unwrap_or(free.weekdays),
        payday_wait_ms: problems.duration(&wait_key, wait, PAYDAY_WAIT_MS, free.payday_wait_ms),
    }
}

fn hours(problems: &mut Problems, key: &str, file: &HoursFile) -> HourWindow {
    let mut hour = |name: &str, value: Option<i64>, range: RangeInclusive<u32>| {
        let key = format!("{key}.{name}");
        problems.required(&key, value.is_some(), "write an hour of the day");
        u8::try_from(problems.whole(&key, value, range, 0)).unwrap_or(0)
    };
    let (from, to) = (hour("from", file.from, 0..=23), hour("to", file.to, 1..=24));
    let written = (file.from, file.to) == (Some(i64::from(from)), Some(i64::from(to)));
    if written && to == from {
        let problem = "the window ends at the hour at which it begins";
        let allowed = "write another hour, or leave `hours` out for the whole day";
        problems.add(format!("{key}.to"), problem, allowed);
    }
    HourWindow { from, to }
}

fn weekdays(problems: &mut Problems, key: &str, names: &[String]) -> Weekdays {
    let mut days: Vec<Weekday> = Vec::new();
    for (at, name) in names.iter().enumerate().take(2 * WEEKDAYS.len()) {
        let key = format!("{key}[{at}]");
        let Some(day) = problems.word(&key, Some(name), &WEEKDAYS) else { continue };
        if days.contains(&day) {
            let problem = format!("{} is there twice", quoted(name));
            problems.add(key, problem, "leave one of them out");
        }
        days.push(day);
    }
    Weekdays::of(&days)
}

fn paydays(
    problems: &mut Problems,
    key: &str,
    file: Option<&PaydaysFile>,
    base: &PaydaySettings,
) -> PaydaySettings {
    let Some(file) = file else { return base.clone() };
    let days = file.days_of_month.as_deref();
    let days = days.map(|days| month_days(problems, &format!("{key}.days_of_month"), days));
    let names = file.weekdays.as_deref();
    let weekdays = names.map(|names| weekdays(problems, &format!("{key}.weekdays"), names));
    let weekend = file.on_weekend.as_deref();
    let weekend = problems.word(&format!("{key}.on_weekend"), weekend, &WEEKENDS);
    PaydaySettings {
        days_of_month: days.unwrap_or_else(|| base.days_of_month.clone()),
        weekdays: weekdays.unwrap_or(base.weekdays),
        on_weekend: weekend.unwrap_or(base.on_weekend),
    }
}

fn month_days(problems: &mut Problems, key: &str, values: &[i64]) -> Vec<u8> {
    let mut days: Vec<u8> = Vec::new();
    if problems.too_many(key, values.len(), 31) {
        return days;
    }
    for (at, value) in values.iter().enumerate() {
        let key = format!("{key}[{at}]");
        let day = u8::try_from(problems.whole(&key, Some(*value), MONTH_DAYS, 0)).unwrap_or(0);
        if days.contains(&day) && day > 0 {
            problems.add(key, format!("{day} is there twice"), "leave one of them out");
        }
        days.push(day);
    }
    days.sort_unstable();
    days
}

/// What each value allows, but not all of them.
pub(super) fn together(problems: &mut Problems, segment: &str, retry: &RetrySettings) {
    let key = |name: &str| format!("{segment}.retry.{name}");
    let no_payday = retry.paydays.days().is_empty();
    let mut after_first_ms: i64 = 0;
    for (at, rung) in retry.rungs.iter().enumerate() {
        let delay = duration::write(rung.delay_ms);
        if rung.delay_ms < retry.min_spacing_ms {
            let spacing = duration::write(retry.min_spacing_ms);
            let problem = format!("\"{delay}\" is shorter than min_spacing");
            let allowed = format!("write at least \"{spacing}\", or a smaller min_spacing");
            problems.add(key(&format!("rungs[{at}].delay")), problem, allowed);
        }
        after_first_ms = after_first_ms.saturating_add(rung.delay_ms);
        if after_first_ms > retry.stop_after_ms {
            let (comes, stop) =
                (duration::write(after_first_ms), duration::write(retry.stop_after_ms));
            let problem = format!("comes {comes} after the first failure, which is too late");
            let allowed = format!("stop_after is \"{stop}\": write a longer one or shorter delays");
            problems.add(key(&format!("rungs[{at}].delay")), problem, allowed);
        }
        if rung.payday_wait_ms > 0 && no_payday {
            let allowed = "write paydays.days_of_month or paydays.weekdays, or leave it out";
            problems.add(key(&format!("rungs[{at}].payday_wait")), "there is no payday", allowed);
        }
    }
    let attempts = u32::try_from(retry.rungs.len()).unwrap_or(u32::MAX).saturating_add(1);
    if attempts > retry.attempts_max {
        let max = retry.attempts_max;
        let problem = format!("with the first charge the ladder makes {attempts} attempts");
        let allowed = format!("attempts_max is {max}: write a larger one or fewer rungs");
        problems.add(key("rungs"), problem, allowed);
    }
}
