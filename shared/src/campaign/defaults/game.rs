//! People who play.

use super::{
    OVER_A_NIGHT, RINGING, after_failure, after_revocation, at_grace_end, before_the_charge,
};
use crate::campaign::condition::{Conditions, StopRule};
use crate::campaign::{Anchor, Campaign, Cap, Channel, NoticeKind, QuietHours, Span, Step};
use crate::policy::segment::Sector;

/// For games: where the player is, which is the game. Few words, a countdown instead of reminders
/// ("keep playing until …"), push before e-mail, and no text messages.
#[must_use]
pub fn game() -> Campaign {
    let mut steps = in_the_game();
    steps.extend(outside());
    steps.extend(before_the_charge(&OVER_A_NIGHT));
    Campaign {
        name: "game".to_owned(),
        tone: Sector::Game,
        coalesce: Span::hours(24),
        // Our choice: at most one thing a day that rings, two a week.
        caps: vec![
            Cap::over(&RINGING, 1, Span::days(1)),
            Cap::over(&RINGING, 2, Span::days(7)),
            Cap::over_all(4, Span::days(7)),
        ],
        // A school night is longer than a working night.
        quiet: QuietHours::nights(20, 9),
        stop: vec![StopRule::ComplaintOpen],
        steps,
    }
}

fn in_the_game() -> Vec<Step> {
    use {Anchor as A, Channel as C, NoticeKind as K};
    vec![
        after_failure("banner_first", K::PaymentFailed, C::InApp, Span::ZERO)
            .late_by(Span::days(30)),
        // The countdown begins.
        at_grace_end("banner_grace_3", K::GraceEnding, C::InApp, Span::days(-3)),
        at_grace_end("banner_restricted", K::AccessRestricted, C::InApp, Span::ZERO)
            .late_by(Span::days(30)),
        Step::new("banner_thanks", K::Recovered, C::InApp, A::Recovery).late_by(Span::days(3)),
    ]
}

/// Outside of the game push comes first; e-mail is for those who cannot be reached by push.
fn outside() -> Vec<Step> {
    use {Channel as C, NoticeKind as K};
    let no_push = || Conditions { unreachable_on: vec![C::Push], ..Conditions::default() };
    let soon = || StopRule::AttemptWithin { within: Span::hours(24) };
    let seen = || StopRule::Reacted { on: vec![C::InApp] };
    let word = |name: &str, channel: C| {
        let step = after_failure(name, K::PaymentFailed, channel, Span::days(1));
        step.unless(soon()).unless(seen())
    };
    let countdown = |name: &str, channel: C| {
        at_grace_end(name, K::GraceEnding, channel, Span::days(-2)).unless(soon())
    };
    let confirm = |name: &str, channel: C| {
        let step = after_failure(name, K::AuthenticationNeeded, channel, Span::minutes(30));
        step.late_by(Span::days(10))
    };
    vec![
        word("push_first", C::Push),
        word("mail_first", C::Email).only_if(no_push()),
        after_revocation(),
        confirm("push_confirm", C::Push),
        confirm("mail_confirm", C::Email).only_if(no_push()),
        countdown("push_grace_2", C::Push),
        countdown("mail_grace_2", C::Email).only_if(no_push()),
        at_grace_end("mail_restricted", K::AccessRestricted, C::Email, Span::ZERO),
    ]
}
