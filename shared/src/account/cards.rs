//! Which cards a customer has, and what was tried on them.

use super::Account;
use crate::id::PaymentMethodId;
use crate::network::budget::is_final;
use crate::network::{ATTEMPTS_KEPT_MAX, ATTEMPTS_KEPT_MS, CardAttempt, Network};
use crate::provider::{FINGERPRINT_BYTES_MAX, MethodFact};
use crate::time::Timestamp;

/// The most methods whose cards are remembered; the oldest are forgotten first.
pub const KNOWN_CARDS_MAX: usize = 20;

/// A card as attempts name it, and its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// As in [`CardAttempt::card`].
    pub(crate) key: String,
    /// Its network.
    pub(crate) network: Network,
}

impl Account {
    /// Remembers which card a method is, if that was told.
    pub(crate) fn know_card(&mut self, method: &MethodFact) {
        let sound = |len: usize| (1..=FINGERPRINT_BYTES_MAX).contains(&len);
        let card = method.card.as_ref().filter(|card| sound(card.fingerprint.len()));
        let Some(card) = card else { return };
        let known = &mut self.known_cards;
        if known.last().is_some_and(|(id, known)| *id == method.id && known == card) {
            return;
        }
        known.retain(|(id, _)| *id != method.id);
        known.push((method.id.clone(), card.clone()));
        // What was tried before stands under the method's name; it was tried on this card.
        for tried in &mut self.card_attempts {
            if tried.card == method.id.as_str() {
                (tried.card, tried.network) = (card.fingerprint.clone(), card.network);
            }
        }
        let surplus = known.len().saturating_sub(KNOWN_CARDS_MAX);
        known.drain(..surplus);
    }

    /// Writes an attempt down, and forgets what no network asks about any more. What goes first
    /// when there is no room is old and was not final.
    pub(crate) fn record_attempt(&mut self, tried: CardAttempt, now: Timestamp) {
        let attempts = &mut self.card_attempts;
        attempts.push(tried);
        attempts.retain(|tried| now.since_ms(tried.at) < ATTEMPTS_KEPT_MS || is_final(tried));
        while attempts.len() > ATTEMPTS_KEPT_MAX {
            let passing = attempts.iter().position(|tried| !is_final(tried));
            attempts.remove(passing.unwrap_or(0));
        }
    }
}

/// The card behind a method: by its fingerprint where that is known, else the method stands for it.
pub(crate) fn card_of(
    known: &[(PaymentMethodId, crate::provider::CardFact)],
    method: Option<&MethodFact>,
) -> Card {
    let Some(method) = method else {
        return Card { key: String::new(), network: Network::Other };
    };
    let remembered = known.iter().rev().find(|(id, _)| *id == method.id).map(|(_, card)| card);
    if let Some(card) = method.card.as_ref().or(remembered) {
        return Card { key: card.fingerprint.clone(), network: card.network };
    }
    let brand = method.summary.as_ref().map(|summary| Network::of_brand(&summary.brand));
    Card { key: method.id.as_str().to_owned(), network: brand.unwrap_or_default() }
}
