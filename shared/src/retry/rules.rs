//! The names of the rules that decide about automatic attempts.

use crate::network::RuleId;

/// The provider drives and has planned an attempt.
pub const PROVIDER_SCHEDULED: RuleId = RuleId("provider.scheduled");
/// The provider drives and has nothing planned.
pub const PROVIDER_FINISHED: RuleId = RuleId("provider.finished");
/// The next rung of the ladder.
pub const LADDER_RUNG: RuleId = RuleId("ladder.rung");
/// The ladder has no rung left.
pub const LADDER_FINISHED: RuleId = RuleId("ladder.finished");
/// The invoice saw as many attempts as the policy allows, whoever made them.
pub const ATTEMPTS_MAX: RuleId = RuleId("policy.attempts_max");
/// Too long after the first failure.
pub const STOP_AFTER: RuleId = RuleId("policy.stop_after");
/// Too soon after the attempt before it.
pub const MIN_SPACING: RuleId = RuleId("policy.min_spacing");
/// Waits for the next payday.
pub const PAYDAY: RuleId = RuleId("policy.payday");
/// Outside the hours and days of the rung, in the customer's zone.
pub const WINDOW: RuleId = RuleId("policy.window");
/// Too close to an attempt that the provider planned.
pub const PROVIDER_NEAR: RuleId = RuleId("provider.near");
/// The decline forbids another automatic attempt with this method.
pub const METHOD_STOPPED: RuleId = RuleId("decline.method_stopped");
/// Another method has its turn meanwhile.
pub const METHOD_CHANGED: RuleId = RuleId("plan.method_changed");
/// The customer's other card, after enough declines on the first.
pub const BACKUP_CARD: RuleId = RuleId("policy.backup_card");
/// Another time than the ladder's, because outcomes so far say that it is better.
pub const TIMING_LEARNED: RuleId = RuleId("timing.learned");
/// Another time than the best one, to go on learning.
pub const TIMING_EXPLORED: RuleId = RuleId("timing.explored");
/// The ladder's time, because the customer is held out for comparison.
pub const TIMING_HELD_OUT: RuleId = RuleId("timing.held_out");
/// Visa: the issuer will never approve.
pub const VISA_CATEGORY_1: RuleId = RuleId("visa.category1");
/// The rules contradict each other.
pub const NO_TIME_FITS: RuleId = RuleId("plan.no_time_fits");

/// All of them.
pub const ALL: &[RuleId] = &[
    PROVIDER_SCHEDULED,
    PROVIDER_FINISHED,
    LADDER_RUNG,
    LADDER_FINISHED,
    ATTEMPTS_MAX,
    STOP_AFTER,
    MIN_SPACING,
    PAYDAY,
    WINDOW,
    PROVIDER_NEAR,
    METHOD_STOPPED,
    METHOD_CHANGED,
    BACKUP_CARD,
    TIMING_LEARNED,
    TIMING_EXPLORED,
    TIMING_HELD_OUT,
    VISA_CATEGORY_1,
    NO_TIME_FITS,
];
