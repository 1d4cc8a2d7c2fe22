//! The Python packages of `tests/oracles/`, in an environment of their own in the cache.
//!
//! One of them (localstripe) is under the GPL: it is installed there and runs as a process of its
//! own; nothing of it is part of ours.

use super::{debian, log_path};
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::pins::DEBIAN_PYTHON;
use crate::process::step::{capture, run_logged};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Twenty small packages over a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The interpreter that sees the packages.
pub(crate) fn interpreter(paths: &Paths) -> PathBuf {
    environment(paths).join("bin").join("python")
}

fn environment(paths: &Paths) -> PathBuf {
    paths.cache.join("oracles-python")
}

/// The list from which the environment was made is kept in it.
fn stamp(paths: &Paths) -> PathBuf {
    environment(paths).join(".installed-from")
}

fn requirements(paths: &Paths) -> PathBuf {
    paths.oracles().join("requirements.txt")
}

/// Says whether the environment has what the list asks for.
pub(super) fn missing(paths: &Paths) -> Option<String> {
    let installed = fs::read_to_string(stamp(paths)).ok();
    let wanted = fs::read_to_string(requirements(paths)).ok();
    let complete = installed.is_some() && installed == wanted && interpreter(paths).is_file();
    (!complete).then(|| "the Python packages of tests/oracles/".to_owned())
}

/// Makes the environment: exactly the versions of the list.
pub(super) fn install(paths: &Paths) -> Result<()> {
    if capture(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_none() {
        debian::install(paths, &DEBIAN_PYTHON)?;
    }
    let list = requirements(paths);
    let wanted = fs::read_to_string(&list);
    let wanted = wanted.context(format_args!("read {}", list.display()))?;
    let log = log_path(paths, "python");
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(environment(paths));
    run_logged("python3 -m venv", &mut make, INSTALL_LIMIT, &log)?;
    let mut install = Command::new(interpreter(paths));
    install
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-deps"])
        .args(["--prefer-binary", "--requirement"])
        .arg(list);
    run_logged("pip install", &mut install, INSTALL_LIMIT, &log)?;
    let path = stamp(paths);
    fs::write(&path, wanted).context(format_args!("write {}", path.display()))
}
