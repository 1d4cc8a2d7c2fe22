//! Who watches the networks' rules in the storm, without asking the core: a count of its own over
//! the bank's ledger.

use super::provider::Charge;
use reprieve_core::account::Account;
use reprieve_core::case::{FRESH_MS, Trigger};
use reprieve_core::network::LimitOverride;
use reprieve_core::policy::settings::{Acquirer, Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// Clocks in the storm differ by at most so much.
pub(crate) const SKEW_MS_MAX: i64 = 10 * MINUTE_MS;

/// So few declines of one amount on one card that a life in the storm meets the limit.
const DECLINES_MAX: u32 = 3;
const WINDOW_MS: i64 = 30 * DAY_MS;

/// Short waits and a strict acquirer.
pub(crate) fn policy(driver: RetryDriver) -> Policy {
    let mut settings = Settings::default();
    settings.retry.rungs = [6, 12, 24, 24].map(|hours| Rung::after_ms(hours * HOUR_MS)).to_vec();
    settings.retry.min_spacing_ms = HOUR_MS;
    let rule = "visa.reattempts.30d".to_owned();
    let limits = vec![LimitOverride { rule, declines_max: DECLINES_MAX }];
    settings.acquirer = Some(Acquirer { name: "strict".to_owned(), limits });
    Policy::uniform(driver, settings)
}

/// No automatic charge of ours after as many declines of merchant-initiated attempts of the same
/// amount on the same card, within the window, as the acquirer allows. What the provider tried
/// after our reading nobody could know.
pub(crate) fn networks_are_respected(ledger: &[Charge], judged: usize, account: &Account) {
    for (place, charge) in ledger.iter().enumerate().skip(judged) {
        if charge.trigger != Some(Trigger::Schedule) {
            continue;
        }
        let counts = |before: &&Charge| {
            let age_ms = charge.at.since_ms(before.at);
            let told = account.cases.get(&before.invoice).is_some_and(|case| {
                case.opened_at < charge.at.plus_ms(-FRESH_MS - 2 * SKEW_MS_MAX)
            });
            let settled = age_ms > FRESH_MS + 2 * SKEW_MS_MAX;
            // A reading names the card that was tried last: of an attempt before that one, on
            // another card, nobody can know on which.
            let named = !ledger[..place]
                .iter()
                .any(|other| other.invoice == before.invoice && other.card != before.card);
            let known = before.trigger.is_some() || (told && settled && named);
            let automatic = matches!(before.trigger, None | Some(Trigger::Schedule));
            !before.succeeded
                && automatic
                && known
                && before.card == charge.card
                && before.amount == charge.amount
                && age_ms < WINDOW_MS - 2 * SKEW_MS_MAX
        };
        let declines = ledger[..place].iter().filter(counts).count();
        let max = usize::try_from(DECLINES_MAX).unwrap();
        assert!(declines < max, "no network rule is broken: {declines} declines before {charge:?}");
    }
}
