//! One automatic attempt of ours, planned: when, with which card, why, and what was turned down on
//! the way there.
//!
//! The ladder proposes a time; calendar, spacing, the provider's own schedule and the networks'
//! budgets each may move it to later or forbid it. Nothing moves it to earlier, so the search ends:
//! it stops when nobody objects, or after [`MOVES_MAX`] moves. Then [`super::learned`] may choose
//! another time to which nobody objects either.

use super::rules::{
    ATTEMPTS_MAX, BACKUP_CARD, LADDER_FINISHED, LADDER_RUNG, METHOD_CHANGED, METHOD_STOPPED,
    MIN_SPACING, NO_TIME_FITS, PAYDAY, PROVIDER_NEAR, STOP_AFTER, WINDOW,
};
use super::{Rejected, RetryDecision, RetryFacts, learned, nothing};
use crate::calendar::{next_in_window, next_payday_in_window};
use crate::decline::Category;
use crate::id::PaymentMethodId;
use crate::network::{
    AttemptBy, BudgetQuery, CardAttempt, Initiator, Network, RuleId, Verdict, WindowLeft, budget,
};
use crate::policy::settings::Rung;
use crate::time::Timestamp;

/// The most times a proposal is moved. Each rule that can object moves it at most a few times; a
/// policy that needs more has rules that contradict each other.
pub const MOVES_MAX: usize = 12;

/// The first rule that does not like a time, and the time that it would like instead.
pub(super) type Objection = (RuleId, Option<Timestamp>);

/// The rung and the card of the next attempt: whatever is asked about a time, it is about these.
pub(super) struct Step<'a> {
    pub(super) facts: &'a RetryFacts<'a>,
    pub(super) rung: &'a Rung,
    card: &'a str,
    network: Network,
    method: Option<&'a PaymentMethodId>,
    is_backup: bool,
}

pub(super) fn plan(facts: &RetryFacts<'_>) -> RetryDecision {
    let step = match Step::next(facts) {
        Ok(step) => step,
        Err(rule) => return never(facts, Vec::new(), rule),
    };
    let mut why = vec![LADDER_RUNG];
    why.extend(step.is_backup.then_some(BACKUP_CARD));
    let (mut at, payday) = step.propose();
    why.extend(payday);
    let mut rejected = Vec::new();
    for _ in 0..MOVES_MAX {
        match step.objection(at) {
            Ok(budget_left) => {
                let timing = learned::choose(&step, at);
                let (at, budget_left) = if timing.at == at {
                    (at, budget_left)
                } else {
                    (timing.at, step.objection(timing.at).unwrap_or(budget_left))
                };
                why.extend(timing.rule);
                return RetryDecision {
                    at: Some(at),
                    by: AttemptBy::Ours,
                    method: step.method.cloned(),
                    why,
                    rejected,
                    budget_left,
                    rungs_left: rungs_left(facts),
                    timing: Some(timing.choice),
                };
            }
            Err((rule, None)) => return never(facts, rejected, rule),
            Err((rule, Some(later))) => {
                rejected.push(Rejected { at: Some(at), rule });
                at = later;
            }
        }
    }
    never(facts, rejected, NO_TIME_FITS)
}

/// An attempt that was planned, looked at again before it is made.
pub(super) fn check(
    facts: &RetryFacts<'_>,
    planned: &RetryDecision,
) -> Result<Vec<WindowLeft>, RuleId> {
    let step = Step::next(facts)?;
    if step.method != planned.method.as_ref() {
        return Err(METHOD_CHANGED);
    }
    step.objection(facts.now).map_err(|(rule, _)| rule)
}

fn never(facts: &RetryFacts<'_>, mut rejected: Vec<Rejected>, rule: RuleId) -> RetryDecision {
    rejected.push(Rejected { at: None, rule });
    let rungs_left = rungs_left(facts);
    RetryDecision { rejected, rungs_left, ..nothing(AttemptBy::Ours, rule) }
}

fn rungs_left(facts: &RetryFacts<'_>) -> u32 {
    let rungs = u32::try_from(facts.settings.rungs.len()).unwrap_or(u32::MAX);
    rungs.saturating_sub(facts.rungs_used)
}

impl<'a> Step<'a> {
    fn next(facts: &'a RetryFacts<'a>) -> Result<Self, RuleId> {
        let used = usize::try_from(facts.rungs_used).unwrap_or(usize::MAX);
        let rung = facts.settings.rungs.get(used).ok_or(LADDER_FINISHED)?;
        if facts.attempts >= facts.settings.attempts_max {
            return Err(ATTEMPTS_MAX);
        }
        let backup = facts.backup.filter(|_| wants_backup(facts));
        if let Some(backup) = backup {
            let (card, network, method) = (backup.card, backup.network, Some(backup.method));
            return Ok(Self { facts, rung, card, network, method, is_backup: true });
        }
        if facts.is_stopped() {
            return Err(METHOD_STOPPED);
        }
        let RetryFacts { card, network, method, .. } = *facts;
        Ok(Self { facts, rung, card, network, method, is_backup: false })
    }

    /// The ladder's own time: the wait, and then perhaps the next payday. Paydays fill empty
    /// accounts; every other decline has nothing to wait for.
    fn propose(&self) -> (Timestamp, Option<RuleId>) {
        let facts = self.facts;
        let at = facts.failed_at.plus_ms(self.rung.delay_ms);
        let lacks_money =
            facts.decline.is_some_and(|decline| decline.category == Category::InsufficientFunds);
        if self.rung.payday_wait_ms <= 0 || !lacks_money {
            return (at.max(facts.now), None);
        }
        let days = facts.settings.paydays.days();
        let payday = next_payday_in_window(facts.zone, &days, &self.rung.window(), at);
        match payday.filter(|payday| payday.since_ms(at) <= self.rung.payday_wait_ms) {
            Some(payday) => (payday.max(facts.now), Some(PAYDAY)),
            None => (at.max(facts.now), None),
        }
    }

    /// What is left of the budgets at a time, or the first rule that does not like it.
    pub(super) fn objection(&self, at: Timestamp) -> Result<Vec<WindowLeft>, Objection> {
        let (facts, settings) = (self.facts, self.facts.settings);
        if at.since_ms(facts.first_failed_at) > settings.stop_after_ms {
            return Err((STOP_AFTER, None));
        }
        let spaced = facts.failed_at.plus_ms(settings.min_spacing_ms);
        if at < spaced {
            return Err((MIN_SPACING, Some(spaced)));
        }
        match next_in_window(facts.zone, &self.rung.window(), at) {
            None => return Err((WINDOW, None)),
            Some(fits) if fits > at => return Err((WINDOW, Some(fits))),
            Some(_) => {}
        }
        if let Some(theirs) = facts.provider_next_attempt_at {
            let clear = theirs.plus_ms(settings.keep_away_ms);
            let near = at > theirs.plus_ms(settings.keep_away_ms.saturating_neg()) && at < clear;
            if near {
                return Err((PROVIDER_NEAR, Some(clear)));
            }
        }
        let left = budget(BudgetQuery {
            network: self.network,
            card: self.card,
            amount: facts.amount,
            initiator: Initiator::Merchant,
            at,
            history: facts.history,
            overrides: facts.overrides,
        });
        match left.verdict {
            Verdict::Allowed => Ok(left.left),
            Verdict::NotBefore { at, rule } => Err((rule, Some(at))),
            Verdict::Never { rule } => Err((rule, None)),
        }
    }
}

/// The card that failed keeps its turn while it may be used; the backup card has it when the first
/// may not, or after as many declines as the policy names.
fn wants_backup(facts: &RetryFacts<'_>) -> bool {
    let Some(after) = facts.settings.backup_after_declines else { return false };
    let on_card = |tried: &&CardAttempt| tried.card == facts.card && tried.is_declined();
    let declines = facts.history.iter().filter(on_card).count();
    facts.is_stopped() || u32::try_from(declines).unwrap_or(u32::MAX) >= after
}
