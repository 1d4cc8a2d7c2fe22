//! A Rust toolchain with the standard library's source, which release builds of the widget compile
//! anew: for size, and without the machinery that words a panic, which nobody would read. That is a
//! quarter of the download.
//!
//! Cargo has this behind `-Z` options: `RUSTC_BOOTSTRAP` opens them on a stable toolchain. If they
//! change, release builds fail and nothing else does.

use super::target::use_wasm_toolchain;
use super::{debian, log_path};
use crate::error::{Result, fail};
use crate::paths::Paths;
use crate::pins::DEBIAN_RUST;
use crate::process::find_program;
use crate::process::step::{capture, try_logged};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The source is a download of 3 MB.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Compile the standard library too: <https://doc.rust-lang.org/cargo/reference/unstable.html>,
/// `build-std` and `panic-immediate-abort` (Cargo 1.92 and later).
const OPTIONS: [&str; 5] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "-Zpanic-immediate-abort",
    "--config",
    "profile.release.panic=\"immediate-abort\"",
];

/// Debian's programs, out of reach of rustup.
const DEBIAN_BIN: &str = "/usr/bin";

/// `cargo <subcommand>` that compiles the standard library with the rest.
///
/// # Errors
/// The source is not there and nobody provides it.
pub(crate) fn small_cargo(paths: &Paths, subcommand: &str) -> Result<Command> {
    let mut command = match toolchain(paths)? {
        Toolchain::Usual => {
            let mut command = Command::new("cargo");
            use_wasm_toolchain(paths, &mut command);
            command
        }
        Toolchain::Debian => {
            let mut command = Command::new(Path::new(DEBIAN_BIN).join("cargo"));
            command.env("RUSTC", Path::new(DEBIAN_BIN).join("rustc")).env("PATH", DEBIAN_BIN);
            for name in ["RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "LD_LIBRARY_PATH"] {
                command.env_remove(name);
            }
            command
        }
    };
    command.env("RUSTC_BOOTSTRAP", "1").arg(subcommand).args(OPTIONS);
    Ok(command)
}

enum Toolchain {
    Usual,
    Debian,
}

fn toolchain(paths: &Paths) -> Result<Toolchain> {
    let usual = || {
        let mut rustc = Command::new("rustc");
        use_wasm_toolchain(paths, &mut rustc);
        has_source(&mut rustc)
    };
    let debian = || has_source(&mut Command::new(Path::new(DEBIAN_BIN).join("rustc")));
    if usual() || (rustup_add(paths) && usual()) {
        return Ok(Toolchain::Usual);
    }
    if !debian() && Path::new("/etc/debian_version").is_file() {
        debian::install(paths, &DEBIAN_RUST)?;
    }
    if debian() {
        return Ok(Toolchain::Debian);
    }
    fail("a release build needs the standard library's source: rustup component add rust-src")
}

fn has_source(rustc: &mut Command) -> bool {
    let sysroot = capture(rustc.args(["--print", "sysroot"])).map(PathBuf::from);
    sysroot.is_some_and(|root| root.join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}

fn rustup_add(paths: &Paths) -> bool {
    if find_program("rustup").is_none() {
        return false;
    }
    let mut command = Command::new("rustup");
    command.args(["component", "add", "rust-src"]);
    let log = log_path(paths, "rust-src");
    try_logged("rustup component add rust-src", &mut command, DOWNLOAD_LIMIT, &log).is_ok()
}
