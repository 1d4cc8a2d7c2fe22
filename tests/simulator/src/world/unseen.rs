//! The worlds on which a policy is judged. Never tune anything on them: their numbers differ from
//! the tuned ones on purpose, in both directions, and a policy that only fits those loses here.

use super::tuned::{BRITAIN, CALM, EASTERN, EUROPE, JAPAN, PACIFIC, PEOPLE};
use super::{Cards, Death, Flat, Funds, Generic, Noise, Outages, Pay, People, World};
use reprieve_core::policy::segment::Sector;

const UNSEEN: World = World { tuned: false, zones_known: 600, ..CALM };

const FLAT: World = World {
    name: "flat-unseen",
    about: "Success depends on the number of the attempt alone; each is less likely, more are \
            possible.",
    yearly: 0,
    flat: Some(Flat { fail: 60, never: 250, each: 180 }),
    ..UNSEEN
};

const PAYDAYS: World = World {
    name: "paydays-unseen",
    about: "Wages on the 10th, the 20th, the 28th or every week, less in the account, gone sooner.",
    zones: &[(EASTERN, 30), (PACIFIC, 40), (EUROPE, 30)],
    plans: &[(799, 30), (1_499, 40), (2_999, 30)],
    funds: Funds {
        fragile: 320,
        pay: &[
            (Pay::Weekly, 20),
            (Pay::SemiMonthly, 15),
            (Pay::Monthly(10), 15),
            (Pay::Monthly(20), 10),
            (Pay::Monthly(28), 20),
            (Pay::LastDay, 20),
        ],
        pay_hour: 9,
        lasting_tenths: (15, 160),
        disposable: (800, 40_000),
    },
    ..UNSEEN
};

const NIGHT_RISK: World = World {
    name: "night-risk-unseen",
    about: "Banks distrust lunch hours and late evenings more than the night.",
    zones: &[(BRITAIN, 30), (JAPAN, 40), (EASTERN, 30)],
    hours: &[(0, 15), (2, 10), (6, 10), (12, 25), (18, 10), (21, 20), (23, 10)],
    noise: Noise {
        by_hour: [
            120, 100, 90, 80, 60, 40, 25, 15, 12, 12, 30, 110, 160, 120, 40, 15, 12, 12, 20, 60,
            140, 190, 190, 160,
        ],
        weekend: 60,
    },
    ..UNSEEN
};

const OUTAGES: World = World {
    name: "outages-unseen",
    about: "Fewer and longer outages of fewer banks.",
    outages: Outages { issuers: 5, every_hours: 900, hours: 60 },
    generic: Generic { share: 18, forever: 250, clears_hours: 110 },
    ..UNSEEN
};

const DEAD_CARDS: World = World {
    name: "dead-cards-unseen",
    about: "More cards die, more are blocked, fewer are updated, people react less.",
    cards: Cards {
        die: 80,
        causes: &[
            (Death::Expired, 30),
            (Death::Closed, 25),
            (Death::Lost, 10),
            (Death::Stolen, 10),
            (Death::Fraud, 15),
            (Death::Revoked, 10),
        ],
        updated: 200,
        updated_days: 8,
    },
    sca: 20,
    generic: Generic { share: 14, forever: 700, clears_hours: 80 },
    people: People { responds: [250, 350, 450, 220, 60], ..PEOPLE },
    ..UNSEEN
};

const BUSINESS: World = World {
    name: "business-unseen",
    about: "Companies with limits that are raised in the middle of the month, dearer plans, slower \
            people.",
    sector: Sector::B2b,
    zones: &[(EASTERN, 50), (BRITAIN, 30), (EUROPE, 20)],
    plans: &[(9_900, 50), (49_900, 35), (249_900, 15)],
    yearly: 450,
    hours: &[(0, 30), (9, 20), (11, 15), (13, 10), (15, 15), (17, 10)],
    funds: Funds {
        fragile: 90,
        pay: &[(Pay::Monthly(15), 50), (Pay::Monthly(5), 30), (Pay::LastDay, 20)],
        pay_hour: 10,
        lasting_tenths: (80, 240),
        disposable: (20_000, 2_000_000),
    },
    noise: Noise {
        by_hour: [
            120, 120, 120, 120, 110, 90, 60, 30, 20, 15, 12, 12, 15, 15, 12, 12, 15, 30, 50, 70,
            90, 110, 120, 120,
        ],
        weekend: 90,
    },
    cards: Cards { die: 20, updated: 150, updated_days: 9, ..CALM.cards },
    generic: Generic { share: 20, forever: 350, clears_hours: 100 },
    people: People {
        responds: [450, 550, 550, 400, 120],
        sees: [500, 700, 500],
        consents: [20, 40],
        visit_hours: 30,
        delay_hours: 24,
        cancels: 25,
        ..PEOPLE
    },
    ..UNSEEN
};

const MIXED: World = World {
    name: "mixed-unseen",
    about: "A bit of everything for players: young people with little money, small amounts, quick \
            reactions in the product.",
    sector: Sector::Game,
    plans: &[(299, 30), (999, 50), (1_499, 20)],
    yearly: 60,
    networks: [40, 45, 15],
    funds: Funds { fragile: 220, ..PAYDAYS.funds },
    noise: Noise {
        by_hour: [
            70, 90, 90, 80, 60, 40, 20, 15, 15, 15, 15, 15, 20, 20, 15, 15, 15, 15, 15, 20, 25, 30,
            45, 60,
        ],
        weekend: 20,
    },
    outages: Outages { issuers: 8, every_hours: 700, hours: 20 },
    cards: Cards { die: 24, updated: 250, updated_days: 7, ..CALM.cards },
    sca: 14,
    generic: Generic { share: 22, forever: 400, clears_hours: 80 },
    people: People { sees: [300, 600, 600], visit_hours: 20, delay_hours: 3, ..PEOPLE },
    ..UNSEEN
};

pub(super) const WORLDS: &[World] =
    &[FLAT, PAYDAYS, NIGHT_RISK, OUTAGES, DEAD_CARDS, BUSINESS, MIXED];
