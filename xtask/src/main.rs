//! The project's commands, called as `cargo xtask <command>`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a native tool: it reads the clock and the environment, and its output is its purpose"
)]

mod bench;
mod build;
mod cli;
mod demo;
mod error;
mod oracles;
mod paths;
mod pins;
mod policy;
mod process;
mod report;
mod setup;
mod simulate;
mod size;
mod stack;
mod test;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error::Failure::Interrupted) => {
            eprintln!("xtask: stopped");
            // 128 + SIGINT, what a shell expects.
            ExitCode::from(130)
        }
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
