//! What is to be done, as data. Effects are performed after the commit, and each may be lost with
//! the process: the state they belong to has a wake that brings them back.

use super::{Attempt, CaseState, RecoveredBy};
use crate::account::card_news::CardNews;
use crate::cancel::{CancelLine, CancelNotice, PendingAct};
use crate::complaint::Complaint;
use crate::id::{InvoiceId, PaymentMethodId, SetupId};
use crate::provider::MethodFact;
use crate::retry::TimingChoice;

/// One thing to do at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the live invoice and observe it.
    ReadInvoice {
        /// Which.
        invoice: InvoiceId,
    },
    /// List what the customer has on file and observe it.
    ReadMethods,
    /// Make the method the default of the customer and of every subscription, and observe what is
    /// open.
    SetDefaults {
        /// Of which update.
        setup: SetupId,
        /// The method.
        method: PaymentMethodId,
    },
    /// Send the charge, for the first time.
    Charge {
        /// What to pay.
        invoice: InvoiceId,
        /// With which method, under which key.
        attempt: Attempt,
    },
    /// Find out how a charge ended: read the invoice; if it is still open, send again under the
    /// same key while the provider remembers keys.
    Reconcile {
        /// What was to be paid.
        invoice: InvoiceId,
        /// The attempt of unknown outcome.
        attempt: Attempt,
    },
    /// List the customer's subscriptions and observe them.
    ReadSubscriptions,
    /// Do what was decided about somebody who leaves or stays. What the provider answers comes back
    /// as [`crate::cancel::CancelEvent::ActFinished`] or, without an answer, as `ActUnknown`.
    Act {
        /// What, under which key.
        act: PendingAct,
    },
    /// Find out whether what an act wants is so, without doing it. The answer comes back as
    /// [`crate::cancel::CancelEvent::ActFound`] or, without one, as `ActUnknown`.
    AskAct {
        /// What.
        act: PendingAct,
    },
}

/// One line of the append-only history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalEntry {
    /// A case was opened.
    CaseOpened {
        /// Of which invoice.
        invoice: InvoiceId,
    },
    /// A charge is about to be sent.
    AttemptStarted {
        /// Of which invoice.
        invoice: InvoiceId,
        /// The attempt.
        attempt: Attempt,
    },
    /// A charge ended.
    AttemptEnded {
        /// Of which invoice.
        invoice: InvoiceId,
        /// Of which attempt.
        number: u32,
        /// `paid`, `needs_authentication`, `closed`, `lapsed`, `withheld`, or the decline's
        /// category.
        outcome: &'static str,
        /// What the model of timing learns from it; `None`: nothing.
        lesson: Option<Lesson>,
    },
    /// The network replaced a card by itself; the customer is to be told.
    MethodRenewed {
        /// Which.
        method: MethodFact,
    },
    /// A card that would be charged next is about to expire; the customer is to be told.
    CardExpires(CardNews),
    /// A complaint, for the history and for a person.
    Complaint(Complaint),
    /// Something about leaving.
    Cancel(CancelLine),
    /// Something that the customer is to be told about leaving.
    CancelNotice(CancelNotice),
    /// A case was closed.
    CaseClosed {
        /// Of which invoice.
        invoice: InvoiceId,
        /// How.
        state: CaseState,
        /// How the money came in.
        by: Option<RecoveredBy>,
    },
}

/// What an automatic attempt teaches about its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// How its time was chosen.
    pub timing: TimingChoice,
    /// Whether the invoice was paid.
    pub is_success: bool,
}

/// What comes back from [`super::apply`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transition {
    /// To be performed after the commit, in this order.
    pub effects: Vec<Effect>,
    /// To be stored with the commit.
    pub journal: Vec<JournalEntry>,
}

impl Transition {
    /// Adds what follows after this.
    pub(super) fn append(&mut self, mut later: Self) {
        self.effects.append(&mut later.effects);
        self.journal.append(&mut later.journal);
    }
}
