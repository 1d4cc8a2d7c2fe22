//! People who pay for themselves.

use super::{CAN_ACT, OVER_A_NIGHT, RINGING, after_failure, after_revocation, at_grace_end};
use super::{before_the_charge, helped_by};
use crate::api::status::Remedy;
use crate::campaign::condition::{Conditions, StopRule};
use crate::campaign::{Anchor, Campaign, Cap, Channel, NoticeKind, QuietHours, Span, Step};
use crate::policy::segment::Sector;

/// For subscriptions of private people: an e-mail within the hour when the customer can help, a
/// chance for the next attempt when only time can, four e-mails in two weeks, one text message to
/// those who answered to nothing.
///
/// The rhythm follows what is published: e-mails on day 0, 1–3, 5–7, 7–10, access ends day 10–14;
/// banner and e-mail together recovered more than e-mail alone (RULES §5; vendors' figures, none of
/// them audited).
#[must_use]
pub fn standard() -> Campaign {
    let mut steps = first_word();
    steps.extend(reminders());
    steps.extend(grace_and_after());
    steps.extend(before_the_charge(&OVER_A_NIGHT));
    Campaign {
        name: "standard".to_owned(),
        tone: Sector::Consumer,
        coalesce: Span::hours(24),
        // Our choice. The campaign itself stays below; the caps are for several invoices at once
        // and for what is said beside a failure. A banner rings nowhere and has room of its own.
        caps: vec![
            Cap::over(&RINGING, 2, Span::days(1)),
            Cap::over(&RINGING, 4, Span::days(7)),
            Cap::over(&[Channel::Sms], 1, Span::days(7)),
            Cap::over_all(4, Span::days(1)),
            Cap::over_all(7, Span::days(7)),
        ],
        // US telephone rules end the day at 21:00 and begin it at 8:00 (47 CFR 64.1200(c)(1); they
        // are about sales), several states at 20:00; the stricter evening for everybody.
        quiet: QuietHours::nights(20, 8),
        stop: vec![StopRule::ComplaintOpen],
        steps,
    }
}

fn first_word() -> Vec<Step> {
    use {Channel as C, NoticeKind as K};
    vec![
        // Waits for the customer's next visit, however late.
        after_failure("banner_first", K::PaymentFailed, C::InApp, Span::ZERO)
            .late_by(Span::days(30)),
        // An hour later: a customer who is just typing in a new card gets no mail about the old.
        after_failure("mail_first", K::PaymentFailed, C::Email, Span::hours(1))
            .only_if(helped_by(&CAN_ACT)),
        // Money may be there tomorrow: the next attempt goes first. Word only after two days.
        after_failure("mail_first_wait", K::PaymentFailed, C::Email, Span::days(2))
            .only_if(helped_by(&[Remedy::Wait]))
            .unless(StopRule::AttemptWithin { within: Span::hours(24) }),
        after_revocation(),
        // The bank may ask at any later attempt too, so it may come late.
        after_failure("push_confirm", K::AuthenticationNeeded, C::Push, Span::minutes(15))
            .late_by(Span::days(10)),
        after_failure("mail_confirm", K::AuthenticationNeeded, C::Email, Span::minutes(30))
            .late_by(Span::days(10)),
    ]
}

fn reminders() -> Vec<Step> {
    use {Channel as C, NoticeKind as K};
    let soon = || StopRule::AttemptWithin { within: Span::hours(12) };
    let silent = Conditions {
        not_reacted_on: vec![C::InApp, C::Email, C::Push],
        reacted_within: Some(Span::days(9)),
        ..Conditions::default()
    };
    vec![
        after_failure("mail_reminder_3", K::PaymentReminder, C::Email, Span::days(3))
            .only_if(helped_by(&CAN_ACT))
            .unless(soon()),
        after_failure("mail_reminder_7", K::PaymentReminder, C::Email, Span::days(7))
            .unless(soon()),
        // Only with consent, and only to those whom nothing else reached.
        after_failure("sms_reminder_9", K::PaymentReminder, C::Sms, Span::days(9))
            .only_if(silent)
            .unless(soon()),
    ]
}

fn grace_and_after() -> Vec<Step> {
    use {Anchor as A, Channel as C, NoticeKind as K};
    vec![
        at_grace_end("mail_grace_3", K::GraceEnding, C::Email, Span::days(-3)),
        at_grace_end("push_grace_1", K::GraceEnding, C::Push, Span::days(-1)),
        at_grace_end("mail_restricted", K::AccessRestricted, C::Email, Span::ZERO),
        Step::new("mail_thanks", K::Recovered, C::Email, A::Recovery).late_by(Span::days(2)),
    ]
}
