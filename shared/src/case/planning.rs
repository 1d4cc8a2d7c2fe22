//! What the decisions about automatic attempts look at, gathered from an account.

use super::{Attempt, CaseState, RecoveryCase, Trigger};
use crate::account::Account;
use crate::account::cards::{Card, card_of};
use crate::calendar::Zone;
use crate::decline::{Decline, RawDecline};
use crate::id::{CustomerId, InvoiceId, MerchantId, PaymentMethodId, SubscriptionId};
use crate::network::budget::is_final;
use crate::network::{BudgetQuery, CardAttempt, Initiator, RuleId, Verdict, WindowLeft, budget};
use crate::policy::settings::Settings;
use crate::policy::{Policy, RetryDriver, SegmentFacts};
use crate::provider::{CardFact, InvoiceFact, MethodFact};
use crate::retry::{self, BackupCard, Learning, RetryDecision, RetryFacts};
use crate::time::Timestamp;
use crate::timing::{Arm, stable_draw};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Where nothing is known of the customer's clock.
static UTC: LazyLock<Zone> = LazyLock::new(Zone::utc);

/// One part in a thousand, in ppm.
const PERMILLE_PPM: u32 = 1_000;

/// What the account knows beside the case itself.
pub(super) struct Planner<'a> {
    merchant: &'a MerchantId,
    customer: &'a CustomerId,
    history: &'a [CardAttempt],
    known_cards: &'a [(PaymentMethodId, CardFact)],
    methods: &'a [PaymentMethodId],
    zone: &'a Zone,
    policy: &'a Policy,
    now: Timestamp,
}

/// The cases, to be changed, beside everything that their plans look at.
pub(super) fn split<'a>(
    account: &'a mut Account,
    policy: &'a Policy,
    now: Timestamp,
) -> (&'a mut BTreeMap<InvoiceId, RecoveryCase>, Planner<'a>) {
    let Account { merchant, customer, card_attempts, known_cards, methods, zone, cases, .. } =
        account;
    let zone = zone.as_ref().unwrap_or(&UTC);
    let history = card_attempts;
    (cases, Planner { merchant, customer, history, known_cards, methods, zone, policy, now })
}

/// Likewise, only to look.
pub(super) fn of<'a>(account: &'a Account, policy: &'a Policy, now: Timestamp) -> Planner<'a> {
    let Account { merchant, customer, card_attempts, known_cards, methods, zone, .. } = account;
    let zone = zone.as_ref().unwrap_or(&UTC);
    let history = card_attempts;
    Planner { merchant, customer, history, known_cards, methods, zone, policy, now }
}

/// What holds for the case: of the policy that it started with, its segment.
pub(crate) fn settings_of<'a>(case: &RecoveryCase, policy: &'a Policy) -> &'a Settings {
    let policy = policy.at_version(case.policy_version);
    let segment = case.segment.as_deref().map(|name| policy.segment_named(name));
    segment.map_or(policy.settings(), |segment| &segment.settings)
}

/// The segment of a case, from what is known of its subscription and of the customer.
pub(super) fn segment_of(
    account: &Account,
    subscription: Option<&SubscriptionId>,
    fact: &InvoiceFact,
    policy: &Policy,
) -> String {
    let known = subscription.and_then(|id| account.subscriptions.get(id));
    let facts = SegmentFacts {
        interval: known.and_then(|known| known.interval),
        sector: known.and_then(|known| known.sector),
        plan: known.and_then(|known| known.plan),
        region: fact.region,
    };
    policy.segment(&facts).name.clone()
}

impl Planner<'_> {
    /// What happens without the customer.
    pub(super) fn decide(&self, case: &RecoveryCase) -> RetryDecision {
        self.asked(case, retry::decide)
    }

    /// What the networks leave of an attempt that is planned for now, or what forbids it.
    pub(super) fn check(
        &self,
        case: &RecoveryCase,
        planned: &RetryDecision,
    ) -> Result<Vec<WindowLeft>, RuleId> {
        self.asked(case, |facts| retry::check(facts, planned))
    }

    /// Whether our ladder makes an attempt on this case now.
    pub(super) fn is_due(&self, case: &RecoveryCase) -> bool {
        rung_at(case, self.policy).is_some_and(|at| at <= self.now)
    }

    /// Whether a backup card of the customer would be charged one day.
    pub(super) fn may_use_backup(&self, case: &RecoveryCase) -> bool {
        settings_of(case, self.policy).retry.backup_after_declines.is_some()
    }

    /// The card that would be charged: the one that failed, or of another method.
    pub(super) fn card(&self, case: &RecoveryCase, method: Option<&PaymentMethodId>) -> Card {
        match method {
            Some(id) if case.method.as_ref().is_none_or(|method| method.id != *id) => {
                card_of(self.known_cards, Some(&MethodFact::bare(id.clone())))
            }
            _ => card_of(self.known_cards, case.method.as_ref()),
        }
    }

    /// Whether the networks let the customer pay the case with this method now.
    pub(super) fn customer_verdict(
        &self,
        case: &RecoveryCase,
        method: Option<&PaymentMethodId>,
    ) -> Verdict {
        self.verdict(case, method, Initiator::Customer)
    }

    /// Whether the networks let an automatic attempt that may never have arrived be sent again:
    /// what was declined since it was begun counts, and sent now it would come after that.
    pub(super) fn may_send_again(&self, case: &RecoveryCase) -> bool {
        let automatic = |attempt: &&Attempt| attempt.trigger == Trigger::Schedule;
        case.attempt.as_ref().filter(automatic).is_none_or(|attempt| {
            let verdict = self.verdict(case, attempt.method.as_ref(), Initiator::Merchant);
            verdict == Verdict::Allowed
        })
    }

    fn verdict(
        &self,
        case: &RecoveryCase,
        method: Option<&PaymentMethodId>,
        initiator: Initiator,
    ) -> Verdict {
        let card = self.card(case, method);
        let query = BudgetQuery {
            network: card.network,
            card: &card.key,
            amount: case.amount_due,
            initiator,
            at: self.now,
            history: self.history,
            overrides: settings_of(case, self.policy).limit_overrides(),
        };
        budget(query).verdict
    }

    fn asked<T>(&self, case: &RecoveryCase, ask: impl FnOnce(&RetryFacts<'_>) -> T) -> T {
        let settings = settings_of(case, self.policy);
        let method = case.next_method.as_ref().map(|method| &method.id);
        let card = self.card(case, method);
        let of_other = if case.has_other_method() { self.last_decline(&card) } else { None };
        let decline =
            if case.has_other_method() { of_other.as_ref() } else { case.decline.as_ref() };
        let backup = self.backup(&card);
        let backup = backup.as_ref().map(|(method, card)| BackupCard {
            method,
            card: &card.key,
            network: card.network,
        });
        ask(&RetryFacts {
            driver: self.policy.retry_driver(),
            settings: &settings.retry,
            overrides: settings.limit_overrides(),
            decline,
            method,
            card: &card.key,
            network: card.network,
            backup,
            amount: case.amount_due,
            history: self.history,
            first_failed_at: case.opened_at,
            failed_at: case.failed_at,
            rungs_used: case.rungs_used,
            attempts: case.attempts(),
            provider_next_attempt_at: case.provider_next_attempt_at,
            zone: self.zone,
            now: self.now,
            learning: self.learning(case),
        })
    }

    /// How the last attempt on a card ended that is not the one of the case's own decline.
    fn last_decline(&self, card: &Card) -> Option<Decline> {
        let on_card = self.history.iter().filter(|tried| tried.card == card.key);
        let last = on_card.max_by_key(|tried| tried.at)?;
        let do_not_retry = is_final(last);
        Some(Decline { category: last.category?, do_not_retry, raw: RawDecline::default() })
    }

    /// The customer's other card, the first one that is really another.
    fn backup(&self, failed: &Card) -> Option<(PaymentMethodId, Card)> {
        let cards = self
            .methods
            .iter()
            .map(|id| (id.clone(), card_of(self.known_cards, Some(&MethodFact::bare(id.clone())))));
        cards.into_iter().find(|(id, card)| card.key != failed.key && id.as_str() != failed.key)
    }

    fn learning(&self, case: &RecoveryCase) -> Learning<'_> {
        let settings = self.policy.learned_timing();
        if !settings.enabled {
            return Learning { model: None, settings, arm: Arm::HeldOut, draw: 0 };
        }
        let hold_out_ppm = settings.hold_out_permille.saturating_mul(PERMILLE_PPM);
        let number = case.attempt_number.to_string();
        Learning {
            model: self.policy.timing(),
            settings,
            arm: Arm::of(self.merchant, self.customer, hold_out_ppm),
            draw: stable_draw(&["attempt", case.invoice.as_str(), &number]),
        }
    }
}

/// When our own ladder makes the next attempt on a case.
pub(super) fn rung_at(case: &RecoveryCase, policy: &Policy) -> Option<Timestamp> {
    let ours = policy.retry_driver() == RetryDriver::Ours && case.state == CaseState::Scheduled;
    case.plan.as_ref().filter(|_| ours)?.at
}

/// Whether the plan of a case has to be made, or was made under another driver.
pub(super) fn needs_plan(case: &RecoveryCase, policy: &Policy) -> bool {
    let driver = policy.retry_driver();
    let fits = |plan: &RetryDecision| plan.is_by(driver);
    case.state == CaseState::Scheduled && !case.plan.as_ref().is_some_and(fits)
}
