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
use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a waiting loop looks at its child and at the request to stop.
pub(crate) const POLL: Duration = Duration::from_millis(25);

static STOP: AtomicBool = AtomicBool::new(false);

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
    ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst)).context("install a signal handler")
}

/// True once somebody asked us to stop.
pub(crate) fn stop_requested() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// Asks everything that waits to end, as Ctrl-C would.
pub(crate) fn request_stop() {
    STOP.store(true, Ordering::SeqCst);
}

/// Full path of a program on PATH, if it is there.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|candidate| candidate.is_file())
}
