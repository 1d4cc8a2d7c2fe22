//! The tables of the report.

use super::{colour_of, escaped};
use crate::experiment::{
    Results, Who, WorldResult, days_until, notices, of_oracle, rate, tries, tries_per_recovery,
    value_rate,
};
use crate::issuer::Kind;
use crate::referee::Rule;
use crate::stats::share;
use crate::summary::percent;
use std::fmt::Write;

/// One world: one row for each policy.
pub(super) fn world(results: &Results, result: &WorldResult) -> String {
    let mut rows = String::new();
    for (who, name) in results.everybody() {
        let one = |number: fn(&_, &_) -> f64| format!("{:.2}", result.estimate(who, number).mean);
        let day = |permille| format!("{:.1}", result.estimate(who, days_until(permille)).mean);
        let broken = result.sum(who).violations();
        let oracle = who == Who::Oracle;
        let cells = [
            percent(result.estimate(who, rate)),
            percent(result.estimate(who, value_rate)),
            percent(result.estimate(who, of_oracle)),
            one(tries),
            one(tries_per_recovery),
            day(500),
            day(900),
            if oracle { "–".to_owned() } else { one(notices) },
            if oracle { "–".to_owned() } else { broken.to_string() },
        ];
        let _ = write!(rows, "<tr><th scope=\"row\">{}</th>", swatch(name));
        for cell in cells {
            let _ = write!(rows, "<td>{cell}</td>");
        }
        rows.push_str("</tr>\n");
    }
    let heads = [
        "recovered, %",
        "value, %",
        "of the oracle’s value, %",
        "tries per failure",
        "tries per recovery",
        "median days",
        "90 % within days",
        "notices per customer",
        "violations",
    ];
    table("policy", &heads, &rows)
}

/// A name with its colour.
pub(super) fn swatch(name: &str) -> String {
    format!("<i style=\"background:{}\"></i>{}", colour_of(name).css(), escaped(name))
}

pub(super) fn table(first: &str, heads: &[&str], rows: &str) -> String {
    let mut text = format!("<div class=\"wide\"><table><thead><tr><th>{}</th>", escaped(first));
    for head in heads {
        let _ = write!(text, "<th scope=\"col\">{}</th>", escaped(head));
    }
    let _ = write!(text, "</tr></thead><tbody>\n{rows}</tbody></table></div>\n");
    text
}

/// Rules by policy, over all worlds.
pub(super) fn rules(results: &Results) -> String {
    let mut rows = String::new();
    for rule in Rule::ALL {
        let _ = write!(rows, "<tr><th scope=\"row\">{}</th>", escaped(rule.text()));
        for place in 0..results.contestants.len() {
            let of_world = |result: &WorldResult| {
                let sum = result.sum(Who::Contestant(place));
                sum.broken.get(rule as usize).copied().unwrap_or(0)
            };
            let count: u64 = results.worlds.iter().map(of_world).sum();
            let class = if count > 0 { " class=\"bad\"" } else { "" };
            let _ = write!(rows, "<td{class}>{count}</td>");
        }
        rows.push_str("</tr>\n");
    }
    let names: Vec<&str> = results.contestants.iter().map(|(name, _)| *name).collect();
    table("rule", &names, &rows)
}

/// What only the oracle recovered, by kind and by what would have helped: share of failed value.
pub(super) fn missed(results: &Results, worlds: &[&WorldResult]) -> String {
    let who = results.shipped();
    let sums: Vec<_> = worlds.iter().map(|result| result.sum(who)).collect();
    let failed: u64 = sums.iter().map(|sum| sum.failed.count).sum();
    let mut rows = String::new();
    for kind in Kind::ALL {
        let (mut retry, mut customer) = (0, 0);
        for (by_retry, by_customer) in sums.iter().filter_map(|sum| sum.missed.get(kind as usize)) {
            retry += by_retry.count;
            customer += by_customer.count;
        }
        let of_kind: u64 =
            sums.iter().filter_map(|sum| sum.kinds.get(kind as usize)).map(|k| k.0.count).sum();
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            kind.text(),
            per_cent(of_kind, failed),
            per_cent(retry, failed),
            per_cent(customer, failed)
        );
    }
    let heads = [
        "of all failed invoices, %",
        "missed, an automatic attempt could have, %",
        "missed, only the customer could have, %",
    ];
    table("kind of decline", &heads, &rows)
}

#[allow(clippy::float_arithmetic, reason = "statistics for people, not decisions")]
fn per_cent(part: u64, whole: u64) -> String {
    format!("{:.1}", 100.0 * share(part, whole))
}

/// The colours, and what each policy does.
pub(super) fn legend(results: &Results) -> String {
    let mut text = String::from("<dl class=\"legend\">\n");
    for (name, about) in &results.contestants {
        let _ = writeln!(text, "<dt>{}</dt><dd>{}</dd>", swatch(name), escaped(about));
    }
    let about = "Sees the hidden truth: it makes the attempt that succeeds, at the first hour at \
                 which it does, and every customer who would react at all does so at once. What it \
                 does not recover, nobody can.";
    let _ = writeln!(text, "<dt>{}</dt><dd>{about}</dd>\n</dl>", swatch("oracle"));
    text
}
