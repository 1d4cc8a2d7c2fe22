//! Ports, directories and secrets of one stack.

use super::child::Role;
use crate::error::{Context, Result};
use crate::paths::WORKER;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Distance of each server's port from the base port.
const SANDBOX_API: u16 = 10;
const SANDBOX_JS: u16 = 11;
const EDGE: u16 = 20;
const HOST: u16 = 30;

/// The highest base port with which every server's port is a port.
pub(crate) const BASE_PORT_MAX: u16 = u16::MAX - HOST;

/// What a stack writes below its state directory, and therefore all that `--reset` removes.
const DIRS: [&str; 4] = ["sandbox", "edge", "host", "logs"];

/// Secrets of a stack that listens on the loopback interface only and knows no real customer.
/// They are fixed, so that state from the last run can still be read.
pub(super) const SECRET_KEY: &str = "sk_test_local_stack";
pub(super) const PUBLISHABLE_KEY: &str = "pk_test_local_stack";
pub(super) const WEBHOOK_SECRET: &str = "whsec_local_stack_only";
pub(super) const TOKEN_KEY: &str = "local-stack-customer-token-key-for-loopback-only";
pub(super) const MERCHANT_KEY: &str = "local-stack-merchant-key-for-loopback-only";
pub(super) const MERCHANT: &str = "demo";

/// Where one stack listens and keeps its state.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    base_port: u16,
    /// Absolute path of the state directory.
    pub(crate) state: PathBuf,
    /// The built Worker that it serves, relative to the root.
    pub(super) worker: PathBuf,
}

impl Layout {
    /// `base_port` is at most [`BASE_PORT_MAX`]; `state` is relative to `root` unless absolute.
    pub(crate) fn new(root: &Path, base_port: u16, state: &Path) -> Self {
        Self { base_port, state: root.join(state), worker: WORKER.into() }
    }

    /// The same with another Worker; the path is relative to the root.
    pub(crate) fn serving(self, worker: PathBuf) -> Self {
        Self { worker, ..self }
    }

    fn port(&self, offset: u16) -> u16 {
        self.base_port.saturating_add(offset)
    }

    fn origin(&self, offset: u16) -> String {
        format!("http://127.0.0.1:{}", self.port(offset))
    }

    /// All ports with what they are for.
    pub(crate) fn ports(&self) -> [(u16, &'static str); 4] {
        [
            (self.port(SANDBOX_API), "the sandbox's API"),
            (self.port(SANDBOX_JS), "the sandbox's card fields"),
            (self.port(EDGE), "the edge"),
            (self.port(HOST), "the host pages"),
        ]
    }

    pub(super) fn sandbox_api_port(&self) -> u16 {
        self.port(SANDBOX_API)
    }

    pub(super) fn sandbox_js_port(&self) -> u16 {
        self.port(SANDBOX_JS)
    }

    pub(super) fn edge_port(&self) -> u16 {
        self.port(EDGE)
    }

    pub(super) fn host_port(&self) -> u16 {
        self.port(HOST)
    }

    /// The sandbox's API, and its page for people.
    pub(crate) fn sandbox(&self) -> String {
        self.origin(SANDBOX_API)
    }

    /// The origin of the sandbox's script and card fields.
    pub(super) fn sandbox_js(&self) -> String {
        self.origin(SANDBOX_JS)
    }

    /// The Worker.
    pub(crate) fn edge(&self) -> String {
        self.origin(EDGE)
    }

    /// The pages that embed the widget.
    pub(crate) fn host(&self) -> String {
        self.origin(HOST)
    }

    /// The script that the widget loads as Stripe.js.
    pub(super) fn stripe_js_url(&self) -> String {
        format!("{}/v3/stripe.js", self.sandbox_js())
    }

    /// Port and path that answer 200 once this child serves.
    pub(super) fn doors(&self, role: Role) -> Vec<(u16, &'static str)> {
        match role {
            Role::Sandbox => {
                vec![(self.sandbox_api_port(), "/"), (self.sandbox_js_port(), "/v3/stripe.js")]
            }
            Role::Edge => vec![(self.edge_port(), "/healthz")],
            Role::Host => vec![(self.host_port(), "/")],
        }
    }

    /// A child's directory below the state directory.
    pub(super) fn dir(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    /// A child's log.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.state.join("logs").join(format!("{name}.log"))
    }

    /// Creates what is missing.
    pub(super) fn create_dirs(&self) -> Result<()> {
        for name in DIRS {
            let dir = self.dir(name);
            fs::create_dir_all(&dir).context(format_args!("create {}", dir.display()))?;
        }
        Ok(())
    }

    /// Forgets everything that a stack wrote there, and nothing else.
    pub(crate) fn reset(&self) -> Result<()> {
        for dir in DIRS.map(|name| self.dir(name)).iter().filter(|dir| dir.exists()) {
            fs::remove_dir_all(dir).context(format_args!("remove {}", dir.display()))?;
        }
        Ok(())
    }

    /// The line that tells a program where everything is.
    pub(super) fn ready_event(&self) -> Value {
        json!({
            "event": "ready",
            "sandbox": self.sandbox(),
            "sandbox_js": self.sandbox_js(),
            "edge": self.edge(),
            "host": self.host(),
            "secret_key": SECRET_KEY,
            "publishable_key": PUBLISHABLE_KEY,
            "webhook_secret": WEBHOOK_SECRET,
            "token_key": TOKEN_KEY,
            "merchant_key": MERCHANT_KEY,
            "merchant": MERCHANT,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_server_has_a_port_of_its_own() {
        let layout = Layout::new(Path::new("/r"), 8800, Path::new("s"));
        let ports = layout.ports().map(|(port, _)| port);
        assert_eq!(ports, [8810, 8811, 8820, 8830]);
        let highest = Layout::new(Path::new("/r"), BASE_PORT_MAX, Path::new("s"));
        let distinct = highest.ports().map(|(port, _)| port).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(distinct.len(), ports.len());
    }

    #[test]
    fn reset_leaves_the_files_of_others_alone() {
        let state = std::env::temp_dir().join(format!("xtask-reset-{}", std::process::id()));
        let layout = Layout::new(Path::new("/"), 8800, &state);
        layout.create_dirs().unwrap();
        fs::write(state.join("mine.txt"), "x").unwrap();
        fs::write(layout.log("edge"), "x").unwrap();
        layout.reset().unwrap();
        assert!(!layout.log("edge").exists());
        assert!(state.join("mine.txt").exists());
        fs::remove_dir_all(state).unwrap();
    }

    #[test]
    fn the_keys_are_long_enough_for_the_edge() {
        assert!(TOKEN_KEY.len() >= 32 && MERCHANT_KEY.len() >= 32);
    }
}
