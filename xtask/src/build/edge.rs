//! The Worker: `worker-build` writes `edge/build/index.js` and its Wasm, which `edge/wrangler.toml`
//! names as `main`.

use super::{COMPILE_LIMIT, Profile};
use crate::error::Result;
use crate::paths::Paths;
use crate::process::step;
use crate::setup::use_wasm_toolchain;
use std::process::Command;

pub(super) fn build(paths: &Paths, profile: Profile) -> Result<()> {
    let mut command = Command::new(paths.tool("worker-build"));
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
    use_wasm_toolchain(paths, &mut command);
    step::run("worker-build", &mut command, COMPILE_LIMIT)
}
