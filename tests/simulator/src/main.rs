//! `reprieve-simulator`: called by `cargo xtask simulate`.

use std::process::ExitCode;

fn main() -> ExitCode {
    reprieve_simulator::run()
}
