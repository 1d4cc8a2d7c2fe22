//! A child process together with everything that it starts.

use super::{POLL, watchdog};
use crate::error::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs;
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
        let group = Self::spawn_unwatched(command)?;
        watchdog::watch(group.id)?;
        Ok(group)
    }

    fn spawn_unwatched(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().context(format_args!("start {program}"))?;
        let raw = i32::try_from(child.id()).context("a process id out of range")?;
        Ok(Self { child, id: Pid::from_raw(raw), ended: None, gone: false })
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

    /// SIGKILL for the whole group; returns when no process of it runs any more.
    pub(crate) fn kill(&mut self) {
        if self.gone {
            return;
        }
        let deadline = Instant::now() + KILL_GRACE;
        loop {
            // Again in every round: a member may have started another one just before it died.
            let signalled = killpg(self.id, Signal::SIGKILL).is_ok();
            if self.ended.is_none() {
                self.ended = self.child.try_wait().unwrap_or_default();
            }
            let done = !signalled || (self.ended.is_some() && !has_living_member(self.id));
            if done || Instant::now() >= deadline {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.gone = true;
        watchdog::forget(self.id);
    }
}

/// True unless all members are zombies: those hold no port and no file any more, but the init
/// process of a container may take seconds to collect them. Without `/proc` every member counts.
fn has_living_member(group: Pid) -> bool {
    let Ok(entries) = fs::read_dir("/proc") else {
        return true;
    };
    entries
        .flatten()
        .filter(|entry| {
            entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit)
        })
        .filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok())
        .any(|stat| is_living_member(&stat, group))
}

/// Reads one line of `/proc/<pid>/stat`: `17 (a name) S <parent> <group> …`. The name may contain
/// anything, so the fields are counted from its closing bracket.
fn is_living_member(stat: &str, group: Pid) -> bool {
    let Some((_, fields)) = stat.rsplit_once(')') else {
        return false;
    };
    let mut fields = fields.split_ascii_whitespace();
    let living = fields.next().is_some_and(|state| state != "Z" && state != "X");
    living && fields.nth(1) == Some(group.to_string().as_str())
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_tells_group_and_life() {
        let group = Pid::from_raw(30);
        assert!(is_living_member("31 (node) S 1 30 30 0", group));
        assert!(is_living_member("31 (a) b) R 1 30 30 0", group));
        assert!(!is_living_member("31 (node) Z 1 30 30 0", group));
        assert!(!is_living_member("31 (node) S 30 31 30 0", group));
        assert!(!is_living_member("", group));
    }

    #[test]
    fn killing_a_group_ends_the_grandchildren_too() {
        let marker = std::env::temp_dir().join(format!("xtask-group-{}", std::process::id()));
        let script = format!("sleep 30 & echo $! > '{}'; wait", marker.display());
        let mut group = Group::spawn_unwatched(Command::new("sh").args(["-c", &script])).unwrap();
        let grandchild = loop {
            let text = fs::read_to_string(&marker).unwrap_or_default();
            if text.ends_with('\n') {
                break text.trim().to_owned();
            }
            thread::sleep(Duration::from_millis(5));
        };
        group.kill();
        let stat = fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
        assert!(!is_living_member(&stat, group.id), "{stat}");
        fs::remove_file(marker).unwrap();
    }
}
