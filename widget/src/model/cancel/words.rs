//! What there is to say about leaving: screens, messages, calls.

use std::sync::Arc;

use reprieve_core::api::cancellation::{CancellationView, SubscriptionView};

use crate::failure::Failure;
use crate::wire::Word;

/// What the customer came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// To cancel.
    Cancel,
    /// To withdraw from a young contract.
    Withdraw,
    /// To see their subscriptions.
    Manage,
}

impl Aim {
    /// What a subscription was chosen for.
    #[must_use]
    pub const fn chosen(self, button: Button) -> Self {
        match (button, self) {
            (Button::Withdraw, _) => Self::Withdraw,
            (_, Self::Manage) => Self::Cancel,
            (_, aim) => aim,
        }
    }

    /// What a button's attribute names; what nobody knows shows the subscriptions, from where
    /// everything can be reached.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "cancel" => Self::Cancel,
            "withdraw" => Self::Withdraw,
            _ => Self::Manage,
        }
    }

    /// What is declared.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Withdraw => WITHDRAWAL,
            Self::Cancel | Self::Manage => ORDINARY,
        }
    }
}

/// The subscription shall not go on.
pub const ORDINARY: &str = "ordinary";
/// It ends for a cause that the customer names.
pub const EXTRAORDINARY: &str = "extraordinary";
/// A young contract is taken back.
pub const WITHDRAWAL: &str = "withdrawal";

/// A screen of a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Why?
    Survey,
    /// Something else instead, beside a button that cancels.
    Offer,
    /// A word, if one likes.
    Feedback,
    /// What ends when, and the button that does it.
    Confirm,
    /// It is done: the receipt.
    Done,
    /// The customer stays.
    Kept,
}

impl Word for Step {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("survey", Self::Survey),
        ("offer", Self::Offer),
        ("feedback", Self::Feedback),
        ("confirm", Self::Confirm),
        ("done", Self::Done),
        ("kept", Self::Kept),
    ];
}

impl Step {
    /// Where a cancellation is. From a screen of a later version it goes on at the last one: nobody
    /// is kept from leaving.
    #[must_use]
    pub fn of(current: &CancellationView) -> Self {
        Self::from_word(&current.step).unwrap_or(Self::Confirm)
    }
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The first answer is not here yet.
    Loading,
    /// The first answer did not come.
    Problem,
    /// There is nothing to cancel.
    Nothing,
    /// Which subscription?
    Choose,
    /// All subscriptions, and what can be done with them.
    Manage,
    /// A step of a cancellation.
    Flow(Step),
    /// It was taken back.
    Undone,
}

impl Screen {
    /// The name on the container, for styles and tests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Problem => "problem",
            Self::Nothing => "nothing",
            Self::Choose => "choose",
            Self::Manage => "manage",
            Self::Flow(step) => step.word(),
            Self::Undone => "undone",
        }
    }
}

/// A line that says how the last press of a button went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// None.
    Empty,
    /// The answer takes its time.
    Busy,
    /// The offer could not be set up; nothing has changed.
    OfferFailed,
    /// It was taken, and the provider has not said yes yet.
    Soon,
    /// The receipt was saved.
    Saved,
    /// The call brought nothing.
    Failed(Failure),
}

/// One call of the server. Each may be sent again: it sets something and adds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `GET /v1/subscriptions`.
    List,
    /// `POST /v1/cancellations`.
    Start(Option<String>, String),
    /// `POST /v1/cancellations/{id}/answer`.
    Answer(String, Step, Answer),
    /// `POST /v1/cancellations/{id}/offers/{offer}/accept`.
    Accept(String, String),
    /// `GET /v1/cancellations/{id}`.
    Read(String),
    /// `POST /v1/cancellations/{id}/confirm`.
    Confirm(String),
    /// `POST /v1/cancellations/{id}/undo`.
    Undo(String),
    /// `POST /v1/subscriptions/{id}/resume`.
    Resume(String),
    /// `POST /v1/subscriptions/{id}/extend`.
    Extend(String),
}

/// What a screen is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Why, or no word about it.
    Reason(Option<String>),
    /// A word, or none.
    Feedback(Option<String>),
    /// To the screen before.
    Back,
    /// To the last screen.
    ToConfirm,
    /// The customer stays.
    Stay,
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A cancellation as it is now.
    Cancellation(Arc<CancellationView>),
    /// All subscriptions as they are now.
    Subscriptions(Vec<SubscriptionView>),
}

/// What can be pressed or picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// This subscription it is.
    Choose,
    /// This one is taken back.
    Withdraw,
    /// A reason is picked.
    Pick,
    /// On to the next screen, with what was answered here.
    Next,
    /// Straight to the last screen.
    Skip,
    /// Back.
    Back,
    /// The offer of this name is taken.
    Accept,
    /// The offer of this name is a link that was followed.
    Follow,
    /// Out.
    Cancel,
    /// For an important cause.
    ForCause,
    /// The customer stays.
    Stay,
    /// The cancellation is taken back.
    Undo,
    /// A pause ends now.
    Resume,
    /// A pause gets longer.
    Extend,
    /// The receipt is to be saved.
    Save,
    /// The same once more.
    Again,
    /// Close the dialog.
    Close,
}

impl Button {
    /// A press of one of several.
    #[must_use]
    pub fn of(self, which: &str) -> Press {
        Press { button: self, which: which.to_owned() }
    }

    /// A press of the only one.
    #[must_use]
    pub fn press(self) -> Press {
        self.of("")
    }
}

/// A press of a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which kind.
    pub button: Button,
    /// Which of several of its kind: the id of a subscription, the name of a reason or an offer.
    pub which: String,
}

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// A button was pressed.
    Press(Press),
    /// The message was written on.
    Write(String),
    /// The server answered, or did not.
    Answered(u32, Result<Reply, Failure>),
    /// A wait is over.
    Rang(u32),
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cmd {
    /// Call the server.
    Send(u32, Call),
    /// Ring after so many milliseconds.
    Wait(u32, u32),
    /// Save the receipt that is shown as a file.
    Save,
    /// Tell the host page how a cancellation stands.
    Tell(Arc<CancellationView>),
    /// Tell the host page that something was refused or did not arrive.
    TellError(String),
    /// Take the dialog off the page. Whether something changed meanwhile.
    Leave(bool),
}
