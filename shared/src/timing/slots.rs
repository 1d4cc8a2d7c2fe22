//! The times around a rung of the ladder among which the model may choose.

use super::choose::CANDIDATES_MAX;
use crate::calendar::{Window, Zone};
use crate::time::Timestamp;

/// The ladder's own time and those before and after it in steps of `step_ms`, not before
/// `earliest`, not after `latest`, in the window by local time; the ladder's first, then the nearer
/// ones first, at most [`CANDIDATES_MAX`].
///
/// Steps are counted from the ladder's time and not from full hours: failures come at all minutes,
/// so attempts do too, and no bank sees a wave of them at the full hour. The caller takes out what
/// another rule forbids.
#[must_use]
pub fn slots(
    ladder: Timestamp,
    (earliest, latest): (Timestamp, Timestamp),
    step_ms: i64,
    window: &Window,
    zone: &Zone,
) -> Vec<Timestamp> {
    let step_ms = step_ms.max(1);
    let fits = |at: &Timestamp| window.contains(&zone.local(*at));
    let mut found = vec![ladder];
    let (mut after, mut before) = (Some(ladder), Some(ladder));
    while found.len() < CANDIDATES_MAX && (after.is_some() || before.is_some()) {
        after = after.map(|at| at.plus_ms(step_ms)).filter(|at| *at <= latest);
        before = before.map(|at| at.plus_ms(-step_ms)).filter(|at| *at >= earliest);
        found.extend(after.iter().chain(&before).filter(|at| fits(at)));
    }
    found.truncate(CANDIDATES_MAX);
    found
}
