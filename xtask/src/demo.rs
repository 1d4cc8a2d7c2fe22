//! `cargo xtask demo`: the whole product on this machine, for a person or (`--once`) for a script.

use crate::build::{self, Profile};
use crate::cli::{base_port, help, next};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step::run_visible;
use crate::process::{POLL, stop_requested};
use crate::setup::{self, Scope, find_browser};
use crate::stack::{Layout, Stack};
use lexopt::prelude::*;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

const HELP: &str = "\
Usage: cargo xtask demo [--reset] [--release] [--no-build] [--base-port N]
       cargo xtask demo --once [--story NAME] [--release] [--no-build] [--base-port N]

Builds everything, starts it on the loopback interface, and prints the addresses.
Ctrl-C stops it. The state is kept in target/demo/state until --reset.

--once plays a story in a headless browser without a person, on empty state: a diary on
standard output (one JSON object a line), pictures in target/demo. It succeeds only if the
story ended well, at the provider too.

--story NAME   recover (a declined renewal is paid; the default), cancel (a customer leaves and
               thinks again) or pause (one who wanted to leave pauses, and comes back)

--release builds what would be deployed. That takes minutes; the plain build behaves the
same and checks more of its own assumptions.";

/// Base ports of the demo for people and of the one for scripts: both may run at the same time.
const BASE_PORT: u16 = 8700;
const BASE_PORT_ONCE: u16 = 8740;

/// The story and the pictures took under a minute.
const JOURNEY_LIMIT: Duration = Duration::from_secs(5 * 60);

/// What `--once` can play.
const STORIES: [&str; 3] = ["recover", "cancel", "pause"];

struct Options {
    once: bool,
    story: &'static str,
    reset: bool,
    build: bool,
    profile: Profile,
    base_port: Option<u16>,
}

/// Reads the options and runs the demo.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut options = Options {
        once: false,
        story: "recover",
        reset: false,
        build: true,
        profile: Profile::Dev,
        base_port: None,
    };
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("once") => options.once = true,
            Long("story") => options.story = story(&args.value().context("--story")?)?,
            Long("reset") => options.reset = true,
            Long("no-build") => options.build = false,
            Long("release") => options.profile = Profile::Release,
            Long("base-port") => options.base_port = Some(base_port(&mut args)?),
            Long("help") | Short('h') => return help(HELP),
            other => return fail(other.unexpected().to_string()),
        }
    }
    setup::ensure(paths, if options.once { Scope::Browser } else { Scope::Build })?;
    if options.build {
        build::run(paths, options.profile, &build::ALL)?;
    }
    if options.once { play_once(paths, &options) } else { stay(paths, &options) }
}

fn story(name: &OsStr) -> Result<&'static str> {
    match STORIES.into_iter().find(|known| name == *known) {
        Some(known) => Ok(known),
        None => fail(format!("--story is one of {}\n\n{HELP}", STORIES.join(", "))),
    }
}

fn stay(paths: &Paths, options: &Options) -> Result<ExitCode> {
    let port = options.base_port.unwrap_or(BASE_PORT);
    let layout = Layout::new(&paths.root, port, Path::new("target/demo/state"));
    if options.reset {
        layout.reset()?;
    }
    let mut stack = Stack::start(paths, layout.clone())?;
    println!("{}", welcome(&layout));
    while !stop_requested() {
        if let Some((role, status)) = stack.dead()? {
            return Err(stack.death_notice(role, &status));
        }
        thread::sleep(POLL);
    }
    eprintln!("\nstopping …");
    drop(stack);
    Ok(ExitCode::SUCCESS)
}

fn welcome(layout: &Layout) -> String {
    format!(
        "
Reprieve is running on this machine. No real card, no real money.

  SaaS app   {host}/saas
  Game       {host}/game
  Sandbox    {sandbox}/   what the payment provider knows: customers, invoices, charges
  Edge       {edge}/healthz

The customer's renewal was declined. Pay with card 4242 4242 4242 4242, any date in the
future and any code; 4000 0000 0000 0341 is accepted and then declined again. The bar at
the foot of each page signs in another customer with another story.

State and logs: {state} (forget it with --reset).
Ctrl-C stops everything.
",
        host = layout.host(),
        sandbox = layout.sandbox(),
        edge = layout.edge(),
        state = layout.state.display(),
    )
}

fn play_once(paths: &Paths, options: &Options) -> Result<ExitCode> {
    let browser = find_browser(paths).context("no Chromium found")?;
    let out = paths.root.join("target").join("demo");
    fs::create_dir_all(&out).context(format_args!("create {}", out.display()))?;
    let port = options.base_port.unwrap_or(BASE_PORT_ONCE);
    let layout = Layout::new(&paths.root, port, Path::new("target/demo/state-once"));
    layout.reset()?;
    let mut stack = Stack::start(paths, layout)?;

    let mut journey = Command::new("node");
    journey
        .arg("tests/e2e/journey.mjs")
        .env("REPRIEVE_STACK_JSON", stack.ready_event().to_string())
        .env("REPRIEVE_CHROMIUM", browser)
        .env("REPRIEVE_OUT", &out)
        .env("REPRIEVE_STORY", options.story)
        .current_dir(&paths.root);
    let status = run_visible("the journey", &mut journey, JOURNEY_LIMIT)?;
    if let Some((role, death)) = stack.dead()? {
        return Err(stack.death_notice(role, &death));
    }
    drop(stack);
    if status.success() {
        eprintln!("demo: the story ended well; pictures are in {}", out.display());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("demo: the story did not end well; logs are in target/demo/state-once/logs");
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
