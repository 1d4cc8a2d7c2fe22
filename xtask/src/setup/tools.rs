//! wasm-bindgen and worker-build, compiled from crates.io into the cache.

use super::log_path;
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::pins::{CARGO_TOOLS, CargoTool};
use crate::process::step::{capture, run_logged};
use std::fs;
use std::process::Command;
use std::time::Duration;

/// Each took two minutes on two cores; an old machine may need ten times as long.
const INSTALL_LIMIT: Duration = Duration::from_secs(20 * 60);

/// Compile for a short wait, not for speed: each tool runs for a second or two per build.
const QUICK_RELEASE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// Names the tools that are absent or of another version.
pub(super) fn missing(paths: &Paths) -> Option<String> {
    let wrong = CARGO_TOOLS
        .iter()
        .filter(|tool| !is_current(paths, tool))
        .map(|tool| format!("{} {}", tool.package, tool.version))
        .collect::<Vec<_>>();
    (!wrong.is_empty()).then(|| format!("compile {}", wrong.join(" and ")))
}

fn is_current(paths: &Paths, tool: &CargoTool) -> bool {
    capture(Command::new(paths.tool(tool.binary)).arg("--version"))
        .is_some_and(|answer| answer.split_whitespace().last() == Some(tool.version))
}

/// Compiles the tools that are not current. They share one target directory, because they share
/// dependencies; it is removed afterwards.
pub(super) fn install(paths: &Paths) -> Result<()> {
    let build_dir = paths.cache.join("build");
    for tool in CARGO_TOOLS.iter().filter(|tool| !is_current(paths, tool)) {
        let mut command = Command::new("cargo");
        command
            .args(["install", "--locked", "--force", tool.package])
            .arg("--version")
            .arg(format!("={}", tool.version))
            .arg("--root")
            .arg(paths.cache.join("tools"))
            .env("CARGO_TARGET_DIR", &build_dir)
            .envs(QUICK_RELEASE)
            .current_dir(&paths.cache);
        let log = log_path(paths, tool.package);
        run_logged(&format!("compiling {}", tool.package), &mut command, INSTALL_LIMIT, &log)?;
    }
    match fs::remove_dir_all(&build_dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).context(format_args!("remove {}", build_dir.display()))
        }
        _ => Ok(()),
    }
}
