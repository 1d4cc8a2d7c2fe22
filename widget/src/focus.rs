//! Where the keyboard is: the panel as a dialog, and focus that is never lost.
//!
//! A native modal dialog keeps the focus inside by itself, also in slotted fields and their
//! iframes. But the bank's challenge is put into the page by the provider, outside of the dialog,
//! where a modal dialog would cover it and make it dead (stripe-js issue 599). So while a card is
//! confirmed the dialog is an ordinary one, and modal before and after.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, Node, ShadowRoot};

/// The panel's dialog, when there is one.
#[must_use]
pub fn dialog(root: &HtmlElement) -> Option<HtmlDialogElement> {
    root.query_selector("dialog").ok().flatten()?.dyn_into().ok()
}

/// Opens the dialog, or changes between modal and ordinary.
pub fn open(dialog: &HtmlDialogElement, is_modal: bool) {
    // `:modal` tells what the dialog is now; a closed one is neither.
    let is_modal_now = dialog.matches(":modal").unwrap_or(false);
    let mut keyboard = None;
    if dialog.open() {
        if is_modal_now == is_modal {
            return;
        }
        keyboard = active(dialog);
        dialog.close();
    }
    if is_modal {
        // Fails only for a dialog that is open or not in a document.
        let _ = dialog.show_modal();
    } else {
        dialog.show();
    }
    // The keyboard stays where it was. At first it is on the dialog itself and not on its first
    // button, so that a screen reader begins with its name.
    let target = keyboard.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let _ = target.as_ref().unwrap_or(dialog).focus();
}

/// Whether the keyboard is in our part of the page.
#[must_use]
pub fn is_inside(root: &HtmlElement) -> bool {
    active(root).is_some()
}

/// Puts the keyboard on the main button of what is shown now.
pub fn on_primary(root: &HtmlElement) {
    let found = root.query_selector("dialog [part~=primary], [part~=primary]").ok().flatten();
    if let Some(button) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        // Fails for an element that cannot be focused, such as a disabled button.
        let _ = button.focus();
    }
}

/// Puts the keyboard on the heading of what is shown now, so that a screen reader begins there.
pub fn on_heading(root: &HtmlElement) {
    let found = root.query_selector("h2").ok().flatten();
    if let Some(heading) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}

fn active(root: &Node) -> Option<Element> {
    root.get_root_node().dyn_into::<ShadowRoot>().ok()?.active_element()
}
