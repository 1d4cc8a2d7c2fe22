//! A Rust toolchain that can compile to Wasm.
//!
//! rustup adds the target where it can download. Where it cannot (a machine that reaches package
//! registries only), Debian's own compiler stands in: its standard library is compiled for Wasm
//! once, and rustup is told about it under the name [`DEBIAN_TOOLCHAIN`].

use super::{debian, log_path};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::pins::{DEBIAN_RUST, WASM_TARGET};
use crate::process::find_program;
use crate::process::step::{capture, run_logged, try_logged};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// rustup's name for Debian's compiler in `/usr`.
const DEBIAN_TOOLCHAIN: &str = "distro";

/// A 30 MB download; a server that cannot be reached must not hold us up for long.
const RUSTUP_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The standard library took about a minute on two cores.
const SYSROOT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// A cargo command that compiles to Wasm with the toolchain that can.
pub(crate) fn wasm_cargo(paths: &Paths) -> Command {
    let mut command = Command::new("cargo");
    use_wasm_toolchain(paths, &mut command);
    command
}

/// Makes every cargo and rustc below `command` the one that has the Wasm target.
pub(crate) fn use_wasm_toolchain(paths: &Paths, command: &mut Command) {
    if let Some(name) = recorded(paths) {
        command.env("RUSTUP_TOOLCHAIN", name);
    }
}

fn recorded(paths: &Paths) -> Option<String> {
    let name = fs::read_to_string(paths.toolchain_record()).ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn record(paths: &Paths, name: &str) -> Result<()> {
    let path = paths.toolchain_record();
    fs::write(&path, name).context(format_args!("write {}", path.display()))
}

/// True if the rustc of `command` has a standard library for Wasm.
fn has_target(command: &mut Command) -> bool {
    capture(command.args(["--print", "target-libdir", "--target", WASM_TARGET]))
        .and_then(|dir| fs::read_dir(dir).ok())
        .is_some_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
}

/// Says that no toolchain can compile to Wasm.
pub(super) fn missing(paths: &Paths) -> Option<String> {
    let mut rustc = Command::new("rustc");
    use_wasm_toolchain(paths, &mut rustc);
    (!has_target(&mut rustc)).then(|| format!("no Rust toolchain has {WASM_TARGET}"))
}

/// Gets the target from rustup, else from Debian.
pub(super) fn install(paths: &Paths) -> Result<()> {
    record(paths, "")?;
    if has_target(&mut Command::new("rustc")) || rustup_add(paths) {
        return Ok(());
    }
    install_debian(paths)
}

fn rustup_add(paths: &Paths) -> bool {
    if find_program("rustup").is_none() {
        return false;
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", WASM_TARGET]);
    let log = log_path(paths, "rustup");
    let added = try_logged("rustup target add", &mut command, RUSTUP_LIMIT, &log);
    added.is_ok() && has_target(&mut Command::new("rustc"))
}

/// Debian's compiler, with a standard library that we compile from its own source package.
pub(super) fn install_debian(paths: &Paths) -> Result<()> {
    if !Path::new("/etc/debian_version").is_file() {
        return fail(format!("please install the Rust target {WASM_TARGET}"));
    }
    eprintln!("    rustup cannot provide it here; using Debian's compiler");
    debian::install(paths, &DEBIAN_RUST)?;
    install_linker(paths)?;
    if !has_target(&mut Command::new("/usr/bin/rustc")) {
        build_sysroot(paths)?;
    }
    if find_program("rustup").is_none() {
        return record(paths, "");
    }
    let mut link = Command::new("rustup");
    link.args(["toolchain", "link", DEBIAN_TOOLCHAIN, "/usr"]);
    run_logged("rustup toolchain link", &mut link, RUSTUP_LIMIT, &log_path(paths, "rustup"))?;
    record(paths, DEBIAN_TOOLCHAIN)
}

/// `/usr/bin/rust-lld` is a link to the linker of one LLVM version, which no package depends on.
fn install_linker(paths: &Paths) -> Result<()> {
    let linker = Path::new("/usr/bin/rust-lld");
    if linker.exists() {
        return Ok(());
    }
    let name = fs::read_link(linker).context("find Debian's rust-lld")?;
    let package = name.file_name().and_then(|name| name.to_str()).context("a strange rust-lld")?;
    debian::install(paths, &[package])
}

/// Compiles the standard library with the small program in `xtask/sysroot`.
fn build_sysroot(paths: &Paths) -> Result<()> {
    let out = paths.cache.join("sysroot");
    let build_dir = paths.cache.join("build");
    let mut command = Command::new("cargo");
    command
        .args(["run", "--quiet", "--release", "--locked", "--manifest-path"])
        .arg(paths.root.join("xtask/sysroot/Cargo.toml"))
        .arg("--")
        .arg(WASM_TARGET)
        .arg(&out)
        .env("CARGO_TARGET_DIR", &build_dir)
        .current_dir(&paths.cache);
    let log = log_path(paths, "sysroot");
    run_logged("compiling the standard library", &mut command, SYSROOT_LIMIT, &log)?;

    let built = out.join("lib/rustlib").join(WASM_TARGET).join("lib");
    let place = PathBuf::from("/usr/lib/rustlib").join(WASM_TARGET).join("lib");
    copy_files(&built, &place)?;
    // Cargo does not notice that the standard library is another one.
    let _ = fs::remove_dir_all(paths.target.join(WASM_TARGET));
    // Neither of these is of any further use, and a failure to remove them does no harm.
    let _ = fs::remove_dir_all(out);
    let _ = fs::remove_dir_all(build_dir);
    Ok(())
}

/// The directory appears under its final name only when it is complete.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    let partial = to.with_extension("partial");
    fs::create_dir_all(&partial).context(format_args!("create {}", partial.display()))?;
    for entry in fs::read_dir(from).context(format_args!("read {}", from.display()))? {
        let entry = entry.context(format_args!("read {}", from.display()))?;
        let file = entry.path();
        if file.is_file() {
            fs::copy(&file, partial.join(entry.file_name()))
                .context(format_args!("copy {}", file.display()))?;
        }
    }
    // What an earlier, incomplete set-up may have left there.
    let _ = fs::remove_dir_all(to);
    fs::rename(&partial, to).context(format_args!("create {}", to.display()))
}
