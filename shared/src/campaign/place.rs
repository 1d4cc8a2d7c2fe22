//! The time of each notice among the others: quiet hours, frequency caps, one notice where several
//! meet.

use super::caps::Counted;
use super::facts::{NoticeId, Subject, SubjectId};
use super::kind::{NoticeKind, Topic};
use super::plan::{MergeKey, NoticeDecision, Verdict, World};
use super::rules;
use super::span::Span;
use super::step::{Duty, Step};
use super::suppression::{self, Suppression};
use crate::network::RuleId;
use crate::time::Timestamp;

/// Quiet hours and caps can send a notice to and fro only so often before it is given up; each
/// round moves it on by a night or by the end of a window.
const ROUNDS_MAX: usize = 100;

/// A step that nothing stands against so far.
pub(super) struct Candidate<'a> {
    pub(super) id: NoticeId,
    pub(super) step: &'a Step,
    pub(super) subject: &'a Subject,
    /// Its time by the campaign.
    pub(super) at: Timestamp,
    /// The last moment at which it makes sense.
    pub(super) until: Timestamp,
    /// The earliest time that is left.
    pub(super) base: Timestamp,
    pub(super) why: Vec<RuleId>,
}

impl Candidate<'_> {
    fn merge_key(&self) -> Option<MergeKey> {
        let channel = self.step.channel;
        let topic = self.step.kind.topic();
        channel.reaches_customer().then_some(MergeKey { topic, channel })
    }

    /// The decision about it at its base time.
    pub(super) fn decided(self, verdict: Verdict) -> NoticeDecision {
        NoticeDecision {
            merge_key: self.merge_key(),
            kind: self.step.kind,
            channel: self.step.channel,
            at: self.base,
            why: self.why,
            verdict,
            covers: Vec::new(),
            names: vec![self.id.subject.clone()],
            recheck_at: None,
            id: self.id,
        }
    }
}

/// Gives every candidate a time, or a reason why there is none, in the order of time; the more
/// urgent first, the later step first, so that two that meet become the one with more to say.
pub(super) fn place(
    mut candidates: Vec<Candidate<'_>>,
    decisions: &mut Vec<NoticeDecision>,
    world: World<'_>,
) {
    candidates.sort_by(|a, b| {
        let urgency = b.step.kind.urgency().cmp(&a.step.kind.urgency());
        a.base.cmp(&b.base).then(urgency).then(b.at.cmp(&a.at)).then_with(|| a.id.cmp(&b.id))
    });
    let (facts, log, now, _) = world;
    let mut counted = Counted::default();
    log.sent().for_each(|entry| counted.add(entry.at, entry.channel));
    while !candidates.is_empty() {
        let mut first = candidates.remove(0);
        match time_of(&first, &counted, world) {
            Ok((at, moved)) => {
                first.base = at;
                first.why.extend(moved);
            }
            Err(why) => {
                decisions.push(first.decided(Verdict::Suppressed(why)));
                continue;
            }
        }
        let at = first.base;
        let joins = |other: &mut Candidate<'_>| joins(&first, other, world);
        let mut group: Vec<Candidate<'_>> = candidates.extract_if(.., joins).collect();
        group.insert(0, first);
        counted.add(at, group.first().map_or(super::Channel::Webhook, |c| c.step.channel));
        let verdict = if at <= now { Verdict::Due } else { Verdict::Ahead };
        join(group, at, verdict, facts, decisions);
    }
}

/// Whether a notice becomes part of one that comes before it: always when its own time has come by
/// then, and for payments of several invoices also when it would follow soon.
fn joins(first: &Candidate<'_>, other: &Candidate<'_>, world: World<'_>) -> bool {
    let (facts, log, now, campaign) = world;
    if first.merge_key().is_none() || first.merge_key() != other.merge_key() {
        return false;
    }
    let at = first.base;
    if other.base <= at {
        return at <= other.until && !holds_back(first, other, world);
    }
    // What speaks of a day ("tomorrow", "from now on") is not said early.
    let can_be_early =
        matches!(other.step.kind, NoticeKind::PaymentFailed | NoticeKind::PaymentReminder);
    let soon = other.base.since_ms(at) <= campaign.coalesce.max(Span::ZERO).as_ms();
    let of_another = other.subject.id != first.subject.id;
    if !(can_be_early && soon && of_another && other.step.kind.topic() == Topic::Payment) {
        return false;
    }
    // It is said before its time, so what would be asked then is asked now.
    at > now
        || suppression::against(other.step, campaign, other.subject, (facts, log, now)).is_none()
}

/// Whether a notice that a rule asks for would wait longer for the other one than for the end of
/// the quiet hours: caps do not hold it back, neither by themselves nor in company.
fn holds_back(first: &Candidate<'_>, other: &Candidate<'_>, world: World<'_>) -> bool {
    let (facts, _, _, campaign) = world;
    if other.step.duty == Duty::Kind || first.step.duty == Duty::Required {
        return false;
    }
    let loud = campaign.quiet.next_loud(other.step.channel, &facts.zone, other.base);
    loud.is_none_or(|loud| first.base > loud)
}

/// Makes one notice of those that meet: the most urgent gives it kind and name.
fn join(
    mut group: Vec<Candidate<'_>>,
    at: Timestamp,
    verdict: Verdict,
    facts: &super::Facts,
    decisions: &mut Vec<NoticeDecision>,
) {
    let mut why: Vec<RuleId> = group.first().map(|first| first.why.clone()).unwrap_or_default();
    if group.len() > 1 {
        why.push(RuleId("campaign.coalesced"));
    }
    for member in &group {
        let notice = (member.step.kind, member.step.channel, at);
        why.extend(rules::kept_by(facts, member.subject, notice));
    }
    let urgency = |index: &usize| {
        let kind = group.get(*index).map_or(0, |candidate| candidate.step.kind.urgency());
        (kind, core::cmp::Reverse(*index))
    };
    let lead = (0..group.len()).max_by_key(urgency).unwrap_or(0);
    let mut leader = group.swap_remove(lead);
    let of_payment = leader.step.kind.topic() == Topic::Payment;
    let asking: Vec<&SubjectId> = facts.asking().map(|subject| &subject.id).collect();
    let in_group = |id: &SubjectId| {
        leader.id.subject == *id || group.iter().any(|member| member.id.subject == *id)
    };
    let named = |id: &&SubjectId| in_group(id) || (of_payment && asking.contains(id));
    let names = facts.subjects.iter().map(|subject| &subject.id).filter(named).cloned().collect();
    leader.base = at;
    leader.why = why;
    let mut covers: Vec<NoticeId> = group.iter().map(|member| member.id.clone()).collect();
    covers.sort_unstable();
    for mut member in group {
        member.base = at;
        let into = leader.id.clone();
        decisions.push(member.decided(Verdict::Merged { into }));
    }
    decisions.push(NoticeDecision { covers, names, ..leader.decided(verdict) });
}

/// The first moment that neither quiet hours nor caps exclude, and what moved it there.
fn time_of(
    candidate: &Candidate<'_>,
    counted: &Counted,
    world: World<'_>,
) -> Result<(Timestamp, Vec<RuleId>), Suppression> {
    let (facts, _, _, campaign) = world;
    let (base, until) = (candidate.base, candidate.until);
    let channel = candidate.step.channel;
    let loud = |at: Timestamp| {
        let loud = campaign.quiet.next_loud(channel, &facts.zone, at);
        loud.filter(|at| *at <= until).ok_or(Suppression::Quiet)
    };
    let mut moved = why_late(candidate, counted, world);
    let first_loud = loud(base)?;
    if first_loud != base {
        moved.push(RuleId("campaign.quiet_hours"));
    }
    let mut at = first_loud;
    for _ in 0..ROUNDS_MAX {
        let Some(free) = counted.first_free(&campaign.caps, channel, at, until) else { break };
        if free == at {
            if at != first_loud {
                moved.push(RuleId("campaign.cap"));
            }
            return Ok((at, moved));
        }
        if candidate.step.duty == Duty::Required {
            break;
        }
        let Ok(loud) = loud(free) else { break };
        at = loud;
    }
    if candidate.step.duty == Duty::Required {
        moved.push(RuleId("campaign.required_over_cap"));
        return Ok((first_loud, moved));
    }
    Err(Suppression::Capped)
}

/// What held a notice back whose own time is over: the night that has just ended, the notice that
/// has just left its window.
fn why_late(candidate: &Candidate<'_>, counted: &Counted, world: World<'_>) -> Vec<RuleId> {
    let (facts, _, now, campaign) = world;
    let (at, channel) = (candidate.at, candidate.step.channel);
    let mut why = Vec::new();
    if at >= now {
        return why;
    }
    let loud = campaign.quiet.next_loud(channel, &facts.zone, at).unwrap_or(at);
    if loud > at {
        why.push(RuleId("campaign.quiet_hours"));
    }
    let free = counted.up_to(loud).first_free(&campaign.caps, channel, loud, candidate.until);
    if free != Some(loud) && candidate.step.duty == Duty::Kind {
        why.push(RuleId("campaign.cap"));
    }
    why
}
