//! What the core's campaign sends, and when it has to be asked again. Asked only when something
//! changed or its own time has come: planning is the costly part of a life.

use crate::facts;
use crate::hidden::Hidden;
use crate::reaction::Message;
use reprieve_core::account::Account;
use reprieve_core::campaign::{
    Beside, Campaign, NoticeDecision, SentLog, Topic, Verdict, facts_of, next_due, plan,
};
use reprieve_core::case::{self, CaseState, RecoveryCase};
use reprieve_core::decline::Category;
use reprieve_core::policy::Policy;
use reprieve_core::time::Timestamp;
use reprieve_core::timing::stable_hash;

/// What a plan depends on beside the time.
type Look = (usize, Option<(CaseState, Timestamp, Option<Category>)>);

/// The messages to one customer.
pub(crate) struct Notices<'a> {
    campaign: &'a Campaign,
    beside: Beside,
    log: SentLog,
    looked: Option<Look>,
    next_at: Option<Timestamp>,
    sent: u64,
}

impl<'a> Notices<'a> {
    pub(crate) fn of(hidden: &Hidden<'_>, policy: &'a Policy, consents: [bool; 2]) -> Self {
        let segment = policy.segment(&facts::segment(hidden));
        Self {
            campaign: &segment.settings.campaign,
            beside: facts::beside(hidden, consents),
            log: SentLog::default(),
            looked: None,
            next_at: None,
            sent: 0,
        }
    }

    pub(crate) const fn next_at(&self) -> Option<Timestamp> {
        self.next_at
    }

    pub(crate) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether the plan has to be made anew.
    pub(crate) fn is_due(&self, account: &Account, now: Timestamp) -> bool {
        self.next_at.is_some_and(|at| at <= now)
            || (!account.cases.is_empty() && self.looked != Some(look(account)))
    }

    /// What is sent now. Those about payments are answered.
    pub(crate) fn due(&mut self, account: &Account, now: Timestamp) -> Vec<Message> {
        let facts = facts_of(account, self.beside.clone(), now, case::planned);
        let decisions = plan(&facts, &self.log, now, self.campaign);
        self.looked = Some(look(account));
        let next_at = next_due(&decisions);
        let mut messages = Vec::new();
        for decision in &decisions {
            if let Some(entry) = decision.log_entry(now) {
                self.log.record(entry);
            }
            if decision.verdict == Verdict::Due && decision.channel.reaches_customer() {
                self.sent += 1;
                messages.extend(message(decision, now));
            }
        }
        // What is ahead may lie at this very moment when it was moved; never ask twice at once.
        self.next_at = next_at.map(|at| at.max(now.plus_ms(1)));
        messages
    }
}

fn look(account: &Account) -> Look {
    let newest = account.cases.values().next();
    let category = |case: &RecoveryCase| case.decline.as_ref().map(|decline| decline.category);
    let of = newest.map(|case| (case.state, case.failed_at, category(case)));
    (account.cases.len(), of)
}

fn message(decision: &NoticeDecision, at: Timestamp) -> Option<Message> {
    if decision.kind.topic() != Topic::Payment {
        return None;
    }
    let name = stable_hash(&[&decision.id.step]);
    let renewal = decision.id.subject.as_str().rsplit('_').next()?.parse().ok()?;
    Some(Message { renewal, name, channel: decision.channel, at })
}
