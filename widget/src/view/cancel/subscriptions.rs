//! Several subscriptions: which one is meant, and how each of them stands.

use reprieve_core::api::cancellation::SubscriptionView;

use super::super::markup::Writer;
use super::Seen;
use super::node::{choice, presses, say};
use crate::cancel::App;
use crate::i18n::cancel as texts;
use crate::model::cancel::Button;

/// What a subscription is called: by its price, for more is not known here.
pub(super) fn name(app: &App, subscription: &SubscriptionView) -> String {
    let Some(plan) = &subscription.plan else { return app.texts.get(texts::PLAN_PLAIN).to_owned() };
    let key = match subscription.interval.as_deref() {
        Some("month") => texts::PLAN_MONTH,
        Some("year") => texts::PLAN_YEAR,
        _ => texts::PLAN_OTHER,
    };
    app.fill(key, &[("amount", &app.formats.money(plan))])
}

/// Name and number: two of the same price are not the same.
fn heading(to: &mut Writer, seen: Seen<'_>, start: &str, it: &SubscriptionView) {
    to.line(start, &name(seen.app, it));
    to.line("bdi,class=hint,dir=ltr", &it.id);
}

/// Which one?
pub(super) fn choose(to: &mut Writer, seen: Seen<'_>) {
    to.element("div,class=choices", |to| {
        for it in seen.model.subscriptions.iter() {
            to.element("button,class=choice,part=choice", |to| {
                presses(to, seen, Button::Choose.of(&it.id));
                // Inside of a button there are no headings.
                to.element("span,class=named", |to| heading(to, seen, "span", it));
            });
        }
    });
}

/// All of them, with what can be done.
pub(super) fn manage(to: &mut Writer, seen: Seen<'_>) {
    if seen.model.subscriptions.is_empty() {
        say(to, seen, texts::MANAGE_EMPTY);
    }
    for it in seen.model.subscriptions.iter() {
        to.element("div,class=offer", |to| {
            heading(to, seen, "h3", it);
            let (day, at_ms) = match &it.pause {
                _ if it.is_leaving => (texts::MANAGE_ENDS, it.ends_at_ms),
                Some(pause) => (texts::MANAGE_PAUSED, Some(pause.resumes_at_ms)),
                None => (texts::MANAGE_PAUSED, None),
            };
            if let Some(at_ms) = at_ms {
                to.line("p,class=message", &seen.app.day(day, at_ms));
            }
            to.element("div,class=choices", |to| actions(to, seen, it));
        });
    }
}

fn actions(to: &mut Writer, seen: Seen<'_>, it: &SubscriptionView) {
    let mut add = |label, button: Button| {
        choice(to, seen, seen.app.texts.get(label), button.of(&it.id));
    };
    if it.is_leaving {
        return add(texts::MANAGE_DETAILS, Button::Choose);
    }
    if let Some(pause) = &it.pause {
        add(texts::RESUME, Button::Resume);
        if pause.can_extend {
            add(texts::EXTEND, Button::Extend);
        }
    }
    add(texts::ENTRY_LABEL, Button::Choose);
    // Where the law gives that right, as long as it does.
    if it.withdraw_until_ms.is_some() {
        add(texts::WITHDRAW_ENTRY, Button::Withdraw);
    }
}
