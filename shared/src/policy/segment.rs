//! Whom settings are for: segments in order, the first that fits decides.

use super::settings::Settings;
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};

/// Settings and whom they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its name, unique in the policy; a case remembers it.
    pub name: String,
    /// Whom it is for.
    pub conditions: Conditions,
    /// What holds for them.
    pub settings: Settings,
}

/// What is known of a subscription and its customer; `None`: not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentFacts {
    /// How often the subscription renews.
    pub interval: Option<Interval>,
    /// What kind of business it is.
    pub sector: Option<Sector>,
    /// What one renewal costs.
    pub plan: Option<Money>,
    /// Where the customer is.
    pub region: Option<Country>,
}

/// How often a subscription renews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
    /// Anything else: weekly, quarterly, every two years.
    Other,
}

/// What kind of business it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sector {
    /// Companies pay.
    B2b,
    /// People pay for themselves.
    Consumer,
    /// People play.
    Game,
}

impl Interval {
    /// Its word in the policy file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
            Self::Other => "other",
        }
    }
}

impl Sector {
    /// From its word, in lower case; `None` for anything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::B2b, Self::Consumer, Self::Game].into_iter().find(|sector| sector.as_str() == word)
    }

    /// Its word in the policy file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::B2b => "b2b",
            Self::Consumer => "consumer",
            Self::Game => "game",
        }
    }
}

/// An ISO 3166-1 country in two capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The codes assigned in ISO 3166-1 (<https://www.iso.org/obp/ui/>, 249 of them), and XK, which
/// banks use for Kosovo.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ \
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW \
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY \
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY \
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG \
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA \
    ZM ZW";

impl Country {
    /// Takes an assigned code in either case; `None` for anything else, `UK` included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 2] = text.as_bytes().try_into().ok()?;
        let code = code.map(|letter| letter.to_ascii_uppercase());
        let known = COUNTRIES.split(' ').any(|assigned| assigned.as_bytes() == code);
        known.then_some(Self(code))
    }

    /// The code in capital letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("ZZ")
    }
}

/// What one renewal costs, from and below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRange {
    /// Plans in other currencies are not in it.
    pub currency: Currency,
    /// The smallest amount in it, in minor units.
    pub from_minor: i64,
    /// The smallest amount above it, in minor units; `None`: it has no end.
    pub below_minor: Option<i64>,
}

impl PlanRange {
    fn contains(&self, plan: Money) -> bool {
        plan.currency == self.currency
            && plan.amount_minor >= self.from_minor
            && self.below_minor.is_none_or(|below| plan.amount_minor < below)
    }

    fn covers(&self, other: &Self) -> bool {
        let ends_later = match (self.below_minor, other.below_minor) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(below), Some(other_below)) => other_below <= below,
        };
        self.currency == other.currency && self.from_minor <= other.from_minor && ends_later
    }
}

/// Whom a segment is for. All that is named must hold; what is empty holds for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The interval.
    pub interval: Option<Interval>,
    /// The sector.
    pub sector: Option<Sector>,
    /// What one renewal costs.
    pub plan: Option<PlanRange>,
    /// The customer is in one of these countries.
    pub regions: Vec<Country>,
}

impl Conditions {
    /// Whether they hold. What is not known fulfils no condition.
    #[must_use]
    pub fn hold(&self, facts: &SegmentFacts) -> bool {
        let interval = self.interval.is_none_or(|wanted| facts.interval == Some(wanted));
        let sector = self.sector.is_none_or(|wanted| facts.sector == Some(wanted));
        let plan = self.plan.is_none_or(|range| facts.plan.is_some_and(|p| range.contains(p)));
        let region = self.regions.is_empty()
            || facts.region.is_some_and(|region| self.regions.contains(&region));
        interval && sector && plan && region
    }

    /// Whether they hold for everybody.
    #[must_use]
    pub fn are_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether they hold wherever the others do, so that a later segment with the others is never
    /// reached.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        let interval = self.interval.is_none() || self.interval == other.interval;
        let sector = self.sector.is_none() || self.sector == other.sector;
        let plan = match (&self.plan, &other.plan) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(range), Some(narrower)) => range.covers(narrower),
        };
        let within = || other.regions.iter().all(|region| self.regions.contains(region));
        let regions = self.regions.is_empty() || (!other.regions.is_empty() && within());
        interval && sector && plan && regions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(amount_minor: i64) -> Money {
        Money { amount_minor, currency: Currency::parse("eur").unwrap() }
    }

    fn range(from_minor: i64, below_minor: Option<i64>) -> Conditions {
        let currency = eur(0).currency;
        let plan = Some(PlanRange { currency, from_minor, below_minor });
        Conditions { plan, ..Conditions::default() }
    }

    fn regions(codes: &[&str]) -> Conditions {
        let regions = codes.iter().map(|code| Country::parse(code).unwrap()).collect();
        Conditions { regions, ..Conditions::default() }
    }

    #[test]
    fn what_is_not_known_fulfils_no_condition() {
        let nothing = SegmentFacts::default();
        let year = Conditions { interval: Some(Interval::Year), ..Conditions::default() };
        let game = Conditions { sector: Some(Sector::Game), ..Conditions::default() };
        for conditions in [year, game, range(0, None), regions(&["DE"])] {
            assert!(!conditions.hold(&nothing), "{conditions:?}");
        }
        assert!(Conditions::default().hold(&nothing));
    }

    #[test]
    fn a_range_begins_with_its_first_amount_and_ends_before_its_last() {
        let holds =
            |plan| range(1000, Some(5000)).hold(&SegmentFacts { plan, ..Default::default() });
        assert!(holds(Some(eur(1000))) && holds(Some(eur(4999))));
        assert!(!holds(Some(eur(999))) && !holds(Some(eur(5000))));
        let usd = Money { currency: Currency::parse("usd").unwrap(), ..eur(2000) };
        assert!(!holds(Some(usd)));
    }

    #[test]
    fn wider_conditions_cover_narrower_ones() {
        let all = Conditions::default();
        let year = Conditions { interval: Some(Interval::Year), ..Conditions::default() };
        let dear_year = Conditions { plan: range(10, None).plan, ..year.clone() };
        assert!(all.cover(&year) && all.cover(&all) && year.cover(&dear_year));
        assert!(!year.cover(&all) && !dear_year.cover(&year) && !dear_year.cover(&range(10, None)));
        assert!(range(0, None).cover(&range(5, Some(9))));
        assert!(range(5, Some(9)).cover(&range(5, Some(9))));
        assert!(!range(5, Some(9)).cover(&range(5, Some(10))) && !range(5, Some(9)).cover(&all));
        assert!(
            !range(5, Some(9)).cover(&range(5, None)) && !range(6, None).cover(&range(5, None))
        );
        assert!(regions(&["DE", "FR"]).cover(&regions(&["FR"])));
        assert!(!regions(&["DE"]).cover(&regions(&["DE", "FR"])) && !regions(&["DE"]).cover(&all));
    }

    #[test]
    fn a_country_is_one_that_exists() {
        assert_eq!(Country::parse("de").map(|c| c.as_str().to_owned()), Some("DE".to_owned()));
        for text in ["", "D", "UK", "EU", "DEU", "D ", "ß", "  "] {
            assert_eq!(Country::parse(text), None, "{text:?}");
        }
        assert_eq!(COUNTRIES.split(' ').count(), 250);
    }
}
