//! The Worker: `worker-build` writes `edge/build/index.js` and its Wasm, which `edge/wrangler.toml`
//! names as `main`. The policy is built into it, so the browser tests have a second one for offers
//! that the usual policy does not make.

use super::{COMPILE_LIMIT, Profile};
use crate::error::Result;
use crate::paths::{OFFERS_WORKER, Paths};
use crate::process::step;
use crate::setup::use_wasm_toolchain;
use std::path::Path;
use std::process::Command;

/// Where `edge/build.rs` finds another policy, relative to the root.
const POLICY_VARIABLE: &str = "REPRIEVE_POLICY";
const OFFERS_POLICY: &str = "tests/e2e/policies/offers.toml";

pub(super) fn build(paths: &Paths, profile: Profile) -> Result<()> {
    worker(paths, profile, &mut Command::new(paths.tool("worker-build")))
}

/// The Worker of the browser tests about offers.
pub(super) fn build_for_offers(paths: &Paths) -> Result<()> {
    let mut command = Command::new(paths.tool("worker-build"));
    let out = Path::new("..").join(OFFERS_WORKER);
    command.env(POLICY_VARIABLE, OFFERS_POLICY).arg("--out-dir").arg(out);
    worker(paths, Profile::Dev, &mut command)
}

fn worker(paths: &Paths, profile: Profile, command: &mut Command) -> Result<()> {
    match profile {
        Profile::Dev => command.args(["--no-opt", "--profile", profile.cargo_name()]),
        Profile::Release => command.arg("--release"),
    };
    command
        // With these three named, worker-build downloads nothing.
        .env("WASM_BINDGEN_BIN", paths.tool("wasm-bindgen"))
        .env("WASM_OPT_BIN", paths.npm_bin("wasm-opt"))
        .env("ESBUILD_BIN", paths.npm_bin("esbuild"))
        .current_dir(paths.root.join("edge"));
    use_wasm_toolchain(paths, command);
    step::run("worker-build", command, COMPILE_LIMIT)
}
