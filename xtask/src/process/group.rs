//! A child process together with everything that it starts.

use super::{POLL, watchdog};
use crate::error::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How long a group may take to end by itself after SIGTERM.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(5);

/// How long to wait for a group to disappear after SIGKILL. In a container without a proper init
/// process its grandchildren stay as zombies for ever.
const KILL_GRACE: Duration = Duration::from_secs(2);

/// A running process group. Dropping it kills the group.
pub(crate) struct Group {
    child: Child,
    id: Pid,
    ended: Option<ExitStatus>,
    /// No member is left, so the number may already belong to somebody else: never signal again.
    gone: bool,
}

impl Group {
    /// Starts `command` as the leader of a new process group.
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().context(format_args!("start {program}"))?;
        let raw = i32::try_from(child.id()).context("a process id out of range")?;
        let group = Self { child, id: Pid::from_raw(raw), ended: None, gone: false };
        watchdog::watch(group.id)?;
        Ok(group)
    }

    /// The leader's exit status, if it has ended. The rest of the group is killed then: whatever
    /// the leader left behind has nobody to look after it.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none()
            && let Some(status) = self.child.try_wait().context("look at a child process")?
        {
            self.ended = Some(status);
            self.kill();
        }
        Ok(self.ended)
    }

    /// Asks the group to end, waits, and kills what is left.
    pub(crate) fn stop(&mut self) {
        if self.ended.is_none() {
            let _ = killpg(self.id, Signal::SIGTERM);
            let deadline = Instant::now() + STOP_GRACE;
            while Instant::now() < deadline && matches!(self.ended(), Ok(None)) {
                thread::sleep(POLL);
            }
        }
        self.kill();
    }

    /// SIGKILL for the whole group; returns when no process of it is left.
    pub(crate) fn kill(&mut self) {
        if self.gone {
            return;
        }
        let deadline = Instant::now() + KILL_GRACE;
        // `killpg` fails with ESRCH as soon as the last member is gone. Zombies of the leader
        // count as members until they are waited for.
        while killpg(self.id, Signal::SIGKILL).is_ok() && Instant::now() < deadline {
            if self.ended.is_none() {
                self.ended = self.child.try_wait().unwrap_or_default();
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.gone = true;
        watchdog::forget(self.id);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
