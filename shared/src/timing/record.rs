//! The stored form of a model: only what was learned, a few KiB at most.
//!
//! `tests/golden/timing-v1.json` was written by version 1 and must load for ever. What was not
//! learned is not stored and follows the beliefs of the program that reads it, so those may be
//! corrected without a new version.

use super::features::CELLS;
use super::model::{Cell, MEAN_MAX, PRECISION_MAX, TimingModel};
use serde::{Deserialize, Serialize};

/// The version written today.
pub const TIMING_RECORD_VERSION: u32 = 1;

/// The least precision accepted, in millionths: a standard deviation of 31 says nothing at all.
const PRECISION_MIN: u32 = 1_000;

/// What is stored. As JSON at most 8 KiB (a test holds it to that).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimingRecord {
    /// [`TIMING_RECORD_VERSION`] of the writer.
    pub v: u32,
    /// Outcomes learned from.
    pub outcomes: u64,
    /// Those of them that were a success.
    pub successes: u64,
    /// What was learned, by ascending place in the table: place, what it adds to the log-odds and
    /// its precision in millionths, from how many attempts.
    pub cells: Vec<(u16, i32, u32, u32)>,
}

/// A record is not a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimingRecordError {
    /// It was written by a newer program.
    #[error("the stored timing has version {found}, this program knows {TIMING_RECORD_VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// More successes than outcomes.
    #[error("the stored timing counts more successes than outcomes")]
    Counts,
    /// A number is out of its range, or the places do not ascend.
    #[error("the stored timing has a wrong entry at place {place}")]
    Cell {
        /// Its place.
        place: u16,
    },
}

impl From<&TimingModel> for TimingRecord {
    fn from(model: &TimingModel) -> Self {
        let learned = (0_u16..).zip(&model.cells).filter(|(_, cell)| cell.tries > 0);
        Self {
            v: TIMING_RECORD_VERSION,
            outcomes: model.outcomes,
            successes: model.successes,
            cells: learned.map(|(at, c)| (at, c.mean, c.precision, c.tries)).collect(),
        }
    }
}

impl TryFrom<TimingRecord> for TimingModel {
    type Error = TimingRecordError;
    fn try_from(record: TimingRecord) -> Result<Self, TimingRecordError> {
        if record.v != TIMING_RECORD_VERSION {
            return Err(TimingRecordError::Version { found: record.v });
        }
        if record.successes > record.outcomes {
            return Err(TimingRecordError::Counts);
        }
        let mut model = Self::new();
        (model.outcomes, model.successes) = (record.outcomes, record.successes);
        let mut free_from = 0;
        for (place, mean, precision, tries) in record.cells {
            let known = usize::from(place) < CELLS && place >= free_from;
            let sound = i64::from(mean).abs() <= MEAN_MAX
                && (i64::from(PRECISION_MIN)..=PRECISION_MAX).contains(&i64::from(precision))
                && tries > 0
                && u64::from(tries) <= record.outcomes;
            match model.cells.get_mut(usize::from(place)) {
                Some(cell) if known && sound => *cell = Cell { mean, precision, tries },
                _ => return Err(TimingRecordError::Cell { place }),
            }
            free_from = place + 1;
        }
        Ok(model)
    }
}
