//! The running product on one machine: sandbox, edge and host pages.
//!
//! `cargo xtask stack` speaks lines. Standard output: one JSON object a line (`ready`, `killed`,
//! `started`, `exited`). Standard input: `kill edge`, `start edge`, the same for the other
//! children; its end means "stop everything". `cargo xtask demo` uses the same [`Stack`].
//!
//! Nothing is left behind, whatever ends first. Each child leads a process group (wrangler starts
//! workerd) and is stopped with it; if this program itself is killed, its watchdog ends them.

mod child;
mod edge;
mod layout;
mod serve;

pub(crate) use layout::{BASE_PORT_MAX, Layout};
pub(crate) use serve::serve;

use crate::error::{Context, Failure, Result, fail};
use crate::paths::Paths;
use crate::process::ready::{http_status, require_free};
use crate::process::step::tail;
use crate::process::{POLL, stop_requested};
use child::{Child, Role};
use serde_json::Value;
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take until it serves. The first start of workerd compiles the Wasm, and a
/// machine that runs tests is busy.
const READY_LIMIT: Duration = Duration::from_secs(120);

/// How much of a child's log is shown when it died.
const LOG_TAIL_LINES: usize = 20;

/// The running children. Dropping it ends them all.
pub(crate) struct Stack {
    paths: Paths,
    layout: Layout,
    children: Vec<Child>,
}

impl Stack {
    /// Starts everything and returns when all of it serves.
    pub(crate) fn start(paths: &Paths, layout: Layout) -> Result<Self> {
        for (port, purpose) in layout.ports() {
            require_free(port, purpose)?;
        }
        layout.create_dirs()?;
        edge::take_copy(paths, &layout)?;
        let mut stack = Self { paths: paths.clone(), layout, children: Vec::new() };
        // These two need nothing from the edge, so they start while its database is prepared.
        stack.spawn(Role::Sandbox)?;
        stack.spawn(Role::Host)?;
        edge::migrate(&stack.paths, &stack.layout)?;
        stack.spawn(Role::Edge)?;
        for role in Role::ALL {
            stack.wait_until_ready(role)?;
        }
        Ok(stack)
    }

    /// Addresses and secrets, as `cargo xtask stack` prints them.
    pub(crate) fn ready_event(&self) -> Value {
        self.layout.ready_event()
    }

    /// The first child that ended without having been asked to, with its exit status.
    pub(crate) fn dead(&mut self) -> Result<Option<(Role, String)>> {
        for child in &mut self.children {
            if let Some(status) = child.group.ended()? {
                return Ok(Some((child.role, status.to_string())));
            }
        }
        Ok(None)
    }

    /// An error that says which child died and shows the end of its log.
    pub(crate) fn death_notice(&self, role: Role, status: &str) -> Failure {
        let log = self.layout.log(role.name());
        Failure::Said(format!(
            "{} ended by itself ({status}); the end of {}:\n{}",
            role.name(),
            log.display(),
            tail(&log, LOG_TAIL_LINES)
        ))
    }

    /// SIGKILL for a child and everything it started, as a crash would.
    pub(crate) fn kill(&mut self, role: Role) -> Result<()> {
        let at = self.children.iter().position(|child| child.role == role);
        let mut child =
            self.children.swap_remove(at.context(format_args!("{} is not running", role.name()))?);
        child.group.kill();
        Ok(())
    }

    /// Starts a child that was killed, on its old state, and waits until it serves.
    pub(crate) fn restart(&mut self, role: Role) -> Result<()> {
        if self.children.iter().any(|child| child.role == role) {
            return fail(format!("{} is already running", role.name()));
        }
        self.spawn(role)?;
        self.wait_until_ready(role)
    }

    fn spawn(&mut self, role: Role) -> Result<()> {
        self.children.push(Child::spawn(&self.paths, &self.layout, role)?);
        Ok(())
    }

    fn wait_until_ready(&mut self, role: Role) -> Result<()> {
        let deadline = Instant::now() + READY_LIMIT;
        let doors = self.layout.doors(role);
        loop {
            if doors.iter().all(|(port, path)| matches!(http_status(*port, path), Ok(200))) {
                return Ok(());
            }
            if stop_requested() {
                return Err(Failure::Interrupted);
            }
            if let Some((dead, status)) = self.dead()? {
                return Err(self.death_notice(dead, &status));
            }
            if Instant::now() >= deadline {
                let log = self.layout.log(role.name());
                return fail(format!(
                    "{} does not serve after {} s; the end of {}:\n{}",
                    role.name(),
                    READY_LIMIT.as_secs(),
                    log.display(),
                    tail(&log, LOG_TAIL_LINES)
                ));
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The edge first: a sandbox that is gone would make it log errors while it ends.
        self.children.sort_by_key(|child| child.role != Role::Edge);
        for child in &mut self.children {
            child.group.stop();
        }
    }
}
