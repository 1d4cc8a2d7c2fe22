//! The journey as a value: which screen is shown, what is being waited for, and what comes next.
//!
//! [`update`] is the only thing that changes a [`Model`]. It has no I/O: what must be done comes
//! back as [`Cmd`]s, and whatever these bring returns as a [`Msg`]. Each wait has a flow number; a
//! message of an older flow is the echo of something the customer has left, and changes nothing.

mod bank;
pub mod cancel;
mod notice;
mod settle;
#[cfg(test)]
pub(crate) mod tests;
mod words;

use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::{Amount, RecoveryState, Status};

use crate::failure::{Failure, FailureKind};

pub use notice::ask;
use notice::to_banner;
pub use words::{
    Act, Back, Cmd, Event, Inline, Job, Msg, Note, Place, Refusal, Resume, Screen, Work,
};

/// Waits between readings of the status while a payment is under way, in milliseconds. After the
/// last one the customer is told that it goes on without them.
pub const POLL_DELAYS_MS: [u32; 9] = [800, 1200, 2000, 3000, 5000, 8000, 10_000, 15_000, 15_000];

/// How long the provider's fields may take to appear, in milliseconds.
pub const FIELDS_LIMIT_MS: u32 = 20_000;

/// How long the customer may talk to the bank while a card is saved, in milliseconds. Banks' own
/// challenges end after about ten minutes.
pub const CONFIRM_LIMIT_MS: u32 = 15 * 60 * 1000;

/// How often one set-up is sent to be completed before the customer is asked.
pub const COMPLETE_SENDS_MAX: u8 = 3;

/// How often the status is read again because the customer came back to the page.
pub const GLANCES_MAX: u8 = 30;

/// All that the views read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// What is shown.
    pub screen: Screen,
    /// Where it is shown.
    pub place: Place,
    /// What is being waited for.
    pub work: Work,
    /// The last status.
    pub status: Status,
    /// The last known amount, kept for the receipt when nothing is due any more.
    pub amount: Option<Amount>,
    /// A line near the button.
    pub note: Note,
    /// Why [`Screen::Error`] and its like are shown.
    pub failure: Option<Failure>,
    /// The provider's fields can be filled in.
    pub fields_ready: bool,
    /// Nothing more is asked; the server goes on without the customer.
    pub late: bool,
    /// Nothing is owed: it is about the card alone.
    pub is_news: bool,
    act: Act,
    answered: bool,
    setup_id: String,
    sends: u8,
    resume: Resume,
    polls: usize,
    glances: u8,
    flow: u32,
}

impl Model {
    /// The model for the first status, and what to do at once.
    #[must_use]
    pub fn start(status: Status, back: Back) -> (Self, Vec<Cmd>) {
        let mut model = Self {
            screen: Screen::Hidden,
            place: Place::Inline,
            work: Work::Idle,
            amount: status.amount_due.clone(),
            note: Note::Empty,
            failure: None,
            fields_ready: false,
            late: false,
            is_news: false,
            act: Act::None,
            answered: true,
            setup_id: String::new(),
            sends: 0,
            resume: Resume::Read,
            polls: 0,
            glances: 0,
            flow: 0,
            status,
        };
        let state = model.status.state;
        let is_needed = state == RecoveryState::ActionNeeded;
        let mut cmds = match back {
            Back::WithSetup(setup) if !setup.is_empty() => settle::came_back(&mut model, setup),
            Back::WithSetup(_) if is_needed => settle::not_confirmed(&mut model),
            Back::FromBank if is_needed && bank::waits(&model.status) => {
                bank::came_back(&mut model)
            }
            _ => notice::begin(&mut model),
        };
        if model.screen != Screen::Hidden {
            cmds.push(Cmd::Tell(Event::Shown(model.screen)));
        }
        (model, cmds)
    }

    /// What is shown in the page.
    #[must_use]
    pub fn inline(&self) -> Inline {
        let screen = match (self.screen, self.place) {
            (Screen::Banner | Screen::Update | Screen::Confirm, _) if !self.has_notice() => {
                Screen::Hidden
            }
            // The notice stays behind the form, so that the page does not jump.
            (Screen::Banner | Screen::Update | Screen::Confirm, _) => Screen::Banner,
            (_, Place::Panel) => Screen::Hidden,
            (screen, Place::Inline) => screen,
        };
        let is_banner = screen == Screen::Banner;
        Inline {
            screen,
            can_retry: is_banner && self.shown().can_retry(),
            can_update: is_banner && self.shown().can_update(),
            can_dismiss: is_banner && self.is_dismissible(),
        }
    }

    /// What is shown in the panel; [`Screen::Hidden`] when it is closed.
    #[must_use]
    pub fn panel(&self) -> Screen {
        if self.place == Place::Panel { self.screen } else { Screen::Hidden }
    }

    /// Whether the customer can press the buttons of this screen.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.work == Work::Idle
    }

    /// Whether a flow is still the customer's.
    #[must_use]
    pub fn is_flow(&self, flow: u32) -> bool {
        self.flow == flow
    }

    /// What is due from here on; what was paid before is another journey.
    fn settle_amount(&mut self) {
        if self.status.amount_due.is_some() {
            self.amount.clone_from(&self.status.amount_due);
        }
    }

    /// A new flow: whatever was under way is void.
    fn next_flow(&mut self) -> u32 {
        self.flow = self.flow.wrapping_add(1);
        self.flow
    }
}

/// The one transition function. Messages that make no sense now (a second click, an echo of an
/// older flow) change nothing.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    let screen_before = model.screen;
    let mut cmds = match msg {
        Msg::Open => open(model),
        Msg::Close => close(model),
        Msg::Dismiss => dismiss(model),
        Msg::Retry => retry(model),
        Msg::Save => save(model),
        Msg::OtherCard => bank::other_card(model),
        Msg::Again => again(model),
        Msg::Online if model.screen == Screen::Offline => again(model),
        Msg::Online | Msg::Waiting => Vec::new(),
        Msg::NoPanel => settle::without_panel(model),
        Msg::PageShown => glance(model),
        Msg::Elsewhere => settle::elsewhere(model),
        Msg::PageRestored => restored(model),
        Msg::SetupMade(flow, _)
        | Msg::Fields(flow, _)
        | Msg::Confirmed(flow, _)
        | Msg::Answered(flow, ..)
        | Msg::Rang(flow)
            if flow != model.flow =>
        {
            Vec::new()
        }
        Msg::SetupMade(_, made) => setup_made(model, made),
        Msg::Fields(_, shown) => fields(model, shown),
        Msg::Confirmed(_, confirmed) => confirm(model, confirmed),
        Msg::Answered(_, job, Ok(status)) => settle::answered(model, job, *status),
        Msg::Answered(_, job, Err(failure)) => settle::failed(model, job, failure),
        Msg::Rang(flow) => rang(model, flow),
    };
    if model.screen != screen_before && model.screen != Screen::Hidden {
        cmds.push(Cmd::Tell(Event::Shown(model.screen)));
    }
    cmds
}

fn open(model: &mut Model) -> Vec<Cmd> {
    if model.screen != Screen::Banner || !model.is_idle() {
        return Vec::new();
    }
    model.note = Note::Empty;
    if bank::waits(&model.status) { bank::show(model) } else { start_setup(model) }
}

/// Opens the panel with a fresh set-up. The note stays: it may say why the last card failed.
fn start_setup(model: &mut Model) -> Vec<Cmd> {
    model.screen = Screen::Update;
    model.place = Place::Panel;
    model.work = Work::Preparing;
    model.act = Act::None;
    model.fields_ready = false;
    model.settle_amount();
    vec![Cmd::DropFields, Cmd::MakeSetup(model.next_flow())]
}

fn setup_made(model: &mut Model, made: Result<NewPaymentMethod, Failure>) -> Vec<Cmd> {
    if model.screen == Screen::Confirm {
        return bank::handed_off(model, made);
    }
    match made {
        Ok(setup) => {
            model.setup_id.clone_from(&setup.id);
            let flow = model.flow;
            vec![Cmd::ShowFields(flow, setup), Cmd::Wait(flow, FIELDS_LIMIT_MS)]
        }
        // Nothing to pay any more, perhaps: the status knows.
        Err(failure) if failure.kind == FailureKind::WrongState => settle::read(model),
        Err(failure) => settle::stop(model, failure, Resume::Setup),
    }
}

fn fields(model: &mut Model, shown: Result<(), ()>) -> Vec<Cmd> {
    if model.work != Work::Preparing {
        return Vec::new();
    }
    if shown.is_err() {
        let failure = Failure::local(FailureKind::Fields, "provider_script");
        return settle::stop(model, failure, Resume::Setup);
    }
    model.fields_ready = true;
    model.work = Work::Idle;
    Vec::new()
}

fn save(model: &mut Model) -> Vec<Cmd> {
    // `Idle` is what makes a second click harmless.
    if model.screen == Screen::Confirm && model.is_idle() {
        return bank::hand_off(model);
    }
    if model.screen != Screen::Update || !model.is_idle() || !model.fields_ready {
        return Vec::new();
    }
    model.note = Note::Empty;
    model.work = Work::Confirming;
    vec![Cmd::Confirm(model.flow), Cmd::Wait(model.flow, CONFIRM_LIMIT_MS)]
}

/// A wait is over: time to ask again, or somebody took too long.
fn rang(model: &mut Model, flow: u32) -> Vec<Cmd> {
    match model.work {
        // So long nothing may be asked; now the customer may.
        Work::Asking if model.screen == Screen::Error => {
            model.work = Work::Idle;
            Vec::new()
        }
        Work::Asking => vec![settle::look(model, flow)],
        Work::Confirming if model.screen == Screen::Confirm => settle::read(model),
        Work::Preparing => fields(model, Err(())),
        Work::Confirming => {
            let failure = Failure::local(FailureKind::NoAnswer, "confirmation_timeout");
            settle::stop(model, failure, Resume::Setup)
        }
        Work::Idle | Work::Retrying | Work::Completing => Vec::new(),
    }
}

fn confirm(model: &mut Model, confirmed: Result<(), Refusal>) -> Vec<Cmd> {
    if model.work != Work::Confirming {
        return Vec::new();
    }
    if model.screen == Screen::Confirm {
        return bank::answered(model, &confirmed);
    }
    match confirmed {
        Ok(()) => {
            model.act = Act::Complete;
            model.sends = 0;
            model.polls = 0;
            settle::complete(model)
        }
        // The same fields and the same set-up can be used again after a refusal by the provider.
        Err(Refusal::Declined(reason)) => {
            model.work = Work::Idle;
            model.note = Note::Declined(reason);
            vec![Cmd::Tell(Event::Declined(reason))]
        }
        Err(Refusal::Closed) => {
            model.work = Work::Idle;
            model.note = Note::Closed;
            Vec::new()
        }
        Err(Refusal::Invalid(words)) => {
            model.work = Work::Idle;
            model.note = words.map_or(Note::Check, Note::Provider);
            Vec::new()
        }
    }
}

fn retry(model: &mut Model) -> Vec<Cmd> {
    if model.screen != Screen::Banner || !model.is_idle() || !model.status.can_retry {
        return Vec::new();
    }
    model.note = Note::Empty;
    model.work = Work::Retrying;
    model.act = Act::Retry;
    model.answered = false;
    model.polls = 0;
    vec![Cmd::Send(model.next_flow(), Job::Retry, String::new())]
}

fn again(model: &mut Model) -> Vec<Cmd> {
    let stopped = matches!(model.screen, Screen::Error | Screen::Offline | Screen::SessionExpired);
    if !stopped || !model.is_idle() {
        return Vec::new();
    }
    model.sends = 0;
    model.polls = 0;
    match model.resume {
        Resume::Setup => {
            model.note = Note::Empty;
            start_setup(model)
        }
        Resume::Read => settle::read(model),
    }
}

fn dismiss(model: &mut Model) -> Vec<Cmd> {
    if model.screen != Screen::Banner || !model.is_idle() || !model.is_dismissible() {
        return Vec::new();
    }
    vec![Cmd::Remember, Cmd::Tell(Event::Dismissed), Cmd::Leave]
}

fn close(model: &mut Model) -> Vec<Cmd> {
    let place = std::mem::replace(&mut model.place, Place::Inline);
    match model.screen {
        Screen::Update | Screen::Confirm if model.work == Work::Completing => {
            // The money may be on its way: say so in the page instead of pretending otherwise.
            model.screen = Screen::Pending;
            vec![Cmd::DropFields]
        }
        Screen::Update | Screen::Confirm => to_banner(model),
        Screen::Error | Screen::Offline | Screen::SessionExpired if model.act == Act::None => {
            to_banner(model)
        }
        Screen::Banner | Screen::Hidden => Vec::new(),
        _ if place == Place::Panel && model.screen != Screen::Recovered => Vec::new(),
        _ => vec![Cmd::Leave],
    }
}

/// Whoever left for the bank's own page and turned back finds the page as it was, and nobody who
/// would end its waiting.
fn restored(model: &mut Model) -> Vec<Cmd> {
    if model.work != Work::Confirming {
        return glance(model);
    }
    if model.screen == Screen::Confirm {
        return bank::answered(model, &Ok(()));
    }
    confirm(model, Err(Refusal::Closed))
}

/// Another tab or an e-mail link may have solved it meanwhile.
fn glance(model: &mut Model) -> Vec<Cmd> {
    let waits = model.screen == Screen::Banner || (model.screen == Screen::Pending && model.late);
    if !waits || !model.is_idle() || model.glances >= GLANCES_MAX {
        return Vec::new();
    }
    model.glances = model.glances.saturating_add(1);
    vec![Cmd::Send(model.flow, Job::Glance, String::new())]
}
