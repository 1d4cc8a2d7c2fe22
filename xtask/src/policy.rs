//! `cargo xtask policy`: reads the merchant's policy file and says what is wrong with it.
//!
//! The core knows what a policy may say but not what TOML is; here its problems get line numbers.

mod locate;

use crate::cli::{help, next};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use lexopt::prelude::*;
use reprieve_core::policy::file::PolicyFile;
use reprieve_core::policy::{POLICY_FILE_BYTES_MAX, POLICY_JSON_BYTES_MAX, Policy};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask policy check [FILE]
       cargo xtask policy json [FILE]

check  says what is wrong with the policy, line by line, or what it is
json   checks it and prints it with nothing left out, as the edge stores it

FILE is policy.toml at the root unless named; one that ends in .json is read as JSON.
docs/policy.md has every key.";

/// The merchant's policy, at the root.
const FILE: &str = "policy.toml";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Check,
    Json,
}

/// Reads the options, then the file.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let (mut action, mut file) = (None, None);
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("help") | Short('h') => return help(HELP),
            Value(word) if action.is_none() => action = Some(action_of(&word.to_string_lossy())?),
            Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return fail(other.unexpected().to_string()),
        }
    }
    let Some(action) = action else { return fail(HELP) };
    let (path, name) = match file {
        Some(path) => (path.clone(), path.display().to_string()),
        None => (paths.root.join(FILE), FILE.to_owned()),
    };
    let policy = load(&path, &name)?;
    match action {
        Action::Check => println!("{name}: {}", summary(&policy)),
        Action::Json => {
            let whole = PolicyFile::from(&policy);
            let text = serde_json::to_string_pretty(&whole).context("write the policy")?;
            // Its reader may have seen enough; `println` would panic then.
            writeln!(std::io::stdout(), "{text}").context("write the policy")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The policy of a file, or the one at the root, with nothing left out: for other programs.
pub(crate) fn whole(paths: &Paths, file: Option<&Path>) -> Result<String> {
    let (path, name) = match file {
        Some(path) => (path.to_path_buf(), path.display().to_string()),
        None => (paths.root.join(FILE), FILE.to_owned()),
    };
    let policy = load(&path, &name)?;
    serde_json::to_string(&PolicyFile::from(&policy)).context("write the policy")
}

fn action_of(word: &str) -> Result<Action> {
    match word {
        "check" => Ok(Action::Check),
        "json" => Ok(Action::Json),
        other => fail(format!("policy: there is no {other:?}; there are check and json")),
    }
}

fn summary(policy: &Policy) -> String {
    let names: Vec<&str> = policy.segments().map(|segment| segment.name.as_str()).collect();
    let (version, driver) = (policy.version(), policy.retry_driver().as_str());
    format!("fine. Version {version}, driver {driver}, segments {}", names.join(", "))
}

/// Reads a policy file; prints every problem on a line of its own.
fn load(path: &Path, name: &str) -> Result<Policy> {
    let text = read(path, name)?;
    parse(&text, name).or_else(|problems| {
        for problem in &problems {
            eprintln!("{problem}");
        }
        fail(format!("{name}: {} to mend", problems.len()))
    })
}

fn read(path: &Path, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let max = if is_json(name) { POLICY_JSON_BYTES_MAX } else { POLICY_FILE_BYTES_MAX };
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let file = File::open(path).context(format_args!("read {name}"))?;
    file.take(limit).read_to_end(&mut bytes).context(format_args!("read {name}"))?;
    if bytes.len() > max {
        return fail(format!("{name} is larger than {max} bytes"));
    }
    String::from_utf8(bytes).context(format_args!("{name} is not UTF-8"))
}

/// The policy, or one line for each problem: `policy.toml:12: segments[1].grace.warn: …`.
fn parse(text: &str, name: &str) -> std::result::Result<Policy, Vec<String>> {
    if is_json(name) { parse_json(text, name) } else { parse_toml(text, name) }
}

fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "json")
}

fn parse_json(text: &str, name: &str) -> std::result::Result<Policy, Vec<String>> {
    let file: PolicyFile =
        serde_json::from_str(text).map_err(|error| vec![format!("{name}: {error}")])?;
    file.validate()
        .map_err(|problems| problems.iter().map(|problem| format!("{name}: {problem}")).collect())
}

fn parse_toml(text: &str, name: &str) -> std::result::Result<Policy, Vec<String>> {
    let document = locate::Document::parse(text).map_err(|error| vec![at(name, &error)])?;
    let file = document.read().map_err(|error| vec![at(name, &error)])?;
    file.validate().map_err(|problems| {
        let mut placed: Vec<_> =
            problems.iter().map(|problem| (document.line_of(&problem.key), problem)).collect();
        // From top to bottom, as one mends a file.
        placed.sort_by_key(|(line, _)| *line);
        let written = placed.iter().map(|(line, problem)| match line {
            Some(line) => format!("{name}:{line}: {problem}"),
            None => format!("{name}: {problem}"),
        });
        written.collect()
    })
}

fn at(name: &str, error: &locate::Misread) -> String {
    let locate::Misread { line, key, message } = error;
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let key = key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
    format!("{name}{line}: {key}{message}")
}

#[cfg(test)]
mod tests;
