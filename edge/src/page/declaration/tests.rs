//! The page of declarations, in every language.

use super::*;
use reprieve_core::cancel::declaration::Declaration;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_seconds(1_795_305_600);

fn frame(way: Way, language: &str) -> Frame<'_> {
    let contact_url = Some("mailto:a@b.example?x=1&y=2");
    let merchant = Merchant { name: "Ada & <Sons>", contact_url };
    Frame { way, language, merchant, shows_other: true }
}

fn written() -> Form {
    let mut form = Form::default();
    for (field, text) in [
        (Field::Kind, "extraordinary"),
        (Field::Cause, "\"It\" leaks </textarea><script>"),
        (Field::Name, "Ada <b>"),
        (Field::Number, "K-1"),
        (Field::Contract, "Studio & Pro"),
        (Field::End, "earliest"),
    ] {
        text.clone_into(form.slot(field));
    }
    form
}

/// Keys that a template names, and those that the code names.
fn keys() -> BTreeSet<&'static str> {
    let marked = FORM.split("{{").skip(1).map(|marked| marked.split_once("}}").unwrap().0);
    let in_form = marked.filter(|name| name.contains('.'));
    let named = [
        "direction",
        "action.contact",
        "cancel.entry.de",
        "withdraw.entry",
        "cancel.confirm.de",
        "withdraw.confirm",
        "declare.faults",
        "declare.fault.missing",
        "declare.fault.too_long",
        "declare.fault.not_readable",
        "declare.done_title",
        "declare.done_text",
        "declare.save",
        "declare.problem_title",
        "declare.problem_text",
        "receipt.id",
        "receipt.at",
        "receipt.kind",
        "receipt.kind.withdrawal",
        "receipt.cause",
        "receipt.contract",
        "receipt.effective_at",
    ];
    in_form.chain(named).collect()
}

#[test]
fn every_text_is_there_in_every_language_and_none_is_too_many() {
    for (language, own, _) in LANGUAGES {
        for key in keys() {
            let text = texts_of(language).get(key).map(|text| text.trim());
            assert!(text.is_some_and(|text| !text.is_empty()), "{language} {key}");
        }
        let own: Texts = serde_json::from_str(own).unwrap();
        let known = keys();
        assert!(own.keys().all(|key| known.contains(key.as_str())), "{language}");
    }
}

#[test]
fn nothing_is_left_open_and_nothing_written_becomes_markup() {
    let faults = [(Field::Email, Fault::Missing), (Field::Cause, Fault::TooLong)];
    for (language, ..) in LANGUAGES {
        for way in [Way::Cancel, Way::Withdraw] {
            let frame = frame(way, language);
            let declaration = Declaration::read(&written(), NOW).unwrap();
            let lines = declaration.receipt("dcl_1", NOW);
            let pages = [
                form(frame, &written(), "token", &faults),
                receipt(frame, &lines, (&written(), "token"), None),
                problem(frame),
            ];
            for page in pages {
                assert!(!page.contains("{{") && !page.contains("}}"), "{page}");
                assert!(!page.contains("<script") && !page.contains("<Sons>"), "{page}");
                assert!(!page.contains("<b>") && !page.contains("style="), "{page}");
                assert!(page.contains("mailto:a@b.example?x=1&amp;y=2"), "a person: {page}");
                assert_eq!(page.contains("dir=\"rtl\""), language == "ar");
            }
        }
    }
}

#[test]
fn the_form_keeps_what_was_written_and_says_what_is_missing() {
    let faults = [(Field::Email, Fault::Missing)];
    let page = form(frame(Way::Cancel, "en"), &written(), "token", &faults);
    assert!(page.contains("value=\"extraordinary\" checked>"), "{page}");
    assert!(page.contains("value=\"ordinary\" >") && page.contains("value=\"earliest\" checked>"));
    assert!(page.contains("&quot;It&quot; leaks &lt;/textarea&gt;"), "{page}");
    assert!(page.contains("value=\"K-1\"") && page.contains("maxlength=\"254\""));
    assert!(page.contains("aria-invalid=\"true\" aria-describedby=\"fault-email\""));
    assert_eq!(page.matches("class=\"fault\"").count(), 2, "the field, and above all");
    assert!(page.contains(">Cancel now</button>"), "the law's words");

    let fresh = form(frame(Way::Cancel, "de"), &Form::default(), "token", &[]);
    assert!(fresh.contains("value=\"ordinary\" checked>") && !fresh.contains("fault\""));
    assert!(fresh.contains("<h1>Verträge hier kündigen</h1>"), "{fresh}");
    assert!(fresh.contains(">jetzt kündigen</button>"), "{fresh}");
    assert!(fresh.contains("<a href=\"/withdraw\">Vertrag hier widerrufen</a>"), "{fresh}");
    assert_eq!(fresh.matches("hidden disabled").count(), 0);

    let withdrawal = form(frame(Way::Withdraw, "de"), &Form::default(), "token", &[]);
    assert!(withdrawal.contains("<h1>Vertrag hier widerrufen</h1>"), "{withdrawal}");
    assert!(withdrawal.contains(">Widerruf bestätigen</button>"), "{withdrawal}");
    assert!(withdrawal.contains("action=\"/withdraw\""));
    assert_eq!(withdrawal.matches("hidden disabled").count(), 2, "no kind, no end");
}

#[test]
fn the_receipt_is_a_page_and_a_file_with_the_same_lines() {
    let declaration = Declaration::read(&written(), NOW).unwrap();
    let lines = declaration.receipt("dcl_1", NOW);
    let frame = frame(Way::Cancel, "en");
    let zone = Some("Europe/Berlin");
    let text = receipt_text(frame, &lines, zone);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "Number: dcl_1");
    assert_eq!(rows[1], "Received: 2026-11-22 01:00 (Europe/Berlin)");
    assert_eq!(rows[2], "Declaration: Cancellation for an important cause");
    assert_eq!(rows.last(), Some(&"Ends: As early as possible"));
    let page = receipt(frame, &lines, (&written(), "token"), zone);
    assert_eq!(page.matches("<dt>").count(), rows.len());
    assert!(page.contains("name=\"as\" value=\"text\">Save the receipt</button>"), "{page}");
    assert!(page.contains("name=\"contract\" value=\"Studio &amp; Pro\""), "{page}");
    assert!(receipt_text(frame, &lines, Some("Mars/Base")).contains("00:00 (UTC)"));
}

#[test]
fn a_path_is_one_of_two_ways() {
    assert_eq!(Way::at("/withdraw"), Way::Withdraw);
    assert_eq!(Way::at("/cancel"), Way::Cancel);
    assert!([Way::Cancel, Way::Withdraw].iter().all(|way| Way::at(way.path()) == *way));
}
