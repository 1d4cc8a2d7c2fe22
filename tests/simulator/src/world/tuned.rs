//! The worlds on which a policy may be tuned.

use super::{Cards, Death, Flat, Funds, Generic, Noise, Outages, Pay, People, World};
use reprieve_core::policy::segment::Sector;

pub(super) const EUROPE: (&str, &str) = ("CET-1CEST,M3.5.0,M10.5.0/3", "DE");
pub(super) const BRITAIN: (&str, &str) = ("GMT0BST,M3.5.0/1,M10.5.0", "GB");
pub(super) const EASTERN: (&str, &str) = ("EST5EDT,M3.2.0,M11.1.0", "US");
pub(super) const PACIFIC: (&str, &str) = ("PST8PDT,M3.2.0,M11.1.0", "US");
pub(super) const JAPAN: (&str, &str) = ("JST-9", "JP");

pub(super) const ZONES: &[((&str, &str), u32)] =
    &[(EUROPE, 35), (BRITAIN, 15), (EASTERN, 30), (PACIFIC, 15), (JAPAN, 5)];

/// When people sign up, and so renew: from breakfast to midnight, most in the evening.
pub(super) const SIGN_UP_HOURS: &[(i64, u32)] = &[
    (0, 2),
    (7, 2),
    (8, 3),
    (9, 4),
    (10, 5),
    (11, 5),
    (12, 6),
    (13, 5),
    (14, 5),
    (15, 5),
    (16, 5),
    (17, 6),
    (18, 7),
    (19, 8),
    (20, 9),
    (21, 9),
    (22, 6),
    (23, 4),
];

pub(super) const PLANS: &[(i64, u32)] = &[(499, 20), (999, 40), (1_999, 25), (4_999, 15)];

const NO_FUNDS_TROUBLE: Funds = Funds {
    fragile: 0,
    pay: &[(Pay::LastDay, 1)],
    pay_hour: 6,
    lasting_tenths: (0, 1),
    disposable: (0, 1),
};
const NO_OUTAGES: Outages = Outages { issuers: 12, every_hours: 0, hours: 0 };
const NO_GENERIC: Generic = Generic { share: 0, forever: 0, clears_hours: 0 };

const CAUSES: &[(Death, u32)] = &[
    (Death::Expired, 45),
    (Death::Closed, 20),
    (Death::Lost, 12),
    (Death::Stolen, 8),
    (Death::Fraud, 8),
    (Death::Revoked, 7),
];
const FEW_CARDS: Cards = Cards { die: 8, causes: CAUSES, updated: 300, updated_days: 5 };

pub(super) const PEOPLE: People = People {
    responds: [350, 450, 550, 300, 100],
    sees: [450, 700, 500],
    consents: [150, 250],
    acts: 500,
    visit_hours: 60,
    delay_hours: 8,
    new_card_works: 920,
    annoyed: 4,
    cancels: 40,
    elsewhere: 20,
};

/// Nothing but a few dead cards and a little noise: the others differ from it in what they name.
pub(super) const CALM: World = World {
    name: "calm",
    about: "",
    tuned: true,
    sector: Sector::Consumer,
    zones: ZONES,
    zones_known: 800,
    plans: PLANS,
    yearly: 150,
    networks: [55, 35, 10],
    hours: SIGN_UP_HOURS,
    funds: NO_FUNDS_TROUBLE,
    noise: Noise::even(10),
    outages: NO_OUTAGES,
    cards: FEW_CARDS,
    sca: 4,
    generic: NO_GENERIC,
    flat: None,
    people: PEOPLE,
    lost_answers: 2,
};

const PAYDAYS: World = World {
    name: "paydays",
    about: "Money runs out before the next payday, which lies on Fridays, on the 15th and the last \
            day, or once a month.",
    funds: Funds {
        fragile: 260,
        pay: &[
            (Pay::Weekly, 30),
            (Pay::SemiMonthly, 25),
            (Pay::Monthly(1), 15),
            (Pay::Monthly(25), 10),
            (Pay::LastDay, 20),
        ],
        pay_hour: 5,
        lasting_tenths: (25, 220),
        disposable: (500, 60_000),
    },
    ..CALM
};

const NIGHT_RISK: World = World {
    name: "night-risk",
    about: "Banks distrust the night and a little the weekend; by day they say yes.",
    hours: &[(0, 30), (1, 10), (2, 10), (3, 10), (4, 5), (9, 5), (14, 5), (19, 10), (22, 15)],
    noise: Noise {
        by_hour: [
            190, 240, 260, 260, 240, 180, 90, 40, 20, 12, 10, 10, 10, 10, 10, 10, 12, 15, 20, 25,
            40, 60, 90, 140,
        ],
        weekend: 30,
    },
    ..CALM
};

const OUTAGES: World = World {
    name: "outages",
    about: "Banks do not answer for hours, sometimes for days, and then do again.",
    outages: Outages { issuers: 12, every_hours: 400, hours: 22 },
    generic: Generic { share: 12, forever: 350, clears_hours: 60 },
    ..CALM
};

const DEAD_CARDS: World = World {
    name: "dead-cards",
    about: "Cards expire, are lost, closed or blocked; a part of the new ones reaches the provider \
            by itself. Trying again helps nobody else.",
    cards: Cards { die: 60, updated: 350, ..FEW_CARDS },
    sca: 12,
    generic: Generic { share: 8, forever: 800, clears_hours: 48 },
    ..CALM
};

const BUSINESS: World = World {
    name: "business",
    about: "Companies: spending limits that are raised at the month's end, banks that distrust \
            weekends and nights, people who read mail at work.",
    sector: Sector::B2b,
    plans: &[(4_900, 40), (19_900, 40), (99_900, 20)],
    yearly: 300,
    hours: &[(0, 15), (8, 10), (9, 15), (10, 15), (11, 10), (14, 15), (15, 10), (16, 10)],
    funds: Funds {
        fragile: 70,
        pay: &[(Pay::Monthly(1), 60), (Pay::SemiMonthly, 40)],
        pay_hour: 8,
        lasting_tenths: (60, 260),
        disposable: (10_000, 900_000),
    },
    noise: Noise {
        by_hour: [
            90, 90, 90, 90, 90, 90, 60, 30, 12, 10, 10, 10, 10, 10, 10, 10, 10, 12, 20, 40, 60, 80,
            90, 90,
        ],
        weekend: 60,
    },
    cards: Cards { die: 14, updated: 250, ..FEW_CARDS },
    generic: Generic { share: 14, forever: 450, clears_hours: 70 },
    people: People {
        responds: [550, 650, 650, 500, 150],
        sees: [600, 700, 500],
        consents: [40, 60],
        visit_hours: 20,
        delay_hours: 14,
        cancels: 20,
        ..PEOPLE
    },
    ..CALM
};

const MIXED: World = World {
    name: "mixed",
    about: "A bit of everything, as a shop for consumers may see it.",
    funds: Funds { fragile: 140, ..PAYDAYS.funds },
    noise: Noise {
        by_hour: [
            60, 80, 90, 90, 80, 60, 30, 15, 12, 10, 10, 10, 10, 10, 10, 10, 10, 12, 12, 15, 20, 25,
            30, 45,
        ],
        weekend: 10,
    },
    outages: Outages { issuers: 12, every_hours: 900, hours: 14 },
    cards: Cards { die: 18, ..FEW_CARDS },
    sca: 8,
    generic: Generic { share: 16, forever: 450, clears_hours: 60 },
    ..CALM
};

const FLAT: World = World {
    name: "flat",
    about: "Success depends on the number of the attempt and on nothing else. Whoever claims to \
            gain by timing here is wrong.",
    yearly: 0,
    flat: Some(Flat { fail: 80, never: 400, each: 260 }),
    ..CALM
};

pub(super) const WORLDS: &[World] =
    &[FLAT, PAYDAYS, NIGHT_RISK, OUTAGES, DEAD_CARDS, BUSINESS, MIXED];
