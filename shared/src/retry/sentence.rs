//! A plan as one plain sentence, for the people who look into a case.

use super::plan::{
    ATTEMPTS_MAX, BACKUP_CARD, LADDER_FINISHED, METHOD_STOPPED, MIN_SPACING, NO_TIME_FITS, PAYDAY,
    PROVIDER_NEAR, PlannedRetry, STOP_AFTER, WINDOW,
};
use crate::calendar::Zone;
use crate::network::RuleId;
use core::fmt::Write as _;

impl PlannedRetry {
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
            "Tries again on {:04}-{:02}-{:02} at {:02}:{:02}",
            local.year, local.month, local.day, local.hour, local.minute
        );
        if self.why.contains(&BACKUP_CARD) {
            text.push_str(" with the customer's other card");
        }
        let mut reasons = Vec::new();
        if self.why.contains(&PAYDAY) {
            reasons.push("waits for the next payday".to_owned());
        }
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
        RuleId(name) => name,
    }
}
