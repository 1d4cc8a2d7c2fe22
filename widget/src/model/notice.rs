//! What the notice is about, and whether it may be hidden.

use reprieve_core::api::status::{AccessLevel, CardNewsKind};

use super::{Model, Screen};

/// Begins with the notice where there is something to be known of the card, and nothing is owed.
pub(super) fn has_news(model: &mut Model) -> bool {
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
