//! Which offers somebody who leaves gets to see, and how likely that was.
//!
//! The smallest priority wins; where more offers of one priority fit than there is room for, they
//! are drawn. The draw is a hash of who asks and of what, so that looking again shows the same.
//! What was drawn is stored with its exact probability, and a share of the customers never sees an
//! offer.

use super::Reason;
use super::offer::{Offer, Terms, terms};
use super::settings::CancelSettings;
use crate::account::Subscription;
use crate::time::Timestamp;
use crate::timing::{stable_draw, stable_hash};
use serde::{Deserialize, Serialize};

/// One whole, in millionths.
const ONE_PPM: u64 = 1_000_000;
/// One part in a thousand, in millionths.
const PERMILLE_PPM: u64 = 1_000;

/// What is known of somebody who leaves.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Whose customer, who, and which cancellation: the draw depends on nothing else.
    pub who: [&'a str; 3],
    /// What they leave.
    pub subscription: &'a Subscription,
    /// Their segment.
    pub segment: &'a str,
    /// Why.
    pub reason: Option<Reason>,
    /// Whether an invoice of the subscription failed and is open.
    pub open_case: bool,
    /// The kinds of what they took within twelve months before.
    pub taken: &'a [&'a str],
    /// Screens with offers that they turned down within twelve months before.
    pub refused: u32,
    /// When.
    pub now: Timestamp,
}

/// An offer that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its name in the policy.
    pub name: String,
    /// What it means here.
    pub terms: Terms,
    /// How likely it was that this customer sees it, in millionths.
    pub propensity_ppm: u32,
}

/// What came of the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is shown, the first first.
    pub shown: Vec<Chosen>,
    /// Whether the customer is one of those who never see an offer, although there was one.
    pub held_out: bool,
}

/// Chooses at most so many.
#[must_use]
pub fn choose(settings: &CancelSettings, room: u32, facts: Facts<'_>) -> Choice {
    let mut fitting: Vec<(&Offer, Terms)> = settings
        .offers
        .iter()
        .filter(|offer| suits(offer, facts))
        .filter_map(|offer| Some((offer, terms(&offer.kind, facts.subscription, facts.now)?)))
        .collect();
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if fitting.is_empty() || room == 0 {
        return Choice { shown: Vec::new(), held_out: false };
    }
    let hold_out_ppm = u64::from(settings.hold_out_permille).saturating_mul(PERMILLE_PPM);
    let shown_ppm = ONE_PPM.saturating_sub(hold_out_ppm);
    if is_held_out(facts.who, hold_out_ppm) {
        return Choice { shown: Vec::new(), held_out: true };
    }
    let [merchant, customer, cancellation] = facts.who;
    let drawn = |offer: &Offer| {
        stable_hash(&["cancel.offer", merchant, customer, cancellation, &offer.name])
    };
    fitting.sort_by_key(|(offer, _)| (offer.priority, drawn(offer)));
    let mut shown: Vec<Chosen> = Vec::new();
    for (place, (offer, terms)) in fitting.iter().enumerate().take(room) {
        let equals = |(other, _): &&(&Offer, Terms)| other.priority == offer.priority;
        let count = fitting.iter().filter(equals).count();
        let before =
            fitting.iter().take_while(|(other, _)| other.priority < offer.priority).count();
        let places = room.saturating_sub(before).min(count);
        debug_assert!(place >= before && count > 0, "sorted by priority");
        shown.push(Chosen {
            name: offer.name.clone(),
            terms: terms.clone(),
            propensity_ppm: share(shown_ppm, places, count),
        });
    }
    Choice { shown, held_out: false }
}

/// So much of a share as some places are of others.
fn share(whole_ppm: u64, places: usize, of: usize) -> u32 {
    let (places, of) = (u64::try_from(places).unwrap_or(0), u64::try_from(of).unwrap_or(1));
    u32::try_from(whole_ppm.saturating_mul(places) / of.max(1)).unwrap_or(0)
}

/// Whether a customer never sees an offer; always the same answer, and a larger share keeps those
/// who are held out already.
fn is_held_out([merchant, customer, _]: [&str; 3], hold_out_ppm: u64) -> bool {
    let draw = stable_draw(&["cancel.hold_out", merchant, customer]);
    (u64::from(draw).saturating_mul(ONE_PPM)) >> 32 < hold_out_ppm
}

/// Whether the customer is one of those for whom the offer is.
pub(crate) fn suits(offer: &Offer, facts: Facts<'_>) -> bool {
    let audience = &offer.audience;
    let started_at = facts.subscription.life.as_ref().and_then(|life| life.started_at);
    let tenure_ms = started_at.map(|at| facts.now.since_ms(at));
    let taken = facts.taken.iter().filter(|kind| **kind == offer.kind.as_str()).count();
    let within = |count: usize, max: Option<u32>| {
        max.is_none_or(|max| u32::try_from(count).unwrap_or(u32::MAX) <= max)
    };
    let segment = audience.segments.is_empty()
        || audience.segments.iter().any(|segment| segment == facts.segment);
    let reason = audience.reasons.is_empty()
        || facts.reason.is_some_and(|reason| audience.reasons.contains(&reason));
    let old_enough =
        audience.tenure_from_ms.is_none_or(|from_ms| tenure_ms.is_some_and(|ms| ms >= from_ms));
    let young_enough =
        audience.tenure_below_ms.is_none_or(|below_ms| tenure_ms.is_some_and(|ms| ms < below_ms));
    segment
        && reason
        && old_enough
        && young_enough
        && audience.open_case.is_none_or(|wanted| wanted == facts.open_case)
        && within(taken, audience.taken_max)
        && audience.refused_max.is_none_or(|max| facts.refused <= max)
}
