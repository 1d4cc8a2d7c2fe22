//! What to send when: every step of a campaign held against the facts.
//!
//! Nothing is remembered but what was sent. The same facts, log and `now` give the same plan, so a
//! replay sends nothing twice, and a plan that is out of date is simply made anew.

use super::Campaign;
use super::facts::{Facts, NoticeId, SUBJECTS_MAX, Subject, SubjectId};
use super::kind::{NoticeKind, Topic};
use super::log::{LogEntry, Logged, SentLog};
use super::place::{Candidate, place};
use super::step::{Channel, Step};
use super::suppression::{self, Suppression};
use crate::network::RuleId;
use crate::time::Timestamp;

/// The most steps of one campaign.
pub const STEPS_MAX: usize = 64;

/// What becomes of one step for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeDecision {
    /// Its name: the key under which it is sent and remembered.
    pub id: NoticeId,
    /// What it says.
    pub kind: NoticeKind,
    /// On which channel.
    pub channel: Channel,
    /// When it is sent, was sent, or would have been sent.
    pub at: Timestamp,
    /// Why at that time: the rules that moved it, and the outside rules that it keeps to.
    pub why: Vec<RuleId>,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Notices with the same key that meet become one; `None`: it always stands alone.
    pub merge_key: Option<MergeKey>,
    /// The notices that became part of this one.
    pub covers: Vec<NoticeId>,
    /// The subjects that it has to name.
    pub names: Vec<SubjectId>,
    /// When time alone may change a suppression.
    pub recheck_at: Option<Timestamp>,
}

/// What becomes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be sent now.
    Due,
    /// Its time has not come.
    Ahead,
    /// It was sent, by itself or as a part of another one.
    Sent,
    /// It becomes part of another one, which is due or ahead.
    Merged {
        /// Which.
        into: NoticeId,
    },
    /// It is not sent.
    Suppressed(Suppression),
}

/// What may become one notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MergeKey {
    /// What it is about.
    pub topic: Topic,
    /// On which channel.
    pub channel: Channel,
}

impl core::fmt::Display for MergeKey {
    /// `payment:email`.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}", self.topic.as_str(), self.channel.as_str())
    }
}

impl NoticeDecision {
    /// Why it is not sent.
    #[must_use]
    pub const fn suppressed(&self) -> Option<&Suppression> {
        match &self.verdict {
            Verdict::Suppressed(why) => Some(why),
            _ => None,
        }
    }

    /// Its own name and those of the notices that became part of it.
    pub fn ids(&self) -> impl Iterator<Item = &NoticeId> {
        core::iter::once(&self.id).chain(&self.covers)
    }

    /// The entry for the log, if there is something to remember: a notice that is handed over for
    /// sending now, or one that was decided against for good. To be stored in the same commit as
    /// the order to send.
    #[must_use]
    pub fn log_entry(&self, now: Timestamp) -> Option<LogEntry> {
        let outcome = match &self.verdict {
            Verdict::Due => Logged::Sent,
            Verdict::Suppressed(Suppression::Recorded(_)) => return None,
            Verdict::Suppressed(why) if why.is_final() => {
                Logged::Suppressed { rule: why.rule().to_owned() }
            }
            _ => return None,
        };
        let (id, covers) = (self.id.clone(), self.covers.clone());
        Some(LogEntry { id, channel: self.channel, at: now, covers, outcome })
    }
}

/// One decision for every step of the campaign and every subject that has the step's anchor, in the
/// order of time.
#[must_use]
pub fn plan(
    facts: &Facts,
    log: &SentLog,
    now: Timestamp,
    campaign: &Campaign,
) -> Vec<NoticeDecision> {
    let mut decisions = Vec::new();
    let mut candidates = Vec::new();
    for subject in facts.subjects.iter().take(SUBJECTS_MAX) {
        for step in campaign.steps.iter().take(STEPS_MAX) {
            let Some(anchor) = subject.anchor(step.anchor) else { continue };
            match look(step, subject, step.window(anchor), (facts, log, now, campaign)) {
                Look::Decided(decision) => decisions.push(decision),
                Look::Open(candidate) => candidates.push(candidate),
            }
        }
    }
    place(candidates, &mut decisions, (facts, log, now, campaign));
    decisions.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    decisions
}

/// What is to be sent now.
#[must_use]
pub fn due(
    facts: &Facts,
    log: &SentLog,
    now: Timestamp,
    campaign: &Campaign,
) -> Vec<NoticeDecision> {
    let mut decisions = plan(facts, log, now, campaign);
    decisions.retain(|decision| decision.verdict == Verdict::Due);
    decisions
}

/// When the plan has to be made anew without anything happening.
#[must_use]
pub fn next_due(plan: &[NoticeDecision]) -> Option<Timestamp> {
    let ahead = plan.iter().filter(|decision| decision.verdict == Verdict::Ahead);
    let recheck = plan.iter().filter_map(|decision| decision.recheck_at);
    ahead.map(|decision| decision.at).chain(recheck).min()
}

/// Everything that a decision looks at.
pub(super) type World<'a> = (&'a Facts, &'a SentLog, Timestamp, &'a Campaign);

enum Look<'a> {
    Decided(NoticeDecision),
    Open(Candidate<'a>),
}

fn look<'a>(
    step: &'a Step,
    subject: &'a Subject,
    (at, until): (Timestamp, Timestamp),
    (facts, log, now, campaign): World<'_>,
) -> Look<'a> {
    let id = NoticeId { kind: step.kind, subject: subject.id.clone(), step: step.name.clone() };
    let mut candidate = Candidate { id, step, subject, at, until, base: at.max(now), why: vec![] };
    if let Some(entry) = log.find(&candidate.id) {
        candidate.base = entry.at;
        return Look::Decided(candidate.decided(match &entry.outcome {
            Logged::Sent => Verdict::Sent,
            Logged::Suppressed { rule } => Verdict::Suppressed(Suppression::Recorded(rule.clone())),
        }));
    }
    let over = suppression::over(step, subject);
    let over = over.or_else(|| (now > until).then_some(Suppression::TooLate));
    if let Some(why) = over {
        candidate.base = at;
        return Look::Decided(candidate.decided(Verdict::Suppressed(why)));
    }
    let stop = campaign.stop_rules(step);
    let waits = suppression::waits_for_attempt(stop, subject, candidate.base);
    if let Some(known_by) = waits.filter(|known_by| *known_by <= until) {
        candidate.base = known_by;
        candidate.why.push(RuleId("campaign.attempt_first"));
    }
    if candidate.base > now {
        return Look::Open(candidate);
    }
    match suppression::against(step, campaign, subject, (facts, log, now)) {
        Some(why) => {
            let recheck_at = super::condition::recheck_at(&step.conditions, facts, now);
            candidate.base = at;
            let mut decision = candidate.decided(Verdict::Suppressed(why));
            decision.recheck_at = recheck_at.filter(|recheck| *recheck <= until);
            Look::Decided(decision)
        }
        None => Look::Open(candidate),
    }
}
