//! The report: one HTML file with everything in it, readable in light and dark and on a phone.

mod plots;
mod tables;
mod words;

use crate::contestants::{EIGHT, FIXED, LEARNED, SHIPPED, UNTIMED};
use crate::experiment::{Results, WorldResult};
use std::fmt::Write;

const STYLE: &str = include_str!("report.css");

/// One for each policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Shipped,
    Untimed,
    Learned,
    Fixed,
    Eight,
    Three,
    Oracle,
}

impl Colour {
    const ALL: [Self; 7] = [
        Self::Shipped,
        Self::Untimed,
        Self::Learned,
        Self::Fixed,
        Self::Eight,
        Self::Three,
        Self::Oracle,
    ];

    const fn css(self) -> &'static str {
        match self {
            Self::Shipped => "var(--shipped)",
            Self::Untimed => "var(--untimed)",
            Self::Learned => "var(--learned)",
            Self::Fixed => "var(--fixed)",
            Self::Eight => "var(--eight)",
            Self::Three => "var(--three)",
            Self::Oracle => "var(--oracle)",
        }
    }
}

fn colour_of(name: &str) -> Colour {
    match name {
        SHIPPED => Colour::Shipped,
        UNTIMED => Colour::Untimed,
        FIXED => Colour::Fixed,
        EIGHT => Colour::Eight,
        "oracle" => Colour::Oracle,
        LEARNED => Colour::Learned,
        _ => Colour::Three,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The whole page.
pub(crate) fn html(results: &Results) -> String {
    let mut page = head();
    summary(&mut page, results);
    pictures(&mut page, results);
    worlds(&mut page, results);
    definitions(&mut page, results);
    page.push_str("</main></body></html>\n");
    page
}

fn head() -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Reprieve: simulated recovery</title>\n<style>\n{STYLE}</style></head>\n\
         <body><main>\n<h1>Simulated recovery</h1>\n"
    )
}

/// Writing into a string cannot fail; `let _` says so.
fn summary(page: &mut String, results: &Results) {
    let plan = &results.plan;
    let failed: u64 =
        results.worlds.iter().map(|result| result.sum(results.shipped()).failed.count).sum();
    let _ = writeln!(
        page,
        "<p class=\"synthetic\"><strong>All of this is synthetic.</strong> No real customer, card \
         or bank is behind any number. People and banks follow rules that somebody wrote down; the \
         decisions are made by the very code that runs in production. So the report compares \
         policies under the same invented circumstances and finds broken rules. It does not say \
         what a merchant will earn.</p>"
    );
    let _ = writeln!(
        page,
        "<p>{} worlds, {} seed{} each (from {}), {} customers of each, renewals within {} days; {} \
         failed invoices, each followed for 40 days and counted as recovered when paid within 30. \
         All policies meet the same people, cards and luck. ± is half of a 95 % interval over the \
         seeds.</p>",
        results.worlds.len(),
        plan.seeds,
        if plan.seeds == 1 { "" } else { "s" },
        plan.seed,
        plan.customers,
        plan.days,
        failed
    );
    page.push_str("<h2>What was found</h2>\n<ul class=\"found\">\n");
    for sentence in words::found(results) {
        let _ = writeln!(page, "<li>{}</li>", escaped(&sentence));
    }
    page.push_str("</ul>\n<h2>Who competes</h2>\n");
    page.push_str(&tables::legend(results));
}

fn figure(page: &mut String, picture: &str, caption: &str) {
    let _ = writeln!(
        page,
        "<figure><div class=\"wide\">{picture}</div><figcaption>{}</figcaption></figure>",
        escaped(caption)
    );
}

fn pictures(page: &mut String, results: &Results) {
    page.push_str("<h2>How close to the oracle</h2>\n");
    figure(
        page,
        &plots::shares(results),
        "The dashed line is the goal of 90 %. Bars are 95 % intervals over the seeds; where none \
         is seen it is narrower than the dot.",
    );
    figure(
        page,
        &plots::efforts(results),
        "Up is more money, left is fewer tries. A dot for each policy and world; those that are \
         not filled are worlds on which policies may be tuned.",
    );
    let (judged, which) = words::judged(results);
    page.push_str("<h2>By kind of decline</h2>\n");
    let caption = format!("Recovered invoices of those that failed, on {} {which}.", judged.len());
    figure(page, &plots::kinds(results, &judged), &caption);
    page.push_str("<h3>What the policy that ships misses</h3>\n");
    page.push_str(&tables::missed(results, &judged));
}

fn worlds(page: &mut String, results: &Results) {
    page.push_str("<h2>World by world</h2>\n");
    for result in &results.worlds {
        world(page, results, result);
    }
    page.push_str(
        "<h2>Rules</h2>\n<p>Every attempt is held against the networks’ rules by a judge \
                   that shares no code with the core.</p>\n",
    );
    page.push_str(&tables::rules(results));
}

fn world(page: &mut String, results: &Results, result: &WorldResult) {
    let kind = if result.world.tuned { "tuned" } else { "unseen" };
    let failed = result.sum(results.shipped()).failed.count;
    let _ = writeln!(
        page,
        "<section><h3>{} <span class=\"{kind}\">{kind}</span></h3>\n<p>{} {failed} invoices \
         failed.</p>",
        escaped(result.world.name),
        escaped(result.world.about)
    );
    page.push_str("<div class=\"pair\">");
    figure(page, &plots::curves(results, result), "Share of the failed value, by day.");
    page.push_str(&tables::world(results, result));
    page.push_str("</div></section>\n");
}

fn definitions(page: &mut String, results: &Results) {
    page.push_str("<h2>What the numbers mean</h2>\n<dl>\n");
    for (name, meaning) in [
        (
            "failed",
            "The first renewal of a customer that failed. Later renewals of the same customer are \
             played and watched, but not counted: whether they fail depends on the policy.",
        ),
        ("recovered", "Paid within 30 days of the first failure, in whatever way."),
        ("value", "The same, each invoice by its amount."),
        (
            "of the oracle’s value",
            "Recovered value divided by what the oracle recovered of the same invoices. In flat \
             worlds the oracle may try as often as the policy’s attempts_max says.",
        ),
        (
            "tries",
            "Automatic attempts, without the failed renewal itself and without attempts \
                   that the customer asked for.",
        ),
        ("median, 90 %", "Days from the first failure to the payment, of what was recovered."),
        (
            "notices",
            "Messages that reach the customer, from the core’s own campaigns; the banner \
                     in the product counts as one.",
        ),
        (
            "tuned, unseen",
            "A policy may be tuned on the former. The latter have other numbers and \
                           are for judging only.",
        ),
    ] {
        let _ = writeln!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(meaning));
    }
    let plan = &results.plan;
    let _ = writeln!(
        page,
        "</dl>\n<p class=\"again\">The same again: <code>cargo xtask simulate --customers {} \
         --days {} --seed {} --seeds {}</code></p>",
        plan.customers, plan.days, plan.seed, plan.seeds
    );
}
