//! Debian's package manager, where there is one and we may use it.

use super::log_path;
use crate::error::{Result, fail};
use crate::paths::Paths;
use crate::process::find_program;
use crate::process::step::{capture, run_logged, try_logged};
use std::process::Command;
use std::time::Duration;

/// Half a gigabyte of packages over a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(15 * 60);

/// True if this process may install packages.
pub(super) fn may_install() -> bool {
    find_program("apt-get").is_some()
        && capture(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Installs packages. Fails with one line that a person can act on if this process may not.
pub(super) fn install(paths: &Paths, packages: &[&str]) -> Result<()> {
    if !may_install() {
        return fail(format!(
            "please install, as root on Debian or Ubuntu: apt-get install {}",
            packages.join(" ")
        ));
    }
    let log = log_path(paths, "apt");
    let what = format!("apt-get install {}", packages.join(" "));
    if try_logged(&what, &mut apt_get(packages), INSTALL_LIMIT, &log).is_ok() {
        return Ok(());
    }
    // The lists of a fresh image are empty or point to versions that are gone.
    eprintln!("    once more after apt-get update");
    let mut update = Command::new("apt-get");
    update.arg("update");
    run_logged("apt-get update", &mut update, INSTALL_LIMIT, &log_path(paths, "apt-update"))?;
    run_logged(&what, &mut apt_get(packages), INSTALL_LIMIT, &log)
}

fn apt_get(packages: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}
