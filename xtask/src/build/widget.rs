//! The widget: Wasm, glue, style, locales and loader, laid out as the edge serves them.
//!
//! The Wasm is taken apart after it was linked ([`super::split`]): `widget_bg.wasm` comes with the
//! notice, the other files when they are needed.
//!
//! `target/widget/dist/v1/assets/<hash>/…` never changes once it is there: the hash is over every
//! file in it, so browsers may keep it for ever. `v1/loader.js` names the current hash; it and the
//! hosted page's script and style (`v1/page.*`) are the only files at fixed addresses.

use super::script::{MODULE, esbuild, outfile, squeeze};
use super::{COMPILE_LIMIT, Profile, TOOL_LIMIT, split, versions};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::pins::WASM_TARGET;
use crate::process::step::capture;
use crate::process::{lock, step};
use crate::setup::{small_cargo, wasm_cargo};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// How the Wasm is made small. Nothing of ours lies in the first kilobyte of the memory, which is
/// the far end of the stack. Flattened and put together again, and optimised twice, a part is a
/// hundredth smaller than after one round.
const OPTIMISATIONS: [&str; 7] = [
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--strip-debug",
    "--strip-producers",
];

/// What the loader's sources are told, see `widget/loader/pins.js`.
const CAN_PIN: &str = "--define:__CAN_PIN__=true";
const CANNOT_PIN: &str = "--define:__CAN_PIN__=false";
const NO_PINS: &str = "--define:__PINS__=null";

/// Nobody writes `using` with our handle; without it the bundler drops the classes of streams that
/// wasm-bindgen writes for a dependency.
const NO_DISPOSE: &str = "--define:Symbol.dispose=undefined";

/// The loader among the assets, for pages that pin a version.
const PINNED_LOADER: &str = "loader.js";

/// The edge's static-file server reads cache and CORS headers from this file.
/// The loader may be five minutes old and is then refreshed in the background. The hosted page asks
/// each time whether its script still fits it.
const HEADERS: &str = "\
/v1/loader.js
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff

/v1/versions.json
  Cache-Control: no-cache
  Access-Control-Allow-Origin: *
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

/// Below the stage: what the split left, what wasm-bindgen made of it, and what is served.
const PARTS: &str = "parts";
const BOUND: &str = "bound";
const WASM: &str = "wasm";

/// File in `widget/style` → name below the asset directory.
const STYLES: [(&str, &str); 3] =
    [("notice.css", "notice.css"), ("panel.css", "panel.css"), ("cancel.css", "cancel/cancel.css")];

/// What the loader's files fetch later, each a bundle of its own.
const LATER: [&str; 7] =
    ["later.js", "question.js", "calls.js", "contrast.js", "own.js", "game.js", "phone.js"];

/// File name below the asset directory → content.
type Assets = BTreeMap<String, Vec<u8>>;

pub(super) fn build(paths: &Paths, profile: Profile) -> Result<()> {
    let work = paths.root.join("target").join("widget");
    let _lock = lock::acquire(&work.join(".lock"), "another build of the widget")?;

    let stage = work.join("stage");
    for name in [PARTS, BOUND, WASM] {
        empty(&stage.join(name))?;
    }
    compile(paths, profile)?;
    let built = paths.target.join(WASM_TARGET).join(profile.cargo_name());
    split::split(paths, &built.join("reprieve_widget.wasm"), &stage.join(PARTS))?;
    bind(paths, profile, &stage)?;
    let assets = collect(paths, profile, &stage)?;
    // The pinned loader lies among the assets and knows their hashes, so its source counts here.
    let mut named = assets.clone();
    named.insert(PINNED_LOADER.to_owned(), bundle_loader(paths, profile, "", [CAN_PIN, NO_PINS])?);
    let hash = content_hash(&named);
    publish(paths, profile, &assets, &hash)
}

fn compile(paths: &Paths, profile: Profile) -> Result<()> {
    let mut command = match profile {
        Profile::Dev => {
            let mut command = wasm_cargo(paths);
            command.arg("rustc");
            command
        }
        Profile::Release => small_cargo(paths, "rustc")?,
    };
    command
        .args(["--package", "reprieve-widget", "--lib", "--crate-type", "cdylib"])
        .args(["--target", WASM_TARGET, "--profile", profile.cargo_name(), "--features", "split"])
        .args(["--", split::LINK_ARGUMENT])
        .current_dir(&paths.root);
    step::run("cargo rustc of the widget", &mut command, COMPILE_LIMIT)
}

/// The parts → `widget.js` (glue and what loads the other parts, in one file) and the parts' Wasm
/// as it is served.
fn bind(paths: &Paths, profile: Profile, stage: &Path) -> Result<()> {
    let (parts, bound) = (stage.join(PARTS), stage.join(BOUND));
    let mut bindgen = Command::new(paths.tool("wasm-bindgen"));
    bindgen
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .args(["--out-name", "widget", "--out-dir"])
        .arg(&bound)
        .arg(parts.join("widget.wasm"));
    step::run("wasm-bindgen", &mut bindgen, TOOL_LIMIT)?;
    fs::remove_file(parts.join("widget.wasm")).context("remove the Wasm that was bound")?;

    split::shorten(&bound)?;

    let mut modules = files_with(&parts, "wasm")?;
    modules.push(bound.join("widget_bg.wasm"));
    for module in modules {
        let target = stage.join(WASM).join(module.file_name().unwrap_or_default());
        match profile {
            Profile::Dev => copy(&module, &target)?,
            Profile::Release => {
                let mut opt = Command::new(paths.npm_bin("wasm-opt"));
                opt.args(OPTIMISATIONS).args(WASM_FEATURES);
                opt.arg("--output").arg(&target).arg(&module);
                step::run("wasm-opt", &mut opt, TOOL_LIMIT)?;
            }
        }
    }
    split::link_script(&parts, &bound)?;
    let mut glue = esbuild(paths, profile);
    let script = stage.join("widget.js");
    glue.args(["--bundle", "--format=esm", CAN_PIN, NO_PINS, NO_DISPOSE]);
    glue.arg(bound.join("entry.js")).arg(outfile(&script));
    step::run("esbuild of the glue", &mut glue, TOOL_LIMIT)?;
    squeeze(paths, profile, &script, MODULE)
}

/// Reads everything that belongs into the hashed directory.
fn collect(paths: &Paths, profile: Profile, stage: &Path) -> Result<Assets> {
    let mut assets = Assets::new();
    let mut built = files_with(&stage.join(WASM), "wasm")?;
    built.push(stage.join("widget.js"));
    for path in built {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assets.insert(name, read(&path)?);
    }
    for (source, name) in STYLES {
        let mut css = esbuild(paths, profile);
        css.arg(paths.root.join("widget/style").join(source)).arg(outfile(&stage.join(name)));
        step::run("esbuild of the style", &mut css, TOOL_LIMIT)?;
        assets.insert(name.to_owned(), read(&stage.join(name))?);
    }
    for name in LATER {
        let mut later = esbuild(paths, profile);
        later.args(["--bundle", "--format=esm", "--define:__IS_ASKED__=true", CAN_PIN, NO_PINS]);
        later.arg(paths.root.join("widget/loader").join(name)).arg(outfile(&stage.join(name)));
        step::run("esbuild of the loader's later parts", &mut later, TOOL_LIMIT)?;
        squeeze(paths, profile, &stage.join(name), MODULE)?;
        assets.insert(name.to_owned(), read(&stage.join(name))?);
    }
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

/// Writes new assets first, then the loader that names them, and removes the oldest last: a page
/// that loads at any moment in between finds what it asks for.
fn publish(paths: &Paths, profile: Profile, assets: &Assets, hash: &str) -> Result<()> {
    let dist = paths.widget_dist();
    let all_assets = dist.join("v1/assets");
    for (name, content) in assets {
        write_if_changed(&all_assets.join(hash).join(name), content)?;
    }
    let base = format!("/v1/assets/{hash}/");
    let names = assets.keys().map(String::as_str).collect::<Vec<_>>();
    let folder = all_assets.join(hash);
    let pins = format!("--define:__PINS__={}", integrity(paths, "sha256", &folder, &names)?);
    let pinned = bundle_loader(paths, profile, &base, [CAN_PIN, &pins])?;
    write_if_changed(&folder.join(PINNED_LOADER), &pinned)?;
    let loader = bundle_loader(paths, profile, &base, [CANNOT_PIN, NO_PINS])?;
    write_if_changed(&dist.join("v1/loader.js"), &loader)?;
    publish_page(paths, profile)?;
    write_if_changed(&dist.join("_headers"), HEADERS.as_bytes())?;
    let of_loader = integrity(paths, "sha384", &folder, &[PINNED_LOADER])?;
    let files = names.into_iter().chain([PINNED_LOADER]).map(str::to_owned).collect();
    versions::publish(&dist, profile, hash, files, &of_loader)
}

/// The loader for files at this address.
fn bundle_loader(
    paths: &Paths,
    profile: Profile,
    base: &str,
    pinning: [&str; 2],
) -> Result<Vec<u8>> {
    let staged = paths.root.join("target/widget/stage/loader.js");
    let mut command = esbuild(paths, profile);
    command
        .args(["--bundle", "--format=iife", "--define:__IS_ASKED__=false"])
        .arg(format!("--define:__ASSET_BASE__={base:?}"))
        .args(pinning)
        .arg(loader_entry(paths)?)
        .arg(outfile(&staged));
    step::run("esbuild of the loader", &mut command, TOOL_LIMIT)?;
    squeeze(paths, profile, &staged, &[])?;
    read(&staged)
}

/// The integrity of files, as one line of JSON by name. Node.js has the hashes.
fn integrity(paths: &Paths, algorithm: &str, folder: &Path, names: &[&str]) -> Result<String> {
    let mut node = Command::new("node");
    node.arg(paths.root.join("xtask/integrity.mjs")).arg(algorithm).arg(folder).args(names);
    Ok(capture(&mut node).context("the integrity of the widget's files")?.trim().to_owned())
}

/// Script, style and icon of the hosted page; its HTML is the Worker's.
fn publish_page(paths: &Paths, profile: Profile) -> Result<()> {
    for name in ["page.js", "page.css"] {
        let staged = paths.root.join("target/widget/stage").join(name);
        let mut command = esbuild(paths, profile);
        command
            .args(["--bundle", "--format=esm"])
            .arg(paths.root.join("widget/page").join(name))
            .arg(outfile(&staged));
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

/// An empty directory, whatever it was before.
fn empty(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).context(format_args!("empty {}", dir.display()))?;
    }
    fs::create_dir_all(dir).context(format_args!("create {}", dir.display()))
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
