//! `@reprieve/widget`: the npm package, staged and packed.
//!
//! Its files are shipped as they are written; bundlers of those who install it make them small.

use super::TOOL_LIMIT;
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of the whole project begin with this, and lie at its root.
const LICENCE: &str = "LICENSE";
/// What npm adds by itself.
const OWN: [&str; 2] = ["package.json", "README.md"];

/// Where the package is staged, as it would be unpacked.
pub(crate) fn staged(paths: &Paths) -> PathBuf {
    paths.root.join("target").join("package").join("widget")
}

pub(super) fn build(paths: &Paths) -> Result<()> {
    let source = paths.root.join("widget").join("package");
    let stage = staged(paths);
    if stage.exists() {
        fs::remove_dir_all(&stage).context(format_args!("empty {}", stage.display()))?;
    }
    fs::create_dir_all(&stage).context(format_args!("create {}", stage.display()))?;
    let manifest = read_manifest(&source)?;
    let listed = manifest.get("files").and_then(Json::as_array).context("package.json: files")?;
    let listed = listed.iter().filter_map(Json::as_str);
    for name in listed.chain(OWN) {
        let folder = if name.starts_with(LICENCE) { &paths.root } else { &source };
        copy(&folder.join(name), &stage.join(name))?;
    }
    check_version(&manifest)?;
    let mut pack = Command::new("npm");
    pack.args(["pack", "--ignore-scripts", "--silent", "--pack-destination", ".."]);
    step::run("npm pack", pack.current_dir(&stage), TOOL_LIMIT)
}

fn read_manifest(dir: &Path) -> Result<Json> {
    let path = dir.join("package.json");
    let text = fs::read_to_string(&path).context(format_args!("read {}", path.display()))?;
    serde_json::from_str(&text).context(format_args!("{}", path.display()))
}

/// The package and the Worker are one release.
fn check_version(manifest: &Json) -> Result<()> {
    let version = manifest.get("version").and_then(Json::as_str).unwrap_or_default();
    match version == env!("CARGO_PKG_VERSION") {
        true => Ok(()),
        false => fail(format!(
            "widget/package/package.json has version {version:?}, the workspace {:?}",
            env!("CARGO_PKG_VERSION")
        )),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(|_| ()).context(format_args!("copy {}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_and_workspace_have_one_version() {
        let root = Paths::discover().unwrap().root;
        check_version(&read_manifest(&root.join("widget/package")).unwrap()).unwrap();
        assert!(check_version(&serde_json::json!({ "version": "9.9.9" })).is_err());
    }
}
