//! The steps of a cancellation, but for the offers.

use reprieve_core::api::cancellation::CancellationView;

use super::super::markup::Writer;
use super::Seen;
use super::node::{area, aside, lines, radio, say};
use crate::cancel::App;
use crate::i18n::cancel as texts;
use crate::model::cancel::{Button, EXTRAORDINARY, Model, NOW, ORDINARY, Screen, Step, WITHDRAWAL};

/// What the button is called that leads out: by the law of the place where it is the last one.
pub(super) fn way_out<'a>(app: &'a App, model: &'a Model) -> &'a str {
    let profile = model.current.as_ref().map(|current| &current.profile);
    let is_offer = model.screen == Screen::Flow(Step::Offer);
    let named = profile.and_then(|profile| {
        let is_last = !is_offer || profile.cancel_on_offer == NOW;
        if is_last {
            app.texts.known(&profile.confirm_label)
        } else {
            Some(app.texts.get(texts::SKIP))
        }
    });
    named.unwrap_or_else(|| app.texts.get(texts::CONFIRM_LABEL))
}

/// Why? Nobody has to say.
pub(super) fn survey(to: &mut Writer, seen: Seen<'_>, current: &CancellationView) {
    say(to, seen, texts::SURVEY_LEAD);
    to.element("fieldset", |to| {
        to.line("legend,class=hidden", seen.app.texts.get(texts::SURVEY_TITLE));
        for reason in &current.reasons {
            radio(to, seen, reason);
        }
    });
}

/// What ends when, what is not charged, what becomes of what is open.
pub(super) fn confirm(to: &mut Writer, seen: Seen<'_>, current: &CancellationView) {
    let (app, kind) = (seen.app, current.kind.as_str());
    to.element("div,class=facts", |to| {
        to.line("p,class=message", &super::subscriptions::name(app, &current.subscription));
        match kind {
            WITHDRAWAL => say(to, seen, texts::CONFIRM_WITHDRAWAL),
            EXTRAORDINARY => say(to, seen, texts::CONFIRM_EXTRAORDINARY),
            _ => {}
        }
        if kind != WITHDRAWAL {
            let at_ms = current.effective_at_ms;
            if at_ms > current.server_time_ms {
                to.line("p,class=message", &app.day(texts::CONFIRM_ENDS, at_ms));
            } else {
                say(to, seen, texts::CONFIRM_ENDS_NOW);
            }
        }
        say(to, seen, texts::CONFIRM_CHARGES);
        let keeps = current.open_invoices == "keep";
        say(to, seen, if keeps { texts::CONFIRM_OPEN_KEEP } else { texts::CONFIRM_OPEN_VOID });
        if kind == EXTRAORDINARY {
            area(to, seen, texts::CONFIRM_CAUSE);
        }
        // German law wants both kinds to be on the page (§ 312k (2) no. 1 a BGB).
        if kind == ORDINARY && current.profile.jurisdiction == "de" {
            aside(to, seen, texts::CONFIRM_FOR_CAUSE, Button::ForCause);
        }
    });
}

/// The receipt, and until when it can be taken back.
pub(super) fn done(to: &mut Writer, seen: Seen<'_>, current: &CancellationView) {
    let app = seen.app;
    if current.state == "ended" || current.effective_at_ms <= current.server_time_ms {
        say(to, seen, texts::DONE_ENDED);
    } else {
        to.line("p,class=message", &app.day(texts::DONE_ENDS, current.effective_at_ms));
    }
    if let Some(at_ms) = current.undo_until_ms {
        to.line("p,class=message", &app.day(texts::DONE_UNDO, at_ms));
    }
    let Some(receipt) = current.receipt.as_ref().filter(|it| !it.lines.is_empty()) else { return };
    to.element("div,class=receipt", |to| {
        to.line("h3", app.texts.get(texts::DONE_RECEIPT));
        to.element("dl", |to| {
            for line in &receipt.lines {
                let (label, value) = app.receipt_line(line);
                to.element("div,class=row", |to| {
                    to.line("dt", &label);
                    // A number runs from left to right among Arabic, too, and stands where the
                    // others do.
                    to.element("dd", |to| to.line("bdi", &value));
                });
            }
        });
    });
}

/// The customer stays: what was agreed.
pub(super) fn kept(to: &mut Writer, seen: Seen<'_>, current: &CancellationView) {
    if seen.model.screen == Screen::Undone {
        return say(to, seen, texts::KEPT_UNDONE);
    }
    if current.accepted.is_none() {
        return say(to, seen, texts::KEPT_NOTHING);
    }
    if let Some(offer) = seen.model.taken() {
        let (what, details) = super::offer::words(seen.app, &offer.terms, current);
        lines(to, &[what]);
        lines(to, &details);
    }
}
