use super::*;

fn shipped() -> String {
    let root = Paths::discover().unwrap().root;
    std::fs::read_to_string(root.join(FILE)).unwrap()
}

/// Whoever changes the file counts its version up, and may then say what they like.
#[test]
fn the_shipped_policy_is_the_default() {
    let policy = parse(&shipped(), FILE).unwrap_or_else(|lines| panic!("{lines:#?}"));
    if policy.version() == Policy::default().version() {
        assert_eq!(policy, Policy::default());
    }
}

#[test]
fn what_is_printed_as_json_is_the_same_policy() {
    let policy = Policy::default();
    let text = serde_json::to_string(&PolicyFile::from(&policy)).unwrap();
    assert_eq!(parse(&text, "policy.json"), Ok(policy));
}

fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    if let Some(fields) = value.as_object() {
        for (name, field) in fields {
            found.push(name.clone());
            keys(field, found);
        }
    }
    value.as_array().into_iter().flatten().for_each(|item| keys(item, found));
}

/// The golden policy of the core uses every key.
#[test]
fn the_reference_names_every_key() {
    let root = Paths::discover().unwrap().root;
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let golden = serde_json::from_str(&read("shared/tests/golden/policy-v1.json")).unwrap();
    let mut names = Vec::new();
    keys(&golden, &mut names);
    let reference = read("docs/policy.md");
    let words: Vec<&str> =
        reference.split(|symbol: char| !(symbol.is_alphanumeric() || symbol == '_')).collect();
    let absent: Vec<_> = names.iter().filter(|name| !words.contains(&name.as_str())).collect();
    assert!(names.len() > 200 && absent.is_empty(), "{absent:?}");
}

const SMALL: &str = r#"version = 1

[[segments]]
name = "year"
match = { interval = "year" }

[segments.retry]
rungs = [
  { delay = "1 day" },
  { delay = "2 days" },
]

[[segments]]
name = "rest"

[segments.grace]
restricted = "14 days"
"#;

fn problems(from: &str, to: &str) -> Vec<String> {
    assert!(SMALL.contains(from), "{from}");
    parse(&SMALL.replace(from, to), "p.toml").expect_err(to)
}

#[test]
fn a_problem_names_line_key_and_what_is_allowed() {
    for (from, to, wanted) in [
        (
            "2 days\" }",
            "3 dyas\" }",
            "p.toml:10: segments[0].retry.rungs[1].delay: \"3 dyas\" is not a duration; write for \
             example \"3 days\", \"12 hours\"",
        ),
        (
            "\"year\" }",
            "\"years\" }",
            "p.toml:5: segments[0].match.interval: \"years\" is not known; write \"month\", \
             \"year\" or \"other\"",
        ),
        (
            "14 days",
            "1 decade",
            "p.toml:17: segments[1].grace.restricted: \"1 decade\" is not a duration; write for \
             example \"3 days\", \"12 hours\"",
        ),
        ("version = 1\n", "\n", "p.toml: version: is missing; write version = 1"),
        (
            "name = \"rest\"",
            "",
            "p.toml:13: segments[1].name: is missing; write a name of 1 to 40 letters (a to z), \
             digits, '_' and '-'",
        ),
        (
            "  { delay = \"1 day\" },",
            "  {},",
            "p.toml:9: segments[0].retry.rungs[0].delay: is missing; write for example \"3 days\", \
             \"12 hours\"",
        ),
    ] {
        assert_eq!(problems(from, to), [wanted], "{to}");
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = SMALL.replace("2 days", "soon").replace("14 days", "late").replace("= 1\n", "= 0\n");
    let lines = parse(&text, "p.toml").expect_err("three mistakes");
    let places: Vec<&str> = lines.iter().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(places, ["p.toml:1", "p.toml:10", "p.toml:17"], "{lines:#?}");
}

#[test]
fn what_does_not_fit_the_form_names_line_and_key_too() {
    for (from, to, place, word) in [
        ("restricted =", "restricte =", "p.toml:17: segments[1].grace.restricte: ", "`restricted`"),
        ("\"14 days\"", "14", "p.toml:17: segments[1].grace.restricted: ", "a string"),
        ("version = 1", "version = \"1\"", "p.toml:1: version: ", "i64"),
        ("{ interval = \"year\" }", "\"year\"", "p.toml:5: segments[0].match: ", "struct"),
        ("{ delay = \"1 day\" }", "\"1 day\"", "p.toml:9: segments[0].retry.rungs[0]: ", "struct"),
        ("[segments.grace]", "[segments.grac]", "p.toml:16: segments[1].grac: ", "`grace`"),
        ("14 days\"", "14 days", "p.toml:17: ", "string"),
        ("[segments.grace]", "[segments.grace", "p.toml:16: ", "]"),
        ("name = \"rest\"", "name = \"rest\"\nname = \"more\"", "p.toml:15: ", "duplicate"),
    ] {
        let lines = problems(from, to);
        let fits = |line: &String| line.starts_with(place) && line.contains(word);
        assert!(lines.len() == 1 && lines.iter().all(fits), "{to}: {lines:?}");
    }
}

#[test]
fn a_campaign_of_one_s_own_is_placed_too() {
    let campaign = r#"
[[campaigns]]
name = "own"
tone = "consumer"
coalesce = "1 day"

[[campaigns.steps]]
name = "end"
kind = "grace_ending"
channel = "email"
anchor = "grace_end"
offset = "-3 days"
"#;
    let text = SMALL.replace("name = \"rest\"", "name = \"rest\"\ncampaign = \"own\"") + campaign;
    assert_eq!(parse(&text, "p.toml").map(|policy| policy.settings().campaign.steps.len()), Ok(1));
    for (from, to, start) in [
        ("-3 days", "3 days", "p.toml:30: campaigns[0].steps[0].offset: 3 days; allowed: "),
        ("-3 days", "-3 dyas", "p.toml:30: campaigns[0].steps[0].offset: not a span of time; "),
        ("\"email\"", "\"fax\"", "p.toml:28: campaigns[0].steps[0].channel: unknown variant `fax`"),
        (
            "= \"end\"",
            "= \"End\"",
            "p.toml:26: campaigns[0].steps[0].name: \"End\" is not a name; ",
        ),
    ] {
        let lines = parse(&text.replace(from, to), "p.toml").expect_err(to);
        assert!(lines.len() == 1 && lines[0].starts_with(start), "{start} {lines:?}");
    }
}

#[test]
fn json_is_read_as_well() {
    let lines = parse("{\"version\": 1,\n \"drivr\": 2}", "p.json").expect_err("an unknown key");
    assert!(lines[0].contains("drivr") && lines[0].contains("line 2"), "{lines:?}");
    let lines = parse("{\"version\": 1}", "p.json").expect_err("no segment");
    assert!(lines[0].starts_with("p.json: segments: there is none"), "{lines:?}");
}

/// Nothing that a file holds may end the program by force: cut, doubled and swapped pieces of a
/// policy, deep nesting, and bytes that are no text.
#[test]
fn no_text_is_too_wild() {
    let shipped = shipped();
    let end = |at: usize| (at..=shipped.len()).find(|at| shipped.is_char_boundary(*at)).unwrap();
    for at in (0..shipped.len()).step_by(211) {
        let (head, tail) = shipped.split_at(end(at));
        for text in [head.to_owned(), tail.to_owned(), format!("{tail}{head}")] {
            let _read = parse(&text, FILE);
        }
    }
    let deep = |open: &str, close: &str| format!("a = {}{}", open.repeat(20_000), close);
    for text in [
        deep("[", ""),
        deep("{a=", "1"),
        "[a".to_owned() + &".a".repeat(30_000) + "]",
        "a".to_owned() + &".a".repeat(30_000) + " = 1",
        "\"a\"".to_owned() + &".\"a\"".repeat(15_000) + " = 1",
        "\u{0}\u{feff}=\r=".to_owned(),
    ] {
        assert!(parse(&text, FILE).is_err());
    }
}

#[test]
fn a_file_that_is_too_large_is_not_parsed() {
    let dir = std::env::temp_dir().join(format!("reprieve-policy-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("large.toml");
    std::fs::write(&path, "#".repeat(POLICY_FILE_BYTES_MAX + 1)).unwrap();
    let error = load(&path, "large.toml").expect_err("one byte too many");
    assert!(error.to_string().contains("larger than 65536 bytes"), "{error}");
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(load(&path, "large.toml").is_err());
    std::fs::write(&path, " ".repeat(POLICY_FILE_BYTES_MAX + 1)).unwrap();
    let error = load(&path, "large.json").expect_err("it has room there, but says nothing");
    assert!(error.to_string().contains("1 to mend"), "{error}");
    assert!(load(&dir.join("absent.toml"), "absent.toml").is_err());
    std::fs::remove_dir_all(&dir).unwrap();
}
