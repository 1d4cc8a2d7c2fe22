//! One JSON object a line. Identifiers are fields; secrets, tokens and card data never come here.

use serde::Serialize;
use serde_json::Value;

/// How much attention a line wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Somebody may want to know later.
    Info,
    /// Something is odd and was handled.
    Warn,
    /// An operator should look.
    Error,
}

/// Writes one line: `message` with fields.
pub fn line(level: Level, message: &str, fields: &[(&str, &str)]) {
    let mut object = serde_json::Map::new();
    object.insert("level".to_owned(), serde_json::to_value(level).unwrap_or(Value::Null));
    object.insert("message".to_owned(), Value::String(message.to_owned()));
    for (name, value) in fields {
        object.insert((*name).to_owned(), Value::String((*value).to_owned()));
    }
    write(level, &Value::Object(object).to_string());
}

#[cfg(target_arch = "wasm32")]
fn write(level: Level, text: &str) {
    match level {
        Level::Info => worker::console_log!("{text}"),
        Level::Warn => worker::console_warn!("{text}"),
        Level::Error => worker::console_error!("{text}"),
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::taken;
#[cfg(not(target_arch = "wasm32"))]
use native::write;

/// Native runs are tests: they see the lines on standard error, and may ask for them.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::Level;
    use std::cell::RefCell;
    use std::collections::VecDeque;

    /// The last lines of a test; older ones are forgotten.
    const LINES_MAX: usize = 1_000;

    thread_local! {
        static LINES: RefCell<VecDeque<String>> = const { RefCell::new(VecDeque::new()) };
    }

    #[expect(clippy::print_stderr, reason = "only native tests come here")]
    pub(super) fn write(_level: Level, text: &str) {
        eprintln!("{text}");
        LINES.with_borrow_mut(|lines| {
            if lines.len() >= LINES_MAX {
                lines.pop_front();
            }
            lines.push_back(text.to_owned());
        });
    }

    /// What this thread wrote since it was asked last, as JSON lines.
    pub fn taken() -> Vec<String> {
        LINES.with_borrow_mut(|lines| lines.drain(..).collect())
    }
}
