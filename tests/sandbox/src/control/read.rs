//! Reading the JSON of the control API: wrong names and values are refused, never ignored.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::error::ApiError;
use crate::json::Json;

/// Refuses fields that are not in `names`: a misspelt order would otherwise be a test of nothing.
pub(crate) fn allow(body: &Value, names: &[&str]) -> Result<(), ApiError> {
    let Some(map) = body.as_object() else {
        return Err(ApiError::invalid("Send a JSON object."));
    };
    match map.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let unknown: String = unknown.chars().take(64).collect();
            Err(ApiError::invalid(format!("{unknown}: unknown; known: {}", names.join(", "))))
        }
    }
}

/// A whole number in `range`, or `default` when absent.
pub(crate) fn number(
    body: &Value,
    name: &str,
    default: u64,
    range: RangeInclusive<u64>,
) -> Result<u64, ApiError> {
    match body.at(name) {
        Value::Null => Ok(default),
        value => value.as_u64().filter(|number| range.contains(number)).ok_or_else(|| {
            let (low, high) = (range.start(), range.end());
            ApiError::invalid(format!("{name}: a whole number from {low} to {high}"))
        }),
    }
}

/// A short text of letters, digits, `_`, `-` and `.`; `None` when absent or null.
pub(crate) fn word(
    body: &Value,
    name: &str,
    length_max: usize,
) -> Result<Option<String>, ApiError> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match body.at(name) {
        Value::Null => Ok(None),
        Value::String(text)
            if !text.is_empty() && text.len() <= length_max && text.chars().all(known) =>
        {
            Ok(Some(text.clone()))
        }
        _ => Err(ApiError::invalid(format!("{name}: a word of at most {length_max} letters"))),
    }
}
