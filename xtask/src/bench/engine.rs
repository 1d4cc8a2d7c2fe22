//! How many events a second the core takes on one processor, beside the goal.
//!
//! criterion measures and keeps what it measured as JSON; the table is made of that.

use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step::run;
use serde_json::Value as Json;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// Events a second on one core.
const GOAL: u64 = 1_000_000;
/// What the goal is for.
const GOAL_IS_FOR: &str = "apply/";
/// A fresh machine compiles with optimisation first.
const LIMIT: Duration = Duration::from_secs(60 * 60);
const PICOSECONDS: u64 = 1_000_000_000_000;
/// criterion's tree is three levels deep.
const DEPTH_MAX: usize = 5;

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    name: String,
    /// What one of them takes, in picoseconds.
    each_ps: u64,
}

/// Measures what has `only` in its name, or everything, and prints a table.
pub(super) fn measure(paths: &Paths, only: Option<OsString>) -> Result<()> {
    let kept = paths.target.join("criterion");
    let began = SystemTime::now();
    let mut cargo = Command::new("cargo");
    cargo.args(["bench", "--locked", "--profile", "simulate", "--package", "reprieve-bench"]);
    cargo.args(["--features", "measure", "--bench", "engine", "--"]).args(only);
    cargo.env("CRITERION_HOME", &kept).current_dir(&paths.root);
    run("the measurement", &mut cargo, LIMIT)?;
    let mut rows = Vec::new();
    collect(&kept, began, DEPTH_MAX, &mut rows)?;
    if rows.is_empty() {
        return fail("nothing was measured: no name has that in it");
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    print!("{}", table(&rows));
    Ok(())
}

/// What criterion wrote since the run began; older numbers are of other runs.
fn collect(dir: &Path, began: SystemTime, depth: usize, rows: &mut Vec<Row>) -> Result<()> {
    let entries = fs::read_dir(dir).context(format_args!("read {}", dir.display()))?;
    let mut below: Vec<PathBuf> = Vec::new();
    for entry in entries {
        let path = entry.context(format_args!("read {}", dir.display()))?.path();
        if path.is_dir() {
            below.push(path);
        }
    }
    below.sort();
    for path in below {
        let estimates = path.join("estimates.json");
        let is_newest = path.ends_with("new");
        let fresh = fs::metadata(&estimates).and_then(|known| known.modified());
        if is_newest && fresh.is_ok_and(|at| at >= began) {
            rows.push(row(&read(&path.join("benchmark.json"))?, &read(&estimates)?)?);
        } else if depth > 0 && !is_newest {
            collect(&path, began, depth - 1, rows)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Json> {
    let text = fs::read_to_string(path).context(format_args!("read {}", path.display()))?;
    serde_json::from_str(&text).context(format_args!("read {}", path.display()))
}

/// The median of what one round took, shared among what it did.
fn row(benchmark: &Json, estimates: &Json) -> Result<Row> {
    let name = benchmark.get("full_id").and_then(Json::as_str).context("a name")?.to_owned();
    let count = benchmark.pointer("/throughput/Elements").and_then(Json::as_u64).unwrap_or(1);
    let median = estimates.pointer("/median/point_estimate").and_then(Json::as_f64);
    let each_ps = picoseconds(median.context("a median")?) / count.max(1);
    Ok(Row { name, each_ps })
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "criterion writes nanoseconds as a float; `as` keeps what fits"
)]
fn picoseconds(nanoseconds: f64) -> u64 {
    (nanoseconds * 1_000.0) as u64
}

fn table(rows: &[Row]) -> String {
    let wide = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let mut text = format!("{:<wide$}  {:>10}  {:>12}  goal\n", "", "each", "a second");
    for Row { name, each_ps } in rows {
        let a_second = PICOSECONDS / (*each_ps).max(1);
        let goal = if name.starts_with(GOAL_IS_FOR) { against(a_second) } else { String::new() };
        let each = format!("{} ns", each_ps / 1_000);
        let line = format!("{name:<wide$}  {each:>10}  {:>12}  {goal}", grouped(a_second));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// `1,000,000 (1.24 of it)`.
fn against(a_second: u64) -> String {
    let percent = a_second.saturating_mul(100) / GOAL;
    format!("{} ({}.{:02} of it)", grouped(GOAL), percent / 100, percent % 100)
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_says_what_one_takes_and_how_far_the_goal_is() {
        let benchmark = serde_json::json!({
            "full_id": "apply/ours, 1 open", "throughput": { "Elements": 30 },
        });
        let estimates = serde_json::json!({ "median": { "point_estimate": 24_000.5 } });
        let row = row(&benchmark, &estimates).unwrap();
        assert_eq!(row.each_ps, 800_016);
        let other = Row { name: "one question/status::of".to_owned(), each_ps: 2_000_000 };
        assert_eq!(
            table(&[row, other]),
            "                               each      a second  goal\n\
             apply/ours, 1 open           800 ns     1,249,975  1,000,000 (1.24 of it)\n\
             one question/status::of     2000 ns       500,000\n"
        );
        let nothing = serde_json::json!({});
        assert!(super::row(&nothing, &nothing).is_err());
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(against(990_000), "1,000,000 (0.99 of it)");
    }
}
