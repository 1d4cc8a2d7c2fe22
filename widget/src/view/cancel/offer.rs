//! The one screen with something else: each offer with its exact dates and amounts, and a button
//! like all the others.

use reprieve_core::api::cancellation::{CancellationView, OfferTerms};

use super::super::markup::Markup;
use super::node::{choice, choice_link, element, group, lines, text};
use crate::cancel::{App, Ui};
use crate::i18n::Key;
use crate::i18n::cancel as texts;
use crate::model::cancel::Msg;

pub(super) fn view(ui: Ui) -> Vec<Markup> {
    let (lead, offers) = ui.look(|app, model| {
        let Some(current) = &model.current else { return Default::default() };
        let offer = |offer: &reprieve_core::api::cancellation::OfferView| {
            let (what, details) = words(app, &offer.terms, current);
            (what, details, app.text(take(&offer.terms)), offer.clone())
        };
        let offers: Vec<_> = current.offers.iter().map(offer).collect();
        (app.text(texts::OFFER_LEAD), offers)
    });
    let mut all = lines(vec![lead]);
    for (what, details, label, offer) in offers {
        let mut content = vec![element("h3", &[], vec![text(what)])];
        content.extend(lines(details));
        content.push(match offer.terms {
            OfferTerms::Contact { url } | OfferTerms::Redirect { url } => {
                choice_link(ui, label, url, Msg::Follow(offer.name))
            }
            _ => choice(ui, label, Msg::Accept(offer.name)),
        });
        all.push(group("offer", content));
    }
    all
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
            (what, vec![price.unwrap_or_else(|| app.text(texts::OFFER_PRICE_PLAIN))])
        }
        OfferTerms::PlanChange { label } => {
            let what = app.fill(texts::OFFER_PLAN, &[("plan", label)]);
            (what, vec![app.text(texts::OFFER_PLAN_WHEN)])
        }
        OfferTerms::TrialExtension { until_ms } => {
            (app.day(texts::OFFER_TRIAL, *until_ms), vec![app.text(texts::OFFER_TRIAL_WHEN)])
        }
        OfferTerms::Credit { amount } => {
            let what = app.fill(texts::OFFER_CREDIT, &[("amount", &money(amount))]);
            (what, vec![app.text(texts::OFFER_CREDIT_WHEN)])
        }
        OfferTerms::Contact { .. } => {
            (app.text(texts::OFFER_CONTACT), vec![app.text(texts::OFFER_STAYS)])
        }
        OfferTerms::Redirect { .. } => {
            (app.text(texts::OFFER_REDIRECT), vec![app.text(texts::OFFER_STAYS)])
        }
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
        None => app.text(texts::PAUSE_ACCESS_ON),
        Some(at_ms) if *at_ms > current.server_time_ms => app.day(texts::PAUSE_ACCESS_OFF, *at_ms),
        Some(_) => app.text(texts::PAUSE_ACCESS_NOW),
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
