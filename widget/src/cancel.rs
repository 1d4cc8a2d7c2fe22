//! Signals around the model of leaving: messages in, commands out to the browser.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use reprieve_core::api::cancellation::{ReceiptLine, ReceiptValue, ReceiptView};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::client::cancel::{Desk, Given, Opener};
use crate::client::joined;
use crate::focus;
use crate::format::Formats;
use crate::i18n::{Key, Plural, Texts};
use crate::listen::Listener;
use crate::model::cancel::{self as model, Button, Call, Cmd, Model, Msg};

/// All that lives as long as the dialog is open.
pub struct App {
    /// The sentences.
    pub texts: Texts,
    /// Money, dates, plurals.
    pub formats: Formats,
    desk: Rc<Desk>,
    root: HtmlElement,
    model: RefCell<Model>,
    /// Something in the model changed.
    changed: ArcTrigger,
    /// There is something else on the screen.
    screen: ArcTrigger,
    timer: RefCell<Option<Timeout>>,
    layout_timer: RefCell<Option<Timeout>>,
    listeners: RefCell<Vec<Listener>>,
}

impl App {
    /// A sentence with values.
    #[must_use]
    pub fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.texts.fill(self.texts.get(key), values)
    }

    /// A sentence with a day.
    #[must_use]
    pub fn day(&self, key: Key, at_ms: i64) -> String {
        self.fill(key, &[("date", &self.formats.day(at_ms))])
    }

    /// A sentence about a number of things, and one more value.
    #[must_use]
    pub fn plural(&self, key: Plural, count: u32, (name, value): (&str, &str)) -> String {
        let template = self.texts.plural(key, &self.formats.plural(count));
        self.texts.fill(template, &[("count", &self.formats.count(count)), (name, value)])
    }

    /// A line of a receipt: what it is, and what stands there.
    #[must_use]
    pub fn receipt_line(&self, line: &ReceiptLine) -> (String, String) {
        let value = match &line.value {
            ReceiptValue::Text(text) => text.clone(),
            ReceiptValue::TimeMs(at_ms) => self.formats.stamp(*at_ms),
            ReceiptValue::Amount(amount) => self.formats.money(amount),
            ReceiptValue::Word(word) => self.texts.named(word).to_owned(),
        };
        (self.texts.named(&line.key).to_owned(), value)
    }

    /// A receipt as a text that can be kept.
    fn receipt(&self, receipt: &ReceiptView) -> String {
        let mut text = self.texts.get(crate::i18n::cancel::DONE_RECEIPT).to_owned();
        for line in &receipt.lines {
            let (label, value) = self.receipt_line(line);
            // A line is a line, whatever was written.
            let value: String =
                value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            text.push_str(&joined(&["\r\n", &label, ": ", &value]));
        }
        text.push_str("\r\n");
        text
    }

    /// Writes on the container what is shown, for styles and for tests.
    fn label(&self) {
        // Naming an attribute in ASCII cannot fail.
        let _ = self.root.set_attribute("data-screen", self.model.borrow().screen.name());
    }
}

/// Shows the dialog. `None` without texts.
#[must_use]
pub fn mount(opener: Opener) -> Option<Box<dyn Any>> {
    let (desk, given) = Desk::new(opener)?;
    let root = desk.root();
    let start = move || crate::view::cancel::dialog(Ui::start(desk, given));
    Some(Box::new(mount_to(root, start)))
}

/// The handle that views copy: read the model, send messages.
///
/// After unmounting it does nothing, so answers that arrive late are harmless.
#[derive(Clone, Copy)]
pub struct Ui(StoredValue<Rc<App>, LocalStorage>);

impl Ui {
    /// Starts; must run inside a reactive owner, which ends it.
    pub fn start(desk: Desk, given: Given) -> Self {
        let (model, cmds) = Model::start(given.aim, given.subscription);
        let app = Rc::new(App {
            texts: given.texts,
            formats: Formats::new(&given.locale),
            root: desk.root(),
            desk: Rc::new(desk),
            model: RefCell::new(model),
            changed: ArcTrigger::new(),
            screen: ArcTrigger::new(),
            timer: RefCell::default(),
            layout_timer: RefCell::default(),
            listeners: RefCell::default(),
        });
        app.label();
        let ui = Self(StoredValue::new_local(app));
        ui.listen();
        ui.arrange();
        ui.run(cmds);
        ui
    }

    fn listen(self) {
        let Some(app) = self.app() else { return };
        let root = app.root.clone();
        let listeners = vec![
            // The dialog's own events, caught on their way down: they do not bubble.
            Listener::new(&app.root, "cancel", move |event| {
                event.prevent_default();
                self.send(Msg::Press(Button::Close.press()));
            }),
            Listener::new(&app.root, "close", move |_| {
                // Browsers may close a dialog whatever we say.
                if focus::dialog(&root).is_some_and(|dialog| !dialog.open()) {
                    self.send(Msg::Press(Button::Close.press()));
                }
            }),
        ];
        app.listeners.replace(listeners);
    }

    fn app(self) -> Option<Rc<App>> {
        self.0.try_get_value()
    }

    /// Opens the dialog and puts the keyboard on the heading, after the views have been built.
    fn arrange(self) {
        let Some(app) = self.app() else { return };
        let timer = Timeout::new(0, move || {
            let Some(app) = self.app() else { return };
            if let Some(dialog) = focus::dialog(&app.root) {
                focus::open(&dialog, true);
                focus::on_heading(&app.root);
                dialog.set_scroll_top(0);
            }
        });
        app.layout_timer.replace(Some(timer));
    }

    /// Reads the model and the texts for a part that is built anew with every screen.
    pub fn look<T: Default>(self, look: impl FnOnce(&App, &Model) -> T) -> T {
        let Some(app) = self.app() else { return T::default() };
        app.screen.track();
        let model = app.model.borrow();
        look(&app, &model)
    }

    /// Reads the model and the texts for something that follows every change.
    pub fn read<T: Default>(self, read: impl FnOnce(&App, &Model) -> T) -> T {
        let Some(app) = self.app() else { return T::default() };
        app.changed.track();
        let model = app.model.borrow();
        read(&app, &model)
    }

    /// Feeds the model and does what it wants done.
    pub fn send(self, msg: Msg) {
        let Some(app) = self.app() else { return };
        let (cmds, is_new) = {
            let mut model = app.model.borrow_mut();
            let (screen, current, subscriptions) =
                (model.screen, model.current.clone(), model.subscriptions.clone());
            let cmds = model::update(&mut model, msg);
            // Every answer is a new one: comparing them in depth would be 5 kB of Wasm.
            let is_other = screen != model.screen
                || current.as_ref().map(Arc::as_ptr) != model.current.as_ref().map(Arc::as_ptr)
                || !Arc::ptr_eq(&subscriptions, &model.subscriptions);
            // While an answer is awaited, the screen with the pressed button stays.
            (cmds, is_other && !model.is_busy())
        };
        app.changed.notify();
        if is_new {
            app.label();
            app.screen.notify();
            self.arrange();
        }
        self.run(cmds);
    }

    fn run(self, cmds: Vec<Cmd>) {
        let Some(app) = self.app() else { return };
        for cmd in cmds {
            match cmd {
                Cmd::Send(flow, call) => self.call(flow, call),
                Cmd::Wait(flow, delay_ms) => {
                    let timer = Timeout::new(delay_ms, move || self.send(Msg::Rang(flow)));
                    app.timer.replace(Some(timer));
                }
                Cmd::Save => {
                    let current = app.model.borrow().current.clone();
                    if let Some(receipt) = current.as_ref().and_then(|it| it.receipt.as_ref()) {
                        app.desk.save(&receipt.id, &app.receipt(receipt));
                    }
                }
                Cmd::Tell(current) => app.desk.tell(&current),
                Cmd::TellError(code) => app.desk.tell_error(&code),
                Cmd::Leave(has_changed) => app.desk.leave(has_changed),
            }
        }
    }

    fn call(self, flow: u32, call: Call) {
        let Some(app) = self.app() else { return };
        let desk = app.desk.clone();
        spawn_local(async move { self.send(Msg::Answered(flow, desk.send(call).await)) });
    }
}
