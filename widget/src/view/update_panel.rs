//! The panel: first what will be charged and for what, then the provider's fields, then one button
//! that names the amount. After it, in the same place, how it ended.

use leptos::html;
use leptos::prelude::*;

use super::{Button, Part, button, cross, icon, line, never, note, notice};
use crate::app::{App, Ui};
use crate::focus;
use crate::i18n;
use crate::model::{Model, Msg, Screen, Work};
use crate::provider_js::SLOT;

/// How many invoices are listed; more are counted.
const INVOICES_SHOWN_MAX: usize = 4;

/// The id that names the dialog to screen readers; ids are private to the shadow root.
const TITLE_ID: &str = "panel-title";

pub(super) fn view(ui: Ui) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            focus::open(&dialog, ui.is_modal());
        }
    });
    let content = move || match ui.shape().0 {
        Screen::Update => form(ui),
        _ => notice::view(ui),
    };
    let closed = move |_| {
        // Browsers may close a dialog whatever we say; changing its mode closes it for a moment.
        if dialog.get_untracked().is_some_and(|dialog| !dialog.open()) {
            ui.send(Msg::Close);
        }
    };
    view! {
        <dialog
            class="panel"
            part="panel"
            aria-labelledby=TITLE_ID
            autofocus
            node_ref=dialog
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                ui.send(Msg::Close);
            }
            on:close=closed
        >
            {content}
        </dialog>
    }
    .into_any()
}

fn form(ui: Ui) -> AnyView {
    let is_loading = ui.is(|model| !model.fields_ready);
    view! {
        <div class="form">
            <header>
                <h2 id=TITLE_ID class="title" part="title">{ui.text(title)}</h2>
                {cross(ui, Part::front("dismiss"), close_label, || Msg::Close)}
            </header>
            {line(ui, Part::front("message"), lead)}
            <div class="bill">{move || bill(ui)}</div>
            <div class="fields" data-loading=move || super::flag(is_loading())>
                <p class="skeleton">{ui.text(loading)}</p>
                <slot name=SLOT></slot>
            </div>
            <div class="live" role="alert">{line(ui, Part::front("note"), note)}</div>
            <div class="actions">{button(ui, CANCEL)} {button(ui, PAY)}</div>
            <p class="safe">{icon("lock")} {ui.text(safe)}</p>
        </div>
    }
    .into_any()
}

const PAY: Button = Button {
    part: Part::front("primary"),
    label: |app, model| match (&model.amount, model.work) {
        (_, Work::Confirming | Work::Completing) => app.text(i18n::ACTION_PAYING),
        (Some(amount), _) => app.fill(i18n::ACTION_PAY, &[("amount", &app.formats.money(amount))]),
        (None, _) => app.text(i18n::ACTION_PAY_PLAIN),
    },
    is_busy: |model| matches!(model.work, Work::Confirming | Work::Completing),
    is_off: |model| !model.is_idle(),
    click: || Msg::Save,
};

const CANCEL: Button = Button {
    part: Part::front("secondary"),
    label: |app, _| app.text(i18n::ACTION_CANCEL),
    is_busy: never,
    is_off: never,
    click: || Msg::Close,
};

/// What is charged, line by line, and the sum.
fn bill(ui: Ui) -> Vec<AnyView> {
    let mut rows: Vec<AnyView> = Vec::new();
    let (lines, more, total) = ui.read(|app, model| {
        let invoices = &model.status.invoices;
        let lines: Vec<_> = invoices
            .iter()
            .take(INVOICES_SHOWN_MAX)
            .map(|invoice| {
                let what = match (&invoice.description, &invoice.number) {
                    (Some(what), _) => what.clone(),
                    (None, Some(number)) => app.fill(i18n::PANEL_INVOICE, &[("number", number)]),
                    (None, None) => app.text(i18n::PANEL_INVOICE_PLAIN),
                };
                (what, app.formats.money(&invoice.amount_due))
            })
            .collect();
        let more = invoices.len().saturating_sub(INVOICES_SHOWN_MAX);
        let more = (more > 0).then(|| app.plural(i18n::PANEL_MORE, more, &[]));
        let total = model
            .status
            .amount_due
            .as_ref()
            .map(|amount| (app.text(i18n::PANEL_DUE), app.formats.money(amount)));
        (lines, more, total)
    });
    rows.extend(lines.into_iter().map(|(what, amount)| row("row", what, amount)));
    rows.extend(more.map(|more| row("row", more, String::new())));
    rows.extend(total.map(|(what, amount)| row("row total", what, amount)));
    rows
}

fn row(class: &'static str, what: String, amount: String) -> AnyView {
    view! {
        <p class=class>
            <span>{what}</span>
            <b>{amount}</b>
        </p>
    }
    .into_any()
}

fn title(app: &App, _: &Model) -> String {
    app.text(i18n::PANEL_TITLE)
}

fn close_label(app: &App, _: &Model) -> String {
    app.text(i18n::ACTION_CLOSE)
}

fn lead(app: &App, _: &Model) -> String {
    app.text(i18n::PANEL_LEAD)
}

fn loading(app: &App, _: &Model) -> String {
    app.text(i18n::PANEL_LOADING)
}

fn safe(app: &App, _: &Model) -> String {
    app.text(i18n::PANEL_SAFE)
}
