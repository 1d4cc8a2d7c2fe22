//! Every version that the build depends on and Cargo does not already fix, in one place.
//!
//! The same numbers stand in the workspace manifest and in `tests/package.json`, because Cargo and
//! npm read them there. A test at the end of this file compares them.

/// The compilation target of the widget and of the Worker.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// wasm-bindgen's crate and its command-line tool refuse to work together unless they are equal.
pub(crate) const WASM_BINDGEN: &str = "0.2.129";

/// Takes the widget's Wasm apart; a companion of `wasm_split_helpers`, which leptos brings.
pub(crate) const WASM_SPLIT: &str = "0.2.4";

/// The crate `worker` and its build tool are released together.
pub(crate) const WORKER_BUILD: &str = "0.8.7";

/// The oldest Node.js that runs the pinned wrangler.
pub(crate) const NODE_MAJOR_MIN: u32 = 20;

/// A command-line tool that is compiled from crates.io into the cache.
pub(crate) struct CargoTool {
    /// Name of the package on crates.io.
    pub(crate) package: &'static str,
    /// Name of the executable that we call.
    pub(crate) binary: &'static str,
    /// Exact version.
    pub(crate) version: &'static str,
    /// Cargo features that its executable needs.
    pub(crate) features: &'static str,
}

/// The tools in the order of their installation.
pub(crate) const CARGO_TOOLS: [CargoTool; 3] = [
    CargoTool {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version: WASM_BINDGEN,
        features: "",
    },
    CargoTool {
        package: "worker-build",
        binary: "worker-build",
        version: WORKER_BUILD,
        features: "",
    },
    CargoTool {
        package: "wasm_split_cli_support",
        binary: "wasm-split-cli",
        version: WASM_SPLIT,
        features: "build-binary",
    },
];

/// Debian's compiler for the web: it stands in where rustup can download nothing.
/// The linker that `/usr/bin/rust-lld` points to is added to the list when it is missing.
pub(crate) const DEBIAN_RUST: [&str; 5] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy"];

/// Debian's Python with what makes environments.
pub(crate) const DEBIAN_PYTHON: [&str; 2] = ["python3", "python3-venv"];

/// Debian's browser.
pub(crate) const DEBIAN_BROWSER: [&str; 1] = ["chromium"];

/// Latin, Arabic and Japanese glyphs, so that screenshots show text and not boxes.
pub(crate) const DEBIAN_FONTS: [&str; 2] = ["fonts-noto-core", "fonts-noto-cjk"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Paths;
    use std::fs;

    fn read(relative: &str) -> String {
        fs::read_to_string(Paths::discover().unwrap().root.join(relative)).unwrap()
    }

    #[test]
    fn the_workspace_manifest_names_the_same_versions() {
        let manifest = read("Cargo.toml");
        assert!(manifest.contains(&format!("wasm-bindgen = \"={WASM_BINDGEN}\"")));
        assert!(manifest.contains(&format!("worker = {{ version = \"={WORKER_BUILD}\"")));
    }

    #[test]
    fn the_npm_manifest_names_exact_versions_only() {
        let manifest: serde_json::Value =
            serde_json::from_str(&read("tests/package.json")).unwrap();
        let packages = manifest["devDependencies"].as_object().unwrap();
        for name in ["wrangler", "binaryen", "esbuild", "@playwright/test", "axe-core"] {
            assert!(packages.contains_key(name), "{name} is missing");
        }
        for (name, version) in packages {
            let version = version.as_str().unwrap();
            assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{name} {version}");
        }
    }

    #[test]
    fn the_oracles_are_exact_versions_too() {
        let manifest: serde_json::Value =
            serde_json::from_str(&read("tests/oracles/package.json")).unwrap();
        for (name, version) in manifest["devDependencies"].as_object().unwrap() {
            let version = version.as_str().unwrap();
            assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{name} {version}");
        }
        for line in read("tests/oracles/requirements.txt").lines() {
            assert!(line.starts_with('#') || line.contains("=="), "{line}");
        }
    }

    #[test]
    fn the_npm_lockfiles_name_no_registry() {
        for path in ["tests/package-lock.json", "tests/oracles/package-lock.json"] {
            assert!(!read(path).contains("\"resolved\""), "{path}");
        }
    }
}
