//! The line protocol of `cargo xtask stack`.

use super::child::Role;
use super::{Layout, Stack};
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::process::{POLL, request_stop, stop_requested};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

/// A command line longer than this is not one of ours.
const COMMAND_BYTES_MAX: usize = 64;

/// One line from standard input.
#[derive(Debug, PartialEq, Eq)]
enum Order {
    Kill(Role),
    Start(Role),
}

/// Starts a stack and obeys standard input until it ends or a child dies.
pub(crate) fn serve(paths: &Paths, layout: Layout) -> Result<()> {
    // Reading begins before the start: whoever closes our input meanwhile wants no stack any more.
    let orders = read_orders();
    let mut stack = Stack::start(paths, layout)?;
    tell(&stack.ready_event())?;
    while !stop_requested() {
        match orders.recv_timeout(POLL) {
            Ok(line) => obey(&mut stack, &line)?,
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if let Some((role, status)) = stack.dead()? {
            tell(&json!({ "event": "exited", "child": role.name(), "status": status }))?;
            return Err(stack.death_notice(role, &status));
        }
    }
    Ok(())
}

fn obey(stack: &mut Stack, line: &str) -> Result<()> {
    let answer = match parse(line) {
        None => Err(format!("not a command: {line:?}")),
        Some(Order::Kill(role)) => match stack.kill(role) {
            Ok(()) => Ok(("killed", role)),
            Err(failure) => Err(failure.to_string()),
        },
        Some(Order::Start(role)) => match stack.restart(role) {
            Ok(()) => Ok(("started", role)),
            Err(failure) => Err(failure.to_string()),
        },
    };
    match answer {
        Ok((event, role)) => tell(&json!({ "event": event, "child": role.name() })),
        Err(message) => tell(&json!({ "event": "error", "message": message })),
    }
}

fn parse(line: &str) -> Option<Order> {
    let (verb, name) = line.trim().split_once(' ')?;
    let role = Role::parse(name.trim())?;
    match verb {
        "kill" => Some(Order::Kill(role)),
        "start" => Some(Order::Start(role)),
        _ => None,
    }
}

/// Lines of standard input; its end is a request to stop, also in the middle of a start.
fn read_orders() -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
            let line = line.chars().take(COMMAND_BYTES_MAX).collect();
            if sender.send(line).is_err() {
                break;
            }
        }
        request_stop();
    });
    receiver
}

fn tell(event: &Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{event}").and_then(|()| out.flush()) {
        // Whoever read us is gone.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => request_stop(),
        result => result.context("write to standard output")?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_a_verb_and_a_child() {
        assert_eq!(parse("kill edge"), Some(Order::Kill(Role::Edge)));
        assert_eq!(parse(" start  sandbox \r"), Some(Order::Start(Role::Sandbox)));
        for wrong in ["", "kill", "kill everything", "stop edge", "killedge"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
