//! Companies that pay.

use super::{
    OVER_A_WEEKEND, RINGING, after_failure, after_revocation, at_grace_end, before_the_charge,
};
use crate::calendar::Weekday;
use crate::campaign::condition::{Conditions, StopRule};
use crate::campaign::{Anchor, Campaign, Cap, Channel, NoticeKind, QuietHours, Span, Step};
use crate::policy::segment::Sector;

/// For companies: in working hours, by e-mail and banner, slower, because whoever reads it often
/// has to ask whoever holds the card; and by webhook, so that an account manager can call.
#[must_use]
pub fn business() -> Campaign {
    let mut steps = for_the_customer();
    steps.extend(for_the_merchant());
    steps.extend(before_the_charge(&OVER_A_WEEKEND));
    Campaign {
        name: "business".to_owned(),
        tone: Sector::B2b,
        // Finance departments pay several invoices at once: two days make one mail.
        coalesce: Span::hours(48),
        caps: vec![
            Cap::over(&RINGING, 1, Span::days(1)),
            Cap::over(&RINGING, 3, Span::days(7)),
            Cap::over_all(3, Span::days(1)),
            Cap::over_all(6, Span::days(7)),
        ],
        // Working hours and days of most countries; public holidays are not known.
        quiet: QuietHours {
            days: vec![Weekday::Saturday, Weekday::Sunday],
            ..QuietHours::nights(18, 8)
        },
        stop: vec![StopRule::ComplaintOpen],
        steps,
    }
}

fn for_the_customer() -> Vec<Step> {
    use {Anchor as A, Channel as C, NoticeKind as K};
    let soon = || StopRule::AttemptWithin { within: Span::hours(24) };
    vec![
        after_failure("banner_first", K::PaymentFailed, C::InApp, Span::ZERO)
            .late_by(Span::days(60)),
        after_failure("mail_first", K::PaymentFailed, C::Email, Span::hours(2)).unless(soon()),
        after_revocation(),
        after_failure("mail_confirm", K::AuthenticationNeeded, C::Email, Span::minutes(30))
            .late_by(Span::days(20)),
        after_failure("mail_reminder_5", K::PaymentReminder, C::Email, Span::days(5))
            .unless(soon()),
        after_failure("mail_reminder_12", K::PaymentReminder, C::Email, Span::days(12))
            .unless(soon()),
        at_grace_end("mail_grace_7", K::GraceEnding, C::Email, Span::days(-7)),
        // Three days ahead, so that a weekend does not swallow it.
        at_grace_end("mail_grace_3", K::GraceEnding, C::Email, Span::days(-3)),
        at_grace_end("mail_restricted", K::AccessRestricted, C::Email, Span::ZERO)
            .late_by(Span::days(4)),
        Step::new("mail_thanks", K::Recovered, C::Email, A::Recovery).late_by(Span::days(4)),
    ]
}

/// Nobody is bothered by these: systems of the merchant take them in.
fn for_the_merchant() -> Vec<Step> {
    use {Anchor as A, Channel as C, NoticeKind as K};
    let stuck = Conditions { attempts_min: Some(3), ..Conditions::default() };
    vec![
        Step::new("hook_failed", K::PaymentFailed, C::Webhook, A::Failure).late_by(Span::days(30)),
        Step::new("hook_stuck", K::PaymentReminder, C::Webhook, A::Failure)
            .at(Span::days(3))
            .late_by(Span::days(30))
            .only_if(stuck),
        Step::new("hook_grace_7", K::GraceEnding, C::Webhook, A::GraceEnd).at(Span::days(-7)),
        Step::new("hook_recovered", K::Recovered, C::Webhook, A::Recovery).late_by(Span::days(7)),
    ]
}
