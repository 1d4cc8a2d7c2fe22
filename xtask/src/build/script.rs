//! Scripts and styles, made small by well-kept tools.

use super::{Profile, TOOL_LIMIT};
use crate::error::Result;
use crate::paths::Paths;
use crate::process::step;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Browsers that run our Wasm understand this language level.
const LANGUAGE_LEVEL: &str = "--target=es2020";

/// Tells terser that the names of a script are its own.
pub(super) const MODULE: &[&str] = &["--module"];

/// A bundler with what all our scripts have in common.
pub(super) fn esbuild(paths: &Paths, profile: Profile) -> Command {
    let mut command = Command::new(paths.npm_bin("esbuild"));
    // A comment that begins with `!` names whose work a file has in it, and stays.
    command.args(["--log-level=warning", "--legal-comments=inline", LANGUAGE_LEVEL]);
    command.current_dir(&paths.root);
    // Packages of others that a script imports.
    command.env("NODE_PATH", paths.tests().join("node_modules"));
    if profile == Profile::Release {
        command.arg("--minify");
    }
    command
}

/// Where the bundler writes to.
pub(super) fn outfile(path: &Path) -> OsString {
    let mut argument = OsString::from("--outfile=");
    argument.push(path);
    argument
}

/// Terser leaves 4 % less of a script than esbuild alone. `more` are further options.
pub(super) fn squeeze(paths: &Paths, profile: Profile, script: &Path, more: &[&str]) -> Result<()> {
    if profile == Profile::Dev {
        return Ok(());
    }
    let mut terser = Command::new(paths.npm_bin("terser"));
    terser.arg(script).args(["--ecma", "2020", "--compress", "passes=3,unsafe_arrows=true"]);
    terser.args(["--mangle", "--comments", "/^!/"]).args(more).arg("--output").arg(script);
    step::run("terser", &mut terser, TOOL_LIMIT)
}
