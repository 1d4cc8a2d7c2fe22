//! Quiet hours in places whose clocks change.

use super::story::{Story, case};
use reprieve_core::calendar::{Weekday, Zone};
use reprieve_core::campaign::{Campaign, Channel, QuietHours, Span, standard};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// When the e-mail is sent that was due at `due`.
fn sent_at(zone: &Zone, quiet: &QuietHours, due: Timestamp) -> Timestamp {
    let campaign = Campaign { quiet: quiet.clone(), ..standard() };
    let mut s = Story::of(campaign);
    s.facts.zone = zone.clone();
    s.now = due.plus_ms(-HOUR_MS);
    // The first mail comes an hour after the failure.
    s.facts.subjects = vec![case("in_1", s.now, 14)];
    s.until(due.plus_ms(2 * DAY_MS));
    let mut mails = s.sent.iter().filter(|sent| sent.decision.channel == Channel::Email);
    mails.next().expect("nothing is dropped").at
}

fn clock(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    format!("{:02}-{:02} {:02}:{:02}", local.month, local.day, local.hour, local.minute)
}

#[test]
fn the_end_of_the_night_is_the_one_on_the_wall() {
    let night = QuietHours::nights(20, 8);
    #[rustfmt::skip]
    let table = [
        // zone, due (UTC), sent (local)
        // The night of 24 October 2026, which has 13 hours in Berlin: 20:00 CEST is 18:00 UTC.
        ("Europe/Berlin", 1_792_864_800, "10-25 08:00", 13),
        // The night of 27 March 2027, which has 11: 20:00 CET is 19:00 UTC.
        ("Europe/Berlin", 1_806_174_000, "03-28 08:00", 11),
        // New York, 31 October 2026: 20:00 EDT is 0:00 UTC of 1 November.
        ("America/New_York", 1_793_491_200, "11-01 08:00", 13),
        // Half an hour of summer on Lord Howe, from 4 October 2026: 20:00 (+10:30) is 9:30 UTC.
        ("Australia/Lord_Howe", 1_791_019_800, "10-04 08:00", 11),
        // No change at all: 20:00 in Kathmandu (+5:45) is 14:15 UTC of 2 November.
        ("Asia/Kathmandu", 1_793_628_900, "11-03 08:00", 12),
    ];
    for (name, due, expected, hours) in table {
        let zone = Zone::named(name).unwrap();
        let due = Timestamp::from_seconds(due);
        assert_eq!(zone.local(due).hour, 20, "{name}");
        let sent = sent_at(&zone, &night, due);
        assert_eq!(clock(&zone, sent), expected, "{name}");
        assert_eq!(sent.since_ms(due) / HOUR_MS, hours, "{name}");
    }
}

#[test]
fn a_night_that_ends_in_the_missing_hour_ends_with_it() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    // 28 March 2027, 1:00 CET is 0:00 UTC; at 2:00 it is 3:00.
    let due = Timestamp::from_seconds(1_806_192_000);
    let sent = sent_at(&zone, &QuietHours::nights(22, 2), due);
    assert_eq!(clock(&zone, sent), "03-28 03:00");
    assert_eq!(sent.since_ms(due), HOUR_MS);
}

#[test]
fn an_hour_that_comes_twice_is_quiet_twice() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    // 25 October 2026, 2:30 CEST is 0:30 UTC; at 3:00 it is 2:00 again.
    let due = Timestamp::from_seconds(1_792_888_200);
    let sent = sent_at(&zone, &QuietHours::nights(22, 3), due);
    assert_eq!(clock(&zone, sent), "10-25 03:00");
    assert_eq!(sent.since_ms(due), 90 * MINUTE_MS);
}

/// Every quarter of an hour of the days around the changes of autumn 2026 (of spring in the south).
fn around_changes(zone: &Zone) -> Vec<Timestamp> {
    // Noon of 1 September.
    let noon = |day: i64| Timestamp::from_seconds(1_788_264_000).plus_ms(day * DAY_MS);
    let hour = |day| {
        let local = zone.local(noon(day));
        (local.hour, local.minute)
    };
    let changes: Vec<i64> = (0..75).filter(|day| hour(*day) != hour(day + 1)).collect();
    assert_eq!(changes.len(), 1);
    let quarters = (-96..2 * 96).map(|quarter| quarter * 15 * MINUTE_MS);
    quarters.map(|ms| noon(changes[0]).plus_ms(ms)).collect()
}

/// Every quarter of an hour around every change of the clock: never quiet, never early, never later
/// than the night and the hour that the clock may take.
#[test]
fn nothing_rings_in_quiet_hours_around_clock_changes() {
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "America/Havana",
        "Africa/Cairo",
        "America/Santiago",
    ];
    let nights = [(20, 8), (22, 2), (23, 3), (0, 6), (2, 3), (21, 1)];
    for name in zones {
        let zone = Zone::named(name).unwrap();
        for (from, to) in nights {
            let quiet = QuietHours::nights(from, to);
            let is_quiet = |at: Timestamp| {
                let hour = zone.local(at).hour;
                if from < to { from <= hour && hour < to } else { hour >= from || hour < to }
            };
            for at in around_changes(&zone) {
                let loud = quiet.next_loud(Channel::Push, &zone, at).expect("nights end");
                assert!(!is_quiet(loud), "{name} {from}-{to}: {} is quiet", clock(&zone, loud));
                assert!(loud >= at && loud.since_ms(at) <= 14 * HOUR_MS, "{name} {from}-{to}");
                // The moment before was quiet: nothing waits longer than it has to.
                let before = loud.plus_ms(-MINUTE_MS);
                assert!(loud == at || is_quiet(before), "{name} {from}-{to}");
                assert_eq!(loud == at, !is_quiet(at), "{name} {from}-{to}");
            }
        }
    }
}

#[test]
fn a_weekend_is_quiet_where_the_customer_is() {
    let quiet =
        QuietHours { days: vec![Weekday::Saturday, Weekday::Sunday], ..QuietHours::nights(18, 8) };
    // Friday, 6 November 2026, 22:00 UTC: evening in Berlin, morning of Saturday in Auckland, two
    // in the afternoon in Los Angeles.
    let due = Timestamp::from_seconds(1_794_002_400);
    #[rustfmt::skip]
    let table = [
        ("Europe/Berlin", "11-09 08:00"),
        ("Pacific/Auckland", "11-09 08:00"),
        ("America/Los_Angeles", "11-06 14:00"),
    ];
    for (name, expected) in table {
        let zone = Zone::named(name).unwrap();
        let campaign = Campaign { coalesce: Span::ZERO, quiet: quiet.clone(), ..standard() };
        let loud = campaign.quiet.next_loud(Channel::Email, &zone, due).unwrap();
        assert_eq!(clock(&zone, loud), expected, "{name}");
    }
}
