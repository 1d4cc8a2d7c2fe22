//! How soon a customer sees the banner, beside a Preact and a React banner of the same function.
//!
//! `tests/bench/web` opens them in a browser; here is what may come of it.

use crate::build::{self, Product, Profile};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step::run;
use crate::setup::{self, Scope, find_browser};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// One run of all variants takes about half a minute.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Ours is visible no later than Preact's.
const VISIBLE_OF_PREACT_PERCENT_MAX: u64 = 100;
/// What the page is kept from doing beyond 50 ms at a time, over what it is without a widget.
const BLOCKED_MS_MAX: u64 = 50;
/// From the press of the main button to the next picture.
const PRESS_MS_MAX: u64 = 100;
/// Nothing of the page may move. In thousandths of a layout shift.
const SHIFT_MILLI_MAX: u64 = 0;
/// The page's largest picture comes when it came without us; two runs of the page without a widget
/// differ by about as much as this.
const LARGEST_PAINT_CHANGE_MS_MAX: u64 = 100;

/// Medians over the runs of one variant, rounded.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Medians {
    visible_ms: u64,
    blocked_ms: u64,
    press_ms: u64,
    largest_paint_ms: u64,
    shift_milli: u64,
    /// What travelled, compressed: the page itself not counted.
    sent_bytes: u64,
}

/// Measures, prints a table, and says what is beyond its budget.
pub(super) fn measure(paths: &Paths, runs: u32, build_first: bool) -> Result<ExitCode> {
    setup::ensure(paths, Scope::Browser)?;
    if build_first {
        build::run(paths, Profile::Release, &[Product::Widget])?;
    }
    let kept = paths.root.join("target").join("bench");
    fs::create_dir_all(&kept).context(format_args!("create {}", kept.display()))?;
    let mut node = Command::new("node");
    node.arg("measure.mjs")
        .arg(paths.widget_dist())
        .arg(&kept)
        .arg(runs.to_string())
        .env("REPRIEVE_CHROMIUM", find_browser(paths).context("no Chromium found")?)
        .current_dir(paths.tests().join("bench").join("web"));
    run("the page's measurement", &mut node, LIMIT)?;
    let path = kept.join("page.json");
    let text = fs::read_to_string(&path).context(format_args!("read {}", path.display()))?;
    let medians: BTreeMap<String, Medians> =
        serde_json::from_str(&text).context(format_args!("read {}", path.display()))?;
    print!("{}", table(&medians));
    println!("pictures of all runs: {}", kept.join("page.html").display());
    let excesses = excesses(&medians)?;
    for excess in &excesses {
        println!("over budget: {excess}");
    }
    Ok(if excesses.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn of<'a>(medians: &'a BTreeMap<String, Medians>, name: &str) -> Result<&'a Medians> {
    medians.get(name).context(format_args!("{name} was not measured"))
}

/// What is beyond its budget, in words.
fn excesses(medians: &BTreeMap<String, Medians>) -> Result<Vec<String>> {
    let (ours, peer) = (of(medians, "reprieve")?, of(medians, "preact")?);
    let without = of(medians, "none")?;
    if ours.visible_ms == 0 || peer.visible_ms == 0 {
        return fail("a banner was never visible, so nothing was measured");
    }
    let of_peer_percent = ours.visible_ms.saturating_mul(100).div_ceil(peer.visible_ms);
    let checks = [
        ("visible, percent of Preact", of_peer_percent, VISIBLE_OF_PREACT_PERCENT_MAX),
        ("blocked ms", ours.blocked_ms.saturating_sub(without.blocked_ms), BLOCKED_MS_MAX),
        ("press ms", ours.press_ms, PRESS_MS_MAX),
        (
            "layout shift in thousandths",
            ours.shift_milli.saturating_sub(without.shift_milli),
            SHIFT_MILLI_MAX,
        ),
        (
            "later largest paint ms",
            ours.largest_paint_ms.saturating_sub(without.largest_paint_ms),
            LARGEST_PAINT_CHANGE_MS_MAX,
        ),
    ];
    let over = checks.into_iter().filter(|&(_, measured, limit)| measured > limit);
    Ok(over.map(|(what, is, limit)| format!("{what}: {is}, at most {limit}")).collect())
}

fn table(medians: &BTreeMap<String, Medians>) -> String {
    let mut text = format!(
        "{:<10} {:>10} {:>10} {:>8} {:>14} {:>12} {:>10}\n",
        "medians", "visible ms", "blocked ms", "press ms", "largest paint", "shift /1000", "bytes"
    );
    for (name, row) in medians {
        text.push_str(&format!(
            "{name:<10} {:>10} {:>10} {:>8} {:>14} {:>12} {:>10}\n",
            row.visible_ms,
            row.blocked_ms,
            row.press_ms,
            row.largest_paint_ms,
            row.shift_milli,
            row.sent_bytes
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(ours: Medians) -> BTreeMap<String, Medians> {
        let peer = Medians { visible_ms: 1_000, ..Medians::default() };
        let none = Medians { blocked_ms: 10, largest_paint_ms: 400, ..Medians::default() };
        [("none", none), ("preact", peer), ("reprieve", ours)]
            .map(|(name, row)| (name.to_owned(), row))
            .into()
    }

    #[test]
    fn a_budget_holds_up_to_its_number_and_not_beyond() {
        let good = Medians {
            visible_ms: 1_000,
            blocked_ms: 60,
            press_ms: 100,
            largest_paint_ms: 500,
            ..Medians::default()
        };
        assert!(excesses(&measured(good)).unwrap().is_empty());
        let bad = Medians {
            visible_ms: 1_001,
            blocked_ms: 61,
            press_ms: 101,
            largest_paint_ms: 501,
            shift_milli: 1,
            sent_bytes: 0,
        };
        assert_eq!(excesses(&measured(bad)).unwrap().len(), 5);
    }

    #[test]
    fn what_was_not_measured_is_no_pass() {
        assert!(excesses(&measured(Medians::default())).is_err());
        assert!(excesses(&BTreeMap::new()).is_err());
    }
}
