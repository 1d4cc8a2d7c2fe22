//! What an account remembers of leaving.

use super::act::PendingAct;
use super::choose::Chosen;
use super::flow::{Flow, Step};
use super::offer::PauseTerms;
use super::state::CancelState;
use super::{CancelKind, Reason};
use crate::id::{CancellationId, SubscriptionId};
use crate::jurisdiction::{FoundBy, Jurisdiction};
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most cancellations kept, those under way included; of those that are over the oldest go.
pub const CANCELLATIONS_MAX: usize = 120;
/// The most acts without an outcome: one at a time for each subscription and each open invoice, and
/// what waits behind them.
pub const ACTS_MAX: usize = 300;
/// The most memories of offers taken and of screens turned down.
pub const MEMORIES_MAX: usize = 50;
/// How long they count, in milliseconds: twelve months.
pub const MEMORY_MS: i64 = 365 * DAY_MS;
/// So long a customer may take for the screens, in milliseconds; then the next visit begins anew.
pub const OPEN_MS_MAX: i64 = DAY_MS;

/// Everything that an account remembers of leaving.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Leaving {
    /// Cancellations, by id.
    pub cancellations: BTreeMap<CancellationId, Cancellation>,
    /// Pauses that run, are about to or end.
    pub pauses: BTreeMap<SubscriptionId, PauseRun>,
    /// What the provider has not answered yet, in the order in which it was wanted.
    pub acts: Vec<PendingAct>,
    /// What was taken, oldest first.
    pub taken: Vec<Taken>,
    /// Screens with offers that were shown and not taken, oldest first.
    pub refused: Vec<Timestamp>,
    /// Cancellations so far.
    pub begun_count: u32,
    /// Acts so far.
    pub acts_count: u32,
    /// Pauses that the provider says are ended, until the subscriptions show it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resumed: BTreeMap<SubscriptionId, ResumeCheck>,
}

/// One cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Its name.
    pub id: CancellationId,
    /// What is left.
    pub subscription: SubscriptionId,
    /// The segment of its customer.
    pub segment: String,
    /// What is declared.
    pub kind: CancelKind,
    /// Where it is.
    pub state: CancelState,
    /// On which screen the customer is.
    pub step: Step,
    /// Which screens there are.
    pub flow: Flow,
    /// Whose law holds.
    pub jurisdiction: Jurisdiction,
    /// How that was found.
    pub found_by: FoundBy,
    /// The policy that it began with and keeps.
    pub policy_version: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// Why, as the customer said.
    pub reason: Option<Reason>,
    /// What the customer wrote.
    pub feedback: Option<String>,
    /// What was or is on the screen with offers.
    pub shown: Vec<Chosen>,
    /// When that was shown first.
    pub shown_at: Option<Timestamp>,
    /// Whether there was an offer and the customer is one of those who never see one.
    pub held_out: bool,
    /// The offer that was taken, by its name.
    pub accepted: Option<String>,
    /// The offer that the provider refused, by its name.
    pub failed_offer: Option<String>,
    /// When it was declared.
    pub confirmed_at: Option<Timestamp>,
    /// When the subscription ends.
    pub effective_at: Option<Timestamp>,
    /// When the provider knew.
    pub canceled_at: Option<Timestamp>,
    /// When to look whether it has ended.
    pub check_at: Option<Timestamp>,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

/// A pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseRun {
    /// The cancellation in which it was offered.
    pub cancellation: CancellationId,
    /// Its dates.
    pub terms: PauseTerms,
    /// Where it is.
    pub state: PauseState,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When the provider knew.
    pub began_at: Option<Timestamp>,
    /// How often it was made longer.
    pub extensions: u32,
    /// The new end that the provider has not confirmed yet.
    pub extending_to: Option<Timestamp>,
    /// When the customer is to be told that it ends; `None`: was told, or need not be.
    pub reminder_at: Option<Timestamp>,
}

/// A pause that the provider says is ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeCheck {
    /// The cancellation in which the pause was offered.
    pub cancellation: CancellationId,
    /// When the provider said so.
    pub said_at: Timestamp,
    /// When to look next.
    pub look_at: Timestamp,
    /// How often it was looked at.
    pub looks: u32,
}

/// Where a pause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseState {
    /// The provider has not said yes yet. Nothing is charged from here on.
    Starting,
    /// It holds.
    Paused,
    /// It ends, and the provider has not said yes yet.
    Resuming,
}

/// An offer that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Its kind, a word of [`super::offer::Terms::kind`].
    pub kind: String,
    /// When.
    pub at: Timestamp,
}

impl Leaving {
    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The cancellation of a subscription that is not over.
    #[must_use]
    pub fn under_way(&self, subscription: &SubscriptionId) -> Option<&Cancellation> {
        let of_it = |known: &&Cancellation| known.subscription == *subscription;
        self.cancellations.values().filter(of_it).find(|known| !known.state.is_terminal())
    }

    /// Whether the customer declared that they leave this subscription.
    #[must_use]
    pub fn is_leaving(&self, subscription: &SubscriptionId) -> bool {
        self.under_way(subscription).is_some_and(|known| known.state.is_leaving())
    }

    /// The screen that was shown then was no refusal after all.
    pub(crate) fn not_refused(&mut self, shown_at: Option<Timestamp>) {
        if let Some(at) = self.refused.iter().rposition(|at| Some(*at) == shown_at) {
            self.refused.remove(at);
        }
    }

    /// When there is something to do without anybody asking.
    pub(crate) fn wakes(&self) -> impl Iterator<Item = Timestamp> {
        let acts = self.acts.iter().filter_map(|act| act.check_at);
        let ends = self.cancellations.values().filter_map(|known| known.check_at);
        let looks = self.resumed.values().map(|check| check.look_at);
        let pauses = self.pauses.values().filter_map(PauseRun::wakes_at);
        acts.chain(ends).chain(pauses).chain(looks)
    }

    /// Keeps the newest of what is over, and what counts.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.taken.retain(|taken| now.since_ms(taken.at) < MEMORY_MS);
        self.refused.retain(|at| now.since_ms(*at) < MEMORY_MS);
        let surplus = self.taken.len().saturating_sub(MEMORIES_MAX);
        self.taken.drain(..surplus);
        let surplus = self.refused.len().saturating_sub(MEMORIES_MAX);
        self.refused.drain(..surplus);
        let mut over: Vec<(Timestamp, CancellationId)> = self
            .cancellations
            .values()
            .filter_map(|known| Some((known.closed_at?, known.id.clone())))
            .collect();
        over.sort_unstable();
        let surplus = self.cancellations.len().saturating_sub(CANCELLATIONS_MAX);
        for (_, id) in over.into_iter().take(surplus) {
            self.cancellations.remove(&id);
        }
    }
}

impl PauseRun {
    /// When there is something to do: the reminder, or its end.
    fn wakes_at(&self) -> Option<Timestamp> {
        if self.state != PauseState::Paused {
            return None;
        }
        // A new end on its way is waited for; the act has a wake of its own.
        let end = self.extending_to.is_none().then_some(self.terms.resumes_at);
        self.reminder_at.into_iter().chain(end).min()
    }
}
