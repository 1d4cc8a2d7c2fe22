use super::*;
use reprieve_core::api::status::{
    AccessLevel, CardNews, CardNewsKind, InvoiceDue, PayerReason, Remedy,
};

/// A customer with one open invoice and full access for now.
pub(crate) fn status() -> Status {
    let amount = Amount { amount_minor: 1900, currency: "eur".to_owned() };
    Status {
        state: RecoveryState::ActionNeeded,
        access: AccessLevel::Warn,
        remedy: None,
        reason: Some(PayerReason::CardExpired),
        amount_due: Some(amount),
        invoices: Vec::new(),
        method: None,
        can_retry: true,
        grace_ends_at_ms: None,
        next_attempt_at_ms: None,
        card_news: None,
        server_time_ms: 0,
    }
}

fn status_in(state: RecoveryState) -> Box<Status> {
    let paid = matches!(state, RecoveryState::Clear | RecoveryState::Recovered);
    let mut status = status();
    status.state = state;
    if paid {
        status.amount_due = None;
    }
    Box::new(status)
}

/// Open invoices of 5.00 each; the bank waits for those with a `?`.
fn status_with(invoices: &str) -> Box<Status> {
    let mut status = status_in(RecoveryState::ActionNeeded);
    let amount = |amount_minor| Amount { amount_minor, currency: "eur".to_owned() };
    let due = |word: &str| InvoiceDue {
        id: word.trim_end_matches('?').to_owned(),
        number: None,
        amount_due: amount(500),
        description: None,
        needs_authentication: word.ends_with('?'),
    };
    status.invoices = invoices.split('+').map(due).collect();
    status.amount_due = Some(amount(500 * i64::try_from(status.invoices.len()).unwrap()));
    let waits = bank::first(&status).is_some();
    status.remedy = Some(if waits { Remedy::Authenticate } else { Remedy::Wait });
    status
}

fn setup(id: &str) -> NewPaymentMethod {
    NewPaymentMethod {
        id: id.to_owned(),
        client_secret: "secret".to_owned(),
        publishable_key: "pk_test_1".to_owned(),
        provider_js_url: "https://js.example/".to_owned(),
    }
}

fn failure(word: &str) -> Failure {
    let kind = match word {
        "offline" => FailureKind::Offline,
        "lost" => FailureKind::NoAnswer,
        "session" => FailureKind::Session,
        "conflict" => FailureKind::WrongState,
        "busy" => FailureKind::Busy { delay_ms: 4000 },
        "provider" => FailureKind::ProviderDown,
        "refused" => FailureKind::Refused,
        _ => panic!("no failure is called {word}"),
    };
    Failure::local(kind, word)
}

fn answer(job: Job, flow: u32, word: &str) -> Msg {
    let state = match word {
        "needed" => Some(RecoveryState::ActionNeeded),
        "pending" => Some(RecoveryState::Pending),
        "recovered" => Some(RecoveryState::Recovered),
        "clear" => Some(RecoveryState::Clear),
        "processing" => Some(RecoveryState::Processing),
        _ => None,
    };
    let answer = match state {
        Some(state) => Ok(status_in(state)),
        None if word.starts_with("in_") => Ok(status_with(word)),
        None => Err(failure(word)),
    };
    Msg::Answered(flow, job, answer)
}

/// The message that these words stand for; `old` in front makes it an echo of an older flow.
fn message(model: &Model, words: &str) -> Msg {
    let (words, flow) = match words.strip_prefix("old ") {
        Some(rest) => (rest, model.flow.wrapping_sub(1)),
        None => (words, model.flow),
    };
    match words.split_once(' ').unwrap_or((words, "")) {
        ("open", _) => Msg::Open,
        ("close", _) => Msg::Close,
        ("dismiss", _) => Msg::Dismiss,
        ("retry", "") => Msg::Retry,
        ("save", _) => Msg::Save,
        ("again", _) => Msg::Again,
        ("online", _) => Msg::Online,
        ("page", "shown") => Msg::PageShown,
        ("page", "restored") => Msg::PageRestored,
        ("elsewhere", _) => Msg::Elsewhere,
        ("rang", _) => Msg::Rang(flow),
        ("other", "card") => Msg::OtherCard,
        ("setup", "made") => Msg::SetupMade(flow, Ok(setup("seti_1"))),
        ("handed", id) if id.starts_with("in_") => Msg::SetupMade(flow, Ok(setup(id))),
        ("handed", word) => Msg::SetupMade(flow, Err(failure(word))),
        ("setup", word) => Msg::SetupMade(flow, Err(failure(word))),
        ("fields", "ready") => Msg::Fields(flow, Ok(())),
        ("fields", _) => Msg::Fields(flow, Err(())),
        ("confirmed", "") => Msg::Confirmed(flow, Ok(())),
        ("confirmed", "declined") => {
            Msg::Confirmed(flow, Err(Refusal::Declined(PayerReason::InsufficientFunds)))
        }
        ("confirmed", "closed") => Msg::Confirmed(flow, Err(Refusal::Closed)),
        ("confirmed", _) => Msg::Confirmed(flow, Err(Refusal::Invalid(None))),
        ("read", word) => answer(Job::Read, flow, word),
        ("glance", word) => answer(Job::Glance, flow, word),
        ("retry", word) => answer(Job::Retry, flow, word),
        ("complete", word) => answer(Job::Complete, flow, word),
        ("bank", word) => answer(Job::Confirmed, flow, word),
        _ => panic!("no message is called {words}"),
    }
}

/// A command in a word or two, without flow numbers.
fn word_of(cmd: &Cmd) -> String {
    match cmd {
        Cmd::MakeSetup(_) => "make-setup".to_owned(),
        Cmd::HandOff(_) => "hand-off".to_owned(),
        Cmd::AskBank(_, handed_off) => format!("ask-bank {}", handed_off.id),
        Cmd::ShowFields(..) => "show-fields".to_owned(),
        Cmd::DropFields => "drop-fields".to_owned(),
        Cmd::Confirm(_) => "confirm".to_owned(),
        Cmd::Send(_, job, id) => format!("send-{job:?} {id}").trim().to_lowercase(),
        Cmd::Wait(_, delay_ms) => format!("wait-{delay_ms}"),
        Cmd::Remember => "remember".to_owned(),
        Cmd::Leave => "leave".to_owned(),
        Cmd::Tell(Event::Status(..)) => "tell-status".to_owned(),
        Cmd::Tell(Event::Shown(screen)) => format!("shown-{}", screen.name()),
        Cmd::Tell(Event::Dismissed) => "tell-dismissed".to_owned(),
        Cmd::Tell(Event::Declined(_)) => "tell-declined".to_owned(),
        Cmd::Tell(Event::Recovered(amount)) => match amount {
            Some(amount) => format!("tell-recovered {}", amount.amount_minor),
            None => "tell-recovered".to_owned(),
        },
        Cmd::Tell(Event::Error(code)) => format!("tell-error {code}"),
    }
}

fn place_of(model: &Model) -> String {
    let screen = model.screen.name();
    format!("{screen} {:?} {:?}", model.place, model.work).to_lowercase()
}

/// Plays one story of the table: each line is `message -> screen place work : commands`.
fn play(title: &str, story: &str) {
    let mut model = None;
    for line in story.lines().filter(|line| !line.trim().is_empty()) {
        let (words, wanted) = line.split_once("->").unwrap_or_else(|| panic!("no arrow: {line}"));
        let (wanted_place, wanted_cmds) = wanted.split_once(':').unwrap_or((wanted, ""));
        let cmds = match (&mut model, words.trim()) {
            (None, start) => {
                let back = match start.split(' ').collect::<Vec<_>>().as_slice() {
                    ["come", "back", _] => Back::FromBank,
                    ["come", "back", "with", _] => Back::WithSetup("seti_1".to_owned()),
                    ["come", "back", "refused", _] => Back::WithSetup(String::new()),
                    _ => Back::No,
                };
                let status = match start.split(' ').next_back().unwrap() {
                    "needed" => *status_in(RecoveryState::ActionNeeded),
                    "pending" => *status_in(RecoveryState::Pending),
                    "clear" => *status_in(RecoveryState::Clear),
                    "processing" => *status_in(RecoveryState::Processing),
                    invoices if invoices.starts_with("in_") => *status_with(invoices),
                    _ => panic!("a story begins with a start: {start}"),
                };
                let (mut begun, mut cmds) = Model::start(status, back);
                if start.starts_with("ask ") {
                    cmds = ask(&mut begun, cmds);
                }
                model = Some(begun);
                cmds
            }
            (Some(model), words) => update(model, message(model, words)),
        };
        let found: Vec<_> = cmds.iter().map(word_of).collect();
        let model = model.as_ref().unwrap();
        assert_eq!(place_of(model), wanted_place.trim(), "{title}: {line}");
        assert_eq!(found.join(", "), wanted_cmds.trim(), "{title}: {line}");
    }
}

#[test]
fn the_table_of_stories() {
    let table = include_str!("stories.txt");
    let mut stories = 0;
    for part in table.split("\n== ").skip(1) {
        let (title, story) = part.split_once('\n').unwrap();
        play(title, story);
        stories += 1;
    }
    assert!(stories >= 40, "only {stories} stories were found");
}

#[test]
fn polling_ends() {
    let (mut model, mut cmds) = Model::start(*status_in(RecoveryState::Pending), Back::No);
    let mut waits_ms = 0_u64;
    for _ in 0..=POLL_DELAYS_MS.len() {
        let Some(Cmd::Wait(flow, delay_ms)) = cmds.iter().find(|c| matches!(c, Cmd::Wait(..)))
        else {
            break;
        };
        waits_ms += u64::from(*delay_ms);
        update(&mut model, Msg::Rang(*flow));
        let flow = model.flow;
        cmds = update(&mut model, answer(Job::Read, flow, "pending"));
    }
    assert!(model.late && model.is_idle());
    assert_eq!(waits_ms, POLL_DELAYS_MS.iter().map(|&ms| u64::from(ms)).sum::<u64>());
}

#[test]
fn a_lost_completion_is_sent_a_limited_number_of_times() {
    let (mut model, _) = Model::start(status(), Back::No);
    for words in ["open", "setup made", "fields ready", "save", "confirmed"] {
        let msg = message(&model, words);
        update(&mut model, msg);
    }
    let mut sends = 1;
    for _ in 0..10 {
        for words in ["complete lost", "rang", "read needed"] {
            let msg = message(&model, words);
            let cmds = update(&mut model, msg);
            sends += cmds.iter().filter(|c| matches!(c, Cmd::Send(_, Job::Complete, _))).count();
        }
        if model.screen == Screen::Update {
            break;
        }
    }
    assert_eq!(sends, usize::from(COMPLETE_SENDS_MAX));
}

#[test]
fn coming_back_to_the_page_reads_the_status_a_limited_number_of_times() {
    let (mut model, _) = Model::start(status(), Back::No);
    let reads = (0..1000).filter(|_| !update(&mut model, Msg::PageShown).is_empty()).count();
    assert_eq!(reads, usize::from(GLANCES_MAX));
}

#[test]
fn a_notice_about_blocked_access_cannot_be_hidden() {
    for access in [AccessLevel::Restricted, AccessLevel::Ended] {
        let (mut model, _) = Model::start(Status { access, ..status() }, Back::No);
        assert_eq!(update(&mut model, Msg::Dismiss), Vec::new());
    }
}

#[test]
fn the_same_card_is_tried_only_where_the_server_offers_it() {
    let (mut model, _) = Model::start(Status { can_retry: false, ..status() }, Back::No);
    assert_eq!(update(&mut model, Msg::Retry), Vec::new());
}

#[test]
fn a_declined_card_says_why() {
    let (mut model, _) = Model::start(status(), Back::No);
    for words in ["open", "setup made", "fields ready", "save", "confirmed declined"] {
        let msg = message(&model, words);
        update(&mut model, msg);
    }
    assert_eq!(model.note, Note::Declined(PayerReason::InsufficientFunds));
    let msg = message(&model, "save");
    update(&mut model, msg);
    assert_eq!(model.note, Note::Empty, "a new try begins without an old complaint");
}

#[test]
fn the_panel_names_what_the_bank_asks_about_and_nothing_else() {
    let (mut model, _) = Model::start(*status_with("in_1?+in_2?+in_3"), Back::No);
    assert_eq!(model.total().unwrap().amount_minor, 1500);
    update(&mut model, Msg::Open);
    assert_eq!(model.screen, Screen::Confirm);
    assert_eq!((model.bill().len(), model.total().unwrap().amount_minor), (2, 1000));
    model.status.invoices[1].amount_due.currency = "usd".to_owned();
    assert_eq!(model.total(), None, "two currencies have no sum");
}

#[test]
fn a_visit_to_the_bank_ends_with_a_note() {
    for (words, note) in [
        ("confirmed closed", Note::Closed),
        ("confirmed, bank in_1?", Note::NotConfirmed),
        ("confirmed, bank in_1", Note::Declined(PayerReason::CardExpired)),
    ] {
        let (mut model, _) = Model::start(*status_with("in_1?"), Back::No);
        for words in "open, save, handed in_1".split(", ").chain(words.split(", ")) {
            let msg = message(&model, words);
            update(&mut model, msg);
        }
        assert_eq!(model.note, note, "{words}");
        assert!(model.panel() != Screen::Hidden);
    }
}

#[test]
fn asking_the_server_about_the_bank_ends() {
    for word in ["pending", "lost", "provider", "busy"] {
        let (mut model, _) = Model::start(*status_with("in_1?"), Back::No);
        for words in ["open", "save", "handed in_1", "confirmed"] {
            let msg = message(&model, words);
            update(&mut model, msg);
        }
        let mut sends = 1;
        while !model.is_idle() {
            for words in [&format!("bank {word}"), "rang"] {
                let msg = message(&model, words);
                let cmds = update(&mut model, msg);
                sends += cmds.iter().filter(|cmd| matches!(cmd, Cmd::Send(..))).count();
            }
            assert!(sends <= POLL_DELAYS_MS.len() + 1, "{word}");
        }
        assert!(model.late, "{word}: {:?}", model.screen);
    }
}

fn news(kind: CardNewsKind) -> Status {
    let method = None;
    let card_news = Some(CardNews { kind, method, expires_at_ms: None });
    Status { card_news, ..*status_in(RecoveryState::Clear) }
}

fn say(model: &mut Model, words: &str) -> Vec<Cmd> {
    let msg = message(model, words);
    update(model, msg)
}

#[test]
fn a_card_that_expires_is_replaced_and_nobody_speaks_of_a_payment() {
    let (mut model, cmds) = Model::start(news(CardNewsKind::ExpiresSoon), Back::No);
    assert_eq!(cmds.iter().map(word_of).collect::<Vec<_>>(), ["shown-banner"]);
    assert!(model.inline().can_update && model.inline().can_dismiss);
    for words in ["open", "setup made", "fields ready", "save", "confirmed"] {
        say(&mut model, words);
    }
    let cmds = say(&mut model, "complete clear");
    assert!(model.is_news && model.screen == Screen::Recovered);
    assert!(!cmds.iter().any(|cmd| word_of(cmd).starts_with("tell-recovered")), "{cmds:?}");
}

#[test]
fn a_card_that_was_updated_asks_for_nothing() {
    let (mut model, _) = Model::start(news(CardNewsKind::Updated), Back::No);
    assert_eq!(model.news(), Some(CardNewsKind::Updated));
    assert!(!model.inline().can_update && model.inline().can_dismiss);
    // It is old news by the time the customer comes back.
    let cmds = say(&mut model, "glance clear");
    assert_eq!(cmds.iter().map(word_of).collect::<Vec<_>>(), ["tell-status", "leave"]);
}

#[test]
fn a_payment_that_fails_meanwhile_comes_first() {
    let (mut model, _) = Model::start(news(CardNewsKind::ExpiresSoon), Back::No);
    say(&mut model, "glance needed");
    assert!(!model.is_news && model.news().is_none() && model.screen == Screen::Banner);
}

#[test]
fn a_panel_that_does_not_come_is_told_in_the_page_and_tried_again() {
    let (mut model, _) = Model::start(status(), Back::No);
    assert_eq!(update(&mut model, Msg::NoPanel), [], "nobody waits for it");
    update(&mut model, Msg::Open);
    assert_eq!(model.panel(), Screen::Update);
    update(&mut model, Msg::NoPanel);
    assert_eq!((model.panel(), model.inline().screen), (Screen::Hidden, Screen::Error));
    let again = update(&mut model, Msg::Again);
    assert!(again.iter().any(|cmd| matches!(cmd, Cmd::MakeSetup(_))), "{again:?}");
    assert_eq!(model.panel(), Screen::Update);
}
