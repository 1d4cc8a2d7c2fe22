//! What one source says about a no, and how several sources become one answer.
//!
//! A decline arrives with up to four words: the network's advice, the network's response code, the
//! provider's advice, the provider's code. They were written by different people about the same
//! payment, and they contradict each other. Two questions are answered apart:
//!
//! **Why?** The reason that binds most wins, in the order of [`weight`]: fraud, loss and theft
//! before a revocation, before authentication, before a card that cannot pay, before everything
//! that may pass by itself. Among reasons that bind alike the higher source wins: network advice,
//! network code, provider advice, provider code. So a stolen card stays stolen when an advice says
//! "later", and an `authentication_required` survives a response code that says nothing.
//!
//! **May the same card be tried again?** A reason may forbid it ([`Category::reuse`]). Beyond that
//! a response code by which the network never approves forbids it for good. Else the network's
//! advice decides, whichever way; where it is silent, the provider's advice or code.

use super::Category;

/// The most words that are read of one decline: one of each [`Origin`].
pub const READINGS_MAX: usize = 4;

/// Who said it; the first outranks the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The network's advice.
    NetworkAdvice,
    /// The network's response code.
    NetworkCode,
    /// The provider's advice.
    ProviderAdvice,
    /// The provider's code.
    ProviderCode,
}

/// Why the payment was declined, as far as one source says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It names the reason.
    Says(Category),
    /// It speaks of what to do; the reason behind it is likely this one. Yields to whoever names
    /// a reason that binds as much.
    Suggests(Category),
}

impl Reason {
    /// The category, named or likely.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::Says(category) | Self::Suggests(category) => category,
        }
    }
}

/// Whether the same card may be tried again, as far as one source says so beyond its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nothing.
    Silent,
    /// Later.
    Later,
    /// Not without the customer.
    Stop,
}

/// What one source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who said it.
    pub origin: Origin,
    /// Why.
    pub reason: Reason,
    /// Whether to try again.
    pub word: Word,
}

/// How much a reason binds. Whoever ignores the heavier one charges a stolen card, or a customer
/// who told the bank to stop.
#[must_use]
pub const fn weight(category: Category) -> u8 {
    match category {
        Category::Blocked => 4,
        Category::Revoked => 3,
        Category::AuthenticationRequired => 2,
        Category::Expired | Category::InvalidDetails | Category::NotSupported => 1,
        Category::InsufficientFunds
        | Category::IssuerUnavailable
        | Category::Generic
        | Category::Technical
        | Category::Unknown => 0,
    }
}

/// The category of all readings together; without any, [`Category::Unknown`].
#[must_use]
pub fn category(readings: &[Reading]) -> Category {
    let binds = |reading: &&Reading| {
        let says = matches!(reading.reason, Reason::Says(_));
        let weight = u8::MAX.saturating_sub(weight(reading.reason.category()));
        (weight, !says, reading.origin)
    };
    readings.iter().min_by_key(binds).map_or(Category::Unknown, |found| found.reason.category())
}

/// Whether somebody with the right to say so forbids another automatic attempt.
#[must_use]
pub fn is_stopped(readings: &[Reading]) -> bool {
    let word = |origin: Origin| {
        let said = readings.iter().filter(|reading| reading.origin == origin).map(|r| r.word);
        said.fold(Word::Silent, |one, other| if one == Word::Stop { one } else { other })
    };
    let provider = || {
        let words = [word(Origin::ProviderAdvice), word(Origin::ProviderCode)];
        words.contains(&Word::Stop)
    };
    word(Origin::NetworkCode) == Word::Stop
        || match word(Origin::NetworkAdvice) {
            Word::Stop => true,
            Word::Later => false,
            Word::Silent => provider(),
        }
}
