//! A customer in a campaign: what happens, and what is sent on the way.

use reprieve_core::api::status::Remedy;
use reprieve_core::calendar::Zone;
use reprieve_core::campaign::{
    Address, Campaign, CaseFacts, Channel, ChannelFacts, Consent, Facts, Matter, NoticeDecision,
    SentLog, Standing, Subject, SubjectId, Suppression, Verdict, next_due, plan,
};
use reprieve_core::case::CaseState;
use reprieve_core::decline::Category;
use reprieve_core::id::InvoiceId;
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::Network;
use reprieve_core::policy::segment::Sector;
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// Midnight of day 0: Monday, 2 November 2026, UTC.
pub(crate) const DAY_0: Timestamp = Timestamp::from_seconds(1_793_577_600);

/// More wakes than this in one step of a story are a wake that repeats for ever.
const WAKES_MAX: usize = 1_000;

/// A moment of a diary: `at(3, "09:30")`, in UTC.
pub(crate) fn at(day: i64, clock: &str) -> Timestamp {
    let (hour, minute) = clock.split_once(':').expect("a clock reads HH:MM");
    let (hour, minute): (i64, i64) = (hour.parse().unwrap(), minute.parse().unwrap());
    DAY_0.plus_ms(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS)
}

pub(crate) fn money(amount_minor: i64, currency: &str) -> Money {
    Money { amount_minor, currency: Currency::parse(currency).unwrap() }
}

pub(crate) fn subject_id(id: &str) -> SubjectId {
    SubjectId::of_invoice(&InvoiceId::parse(id).unwrap())
}

/// An invoice of 19.00 EUR that failed because of its card.
pub(crate) fn case(id: &str, opened_at: Timestamp, grace_days: i64) -> Subject {
    Subject {
        id: subject_id(id),
        standing: Standing::Running,
        amount: Some(money(1900, "eur")),
        network: Network::Visa,
        interval_months: Some(1),
        matter: Matter::Case(CaseFacts {
            state: CaseState::AwaitingPaymentMethod,
            opened_at,
            grace_ends_at: opened_at.plus_ms(grace_days * DAY_MS),
            closed_at: None,
            category: Some(Category::Expired),
            remedy: Remedy::UpdatePaymentMethod,
            attempts: 1,
            next_attempt_at: None,
        }),
    }
}

/// Something that is coming.
pub(crate) fn coming(id: &str, at: Timestamp, matter: Matter) -> Subject {
    Subject { id: SubjectId::dated(id, at), matter, ..case("in_x", at, 0) }
}

/// A customer who can be reached on every channel and agreed to all of them.
pub(crate) fn reachable() -> Facts {
    let channels = Channel::ALL.into_iter().map(|channel| ChannelFacts {
        channel,
        address: Address::Known,
        consent: Consent::Given,
        reacted_at: None,
    });
    Facts {
        sector: Sector::Consumer,
        country: None,
        zone: Zone::utc(),
        subdivision: None,
        channels: channels.collect(),
        complaint_open: false,
        charge_under_way: false,
        subjects: Vec::new(),
    }
}

/// One notice that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Timestamp,
    pub(crate) decision: NoticeDecision,
}

pub(crate) struct Story {
    pub(crate) campaign: Campaign,
    pub(crate) facts: Facts,
    pub(crate) log: SentLog,
    pub(crate) now: Timestamp,
    pub(crate) sent: Vec<Sent>,
}

impl Story {
    pub(crate) fn of(campaign: Campaign) -> Self {
        Self { campaign, facts: reachable(), log: SentLog::default(), now: DAY_0, sent: Vec::new() }
    }

    /// A customer with one failed invoice, `in_1`, on day 0 at 09:00, and two weeks of grace.
    pub(crate) fn failed(campaign: Campaign) -> Self {
        let mut story = Self::of(campaign);
        story.on(0, "09:00").fails("in_1", 14);
        story
    }

    pub(crate) fn plan(&self) -> Vec<NoticeDecision> {
        plan(&self.facts, &self.log, self.now, &self.campaign)
    }

    /// Goes to a moment; what becomes due on the way is sent.
    pub(crate) fn on(&mut self, day: i64, clock: &str) -> &mut Self {
        self.until(at(day, clock))
    }

    pub(crate) fn until(&mut self, target: Timestamp) -> &mut Self {
        assert!(target >= self.now, "a story does not go back");
        for _ in 0..WAKES_MAX {
            let wake = self.look();
            let Some(wake) = wake.filter(|wake| *wake <= target) else {
                self.now = target;
                self.look();
                return self;
            };
            assert!(wake > self.now, "a wake lies ahead");
            self.now = wake;
        }
        panic!("a wake repeats for ever");
    }

    /// Sends what is due and says when to look again.
    fn look(&mut self) -> Option<Timestamp> {
        let decisions = self.plan();
        assert_eq!(decisions, self.plan(), "the same facts give the same plan");
        for decision in decisions {
            if let Some(entry) = decision.log_entry(self.now) {
                self.log.record(entry);
            }
            if decision.verdict == Verdict::Due {
                self.sent.push(Sent { at: self.now, decision });
            }
        }
        let after = self.plan();
        let due = after.iter().find(|decision| decision.verdict == Verdict::Due);
        assert_eq!(due, None, "what was sent is not due again");
        next_due(&after)
    }

    /// Another invoice fails now.
    pub(crate) fn fails(&mut self, id: &str, grace_days: i64) -> &mut Self {
        self.facts.subjects.push(case(id, self.now, grace_days));
        self
    }

    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut CaseFacts)) -> &mut Self {
        let id = subject_id(id);
        let subject = self.facts.subjects.iter_mut().find(|subject| subject.id == id);
        match subject.map(|subject| &mut subject.matter) {
            Some(Matter::Case(case)) => change(case),
            _ => panic!("no such case"),
        }
        self
    }

    /// The case was closed now.
    pub(crate) fn closes(&mut self, id: &str, state: CaseState) -> &mut Self {
        let now = self.now;
        self.change(id, |case| (case.state, case.closed_at) = (state, Some(now)))
    }

    pub(crate) fn is_paid(&mut self, id: &str) -> &mut Self {
        self.closes(id, CaseState::Recovered)
    }

    /// The last no was another one.
    pub(crate) fn declined_as(&mut self, id: &str, category: Category) -> &mut Self {
        let remedy = category.remedy();
        self.change(id, |case| (case.category, case.remedy) = (Some(category), remedy))
    }

    pub(crate) fn channel(&mut self, channel: Channel) -> &mut ChannelFacts {
        let mut channels = self.facts.channels.iter_mut();
        channels.find(|known| known.channel == channel).expect("all channels are listed")
    }

    /// There is no address for these channels.
    pub(crate) fn without(&mut self, channels: &[Channel]) -> &mut Self {
        for channel in channels {
            self.channel(*channel).address = Address::None;
        }
        self
    }

    /// The decision about one step for one subject.
    pub(crate) fn decision(&self, step: &str) -> NoticeDecision {
        let mut plan = self.plan().into_iter();
        plan.find(|decision| decision.id.step == step).expect("the step is planned")
    }

    /// Why a step is not sent.
    pub(crate) fn why_not(&self, step: &str) -> Option<Suppression> {
        self.decision(step).suppressed().cloned()
    }

    /// What was sent, one line each: day, time in UTC, channel, kind, the subjects named.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.sent.iter().map(line).collect()
    }

    /// What was sent on one channel.
    pub(crate) fn lines_of(&self, channel: Channel) -> Vec<String> {
        let of = self.sent.iter().filter(|sent| sent.decision.channel == channel);
        of.map(line).collect()
    }
}

fn line(sent: &Sent) -> String {
    let ms = sent.at.since_ms(DAY_0);
    let (day, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    let (hour, minute) = (rest / HOUR_MS, rest % HOUR_MS / MINUTE_MS);
    let names: Vec<&str> = sent.decision.names.iter().map(SubjectId::as_str).collect();
    let (channel, kind) = (sent.decision.channel.as_str(), sent.decision.kind.as_str());
    format!("{day} {hour:02}:{minute:02} {channel} {kind} {}", names.join(" "))
}
