//! The written forms: campaigns in the policy file, the log in the record.

use super::story::{Story, subject_id};
use reprieve_core::campaign::{
    Campaign, CampaignProblem, Channel, Content, LOG_ENTRIES_MAX, LogEntry, Logged, NoticeId,
    NoticeKind, SentLog, Span, StopRule, built_in, standard,
};
use reprieve_core::time::{DAY_MS, Timestamp};

fn json(value: impl serde::Serialize) -> String {
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn a_campaign_is_written_and_read() {
    for campaign in built_in() {
        let text = json(&campaign);
        let read: Campaign = serde_json::from_str(&text).unwrap();
        assert_eq!(read, campaign);
    }
}

/// What was written by version 1 loads for ever. It was the built-in campaign of its day, which may
/// change; the form may not.
#[test]
fn the_golden_campaign_loads() {
    let text = include_str!("../golden/campaign-v1.json");
    let read: Campaign = serde_json::from_str(text).unwrap();
    assert_eq!(read.problems(), []);
    assert_eq!(format!("{}\n", json(&read)), text);
}

#[test]
fn a_step_in_full() {
    let text = r#"{
        "name": "text_7", "kind": "payment_reminder", "channel": "sms", "anchor": "failure",
        "offset": "7 days", "late": "12 hours", "duty": "kind", "content": "service",
        "if": {
            "declined": ["expired"], "remedy": ["update_payment_method"], "network": ["visa"],
            "sector": ["consumer"], "country": ["DE", "fr"],
            "amount": [{ "currency": "eur", "from_minor": 1000, "below_minor": 5000 }],
            "attempts_min": 2, "attempts_max": 9, "interval_months_min": 1,
            "reacted_on": ["push"], "not_reacted_on": ["email"], "reacted_within": "30 days",
            "unreachable_on": ["in_app"]
        },
        "stop": [
            { "rule": "reacted", "on": ["email"] }, { "rule": "sent_max", "max": 3 },
            { "rule": "declined", "category": ["revoked"] }, { "rule": "complaint_open" },
            { "rule": "attempt_within", "within": "12 hours" }
        ]
    }"#;
    let step: reprieve_core::campaign::Step = serde_json::from_str(text).unwrap();
    assert_eq!(step.conditions.country.len(), 2);
    assert_eq!(step.stop.len(), 5);
    let again: reprieve_core::campaign::Step = serde_json::from_str(&json(&step)).unwrap();
    assert_eq!(again, step);
}

#[test]
fn an_error_says_what_may_be_written() {
    #[rustfmt::skip]
    let table = [
        (r#""kind": "payment_faild""#, "unknown variant `payment_faild`"),
        (r#""channel": "fax""#, "expected one of `in_app`"),
        (r#""offset": "3d""#, "not a span of time"),
        (r#""colour": "red""#, "unknown field `colour`"),
        (r#""if": { "sector": ["games"] }"#, "\"games\" is not one of b2b, consumer, game"),
        (r#""if": { "country": ["UK"] }"#, "\"UK\" is not a country code"),
        (r#""if": { "nothing": 1 }"#, "unknown field `nothing`"),
        (r#""stop": [{ "rule": "never" }]"#, "unknown variant `never`"),
    ];
    for (key, expected) in table {
        let (name, _) = key.split_once(':').unwrap();
        let base = [
            r#""name": "a""#,
            r#""kind": "payment_failed""#,
            r#""channel": "email""#,
            r#""anchor": "failure""#,
        ];
        let others = base.into_iter().filter(|other| !other.starts_with(name));
        let text = others.chain([key]).collect::<Vec<_>>().join(", ");
        let read: Result<reprieve_core::campaign::Step, _> =
            serde_json::from_str(&format!("{{ {text} }}"));
        let error = read.expect_err(key).to_string();
        assert!(error.contains(expected), "{key}: {error}");
    }
}

fn problem(change: impl FnOnce(&mut Campaign)) -> String {
    let mut campaign = standard();
    change(&mut campaign);
    let problems: Vec<CampaignProblem> = campaign.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

#[test]
fn each_mistake_is_named_with_its_place_and_what_is_allowed() {
    let at = |step: &str, key: &str| format!("campaign \"standard\", step \"{step}\", `{key}`: ");
    let of_all = |key: &str| format!("campaign \"standard\", `{key}`: ");
    type Change = fn(&mut Campaign);
    #[rustfmt::skip]
    let table: Vec<(Change, String, &str)> = vec![
        (|c| c.coalesce = Span::days(8), of_all("coalesce"), "\"0 days\" to \"7 days\""),
        (|c| c.caps[0].max = 0, of_all("caps"), "at least 1"),
        (|c| c.caps[0].window = Span::ZERO, of_all("caps"), "a window longer than nothing"),
        (|c| c.caps[0].channels.push(Channel::Webhook), of_all("caps"), "in_app, email, sms, push"),
        (|c| c.caps = vec![c.caps[0].clone(); 11], of_all("caps"), "at most 10"),
        (|c| c.quiet.from = 25, of_all("quiet"), "hours from 0 to 24"),
        (|c| c.stop.push(StopRule::SentMax { max: 0 }), of_all("stop.max"), "at least 1"),
        (|c| c.steps[0].name = "A b".to_owned(), at("A b", "name"), "lower-case letters"),
        (|c| c.steps[0].name = c.steps[1].name.clone(), at("mail_first", "name"), "each name once"),
        (|c| c.steps[1].offset = Span::days(-1), at("mail_first", "offset"), "\"0 days\" or later"),
        (|c| c.steps[0].late = Some(Span::days(-1)), at("banner_first", "late"), "366 days"),
        (|c| c.steps[1].content = Content::WithOffer, at("mail_first", "content"), "in_app"),
        (|c| c.steps[1].kind = NoticeKind::Recovered, at("mail_first", "anchor"), "recovery"),
        (|c| (c.steps[1].conditions.attempts_min, c.steps[1].conditions.attempts_max) =
            (Some(3), Some(2)), at("mail_first", "if.attempts_min"), "at most if.attempts_max"),
        (|c| c.steps[1].conditions.reacted_within = Some(Span::ZERO),
            at("mail_first", "if.reacted_within"), "longer than nothing"),
        (|c| c.steps[1].stop.push(StopRule::Declined { category: vec![] }),
            at("mail_first", "stop.category"), "at least one"),
        (|c| c.steps[1].stop.push(StopRule::AttemptWithin { within: Span::days(8) }),
            at("mail_first", "stop.within"), "7 days"),
    ];
    for (change, place, allowed) in table {
        let text = problem(change);
        assert!(text.starts_with(&place) && text.contains(allowed), "{text}");
    }
    let late = problem(|c| {
        let step = c.steps.iter_mut().find(|step| step.name == "mail_grace_3").unwrap();
        step.late = Some(Span::days(4));
    });
    assert!(late.contains("no longer than the time until the anchor"), "{late}");
    let before = problem(|c| {
        let step = c.steps.iter_mut().find(|step| step.name == "mail_trial_first").unwrap();
        step.offset = Span::days(1);
    });
    assert!(before.contains("negative"), "{before}");
}

#[test]
fn the_log_is_written_and_read() {
    let mut s = Story::failed(standard());
    s.on(0, "09:30").fails("in_2", 14).on(1, "00:00").is_paid("in_1").on(2, "00:00");
    let text = json(&s.log);
    let read: SentLog = serde_json::from_str(&text).unwrap();
    assert_eq!(read, s.log);
    let golden = include_str!("../golden/sent-log-v1.json");
    let read: SentLog = serde_json::from_str(golden).unwrap();
    assert_eq!(format!("{}\n", json(&read)), golden);
}

#[test]
fn a_name_is_read_only_as_it_is_written() {
    let id: NoticeId = serde_json::from_str("\"payment_failed:in_1:mail_first\"").unwrap();
    assert_eq!(id.to_string(), "payment_failed:in_1:mail_first");
    assert_eq!((id.kind, id.subject), (NoticeKind::PaymentFailed, subject_id("in_1")));
    let long = format!("payment_failed:{}:a", "x".repeat(122));
    for bad in ["", "a", "payment_failed:in_1", "payment_failed:in_1:a:b", "paid:in_1:a", &long]
        .into_iter()
        .chain(["payment_failed::a", "payment_failed:in 1:a", "payment_failed:in_1:A"])
    {
        assert!(NoticeId::try_from(bad.to_owned()).is_err(), "{bad:?}");
    }
}

#[test]
fn the_log_forgets_the_oldest() {
    let entry = |n: i64| LogEntry {
        id: NoticeId {
            kind: NoticeKind::PaymentFailed,
            subject: subject_id(&format!("in_{n}")),
            step: "a".to_owned(),
        },
        channel: Channel::Email,
        at: Timestamp::from_ms(n),
        covers: vec![],
        outcome: Logged::Sent,
    };
    let mut log = SentLog::default();
    let many = i64::try_from(LOG_ENTRIES_MAX).unwrap() + 10;
    (0..many).for_each(|n| log.record(entry(n)));
    assert_eq!(log.iter().count(), LOG_ENTRIES_MAX);
    assert_eq!(log.iter().next().unwrap().at.as_ms(), 10);
    // What was decided against goes first.
    let rule = "campaign.too_late".to_owned();
    log.record(LogEntry { outcome: Logged::Suppressed { rule }, ..entry(many) });
    log.record(entry(many + 1));
    assert_eq!(log.sent().count(), LOG_ENTRIES_MAX);
    assert_eq!(log.iter().next().unwrap().at.as_ms(), 11);
    log.record(entry(741 * DAY_MS));
    assert_eq!(log.iter().count(), 1);
}
