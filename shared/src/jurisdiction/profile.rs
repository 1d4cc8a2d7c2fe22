//! What a profile says.

use super::Jurisdiction;
use crate::network::RuleId;
use crate::network::limits::Confidence;
use crate::time::Timestamp;

/// What one place asks of the way out, from a date on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose rules.
    pub jurisdiction: Jurisdiction,
    /// From when they hold; a later row of the same place replaces an earlier one.
    pub effective_from: Timestamp,
    /// Whether and how something else may be offered to somebody who is leaving.
    pub offers: OfferRule,
    /// Whether somebody who is leaving may be asked why.
    pub survey: Survey,
    /// Which rule says so.
    pub survey_rule: RuleId,
    /// The most clicks from the button that begins to the end, for who answers nothing.
    pub clicks_max: u32,
    /// The text of the button that ends it, as a key.
    pub confirm_label: &'static str,
    /// The right to be rid of a young contract.
    pub withdrawal: Option<Withdrawal>,
    /// What the receipt says, in this order.
    pub receipt: &'static [ReceiptField],
    /// Where it was read.
    pub source: &'static str,
    /// How well it is known.
    pub confidence: Confidence,
}

/// Whether and how something else may be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferRule {
    /// Screens with offers in one cancellation: 0 or 1.
    pub screens_max: u32,
    /// Offers on it.
    pub per_screen_max: u32,
    /// What the cancel button of that screen does.
    pub cancel_button: CancelButton,
    /// After a screen whose offers were not taken, none for so long, in milliseconds.
    pub again_after_ms: i64,
    /// Which rule limits the screens.
    pub screens_rule: RuleId,
    /// Which rule asks for the wait.
    pub again_rule: RuleId,
}

/// What the cancel button beside an offer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelButton {
    /// It cancels.
    Now,
    /// It leads to the confirmation.
    ToConfirm,
}

/// Whether customers are asked why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survey {
    /// They may be; they need not answer.
    Optional,
    /// They are not.
    Absent,
}

/// The right to withdraw from a contract without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// How long after it was made, in milliseconds.
    pub period_ms: i64,
    /// The text of the button that ends it, as a key.
    pub confirm_label: &'static str,
}

/// One line of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptField {
    /// The number of the cancellation.
    Id,
    /// When it was received.
    ReceivedAt,
    /// What was declared: an ordinary or another termination, or a withdrawal.
    Kind,
    /// The cause that the customer gave for an extraordinary termination.
    Cause,
    /// The customer.
    Customer,
    /// The subscription.
    Contract,
    /// What one period costs.
    Price,
    /// When the subscription ends.
    EffectiveAt,
    /// What becomes of open invoices.
    OpenInvoices,
    /// Until when it can be undone.
    UndoUntil,
}
