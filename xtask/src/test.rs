//! `cargo xtask test`: everything that continuous integration checks, in one command.

use crate::build::{self, Profile};
use crate::cli::{help, next};
use crate::error::{Context, Failure, Result, fail};
use crate::oracles;
use crate::paths::Paths;
use crate::pins::WASM_TARGET;
use crate::process::own_program;
use crate::process::ready::require_free;
use crate::process::step::run;
use crate::report::{Outcome, Phases};
use crate::setup::{self, Scope, find_browser, wasm_cargo};
use crate::stack::Layout;
use crate::tidy;
use lexopt::prelude::*;
use std::env;
use std::process::{Command, ExitCode};
use std::time::Duration;

const HELP: &str = "\
Usage: cargo xtask test [--fast] [--only STEP] [--keep-going]

Runs the steps in order and stops at the first that fails:
  fmt, clippy, clippy-wasm, native, tidy, oracles, wasm, build, browser

--fast        without those that need more than Rust and Node.js (oracles, wasm, build,
              browser)
--only STEP   this step alone; may be given several times
--keep-going  the other steps too when one failed

Standard output ends with the line `N passed, N failed`, which counts the steps.";

/// Compiling everything from nothing on a slow machine, and then running it.
const STEP_LIMIT: Duration = Duration::from_secs(55 * 60);

/// Where the browser tests read their base port.
const BASE_PORT_VARIABLE: &str = "REPRIEVE_E2E_BASE_PORT";

/// What a step needs beyond what every build does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Oracles,
    Browser,
}

struct Step {
    name: &'static str,
    needs: Needs,
    run: fn(&Paths) -> Result<()>,
}

/// Cheap steps and those that find most mistakes come first.
const STEPS: [Step; 9] = [
    Step { name: "fmt", needs: Needs::Nothing, run: fmt },
    Step { name: "clippy", needs: Needs::Nothing, run: clippy },
    Step { name: "clippy-wasm", needs: Needs::Nothing, run: clippy_wasm },
    Step { name: "native", needs: Needs::Nothing, run: native },
    Step { name: "tidy", needs: Needs::Nothing, run: tidy::check },
    Step { name: "oracles", needs: Needs::Oracles, run: oracles::judge },
    Step { name: "wasm", needs: Needs::Browser, run: wasm },
    Step { name: "build", needs: Needs::Browser, run: build_all },
    Step { name: "browser", needs: Needs::Browser, run: browser },
];

/// Reads the options, runs the steps, prints the table and the closing line.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let (mut fast, mut keep_going, mut only) = (false, false, Vec::new());
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("fast") => fast = true,
            Long("keep-going") => keep_going = true,
            Long("only") => only.push(step_name(&mut args)?),
            Long("help") | Short('h') => return help(HELP),
            other => return fail(other.unexpected().to_string()),
        }
    }
    let selected = select(fast, &only);
    let needs = |what: Needs| selected.iter().any(|step| step.needs == what);
    setup::ensure(paths, if needs(Needs::Browser) { Scope::Browser } else { Scope::Build })?;
    if needs(Needs::Oracles) {
        setup::ensure(paths, Scope::Oracles)?;
    }

    let mut phases = Phases::start("test");
    for step in selected {
        match phases.time(step.name, || (step.run)(paths)) {
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(failure) => {
                eprintln!("test: {}: {failure}", step.name);
                if !keep_going {
                    break;
                }
            }
            Ok(()) => (),
        }
    }
    phases.print();
    let failed = phases.count(Outcome::Failed);
    println!("{} passed, {failed} failed", phases.count(Outcome::Done));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn step_name(args: &mut lexopt::Parser) -> Result<String> {
    let name = args.value().context("--only")?.to_string_lossy().into_owned();
    if STEPS.iter().any(|step| step.name == name) {
        return Ok(name);
    }
    let names = STEPS.map(|step| step.name).join(", ");
    fail(format!("there is no step {name:?}; there are {names}"))
}

fn select(fast: bool, only: &[String]) -> Vec<&'static Step> {
    STEPS
        .iter()
        .filter(|step| !(fast && step.needs != Needs::Nothing))
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
        .collect()
}

fn cargo(paths: &Paths, args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(&paths.root);
    command
}

fn fmt(paths: &Paths) -> Result<()> {
    run("cargo fmt", &mut cargo(paths, &["fmt", "--all", "--check"]), STEP_LIMIT)
}

fn clippy(paths: &Paths) -> Result<()> {
    let args = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    run("cargo clippy", &mut cargo(paths, &args), STEP_LIMIT)
}

/// Code that exists in Wasm only is invisible to the step before. One package at a time, as they
/// are built: together, each would profit from what only the other one asked of a shared crate.
fn clippy_wasm(paths: &Paths) -> Result<()> {
    for (package, targets) in
        [("reprieve-edge", ["--lib"].as_slice()), ("reprieve-widget", &["--lib", "--tests"])]
    {
        let mut command = wasm_cargo(paths);
        command
            .args(["clippy", "--locked", "--target", WASM_TARGET, "--package", package])
            .args(targets)
            .args(["--", "-D", "warnings"])
            .current_dir(&paths.root);
        run(&format!("cargo clippy of {package} for Wasm"), &mut command, STEP_LIMIT)?;
    }
    Ok(())
}

fn native(paths: &Paths) -> Result<()> {
    let args = ["test", "--workspace", "--locked"];
    run("cargo test", &mut cargo(paths, &args), STEP_LIMIT)
}

/// The widget's tests that need a browser's objects. They share their dependencies' build with the
/// widget itself, hence the profile.
fn wasm(paths: &Paths) -> Result<()> {
    let browser = find_browser(paths).context("no Chromium found")?;
    let runner = format!("node {}", paths.root.join("xtask/wasm-runner.mjs").display());
    let mut command = wasm_cargo(paths);
    command
        .args(["test", "--locked", "--package", "reprieve-widget", "--target", WASM_TARGET])
        .args(["--profile", Profile::Dev.cargo_name()])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("REPRIEVE_WASM_TEST_RUNNER", paths.tool("wasm-bindgen-test-runner"))
        .env("REPRIEVE_CHROMIUM", browser)
        .current_dir(&paths.root);
    run("Wasm tests", &mut command, STEP_LIMIT)
}

fn build_all(paths: &Paths) -> Result<()> {
    build::run(paths, Profile::Dev, &build::FOR_TESTS)
}

/// Base ports to choose from; each stands for three stacks: this one, the one that the tests about
/// offers start 50 higher, and the one that the crash tests start 100 higher.
const BROWSER_BASE_PORTS: [u16; 5] = [8800, 9000, 9200, 9400, 9600];
const STACK_OFFSETS: [u16; 3] = [0, 50, 100];

/// The first base port with nobody on its ports: another clone may be testing at the same time.
fn free_base_port(paths: &Paths) -> Option<u16> {
    BROWSER_BASE_PORTS.into_iter().find(|base| {
        STACK_OFFSETS
            .map(|offset| Layout::new(&paths.root, base + offset, "".as_ref()))
            .iter()
            .flat_map(Layout::ports)
            .all(|(port, purpose)| require_free(port, purpose).is_ok())
    })
}

/// Playwright starts the stack itself, through this very program.
fn browser(paths: &Paths) -> Result<()> {
    let browser = find_browser(paths).context("no Chromium found")?;
    let mut command = Command::new(paths.npm_bin("playwright"));
    command
        .arg("test")
        .env("REPRIEVE_XTASK", own_program()?)
        .env("REPRIEVE_CHROMIUM", browser)
        .current_dir(paths.tests().join("e2e"));
    if env::var_os(BASE_PORT_VARIABLE).is_none() {
        let port = free_base_port(paths).context("no free block of ports from 8800 to 9730")?;
        command.env(BASE_PORT_VARIABLE, port.to_string());
    }
    run("browser tests", &mut command, STEP_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fast: bool, only: &[&str]) -> Vec<&'static str> {
        let only = only.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        select(fast, &only).iter().map(|step| step.name).collect()
    }

    #[test]
    fn without_options_every_step_runs() {
        assert_eq!(names(false, &[]).len(), STEPS.len());
    }

    #[test]
    fn fast_leaves_the_browser_out_and_only_picks() {
        assert_eq!(names(true, &[]), ["fmt", "clippy", "clippy-wasm", "native", "tidy"]);
        assert_eq!(names(false, &["tidy", "fmt"]), ["fmt", "tidy"]);
    }

    #[test]
    fn the_help_names_every_step() {
        let listed = STEPS.map(|step| step.name).join(", ");
        assert!(HELP.contains(&listed), "{listed}");
    }
}
