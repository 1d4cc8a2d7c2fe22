//! `reprieve-sysroot TARGET DIR`: compiles Debian's standard library for TARGET into DIR.
//!
//! The compiler, cargo and the source are the distribution's own (`/usr/bin`, `/usr/lib/rustlib`),
//! whatever toolchain this program was compiled with.

use rustc_build_sysroot::{BuildMode, SysrootBuilder, SysrootConfig};
use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const SOURCE: &str = "/usr/lib/rustlib/src/rust/library";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sysroot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut args = env::args_os().skip(1);
    let (Some(target), Some(dir)) = (args.next(), args.next()) else {
        return Err("usage: reprieve-sysroot TARGET DIR".into());
    };
    let dir = PathBuf::from(dir);
    let mut cargo = distribution(CARGO);
    cargo.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1");
    let version = rustc_version::VersionMeta::for_command(distribution(RUSTC))?;
    SysrootBuilder::new(&dir, target)
        .build_mode(BuildMode::Build)
        .sysroot_config(SysrootConfig::WithStd { std_features: Vec::new() })
        // Without bitcode, link-time optimisation of what uses this library fails.
        .rustflag("-Cembed-bitcode=yes")
        .rustc_version(version)
        .cargo(cargo)
        .build_from_source(Path::new(SOURCE))?;
    Ok(())
}

/// One of the distribution's programs, out of reach of rustup and of the cargo that runs us.
fn distribution(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTC", "CARGO", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    // The build must not land in the target directory of the caller.
    command.env_remove("CARGO_TARGET_DIR");
    command.env("PATH", "/usr/bin:/bin");
    command
}
