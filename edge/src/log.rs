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

/// Native runs are tests: they see the lines on standard error.
#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::print_stderr, reason = "only native tests come here")]
fn write(_level: Level, text: &str) {
    eprintln!("{text}");
}
