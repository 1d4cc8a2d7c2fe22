//! The npm packages of `tests/` (wrangler, wasm-opt, esbuild, Playwright, axe-core) and of
//! `tests/oracles/` (the programs that judge ours).

use super::log_path;
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::process::step::run_logged;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// 330 MB of packages over a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The manifests from which `node_modules` was made are kept in it, and compared byte for byte.
fn stamp(dir: &Path) -> PathBuf {
    dir.join("node_modules").join(".installed-from")
}

fn manifests(dir: &Path) -> Result<String> {
    let mut text = String::new();
    for name in ["package.json", "package-lock.json"] {
        let path = dir.join(name);
        let part = fs::read_to_string(&path);
        text.push_str(&part.context(format_args!("read {}", path.display()))?);
    }
    Ok(text)
}

/// Says whether `node_modules` belongs to the current lockfile.
pub(super) fn missing(paths: &Paths) -> Option<String> {
    missing_in(&paths.tests()).then(|| "npm ci in tests/".to_owned())
}

/// The same, of the oracles.
pub(super) fn missing_oracles(paths: &Paths) -> Option<String> {
    missing_in(&paths.oracles()).then(|| "npm ci in tests/oracles/".to_owned())
}

fn missing_in(dir: &Path) -> bool {
    let installed = fs::read_to_string(stamp(dir)).ok();
    let wanted = manifests(dir).ok();
    installed.is_none() || installed != wanted
}

/// `npm ci`: exactly the lockfile. No package's own script runs (`tests/.npmrc`).
pub(super) fn install(paths: &Paths) -> Result<()> {
    install_in(paths, &paths.tests(), "npm")
}

/// The same, of the oracles.
pub(super) fn install_oracles(paths: &Paths) -> Result<()> {
    install_in(paths, &paths.oracles(), "npm-oracles")
}

fn install_in(paths: &Paths, dir: &Path, log: &str) -> Result<()> {
    let wanted = manifests(dir)?;
    let mut command = Command::new("npm");
    command
        .arg("ci")
        .current_dir(dir)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .env("WRANGLER_SEND_METRICS", "false");
    run_logged("npm ci", &mut command, INSTALL_LIMIT, &log_path(paths, log))?;
    let path = stamp(dir);
    fs::write(&path, wanted).context(format_args!("write {}", path.display()))
}
