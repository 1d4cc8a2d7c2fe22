//! Timed phases: a line when one starts and ends, a table at the end.

use crate::error::{Failure, Result};
use std::time::{Duration, Instant};

/// How a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did its work.
    Done,
    /// There was nothing to do.
    Ready,
    /// It failed.
    Failed,
    /// Somebody asked us to stop.
    Stopped,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Ready => "ready",
            Self::Failed => "FAILED",
            Self::Stopped => "stopped",
        }
    }
}

/// The phases of one command, in order.
pub(crate) struct Phases {
    command: &'static str,
    started: Instant,
    rows: Vec<(String, Outcome, Duration)>,
}

impl Phases {
    /// Starts the clock.
    pub(crate) fn start(command: &'static str) -> Self {
        Self { command, started: Instant::now(), rows: Vec::new() }
    }

    /// Records a phase that had nothing to do.
    pub(crate) fn skip(&mut self, name: &str) {
        self.rows.push((name.to_owned(), Outcome::Ready, Duration::ZERO));
    }

    /// Runs a phase and records its time.
    pub(crate) fn time<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let command = self.command;
        eprintln!("{command}: {name} …");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let outcome = match &result {
            Ok(_) => Outcome::Done,
            Err(Failure::Said(_)) => Outcome::Failed,
            Err(Failure::Interrupted) => Outcome::Stopped,
        };
        eprintln!("{command}: {name} {}, {} s", outcome.word(), seconds(took));
        self.rows.push((name.to_owned(), outcome, took));
        result
    }

    /// Number of phases that ended in this way.
    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.1 == outcome).count()
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        eprintln!("\n{}", self.table());
    }

    fn table(&self) -> String {
        let mut rows =
            self.rows.iter().map(|(name, outcome, took)| line(name, outcome.word(), *took));
        let mut table = rows.by_ref().collect::<String>();
        table.push_str(&line(self.command, "total", self.started.elapsed()));
        table
    }
}

fn line(name: &str, word: &str, took: Duration) -> String {
    format!("  {name:<24} {word:<7} {:>8} s\n", seconds(took))
}

/// Seconds with one decimal, without floating point.
fn seconds(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::fail;

    #[test]
    fn tenths_of_seconds_are_printed() {
        assert_eq!(seconds(Duration::from_millis(61_290)), "61.2");
        assert_eq!(seconds(Duration::from_millis(40)), "0.0");
    }

    #[test]
    fn every_phase_has_its_line_and_is_counted() {
        let mut phases = Phases::start("setup");
        phases.skip("prerequisites");
        phases.time("tools", || Ok(())).unwrap();
        assert!(phases.time("npm", || fail::<()>("no")).is_err());
        assert!(phases.time("browser", || Err::<(), _>(Failure::Interrupted)).is_err());
        assert_eq!(phases.count(Outcome::Failed), 1);
        let table = phases.table();
        assert_eq!(table.lines().count(), 5);
        assert!(table.contains("npm") && table.contains("FAILED"), "{table}");
    }
}
