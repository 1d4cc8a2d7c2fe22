//! `cargo xtask oracles`: programs that are not ours judge what ours decide, sign, send and answer.
//!
//! What they are and what they judge stands in `tests/oracles/README.md`.

use crate::cli::{help, next};
use crate::error::{Result, fail};
use crate::paths::Paths;
use crate::process::step::run;
use crate::setup::{self, Scope, oracles_python};
use std::process::{Command, ExitCode};
use std::time::Duration;

const HELP: &str = "\
Usage: cargo xtask oracles

Builds the sandbox and the program that shows our verdicts, and lets the official SDKs of
Stripe, an independent retry engine and another imitation of Stripe judge them
(tests/oracles/README.md). It is also a step of `cargo xtask test`.";

/// Compiling the edge and the sandbox from nothing on a slow machine.
const BUILD_LIMIT: Duration = Duration::from_secs(20 * 60);
/// Half a minute on two busy cores.
const RUN_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Reads the options, installs what is missing, runs the oracles.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    match next(&mut args)? {
        None => (),
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => return help(HELP),
        Some(other) => return fail(other.unexpected().to_string()),
    }
    setup::ensure(paths, Scope::Oracles)?;
    judge(paths)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the oracles; everything is installed.
pub(crate) fn judge(paths: &Paths) -> Result<()> {
    let packages = ["--package", "reprieve-oracles", "--package", "reprieve-sandbox"];
    let mut build = Command::new("cargo");
    build.args(["build", "--locked"]).args(packages).current_dir(&paths.root);
    run("cargo build", &mut build, BUILD_LIMIT)?;
    let mut node = Command::new("node");
    node.arg(paths.oracles().join("run.mjs"))
        .arg(paths.target.join("debug"))
        .arg(oracles_python(paths))
        .current_dir(paths.oracles());
    run("the oracles", &mut node, RUN_LIMIT)
}
