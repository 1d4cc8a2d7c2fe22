//! Signals around the model: messages in, commands out to the browser.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::client::{Client, Given};
use crate::focus;
use crate::format::Formats;
use crate::i18n::{Key, Plural, Texts};
use crate::listen::Listener;
use crate::model::{self, Cmd, Model, Msg, Place, Screen, Work};
use crate::provider_js::{self, Fields, Look};
use reprieve_core::api::payment_method::NewPaymentMethod;

/// All that lives as long as the widget is mounted.
pub struct App {
    /// The sentences.
    pub texts: Texts,
    /// Money, dates, plurals.
    pub formats: Formats,
    client: Rc<Client>,
    root: HtmlElement,
    timer: RefCell<Option<Timeout>>,
    focus_timer: RefCell<Option<Timeout>>,
    fields: RefCell<Option<Fields>>,
    listeners: RefCell<Vec<Listener>>,
}

impl App {
    /// A sentence without values.
    #[must_use]
    pub fn text(&self, key: Key) -> String {
        self.texts.get(key).to_owned()
    }

    /// A sentence with values.
    #[must_use]
    pub fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.texts.fill(self.texts.get(key), values)
    }

    /// A sentence about a number of things; `{count}` is filled in.
    #[must_use]
    pub fn plural(&self, key: Plural, count: usize, values: &[(&str, &str)]) -> String {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let template = self.texts.plural(key, &self.formats.plural(count));
        let count = self.formats.count(count);
        let mut all = vec![("count", count.as_str())];
        all.extend_from_slice(values);
        self.texts.fill(template, &all)
    }
}

/// The handle that views copy: read the model, send messages.
///
/// After unmounting it does nothing, so answers that arrive late are harmless.
#[derive(Clone, Copy)]
pub struct Ui {
    app: StoredValue<Rc<App>, LocalStorage>,
    model: RwSignal<Model>,
    shape: RwSignal<(Screen, Place)>,
}

impl Ui {
    /// Starts the journey; must run inside a reactive owner, which ends it.
    pub fn start(client: Client, given: Given) -> Self {
        let (model, cmds) = Model::start(given.status);
        let app = Rc::new(App {
            texts: Texts::new(given.texts, &given.skin),
            formats: Formats::new(&given.locale),
            root: client.root(),
            client: Rc::new(client),
            timer: RefCell::default(),
            focus_timer: RefCell::default(),
            fields: RefCell::default(),
            listeners: RefCell::default(),
        });
        if !given.skin.is_empty() {
            // Naming an attribute in ASCII cannot fail.
            let _ = app.root.set_attribute("data-skin", &given.skin);
        }
        let shape = (model.screen, model.place);
        let ui = Self {
            app: StoredValue::new_local(app),
            model: RwSignal::new(model),
            shape: RwSignal::new(shape),
        };
        ui.listen();
        ui.label(shape);
        ui.run(cmds);
        ui
    }

    fn listen(self) {
        let Some(window) = web_sys::window() else { return };
        let Some(document) = window.document() else { return };
        let is_visible = {
            let document = document.clone();
            move || document.visibility_state() == web_sys::VisibilityState::Visible
        };
        let listeners = vec![
            Listener::new(window.into(), "online", move || self.send(Msg::Online)),
            Listener::new(document.into(), "visibilitychange", move || {
                if is_visible() {
                    self.send(Msg::PageShown);
                }
            }),
        ];
        if let Some(app) = self.app() {
            app.listeners.replace(listeners);
        }
    }

    fn app(self) -> Option<Rc<App>> {
        self.app.try_get_value()
    }

    /// The screen and its place; a view that reads this is built anew when they change.
    #[must_use]
    pub fn shape(self) -> (Screen, Place) {
        self.shape.get()
    }

    /// Reads the model and the texts; the view that does so follows their changes.
    pub fn read<T: Default>(self, read: impl FnOnce(&App, &Model) -> T) -> T {
        let Some(app) = self.app() else { return T::default() };
        self.model.try_with(|model| read(&app, model)).unwrap_or_default()
    }

    /// A text that follows the model. A function pointer, not a closure: all texts of the widget
    /// are then one type, compiled once.
    pub fn text(self, read: fn(&App, &Model) -> String) -> impl Fn() -> String + Copy + Send {
        move || self.read(read)
    }

    /// The same for a yes or no.
    pub fn is(self, read: fn(&Model) -> bool) -> impl Fn() -> bool + Copy + Send {
        move || self.read(|_, model| read(model))
    }

    /// Feeds the model and does what it wants done.
    pub fn send(self, msg: Msg) {
        let Some(app) = self.app() else { return };
        let mut shape = None;
        let cmds = self.model.try_update(|model| {
            let cmds = model::update(model, msg);
            shape = Some((model.screen, model.place));
            cmds
        });
        if let Some(shape) = shape.filter(|shape| *shape != self.shape.get_untracked()) {
            let keeps_focus = shape.1 == Place::Panel || focus::is_inside(&app.root);
            self.shape.set(shape);
            self.label(shape);
            // The form opens with the focus on the dialog itself; every other screen has one thing
            // to do. After the views have been built, which takes a microtask or two.
            if keeps_focus && shape.0 != Screen::Update {
                let root = app.root.clone();
                let timer = Timeout::new(0, move || focus::on_primary(&root));
                app.focus_timer.replace(Some(timer));
            }
        }
        self.run(cmds.unwrap_or_default());
    }

    /// Writes on the container what is shown, for styles and for tests.
    fn label(self, (screen, place): (Screen, Place)) {
        let Some(app) = self.app() else { return };
        let place = if place == Place::Panel { "panel" } else { "inline" };
        // Naming an attribute in ASCII cannot fail.
        let _ = app.root.set_attribute("data-screen", screen.name());
        let _ = app.root.set_attribute("data-place", place);
    }

    fn run(self, cmds: Vec<Cmd>) {
        let Some(app) = self.app() else { return };
        for cmd in cmds {
            match cmd {
                Cmd::MakeSetup(flow) => {
                    let client = app.client.clone();
                    self.later(Box::pin(async move {
                        Msg::SetupMade(flow, client.make_setup().await)
                    }));
                }
                Cmd::ShowFields(flow, setup) => self.show_fields(flow, setup),
                Cmd::DropFields => drop(app.fields.take()),
                Cmd::Confirm(flow) => {
                    let promise = app.fields.borrow().as_ref().and_then(Fields::confirm);
                    self.later(Box::pin(async move {
                        Msg::Confirmed(flow, provider_js::confirmed(promise).await)
                    }));
                }
                Cmd::Send(flow, job, setup_id) => {
                    let client = app.client.clone();
                    self.later(Box::pin(async move {
                        Msg::Answered(flow, job, client.send(job, &setup_id).await)
                    }));
                }
                Cmd::Wait(flow, delay_ms) => {
                    let timer = Timeout::new(delay_ms, move || self.send(Msg::Rang(flow)));
                    app.timer.replace(Some(timer));
                }
                Cmd::Remember => app.client.remember_dismissal(),
                Cmd::Leave => app.client.leave(),
                Cmd::Tell(event) => app.client.tell(event),
            }
        }
    }

    /// Sends the message that some work ends with. One compiled type for all kinds of work.
    fn later(self, work: Pin<Box<dyn Future<Output = Msg>>>) {
        spawn_local(async move { self.send(work.await) });
    }

    fn show_fields(self, flow: u32, setup: NewPaymentMethod) {
        self.later(Box::pin(async move {
            let loaded = provider_js::load(&setup.provider_js_url).await;
            let shown = loaded.is_ok() && self.put_fields(flow, &setup);
            // Loaded is not yet usable: the fields say themselves when they are ready.
            if shown { Msg::Waiting } else { Msg::Fields(flow, Err(())) }
        }));
    }

    fn put_fields(self, flow: u32, setup: &NewPaymentMethod) -> bool {
        // The customer may have left, or the widget the page.
        let Some(app) = self.app().filter(|_| self.is_flow(flow)) else { return false };
        let look = Look { language: app.root.lang(), root: app.root.clone() };
        let fields = Fields::show(&app.client.element(), setup, &look, move |loaded| {
            self.send(Msg::Fields(flow, loaded));
        });
        let is_shown = fields.is_some();
        app.fields.replace(fields);
        is_shown
    }

    fn is_flow(self, flow: u32) -> bool {
        self.model.try_with_untracked(|model| model.is_flow(flow)).unwrap_or(false)
    }

    /// Whether the panel may be modal; see [`focus`].
    #[must_use]
    pub fn is_modal(self) -> bool {
        self.read(|_, model| model.work != Work::Confirming)
    }
}
