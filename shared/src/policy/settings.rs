//! What is decided for one segment: ladder, grace, the customer's own attempts, campaign.
//!
//! Plain numbers. [`super::file::PolicyFile::validate`] holds them to their ranges; the decisions
//! that read them are total and give an answer for any number.

use crate::calendar::{Paydays, Weekdays, Weekend, Window};
use crate::campaign::Campaign;
use crate::network::LimitOverride;
use crate::time::DAY_MS;
use std::sync::Arc;

/// Every setting of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Automatic attempts.
    pub retry: RetrySettings,
    /// How long access stays.
    pub grace: GraceSettings,
    /// What the customer may do by hand.
    pub customer_attempts: CustomerAttempts,
    /// What the customer is told when. Shared by the segments that name it.
    pub campaign: Arc<Campaign>,
    /// Who takes the payments, where its numbers differ from the networks'.
    pub acquirer: Option<Acquirer>,
}

impl Settings {
    /// The numbers to hold against the networks' limits, for [`crate::network::BudgetQuery`].
    #[must_use]
    pub fn limit_overrides(&self) -> &[LimitOverride] {
        self.acquirer.as_ref().map_or(&[], |acquirer| &acquirer.limits)
    }
}

/// An acquirer whose limits are stricter than the networks'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquirer {
    /// Its name in the policy file.
    pub name: String,
    /// Its limits.
    pub limits: Vec<LimitOverride>,
}

/// Automatic attempts: when, and when no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// The ladder. Its length is the number of automatic attempts of ours.
    pub rungs: Vec<Rung>,
    /// The least time between an automatic attempt and any attempt before it, in milliseconds.
    pub min_spacing_ms: i64,
    /// No automatic attempt once the invoice saw so many attempts, whoever made them.
    pub attempts_max: u32,
    /// No automatic attempt later than this after the first failure, in milliseconds.
    pub stop_after_ms: i64,
    /// No attempt of ours closer than this to one that the provider planned, before or after it, in
    /// milliseconds.
    pub keep_away_ms: i64,
    /// After so many declines a backup card of the customer is charged; `None`: never.
    pub backup_after_declines: Option<u32>,
    /// When people have money.
    pub paydays: PaydaySettings,
}

/// One automatic attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The wait after the failure before it, in milliseconds.
    pub delay_ms: i64,
    /// The hours of the customer's day in which it may happen.
    pub hours: HourWindow,
    /// The days of the customer's week on which it may happen.
    pub weekdays: Weekdays,
    /// How much longer it may wait for the next payday, in milliseconds; 0: it does not.
    pub payday_wait_ms: i64,
}

impl Rung {
    /// At any hour of any day, without an eye on paydays.
    #[must_use]
    pub const fn after_ms(delay_ms: i64) -> Self {
        let (hours, weekdays) = (HourWindow::WHOLE_DAY, Weekdays::ALL);
        Self { delay_ms, hours, weekdays, payday_wait_ms: 0 }
    }

    /// When it may happen. Hours and days that are no window, which no file gets through, do not
    /// restrict.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::new(self.hours.from, self.hours.to, self.weekdays).unwrap_or(Window::ALWAYS)
    }
}

/// Hours of the local day, `from` included, `to` not. One that ends before it begins goes over
/// midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourWindow {
    /// The first hour, 0 to 23.
    pub from: u8,
    /// The hour at which it is over, 1 to 24.
    pub to: u8,
}

impl HourWindow {
    /// No restriction.
    pub const WHOLE_DAY: Self = Self { from: 0, to: 24 };
}

/// When people have money on their accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaydaySettings {
    /// Days of the month, 1 to 31, in order. A day that a month does not have means its last day,
    /// so 31 always is the last one.
    pub days_of_month: Vec<u8>,
    /// Days of the week on which wages are paid every week.
    pub weekdays: Weekdays,
    /// What happens to a payday of [`Self::days_of_month`] on a Saturday or Sunday.
    pub on_weekend: Weekend,
}

impl PaydaySettings {
    /// The days themselves.
    #[must_use]
    pub fn days(&self) -> Paydays {
        Paydays::new(&self.days_of_month, self.weekdays, self.on_weekend)
    }
}

/// How access shrinks while an invoice is open, each counted from its first failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraceSettings {
    /// From when the customer is told, in milliseconds.
    pub warn_ms: i64,
    /// From when access is restricted, in milliseconds.
    pub restricted_ms: i64,
    /// From when access has ended, in milliseconds; `None`: when the subscription has.
    pub ended_ms: Option<i64>,
}

impl GraceSettings {
    /// A warning at once, restricted after so many days, ended with the subscription.
    #[must_use]
    pub const fn of_days(days: i64) -> Self {
        Self { warn_ms: 0, restricted_ms: days.saturating_mul(DAY_MS), ended_ms: None }
    }
}

/// How often a customer may ask for the same card again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerAttempts {
    /// The most attempts within the window; 0: only a new card helps.
    pub max: u32,
    /// The window, in milliseconds.
    pub window_ms: i64,
}
