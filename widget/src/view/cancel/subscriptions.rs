//! Several subscriptions: which one is meant, and how each of them stands.

use reprieve_core::api::cancellation::SubscriptionView;

use super::super::markup::Markup;
use super::node::{button, choice, element, group, lines, text};
use crate::cancel::{App, Ui};
use crate::i18n::cancel as texts;
use crate::model::cancel::Msg;

/// What a subscription is called: by its price, for more is not known here.
pub(super) fn name(app: &App, subscription: &SubscriptionView) -> String {
    let Some(plan) = &subscription.plan else { return app.text(texts::PLAN_PLAIN) };
    let key = match subscription.interval.as_deref() {
        Some("month") => texts::PLAN_MONTH,
        Some("year") => texts::PLAN_YEAR,
        _ => texts::PLAN_OTHER,
    };
    app.fill(key, &[("amount", &app.formats.money(plan))])
}

/// Name and number: two of the same price are not the same.
fn heading(name: String, id: String) -> Vec<Markup> {
    let number = [("class", "hint"), ("dir", "ltr")];
    vec![element("h3", &[], vec![text(name)]), element("bdi", &number, vec![text(id)])]
}

/// Which one?
pub(super) fn choose(ui: Ui) -> Vec<Markup> {
    let all = ui.look(|app, model| {
        let one = |it: &SubscriptionView| (name(app, it), it.id.clone());
        model.subscriptions.iter().map(one).collect::<Vec<_>>()
    });
    let row = |(name, id): (String, String)| {
        let content = element("span", &[("class", "named")], heading_inline(name, id.clone()));
        button(ui, &[("class", "choice"), ("part", "choice")], content, Msg::Choose(id))
    };
    vec![group("choices", all.into_iter().map(row).collect())]
}

/// The same inside a button, where there are no headings.
fn heading_inline(name: String, id: String) -> Vec<Markup> {
    let number = [("class", "hint"), ("dir", "ltr")];
    vec![element("span", &[], vec![text(name)]), element("bdi", &number, vec![text(id)])]
}

struct Row {
    name: String,
    id: String,
    state: Vec<String>,
    actions: Vec<(String, Msg)>,
}

/// All of them, with what can be done.
pub(super) fn manage(ui: Ui) -> Vec<Markup> {
    let rows =
        ui.look(|app, model| model.subscriptions.iter().map(|it| row(app, it)).collect::<Vec<_>>());
    if rows.is_empty() {
        return lines(vec![ui.look(|app, _| app.text(texts::MANAGE_EMPTY))]);
    }
    let view = |row: Row| {
        let mut content = heading(row.name, row.id);
        content.extend(lines(row.state));
        let actions = row.actions.into_iter().map(|(label, msg)| choice(ui, label, msg));
        content.push(group("choices", actions.collect()));
        group("offer", content)
    };
    rows.into_iter().map(view).collect()
}

fn row(app: &App, it: &SubscriptionView) -> Row {
    let id = || it.id.clone();
    let mut state = Vec::new();
    let mut actions = Vec::new();
    if it.is_leaving {
        state.extend(it.ends_at_ms.map(|at_ms| app.day(texts::MANAGE_ENDS, at_ms)));
        actions.push((app.text(texts::MANAGE_DETAILS), Msg::Choose(id())));
    } else {
        if let Some(pause) = &it.pause {
            state.push(app.day(texts::MANAGE_PAUSED, pause.resumes_at_ms));
            actions.push((app.text(texts::RESUME), Msg::Resume(id())));
            if pause.can_extend {
                actions.push((app.text(texts::EXTEND), Msg::Extend(id())));
            }
        }
        actions.push((app.text(texts::ENTRY_LABEL), Msg::Choose(id())));
        // Where the law gives that right, as long as it does.
        let right = it.withdraw_until_ms;
        actions.extend(right.map(|_| (app.text(texts::WITHDRAW_ENTRY), Msg::Withdraw(id()))));
    }
    Row { name: name(app, it), id: id(), state, actions }
}
