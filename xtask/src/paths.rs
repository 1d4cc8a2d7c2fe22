//! Where things are: the repository, Cargo's target directory, the cache of tools.

use crate::error::{Context, Result};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The widget as the edge serves it, relative to the root. `edge/wrangler.toml` names it, so it
/// stays there whatever `CARGO_TARGET_DIR` says.
pub(crate) const WIDGET_DIST: &str = "target/widget/dist";

/// The built Worker, relative to the root; `edge/wrangler.toml` names it, too.
pub(crate) const WORKER: &str = "edge/build";

/// The Worker that the browser tests about offers start, relative to the root.
pub(crate) const OFFERS_WORKER: &str = "target/edge-offers";

/// The directories that every command needs. All of them are absolute.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Cargo's target directory (`CARGO_TARGET_DIR`, else `target`).
    pub(crate) target: PathBuf,
    /// Tools that survive `cargo clean` and are shared by all clones of one person
    /// (`REPRIEVE_CACHE`, else `reprieve` in the user's cache directory).
    pub(crate) cache: PathBuf,
}

impl Paths {
    /// Finds the directories; creates nothing.
    pub(crate) fn discover() -> Result<Self> {
        let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = crate_dir.parent().context("xtask has no parent directory")?.to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) if !dir.is_empty() => root.join(dir),
            _ => root.join("target"),
        };
        let cache = cache_dir(
            env::var_os("REPRIEVE_CACHE"),
            env::var_os("XDG_CACHE_HOME"),
            env::home_dir(),
        )
        .context("set HOME or REPRIEVE_CACHE: there is no place for the tools")?;
        Ok(Self { root, target, cache })
    }

    /// An executable that `cargo install` placed into the cache.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.cache.join("tools").join("bin").join(name)
    }

    /// An executable that npm placed into `tests/node_modules`.
    pub(crate) fn npm_bin(&self, name: &str) -> PathBuf {
        self.tests().join("node_modules").join(".bin").join(name)
    }

    /// The npm package with the build's and the browser tests' tools.
    pub(crate) fn tests(&self) -> PathBuf {
        self.root.join("tests")
    }

    /// The npm package, the Python list and the scripts of the programs that judge ours.
    pub(crate) fn oracles(&self) -> PathBuf {
        self.tests().join("oracles")
    }

    /// The widget as the edge serves it.
    pub(crate) fn widget_dist(&self) -> PathBuf {
        self.root.join(WIDGET_DIST)
    }

    /// The file that names the toolchain with the Wasm target; without it, or if it is empty, the
    /// ordinary one has it.
    pub(crate) fn toolchain_record(&self) -> PathBuf {
        self.cache.join("toolchain")
    }
}

fn cache_dir(
    own: Option<OsString>,
    xdg: Option<OsString>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    let absolute = |dir: OsString| Some(PathBuf::from(dir)).filter(|path| path.is_absolute());
    own.and_then(absolute)
        .or_else(|| xdg.and_then(absolute).map(|dir| dir.join("reprieve")))
        .or_else(|| home.map(|dir| dir.join(".cache").join("reprieve")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_the_most_specific_absolute_directory() {
        let home = || Some(PathBuf::from("/h"));
        let text = |dir: &str| Some(OsString::from(dir));
        assert_eq!(cache_dir(text("/own"), text("/xdg"), home()), Some("/own".into()));
        assert_eq!(cache_dir(None, text("/xdg"), home()), Some("/xdg/reprieve".into()));
        assert_eq!(cache_dir(None, text("xdg"), home()), Some("/h/.cache/reprieve".into()));
        assert_eq!(cache_dir(None, None, None), None);
    }
}
