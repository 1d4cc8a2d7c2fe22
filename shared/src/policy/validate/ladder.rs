//! The ladder against the networks' limits.
//!
//! Every attempt asks its budget when its time comes, whatever the policy says. A ladder that could
//! never be climbed is reported here, before anybody waits for its upper rungs.

use crate::network::limits::{Counters, Limit, in_force};
use crate::network::{LimitOverride, Network};
use crate::policy::duration;
use crate::policy::problem::Problems;
use crate::policy::settings::Settings;
use crate::time::{DAY_MS, Timestamp};

const NETWORKS: [Network; 5] =
    [Network::Visa, Network::Mastercard, Network::Amex, Network::Discover, Network::Other];
/// Later than every row: a policy is written for the time to come.
const THE_END: Timestamp = Timestamp::from_ms(i64::MAX);

/// Reports a ladder that would be declined more often in a window than a network allows: a
/// customer's card may be of any network.
pub(super) fn within_network_limits(problems: &mut Problems, segment: &str, settings: &Settings) {
    let attempts = attempts_ms(settings);
    for limit in NETWORKS.into_iter().flat_map(|network| in_force(network, THE_END)) {
        let max = allowed(limit, settings.limit_overrides());
        let window = duration::write(limit.window_ms);
        let automatic = busiest(&attempts, limit.window_ms);
        if automatic > max {
            let problem = format!(
                "with the first charge the ladder makes {automatic} attempts in {window}, but {} \
                 allows {max}",
                limit.rule
            );
            let key = format!("{segment}.retry.rungs");
            problems.add(key, problem, "write longer delays or fewer rungs");
        }
        let by_hand = by_hand(settings, limit);
        if automatic <= max && automatic.saturating_add(by_hand) > max {
            let problem = format!(
                "{by_hand} attempts of the customer and {automatic} automatic ones in {window} \
                 are more than the {max} of {}",
                limit.rule
            );
            let key = format!("{segment}.customer_attempts.max");
            problems.add(key, problem, "write a smaller number or a longer window");
        }
    }
}

/// When the first charge and each rung happen at the earliest, should all of them be declined.
/// Windows of hours and paydays only make it later.
fn attempts_ms(settings: &Settings) -> Vec<i64> {
    let mut at_ms: i64 = 0;
    let mut attempts = vec![at_ms];
    for rung in &settings.retry.rungs {
        at_ms = at_ms.saturating_add(rung.delay_ms);
        attempts.push(at_ms);
    }
    attempts
}

/// The most attempts within any window of this length.
fn busiest(attempts_ms: &[i64], window_ms: i64) -> u32 {
    let within = |first: &i64| {
        let inside = |at: &&i64| *at >= first && at.saturating_sub(*first) < window_ms;
        attempts_ms.iter().filter(inside).count()
    };
    u32::try_from(attempts_ms.iter().map(within).max().unwrap_or(0)).unwrap_or(u32::MAX)
}

/// The most attempts that the customer may make by hand in a short window, where they count with
/// the automatic ones. Nobody asks every day for a month: long windows are left to the budget.
fn by_hand(settings: &Settings, limit: &Limit) -> u32 {
    if limit.counters == Counters::ByInitiator || limit.window_ms > DAY_MS {
        return 0;
    }
    let own = settings.customer_attempts;
    let windows = (limit.window_ms - 1).checked_div(own.window_ms).unwrap_or(0).saturating_add(1);
    own.max.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX))
}

fn allowed(limit: &Limit, overrides: &[LimitOverride]) -> u32 {
    let own = overrides.iter().find(|own| own.rule == limit.rule.0);
    own.map_or(limit.declines_max, |own| own.declines_max)
}
