//! What the notice is about, and whether it may be hidden.

use reprieve_core::api::banner::Shown;
use reprieve_core::api::status::{CardNewsKind, RecoveryState};

use super::{Cmd, Model, Screen, settle};

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

impl Model {
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
