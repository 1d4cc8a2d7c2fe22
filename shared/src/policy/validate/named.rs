//! What segments refer to by name: acquirers and campaigns.

use crate::campaign::{self, Campaign, CampaignProblem};
use crate::network::{LIMITS, LimitOverride};
use crate::policy::file::{AcquirerFile, PolicyFile, SegmentFile};
use crate::policy::problem::{Problems, choice, quoted};
use crate::policy::settings::Acquirer;
use crate::policy::{ACQUIRERS_MAX, CAMPAIGNS_MAX};
use std::sync::Arc;

/// Everything that has a name in the file, and the built-in campaigns.
pub(super) struct Named {
    acquirers: Vec<Acquirer>,
    /// The merchant's own first.
    campaigns: Vec<Arc<Campaign>>,
}

impl Named {
    pub(super) fn read(problems: &mut Problems, file: &PolicyFile) -> Self {
        let acquirers = acquirers(problems, &file.acquirers);
        let campaigns = campaigns(problems, &file.campaigns);
        unused(problems, file);
        Self { acquirers, campaigns }
    }

    /// The acquirer of this name; `None` also when there is no name.
    pub(super) fn acquirer(
        &self,
        problems: &mut Problems,
        key: &str,
        name: Option<&str>,
    ) -> Option<Acquirer> {
        let name = name?;
        let found = self.acquirers.iter().find(|acquirer| acquirer.name == name);
        if found.is_none() {
            let problem = format!("there is no acquirer {}", quoted(name));
            let known = choice(self.acquirers.iter().map(|acquirer| acquirer.name.as_str()));
            problems.add(key, problem, known);
        }
        found.cloned()
    }

    /// The campaign of this name; `None` also when there is no name.
    pub(super) fn campaign(
        &self,
        problems: &mut Problems,
        key: &str,
        name: Option<&str>,
    ) -> Option<Arc<Campaign>> {
        let name = name?;
        let found = self.campaigns.iter().find(|campaign| campaign.name == name);
        if found.is_none() {
            let problem = format!("there is no campaign {}", quoted(name));
            let known = choice(self.campaigns.iter().map(|campaign| campaign.name.as_str()));
            problems.add(key, problem, known);
        }
        found.cloned()
    }
}

fn campaigns(problems: &mut Problems, own: &[Campaign]) -> Vec<Arc<Campaign>> {
    let mut known: Vec<Arc<Campaign>> = Vec::new();
    if !problems.too_many("campaigns", own.len(), CAMPAIGNS_MAX) {
        for (at, campaign) in own.iter().enumerate() {
            let key = format!("campaigns[{at}]");
            for problem in campaign.problems() {
                let place = place(&key, campaign, &problem);
                problems.add(place, problem.problem, format!("allowed: {}", problem.allowed));
            }
            if known.iter().any(|before| before.name == campaign.name) {
                let problem = format!("{} is there twice", quoted(&campaign.name));
                problems.add(format!("{key}.name"), problem, "write another name");
            }
            known.push(Arc::new(campaign.clone()));
        }
    }
    for campaign in campaign::built_in() {
        if known.iter().all(|own| own.name != campaign.name) {
            known.push(Arc::new(campaign));
        }
    }
    known
}

/// Of two steps with one name the later is meant: the earlier had it first.
fn place(key: &str, campaign: &Campaign, problem: &CampaignProblem) -> String {
    let step = problem.step.as_ref();
    let at = step.and_then(|name| campaign.steps.iter().rposition(|step| step.name == *name));
    match at {
        Some(at) => format!("{key}.steps[{at}].{}", problem.key),
        None => format!("{key}.{}", problem.key),
    }
}

fn acquirers(problems: &mut Problems, files: &[AcquirerFile]) -> Vec<Acquirer> {
    if problems.too_many("acquirers", files.len(), ACQUIRERS_MAX) {
        return Vec::new();
    }
    let mut known: Vec<Acquirer> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let key = format!("acquirers[{at}].name");
        let Some(name) = problems.name(&key, file.name.as_deref()) else { continue };
        if known.iter().any(|acquirer| acquirer.name == name) {
            problems.add(key, format!("{} is there twice", quoted(&name)), "write another name");
            continue;
        }
        known.push(Acquirer { name, limits: limits(problems, at, file) });
    }
    known
}

/// An acquirer can be stricter than the networks, never more generous.
fn limits(problems: &mut Problems, acquirer: usize, file: &AcquirerFile) -> Vec<LimitOverride> {
    let mut limits: Vec<LimitOverride> = Vec::new();
    let key = format!("acquirers[{acquirer}].limits");
    if problems.too_many(&key, file.limits.len(), LIMITS.len()) {
        return limits;
    }
    for (at, limit) in file.limits.iter().enumerate() {
        let key = format!("{key}[{at}]");
        problems.required(&format!("{key}.rule"), limit.rule.is_some(), "name a rule");
        let Some(rule) = limit.rule.as_deref() else { continue };
        // The newest row of a rule is the last.
        let Some(row) = LIMITS.iter().rev().find(|row| row.rule.0 == rule) else {
            let mut rules: Vec<&str> = LIMITS.iter().map(|row| row.rule.0).collect();
            rules.dedup();
            let problem = format!("{} is no rule of a network", quoted(rule));
            problems.add(format!("{key}.rule"), problem, choice(rules));
            continue;
        };
        if limits.iter().any(|known| known.rule == rule) {
            let problem = format!("{} is there twice", quoted(rule));
            problems.add(format!("{key}.rule"), problem, "leave one of them out");
        }
        let max_key = format!("{key}.declines_max");
        problems.required(&max_key, limit.declines_max.is_some(), "write a number");
        let range = 1..=row.declines_max;
        let declines_max = problems.whole(&max_key, limit.declines_max, range, row.declines_max);
        limits.push(LimitOverride { rule: rule.to_owned(), declines_max });
    }
    limits
}

/// What no segment names does nothing, which nobody means.
fn unused(problems: &mut Problems, file: &PolicyFile) {
    for (at, acquirer) in file.acquirers.iter().enumerate() {
        let named = |segment: &SegmentFile| segment.acquirer == acquirer.name;
        if acquirer.name.is_some() && !file.segments.iter().any(named) {
            let allowed = "write acquirer = \"…\" in a segment, or leave it out";
            problems.add(format!("acquirers[{at}].name"), "no segment names it", allowed);
        }
    }
    for (at, campaign) in file.campaigns.iter().enumerate() {
        let named = |segment: &SegmentFile| segment.campaign.as_ref() == Some(&campaign.name);
        if !file.segments.iter().any(named) {
            let allowed = "write campaign = \"…\" in a segment, or leave it out";
            problems.add(format!("campaigns[{at}].name"), "no segment names it", allowed);
        }
    }
}
