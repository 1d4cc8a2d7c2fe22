//! When a step is sent at all, and what stops it.

use super::facts::{Address, Facts, Subject};
use super::span::Span;
use super::step::Channel;
use super::words;
use crate::api::status::Remedy;
use crate::decline::Category;
use crate::money::{Currency, Money};
use crate::network::{Network, RuleId};
use crate::policy::segment::{Country, Sector};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What must hold when the time of a step has come. All that is named must hold; what is empty
/// holds always. What is not known fulfils no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    /// The last attempt failed for one of these reasons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<Category>,
    /// One of these would help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remedy: Vec<Remedy>,
    /// The card that pays is of one of these networks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<Network>,
    /// The business is of one of these kinds.
    #[serde(with = "words::list", skip_serializing_if = "Vec::is_empty")]
    pub sector: Vec<Sector>,
    /// The customer is in one of these countries.
    #[serde(with = "words::list", skip_serializing_if = "Vec::is_empty")]
    pub country: Vec<Country>,
    /// The amount is in one of these ranges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amount: Vec<AmountRange>,
    /// At least so many attempts failed, whoever made them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_min: Option<u32>,
    /// At most so many attempts failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_max: Option<u32>,
    /// The subscription renews at most every so many months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_months_min: Option<u32>,
    /// The customer reacted on one of these channels within [`Self::reacted_within`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reacted_on: Vec<Channel>,
    /// The customer reacted on none of these channels within [`Self::reacted_within`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_reacted_on: Vec<Channel>,
    /// How far back a reaction counts; `None`: [`REACTED_WITHIN_DEFAULT`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reacted_within: Option<Span>,
    /// The customer cannot be reached on any of these channels: a step that stands in for others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreachable_on: Vec<Channel>,
}

/// How far back a reaction counts unless a step says so itself. Our choice: long enough to tell
/// what somebody answers to, short enough to follow a change of habit.
pub const REACTED_WITHIN_DEFAULT: Span = Span::days(90);

/// Amounts of one currency, from and below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountRange {
    /// Amounts in other currencies are not in it.
    pub currency: Currency,
    /// The smallest amount in it, in minor units.
    #[serde(default)]
    pub from_minor: i64,
    /// The smallest amount above it, in minor units; `None`: it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_minor: Option<i64>,
}

impl AmountRange {
    fn contains(&self, amount: Money) -> bool {
        amount.currency == self.currency
            && amount.amount_minor >= self.from_minor
            && self.below_minor.is_none_or(|below| amount.amount_minor < below)
    }
}

/// What stops a step although its conditions hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum StopRule {
    /// The customer reacted, on one of these channels or, where none is named, on any, after the
    /// subject began.
    Reacted {
        /// Which channels.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        on: Vec<Channel>,
    },
    /// So many notices about the subject were sent.
    SentMax {
        /// How many.
        max: u32,
    },
    /// The last attempt failed for one of these reasons. A revocation is the customer's no to the
    /// payments: reminding again and again would be pestering.
    Declined {
        /// Which reasons.
        category: Vec<Category>,
    },
    /// A complaint or a dispute is open.
    ComplaintOpen,
    /// An automatic attempt is planned within this time: the step waits for its outcome instead of
    /// asking for something that may be over soon.
    AttemptWithin {
        /// How long.
        within: Span,
    },
}

/// The first condition that does not hold.
pub(super) fn unmet(
    conditions: &Conditions,
    facts: &Facts,
    subject: &Subject,
    now: Timestamp,
) -> Option<RuleId> {
    let case = subject.case();
    let c = conditions;
    let attempts = case.map(|case| case.attempts);
    let at_least = |min: Option<u32>, value: Option<u32>| {
        min.is_none_or(|min| value.is_some_and(|value| value >= min))
    };
    let few_attempts = c.attempts_max.is_none_or(|max| attempts.is_some_and(|n| n <= max));
    let in_range = |money| c.amount.iter().any(|range| range.contains(money));
    let since = now.plus_ms(-c.reacted_within.unwrap_or(REACTED_WITHIN_DEFAULT).as_ms());
    let reacted = |on: &[Channel]| on.iter().any(|channel| reacted_on(facts, *channel, since));
    let reachable = |channel: &Channel| is_reachable(facts, *channel);
    let checks = [
        (among(&c.declined, case.and_then(|case| case.category)), "campaign.if.declined"),
        (among(&c.remedy, case.map(|case| case.remedy)), "campaign.if.remedy"),
        (among(&c.network, Some(subject.network)), "campaign.if.network"),
        (among(&c.sector, Some(facts.sector)), "campaign.if.sector"),
        (among(&c.country, facts.country), "campaign.if.country"),
        (c.amount.is_empty() || subject.amount.is_some_and(in_range), "campaign.if.amount"),
        (at_least(c.attempts_min, attempts) && few_attempts, "campaign.if.attempts"),
        (at_least(c.interval_months_min, subject.interval_months), "campaign.if.interval"),
        (c.reacted_on.is_empty() || reacted(&c.reacted_on), "campaign.if.reacted_on"),
        (!reacted(&c.not_reacted_on), "campaign.if.not_reacted_on"),
        (!c.unreachable_on.iter().any(reachable), "campaign.if.unreachable_on"),
    ];
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| RuleId(rule))
}

/// When reactions that stand against the step are too old to count, so that time alone may change
/// what [`unmet`] says.
pub(super) fn recheck_at(
    conditions: &Conditions,
    facts: &Facts,
    now: Timestamp,
) -> Option<Timestamp> {
    let within = conditions.reacted_within.unwrap_or(REACTED_WITHIN_DEFAULT).as_ms();
    let known = conditions.not_reacted_on.iter().filter_map(|on| facts.channel(*on).reacted_at);
    let last = known.max().filter(|at| *at >= now.plus_ms(-within))?;
    Some(last.plus_ms(within.saturating_add(1)))
}

/// Whether something may be sent on the channel.
pub(super) fn is_reachable(facts: &Facts, channel: Channel) -> bool {
    let known = facts.channel(channel);
    known.address == Address::Known && !is_refused(facts, channel)
}

/// Whether the customer did not agree to the channel although that is needed, or said no.
pub(super) fn is_refused(facts: &Facts, channel: Channel) -> bool {
    use super::facts::Consent;
    match facts.channel(channel).consent {
        Consent::Given => false,
        Consent::NotAsked => channel.needs_consent(),
        // The banner is part of the product and the webhook no message to the customer.
        Consent::Refused => channel.rings(),
    }
}

/// Whether the customer did something because of a channel since then.
pub(super) fn reacted_on(facts: &Facts, channel: Channel, since: Timestamp) -> bool {
    facts.channel(channel).reacted_at.is_some_and(|at| at >= since)
}

fn among<T: PartialEq>(wanted: &[T], found: Option<T>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.contains(&found))
}
