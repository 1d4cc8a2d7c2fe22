//! Forms that are taken, and those that are not.

use super::*;
use crate::cancel::receipt;

/// 2026-11-22T00:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_305_600);

fn form(changes: &[(Field, &str)]) -> Form {
    let mut form = Form::default();
    let base = [
        (Field::Kind, "ordinary"),
        (Field::Name, "Ada"),
        (Field::Email, "ada@example.com"),
        (Field::Contract, "Studio Pro"),
        (Field::End, "earliest"),
    ];
    for (field, text) in base.iter().chain(changes) {
        *form.slot(*field) = (*text).to_owned();
    }
    form
}

fn told(changes: &[(Field, &str)]) -> String {
    match Declaration::read(&form(changes), NOW) {
        Ok(_) => "taken".to_owned(),
        Err(faults) => {
            let words = faults.iter().map(|(field, fault)| format!("{} {fault:?}", field.as_str()));
            words.collect::<Vec<_>>().join(", ")
        }
    }
}

#[test]
fn what_is_asked_for_is_what_the_law_names() {
    use Field as F;
    let long = |units: usize| "x".repeat(units + 1);
    let at_limit = "ä".repeat(NAME_UNITS_MAX);
    #[rustfmt::skip]
    let rows: &[(&[(F, &str)], &str)] = &[
        (&[],                                                     "taken"),
        (&[(F::Email, ""), (F::Number, "K-1")],                   "taken"),
        (&[(F::Email, "")],                                       "email Missing"),
        (&[(F::Email, "ada")],                                    "email NotReadable"),
        (&[(F::Email, "a@b@c"), (F::Number, "K-1")],              "email NotReadable"),
        (&[(F::Email, "a b@c")],                                  "email NotReadable"),
        (&[(F::Email, "a@b.example,c@d.example")],                "email NotReadable"),
        (&[(F::Name, " \t ")],                                    "name Missing"),
        (&[(F::Name, &at_limit)],                                 "taken"),
        (&[(F::Name, &long(NAME_UNITS_MAX))],                     "name TooLong"),
        (&[(F::Number, &long(NUMBER_UNITS_MAX))],                 "number TooLong"),
        (&[(F::Contract, &long(CONTRACT_UNITS_MAX))],             "contract TooLong"),
        (&[(F::Contract, "")],                                    "contract Missing"),
        (&[(F::Kind, "perhaps")],                                 "kind NotReadable"),
        (&[(F::Kind, "")],                                        "kind NotReadable"),
        (&[(F::Kind, "extraordinary")],                           "cause Missing"),
        (&[(F::Kind, "extraordinary"), (F::Cause, "It leaks.")],  "taken"),
        (&[(F::Cause, &long(CAUSE_UNITS_MAX))],                   "cause TooLong"),
        (&[(F::End, "")],                                         "end NotReadable"),
        (&[(F::End, ""), (F::Kind, "withdrawal")],                "taken"),
        (&[(F::End, "date")],                                     "end_date Missing"),
        (&[(F::End, "date"), (F::EndDate, "2026-12-31")],         "taken"),
        (&[(F::End, "date"), (F::EndDate, "2026-11-20")],         "taken"),
        (&[(F::End, "date"), (F::EndDate, "2026-11-19")],         "end_date NotReadable"),
        (&[(F::End, "date"), (F::EndDate, "2036-11-29")],         "taken"),
        (&[(F::End, "date"), (F::EndDate, "2036-12-01")],         "end_date NotReadable"),
        (&[(F::End, "date"), (F::EndDate, "2026-02-30")],         "end_date NotReadable"),
        (&[(F::End, "date"), (F::EndDate, "31.12.2026")],         "end_date NotReadable"),
        (&[(F::End, "date"), (F::EndDate, "20261231")],           "end_date NotReadable"),
    ];
    for (changes, expected) in rows {
        assert_eq!(told(changes), *expected, "{changes:?}");
    }
    let nothing = Declaration::read(&Form::default(), NOW).unwrap_err();
    let fields: Vec<&str> = nothing.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["kind", "name", "email", "contract", "end"], "all at once, in order");
}

#[test]
fn the_receipt_says_all_that_was_declared() {
    let written = [
        (Field::Kind, "extraordinary"),
        (Field::Cause, "It leaks.\r\nCustomer: somebody else"),
        (Field::Number, "K-1"),
        (Field::End, "date"),
        (Field::EndDate, "2026-12-31"),
    ];
    let declaration = Declaration::read(&form(&written), NOW).unwrap();
    let lines = declaration.receipt("dcl_1", NOW);
    let show = |_: &Value| "now".to_owned();
    let text = receipt::text(&lines, str::to_owned, show);
    let expected = "receipt.id: dcl_1
receipt.at: now
receipt.kind: receipt.kind.extraordinary
receipt.cause: It leaks. Customer: somebody else
declare.name: Ada
declare.email: ada@example.com
declare.number: K-1
receipt.contract: Studio Pro
receipt.effective_at: 2026-12-31
";
    assert_eq!(text, expected, "and a line that was written is no line of the receipt");
}

#[test]
fn an_end_is_a_day_or_the_earliest_and_a_withdrawal_has_none() {
    let end = |changes: &[(Field, &str)]| {
        let declaration = Declaration::read(&form(changes), NOW).unwrap();
        let lines = declaration.receipt("dcl_1", NOW);
        lines.into_iter().find(|line| line.key == "receipt.effective_at").map(|line| line.value)
    };
    assert_eq!(end(&[]), Some(Value::Key("declare.earliest")));
    let date = [(Field::EndDate, "2026-12-31")];
    assert_eq!(end(&date), Some(Value::Key("declare.earliest")), "the date was not chosen");
    assert_eq!(end(&[(Field::Kind, "withdrawal")]), None);
}

#[test]
fn what_is_stored_is_read_again() {
    let declaration = Declaration::read(&form(&[]), NOW).unwrap();
    let json = serde_json::to_string(&declaration).unwrap();
    let pinned = r#"{"kind":"ordinary","cause":null,"name":"Ada","email":"ada@example.com","#;
    assert!(json.starts_with(pinned), "the same words make the same declaration: {json}");
    assert_eq!(serde_json::from_str::<Declaration>(&json).unwrap(), declaration);
}
