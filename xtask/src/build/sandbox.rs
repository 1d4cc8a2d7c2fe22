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
    command.args(["build", "--package", "reprieve-sandbox"]).current_dir(&paths.root);
    step::run("cargo build of the sandbox", &mut command, COMPILE_LIMIT)
}
