//! Child processes: started in a group of their own, waited for with a limit, never left behind.
//!
//! Every child leads its own process group, because wrangler starts workerd and npm starts node:
//! only a signal to the group reaches them all. A watchdog (see `watchdog`) holds the list of
//! groups and ends them if this process dies without having done so.

pub(crate) mod group;
pub(crate) mod lock;
pub(crate) mod ready;
pub(crate) mod step;
pub(crate) mod watchdog;

use crate::error::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

/// How often a waiting loop looks at its child and at the request to stop.
pub(crate) const POLL: Duration = Duration::from_millis(25);

static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Path of this program, as it was when it started: a build may put a new file in its place.
pub(crate) fn own_program() -> Result<PathBuf> {
    let path = env::current_exe().context("find this program")?;
    Ok(PROGRAM.get_or_init(|| path).clone())
}

/// From now on Ctrl-C, SIGTERM and SIGHUP only raise a flag; whoever waits sees it and ends its
/// children first.
pub(crate) fn catch_signals() -> Result<()> {
    own_program()?;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut signals = vec![SIGINT, SIGTERM];
    // Whoever calls us with `nohup` wants us to outlive the terminal.
    if !is_ignored(&status, SIGHUP) {
        signals.push(SIGHUP);
    }
    for signal in signals {
        flag::register(signal, Arc::clone(&STOP)).context("install a signal handler")?;
    }
    Ok(())
}

/// Reads from the text of `/proc/self/status` whether our parent made us ignore a signal.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal - 1).ok().and_then(|shift| 1_u64.checked_shl(shift));
    mask.zip(bit).is_some_and(|(mask, bit)| mask & bit != 0)
}

/// Asks everything that waits to end, as Ctrl-C would.
pub(crate) fn request_stop() {
    STOP.store(true, Ordering::SeqCst);
}

/// True once somebody asked us to stop.
pub(crate) fn stop_requested() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// Full path of a program on PATH, if it is there.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_a_bit_in_the_mask() {
        let status = "Name:\txtask\nSigIgn:\t0000000000000001\nSigCgt:\t0000000000000002\n";
        assert!(is_ignored(status, SIGHUP));
        assert!(!is_ignored(status, SIGINT));
        assert!(!is_ignored("", SIGHUP));
        assert!(!is_ignored(status, 0));
    }
}
