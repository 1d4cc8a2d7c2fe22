//! A plan as one plain sentence, for the people who look into a case.

use super::RetryDecision;
use super::rules::{
    ATTEMPTS_MAX, BACKUP_CARD, LADDER_FINISHED, METHOD_CHANGED, METHOD_STOPPED, MIN_SPACING,
    NO_TIME_FITS, PAYDAY, PROVIDER_FINISHED, PROVIDER_NEAR, STOP_AFTER, TIMING_EXPLORED,
    TIMING_HELD_OUT, TIMING_LEARNED, VISA_CATEGORY_1, WINDOW,
};
use crate::calendar::Zone;
use crate::network::{AttemptBy, RuleId};
use core::fmt::Write as _;

impl RetryDecision {
    /// `Tries again on 2026-11-24 at 09:00 with the customer's other card (waits for the next
    /// payday; moved because of the hours and days of the policy); 2 automatic attempts are left,
    /// and visa.reattempts.30d leaves 14 of 20.` Local time of the zone.
    #[must_use]
    pub fn sentence(&self, zone: &Zone) -> String {
        let Some(at) = self.at else {
            let because = self.why.first().map_or("nothing is planned", |rule| words(*rule));
            return format!("Does not try again by itself: {because}.");
        };
        let local = zone.local(at);
        let mut text = format!(
            "{} again on {:04}-{:02}-{:02} at {:02}:{:02}",
            if self.by == AttemptBy::Ours { "Tries" } else { "The provider tries" },
            local.year,
            local.month,
            local.day,
            local.hour,
            local.minute
        );
        if self.by == AttemptBy::Provider {
            text.push('.');
            return text;
        }
        if self.why.contains(&BACKUP_CARD) {
            text.push_str(" with the customer's other card");
        }
        let mut reasons = Vec::new();
        let named = self.why.iter().filter_map(|rule| chosen(*rule));
        reasons.extend(named.map(str::to_owned));
        for rejected in &self.rejected {
            let reason = format!("moved because of {}", words(rejected.rule));
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        if !reasons.is_empty() {
            let _ = write!(text, " ({})", reasons.join("; "));
        }
        let left = match self.rungs_left {
            1 => "this is the last automatic attempt".to_owned(),
            left => format!("{left} automatic attempts are left"),
        };
        let _ = write!(text, "; {left}");
        if let Some(window) = self.budget_left.iter().min_by_key(|window| window.left) {
            let _ = write!(text, ", and {} leaves {} of {}", window.rule, window.left, window.max);
        }
        text.push('.');
        text
    }
}

/// What a rule did that brought the time about.
fn chosen(rule: RuleId) -> Option<&'static str> {
    match rule {
        PAYDAY => Some("waits for the next payday"),
        TIMING_LEARNED => Some("this time has worked better than the schedule's"),
        TIMING_EXPLORED => Some("tries another time, to learn"),
        TIMING_HELD_OUT => Some("keeps to the schedule, for comparison"),
        _ => None,
    }
}

/// What a rule is called by people; a network's rule keeps its name.
fn words(rule: RuleId) -> &'static str {
    match rule {
        LADDER_FINISHED => "every step of the schedule was used",
        ATTEMPTS_MAX => "the invoice saw as many attempts as the policy allows",
        STOP_AFTER => "too much time has passed since the first failure",
        MIN_SPACING => "the least time between two attempts",
        WINDOW => "the hours and days of the policy",
        PROVIDER_NEAR => "an attempt that the provider planned close by",
        METHOD_STOPPED => "the bank's answer forbids it with this card",
        NO_TIME_FITS => "no time satisfies every rule",
        PROVIDER_FINISHED => "the provider has no attempt planned",
        VISA_CATEGORY_1 => "the issuer said that it will never approve this card",
        METHOD_CHANGED => "another card has its turn",
        RuleId(name) => name,
    }
}
