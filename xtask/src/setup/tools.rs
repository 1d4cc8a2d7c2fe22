//! wasm-bindgen, worker-build and wasm-split-cli, compiled from crates.io into the cache.

use super::log_path;
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::pins::{CARGO_TOOLS, CargoTool};
use crate::process::step::run_logged;
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

/// Cargo keeps a list of what it installed below a root. Not every tool tells its version.
fn is_current(paths: &Paths, tool: &CargoTool) -> bool {
    let list = fs::read_to_string(paths.cache.join("tools/.crates.toml")).unwrap_or_default();
    is_listed(&list, tool) && paths.tool(tool.binary).is_file()
}

fn is_listed(list: &str, tool: &CargoTool) -> bool {
    let entry = format!("\"{} {} (", tool.package, tool.version);
    list.lines().any(|line| line.starts_with(&entry))
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
            .args(["--features", tool.features])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_there_in_its_own_version_only() {
        let tool = CargoTool { package: "a-b", binary: "a", version: "0.2.1", features: "" };
        let list = "[v1]\n\"a-b 0.2.1 (registry+https://example.com)\" = [\"a\"]\n";
        assert!(is_listed(list, &tool));
        assert!(!is_listed(list, &CargoTool { version: "0.2", ..tool }));
        assert!(!is_listed("[v1]\n", &tool));
    }
}
