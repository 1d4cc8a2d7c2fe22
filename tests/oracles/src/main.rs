//! What Reprieve decides, signs, verifies and sends, for programs that are not ours to judge.
//!
//! `reprieve-oracles COMMAND` prints lines of JSON:
//! - `reattempt`: cases of declined cards, and whether we would try again;
//! - `requests`: every request that the Stripe adapter makes, with its parameters;
//! - `events`: the names of the events that are read or recorded;
//! - `verify`: reads `{"header","body","secrets","now_s"}` a line, says what the edge makes of it;
//! - `read`: reads an event a line, says what the edge reads in it;
//! - `answer`: reads `{"operation","object"}` a line, says what the adapter makes of such an
//!   answer.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a native tool of the tests: its output is its purpose, and it stops where it breaks"
)]

mod acts;
mod adapter;
mod answers;
mod reattempt;
mod webhook;

use std::io::{BufRead, BufWriter, Write};
use std::process::ExitCode;

/// The longest line read, in bytes: an event is far shorter.
const LINE_BYTES_MAX: usize = 1024 * 1024;

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let result = match command.as_str() {
        "reattempt" => reattempt::cases(&mut |line| writeln!(out, "{line}")),
        "requests" => adapter::requests().iter().try_for_each(|line| writeln!(out, "{line}")),
        "events" => webhook::events().iter().try_for_each(|line| writeln!(out, "{line}")),
        "verify" => answer(&mut out, webhook::verify),
        "read" => answer(&mut out, webhook::read),
        "answer" => answer(&mut out, answers::answer),
        _ => {
            eprintln!("usage: reprieve-oracles reattempt|requests|events|verify|read|answer");
            return ExitCode::FAILURE;
        }
    };
    match result.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("reprieve-oracles: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One answer a line; a line that is too long or not JSON ends the program.
fn answer(
    out: &mut impl Write,
    to: fn(&serde_json::Value) -> serde_json::Value,
) -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.len() > LINE_BYTES_MAX {
            return Err(std::io::Error::other("a line is too long"));
        }
        writeln!(out, "{}", to(&serde_json::from_str(&line)?))?;
    }
    Ok(())
}
