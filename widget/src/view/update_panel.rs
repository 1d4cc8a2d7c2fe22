//! The panel: first what will be charged and for what, then the provider's fields or what the bank
//! wants, then one button that names the amount. After it, in the same place, how it ended.

use reprieve_core::api::banner::Speaker as _;

use super::element::{Text, Value, element, live, text};
use super::markup::Markup;
use super::{Button, button, close_label, cross, group, icon, line, never, note, notice};
use crate::app::{App, Ui};
use crate::i18n;
use crate::model::{Model, Msg, Place, Screen, Work};
use crate::provider_js::SLOT;

/// How many invoices are listed; more are counted.
const INVOICES_SHOWN_MAX: usize = 4;

/// The dialog.
pub fn view(ui: Ui) -> Markup {
    let attributes = [
        ("class", Value::Is("panel")),
        ("part", Value::Is("panel")),
        ("aria-label", Value::Text(title)),
        ("tabindex", Value::Is("-1")),
    ];
    element(ui, "dialog", &attributes, vec![live(ui, content)])
}

fn content(ui: Ui) -> Markup {
    match ui.panel() {
        Screen::Update => form(ui, true),
        Screen::Confirm => form(ui, false),
        screen => {
            let asides = group(ui, "asides", vec![aside(ui, "question", question)]);
            Markup::Many(vec![notice::view(ui, screen, ""), asides])
        }
    }
}

/// With the card's fields, or with nothing but a button that leads to the bank.
fn form(ui: Ui, is_card: bool) -> Markup {
    let name = [("class", Value::Is("title")), ("part", Value::Is("title"))];
    let header = vec![
        element(ui, "h2", &name, vec![text(ui, title)]),
        cross(ui, Place::Panel, close_label, || Msg::Close),
    ];
    let fields = vec![
        group(ui, "skeleton", vec![text(ui, loading)]),
        element(ui, "slot", &[("name", Value::Is(SLOT))], Vec::new()),
    ];
    let is_loading: fn(&Model) -> bool = |model| !model.fields_ready;
    let loading = [("class", Value::Is("fields")), ("data-loading", Value::Flag(is_loading))];
    let alert = [("class", Value::Is("live")), ("role", Value::Is("alert"))];
    let mut content = vec![
        element(ui, "header", &[], header),
        line(ui, "message", Place::Panel, lead),
        group(ui, "bill", vec![live(ui, bill)]),
    ];
    if is_card {
        content.push(element(ui, "div", &loading, fields));
    }
    content.push(element(ui, "div", &alert, vec![line(ui, "note", Place::Panel, note)]));
    let other = if is_card { &CANCEL } else { &OTHER_CARD };
    content.push(group(ui, "actions", vec![button(ui, other), button(ui, &PAY)]));
    if is_card {
        content.push(group(ui, "safe", vec![icon(ui, "lock"), text(ui, safe)]));
    }
    let asides = vec![aside(ui, "cancel", leave), aside(ui, "question", question)];
    content.push(group(ui, "asides", asides));
    group(ui, "form", content)
}

/// The loader opens what the attribute names, whichever button has it.
fn aside(ui: Ui, opens: &'static str, label: Text) -> Markup {
    let attributes = [
        ("type", Value::Is("button")),
        ("class", Value::Is("plain")),
        ("data-reprieve", Value::Is(opens)),
        ("data-about", Value::Is("card")),
    ];
    element(ui, "button", &attributes, vec![text(ui, label)])
}

const PAY: Button = Button {
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

const CANCEL: Button = Button {
    part: "secondary",
    place: Place::Panel,
    label: |app, _| app.text(i18n::ACTION_CANCEL),
    is_busy: never,
    is_off: never,
    click: || Msg::Close,
};

const OTHER_CARD: Button = Button {
    part: "secondary",
    place: Place::Panel,
    label: |app, _| app.text(i18n::ACTION_OTHER_CARD),
    is_busy: never,
    is_off: |model| !model.is_idle(),
    click: || Msg::OtherCard,
};

/// What is charged, line by line, and the sum.
fn bill(ui: Ui) -> Markup {
    let rows = ui.read(|app, model| {
        let invoices = model.bill();
        let mut rows = Vec::new();
        for invoice in invoices.iter().take(INVOICES_SHOWN_MAX) {
            let what = match (&invoice.description, &invoice.number) {
                // A text of the provider's has a direction of its own.
                (Some(what), _) => app.texts.fill("{what}", &[("what", what)]),
                (None, Some(number)) => app.fill(i18n::PANEL_INVOICE, &[("number", number)]),
                (None, None) => app.text(i18n::PANEL_INVOICE_PLAIN),
            };
            rows.push(("row", what, app.formats.money(&invoice.amount_due)));
        }
        let more = invoices.len().saturating_sub(INVOICES_SHOWN_MAX);
        if more > 0 {
            rows.push(("row", app.plural(i18n::PANEL_MORE, more, ""), String::new()));
        }
        if let Some(amount) = model.total() {
            rows.push(("row total", app.text(i18n::PANEL_DUE), app.formats.money(&amount)));
        }
        rows
    });
    let row = |(class, what, amount)| {
        let what = element(ui, "span", &[], vec![Markup::Text(what)]);
        let amount = element(ui, "b", &[], vec![Markup::Text(amount)]);
        group(ui, class, vec![what, amount])
    };
    Markup::Many(rows.into_iter().map(row).collect())
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

fn loading(app: &App, _: &Model) -> String {
    app.text(i18n::PANEL_LOADING)
}

fn leave(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_LEAVE)
}

fn question(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_QUESTION)
}

fn safe(app: &App, _: &Model) -> String {
    app.text(i18n::PANEL_SAFE)
}
