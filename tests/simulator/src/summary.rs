//! The report as a table of text, for the terminal.
#![allow(clippy::float_arithmetic, reason = "statistics for people, not decisions")]

use crate::experiment::{
    Results, days_until, notices, of_oracle, rate, tries, tries_per_recovery, value_rate,
};
use crate::stats::Estimate;
use std::fmt::Write;

/// One block for each world.
pub(crate) fn text(results: &Results) -> String {
    let mut text = String::new();
    for result in &results.worlds {
        let (world, kind) = (result.world, if result.world.tuned { "tuned" } else { "unseen" });
        let failed = result.sum(results.shipped()).failed.count;
        // Writing into a string cannot fail.
        let _ = writeln!(text, "\n{} ({kind}): {failed} invoices failed", world.name);
        let _ = writeln!(
            text,
            "  {:<18}{:>14}{:>14}{:>14}{:>8}{:>9}{:>8}{:>8}{:>9}{:>8}",
            "",
            "recovered %",
            "value %",
            "of oracle %",
            "tries",
            "/recov.",
            "median",
            "p90",
            "notices",
            "broken"
        );
        for (who, name) in results.everybody() {
            let _ = writeln!(
                text,
                "  {name:<18}{:>14}{:>14}{:>14}{:>8.2}{:>9.2}{:>8.1}{:>8.1}{:>9.2}{:>8}",
                percent(result.estimate(who, rate)),
                percent(result.estimate(who, value_rate)),
                percent(result.estimate(who, of_oracle)),
                result.estimate(who, tries).mean,
                result.estimate(who, tries_per_recovery).mean,
                result.estimate(who, days_until(500)).mean,
                result.estimate(who, days_until(900)).mean,
                result.estimate(who, notices).mean,
                result.sum(who).violations(),
            );
        }
    }
    text
}

/// `61.2 ± 0.4`.
pub(crate) fn percent(of: Estimate) -> String {
    match of.half {
        Some(half) => format!("{:.1} ± {:.1}", of.mean * 100.0, half * 100.0),
        None => format!("{:.1}", of.mean * 100.0),
    }
}
