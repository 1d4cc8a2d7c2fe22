//! When networks and laws want a notice, as dated data, and whether a plan keeps to it.
//!
//! An engineering view, not legal advice. Where sources contradict each other both rows stand here,
//! and the default campaigns keep to both. What is not known of a subject (the length of a trial,
//! the interval, the part of the country) counts as if the rule applied.

use super::facts::{Facts, Matter, NoticeId, Standing, Subject, SubjectId};
use super::kind::NoticeKind;
use super::log::SentLog;
use super::plan::{NoticeDecision, Verdict};
use super::step::Channel;
use crate::network::limits::Confidence;
use crate::network::{Network, RuleId};
use crate::time::{DAY_MS, Timestamp};

/// One rule: a written notice (e-mail or text message) within a time before the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeRule {
    /// Its name.
    pub rule: RuleId,
    /// What the notice says.
    pub kind: NoticeKind,
    /// Only for cards of this network.
    pub network: Option<Network>,
    /// Only for customers in this country, or in this part of it.
    pub place: Option<(&'static str, Option<&'static str>)>,
    /// Only for subscriptions that renew at most every so many months.
    pub interval_months_min: Option<u32>,
    /// Only for trials of at least this length, in milliseconds.
    pub trial_min_ms: Option<i64>,
    /// Not earlier than this before the event, in milliseconds; `None`: as early as one likes.
    pub earliest_ms: Option<i64>,
    /// Not later than this before the event, in milliseconds.
    pub latest_ms: i64,
    /// From when the rule holds.
    pub effective_from: Timestamp,
    /// Where it was read.
    pub source: &'static str,
    /// How well it is known.
    pub confidence: Confidence,
}

const VISA: &str = "https://www.nerdwallet.com/article/credit-cards/\
    visa-will-make-introductory-trial-terms-more-transparent (read 2026-11)";
const MASTERCARD: &str = "https://navidor.com/mastercard-new-rules-subscriptions-recurring-\
    billing-merchants-december-2021-june-2022/ (read 2026-11)";
const MASTERCARD_BY_STRIPE: &str = "https://support.stripe.com/questions/guidance-for-mastercard-\
    recurring-billing-compliance-updates (read 2026-11)";
const CALIFORNIA_AB_390: &str = "https://fastdemocracy.com/bill-summary/?billsummary_state=ca&\
    billsummary_id=CAB00021688&billsummary_session=20212022 (read 2026-11)";
const CALIFORNIA_AB_2863: &str = "https://www.consumerfinsights.com/2024/10/california-enacts-new-\
    bill-to-strengthen-customer-protection-on-automatic-renewals/ (read 2026-11)";
const KOREA: &str = "https://www.kimchang.com/en/insights/detail.kc?idx=32297&sch_section=4 \
    (\"at least 30 days prior\"; other readings say \"within 30 days\"; read 2026-11)";
const INDIA: &str = "RBI e-mandate framework: a pre-debit notice, 24 hours before; not confirmed";

/// 2020-04-18.
const VISA_TRIALS: Timestamp = Timestamp::from_seconds(1_587_168_000);
/// 2021-12-08.
const MASTERCARD_2021: Timestamp = Timestamp::from_seconds(1_638_921_600);
/// 2022-07-01.
const CALIFORNIA_2022: Timestamp = Timestamp::from_seconds(1_656_633_600);
/// 2022-09-22.
const MASTERCARD_2022: Timestamp = Timestamp::from_seconds(1_663_804_800);
/// 2025-02-14.
const KOREA_2025: Timestamp = Timestamp::from_seconds(1_739_491_200);
/// 2025-07-01.
const CALIFORNIA_2025: Timestamp = Timestamp::from_seconds(1_751_328_000);

const fn of_network(
    rule: &'static str,
    (network, kind): (Network, NoticeKind),
    (earliest_days, latest_days): (Option<i64>, i64),
    (effective_from, source): (Timestamp, &'static str),
) -> NoticeRule {
    NoticeRule {
        rule: RuleId(rule),
        kind,
        network: Some(network),
        place: None,
        interval_months_min: None,
        trial_min_ms: None,
        earliest_ms: match earliest_days {
            Some(days) => Some(days * DAY_MS),
            None => None,
        },
        latest_ms: latest_days * DAY_MS,
        effective_from,
        source,
        confidence: Confidence::Secondary,
    }
}

const fn of_place(
    rule: &'static str,
    (place, kind): ((&'static str, Option<&'static str>), NoticeKind),
    days: (Option<i64>, i64),
    dated: (Timestamp, &'static str),
) -> NoticeRule {
    let row = of_network(rule, (Network::Other, kind), days, dated);
    NoticeRule { network: None, place: Some(place), ..row }
}

const CALIFORNIA: (&str, Option<&str>) = ("US", Some("CA"));

/// All rules known.
#[rustfmt::skip]
pub const NOTICE_RULES: &[NoticeRule] = &[
    of_network("visa.trial.7d", (Network::Visa, NoticeKind::TrialEnding),
        (None, 7), (VISA_TRIALS, VISA)),
    of_network("visa.terms.7d", (Network::Visa, NoticeKind::PriceChange),
        (None, 7), (VISA_TRIALS, VISA)),
    of_network("mastercard.trial.3-7d", (Network::Mastercard, NoticeKind::TrialEnding),
        (Some(7), 3), (MASTERCARD_2021, MASTERCARD)),
    NoticeRule { trial_min_ms: Some(7 * DAY_MS + 1), ..of_network("mastercard.trial.7d",
        (Network::Mastercard, NoticeKind::TrialEnding),
        (None, 7), (MASTERCARD_2022, MASTERCARD_BY_STRIPE)) },
    NoticeRule { interval_months_min: Some(6), ..of_network("mastercard.renewal.3-7d",
        (Network::Mastercard, NoticeKind::UpcomingCharge),
        (Some(7), 3), (MASTERCARD_2021, MASTERCARD)) },
    NoticeRule { interval_months_min: Some(6), ..of_network("mastercard.renewal.7-30d",
        (Network::Mastercard, NoticeKind::UpcomingCharge),
        (Some(30), 7), (MASTERCARD_2022, MASTERCARD_BY_STRIPE)) },
    NoticeRule { trial_min_ms: Some(31 * DAY_MS), ..of_place("us-ca.trial.3-21d",
        (CALIFORNIA, NoticeKind::TrialEnding),
        (Some(21), 3), (CALIFORNIA_2022, CALIFORNIA_AB_390)) },
    NoticeRule { interval_months_min: Some(12), ..of_place("us-ca.renewal.15-45d",
        (CALIFORNIA, NoticeKind::UpcomingCharge),
        (Some(45), 15), (CALIFORNIA_2022, CALIFORNIA_AB_390)) },
    of_place("us-ca.price.7-30d", (CALIFORNIA, NoticeKind::PriceChange),
        (Some(30), 7), (CALIFORNIA_2025, CALIFORNIA_AB_2863)),
    of_place("kr.price-consent.30d", (("KR", None), NoticeKind::PriceConsent),
        (None, 30), (KOREA_2025, KOREA)),
    NoticeRule { confidence: Confidence::Assumed, ..of_place("in.debit.24h",
        (("IN", None), NoticeKind::UpcomingCharge),
        (None, 1), (Timestamp::from_ms(0), INDIA)) },
];

/// A rule that applies to a subject, and what keeps to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// The rule.
    pub rule: RuleId,
    /// The subject.
    pub subject: SubjectId,
    /// The last moment for the notice.
    pub deadline: Timestamp,
    /// The notice that was sent, or is to be sent, in time; `None`: none, somebody has to look.
    pub kept_by: Option<NoticeId>,
}

/// Every rule that applies, with what was sent and what is planned held against it.
#[must_use]
pub fn obligations(facts: &Facts, log: &SentLog, plan: &[NoticeDecision]) -> Vec<Obligation> {
    let mut obligations = Vec::new();
    for subject in facts.subjects.iter().filter(|known| known.standing == Standing::Running) {
        for row in NOTICE_RULES {
            let Some(event) = event(row, facts, subject) else { continue };
            let in_time = |at: Timestamp| row.allows(event, at);
            let about = |id: &NoticeId| id.subject == subject.id && id.kind == row.kind;
            let sent = log.sent().filter(|entry| accepts(entry.channel) && in_time(entry.at));
            let sent = sent.flat_map(|entry| entry.ids()).find(|id| about(id));
            let planned = || {
                let written = plan.iter().filter(|d| accepts(d.channel) && in_time(d.at));
                let coming = written.filter(|d| matches!(d.verdict, Verdict::Due | Verdict::Ahead));
                coming.flat_map(NoticeDecision::ids).find(|id| about(id))
            };
            obligations.push(Obligation {
                rule: row.rule,
                subject: subject.id.clone(),
                deadline: event.plus_ms(-row.latest_ms),
                kept_by: sent.or_else(planned).cloned(),
            });
        }
    }
    obligations
}

/// The rules that a notice about a subject keeps to if it is sent at `at`.
pub(super) fn kept_by(
    facts: &Facts,
    subject: &Subject,
    (kind, channel, at): (NoticeKind, Channel, Timestamp),
) -> impl Iterator<Item = RuleId> {
    let of_kind = move |row: &&NoticeRule| row.kind == kind && accepts(channel);
    NOTICE_RULES.iter().filter(of_kind).filter_map(move |row| {
        let event = event(row, facts, subject)?;
        row.allows(event, at).then_some(row.rule)
    })
}

const fn accepts(channel: Channel) -> bool {
    channel.is_written_notice()
}

impl NoticeRule {
    fn allows(&self, event: Timestamp, at: Timestamp) -> bool {
        let before_ms = event.since_ms(at);
        before_ms >= self.latest_ms && self.earliest_ms.is_none_or(|ms| before_ms <= ms)
    }
}

/// When the event is, if the rule applies to the subject.
fn event(row: &NoticeRule, facts: &Facts, subject: &Subject) -> Option<Timestamp> {
    let event = subject.anchor(*row.kind.anchors().first()?)?;
    let network = row.network.is_none_or(|network| network == subject.network);
    let place = row.place.is_none_or(|(country, part)| {
        let here = facts.country.is_some_and(|known| known.as_str() == country);
        let known = facts.subdivision.as_deref();
        here && part.is_none_or(|part| known.is_none_or(|known| known == part))
    });
    let interval = row
        .interval_months_min
        .is_none_or(|min| subject.interval_months.is_none_or(|months| months >= min));
    let trial = row.trial_min_ms.is_none_or(|min| match &subject.matter {
        Matter::Trial { length_ms, .. } => length_ms.is_none_or(|length| length >= min),
        _ => true,
    });
    let asked = row.kind != NoticeKind::PriceConsent || subject.needs_consent();
    let applies = network && place && interval && trial && asked;
    (applies && event >= row.effective_from).then_some(event)
}
