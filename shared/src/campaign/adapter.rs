//! Facts for a campaign out of an account and of what the account does not know.

use super::facts::{
    CaseFacts, ChannelFacts, Facts, Matter, PriceConsent, REASON_BYTES_MAX, Standing, Subject,
    SubjectId,
};
use crate::account::Account;
use crate::api::status::Remedy;
use crate::calendar::Zone;
use crate::case::{CaseState, RecoveryCase};
use crate::decline::Decline;
use crate::id::{PaymentMethodId, SubscriptionId};
use crate::money::Money;
use crate::network::Network;
use crate::policy::segment::{Country, Sector};
use crate::provider::{CardExpiry, SubscriptionStatus};
use crate::time::{DAY_MS, Timestamp};

/// How long a closed case is still looked at: for its thank-you, and to say of its last steps why
/// they are not sent.
const CLOSED_LOOKED_AT_MS: i64 = 14 * DAY_MS;

/// What the account does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What kind of business it is.
    pub sector: Sector,
    /// Where the customer is.
    pub country: Option<Country>,
    /// The part of the country: `CA` for California.
    pub subdivision: Option<String>,
    /// The customer's local time, or the merchant's where it is not known.
    pub zone: Zone,
    /// The ways to the customer.
    pub channels: Vec<ChannelFacts>,
    /// A complaint or a dispute is open.
    pub complaint_open: bool,
    /// Subscriptions that end with their period because the customer wants them to.
    pub ending: Vec<SubscriptionId>,
    /// What is coming: cards that expire, charges, trials, prices.
    pub coming: Vec<Coming>,
}

/// One thing that is coming, or came without the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coming {
    /// A card on file that is in use.
    CardExpiry {
        /// The card.
        method: PaymentMethodId,
        /// Its network.
        network: Network,
        /// The year printed on it, four digits.
        year: i16,
        /// The month printed on it, 1 to 12.
        month: u8,
    },
    /// A card that was updated without the customer.
    CardUpdate {
        /// The card.
        method: PaymentMethodId,
        /// When.
        at: Timestamp,
    },
    /// The next charge of a subscription.
    Charge {
        /// What it is for.
        of: SubscriptionId,
        /// When.
        at: Timestamp,
        /// How much.
        amount: Money,
        /// The network of the card that pays.
        network: Network,
        /// How often it comes, in months.
        interval_months: Option<u32>,
    },
    /// A trial that runs.
    Trial {
        /// Of what.
        of: SubscriptionId,
        /// Until when.
        ends_at: Timestamp,
        /// How long it is in all, in milliseconds.
        length_ms: Option<i64>,
        /// What it costs then.
        amount: Option<Money>,
        /// The network of the card that pays then.
        network: Network,
    },
    /// A new price.
    Price {
        /// Of what.
        of: SubscriptionId,
        /// From when it holds.
        effective_at: Timestamp,
        /// The new price.
        amount: Money,
        /// The network of the card that pays.
        network: Network,
        /// Why; cut at [`REASON_BYTES_MAX`] bytes.
        reason: Option<String>,
        /// Whether the customer has to agree.
        consent: PriceConsent,
    },
}

impl Beside {
    /// Nothing is known.
    #[must_use]
    pub fn nothing(sector: Sector) -> Self {
        Self {
            sector,
            country: None,
            subdivision: None,
            zone: Zone::utc(),
            channels: Vec::new(),
            complaint_open: false,
            ending: Vec::new(),
            coming: Vec::new(),
        }
    }
}

/// What a campaign needs to know. `next_attempt` says of a case when its next automatic attempt is,
/// whoever makes it.
#[must_use]
pub fn facts_of(
    account: &Account,
    beside: Beside,
    now: Timestamp,
    next_attempt: impl Fn(&RecoveryCase) -> Option<Timestamp>,
) -> Facts {
    let looked_at = |case: &&RecoveryCase| {
        let age_ms = |closed: Timestamp| now.since_ms(closed);
        !case.state.is_terminal()
            || case.closed_at.is_none_or(|at| age_ms(at) <= CLOSED_LOOKED_AT_MS)
    };
    // Of what is on its way at the bank there is nothing to say.
    let said = |case: &&RecoveryCase| !case.is_processing() && looked_at(case);
    let mut cases: Vec<&RecoveryCase> = account.cases.values().filter(said).collect();
    cases.sort_by_key(|case| case.opened_at);
    let standing = |of: Option<&SubscriptionId>| standing(account, &beside.ending, of);
    let of_case = |case: &&RecoveryCase| {
        subject_of(case, standing(case.subscription.as_ref()), next_attempt(case))
    };
    let mut subjects: Vec<Subject> = cases.iter().map(of_case).collect();
    let coming = beside.coming.iter();
    subjects
        .extend(coming.filter_map(|coming| subject_to_come(coming, &standing, account, &beside)));
    let attempting = account
        .open_cases()
        .any(|case| case.state == CaseState::Attempting && !case.is_processing());
    Facts {
        sector: beside.sector,
        country: beside.country,
        zone: beside.zone,
        subdivision: beside.subdivision,
        channels: beside.channels,
        complaint_open: beside.complaint_open,
        charge_under_way: attempting || account.method_update.is_some(),
        subjects,
    }
}

fn subject_of(
    case: &RecoveryCase,
    standing: Standing,
    next_attempt_at: Option<Timestamp>,
) -> Subject {
    let brand = case.method.as_ref().and_then(|method| method.summary.as_ref());
    let remedy = match case.state {
        CaseState::AwaitingAuthentication => Remedy::Authenticate,
        _ => case.decline.as_ref().map_or(Remedy::UpdatePaymentMethod, Decline::remedy),
    };
    Subject {
        id: SubjectId::of_invoice(&case.invoice),
        standing,
        amount: Some(case.amount_due),
        network: brand.map_or(Network::Other, |summary| Network::of_brand(&summary.brand)),
        interval_months: None,
        matter: Matter::Case(CaseFacts {
            state: case.state,
            opened_at: case.opened_at,
            grace_ends_at: case.grace_ends_at,
            closed_at: case.closed_at,
            category: case.decline.as_ref().map(|decline| decline.category),
            remedy,
            attempts: case.provider_attempt_count.max(case.attempt_number),
            next_attempt_at,
        }),
    }
}

/// What is not known of a subscription is taken as running: it has an invoice or a date.
fn standing(account: &Account, ending: &[SubscriptionId], of: Option<&SubscriptionId>) -> Standing {
    let Some(of) = of else { return Standing::Running };
    let known = account.subscriptions.get(of).map(|known| known.status);
    match known {
        Some(SubscriptionStatus::Ended) => Standing::Canceled,
        _ if ending.contains(of) || account.leaving.is_leaving(of) => Standing::Canceled,
        _ if account.is_paused(Some(of)) => Standing::Paused,
        _ => Standing::Running,
    }
}

/// A card serves all subscriptions: it matters as long as one of them goes on.
fn standing_of_card(account: &Account, ending: &[SubscriptionId]) -> Standing {
    let all = || account.subscriptions.keys().map(|id| standing(account, ending, Some(id)));
    if account.subscriptions.is_empty() || all().any(|one| one == Standing::Running) {
        Standing::Running
    } else if all().any(|one| one == Standing::Paused) {
        Standing::Paused
    } else {
        Standing::Canceled
    }
}

fn subject_to_come(
    coming: &Coming,
    standing: &impl Fn(Option<&SubscriptionId>) -> Standing,
    account: &Account,
    beside: &Beside,
) -> Option<Subject> {
    let of_card = || standing_of_card(account, &beside.ending);
    let subject = |id: &str, at, standing, network, matter| Subject {
        id: SubjectId::dated(id, at),
        standing,
        amount: None,
        network,
        interval_months: None,
        matter,
    };
    Some(match coming {
        Coming::CardExpiry { method, network, year, month } => {
            let expires_at = CardExpiry { year: *year, month: *month }.ends_at()?;
            let matter = Matter::Card { expires_at };
            subject(method.as_str(), expires_at, of_card(), *network, matter)
        }
        Coming::CardUpdate { method, at } => {
            let matter = Matter::CardUpdate { at: *at };
            subject(method.as_str(), *at, of_card(), Network::Other, matter)
        }
        Coming::Charge { of, at, amount, network, interval_months } => Subject {
            amount: Some(*amount),
            interval_months: *interval_months,
            ..subject(of.as_str(), *at, standing(Some(of)), *network, Matter::Charge { at: *at })
        },
        Coming::Trial { of, ends_at, length_ms, amount, network } => {
            let matter = Matter::Trial { ends_at: *ends_at, length_ms: *length_ms };
            let trial = subject(of.as_str(), *ends_at, standing(Some(of)), *network, matter);
            Subject { amount: *amount, ..trial }
        }
        Coming::Price { of, effective_at, amount, network, reason, consent } => {
            let (effective_at, consent) = (*effective_at, *consent);
            let reason = reason.as_deref().map(cut);
            let matter = Matter::Price { effective_at, reason, consent };
            let price = subject(of.as_str(), effective_at, standing(Some(of)), *network, matter);
            Subject { amount: Some(*amount), ..price }
        }
    })
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(REASON_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
