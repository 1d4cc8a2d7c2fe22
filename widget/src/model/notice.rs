//! What the notice is about, and whether it may be hidden.

use reprieve_core::api::banner::Shown;
use reprieve_core::api::status::{CardNewsKind, RecoveryState};

use super::{Act, Cmd, Model, Msg, Note, Place, Screen, Work, settle, update};

/// What the status alone says at first.
pub(super) fn begin(model: &mut Model) -> Vec<Cmd> {
    let state = model.status.state;
    match state {
        RecoveryState::ActionNeeded => {
            model.screen = Screen::Banner;
            Vec::new()
        }
        RecoveryState::Pending => settle::wait(model, 0),
        RecoveryState::Clear if has_news(model) => Vec::new(),
        RecoveryState::Clear | RecoveryState::Processing | RecoveryState::Recovered => {
            vec![Cmd::Leave]
        }
    }
}

/// Begins with the notice where there is something to be known of the card, and nothing is owed.
fn has_news(model: &mut Model) -> bool {
    model.is_news = model.status.card_news.is_some();
    if model.is_news {
        model.screen = Screen::Banner;
    }
    model.is_news
}

/// The page asks for the form itself: it opens also where there is nothing to say. `cmds` are those
/// of the start.
pub fn ask(model: &mut Model, mut cmds: Vec<Cmd>) -> Vec<Cmd> {
    if model.screen == Screen::Hidden {
        // Nothing is owed, and the start was about to leave.
        cmds.clear();
        model.is_news = true;
        model.screen = Screen::Banner;
    }
    cmds.extend(update(model, Msg::Open));
    cmds
}

/// Back to the notice, as if nothing had been started; where there is none, away.
pub(super) fn to_banner(model: &mut Model) -> Vec<Cmd> {
    model.next_flow();
    model.screen = if model.has_notice() { Screen::Banner } else { Screen::Hidden };
    model.place = Place::Inline;
    model.work = Work::Idle;
    model.act = Act::None;
    model.failure = None;
    model.note = Note::Empty;
    model.polls = 0;
    model.settle_amount();
    let mut cmds = vec![Cmd::DropFields];
    if model.screen == Screen::Hidden {
        cmds.push(Cmd::Leave);
    }
    cmds
}

impl Model {
    /// Whether the page has a notice, or would have one without the form.
    #[must_use]
    pub fn has_notice(&self) -> bool {
        self.status.state == RecoveryState::ActionNeeded || self.news().is_some()
    }

    /// What the banner is about.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        Shown { status: &self.status, is_news: self.is_news }
    }

    /// What there is to be known of the card, where that is all there is.
    #[must_use]
    pub fn news(&self) -> Option<CardNewsKind> {
        self.shown().news()
    }

    /// Whether the notice may be hidden.
    #[must_use]
    pub fn is_dismissible(&self) -> bool {
        self.shown().can_dismiss()
    }
}
