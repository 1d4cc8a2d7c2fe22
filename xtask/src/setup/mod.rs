//! `cargo xtask setup`: everything that the build and the tests need and Cargo does not bring.
//!
//! Each part says in one line what is missing, or nothing; only then is it installed. The other
//! commands call [`ensure`] first, so nobody has to run this by hand.

mod browser;
mod debian;
mod npm;
mod prerequisites;
mod python;
mod source;
mod target;
mod tools;

pub(crate) use browser::find as find_browser;
pub(crate) use python::interpreter as oracles_python;
pub(crate) use source::small_cargo;
pub(crate) use target::{use_wasm_toolchain, wasm_cargo};

use crate::error::Result;
use crate::paths::Paths;
use crate::process::lock;
use crate::report::Phases;
use std::path::PathBuf;

/// How much a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Compile the Worker and the widget, and run them.
    Build,
    /// The same and a browser.
    Browser,
    /// The programs that judge ours, and nothing to compile for the Web.
    Oracles,
    /// Everything.
    All,
}

/// One thing to have: what it is called, what is missing, how to get it.
struct Part {
    name: &'static str,
    missing: fn(&Paths) -> Option<String>,
    install: fn(&Paths) -> Result<()>,
}

const BUILD_PARTS: [Part; 4] = [
    Part {
        name: "prerequisites",
        missing: prerequisites::missing,
        install: prerequisites::explain,
    },
    Part { name: "Wasm target", missing: target::missing, install: target::install },
    Part { name: "Wasm tools", missing: tools::missing, install: tools::install },
    Part { name: "npm packages", missing: npm::missing, install: npm::install },
];

const BROWSER_PARTS: [Part; 1] =
    [Part { name: "browser", missing: browser::missing, install: browser::install }];

const ORACLE_PARTS: [Part; 3] = [
    Part {
        name: "prerequisites",
        missing: prerequisites::missing,
        install: prerequisites::explain,
    },
    Part {
        name: "npm packages of the oracles",
        missing: npm::missing_oracles,
        install: npm::install_oracles,
    },
    Part {
        name: "Python packages of the oracles",
        missing: python::missing,
        install: python::install,
    },
];

fn parts(scope: Scope) -> impl Iterator<Item = &'static Part> {
    let (build, browser, oracles) = match scope {
        Scope::Build => (true, false, false),
        Scope::Browser => (true, true, false),
        Scope::Oracles => (false, false, true),
        Scope::All => (true, true, true),
    };
    let some = |parts: &'static [Part], wanted: bool| parts.iter().filter(move |_| wanted);
    some(&BUILD_PARTS, build)
        .chain(some(&BROWSER_PARTS, browser))
        .chain(some(&ORACLE_PARTS, oracles))
}

/// Installs what is missing; silent and fast when nothing is.
pub(crate) fn ensure(paths: &Paths, scope: Scope) -> Result<()> {
    if parts(scope).all(|part| (part.missing)(paths).is_none()) {
        return Ok(());
    }
    run(paths, scope)
}

/// Installs what is missing and prints what it does and how long each part took.
pub(crate) fn run(paths: &Paths, scope: Scope) -> Result<()> {
    // Two clones may be set up at the same time; the cache is one.
    let _lock = lock::acquire(&paths.cache.join("setup.lock"), "another set-up")?;
    let mut phases = Phases::start("setup");
    for part in parts(scope) {
        let result = match (part.missing)(paths) {
            None => {
                phases.skip(part.name);
                continue;
            }
            Some(missing) => {
                eprintln!("setup: {}: {missing}", part.name);
                phases.time(part.name, || (part.install)(paths))
            }
        };
        if result.is_err() {
            phases.print();
        }
        result?;
    }
    phases.print();
    Ok(())
}

/// The log of one installation step.
fn log_path(paths: &Paths, name: &str) -> PathBuf {
    paths.cache.join("logs").join(format!("{name}.log"))
}
