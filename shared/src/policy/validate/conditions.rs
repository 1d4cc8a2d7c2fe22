//! Whom a segment is for.

use crate::money::Currency;
use crate::policy::file::{ConditionsFile, PlanFile};
use crate::policy::problem::{Problems, quoted};
use crate::policy::segment::{Conditions, Country, Interval, PlanRange, Sector};

/// More countries than there are.
const REGIONS_MAX: usize = 260;

const INTERVALS: [(&str, Interval); 3] = [
    (Interval::Month.as_str(), Interval::Month),
    (Interval::Year.as_str(), Interval::Year),
    (Interval::Other.as_str(), Interval::Other),
];

const SECTORS: [(&str, Sector); 3] = [
    (Sector::B2b.as_str(), Sector::B2b),
    (Sector::Consumer.as_str(), Sector::Consumer),
    (Sector::Game.as_str(), Sector::Game),
];

pub(super) fn read(
    problems: &mut Problems,
    segment: &str,
    file: Option<&ConditionsFile>,
) -> Conditions {
    let Some(file) = file else { return Conditions::default() };
    let key = |name: &str| format!("{segment}.match.{name}");
    let interval = problems.word(&key("interval"), file.interval.as_deref(), &INTERVALS);
    let sector = problems.word(&key("sector"), file.sector.as_deref(), &SECTORS);
    let plan = file.plan.as_ref().and_then(|file| plan(problems, &key("plan"), file));
    let regions = file.regions.as_deref().map(|codes| regions(problems, &key("regions"), codes));
    Conditions { interval, sector, plan, regions: regions.unwrap_or_default() }
}

fn plan(problems: &mut Problems, key: &str, file: &PlanFile) -> Option<PlanRange> {
    let allowed = "write the three letters of ISO 4217, for example \"eur\"";
    let currency_key = format!("{key}.currency");
    problems.required(&currency_key, file.currency.is_some(), allowed);
    let text = file.currency.as_deref()?;
    let Ok(currency) = Currency::parse(text) else {
        problems.add(currency_key, format!("{} is not a currency", quoted(text)), allowed);
        return None;
    };
    let from_minor = file.from_minor.unwrap_or(0);
    if from_minor < 0 {
        let problem = format!("{from_minor} is out of range");
        problems.add(format!("{key}.from_minor"), problem, "write an amount from 0 in minor units");
    }
    if file.below_minor.is_some_and(|below| below <= from_minor) {
        let problem = "nothing lies between the two amounts";
        let allowed = format!("write an amount above {from_minor} in minor units");
        problems.add(format!("{key}.below_minor"), problem, allowed);
    }
    if (file.from_minor, file.below_minor) == (None, None) {
        let allowed = "write from_minor, below_minor or both";
        problems.add(key, "says nothing about the amount", allowed);
    }
    Some(PlanRange { currency, from_minor, below_minor: file.below_minor })
}

fn regions(problems: &mut Problems, key: &str, codes: &[String]) -> Vec<Country> {
    let allowed = "write codes of ISO 3166-1, for example [\"DE\", \"GB\"]";
    let mut regions = Vec::new();
    if problems.too_many(key, codes.len(), REGIONS_MAX) {
        return regions;
    }
    if codes.is_empty() {
        problems.add(key, "the list is empty", allowed);
    }
    for (at, code) in codes.iter().enumerate() {
        let key = || format!("{key}[{at}]");
        match Country::parse(code) {
            Some(country) if regions.contains(&country) => {
                let problem = format!("{} is there twice", quoted(code));
                problems.add(key(), problem, "leave one of them out");
            }
            Some(country) => regions.push(country),
            None => {
                let problem = format!("{} is not a country", quoted(code));
                // The mistake that everybody makes.
                let uk = code.eq_ignore_ascii_case("uk");
                problems.add(key(), problem, if uk { "write \"GB\"" } else { allowed });
            }
        }
    }
    regions.sort_unstable();
    regions
}
