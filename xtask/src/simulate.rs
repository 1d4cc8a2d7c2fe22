//! `cargo xtask simulate`: builds the simulator for speed, gives it the policy file, and says where
//! its report is.
//!
//! The simulator knows nothing of TOML: the policy is checked here, where problems get line
//! numbers.

use crate::cli::{help, next};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::policy;
use crate::process::step::{run, run_visible};
use lexopt::prelude::*;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

const HELP: &str = "\
Usage: cargo xtask simulate [options]

Plays invented customers through the core and writes target/simulation/report.html.

  --policy FILE    instead of policy.toml at the root (docs/policy.md)
  --customers N    customers of each world and seed (20000)
  --days D         days in which their renewals happen (60)
  --seed S         the first seed (1)
  --seeds K        how many seeds (5)
  --world NAME     only this world; may be given more than once
  --alone          only the policy and the oracle: quick, for trying numbers out
  --threads T      else one for each processor
  --out FILE       where the report goes
  --scaling        instead: time and memory of 10,000, 100,000 and N customers
  --attempts N     instead: play until the policy has made N attempts; fails on any violation

docs/simulate.md says what each number means.";

/// Options that the simulator takes as they are, with a value.
const PASSED_ON: [&str; 7] = ["customers", "days", "seed", "seeds", "world", "threads", "attempts"];

/// A fresh machine compiles with optimisation; that takes minutes, not hours.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// Somebody may want a very long run; nobody wants one for ever.
const RUN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads the options, builds and runs.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let dir = paths.root.join("target").join("simulation");
    let (mut policy_file, mut out) = (None, dir.join("report.html"));
    let mut passed_on: Vec<OsString> = Vec::new();
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("help") | Short('h') => return help(HELP),
            Long("policy") => policy_file = Some(PathBuf::from(value(&mut args, "--policy")?)),
            Long("out") => out = PathBuf::from(value(&mut args, "--out")?),
            Long("scaling") => passed_on.push("--scaling".into()),
            Long("alone") => passed_on.push("--alone".into()),
            Long(name) if PASSED_ON.contains(&name) => {
                let option = format!("--{name}");
                let given = value(&mut args, &option)?;
                passed_on.extend([option.into(), given]);
            }
            other => return fail(format!("{}\n\n{HELP}", other.unexpected())),
        }
    }
    let whole = policy::whole(paths, policy_file.as_deref())?;
    fs::create_dir_all(&dir).context(format_args!("create {}", dir.display()))?;
    let json = dir.join("policy.json");
    fs::write(&json, whole).context(format_args!("write {}", json.display()))?;
    build(paths)?;
    let mut simulator = Command::new(paths.target.join("simulate").join("reprieve-simulator"));
    simulator.arg("--policy").arg(&json).arg("--out").arg(&out).args(passed_on);
    let status = run_visible("the simulator", simulator.current_dir(&paths.root), RUN_LIMIT)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn value(args: &mut lexopt::Parser, name: &str) -> Result<OsString> {
    args.value().context(name)
}

fn build(paths: &Paths) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--profile", "simulate", "--package", "reprieve-simulator", "--locked"]);
    cargo.current_dir(&paths.root);
    run("build the simulator", &mut cargo, BUILD_LIMIT)
}
