//! The widget: a notice about a failed payment, a card form, and how it ended.
//!
//! The loader (`widget/loader`) reads the status and starts this Wasm only when there is something
//! to show. [`model`] decides what is shown and done, [`app`] does it, [`view`] shows it.
//!
//! It is one Wasm that is taken apart after it was linked: the notice, the panel in which a card is
//! updated ([`panel`], [`view::update_panel`], [`provider_js`]), and the dialog about leaving
//! ([`cancel`], [`model::cancel`], [`view::cancel`]). The second and third are downloaded by those
//! who open them; [`parts`] has the seams.

pub mod app;
pub mod cancel;
pub mod client;
pub mod failure;
pub mod focus;
pub mod format;
pub mod i18n;
pub mod listen;
pub mod model;
pub mod panel;
pub mod parts;
pub mod provider_js;
pub mod view;
pub mod wire;
pub mod wording;

use std::any::Any;

use wasm_bindgen::prelude::*;

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
pub fn mount(loader: client::Loader) -> Result<Handle, JsValue> {
    let (client, given) = client::Client::new(loader).ok_or(JsValue::NULL)?;
    let root = client.root();
    let mounted =
        leptos::mount::mount_to(root, move || view::widget(app::Ui::start(client, given)));
    Ok(Handle { _mounted: Box::new(mounted) })
}

/// Shows the dialog about leaving in its opener's container. Its part has to be there.
///
/// # Errors
/// The texts are missing; the opener then says that it could not be loaded.
#[wasm_bindgen]
pub fn mount_cancel(opener: client::cancel::Opener) -> Result<Handle, JsValue> {
    let mounted = parts::cancel()(opener).ok_or(JsValue::NULL)?;
    Ok(Handle { _mounted: mounted })
}
