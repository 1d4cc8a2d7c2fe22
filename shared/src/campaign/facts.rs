//! What a campaign needs to know, and the names of what it speaks of.
//!
//! Nothing here is read from anywhere: [`super::adapter::facts_of`] takes what an account knows and
//! what the caller adds.

use super::kind::NoticeKind;
use super::step::{Anchor, Channel};
use crate::api::status::Remedy;
use crate::calendar::Zone;
use crate::case::CaseState;
use crate::decline::Category;
use crate::id::{ID_BYTES_MAX, InvoiceId};
use crate::money::Money;
use crate::network::Network;
use crate::policy::segment::{Country, Sector};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most subjects of one customer that are planned for; those beyond wait. Above the most open
/// cases (50) with cards, trials and charges beside them.
pub const SUBJECTS_MAX: usize = 200;
/// The longest reason of a price change, in bytes.
pub const REASON_BYTES_MAX: usize = 200;

/// What is known of one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What kind of business it is.
    pub sector: Sector,
    /// Where the customer is.
    pub country: Option<Country>,
    /// The part of the country, where its law differs: `CA` for California.
    pub subdivision: Option<String>,
    /// What the clock on the customer's wall shows; where it is not known, the merchant's.
    pub zone: Zone,
    /// The ways to the customer. One that is missing: only banner and webhook are possible.
    pub channels: Vec<ChannelFacts>,
    /// The customer complained or disputed a charge, and nobody answered yet.
    pub complaint_open: bool,
    /// A charge of ours is under way, or a new card is being set everywhere.
    pub charge_under_way: bool,
    /// What there is to speak of; at most [`SUBJECTS_MAX`] are planned for.
    pub subjects: Vec<Subject>,
}

/// One way to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Which.
    pub channel: Channel,
    /// Whether it leads anywhere.
    pub address: Address,
    /// Whether the customer agreed to it.
    pub consent: Consent,
    /// When the customer last did something because of it: opened, clicked, paid.
    pub reacted_at: Option<Timestamp>,
}

/// Whether a channel leads anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// There is an address, a number, an app.
    Known,
    /// There is none, or what was sent came back.
    None,
}

/// Whether the customer agreed to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody asked.
    NotAsked,
    /// Yes.
    Given,
    /// No, or not any more.
    Refused,
}

/// One thing to speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its name, the same at every look.
    pub id: SubjectId,
    /// The life of the subscription that it belongs to; of all of them for a card.
    pub standing: Standing,
    /// What was, or will be, asked for.
    pub amount: Option<Money>,
    /// The network of the card that pays.
    pub network: Network,
    /// How often the subscription renews, in whole months; `None`: not known or not by months.
    pub interval_months: Option<u32>,
    /// What it is.
    pub matter: Matter,
}

/// Whether a subscription runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Running,
    /// It is paused: nothing is asked for.
    Paused,
    /// It is over, or ends with the period because the customer wants it to.
    Canceled,
}

/// What a subject is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// An invoice that failed.
    Case(CaseFacts),
    /// A card on file that is in use.
    Card {
        /// The last moment at which it is good.
        expires_at: Timestamp,
    },
    /// A card that the bank replaced and that was updated without the customer.
    CardUpdate {
        /// When.
        at: Timestamp,
    },
    /// A charge to come.
    Charge {
        /// When.
        at: Timestamp,
    },
    /// A trial that runs.
    Trial {
        /// Until when.
        ends_at: Timestamp,
        /// How long it is, in milliseconds.
        length_ms: Option<i64>,
    },
    /// A new price.
    Price {
        /// From when it holds.
        effective_at: Timestamp,
        /// Why it changes, in the merchant's words; at most [`REASON_BYTES_MAX`] bytes.
        reason: Option<String>,
        /// Whether the customer has to agree.
        consent: PriceConsent,
    },
}

/// Whether a customer has to agree to a new price. In Korea no answer is a no (E-Commerce Act,
/// 2025-02-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceConsent {
    /// Telling is enough.
    NotNeeded,
    /// Yes, and there is no answer yet.
    Needed,
    /// The customer agreed.
    Given,
    /// The customer refused.
    Refused,
}

/// What a campaign needs to know of a recovery case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// Where it is.
    pub state: CaseState,
    /// When the first failure was seen.
    pub opened_at: Timestamp,
    /// Until when access stays.
    pub grace_ends_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Why the last attempt failed; `None` until it was read.
    pub category: Option<Category>,
    /// What would help.
    pub remedy: Remedy,
    /// Attempts so far, whoever made them.
    pub attempts: u32,
    /// The next automatic attempt, whoever makes it.
    pub next_attempt_at: Option<Timestamp>,
}

impl Facts {
    /// What is known of a channel. The banner and the webhook need no address.
    #[must_use]
    pub fn channel(&self, channel: Channel) -> ChannelFacts {
        let known = self.channels.iter().find(|known| known.channel == channel).copied();
        let address = match channel {
            Channel::InApp | Channel::Webhook => Address::Known,
            Channel::Email | Channel::Sms | Channel::Push => Address::None,
        };
        known.unwrap_or(ChannelFacts {
            channel,
            address,
            consent: Consent::NotAsked,
            reacted_at: None,
        })
    }

    /// The cases for which something is asked of the customer now.
    pub fn asking(&self) -> impl Iterator<Item = &Subject> {
        let asking = |subject: &&Subject| match &subject.matter {
            Matter::Case(case) => {
                !case.state.is_terminal()
                    && case.state != CaseState::Suspended
                    && subject.standing == Standing::Running
            }
            _ => false,
        };
        self.subjects.iter().take(SUBJECTS_MAX).filter(asking)
    }
}

impl Subject {
    /// When the anchor is; `None` where the subject has none such.
    #[must_use]
    pub fn anchor(&self, anchor: Anchor) -> Option<Timestamp> {
        match (&self.matter, anchor) {
            (Matter::Case(case), Anchor::Failure) => Some(case.opened_at),
            (Matter::Case(case), Anchor::GraceEnd) => Some(case.grace_ends_at),
            (Matter::Case(case), Anchor::Recovery) => {
                case.closed_at.filter(|_| case.state == CaseState::Recovered)
            }
            (Matter::Card { expires_at }, Anchor::CardExpiry) => Some(*expires_at),
            (Matter::CardUpdate { at }, Anchor::CardUpdate)
            | (Matter::Charge { at }, Anchor::UpcomingCharge) => Some(*at),
            (Matter::Trial { ends_at, .. }, Anchor::TrialEnd) => Some(*ends_at),
            (Matter::Price { effective_at, .. }, Anchor::PriceChange) => Some(*effective_at),
            _ => None,
        }
    }

    /// Whether the customer still has to agree to a new price.
    #[must_use]
    pub const fn needs_consent(&self) -> bool {
        matches!(self.matter, Matter::Price { consent: PriceConsent::Needed, .. })
    }

    /// The case, if it is one.
    #[must_use]
    pub const fn case(&self) -> Option<&CaseFacts> {
        match &self.matter {
            Matter::Case(case) => Some(case),
            _ => None,
        }
    }
}

/// The name of a subject: the provider's id of it, and a date where the same thing comes again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectId(String);

/// A text is not the name of a subject or of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a subject or a notice")]
pub struct NameError;

impl SubjectId {
    /// Of an invoice.
    #[must_use]
    pub fn of_invoice(invoice: &InvoiceId) -> Self {
        Self(invoice.as_str().to_owned())
    }

    /// Of something that comes again: a renewal, a card that gets a new date.
    #[must_use]
    pub fn dated(id: &str, at: Timestamp) -> Self {
        Self(format!("{id}@{}", at.as_ms()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SubjectId {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@');
        // An id, `@`, and a number with a sign.
        let fits = !text.is_empty() && text.len() <= ID_BYTES_MAX + 21;
        if fits && text.bytes().all(plain) { Ok(Self(text)) } else { Err(NameError) }
    }
}

impl From<SubjectId> for String {
    fn from(id: SubjectId) -> Self {
        id.0
    }
}

/// The name of one notice: what is said, of what, and which step says it. The same facts give the
/// same name at every look, so that nothing is sent twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoticeId {
    /// What is said.
    pub kind: NoticeKind,
    /// Of what.
    pub subject: SubjectId,
    /// The step that says it.
    pub step: String,
}

impl core::fmt::Display for NoticeId {
    /// `payment_failed:in_1:mail_first`.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}:{}", self.kind.as_str(), self.subject.0, self.step)
    }
}

impl TryFrom<String> for NoticeId {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        let mut parts = text.split(':');
        let (Some(kind), Some(subject), Some(step), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NameError);
        };
        let kind = NoticeKind::ALL.into_iter().find(|known| known.as_str() == kind);
        let kind = kind.ok_or(NameError)?;
        let subject = SubjectId::try_from(subject.to_owned())?;
        if !super::step::is_step_name(step) {
            return Err(NameError);
        }
        Ok(Self { kind, subject, step: step.to_owned() })
    }
}

impl From<NoticeId> for String {
    fn from(id: NoticeId) -> Self {
        id.to_string()
    }
}
