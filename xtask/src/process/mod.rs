//! Child processes: started in a group of their own, waited for with a limit, never left behind.
//!
//! Every child leads its own process group, because wrangler starts workerd and npm starts node:
//! only a signal to the group reaches them all. A watchdog (see `watchdog`) holds the list of
//! groups and ends them if this process dies without having done so.

pub(crate) mod group;
pub(crate) mod ready;
pub(crate) mod step;
pub(crate) mod watchdog;

use crate::error::{Context, Result};
use std::env;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a waiting loop looks at its child and at the request to stop.
pub(crate) const POLL: Duration = Duration::from_millis(25);

static STOP: AtomicBool = AtomicBool::new(false);

/// The cargo process that started us, if one did.
static CARGO: OnceLock<u32> = OnceLock::new();

/// From now on Ctrl-C, SIGTERM and SIGHUP only raise a flag; whoever waits sees it and ends its
/// children first.
pub(crate) fn catch_signals() -> Result<()> {
    if env::var_os("CARGO").is_some() {
        CARGO.get_or_init(parent_id);
    }
    ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst)).context("install a signal handler")
}

/// True once somebody asked us to stop. Whoever kills the `cargo` of `cargo xtask` means us: cargo
/// passes no signal on, but our parent is another one then.
pub(crate) fn stop_requested() -> bool {
    STOP.load(Ordering::SeqCst) || CARGO.get().is_some_and(|cargo| *cargo != parent_id())
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
