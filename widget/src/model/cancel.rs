//! The way out as a value: which screen is shown, what is being waited for, and what comes next.
//!
//! Which screens there are, and what the buttons of the law are called, the server says with every
//! answer; here is only what a customer does with one. Nothing that was picked or written is lost
//! when a call fails: the screen stays, a line says why, and the button can be pressed again.

mod answers;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use reprieve_core::api::cancellation::{CancellationView, OfferView, SubscriptionView};

pub use words::{
    Aim, Answer, Button, Call, Cmd, EXTRAORDINARY, Msg, Note, ORDINARY, Press, Reply, Screen, Step,
    WITHDRAWAL,
};

/// Waits between calls while the provider has not said yes yet, in milliseconds. After the last one
/// the customer is told that it takes a while; the server goes on by itself.
pub const POLL_DELAYS_MS: [u32; 5] = [800, 1500, 3000, 5000, 8000];

/// A call without an answer is sent again by itself so often, after so many milliseconds. Each sets
/// something and adds nothing, so it does not matter whether the first one arrived.
pub const RESENDS_MAX: u8 = 2;
/// See [`RESENDS_MAX`].
pub const RESEND_DELAY_MS: u32 = 1_000;

/// The longest message, in UTF-16 units as a browser counts them: at three bytes each it fits into
/// the 2,000 bytes that the server keeps.
pub const FEEDBACK_UNITS_MAX: u32 = 600;

/// The cancel button beside an offer cancels.
pub const NOW: &str = "now";

/// All that the views read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// What is shown.
    pub screen: Screen,
    /// What the customer came for.
    pub aim: Aim,
    /// Known when it mattered.
    pub subscriptions: Arc<Vec<SubscriptionView>>,
    /// The cancellation as the server told it last.
    pub current: Option<Arc<CancellationView>>,
    /// What is picked on the survey. Nothing is, until the customer does.
    pub reason: Option<String>,
    /// What is written.
    pub message: String,
    /// The cancellation whose offer was taken last, as it was then.
    offered: Option<Arc<CancellationView>>,
    /// How the last press of a button went.
    pub note: Note,
    /// The button whose answer is awaited.
    pressed: Option<Press>,
    last: Call,
    /// The cause is on its way; after it comes the confirmation.
    confirms_next: bool,
    has_changed: bool,
    rereads: u8,
    polls: usize,
    resends: u8,
    /// The wait that is on is one before a call is sent again.
    resends_next: bool,
    flow: u32,
}

impl Model {
    /// The model for what a customer came for, and what to do at once.
    #[must_use]
    pub fn start(aim: Aim, subscription: Option<String>) -> (Self, Vec<Cmd>) {
        let first = match aim {
            Aim::Manage => Call::List,
            // Without a name the server takes the only one, or asks which.
            _ => Call::Start(subscription, aim.kind().to_owned()),
        };
        let mut model = Self {
            screen: Screen::Loading,
            aim,
            subscriptions: Arc::default(),
            current: None,
            reason: None,
            message: String::new(),
            offered: None,
            note: Note::Empty,
            pressed: None,
            last: first.clone(),
            confirms_next: false,
            has_changed: false,
            rereads: 0,
            polls: 0,
            resends: 0,
            resends_next: false,
            flow: 0,
        };
        let cmds = model.call(None, first);
        (model, cmds)
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self.note, Note::Busy)
    }

    /// Whether the answer to this very button is awaited.
    #[must_use]
    pub fn is_pressed(&self, press: &Press) -> bool {
        self.is_busy() && self.pressed.as_ref() == Some(press)
    }

    /// The offer that was agreed on, if it was taken here.
    #[must_use]
    pub fn taken(&self) -> Option<&OfferView> {
        let name = self.current.as_ref()?.accepted.as_ref()?;
        self.offered.as_ref()?.offers.iter().find(|offer| offer.name == *name)
    }

    /// Whether there is a screen before this one.
    #[must_use]
    pub fn can_go_back(&self) -> bool {
        match self.screen {
            Screen::Flow(Step::Done | Step::Kept) | Screen::Undone => self.aim == Aim::Manage,
            Screen::Flow(_) => true,
            _ => false,
        }
    }

    fn call(&mut self, pressed: Option<Press>, call: Call) -> Vec<Cmd> {
        self.flow = self.flow.wrapping_add(1);
        self.pressed = pressed;
        self.note = Note::Busy;
        self.last = call.clone();
        self.polls = 0;
        self.resends = 0;
        self.resends_next = false;
        vec![Cmd::Send(self.flow, call)]
    }

    fn show(&mut self, screen: Screen) {
        // An answer that still comes belongs to a screen that was left.
        self.flow = self.flow.wrapping_add(1);
        self.screen = screen;
        self.note = Note::Empty;
        self.pressed = None;
    }

    /// The cancellation's.
    pub fn id(&self) -> Option<String> {
        self.current.as_ref().map(|current| current.id.clone())
    }

    fn answer(&mut self, pressed: Press, answer: Answer) -> Vec<Cmd> {
        let (Some(id), Screen::Flow(step)) = (self.id(), self.screen) else { return Vec::new() };
        self.call(Some(pressed), Call::Answer(id, step, answer))
    }

    fn with_id(&mut self, pressed: Press, call: fn(String) -> Call) -> Vec<Cmd> {
        let Some(id) = self.id() else { return Vec::new() };
        self.call(Some(pressed), call(id))
    }
}

/// The one transition function. A second press while an answer is awaited changes nothing, except
/// that the customer can always leave.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    match msg {
        Msg::Answered(flow, _) | Msg::Rang(flow) if flow != model.flow => Vec::new(),
        Msg::Answered(_, Ok(reply)) => answers::answered(model, reply),
        Msg::Answered(_, Err(failure)) => answers::failed(model, failure),
        Msg::Rang(flow) if std::mem::take(&mut model.resends_next) => {
            vec![Cmd::Send(flow, model.last.clone())]
        }
        Msg::Rang(flow) => {
            model.id().map(|id| Cmd::Send(flow, Call::Read(id))).into_iter().collect()
        }
        Msg::Write(text) => {
            if !model.is_busy() {
                model.message = text;
            }
            Vec::new()
        }
        Msg::Press(press) => pressed(model, press),
    }
}

fn pressed(model: &mut Model, press: Press) -> Vec<Cmd> {
    let button = press.button;
    if button == Button::Close {
        // What was sent may still come about.
        let may_change = model.is_busy() && model.screen != Screen::Loading;
        return vec![Cmd::Leave(model.has_changed || may_change)];
    }
    // An offer on its way keeps nobody from leaving.
    let leaves_anyway = button == Button::Cancel && matches!(model.last, Call::Accept(..));
    if model.is_busy() && !leaves_anyway {
        return Vec::new();
    }
    match button {
        Button::Pick => {
            model.reason = Some(press.which);
            Vec::new()
        }
        Button::Save => save(model),
        Button::Back => back(model, press),
        _ => calls(model, press),
    }
}

/// The buttons that call the server.
fn calls(model: &mut Model, press: Press) -> Vec<Cmd> {
    let which = press.which.clone();
    match press.button {
        Button::Choose | Button::Withdraw => {
            let kind = model.aim.chosen(press.button).kind().to_owned();
            model.call(Some(press), Call::Start(Some(which), kind))
        }
        Button::ForCause => {
            let Some(current) = &model.current else { return Vec::new() };
            let start =
                Call::Start(Some(current.subscription.id.clone()), EXTRAORDINARY.to_owned());
            model.call(Some(press), start)
        }
        Button::Next => match model.screen {
            Screen::Flow(Step::Survey) => model.answer(press, Answer::Reason(model.reason.clone())),
            Screen::Flow(Step::Feedback) => model.answer(press, Answer::Feedback(written(model))),
            _ => Vec::new(),
        },
        Button::Skip => model.answer(press, Answer::ToConfirm),
        Button::Stay => model.answer(press, Answer::Stay),
        Button::Accept | Button::Follow => accept(model, press, which),
        Button::Cancel => cancel(model, press),
        Button::Undo => model.with_id(press, Call::Undo),
        Button::Resume => model.call(Some(press), Call::Resume(which)),
        Button::Extend => model.call(Some(press), Call::Extend(which)),
        Button::Again => {
            let last = model.last.clone();
            model.call(Some(press), last)
        }
        Button::Pick | Button::Save | Button::Back | Button::Close => Vec::new(),
    }
}

fn accept(model: &mut Model, press: Press, name: String) -> Vec<Cmd> {
    let Some(id) = model.id() else { return Vec::new() };
    let call = Call::Accept(id, name);
    if press.button == Button::Follow {
        // The page that it leads to is open already; nobody waits for this answer.
        return vec![Cmd::Send(model.flow.wrapping_sub(1), call)];
    }
    model.offered = model.current.clone();
    model.call(Some(press), call)
}

/// The button that cancels. Beside an offer it does what the law of the place wants: it cancels, or
/// leads to the last screen.
fn cancel(model: &mut Model, press: Press) -> Vec<Cmd> {
    let is_last =
        model.current.as_ref().is_none_or(|current| current.profile.cancel_on_offer == NOW);
    if model.screen == Screen::Flow(Step::Offer) && !is_last {
        return model.answer(press, Answer::ToConfirm);
    }
    let has_cause = model.current.as_ref().is_some_and(|it| it.kind == EXTRAORDINARY);
    if has_cause && model.screen == Screen::Flow(Step::Confirm) {
        let cause = written(model);
        let cmds = model.answer(press, Answer::Feedback(cause));
        model.confirms_next = true;
        return cmds;
    }
    model.with_id(press, Call::Confirm)
}

fn back(model: &mut Model, press: Press) -> Vec<Cmd> {
    if !model.can_go_back() {
        return Vec::new();
    }
    let goes_on = matches!(model.screen, Screen::Flow(step) if step != Step::Done);
    if goes_on && model.current.as_ref().is_some_and(|current| current.can_go_back) {
        return model.answer(press, Answer::Back);
    }
    match model.aim {
        // What was changed meanwhile is read anew.
        Aim::Manage => model.call(Some(press), Call::List),
        _ if model.subscriptions.len() > 1 => {
            model.show(Screen::Choose);
            Vec::new()
        }
        _ => vec![Cmd::Leave(model.has_changed)],
    }
}

fn save(model: &mut Model) -> Vec<Cmd> {
    if model.current.as_ref().is_none_or(|current| current.receipt.is_none()) {
        return Vec::new();
    }
    model.note = Note::Saved;
    vec![Cmd::Save]
}

/// What the customer wrote; blanks are nothing.
fn written(model: &Model) -> Option<String> {
    let text = model.message.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
