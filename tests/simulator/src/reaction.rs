//! What people would do about a failed payment, drawn once per incident. The messages decide only
//! whether and when they notice.

use crate::hidden::Hidden;
use crate::issuer::{Cause, Kind, new_card_works};
use crate::rng::Stream;
use reprieve_core::campaign::Channel;
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// What somebody who reacts does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Gives another card.
    NewCard,
    /// Puts money there and asks for the same card again.
    TopUp,
    /// Calls the bank and asks for the same card again.
    CallBank,
    /// Asks for the same card again.
    TryAgain,
    /// Confirms at the bank's page.
    Confirm,
}

/// One person before one failed invoice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reaction {
    /// `None`: nothing, whatever is sent.
    pub(crate) act: Option<Act>,
    pub(crate) cancels_at: Option<Timestamp>,
    pub(crate) elsewhere_at: Option<Timestamp>,
    /// Agrees to text messages, to push messages.
    pub(crate) consents: [bool; 2],
}

/// How often somebody acts for one invoice at the most.
pub(crate) const ACTS_MAX: u32 = 2;
/// Visits in which the banner is looked at; later it is part of the furniture.
pub(crate) const VISITS: u64 = 3;
const WITHIN_MS: i64 = 30 * DAY_MS;

impl Reaction {
    /// To a renewal that failed at that time for that reason.
    pub(crate) fn of(
        hidden: &Hidden<'_>,
        renewal: u64,
        failed_at: Timestamp,
        cause: Cause,
    ) -> Self {
        let (draws, people) = (hidden.draws, hidden.world.people);
        let [funds, dead, authentication, no_reason, revoked] = people.responds;
        let share = match cause.kind() {
            Kind::Funds | Kind::Bank => funds,
            Kind::DeadCard | Kind::Blocked => dead,
            Kind::NoReason => no_reason,
            Kind::Revoked => revoked,
            Kind::Authentication => authentication,
        };
        let responds = draws.permille(Stream::Responds, renewal, share);
        let first_half = draws.permille(Stream::ReactionKind, renewal, 450);
        let act = match cause.kind() {
            Kind::Funds if first_half => Act::NewCard,
            Kind::Funds => Act::TopUp,
            Kind::Bank => Act::TryAgain,
            Kind::NoReason if first_half => Act::CallBank,
            Kind::NoReason | Kind::DeadCard | Kind::Blocked | Kind::Revoked => Act::NewCard,
            Kind::Authentication => Act::Confirm,
        };
        let leaves = !responds && draws.permille(Stream::Cancels, renewal, people.cancels);
        let elsewhere = draws.permille(Stream::Elsewhere, renewal, people.elsewhere);
        let within = |stream| failed_at.plus_ms(draws.between(stream, renewal, (0, WITHIN_MS)));
        let agrees = |place: u64, share| draws.permille(Stream::Consent, place, share);
        let [sms, push] = people.consents;
        Self {
            act: responds.then_some(act),
            cancels_at: leaves.then(|| within(Stream::CancelsAt)),
            elsewhere_at: elsewhere.then(|| within(Stream::ElsewhereAt)),
            consents: [agrees(0, sms), agrees(1, push)],
        }
    }

    /// Whether, and how long after the failure at best, the customer brings the money in.
    pub(crate) fn at_best(
        &self,
        hidden: &Hidden<'_>,
        renewal: u64,
        failed_at: Timestamp,
    ) -> Option<Timestamp> {
        let works = match self.act? {
            Act::NewCard => (1..=ACTS_MAX).any(|number| new_card_works(hidden, number)),
            Act::TopUp | Act::CallBank | Act::TryAgain | Act::Confirm => true,
        };
        works.then(|| failed_at.plus_ms(delay_ms(hidden, renewal)))
    }
}

/// From seeing to acting.
fn delay_ms(hidden: &Hidden<'_>, renewal: u64) -> i64 {
    let mean_ms = hidden.world.people.delay_hours * HOUR_MS;
    hidden.draws.exponential(Stream::ReactionDelay, renewal, mean_ms).min(5 * DAY_MS) + MINUTE_MS
}

/// A message by its name, so that the same message meets the same luck whoever sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    pub(crate) renewal: u64,
    pub(crate) name: u64,
    pub(crate) channel: Channel,
    pub(crate) at: Timestamp,
}

impl Message {
    fn index(self) -> u64 {
        self.name.wrapping_mul(64).wrapping_add(self.renewal)
    }

    /// When, because of it, somebody who reacts does so.
    pub(crate) fn makes_act(self, hidden: &Hidden<'_>) -> Option<Timestamp> {
        let (draws, people) = (hidden.draws, hidden.world.people);
        let seen_at = match self.channel {
            Channel::InApp => {
                let mut visit = self.at;
                let mut acts_at = None;
                for number in 0..VISITS {
                    let index = self.index().wrapping_mul(8).wrapping_add(number);
                    let mean_ms = people.visit_hours * HOUR_MS;
                    visit = visit.plus_ms(draws.exponential(Stream::Session, index, mean_ms));
                    if draws.permille(Stream::Acts, index, people.acts) {
                        acts_at = acts_at.or(Some(visit));
                    }
                }
                return acts_at.map(|at| at.plus_ms(MINUTE_MS));
            }
            Channel::Email | Channel::Sms | Channel::Push => {
                let [email, sms, push] = people.sees;
                let share = match self.channel {
                    Channel::Email => email,
                    Channel::Sms => sms,
                    _ => push,
                };
                let mean_ms = 5 * HOUR_MS;
                let after = draws.exponential(Stream::SeenDelay, self.index(), mean_ms);
                draws
                    .permille(Stream::Seen, self.index(), share)
                    .then(|| self.at.plus_ms(after.min(3 * DAY_MS)))?
            }
            Channel::Webhook => return None,
        };
        let acts = draws.permille(Stream::Acts, self.index(), people.acts);
        acts.then(|| seen_at.plus_ms(delay_ms(hidden, self.renewal)))
    }

    /// Whether, because of it, somebody who would not pay anyway cancels.
    pub(crate) fn annoys(self, hidden: &Hidden<'_>) -> bool {
        let rings = self.channel.rings();
        rings && hidden.draws.permille(Stream::Annoyed, self.index(), hidden.world.people.annoyed)
    }
}
