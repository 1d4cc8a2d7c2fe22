//! The three programs of a stack and how each is started.

use super::edge;
use super::layout::{Layout, MERCHANT, TOKEN_KEY, WEBHOOK_SECRET};
use crate::build::sandbox_program;
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::process::group::Group;
use std::fs::OpenOptions;
use std::process::{Command, Stdio};

/// What a child is in the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Behaves like Stripe.
    Sandbox,
    /// The Worker in workerd.
    Edge,
    /// The pages that embed the widget.
    Host,
}

impl Role {
    pub(super) const ALL: [Self; 3] = [Self::Sandbox, Self::Edge, Self::Host];

    /// Its name in the line protocol, and of its log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Edge => "edge",
            Self::Host => "host",
        }
    }

    /// The opposite of [`Role::name`].
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A running child with its process group.
pub(super) struct Child {
    pub(super) role: Role,
    pub(super) group: Group,
}

impl Child {
    /// Starts a child; its output is appended to its log.
    pub(super) fn spawn(paths: &Paths, layout: &Layout, role: Role) -> Result<Self> {
        let path = layout.log(role.name());
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = log.context(format_args!("open {}", path.display()))?;
        let twin = log.try_clone().context("duplicate a log file's handle")?;
        let mut command = match role {
            Role::Sandbox => sandbox(paths, layout),
            Role::Edge => edge::serve(paths, layout),
            Role::Host => host(paths, layout),
        };
        command.stdin(Stdio::null()).stdout(log).stderr(twin);
        Ok(Self { role, group: Group::spawn(&mut command)? })
    }
}

fn sandbox(paths: &Paths, layout: &Layout) -> Command {
    let mut command = Command::new(sandbox_program(paths));
    command
        .args(["--api-port", &layout.sandbox_api_port().to_string()])
        .args(["--js-port", &layout.sandbox_js_port().to_string()])
        .arg("--data")
        .arg(layout.dir("sandbox"))
        .args(["--webhook-url", &format!("{}/v1/webhooks/stripe", layout.edge())])
        .args(["--webhook-secret", WEBHOOK_SECRET])
        .current_dir(&paths.root);
    command
}

fn host(paths: &Paths, layout: &Layout) -> Command {
    let mut command = Command::new("node");
    command
        .arg("tests/host/server.mjs")
        .args(["--port", &layout.host_port().to_string()])
        .args(["--edge", &layout.edge()])
        .args(["--sandbox", &layout.sandbox()])
        .args(["--provider-js", &layout.sandbox_js()])
        .args(["--token-key", TOKEN_KEY])
        .args(["--merchant", MERCHANT])
        .arg("--state")
        .arg(layout.dir("host"))
        .current_dir(&paths.root);
    command
}
