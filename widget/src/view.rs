//! What the customer sees. Views hold no state: they read the model and send messages.
//!
//! Parts, for styles of the page and for tests; there is at most one `title`, `message` and
//! `primary` at a time. `cargo xtask reference` reads this list:
//!
//! ```text
//!   ::part(banner)     the notice in the page
//!   ::part(panel)      the dialog in which a card is updated, or somebody leaves
//!   ::part(title)      the heading
//!   ::part(message)    what happened and what comes next
//!   ::part(note)       less important lines
//!   ::part(primary)    the button that goes on
//!   ::part(secondary)  other buttons
//!   ::part(dismiss)    the button that hides or closes
//!   ::part(wall)       the page's cover where access is restricted (attribute `wall`)
//!   ::part(choice)     a button that decides something about leaving
//!   ::part(link)       a link to somewhere else
//!   ::part(back)       the arrow back
//! ```

mod banner;
pub mod cancel;
mod element;
pub mod markup;
mod notice;
pub mod update_panel;

use reprieve_core::api::banner::Speaker as _;

use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Note, Screen};
use crate::wording;
use markup::{Markup, Writer};

/// The whole widget.
pub fn widget(ui: Ui) -> Markup {
    Markup(Box::new(move |to| {
        // The region is there before its content, or screen readers would not announce it.
        let region = "div,class=inline,aria-live=polite";
        to.element(region, |to| to.live(Box::new(move |to| inline(to, ui))));
        to.element("div,class=over", |to| to.live(Box::new(move |to| panel(to, ui))));
    }))
}

fn inline(to: &mut Writer, ui: Ui) {
    let inline = ui.inline();
    match inline.screen {
        Screen::Hidden => {}
        Screen::Banner => banner::write(to, ui, inline),
        screen => notice::write(to, ui, screen, "section,class=card notice,part=banner"),
    }
}

fn panel(to: &mut Writer, ui: Ui) {
    if let Some(panel) = ui.open_panel() {
        (panel.write)(to, ui);
    }
}

fn never(_: &Model) -> bool {
    false
}

/// The line near the button that says why the last try failed.
fn note(app: &App, model: &Model) -> String {
    match &model.note {
        Note::Empty => String::new(),
        Note::Declined(reason) => app.text(wording::declined(*reason)),
        Note::Provider(words) => words.clone(),
        Note::Check => app.text(i18n::DECLINED_CHECK),
        Note::NotConfirmed => app.text(i18n::CONFIRM_FAILED),
        Note::Closed => app.text(i18n::CONFIRM_CLOSED),
    }
}
