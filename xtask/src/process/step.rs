//! One step of a command: a program that runs to its end, within a limit.

use super::group::Group;
use super::{POLL, stop_requested};
use crate::error::{Context, Failure, Result, fail};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// A sign of life after this long without one.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Programs that only answer a question are done long before.
const CAPTURE_LIMIT: Duration = Duration::from_secs(60);

/// How much of a log is shown when its step failed.
const LOG_TAIL_LINES: usize = 40;

/// How much of a log is read to find those lines.
const LOG_TAIL_BYTES: u64 = 16 * 1024;

/// The longest excerpt of a log line in a sign of life.
const EXCERPT_CHARS: usize = 80;

/// Runs a program whose output the person should see. Its standard output goes to our standard
/// error, because ours may be read by a program.
pub(crate) fn run(what: &str, command: &mut Command, limit: Duration) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr()));
    check(what, wait(Group::spawn(command)?, what, limit, &mut || ())?)
}

/// Runs a program with our own standard output, and returns its exit status.
pub(crate) fn run_visible(
    what: &str,
    command: &mut Command,
    limit: Duration,
) -> Result<ExitStatus> {
    command.stdin(Stdio::null());
    wait(Group::spawn(command)?, what, limit, &mut || ())
}

/// Runs a talkative program with its output in `log`, a sign of life now and then, and the end of
/// the log if it fails.
pub(crate) fn run_logged(
    what: &str,
    command: &mut Command,
    limit: Duration,
    log: &Path,
) -> Result<()> {
    let result = try_logged(what, command, limit, log);
    if matches!(result, Err(Failure::Said(_))) {
        eprintln!("{}\n(whole log: {})", tail(log, LOG_TAIL_LINES), log.display());
    }
    result
}

/// The same for something that may fail without being a mistake: its log stays where it is.
pub(crate) fn try_logged(
    what: &str,
    command: &mut Command,
    limit: Duration,
    log: &Path,
) -> Result<()> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir).context(format_args!("create {}", dir.display()))?;
    }
    let file = File::create(log).context(format_args!("create {}", log.display()))?;
    let twin = file.try_clone().context("duplicate a log file's handle")?;
    command.stdin(Stdio::null()).stdout(file).stderr(twin);
    let started = Instant::now();
    let mut beat = started;
    wait(Group::spawn(command)?, what, limit, &mut || {
        if beat.elapsed() >= HEARTBEAT {
            beat = Instant::now();
            let line = tail(log, 1).trim().chars().take(EXCERPT_CHARS).collect::<String>();
            eprintln!("    … {what}, {} s: {line}", started.elapsed().as_secs());
        }
    })
    .and_then(|status| check(what, status))
}

/// Runs a short program and returns what it printed; `None` if it is missing, failed, or took
/// longer than [`CAPTURE_LIMIT`].
pub(crate) fn capture(command: &mut Command) -> Option<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut stdout = child.stdout.take()?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is of no use without the rest.
        if stdout.read_to_end(&mut bytes).is_ok() {
            let _ = sender.send(bytes);
        }
    });
    let printed = receiver.recv_timeout(CAPTURE_LIMIT);
    if printed.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    let text = String::from_utf8_lossy(&printed.ok()?).trim().to_owned();
    status.success().then_some(text)
}

fn wait(
    mut group: Group,
    what: &str,
    limit: Duration,
    meanwhile: &mut dyn FnMut(),
) -> Result<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = group.ended()? {
            return Ok(status);
        }
        if stop_requested() {
            group.stop();
            return Err(Failure::Interrupted);
        }
        if Instant::now() >= deadline {
            group.stop();
            return fail(format!("{what}: not finished after {} s, stopped", limit.as_secs()));
        }
        meanwhile();
        thread::sleep(POLL);
    }
}

fn check(what: &str, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { fail(format!("{what} failed ({status})")) }
}

/// The last lines of a log file, as far as it can be read.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(log) {
        let length = file.metadata().map_or(0, |meta| meta.len());
        let _ = file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)));
        let _ = file.take(LOG_TAIL_BYTES).read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let all = text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>();
    all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn only_the_output_of_a_success_is_captured() {
        assert_eq!(capture(&mut shell("echo yes")).as_deref(), Some("yes"));
        assert_eq!(capture(&mut shell("echo no; exit 1")), None);
        assert_eq!(capture(&mut Command::new("no-such-program-anywhere")), None);
    }

    #[test]
    fn the_tail_of_a_log_is_its_last_lines_that_say_something() {
        let log = std::env::temp_dir().join(format!("xtask-tail-{}", std::process::id()));
        fs::write(&log, "one\ntwo\n\nthree\n\n").unwrap();
        assert_eq!(tail(&log, 2), "two\nthree");
        assert_eq!(tail(&log, 9), "one\ntwo\nthree");
        fs::remove_file(&log).unwrap();
        assert_eq!(tail(&log, 2), "");
    }
}
