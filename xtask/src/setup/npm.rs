//! The npm packages of `tests/`: wrangler, wasm-opt, esbuild, Playwright, axe-core.

use super::log_path;
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::process::step::run_logged;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// 330 MB of packages over a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The manifests from which `node_modules` was made are kept in it, and compared byte for byte.
fn stamp(paths: &Paths) -> PathBuf {
    paths.tests().join("node_modules").join(".installed-from")
}

fn manifests(paths: &Paths) -> Result<String> {
    let mut text = String::new();
    for name in ["package.json", "package-lock.json"] {
        let path = paths.tests().join(name);
        let part = fs::read_to_string(&path);
        text.push_str(&part.context(format_args!("read {}", path.display()))?);
    }
    Ok(text)
}

/// Says whether `node_modules` belongs to the current lockfile.
pub(super) fn missing(paths: &Paths) -> Option<String> {
    let installed = fs::read_to_string(stamp(paths)).ok();
    let wanted = manifests(paths).ok();
    (installed.is_none() || installed != wanted).then(|| "npm ci in tests/".to_owned())
}

/// `npm ci`: exactly the lockfile. No package's own script runs (`tests/.npmrc`).
pub(super) fn install(paths: &Paths) -> Result<()> {
    let wanted = manifests(paths)?;
    let mut command = Command::new("npm");
    command
        .arg("ci")
        .current_dir(paths.tests())
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .env("WRANGLER_SEND_METRICS", "false");
    run_logged("npm ci", &mut command, INSTALL_LIMIT, &log_path(paths, "npm"))?;
    let path = stamp(paths);
    fs::write(&path, wanted).context(format_args!("write {}", path.display()))
}
