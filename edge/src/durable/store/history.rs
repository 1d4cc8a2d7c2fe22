//! The append-only history in the Account's SQLite: attempts with their decisions, notes, and what
//! customers did who wanted to leave.

use super::{StoreError, exec};
use reprieve_core::calendar::Zone;
use reprieve_core::cancel::{CancelEntry, CancelLine};
use reprieve_core::case::JournalEntry;
use serde_json::json;
use worker::{SqlStorage, SqlStorageValue as Value};

/// Writes one line of history, in the transaction that it belongs to.
pub(super) fn write(
    sql: &SqlStorage,
    entry: &JournalEntry,
    zone: &Zone,
    at: &Value,
) -> Result<(), StoreError> {
    write_attempt(sql, entry, at)?;
    write_decision(sql, entry, zone, at)?;
    write_note(sql, entry, at)?;
    write_complaint(sql, entry, at)?;
    write_leaving(sql, entry, at)
}

fn write_attempt(sql: &SqlStorage, entry: &JournalEntry, at: &Value) -> Result<(), StoreError> {
    let query = "INSERT INTO attempt (invoice, number, step, key, method, detail, at_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?)";
    let bindings = match entry {
        JournalEntry::AttemptStarted { invoice, attempt } => {
            let method = attempt.method.as_ref().map(|method| method.as_str());
            vec![
                Value::from(invoice.as_str()),
                Value::Integer(i64::from(attempt.number)),
                Value::from("started"),
                Value::from(attempt.key.as_str()),
                Value::from(method),
                Value::from(attempt.trigger.as_str()),
                at.clone(),
            ]
        }
        JournalEntry::AttemptEnded { invoice, number, outcome, .. } => vec![
            Value::from(invoice.as_str()),
            Value::Integer(i64::from(*number)),
            Value::from("ended"),
            Value::Null,
            Value::Null,
            Value::from(*outcome),
            at.clone(),
        ],
        // The record and the read model tell of these.
        JournalEntry::CaseOpened { .. } | JournalEntry::CaseClosed { .. } => return Ok(()),
        JournalEntry::MethodRenewed { .. }
        | JournalEntry::CardExpires(_)
        | JournalEntry::Complaint(_)
        | JournalEntry::Cancel(_)
        | JournalEntry::CancelNotice(_) => return Ok(()),
    };
    exec(sql, query, bindings)
}

fn write_decision(
    sql: &SqlStorage,
    entry: &JournalEntry,
    zone: &Zone,
    at: &Value,
) -> Result<(), StoreError> {
    let JournalEntry::AttemptStarted { invoice, attempt } = entry else { return Ok(()) };
    let Some(decision) = &attempt.decision else { return Ok(()) };
    let json = serde_json::to_string(decision).map_err(|error| StoreError(error.to_string()))?;
    let query = "INSERT INTO decision (key, invoice, number, decision, sentence, at_ms)
        VALUES (?, ?, ?, ?, ?, ?)";
    let bindings = vec![
        Value::from(attempt.key.as_str()),
        Value::from(invoice.as_str()),
        Value::Integer(i64::from(attempt.number)),
        json.into(),
        decision.sentence(zone).into(),
        at.clone(),
    ];
    exec(sql, query, bindings)
}

fn write_note(sql: &SqlStorage, entry: &JournalEntry, at: &Value) -> Result<(), StoreError> {
    let JournalEntry::MethodRenewed { method } = entry else { return Ok(()) };
    let query = "INSERT INTO note (kind, subject, at_ms) VALUES ('method_renewed', ?, ?)";
    exec(sql, query, vec![Value::from(method.id.as_str()), at.clone()])
}

fn write_complaint(sql: &SqlStorage, entry: &JournalEntry, at: &Value) -> Result<(), StoreError> {
    let JournalEntry::Complaint(complaint) = entry else { return Ok(()) };
    // One that is older than the account remembers may come again under its name.
    let query = "INSERT INTO complaint (id, category, text, invoice, cancellation, at_ms)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let bindings = vec![
        Value::from(complaint.id.as_str()),
        Value::from(complaint.category.as_str()),
        Value::from(complaint.text.as_str()),
        Value::from(complaint.invoice.as_ref().map(|id| id.as_str())),
        Value::from(complaint.cancellation.as_ref().map(|id| id.as_str())),
        at.clone(),
    ];
    exec(sql, query, bindings)
}

fn write_leaving(sql: &SqlStorage, entry: &JournalEntry, at: &Value) -> Result<(), StoreError> {
    let JournalEntry::Cancel(CancelLine { id, entry }) = entry else { return Ok(()) };
    let (word, detail) = told(entry);
    let query = "INSERT INTO leaving (cancellation, entry, detail, at_ms) VALUES (?, ?, ?, ?)";
    let detail = detail.map_or(Value::Null, |detail| Value::from(detail.to_string()));
    exec(sql, query, vec![Value::from(id.as_str()), Value::from(word), detail, at.clone()])
}

/// A line as a word and what belongs to it.
fn told(entry: &CancelEntry) -> (&'static str, Option<serde_json::Value>) {
    match entry {
        CancelEntry::Started { kind, jurisdiction, found_by } => {
            let detail = json!({
                "kind": kind.as_str(),
                "jurisdiction": jurisdiction.as_str(),
                "found_by": found_by.as_str(),
            });
            ("started", Some(detail))
        }
        CancelEntry::Reason { reason } => {
            ("reason", Some(json!({"reason": reason.map(|reason| reason.as_str())})))
        }
        CancelEntry::OffersShown { offers } => {
            let shown =
                |(name, likely): &(String, u32)| json!({"offer": name, "propensity_ppm": likely});
            ("offers_shown", Some(offers.iter().map(shown).collect()))
        }
        CancelEntry::FollowedLink { offer } => ("followed_link", Some(json!({"offer": offer}))),
        CancelEntry::OfferAccepted { offer } => ("offer_accepted", Some(json!({"offer": offer}))),
        CancelEntry::OfferTaken { offer } => ("offer_taken", Some(json!({"offer": offer}))),
        CancelEntry::OfferFailed { offer } => ("offer_failed", Some(json!({"offer": offer}))),
        CancelEntry::Confirmed { effective_at } => {
            ("confirmed", Some(json!({"effective_at_ms": effective_at.as_ms()})))
        }
        CancelEntry::PauseExtended { resumes_at } => {
            ("pause_extended", Some(json!({"resumes_at_ms": resumes_at.as_ms()})))
        }
        CancelEntry::OfferHolds { offer } => ("offer_holds", Some(json!({"offer": offer}))),
        CancelEntry::Refused { act, target } => {
            ("refused", Some(json!({"act": act, "target": target})))
        }
        CancelEntry::Stuck { act, target } => {
            ("stuck", Some(json!({"act": act, "target": target})))
        }
        CancelEntry::HeldOut => ("held_out", None),
        CancelEntry::OffersRefused => ("offers_refused", None),
        CancelEntry::Feedback => ("feedback", None),
        CancelEntry::Stayed => ("stayed", None),
        CancelEntry::Canceled => ("canceled", None),
        CancelEntry::UndoAsked => ("undo_asked", None),
        CancelEntry::Undone => ("undone", None),
        CancelEntry::UndoFailed => ("undo_failed", None),
        CancelEntry::Ended => ("ended", None),
        CancelEntry::Lapsed => ("lapsed", None),
        CancelEntry::ResumeAsked => ("resume_asked", None),
        CancelEntry::Resumed => ("resumed", None),
    }
}
