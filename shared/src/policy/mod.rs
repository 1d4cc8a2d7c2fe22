//! What a merchant may decide, as a value that every decision can rely on.
//!
//! A policy is written as `policy.toml`, read as [`file::PolicyFile`], checked by
//! [`file::PolicyFile::validate`] and from then on has no holes: every segment has every setting.
//! The networks' limits are not in it. They are data of [`crate::network`] and bind every policy.

mod default;
pub mod duration;
pub mod file;
mod problem;
pub mod segment;
pub mod settings;
mod validate;

pub use problem::{PROBLEMS_MAX, PolicyProblem};
pub use segment::{Conditions, Segment, SegmentFacts};
pub use settings::{Acquirer, Settings};

use crate::cancel::CancelSettings;
use crate::timing::TimingModel;
use std::sync::Arc;

/// The largest policy file that a person writes, in bytes. Whoever reads one checks it before
/// parsing.
pub const POLICY_FILE_BYTES_MAX: usize = 64 * 1024;
/// The largest policy as the build writes it, in bytes: nothing is left out there, and every
/// campaign in use stands in it.
pub const POLICY_JSON_BYTES_MAX: usize = 1024 * 1024;
/// The most segments of a policy, the catch-all included.
pub const SEGMENTS_MAX: usize = 50;
/// The most automatic attempts of one ladder: what Visa allows on a card in 30 days
/// (<https://developers.tabapay.com/docs/excessive-retry-rules>, read 2026-11).
pub const RUNGS_MAX: usize = 20;
/// The most acquirers with numbers of their own.
pub const ACQUIRERS_MAX: usize = 20;
/// The most campaigns of a merchant's own.
pub const CAMPAIGNS_MAX: usize = 20;
/// The most offers to customers who leave.
pub const OFFERS_MAX: usize = 50;
/// The longest name of a segment or an acquirer, in bytes.
pub const NAME_BYTES_MAX: usize = 40;
/// The most earlier versions kept for cases that started with them. A case lives for months at the
/// most; a merchant who changes the policy every week is served for a year.
pub const OLDER_VERSIONS_MAX: usize = 52;

/// Who tries a failed payment again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDriver {
    /// The provider's own schedule. We charge only when the customer acts.
    Provider,
    /// Our ladder. The provider's retries are switched off.
    Ours,
}

/// Whether and how the learned model may choose times within the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedTiming {
    /// Whether it chooses at all.
    pub enabled: bool,
    /// Customers who keep the fixed ladder, so that the difference can be measured; of 1,000.
    pub hold_out_permille: u32,
    /// Choices made at random, so that the model keeps learning; of 1,000.
    pub explore_permille: u32,
}

/// The numbers behind every decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    version: u32,
    retry_driver: RetryDriver,
    learned_timing: LearnedTiming,
    /// Asked in this order; none of them is the catch-all.
    special: Vec<Segment>,
    /// The settings of everybody else.
    catch_all: Segment,
    /// What happens when somebody leaves.
    cancel: CancelSettings,
    /// Older policies, for the cases that started with them; they have no older ones themselves.
    older: Vec<Policy>,
    /// What the model of timing has learned so far.
    timing: Option<Arc<TimingModel>>,
}

/// Older policies cannot be put beside this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// An older policy has the version of another one, or a later one than the policy of today.
    #[error("the policy's version {version} is not older than today's, or is there twice")]
    Version {
        /// The version in question.
        version: u32,
    },
    /// More than [`OLDER_VERSIONS_MAX`].
    #[error("more than {OLDER_VERSIONS_MAX} older versions of the policy")]
    TooMany,
}

impl Policy {
    /// The same settings for everybody, taken as they are: for simulations and tests. What a
    /// merchant wrote comes in by [`file::PolicyFile::validate`].
    #[must_use]
    pub fn uniform(retry_driver: RetryDriver, settings: Settings) -> Self {
        let conditions = Conditions::default();
        let catch_all = Segment { name: default::CATCH_ALL.to_owned(), conditions, settings };
        Self { retry_driver, special: Vec::new(), catch_all, ..Self::default() }
    }

    /// The same policy under another driver; the older versions follow.
    #[must_use]
    pub fn driven_by(mut self, retry_driver: RetryDriver) -> Self {
        self.retry_driver = retry_driver;
        for older in &mut self.older {
            older.retry_driver = retry_driver;
        }
        self
    }

    /// The same policy with those that were in force before, so that a case can keep the version
    /// that it started with.
    ///
    /// Their driver becomes the one of today: it says who really charges, and two engines on one
    /// invoice would charge twice.
    pub fn with_older(self, older: Vec<Self>) -> Result<Self, HistoryError> {
        if older.len() > OLDER_VERSIONS_MAX {
            return Err(HistoryError::TooMany);
        }
        let mut versions: Vec<u32> = older.iter().map(|policy| policy.version).collect();
        versions.push(self.version);
        versions.sort_unstable();
        for (at, version) in versions.iter().copied().enumerate() {
            if version > self.version || versions.get(at + 1) == Some(&version) {
                return Err(HistoryError::Version { version });
            }
        }
        let alone = |policy: Self| Self { older: Vec::new(), ..policy };
        let retry_driver = self.retry_driver;
        let older = older.into_iter().map(alone).collect();
        Ok(Self { older, ..self }.driven_by(retry_driver))
    }

    /// The same policy, knowing what was learned of times until now.
    #[must_use]
    pub fn informed_by(mut self, timing: Arc<TimingModel>) -> Self {
        self.timing = Some(timing);
        self
    }

    /// The same policy with these settings of learned timing, taken as they are, like
    /// [`Self::uniform`].
    #[must_use]
    pub const fn timed(mut self, learned_timing: LearnedTiming) -> Self {
        self.learned_timing = learned_timing;
        self
    }

    /// The same policy with these settings of leaving, taken as they are, like [`Self::uniform`].
    #[must_use]
    pub fn letting_go(mut self, cancel: CancelSettings) -> Self {
        self.cancel = cancel;
        self
    }

    /// What happens when somebody leaves.
    #[must_use]
    pub const fn cancel(&self) -> &CancelSettings {
        &self.cancel
    }

    /// What was learned of times; `None`: nothing yet.
    #[must_use]
    pub fn timing(&self) -> Option<&TimingModel> {
        self.timing.as_deref()
    }

    /// The policy as it was in that version; the one of today when the version is not known.
    #[must_use]
    pub fn at_version(&self, version: u32) -> &Self {
        self.older.iter().find(|older| older.version == version).unwrap_or(self)
    }

    /// The merchant's number of this policy, counted up with each change.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Who tries again.
    #[must_use]
    pub const fn retry_driver(&self) -> RetryDriver {
        self.retry_driver
    }

    /// Whether and how the learned model chooses.
    #[must_use]
    pub const fn learned_timing(&self) -> LearnedTiming {
        self.learned_timing
    }

    /// Every segment in the order in which they are asked; the last is the catch-all.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.special.iter().chain([&self.catch_all])
    }

    /// The first segment whose conditions hold. What is not known fulfils no condition.
    #[must_use]
    pub fn segment(&self, facts: &SegmentFacts) -> &Segment {
        let found = self.special.iter().find(|segment| segment.conditions.hold(facts));
        found.unwrap_or(&self.catch_all)
    }

    /// The segment of this name, for a case that remembers where it belongs; else the catch-all.
    #[must_use]
    pub fn segment_named(&self, name: &str) -> &Segment {
        self.special.iter().find(|segment| segment.name == name).unwrap_or(&self.catch_all)
    }

    /// The settings of the catch-all, for whatever no segment speaks of.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.catch_all.settings
    }
}
