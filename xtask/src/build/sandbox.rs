//! The sandbox: a native program, always in Cargo's dev profile.

use super::COMPILE_LIMIT;
use crate::error::Result;
use crate::paths::Paths;
use crate::process::step;
use std::path::PathBuf;
use std::process::Command;

/// Where the built program is.
pub(crate) fn program(paths: &Paths) -> PathBuf {
    paths.target.join("debug").join("reprieve-sandbox")
}

pub(super) fn build(paths: &Paths) -> Result<()> {
    let mut command = Command::new("cargo");
    // The features of shared crates are those of the whole workspace then, as in `cargo test`, so
    // that nothing is compiled a second time for this program alone.
    command.args(["build", "--workspace", "--exclude", "xtask", "--bins"]).current_dir(&paths.root);
    step::run("cargo build of the sandbox", &mut command, COMPILE_LIMIT)
}
