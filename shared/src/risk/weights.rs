//! What weighs how much, as one table.
//!
//! The order of magnitude follows what is published (RULES §5; all of it vendors' figures):
//! payments that fail cause 20–40 % of all churn, expired cards about 30 % and missing money about
//! 25 % of the failures, and of those who try to cancel most leave in the end. The numbers
//! themselves are ours.

use super::RiskFacts;

/// One thing that the score looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// The payer told the bank to stop the payments.
    Revoked,
    /// Days that an invoice has been open.
    OpenDays,
    /// Attempts on an open invoice.
    OpenAttempts,
    /// An open invoice waits for the customer.
    NeedsCustomer,
    /// Times that the customer began to cancel.
    CancelAttempts,
    /// By how many percent the use declined.
    UsageDecline,
    /// Nobody used the product for 28 days.
    Unused,
    /// Invoices that failed within a year.
    FailedInvoices,
    /// Days until the card expires.
    CardExpiry,
    /// The card is prepaid.
    PrepaidCard,
    /// Moves to a smaller plan.
    Downgrades,
    /// Pauses.
    Pauses,
    /// A complaint is open.
    Complaint,
    /// Days until a renewal of six months or more.
    LongRenewal,
    /// Days since the first payment, when they are few.
    NewCustomer,
    /// Days since the first payment, when they are many.
    LongCustomer,
    /// There is a second card.
    BackupCard,
}

/// Points by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What is looked at.
    pub factor: Factor,
    /// How the steps are read.
    pub when: When,
    /// (value, points), the first that holds counts.
    pub steps: &'static [(u32, i32)],
    /// Why it is in the table.
    pub why: &'static str,
}

/// How a step is held against the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The value is at least the step's.
    AtLeast,
    /// The value is at most the step's.
    AtMost,
}

impl Weight {
    /// The points for a value.
    #[must_use]
    pub fn points(&self, value: u32) -> i32 {
        let holds = |step: &&(u32, i32)| match self.when {
            When::AtLeast => value >= step.0,
            When::AtMost => value <= step.0,
        };
        self.steps.iter().find(holds).map_or(0, |(_, points)| *points)
    }
}

const fn at_least(factor: Factor, steps: &'static [(u32, i32)], why: &'static str) -> Weight {
    Weight { factor, when: When::AtLeast, steps, why }
}

const fn at_most(factor: Factor, steps: &'static [(u32, i32)], why: &'static str) -> Weight {
    Weight { factor, when: When::AtMost, steps, why }
}

/// The table. Yes-or-no factors have the value 1 or 0.
pub const WEIGHTS: &[Weight] = &[
    at_least(Factor::Revoked, &[(1, 350)], "the payer already said no, to the bank"),
    at_least(
        Factor::OpenDays,
        &[(21, 300), (14, 240), (7, 160), (3, 90), (1, 50)],
        "the longer an invoice stays open, the fewer are still paid",
    ),
    at_least(
        Factor::OpenAttempts,
        &[(8, 120), (4, 80), (2, 40), (1, 20)],
        "each attempt in vain says that time alone does not help",
    ),
    at_least(Factor::NeedsCustomer, &[(1, 90)], "nothing happens until the customer acts"),
    at_least(
        Factor::CancelAttempts,
        &[(3, 260), (2, 200), (1, 140)],
        "whoever was at the door knows where it is",
    ),
    at_least(
        Factor::UsageDecline,
        &[(80, 220), (50, 140), (25, 60)],
        "what is used less is missed less",
    ),
    at_least(Factor::Unused, &[(1, 120)], "nobody came for four weeks"),
    at_least(
        Factor::FailedInvoices,
        &[(4, 140), (2, 90), (1, 50)],
        "what failed before fails again",
    ),
    at_most(
        Factor::CardExpiry,
        &[(0, 150), (7, 110), (30, 70), (60, 30)],
        "expired cards are about 30 % of all failures (retryhero.com, a weak source)",
    ),
    at_least(Factor::PrepaidCard, &[(1, 90)], "a prepaid card runs dry and is thrown away"),
    at_least(Factor::Downgrades, &[(2, 120), (1, 80)], "a smaller plan is half a step out"),
    at_least(
        Factor::Pauses,
        &[(2, 90), (1, 50)],
        "60–80 % come back from a pause (vendors' figure), so 20–40 % do not",
    ),
    at_least(Factor::Complaint, &[(1, 100)], "something is wrong that is not about money"),
    at_most(
        Factor::LongRenewal,
        &[(14, 80), (30, 60), (60, 30)],
        "a large sum after a long silence is when people ask whether they need it",
    ),
    at_most(Factor::NewCustomer, &[(30, 80), (90, 50), (180, 20)], "most who leave leave early"),
    at_least(Factor::LongCustomer, &[(1_095, -80), (730, -60), (365, -30)], "habit"),
    at_least(Factor::BackupCard, &[(1, -60)], "a second card pays when the first does not"),
];

impl Factor {
    /// What is found, in the factor's unit; `None`: not known.
    #[must_use]
    pub fn value(self, facts: &RiskFacts) -> Option<u32> {
        match self {
            Self::Revoked => facts.revoked.map(u32::from),
            Self::OpenDays => facts.open_days,
            Self::OpenAttempts => facts.open_attempts,
            Self::NeedsCustomer => facts.needs_customer.map(u32::from),
            Self::CancelAttempts => facts.cancel_attempts,
            Self::UsageDecline => facts.usage.map(super::Usage::decline_percent),
            Self::Unused => facts.usage.map(|usage| u32::from(usage.sessions == 0)),
            Self::FailedInvoices => facts.failed_invoices,
            Self::CardExpiry => facts.card_expires_in_days,
            Self::PrepaidCard => facts.prepaid.map(u32::from),
            Self::Downgrades => facts.downgrades,
            Self::Pauses => facts.pauses,
            Self::Complaint => facts.complaint_open.map(u32::from),
            Self::LongRenewal => facts.long_renewal_in_days,
            Self::NewCustomer | Self::LongCustomer => facts.tenure_days,
            Self::BackupCard => facts.backup_card.map(u32::from),
        }
    }

    /// Its name in lists and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::OpenDays => "open_days",
            Self::OpenAttempts => "open_attempts",
            Self::NeedsCustomer => "needs_customer",
            Self::CancelAttempts => "cancel_attempts",
            Self::UsageDecline => "usage_decline",
            Self::Unused => "unused",
            Self::FailedInvoices => "failed_invoices",
            Self::CardExpiry => "card_expiry",
            Self::PrepaidCard => "prepaid_card",
            Self::Downgrades => "downgrades",
            Self::Pauses => "pauses",
            Self::Complaint => "complaint",
            Self::LongRenewal => "long_renewal",
            Self::NewCustomer => "new_customer",
            Self::LongCustomer => "long_customer",
            Self::BackupCard => "backup_card",
        }
    }

    /// The sentence for a value of one, and for all others; `{}` stands for the value.
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        const fn same(text: &'static str) -> (&'static str, &'static str) {
            (text, text)
        }
        match self {
            Self::Revoked => same("The payer told the bank to stop these payments."),
            Self::OpenDays => ("An invoice is open for a day.", "An invoice is open for {} days."),
            Self::OpenAttempts => (
                "One attempt on the open invoice was declined.",
                "{} attempts on the open invoice were declined.",
            ),
            Self::NeedsCustomer => same("The open invoice waits for the customer."),
            Self::CancelAttempts => {
                ("The customer began to cancel once.", "The customer began to cancel {} times.")
            }
            Self::UsageDecline => same("The product is used {} % less than four weeks before."),
            Self::Unused => same("Nobody used the product for four weeks."),
            Self::FailedInvoices => {
                ("One invoice failed within a year.", "{} invoices failed within a year.")
            }
            Self::CardExpiry => same("Days until the card expires: {}."),
            Self::PrepaidCard => same("The card is prepaid."),
            Self::Downgrades => {
                ("The plan was made smaller once.", "The plan was made smaller {} times.")
            }
            Self::Pauses => {
                ("There was one pause within a year.", "There were {} pauses within a year.")
            }
            Self::Complaint => same("A complaint is open."),
            Self::LongRenewal => same("Days until a renewal of six months or more: {}."),
            Self::NewCustomer | Self::LongCustomer => same("Days since the first payment: {}."),
            Self::BackupCard => same("There is a second card on file."),
        }
    }
}
