//! Learned timing: when does another attempt succeed?
//!
//! The model is a table that a person can read. For each of five facts about a moment (the decline
//! that went before, the number of the attempt, and the hour, the day of the week and the day of
//! the month on the customer's wall) there is one number: how much it moves the log-odds of
//! success, how sure that is, and from how many attempts it was learned. The numbers are added up;
//! that is all. The three facts about time have one row for each [`Family`] of declines, because a
//! payday helps an empty account and does nothing for a bank that is down.
//!
//! - [`TimingModel::score`] estimates, [`TimingModel::learn`] takes in an outcome,
//!   [`TimingModel::explain`] names the reasons.
//! - [`TimingModel::choose`] picks one of the times that the caller offers. The first of them is
//!   what the fixed ladder would do; the model leaves it only where the outcomes seen so far say so
//!   with confidence, or to explore a known share of the time. It can never add a time, so it can
//!   never break a rule: what must not be is not offered.
//! - [`Arm`] holds out a fixed share of the customers, who stay on the ladder, so that the gain can
//!   be measured; [`evaluate`](fn@evaluate) estimates from logged propensities what another way of
//!   choosing would have gained.
//!
//! Everything is in integers (millionths, see [`fixed`]): native code and Wasm agree bit by bit.

mod choose;
mod evaluate;
mod features;
pub mod fixed;
mod hold_out;
mod model;
mod prior;
mod record;
mod slots;

pub use choose::{CANDIDATES_MAX, Candidate, Choice, ChoiceReason, Exploration, WARM_UP_OUTCOMES};
pub use evaluate::{Evaluation, Logged, evaluate};
pub use features::{ATTEMPT_CELLS, Factor, Family, Features, FeaturesError, MonthDay, Reading};
pub use hold_out::{Arm, HOLD_OUT_PPM, stable_draw, stable_hash};
pub use model::{Contribution, Estimate, TimingModel};
pub use record::{TIMING_RECORD_VERSION, TimingRecord, TimingRecordError};
pub use slots::slots;
