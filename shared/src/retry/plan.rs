//! One automatic attempt of ours, planned: when, with which card, why, and what was turned down on
//! the way there.
//!
//! The ladder proposes a time; calendar, spacing, the provider's own schedule and the networks'
//! budgets each may move it to later or forbid it. Nothing moves it to earlier, so the search ends:
//! it stops when nobody objects, or after [`MOVES_MAX`] moves.

use crate::calendar::{Zone, next_in_window, next_payday_in_window};
use crate::decline::{Decline, Reuse};
use crate::id::PaymentMethodId;
use crate::money::Money;
use crate::network::{
    BudgetQuery, CardAttempt, Initiator, LimitOverride, Network, RuleId, Verdict, WindowLeft,
    budget,
};
use crate::policy::settings::{RetrySettings, Rung};
use crate::time::Timestamp;

/// The most times a proposal is moved. Each rule that can object moves it at most a few times; a
/// policy that needs more has rules that contradict each other.
pub const MOVES_MAX: usize = 12;

/// The next rung of the ladder.
pub const LADDER_RUNG: RuleId = RuleId("ladder.rung");
/// The ladder has no rung left.
pub const LADDER_FINISHED: RuleId = RuleId("ladder.finished");
/// The invoice saw as many attempts as the policy allows, whoever made them.
pub const ATTEMPTS_MAX: RuleId = RuleId("policy.attempts_max");
/// Too long after the first failure.
pub const STOP_AFTER: RuleId = RuleId("policy.stop_after");
/// Too soon after the attempt before it.
pub const MIN_SPACING: RuleId = RuleId("policy.min_spacing");
/// Waits for the next payday.
pub const PAYDAY: RuleId = RuleId("policy.payday");
/// Outside the hours and days of the rung, in the customer's zone.
pub const WINDOW: RuleId = RuleId("policy.window");
/// Too close to an attempt that the provider planned.
pub const PROVIDER_NEAR: RuleId = RuleId("provider.near");
/// The decline forbids another automatic attempt with this method.
pub const METHOD_STOPPED: RuleId = RuleId("decline.method_stopped");
/// The customer's other card, after enough declines on the first.
pub const BACKUP_CARD: RuleId = RuleId("policy.backup_card");
/// The rules contradict each other.
pub const NO_TIME_FITS: RuleId = RuleId("plan.no_time_fits");

/// Another card of the customer.
#[derive(Clone, Copy, Debug)]
pub struct BackupCard<'a> {
    /// The provider's id.
    pub method: &'a PaymentMethodId,
    /// As in [`CardAttempt::card`].
    pub card: &'a str,
    /// Its network.
    pub network: Network,
}

/// Everything that the plan depends on.
#[derive(Clone, Copy, Debug)]
pub struct PlanFacts<'a> {
    /// The segment's settings.
    pub settings: &'a RetrySettings,
    /// The acquirer's other numbers.
    pub overrides: &'a [LimitOverride],
    /// Why the last attempt failed, if that is known.
    pub decline: Option<&'a Decline>,
    /// The card that failed, as in [`CardAttempt::card`].
    pub card: &'a str,
    /// Its network.
    pub network: Network,
    /// The customer's other card, if there is one.
    pub backup: Option<BackupCard<'a>>,
    /// What is due.
    pub amount: Money,
    /// Every attempt on any card that is known.
    pub history: &'a [CardAttempt],
    /// The first failure of the invoice.
    pub first_failed_at: Timestamp,
    /// The last one.
    pub failed_at: Timestamp,
    /// Rungs of the ladder used so far. Apart from the number of attempts: the provider's count
    /// too.
    pub rungs_used: u32,
    /// Attempts on the invoice, whoever made them.
    pub attempts: u32,
    /// When the provider will try by itself.
    pub provider_next_attempt_at: Option<Timestamp>,
    /// Where the customer's clock hangs.
    pub zone: &'a Zone,
    /// Now: no plan lies before it.
    pub now: Timestamp,
}

/// A time or a way that was turned down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The time; `None`: at any time.
    pub at: Option<Timestamp>,
    /// By which rule.
    pub rule: RuleId,
}

/// The plan, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRetry {
    /// When; `None`: not at all.
    pub at: Option<Timestamp>,
    /// With which method; `None`: the one that failed.
    pub method: Option<PaymentMethodId>,
    /// The rules that brought it about, in order.
    pub why: Vec<RuleId>,
    /// What was turned down, in order.
    pub rejected: Vec<Rejected>,
    /// What the networks leave, this attempt included.
    pub budget_left: Vec<WindowLeft>,
    /// Rungs left, this one included.
    pub rungs_left: u32,
}

/// Plans the next attempt of our ladder.
#[must_use]
pub fn plan(facts: &PlanFacts<'_>) -> PlannedRetry {
    let mut planning = Planning::start(facts);
    let Some(rung) = planning.rung() else { return planning.never(LADDER_FINISHED) };
    if facts.attempts >= facts.settings.attempts_max {
        return planning.never(ATTEMPTS_MAX);
    }
    let Some(card) = planning.choose_card() else { return planning.never(METHOD_STOPPED) };
    planning.why.push(LADDER_RUNG);
    let mut at = planning.propose(rung);
    for _ in 0..MOVES_MAX {
        match planning.objection(rung, &card, at) {
            None => return planning.at(at),
            Some((rule, None)) => return planning.never(rule),
            Some((rule, Some(later))) => {
                planning.rejected.push(Rejected { at: Some(at), rule });
                at = later;
            }
        }
    }
    planning.never(NO_TIME_FITS)
}

struct Card<'a> {
    key: &'a str,
    network: Network,
}

struct Planning<'a> {
    facts: &'a PlanFacts<'a>,
    method: Option<PaymentMethodId>,
    why: Vec<RuleId>,
    rejected: Vec<Rejected>,
    budget_left: Vec<WindowLeft>,
}

impl<'a> Planning<'a> {
    fn start(facts: &'a PlanFacts<'a>) -> Self {
        let (why, rejected, budget_left) = (Vec::new(), Vec::new(), Vec::new());
        Self { facts, method: None, why, rejected, budget_left }
    }

    fn rung(&self) -> Option<&'a Rung> {
        let used = usize::try_from(self.facts.rungs_used).unwrap_or(usize::MAX);
        self.facts.settings.rungs.get(used)
    }

    /// The card that failed while it may be used; the backup card when it may not, or after as many
    /// declines as the policy names.
    fn choose_card(&mut self) -> Option<Card<'a>> {
        let facts = self.facts;
        let stopped = facts.decline.is_some_and(|decline| decline.reuse() != Reuse::Automatic);
        let on_card = |tried: &&CardAttempt| tried.card == facts.card && tried.is_declined();
        let declines = facts.history.iter().filter(on_card).count();
        let declines = u32::try_from(declines).unwrap_or(u32::MAX);
        let enough = facts.settings.backup_after_declines.is_some_and(|after| declines >= after);
        let wanted = enough || (stopped && facts.settings.backup_after_declines.is_some());
        if let Some(backup) = facts.backup.filter(|_| wanted) {
            self.method = Some(backup.method.clone());
            self.why.push(BACKUP_CARD);
            return Some(Card { key: backup.card, network: backup.network });
        }
        (!stopped).then_some(Card { key: facts.card, network: facts.network })
    }

    /// The ladder's own time: the wait, and then perhaps the next payday.
    fn propose(&mut self, rung: &Rung) -> Timestamp {
        let facts = self.facts;
        let at = facts.failed_at.plus_ms(rung.delay_ms);
        if rung.payday_wait_ms <= 0 {
            return at.max(facts.now);
        }
        let days = facts.settings.paydays.days();
        let payday = next_payday_in_window(facts.zone, &days, &rung.window(), at);
        match payday.filter(|payday| payday.since_ms(at) <= rung.payday_wait_ms) {
            Some(payday) => {
                self.why.push(PAYDAY);
                payday.max(facts.now)
            }
            None => at.max(facts.now),
        }
    }

    /// The first rule that does not like the time, and the time that it would like instead.
    fn objection(
        &mut self,
        rung: &Rung,
        card: &Card<'_>,
        at: Timestamp,
    ) -> Option<(RuleId, Option<Timestamp>)> {
        let (facts, settings) = (self.facts, self.facts.settings);
        if at.since_ms(facts.first_failed_at) > settings.stop_after_ms {
            return Some((STOP_AFTER, None));
        }
        let spaced = facts.failed_at.plus_ms(settings.min_spacing_ms);
        if at < spaced {
            return Some((MIN_SPACING, Some(spaced)));
        }
        match next_in_window(facts.zone, &rung.window(), at) {
            None => return Some((WINDOW, None)),
            Some(fits) if fits > at => return Some((WINDOW, Some(fits))),
            Some(_) => {}
        }
        if let Some(theirs) = facts.provider_next_attempt_at {
            let clear = theirs.plus_ms(settings.keep_away_ms);
            let near = at > theirs.plus_ms(settings.keep_away_ms.saturating_neg()) && at < clear;
            if near {
                return Some((PROVIDER_NEAR, Some(clear)));
            }
        }
        let left = budget(BudgetQuery {
            network: card.network,
            card: card.key,
            amount: facts.amount,
            initiator: Initiator::Merchant,
            at,
            history: facts.history,
            overrides: facts.overrides,
        });
        self.budget_left = left.left;
        match left.verdict {
            Verdict::Allowed => None,
            Verdict::NotBefore { at, rule } => Some((rule, Some(at))),
            Verdict::Never { rule } => Some((rule, None)),
        }
    }

    fn rungs_left(&self) -> u32 {
        let rungs = u32::try_from(self.facts.settings.rungs.len()).unwrap_or(u32::MAX);
        rungs.saturating_sub(self.facts.rungs_used)
    }

    fn at(self, at: Timestamp) -> PlannedRetry {
        let rungs_left = self.rungs_left();
        let Self { method, why, rejected, budget_left, .. } = self;
        PlannedRetry { at: Some(at), method, why, rejected, budget_left, rungs_left }
    }

    fn never(mut self, rule: RuleId) -> PlannedRetry {
        let rungs_left = self.rungs_left();
        self.rejected.push(Rejected { at: None, rule });
        let Self { rejected, budget_left, .. } = self;
        let why = vec![rule];
        PlannedRetry { at: None, method: None, why, rejected, budget_left, rungs_left }
    }
}
