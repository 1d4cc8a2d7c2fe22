use super::*;
use reprieve_core::api::status::PayerReason;

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

fn setup() -> NewPaymentMethod {
    NewPaymentMethod {
        id: "seti_1".to_owned(),
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
        _ => None,
    };
    let answer = state.map(status_in).ok_or_else(|| failure(word));
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
        ("rang", _) => Msg::Rang(flow),
        ("setup", "made") => Msg::SetupMade(flow, Ok(setup())),
        ("setup", word) => Msg::SetupMade(flow, Err(failure(word))),
        ("fields", "ready") => Msg::Fields(flow, Ok(())),
        ("fields", _) => Msg::Fields(flow, Err(())),
        ("confirmed", "") => Msg::Confirmed(flow, Ok(())),
        ("confirmed", "declined") => {
            Msg::Confirmed(flow, Err(Refusal::Declined(PayerReason::InsufficientFunds)))
        }
        ("confirmed", _) => Msg::Confirmed(flow, Err(Refusal::Invalid(None))),
        ("read", word) => answer(Job::Read, flow, word),
        ("glance", word) => answer(Job::Glance, flow, word),
        ("retry", word) => answer(Job::Retry, flow, word),
        ("complete", word) => answer(Job::Complete, flow, word),
        _ => panic!("no message is called {words}"),
    }
}

/// A command in a word or two, without flow numbers.
fn word_of(cmd: &Cmd) -> String {
    match cmd {
        Cmd::MakeSetup(_) => "make-setup".to_owned(),
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
                let state = match start {
                    "start needed" => RecoveryState::ActionNeeded,
                    "start pending" => RecoveryState::Pending,
                    "start clear" => RecoveryState::Clear,
                    _ => panic!("a story begins with a start: {start}"),
                };
                let started = Model::start(*status_in(state));
                model = Some(started.0);
                started.1
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
    assert!(stories >= 25, "only {stories} stories were found");
}

#[test]
fn polling_ends() {
    let (mut model, mut cmds) = Model::start(*status_in(RecoveryState::Pending));
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
    let (mut model, _) = Model::start(status());
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
    let (mut model, _) = Model::start(status());
    let reads = (0..1000).filter(|_| !update(&mut model, Msg::PageShown).is_empty()).count();
    assert_eq!(reads, usize::from(GLANCES_MAX));
}

#[test]
fn a_notice_about_blocked_access_cannot_be_hidden() {
    for access in [AccessLevel::Restricted, AccessLevel::Ended] {
        let (mut model, _) = Model::start(Status { access, ..status() });
        assert_eq!(update(&mut model, Msg::Dismiss), Vec::new());
    }
}

#[test]
fn the_same_card_is_tried_only_where_the_server_offers_it() {
    let (mut model, _) = Model::start(Status { can_retry: false, ..status() });
    assert_eq!(update(&mut model, Msg::Retry), Vec::new());
}

#[test]
fn a_declined_card_says_why() {
    let (mut model, _) = Model::start(status());
    for words in ["open", "setup made", "fields ready", "save", "confirmed declined"] {
        let msg = message(&model, words);
        update(&mut model, msg);
    }
    assert_eq!(model.note, Note::Declined(PayerReason::InsufficientFunds));
    let msg = message(&model, "save");
    update(&mut model, msg);
    assert_eq!(model.note, Note::Empty, "a new try begins without an old complaint");
}
