//! The time zone in which a customer is told dates.
//!
//! The loader sends how far the browser's clock is from UTC: to ask a browser for the name of its
//! zone blocks a phone for a tenth of a second. The distance knows nothing of daylight saving. The
//! zone that the platform guesses does, and is taken where its clock shows the same time.

/// The header in which the loader says it. A zone's name will do, too.
pub const HEADER: &str = "time-zone";
/// The longest name of a time zone that is read, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// No clock is farther from UTC, in minutes.
const WEST_MINUTES_MAX: i16 = 14 * MINUTES_PER_HOUR;
const MINUTES_PER_HOUR: i16 = 60;
/// Where nobody knows the customer's time zone.
const DEFAULT: &str = "UTC";

/// What is known of a customer's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerZone {
    told: Option<Told>,
    guessed: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Name(String),
    /// Minutes west of UTC, as JavaScript's `getTimezoneOffset` counts them.
    West(i16),
}

impl CustomerZone {
    /// By the header [`HEADER`] and the name of the zone that the platform guesses.
    #[must_use]
    pub fn of(header: Option<&str>, guessed: Option<String>) -> Self {
        let told = header.and_then(|text| west(text).map(Told::West).or_else(|| name(text)));
        Self { told, guessed }
    }

    /// The zone by a name for `Intl`. `west_of`: how many minutes a zone is west of UTC now.
    #[must_use]
    pub fn name(&self, west_of: impl Fn(&str) -> Option<i16>) -> String {
        match (&self.told, &self.guessed) {
            (Some(Told::Name(name)), _) => name.clone(),
            (Some(Told::West(west)), Some(name)) if west_of(name) == Some(*west) => name.clone(),
            (Some(Told::West(west)), _) => fixed(*west),
            (None, guessed) => guessed.clone().unwrap_or_else(|| DEFAULT.to_owned()),
        }
    }
}

/// `-60` → 60 minutes east. Only as JavaScript writes whole numbers.
fn west(text: &str) -> Option<i16> {
    let minutes: i16 = text.parse().ok()?;
    let is_plain = minutes.to_string() == text;
    (is_plain && minutes.abs() <= WEST_MINUTES_MAX).then_some(minutes)
}

fn name(text: &str) -> Option<Told> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.len() <= NAME_BYTES_MAX
        && text.bytes().all(is_plain);
    is_name.then(|| Told::Name(text.to_owned()))
}

/// A zone that never changes its clock, as ECMA-402 names it: `+05:30`.
fn fixed(west: i16) -> String {
    let sign = if west > 0 { '-' } else { '+' };
    let minutes = west.abs();
    format!("{sign}{:02}:{:02}", minutes / MINUTES_PER_HOUR, minutes % MINUTES_PER_HOUR)
}

/// Minutes west of UTC by what `Intl` calls a `longOffset`: `GMT+05:30` → -330, `GMT` → 0.
#[must_use]
pub fn west_of_offset(text: &str) -> Option<i16> {
    let offset = text.strip_prefix("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, rest) = offset.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let count = |digits: &str| digits.parse::<u8>().ok().map(i16::from);
    let away = count(hours)? * MINUTES_PER_HOUR + count(minutes)?;
    match sign {
        "+" => Some(-away),
        "-" => Some(away),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKYO: i16 = -9 * 60;

    /// The zone for a header, where the platform guesses Tokyo.
    fn told(header: &str) -> String {
        let zone = CustomerZone::of(Some(header), Some("Asia/Tokyo".to_owned()));
        zone.name(|name| (name == "Asia/Tokyo").then_some(TOKYO))
    }

    #[test]
    fn a_name_comes_before_a_guess() {
        assert_eq!(told("America/Port-au-Prince"), "America/Port-au-Prince");
        assert_eq!(told("Etc/GMT+3"), "Etc/GMT+3");
    }

    #[test]
    fn where_the_guessed_clock_shows_the_same_time_its_zone_knows_more() {
        assert_eq!(told("-540"), "Asia/Tokyo");
        assert_eq!(told("-541"), "+09:01");
    }

    #[test]
    fn another_distance_is_a_zone_of_its_own() {
        #[rustfmt::skip]
        let rows = [
            ("0",    "+00:00"),
            ("-60",  "+01:00"),
            ("-330", "+05:30"),
            ("-840", "+14:00"),
            ("210",  "-03:30"),
            ("720",  "-12:00"),
        ];
        for (header, zone) in rows {
            assert_eq!(told(header), zone, "{header}");
            assert_eq!(CustomerZone::of(Some(header), None).name(|_| None), zone, "{header}");
        }
    }

    #[test]
    fn what_is_neither_a_name_nor_a_distance_is_not_read() {
        let long = "A".repeat(65);
        let strange = ["", "841", "-841", "-32769", "+60", "060", "-0", "60.5", "1e2", "NaN;"];
        let names = ["Europe/Berlin;DROP", "+05:30", "-05", " UTC", "Ü", &long];
        for header in strange.into_iter().chain(names) {
            assert_eq!(told(header), "Asia/Tokyo", "{header}");
        }
    }

    #[test]
    fn where_nothing_is_known_it_is_utc() {
        let zone = |guessed: Option<&str>| CustomerZone::of(None, guessed.map(str::to_owned));
        assert_eq!(zone(None).name(|_| None), "UTC");
        assert_eq!(zone(Some("Asia/Tokyo")).name(|_| None), "Asia/Tokyo");
    }

    #[test]
    fn distances_are_read_as_intl_writes_them() {
        #[rustfmt::skip]
        let rows = [
            ("GMT",          Some(0)),
            ("GMT+05:30",    Some(-330)),
            ("GMT-03:30",    Some(210)),
            ("GMT-11:00",    Some(660)),
            ("GMT+14:00",    Some(-840)),
            ("GMT-00:44:30", None),
            ("GMT+5",        None),
            ("GMT*05:30",    None),
            ("CET",          None),
        ];
        for (text, west) in rows {
            assert_eq!(west_of_offset(text), west, "{text}");
        }
    }
}
