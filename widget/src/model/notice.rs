//! What the notice is about, and whether it may be hidden.

use reprieve_core::api::status::{AccessLevel, CardNewsKind, RecoveryState};

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
    /// What there is to be known of the card, where that is all there is.
    #[must_use]
    pub fn news(&self) -> Option<CardNewsKind> {
        self.status.card_news.as_ref().filter(|_| self.is_news).map(|news| news.kind)
    }

    /// Whether the notice may be hidden: not once access is affected.
    #[must_use]
    pub fn is_dismissible(&self) -> bool {
        matches!(self.status.access, AccessLevel::Full | AccessLevel::Warn)
    }
}
