//! The clairvoyant: it sees the hidden truth and takes the first moment at which the money is to be
//! had. No policy can recover what it does not.

use crate::hidden::Hidden;
use crate::issuer::{self, Card, Question, Relief, flat_tries};
use crate::life::Incident;
use crate::provider::PaidBy;
use crate::reaction::Reaction;
use crate::world::Schedule;
use reprieve_core::time::{HOUR_MS, Timestamp};

/// Until when it may try by itself, as the policy that ships: by time and by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) stop_after_ms: i64,
    pub(crate) attempts_max: u64,
}

/// What is possible at best.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    pub(crate) paid: Option<(Timestamp, PaidBy)>,
    /// Automatic attempts that it takes.
    pub(crate) retries: u64,
    /// Whether an automatic attempt alone could do it.
    pub(crate) by_itself: bool,
}

/// Looks at every hour.
pub(crate) fn best(
    hidden: &Hidden<'_>,
    schedule: &Schedule,
    incident: Incident,
    bounds: Bounds,
) -> Best {
    let Incident { renewal, failed_at, cause } = incident;
    let reaction = Reaction::of(hidden, renewal, failed_at, cause);
    let until = reaction.cancels_at;
    let before_end = |at: &Timestamp| until.is_none_or(|until| *at < until);
    let (retry, tries) = match hidden.world.flat {
        Some(flat) => match flat_tries(hidden, flat, renewal) {
            Some(tries) if tries < bounds.attempts_max => (Some(failed_at.plus_ms(1)), tries),
            _ => (None, 0),
        },
        None => (first_hour(hidden, schedule, incident, bounds), 1),
    };
    let ways = [
        (retry.filter(before_end), PaidBy::Retry),
        (reaction.at_best(hidden, renewal, failed_at), PaidBy::Customer),
        (reaction.elsewhere_at.filter(before_end), PaidBy::Elsewhere),
    ];
    let paid = ways.into_iter().filter_map(|(at, by)| Some((at?, by))).min_by_key(|way| way.0);
    let by_retry = paid.is_some_and(|(_, by)| by == PaidBy::Retry);
    let by_itself = retry.is_some_and(|at| before_end(&at));
    Best { paid, retries: if by_retry { tries } else { 0 }, by_itself }
}

fn first_hour(
    hidden: &Hidden<'_>,
    schedule: &Schedule,
    incident: Incident,
    bounds: Bounds,
) -> Option<Timestamp> {
    let Incident { renewal, failed_at, .. } = incident;
    let updated = hidden.death.and_then(|death| death.updated_at);
    let yes = |at: &Timestamp| {
        let card = match updated {
            Some(updated) if updated <= *at => Card::Updated,
            _ => Card::Original,
        };
        let relief = Relief::default();
        let question = Question { card, renewal, at: *at, tries: 1, on_session: false, relief };
        issuer::ask(hidden, schedule, question).is_none()
    };
    // A bank changes its mind at full hours, a card at any moment.
    let first = failed_at.as_ms().div_euclid(HOUR_MS) * HOUR_MS;
    let hours = (0..=bounds.stop_after_ms / HOUR_MS + 1).map(|hour| first + hour * HOUR_MS);
    let end = failed_at.plus_ms(bounds.stop_after_ms);
    let at_hours = hours.map(Timestamp::from_ms).map(|at| at.max(failed_at.plus_ms(1)));
    let by_update = updated.into_iter().filter(|at| *at > failed_at);
    let possible = at_hours.take_while(|at| *at <= end).find(yes);
    let by_update = by_update.filter(|at| *at <= end).find(yes);
    possible.into_iter().chain(by_update).min()
}
