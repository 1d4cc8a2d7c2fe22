//! Chromium: one that is already there, else Debian's, else Playwright's own.

use super::{debian, log_path};
use crate::error::{Context, Result, fail};
use crate::paths::Paths;
use crate::pins::{DEBIAN_BROWSER, DEBIAN_FONTS};
use crate::process::find_program;
use crate::process::step::{capture, run_logged};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// 170 MB over a slow line.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Programs that speak Chromium's debugging protocol, best first. The last one is a stub or a
/// confined package on some distributions.
const PROGRAMS: [&str; 4] =
    ["chromium", "google-chrome-stable", "google-chrome", "chromium-browser"];

/// Where macOS keeps the same program.
const MAC_CHROME: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser to use: `REPRIEVE_CHROMIUM`, one on PATH, or the one that `install` recorded.
pub(crate) fn find(paths: &Paths) -> Option<PathBuf> {
    let chosen = env::var_os("REPRIEVE_CHROMIUM").map(PathBuf::from);
    let recorded = || fs::read_to_string(record(paths)).ok().map(PathBuf::from);
    chosen
        .filter(|path| path.is_file())
        .or_else(|| PROGRAMS.iter().find_map(|name| find_program(name)))
        .or_else(|| Some(PathBuf::from(MAC_CHROME)).filter(|path| path.is_file()))
        .or_else(|| recorded().filter(|path| path.is_file()))
}

fn record(paths: &Paths) -> PathBuf {
    paths.cache.join("chromium")
}

/// Says that there is no browser.
pub(super) fn missing(paths: &Paths) -> Option<String> {
    find(paths).is_none().then(|| "no Chromium found".to_owned())
}

/// Gets a browser.
pub(super) fn install(paths: &Paths) -> Result<()> {
    if debian::may_install() {
        // Ubuntu's package of this name is a stub, so a success here must still be looked at.
        let packages = [DEBIAN_BROWSER.as_slice(), DEBIAN_FONTS.as_slice()].concat();
        let result = debian::install(paths, &packages);
        if result.is_ok() && find(paths).is_some() {
            return Ok(());
        }
        eprintln!("    Debian has no Chromium for us; trying Playwright's own");
    }
    let mut command = Command::new(paths.npm_bin("playwright"));
    command.args(["install", "chromium"]).current_dir(paths.tests());
    let log = log_path(paths, "playwright");
    run_logged("downloading Chromium", &mut command, DOWNLOAD_LIMIT, &log).map_err(|_| {
        crate::error::Failure::Said(
            "please install Chromium or Chrome (Debian: apt-get install chromium), or set \
             REPRIEVE_CHROMIUM to its path"
                .to_owned(),
        )
    })?;
    match playwright_browser(paths) {
        Some(path) if Path::new(&path).is_file() => {
            fs::write(record(paths), path).context("record the browser's path")
        }
        _ => fail("Playwright installed no Chromium that we can find"),
    }
}

fn playwright_browser(paths: &Paths) -> Option<String> {
    let script = "import('@playwright/test').then(p => \
                  console.log(p.chromium.executablePath()))";
    capture(Command::new("node").args(["--eval", script]).current_dir(paths.tests()))
}
