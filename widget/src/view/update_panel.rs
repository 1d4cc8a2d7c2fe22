//! The panel: first what will be charged and for what, then the provider's fields or what the bank
//! wants, then one button that names the amount. After it, in the same place, how it ended.

use reprieve_core::api::banner::Speaker as _;

use super::element::{Button, button, cross, flag, line};
use super::markup::Writer;
use super::{never, note, notice};
use crate::app::{App, Ui};
use crate::i18n::{self, Key};
use crate::model::{Model, Msg, Place, Screen, Work};
use crate::provider_js::SLOT;

/// How many invoices are listed; more are counted.
const INVOICES_SHOWN_MAX: usize = 4;

/// The dialog.
pub fn write(to: &mut Writer, ui: Ui) {
    to.element("dialog,class=panel,part=panel,tabindex=-1", |to| {
        to.follow("aria-label", Box::new(move || ui.read(title)));
        to.live(Box::new(move |to| content(to, ui)));
    });
}

fn content(to: &mut Writer, ui: Ui) {
    match ui.panel() {
        Screen::Update => form(to, ui, true),
        Screen::Confirm => form(to, ui, false),
        screen => {
            notice::write(to, ui, screen, "section,class=card notice");
            to.element("div,class=asides", |to| aside(to, ui, "question", i18n::ACTION_QUESTION));
        }
    }
}

/// With the card's fields, or with nothing but a button that leads to the bank.
fn form(to: &mut Writer, ui: Ui, is_card: bool) {
    to.element("div,class=form", |to| {
        to.element("header", |to| {
            to.following("h2,class=title,part=title", Box::new(move || ui.read(title)));
            cross(to, ui, Place::Panel, i18n::ACTION_CLOSE, || Msg::Close);
        });
        line(to, ui, "message", Place::Panel, lead);
        to.element("div,class=bill", |to| to.live(Box::new(move |to| bill(to, ui))));
        if is_card {
            fields(to, ui);
        }
        to.element("div,class=live,role=alert", |to| line(to, ui, "note", Place::Panel, note));
        to.element("div,class=actions", |to| {
            button(to, ui, if is_card { &CANCEL } else { &OTHER_CARD });
            button(to, ui, &PAY);
        });
        if is_card {
            to.element("div,class=safe", |to| {
                to.element("span,class=icon,data-icon=lock,aria-hidden=true", |_| {});
                to.text(&ui.text(i18n::PANEL_SAFE));
            });
        }
        to.element("div,class=asides", |to| {
            aside(to, ui, "cancel", i18n::ACTION_LEAVE);
            aside(to, ui, "question", i18n::ACTION_QUESTION);
        });
    });
}

/// Where the provider's fields come, and what stands there until they do.
fn fields(to: &mut Writer, ui: Ui) {
    to.element("div,class=fields", |to| {
        flag(to, ui, "data-loading", |model| !model.fields_ready);
        to.line("div,class=skeleton", &ui.text(i18n::PANEL_LOADING));
        to.element("slot", |to| to.set("name", SLOT));
    });
}

/// The loader opens what the attribute names, whichever button has it.
fn aside(to: &mut Writer, ui: Ui, opens: &str, label: Key) {
    to.element("button,type=button,class=plain,data-about=card", |to| {
        to.set("data-reprieve", opens);
        to.text(&ui.text(label));
    });
}

static PAY: Button = Button {
    part: "primary",
    place: Place::Panel,
    label: |app, model| {
        let is_bank = model.screen == Screen::Confirm;
        let (named, plain) = match (is_bank, model.is_news) {
            (true, _) => (i18n::ACTION_CONFIRM_PAY, i18n::ACTION_CONFIRM),
            (_, true) => (i18n::ACTION_PAY, i18n::ACTION_SAVE),
            _ => (i18n::ACTION_PAY, i18n::ACTION_PAY_PLAIN),
        };
        match (model.total(), model.work) {
            (_, Work::Confirming) if is_bank => app.text(i18n::ACTION_CONFIRMING),
            (_, Work::Confirming | Work::Completing) if model.is_news => {
                app.text(i18n::ACTION_SAVING)
            }
            (_, Work::Confirming | Work::Completing) => app.text(i18n::ACTION_PAYING),
            (Some(amount), _) => app.fill(named, &[("amount", &app.formats.money(&amount))]),
            (None, _) => app.text(plain),
        }
    },
    is_busy: |model| matches!(model.work, Work::Confirming | Work::Completing),
    is_off: |model| !model.is_idle(),
    click: || Msg::Save,
};

static CANCEL: Button = Button {
    part: "secondary",
    place: Place::Panel,
    label: |app, _| app.text(i18n::ACTION_CANCEL),
    is_busy: never,
    is_off: never,
    click: || Msg::Close,
};

static OTHER_CARD: Button = Button {
    part: "secondary",
    place: Place::Panel,
    label: |app, _| app.text(i18n::ACTION_OTHER_CARD),
    is_busy: never,
    is_off: |model| !model.is_idle(),
    click: || Msg::OtherCard,
};

/// What is charged, line by line, and the sum.
fn bill(to: &mut Writer, ui: Ui) {
    ui.read(|app, model| {
        let mut row = |class: &str, what: &str, amount: &str| {
            to.element("div", |to| {
                to.set("class", class);
                to.line("span", what);
                to.line("b", amount);
            });
        };
        let invoices = model.bill();
        for invoice in invoices.iter().take(INVOICES_SHOWN_MAX) {
            let what = match (&invoice.description, &invoice.number) {
                // A text of the provider's has a direction of its own.
                (Some(what), _) => app.texts.fill("{what}", &[("what", what)]),
                (None, Some(number)) => app.fill(i18n::PANEL_INVOICE, &[("number", number)]),
                (None, None) => app.text(i18n::PANEL_INVOICE_PLAIN),
            };
            row("row", &what, &app.formats.money(&invoice.amount_due));
        }
        let more = invoices.len().saturating_sub(INVOICES_SHOWN_MAX);
        if more > 0 {
            row("row", &app.plural(i18n::PANEL_MORE, more, ""), "");
        }
        if let Some(amount) = model.total() {
            row("row total", &app.text(i18n::PANEL_DUE), &app.formats.money(&amount));
        }
    });
}

fn title(app: &App, model: &Model) -> String {
    let is_bank = model.screen == Screen::Confirm;
    app.text(if is_bank { i18n::CONFIRM_TITLE } else { i18n::PANEL_TITLE })
}

fn lead(app: &App, model: &Model) -> String {
    app.text(match (model.screen, model.is_news) {
        (Screen::Confirm, _) => i18n::CONFIRM_LEAD,
        (_, true) => i18n::PANEL_LEAD_SAVE,
        _ => i18n::PANEL_LEAD,
    })
}
