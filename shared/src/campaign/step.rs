//! One notice of a campaign, as data: what, on which channel, when, and under which conditions.

use super::condition::{Conditions, StopRule};
use super::kind::NoticeKind;
use super::span::Span;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest name of a step, in bytes.
pub const STEP_NAME_BYTES_MAX: usize = 40;

/// The way to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The banner inside the merchant's product. Waits until the customer comes.
    InApp,
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// A push message of the merchant's app.
    Push,
    /// A signed message to the merchant's own systems; no customer sees it.
    Webhook,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 5] = [Self::InApp, Self::Email, Self::Sms, Self::Push, Self::Webhook];

    /// Its word in policies, ids and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Webhook => "webhook",
        }
    }

    /// Whether a person reads it.
    #[must_use]
    pub const fn reaches_customer(self) -> bool {
        !matches!(self, Self::Webhook)
    }

    /// Whether it may wake somebody up.
    #[must_use]
    pub const fn rings(self) -> bool {
        matches!(self, Self::Email | Self::Sms | Self::Push)
    }

    /// Whether a rule that demands a written notice accepts it: Mastercard asks for "e-mail or any
    /// other electronic method" (source at [`super::rules::NOTICE_RULES`]); a banner that nobody
    /// sees and a push that is wiped away are not counted on.
    #[must_use]
    pub const fn is_written_notice(self) -> bool {
        matches!(self, Self::Email | Self::Sms)
    }

    /// Whether the customer must have agreed to it beforehand. Text messages: US TCPA, and the
    /// consent rules of other places (RULES §3, unconfirmed); push: the operating systems ask.
    #[must_use]
    pub const fn needs_consent(self) -> bool {
        matches!(self, Self::Sms | Self::Push)
    }
}

/// The moment from which a step counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The first failure of the invoice.
    Failure,
    /// The end of its grace period.
    GraceEnd,
    /// The last moment at which the card is good.
    CardExpiry,
    /// The next charge.
    UpcomingCharge,
    /// The end of the trial.
    TrialEnd,
    /// The day from which the new price holds.
    PriceChange,
    /// The invoice was paid.
    Recovery,
    /// The card was replaced without the customer.
    CardUpdate,
}

impl Anchor {
    /// Its word in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::GraceEnd => "grace_end",
            Self::CardExpiry => "card_expiry",
            Self::UpcomingCharge => "upcoming_charge",
            Self::TrialEnd => "trial_end",
            Self::PriceChange => "price_change",
            Self::Recovery => "recovery",
            Self::CardUpdate => "card_update",
        }
    }
}

/// What a notice may carry beside its service text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// What the customer needs to know, nothing else.
    #[default]
    Service,
    /// Also an offer. Allowed inside the product only: an e-mail with an offer in it may become
    /// commercial mail as a whole (16 CFR 316.3, CAN-SPAM).
    WithOffer,
}

/// Whether a notice may be given up for the customer's peace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// It may.
    #[default]
    Kind,
    /// A network or a law asks for it: frequency caps count it, but do not hold it back.
    Required,
}

/// One notice of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Unique in the campaign, at most [`STEP_NAME_BYTES_MAX`] bytes of lower-case letters, digits
    /// and `_`. Part of what makes a notice that was sent recognisable: a step that is renamed is a
    /// new step and is sent again.
    pub name: String,
    /// What it says.
    pub kind: NoticeKind,
    /// On which channel.
    pub channel: Channel,
    /// From when it counts.
    pub anchor: Anchor,
    /// How long after the anchor; negative: before it.
    #[serde(default)]
    pub offset: Span,
    /// For how long after its time it still makes sense, should it be late. `None`: until the
    /// anchor if it comes before it, else [`LATE_DEFAULT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Span>,
    /// Whether a rule asks for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub duty: Duty,
    /// What it may carry.
    #[serde(default, skip_serializing_if = "is_default")]
    pub content: Content,
    /// All of them must hold when its time has come.
    #[serde(default, rename = "if", skip_serializing_if = "is_default")]
    pub conditions: Conditions,
    /// Any of them stops it, together with those of the campaign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<StopRule>,
}

/// For how long a step after its anchor still makes sense unless it says so itself.
pub const LATE_DEFAULT: Span = Span::days(3);

impl Step {
    /// A step without conditions.
    #[must_use]
    pub fn new(name: &str, kind: NoticeKind, channel: Channel, anchor: Anchor) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            channel,
            anchor,
            offset: Span::ZERO,
            late: None,
            duty: Duty::Kind,
            content: Content::Service,
            conditions: Conditions::default(),
            stop: Vec::new(),
        }
    }

    /// The step at another time.
    #[must_use]
    pub fn at(self, offset: Span) -> Self {
        Self { offset, ..self }
    }

    /// The step with another lateness.
    #[must_use]
    pub fn late_by(self, late: Span) -> Self {
        Self { late: Some(late), ..self }
    }

    /// The step as one that a rule asks for.
    #[must_use]
    pub fn required(self) -> Self {
        Self { duty: Duty::Required, ..self }
    }

    /// The step under conditions.
    #[must_use]
    pub fn only_if(self, conditions: Conditions) -> Self {
        Self { conditions, ..self }
    }

    /// The step with a stop rule.
    #[must_use]
    pub fn unless(mut self, rule: StopRule) -> Self {
        self.stop.push(rule);
        self
    }

    /// Its time, and the last moment at which it still makes sense.
    #[must_use]
    pub fn window(&self, anchor: Timestamp) -> (Timestamp, Timestamp) {
        let at = anchor.plus_ms(self.offset.as_ms());
        let until = match self.late {
            Some(late) => at.plus_ms(late.as_ms().max(0)),
            None if self.offset < Span::ZERO => anchor,
            None => at.plus_ms(LATE_DEFAULT.as_ms()),
        };
        (at, until)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Whether a text may be the name of a step or of a campaign.
pub(super) fn is_step_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !text.is_empty() && text.len() <= STEP_NAME_BYTES_MAX && text.bytes().all(plain)
}
