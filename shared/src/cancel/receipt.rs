//! The receipt of a declaration, as a value: what the law of the place asks for, line by line.
//!
//! It is made of stored facts alone, so it is the same whenever it is asked for.

use super::CancelKind;
use super::record::Cancellation;
use super::settings::CancelSettings;
use crate::account::Account;
use crate::id::CancellationId;
use crate::jurisdiction::{self, ReceiptField};
use crate::money::Money;
use crate::policy::Policy;
use crate::time::Timestamp;

/// What a customer can keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of which cancellation.
    pub id: CancellationId,
    /// When it was received.
    pub at: Timestamp,
    /// When the subscription ends.
    pub effective_at: Timestamp,
    /// Line by line.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is, as a key of the languages: `receipt.at`.
    pub key: &'static str,
    /// What stands there.
    pub value: Value,
}

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text as it is: a name, or what the customer wrote.
    Text(String),
    /// A moment.
    Time(Timestamp),
    /// An amount.
    Money(Money),
    /// A key of the languages.
    Key(&'static str),
}

/// The receipt of a cancellation; `None` while nothing was declared.
#[must_use]
pub fn receipt(account: &Account, known: &Cancellation, policy: &Policy) -> Option<Receipt> {
    let (at, effective_at) = (known.confirmed_at?, known.effective_at?);
    let profile = jurisdiction::in_force(known.jurisdiction, known.started_at);
    let settings = policy.at_version(known.policy_version).cancel();
    let fields = profile.receipt.iter();
    let lines = fields.filter_map(|field| line(*field, account, known, settings)).collect();
    Some(Receipt { id: known.id.clone(), at, effective_at, lines })
}

fn line(
    field: ReceiptField,
    account: &Account,
    known: &Cancellation,
    settings: &CancelSettings,
) -> Option<Line> {
    use ReceiptField as F;
    let text = |text: &str| Value::Text(text.to_owned());
    let price = account.subscriptions.get(&known.subscription).and_then(|known| known.plan);
    let can_undo = known.effective_at > known.confirmed_at;
    let (key, value) = match field {
        F::Id => ("receipt.id", text(known.id.as_str())),
        F::ReceivedAt => ("receipt.at", Value::Time(known.confirmed_at?)),
        F::Kind => ("receipt.kind", Value::Key(kind_key(known.kind))),
        F::Cause if known.kind == CancelKind::Extraordinary => {
            ("receipt.cause", text(known.feedback.as_deref()?))
        }
        F::Cause => return None,
        F::Customer => ("receipt.customer", text(account.customer.as_str())),
        F::Contract => ("receipt.contract", text(known.subscription.as_str())),
        F::Price => ("receipt.price", Value::Money(price?)),
        F::EffectiveAt => ("receipt.effective_at", Value::Time(known.effective_at?)),
        F::OpenInvoices => {
            ("receipt.open_invoices", Value::Key(invoices_key(settings.open_invoices)))
        }
        F::UndoUntil if can_undo => ("receipt.undo_until", Value::Time(known.effective_at?)),
        F::UndoUntil => return None,
    };
    Some(Line { key, value })
}

pub(super) const fn kind_key(kind: CancelKind) -> &'static str {
    match kind {
        CancelKind::Ordinary => "receipt.kind.ordinary",
        CancelKind::Extraordinary => "receipt.kind.extraordinary",
        CancelKind::Withdrawal => "receipt.kind.withdrawal",
    }
}

const fn invoices_key(invoices: super::settings::OpenInvoices) -> &'static str {
    match invoices {
        super::settings::OpenInvoices::Void => "receipt.open_invoices.void",
        super::settings::OpenInvoices::Keep => "receipt.open_invoices.keep",
    }
}

/// A receipt as text, one line each. `words` gives the text of a key, `show` that of a moment or an
/// amount.
#[must_use]
pub fn text(
    lines: &[Line],
    words: impl Fn(&'static str) -> String,
    show: impl Fn(&Value) -> String,
) -> String {
    let mut text = String::new();
    for Line { key, value } in lines {
        let value = match value {
            Value::Text(text) => text.clone(),
            Value::Key(key) => words(key),
            other => show(other),
        };
        text.push_str(&words(key));
        text.push_str(": ");
        // A line is a line, whatever the customer wrote.
        text.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.push('\n');
    }
    text
}
