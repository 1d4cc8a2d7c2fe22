//! The widget: Wasm, glue, style, locales and loader, laid out as the edge serves them.
//!
//! The crate is built twice: once for the notice about a payment, and once for the dialog about
//! leaving, which lies in `cancel/` and is downloaded by those who open it.
//!
//! `target/widget/dist/v1/assets/<hash>/…` never changes once it is there: the hash is over every
//! file in it, so browsers may keep it for ever. `v1/loader.js` names the current hash; it and the
//! hosted page's script and style (`v1/page.*`) are the only files at fixed addresses.

use super::{COMPILE_LIMIT, Profile};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::pins::WASM_TARGET;
use crate::process::{lock, step};
use crate::setup::wasm_cargo;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Each tool takes seconds; wasm-opt is the slowest.
const TOOL_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Browsers that run our Wasm understand this language level.
const LANGUAGE_LEVEL: &str = "--target=es2020";

/// What Rust's Wasm target uses by default. Named one by one, so that a newer wasm-opt does not
/// emit something that a browser of last year cannot read.
const WASM_FEATURES: [&str; 7] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// The edge's static-file server reads cache and CORS headers from this file.
/// The loader may be five minutes old and is then refreshed in the background. The hosted page asks
/// each time whether its script still fits it.
const HEADERS: &str = "\
/v1/loader.js
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff

/v1/page.js
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff

/v1/page.svg
  Cache-Control: public, max-age=86400
  X-Content-Type-Options: nosniff

/v1/page.css
  Cache-Control: no-cache
  X-Content-Type-Options: nosniff

/v1/assets/*
  Cache-Control: public, max-age=31536000, immutable
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff
";

/// The two downloads of the crate: its feature, and where its files lie below the asset directory.
const DOWNLOADS: [(&str, &str); 2] = [("banner", ""), ("cancel", "cancel/")];

/// File name below the asset directory → content.
type Assets = BTreeMap<String, Vec<u8>>;

pub(super) fn build(paths: &Paths, profile: Profile) -> Result<()> {
    let work = paths.root.join("target").join("widget");
    let _lock = lock::acquire(&work.join(".lock"), "another build of the widget")?;

    let stage = work.join("stage");
    for (feature, folder) in DOWNLOADS {
        let stage = stage.join(folder);
        fs::create_dir_all(&stage).context(format_args!("create {}", stage.display()))?;
        compile(paths, profile, feature)?;
        bind(paths, profile, &stage)?;
    }
    let assets = collect(paths, profile, &stage)?;
    let hash = content_hash(&assets);
    publish(paths, profile, &assets, &hash)
}

fn compile(paths: &Paths, profile: Profile, feature: &str) -> Result<()> {
    let mut command = wasm_cargo(paths);
    command
        .args(["build", "--package", "reprieve-widget", "--lib", "--target", WASM_TARGET])
        .args(["--profile", profile.cargo_name(), "--no-default-features", "--features", feature])
        .current_dir(&paths.root);
    step::run("cargo build of the widget", &mut command, COMPILE_LIMIT)
}

/// Wasm from Cargo → `widget.js` (bundled, because wasm-bindgen may add snippet files) and
/// `widget_bg.wasm` in `stage`.
fn bind(paths: &Paths, profile: Profile, stage: &Path) -> Result<()> {
    let raw = stage.join("bindgen");
    if raw.exists() {
        fs::remove_dir_all(&raw).context(format_args!("empty {}", raw.display()))?;
    }
    let built = paths.target.join(WASM_TARGET).join(profile.cargo_name());
    let mut bindgen = Command::new(paths.tool("wasm-bindgen"));
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-name", "widget", "--out-dir"])
        .arg(&raw)
        .arg(built.join("reprieve_widget.wasm"));
    step::run("wasm-bindgen", &mut bindgen, TOOL_LIMIT)?;

    let wasm = raw.join("widget_bg.wasm");
    let target = stage.join("widget_bg.wasm");
    match profile {
        Profile::Dev => copy(&wasm, &target)?,
        Profile::Release => {
            let mut opt = Command::new(paths.npm_bin("wasm-opt"));
            opt.args(["-Oz", "--output"]).arg(&target).args(WASM_FEATURES).arg(&wasm);
            step::run("wasm-opt", &mut opt, TOOL_LIMIT)?;
        }
    }
    let mut glue = esbuild(paths, profile);
    glue.args(["--bundle", "--format=esm"]).arg(raw.join("widget.js"));
    glue.arg(outfile(&stage.join("widget.js")));
    step::run("esbuild of the glue", &mut glue, TOOL_LIMIT)
}

fn esbuild(paths: &Paths, profile: Profile) -> Command {
    let mut command = Command::new(paths.npm_bin("esbuild"));
    command.args(["--log-level=warning", "--legal-comments=none", LANGUAGE_LEVEL]);
    command.current_dir(&paths.root);
    if profile == Profile::Release {
        command.arg("--minify");
    }
    command
}

fn outfile(path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from("--outfile=");
    argument.push(path);
    argument
}

/// Reads everything that belongs into the hashed directory.
fn collect(paths: &Paths, profile: Profile, stage: &Path) -> Result<Assets> {
    let mut assets = Assets::new();
    for (_, folder) in DOWNLOADS {
        for name in ["widget.js", "widget_bg.wasm"] {
            let name = format!("{folder}{name}");
            let content = read(&stage.join(&name))?;
            assets.insert(name, content);
        }
    }
    for (source, name) in [("widget.css", "widget.css"), ("cancel.css", "cancel/cancel.css")] {
        let mut css = esbuild(paths, profile);
        css.arg(paths.root.join("widget/style").join(source)).arg(outfile(&stage.join(name)));
        step::run("esbuild of the style", &mut css, TOOL_LIMIT)?;
        assets.insert(name.to_owned(), read(&stage.join(name))?);
    }
    let mut later = esbuild(paths, profile);
    later.args(["--bundle", "--format=esm"]).arg(paths.root.join("widget/loader/later.js"));
    later.arg(outfile(&stage.join("later.js")));
    step::run("esbuild of the loader's later part", &mut later, TOOL_LIMIT)?;
    assets.insert("later.js".to_owned(), read(&stage.join("later.js"))?);
    for (source, folder) in [("widget/locale", "locale"), ("widget/locale/cancel", "cancel")] {
        for path in files_with(&paths.root.join(source), "json")? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = compact_json(&read(&path)?)
                .context(format_args!("{} is not valid JSON", path.display()))?;
            assets.insert(format!("{folder}/{name}"), text);
        }
    }
    Ok(assets)
}

/// The same JSON without the white space that is there for translators.
fn compact_json(bytes: &[u8]) -> serde_json::Result<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(bytes)?;
    serde_json::to_vec(&value)
}

/// Writes new assets first, then the loader that names them, and removes old ones last: a page
/// that loads at any moment in between finds what it asks for.
fn publish(paths: &Paths, profile: Profile, assets: &Assets, hash: &str) -> Result<()> {
    let dist = paths.widget_dist();
    let all_assets = dist.join("v1/assets");
    for (name, content) in assets {
        write_if_changed(&all_assets.join(hash).join(name), content)?;
    }
    let loader = paths.root.join("target/widget/stage/loader.js");
    let mut command = esbuild(paths, profile);
    command
        .args(["--bundle", "--format=iife"])
        .arg(format!("--define:__ASSET_BASE__=\"/v1/assets/{hash}/\""))
        .arg(loader_entry(paths)?)
        .arg(outfile(&loader));
    step::run("esbuild of the loader", &mut command, TOOL_LIMIT)?;
    write_if_changed(&dist.join("v1/loader.js"), &read(&loader)?)?;
    publish_page(paths, profile)?;
    write_if_changed(&dist.join("_headers"), HEADERS.as_bytes())?;
    for entry in list(&all_assets)? {
        if entry.file_name() != Some(OsStr::new(hash)) {
            fs::remove_dir_all(&entry).context(format_args!("remove {}", entry.display()))?;
        }
    }
    Ok(())
}

/// Script, style and icon of the hosted page; its HTML is the Worker's.
fn publish_page(paths: &Paths, profile: Profile) -> Result<()> {
    for name in ["page.js", "page.css"] {
        let staged = paths.root.join("target/widget/stage").join(name);
        let mut command = esbuild(paths, profile);
        command.arg(paths.root.join("widget/page").join(name)).arg(outfile(&staged));
        step::run("esbuild of the hosted page", &mut command, TOOL_LIMIT)?;
        write_if_changed(&paths.widget_dist().join("v1").join(name), &read(&staged)?)?;
    }
    let icon = read(&paths.root.join("widget/page/page.svg"))?;
    write_if_changed(&paths.widget_dist().join("v1/page.svg"), &icon)?;
    Ok(())
}

fn loader_entry(paths: &Paths) -> Result<PathBuf> {
    let dir = paths.root.join("widget/loader");
    let found = ["loader.js", "index.js", "main.js"].iter().map(|name| dir.join(name));
    match found.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => fail(format!("no loader.js in {}", dir.display())),
    }
}

/// FNV-1a, 64 bits, over names, lengths and contents. It tells versions of our own files apart;
/// nobody gains anything by forging it.
fn content_hash(assets: &Assets) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = OFFSET;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    };
    for (name, content) in assets {
        for part in [name.as_bytes(), content.as_slice()] {
            feed(part);
            feed(&part.len().to_le_bytes());
        }
    }
    format!("{hash:016x}")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).context(format_args!("read {}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(|_| ()).context(format_args!("copy {}", from.display()))
}

/// An untouched file does not wake up a server that watches it.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).context(format_args!("create {}", dir.display()))?;
    }
    fs::write(path, content).context(format_args!("write {}", path.display()))
}

fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).context(format_args!("read {}", dir.display()))?;
    let mut found = entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>();
    found.sort();
    Ok(found)
}

fn files_with(dir: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = list(dir)?;
    files.retain(|path| path.extension() == Some(OsStr::new(extension)));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(pairs: &[(&str, &str)]) -> Assets {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn the_hash_changes_with_a_name_a_content_or_the_border_between_them() {
        let base = content_hash(&assets(&[("a", "bc")]));
        assert_eq!(base, content_hash(&assets(&[("a", "bc")])));
        assert_ne!(base, content_hash(&assets(&[("a", "bd")])));
        assert_ne!(base, content_hash(&assets(&[("b", "bc")])));
        assert_ne!(base, content_hash(&assets(&[("ab", "c")])));
        assert_eq!(base.len(), 16);
    }

    #[test]
    fn locales_lose_their_white_space_but_no_text() {
        let compact = compact_json(b"{\n  \"a\": \"x  y\"\n}").unwrap();
        assert_eq!(compact, b"{\"a\":\"x  y\"}");
        assert!(compact_json(b"{").is_err());
    }
}
