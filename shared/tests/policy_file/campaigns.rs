//! Campaigns of a merchant's own.

use super::{read, told, with};
use serde_json::{Value, json};

fn own_campaign() -> Value {
    json!({
        "name": "own",
        "tone": "consumer",
        "coalesce": "1 day",
        "steps": [
            { "name": "mail", "kind": "payment_failed", "channel": "email", "anchor": "failure" },
            {
                "name": "end", "kind": "grace_ending", "channel": "email", "anchor": "grace_end",
                "offset": "-3 days",
            },
        ],
    })
}

#[test]
fn a_segment_names_a_built_in_campaign_or_one_of_the_file() {
    let mut file = with("campaigns", json!([own_campaign()]));
    file["segments"][0]["campaign"] = json!("own");
    let policy = read(file.clone()).unwrap();
    let year = &policy.segment_named("year").settings;
    assert_eq!((year.campaign.name.as_str(), year.campaign.steps.len()), ("own", 2));
    assert_eq!(*policy.settings().campaign, reprieve_core::campaign::standard());
    // One with the name of a built-in one stands in its place.
    file["campaigns"][0]["name"] = json!("standard");
    file["segments"][0]["campaign"] = Value::Null;
    let unnamed = read(file.clone()).expect_err("no segment names it");
    assert!(unnamed[0].starts_with("campaigns[0].name: no segment names it"), "{unnamed:?}");
    file["segments"][1]["campaign"] = json!("standard");
    assert_eq!(read(file).unwrap().settings().campaign.steps.len(), 2);
    let lines = told("segments.1.campaign", json!("standart"));
    let wanted = "segments[1].campaign: there is no campaign \"standart\"; write \"standard\", \
                  \"business\" or \"game\"";
    assert_eq!(lines, [wanted]);
}

#[test]
fn a_campaign_s_problems_name_their_place() {
    let told = |place: [&str; 2], value: Value| {
        let mut file = with("campaigns", json!([own_campaign()]));
        file["segments"][1]["campaign"] = json!("own");
        file["campaigns"][0]["steps"][1][place[0]] = value;
        let lines = read(file).expect_err(place[0]);
        let start = format!("campaigns[0].steps[1].{}: ", place[1]);
        assert!(lines.iter().any(|line| line.starts_with(&start)), "{start} {lines:?}");
    };
    told(["offset", "offset"], json!("3 days"));
    told(["name", "name"], json!("mail"));
    told(["content", "content"], json!("with_offer"));
    told(["stop", "stop.max"], json!([{ "rule": "sent_max", "max": 0 }]));
    told(["if", "if.reacted_within"], json!({ "reacted_within": "0 days" }));
    let twice = json!([own_campaign(), own_campaign()]);
    let mut file = with("campaigns", twice);
    file["segments"][1]["campaign"] = json!("own");
    let lines = read(file).expect_err("twice");
    assert_eq!(lines, ["campaigns[1].name: \"own\" is there twice; write another name"]);
}
