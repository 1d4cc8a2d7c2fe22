//! The command line.

use crate::clock::{Watch, threads};
use crate::contestants::{self, Contestant};
use crate::experiment::{self, Plan};
use crate::report;
use crate::scaling;
use crate::summary;
use crate::world::{self, World};
use lexopt::prelude::*;
use reprieve_core::policy::file::PolicyFile;
use reprieve_core::policy::{POLICY_JSON_BYTES_MAX, Policy};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Usage: reprieve-simulator [options]

  --policy FILE    the policy as JSON (`cargo xtask policy json`); else the default one
  --customers N    customers of each world and seed (20000)
  --days D         days in which their renewals happen, at most 365 (60)
  --seed S         the first seed (1)
  --seeds K        how many seeds, for the intervals (5)
  --world NAME     only this world; may be given more than once
  --alone          only the policy and the oracle: quick, for trying numbers out
  --threads T      else one for each processor
  --out FILE       where the report goes (target/simulation/report.html)
  --scaling        instead: the time and memory of 10,000, 100,000 and N customers
  --attempts N     instead: play until the policy has made N attempts; fails on any violation";

/// The most customers of one run: more says nothing more.
const CUSTOMERS_MAX: u64 = 100_000_000;
const DAYS_MAX: i64 = 365;
const SEEDS_MAX: u64 = 100;
const THREADS_MAX: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Report,
    Scaling,
    Attempts(u64),
}

/// Whom the policy is compared with, beside the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    Everybody,
    Nobody,
}

#[derive(Clone, Debug)]
struct Options {
    policy: Option<PathBuf>,
    customers: u64,
    days: i64,
    seed: u64,
    seeds: u64,
    worlds: Vec<&'static World>,
    threads: usize,
    against: Against,
    out: PathBuf,
    mode: Mode,
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    match Options::read().and_then(|options| options.map_or(Ok(true), |options| go(&options))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("simulate: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn go(options: &Options) -> Result<bool, String> {
    let file = match &options.policy {
        Some(path) => read_policy(path)?,
        None => PolicyFile::from(&Policy::default()),
    };
    let mut contestants = contestants::all(&file)?;
    if options.against == Against::Nobody {
        contestants.truncate(1);
    }
    let plan = Plan {
        worlds: options.worlds.clone(),
        customers: options.customers,
        days: options.days,
        seed: options.seed,
        seeds: options.seeds,
        threads: options.threads,
    };
    match options.mode {
        Mode::Report => report(options, &plan, &contestants),
        Mode::Scaling => {
            scaling::print(&plan, &contestants);
            Ok(true)
        }
        Mode::Attempts(wanted) => scaling::many_attempts(&plan, &contestants, wanted),
    }
}

fn report(options: &Options, plan: &Plan, contestants: &[Contestant]) -> Result<bool, String> {
    let watch = Watch::start();
    let results = experiment::run(plan, contestants, &|line| eprintln!("simulate: {line}"));
    print!("{}", summary::text(&results));
    write(&options.out, &report::html(&results))?;
    eprintln!("simulate: {} s", watch.ms() / 1_000);
    println!("\nreport: {}", options.out.display());
    Ok(true)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let name = path.display();
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    std::fs::write(path, text).map_err(|error| format!("{name}: {error}"))
}

fn read_policy(path: &Path) -> Result<PolicyFile, String> {
    let name = path.display();
    let size = std::fs::metadata(path).map_err(|error| format!("{name}: {error}"))?.len();
    if size > u64::try_from(POLICY_JSON_BYTES_MAX).unwrap_or(u64::MAX) {
        return Err(format!("{name} is larger than {POLICY_JSON_BYTES_MAX} bytes"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))
}

impl Options {
    /// `None`: only help was wanted.
    fn read() -> Result<Option<Self>, String> {
        Self::parse(lexopt::Parser::from_env())
    }

    fn parse(mut args: lexopt::Parser) -> Result<Option<Self>, String> {
        let mut options = Self {
            policy: None,
            customers: 20_000,
            days: 60,
            seed: 1,
            seeds: 5,
            worlds: Vec::new(),
            threads: threads(),
            against: Against::Everybody,
            out: PathBuf::from("target/simulation/report.html"),
            mode: Mode::Report,
        };
        while let Some(arg) = args.next().map_err(|error| error.to_string())? {
            match arg {
                Long("help") | Short('h') => {
                    println!("{HELP}");
                    return Ok(None);
                }
                Long("policy") => options.policy = Some(value(&mut args)?.into()),
                Long("customers") => {
                    options.customers = number(&mut args, "--customers", 1..=CUSTOMERS_MAX)?;
                }
                Long("days") => options.days = number(&mut args, "--days", 1..=DAYS_MAX)?,
                Long("seed") => options.seed = number(&mut args, "--seed", 0..=u64::MAX)?,
                Long("seeds") => options.seeds = number(&mut args, "--seeds", 1..=SEEDS_MAX)?,
                Long("threads") => {
                    options.threads = number(&mut args, "--threads", 1..=THREADS_MAX)?;
                }
                Long("world") => options.worlds.push(world_of(&value(&mut args)?)?),
                Long("out") => options.out = value(&mut args)?.into(),
                Long("alone") => options.against = Against::Nobody,
                Long("scaling") => options.mode = Mode::Scaling,
                Long("attempts") => {
                    let wanted = number(&mut args, "--attempts", 1..=u64::MAX)?;
                    options.mode = Mode::Attempts(wanted);
                }
                other => return Err(format!("{}\n\n{HELP}", other.unexpected())),
            }
        }
        if options.worlds.is_empty() {
            options.worlds = world::all();
        }
        Ok(Some(options))
    }
}

fn value(args: &mut lexopt::Parser) -> Result<String, String> {
    let value = args.value().map_err(|error| error.to_string())?;
    Ok(value.to_string_lossy().into_owned())
}

fn number<T>(
    args: &mut lexopt::Parser,
    name: &str,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let text = value(args)?;
    let found = text.parse::<T>().ok().filter(|number| range.contains(number));
    found.ok_or_else(|| format!("{name} is a number from {} to {}", range.start(), range.end()))
}

fn world_of(name: &str) -> Result<&'static World, String> {
    world::named(name).ok_or_else(|| {
        let names: Vec<&str> = world::all().iter().map(|world| world.name).collect();
        format!("there is no world {name:?}; there are {}", names.join(", "))
    })
}
