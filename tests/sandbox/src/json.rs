//! Short ways to read and write the JSON objects that this program keeps.
//!
//! A missing or differently typed field reads as empty: the objects are made by this program, so
//! a wrong type is a defect that the tests show, not something to handle at each place.

use serde_json::{Map, Value};

/// Reads and writes of one JSON object; `path` is a JSON pointer without the leading slash.
pub(crate) trait Json {
    /// The value at `path`, `Null` when absent.
    fn at(&self, path: &str) -> &Value;
    /// The text at `path`, empty when absent.
    fn text(&self, path: &str) -> &str;
    /// The text at `path` when there is one.
    fn text_opt(&self, path: &str) -> Option<String>;
    /// The whole number at `path`, 0 when absent.
    fn int(&self, path: &str) -> i64;
    /// The truth value at `path`, false when absent.
    fn flag(&self, path: &str) -> bool;
    /// Sets the field at `path`; does nothing when its parent is not an object.
    fn set(&mut self, path: &str, value: impl Into<Value>);
}

static NULL: Value = Value::Null;

impl Json for Value {
    fn at(&self, path: &str) -> &Value {
        self.pointer(&format!("/{path}")).unwrap_or(&NULL)
    }

    fn text(&self, path: &str) -> &str {
        self.at(path).as_str().unwrap_or_default()
    }

    fn text_opt(&self, path: &str) -> Option<String> {
        self.at(path).as_str().map(str::to_owned)
    }

    fn int(&self, path: &str) -> i64 {
        self.at(path).as_i64().unwrap_or_default()
    }

    fn flag(&self, path: &str) -> bool {
        self.at(path).as_bool().unwrap_or_default()
    }

    fn set(&mut self, path: &str, value: impl Into<Value>) {
        let (parent, field) = match path.rsplit_once('/') {
            Some((parent, field)) => (self.pointer_mut(&format!("/{parent}")), field),
            None => (Some(self), path),
        };
        if let Some(Value::Object(map)) = parent {
            map.insert(field.to_owned(), value.into());
        }
    }
}

/// What changed from `before` to `after`, as Stripe's `previous_attributes`: the old values of
/// the fields that differ; nested objects are compared field by field, lists as a whole.
pub(crate) fn changed_fields(before: &Value, after: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return Value::Null;
    };
    let mut changed = Map::new();
    for (key, new) in after {
        let old = before.get(key).unwrap_or(&NULL);
        if old == new {
            continue;
        }
        let value = match (old, new) {
            (Value::Object(_), Value::Object(_)) => changed_fields(old, new),
            _ => old.clone(),
        };
        changed.insert(key.clone(), value);
    }
    Value::Object(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_read_and_write() {
        let mut value = json!({"a": {"b": [{"c": 1}]}, "t": "x"});
        assert_eq!(value.int("a/b/0/c"), 1);
        value.set("a/b/0/c", 2);
        value.set("nowhere/c", 2);
        assert_eq!(value.int("a/b/0/c"), 2);
        assert_eq!(value.text("t"), "x");
        assert_eq!(value.text("a"), "");
    }

    #[test]
    fn previous_attributes_hold_only_what_differs() {
        let before = json!({"a": 1, "n": {"x": 1, "y": 2}, "same": true});
        let after = json!({"a": 2, "n": {"x": 1, "y": 3}, "same": true, "new": "v"});
        assert_eq!(changed_fields(&before, &after), json!({"a": 1, "n": {"y": 2}, "new": null}));
    }
}
