//! `cargo xtask size`: what customers download and what the edge loads, against the budgets.

use crate::build::{self, Product, Profile};
use crate::cli::{help, next};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::process::step::capture;
use crate::setup::{self, Scope};
use lexopt::prelude::*;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask size [--no-build]

Builds widget and Worker for release and prints the sizes in bytes: raw, gzip, brotli.
Fails if a budget of xtask/budgets.json is exceeded.

The banner path is everything that a customer downloads to see the banner: loader, glue,
Wasm, style and one locale (the largest). Intent is what is added for somebody who opens both the
panel in which a card is updated and the dialog about leaving: their parts of the Wasm, the script,
style and locale of the dialog. A question to a person is one file more. The Worker is its script
and its Wasm. The React component and the npm package are counted as a bundler leaves them, the
component without what it imports.";

/// Node has both compressors built in, so none has to be compiled for this.
const MEASURE: &str = "\
const { readFileSync } = require('node:fs');
const { gzipSync, brotliCompressSync } = require('node:zlib');
const rows = process.argv.slice(1).map((path) => {
  const raw = readFileSync(path);
  return [raw.length, gzipSync(raw, { level: 9 }).length, brotliCompressSync(raw).length];
});
console.log(JSON.stringify(rows));";

/// Sizes of one file, or of several together. In bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Sizes {
    fn plus(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gzip: self.gzip + other.gzip,
            brotli: self.brotli + other.brotli,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    name: &'static str,
    sizes: Sizes,
}

/// Reads the options, builds, measures and compares.
pub(crate) fn command(paths: &Paths, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut build_first = true;
    while let Some(arg) = next(&mut args)? {
        match arg {
            Long("no-build") => build_first = false,
            Long("help") | Short('h') => return help(HELP),
            other => return fail(other.unexpected().to_string()),
        }
    }
    setup::ensure(paths, Scope::Build)?;
    if build_first {
        let products = [Product::Package, Product::Widget, Product::Edge];
        build::run(paths, Profile::Release, &products)?;
    }
    let rows = measure(paths)?;
    let budgets = read_budgets(paths)?;
    print!("{}", table(&rows));
    let excesses = excesses(&rows, &budgets)?;
    for excess in &excesses {
        println!("over budget: {excess}");
    }
    if excesses.is_empty() {
        println!("within every budget of xtask/budgets.json");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn measure(paths: &Paths) -> Result<Vec<Row>> {
    let dist = paths.widget_dist();
    let assets = dist.join("v1").join("assets").join(build::versions::newest(&dist)?);
    let worker = paths.root.join("edge").join("build");
    let mut files = vec![dist.join("v1").join("loader.js")];
    files.extend(["widget.js", "widget_bg.wasm", "notice.css"].map(|name| assets.join(name)));
    files.push(assets.join("question.js"));
    files.extend(["index.js", "index_bg.wasm"].map(|name| worker.join(name)));
    let fixed = compress(&files)?;
    let locales = compress(&entries(&assets.join("locale"))?)?;
    let [panel, cancel] = intent(&assets)?;
    let react = bundled(paths, "react.js", &["react", "./index.js", "./handle.js"])?;
    let package = bundled(paths, "index.js", &[])?;
    let [loader, glue, wasm, style, question, script, worker_wasm] = fixed.as_slice() else {
        return fail("not every file was measured");
    };
    let locale = locales.iter().copied().max_by_key(|sizes| sizes.brotli).unwrap_or_default();
    let path = [*glue, *wasm, *style, locale].into_iter().fold(*loader, Sizes::plus);
    Ok(vec![
        Row { name: "loader", sizes: *loader },
        Row { name: "glue", sizes: *glue },
        Row { name: "wasm", sizes: *wasm },
        Row { name: "style", sizes: *style },
        Row { name: "locale", sizes: locale },
        Row { name: "banner_path", sizes: path },
        Row { name: "panel", sizes: panel },
        Row { name: "cancel", sizes: cancel },
        Row { name: "intent", sizes: panel.plus(cancel) },
        Row { name: "question", sizes: *question },
        Row { name: "react", sizes: react },
        Row { name: "package", sizes: package },
        Row { name: "worker", sizes: script.plus(*worker_wasm) },
    ])
}

/// One file of the npm package, as a product's bundler would make it small.
fn bundled(paths: &Paths, name: &str, external: &[&str]) -> Result<Sizes> {
    let out = build::package::staged(paths).with_file_name(name);
    let mut esbuild = Command::new(paths.npm_bin("esbuild"));
    esbuild
        .args(["--bundle", "--minify", "--format=esm", "--log-level=warning"])
        .args(external.iter().map(|it| format!("--external:{it}")))
        .arg(build::package::staged(paths).join(name))
        .arg(format!("--outfile={}", out.display()));
    capture(&mut esbuild).context("bundle the package; run without --no-build")?;
    Ok(compress(&[out])?.into_iter().fold(Sizes::default(), Sizes::plus))
}

/// What the panel adds, with what both parts of the Wasm share, and what the dialog about leaving
/// adds to that.
fn intent(assets: &Path) -> Result<[Sizes; 2]> {
    let sum = |files: &[PathBuf]| -> Result<Sizes> {
        Ok(compress(files)?.into_iter().fold(Sizes::default(), Sizes::plus))
    };
    let has_name = |path: &PathBuf, start: &str| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start))
    };
    let mut panel = entries(assets)?;
    panel.retain(|path| has_name(path, "chunk_"));
    panel.extend(["split_panel.wasm", "panel.css"].map(|name| assets.join(name)));
    let (locales, mut cancel): (Vec<_>, Vec<_>) = entries(&assets.join("cancel"))?
        .into_iter()
        .partition(|path| path.extension().is_some_and(|ending| ending == "json"));
    cancel.extend(["later.js", "split_cancel.wasm"].map(|name| assets.join(name)));
    let locale = compress(&locales)?.into_iter().max_by_key(|sizes| sizes.brotli);
    Ok([sum(&panel)?, sum(&cancel)?.plus(locale.unwrap_or_default())])
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).context(format_args!("read {}", dir.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

fn compress(files: &[PathBuf]) -> Result<Vec<Sizes>> {
    let answer = capture(Command::new("node").args(["--eval", MEASURE, "--"]).args(files))
        .context("a built file is missing; run without --no-build")?;
    let rows: Vec<[u64; 3]> = serde_json::from_str(&answer).context("read the sizes")?;
    Ok(rows.into_iter().map(|[raw, gzip, brotli]| Sizes { raw, gzip, brotli }).collect())
}

fn read_budgets(paths: &Paths) -> Result<Json> {
    let path = paths.root.join("xtask").join("budgets.json");
    let text = fs::read_to_string(&path).context(format_args!("read {}", path.display()))?;
    serde_json::from_str(&text).context(format_args!("{}", path.display()))
}

/// What is larger than allowed. A budget for something unknown is a mistake, not a pass.
fn excesses(rows: &[Row], budgets: &Json) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, limits) in budgets.as_object().context("the budgets are no object")? {
        let row = rows.iter().find(|row| row.name == name);
        let row = row.context(format_args!("there is a budget for {name:?}, which is unknown"))?;
        for (key, limit) in limits.as_object().context(format_args!("budget of {name}"))? {
            let (kind, actual) = match key.as_str() {
                "raw_bytes_max" => ("raw", row.sizes.raw),
                "gzip_bytes_max" => ("gzip", row.sizes.gzip),
                "brotli_bytes_max" => ("brotli", row.sizes.brotli),
                _ => return fail(format!("the budget of {name} has an unknown key {key:?}")),
            };
            let limit = limit.as_u64().context(format_args!("{name}.{key} is no number"))?;
            if actual > limit {
                found.push(format!("{name} has {actual} B {kind}, budget {limit} B"));
            }
        }
    }
    Ok(found)
}

fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<12} {:>9} {:>9} {:>9}\n", "bytes", "raw", "gzip", "brotli");
    for Row { name, sizes } in rows {
        let Sizes { raw, gzip, brotli } = sizes;
        text.push_str(&format!("{name:<12} {raw:>9} {gzip:>9} {brotli:>9}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows() -> Vec<Row> {
        vec![Row { name: "loader", sizes: Sizes { raw: 300, gzip: 200, brotli: 100 } }]
    }

    #[test]
    fn a_budget_holds_up_to_its_number() {
        let at = |limit: u64| {
            excesses(&rows(), &json!({ "loader": { "brotli_bytes_max": limit } })).unwrap()
        };
        assert!(at(100).is_empty());
        assert_eq!(at(99), ["loader has 100 B brotli, budget 99 B"]);
    }

    #[test]
    fn a_budget_that_measures_nothing_is_an_error() {
        for wrong in [json!({ "lodaer": {} }), json!({ "loader": { "zip": 1 } }), json!([])] {
            assert!(excesses(&rows(), &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_budgets_in_the_tree_name_things_that_are_measured() {
        let budgets = read_budgets(&Paths::discover().unwrap()).unwrap();
        let row = |name| Row { name, sizes: Sizes::default() };
        let names = "loader glue wasm style locale banner_path panel cancel intent question \
                     react package worker";
        let rows = names.split(' ').map(row).collect::<Vec<_>>();
        assert!(excesses(&rows, &budgets).unwrap().is_empty());
        assert!(budgets.as_object().unwrap().len() >= 4);
    }

    #[test]
    fn node_measures_a_file() {
        let path = std::env::temp_dir().join(format!("xtask-size-{}", std::process::id()));
        fs::write(&path, "a".repeat(1000)).unwrap();
        let sizes = compress(std::slice::from_ref(&path)).unwrap();
        fs::remove_file(path).unwrap();
        assert_eq!(sizes.len(), 1);
        assert_eq!(sizes[0].raw, 1000);
        assert!(sizes[0].gzip < 100 && sizes[0].brotli < 100, "{sizes:?}");
    }
}
