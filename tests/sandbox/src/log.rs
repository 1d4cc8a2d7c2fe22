//! Standard output and standard error. Never a key, a client secret or a card number: only
//! methods, paths without their query, ids and statuses.

use crate::error::ApiError;

/// The line that tells a launcher where the servers listen.
#[expect(clippy::print_stdout, reason = "the program's one line of output")]
pub(crate) fn ready(api: &str, js: &str) {
    println!("{}", serde_json::json!({"ready": true, "api": api, "js": js}));
}

/// A line for whoever runs the program.
#[expect(clippy::print_stderr, reason = "the program's log")]
pub(crate) fn line(text: &str) {
    eprintln!("sandbox: {text}");
}

/// A failure that nobody is waiting for.
pub(crate) fn failure(what: &str, error: &ApiError) {
    line(&format!("{what}: {}", error.message()));
}

/// The help text.
#[expect(clippy::print_stdout, reason = "asked for with --help")]
pub(crate) fn help(text: &str) {
    println!("{text}");
}
