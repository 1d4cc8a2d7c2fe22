//! Which versions of the widget are served: the one just built, and those before it.
//!
//! A page may have been opened yesterday, a loader may be a day old in a cache: what they ask for
//! has to be there. `v1/versions.json` lists what is, newest first; `cargo xtask build --keep` adds
//! what a Worker serves now, so that a deployment from a fresh clone takes nothing away.

use super::Profile;
use crate::error::{Context, Result};
use crate::paths::Paths;
use crate::process::step;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How many versions are served. A release a week is then good for nearly half a year.
const RELEASES_MAX: usize = 20;
/// Builds of developers are large, and only the one before is missed by an open page.
const DEV_BUILDS_MAX: usize = 2;

const LIST: &str = "v1/versions.json";

/// 20 versions of 60 files over a slow line.
const KEEP_LIMIT: Duration = Duration::from_secs(15 * 60);

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Versions {
    versions: Vec<Version>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Version {
    /// The name of its directory below `v1/assets/`.
    hash: String,
    /// Cargo's name of the profile.
    profile: String,
    /// The integrity of its loader, for the script tag of a page that pins it.
    loader: String,
    /// Its files, without the directory.
    files: Vec<String>,
}

/// The newest version in `dist`: the one that its loader names.
pub(crate) fn newest(dist: &Path) -> Result<String> {
    let first = read(dist).versions.into_iter().next();
    Ok(first.context("no version of the widget was built")?.hash)
}

fn read(dist: &Path) -> Versions {
    // No list: nothing was built here yet, or before there were lists.
    let text = fs::read_to_string(dist.join(LIST)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The list with one more version, without those that are too old, of another kind, or gone.
fn with_newest(list: Versions, newest: Version, is_there: impl Fn(&str) -> bool) -> Versions {
    let max =
        if newest.profile == Profile::Release.cargo_name() { RELEASES_MAX } else { DEV_BUILDS_MAX };
    let others = list.versions.into_iter().filter(|version| {
        version.hash != newest.hash && version.profile == newest.profile && is_there(&version.hash)
    });
    let others = others.collect::<Vec<_>>();
    let versions = std::iter::once(newest).chain(others).take(max).collect();
    Versions { versions }
}

/// Lists the version that was just written, and removes those that are not listed any more.
///
/// # Errors
/// `of_loader` is not what `integrity.mjs` prints, or a file cannot be written or removed.
pub(super) fn publish(
    dist: &Path,
    profile: Profile,
    hash: &str,
    files: Vec<String>,
    of_loader: &str,
) -> Result<()> {
    let of_loader: BTreeMap<String, String> =
        serde_json::from_str(of_loader).context("the loader's integrity")?;
    let loader = of_loader.into_values().next().context("the loader's integrity is missing")?;
    let assets = dist.join("v1/assets");
    let profile = profile.cargo_name().to_owned();
    let newest = Version { hash: hash.to_owned(), profile, loader, files };
    let list = with_newest(read(dist), newest, |hash| assets.join(hash).is_dir());
    let text = serde_json::to_string(&list).context("the list of versions")?;
    let path = dist.join(LIST);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(&path, text).context(format_args!("write {}", path.display()))?;
    let entries = fs::read_dir(&assets).context(format_args!("read {}", assets.display()))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !list.versions.iter().any(|version| version.hash == name) {
            let path = entry.path();
            fs::remove_dir_all(&path).context(format_args!("remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// Downloads the versions that a Worker serves now, and puts them behind those in `dist`.
pub(crate) fn keep(paths: &Paths, origin: &str) -> Result<()> {
    let mut node = Command::new("node");
    node.arg(paths.root.join("xtask/keep-versions.mjs")).arg(origin).arg(paths.widget_dist());
    step::run("download of the served versions", &mut node, KEEP_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(hash: &str, profile: &str) -> Version {
        Version {
            hash: hash.to_owned(),
            profile: profile.to_owned(),
            loader: "sha384-x".to_owned(),
            files: vec!["a".to_owned()],
        }
    }

    fn hashes(list: &Versions) -> Vec<&str> {
        list.versions.iter().map(|version| version.hash.as_str()).collect()
    }

    #[test]
    fn the_newest_is_first_once_and_the_oldest_goes() {
        let mut list = Versions::default();
        for number in 0..RELEASES_MAX + 5 {
            list = with_newest(list, version(&format!("v{number}"), "release"), |_| true);
        }
        assert_eq!(list.versions.len(), RELEASES_MAX);
        assert_eq!(hashes(&list)[..2], ["v24", "v23"]);
        let again = with_newest(list.clone(), version("v20", "release"), |_| true);
        assert_eq!(hashes(&again)[..2], ["v20", "v24"]);
        assert_eq!(again.versions.len(), RELEASES_MAX);
        let gone = with_newest(list, version("v25", "release"), |hash| hash != "v24");
        assert_eq!(hashes(&gone)[..2], ["v25", "v23"]);
    }

    #[test]
    fn builds_of_developers_are_not_deployed() {
        let list =
            Versions { versions: vec![version("d1", "wasm-dev"), version("d0", "wasm-dev")] };
        let dev = with_newest(list.clone(), version("d2", "wasm-dev"), |_| true);
        assert_eq!(hashes(&dev), ["d2", "d1"]);
        assert_eq!(hashes(&with_newest(list, version("r", "release"), |_| true)), ["r"]);
    }

    #[test]
    fn what_is_listed_stays_on_the_disk_and_nothing_else() {
        let dist = std::env::temp_dir().join(format!("xtask-versions-{}", std::process::id()));
        let built = |hash: &str| {
            let dir = dist.join("v1/assets").join(hash);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join("later.js"), hash).unwrap();
            let files = vec!["later.js".to_owned()];
            publish(&dist, Profile::Dev, hash, files, r#"{"loader.js":"sha384-x"}"#).unwrap();
        };
        for hash in ["one", "two", "three"] {
            built(hash);
        }
        let is_there = |hash: &str| dist.join("v1/assets").join(hash).join("later.js").is_file();
        assert_eq!(["one", "two", "three"].map(is_there), [false, true, true]);
        assert_eq!(newest(&dist).unwrap(), "three");
        fs::remove_dir_all(dist).unwrap();
    }
}
