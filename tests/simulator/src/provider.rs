//! A payment provider for one customer: invoices, the default card, keys, and a ledger under the
//! eyes of the [`Referee`]. It is gullible on purpose: it would take money twice, so that only the
//! core's own care prevents it.

use crate::codes::Codes;
use crate::facts;
use crate::hidden::Hidden;
use crate::issuer::{self, Card, Question, Relief};
use crate::referee::{Line, Referee, Rule};
use crate::world::Schedule;
use reprieve_core::case::Attempt;
use reprieve_core::id::InvoiceId;
use reprieve_core::idempotency::{IdempotencyKey, KEY_LIFETIME_MS};
use reprieve_core::money::Money;
use reprieve_core::provider::{ChargeOutcome, InvoiceStatus};
use reprieve_core::time::Timestamp;

/// Who brought the money in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaidBy {
    /// The renewal itself: nothing failed.
    Renewal,
    /// An automatic attempt.
    Retry,
    /// The customer did something.
    Customer,
    /// Another way.
    Elsewhere,
}

/// One invoice.
#[derive(Clone, Debug)]
pub(crate) struct Invoice {
    pub(crate) id: InvoiceId,
    pub(crate) renewal: u64,
    pub(crate) due: Money,
    pub(crate) status: InvoiceStatus,
    pub(crate) captured_minor: i64,
    pub(crate) paid: Option<(Timestamp, PaidBy)>,
    /// The provider's own count.
    pub(crate) provider_attempts: u32,
    /// Everybody's attempts.
    tries: u64,
    /// Ours without the customer.
    pub(crate) retries: u64,
    /// The last no.
    pub(crate) codes: Option<Codes>,
    /// The card of the last attempt.
    pub(crate) charged: Card,
    /// When that was.
    pub(crate) tried_at: Timestamp,
}

#[derive(Clone, Debug)]
struct Remembered {
    key: IdempotencyKey,
    at: Timestamp,
    outcome: ChargeOutcome,
}

/// The provider's side of one customer.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) default: Card,
    /// The card behind the first method: the original, later perhaps the updated one.
    first: Card,
    pub(crate) ended_at: Option<Timestamp>,
    /// We were told that the subscription is over.
    pub(crate) told_of_end: bool,
    pub(crate) relief: Relief,
    pub(crate) referee: Referee,
    keys: Vec<Remembered>,
}

/// Everything that a charge depends on beside the provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bank<'a> {
    pub(crate) hidden: &'a Hidden<'a>,
    pub(crate) schedule: &'a Schedule,
}

impl Provider {
    pub(crate) fn new(hidden: &Hidden<'_>) -> Self {
        Self {
            invoices: Vec::new(),
            default: Card::Original,
            first: Card::Original,
            ended_at: None,
            told_of_end: false,
            relief: Relief::default(),
            referee: Referee::new(hidden.network),
            keys: Vec::new(),
        }
    }

    /// Bills a renewal and tries it once, as Stripe does. Returns the invoice's place.
    pub(crate) fn renew(&mut self, bank: Bank<'_>, renewal: u64, at: Timestamp) -> Option<usize> {
        let due = facts::money(bank.hidden.amount_minor)?;
        self.invoices.push(Invoice {
            id: facts::invoice_id(bank.hidden.number, renewal).ok()?,
            renewal,
            due,
            status: InvoiceStatus::Open,
            captured_minor: 0,
            paid: None,
            provider_attempts: 1,
            tries: 0,
            retries: 0,
            codes: None,
            charged: self.default,
            tried_at: at,
        });
        let place = self.invoices.len() - 1;
        let answer = self.ask(bank, place, self.default, false, at)?;
        self.referee.note(answer);
        self.take(place, answer, PaidBy::Renewal);
        Some(place)
    }

    pub(crate) fn place(&self, invoice: &InvoiceId) -> Option<usize> {
        self.invoices.iter().position(|known| known.id == *invoice)
    }

    /// A charge of ours. The second value: how it ended.
    pub(crate) fn charge(
        &mut self,
        bank: Bank<'_>,
        place: usize,
        attempt: &Attempt,
        at: Timestamp,
    ) -> Option<ChargeOutcome> {
        self.keys.retain(|known| at.since_ms(known.at) < KEY_LIFETIME_MS);
        if let Some(known) = self.keys.iter().find(|known| known.key == attempt.key) {
            return Some(known.outcome.clone());
        }
        let outcome = self.charge_anew(bank, place, attempt, at)?;
        let key = attempt.key.clone();
        self.keys.push(Remembered { key, at, outcome: outcome.clone() });
        Some(outcome)
    }

    fn charge_anew(
        &mut self,
        bank: Bank<'_>,
        place: usize,
        attempt: &Attempt,
        at: Timestamp,
    ) -> Option<ChargeOutcome> {
        let invoice = self.invoices.get(place)?;
        match (invoice.status, invoice.paid) {
            (InvoiceStatus::Open, _) => {}
            // Paid by another way a moment ago: a provider refuses, and no rule is broken.
            (InvoiceStatus::Paid, Some((_, PaidBy::Elsewhere))) => {
                return Some(ChargeOutcome::Paid);
            }
            (InvoiceStatus::Paid, _) => self.referee.found(Rule::DoubleCharge),
            _ => {
                self.referee.found(Rule::ClosedInvoice);
                return Some(ChargeOutcome::Closed);
            }
        }
        let on_session = attempt.trigger.is_on_session();
        if self.told_of_end {
            self.referee.found(Rule::EndedSubscription);
        }
        let wanted = attempt.method.as_ref().map(|method| facts::card_of(method, self.first));
        let card = wanted.unwrap_or(self.default);
        let line = self.ask(bank, place, card, on_session, at)?;
        self.referee.judge(line);
        let by = if on_session { PaidBy::Customer } else { PaidBy::Retry };
        if let Some(invoice) = self.invoices.get_mut(place).filter(|_| !on_session) {
            invoice.retries += 1;
        }
        self.take(place, line, by);
        Some(match line.codes.map(|codes| facts::decline(codes, bank.hidden.network, at)) {
            None => ChargeOutcome::Paid,
            Some(decline) if facts::needs_customer(&decline) => ChargeOutcome::NeedsAuthentication,
            Some(decline) => ChargeOutcome::Declined { decline },
        })
    }

    /// The customer confirms on the provider's page: a charge that we did not send.
    pub(crate) fn confirm(&mut self, bank: Bank<'_>, place: usize, at: Timestamp) -> Option<()> {
        let card = self.invoices.get(place)?.charged;
        let line = self.ask(bank, place, card, true, at)?;
        self.referee.note(line);
        self.take(place, line, PaidBy::Customer);
        Some(())
    }

    /// Money comes by another way.
    pub(crate) fn pay_elsewhere(&mut self, place: usize, at: Timestamp) {
        if let Some(invoice) = self.invoices.get_mut(place)
            && invoice.status == InvoiceStatus::Open
        {
            invoice.status = InvoiceStatus::Paid;
            invoice.captured_minor += invoice.due.amount_minor;
            invoice.paid = Some((at, PaidBy::Elsewhere));
        }
    }

    /// The bank sent a new card, and the network told the provider.
    pub(crate) fn update_card(&mut self) {
        self.first = Card::Updated;
        if self.default == Card::Original {
            self.default = Card::Updated;
        }
    }

    /// The card that is now behind the method of one that was charged earlier.
    pub(crate) fn behind(&self, charged: Card) -> Card {
        if charged == Card::Original { self.first } else { charged }
    }

    fn ask(
        &mut self,
        bank: Bank<'_>,
        place: usize,
        card: Card,
        on_session: bool,
        at: Timestamp,
    ) -> Option<Line> {
        let invoice = self.invoices.get_mut(place)?;
        let (tries, renewal, relief) = (invoice.tries, invoice.renewal, self.relief);
        invoice.tries += 1;
        let question = Question { card, renewal, at, tries, on_session, relief };
        let cause = issuer::ask(bank.hidden, bank.schedule, question);
        let codes = cause.map(|cause| Codes::of(bank.hidden, cause, at));
        let amount_minor = invoice.due.amount_minor;
        Some(Line { at, card, renewal, amount_minor, on_session, codes })
    }

    fn take(&mut self, place: usize, line: Line, by: PaidBy) {
        let Some(invoice) = self.invoices.get_mut(place) else { return };
        invoice.charged = line.card;
        invoice.codes = line.codes;
        invoice.tried_at = line.at;
        if line.codes.is_none() {
            invoice.status = InvoiceStatus::Paid;
            invoice.captured_minor += invoice.due.amount_minor;
            invoice.paid = invoice.paid.or(Some((line.at, by)));
        }
    }

    /// The customer wants no more: open invoices stay open, nothing is renewed.
    pub(crate) fn end(&mut self, at: Timestamp) {
        self.ended_at = self.ended_at.or(Some(at));
    }
}
