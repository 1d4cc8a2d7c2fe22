//! What a bank says to a charge: a function of the hidden truth, the hour and the card. It keeps no
//! memory of earlier attempts, so an oracle can ask it about every hour.

use crate::hidden::Hidden;
use crate::rng::Stream;
use crate::world::{Death, Flat, Schedule};
use reprieve_core::time::{HOUR_MS, Timestamp};

/// The real reason of a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Not enough money.
    Funds,
    /// The bank does not answer.
    Outage,
    /// A no without a reason, which ends some time or never.
    Generic { forever: bool },
    /// A risk model, this hour.
    Noise,
    /// The card is dead.
    Dead(Death),
    /// The bank wants to see the customer.
    Sca,
    /// The new card does not work either.
    BadCard,
}

/// What kind of trouble it is, for the report and for people's reactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Funds,
    Bank,
    NoReason,
    DeadCard,
    Blocked,
    Revoked,
    Authentication,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Funds,
        Self::Bank,
        Self::NoReason,
        Self::DeadCard,
        Self::Blocked,
        Self::Revoked,
        Self::Authentication,
    ];

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Funds => "insufficient funds",
            Self::Bank => "bank unavailable",
            Self::NoReason => "no reason given",
            Self::DeadCard => "card expired or closed",
            Self::Blocked => "lost, stolen, fraud",
            Self::Revoked => "payments stopped",
            Self::Authentication => "authentication",
        }
    }
}

impl Cause {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Funds => Kind::Funds,
            Self::Outage => Kind::Bank,
            Self::Generic { .. } | Self::Noise | Self::BadCard => Kind::NoReason,
            Self::Dead(Death::Expired | Death::Closed) => Kind::DeadCard,
            Self::Dead(Death::Lost | Death::Stolen | Death::Fraud) => Kind::Blocked,
            Self::Dead(Death::Revoked) => Kind::Revoked,
            Self::Sca => Kind::Authentication,
        }
    }
}

/// Which card is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Card {
    /// The one that the subscription began with.
    Original,
    /// The one that the bank sent after it, and the provider got by itself.
    Updated,
    /// The customer's n-th new card.
    New(u32),
}

/// What the customer did about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relief {
    /// Until when there is money that was not there before.
    pub(crate) funds_until: Option<Timestamp>,
    /// The bank was called.
    pub(crate) bank_called: bool,
}

/// One charge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    pub(crate) card: Card,
    /// The number of the renewal.
    pub(crate) renewal: u64,
    pub(crate) at: Timestamp,
    /// Attempts on the invoice before this one.
    pub(crate) tries: u64,
    /// The customer is there.
    pub(crate) on_session: bool,
    pub(crate) relief: Relief,
}

/// `None`: yes.
pub(crate) fn ask(hidden: &Hidden<'_>, schedule: &Schedule, question: Question) -> Option<Cause> {
    if let Card::New(number) = question.card {
        return (!new_card_works(hidden, number)).then_some(Cause::BadCard);
    }
    if let Some(flat) = hidden.world.flat {
        return ask_flat(hidden, flat, question);
    }
    dead(hidden, question)
        .or_else(|| sca(hidden, question))
        .or_else(|| outage(hidden, schedule, question))
        .or_else(|| passing(hidden, question))
}

pub(crate) fn new_card_works(hidden: &Hidden<'_>, number: u32) -> bool {
    hidden.draws.permille(Stream::CardWorks, u64::from(number), hidden.world.people.new_card_works)
}

fn dead(hidden: &Hidden<'_>, question: Question) -> Option<Cause> {
    let death = hidden.death.filter(|_| question.card == Card::Original)?;
    (question.at >= death.at).then_some(Cause::Dead(death.cause))
}

fn sca(hidden: &Hidden<'_>, question: Question) -> Option<Cause> {
    let asked = !question.on_session
        && hidden.draws.permille(Stream::Sca, question.renewal, hidden.world.sca);
    asked.then_some(Cause::Sca)
}

fn outage(hidden: &Hidden<'_>, schedule: &Schedule, question: Question) -> Option<Cause> {
    let hour = question.at.as_ms().div_euclid(HOUR_MS);
    schedule.is_down(hidden.issuer, hour).then_some(Cause::Outage)
}

/// What depends on the hour: money, a no that ends some time, risk.
fn passing(hidden: &Hidden<'_>, question: Question) -> Option<Cause> {
    let hour = question.at.as_ms().div_euclid(HOUR_MS);
    let helped = question.relief.funds_until.is_some_and(|until| question.at < until);
    let generic = generic(hidden, question, hour);
    let noise = hidden.world.noise;
    let risk = hidden.draws.below(Stream::Noise, hour.unsigned_abs(), 1_000);
    let most = noise.by_hour.iter().max().copied().unwrap_or(0) + noise.weekend;
    let risky = !question.relief.bank_called && risk < u64::from(most);
    if hidden.purse.is_none() && !risky {
        return generic;
    }
    // The local time is the costly part: asked for only where it decides.
    let time = hidden.zone.local(Timestamp::from_ms(hour * HOUR_MS));
    let empty = || hidden.balance_minor(&time).is_some_and(|there| there < hidden.amount_minor);
    if !helped && empty() {
        return Some(Cause::Funds);
    }
    let weekend = if time.weekday as u8 >= 5 { noise.weekend } else { 0 };
    let by_hour = noise.by_hour.get(usize::from(time.hour)).copied().unwrap_or(0);
    let refused = risky && risk < u64::from(by_hour + weekend);
    generic.or_else(|| refused.then_some(Cause::Noise))
}

fn generic(hidden: &Hidden<'_>, question: Question, hour: i64) -> Option<Cause> {
    let (draws, generic, renewal) = (hidden.draws, hidden.world.generic, question.renewal);
    if question.relief.bank_called || !draws.permille(Stream::Generic, renewal, generic.share) {
        return None;
    }
    if draws.permille(Stream::GenericForever, renewal, generic.forever) {
        return Some(Cause::Generic { forever: true });
    }
    let began = hidden.renewal(renewal)?.as_ms().div_euclid(HOUR_MS);
    let hours = draws.exponential(Stream::GenericUntil, renewal, generic.clears_hours).max(1);
    (hour < began + hours).then_some(Cause::Generic { forever: false })
}

fn ask_flat(hidden: &Hidden<'_>, flat: Flat, question: Question) -> Option<Cause> {
    let (draws, renewal) = (hidden.draws, question.renewal);
    let helped = question.relief != Relief::default();
    if helped || !draws.permille(Stream::FlatFails, renewal, flat.fail) {
        return None;
    }
    let needed = flat_tries(hidden, flat, renewal);
    if needed.is_some_and(|needed| question.tries >= needed) {
        return None;
    }
    let causes = [(Cause::Funds, 50), (Cause::Generic { forever: false }, 40), (Cause::Outage, 10)];
    draws.weighted(Stream::FlatCause, renewal, &causes)
}

/// The most attempts that are looked at; no policy makes so many.
const FLAT_TRIES_MAX: u64 = 64;

/// Which further attempt brings the money; `None`: none ever does.
pub(crate) fn flat_tries(hidden: &Hidden<'_>, flat: Flat, renewal: u64) -> Option<u64> {
    if draws_never(hidden, flat, renewal) {
        return None;
    }
    let index = |tries: u64| renewal * FLAT_TRIES_MAX + tries;
    (1..FLAT_TRIES_MAX)
        .find(|tries| hidden.draws.permille(Stream::FlatTries, index(*tries), flat.each))
}

fn draws_never(hidden: &Hidden<'_>, flat: Flat, renewal: u64) -> bool {
    hidden.draws.permille(Stream::FlatTries, renewal * FLAT_TRIES_MAX, flat.never)
}
