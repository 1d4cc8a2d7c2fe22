//! The bank wants to see the customer: what is handed over to it, and what comes back.

use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::{Amount, InvoiceDue, PayerReason, Remedy, Status};

use super::{
    Act, CONFIRM_LIMIT_MS, Cmd, Event, Model, Note, Place, Refusal, Resume, Screen, Work, settle,
    start_setup, to_banner,
};
use crate::failure::{Failure, FailureKind};

/// Whether confirming is what would help.
pub(super) fn waits(status: &Status) -> bool {
    status.remedy == Some(Remedy::Authenticate)
}

/// The oldest invoice that waits for the customer.
pub(super) fn first(status: &Status) -> Option<&InvoiceDue> {
    status.invoices.iter().find(|invoice| invoice.needs_authentication)
}

impl Model {
    /// What the panel's main button pays.
    #[must_use]
    pub fn bill(&self) -> Vec<&InvoiceDue> {
        let is_all = self.screen != Screen::Confirm;
        self.status.invoices.iter().filter(|due| is_all || due.needs_authentication).collect()
    }

    /// The sum of it. `None` where there are several currencies.
    #[must_use]
    pub fn total(&self) -> Option<Amount> {
        if self.screen != Screen::Confirm {
            return self.status.amount_due.clone();
        }
        let mut total: Option<Amount> = None;
        for due in self.bill() {
            let Amount { amount_minor, currency } = &due.amount_due;
            match &mut total {
                None => total = Some(due.amount_due.clone()),
                Some(sum) if sum.currency == *currency => {
                    sum.amount_minor = sum.amount_minor.saturating_add(*amount_minor);
                }
                Some(_) => return None,
            }
        }
        total
    }
}

/// Opens the panel and says what will happen.
pub(super) fn show(model: &mut Model) -> Vec<Cmd> {
    model.next_flow();
    model.screen = Screen::Confirm;
    model.place = Place::Panel;
    model.work = Work::Idle;
    model.act = Act::None;
    vec![Cmd::DropFields]
}

/// Has the charge handed over to the bank.
pub(super) fn hand_off(model: &mut Model) -> Vec<Cmd> {
    let mut cmds = show(model);
    model.note = Note::Empty;
    model.work = Work::Confirming;
    model.act = Act::Authenticate;
    model.answered = false;
    model.setup_id.clear();
    model.polls = 0;
    cmds.extend([Cmd::HandOff(model.flow), Cmd::Wait(model.flow, CONFIRM_LIMIT_MS)]);
    cmds
}

pub(super) fn handed_off(model: &mut Model, made: Result<NewPaymentMethod, Failure>) -> Vec<Cmd> {
    match made {
        Ok(setup) => {
            model.setup_id.clone_from(&setup.id);
            vec![Cmd::AskBank(model.flow, setup)]
        }
        // Another tab was faster, or the bank is content without a question.
        Err(failure) if failure.kind == FailureKind::WrongState => settle::read(model),
        // The request may have arrived, and with it a charge.
        Err(failure) if failure.kind == FailureKind::NoAnswer => settle::wait(model, 0),
        // Too many tries for now; another card is not held back by them.
        Err(failure) if matches!(failure.kind, FailureKind::Busy { .. }) => {
            let cmds = show(model);
            model.note = Note::NotConfirmed;
            cmds
        }
        Err(failure) => {
            model.act = Act::None;
            settle::stop(model, failure, Resume::Read)
        }
    }
}

/// The bank's window is gone. What came of it the server says, whatever the script says.
pub(super) fn answered(model: &mut Model, answer: &Result<(), Refusal>) -> Vec<Cmd> {
    if *answer == Err(Refusal::Closed) {
        let cmds = show(model);
        model.note = Note::Closed;
        return cmds;
    }
    model.work = Work::Completing;
    let flow = model.next_flow();
    vec![settle::look(model, flow)]
}

/// The customer comes from the bank's own page. The webhook may still be on its way, so it is not
/// waited for.
pub(super) fn came_back(model: &mut Model) -> Vec<Cmd> {
    let id = first(&model.status).map(|invoice| invoice.id.clone()).unwrap_or_default();
    model.act = Act::Authenticate;
    model.setup_id = id;
    settle::read(model)
}

/// Something is still due after a visit to the bank.
pub(super) fn needed(model: &mut Model) -> Vec<Cmd> {
    let mut due = model.status.invoices.iter().filter(|invoice| invoice.id == model.setup_id);
    let due = due.next().map(|invoice| invoice.needs_authentication);
    let is_in_panel = model.place == Place::Panel;
    let next = first(&model.status).is_some();
    match due {
        // It never came to a question.
        _ if model.setup_id.is_empty() && next && is_in_panel => show(model),
        // Paid: the next one, or what else there is.
        None if next && is_in_panel && !model.setup_id.is_empty() => hand_off(model),
        None => to_banner(model),
        Some(false) => settle::declined_and_again(model),
        Some(true) => {
            let mut cmds = if is_in_panel { show(model) } else { to_banner(model) };
            model.note = Note::NotConfirmed;
            cmds.push(Cmd::Tell(Event::Declined(PayerReason::AuthenticationNeeded)));
            cmds
        }
    }
}

/// The customer would rather give another card.
pub(super) fn other_card(model: &mut Model) -> Vec<Cmd> {
    if model.screen != Screen::Confirm || !model.is_idle() {
        return Vec::new();
    }
    model.note = Note::Empty;
    start_setup(model)
}
