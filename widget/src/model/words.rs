//! The words of the journey: screens, what is waited for, messages and commands.

use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::{AccessLevel, Amount, PayerReason, RecoveryState, Status};

use crate::failure::Failure;

/// Whether the customer comes back from another page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// No.
    No,
    /// From the bank's own page about a payment.
    FromBank,
    /// From a bank's page with this set-up of a new method; empty: the bank said no.
    WithSetup(String),
}

/// What the customer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Nothing.
    Hidden,
    /// The notice: what happened, what it means, what to do.
    Banner,
    /// The card form.
    Update,
    /// The bank wants the customer to confirm.
    Confirm,
    /// A payment is being confirmed.
    Pending,
    /// All is paid.
    Recovered,
    /// A request failed.
    Error,
    /// There is no network.
    Offline,
    /// No token is accepted.
    SessionExpired,
}

impl Screen {
    /// The word in `data-screen` and in `reprieve:shown`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Banner => "banner",
            Self::Update => "update",
            Self::Confirm => "confirm",
            Self::Pending => "pending",
            Self::Recovered => "recovered",
            Self::Error => "error",
            Self::Offline => "offline",
            Self::SessionExpired => "session_expired",
        }
    }
}

/// Where the screen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the page, where the element stands.
    Inline,
    /// In a dialog over the page.
    Panel,
}

/// What is shown in the page, and with which buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inline {
    /// The screen.
    pub screen: Screen,
    /// "Try this card again" is offered.
    pub can_retry: bool,
    /// "Update card" is offered.
    pub can_update: bool,
    /// The notice may be hidden.
    pub can_dismiss: bool,
}

impl Default for Inline {
    fn default() -> Self {
        Self { screen: Screen::Hidden, can_retry: false, can_update: false, can_dismiss: false }
    }
}

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The customer.
    Idle,
    /// A charge of the card on file.
    Retrying,
    /// The card form.
    Preparing,
    /// The provider, which may be talking to the customer's bank.
    Confirming,
    /// The server: make the new card the default and charge.
    Completing,
    /// The status.
    Asking,
}

/// What the customer asked for and does not know the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    None,
    /// A charge of the card on file.
    Retry,
    /// A new card and a charge.
    Complete,
    /// A charge that the bank asks about.
    Authenticate,
}

/// A line near the button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// None.
    Empty,
    /// The payment was declined.
    Declined(PayerReason),
    /// The provider's own words about the form, already in the customer's language.
    Provider(String),
    /// The form is not complete.
    Check,
    /// The bank did not get its answer.
    NotConfirmed,
    /// The customer closed the bank's window.
    Closed,
}

/// Why the provider did not take a card, or the bank has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The customer closed the bank's window; its question still waits.
    Closed,
    /// The bank declined.
    Declined(PayerReason),
    /// Something the customer can mend, in the provider's words where it has some.
    Invalid(Option<String>),
}

/// Which request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// `GET /v1/status`.
    Read,
    /// The same, because the customer came back to the page; its failure is nobody's concern.
    Glance,
    /// `POST /v1/retries`.
    Retry,
    /// `POST /v1/payment-methods/{id}/complete`.
    Complete,
    /// `POST /v1/authentications/{invoice}/complete`.
    Confirmed,
}

/// What "try again" does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// Read the status and go on from there.
    Read,
    /// Start the card form again.
    Setup,
}

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// The customer wants the card form.
    Open,
    /// The customer closes what is in front.
    Close,
    /// The customer hides the notice for now.
    Dismiss,
    /// The customer wants the card on file charged again.
    Retry,
    /// The customer presses the panel's main button: save the card and pay, or ask the bank.
    Save,
    /// The customer would rather use another card than confirm.
    OtherCard,
    /// The customer tries again after a failure.
    Again,
    /// The server answered a request for a set-up, or handed a charge over to the bank; then the
    /// id is the invoice's.
    SetupMade(u32, Result<NewPaymentMethod, Failure>),
    /// The provider's fields can be filled in, or did not load.
    Fields(u32, Result<(), ()>),
    /// The provider saved the card, or the bank got its answer; or not.
    Confirmed(u32, Result<(), Refusal>),
    /// The server answered with a status, or did not.
    Answered(u32, Job, Result<Box<Status>, Failure>),
    /// Work goes on; there will be another message.
    Waiting,
    /// The panel could not be downloaded.
    NoPanel,
    /// A wait is over.
    Rang(u32),
    /// The network is back.
    Online,
    /// The customer came back to the page.
    PageShown,
    /// Somebody else saw that the status has changed, such as by a phone.
    Elsewhere,
    /// The browser had put the page away while the customer was at another one, and brings it back
    /// as it was.
    PageRestored,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cmd {
    /// Ask the server for a set-up.
    MakeSetup(u32),
    /// Ask the server to hand the charge over to the bank.
    HandOff(u32),
    /// Have the provider's script show the bank's question.
    AskBank(u32, NewPaymentMethod),
    /// Put the provider's fields into the panel.
    ShowFields(u32, NewPaymentMethod),
    /// Take them out.
    DropFields,
    /// Have the provider save the card.
    Confirm(u32),
    /// Send a job to the server; the text is the id of the set-up or of the invoice, empty for
    /// other jobs.
    Send(u32, Job, String),
    /// Ring after so many milliseconds.
    Wait(u32, u32),
    /// Remember that the notice was hidden.
    Remember,
    /// Take the widget off the page.
    Leave,
    /// Tell the host page.
    Tell(Event),
}

/// What the host page is told, as DOM events named `reprieve:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The status was read.
    Status(RecoveryState, AccessLevel),
    /// Another screen is shown.
    Shown(Screen),
    /// The notice was hidden by the customer.
    Dismissed,
    /// A charge was declined.
    Declined(PayerReason),
    /// All is paid.
    Recovered(Option<Amount>),
    /// Something failed.
    Error(String),
}
