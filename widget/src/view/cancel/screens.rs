//! The steps of a cancellation, but for the offers.

use super::super::markup::Markup;
use super::node::{area, aside, element, group, lines, radio, text};
use crate::cancel::{App, Ui};
use crate::client::joined;
use crate::i18n::cancel as texts;
use crate::model::cancel::{
    EXTRAORDINARY, FEEDBACK_UNITS_MAX, Model, Msg, NOW, ORDINARY, Screen, Step, WITHDRAWAL,
};

/// What the button is called that leads out: by the law of the place where it is the last one.
pub(super) fn way_out(app: &App, model: &Model) -> String {
    let Some(current) = &model.current else { return app.text(texts::CONFIRM_LABEL) };
    let is_last =
        model.screen != Screen::Flow(Step::Offer) || current.profile.cancel_on_offer == NOW;
    if !is_last {
        return app.text(texts::SKIP);
    }
    let label = &current.profile.confirm_label;
    if app.texts.knows(label) { app.texts.named(label) } else { app.text(texts::CONFIRM_LABEL) }
}

/// Why? Nobody has to say.
pub(super) fn survey(ui: Ui) -> Vec<Markup> {
    let (lead, legend, reasons) = ui.look(|app, model| {
        let reasons = model.current.as_ref().map(|current| current.reasons.clone());
        let label = |reason: String| {
            let name = joined(&["reason.", &reason]);
            // A reason of a later version has no words here yet.
            app.texts
                .knows(&name)
                .then(|| (app.texts.named(&name), model.reason.as_ref() == Some(&reason), reason))
        };
        let reasons: Vec<_> = reasons.unwrap_or_default().into_iter().filter_map(label).collect();
        (app.text(texts::SURVEY_LEAD), app.text(texts::SURVEY_TITLE), reasons)
    });
    let options = reasons
        .into_iter()
        .map(|(label, is_picked, reason)| radio(ui, label, is_picked, Msg::Pick(reason)));
    let legend = element("legend", &[("class", "hidden")], vec![text(legend)]);
    let mut content = vec![legend];
    content.extend(options);
    let mut all = lines(vec![lead]);
    all.push(element("fieldset", &[], content));
    all
}

/// A word, if one likes.
pub(super) fn feedback(ui: Ui) -> Vec<Markup> {
    vec![written(ui, texts::FEEDBACK_LABEL)]
}

fn written(ui: Ui, label: crate::i18n::Key) -> Markup {
    let (label, hint, text) = ui.look(|app, model| {
        let max = app.formats.count(FEEDBACK_UNITS_MAX);
        let hint = app.fill(texts::FEEDBACK_LIMIT, &[("count", &max)]);
        (app.text(label), hint, model.message.clone())
    });
    area(ui, label, hint, FEEDBACK_UNITS_MAX, text)
}

/// What ends when, what is not charged, what becomes of what is open.
pub(super) fn confirm(ui: Ui) -> Vec<Markup> {
    let (sentences, kind, is_german, for_cause) = ui.look(|app, model| {
        let Some(current) = &model.current else {
            return (Vec::new(), String::new(), false, String::new());
        };
        let is_german = current.profile.jurisdiction == "de";
        let mut sentences = vec![super::subscriptions::name(app, &current.subscription)];
        match current.kind.as_str() {
            WITHDRAWAL => sentences.push(app.text(texts::CONFIRM_WITHDRAWAL)),
            EXTRAORDINARY => sentences.push(app.text(texts::CONFIRM_EXTRAORDINARY)),
            _ => {}
        }
        if current.kind != WITHDRAWAL {
            sentences.push(ends(app, current.effective_at_ms, current.server_time_ms));
        }
        sentences.push(app.text(texts::CONFIRM_CHARGES));
        let keeps = current.open_invoices == "keep";
        sentences.push(app.text(if keeps {
            texts::CONFIRM_OPEN_KEEP
        } else {
            texts::CONFIRM_OPEN_VOID
        }));
        (sentences, current.kind.clone(), is_german, app.text(texts::CONFIRM_FOR_CAUSE))
    });
    let mut all = lines(sentences);
    if kind == EXTRAORDINARY {
        all.push(written(ui, texts::CONFIRM_CAUSE));
    }
    // German law wants both kinds to be on the page (§ 312k (2) no. 1 a BGB).
    if is_german && kind == ORDINARY {
        all.push(aside(ui, for_cause, Msg::ForCause));
    }
    vec![group("facts", all)]
}

fn ends(app: &App, at_ms: i64, now_ms: i64) -> String {
    if at_ms > now_ms {
        app.day(texts::CONFIRM_ENDS, at_ms)
    } else {
        app.text(texts::CONFIRM_ENDS_NOW)
    }
}

/// The receipt, and until when it can be taken back.
pub(super) fn done(ui: Ui) -> Vec<Markup> {
    let (sentences, heading, rows) = ui.look(|app, model| {
        let Some(current) = &model.current else { return Default::default() };
        let is_over = current.state == "ended" || current.effective_at_ms <= current.server_time_ms;
        let mut sentences = vec![if is_over {
            app.text(texts::DONE_ENDED)
        } else {
            app.day(texts::DONE_ENDS, current.effective_at_ms)
        }];
        sentences.extend(current.undo_until_ms.map(|at_ms| app.day(texts::DONE_UNDO, at_ms)));
        let receipt = current.receipt.as_ref();
        let rows: Vec<_> = receipt
            .map(|receipt| receipt.lines.iter().map(|line| app.receipt_line(line)).collect())
            .unwrap_or_default();
        (sentences, app.text(texts::DONE_RECEIPT), rows)
    });
    let mut all = lines(sentences);
    if !rows.is_empty() {
        let row = |(label, value): (String, String)| {
            let label = element("dt", &[], vec![text(label)]);
            // A number runs from left to right among Arabic, too, and stands where the others do.
            let value = element("bdi", &[], vec![text(value)]);
            let value = element("dd", &[], vec![value]);
            group("row", vec![label, value])
        };
        let rows = rows.into_iter().map(row).collect();
        let heading = element("h3", &[], vec![text(heading)]);
        let list = element("dl", &[], rows);
        all.push(group("receipt", vec![heading, list]));
    }
    all
}

/// The customer stays: what was agreed.
pub(super) fn kept(ui: Ui) -> Vec<Markup> {
    let sentences = ui.look(|app, model| {
        if model.screen == Screen::Undone {
            return vec![app.text(texts::KEPT_UNDONE)];
        }
        let Some(current) = model.current.as_ref().filter(|it| it.accepted.is_some()) else {
            return vec![app.text(texts::KEPT_NOTHING)];
        };
        let taken = model.taken.as_ref().filter(|it| current.accepted.as_ref() == Some(&it.name));
        let Some(offer) = taken else { return Vec::new() };
        let (what, details) = super::offer::words(app, &offer.terms, current);
        [vec![what], details].concat()
    });
    lines(sentences)
}
