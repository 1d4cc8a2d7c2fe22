//! How much a customer may use while an invoice is open.
//!
//! The level follows from facts and `now` alone, worst first: nothing is remembered, so there is
//! nothing to undo. The moment the invoice is paid nothing is left that restricts.

mod countdown;

pub use crate::api::status::AccessLevel;
pub use crate::policy::settings::GraceSettings;
pub use countdown::{Countdown, Left, Wording, countdown};

use crate::account::Account;
use crate::case::{RecoveryCase, settings_of};
use crate::id::SubscriptionId;
use crate::network::RuleId;
use crate::policy::Policy;
use crate::provider::SubscriptionStatus;
use crate::time::Timestamp;

/// How much a customer may use, why, and what comes next if nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// How much.
    pub level: AccessLevel,
    /// The rule that decided.
    pub rule: RuleId,
    /// Since when, where time decided.
    pub since: Option<Timestamp>,
    /// The next level below, and when. `None`: time alone changes nothing.
    pub next: Option<Change>,
}

/// A level and from when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// From when.
    pub at: Timestamp,
    /// Which level.
    pub level: AccessLevel,
}

/// Nothing is open.
const FULL: Access =
    Access { level: AccessLevel::Full, rule: RuleId("access.full"), since: None, next: None };

/// Every subscription is over.
const ENDED: Access = Access {
    level: AccessLevel::Ended,
    rule: RuleId("access.subscription_ended"),
    since: None,
    next: None,
};

/// The level of the account under a policy, each case under that with which it started.
#[must_use]
pub fn of(account: &Account, now: Timestamp, policy: &Policy) -> Access {
    access(account, now, |case| settings_of(case, policy).grace)
}

/// The level of the whole account; the worst open invoice decides. `settings` says for each case
/// what its segment grants; a case keeps the end of its grace period that was promised when it was
/// opened, whatever the settings say later.
#[must_use]
pub fn access(
    account: &Account,
    now: Timestamp,
    settings: impl Fn(&RecoveryCase) -> GraceSettings,
) -> Access {
    let mut subscriptions = account.subscriptions.values();
    let is_over = |status| status == SubscriptionStatus::Ended;
    if !account.subscriptions.is_empty() && subscriptions.all(|known| is_over(known.status)) {
        return ENDED;
    }
    let cases = account.open_cases().map(|case| steps(case, settings(case)));
    worst(cases.chain(resting(account).map(paused)), now)
}

/// From when nothing of what the customer has can be used because all of it is paused without
/// access.
fn resting(account: &Account) -> Option<Timestamp> {
    let running = account.subscriptions.iter();
    let running = running.filter(|(_, known)| known.status != SubscriptionStatus::Ended);
    let until = running.map(|(id, _)| account.leaving.pauses.get(id)?.terms.access_until);
    until.collect::<Option<Vec<Timestamp>>>()?.into_iter().max()
}

/// What is paid is used up, then access rests with the subscription.
const fn paused(access_until: Timestamp) -> Steps {
    let change = Change { at: access_until, level: AccessLevel::Restricted };
    [Some((change, RuleId("access.paused"))), None, None]
}

/// The level of one subscription, for merchants that sell several things to one customer: an open
/// invoice restricts what it is for, and an invoice for nothing in particular restricts all.
#[must_use]
pub fn access_to(
    account: &Account,
    subscription: &SubscriptionId,
    now: Timestamp,
    settings: impl Fn(&RecoveryCase) -> GraceSettings,
) -> Access {
    if account.end_reason(Some(subscription)).is_some() {
        return ENDED;
    }
    let of_it =
        |case: &&RecoveryCase| case.subscription.as_ref().is_none_or(|of| of == subscription);
    let cases = account.open_cases().filter(of_it).map(|case| steps(case, settings(case)));
    let run = account.leaving.pauses.get(subscription);
    worst(cases.chain(run.and_then(|run| run.terms.access_until).map(paused)), now)
}

/// The levels of one case in the order of time, each with its rule.
type Steps = [Option<(Change, RuleId)>; 3];

/// While the bank takes its days for a payment, its customer has done what they could: what would
/// have come meanwhile waits, and comes at once should the bank say no.
fn steps(case: &RecoveryCase, settings: GraceSettings) -> Steps {
    let come = |(change, _): &(Change, RuleId)| {
        case.processing_since.is_none_or(|since| change.at <= since)
    };
    planned_steps(case, settings).map(|step| step.filter(come))
}

fn planned_steps(case: &RecoveryCase, settings: GraceSettings) -> Steps {
    let after = |ms: i64| case.opened_at.plus_ms(ms.max(0));
    let restricted_at = case.grace_ends_at;
    let step = |at: Timestamp, level, rule| Some((Change { at, level }, RuleId(rule)));
    [
        step(after(settings.warn_ms).min(restricted_at), AccessLevel::Warn, "access.invoice_open"),
        step(restricted_at, AccessLevel::Restricted, "access.grace_over"),
        settings.ended_ms.and_then(|ms| {
            let at = after(ms).max(restricted_at);
            step(at, AccessLevel::Ended, "access.ended_after_grace")
        }),
    ]
}

/// When time alone changes the level of a case next.
#[must_use]
pub fn next_change(
    case: &RecoveryCase,
    settings: GraceSettings,
    now: Timestamp,
) -> Option<Timestamp> {
    let changes = steps(case, settings).into_iter().flatten().map(|(change, _)| change.at);
    changes.filter(|at| *at > now).min()
}

/// The worst level that has come, and the first one to come that is worse.
fn worst(cases: impl Iterator<Item = Steps>, now: Timestamp) -> Access {
    let (mut access, mut coming) = (FULL, Vec::new());
    for (change, rule) in cases.flatten().flatten() {
        if change.at > now {
            coming.push(change);
            continue;
        }
        let earlier = access.since.is_none_or(|since| change.at < since);
        let worse = change.level > access.level || (change.level == access.level && earlier);
        if worse {
            let Change { at, level } = change;
            access = Access { level, rule, since: Some(at), next: None };
        }
    }
    let below = coming.into_iter().filter(|change| change.level > access.level);
    // Two at the same moment: the worse one is what the customer will have.
    access.next = below.min_by_key(|change| (change.at, core::cmp::Reverse(change.level)));
    access
}
