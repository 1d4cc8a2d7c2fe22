//! The command line: which command, with which options.

use crate::bench;
use crate::build::{self, Product, Profile};
use crate::demo;
use crate::error::{Context, Result, fail};
use crate::oracles;
use crate::paths::Paths;
use crate::policy;
use crate::process::{self, watchdog};
use crate::setup::{self, Scope};
use crate::simulate;
use crate::size;
use crate::stack::{self, BASE_PORT_MAX, Layout};
use crate::test;
use crate::tidy;
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command> [options]

  demo    start everything on this machine and print the addresses
  test    everything that continuous integration checks
  build   compile the widget, the Worker and the sandbox, pack the npm package
  size    measure what customers download, against the budgets
  policy  check policy.toml, or print what the edge gets of it
  simulate  play invented customers through a policy and write a report
  bench   how fast the core decides, beside the goal
  oracles let programs that are not ours judge it
  tidy    check the rules of the source tree
  reference  write docs/reference.md from the sources
  setup   install what is missing (the other commands do it when needed)

`cargo xtask <command> --help` tells more.";

const SETUP_HELP: &str = "\
Usage: cargo xtask setup [--no-browser]

Installs what is missing of: the Rust target wasm32-unknown-unknown, wasm-bindgen and
worker-build (compiled into the cache), the npm packages of tests/, Chromium, and the npm
and PyPI packages of tests/oracles/. With --no-browser only what builds need.
The cache is REPRIEVE_CACHE, else `reprieve` in XDG_CACHE_HOME or ~/.cache.";

const BUILD_HELP: &str = "\
Usage: cargo xtask build [--release] [--keep ORIGIN] [NAME]…

Names are widget, edge, sandbox, package and edge-offers; without any, the first four. The widget
lands in target/widget/dist, the Worker in edge/build, the npm package in target/package, and the
Worker that the browser tests about offers need in target/edge-offers. Without --release the Wasm
is quick to build and has debug assertions.
With --keep the versions of the widget that this Worker serves now are served on: pages that are
open, and loaders in caches, ask for them.";

const STACK_HELP: &str = "\
Usage: cargo xtask stack --base-port N --state DIR [--reset] [--no-build] [--worker DIR]

For programs: starts sandbox, edge and host pages, and prints one JSON object a line.
Standard input takes `kill edge`, `start edge`, the same for sandbox and host;
its end stops everything. --worker serves another built Worker than edge/build.";

const TIDY_HELP: &str = "\
Usage: cargo xtask tidy

Checks the rules of the source tree: who may use whom, what may happen where, lengths,
module descriptions, traces of one machine. It is also a part of `cargo test`.";

const REFERENCE_HELP: &str = "\
Usage: cargo xtask reference

Writes docs/reference.md: every attribute, call, event, part, custom property and text of the
widget, from the sources that declare them. `cargo xtask tidy` finds a page that is not current.";

/// Reads the command line and does what it says.
pub(crate) fn run() -> Result<ExitCode> {
    let mut args = lexopt::Parser::from_env();
    let command = match next(&mut args)? {
        Some(Value(name)) => name.to_string_lossy().into_owned(),
        None | Some(Long("help") | Short('h')) => return help(HELP),
        Some(other) => return fail(other.unexpected().to_string()),
    };
    if command == watchdog::COMMAND {
        watchdog::run(std::io::stdin().lock());
        return Ok(ExitCode::SUCCESS);
    }
    process::catch_signals()?;
    let paths = Paths::discover()?;
    match command.as_str() {
        "setup" => run_setup(&paths, args),
        "build" => run_build(&paths, args),
        "stack" => run_stack(&paths, args),
        "demo" => demo::command(&paths, args),
        "test" => test::command(&paths, args),
        "size" => size::command(&paths, args),
        "bench" => bench::command(&paths, args),
        "oracles" => oracles::command(&paths, args),
        "policy" => policy::command(&paths, args),
        "simulate" => simulate::command(&paths, args),
        "tidy" => run_tidy(&paths, args),
        "reference" => run_reference(&paths, args),
        "help" => help(HELP),
        other => fail(format!("there is no command {other:?}\n\n{HELP}")),
    }
}

pub(crate) fn next(args: &mut lexopt::Parser) -> Result<Option<lexopt::Arg<'_>>> {
    args.next().context("the command line")
}

pub(crate) fn help(text: &str) -> Result<ExitCode> {
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn run_setup(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut scope = Scope::All;
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("no-browser") => scope = Scope::Build,
            Long("help") | Short('h') => return help(SETUP_HELP),
            other => return fail(other.unexpected().to_string()),
        }
    }
    setup::run(paths, scope)?;
    Ok(ExitCode::SUCCESS)
}

fn run_build(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut profile = Profile::Dev;
    let mut products = Vec::new();
    let mut keep = None;
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("release") => profile = Profile::Release,
            Long("keep") => keep = Some(args.value().context("--keep")?),
            Long("help") | Short('h') => return help(BUILD_HELP),
            Value(name) => products.push(product(&name.to_string_lossy())?),
            other => return fail(other.unexpected().to_string()),
        }
    }
    if products.is_empty() {
        products = build::ALL.to_vec();
    }
    setup::ensure(paths, Scope::Build)?;
    if let Some(origin) = keep {
        build::versions::keep(paths, &origin.to_string_lossy())?;
    }
    build::run(paths, profile, &products)?;
    Ok(ExitCode::SUCCESS)
}

fn run_stack(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let (mut port, mut state, mut worker) = (None, None, None);
    let (mut reset, mut build_first) = (false, true);
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("base-port") => port = Some(base_port(&mut args)?),
            Long("state") => state = Some(args.value().context("--state")?),
            Long("worker") => worker = Some(args.value().context("--worker")?),
            Long("reset") => reset = true,
            Long("no-build") => build_first = false,
            Long("help") | Short('h') => return help(STACK_HELP),
            other => return fail(other.unexpected().to_string()),
        }
    }
    let port = port.context("--base-port is missing")?;
    let state = state.context("--state is missing")?;
    if build_first {
        setup::ensure(paths, Scope::Build)?;
        build::run(paths, Profile::Dev, &build::ALL)?;
    }
    let mut layout = Layout::new(&paths.root, port, state.as_ref());
    if let Some(worker) = worker {
        layout = layout.serving(worker.into());
    }
    if reset {
        layout.reset()?;
    }
    stack::serve(paths, layout)?;
    Ok(ExitCode::SUCCESS)
}

/// The value of `--base-port`.
pub(crate) fn base_port(args: &mut lexopt::Parser) -> Result<u16> {
    let port = args.value().and_then(|value| value.parse::<u16>()).context("--base-port")?;
    if (1..=BASE_PORT_MAX).contains(&port) {
        Ok(port)
    } else {
        fail(format!("--base-port must be between 1 and {BASE_PORT_MAX}"))
    }
}

fn run_reference(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    match next(&mut args)? {
        None => tidy::reference::write(paths).map(|()| ExitCode::SUCCESS),
        Some(Long("help") | Short('h')) => help(REFERENCE_HELP),
        Some(other) => fail(other.unexpected().to_string()),
    }
}

fn run_tidy(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    match next(&mut args)? {
        None => tidy::check(paths).map(|()| ExitCode::SUCCESS),
        Some(Long("help") | Short('h')) => help(TIDY_HELP),
        Some(other) => fail(other.unexpected().to_string()),
    }
}

fn product(name: &str) -> Result<Product> {
    let found = build::FOR_TESTS.into_iter().find(|product| product.name() == name);
    found.context(format_args!("there is no {name:?} to build"))
}
