//! The command line: which command, with which options.

use crate::build::{self, Product, Profile};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::{self, watchdog};
use crate::setup::{self, Scope};
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command> [options]

  demo    start everything on this machine and print the addresses
  test    everything that continuous integration checks
  build   compile the widget, the Worker and the sandbox
  size    measure what customers download, against the budgets
  tidy    check the rules of the source tree
  setup   install what is missing (the other commands do it when needed)

`cargo xtask <command> --help` tells more.";

const SETUP_HELP: &str = "\
Usage: cargo xtask setup [--no-browser]

Installs what is missing of: the Rust target wasm32-unknown-unknown, wasm-bindgen and
worker-build (compiled into the cache), the npm packages of tests/, and Chromium.
The cache is REPRIEVE_CACHE, else `reprieve` in XDG_CACHE_HOME or ~/.cache.";

const BUILD_HELP: &str = "\
Usage: cargo xtask build [--release] [widget] [edge] [sandbox]

Without names builds all three. The widget lands in target/widget/dist, the Worker in
edge/build. Without --release the Wasm is quick to build and has debug assertions.";

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
        "help" => help(HELP),
        other => fail(format!("there is no command {other:?}\n\n{HELP}")),
    }
}

fn next(args: &mut lexopt::Parser) -> Result<Option<lexopt::Arg<'_>>> {
    args.next().context("the command line")
}

fn help(text: &str) -> Result<ExitCode> {
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn run_setup(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut scope = Scope::Browser;
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
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("release") => profile = Profile::Release,
            Long("help") | Short('h') => return help(BUILD_HELP),
            Value(name) => products.push(product(&name.to_string_lossy())?),
            other => return fail(other.unexpected().to_string()),
        }
    }
    if products.is_empty() {
        products = build::ALL.to_vec();
    }
    setup::ensure(paths, Scope::Build)?;
    build::run(paths, profile, &products)?;
    Ok(ExitCode::SUCCESS)
}

fn product(name: &str) -> Result<Product> {
    let found = build::ALL
        .into_iter()
        .find(|product| product.name() == name);
    found.context(format_args!("there is no {name:?} to build"))
}
