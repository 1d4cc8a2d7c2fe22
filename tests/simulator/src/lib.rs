//! Plays whole populations of customers through the core's own [`reprieve_core::case::apply`],
//! against banks whose reasons are hidden from it, and reports what was recovered.
//!
//! Everything is synthetic. What comes out says how policies compare in worlds that somebody
//! invented, not what a merchant will earn. `docs/simulate.md` explains every number.
//!
//! A customer is a small world of its own: [`life`] is its event loop, [`issuer`] the bank,
//! [`reaction`] the person, [`referee`] an independent judge of the networks' rules, [`oracle`] the
//! best that was possible. [`population`] runs many of them, [`tally`] counts in whole numbers.
#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a native tool: it reads the clock, and its output is its purpose"
)]

mod cli;
mod clock;
mod codes;
mod contestants;
mod experiment;
mod facts;
mod hidden;
mod issuer;
mod learning;
mod life;
mod notices;
mod oracle;
mod population;
mod provider;
mod reaction;
mod referee;
mod report;
mod rng;
mod scaling;
mod stats;
mod summary;
mod tally;
mod world;

#[cfg(test)]
mod tests;

pub use cli::run;
