//! Arbitrary campaigns, subjects and events.

use super::story::{Story, at, coming};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use reprieve_core::calendar::{Weekday, Zone};
use reprieve_core::campaign::{
    Address, Campaign, Cap, CaseFacts, Channel, Conditions, Consent, Content, Duty, Matter,
    NoticeKind, PriceConsent, QuietHours, Span, Standing, Step, StopRule, Subject, built_in,
};
use reprieve_core::case::CaseState;
use reprieve_core::decline::Category;
use reprieve_core::network::Network;
use reprieve_core::policy::segment::Sector;
use reprieve_core::time::HOUR_MS;

const CATEGORIES: [Category; 5] = [
    Category::Expired,
    Category::InsufficientFunds,
    Category::AuthenticationRequired,
    Category::Revoked,
    Category::Generic,
];

fn channels(at_most: usize) -> impl Strategy<Value = Vec<Channel>> {
    subsequence(Channel::ALL.to_vec(), 0..=at_most)
}

fn spans(hours: core::ops::Range<i64>) -> impl Strategy<Value = Span> {
    hours.prop_map(Span::hours)
}

fn stop_rules() -> impl Strategy<Value = StopRule> {
    prop_oneof![
        channels(2).prop_map(|on| StopRule::Reacted { on }),
        (1..5_u32).prop_map(|max| StopRule::SentMax { max }),
        select(CATEGORIES.to_vec()).prop_map(|one| StopRule::Declined { category: vec![one] }),
        Just(StopRule::ComplaintOpen),
        spans(1..100).prop_map(|within| StopRule::AttemptWithin { within }),
    ]
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let free = Just(Conditions::default());
    let some = (subsequence(CATEGORIES.to_vec(), 0..3), channels(1), channels(1));
    let some = some.prop_map(|(declined, not_reacted_on, unreachable_on)| Conditions {
        declined,
        not_reacted_on,
        unreachable_on,
        reacted_within: Some(Span::days(3)),
        ..Conditions::default()
    });
    prop_oneof![2 => free, 1 => some]
}

/// Any step, also one that makes no sense.
fn steps() -> impl Strategy<Value = Step> {
    let kind = (select(NoticeKind::ALL.to_vec()), any::<bool>());
    let times = (spans(-40 * 24..20 * 24), option::of(spans(0..20 * 24)));
    let how = (select(Channel::ALL.to_vec()), any::<bool>(), 0..10_u8);
    let when = (conditions(), vec(stop_rules(), 0..2));
    (kind, times, how, when).prop_map(|((kind, last), (offset, late), how, when)| {
        let (channel, required, offer) = how;
        let anchors = kind.anchors();
        let anchor = if last { anchors[anchors.len() - 1] } else { anchors[0] };
        let (conditions, stop) = when;
        let duty = if required { Duty::Required } else { Duty::Kind };
        let content = if offer == 0 { Content::WithOffer } else { Content::Service };
        let step = Step::new("", kind, channel, anchor).at(offset);
        Step { late, duty, content, conditions, stop, ..step }
    })
}

fn caps() -> impl Strategy<Value = Vec<Cap>> {
    let cap = (spans(1..240), 1..4_u32, channels(3));
    vec(cap.prop_map(|(window, max, channels)| Cap { window, max, channels }), 0..4)
}

fn quiet_hours() -> impl Strategy<Value = QuietHours> {
    let days = subsequence(Weekday::ALL.to_vec(), 0..4);
    (0..=24_u8, 0..=24_u8, days, channels(2)).prop_map(|(from, to, days, channels)| QuietHours {
        from,
        to,
        days,
        channels,
    })
}

pub(crate) fn campaigns() -> impl Strategy<Value = Campaign> {
    let bounds = (spans(0..100), caps(), quiet_hours(), vec(stop_rules(), 0..2));
    let any = (bounds, vec(steps(), 1..12)).prop_map(|((coalesce, caps, quiet, stop), steps)| {
        let named = |(n, step): (usize, Step)| Step { name: format!("step_{n}"), ..step };
        let steps = steps.into_iter().enumerate().map(named).collect();
        let (name, tone) = ("any".to_owned(), Sector::Consumer);
        Campaign { name, tone, coalesce, caps, quiet, stop, steps }
    });
    prop_oneof![3 => any, 1 => select(built_in())]
}

pub(crate) fn subjects() -> impl Strategy<Value = Subject> {
    let what = (0..4_u8, 0..60 * 24_i64, 0..4_u8, any::<bool>());
    what.prop_map(|(n, hour, matter, visa)| {
        let event = at(0, "00:00").plus_ms(hour * HOUR_MS);
        let id = format!("id_{n}");
        let subject = match matter {
            0 => coming(&id, event, Matter::Card { expires_at: event }),
            1 => coming(&id, event, Matter::Charge { at: event }),
            2 => coming(&id, event, Matter::Trial { ends_at: event, length_ms: None }),
            _ => {
                let consent = if visa { PriceConsent::Needed } else { PriceConsent::NotNeeded };
                let price = Matter::Price { effective_at: event, reason: None, consent };
                coming(&id, event, price)
            }
        };
        let network = if visa { Network::Visa } else { Network::Mastercard };
        Subject { network, interval_months: Some(12), ..subject }
    })
}

#[derive(Clone, Debug)]
pub(crate) enum Change {
    Fails,
    Closes(usize, CaseState),
    Declined(usize, Category),
    Suspended(usize, bool),
    AttemptIn(usize, i64),
    Canceled(usize),
    Reacts(Channel),
    Refuses(Channel),
    Loses(Channel),
    Complains(bool),
    Charging(bool),
}

pub(crate) fn changes() -> impl Strategy<Value = (i64, Change)> {
    let case = || 0..4_usize;
    let channel = || select(Channel::ALL.to_vec());
    let closed = vec![
        CaseState::Recovered,
        CaseState::Recovered,
        CaseState::Canceled,
        CaseState::Exhausted,
        CaseState::Voided,
    ];
    let change = prop_oneof![
        4 => Just(Change::Fails),
        3 => (case(), select(closed)).prop_map(|(n, state)| Change::Closes(n, state)),
        3 => (case(), select(CATEGORIES.to_vec())).prop_map(|(n, c)| Change::Declined(n, c)),
        1 => (case(), any::<bool>()).prop_map(|(n, on)| Change::Suspended(n, on)),
        2 => (case(), 0..100_i64).prop_map(|(n, hours)| Change::AttemptIn(n, hours)),
        1 => case().prop_map(Change::Canceled),
        2 => channel().prop_map(Change::Reacts),
        1 => channel().prop_map(Change::Refuses),
        1 => channel().prop_map(Change::Loses),
        1 => any::<bool>().prop_map(Change::Complains),
        1 => any::<bool>().prop_map(Change::Charging),
    ];
    (0..50 * 24 * 4_i64, change)
}

impl Story {
    pub(crate) fn is(&mut self, change: Change) {
        let now = self.now;
        let cases = || self.facts.subjects.iter().enumerate().filter(|(_, s)| s.case().is_some());
        let of = |n: usize| cases().map(|(at, _)| at).nth(n);
        let count = cases().count();
        match change {
            Change::Fails if count < 4 => {
                self.fails(&format!("in_{count}"), 14);
            }
            Change::Fails => {}
            Change::Closes(n, state) => self.with_case(of(n), |case| {
                if !case.state.is_terminal() {
                    (case.state, case.closed_at) = (state, Some(now));
                }
            }),
            Change::Declined(n, category) => self.with_case(of(n), |case| {
                (case.category, case.remedy) = (Some(category), category.remedy());
            }),
            Change::Suspended(n, on) => self.with_case(of(n), |case| {
                if !case.state.is_terminal() {
                    case.state = if on { CaseState::Suspended } else { CaseState::Scheduled };
                }
            }),
            Change::AttemptIn(n, hours) => self.with_case(of(n), |case| {
                case.next_attempt_at = Some(now.plus_ms(hours * HOUR_MS));
            }),
            Change::Canceled(n) => {
                if let Some(subject) = self.facts.subjects.get_mut(n) {
                    subject.standing = Standing::Canceled;
                }
            }
            Change::Reacts(channel) => self.channel(channel).reacted_at = Some(now),
            Change::Refuses(channel) => self.channel(channel).consent = Consent::Refused,
            Change::Loses(channel) => self.channel(channel).address = Address::None,
            Change::Complains(open) => self.facts.complaint_open = open,
            Change::Charging(on) => self.facts.charge_under_way = on,
        }
    }

    fn with_case(&mut self, at: Option<usize>, change: impl FnOnce(&mut CaseFacts)) {
        let subject = at.and_then(|at| self.facts.subjects.get_mut(at));
        if let Some(Matter::Case(case)) = subject.map(|subject| &mut subject.matter) {
            change(case);
        }
    }
}

pub(crate) fn zones() -> impl Strategy<Value = Zone> {
    let names = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "UTC"];
    select(names.to_vec()).prop_map(|name| Zone::named(name).unwrap())
}
