//! What follows from an answer of the server, and from the lack of one.

use reprieve_core::api::status::{PayerReason, RecoveryState, Status};

use super::{
    Act, COMPLETE_SENDS_MAX, Cmd, Event, Job, Model, Note, POLL_DELAYS_MS, Place, Resume, Screen,
    Work, bank, start_setup, to_banner,
};
use crate::failure::{Failure, FailureKind};

/// The server said how things stand.
pub(super) fn answered(model: &mut Model, job: Job, status: Status) -> Vec<Cmd> {
    let mut cmds = vec![Cmd::Tell(Event::Status(status.state, status.access))];
    if matches!(job, Job::Retry | Job::Complete | Job::Confirmed) {
        model.answered = true;
    }
    model.status = status;
    // Invoices are confirmed one after the other; the thanks are for all of them.
    if model.act != Act::Authenticate {
        model.settle_amount();
    }
    // A payment failed meanwhile, and then it is about that.
    model.is_news &= model.status.state != RecoveryState::ActionNeeded;
    cmds.extend(match model.status.state {
        RecoveryState::Clear if job == Job::Glance && model.screen == Screen::Banner => {
            still_news(model)
        }
        RecoveryState::Clear | RecoveryState::Recovered => recovered(model),
        RecoveryState::Pending if job == Job::Glance && model.late => Vec::new(),
        // The provider's own word of the new card was faster than ours, which was lost: with ours
        // it is carried out at once, and without it only after a while.
        RecoveryState::Pending if was_lost(model) => complete(model),
        RecoveryState::Pending => wait(model, 0),
        RecoveryState::Processing if job == Job::Glance && model.late => Vec::new(),
        RecoveryState::Processing => {
            // For days: nobody waits here for that.
            model.polls = POLL_DELAYS_MS.len();
            wait(model, 0)
        }
        RecoveryState::ActionNeeded => needed(model, job),
    });
    cmds
}

/// The customer came back to a page with a notice and owes nothing.
fn still_news(model: &mut Model) -> Vec<Cmd> {
    match (model.is_news, &model.status.card_news) {
        (false, _) => recovered(model),
        (true, Some(_)) => Vec::new(),
        (true, None) => vec![Cmd::Leave],
    }
}

fn recovered(model: &mut Model) -> Vec<Cmd> {
    model.next_flow();
    model.screen = Screen::Recovered;
    model.work = Work::Idle;
    model.act = Act::None;
    model.failure = None;
    let mut cmds = vec![Cmd::DropFields];
    if !model.is_news {
        cmds.push(Cmd::Tell(Event::Recovered(model.amount.clone())));
    }
    cmds
}

fn needed(model: &mut Model, job: Job) -> Vec<Cmd> {
    match model.act {
        // Only the status changed under the notice.
        _ if job == Job::Glance && model.screen == Screen::Banner => Vec::new(),
        Act::None if model.note == Note::NotConfirmed => not_confirmed(model),
        Act::None => to_banner(model),
        Act::Retry if model.answered && bank::waits(&model.status) => bank::hand_off(model),
        Act::Retry => {
            let answered = model.answered;
            let mut cmds = to_banner(model);
            if answered {
                cmds.push(declined(model));
            }
            cmds
        }
        // The server never confirmed that it got the new card. Sending it again is safe: the charge
        // has the same idempotency key.
        Act::Complete if was_lost(model) => complete(model),
        Act::Complete if bank::first(&model.status).is_some() => bank::hand_off(model),
        Act::Complete => declined_and_again(model),
        Act::Authenticate => bank::needed(model),
    }
}

/// Whether the server may not have heard of the new card, and can be told again.
fn was_lost(model: &Model) -> bool {
    model.act == Act::Complete && !model.answered && model.sends < COMPLETE_SENDS_MAX
}

/// The charge was declined: a fresh form, and why.
pub(super) fn declined_and_again(model: &mut Model) -> Vec<Cmd> {
    let told = declined(model);
    let mut cmds = start_setup(model);
    cmds.push(told);
    cmds
}

fn declined(model: &mut Model) -> Cmd {
    let reason = model.status.reason.unwrap_or(PayerReason::CardDeclined);
    model.note = Note::Declined(reason);
    Cmd::Tell(Event::Declined(reason))
}

/// Sends the new card to be made the default and charged.
pub(super) fn complete(model: &mut Model) -> Vec<Cmd> {
    model.work = Work::Completing;
    model.answered = false;
    model.sends = model.sends.saturating_add(1);
    vec![Cmd::Send(model.next_flow(), Job::Complete, model.setup_id.clone())]
}

/// The customer comes back from a bank's page, to which the new method led. How it went there only
/// the server can say.
pub(super) fn came_back(model: &mut Model, setup: String) -> Vec<Cmd> {
    model.screen = Screen::Pending;
    model.act = Act::Complete;
    model.setup_id = setup;
    complete(model)
}

/// Back to the notice, with the news that the bank did not agree.
pub(super) fn not_confirmed(model: &mut Model) -> Vec<Cmd> {
    let mut cmds = to_banner(model);
    model.note = Note::NotConfirmed;
    cmds.push(Cmd::Tell(Event::Declined(PayerReason::AuthenticationNeeded)));
    cmds
}

/// Shows that a payment is under way and asks again later, a limited number of times and not
/// sooner than the server wants.
pub(super) fn wait(model: &mut Model, delay_ms_min: u32) -> Vec<Cmd> {
    model.screen = Screen::Pending;
    let flow = model.next_flow();
    let delay_ms = POLL_DELAYS_MS.get(model.polls).map(|&delay_ms| delay_ms.max(delay_ms_min));
    model.polls = model.polls.saturating_add(1);
    model.late = delay_ms.is_none();
    model.work = if model.late { Work::Idle } else { Work::Asking };
    let mut cmds = vec![Cmd::DropFields];
    cmds.extend(delay_ms.map(|delay_ms| Cmd::Wait(flow, delay_ms)));
    cmds
}

/// Reads the status now and goes on from there.
pub(super) fn read(model: &mut Model) -> Vec<Cmd> {
    if model.act != Act::None {
        model.screen = Screen::Pending;
        model.late = false;
    }
    model.work = Work::Asking;
    let flow = model.next_flow();
    vec![look(model, flow)]
}

/// The form may have nothing to ask for any more. What is on its way goes on.
pub(super) fn elsewhere(model: &mut Model) -> Vec<Cmd> {
    let waits =
        model.screen == Screen::Update && matches!(model.work, Work::Idle | Work::Preparing);
    if waits { read(model) } else { Vec::new() }
}

/// Asks how things stand. After a visit to the bank the server reads the live invoice for it.
pub(super) fn look(model: &Model, flow: u32) -> Cmd {
    let is_back = model.act == Act::Authenticate && !model.setup_id.is_empty();
    let (job, id) =
        if is_back { (Job::Confirmed, model.setup_id.clone()) } else { (Job::Read, String::new()) };
    Cmd::Send(flow, job, id)
}

/// The server did not say how things stand.
pub(super) fn failed(model: &mut Model, job: Job, failure: Failure) -> Vec<Cmd> {
    let polling = model.screen == Screen::Pending && model.polls < POLL_DELAYS_MS.len();
    match (job, failure.kind) {
        (Job::Glance, _) => Vec::new(),
        (Job::Retry | Job::Complete | Job::Confirmed, FailureKind::WrongState) => {
            model.act = Act::None;
            if job == Job::Complete && model.place == Place::Inline {
                // Whoever comes back with a set-up that is not finished has no yes of the bank.
                model.note = Note::NotConfirmed;
            }
            read(model)
        }
        // The request may have arrived: the outcome is unknown, not bad.
        (Job::Retry | Job::Complete, FailureKind::NoAnswer) => wait(model, 0),
        // The customer did their part: how it ended is asked for until it is known.
        (Job::Confirmed, FailureKind::NoAnswer | FailureKind::ProviderDown) => wait(model, 0),
        (Job::Confirmed, FailureKind::Busy { delay_ms }) => wait(model, delay_ms),
        (Job::Retry | Job::Complete | Job::Confirmed, FailureKind::Refused) => {
            model.act = Act::None;
            stop(model, failure, Resume::Read)
        }
        (Job::Read, FailureKind::NoAnswer) if polling => wait(model, 0),
        (Job::Read, FailureKind::Busy { delay_ms }) if polling => wait(model, delay_ms),
        _ => stop(model, failure, Resume::Read),
    }
}

/// The panel did not come. That is told in the page.
pub(super) fn without_panel(model: &mut Model) -> Vec<Cmd> {
    if model.panel() == Screen::Hidden {
        return Vec::new();
    }
    let resume = if model.screen == Screen::Update { Resume::Setup } else { Resume::Read };
    model.place = Place::Inline;
    model.act = Act::None;
    stop(model, Failure::local(FailureKind::Fields, "panel_script"), resume)
}

/// Shows that something failed, with a way to go on; not sooner than the server wants.
pub(super) fn stop(model: &mut Model, failure: Failure, resume: Resume) -> Vec<Cmd> {
    let flow = model.next_flow();
    model.screen = match failure.kind {
        FailureKind::Offline => Screen::Offline,
        FailureKind::Session => Screen::SessionExpired,
        _ => Screen::Error,
    };
    model.work = Work::Idle;
    model.resume = resume;
    let mut cmds = vec![Cmd::DropFields, Cmd::Tell(Event::Error(failure.code.clone()))];
    if let FailureKind::Busy { delay_ms } = failure.kind {
        model.work = Work::Asking;
        cmds.push(Cmd::Wait(flow, delay_ms));
    }
    model.failure = Some(failure);
    cmds
}
