//! The widget: a notice about a failed payment, a card form, and how it ended.
//!
//! The loader (`widget/loader`) reads the status and starts this Wasm only when there is something
//! to show. [`model`] decides what is shown and done, [`app`] does it, [`view`] shows it.

pub mod app;
pub mod client;
pub mod failure;
pub mod focus;
pub mod format;
pub mod i18n;
pub mod listen;
pub mod model;
pub mod provider_js;
pub mod view;
pub mod wire;
pub mod wording;

use std::any::Any;

use wasm_bindgen::prelude::*;

use crate::app::Ui;
use crate::client::{Client, Loader};

/// A mounted widget. Freeing it takes everything off the page again.
#[wasm_bindgen]
pub struct Handle {
    _mounted: Box<dyn Any>,
}

#[wasm_bindgen]
impl Handle {
    /// Removes every node, listener and timer.
    pub fn unmount(self) {}
}

/// Shows the widget in the loader's container.
///
/// # Errors
/// Status or texts are missing or not understood; the loader then shows its plain banner.
#[wasm_bindgen]
pub fn mount(loader: Loader) -> Result<Handle, JsValue> {
    let (client, given) = Client::new(loader).ok_or(JsValue::NULL)?;
    let root = client.root();
    let mounted = leptos::mount::mount_to(root, move || view::widget(Ui::start(client, given)));
    Ok(Handle { _mounted: Box::new(mounted) })
}
