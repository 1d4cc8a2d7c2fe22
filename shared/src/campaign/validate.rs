//! What is wrong with a campaign, by step and key.

use super::condition::{Conditions, StopRule};
use super::kind::NoticeKind;
use super::span::Span;
use super::step::{Content, Step, is_step_name};
use super::{CAPS_MAX, Campaign, Channel, STEPS_MAX};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("campaign {campaign:?}{}, `{key}`: {problem}; allowed: {allowed}", self.in_step())]
pub struct CampaignProblem {
    /// The campaign's name.
    pub campaign: String,
    /// The step's name; `None`: the campaign itself.
    pub step: Option<String>,
    /// The key in the file.
    pub key: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub allowed: String,
}

impl CampaignProblem {
    fn in_step(&self) -> String {
        self.step.as_ref().map_or_else(String::new, |step| format!(", step {step:?}"))
    }
}

struct Problems<'a> {
    campaign: &'a str,
    found: Vec<CampaignProblem>,
}

impl Problems<'_> {
    fn add(&mut self, step: Option<&Step>, key: &'static str, problem: String, allowed: &str) {
        self.found.push(CampaignProblem {
            campaign: self.campaign.to_owned(),
            step: step.map(|step| step.name.clone()),
            key,
            problem,
            allowed: allowed.to_owned(),
        });
    }
}

impl Campaign {
    /// Everything that is wrong with it; empty: it can be used.
    #[must_use]
    pub fn problems(&self) -> Vec<CampaignProblem> {
        let mut problems = Problems { campaign: &self.name, found: Vec::new() };
        if !is_step_name(&self.name) {
            problems.add(None, "name", format!("{:?} is not a name", self.name), NAMES);
        }
        bounds(self, &mut problems);
        if self.steps.len() > STEPS_MAX {
            let count = format!("{} steps", self.steps.len());
            problems.add(None, "steps", count, &format!("at most {STEPS_MAX}"));
        }
        stop_rules(None, &self.stop, &mut problems);
        for (at, step) in self.steps.iter().enumerate() {
            if self.steps.iter().take(at).any(|before| before.name == step.name) {
                let twice = format!("{:?} is there twice", step.name);
                problems.add(Some(step), "name", twice, "each name once in a campaign");
            }
            of_step(step, &mut problems);
        }
        problems.found
    }
}

const NAMES: &str = "1 to 40 lower-case letters, digits and _";

fn bounds(campaign: &Campaign, problems: &mut Problems<'_>) {
    if campaign.caps.len() > CAPS_MAX {
        let count = format!("{} caps", campaign.caps.len());
        problems.add(None, "caps", count, &format!("at most {CAPS_MAX}"));
    }
    for cap in &campaign.caps {
        if cap.max == 0 || cap.window <= Span::ZERO {
            let cap = format!("at most {} in {}", cap.max, cap.window);
            problems.add(None, "caps", cap, "at least 1, in a window longer than nothing");
        }
        if cap.channels.contains(&Channel::Webhook) {
            let why = "the webhook reaches no customer".to_owned();
            problems.add(None, "caps", why, "in_app, email, sms, push");
        }
    }
    if let Err(error) = campaign.quiet.loud() {
        let allowed = "hours from 0 to 24, at least one day of the week that is not quiet";
        problems.add(None, "quiet", error.to_string(), allowed);
    }
    if campaign.coalesce < Span::ZERO || campaign.coalesce > Span::days(7) {
        let span = campaign.coalesce.to_string();
        problems.add(None, "coalesce", span, "\"0 days\" to \"7 days\"");
    }
}

fn of_step(step: &Step, problems: &mut Problems<'_>) {
    if !is_step_name(&step.name) {
        problems.add(Some(step), "name", format!("{:?} is not a name", step.name), NAMES);
    }
    let anchors = step.kind.anchors();
    if !anchors.contains(&step.anchor) {
        let words: Vec<&str> = anchors.iter().map(|anchor| anchor.as_str()).collect();
        let problem = format!("{} has no {}", step.kind.as_str(), step.anchor.as_str());
        problems.add(Some(step), "anchor", problem, &words.join(", "));
    }
    times(step, problems);
    if step.content == Content::WithOffer && step.channel != Channel::InApp {
        let problem = format!("an offer by {}", step.channel.as_str());
        let allowed = "service; with_offer only with channel in_app (CAN-SPAM, 16 CFR 316.3)";
        problems.add(Some(step), "content", problem, allowed);
    }
    conditions(step, &step.conditions, problems);
    stop_rules(Some(step), &step.stop, problems);
}

fn times(step: &Step, problems: &mut Problems<'_>) {
    use NoticeKind as K;
    let before = step.offset < Span::ZERO;
    let (fits, allowed) = match step.kind {
        K::AccessRestricted | K::Recovered | K::CardUpdated => {
            (!before, "\"0 days\" or later: it says what has happened")
        }
        K::GraceEnding | K::CardExpiring | K::UpcomingCharge | K::TrialEnding | K::PriceConsent => {
            (before, "a negative span: it says what is going to happen")
        }
        K::PriceChange => (before, "a negative span: a price is not changed behind one's back"),
        K::PaymentFailed | K::PaymentReminder | K::AuthenticationNeeded => {
            let after_failure = step.anchor == super::Anchor::Failure;
            (!(before && after_failure), "\"0 days\" or later after a failure")
        }
    };
    if !fits {
        problems.add(Some(step), "offset", step.offset.to_string(), allowed);
    }
    if let Some(late) = step.late.filter(|late| *late < Span::ZERO) {
        problems.add(Some(step), "late", late.to_string(), "\"0 days\" to \"366 days\"");
    }
    // A notice of what is to come must not be sent after it came.
    let beyond = step.late.is_some_and(|l| step.offset.as_ms().saturating_add(l.as_ms()) > 0);
    if before && beyond {
        let late = step.late.unwrap_or_default().to_string();
        problems.add(Some(step), "late", late, "no longer than the time until the anchor");
    }
}

fn conditions(step: &Step, found: &Conditions, problems: &mut Problems<'_>) {
    if found.attempts_min > found.attempts_max && found.attempts_max.is_some() {
        let none = "no number is at least the one and at most the other".to_owned();
        problems.add(Some(step), "if.attempts_min", none, "at most if.attempts_max");
    }
    for range in &found.amount {
        if range.below_minor.is_some_and(|below| below <= range.from_minor) {
            let none =
                format!("nothing is in {} from {}", range.currency.as_str(), range.from_minor);
            problems.add(Some(step), "if.amount", none, "below_minor above from_minor");
        }
    }
    if found.reacted_within.is_some_and(|within| within <= Span::ZERO) {
        let within = found.reacted_within.unwrap_or_default().to_string();
        problems.add(Some(step), "if.reacted_within", within, "longer than nothing");
    }
    let both = found.reacted_on.iter().any(|on| found.not_reacted_on.contains(on));
    if both && found.reacted_on.len() == 1 {
        let problem = "a reaction is both wanted and not wanted".to_owned();
        problems.add(Some(step), "if.not_reacted_on", problem, "channels not in if.reacted_on");
    }
}

fn stop_rules(step: Option<&Step>, rules: &[StopRule], problems: &mut Problems<'_>) {
    for rule in rules {
        match rule {
            StopRule::SentMax { max: 0 } => {
                problems.add(step, "stop.max", "0".to_owned(), "at least 1");
            }
            StopRule::Declined { category } if category.is_empty() => {
                let empty = "no category".to_owned();
                problems.add(step, "stop.category", empty, "at least one category of declines");
            }
            StopRule::AttemptWithin { within }
                if *within <= Span::ZERO || *within > Span::days(7) =>
            {
                let within = within.to_string();
                problems.add(step, "stop.within", within, "up to \"7 days\"");
            }
            _ => {}
        }
    }
}
