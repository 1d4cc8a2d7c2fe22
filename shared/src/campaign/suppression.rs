//! Why a step is not sent: each reason has a rule and a sentence.

use super::Campaign;
use super::condition::{self, StopRule};
use super::facts::{Address, Facts, Matter, PriceConsent, Standing, Subject};
use super::kind::{NoticeKind, Topic};
use super::log::SentLog;
use super::step::{Anchor, Channel, Content, Duty, Step};
use crate::api::status::Remedy;
use crate::case::CaseState;
use crate::network::RuleId;
use crate::time::{HOUR_MS, Timestamp};

/// How long a step waits for the outcome of an attempt beyond its time: time for the charge, for an
/// outcome that has to be asked for, and for the provider's event.
pub const ATTEMPT_SETTLE_MS: i64 = HOUR_MS;

/// Why a step is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// The invoice was paid.
    Recovered,
    /// The case was closed without payment: cancelled, void or given up.
    Closed,
    /// The subscription is over, or ends because the customer wants it to.
    Canceled,
    /// An offer has no place in a message about a payment.
    OfferInMessage,
    /// Its time is over.
    TooLate,
    /// It was decided against for good before, by this rule.
    Recorded(String),
    /// The subscription is paused.
    Paused,
    /// A charge is under way: its outcome may change everything.
    ChargeUnderWay,
    /// A failed payment is open, and this can wait.
    OpenCase,
    /// Another invoice is still open: thanks are for when all is paid.
    OthersOpen,
    /// The customer never heard that anything was wrong.
    NothingWasSaid,
    /// The question about the new price needs no answer, or has one.
    ConsentAnswered,
    /// There is no address for the channel, or what was sent there came back.
    NoAddress,
    /// The customer did not agree to the channel.
    NoConsent,
    /// A condition of the step does not hold.
    Condition(RuleId),
    /// A stop rule holds.
    Stopped(RuleId),
    /// The frequency caps leave no room while it makes sense.
    Capped,
    /// The quiet hours do not end while it makes sense.
    Quiet,
}

impl Suppression {
    /// The rule that decided.
    #[must_use]
    pub fn rule(&self) -> &str {
        match self {
            Self::Recovered => "campaign.recovered",
            Self::Closed => "campaign.closed",
            Self::Canceled => "campaign.canceled",
            Self::OfferInMessage => "campaign.offer_in_message",
            Self::TooLate => "campaign.too_late",
            Self::Recorded(rule) => rule,
            Self::Paused => "campaign.paused",
            Self::ChargeUnderWay => "campaign.charge_under_way",
            Self::OpenCase => "campaign.open_case",
            Self::OthersOpen => "campaign.others_open",
            Self::NothingWasSaid => "campaign.nothing_was_said",
            Self::ConsentAnswered => "campaign.consent_answered",
            Self::NoAddress => "campaign.no_address",
            Self::NoConsent => "campaign.no_consent",
            Self::Condition(rule) | Self::Stopped(rule) => rule.0,
            Self::Capped => "campaign.cap",
            Self::Quiet => "campaign.quiet_hours",
        }
    }

    /// Whether nothing that may happen changes it.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        use Suppression as S;
        matches!(self, S::Recovered | S::Closed | S::OfferInMessage | S::TooLate | S::Recorded(_))
    }

    /// The reason in one plain sentence, for people who look into a case.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Recovered => "The invoice was paid.",
            Self::Closed => "The case was closed without payment.",
            Self::Canceled => "The subscription is cancelled.",
            Self::OfferInMessage => "Offers stay out of messages about payments.",
            Self::TooLate => "Its time is over.",
            Self::Recorded(_) => "It was decided against before.",
            Self::Paused => "The subscription is paused.",
            Self::ChargeUnderWay => "A charge is under way; its outcome comes first.",
            Self::OpenCase => "A failed payment is open and comes first.",
            Self::OthersOpen => "Another invoice is still open.",
            Self::NothingWasSaid => "The customer never heard that anything was wrong.",
            Self::ConsentAnswered => "There is nothing to agree to any more.",
            Self::NoAddress => "There is no address for this channel.",
            Self::NoConsent => "The customer did not agree to this channel.",
            Self::Condition(_) => "A condition of the step does not hold.",
            Self::Stopped(_) => "A stop rule holds.",
            Self::Capped => "The frequency caps leave no room in time.",
            Self::Quiet => "The quiet hours do not end in time.",
        }
    }
}

/// What nobody can change any more, or only the customer by coming back.
pub(super) fn over(step: &Step, subject: &Subject) -> Option<Suppression> {
    if step.content == Content::WithOffer && step.channel != Channel::InApp {
        return Some(Suppression::OfferInMessage);
    }
    if let Some(case) = subject.case().filter(|_| step.anchor != Anchor::Recovery) {
        match case.state {
            CaseState::Recovered => return Some(Suppression::Recovered),
            CaseState::Canceled | CaseState::Voided | CaseState::Exhausted => {
                return Some(Suppression::Closed);
            }
            _ => {}
        }
    }
    (subject.standing == Standing::Canceled).then_some(Suppression::Canceled)
}

/// What stands against sending now and may change.
pub(super) fn against(
    step: &Step,
    campaign: &Campaign,
    subject: &Subject,
    (facts, log, now): (&Facts, &SentLog, Timestamp),
) -> Option<Suppression> {
    let situation = situation(step, subject, facts, log);
    if situation.is_some() {
        return situation;
    }
    if facts.channel(step.channel).address == Address::None {
        return Some(Suppression::NoAddress);
    }
    if condition::is_refused(facts, step.channel) {
        return Some(Suppression::NoConsent);
    }
    if let Some(rule) = condition::unmet(&step.conditions, facts, subject, now) {
        return Some(Suppression::Condition(rule));
    }
    let mut rules = campaign.stop_rules(step);
    rules.find_map(|rule| stopped(rule, facts, log, subject)).map(Suppression::Stopped)
}

/// The state of things, whatever the step asks for.
fn situation(step: &Step, subject: &Subject, facts: &Facts, log: &SentLog) -> Option<Suppression> {
    let suspended = subject.case().is_some_and(|case| case.state == CaseState::Suspended);
    if suspended || subject.standing == Standing::Paused {
        return Some(Suppression::Paused);
    }
    // The merchant's systems are told of everything as it happens.
    if !step.channel.reaches_customer() {
        return None;
    }
    let open = || facts.asking().next().is_some();
    match (step.kind.topic(), &subject.matter) {
        (Topic::Payment, _) if facts.charge_under_way => Some(Suppression::ChargeUnderWay),
        (Topic::Payment, Matter::Case(case)) => {
            let asks_to_confirm = step.kind == NoticeKind::AuthenticationNeeded;
            let wrong = asks_to_confirm && case.remedy != Remedy::Authenticate;
            wrong.then_some(Suppression::Condition(RuleId("campaign.if.remedy")))
        }
        (Topic::Recovered, _) if open() => Some(Suppression::OthersOpen),
        (Topic::Recovered, _) => (!log.told_of(&subject.id)).then_some(Suppression::NothingWasSaid),
        (Topic::Card | Topic::Upcoming, _) if step.duty == Duty::Kind && open() => {
            Some(Suppression::OpenCase)
        }
        (Topic::Price, Matter::Price { consent, .. }) => {
            let asks = step.kind == NoticeKind::PriceConsent;
            let wanted = match consent {
                PriceConsent::Needed => true,
                PriceConsent::NotNeeded | PriceConsent::Given => !asks,
                // The old price stays.
                PriceConsent::Refused => false,
            };
            (!wanted).then_some(Suppression::ConsentAnswered)
        }
        _ => None,
    }
}

fn stopped(rule: &StopRule, facts: &Facts, log: &SentLog, subject: &Subject) -> Option<RuleId> {
    let (holds, name) = match rule {
        StopRule::Reacted { on } => {
            let any: &[Channel] = if on.is_empty() { &Channel::ALL } else { on };
            let since = subject.case().map(|case| case.opened_at);
            let reacted = |channel: &Channel| {
                since.is_some_and(|since| condition::reacted_on(facts, *channel, since))
            };
            (any.iter().any(reacted), "campaign.stop.reacted")
        }
        StopRule::SentMax { max } => {
            let max = usize::try_from(*max).unwrap_or(usize::MAX);
            (log.sent_about(&subject.id) >= max, "campaign.stop.sent_max")
        }
        StopRule::Declined { category } => {
            let last = subject.case().and_then(|case| case.category);
            let declined = last.is_some_and(|last| category.contains(&last));
            (declined, "campaign.stop.declined")
        }
        StopRule::ComplaintOpen => (facts.complaint_open, "campaign.stop.complaint_open"),
        // It delays and does not stop.
        StopRule::AttemptWithin { .. } => (false, "campaign.attempt_first"),
    };
    holds.then_some(RuleId(name))
}

/// Until when a step waits for the outcome of an attempt that is near its time; `None`: it does
/// not.
pub(super) fn waits_for_attempt<'a>(
    mut stop: impl Iterator<Item = &'a StopRule>,
    subject: &Subject,
    at: Timestamp,
) -> Option<Timestamp> {
    let attempt = subject.case()?.next_attempt_at?;
    let known_by = attempt.plus_ms(ATTEMPT_SETTLE_MS);
    let near = |rule: &StopRule| match rule {
        StopRule::AttemptWithin { within } => {
            at < known_by && attempt.since_ms(at) <= within.as_ms()
        }
        _ => false,
    };
    stop.any(near).then_some(known_by)
}
