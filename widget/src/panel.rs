//! What only the panel does: making a set-up, the provider's fields, the bank's question.

use std::any::Any;

use reprieve_core::api::payment_method::NewPaymentMethod;

use crate::app::Ui;
use crate::failure::{Failure, FailureKind};
use crate::model::{Cmd, Msg};
use crate::provider_js::{self, Fields, Look};

/// Carries out a command of the panel's. The others are the notice's too.
pub fn run(ui: Ui, cmd: Cmd) {
    let Some(app) = ui.app() else { return };
    let client = app.client.clone();
    match cmd {
        Cmd::MakeSetup(flow) => {
            ui.later(Box::pin(async move { Msg::SetupMade(flow, client.make_setup().await) }))
        }
        Cmd::HandOff(flow) => {
            ui.later(Box::pin(async move { Msg::SetupMade(flow, client.hand_off().await) }));
        }
        Cmd::AskBank(flow, handed_off) => ask_bank(ui, flow, handed_off),
        Cmd::ShowFields(flow, setup) => show_fields(ui, flow, setup),
        Cmd::Confirm(flow) => {
            let fields = app.fields.borrow();
            let fields = fields.as_ref().and_then(|fields| fields.downcast_ref::<Fields>());
            let promise = fields.and_then(Fields::confirm);
            ui.later(Box::pin(async move {
                Msg::Confirmed(flow, provider_js::confirmed(promise).await)
            }));
        }
        _ => {}
    }
}

fn show_fields(ui: Ui, flow: u32, setup: NewPaymentMethod) {
    ui.later(Box::pin(async move {
        let loaded = provider_js::load(&setup.provider_js_url).await;
        let is_shown = loaded.is_ok() && put_fields(ui, flow, &setup);
        // Shown is not yet usable: the fields say themselves when they are ready.
        if is_shown { Msg::Waiting } else { Msg::Fields(flow, Err(())) }
    }));
}

fn ask_bank(ui: Ui, flow: u32, handed_off: NewPaymentMethod) {
    ui.later(Box::pin(async move {
        if provider_js::load(&handed_off.provider_js_url).await.is_err() {
            let failure = Failure::local(FailureKind::Fields, "provider_script");
            return Msg::SetupMade(flow, Err(failure));
        }
        // The customer may have left meanwhile.
        let app = ui.app().filter(|app| app.model.borrow().is_flow(flow));
        let Some(language) = app.map(|app| app.root.lang()) else { return Msg::Waiting };
        let question = provider_js::ask_bank(&handed_off, &language);
        Msg::Confirmed(flow, provider_js::confirmed(question).await)
    }));
}

fn put_fields(ui: Ui, flow: u32, setup: &NewPaymentMethod) -> bool {
    // The customer may have left, or the widget the page.
    let Some(app) = ui.app().filter(|app| app.model.borrow().is_flow(flow)) else {
        return false;
    };
    let look = Look { language: app.root.lang(), root: app.root.clone() };
    let fields = Fields::show(&app.client.element(), setup, &look, move |loaded| {
        ui.send(Msg::Fields(flow, loaded));
    });
    let is_shown = fields.is_some();
    app.fields.replace(fields.map(|fields| Box::new(fields) as Box<dyn Any>));
    is_shown
}
