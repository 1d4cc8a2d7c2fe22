//! `cargo xtask bench`: how fast the core decides, and how soon a customer sees the banner.

mod engine;
mod page;

use crate::cli::{help, next};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask bench [engine|page] [--only TEXT] [--runs N] [--no-build]

engine  Builds the core for speed, plays recorded lives of accounts through `apply` and asks single
        questions, and prints how many of each go into a second of one processor, beside the
        goal. Processor time is measured and not the clock on the wall; a busy machine still
        makes it worse, because it shares its caches. A few minutes, after a first build.
page    Builds the widget for release and opens it in a browser with a phone's width, a slow
        network and a slow processor, in turn with a Preact and a React banner of the same
        function. Prints when each is visible, how long it blocks the page, how fast it answers
        a press and what it does to the page around it, and fails beyond a budget of
        xtask/budgets.json. Pictures of all runs lie in target/bench/page.html.

Without a word: both.

  --only TEXT   engine: only what has this in its name
  --runs N      page: how often each is opened, 1 to 99 (default 7)
  --no-build    page: measures what was built last

docs/proof.md has the last numbers.";

/// More runs than this say nothing new.
const RUNS_MAX: u32 = 99;
const RUNS_DEFAULT: u32 = 7;

/// Reads the options, measures and prints.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let (mut part, mut only) = (None, None);
    let (mut runs, mut build_first) = (RUNS_DEFAULT, true);
    while let Some(arg) = next(&mut args)? {
        match arg {
            Value(word) if part.is_none() && (word == "engine" || word == "page") => {
                part = Some(word);
            }
            Long("only") => only = Some(args.value().context("--only")?),
            Long("runs") => {
                let value = args.value().context("--runs")?;
                runs = value.parse().context("--runs needs a number")?;
                if !(1..=RUNS_MAX).contains(&runs) {
                    return fail(format!("--runs is between 1 and {RUNS_MAX}"));
                }
            }
            Long("no-build") => build_first = false,
            Long("help") | Short('h') => return help(HELP),
            other => return fail(format!("{}\n\n{HELP}", other.unexpected())),
        }
    }
    let wants = |name: &str| part.as_ref().is_none_or(|part| part == name);
    if wants("engine") {
        engine::measure(paths, only)?;
    }
    if wants("page") {
        return page::measure(paths, runs, build_first);
    }
    Ok(ExitCode::SUCCESS)
}
