//! Rules by their names, as they stand in decisions, logs and reports: `visa.reattempts.30d`.

use super::limits::LIMITS;
use crate::decline::advice;
use crate::retry::rules;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

/// A rule by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(pub &'static str);

impl RuleId {
    /// A rule that an older program stored and that this one does not have any more.
    pub const RETIRED: Self = Self("retired");

    /// The rule of this name; [`Self::RETIRED`] when no table has it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut all = rules::ALL.iter().copied().chain(LIMITS.iter().map(|limit| limit.rule));
        let found =
            all.find(|rule| rule.0 == name).or_else(|| advice::rules().find(|rule| rule.0 == name));
        found.unwrap_or(Self::RETIRED)
    }
}

impl core::fmt::Display for RuleId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

/// Stored decisions name rules; the names of today are found again, others are
/// [`RuleId::RETIRED`].
impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|name| Self::named(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_name() {
        let limits = LIMITS.iter().map(|limit| limit.rule);
        for rule in rules::ALL.iter().copied().chain(limits).chain(advice::rules()) {
            assert_eq!(RuleId::named(rule.0), rule);
        }
        assert_eq!(RuleId::named("of.tomorrow"), RuleId::RETIRED);
    }
}
