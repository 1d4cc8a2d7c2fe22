//! What to tell a customer when, and on which channel: campaigns as data.
//!
//! A [`Campaign`] is a list of [`Step`]s, each with an anchor ("the first failure", "the card
//! expires"), conditions and stop rules, beside frequency caps and quiet hours for all of them.
//! [`plan`] holds it against [`Facts`] and the [`SentLog`] and says of every step whether it is
//! due, ahead, sent, part of another notice, or suppressed, and why. It decides *what is sent
//! when*; it sends nothing.
//!
//! Rules that no campaign can switch off:
//! - nothing about an invoice that was paid or closed, except one thank-you to a customer who was
//!   told of the failure, and only when nothing else is open;
//! - nothing to a customer who cancelled, nothing to one who paused;
//! - no offer in a message about a payment ([`Content`]);
//! - nothing on a channel without consent where consent is needed, nothing that rings in quiet
//!   hours;
//! - what was sent is not sent again: [`NoticeId`] is the same at every look.

mod adapter;
mod caps;
mod condition;
mod defaults;
mod facts;
mod kind;
mod log;
mod place;
mod plan;
mod quiet;
pub mod rules;
mod span;
mod step;
mod suppression;
mod validate;
mod words;

pub use adapter::{Beside, Coming, facts_of};
pub use caps::{CAPS_MAX, Cap};
pub use condition::{AmountRange, Conditions, REACTED_WITHIN_DEFAULT, StopRule};
pub use defaults::{built_in, business, game, named, standard};
pub use facts::{
    Address, CaseFacts, ChannelFacts, Consent, Facts, Matter, NameError, NoticeId, PriceConsent,
    REASON_BYTES_MAX, SUBJECTS_MAX, Standing, Subject, SubjectId,
};
pub use kind::{NoticeKind, Topic};
pub use log::{LOG_ENTRIES_MAX, LOG_KEPT_MS, LogEntry, Logged, SentLog};
pub use plan::{MergeKey, NoticeDecision, STEPS_MAX, Verdict, due, next_due, plan};
pub use quiet::QuietHours;
pub use span::{SPAN_MAX_MS, Span, SpanError};
pub use step::{Anchor, Channel, Content, Duty, LATE_DEFAULT, STEP_NAME_BYTES_MAX, Step};
pub use suppression::{ATTEMPT_SETTLE_MS, Suppression};
pub use validate::CampaignProblem;

use crate::policy::segment::Sector;
use serde::{Deserialize, Serialize};

/// Ordered notices and the bounds that hold for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Its name; segments refer to it. Same form as a step's.
    pub name: String,
    /// The tone of its texts: to companies, to people, to players. Never a collector's.
    #[serde(with = "words::one")]
    pub tone: Sector,
    /// How far apart the notices of several open invoices may lie to become one.
    pub coalesce: Span,
    /// Over all channels or some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<Cap>,
    /// When nothing rings.
    #[serde(default)]
    pub quiet: QuietHours,
    /// They stop every step that no network or law asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<StopRule>,
    /// The notices.
    pub steps: Vec<Step>,
}

impl Campaign {
    /// What stops a step: its own rules, and those of the campaign unless the step is required.
    fn stop_rules<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a StopRule> {
        let of_all: &[StopRule] = if step.duty == Duty::Required { &[] } else { &self.stop };
        of_all.iter().chain(&step.stop)
    }
}
