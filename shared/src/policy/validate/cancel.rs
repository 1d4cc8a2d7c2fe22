//! The sections about leaving: the values, and that no law of [`crate::jurisdiction`] is broken by
//! them. Which profile a customer gets is not known here, so what holds for everybody has to fit
//! every one of them; where a profile forbids offers, none are shown whatever stands here.

mod offers;

use crate::cancel::settings::{CancelSettings, PauseSettings, PlaceSettings};
use crate::cancel::{Reason, offer};
use crate::jurisdiction::{Jurisdiction, Profile, STRICT, Survey, all_of};
use crate::network::RuleId;
use crate::policy::duration;
use crate::policy::file::cancel::{
    CancelFile, ENDS, FEEDBACKS, INVOICES, PauseFile, PlaceFile, SURVEYS,
};
use crate::policy::problem::{Problems, quoted};
use crate::time::DAY_MS;
use core::ops::RangeInclusive;

/// From no wait at all, which profiles refuse by name, to two years.
const AGAIN_AFTER_MS: RangeInclusive<i64> = 0..=730 * DAY_MS;
/// More than half of all customers without an offer is no use of offers.
const HOLD_OUT_PERMILLE: RangeInclusive<u32> = 0..=500;
/// A pause may be made longer once.
const EXTENSIONS: RangeInclusive<u32> = 0..=1;
/// Earlier is forgotten again, later is no reminder.
const REMINDER_MS: RangeInclusive<i64> = DAY_MS..=30 * DAY_MS;
/// A survey that has to be answered, which no profile allows.
const REQUIRED: &str = "required";

pub(super) fn read(
    problems: &mut Problems,
    file: Option<&CancelFile>,
    segments: &[&str],
) -> CancelSettings {
    let base = CancelSettings::default();
    let Some(file) = file else { return base };
    let key = |name: &str| format!("cancel.{name}");
    let ends = problems.word(&key("ends"), file.ends.as_deref(), &ENDS);
    let past_due = problems.word(&key("ends_past_due"), file.ends_past_due.as_deref(), &ENDS);
    let invoices = file.open_invoices.as_deref();
    let invoices = problems.word(&key("open_invoices"), invoices, &INVOICES);
    let survey = survey(problems, &key("survey"), file.survey.as_deref(), &STRICT);
    let reasons = file.reasons.as_deref();
    let reasons = reasons.map(|words| self::reasons(problems, &key("reasons"), words));
    let feedback = problems.word(&key("feedback"), file.feedback.as_deref(), &FEEDBACKS);
    let screens = screens(problems, &key("offer_screens"), file.offer_screens, None);
    let on_screen = 1..=STRICT.offers.per_screen_max;
    let on_screen_key = key("offers_per_screen");
    let per_screen = base.offers_per_screen;
    let per_screen = problems.whole(&on_screen_key, file.offers_per_screen, on_screen, per_screen);
    let again = again_after(problems, &key("again_after"), file.again_after.as_deref(), None);
    let hold_out = file.hold_out_permille;
    let hold_out_key = key("hold_out_permille");
    let hold_out =
        problems.whole(&hold_out_key, hold_out, HOLD_OUT_PERMILLE, base.hold_out_permille);
    CancelSettings {
        ends: ends.unwrap_or(base.ends),
        ends_past_due: past_due.unwrap_or(base.ends_past_due),
        open_invoices: invoices.unwrap_or(base.open_invoices),
        survey: survey.unwrap_or(base.survey),
        reasons: reasons.unwrap_or(base.reasons),
        feedback: feedback.unwrap_or(base.feedback),
        offer_screens: screens.unwrap_or(base.offer_screens),
        offers_per_screen: per_screen,
        again_after_ms: again.unwrap_or(base.again_after_ms),
        hold_out_permille: hold_out,
        offers: offers::read(problems, &file.offers, segments),
        pause: pause(problems, file.pause.as_ref(), base.pause),
        places: places(problems, &file.places),
    }
}

/// A rule of a law that a value breaks.
fn broken(problems: &mut Problems, key: &str, what: &str, rule: RuleId, allowed: &str) {
    problems.add(key, format!("{what}, which breaks {rule}"), allowed);
}

/// Which values of the survey a profile allows.
fn survey(
    problems: &mut Problems,
    key: &str,
    text: Option<&str>,
    profile: &Profile,
) -> Option<Survey> {
    if text == Some(REQUIRED) {
        let what = "nobody has to say why they leave";
        broken(problems, key, what, profile.survey_rule, "write \"optional\" or \"absent\"");
        return None;
    }
    let survey = problems.word(key, text, &SURVEYS)?;
    if survey == Survey::Optional && profile.survey == Survey::Absent {
        let what = "customers there must not be asked why they leave";
        broken(problems, key, what, profile.survey_rule, "write \"absent\", or leave it out");
        return None;
    }
    Some(survey)
}

fn reasons(problems: &mut Problems, key: &str, words: &[String]) -> Vec<Reason> {
    let known = Reason::ALL.map(|reason| (reason.as_str(), reason));
    let mut reasons: Vec<Reason> = Vec::new();
    if problems.too_many(key, words.len(), known.len()) {
        return reasons;
    }
    if words.is_empty() {
        problems.add(key, "the list is empty", "name a reason, or leave it out for all of them");
    }
    for (at, word) in words.iter().enumerate() {
        let key = format!("{key}[{at}]");
        let Some(reason) = problems.word(&key, Some(word), &known) else { continue };
        if reasons.contains(&reason) {
            let problem = format!("{} is there twice", quoted(word));
            problems.add(key, problem, "leave one of them out");
        }
        reasons.push(reason);
    }
    reasons
}

/// How many screens with offers there may be in one place, or everywhere. A law that forbids all of
/// them is respected without the policy's help; only a policy that asks for one there is told.
fn screens(
    problems: &mut Problems,
    key: &str,
    value: Option<i64>,
    place: Option<Jurisdiction>,
) -> Option<u32> {
    let value = value?;
    let screens = u32::try_from(value).unwrap_or(u32::MAX);
    // Korea's says it most clearly and is named first.
    let everywhere = [Jurisdiction::Kr].into_iter().chain(Jurisdiction::ALL);
    let law = match place {
        Some(place) => all_of(place).find(|law| screens > law.offers.screens_max),
        None => {
            let mut laws = everywhere.flat_map(all_of).filter(|law| law.offers.screens_max > 0);
            laws.find(|law| screens > law.offers.screens_max)
        }
    };
    let Some(law) = law else { return Some(screens) };
    let (max, rule) = (law.offers.screens_max, law.offers.screens_rule);
    let (most, allowed) =
        if max == 0 { ("none", "write 0") } else { ("one screen", "write 0 or 1") };
    broken(problems, key, &format!("{value} is more than {most}"), rule, allowed);
    None
}

/// How long nothing is offered after a screen whose offers were not taken; for one place, or for
/// all.
fn again_after(
    problems: &mut Problems,
    key: &str,
    text: Option<&str>,
    place: Option<Jurisdiction>,
) -> Option<i64> {
    text?;
    let before = problems.count();
    let wait_ms = problems.duration(key, text, AGAIN_AFTER_MS, 0);
    if problems.count() > before {
        return None;
    }
    let all = Jurisdiction::ALL;
    let places = all.into_iter().filter(|known| place.is_none_or(|place| *known == place));
    let laws = places.flat_map(all_of).filter(|law| law.offers.again_after_ms > wait_ms);
    // A law that somebody wrote is a better answer than our default.
    let is_law = |law: &Profile| law.offers.again_rule != STRICT.offers.again_rule;
    let law = laws.max_by_key(|law| (law.offers.again_after_ms, is_law(law)));
    if let Some(law) = law {
        let what = format!("{} is too short", quoted(text.unwrap_or_default()));
        let allowed = format!("write at least \"{}\"", duration::write(law.offers.again_after_ms));
        broken(problems, key, &what, law.offers.again_rule, &allowed);
        return None;
    }
    Some(wait_ms)
}

fn pause(problems: &mut Problems, file: Option<&PauseFile>, base: PauseSettings) -> PauseSettings {
    let Some(file) = file else { return base };
    let key = |name: &str| format!("cancel.pause.{name}");
    let (extensions, reminder) = (file.extensions_max, file.reminder.as_deref());
    let invoices = file.open_invoices.as_deref();
    let invoices = problems.word(&key("open_invoices"), invoices, &INVOICES);
    PauseSettings {
        extensions_max: problems.whole(
            &key("extensions_max"),
            extensions,
            EXTENSIONS,
            base.extensions_max,
        ),
        reminder_ms: problems.duration(&key("reminder"), reminder, REMINDER_MS, base.reminder_ms),
        open_invoices: invoices.unwrap_or(base.open_invoices),
    }
}

fn places(problems: &mut Problems, files: &[PlaceFile]) -> Vec<PlaceSettings> {
    let words = Jurisdiction::ALL.map(|place| (place.as_str(), place));
    let mut places: Vec<PlaceSettings> = Vec::new();
    if problems.too_many("cancel.places", files.len(), words.len()) {
        return places;
    }
    for (at, file) in files.iter().enumerate() {
        let key = |name: &str| format!("cancel.places[{at}].{name}");
        problems.required(&key("place"), file.place.is_some(), "write for example \"kr\"");
        let Some(place) = problems.word(&key("place"), file.place.as_deref(), &words) else {
            continue;
        };
        if places.iter().any(|known| known.place == place) {
            let problem = format!("{} is there twice", quoted(place.as_str()));
            problems.add(key("place"), problem, "leave one of them out");
        }
        let (wanted, again) = (file.survey.as_deref(), file.again_after.as_deref());
        let law = all_of(place).find(|law| law.survey == Survey::Absent);
        let settings = PlaceSettings {
            place,
            offer_screens: screens(
                problems,
                &key("offer_screens"),
                file.offer_screens,
                Some(place),
            ),
            survey: survey(problems, &key("survey"), wanted, law.unwrap_or(&STRICT)),
            again_after_ms: again_after(problems, &key("again_after"), again, Some(place)),
        };
        if (file.offer_screens, wanted, again) == (None, None, None) {
            let allowed = "write offer_screens, survey, again_after, or leave the place out";
            problems.add(format!("cancel.places[{at}]"), "says nothing", allowed);
        }
        places.push(settings);
    }
    places
}

/// The most periods of a pause, for the checks of offers.
pub(super) const PAUSE_PERIODS: RangeInclusive<u32> = 1..=offer::PAUSE_PERIODS_MAX;
