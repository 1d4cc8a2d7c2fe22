//! The watchdog: a second copy of this program that outlives it by a moment.
//!
//! It reads lines from its standard input: `+17` means "process group 17 is running", `-17` "it is
//! gone". The pipe closes when the parent ends, in whatever way, SIGKILL included; then every group
//! still on the list is killed. The kernel's parent-death signal would not do: it reaches only the
//! direct child, and wrangler's workerd is a grandchild.

use super::own_program;
use crate::error::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The hidden command that runs the watchdog.
pub(crate) const COMMAND: &str = "__watchdog";

static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Tells the watchdog about a new process group; starts the watchdog at the first call.
pub(crate) fn watch(group: Pid) -> Result<()> {
    let mut pipe = PIPE.lock().unwrap_or_else(PoisonError::into_inner);
    if pipe.is_none() {
        *pipe = Some(start()?);
    }
    let stdin = pipe.as_mut().context("the watchdog has no input")?;
    writeln!(stdin, "+{group}").context("write to the watchdog")
}

/// Tells the watchdog that a process group has ended.
pub(crate) fn forget(group: Pid) {
    let mut pipe = PIPE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stdin) = pipe.as_mut() {
        // A watchdog that is gone has nobody left to watch.
        let _ = writeln!(stdin, "-{group}");
    }
}

fn start() -> Result<ChildStdin> {
    let mut child = Command::new(own_program()?)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Its own group, so that Ctrl-C at the terminal does not end it before us.
        .process_group(0)
        .spawn()
        .context("start the watchdog")?;
    child.stdin.take().context("the watchdog has no input")
}

/// Body of the hidden command: reads until the parent is gone, then cleans up.
pub(crate) fn run(input: impl BufRead) {
    for group in surviving_groups(input) {
        // Already gone is as good as killed.
        let _ = killpg(group, Signal::SIGKILL);
    }
}

/// The groups that were announced and not taken back when the input ended.
fn surviving_groups(input: impl BufRead) -> Vec<Pid> {
    let mut groups = BTreeSet::new();
    for line in input.lines().map_while(std::result::Result::ok) {
        if let Some(group) = line.strip_prefix('+').and_then(parse_group) {
            groups.insert(group);
        } else if let Some(group) = line.strip_prefix('-').and_then(parse_group) {
            groups.remove(&group);
        }
    }
    groups.into_iter().map(Pid::from_raw).collect()
}

/// 0 and 1 are excluded: `killpg(0)` would be the watchdog itself and 1 the whole machine.
fn parse_group(text: &str) -> Option<i32> {
    text.parse().ok().filter(|group| *group > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_groups_that_were_not_taken_back_survive() {
        let left = surviving_groups("+20\n+30\n-20\n".as_bytes());
        assert_eq!(left, [Pid::from_raw(30)]);
    }

    #[test]
    fn nonsense_and_dangerous_numbers_are_ignored() {
        assert!(surviving_groups("+0\n+1\n+-5\n+x\n\n++\n".as_bytes()).is_empty());
    }
}
