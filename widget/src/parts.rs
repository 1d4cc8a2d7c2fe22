//! The seams at which the Wasm is taken apart.
//!
//! A part is reached through one function, which hands out pointers to the part's functions. In a
//! build with the feature `split` that function is imported under one name and exported under
//! another. The compiler sees nothing behind the import, and `wasm-split-cli` moves all that
//! only the export can reach into a file of its own. Names are the tool's
//! (<https://docs.rs/wasm_split_helpers/0.2.3>). Both sides are one compilation, so they agree on
//! every type.

use std::any::Any;

use crate::app::Ui;
use crate::client::cancel::Opener;
use crate::model::Cmd;
use crate::view::markup::Writer;

/// What the notice needs of the panel.
#[derive(Clone, Copy)]
pub struct Panel {
    /// Shows it.
    pub write: fn(&mut Writer, Ui),
    /// Carries out a command.
    pub run: fn(Ui, Cmd),
}

/// Shows the dialog about leaving.
pub type Cancel = fn(Opener) -> Option<Box<dyn Any>>;

static PANEL: Panel = Panel { write: crate::view::update_panel::write, run: crate::panel::run };

static CANCEL: Cancel = crate::cancel::mount;

/// The panel's functions. Its part has to be there: the loader's promise says when.
#[must_use]
pub fn panel() -> Panel {
    *seam::panel()
}

/// The panel, where it came with the rest.
#[must_use]
pub fn panel_at_hand() -> Option<Panel> {
    (!cfg!(feature = "split")).then(panel)
}

/// The dialog about leaving. Its part has to be there: the loader waited for it.
#[must_use]
pub fn cancel() -> Cancel {
    *seam::cancel()
}

#[cfg(not(feature = "split"))]
mod seam {
    use super::{CANCEL, Cancel, PANEL, Panel};

    pub(super) fn panel() -> &'static Panel {
        &PANEL
    }

    pub(super) fn cancel() -> &'static Cancel {
        &CANCEL
    }
}

#[cfg(feature = "split")]
#[allow(unsafe_code, reason = "only foreign functions are seams that a linker keeps")]
#[allow(improper_ctypes, reason = "Rust on both sides, in one compilation")]
mod seam {
    use super::{CANCEL, Cancel, PANEL, Panel};

    #[link(wasm_import_module = "__wasm_split_placeholder__")]
    unsafe extern "C" {
        #[link_name = "__wasm_split_00panel00_import_00000000000000000000000000000001"]
        safe fn panel_import() -> &'static Panel;
        #[link_name = "__wasm_split_00cancel00_import_00000000000000000000000000000002"]
        safe fn cancel_import() -> &'static Cancel;
    }

    // SAFETY: no other symbol has these names, which are made for this.
    #[unsafe(export_name = "__wasm_split_00panel00_export_00000000000000000000000000000001")]
    extern "C" fn panel_export() -> &'static Panel {
        &PANEL
    }

    #[unsafe(export_name = "__wasm_split_00cancel00_export_00000000000000000000000000000002")]
    extern "C" fn cancel_export() -> &'static Cancel {
        &CANCEL
    }

    pub(super) fn panel() -> &'static Panel {
        panel_import()
    }

    pub(super) fn cancel() -> &'static Cancel {
        cancel_import()
    }
}
