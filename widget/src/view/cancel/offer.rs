//! The one screen with something else: each offer with its exact dates and amounts, and a button
//! like all the others.

use reprieve_core::api::cancellation::{CancellationView, OfferTerms};

use super::super::markup::Writer;
use super::Seen;
use super::node::{choice, choice_link, lines, say};
use crate::cancel::App;
use crate::i18n::Key;
use crate::i18n::cancel as texts;
use crate::model::cancel::Button;

pub(super) fn write(to: &mut Writer, seen: Seen<'_>, current: &CancellationView) {
    say(to, seen, texts::OFFER_LEAD);
    for offer in &current.offers {
        let (what, details) = words(seen.app, &offer.terms, current);
        let label = seen.app.texts.get(take(&offer.terms));
        to.element("div,class=offer", |to| {
            to.line("h3", &what);
            lines(to, &details);
            match &offer.terms {
                OfferTerms::Contact { url } | OfferTerms::Redirect { url } => {
                    choice_link(to, seen, label, url, Button::Follow.of(&offer.name));
                }
                _ => choice(to, seen, label, Button::Accept.of(&offer.name)),
            }
        });
    }
}

/// What its button is called.
const fn take(terms: &OfferTerms) -> Key {
    match terms {
        OfferTerms::Pause { .. } => texts::TAKE_PAUSE,
        OfferTerms::Discount { .. } => texts::TAKE_DISCOUNT,
        OfferTerms::PlanChange { .. } => texts::TAKE_PLAN,
        OfferTerms::TrialExtension { .. } => texts::TAKE_TRIAL,
        OfferTerms::Credit { .. } => texts::TAKE_CREDIT,
        OfferTerms::Contact { .. } => texts::TAKE_CONTACT,
        OfferTerms::Redirect { .. } => texts::TAKE_REDIRECT,
    }
}

/// What it is, and what exactly that means.
pub(super) fn words(
    app: &App,
    terms: &OfferTerms,
    current: &CancellationView,
) -> (String, Vec<String>) {
    let money = |amount| app.formats.money(amount);
    match terms {
        OfferTerms::Pause { .. } => pause(app, terms, current),
        OfferTerms::Discount { percent, amount_off, periods, price } => {
            let percent = percent.map(|percent| app.formats.count(percent));
            let what = match (percent, amount_off) {
                (Some(percent), _) => app.plural(texts::DISCOUNT, *periods, ("percent", &percent)),
                (None, Some(off)) => {
                    app.plural(texts::AMOUNT_OFF, *periods, ("amount", &money(off)))
                }
                (None, None) => String::new(),
            };
            let price = price
                .as_ref()
                .map(|price| app.fill(texts::OFFER_PRICE, &[("amount", &money(price))]));
            (
                what,
                vec![price.unwrap_or_else(|| app.texts.get(texts::OFFER_PRICE_PLAIN).to_owned())],
            )
        }
        OfferTerms::PlanChange { label } => {
            let what = app.fill(texts::OFFER_PLAN, &[("plan", label)]);
            (what, vec![app.texts.get(texts::OFFER_PLAN_WHEN).to_owned()])
        }
        OfferTerms::TrialExtension { until_ms } => (
            app.day(texts::OFFER_TRIAL, *until_ms),
            vec![app.texts.get(texts::OFFER_TRIAL_WHEN).to_owned()],
        ),
        OfferTerms::Credit { amount } => {
            let what = app.fill(texts::OFFER_CREDIT, &[("amount", &money(amount))]);
            (what, vec![app.texts.get(texts::OFFER_CREDIT_WHEN).to_owned()])
        }
        OfferTerms::Contact { .. } => (
            app.texts.get(texts::OFFER_CONTACT).to_owned(),
            vec![app.texts.get(texts::OFFER_STAYS).to_owned()],
        ),
        OfferTerms::Redirect { .. } => (
            app.texts.get(texts::OFFER_REDIRECT).to_owned(),
            vec![app.texts.get(texts::OFFER_STAYS).to_owned()],
        ),
    }
}

fn pause(app: &App, terms: &OfferTerms, current: &CancellationView) -> (String, Vec<String>) {
    let OfferTerms::Pause { periods, access_until_ms, resumes_at_ms, first_charge_at_ms, .. } =
        terms
    else {
        return (String::new(), Vec::new());
    };
    let what = match periods {
        Some(periods) => app.plural(texts::PAUSE, *periods, ("", "")),
        None => app.day(texts::PAUSE_PLAIN, *resumes_at_ms),
    };
    let access = match access_until_ms {
        None => app.texts.get(texts::PAUSE_ACCESS_ON).to_owned(),
        Some(at_ms) if *at_ms > current.server_time_ms => app.day(texts::PAUSE_ACCESS_OFF, *at_ms),
        Some(_) => app.texts.get(texts::PAUSE_ACCESS_NOW).to_owned(),
    };
    let charged_at = app.formats.day(first_charge_at_ms.unwrap_or(*resumes_at_ms));
    let charge = match &current.subscription.plan {
        Some(plan) => {
            let amount = app.formats.money(plan);
            app.fill(texts::PAUSE_CHARGE, &[("date", &charged_at), ("amount", &amount)])
        }
        None => app.fill(texts::PAUSE_CHARGE_PLAIN, &[("date", &charged_at)]),
    };
    (what, vec![access, charge])
}
