//! `cargo xtask build`: the widget, the Worker, the sandbox and the npm package.

mod edge;
pub(crate) mod package;
mod sandbox;
mod script;
mod split;
pub(crate) mod versions;
pub(crate) mod widget;

use crate::error::Result;
use crate::paths::Paths;
use crate::report::Phases;
use std::time::Duration;

pub(crate) use sandbox::program as sandbox_program;

/// A release build with link-time optimisation on a slow machine.
const COMPILE_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Each tool after the compiler takes seconds; wasm-opt is the slowest.
const TOOL_LIMIT: Duration = Duration::from_secs(5 * 60);

/// How well the Wasm is optimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build, with debug assertions: tests and the demo.
    Dev,
    /// Small: what is deployed.
    Release,
}

impl Profile {
    /// Cargo's name of the profile for Wasm, which is also the name of its output directory.
    pub(crate) fn cargo_name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "release",
        }
    }
}

/// What can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// `target/widget/dist`.
    Widget,
    /// `edge/build`.
    Edge,
    /// `target/edge-offers`.
    OffersEdge,
    /// The native program that behaves like Stripe.
    Sandbox,
    /// `target/package`: the npm package.
    Package,
}

/// Everything, in an order in which the first that fails is the cheapest.
pub(crate) const ALL: [Product; 4] =
    [Product::Package, Product::Sandbox, Product::Widget, Product::Edge];

/// What the browser tests need. Both Workers share one place among Cargo's files: the usual one
/// comes last, so that whoever builds it next finds it finished.
pub(crate) const FOR_TESTS: [Product; 5] =
    [Product::Package, Product::Sandbox, Product::Widget, Product::OffersEdge, Product::Edge];

impl Product {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::Edge => "edge",
            Self::OffersEdge => "edge-offers",
            Self::Sandbox => "sandbox",
            Self::Package => "package",
        }
    }
}

/// Builds `products` in order; prints one timed line for each.
pub(crate) fn run(paths: &Paths, profile: Profile, products: &[Product]) -> Result<()> {
    let mut phases = Phases::start("build");
    for product in products {
        phases.time(product.name(), || match product {
            Product::Widget => widget::build(paths, profile),
            Product::Edge => edge::build(paths, profile),
            Product::OffersEdge => edge::build_for_offers(paths),
            Product::Sandbox => sandbox::build(paths),
            Product::Package => package::build(paths),
        })?;
    }
    Ok(())
}
