//! Signals around the model: messages in, commands out to the browser.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use reprieve_core::api::banner::{Moment, Speaker};
use reprieve_core::api::status::Amount;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, HtmlElement, PageTransitionEvent, VisibilityState};

use crate::client::{Client, Given};
use crate::focus;
use crate::format::Formats;
use crate::i18n::{Key, Plural, Texts};
use crate::listen::Listener;
use crate::model::{self, Back, Cmd, Inline, Model, Msg, Place, Screen, Work};
use crate::parts::{self, Panel};

/// All that lives as long as the widget is mounted.
///
/// The signals are triggers without a value, beside the one model: each further type of signal
/// would be compiled anew into the download.
pub struct App {
    /// The sentences.
    pub texts: Texts,
    /// Money, dates, plurals.
    pub formats: Formats,
    pub(crate) client: Rc<Client>,
    pub(crate) root: HtmlElement,
    pub(crate) model: RefCell<Model>,
    /// Something in the model changed.
    changed: ArcTrigger,
    /// What is shown in the page changed.
    inline: ArcTrigger,
    /// What is shown in the panel changed.
    panel: ArcTrigger,
    /// The panel was opened or closed.
    moved: ArcTrigger,
    timer: RefCell<Option<Timeout>>,
    layout_timer: RefCell<Option<Timeout>>,
    wants_focus: Cell<bool>,
    /// The provider's fields. Only the panel knows their type.
    pub(crate) fields: RefCell<Option<Box<dyn Any>>>,
    /// What is downloaded when it is needed.
    panel_part: Cell<Option<Panel>>,
    /// What waits for it.
    waiting: RefCell<Vec<Cmd>>,
    listeners: RefCell<Vec<Listener>>,
}

impl Speaker for App {
    fn text(&self, key: Key) -> String {
        self.texts.get(key).to_owned()
    }

    fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.texts.fill(self.texts.get(key), values)
    }

    fn plural(&self, key: Plural, count: usize, amount: &str) -> String {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let template = self.texts.plural(key, &self.formats.plural(count));
        self.texts.fill(template, &[("count", &self.formats.count(count)), ("amount", amount)])
    }

    fn money(&self, amount: &Amount) -> String {
        self.formats.money(amount)
    }

    fn moment(&self, moment: Moment) -> String {
        self.formats.moment(moment)
    }
}

impl App {
    /// Writes on the container what is shown, for styles and for tests.
    fn label(&self) {
        let model = self.model.borrow();
        let place = if model.place == Place::Panel { "panel" } else { "inline" };
        // Naming an attribute in ASCII cannot fail.
        let _ = self.root.set_attribute("data-screen", model.screen.name());
        let _ = self.root.set_attribute("data-place", place);
    }

    /// What views cannot say: the dialog's mode, and where the keyboard is.
    fn arrange(&self) {
        let dialog = focus::dialog(&self.root);
        if let Some(dialog) = &dialog {
            focus::open(dialog, self.model.borrow().work != Work::Confirming);
        }
        // The panel may still be on its way; the keyboard waits for it.
        let is_coming = dialog.is_none() && self.model.borrow().place == Place::Panel;
        if !is_coming && self.wants_focus.take() {
            focus::on_primary(&self.root);
        }
    }
}

/// The handle that views copy: read the model, send messages.
///
/// After unmounting it does nothing, so answers that arrive late are harmless.
#[derive(Clone, Copy)]
pub struct Ui(StoredValue<Rc<App>, LocalStorage>);

impl Ui {
    /// Starts the journey; must run inside a reactive owner, which ends it.
    pub fn start(client: Client, given: Given) -> Self {
        let back = match given.back {
            Some(setup) => Back::WithSetup(setup),
            None if given.is_back => Back::FromBank,
            None => Back::No,
        };
        let (mut model, mut cmds) = Model::start(given.status, back);
        if given.is_asked {
            cmds = model::ask(&mut model, cmds);
        }
        let app = Rc::new(App {
            texts: given.texts,
            formats: Formats::with(&given.locale, given.said),
            root: client.root(),
            client: Rc::new(client),
            model: RefCell::new(model),
            changed: ArcTrigger::new(),
            inline: ArcTrigger::new(),
            panel: ArcTrigger::new(),
            moved: ArcTrigger::new(),
            timer: RefCell::default(),
            layout_timer: RefCell::default(),
            wants_focus: Cell::default(),
            fields: RefCell::default(),
            panel_part: Cell::new(parts::panel_at_hand()),
            waiting: RefCell::default(),
            listeners: RefCell::default(),
        });
        app.label();
        let ui = Self(StoredValue::new_local(app));
        ui.listen();
        ui.run(cmds);
        if given.is_asked {
            ui.arrange();
            ui.want_panel();
        }
        ui
    }

    fn listen(self) {
        let Some(app) = self.app() else { return };
        let Some(window) = web_sys::window() else { return };
        let Some(document) = window.document() else { return };
        let root = app.root.clone();
        let listeners = vec![
            Listener::new(&window, "online", move |_| self.send(Msg::Online)),
            Listener::new(&document.clone(), "visibilitychange", move |_| {
                if is_visible(&document) {
                    self.send(Msg::PageShown);
                }
            }),
            Listener::new(&window, "pageshow", move |event| {
                if event.unchecked_into::<PageTransitionEvent>().persisted() {
                    self.send(Msg::PageRestored);
                }
            }),
            // From the loader's files.
            Listener::new(&app.root, "look", move |_| self.send(Msg::Elsewhere)),
            // The panel's own events, caught on their way down: they do not bubble.
            Listener::new(&app.root, "cancel", move |event| {
                event.prevent_default();
                self.send(Msg::Close);
            }),
            Listener::new(&app.root, "close", move |_| {
                // Browsers may close a dialog whatever we say. But changing its mode closes it for
                // a moment, too.
                if focus::dialog(&root).is_some_and(|dialog| !dialog.open()) {
                    self.send(Msg::Close);
                }
            }),
        ];
        app.listeners.replace(listeners);
    }

    pub(crate) fn app(self) -> Option<Rc<App>> {
        self.0.try_get_value()
    }

    /// What is shown in the page; the view that reads this is built anew when it changes.
    #[must_use]
    pub fn inline(self) -> Inline {
        let Some(app) = self.app() else { return Inline::default() };
        app.inline.track();
        app.model.borrow().inline()
    }

    /// What is shown in the panel; the view that reads this is built anew when it changes.
    #[must_use]
    pub fn panel(self) -> Screen {
        let Some(app) = self.app() else { return Screen::Hidden };
        app.panel.track();
        app.model.borrow().panel()
    }

    /// What shows the panel, while it is open and there; a view that reads this stays while screens
    /// change in it.
    #[must_use]
    pub fn open_panel(self) -> Option<Panel> {
        let app = self.app()?;
        app.moved.track();
        let is_open = app.model.borrow().panel() != Screen::Hidden;
        app.panel_part.get().filter(|_| is_open)
    }

    /// A sentence without values: those do not change while the widget is there.
    #[must_use]
    pub fn text(self, key: Key) -> String {
        self.app().map(|app| app.text(key)).unwrap_or_default()
    }

    /// Reads the model and the texts; the view that does so follows their changes.
    pub fn read<T: Default>(self, read: impl FnOnce(&App, &Model) -> T) -> T {
        let Some(app) = self.app() else { return T::default() };
        app.changed.track();
        let model = app.model.borrow();
        read(&app, &model)
    }

    /// Feeds the model and does what it wants done.
    pub fn send(self, msg: Msg) {
        let Some(app) = self.app() else { return };
        let (cmds, before, after) = {
            let mut model = app.model.borrow_mut();
            let before = (model.inline(), model.panel());
            let cmds = model::update(&mut model, msg);
            (cmds, before, (model.inline(), model.panel()))
        };
        app.changed.notify();
        if before.0 != after.0 {
            app.inline.notify();
        }
        if before.1 != after.1 {
            app.panel.notify();
        }
        let is_open = after.1 != Screen::Hidden;
        if is_open != (before.1 != Screen::Hidden) {
            app.moved.notify();
        }
        if before != after {
            app.label();
            // The form opens with the focus on the dialog itself; every other screen has one thing
            // to do.
            let is_ours = is_open || focus::is_inside(&app.root);
            if is_ours && after.1 != Screen::Update {
                app.wants_focus.set(true);
            }
        }
        if is_open || app.wants_focus.get() {
            self.arrange();
        }
        self.run(cmds);
        self.want_panel();
    }

    /// After the views have been built, which takes a microtask or two.
    fn arrange(self) {
        let Some(app) = self.app() else { return };
        let timer = Timeout::new(0, move || {
            if let Some(app) = self.app() {
                app.arrange();
            }
        });
        app.layout_timer.replace(Some(timer));
    }

    fn run(self, cmds: Vec<Cmd>) {
        let Some(app) = self.app() else { return };
        for cmd in cmds {
            let client = app.client.clone();
            match cmd {
                Cmd::DropFields => drop(app.fields.take()),
                Cmd::Send(flow, job, id) => self.later(Box::pin(async move {
                    Msg::Answered(flow, job, client.send(job, &id).await)
                })),
                Cmd::Wait(flow, delay_ms) => {
                    let timer = Timeout::new(delay_ms, move || self.send(Msg::Rang(flow)));
                    app.timer.replace(Some(timer));
                }
                Cmd::Remember => client.remember_dismissal(),
                Cmd::Leave => client.leave(),
                Cmd::Tell(event) => client.tell(event),
                in_panel => match app.panel_part.get() {
                    Some(panel) => (panel.run)(self, in_panel),
                    None => app.waiting.borrow_mut().push(in_panel),
                },
            }
        }
    }

    /// Downloads the panel where it is open and not there; what it has to do waits for it.
    fn want_panel(self) {
        let Some(app) = self.app() else { return };
        let is_open = app.model.borrow().panel() != Screen::Hidden;
        if !is_open || app.panel_part.get().is_some() {
            return;
        }
        self.later(Box::pin(async move {
            if !app.client.fetch_panel().await {
                app.waiting.take();
                return Msg::NoPanel;
            }
            if app.panel_part.get().is_none() {
                app.panel_part.set(Some(parts::panel()));
                app.moved.notify();
                self.arrange();
                self.run(app.waiting.take());
            }
            Msg::Waiting
        }));
    }

    /// Sends the message that some work ends with. One compiled type for all kinds of work.
    pub(crate) fn later(self, work: Pin<Box<dyn Future<Output = Msg>>>) {
        spawn_local(async move { self.send(work.await) });
    }
}

fn is_visible(document: &Document) -> bool {
    document.visibility_state() == VisibilityState::Visible
}
